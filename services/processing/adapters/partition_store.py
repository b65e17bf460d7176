"""Partitions in PostgreSQL: one transaction a unit, sets of rows, COPY for what is new."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from services.casework.case import Case
from services.casework.desks import DeskKey, Place
from services.casework.engine import StepKey
from services.contracts.catalogue import Procedure
from services.contracts.commands import CalendarOverride, ClockSetting, Command, PartitionKey
from services.contracts.facts import FactBlock
from services.contracts.vocabulary import ClockMode, OfficerKind
from services.processing.adapters.dossier_table import DossierTable
from services.processing.adapters.staffing_rows import StaffingShelf
from services.processing.adapters.work_queues import WorkQueues
from services.processing.application.arrivals import Arrival, ArrivalKey
from services.processing.application.ports import PartitionBusyError, PartitionState
from services.runtime.clock import monotonic_seconds, pause
from services.runtime.compact import compact, expanded
from services.runtime.database import Database, Transaction
from services.runtime.streams import encode_block

# A handful of blocks at most: one statement, and bytes that stay bytes.
_APPEND_BLOCKS: Final = """
    INSERT INTO ledger (sandbox_id, partition, first_position, last_position, block)
    SELECT %s, %s, * FROM unnest(%s::bigint[], %s::bigint[], %b::bytea[])
"""

# Index ix_arrival__first_at.
_SELECT_ARRIVALS: Final = """
    SELECT sequence, first_at, rows FROM arrival
    WHERE sandbox_id = %s AND partition = %s AND (first_at, sequence) > (%s, %s) AND first_at <= %s
    ORDER BY first_at, sequence LIMIT %s
"""

_KEEP_ARRIVALS: Final = """
    INSERT INTO arrival (sandbox_id, partition, sequence, first_at, rows)
    SELECT %s, %s, * FROM unnest(%s::bigint[], %s::timestamptz[], %b::bytea[])
"""

# Two looks at the beginning of an index each.
_SELECT_EARLIEST: Final = """
    SELECT least(
        (SELECT next_at FROM dossier WHERE sandbox_id = %(sandbox_id)s AND partition = %(partition)s
             AND next_at > %(after)s ORDER BY next_at LIMIT 1),
        (SELECT first_at FROM arrival WHERE sandbox_id = %(sandbox_id)s AND partition = %(partition)s
             AND first_at > %(after)s ORDER BY first_at LIMIT 1)
    )
"""

_UPSERT_PARTITION: Final = """
    INSERT INTO partition (sandbox_id, partition, seed, officer, clock_mode, clock_real_at, clock_virtual_at,
                           clock_speed, reached_at, next_due_at, command_sequence, head_position, wake_at,
                           calendar_overrides, staffing)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (sandbox_id, partition) DO UPDATE SET
        clock_mode = excluded.clock_mode, clock_real_at = excluded.clock_real_at,
        clock_virtual_at = excluded.clock_virtual_at, clock_speed = excluded.clock_speed,
        reached_at = excluded.reached_at, next_due_at = excluded.next_due_at,
        command_sequence = excluded.command_sequence, head_position = excluded.head_position,
        wake_at = excluded.wake_at, calendar_overrides = excluded.calendar_overrides
"""

_STASH: Final = """
    INSERT INTO inbox (sandbox_id, partition, sequence, command)
    SELECT %s, %s, * FROM unnest(%s::bigint[], %b::bytea[])
    ON CONFLICT DO NOTHING
"""

# A stash is nearly always empty, and never long. Who works on a partition looks at its stash by itself, but not at what
# comes while it is at its end; what waits for a command that hasn't come is not woken for.
_SELECT_STASHED: Final = """
    SELECT p.sandbox_id, p.partition FROM partition AS p
    JOIN (SELECT sandbox_id, partition, min(sequence) AS sequence FROM inbox GROUP BY sandbox_id, partition) AS i
        USING (sandbox_id, partition)
    WHERE i.sequence <= p.command_sequence + 1
    LIMIT %s FOR UPDATE OF p SKIP LOCKED
"""

# Last statement of a unit, so that the relay, which updates the same row, is kept waiting for a commit only.
_UPSERT_PUBLICATION: Final = """
    INSERT INTO publication (sandbox_id, partition, head_position, command_sequence, changed_at)
    VALUES (%s, %s, %s, %s, clock_timestamp())
    ON CONFLICT (sandbox_id, partition) DO UPDATE SET
        head_position = excluded.head_position, command_sequence = excluded.command_sequence,
        changed_at = excluded.changed_at
"""

# SKIP LOCKED: a partition being worked on wakes itself. The lease is renewed by whoever works.
_CLAIM_DUE: Final = """
    UPDATE partition AS p SET wake_at = %(lease_until)s
    FROM (SELECT sandbox_id, partition FROM partition WHERE wake_at <= %(now)s
          ORDER BY wake_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) AS due
    WHERE p.sandbox_id = due.sandbox_id AND p.partition = due.partition
    RETURNING p.sandbox_id, p.partition
