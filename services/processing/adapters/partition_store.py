"""Partitions in PostgreSQL: one transaction a unit, sets of rows, COPY for what is new."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from services.casework.case import Case
from services.contracts.catalogue import Procedure
from services.contracts.commands import CalendarOverride, ClockSetting, Command, PartitionKey
from services.contracts.facts import FactBlock
from services.contracts.vocabulary import TERMINAL_STATUSES, ClockMode, OfficerKind
from services.processing.adapters.dossier_rows import (
    CASTS,
    CHANGING_COLUMNS,
    FIXED_COLUMNS,
    case_of,
    changing_values,
    fixed_values,
)
from services.processing.application.ports import PartitionState
from services.runtime.database import Database, Transaction, copy_rows
from services.runtime.streams import encode_block

_DOSSIER_COLUMNS: Final = ("sandbox_id", "partition", *FIXED_COLUMNS, *CHANGING_COLUMNS)

_SELECT_CASE: Final = f"""
    SELECT {", ".join((*FIXED_COLUMNS, *CHANGING_COLUMNS))}
    FROM dossier
"""  # noqa: S608 - column names of a constant

# Serves the timers: index ix_dossier__due (sandbox_id, partition, next_at, number).
_SELECT_DUE: Final = (
    _SELECT_CASE
    + """
    WHERE sandbox_id = %s AND partition = %s AND next_at <= %s
    ORDER BY next_at, number LIMIT %s
"""
)

_SELECT_BY_NUMBER: Final = _SELECT_CASE + " WHERE sandbox_id = %s AND number = ANY(%s) AND partition = %s"

# A handful of blocks at most: one statement, and bytes that stay bytes.
_APPEND_BLOCKS: Final = """
    INSERT INTO ledger (sandbox_id, partition, first_position, last_position, block)
    SELECT %s, %s, * FROM unnest(%s::bigint[], %s::bigint[], %b::bytea[])
"""

# An override of the calendar, which is rare: the primary key gives the order, dossiers at their end are passed over.
_SELECT_OPEN: Final = (
    _SELECT_CASE
    + """
    WHERE sandbox_id = %s AND number > %s AND partition = %s AND status <> ALL(%s)
    ORDER BY number LIMIT %s
"""
)

_SET: Final = ", ".join(f"{name} = u.{name}{'::' + CASTS[name] if name in CASTS else ''}" for name in CHANGING_COLUMNS)

# One statement for the whole slice.
_UPDATE_CASES: Final = f"""
    UPDATE dossier AS d SET {_SET}
    FROM unnest(%s::bigint[], {", ".join(f"%s::{kind}[]" for kind in CHANGING_COLUMNS.values())})
        AS u(number, {", ".join(CHANGING_COLUMNS)})
    WHERE d.sandbox_id = %s AND d.number = u.number
"""  # noqa: S608 - column names of a constant

_UPSERT_PARTITION: Final = """
    INSERT INTO partition (sandbox_id, partition, seed, officer, clock_mode, clock_real_at, clock_virtual_at,
                           clock_speed, reached_at, next_due_at, command_sequence, head_position, wake_at,
                           calendar_overrides)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (sandbox_id, partition) DO UPDATE SET
        clock_mode = excluded.clock_mode, clock_real_at = excluded.clock_real_at,
        clock_virtual_at = excluded.clock_virtual_at, clock_speed = excluded.clock_speed,
        reached_at = excluded.reached_at, next_due_at = excluded.next_due_at,
        command_sequence = excluded.command_sequence, head_position = excluded.head_position,
        wake_at = excluded.wake_at, calendar_overrides = excluded.calendar_overrides
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

    @contextmanager
    def unit(self, key: PartitionKey) -> "Iterator[SqlPartitionUnit]":
        """See `PartitionStore.unit`."""
        with self._database.transaction() as transaction:
            # Before the row exists there is nothing to lock: the advisory lock keeps two openers apart.
            transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", key)
            yield SqlPartitionUnit(transaction, key, self._procedures)

    def claim_due(self, now: datetime, lease_until: datetime, limit: int) -> list[PartitionKey]:
        """See `PartitionStore.claim_due`."""
        with self._database.transaction() as transaction:
            rows = transaction.execute(_CLAIM_DUE, {"now": now, "lease_until": lease_until, "limit": limit}).fetchall()
        return [(sandbox_id, partition) for sandbox_id, partition in rows]


