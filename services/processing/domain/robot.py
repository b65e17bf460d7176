"""The robot: what officer and applicant will do with a dossier, and when, in an automated sandbox.

Each answer depends on the sandbox's seed, the dossier's number and the question, never on which worker asks or in what
order. The shares and delays are ours (no office publishes them); they are data, see
`services/processing/data/robot.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.law.calendar import WorkingCalendar
from services.processing.domain.case import Case, NextStep
from services.processing.domain.draws import Draw, draw

#: A waiting applicant is waited for this long, then the dossier is stopped: 30 working days are the law for warehouses
#: (NĐ 68/2016, domain facts 2.4); for all other procedures the term is ours.
SILENCE_LIMIT_WORKING_DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotPolicy:
    """How an office's robot behaves; shares are of the dossiers that come to the question."""

    refuse_intake_share: float
    supplement_at_intake_share: float
    supplement_share: float
    payment_share: float
    withdraw_share: float
    refuse_share: float
    late_share: float  #: decided after the due instant
    silent_share: float  #: of applicants who are asked for something
    intake_minutes: tuple[int, int]  #: working minutes from filing to the intake decision, least and most
    start_minutes: tuple[int, int]  #: working minutes from receipt to the start of examination
    return_minutes: tuple[int, int]  #: working minutes from decision to result
    answer_minutes: tuple[int, int]  #: working minutes an applicant takes to supplement or pay
    unlimited_minutes: tuple[int, int]  #: working minutes to a decision where the law states no limit
    used_ratio: tuple[float, float]  #: part of the remaining limit used by a decision in time
    late_ratio: tuple[float, float]  #: multiple of the remaining limit used by a late decision


@dataclass(frozen=True, slots=True)
class Robot:
    """Plans next steps for one sandbox."""

    seed: int
    policies: Mapping[str, RobotPolicy]  #: by procedure id, complete
    calendar: WorkingCalendar

    def next_step(self, case: Case) -> NextStep | None:  # noqa: PLR0911 - one line a status
        """What happens next to the dossier; `None` when nothing will (it is at its end)."""
        policy = self.policies[case.procedure.procedure_id]
        match case.status:
            case Status.SUBMITTED:
                return self._intake(case, policy)
            case Status.RECEIVED:
                return self._step(case, Action.START, policy.start_minutes, Draw.START_DELAY)
            case Status.IN_PROCESS:
                return self._examination(case, policy)
            case Status.SUPPLEMENT_REQUESTED:
                return self._supplement(case, policy)
            case Status.PAYMENT_REQUESTED:
                return self._payment(case, policy)
            case Status.PROCESSED:
                return self._step(case, Action.RETURN_RESULT, policy.return_minutes, Draw.RETURN_DELAY)
            case _:
                return None

    def _draw(self, case: Case, about: Draw) -> float:
        return draw(self.seed, case.number, about, case.turn)

    def _after_minutes(self, case: Case, bounds: tuple[int, int], about: Draw) -> datetime:
        least, most = bounds
        minutes = least + int(self._draw(case, about) * (most - least + 1))
        return self.calendar.add_working_minutes(case.status_at, minutes)

    def _step(
        self,
        case: Case,
        action: Action,
        bounds: tuple[int, int],
        about: Draw,
        *,
        actor: Actor = Actor.OFFICER,
        reason: Reason | None = None,
    ) -> NextStep:
        return NextStep(self._after_minutes(case, bounds, about), action, actor, reason)

    def _intake(self, case: Case, policy: RobotPolicy) -> NextStep:
        value = self._draw(case, Draw.INTAKE)
        action, reason = Action.RECEIVE, Reason.COMPLETE
        if value < policy.refuse_intake_share:
            action, reason = Action.REFUSE_INTAKE, Reason.NOT_COMPETENT
        elif value < policy.refuse_intake_share + policy.supplement_at_intake_share and case.turn == 0:
            action, reason = Action.REQUEST_SUPPLEMENT, Reason.INCOMPLETE
        return self._step(case, action, policy.intake_minutes, Draw.INTAKE_DELAY, reason=reason)

    def _examination(self, case: Case, policy: RobotPolicy) -> NextStep:
        value = self._draw(case, Draw.EXAMINATION)
        if value < policy.withdraw_share:
            at = self._share_of_limit(case, Draw.EXAMINATION_DELAY, (0.1, 0.6), policy)
            return NextStep(at, Action.WITHDRAW, Actor.APPLICANT, Reason.APPLICANT_WISH)
        value -= policy.withdraw_share
        is_first_look = case.deadline is not None and not case.deadline.suspensions
        if value < policy.supplement_share and case.turn == 0:
            at = self._share_of_limit(case, Draw.EXAMINATION_DELAY, (0.1, 0.5), policy)
            return NextStep(at, Action.REQUEST_SUPPLEMENT, Actor.OFFICER, Reason.INCONSISTENT)
        value -= policy.supplement_share
        if 0 <= value < policy.payment_share and is_first_look and case.turn == 0:
            at = self._share_of_limit(case, Draw.EXAMINATION_DELAY, (0.1, 0.5), policy)
            return NextStep(at, Action.REQUEST_PAYMENT, Actor.OFFICER)
        return self._decision(case, policy)

    def _decision(self, case: Case, policy: RobotPolicy) -> NextStep:
        is_late = self._draw(case, Draw.DECISION_LATE) < policy.late_share
        at = self._share_of_limit(
            case, Draw.DECISION_DELAY, policy.late_ratio if is_late else policy.used_ratio, policy
        )
        if self._draw(case, Draw.DECISION) < policy.refuse_share:
            return NextStep(at, Action.REFUSE, Actor.LEADER, Reason.NOT_ELIGIBLE)
        return NextStep(at, Action.GRANT, Actor.LEADER, Reason.AS_REQUESTED)

    def _share_of_limit(self, case: Case, about: Draw, bounds: tuple[float, float], policy: RobotPolicy) -> datetime:
        """An instant after a drawn part of the working time that is left until the due instant."""
        due_at = case.due_at(self.calendar)
        if due_at is None:
            return self._after_minutes(case, policy.unlimited_minutes, about)
        left_minutes = max(self.calendar.working_minutes_between(case.status_at, due_at), 1)
        least, most = bounds
        ratio = least + self._draw(case, about) * (most - least)
        return self.calendar.add_working_minutes(case.status_at, max(int(left_minutes * ratio), 1))

    def _supplement(self, case: Case, policy: RobotPolicy) -> NextStep:
        if self._draw(case, Draw.APPLICANT) < policy.silent_share:
            return silence_step(case, self.calendar)
        action = Action.SUPPLEMENT if case.was_received else Action.RESUBMIT
        return self._step(case, action, policy.answer_minutes, Draw.APPLICANT_DELAY, actor=Actor.APPLICANT)

    def _payment(self, case: Case, policy: RobotPolicy) -> NextStep:
        if self._draw(case, Draw.PAYMENT) < policy.silent_share:
            return silence_step(case, self.calendar)
        return self._step(case, Action.PAY, policy.answer_minutes, Draw.PAYMENT_DELAY, actor=Actor.APPLICANT)


def silence_step(case: Case, calendar: WorkingCalendar) -> NextStep:
    """The end of the wait for an applicant who doesn't answer; also holds where people decide."""
    day = calendar.add_working_days(calendar.local_date(case.status_at), SILENCE_LIMIT_WORKING_DAYS)
    reason = Reason.UNPAID if case.status is Status.PAYMENT_REQUESTED else Reason.APPLICANT_SILENT
    return NextStep(calendar.end_of_working_day(day), Action.STOP, Actor.CLOCK, reason)
