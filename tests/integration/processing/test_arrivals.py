"""Dossiers that are filed for later: wherever a unit ends, and whoever works, the ledger is the same."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from functools import cache
from queue import Empty, SimpleQueue

import pytest

from services.contracts.commands import AcceptedDossier, CalendarOverride, Command
from services.contracts.vocabulary import ClockMode, OfficerKind
from services.processing.adapters.partition_store import SqlPartitionStore
from services.processing.application import running
from services.runtime.database import Database
from tests.support.cases import NINE, Log, accepted, clock, requested, rules
from tests.support.partitions import MemoryPartitionStore
from tests.support.servers import Servers
from tests.support.worlds import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

#: Of a hundred dossiers: procedure, channel of the declaration, how many.
MIX = [
    ("clearance-documentary-check", "green", 60),
    ("clearance-documentary-check", "yellow", 33),
    ("clearance-goods-inspection", "red", 5),
    ("refund-first", None, 2),
]


def a_crowd(count: int, span: timedelta, *, seed: int = 1) -> list[AcceptedDossier]:
    """Dossiers of the national mix, filed at whole minutes within a span: many at the same one."""
    chance = random.Random(seed)
    weights = [weight for *_, weight in MIX]
    rows = []
    for number in range(1, count + 1):
        ((procedure_id, channel, _),) = chance.choices(MIX, weights)
        minutes = chance.randrange(1, int(span / timedelta(minutes=1)))
        traits = {"customs_channel": channel} if channel else None
        filed_at = NINE + timedelta(minutes=minutes)
        rows.append(accepted(number, procedure_id=procedure_id, filed_at=filed_at, traits=traits))
    return rows


def in_commands(log: Log, rows: Sequence[AcceptedDossier], size: int, *, at: datetime = NINE) -> None:
    for start in range(0, len(rows), size):
        log.accept(*rows[start : start + size], at=at)


def reference(commands: Sequence[Command]) -> list[tuple[object, ...]]:
    """The ledger of one unit that holds everything."""
    world = World(MemoryPartitionStore(), unit_seconds=1e9)
    assert world.run_all(*commands) == 1
    return world.ledger()


@pytest.fixture(params=[1, 3, 50, 2000])
def per_read(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many dossiers are read at a time."""
    monkeypatch.setattr(running, "DOSSIERS_PER_READ", request.param)
    return int(request.param)


@pytest.mark.parametrize("order", ["by instant", "by chance"])
@pytest.mark.parametrize("room", [1, 7, 60, 20_000])
@pytest.mark.usefixtures("per_read")
def test_wherever_arrivals_are_cut_the_ledger_is_the_same(room: int, order: str) -> None:
    """Commands that follow each other in time, and such that all lie over each other."""
    rows = a_crowd(200, 3 * DAY)
    if order == "by instant":
        rows = [row._replace(number=at) for at, row in enumerate(sorted(rows, key=lambda row: row.filed_at), start=1)]
    log = Log()
    in_commands(log, rows, 30)
    for hours in (0.5, 30, 30.25, 60, 400):
        log.advance(at=NINE + hours * HOUR)
    world = World(MemoryPartitionStore(), dossiers_per_unit=room)
    world.run_all(*log.commands)
    assert world.ledger() == reference(log.commands)
    assert {row[1] for row in world.ledger()} == set(range(1, 201))


def test_a_unit_that_is_full_leaves_the_rest_for_the_next(world: World) -> None:
    """Of an arrival that was begun the rest has rows, those after it wait as they came."""
    log = Log()
    for first in (1, 31, 61):
        hours = range(first, first + 30)
        log.accept(*(accepted(number, filed_at=NINE + number * HOUR) for number in hours))
    world.run_all(*log.commands)
    assert (world.ledger(), world.state().next_due_at) == ([], NINE + HOUR)
    assert world.waiting() == {2: NINE + HOUR, 3: NINE + 31 * HOUR, 4: NINE + 61 * HOUR}
    advance = log.advance(days=20)
    world.dossiers_per_unit = 5
    assert world.run(advance)
    submitted = [row[1] for row in world.ledger() if row[2] == "submit"]
    assert submitted == list(range(1, 31))  # all that comes before the second arrival begins
    assert world.waiting() == {3: NINE + 31 * HOUR, 4: NINE + 61 * HOUR}
    assert NINE + 30 * HOUR < world.state().next_due_at <= NINE + 31 * HOUR
    world.run_all()
    assert world.waiting() == {}
    assert world.ledger() == reference(log.commands)


def test_what_is_filed_far_ahead_keeps_nothing_waiting_and_wakes_in_time(world: World) -> None:
    later = NINE + 3000 * DAY
    log = Log(setting=clock(ClockMode.SCALED, speed=86_400))
    log.accept(accepted(1, filed_at=later), accepted(2), accepted(3, filed_at=later + HOUR))
    world.run_all(*log.commands)
    assert [row[1] for row in world.ledger()] == [2]
    for _ in range(20):  # as often as the timekeeper wakes it
        wake_at = world.wake_at()
        assert wake_at is not None
        if wake_at >= NINE + timedelta(seconds=2900):
            break
        world.now = wake_at + timedelta(microseconds=1)
        world.run_all()
    assert wake_at == NINE + timedelta(seconds=3000)
    assert world.state().next_due_at == later
    world.now = wake_at - timedelta(microseconds=100)
    world.run_all()
    assert {row[1] for row in world.ledger()} == {2}
    world.now = wake_at + timedelta(seconds=1)
    world.run_all()
    filings = {row[1]: row[8] for row in world.ledger() if row[2] == "submit"}
    assert filings == {2: NINE, 1: later, 3: later + HOUR}


