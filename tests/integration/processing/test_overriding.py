"""A calendar is overridden: who moves and by how much, in slices, by whoever takes them up, none twice.

On PostgreSQL and on the fake that unit and property tests use.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from services.contracts.commands import CalendarOverride
from services.contracts.facts import Fact
from services.contracts.vocabulary import SETTLED_STATUSES, ClockMode, OfficerKind
from services.processing.application import running
from services.processing.application.running import LEASE
from tests.support.cases import NINE, Log, accepted, clock, requested, rules
from tests.support.partitions import MemoryPartitionStore
from tests.support.worlds import World

FRIDAY = CalendarOverride(date(2018, 6, 8), False, "Bão số 2", "12/QĐ-UBND")
SATURDAY = CalendarOverride(date(2018, 6, 9), True, "Làm bù", "13/QĐ-UBND")
TUESDAY = NINE + timedelta(days=1)
PROCEDURES = sorted(rules().procedures)


def moved(world: World) -> list[Fact]:
    """What the calendar did."""
    return [fact for fact in world.facts if fact.action == "reschedule"]


def human_log(count: int = 30) -> Log:
    """Dossiers in every open status, on Monday."""
    log = Log(officer=OfficerKind.HUMAN)
    numbers = range(1, count + 1)
    log.accept(*(accepted(number, procedure_id="overpaid-tax") for number in numbers))
    log.act(*(requested(number, "receive", "officer") for number in numbers if number % 6))
    log.act(*(requested(number, "start", "officer") for number in numbers if number % 6 > 1))
    log.act(*(requested(number, "request-supplement", "officer") for number in numbers if number % 6 == 3))
    log.act(*(requested(number, "request-payment", "officer", amount_vnd=5) for number in numbers if number % 6 == 4))
    log.act(*(requested(number, "grant", "leader") for number in numbers if number % 6 == 5))
    return log


def robot_log(count: int = 60, *, seed: int = 7) -> Log:
    """Dossiers of all procedures on their way, under the robot."""
    log = Log(seed=seed)
    log.accept(*(accepted(number, procedure_id=PROCEDURES[number % len(PROCEDURES)]) for number in range(1, count + 1)))
    log.advance(days=1)
    return log


def test_who_has_a_due_date_behind_the_day_moves_by_one_working_day(world: World) -> None:
    log = human_log()
    log.override(FRIDAY, at=TUESDAY)
    world.run_all(*log.commands)
    # Received or in process: numbers 1 and 2 of each six. What isn't received, stands still or is decided doesn't move.
    assert [fact.number for fact in moved(world)] == [number for number in range(1, 31) if number % 6 in {1, 2}]
    monday = datetime(2018, 6, 11, 10, tzinfo=UTC)
    for fact in moved(world):
        assert fact.detail is not None
        assert (fact.detail["due_before"], fact.detail["decision_number"]) == (monday.isoformat(), "12/QĐ-UBND")
        assert fact.due_at == monday + timedelta(days=1)
        assert (fact.actor, fact.reason, fact.occurred_at) == ("system", "calendar-changed", TUESDAY)
    assert world.state().calendar_overrides == (FRIDAY,)
    assert world.state().overriding_up_to is None
    assert world.state().command_sequence == len(log.commands)


def test_what_stands_still_goes_on_by_the_new_calendar(world: World) -> None:
    log = human_log(6)
    log.override(FRIDAY, at=TUESDAY)
    log.act(requested(4, "pay", "officer"), at=TUESDAY)
    log.act(requested(3, "supplement", "applicant"), at=TUESDAY)
    world.run_all(*log.commands)
    paid, supplemented = world.facts[-2:]
    # Five working days, none used on Monday: Tuesday isn't counted, Friday is off.
    assert paid.due_at == supplemented.due_at == datetime(2018, 6, 13, 10, tzinfo=UTC)


def test_a_second_decision_about_a_day_takes_the_place_of_the_first(world: World) -> None:
    log = human_log(2)
    log.override(FRIDAY, at=TUESDAY)
    log.override(SATURDAY, at=TUESDAY)
    back = CalendarOverride(FRIDAY.day, True, "Bão tan", "14/QĐ-UBND")
    log.override(back, at=TUESDAY)
    world.run_all(*log.commands)
    due = {fact.due_at for fact in world.facts if fact.number == 1 and fact.action == "reschedule"}
    tuesday, monday, saturday = (datetime(2018, 6, day, 10, tzinfo=UTC) for day in (12, 11, 9))
    assert due == {tuesday, monday, saturday}
    assert world.state().calendar_overrides == (back, SATURDAY)


def test_several_decisions_at_once_are_one_move(world: World) -> None:
    log = human_log(2)
    monday = CalendarOverride(date(2018, 6, 11), False, "Bão số 3", "15/QĐ-UBND")
    log.override(FRIDAY, monday, at=TUESDAY)
    world.run_all(*log.commands)
    assert [fact.detail["decision_number"] for fact in moved(world) if fact.detail] == ["12/QĐ-UBND, 15/QĐ-UBND"] * 2


def test_a_decision_that_changes_nothing_moves_nobody(world: World) -> None:
    log = human_log()
    log.override(CalendarOverride(date(2018, 6, 8), True, "như cũ", "16/QĐ-UBND"), at=TUESDAY)
    world.run_all(*log.commands)
    assert moved(world) == []


def test_a_day_beyond_the_calendar_is_passed_over(world: World) -> None:
    """The portal asks for none; if it did, the rest of the log would go on."""
    log = human_log(2)
    log.override(CalendarOverride(date(2099, 1, 1), False, "?", "?"), at=TUESDAY)
    log.act(requested(1, "start", "officer"), at=TUESDAY)
    world.run_all(*log.commands)
    assert world.state().command_sequence == len(log.commands)
    assert world.state().calendar_overrides == ()


@pytest.mark.parametrize("dossiers_per_unit", [2, 100])
def test_an_override_that_leaves_a_due_date_no_day_is_taken_back(world: World, dossiers_per_unit: int) -> None:
    """The portal asks for none. Others have moved when number 6 finds no day any more; the log goes on."""
    world.dossiers_per_unit = dossiers_per_unit
    wednesday = datetime(2032, 12, 22, 2, tzinfo=UTC)
    friday = wednesday + timedelta(days=2)
    log = Log(officer=OfficerKind.HUMAN)
    for at, numbers in ((wednesday, (1, 2, 3)), (friday, (6,))):
        log.accept(*(accepted(number, procedure_id="overpaid-tax", filed_at=at) for number in numbers), at=at)
        log.act(*(requested(number, "receive", "officer") for number in numbers), at=at)
    log.override(CalendarOverride(date(2032, 12, 28), False, "?", "?"), at=friday)
    log.act(*(requested(number, "start", "officer") for number in (1, 2, 3, 6)), at=friday)
    world.run_all(*log.commands)
    wednesday_due, friday_due = (datetime(2032, 12, day, 10, tzinfo=UTC) for day in (29, 31))
    started = {fact.number: fact.due_at for fact in world.facts if fact.action == "start"}
    assert started == {1: wednesday_due, 2: wednesday_due, 3: wednesday_due, 6: friday_due}
    # Whoever had been written as moved is told to have moved back.
    assert [fact.due_at for fact in moved(world) if fact.number == 1] in (
        [], [wednesday_due + timedelta(days=1), wednesday_due]
    )  # fmt: skip
    assert len(moved(world)) == {2: 6, 100: 0}[dossiers_per_unit]
    assert world.state().command_sequence == len(log.commands)
    assert (world.state().calendar_overrides, world.state().overriding_up_to) == ((), None)
    assert [fact.position for fact in world.facts] == list(range(1, len(world.facts) + 1))


def test_it_is_cut_into_units_and_each_dossier_moves_once(world: World) -> None:
    log = human_log()
    world.run_all(*log.commands)
    override = log.override(FRIDAY, at=TUESDAY)
    after = log.act(requested(2, "grant", "leader"), at=TUESDAY)
    world.dossiers_per_unit = 4
    units = 0
    has_more = world.run(override, after)
    while has_more:
        state = world.state()
        # Half-way: the command isn't done, the next one waits, and where it stands is written.
        if state.command_sequence < override.sequence:
            units += 1
            assert state.overriding_up_to is not None
            assert state.calendar_overrides == ()
            assert "grant" not in {fact.action for fact in world.facts if fact.number == 2}
        has_more = world.run()
    assert units >= 6
    assert max(Counter(fact.number for fact in moved(world)).values()) == 1
    reference = World(MemoryPartitionStore())
    reference.run_all(*log.commands)
    assert world.facts == reference.facts


def test_a_unit_that_fails_is_done_again_by_whoever_comes_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log = human_log()
    log.override(FRIDAY, at=TUESDAY)
    world.dossiers_per_unit = 4
    assert world.run(*log.commands)
    before = (world.facts, world.state())
    with monkeypatch.context() as patched:
        patched.setattr(running, "LEASE", "not a span of time")  # breaks right before the end of a unit
        with pytest.raises(TypeError):
            world.run()
    assert (world.facts, world.state()) == before
    # The timekeeper gives it out after the lease, and the portal's relay sends the command once more.
    world.now += LEASE
    assert world.key in world.store.claim_due(world.now, world.now + LEASE, 1000)
    world.run_all(log.commands[-1])
    reference = World(MemoryPartitionStore())
    reference.run_all(*log.commands)
    assert world.facts == reference.facts


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_robots_ledger_does_not_depend_on_the_slices(world: World, seed: int) -> None:
    log = robot_log(seed=seed)
    log.override(FRIDAY, SATURDAY, at=TUESDAY)
    log.advance(days=4)
    log.override(CalendarOverride(date(2018, 6, 5), False, "nhìn lại", "17/QĐ-UBND"), at=NINE + timedelta(days=4))
    log.advance(days=400)
    world.dossiers_per_unit = 7
    world.run_all(*log.commands)
    reference = World(MemoryPartitionStore())
    reference.run_all(*log.commands)
    assert world.facts == reference.facts
    assert moved(world)
    happened = [fact.occurred_at for fact in world.facts]
    assert happened == sorted(happened)
    last = {fact.number: fact.status for fact in world.facts}
    assert set(last.values()) <= {int(status) for status in SETTLED_STATUSES}


def test_what_is_due_now_happens_when_all_are_through(world: World) -> None:
    """Silence that ends earlier than was thought, because a day off was worked: at the instant of the decision."""
    log = Log(officer=OfficerKind.HUMAN)
    log.accept(*(accepted(number, procedure_id="overpaid-tax") for number in range(1, 10)))
    log.act(*(requested(number, "request-supplement", "officer") for number in range(1, 10)))
    # Thirty working days from 4 June end with 16 July; with two Saturdays worked they ended on 12 July already.
    now = datetime(2018, 7, 13, 8, tzinfo=UTC)
    log.advance(at=now)
    worked = [CalendarOverride(date(2018, 6, day), True, "Làm bù", "18/QĐ-UBND") for day in (9, 16, 23)]
    log.override(*worked, at=now)
    world.dossiers_per_unit = 4
    world.run_all(*log.commands)
    stopped = [fact for fact in world.facts if fact.action == "stop"]
    assert [(fact.number, fact.occurred_at) for fact in stopped] == [(number, now) for number in range(1, 10)]
    assert world.state().next_due_at is None


def test_on_a_clock_that_moves_it_happens_no_earlier_than_the_rest(world: World) -> None:
    log = Log(officer=OfficerKind.HUMAN, setting=clock(ClockMode.SCALED, speed=86_400))
    log.accept(accepted(1, procedure_id="overpaid-tax"))
    log.act(requested(1, "receive", "officer"))
    world.run_all(*log.commands)
    world.now = NINE + timedelta(seconds=2)
    world.run_all()
    world.run_all(log.override(FRIDAY, at=NINE + timedelta(hours=1)))
    assert [fact.occurred_at for fact in moved(world)] == [NINE + timedelta(days=2)]
