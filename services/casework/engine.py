"""One run over a partition: commands and due steps are played in memory, and told in order; no I/O.

The order is total: by instant, ties by dossier number. It doesn't depend on how the run is cut into slices, on the
number of workers, or on real time; so neither does the ledger (but for `recorded_at`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from services.casework import clockwork
from services.casework.acts import REFUSALS, move
from services.casework.case import NO_TRAITS, Case, NextStep
from services.casework.draws import first_draws
from services.casework.fact_log import FactLog
from services.casework.robot import Robot
from services.casework.robot_policy import RobotPolicy
from services.contracts.catalogue import Procedure
from services.contracts.commands import AcceptedDossier, RequestedAction
from services.contracts.facts import Fact
from services.contracts.vocabulary import SETTLED_STATUSES, Action, Actor, OfficerKind, Reason, Refusal
from services.law.calendar import CalendarBook, OutsideCalendarError, WorkingCalendar

#: Sort key of a step: the instant, then the dossier's number.
StepKey = tuple[datetime, int]

#: Who may be behind a requested action: the clock and the system act by themselves only.
_ASKERS: Final = frozenset({Actor.APPLICANT, Actor.OFFICER, Actor.LEADER, Actor.BANK})

#: Planned actions that bring a detail with them.
_WITH_DETAIL: Final = frozenset(
    {
        Action.REQUEST_PAYMENT,
        Action.FORWARD,
        Action.CONSULT,
        Action.APOLOGIZE,
        Action.RATE,
        Action.RECLASSIFY,
        Action.PAY,
    }
)


#: So many dossiers are drawn for together.
_LEAST_DRAWN: Final = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """What is the same for every sandbox: the law's calendars, the catalogue's procedures, the robot's habits."""

    calendars: CalendarBook
    procedures: Mapping[str, Procedure]
    robot_policies: Mapping[str, RobotPolicy]

    @property
    def calendar(self) -> WorkingCalendar:
        """Of a sandbox that overrides nothing."""
        return self.calendars.plain