def test_what_was_filed_while_the_clock_ran_on_is_submitted_now_or_later(world: World) -> None:
    """The command says when it was asked; of its dossiers some are late by the time that it is carried out."""
    log = Log(setting=clock(ClockMode.SCALED, speed=3600))
    world.run_all(*log.commands)
    world.now = NINE + timedelta(seconds=10)
    world.run_all()
    reached_at = world.state().reached_at
    assert reached_at == NINE + 10 * HOUR
    hours = {1: 2, 2: 12, 3: 9, 4: 10, 5: 11}
    late = log.accept(*(accepted(number, filed_at=NINE + value * HOUR) for number, value in hours.items()))
    world.run_all(late)
    world.now = NINE + timedelta(seconds=13)
    world.run_all()
    filings = [(row[1], row[8]) for row in world.ledger() if row[2] == "submit"]
    assert filings == [(1, reached_at), (3, reached_at), (4, reached_at), (5, NINE + 11 * HOUR), (2, NINE + 12 * HOUR)]


def test_an_action_before_its_dossier_is_filed_is_passed_over(world: World) -> None:
    log = Log(officer=OfficerKind.HUMAN)
    log.accept(accepted(1, filed_at=NINE + HOUR), accepted(2, filed_at=NINE + 2 * HOUR))
    log.act(requested(1, "receive", "officer"))
    log.advance(hours=1.5)
    log.act(requested(1, "receive", "officer"), requested(2, "receive", "officer"), at=NINE + 1.5 * HOUR)
    world.run_all(*log.commands)
    assert [(row[1], row[2]) for row in world.ledger()] == [(1, "submit"), (1, "receive")]


def test_the_calendar_and_the_clock_change_while_filings_wait(world: World) -> None:
    log = Log()
    in_commands(log, a_crowd(60, 4 * DAY), 20)
    log.accept(*(accepted(number) for number in range(201, 210)))
    log.advance(days=1)
    log.override(CalendarOverride(date(2018, 6, 7), False, "Bão số 2", "12/QĐ-UBND"), at=NINE + DAY)
    log.set_clock(clock(at=NINE + 1.5 * DAY))
    in_commands(log, [row._replace(number=row.number + 100) for row in a_crowd(30, 4 * DAY, seed=2)], 20)
    log.advance(days=20)
    world.dossiers_per_unit = 6
    world.run_all(*log.commands)
    assert world.ledger() == reference(log.commands)
    assert any(row[2] == "reschedule" for row in world.ledger())
    assert world.waiting() == {}


@cache
def a_busy_quarter() -> dict[int, Log]:
    """Logs of four partitions: filings ahead of the clock in commands that lie over each other, actions, time."""
    logs = {partition: Log() for partition in range(4)}
    rows = a_crowd(1200, 5 * DAY, seed=3)
    for partition, log in logs.items():
        mine = rows[partition::4]
        for day in range(6):
            now = NINE + day * DAY
            new = [row for row in mine if (datetime.fromisoformat(row.filed_at) - NINE) // DAY == day]
            in_commands(log, new, 25, at=now)
            filed = [row.number for row in mine if datetime.fromisoformat(row.filed_at) < now]
            log.act(*(requested(number, "withdraw", "applicant") for number in filed[::17]), at=now)
            log.advance(at=now + 20 * HOUR)
        log.advance(days=60)
    return logs


@cache
def wanted(partition: int) -> list[tuple[object, ...]]:
    return reference(a_busy_quarter()[partition].commands)


def ledgers_of(store: SqlPartitionStore, database: Database, sandbox_id: str) -> dict[int, list[tuple[object, ...]]]:
    found = {}
    for partition in a_busy_quarter():
        world = World(store, database)
        world.key = (sandbox_id, partition)
        found[partition] = world.ledger()
    return found


def work_off(jobs: "SimpleQueue[tuple[int, list[Command]]]", servers: Servers, sandbox_id: str, room: int) -> None:
    """What a worker does, until nothing is left; on a connection of its own."""
    database = Database(servers.database_urls["processing"], schema="processing", process="tests")
    database.open()
    world = World(SqlPartitionStore(database, rules().procedures), database, dossiers_per_unit=room)
    with suppress(Empty), closing(database):
        while True:
            partition, commands = jobs.get_nowait()
            world.key = (sandbox_id, partition)
            if world.run(*commands):
                jobs.put((partition, []))


@pytest.mark.parametrize(("room", "workers"), [(50, 1), (20_000, 1), (50, 2), (20_000, 2)])
def test_the_ledger_does_not_depend_on_units_and_workers(
    room: int, workers: int, database: Database, servers: Servers
) -> None:
    """Workers take whatever comes next, of any partition, each message twice; sometimes both the same partition."""
    sandbox_id = World(MemoryPartitionStore()).key[0]
    jobs: SimpleQueue[tuple[int, list[Command]]] = SimpleQueue()
    for day in range(0, 60, 7):
        for partition, log in a_busy_quarter().items():
            for _ in range(2):
                jobs.put((partition, log.commands[day : day + 7]))
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work_off, jobs, servers, sandbox_id, room) for _ in range(workers)]:
            done.result()
    store = SqlPartitionStore(database, rules().procedures)
    while woken := [key for key in store.with_stash(1000) if key[0] == sandbox_id]:  # as the timekeeper does
        for key in woken:
            world = World(store, database, dossiers_per_unit=room)
            world.key = key
            world.run_all()
    found = ledgers_of(store, database, sandbox_id)
    assert found == {partition: wanted(partition) for partition in found}
    assert sum(map(len, found.values())) > 3000
