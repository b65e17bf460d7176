"""The robot: seeded, patient within its bounds, and never without an answer before a dossier's end."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.contracts.vocabulary import TERMINAL_STATUSES, Action, Actor, OfficerKind, Reason, Status
from services.processing.adapters.robot_policies import load_robot_policies
from services.processing.domain.case import Case
from services.processing.domain.draws import Draw, draw
from services.processing.domain.engine import PartitionRun
from services.processing.domain.robot import SILENCE_LIMIT_WORKING_DAYS, Robot, RobotPolicy, silence_step
from services.runtime.errors import ConfigurationError
from tests.support.cases import NINE, accepted, make_case, rules

#: Every share zero: a robot that receives, grants in time and returns.
PLAIN = RobotPolicy(
    refuse_intake_share=0,
    supplement_at_intake_share=0,
    supplement_share=0,
    payment_share=0,
    withdraw_share=0,
    refuse_share=0,
    late_share=0,
    silent_share=0,
    intake_minutes=(10, 20),
    start_minutes=(1, 1),
    return_minutes=(5, 5),
    answer_minutes=(60, 120),
    unlimited_minutes=(100, 200),
    used_ratio=(0.5, 0.9),
    late_ratio=(1.5, 2.0),
)


def make_robot(seed: int = 1, **shares: float) -> Robot:
    policy = replace(PLAIN, **shares)
    return Robot(seed, dict.fromkeys(rules().procedures, policy), rules().calendar)


def lived(robot: Robot, case: Case) -> list[tuple[Action, Reason | None]]:
    """All that happens to a dossier with this robot."""
    steps = []
    while step := robot.next_step(case):
        assert step.at > case.status_at
        case.move(step.action, step.actor, step.at)
        steps.append((step.action, step.reason))
        assert len(steps) < 15
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
    assert draw(seed, number, Draw(about), turn) == value


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
@pytest.mark.parametrize("procedure_id", sorted(rules().procedures))
def test_each_turn_of_fate(share: str, expected: list, procedure_id: str) -> None:
    """With its share at one it comes to everyone, once: an office may ask for a supplement a single time."""
    steps = lived(make_robot(**{share: 1}), make_case(procedure_id=procedure_id))
    for actual, wanted in zip(steps, expected, strict=False):
        assert actual == wanted if isinstance(wanted, tuple) else actual[0] is wanted
    assert [action for action, _ in steps].count(Action.REQUEST_SUPPLEMENT) <= 1


@pytest.mark.parametrize(
    ("share", "reason"), [("supplement_share", Reason.APPLICANT_SILENT), ("payment_share", Reason.UNPAID)]
)
def test_silence(share: str, reason: Reason) -> None:
    steps = lived(make_robot(silent_share=1, **{share: 1}), make_case())
    assert steps[-1] == (Action.STOP, reason)


def test_the_end_of_silence_is_the_end_of_a_working_day() -> None:
    asked_at = NINE + timedelta(days=5)  # a Saturday
    case = make_case(status=Status.SUPPLEMENT_REQUESTED, status_at=asked_at)
    step = silence_step(case, rules().calendar)
    assert (step.action, step.actor) == (Action.STOP, Actor.CLOCK)
    local = step.at + timedelta(hours=7)
    assert (local.hour, local.minute) == (17, 0)
    assert rules().calendar.count_working_days(asked_at.date(), local.date()) == SILENCE_LIMIT_WORKING_DAYS


@pytest.mark.parametrize("procedure_id", sorted(rules().procedures))
@pytest.mark.parametrize("is_late", [False, True])
def test_a_decision_is_in_time_or_late_as_drawn(procedure_id: str, is_late: bool) -> None:
    robot = make_robot(late_share=float(is_late))
    for number in range(1, 30):
        case = make_case(number, procedure_id=procedure_id)
        due_at: datetime | None = None
        while case.status is not Status.PROCESSED:
            step = robot.next_step(case)
            assert step is not None
            due_at = case.due_at(rules().calendar)
            case.move(step.action, step.actor, step.at)
        assert due_at is None or (case.status_at > due_at) == is_late


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


@pytest.mark.parametrize("minutes", ["[0, 5]", "[9, 5]"])
def test_habits_without_patience_are_refused(tmp_path, minutes: str) -> None:
    """A step at the very instant of a filing would make the ledger depend on how filings were sent."""
    from services.processing.adapters import robot_policies  # noqa: PLC0415

    text = robot_policies._PATH.read_text(encoding="utf-8").replace(
        "intake_minutes: [5, 60]", f"intake_minutes: {minutes}"
    )
    path = tmp_path / "robot.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="intake_minutes"):
        load_robot_policies(rules().procedures, path)
