"""Partitions in PostgreSQL: one transaction a unit, sets of rows, COPY for what is new."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from services.contracts.catalogue import Procedure
from services.contracts.commands import ClockSetting, Command, PartitionKey
from services.contracts.facts import Fact
from services.contracts.vocabulary import Action, Actor, ClockMode, OfficerKind, Reason, Status
from services.law.deadlines import Deadline, Suspension
from services.law.rules import rule_for
from services.processing.application.ports import PartitionState
from services.processing.domain.case import Case, NextStep
from services.runtime.database import Database, Transaction, copy_rows

_LEDGER_COLUMNS: Final = ("sandbox_id", "partition", *Fact._fields)

_DOSSIER_COLUMNS: Final = (
    "sandbox_id",
    "partition",
    "number",
    "procedure_id",
    "office_code",
    "channel",
    "applicant_kind",
    "applicant_id",
    "filed_at",
    "status",
    "version",
    "turn",
    "status_at",
    "received_at",
    "limit_started_at",
    "suspensions",
    "next_at",
    "next_action",
    "next_actor",
    "next_reason",
)

_SELECT_CASE: Final = """
    SELECT number, procedure_id, office_code, channel, applicant_kind, applicant_id, filed_at, status, version, turn,
           status_at, received_at, limit_started_at, suspensions, next_at, next_action, next_actor, next_reason
    FROM dossier
"""

# Serves the timers: index ix_dossier__due (sandbox_id, partition, next_at, number).
_SELECT_DUE: Final = (
    _SELECT_CASE
    + """
    WHERE sandbox_id = %s AND partition = %s AND next_at <= %s
    ORDER BY next_at, number LIMIT %s
"""
)

_SELECT_BY_NUMBER: Final = _SELECT_CASE + " WHERE sandbox_id = %s AND number = ANY(%s) AND partition = %s"

# One statement for the whole slice; suspensions travel as text because unnest would flatten an array of arrays.
_UPDATE_CASES: Final = """
    UPDATE dossier AS d SET
        status = u.status, version = u.version, turn = u.turn, status_at = u.status_at, received_at = u.received_at,
        limit_started_at = u.limit_started_at, suspensions = u.suspensions::timestamptz[],
        next_at = u.next_at, next_action = u.next_action, next_actor = u.next_actor, next_reason = u.next_reason
    FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::smallint[], %s::timestamptz[], %s::timestamptz[],
                %s::timestamptz[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[])
        AS u(number, status, version, turn, status_at, received_at, limit_started_at, suspensions,
             next_at, next_action, next_actor, next_reason)
    WHERE d.sandbox_id = %s AND d.number = u.number
