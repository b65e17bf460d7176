"""The robot: what officer and applicant will do with a dossier, and when, in an automated sandbox.

Each answer depends on the sandbox's seed, the dossier's state and the question, never on which worker asks or in what
order. The shares and delays are ours (no office publishes them); they are data, see
`services/casework/data/robot.yaml`. It plans only what `acts.move` carries out: a plan that was refused would hold
up its whole partition.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from services.casework.acts import is_early, latest_apology_at, needs_announcement
from services.casework.case import Case, NextStep
from services.casework.clockwork import detail_by_itself, end_of_silence, recording, resolution
from services.casework.draws import Draw, draw
from services.casework.particulars import Consultation
from services.casework.robot_policy import RobotPolicy
from services.contracts.catalogue import AuthorityLevel, TimeLimit
from services.contracts.vocabulary import Action, Actor, Channel, Reason, Satisfaction, Status
from services.law import deadlines, terms
from services.law.calendar import WorkingCalendar
from services.law.deadlines import Deadline
from services.law.measures import end_of

_LEVELS: Final = tuple(AuthorityLevel)
_ONLINE: Final = Channel.ONLINE.value

#: What others are asked for comes early, so that the rest is still done in time: parts of what is left of the limit.
_EARLY: Final = (0.05, 0.3)

#: An office that can't finish sees it towards the end; still in time to say so.
_TOWARDS_THE_END: Final = (0.5, 0.9)

#: Amounts are asked for in whole thousands of dong.
_THOUSAND: Final = 1000


#: What is done, by whom and why; the everyday ones are made once.
_What = tuple[Action, Actor, Reason | None]
_RECEIVE: Final[_What] = (Action.RECEIVE, Actor.OFFICER, Reason.COMPLETE)
_REFUSE_INTAKE: Final[_What] = (Action.REFUSE_INTAKE, Actor.OFFICER, Reason.NOT_COMPETENT)
_ASK_BEFORE_RECEIPT: Final[_What] = (Action.REQUEST_SUPPLEMENT, Actor.OFFICER, Reason.INCOMPLETE)
_START: Final[_What] = (Action.START, Actor.OFFICER, None)
_REQUEST_PAYMENT: Final[_What] = (Action.REQUEST_PAYMENT, Actor.OFFICER, None)
_GRANT: Final[_What] = (Action.GRANT, Actor.LEADER, Reason.AS_REQUESTED)
_REFUSE: Final[_What] = (Action.REFUSE, Actor.LEADER, Reason.NOT_ELIGIBLE)
_RETURN_RESULT: Final[_What] = (Action.RETURN_RESULT, Actor.OFFICER, None)
_SUPPLEMENT: Final[_What] = (Action.SUPPLEMENT, Actor.APPLICANT, None)
_RESUBMIT: Final[_What] = (Action.RESUBMIT, Actor.APPLICANT, None)
_PAY: Final[_What] = (Action.PAY, Actor.BANK, Reason.PAID)
_RATE: Final[_What] = (Action.RATE, Actor.APPLICANT, None)


@dataclass(frozen=True, slots=True)
class Robot:
    """Plans next steps for one sandbox."""

    seed: int
    policies: Mapping[str, RobotPolicy]  #: by procedure id, complete
    calendar: WorkingCalendar

    def next_step(self, case: Case) -> NextStep | None:
        """What happens next to the dossier; `None` when nothing will (it is at its end)."""
        plan = self._PLANS.get(case.status)
        return plan(self, case, self.policies[case.procedure.procedure_id]) if plan is not None else None

    def detail(self, case: Case, step: NextStep) -> Mapping[str, Any] | None:
        """What a planned step brings with it; as of the instant before it is carried out."""
        tell = self._DETAILS.get(step.action)
        if tell is None:
            return detail_by_itself(case, step.action)
        return tell(self, case, step, self.policies[case.procedure.procedure_id])

    def _amount(self, case: Case, _step: NextStep, policy: RobotPolicy) -> Mapping[str, Any] | None:
        if case.procedure.fee_vnd:
            return None
        least, most = policy.payment_vnd
        amount = least + int(self.drawn(case, Draw.PAYMENT_AMOUNT) * (most - least))
        return {"amount_vnd": max(amount // _THOUSAND * _THOUSAND, _THOUSAND)}

    def _forwarded_to(self, case: Case, _step: NextStep, _policy: RobotPolicy) -> Mapping[str, Any]:
        return {"to_level": higher_level(case, is_drawn=True)}

    def _asked(self, case: Case, step: NextStep, policy: RobotPolicy) -> Mapping[str, Any]:
        return {"unit": policy.consulted_unit, "answer_by": self._answer_by(case, step.at, policy).isoformat()}

    def _promised(self, case: Case, _step: NextStep, policy: RobotPolicy) -> Mapping[str, Any]:
        return {"new_date_at": self._new_date_at(case, policy).isoformat()}

    def _rated(self, case: Case, _step: NextStep, policy: RobotPolicy) -> Mapping[str, Any]:
        return {"satisfaction": self._satisfaction(case, policy)}

    #: What actions of the robot bring with them; others bring what they bring by themselves.
    _DETAILS: ClassVar[Mapping[Action, Callable[["Robot", Case, NextStep, RobotPolicy], Mapping[str, Any] | None]]] = {
        Action.REQUEST_PAYMENT: _amount,
        Action.FORWARD: _forwarded_to,
        Action.CONSULT: _asked,
        Action.APOLOGIZE: _promised,
        Action.RATE: _rated,
    }

    # Drawing

    def drawn(self, case: Case, about: int, turn: int | None = None) -> float:
        """The draw for a question, another one in each turn; `None`: the dossier's, one for each supplement."""
        turn, drawn = case.turn if turn is None else turn, case.drawn
        if drawn is None or turn:
            return draw(self.seed, case.number, about, turn)
        return drawn[about]

    def draw_of_step(self, case: Case, deadline: Deadline, about: int) -> float:
        """A draw that is another one for each step and milestone, each extension, each start from zero."""
        done, extended = len(deadline.completed) & 15, len(deadline.extended) & 3
        return self.drawn(case, about, (case.turn & 3) << 6 | extended << 4 | done)

    def _between(self, case: Case, bounds: tuple[int, int], about: int) -> int:
        least, most = bounds
        return least + int(self.drawn(case, about) * (most - least + 1))

    def _after_minutes(self, case: Case, bounds: tuple[int, int], about: int) -> datetime:
        least, most = bounds
        minutes = least + int(self.drawn(case, about) * (most - least + 1))
        return self.calendar.add_working_minutes(case.particulars.acted_at or case.status_at, minutes)

    def _part_way(self, since: datetime, until: datetime, value: float, bounds: tuple[float, float]) -> datetime:
        """An instant after a drawn part of the working time between two instants, and never at the first of them."""
        least, most = bounds
        return self.calendar.part_way(since, until, least + value * (most - least))

    def _step(self, case: Case, what: _What, bounds: tuple[int, int], about: int) -> NextStep:
        return NextStep(self._after_minutes(case, bounds, about), *what)

    def _share_of_limit(self, case: Case, about: int, bounds: tuple[float, float], policy: RobotPolicy) -> datetime:
        """An instant after a drawn part of the working time that is left until the due instant."""
        due_at = case.due_at(self.calendar)
        if due_at is None:
            return self._after_minutes(case, policy.unlimited_minutes, about)
        value = self.drawn(case, about)
        return self._part_way(case.particulars.acted_at or case.status_at, due_at, value, bounds)

    # Intake and examination

    def _intake(self, case: Case, policy: RobotPolicy) -> NextStep:
        if case.procedure.automatic_when is not None and (step := resolution(case)):
            return step
        value, what = self.drawn(case, Draw.INTAKE), _RECEIVE
        if value < policy.refuse_intake_share:
            what = _REFUSE_INTAKE
        elif value < policy.refuse_intake_share + policy.supplement_at_intake_share and case.turn == 0:
            what = _ASK_BEFORE_RECEIPT
        return self._step(case, what, policy.intake_minutes, Draw.INTAKE_DELAY)

    def _start(self, case: Case, policy: RobotPolicy) -> NextStep:
        return self._step(case, _START, policy.start_minutes, Draw.START_DELAY)

    def _examination(self, case: Case, policy: RobotPolicy) -> NextStep:
        value = self.drawn(case, Draw.EXAMINATION)
        if value < policy.withdraw_share:
            return self.withdrawal(case)
        value -= policy.withdraw_share
        if value < policy.supplement_share and case.turn == 0 and (step := self._supplement_request(case)):
            return step
        value -= policy.supplement_share
        is_to_pay = case.procedure.fee_vnd > 0 or (0 <= value < policy.payment_share and case.turn == 0)
        if is_to_pay and not case.particulars.payments_asked:
            at = self._share_of_limit(case, Draw.EXAMINATION_DELAY, (0.1, 0.5), policy)
            return NextStep(at, *_REQUEST_PAYMENT)
        return (
            self._others(case, value - policy.payment_share, policy)
            or self._step_of_limit(case, policy)
            or self._decision(case, policy)
        )

    def withdrawal(self, case: Case) -> NextStep:
        """When an applicant who takes a received dossier back does so."""
        policy = self.policies[case.procedure.procedure_id]
        at = self._share_of_limit(case, Draw.EXAMINATION_DELAY, (0.1, 0.6), policy)
        return NextStep(at, Action.WITHDRAW, Actor.APPLICANT, Reason.APPLICANT_WISH)

    def _supplement_request(self, case: Case) -> NextStep | None:
        """Within the time to ask (NĐ 61/2018 Đ19.4), and within the limit; `None` when the first has gone by."""
        assert case.received_at is not None  # it is being examined
        until = terms.supplement_notice_due_at(case.procedure.supplement, case.received_at, self.calendar)
        if case.acted_at >= until:
            return None
        due_at = case.due_at(self.calendar)
        value = self.drawn(case, Draw.EXAMINATION_DELAY)
        at = self._part_way(case.acted_at, min(until, due_at or until), value, (0.1, 0.5))
        return NextStep(at, Action.REQUEST_SUPPLEMENT, Actor.OFFICER, Reason.INCONSISTENT)

    def _others(self, case: Case, value: float, policy: RobotPolicy) -> NextStep | None:
        """Whoever else has a say: the level above, a unit that knows."""
        had = case.particulars
        if had.consultation is not None:
            return self.opinion(case, had.consultation)
        is_drawn = 0 <= value < policy.forward_share and had.authority_level is None
        if (is_drawn or case.traits) and higher_level(case, is_drawn=is_drawn):
            at = self._share_of_limit(case, Draw.OTHERS_DELAY, _EARLY, policy)
            return NextStep(at, Action.FORWARD, Actor.OFFICER, Reason.BEYOND_AUTHORITY)
        value -= policy.forward_share
        if 0 <= value < policy.consult_share and not had.consultations:
            at = self._share_of_limit(case, Draw.OTHERS_DELAY, _EARLY, policy)
            return NextStep(at, Action.CONSULT, Actor.OFFICER, Reason.NEEDS_OPINION)
        return None

    def opinion(self, case: Case, asked: Consultation) -> NextStep:
        """When a unit that was asked for its opinion gives it."""
        answered = self.drawn(case, Draw.OPINION_DELAY)
        at = self._part_way(case.acted_at, asked.answer_by, answered, (0.2, 1.0))
        return NextStep(at, Action.GIVE_OPINION, Actor.OFFICER)

    def _answer_by(self, case: Case, asked_at: datetime, policy: RobotPolicy) -> datetime:
        """The stated time (NĐ 61/2018 Đ19.5): early enough to decide with the answer."""
        due_at = case.due_at(self.calendar)
        if due_at is None:
            return self.calendar.add_working_minutes(asked_at, policy.unlimited_minutes[1])
        return self._part_way(asked_at, due_at, 0.5, (0.0, 1.0))

    # Steps of the limit

    def _step_of_limit(self, case: Case, policy: RobotPolicy) -> NextStep | None:
        """The next milestone or step before the decision, each within its term, or more time for it.

        What is left of the open step is shared by all that is still to be done in it.
        """
        deadline = case.deadline
        if deadline is None or not (steps := deadline.rule.steps):
            return None
        if len(steps) == 1 and not steps[0].milestones and not steps[0].extensions:
            return None  # as nearly all
        step = deadline.open_step
        assert step is not None  # the last one ends with the decision only
        # As `deadlines.step_dues` says it of all steps; this is asked before each thing that is done in one of them.
        done = dict(deadline.completed)
        since = max((done[part.step_id] for part in steps if part.step_id in done), default=deadline.started_at)
        ends_at = self._end_of(deadlines.limit_of(deadline, step), since, deadline)
        waiting = [part for part in step.milestones if part.step_id not in done]
        things_left = len(waiting) + 1
        if waiting:
            begins = max((done[part.step_id] for part in step.milestones if part.step_id in done), default=since)
            due_at = self._end_of(waiting[0].limit, begins, deadline)
            return self._completion(case, deadline, min(ends_at, due_at), ends_at, things_left)
        may_extend = deadline.extended.count(step.step_id) < len(step.extensions) and case.acted_at < ends_at
        if may_extend and self.draw_of_step(case, deadline, Draw.EXTENSION) < policy.extend_share:
            value = self.draw_of_step(case, deadline, Draw.EXTENSION_DELAY)
            at = self._part_way(case.acted_at, ends_at, value, _TOWARDS_THE_END)
            if at <= ends_at:
                return NextStep(at, Action.EXTEND, Actor.LEADER, Reason.COMPLEX)
        if step is not deadline.rule.steps[-1]:
            return self._completion(case, deadline, ends_at, ends_at, things_left)
        return None

    def _end_of(self, limit: TimeLimit, since: datetime, deadline: Deadline) -> datetime:
        end = end_of(limit, since, deadline.suspensions, self.calendar)
        assert end is not None  # it runs: the dossier is in process
        return end

    def _completion(
        self, case: Case, deadline: Deadline, until: datetime, ends_at: datetime, things_left: int
    ) -> NextStep:
        policy = self.policies[case.procedure.procedure_id]
        value = self.draw_of_step(case, deadline, Draw.STEP_DELAY)
        shared = tuple(ratio / things_left for ratio in policy.used_ratio)
        at = min(
            self._part_way(case.acted_at, until, value, policy.used_ratio),
            self._part_way(case.acted_at, ends_at, value, (shared[0], shared[1])),
        )
        return NextStep(at, Action.COMPLETE_STEP, Actor.OFFICER)

    # Decision and result

    def _decision(self, case: Case, policy: RobotPolicy) -> NextStep:
        new_date_at = case.particulars.new_date_at
        due_at = case.due_at(self.calendar) if new_date_at is not None else None
        if new_date_at is not None and due_at is not None:
            at = self._by_the_new_date(case, due_at, new_date_at)
        elif self.drawn(case, Draw.DECISION_LATE) < policy.late_share:
            if (step := self._apology(case, policy)) is not None:
                return step
            at = self._share_of_limit(case, Draw.DECISION_DELAY, policy.late_ratio, policy)
        else:
            at = self._share_of_limit(case, Draw.DECISION_DELAY, policy.used_ratio, policy)
        if self.drawn(case, Draw.DECISION) < policy.refuse_share:
            return NextStep(at, *_REFUSE)
        return NextStep(at, *_GRANT)

    def _apology(self, case: Case, policy: RobotPolicy) -> NextStep | None:
        """Form 04 for some of those that will be late; `None` where it is too late for that or there is no limit."""
        due_at = case.due_at(self.calendar)
        if due_at is None or self.drawn(case, Draw.APOLOGY) >= policy.apology_share:
            return None
        latest_at = latest_apology_at(case, due_at, self.calendar)
        at = self._part_way(case.acted_at, latest_at, self.drawn(case, Draw.APOLOGY_DELAY), _TOWARDS_THE_END)
        return NextStep(at, Action.APOLOGIZE, Actor.OFFICER, Reason.WORKLOAD) if at <= latest_at else None

    def _new_date_at(self, case: Case, policy: RobotPolicy) -> datetime:
        due_at = case.due_at(self.calendar)
        assert due_at is not None  # an apology is planned only where there is one
        return self.calendar.close_after_working_days(
            due_at, self._between(case, policy.apology_days, Draw.APOLOGY_DAYS)
        )

    def _by_the_new_date(self, case: Case, due_at: datetime, new_date_at: datetime) -> datetime:
        """Late, as was said, but by the date that was promised."""
        return self._part_way(
            max(case.acted_at, due_at), new_date_at, self.drawn(case, Draw.DECISION_DELAY), (0.1, 1.0)
        )

    def _result(self, case: Case, policy: RobotPolicy) -> NextStep:
        """The result, after the announcement of an early one where that is needed."""
        at = self._after_minutes(case, policy.return_minutes, Draw.RETURN_DELAY)
        if case.channel != _ONLINE and needs_announcement(case, at, self.calendar):
            told_at = self._after_minutes(case, policy.return_minutes, Draw.ANNOUNCEMENT_DELAY)
            if is_early(case, told_at, self.calendar):
                return NextStep(told_at, Action.ANNOUNCE_EARLY_RESULT, Actor.OFFICER)
            at = max(at, told_at)
        return NextStep(at, *_RETURN_RESULT)

    # The applicant

    def _supplement(self, case: Case, policy: RobotPolicy) -> NextStep:
        if self.drawn(case, Draw.APPLICANT) < policy.silent_share:
            return end_of_silence(case, self.calendar)
        what = _SUPPLEMENT if case.was_received else _RESUBMIT
        return self._step(case, what, policy.answer_minutes, Draw.APPLICANT_DELAY)

    def _payment(self, case: Case, policy: RobotPolicy) -> NextStep:
        if (step := recording(case)) is not None:
            return step
        if self.drawn(case, Draw.PAYMENT) < policy.silent_share:
            return end_of_silence(case, self.calendar)
        return self._step(case, _PAY, policy.answer_minutes, Draw.PAYMENT_DELAY)

    def _rating(self, case: Case, policy: RobotPolicy) -> NextStep | None:
        if case.particulars.is_rated or self.drawn(case, Draw.RATING) >= policy.rate_share:
            return None
        return self._step(case, _RATE, policy.rate_minutes, Draw.RATING_DELAY)

    def _satisfaction(self, case: Case, policy: RobotPolicy) -> Satisfaction:
        value = self.drawn(case, Draw.SATISFACTION)
        if value < policy.not_satisfied_share:
            return Satisfaction.NOT_SATISFIED
        if value < policy.not_satisfied_share + policy.very_satisfied_share:
            return Satisfaction.VERY_SATISFIED
        return Satisfaction.SATISFIED

    #: What is planned for a dossier, by its status; at its end nothing is.
    _PLANS: ClassVar[Mapping[Status | None, Callable[["Robot", Case, RobotPolicy], NextStep | None]]] = {
        Status.SUBMITTED: _intake,
        Status.RECEIVED: _start,
        Status.IN_PROCESS: _examination,
        Status.SUPPLEMENT_REQUESTED: _supplement,
        Status.PAYMENT_REQUESTED: _payment,
        Status.PROCESSED: _result,
        Status.RETURNED: _rating,
    }


def higher_level(case: Case, *, is_drawn: bool) -> AuthorityLevel | None:
    """The level that the law names for the dossier, if it is above the one that has it; or the next one, when drawn."""
    named = terms.INSTALMENT_LEVELS.get(case.traits.get("debt_arose_at", ""))
    if named is None and not is_drawn:
        return None
    rank = _LEVELS.index(case.authority_level)
    if named is not None and _LEVELS.index(named) > rank:
        return named
    return _LEVELS[rank + 1] if is_drawn and rank + 1 < len(_LEVELS) else None
