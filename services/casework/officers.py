"""What an officer of a staffed office does with a dossier in the end, when the time for it is over.

The choice is the robot's (`services.casework.robot`), by the same draws and shares, so a dossier that is decided in
time goes the same way with a staffing and without. But the instant is given, by queue and service time: nothing is
planned to be late, nobody apologises, and whoever wanted to withdraw but was decided upon before hasn't withdrawn.
"""

from datetime import datetime
from typing import Final

from services.casework.case import Case, NextStep
from services.casework.draws import Draw
from services.casework.robot import Robot, higher_level
from services.casework.robot_policy import RobotPolicy
from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.law import deadlines, terms

_OFFICERS_WORK: Final = frozenset({Status.RECEIVED, Status.IN_PROCESS})


def is_officers_work(case: Case) -> bool:
    """Whether an officer has to do something about a dossier before anybody else does."""
    return case.status in _OFFICERS_WORK and case.particulars.consultation is None


def is_to_be_withdrawn(case: Case, robot: Robot) -> bool:
    """Whether the applicant takes the dossier back, unless somebody decides upon it before."""
    policy = robot.policies[case.procedure.procedure_id]
    return robot.drawn(case, Draw.EXAMINATION) < policy.withdraw_share


def outcome(case: Case, at: datetime, robot: Robot) -> NextStep:
    """What an officer who has had the dossier until an instant does with it then.

    Args:
        case: In process, as it stands; it isn't changed.
        at: In the future, or now.
        robot: Whose choice it is.
    """
    policy = robot.policies[case.procedure.procedure_id]
    value = robot.drawn(case, Draw.EXAMINATION)
    if value < policy.withdraw_share:
        # Too late to be withdrawn: like all the others, in the same proportions.
        value *= (1 - policy.withdraw_share) / policy.withdraw_share
    else:
        value -= policy.withdraw_share
    if value < policy.supplement_share and _may_ask(case, at, robot):
        return NextStep(at, Action.REQUEST_SUPPLEMENT, Actor.OFFICER, Reason.INCONSISTENT)
    value -= policy.supplement_share
    is_to_pay = case.procedure.fee_vnd > 0 or (0 <= value < policy.payment_share and case.turn == 0)
    if is_to_pay and not case.particulars.payments_asked:
        return NextStep(at, Action.REQUEST_PAYMENT, Actor.OFFICER)
    return (
        _others(case, at, value - policy.payment_share, policy)
        or _step_of_limit(case, at, robot, policy)
        or _decision(case, at, robot, policy)
    )


def _may_ask(case: Case, at: datetime, robot: Robot) -> bool:
    """Once, within the time to ask (NĐ 61/2018 Đ19.4), and in time: nobody gets a new limit by being late (ours)."""
    if case.turn or case.particulars.asked_after_receipt:
        return False
    assert case.received_at is not None  # it is being examined
    due_at = case.due_at(robot.calendar)
    if due_at is not None and at > due_at:
        return False
    return at < terms.supplement_notice_due_at(case.procedure.supplement, case.received_at, robot.calendar)


def _others(case: Case, at: datetime, value: float, policy: RobotPolicy) -> NextStep | None:
    had = case.particulars
    is_drawn = 0 <= value < policy.forward_share and had.authority_level is None
    if (is_drawn or case.traits) and higher_level(case, is_drawn=is_drawn):
        return NextStep(at, Action.FORWARD, Actor.OFFICER, Reason.BEYOND_AUTHORITY)
    value -= policy.forward_share
    if 0 <= value < policy.consult_share and not had.consultations:
        return NextStep(at, Action.CONSULT, Actor.OFFICER, Reason.NEEDS_OPINION)
    return None


def _step_of_limit(case: Case, at: datetime, robot: Robot, policy: RobotPolicy) -> NextStep | None:
    """The next milestone or step before the decision, or more time for the step that is open."""
    deadline = case.deadline
    if deadline is None or not (steps := deadline.rule.steps):
        return None
    if len(steps) == 1 and not steps[0].milestones and not steps[0].extensions:
        return None  # as nearly all
    step = deadline.open_step
    assert step is not None  # the last one ends with the decision only
    if deadline.next_milestone is not None:
        return NextStep(at, Action.COMPLETE_STEP, Actor.OFFICER)
    if (
        deadline.extended.count(step.step_id) < len(step.extensions)
        and robot.draw_of_step(case, deadline, Draw.EXTENSION) < policy.extend_share
        and (ends_at := deadlines.open_step_due_at(deadline, robot.calendar)) is not None
        and at <= ends_at
    ):
        return NextStep(at, Action.EXTEND, Actor.LEADER, Reason.COMPLEX)
    if step is not steps[-1]:
        return NextStep(at, Action.COMPLETE_STEP, Actor.OFFICER)
    return None


def _decision(case: Case, at: datetime, robot: Robot, policy: RobotPolicy) -> NextStep:
    if robot.drawn(case, Draw.DECISION) < policy.refuse_share:
        return NextStep(at, Action.REFUSE, Actor.LEADER, Reason.NOT_ELIGIBLE)
    return NextStep(at, Action.GRANT, Actor.LEADER, Reason.AS_REQUESTED)
