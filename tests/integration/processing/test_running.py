"""Carrying out commands and steps, on PostgreSQL and on the fake that unit and property tests use: the same laws."""

import threading
from datetime import date, timedelta

import psycopg
import pytest
from psycopg.rows import tuple_row

from services.contracts.commands import REPLAY_PARTITIONS, CalendarOverride, CommandType
from services.contracts.vocabulary import ClockMode, OfficerKind, Status
from services.processing.adapters.ledger_reader import SELECT_RECENT_HEADS, SqlLedgerReader
from services.processing.application import running
from services.processing.application.ports import PartitionBusyError
from services.processing.application.running import LEASE
from services.processing.relay import RECENT
from services.runtime.clock import pause
from services.runtime.database import Database
from services.runtime.streams import decode_batch
from tests.support.cases import NINE, Log, accepted, clock, requested
from tests.support.filings import catalogue
from tests.support.partitions import MemoryPartitionStore
from tests.support.servers import Servers
from tests.support.worlds import World

PROCEDURES = sorted(catalogue().procedures)


def filled_log(dossiers: int = 40, *, seed: int = 7) -> Log:
    """Filings in three commands and some days between them."""
    log = Log(seed=seed)
    rows = [accepted(number, procedure_id=PROCEDURES[number % 8]) for number in range(1, dossiers + 1)]
    third = dossiers // 3
    log.accept(*rows[:third])
    log.accept(*rows[third : 2 * third])
    log.advance(hours=30)
    log.accept(
        *(row._replace(filed_at=(NINE + timedelta(hours=40)).isoformat()) for row in rows[2 * third :]),
        at=NINE + timedelta(hours=30),
    )
    log.advance(days=60)
    return log


def test_both_stores_give_the_same_ledger(world: World) -> None:
    log = filled_log()
    world.run_all(*log.commands)
    reference = World(MemoryPartitionStore())
    reference.run_all(*log.commands)
    assert world.ledger() == reference.ledger()
    assert len(world.ledger()) > 150
    assert world.inbox() == []
    state = world.state()
    assert state.command_sequence == len(log.commands)
    assert state.head_position == len(world.ledger())
    assert state.reached_at == NINE + timedelta(days=60)


def test_commands_that_come_early_wait_for_those_before_them(world: World) -> None:
    log = filled_log()
    first, second, *others = log.commands
    assert not world.run(*others)  # not even opened yet
    assert world.inbox() == [command.sequence for command in others]
    assert not world.run(first)
    assert world.inbox() == [command.sequence for command in others]
    world.run_all(second)
    assert world.inbox() == []
    reference = World(MemoryPartitionStore())
    reference.run_all(*log.commands)
    assert world.ledger() == reference.ledger()


def test_known_commands_are_dropped(world: World) -> None:
    log = filled_log()
    world.run_all(*log.commands)
    ledger = world.ledger()
    for command in log.commands:
        assert not world.run(command)
    world.run_all(*log.commands)
    assert world.ledger() == ledger
    assert world.inbox() == []


def test_a_command_that_waits_in_the_stash_and_comes_again_leaves_nothing_behind(world: World) -> None:
    """What was carried out from a message used to stay in the stash for ever."""
    log = filled_log()
    world.run(log.commands[0])
    world.run(*log.commands[2:])
    world.run_all(*log.commands)
    assert world.inbox() == []
    assert world.state().command_sequence == len(log.commands)


def test_however_many_wait_all_are_carried_out(world: World) -> None:
    """More than fit into a unit: the last ones used to wait until the portal sent them again."""
    log = Log()
    for number in range(1, 2 * running.COMMANDS_PER_UNIT + 10):
        log.accept(accepted(number))
    opening, *others = log.commands
    assert not world.run(*others)
    assert world.run_all(opening) == 3
    assert world.inbox() == []
    assert len(world.ledger()) == len(others)


