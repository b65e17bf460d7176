"""One run over a partition: commands and due steps are played in order, on a heap, in memory; no I/O.

The order is total: by instant, ties by dossier number. It doesn't depend on how the run is cut into slices, on the
number of workers, or on real time; so neither does the ledger (but for `recorded_at`).
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.contracts.catalogue import Procedure
from services.contracts.commands import AcceptedDossier, RequestedAction
from services.contracts.facts import Fact
from services.contracts.vocabulary import Action, Actor, OfficerKind, Refusal, Status
from services.law.calendar import WorkingCalendar
from services.processing.domain.case import Case, NextStep
from services.processing.domain.lifecycle import IllegalTransitionError
from services.processing.domain.robot import Robot, RobotPolicy, silence_step

#: Sort key of a step: the instant, then the dossier's number.
StepKey = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is the same for every sandbox: the law's calendar, the catalogue's procedures, the robot's habits."""

    calendar: WorkingCalendar
    procedures: Mapping[str, Procedure]
    robot_policies: Mapping[str, RobotPolicy]


class PartitionRun:
    """Plays what happens in one partition and collects the facts.

    Args:
        rules: law and habits.
        seed: the sandbox's.
        officer: who decides.
        head_position: last position of the partition's ledger.
        recorded_at: the wall's time, for every fact of this run.
    """

    def __init__(
        self, *, rules: Rules, seed: int, officer: OfficerKind, head_position: int, recorded_at: datetime
    ) -> None:
        self._rules = rules
        self._robot = Robot(seed, rules.robot_policies, rules.calendar) if officer is OfficerKind.ROBOT else None
        self._recorded_at = recorded_at
        self._heap: list[StepKey] = []
        self.head_position = head_position
        self.cases: dict[int, Case] = {}  #: everything loaded or accepted in this run, by number
        self.new_numbers: set[int] = set()  #: not yet written
        self.changed_numbers: set[int] = set()  #: written before, changed since
        self.facts: list[Fact] = []

    def load(self, cases: Iterable[Case]) -> None:
        """Take dossiers as they were written; ones already in the run stay as they are."""
        for case in cases:
            self.cases.setdefault(case.number, case)

    def accept(self, rows: Iterable[AcceptedDossier], reached_at: datetime) -> None:
        """Take newly filed dossiers; those filed for now are submitted at once, later ones when their instant comes."""
        for row in rows:
            filed_at = datetime.fromisoformat(row.filed_at)
            # Nothing happens before what has happened already, though a clock that moves by itself may have run on.
            submit_at = max(filed_at, reached_at)
            case = Case(
                number=row.number,
                procedure=self._rules.procedures[row.procedure_id],
                office_code=row.office_code,
                channel=row.channel,
                applicant_kind=row.applicant_kind,
                applicant_id=row.applicant_id,
                filed_at=filed_at,
                status_at=submit_at,
                next_step=NextStep(submit_at, Action.SUBMIT, Actor.APPLICANT),
            )
            self.cases[case.number] = case
            self.new_numbers.add(case.number)
            if submit_at <= reached_at:
                self._take_step(case, case.next_step)

    def play(self, numbers: Iterable[int], bound: StepKey) -> None:
        """Carry out the steps of these dossiers, and the steps that follow from them, up to and including `bound`."""
        self._heap = [
            (case.next_step.at, number)
            for number in numbers
            if (case := self.cases[number]).next_step and (case.next_step.at, number) <= bound
        ]
        heapq.heapify(self._heap)
        while self._heap:
            _, number = heapq.heappop(self._heap)
            case = self.cases[number]
            self._take_step(case, case.next_step)
            if case.next_step and (key := (case.next_step.at, number)) <= bound:
                heapq.heappush(self._heap, key)

    def act(self, request: RequestedAction, at: datetime) -> None:
        """Carry out what a person asked, or record why not; either way one fact answers the command.

        The portal asks it of filed dossiers only: the filing comes first in the log, and no clock goes back to before
        an instant that it has shown. What asks it of another all the same is passed over: there is no dossier for a
        fact to be about, and a log that stood still for it would keep the whole partition waiting.
        """
        case = self.cases.get(request.number)
        if case is None or case.status is None:
            return
        refusal: Refusal | None = None
        status_before = case.status
        if request.expected_version is not None and request.expected_version != case.version:
            refusal = Refusal.STALE_VERSION
        else:
            try:
                case.move(Action(request.action), Actor(request.actor), at)
            except IllegalTransitionError as error:
                refusal = error.refusal
        self._record(
            case,
            Action(request.action),
            status_before,
            Actor(request.actor),
            at=at,
            reason=request.reason,
            note=request.note,
            command_id=request.command_id,
            refusal=refusal,
        )
        if refusal is None:
            self._plan(case)

    def _take_step(self, case: Case, step: NextStep | None) -> None:
        assert step is not None  # the heap holds only dossiers that have one
        status_before = case.status
        case.move(step.action, step.actor, step.at)
        self._record(case, step.action, status_before, step.actor, at=step.at, reason=step.reason)
        self._plan(case)

    def _plan(self, case: Case) -> None:
        if self._robot:
            case.next_step = self._robot.next_step(case)
        elif case.status in {Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED}:
            case.next_step = silence_step(case, self._rules.calendar)
        else:
            case.next_step = None

    def _record(
        self,
        case: Case,
        action: Action,
        status_before: Status | None,
        actor: Actor,
        *,
        at: datetime,
        reason: str | None,
        note: str | None = None,
        command_id: str | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        assert case.status is not None  # a fact is about a dossier that has been filed
        self.head_position += 1
        if refusal is None:
            case.version = self.head_position
            if case.number not in self.new_numbers:
                self.changed_numbers.add(case.number)
        limit = case.procedure.time_limit
        self.facts.append(
            Fact(
                position=self.head_position,
                number=case.number,
                action=action.value,
                status_before=status_before,
                status=case.status,
                actor=actor.value,
                reason=reason,
                note=note,
                occurred_at=at,
                recorded_at=self._recorded_at,
                due_at=case.due_at(self._rules.calendar),
                limit_unit=limit.unit.value if limit else None,
                received_at=case.received_at,
                procedure_id=case.procedure.procedure_id,
                level=case.procedure.level,
                office_code=case.office_code,
                channel=case.channel,
                applicant_kind=case.applicant_kind,
                applicant_id=case.applicant_id,
                command_id=command_id,
                refusal=refusal.value if refusal else None,
            )
        )