"""

_UPSERT_PARTITION: Final = """
    INSERT INTO partition (sandbox_id, partition, seed, officer, clock_mode, clock_real_at, clock_virtual_at,
                           clock_speed, reached_at, next_due_at, command_sequence, head_position, wake_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (sandbox_id, partition) DO UPDATE SET
        clock_mode = excluded.clock_mode, clock_real_at = excluded.clock_real_at,
        clock_virtual_at = excluded.clock_virtual_at, clock_speed = excluded.clock_speed,
        reached_at = excluded.reached_at, next_due_at = excluded.next_due_at,
        command_sequence = excluded.command_sequence, head_position = excluded.head_position,
        wake_at = excluded.wake_at
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
            " command_sequence, head_position, EXISTS (SELECT FROM inbox AS i"
            " WHERE i.sandbox_id = p.sandbox_id AND i.partition = p.partition)"
            " FROM partition AS p WHERE sandbox_id = %s AND partition = %s FOR UPDATE OF p",
            self._key,
        ).fetchone()
        if row is None:
            return None
        seed, officer, mode, real_at, virtual_at, speed, reached_at, next_due_at, sequence, head, has_stash = row
        self._has_stash = has_stash
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
        return [self._case(row) for row in rows]

    def cases(self, numbers: Iterable[int]) -> list[Case]:
        """See `PartitionUnit.cases`."""
        sandbox_id, partition = self._key
        rows = self._transaction.execute(_SELECT_BY_NUMBER, (sandbox_id, list(numbers), partition)).fetchall()
        return [self._case(row) for row in rows]

    def earliest_step_at(self) -> datetime | None:
        """See `PartitionUnit.earliest_step_at`."""
        row = self._transaction.execute(
            "SELECT next_at FROM dossier WHERE sandbox_id = %s AND partition = %s AND next_at IS NOT NULL"
            " ORDER BY next_at LIMIT 1",
            self._key,
        ).fetchone()
        return row[0] if row else None

    def write(self, *, new: Sequence[Case], changed: Sequence[Case], facts: Sequence[Fact]) -> None:
        """See `PartitionUnit.write`."""
        if new:
            copy_rows(self._transaction, "dossier", _DOSSIER_COLUMNS, (self._dossier_row(case) for case in new))
        if changed:
            columns = list(zip(*(_changing_values(case) for case in changed), strict=True))
            self._transaction.execute(_UPDATE_CASES, (*map(list, columns), self._key[0]))
        if facts:
            copy_rows(self._transaction, "ledger", _LEDGER_COLUMNS, ((*self._key, *fact) for fact in facts))

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
            ),
        )
        if self._has_stash:
            self._transaction.execute(
                "DELETE FROM inbox WHERE sandbox_id = %s AND partition = %s AND sequence <= %s",
                (*self._key, state.command_sequence),
            )
        self._transaction.execute(_UPSERT_PUBLICATION, (*self._key, state.head_position, state.command_sequence))

    def _dossier_row(self, case: Case) -> tuple[Any, ...]:
        status, version, turn, status_at, received_at, started_at, suspensions, *step = _changing_values(case)[1:]
        return (
            *self._key,
            case.number,
            case.procedure.procedure_id,
            case.office_code,
            case.channel,
            case.applicant_kind,
            case.applicant_id,
            case.filed_at,
            status,
            version,
            turn,
            status_at,
            received_at,
            started_at,
            suspensions,
            *step,
        )

    def _case(self, row: Sequence[Any]) -> Case:
        (number, procedure_id, office_code, channel, applicant_kind, applicant_id, filed_at, status, version, turn) = (
            row[:10]
        )
        (status_at, received_at, started_at, suspensions, next_at, next_action, next_actor, next_reason) = row[10:]
        procedure = self._procedures[procedure_id]
        return Case(
            number=number,
            procedure=procedure,
            office_code=office_code,
            channel=channel,
            applicant_kind=applicant_kind,
            applicant_id=applicant_id,
            filed_at=filed_at,
            status=None if status is None else Status(status),
            version=version,
            turn=turn,
            status_at=status_at,
            received_at=received_at,
            deadline=None
            if started_at is None
            else Deadline(rule_for(procedure, {}, received_at), started_at, _suspensions_from_instants(suspensions)),
            next_step=None
            if next_at is None
            else NextStep(
                next_at, Action(next_action), Actor(next_actor), None if next_reason is None else Reason(next_reason)
            ),
        )


def _changing_values(case: Case) -> tuple[Any, ...]:
    """In the order of `_UPDATE_CASES`."""
    step, deadline = case.next_step, case.deadline
    return (
        case.number,
        None if case.status is None else int(case.status),
        case.version,
        case.turn,
        case.status_at,
        case.received_at,
        deadline.started_at if deadline else None,
        _suspensions_as_text(deadline),
        step.at if step else None,
        step.action.value if step else None,
        step.actor.value if step else None,
        step.reason.value if step and step.reason else None,
    )


def _suspensions_as_text(deadline: Deadline | None) -> str:
    """A PostgreSQL array literal: start, end, start, end …; an odd count says that the last one is still open."""
    if not deadline or not deadline.suspensions:
        return "{}"
    instants = [at for part in deadline.suspensions for at in (part.started_at, part.ended_at) if at is not None]
    return "{" + ",".join(f'"{at.isoformat()}"' for at in instants) + "}"


def _suspensions_from_instants(instants: Sequence[datetime]) -> tuple[Suspension, ...]:
    return tuple(
        Suspension(instants[index], instants[index + 1] if index + 1 < len(instants) else None)
        for index in range(0, len(instants), 2)
    )