"""


class SqlPartitionStore:
    """`PartitionStore` on PostgreSQL."""

    def __init__(self, database: Database, procedures: Mapping[str, Procedure]) -> None:
        self._database = database
        self._procedures = procedures
        self._staffings = StaffingShelf()

    @contextmanager
    def unit(self, key: PartitionKey, *, patience_seconds: float = 0.0) -> "Iterator[SqlPartitionUnit]":
        """See `PartitionStore.unit`."""
        with self._database.transaction() as transaction:
            _lock(transaction, key, patience_seconds)
            yield SqlPartitionUnit(transaction, key, self._procedures, self._staffings)

    def stash(self, key: PartitionKey, commands: Iterable[Command]) -> None:
        """See `PartitionStore.stash`."""
        with self._database.transaction() as transaction:
            _stash(transaction, key, commands)

    def claim_due(self, now: datetime, lease_until: datetime, limit: int) -> list[PartitionKey]:
        """See `PartitionStore.claim_due`."""
        with self._database.transaction() as transaction:
            rows = transaction.execute(_CLAIM_DUE, {"now": now, "lease_until": lease_until, "limit": limit}).fetchall()
        return [(sandbox_id, partition) for sandbox_id, partition in rows]

    def with_stash(self, limit: int) -> list[PartitionKey]:
        """See `PartitionStore.with_stash`."""
        with self._database.transaction() as transaction:
            rows = transaction.execute(_SELECT_STASHED, (limit,)).fetchall()
        return [(sandbox_id, partition) for sandbox_id, partition in rows]


class SqlPartitionUnit:
    """`PartitionUnit` on one PostgreSQL transaction."""

    def __init__(
        self,
        transaction: Transaction,
        key: PartitionKey,
        procedures: Mapping[str, Procedure],
        staffings: StaffingShelf,
    ) -> None:
        self._transaction = transaction
        self._key = key
        self._dossiers = DossierTable(transaction, key, procedures)
        self._queues = WorkQueues(transaction, key, procedures)
        self._staffings = staffings
        self._has_stash = self._has_arrivals = True
        self.state = self._load_state()

    def _load_state(self) -> PartitionState | None:
        row = self._transaction.execute(
            "SELECT seed, officer, clock_mode, clock_real_at, clock_virtual_at, clock_speed, reached_at, next_due_at,"
            " command_sequence, head_position, calendar_overrides, staffing,"
            " EXISTS (SELECT FROM inbox AS i WHERE i.sandbox_id = p.sandbox_id AND i.partition = p.partition),"
            " EXISTS (SELECT FROM arrival AS a WHERE a.sandbox_id = p.sandbox_id AND a.partition = p.partition)"
            " FROM partition AS p WHERE sandbox_id = %s AND partition = %s FOR UPDATE OF p",
            self._key,
        ).fetchone()
        if row is None:
            return None
        seed, officer, mode, real_at, virtual_at, speed, reached_at, next_due_at, sequence, head = row[:10]
        overriding, staffing, self._has_stash, self._has_arrivals = row[10:]
        return PartitionState(
            sandbox_id=self._key[0],
            partition=self._key[1],
            seed=seed,
            officer=OfficerKind(officer),
            clock=ClockSetting(ClockMode(mode), real_at, virtual_at, speed),
            reached_at=reached_at,
            next_due_at=next_due_at,
            command_sequence=sequence,
            head_position=head,
            staffing=None if staffing is None else self._staffings.get(self._transaction, staffing),
            **_overrides(overriding),
        )

    def stashed_commands(self, *, from_sequence: int, limit: int) -> list[Command]:
        """See `PartitionUnit.stashed_commands`."""
        if not self._has_stash:
            return []
        rows = self._transaction.execute(
            "SELECT command FROM inbox WHERE sandbox_id = %s AND partition = %s AND sequence >= %s"
            " ORDER BY sequence LIMIT %s",
            (*self._key, from_sequence, limit),
            binary=True,
        ).fetchall()
        return [Command.from_wire(expanded(command)) for (command,) in rows]

    def stash(self, commands: Iterable[Command]) -> None:
        """See `PartitionUnit.stash`."""
        if _stash(self._transaction, self._key, commands):
            self._has_stash = True

    def due_cases(self, *, after: StepKey, bound: StepKey, limit: int) -> list[Case]:
        """See `PartitionUnit.due_cases`."""
        return self._dossiers.due(after, bound, limit)

    def cases(self, numbers: Iterable[int]) -> list[Case]:
        """See `PartitionUnit.cases`."""
        return self._dossiers.of_numbers(list(numbers))

    def open_cases(self, *, after_number: int, limit: int) -> list[Case]:
        """See `PartitionUnit.open_cases`."""
        return self._dossiers.open(after_number, limit)

    def write(self, *, new: Sequence[Case], changed: Sequence[Case]) -> None:
        """See `PartitionUnit.write`."""
        self._dossiers.write(new, changed)

    def earliest_at(self, *, after: datetime | None) -> datetime | None:
        """See `PartitionUnit.earliest_at`."""
        sandbox_id, partition = self._key
        asked = {"sandbox_id": sandbox_id, "partition": partition, "after": after or _BEFORE_ALL}
        row = self._transaction.execute(_SELECT_EARLIEST, asked).fetchone()
        return row[0] if row else None

    def arrivals(self, *, after: ArrivalKey | None, until: datetime, limit: int) -> list[Arrival]:
        """See `ArrivalStore.arrivals`."""
        if not self._has_arrivals:
            return []
        first_at, sequence = after or (_BEFORE_ALL, 0)
        rows = self._transaction.execute(
            _SELECT_ARRIVALS, (*self._key, first_at, sequence, until, limit), binary=True
        ).fetchall()
        return [Arrival(*row) for row in rows]

    def write_arrivals(self, *, new: Sequence[Arrival], gone: Sequence[int]) -> None:
        """See `ArrivalStore.write_arrivals`."""
        if gone:
            self._transaction.execute(
                "DELETE FROM arrival WHERE sandbox_id = %s AND partition = %s AND sequence = ANY(%s)",
                (*self._key, list(gone)),
            )
        if new:
            self._has_arrivals = True
            sequences, first_at = [item.sequence for item in new], [item.first_at for item in new]
            rows = [item.payload for item in new]
            self._transaction.execute(_KEEP_ARRIVALS, (*self._key, sequences, first_at, rows))

    def at_work(self) -> Iterable[tuple[DeskKey, int, int]]:
        """See `Backlog.at_work`."""
        return self._queues.at_work()

    def desks_waited_for(self) -> Iterable[DeskKey]:
        """See `Backlog.desks_waited_for`."""
        return self._queues.desks_waited_for()

    def heads(self, wanted: Sequence[tuple[DeskKey, Place | None, int]]) -> Sequence[Sequence[Case]]:
        """See `Backlog.heads`."""
        return self._queues.heads(wanted)

    def append(self, blocks: Sequence[FactBlock]) -> None:
        """See `PartitionUnit.append`."""
        if blocks:
            firsts, lasts = [block.first for block in blocks], [block.last for block in blocks]
            payloads = [encode_block(block) for block in blocks]
            self._transaction.execute(_APPEND_BLOCKS, (*self._key, firsts, lasts, payloads))

    def save(self, state: PartitionState) -> None:
        """See `PartitionUnit.save`."""
        clock, staffing = state.clock, None
        if self.state is None and state.staffing is not None:
            staffing = self._staffings.put(self._transaction, state.staffing)  # it never changes afterwards
        self._transaction.execute(
            _UPSERT_PARTITION,
            (
                *self._key,
                state.seed,
                str(state.officer),
                str(clock.mode),
                clock.real_at,
                clock.virtual_at,
                clock.speed,
                state.reached_at,
                state.next_due_at,
                state.command_sequence,
                state.head_position,
                state.wake_at,
                _overrides_as_json(state),
                staffing,
            ),
        )
        if self._has_stash:
            self._transaction.execute(
                "DELETE FROM inbox WHERE sandbox_id = %s AND partition = %s AND sequence <= %s",
                (*self._key, state.command_sequence),
            )
        self._transaction.execute(_UPSERT_PUBLICATION, (*self._key, state.head_position, state.command_sequence))


#: How often a lock that somebody else has is tried again.
_LOCK_PAUSE_SECONDS: Final = 0.003

#: Before any instant of any sandbox.
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)


def _lock(transaction: Transaction, key: PartitionKey, patience_seconds: float) -> None:
    """Lock a partition until the end of the transaction.

    Raises:
        PartitionBusyError: somebody else has had it all the while.
    """
    ends_at_seconds = monotonic_seconds() + patience_seconds
    while True:
        # Before the row exists there is nothing to lock: the advisory lock keeps two openers apart.
        row = transaction.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s))", key).fetchone()
        if row and row[0]:
            return
        if monotonic_seconds() >= ends_at_seconds:
            raise PartitionBusyError
        pause(_LOCK_PAUSE_SECONDS)


def _stash(transaction: Transaction, key: PartitionKey, commands: Iterable[Command]) -> bool:
    """Keep commands; returns whether there were any."""
    kept = [(command.sequence, compact(command.to_wire())) for command in commands]
    if kept:
        sequences, payloads = map(list, zip(*kept, strict=True))
        transaction.execute(_STASH, (*key, sequences, payloads))
    return bool(kept)


def _overrides(data: Mapping[str, Any] | None) -> dict[str, Any]:
    """What `PartitionState` says of the calendar."""
    if data is None:
        return {}
    return {
        "calendar_overrides": tuple(CalendarOverride.from_wire(item) for item in data["overrides"]),
        "overriding_up_to": data["up_to"],
    }


def _overrides_as_json(state: PartitionState) -> Jsonb | None:
    if not state.calendar_overrides and state.overriding_up_to is None:
        return None
    overrides = [item.to_wire() for item in state.calendar_overrides]
    return Jsonb({"overrides": overrides, "up_to": state.overriding_up_to})