def test_a_run_is_cut_into_units_and_may_be_taken_up_by_anyone(world: World) -> None:
    log = filled_log()
    world.dossiers_per_unit = 7
    units = world.run_all(*log.commands)
    assert units > 15
    reference = World(MemoryPartitionStore())
    assert reference.run_all(*log.commands) == 1
    assert world.ledger() == reference.ledger()


def test_unfinished_work_belongs_to_its_worker_for_a_while(world: World) -> None:
    log = filled_log()
    world.dossiers_per_unit = 5
    assert world.run(*log.commands)
    assert world.wake_at() == world.now + LEASE
    assert world.store.claim_due(world.now, world.now + LEASE, 10) == []
    # Its worker dies; after the lease it is given out, once.
    world.now += LEASE
    assert world.key in world.store.claim_due(world.now, world.now + LEASE, 1000)
    assert world.key not in world.store.claim_due(world.now, world.now + LEASE, 1000)
    world.run_all()
    assert world.wake_at() is None
    assert world.inbox() == []


def test_a_unit_that_fails_leaves_no_trace(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log = filled_log()
    world.dossiers_per_unit = 5
    assert world.run(*log.commands)
    before = (world.ledger(), world.inbox(), world.state())
    with monkeypatch.context() as patched:
        patched.setattr(running, "LEASE", "not a span of time")  # breaks right before the end of a unit
        with pytest.raises(TypeError):
            world.run()
    assert (world.ledger(), world.inbox(), world.state()) == before
    world.run_all()
    reference = World(MemoryPartitionStore())
    reference.run_all(*log.commands)
    assert world.ledger() == reference.ledger()


def test_actions_of_people(world: World) -> None:
    log = Log(officer=OfficerKind.HUMAN)
    log.accept(accepted(1), accepted(2))
    log.act(
        requested(1, "receive", "officer"),
        requested(1, "start", "officer"),
        requested(2, "grant", "leader"),
        requested(3, "receive", "officer"),  # nobody has filed it
        at=NINE + timedelta(hours=1),
    )
    world.run_all(*log.commands)
    answers = [row for row in world.ledger() if row[19]]
    assert [(row[1], row[2], row[20]) for row in answers] == [
        (1, "receive", None),
        (1, "start", None),
        (2, "grant", "illegal-transition"),
    ]
    assert {row[8] for row in answers} == {NINE + timedelta(hours=1)}


@pytest.mark.parametrize("officer", OfficerKind)
def test_results_at_once_follow_their_filing_however_filings_are_sent(world: World, officer: OfficerKind) -> None:
    rows = [
        accepted(number, procedure_id="clearance-documentary-check", traits={"customs_channel": channel})
        for number, channel in enumerate(["green", "yellow", "green", "green"], start=1)
    ]
    later = [row._replace(number=row.number + 4, filed_at=(NINE + timedelta(hours=1)).isoformat()) for row in rows]
    log = Log(officer=officer)
    for row in (*rows, *later):
        log.accept(row)
    log.advance(hours=1)
    world.dossiers_per_unit = 3
    world.run_all(*log.commands)
    at_once = Log(officer=officer)
    at_once.accept(*rows, *later)
    at_once.advance(hours=1)
    reference = World(MemoryPartitionStore())
    reference.run_all(*at_once.commands)
    assert world.ledger() == reference.ledger()
    assert [(row[1], row[2]) for row in world.ledger()[:7]] == [
        (1, "submit"),
        (1, "resolve-at-once"),
        (2, "submit"),
        (3, "submit"),
        (3, "resolve-at-once"),
        (4, "submit"),
        (4, "resolve-at-once"),
    ]
    resolved = [row for row in world.ledger() if row[2] == "resolve-at-once"]
    assert [row[1] for row in resolved] == [1, 3, 4, 5, 7, 8]
    assert all(row[8] == row[12] for row in resolved)  # received when resolved
    with world.store.unit(world.key) as unit:
        (case,) = unit.cases([8])
    assert (case.status, case.received_at, case.deadline) == (Status.RETURNED, NINE + timedelta(hours=1), None)


def test_a_scaled_clock_runs_by_itself_and_wakes_in_time(world: World) -> None:
    log = Log(setting=clock(ClockMode.SCALED, speed=3600))
    log.accept(accepted(1))
    world.run_all(*log.commands)
    assert len(world.ledger()) == 1
    wake_at = world.wake_at()
    assert wake_at is not None
    assert NINE < wake_at < NINE + timedelta(seconds=1)
    world.run_all()
    assert len(world.ledger()) == 1
    world.now = wake_at + timedelta(microseconds=1)
    world.run_all()
    assert len(world.ledger()) == 2
    step_at = world.ledger()[-1][8]
    assert timedelta(0) <= NINE + (world.now - NINE) * 3600 - step_at < timedelta(seconds=1)


def test_what_was_asked_before_the_clock_ran_on_happens_no_earlier_than_the_rest(world: World) -> None:
    """The clock runs while a command is on its way: an action before the dossier's last change failed for ever."""
    log = Log(setting=clock(ClockMode.SCALED, speed=86_400))
    log.accept(*(accepted(number) for number in range(1, 30)))
    world.run_all(*log.commands)
    asked_at = NINE + timedelta(minutes=1)
    world.now = NINE + timedelta(seconds=3)
    world.run_all()
    reached_at = world.state().reached_at
    assert reached_at == NINE + timedelta(days=3)
    late = [
        log.act(*(requested(number, "request-supplement", "officer") for number in range(1, 30)), at=asked_at),
        log.act(*(requested(number, "supplement", "applicant") for number in range(1, 30)), at=asked_at),
        log.accept(accepted(30, filed_at=asked_at), at=asked_at),
        log.set_clock(clock(ClockMode.MANUAL, at=asked_at, real_at=world.now)),
        log.accept(accepted(31, filed_at=asked_at), at=asked_at),
        log.advance(days=60),
    ]
    world.run_all(*late)
    happened = [row[8] for row in world.ledger()]
    assert happened == sorted(happened)
    assert any(row[19] and row[20] is None for row in world.ledger())
    assert world.state().command_sequence == len(log.commands)


def test_commands_are_left_for_whoever_works_on_their_partition(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker used to wait for the other one's transaction, and kept everybody else waiting."""
    monkeypatch.setattr(running, "PATIENCE_SECONDS", 0.0)
    log = filled_log()
    world.run(*log.commands[:2])
    with world.store.unit(world.key):
        assert not world.run(*log.commands[2:])
        assert not world.run()
        # Who works on it is neither woken nor disturbed.
        assert world.key not in world.store.claim_due(world.now + LEASE, world.now + 2 * LEASE, 1000)
        assert world.key not in world.store.with_stash(1000)
    assert world.inbox() == [command.sequence for command in log.commands[2:]]
    assert world.key in world.store.with_stash(1000)
    world.run_all()
    assert (world.inbox(), world.key in world.store.with_stash(1000)) == ([], False)
    alone = World(MemoryPartitionStore())
    alone.run_all(*log.commands)
    assert world.ledger() == alone.ledger()


def test_nobody_is_woken_for_commands_that_wait_for_others(world: World) -> None:
    log = filled_log()
    world.run_all(*log.commands[:2])
    world.store.stash(world.key, log.commands[3:])
    assert world.key not in world.store.with_stash(1000)
    # What is known already is woken for, too: somebody has to clear it away.
    world.store.stash(world.key, log.commands[:1])
    assert world.key in world.store.with_stash(1000)
    world.run_all()
    assert world.inbox() == [command.sequence for command in log.commands[3:]]
    assert world.key not in world.store.with_stash(1000)


@pytest.mark.parametrize("world", ["PostgreSQL"], indirect=True)
def test_two_that_open_a_partition_keep_apart(world: World, servers: Servers) -> None:
    """There is no row to lock yet."""
    with world.store.unit(world.key), psycopg.connect(servers.owner_url, row_factory=tuple_row) as other:
        row = other.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s))", world.key).fetchone()
        assert row == (False,)
        with pytest.raises(PartitionBusyError), world.store.unit(world.key, patience_seconds=0.01):
            pass


