"""Staffed sandboxes on PostgreSQL and on the fake: who waits and who is served is in the dossiers, and nowhere else."""

from datetime import timedelta
from typing import Any

import pytest

from services.contracts.commands import CalendarOverride
from services.contracts.staffing import Staffing, staffing_from_wire
from services.contracts.vocabulary import ClockMode
from services.processing.adapters import work_queues
from services.processing.adapters.partition_store import SqlPartitionStore, SqlPartitionUnit
from services.runtime.database import Database
from tests.support.cases import NINE, Log, accepted, clock, requested, rules
from tests.support.partitions import MemoryPartitionStore
from tests.support.worlds import World

PROCEDURES = sorted(rules().procedures)


def staffing(discipline: str = "first-come", *, officers: int = 2) -> Staffing:
    return staffing_from_wire(
        {
            "discipline": discipline,
            "priorities": {"overpaid-tax": 1} if discipline == "by-procedure" else {},
            "skills": {"goods": PROCEDURES[::3], "dossiers": ["*"]},
            "service": {"*": {"mean_minutes": 90, "spread": "exponential"}},
            "shifts": {"day": {"hours": "office"}, "late": {"days": "office", "from": "17:00", "to": "21:00"}},
            "desks": [
                {"office": "*", "skill": skill, "officers": officers, "shift": shift}
                for skill in ("goods", "dossiers")
                for shift in ("day", "late")
            ],
        }
    )


def busy_log(who: Staffing, dossiers: int = 90) -> Log:
    """More than the officers can do at once, people who act, a day off, and time to finish."""
    log = Log(staffing=who)
    rows = [
        accepted(number, procedure_id=PROCEDURES[number % 40], filed_at=NINE + timedelta(minutes=number))
        for number in range(1, dossiers + 1)
    ]
    log.accept(*rows)
    log.advance(hours=6)
    at = NINE + timedelta(hours=6)
    log.act(*(requested(number, "withdraw", "applicant") for number in range(1, dossiers, 7)), at=at)
    log.act(*(requested(number, "request-supplement", "officer") for number in range(2, dossiers, 9)), at=at)
    log.override(CalendarOverride((NINE + timedelta(days=1)).date(), False, "Nghỉ", "1/QĐ"), at=at)
    log.advance(days=3)
    log.advance(days=120)
    return log


@pytest.mark.parametrize("discipline", ["first-come", "earliest-deadline", "by-procedure"])
def test_both_stores_give_the_same_ledger_however_a_run_is_cut(world: World, discipline: str) -> None:
    log = busy_log(staffing(discipline))
    reference = World(MemoryPartitionStore())
    reference.run_all(*log.commands)
    world.dossiers_per_unit = 7
    units = world.run_all(*log.commands)
    assert units > 10
    assert world.ledger() == reference.ledger()
    assert {"start", "grant", "withdraw", "reschedule"} <= {fact.action for fact in world.facts}


def rows(database: Database, world: World) -> dict[int, tuple[Any, ...]]:
    statement = (
        "SELECT number, desk, queue_rank, queue_at, team FROM dossier"
        " WHERE sandbox_id = %s AND partition = %s AND desk IS NOT NULL"
    )
    with database.transaction() as transaction:
        found = transaction.execute(statement, world.key).fetchall()
    return {number: rest for number, *rest in found}


@pytest.fixture
def sql_world(database: Database) -> World:
    return World(SqlPartitionStore(database, rules().procedures), database)


def test_who_waits_and_who_is_served_is_in_the_dossiers_rows(database: Database, sql_world: World) -> None:
    log = Log(staffing=staffing(officers=1))
    log.accept(*(accepted(number, procedure_id="overpaid-tax") for number in (1, 2, 3)))
    log.advance(minutes=70)
    sql_world.run_all(*log.commands)
    received = {fact.number: fact.occurred_at for fact in sql_world.facts if fact.action == "receive"}
    first, second, third = sorted(received, key=lambda number: (received[number], number))
    assert rows(database, sql_world) == {
        first: ["30CF dossiers", None, None, 0],
        second: ["30CF dossiers", 0, received[second], None],
        third: ["30CF dossiers", 0, received[third], None],
    }
    log.act(requested(second, "withdraw", "applicant"), at=NINE + timedelta(minutes=70))
    log.advance(days=60)
    sql_world.run_all(*log.commands)
    assert rows(database, sql_world) == {}