class PartitionRun:
    """Plays what happens in one partition and collects the facts.

    Args:
        rules: law and habits.
        seed: the sandbox's.
        officer: who decides.
        head_position: last position of the partition's ledger.
        recorded_at: the wall's time, for every fact of this run.
        calendar: the sandbox's; `None`: the catalogue's.
        robot: who plans in an automated sandbox.
    """

    def __init__(
        self,
        *,
        rules: Rules,
        seed: int,
        officer: OfficerKind,
        head_position: int,
        recorded_at: datetime,
        calendar: WorkingCalendar | None = None,
        robot: type[Robot] = Robot,
    ) -> None:
        self._rules = rules
        self._robot_type = robot
        self._seed = seed
        self._officer = officer
        self._robot: Robot | None = None
        self.use_calendar(calendar or rules.calendar)
        self.log = FactLog(head_position, recorded_at)  #: what has happened and isn't written yet
        self.cases: dict[int, Case] = {}  #: everything loaded or accepted in this run, by number
        self.new_numbers: set[int] = set()  #: not yet written
        self.changed_numbers: set[int] = set()  #: written before, changed since

    @property
    def facts(self) -> list[Fact]:
        """What waits in the log, one by one; for whoever looks at few of them."""
        return [fact for block in self.log.blocks() for fact in block.rows]

    def use_calendar(self, calendar: WorkingCalendar) -> None:
        """Count by another calendar from here on."""
        self._calendar = calendar
        if self._officer is OfficerKind.ROBOT:
            self._robot = self._robot_type(self._seed, self._rules.robot_policies, calendar)

    def load(self, cases: Iterable[Case]) -> None:
        """Take dossiers as they were written; ones already in the run stay as they are."""
        for case in cases:
            self.cases.setdefault(case.number, case)

    def accept(self, rows: Iterable[AcceptedDossier], reached_at: datetime) -> None:
        """Take newly filed dossiers; those filed for now are submitted at once, later ones when their instant comes."""
        procedures, cases, rows = self._rules.procedures, self.cases, list(rows)
        drawn = self._drawn([row.number for row in rows])
        for row, draws in zip(rows, drawn, strict=True):
            number, procedure_id, office_code, channel, applicant_kind, applicant_id, filed_text, traits = row
            filed_at = datetime.fromisoformat(filed_text)
            if filed_at.tzinfo is not UTC:
                filed_at = filed_at.astimezone(UTC)
            # Nothing happens before what has happened already, though a clock that moves by itself may have run on.
            submit_at = max(filed_at, reached_at)
            cases[number] = case = Case(
                number=number,
                procedure=procedures[procedure_id],
                office_code=office_code,
                channel=channel,
                applicant_kind=applicant_kind,
                applicant_id=applicant_id,
                filed_at=filed_at,
                status_at=submit_at,
                traits=traits or NO_TRAITS,
                next_step=NextStep(submit_at, Action.SUBMIT, Actor.APPLICANT),
                drawn=draws,
            )
            self.new_numbers.add(number)
            if submit_at <= reached_at:
                self._take_steps_due(case, reached_at)

    def _drawn(self, numbers: Sequence[int]) -> Sequence[Sequence[float] | None]:
        """What the robot will ask for, drawn together where there are enough of them."""
        if self._robot is None or len(numbers) < _LEAST_DRAWN:
            return [None] * len(numbers)
        return first_draws(self._seed, numbers)

    def play(self, numbers: Iterable[int], bound: StepKey) -> None:
        """Carry out the steps of these dossiers, and the steps that follow from them, up to and including `bound`."""
        # No dossier depends on another, and none goes back in time: each is played by itself, and the log puts what
        # has happened in order afterwards, which costs a tenth of a heap of all that is still to come.
        began = len(self.log)
        until, last_number = bound
        for number in numbers:
            case = self.cases[number]
            while (step := case.next_step) is not None and (
                step.at < until or (step.at == until and number <= last_number)
            ):
                self._take_step(case, step)
        self.log.put_in_order(began)

    def act(self, request: RequestedAction, at: datetime) -> None:
        """Carry out what a person asked, or record why not; either way one fact answers the command.

        The portal asks it of filed dossiers only: the filing comes first in the log, and no clock goes back to before
        an instant that it has shown. What asks it of another all the same is passed over: there is no dossier for a
        fact to be about, and a log that stood still for it would keep the whole partition waiting.
        """
        case = self.cases.get(request.number)
        if case is None or case.status is None:
            return
        status_before = case.status
        refusal, detail = self._answer(case, request, at)
        position = self.log.append(
            case,
            Action(request.action),
            status_before,
            Actor(request.actor),
            at,
            request.reason,
            self._calendar,
            note=request.note,
            command_id=request.command_id,
            refusal=refusal,
            detail=detail,
        )
        if refusal is None:
            self._has_changed(case, position)
            case.next_step = self._planned(case)
            self._take_steps_due(case, at)

    def reschedule(
        self, numbers: Iterable[int], calendar_before: WorkingCalendar, decision: Mapping[str, Any], at: datetime
    ) -> None:
        """Bring open dossiers onto the run's calendar, which has replaced another one.

        A due instant that moves is a fact. What was planned is planned anew, as if the calendar had always been this
        one; but nothing happens in what is past already: an applicant's silence that would have ended before now ends
        now, anything else is planned from now (ours).

        Args:
            numbers: Loaded dossiers that aren't at their end.
            calendar_before: What they were counted by.
            decision: What the facts say of the decision that changed it.
            at: Now.
        """
        for number in numbers:
            case = self.cases[number]
            self._move_due_date(case, calendar_before, decision, at)
            if case.status is not None and (step := self._planned_anew(case, at)) != case.next_step:
                case.next_step = step
                self.changed_numbers.add(number)

    def _move_due_date(
        self, case: Case, calendar_before: WorkingCalendar, decision: Mapping[str, Any], at: datetime
    ) -> None:
        if case.status is None or case.status in SETTLED_STATUSES:
            return
        due_before = case.due_at(calendar_before)
        if case.due_at(self._calendar) == due_before:
            return
        detail = {"due_before": due_before.isoformat() if due_before else None, **decision}
        recorded = move(case, Action.RESCHEDULE, Actor.SYSTEM, at, self._calendar, detail=detail)
        position = self.log.append(
            case,
            Action.RESCHEDULE,
            case.status,
            Actor.SYSTEM,
            at,
            Reason.CALENDAR_CHANGED,
            self._calendar,
            detail=recorded,
        )
        self._has_changed(case, position)

    def _has_changed(self, case: Case, position: int) -> None:
        case.version = position
        if case.number not in self.new_numbers:
            self.changed_numbers.add(case.number)

    def _planned_anew(self, case: Case, at: datetime) -> NextStep | None:
        step = self._planned(case)
        if step is None or step.at > at:
            return step
        if step.actor is Actor.CLOCK:
            return step._replace(at=at)
        case.particulars = case.particulars._replace(acted_at=at)
        self.changed_numbers.add(case.number)
        return self._planned(case)

    def _answer(
        self, case: Case, request: RequestedAction, at: datetime
    ) -> tuple[Refusal | None, Mapping[str, Any] | None]:
        """Carry out a request: why not, or the detail of its fact."""
        if request.expected_version is not None and request.expected_version != case.version:
            return Refusal.STALE_VERSION, None
        actor = Actor(request.actor)
        if actor not in _ASKERS:
            return Refusal.ACTOR_NOT_ALLOWED, None
        try:
            return None, move(case, Action(request.action), actor, at, self._calendar, detail=request.detail)
        except REFUSALS as error:
            return error.refusal, None
        except OutsideCalendarError:
            # Nothing has changed yet; an action that can't be reckoned must not hold up the log.
            return Refusal.UNFIT_DETAIL, None

    def _take_steps_due(self, case: Case, until: datetime) -> None:
        """Take what happens at once: a result without delay belongs right behind the filing, however filings come."""
        while (step := case.next_step) is not None and step.at <= until:
            self._take_step(case, step)

    def _take_step(self, case: Case, step: NextStep) -> None:
        at, action, actor, reason = step
        detail = self._detail(case, step) if action in _WITH_DETAIL else None
        status_before = case.status
        detail = move(case, action, actor, at, self._calendar, detail=detail)
        case.version = self.log.append(case, action, status_before, actor, at, reason, self._calendar, detail=detail)
        if case.number not in self.new_numbers:
            self.changed_numbers.add(case.number)
        case.next_step = self._planned(case)

    def _planned(self, case: Case) -> NextStep | None:
        if self._robot:
            return self._robot.next_step(case)
        return clockwork.step_by_itself(case, self._calendar)

    def _detail(self, case: Case, step: NextStep) -> Mapping[str, Any] | None:
        if self._robot:
            return self._robot.detail(case, step)
        return clockwork.detail_by_itself(case, step.action)