@pytest.mark.parametrize("world", ["PostgreSQL"], indirect=True)
def test_a_small_unit_is_waited_for(world: World) -> None:
    """Rather than left to others, which takes until the timekeeper looks."""
    log = filled_log()
    world.run(*log.commands[:1])
    with world.store.unit(world.key):
        waiting = threading.Thread(target=world.run, args=log.commands[1:2])
        waiting.start()
        pause(0.02)
    waiting.join()
    assert world.state().command_sequence == 2


def published(reader: SqlLedgerReader, world: World, limit: int) -> list[tuple[list[int], int, int]]:
    """What the relay takes next of the partition: positions, head and acknowledgement of each batch."""
    with reader.unpublished(limit) as batches:
        return [
            ([fact.position for fact in decode_batch(part).facts], part.head, part.ack)
            for part in batches
            if part.sandbox_id == world.key[0]
        ]


def publish_what_others_left(database: Database, world: World) -> None:
    with database.transaction() as transaction:
        transaction.execute(
            "UPDATE publication SET (published_position, published_sequence) = (head_position, command_sequence)"
            " WHERE sandbox_id <> %s",
            (world.key[0],),
        )


@pytest.mark.parametrize("world", ["PostgreSQL"], indirect=True)
def test_the_ledger_is_published_in_blocks_and_acknowledges_with_its_last(world: World, database: Database) -> None:
    log = Log()
    sizes = [900, 1100, 1]
    for start, size in zip([1, 901, 2001], sizes, strict=True):
        log.accept(*(accepted(number, applicant_id=f"{number:010d}") for number in range(start, start + size)))
    for command in log.commands:
        world.run_all(command)  # a unit each, so a block each
    reader = SqlLedgerReader(database)
    publish_what_others_left(database, world)
    first, second, third = range(1, 901), range(901, 2001), range(2001, 2002)
    assert published(reader, world, 400) == [([*first], 900, 0)]
    with pytest.raises(RuntimeError), reader.unpublished(400):
        raise RuntimeError("Redis is away: nothing is marked")
    assert published(reader, world, 5000) == [([*second], 2000, 0), ([*third], 2001, 4)]
    assert published(reader, world, 5000) == []
    assert [(part.head, part.ack) for part in reader.heads(None) if part.sandbox_id == world.key[0]] == [(2001, 4)]


