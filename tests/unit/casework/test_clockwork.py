"""What happens by itself, where people decide and where robots do: results at once, silence, payments on their way."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.casework.case import NextStep
from services.casework.clockwork import end_of_silence
from services.casework.engine import PartitionRun
from services.contracts.commands import CalendarOverride
from services.contracts.facts import Fact
from services.contracts.timeliness import Timeliness, timeliness
from services.contracts.vocabulary import Action, Actor, OfficerKind, Reason, Status
from tests.support.cases import NINE, accepted, make_case, requested, rules

EVER = (datetime(2030, 1, 1, tzinfo=UTC), 0)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CALENDAR = rules().calendar


def make_run(officer: OfficerKind = OfficerKind.HUMAN) -> PartitionRun:
    return PartitionRun(rules=rules(), seed=7, officer=officer, head_position=0, recorded_at=NINE)


def told(facts: list[Fact]) -> list[tuple[int, str, int, str, str | None]]:
    return [(fact.number, fact.action, fact.status, fact.actor, fact.reason) for fact in facts]


# Results at once (Decree 61/2018/NĐ-CP art. 17.4)


@pytest.mark.parametrize("officer", OfficerKind)
def test_a_green_declaration_is_resolved_the_moment_it_is_filed(officer: OfficerKind) -> None:
    run = make_run(officer)
    green, yellow = {"customs_channel": "green"}, {"customs_channel": "yellow"}
    run.accept([accepted(1, procedure_id="clearance-documentary-check", traits=green)], NINE)
    run.accept([accepted(2, procedure_id="clearance-documentary-check", traits=yellow)], NINE)
    run.accept([accepted(3, procedure_id="clearance-documentary-check", traits=green)], NINE)
    assert told(run.facts) == [
        (1, "submit", Status.SUBMITTED, "applicant", None),
        (1, "resolve-at-once", Status.RETURNED, "system", "automatic"),
        (2, "submit", Status.SUBMITTED, "applicant", None),
        (3, "submit", Status.SUBMITTED, "applicant", None),
        (3, "resolve-at-once", Status.RETURNED, "system", "automatic"),
    ]


def test_a_result_at_once_is_received_and_in_time() -> None:
    run = make_run()
    run.accept(
        [accepted(1, procedure_id="clearance-documentary-check", traits={"customs_channel": "green"})], NINE + HOUR
    )
    fact = run.facts[-1]
    assert fact.occurred_at == fact.received_at == NINE + HOUR
    assert fact.due_at is None
    assert fact.limit_unit == "working-hours"
    assert timeliness(fact.occurred_at, fact.due_at, fact.limit_unit) in {Timeliness.EARLY, Timeliness.ON_TIME}
    case = run.cases[1]
    assert (case.received_at, case.deadline) == (NINE + HOUR, None)


def test_filed_for_later_it_is_resolved_later() -> None:
    run = make_run()
    rows = [accepted(number, procedure_id="cargo-identification", filed_at=NINE + HOUR) for number in (1, 2)]
    run.accept(rows, NINE)
    assert run.facts == []
    run.play([1, 2], EVER)
    assert [(fact.number, fact.action) for fact in run.facts] == [
        (1, "submit"),
        (1, "resolve-at-once"),
        (2, "submit"),
        (2, "resolve-at-once"),
    ]


# Which limit holds


def test_a_limit_holds_by_traits_and_by_the_day_of_receipt() -> None:
    """Refunds under the laws of 2006 and 2019 (in force 1 July 2020)."""
    run = make_run()
    before, after = datetime(2020, 6, 30, 2, tzinfo=UTC), datetime(2020, 7, 1, 2, tzinfo=UTC)
    for number, (at, traits) in enumerate(
        [(before, None), (after, None), (before, {"track": "inspect-first"}), (after, {"track": "inspect-first"})], 1
    ):
        run.load([make_case(number, traits=traits or {}, filed_at=at, status_at=at)])
        run.act(requested(number, "receive", "officer"), at)
    held = [run.cases[number].deadline for number in (1, 2, 3, 4)]
    assert [deadline.rule.rule_id for deadline in held if deadline] == [
        "refund-first-law-78",
        "refund-first-law-38",
        "inspect-first-law-78",
        "inspect-first-law-38",
    ]
    assert [fact.limit_unit for fact in run.facts] == ["working-days", "working-days", "calendar-days", "calendar-days"]


# Silence


@pytest.mark.parametrize(
    ("procedure_id", "is_received", "action"),
    [
        ("overpaid-tax", True, Action.STOP),
        ("ipr-recordation", True, Action.REFUSE),
        ("ipr-recordation", False, Action.STOP),
        ("refund-first", True, Action.RECLASSIFY),
        ("refund-first", False, Action.STOP),
    ],
)
def test_silence_ends_by_the_procedures_law_also_where_people_decide(
    procedure_id: str, is_received: bool, action: Action
) -> None:
    run = make_run()
    run.load([make_case(procedure_id=procedure_id)])
    if is_received:
        run.act(requested(1, "receive", "officer"), NINE)
    run.act(requested(1, "request-supplement", "officer"), NINE + HOUR)
    step = run.cases[1].next_step
    assert step is not None
    assert (step.action, step.actor, step.reason) == (action, Actor.CLOCK, Reason.APPLICANT_SILENT)
    run.play([1], EVER)
    assert run.facts[-1].action == action
    assert run.cases[1].next_step is None


def test_a_refund_whose_applicant_is_silent_goes_on_under_stricter_terms() -> None:
    """Circular 39/2018/TT-BTC art. 129.3c: the same receipt, forty days, without the time of silence."""
    run = make_run()
    run.load([make_case()])
    run.act(requested(1, "receive", "officer"), NINE)
    run.act(requested(1, "request-supplement", "officer"), NINE + DAY)
    run.play([1], EVER)
    fact, case = run.facts[-1], run.cases[1]
    assert (fact.action, fact.detail) == ("reclassify", {"traits": {"track": "inspect-first"}})
    assert (case.status, case.traits) == (Status.IN_PROCESS, {"track": "inspect-first"})
    assert case.deadline is not None
    assert not case.deadline.is_suspended
    assert case.deadline.started_at == NINE
    assert fact.due_at is not None
    assert fact.due_at > fact.occurred_at + 38 * DAY
    assert fact.limit_unit == "calendar-days"


def test_who_is_on_the_strict_track_already_is_stopped() -> None:
    case = make_case(
        status=Status.SUPPLEMENT_REQUESTED, received_at=NINE, status_at=NINE, traits={"track": "inspect-first"}
    )
    assert end_of_silence(case, CALENDAR).action is Action.STOP


@pytest.mark.parametrize("procedure_id", sorted(rules().procedures))
@pytest.mark.parametrize("status", [Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED])
def test_every_wait_has_an_end_that_the_table_allows(procedure_id: str, status: Status) -> None:
    run = make_run()
    case = make_case(procedure_id=procedure_id, status=status, received_at=NINE, status_at=NINE)
    assert case.deadline is not None
    case.next_step = end_of_silence(case, CALENDAR)
    run.load([case])
    run.play([1], EVER)
    assert len(run.facts) == 1
    assert case.status is not status


def test_the_end_of_silence_is_the_end_of_a_working_day() -> None:
    asked_at = NINE + timedelta(days=5)  # a Saturday
    case = make_case(procedure_id="overpaid-tax", status=Status.SUPPLEMENT_REQUESTED, status_at=asked_at)
    local = end_of_silence(case, CALENDAR).at + timedelta(hours=7)
    assert (local.hour, local.minute) == (17, 0)
    limit = case.procedure.supplement.silence_limit
    assert CALENDAR.count_working_days(asked_at.date(), local.date()) == limit.amount


# A payment on its way

EVENING = datetime(2018, 6, 4, 10, 30, tzinfo=UTC)  # 17:30
OPENING = datetime(2018, 6, 5, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("officer", OfficerKind)
def test_a_debit_ends_silence_and_is_recorded_by_itself(officer: OfficerKind) -> None:
    run = make_run(officer)
    run.load([make_case(procedure_id="overpaid-tax", status=Status.IN_PROCESS, received_at=NINE, status_at=NINE)])
    run.act(requested(1, "request-payment", "officer", amount_vnd=500_000), NINE + HOUR)
    run.act(requested(1, "debit", "bank", paid_at=EVENING.isoformat(), payment_id="18-1"), EVENING)
    assert run.cases[1].next_step == NextStep(OPENING, Action.PAY, Actor.BANK, Reason.PAID)
    run.play([1], (OPENING, 1))
    fact = run.facts[-1]
    assert (fact.action, fact.actor, fact.status, fact.occurred_at) == ("pay", "bank", Status.IN_PROCESS, OPENING)
    assert fact.detail == {"paid_at": EVENING.isoformat(), "payment_id": "18-1"}
    deadline = run.cases[1].deadline
    assert deadline is not None
    assert [(part.started_at, part.ended_at) for part in deadline.suspensions] == [(NINE + HOUR, OPENING)]


def test_told_after_the_opening_it_is_recorded_at_once() -> None:
    run = make_run()
    run.load([make_case(procedure_id="overpaid-tax", status=Status.IN_PROCESS, received_at=NINE, status_at=NINE)])
    run.act(requested(1, "request-payment", "officer", amount_vnd=500_000), NINE + HOUR)
    told_at = OPENING + HOUR
    run.act(requested(1, "debit", "bank", paid_at=EVENING.isoformat(), payment_id="18-1"), told_at)
    assert [(fact.action, fact.occurred_at) for fact in run.facts[1:]] == [("debit", told_at), ("pay", told_at)]


@pytest.mark.parametrize("actor", [Actor.CLOCK, Actor.SYSTEM])
@pytest.mark.parametrize(("status", "action"), [(Status.SUBMITTED, "resolve-at-once"), (Status.RECEIVED, "reschedule")])
def test_nobody_acts_as_the_clock_or_the_system(actor: Actor, status: Status, action: str) -> None:
    run = make_run()
    received_at = NINE if status is Status.RECEIVED else None
    run.load([make_case(status=status, received_at=received_at)])
    run.act(requested(1, action, actor), NINE)
    assert run.facts[-1].refusal == "actor-not-allowed"


# Another calendar


def day_off(day: date, number: str = "12/QĐ-UBND") -> CalendarOverride:
    return CalendarOverride(day, False, "Bão số 2", number)


#: The Friday after `NINE`.
FRIDAY = day_off(date(2018, 6, 8))


def overridden(run: PartitionRun, numbers: list[int], at: datetime) -> None:
    run.use_calendar(rules().calendars.with_overrides([FRIDAY]))
    run.reschedule(numbers, CALENDAR, {"decision_number": FRIDAY.decision_number, "sequence": 1}, at)


def test_a_due_date_behind_the_new_day_off_moves_and_says_so() -> None:
    run = make_run()
    run.load([make_case(1, procedure_id="overpaid-tax"), make_case(2, procedure_id="amendment-before-clearance")])
    for number in (1, 2):
        run.act(requested(number, "receive", "officer"), NINE)
    due_before = run.cases[1].due_at(CALENDAR)
    assert due_before == datetime(2018, 6, 11, 10, tzinfo=UTC)
    overridden(run, [1, 2], NINE + DAY)
    moved = run.facts[2:]
    # The other one was due on Monday already.
    assert told(moved) == [(1, "reschedule", Status.RECEIVED, "system", "calendar-changed")]
    assert moved[0].occurred_at == NINE + DAY
    assert moved[0].due_at == due_before + DAY
    assert moved[0].detail == {"due_before": due_before.isoformat(), "decision_number": "12/QĐ-UBND", "sequence": 1}
    assert run.cases[1].version == moved[0].position
    assert run.cases[1].status_at == run.cases[1].acted_at == NINE
    # What comes next is counted by it.
    run.act(requested(1, "start", "officer"), NINE + DAY)
    assert run.facts[-1].due_at == due_before + DAY


def test_silence_is_counted_anew_and_no_fact_is_made_of_what_stands_still() -> None:
    run = make_run()
    run.load([make_case(procedure_id="overpaid-tax")])
    run.act(requested(1, "receive", "officer"), NINE)
    run.act(requested(1, "request-supplement", "officer"), NINE + HOUR)
    before = run.cases[1].next_step
    facts = len(run.facts)
    run.changed_numbers.clear()
    run.new_numbers.clear()
    overridden(run, [1], NINE + DAY)
    after = run.cases[1].next_step
    assert before is not None
    assert after is not None
    assert after.at == before.at + DAY
    assert len(run.facts) == facts
    assert run.changed_numbers == {1}


def test_overdue_before_the_request_has_a_due_date_that_moves() -> None:
    run = make_run()
    run.load([make_case(procedure_id="overpaid-tax", status=Status.IN_PROCESS, received_at=NINE, status_at=NINE)])
    run.act(requested(1, "request-supplement", "officer"), NINE + 10 * DAY)
    assert run.facts[-1].due_at is not None
    overridden(run, [1], NINE + 11 * DAY)
    assert told(run.facts[-1:]) == [(1, "reschedule", Status.SUPPLEMENT_REQUESTED, "system", "calendar-changed")]


@pytest.mark.parametrize("status", [Status.PROCESSED, Status.RETURNED, Status.SUBMITTED])
def test_what_is_decided_or_not_received_keeps_its_date(status: Status) -> None:
    run = make_run()
    received_at = None if status is Status.SUBMITTED else NINE
    run.load([make_case(procedure_id="overpaid-tax", status=status, received_at=received_at, status_at=NINE)])
    overridden(run, [1], NINE + DAY)
    assert run.facts == []
    assert run.changed_numbers == set()


def test_silence_that_would_have_ended_ends_now_and_a_robot_plans_from_now() -> None:
    """A day off is worked after all, and it was long ago."""
    now = NINE + 60 * DAY
    run = make_run(OfficerKind.ROBOT)
    silent = make_case(1, procedure_id="overpaid-tax", status=Status.SUPPLEMENT_REQUESTED, status_at=NINE)
    silent.next_step = NextStep(now + DAY, Action.STOP, Actor.CLOCK, Reason.APPLICANT_SILENT)
    waiting = make_case(2, procedure_id="overpaid-tax", status=Status.RECEIVED, received_at=NINE, status_at=NINE)
    waiting.next_step = NextStep(now + DAY, Action.START, Actor.OFFICER)
    run.load([silent, waiting])
    overridden(run, [2], now)
    step = waiting.next_step
    assert step.at > now
    assert waiting.acted_at == now
    human = make_run()
    human.load([silent])
    overridden(human, [1], now)
    assert silent.next_step == NextStep(now, Action.STOP, Actor.CLOCK, Reason.APPLICANT_SILENT)
