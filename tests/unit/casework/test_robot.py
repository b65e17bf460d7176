"""The robot: seeded, patient within its bounds, and never without an answer before a dossier's end."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.casework.acts import move
from services.casework.case import Case, NextStep
from services.casework.draws import Draw, draw
from services.casework.engine import PartitionRun
from services.casework.robot import Robot
from services.casework.robot_files import load_robot_policies
from services.casework.robot_policy import RobotPolicy
from services.contracts.catalogue import AuthorityLevel, Procedure
from services.contracts.vocabulary import (
    SETTLED_STATUSES,
    TERMINAL_STATUSES,
    Action,
    Actor,
    OfficerKind,
    Reason,
    Satisfaction,
    Status,
)
from services.law.deadlines import step_dues
from services.runtime.errors import ConfigurationError
from tests.support.cases import NINE, accepted, make_case, rules

#: Every share zero: a robot that receives, grants in time and returns.
PLAIN = RobotPolicy(
    refuse_intake_share=0,
    supplement_at_intake_share=0,
    supplement_share=0,
    payment_share=0,
    withdraw_share=0,
    forward_share=0,
    consult_share=0,
    extend_share=0,
    refuse_share=0,
    late_share=0,
    apology_share=0,
    silent_share=0,
    rate_share=0,
    very_satisfied_share=0,
    not_satisfied_share=0,
    intake_minutes=(10, 20),
    start_minutes=(1, 1),
    return_minutes=(5, 5),
    answer_minutes=(60, 120),
    rate_minutes=(60, 120),
    unlimited_minutes=(100, 200),
    used_ratio=(0.5, 0.9),
    late_ratio=(1.5, 2.0),
    apology_days=(1, 3),
    payment_vnd=(200_000, 900_000),
    consulted_unit="Chi cục Kiểm định hải quan",
)


def make_robot(seed: int = 1, **shares: float) -> Robot:
    policy = replace(PLAIN, **shares)
    return Robot(seed, dict.fromkeys(rules().procedures, policy), rules().calendar)


def is_plain(procedure: Procedure) -> bool:
    """One step in every limit, no fee, nothing decided by itself: the ordinary dossier."""
    steps = [step for rule in procedure.limit_rules for step in rule.steps]
    has_stages = any(step.milestones or step.extensions for step in steps)
    is_single = all(len(rule.steps) <= 1 for rule in procedure.limit_rules)
    return is_single and not has_stages and not procedure.fee_vnd and procedure.automatic_when is None


PLAIN_PROCEDURES = [procedure_id for procedure_id, found in rules().procedures.items() if is_plain(found)]


def lived(robot: Robot, case: Case) -> list[tuple[Action, Reason | None]]:
    """All that happens to a dossier with this robot."""
    return [(step.action, step.reason) for step, _ in lived_in_full(robot, case)]


def lived_in_full(robot: Robot, case: Case) -> list[tuple[NextStep, Mapping[str, Any] | None]]:
    """Likewise, with instants and details."""
    steps = []
    while step := robot.next_step(case):
        assert step.at > case.acted_at or step.action is Action.RESOLVE_AT_ONCE
        recorded = move(case, step.action, step.actor, step.at, robot.calendar, detail=robot.detail(case, step))
        steps.append((step, recorded))
        assert len(steps) < 40
    assert case.status in TERMINAL_STATUSES
    return steps


@pytest.mark.parametrize(
    ("seed", "number", "about", "turn", "value"),
    [
        (0, 0, 1, 0, 0.06997981327591918),
        (7, 1, 1, 0, 0.33178038147723743),
        (7, 1, 13, 0, 0.315933468382404),
        (7, 2, 6, 1, 0.6055943462518377),
        (2**62, 3_000_000, 12, 0, 0.3739559521430418),
    ],
)
def test_draws_stay_what_they_are(seed: int, number: int, about: int, turn: int, value: float) -> None:
    """Ledgers of old seeds must not change: these values are for ever."""
    assert draw(seed, number, about, turn) == value


def test_draws_are_even() -> None:
    values = [draw(3, number, Draw.DECISION) for number in range(1, 5001)]
    tenths = Counter(int(value * 10) for value in values)
    assert set(tenths) == set(range(10))
    assert all(400 < count < 600 for count in tenths.values())


@pytest.mark.parametrize(
    "other",
    [(4, 1, Draw.INTAKE, 0), (3, 2, Draw.INTAKE, 0), (3, 1, Draw.DECISION, 0), (3, 1, Draw.INTAKE, 1)],
    ids=["seed", "number", "question", "turn"],
)
def test_a_draw_depends_on_each_thing_that_is_asked(other) -> None:
    assert draw(3, 1, Draw.INTAKE) != draw(*other)


def test_the_plain_way() -> None:
    assert lived(make_robot(), make_case()) == [
        (Action.RECEIVE, Reason.COMPLETE),
        (Action.START, None),
        (Action.GRANT, Reason.AS_REQUESTED),
        (Action.RETURN_RESULT, None),
    ]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        ("refuse_intake_share", [(Action.REFUSE_INTAKE, Reason.NOT_COMPETENT)]),
        ("withdraw_share", [Action.RECEIVE, Action.START, (Action.WITHDRAW, Reason.APPLICANT_WISH)]),
        ("refuse_share", [Action.RECEIVE, Action.START, (Action.REFUSE, Reason.NOT_ELIGIBLE), Action.RETURN_RESULT]),
        (
            "supplement_at_intake_share",
            [(Action.REQUEST_SUPPLEMENT, Reason.INCOMPLETE), Action.RESUBMIT, Action.RECEIVE, Action.START],
        ),
        (
            "supplement_share",
            [
                Action.RECEIVE,
                Action.START,
                (Action.REQUEST_SUPPLEMENT, Reason.INCONSISTENT),
                Action.SUPPLEMENT,
                Action.GRANT,
            ],
        ),
        ("payment_share", [Action.RECEIVE, Action.START, Action.REQUEST_PAYMENT, Action.PAY, Action.GRANT]),
    ],
)
def test_each_turn_of_fate(share: str, expected: list) -> None:
    """With its share at one it comes to everyone, once: an office may ask for a supplement a single time."""
    for procedure_id in PLAIN_PROCEDURES:
        steps = lived(make_robot(**{share: 1}), make_case(procedure_id=procedure_id))
        for actual, wanted in zip(steps, expected, strict=False):
            assert actual == wanted if isinstance(wanted, tuple) else actual[0] is wanted
        assert [action for action, _ in steps].count(Action.REQUEST_SUPPLEMENT) <= 1


def test_nearly_all_procedures_are_plain() -> None:
    assert len(PLAIN_PROCEDURES) > 70


@pytest.mark.parametrize(
    ("share", "reason"), [("supplement_share", Reason.APPLICANT_SILENT), ("payment_share", Reason.UNPAID)]
)
def test_silence(share: str, reason: Reason) -> None:
    steps = lived(make_robot(silent_share=1, **{share: 1}), make_case(procedure_id="overpaid-tax"))
    assert steps[-1] == (Action.STOP, reason)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_decision_is_in_time_or_late_as_drawn(is_late: bool) -> None:
    robot = make_robot(late_share=float(is_late))
    for number, procedure_id in enumerate(sorted(rules().procedures) * 4, start=1):
        case = make_case(number, procedure_id=procedure_id)
        due_at: datetime | None = None
        while case.status not in SETTLED_STATUSES:
            step = robot.next_step(case)
            assert step is not None
            due_at = case.due_at(rules().calendar) or due_at
            move(case, step.action, step.actor, step.at, rules().calendar, detail=robot.detail(case, step))
        if case.deadline is not None and case.status is Status.PROCESSED and due_at is not None:
            assert (case.status_at > due_at) == is_late, procedure_id


# Steps of the limit, others, apologies, ratings


def test_steps_and_milestones_are_done_in_their_order_and_within_their_terms() -> None:
    """A refund under Law 38/2019: notice of acceptance, then what the inspection goes through, then the decision."""
    received_at = datetime(2021, 3, 1, 2, 0, tzinfo=UTC)
    robot = make_robot()
    for number in range(1, 40):
        case = make_case(number, procedure_id="refund-inspect-first", filed_at=received_at, status_at=received_at)
        terms_kept = []
        done = []
        while step := robot.next_step(case):
            if step.action is Action.COMPLETE_STEP:
                assert case.deadline is not None
                dues = {due.step_id: due.due_at for due in step_dues(case.deadline, robot.calendar)}
                recorded = move(case, step.action, step.actor, step.at, robot.calendar)
                assert recorded is not None
                done.append(recorded["step_id"])
                terms_kept.append(step.at <= dues[recorded["step_id"]])
            else:
                move(case, step.action, step.actor, step.at, robot.calendar)
        rule = next(
            found for found in case.procedure.limit_rules if found.in_force_from and found.in_force_from.year == 2020
        )
        wanted = [part.step_id for one in rule.steps for part in (*one.milestones, one)][:-1]
        assert done == wanted
        assert len(done) == 9
        assert all(terms_kept)


def extendable() -> list[str]:
    return [
        procedure_id
        for procedure_id, procedure in rules().procedures.items()
        if any(step.extensions for step in procedure.limit_rules[-1].steps)
    ]


def test_a_step_is_extended_as_often_as_the_law_lets_it_and_by_the_leader() -> None:
    assert extendable()
    for number, procedure_id in enumerate(extendable(), start=1):
        case = make_case(number, procedure_id=procedure_id)
        steps = lived_in_full(make_robot(extend_share=1), case)
        assert case.deadline is not None
        wanted = sum(len(step.extensions) for step in case.deadline.rule.steps)
        given = [(step, recorded) for step, recorded in steps if step.action is Action.EXTEND]
        assert len(given) == wanted, procedure_id
        assert {step.actor for step, _ in given} <= {Actor.LEADER}
        due_at = case.due_at(rules().calendar)
        assert due_at is None or case.status_at <= due_at or steps[-2][0].at <= due_at


def test_without_the_share_nothing_is_extended() -> None:
    for number, procedure_id in enumerate(extendable(), start=1):
        steps = lived(make_robot(), make_case(number, procedure_id=procedure_id))
        assert Action.EXTEND not in [action for action, _ in steps]


def test_who_will_be_late_apologises_in_time_and_decides_by_the_new_date() -> None:
    robot = make_robot(late_share=1, apology_share=1)
    for number in range(1, 60):
        case = make_case(number, procedure_id="overpaid-tax")
        steps = lived_in_full(robot, case)
        apologies = [(step, recorded) for step, recorded in steps if step.action is Action.APOLOGIZE]
        assert len(apologies) == 1
        step, recorded = apologies[0]
        assert recorded is not None
        due_at, new_date_at = (datetime.fromisoformat(recorded[key]) for key in ("due_at", "new_date_at"))
        assert step.at < due_at < new_date_at
        decided = next(one for one, _ in steps if one.action in {Action.GRANT, Action.REFUSE})
        assert due_at < decided.at <= new_date_at


def test_where_there_is_no_limit_nobody_is_late_and_nobody_apologises() -> None:
    steps = lived(make_robot(late_share=1, apology_share=1), make_case(procedure_id="storage-extension"))
    assert Action.APOLOGIZE not in [action for action, _ in steps]


@pytest.mark.parametrize("procedure_id", ["overpaid-tax", "storage-extension", "amendment-before-clearance"])
def test_a_unit_that_knows_is_asked_once_and_answers_in_time(procedure_id: str) -> None:
    steps = lived_in_full(make_robot(consult_share=1), make_case(procedure_id=procedure_id))
    actions = [step.action for step, _ in steps]
    assert actions[2:5] == [Action.CONSULT, Action.GIVE_OPINION, Action.GRANT]
    (_, asked), (answered, _) = steps[2:4]
    assert asked is not None
    assert answered.at <= datetime.fromisoformat(asked["answer_by"])


def test_a_dossier_is_handed_up_one_level() -> None:
    case = make_case(procedure_id="overpaid-tax")
    steps = lived_in_full(make_robot(forward_share=1), case)
    assert [recorded for step, recorded in steps if step.action is Action.FORWARD] == [{"to_level": "department"}]
    assert case.authority_level is AuthorityLevel.DEPARTMENT


@pytest.mark.parametrize(
    ("debt_arose_at", "levels"),
    [("one-branch", []), ("several-branches", ["department"]), ("several-departments", ["general-department"])],
)
def test_a_debt_goes_to_the_level_that_the_law_names(debt_arose_at: str, levels: list[str]) -> None:
    """Circular 39/2018/TT-BTC art. 134."""
    case = make_case(procedure_id="debt-instalment", traits={"debt_arose_at": debt_arose_at})
    steps = lived_in_full(make_robot(), case)
    assert [recorded["to_level"] for step, recorded in steps if step.action is Action.FORWARD and recorded] == levels


@pytest.mark.parametrize("procedure_id", [key for key, found in rules().procedures.items() if found.fee_vnd])
def test_a_fee_is_asked_for_and_paid_through_the_bank(procedure_id: str) -> None:
    case = make_case(procedure_id=procedure_id)
    steps = lived_in_full(make_robot(), case)
    asked, paid = (
        [(step, recorded) for step, recorded in steps if step.action is action]
        for action in (Action.REQUEST_PAYMENT, Action.PAY)
    )
    assert [recorded for _, recorded in asked] == [{"amount_vnd": case.procedure.fee_vnd}]
    ((payment, recorded),) = paid
    assert payment.actor is Actor.BANK
    assert recorded == {"paid_at": payment.at.isoformat()}


def test_other_amounts_are_drawn_in_whole_thousands() -> None:
    amounts = set()
    for number in range(1, 30):
        steps = lived_in_full(make_robot(payment_share=1), make_case(number, procedure_id="overpaid-tax"))
        amounts |= {recorded["amount_vnd"] for step, recorded in steps if step.action is Action.REQUEST_PAYMENT}
    assert len(amounts) > 20
    assert all(PLAIN.payment_vnd[0] <= amount <= PLAIN.payment_vnd[1] and amount % 1000 == 0 for amount in amounts)


@pytest.mark.parametrize(("channel", "is_announced"), [("online", False), ("in-person", True), ("post", True)])
def test_an_early_result_is_announced_where_the_portal_does_not_tell(channel: str, is_announced: bool) -> None:
    """Decree 61/2018/NĐ-CP art. 20.4."""
    case = make_case(procedure_id="refund-first", channel=channel)
    actions = [action for action, _ in lived(make_robot(used_ratio=(0.1, 0.2)), case)]
    assert (Action.ANNOUNCE_EARLY_RESULT in actions) == is_announced
    assert actions[-1] is Action.RETURN_RESULT


def test_some_applicants_say_how_satisfied_they_are() -> None:
    robot = make_robot(rate_share=1, very_satisfied_share=0.5, not_satisfied_share=0.2)
    said: Counter[str] = Counter()
    for number in range(1, 200):
        steps = lived_in_full(robot, make_case(number, procedure_id="overpaid-tax"))
        assert steps[-1][0].action is Action.RATE
        said[(steps[-1][1] or {})["satisfaction"]] += 1
    assert set(said) == set(Satisfaction)
    assert said["very-satisfied"] > said["satisfied"] > said["not-satisfied"]


def test_a_supplement_is_asked_for_while_it_may_be() -> None:
    """Decree 61/2018/NĐ-CP art. 19.4: within three working days of receipt; a later look asks for nothing."""
    robot = make_robot(supplement_share=1)
    for number in range(1, 60):
        steps = lived_in_full(robot, make_case(number, procedure_id="storage-extension"))
        asked = next(step for step, _ in steps if step.action is Action.REQUEST_SUPPLEMENT)
        assert asked.at <= robot.calendar.close_after_working_days(steps[0][0].at, 3)
    late = make_case(
        procedure_id="storage-extension", status=Status.IN_PROCESS, received_at=NINE, status_at=NINE + timedelta(days=9)
    )
    assert Action.REQUEST_SUPPLEMENT not in [action for action, _ in lived(robot, late)]


@pytest.mark.parametrize(
    ("procedure_id", "outcome"),
    [
        ("overpaid-tax", [Action.STOP]),
        ("ipr-recordation", [Action.REFUSE, Action.RETURN_RESULT]),
    ],
)
def test_silence_ends_as_the_procedures_law_says(procedure_id: str, outcome: list[Action]) -> None:
    steps = lived(make_robot(supplement_share=1, silent_share=1), make_case(procedure_id=procedure_id))
    assert [action for action, _ in steps[3:]] == outcome


def test_silence_takes_a_refund_to_the_stricter_track_and_it_goes_on() -> None:
    """Circular 39/2018/TT-BTC art. 129.3c."""
    case = make_case(procedure_id="refund-first")
    steps = lived(make_robot(supplement_share=1, silent_share=1), case)
    assert steps[3] == (Action.RECLASSIFY, Reason.APPLICANT_SILENT)
    assert case.traits == {"track": "inspect-first"}
    assert case.deadline is not None
    assert case.deadline.rule.rule_id == "inspect-first-law-78"
    assert [action for action, _ in steps[-2:]] == [Action.GRANT, Action.RETURN_RESULT]


def trait_sets(procedure: Procedure) -> list[Mapping[str, str]]:
    """Every combination that a limit or an immediate result asks for, and none."""
    wanted = [dict(rule.when) for rule in procedure.limit_rules]
    wanted.append(dict(procedure.automatic_when or {}))
    return [dict(items) for items in {tuple(sorted(traits.items())) for traits in ({}, *wanted)}]


#: Everything happens to somebody.
BUSY = replace(
    PLAIN,
    refuse_intake_share=0.1,
    supplement_at_intake_share=0.1,
    supplement_share=0.2,
    payment_share=0.1,
    withdraw_share=0.1,
    forward_share=0.1,
    consult_share=0.1,
    extend_share=0.4,
    refuse_share=0.2,
    late_share=0.2,
    apology_share=0.5,
    silent_share=0.4,
    rate_share=0.3,
)


@pytest.mark.parametrize("procedure_id", sorted(rules().procedures))
def test_every_dossier_of_every_procedure_comes_to_an_end(procedure_id: str) -> None:
    """Under both laws, with all traits, over all channels; nobody waits for ever, and each possible end is reached."""
    procedure = rules().procedures[procedure_id]
    robot = Robot(3, {procedure_id: BUSY}, rules().calendar)
    ends: set[tuple[Status, Action]] = set()
    number = 0
    for filed_at in (NINE, datetime(2021, 3, 1, 2, 0, tzinfo=UTC)):
        for traits in trait_sets(procedure):
            for channel in ("online", "in-person", "post"):
                for _ in range(12):
                    number += 1
                    case = make_case(
                        number,
                        procedure_id=procedure_id,
                        filed_at=filed_at,
                        status_at=filed_at,
                        channel=channel,
                        traits=traits,
                    )
                    steps = [step for step in lived(robot, case) if step[0] is not Action.RATE]
                    assert case.status is not None
                    decided = [action for action, _ in steps if action in {Action.GRANT, Action.REFUSE}]
                    ends.add((case.status, decided[0] if decided else steps[-1][0]))
    if procedure.automatic_when == {}:
        assert ends == {(Status.RETURNED, Action.RESOLVE_AT_ONCE)}
        return
    assert ends >= {
        (Status.NOT_RECEIVED, Action.REFUSE_INTAKE),
        (Status.WITHDRAWN, Action.WITHDRAW),
        (Status.STOPPED, Action.STOP),
        (Status.RETURNED, Action.GRANT),
        (Status.RETURNED, Action.REFUSE),
    }
    assert ((Status.RETURNED, Action.RESOLVE_AT_ONCE) in ends) == (procedure.automatic_when is not None)


def test_answers_come_within_working_minutes() -> None:
    robot = make_robot()
    for number in range(1, 200):
        step = robot.next_step(make_case(number))
        assert step is not None
        assert 10 <= rules().calendar.working_minutes_between(NINE, step.at) <= 20


def test_shares_are_about_right_in_a_crowd() -> None:
    """The shipped habits over 4,000 dossiers of one procedure."""
    policy = rules().robot_policies["amendment-before-clearance"]
    run = PartitionRun(rules=rules(), seed=5, officer=OfficerKind.ROBOT, head_position=0, recorded_at=NINE)
    numbers = range(1, 4001)
    run.accept([accepted(number, procedure_id="amendment-before-clearance") for number in numbers], NINE)
    run.play(numbers, (NINE + timedelta(days=3000), 0))
    actions = Counter(fact.action for fact in run.facts)
    assert actions["refuse-intake"] / 4000 == pytest.approx(policy.refuse_intake_share, abs=0.01)
    received = actions["receive"]
    assert actions["withdraw"] / received == pytest.approx(policy.withdraw_share, abs=0.01)
    assert actions["refuse"] / (actions["refuse"] + actions["grant"]) == pytest.approx(policy.refuse_share, abs=0.015)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        # A step at the very instant of a filing would make the ledger depend on how filings were sent.
        ("intake_minutes: [5, 60]", "intake_minutes: [0, 5]", "intake_minutes"),
        ("intake_minutes: [5, 60]", "intake_minutes: [9, 5]", "intake_minutes"),
        ("intake_minutes: [5, 60]", "intake_minutes: 5", "intake_minutes|subscriptable"),
        ("apology_days: [1, 5]", "apology_days: [0, 5]", "apology_days"),
        ("late_ratio: [1.05, 2.0]", "late_ratio: [0.9, 2.0]", "late_ratio"),
        ("used_ratio: [0.2, 1.0]", "used_ratio: [0.2, 1.4]", "used_ratio"),
        ("apology_share: 0.5", "apology_share: 1.5", "apology_share"),
        ("withdraw_share: 0.005", "withdraw_share: 0.99", "together at most 1"),
        ("apology_share: 0.5", "apologie_share: 0.5", "apologie_share"),
        ("apology_share: 0.5\n", "\n", "apology_share"),
        ("procedures:\n", "procedures:\n  no-such-procedure: {late_share: 0}\n", "no-such-procedure"),
    ],
)
def test_habits_that_can_not_be_are_refused(tmp_path, before: str, after: str, told: str) -> None:
    from services.casework import robot_files  # noqa: PLC0415

    text = robot_files._PATH.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "robot.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told):
        load_robot_policies(rules().procedures, path)