@pytest.mark.parametrize("world", ["PostgreSQL"], indirect=True)
def test_a_replay_begins_with_the_block_in_which_the_reader_stands(world: World, database: Database) -> None:
    log = Log()
    for first in (1, 901):
        log.accept(*(accepted(number, applicant_id=f"{number:010d}") for number in range(first, first + 900)))
    for command in log.commands:
        world.run_all(command)
    reader = SqlLedgerReader(database)

    def replayed(after: int, limit: int) -> list[tuple[int | None, int, int]]:
        parts = map(decode_batch, reader.after({world.key: after}, limit))
        return [(part.block.first if part.block else None, part.head, part.ack) for part in parts]

    assert replayed(0, 1) == [(1, 900, 0)]
    assert replayed(5, 10_000) == [(1, 900, 0), (901, 1800, 3)]
    assert replayed(899, 10) == [(1, 900, 0), (901, 1800, 3)]
    assert replayed(900, 10_000) == [(901, 1800, 3)]
    assert replayed(1800, 10_000) == [(None, 1800, 3)]


@pytest.mark.parametrize("world", ["PostgreSQL"], indirect=True)
def test_what_happened_one_by_one_travels_together(world: World, database: Database) -> None:
    """A stream holds so many entries: a block of one fact each would push out all that came before."""
    log = Log()
    for number in range(1, 31):
        log.accept(accepted(number))
    for command in log.commands:
        world.run_all(command)
    publish_what_others_left(database, world)
    reader = SqlLedgerReader(database)
    assert len(reader.after({world.key: 0}, 10)) == 1
    assert published(reader, world, 5000) == [([*range(1, 31)], 30, 31)]