class SqlPartitionUnit:
    """`PartitionUnit` on one PostgreSQL transaction."""

    def __init__(self, transaction: Transaction, key: PartitionKey, procedures: Mapping[str, Procedure]) -> None:
        self._transaction = transaction
        self._key = key
        self._procedures = procedures
        self._has_stash = True
        self.state = self._load_state()

    def _load_state(self) -> PartitionState | None:
        row = self._transaction.execute(
            "SELECT seed, officer, clock_mode, clock_real_at, clock_virtual_at, clock_speed, reached_at, next_due_at,"
            " command_sequence, head_position, calendar_overrides, EXISTS (SELECT FROM inbox AS i"
            " WHERE i.sandbox_id = p.sandbox_id AND i.partition = p.partition)"
            " FROM partition AS p WHERE sandbox_id = %s AND partition = %s FOR UPDATE OF p",
            self._key,
        ).fetchone()
        if row is None:
            return None
        seed, officer, mode, real_at, virtual_at, speed, reached_at, next_due_at, sequence, head = row[:10]
        overriding, self._has_stash = row[10:]
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
        ).fetchall()
        return [Command.from_wire(command) for (command,) in rows]

    def stash(self, commands: Iterable[Command]) -> None:
        """See `PartitionUnit.stash`."""
        kept = [(command.sequence, Jsonb(command.to_wire())) for command in commands]
        if kept:
            self._has_stash = True
            self._transaction.execute(
                "INSERT INTO inbox (sandbox_id, partition, sequence, command)"
                " SELECT %s, %s, sequence, command FROM unnest(%s::bigint[], %s::jsonb[]) AS c(sequence, command)"
                " ON CONFLICT DO NOTHING",
                (*self._key, [sequence for sequence, _ in kept], [command for _, command in kept]),
            )

    def due_cases(self, until: datetime, limit: int) -> list[Case]:
        """See `PartitionUnit.due_cases`."""
        rows = self._transaction.execute(_SELECT_DUE, (*self._key, until, limit)).fetchall()
        return [case_of(row, self._procedures) for row in rows]

    def cases(self, numbers: Iterable[int]) -> list[Case]:
        """See `PartitionUnit.cases`."""
        sandbox_id, partition = self._key
        rows = self._transaction.execute(_SELECT_BY_NUMBER, (sandbox_id, list(numbers), partition)).fetchall()
        return [case_of(row, self._procedures) for row in rows]

    def open_cases(self, *, after_number: int, limit: int) -> list[Case]:
        """See `PartitionUnit.open_cases`."""
        sandbox_id, partition = self._key
        terminal = [int(status) for status in TERMINAL_STATUSES]
        rows = self._transaction.execute(
            _SELECT_OPEN, (sandbox_id, after_number, partition, terminal, limit)
        ).fetchall()
        return [case_of(row, self._procedures) for row in rows]

    def earliest_step_at(self) -> datetime | None:
        """See `PartitionUnit.earliest_step_at`."""
        row = self._transaction.execute(
            "SELECT next_at FROM dossier WHERE sandbox_id = %s AND partition = %s AND next_at IS NOT NULL"
            " ORDER BY next_at LIMIT 1",
            self._key,
        ).fetchone()
        return row[0] if row else None

    def write(self, *, new: Sequence[Case], changed: Sequence[Case]) -> None:
        """See `PartitionUnit.write`."""
        if new:
            rows = ((*self._key, *fixed_values(case), *changing_values(case)) for case in new)
            copy_rows(self._transaction, "dossier", _DOSSIER_COLUMNS, rows)
        if changed:
            columns = zip(*(changing_values(case) for case in changed), strict=True)
            numbers = [case.number for case in changed]
            self._transaction.execute(_UPDATE_CASES, (numbers, *map(list, columns), self._key[0]))

    def append(self, blocks: Sequence[FactBlock]) -> None:
        """See `PartitionUnit.append`."""
        if blocks:
            firsts, lasts = [block.first for block in blocks], [block.last for block in blocks]
            payloads = [encode_block(block) for block in blocks]
            self._transaction.execute(_APPEND_BLOCKS, (*self._key, firsts, lasts, payloads))

    def save(self, state: PartitionState) -> None:
        """See `PartitionUnit.save`."""
        clock = state.clock
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
            ),
        )
        if self._has_stash:
            self._transaction.execute(
                "DELETE FROM inbox WHERE sandbox_id = %s AND partition = %s AND sequence <= %s",
                (*self._key, state.command_sequence),
            )
        self._transaction.execute(_UPSERT_PUBLICATION, (*self._key, state.head_position, state.command_sequence))


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