def test_a_long_queue_is_read_no_further_than_officers_come(
    database: Database, sql_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six hundred wait; one officer takes up some ten of them a day."""
    log = Log(staffing=staffing(officers=1))
    log.accept(*(accepted(number, procedure_id="overpaid-tax") for number in range(1, 601)))
    log.advance(hours=8)
    sql_world.run_all(*log.commands)
    assert len(rows(database, sql_world)) > 550
    read: list[Any] = []
    plain = work_queues.unpacked
    monkeypatch.setattr(work_queues, "unpacked", lambda *row: read.append(row) or plain(*row))
    before = len(sql_world.facts)
    log.advance(hours=32)
    sql_world.run_all(log.commands[-1])
    begun = [fact for fact in sql_world.facts[before:] if fact.action == "start"]
    assert 3 < len(begun) < len(read) < 60


def test_a_killed_worker_loses_nothing(sql_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log = busy_log(staffing(), 40)
    reference = World(MemoryPartitionStore())
    reference.run_all(*log.commands)
    sql_world.dossiers_per_unit = 5
    save = SqlPartitionUnit.save
    calls = iter(range(10**6))

    def dying(unit: SqlPartitionUnit, state: Any) -> None:
        save(unit, state)
        if next(calls) % 3 == 1:
            raise InterruptedError  # before the transaction's commit

    monkeypatch.setattr(SqlPartitionUnit, "save", dying)
    has_more = True
    while has_more:
        try:
            has_more = sql_world.run(*log.commands)
        except InterruptedError:
            has_more = True
    assert sql_world.ledger() == reference.ledger()


def test_partitions_share_what_their_sandboxs_staffing_says(database: Database, sql_world: World) -> None:
    log = Log(staffing=staffing(officers=9))
    sql_world.run_all(*log.commands)
    other = World(sql_world.store, database)
    other.run_all(*log.commands)
    statement = "SELECT count(DISTINCT staffing), count(*) FROM partition WHERE sandbox_id = ANY(%s) AND staffing <> ''"
    with database.transaction() as transaction:
        found = transaction.execute(statement, ([sql_world.key[0], other.key[0]],)).fetchone()
    assert found == (1, 2)
    assert sql_world.state().staffing == staffing(officers=9)


def test_a_sandbox_without_a_staffing_has_none(database: Database, sql_world: World) -> None:
    log = Log()
    log.accept(*(accepted(number, procedure_id="overpaid-tax") for number in (1, 2, 3)))
    log.advance(hours=3)
    sql_world.run_all(*log.commands)
    assert sql_world.state().staffing is None
    assert rows(database, sql_world) == {}


def test_a_clock_that_runs_by_itself_wakes_when_an_office_opens(world: World) -> None:
    """Nothing will happen to the dossier before its officer is there, at five in the afternoon."""
    who = staffing_from_wire(
        {
            "discipline": "first-come",
            "skills": {"dossiers": ["*"]},
            "service": {"*": {"mean_minutes": 30, "spread": "fixed"}},
            "shifts": {"late": {"days": "office", "from": "17:00", "to": "21:00"}},
            "desks": [{"office": "*", "skill": "dossiers", "officers": 1, "shift": "late"}],
        }
    )
    log = Log(setting=clock(ClockMode.REAL), staffing=who)
    log.accept(accepted(1, procedure_id="overpaid-tax"))
    world.now = NINE + timedelta(hours=2)
    world.run_all(*log.commands)
    five = NINE + timedelta(hours=8)
    assert [fact.action for fact in world.facts] == ["submit", "receive"]
    assert world.wake_at() == five
    world.now = five
    world.run_all()
    assert [(fact.action, fact.occurred_at) for fact in world.facts[2:]] == [("start", five)]
    assert world.wake_at() == five + timedelta(minutes=30)