@pytest.mark.parametrize("world", ["PostgreSQL"], indirect=True)
def test_recent_heads_are_recent_by_the_clock_of_the_database(world: World, database: Database) -> None:
    """A relay whose clock was half a minute ahead of the database's announced none of them, ever."""
    log = filled_log()
    world.run_all(*log.commands)
    reader = SqlLedgerReader(database)

    def announced() -> set[str]:
        return {part.sandbox_id for part in reader.heads(RECENT)}

    assert world.key[0] in announced()
    with database.transaction() as transaction:
        transaction.execute(
            "UPDATE publication SET changed_at = changed_at - interval '31 seconds' WHERE sandbox_id = %s",
            (world.key[0],),
        )
    assert world.key[0] not in announced()
    assert world.key[0] in {part.sandbox_id for part in reader.heads(None)}


def test_recent_heads_are_looked_up(database: Database) -> None:
    """Asked for every second, while partitions of all that was ever filed are kept."""
    with database.transaction() as transaction:
        transaction.execute("SET LOCAL enable_seqscan = off")  # of a small table it would be better
        rows = transaction.execute(f"EXPLAIN {SELECT_RECENT_HEADS}", (RECENT,)).fetchall()
    plan = "\n".join(line for (line,) in rows)
    assert "ix_publication__changed_at" in plan
    assert "Index Cond: (changed_at >= " in plan


@pytest.mark.parametrize("world", ["PostgreSQL"], indirect=True)
def test_a_replay_of_many_partitions_is_no_longer_than_one_of_few(world: World, database: Database) -> None:
    """Each partition brought as much as a replay may: a recount of 64 of them a third of a million facts at a time."""
    reader, positions = SqlLedgerReader(database), {}
    for partition in range(3):
        log = Log()
        log.accept(*(accepted(number) for number in range(1000 * partition + 1, 1000 * partition + 41)))
        world.key = (world.key[0], partition)
        world.run_all(*log.commands)
        positions[world.key] = 0
    parts = reader.after(positions, 60)
    assert [(part.partition, part.head, part.ack) for part in parts] == [(0, 40, 2), (1, 40, 2), (2, 40, 2)]
    many = {(world.key[0], partition): 0 for partition in range(3, 3 + REPLAY_PARTITIONS)}
    assert reader.after(many | positions, 60) == []  # those come first that were named first


@pytest.mark.parametrize("world", ["PostgreSQL"], indirect=True)
@pytest.mark.parametrize("statement", ["DELETE FROM ledger", "UPDATE ledger SET block = ''", "TRUNCATE ledger"])
def test_nobody_rewrites_the_ledger(world: World, database: Database, statement: str) -> None:
    """Not even processing's own role."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.transaction() as transaction:
        transaction.execute(statement)


def test_command_types_are_all_carried_out(world: World) -> None:
    """Whoever adds one has to say what it does."""
    log = Log()
    log.accept(accepted(1))
    log.act(requested(1, "receive", "officer"))
    log.set_clock(clock(at=NINE + timedelta(days=1)))
    log.override(CalendarOverride(date(2018, 6, 7), False, "Bão số 2", "12/QĐ-UBND"), at=NINE + timedelta(days=1))
    log.advance(days=2)
    assert {command.type for command in log.commands} == set(CommandType)
    world.run_all(*log.commands)
    assert world.state().command_sequence == len(log.commands)
    assert world.state().reached_at == NINE + timedelta(days=2)
