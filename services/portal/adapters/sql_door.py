"""The writing side of the door in PostgreSQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import orjson
from psycopg import OperationalError
from psycopg.errors import DeadlockDetected
from psycopg.types.json import Jsonb
from psycopg_pool import PoolTimeout

from services.contracts.commands import CalendarOverride, ClockSetting, Command, RequestedAction
from services.contracts.staffing import Staffing
from services.contracts.vocabulary import ClockMode, OfficerKind
from services.portal.adapters.hooks import RegisterCheck
from services.portal.adapters.papers import sql_attachments
from services.portal.adapters.sql_filings import FEW_FILED, copy_filed, file_few
from services.portal.application.ports import Answer, NewCommand, OnceKey, RegisterFinding
from services.portal.application.problems import problem
from services.portal.domain.attachments import AttachedFile, Attachment, DossierFiles, WaitingFiles
from services.portal.domain.calendar_overrides import DecidedOverride
from services.portal.domain.sandbox import Filed, Key, Sandbox, Submission, UnknownDeclarations
from services.runtime.database import Database, Transaction, copy_rows
from services.runtime.errors import ContendedError, UnavailableError

SANDBOX_COLUMNS: Final = (
    "sandbox_id, name, seed, partition_count, officer, clock_mode, clock_real_at, clock_virtual_at, clock_speed,"
    " last_number, created_at, unknown_declarations, staffing IS NOT NULL, expected_dossiers"
)

_ADD_SANDBOX: Final = """
    INSERT INTO sandbox (sandbox_id, name, seed, partition_count, officer, clock_mode, clock_real_at, clock_virtual_at,
                         clock_speed, last_number, created_at, unknown_declarations, staffing,
                         expected_dossiers)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

# Sequences are handed out under the row locks of the log, so a partition's log has no gap and no two orders.
_EXTEND_LOG: Final = """
    INSERT INTO command_log AS l (sandbox_id, partition, last_sequence)
    SELECT %s, partition, n FROM unnest(%s::smallint[], %s::bigint[]) AS c(partition, n) ORDER BY partition
    ON CONFLICT (sandbox_id, partition) DO UPDATE SET last_sequence = l.last_sequence + excluded.last_sequence
    RETURNING partition, last_sequence
"""


class SqlDoor:
    """`Door` on PostgreSQL."""

    def __init__(self, database: Database, registers: RegisterCheck | None = None) -> None:
        self._database = database
        self._registers = registers

    @contextmanager
    def unit(self) -> "Iterator[SqlDoorUnit]":
        """See `Door.unit`."""
        try:
            with self._database.transaction() as transaction:
                yield SqlDoorUnit(transaction, self._registers)
        except DeadlockDetected as error:
            raise ContendedError(str(error)) from error
        except (OperationalError, PoolTimeout) as error:
            raise UnavailableError(str(error)) from error


class SqlDoorUnit:
    """`DoorUnit` on one PostgreSQL transaction."""

    def __init__(self, transaction: Transaction, registers: RegisterCheck | None = None) -> None:
        self._transaction = transaction
        self._registers = registers

    @property
    def transaction(self) -> Transaction:
        """For adapters that write in the same transaction."""
        return self._transaction

    def claim(self, once: OnceKey) -> Answer | None:
        """See `DoorUnit.claim`."""
        claimed = self._transaction.execute(
            "INSERT INTO idempotency (scope, key, request_hash, created_at) VALUES (%s, %s, %s, clock_timestamp())"
            " ON CONFLICT DO NOTHING RETURNING 1",
            (once.scope, once.key, once.request_hash),
        ).fetchone()
        if claimed:
            return None
        row = self._transaction.execute(
            "SELECT request_hash, status, content_type, headers, body FROM idempotency WHERE scope = %s AND key = %s",
            (once.scope, once.key),
        ).fetchone()
        if row is None:  # it was in the way of the insert, and has expired since
            return self.claim(once)
        request_hash, status, content_type, headers, body = row
        if bytes(request_hash) != once.request_hash:
            raise problem("idempotency-key-reused")
        return Answer(status, bytes(body), content_type, {**headers, "Idempotency-Replayed": "true"})

    def keep_answer(self, once: OnceKey, answer: Answer) -> None:
        """See `DoorUnit.keep_answer`."""
        self._transaction.execute(
            "UPDATE idempotency SET status = %s, content_type = %s, headers = %s, body = %s"
            " WHERE scope = %s AND key = %s",
            (answer.status, answer.content_type, Jsonb(dict(answer.headers)), answer.body, once.scope, once.key),
        )

    def add_sandbox(self, sandbox: Sandbox, staffing: Staffing | None = None) -> None:
        """See `DoorUnit.add_sandbox`."""
        clock = sandbox.clock
        self._transaction.execute(
            _ADD_SANDBOX,
            (
                sandbox.sandbox_id,
                sandbox.name,
                sandbox.seed,
                sandbox.partition_count,
                str(sandbox.officer),
                str(clock.mode),
                clock.real_at,
                clock.virtual_at,
                clock.speed,
                sandbox.last_number,
                sandbox.created_at,
                str(sandbox.unknown_declarations),
                None if staffing is None else Jsonb(staffing.to_wire()),
                sandbox.expected_dossiers,
            ),
        )

    def add_key(self, key_hash: bytes, key: Key) -> None:
        """See `DoorUnit.add_key`."""
        self._transaction.execute(
            "INSERT INTO api_key (key_hash, sandbox_id, purpose, expires_at, created_at)"
            " VALUES (%s, %s, %s, %s, clock_timestamp())",
            (key_hash, key.sandbox_id, str(key.purpose), key.expires_at),
        )

    def lock_sandbox(self, sandbox_id: str) -> Sandbox:
        """See `DoorUnit.lock_sandbox`."""
        row = self._transaction.execute(
            f"SELECT {SANDBOX_COLUMNS} FROM sandbox WHERE sandbox_id = %s FOR NO KEY UPDATE",  # noqa: S608
            (sandbox_id,),
        ).fetchone()
        if row is None:
            raise problem("not-found", what="sandbox", name=sandbox_id)
        return sandbox_from_row(row)

    def save_sandbox(self, sandbox: Sandbox) -> None:
        """See `DoorUnit.save_sandbox`."""
        clock = sandbox.clock
        self._transaction.execute(
            "UPDATE sandbox SET clock_mode = %s, clock_real_at = %s, clock_virtual_at = %s, clock_speed = %s,"
            " last_number = %s WHERE sandbox_id = %s",
            (
                str(clock.mode),
                clock.real_at,
                clock.virtual_at,
                clock.speed,
                sandbox.last_number,
                sandbox.sandbox_id,
            ),
        )

    def append(self, sandbox_id: str, commands: Sequence[NewCommand]) -> Mapping[int, int]:
        """See `DoorUnit.append`."""
        wanted: dict[int, int] = {}
        for command in commands:
            wanted[command.partition] = wanted.get(command.partition, 0) + 1
        rows = self._transaction.execute(_EXTEND_LOG, (sandbox_id, list(wanted), list(wanted.values()))).fetchall()
        ends: dict[int, int] = dict(rows)
        following = {partition: end - wanted[partition] for partition, end in ends.items()}
        outbox = []
        for command in commands:
            following[command.partition] += 1
            numbered = Command(following[command.partition], command.type, command.at, command.data)
            outbox.append((sandbox_id, command.partition, numbered.sequence, _as_sent(numbered), numbered.row_count))
        copy_rows(self._transaction, "outbox", ("sandbox_id", "partition", "sequence", "command", "row_count"), outbox)
        return ends

    def file(self, filed: Sequence[Filed], commands: Sequence[NewCommand]) -> None:
        """See `DoorUnit.file`."""
        if len(filed) <= FEW_FILED:
            file_few(self._transaction, filed, commands)
            return
        sandbox_id = filed[0].sandbox_id
        copy_filed(self._transaction, filed)
        self.append(sandbox_id, commands)
        self._transaction.execute(
            "UPDATE sandbox SET last_number = %s WHERE sandbox_id = %s", (filed[-1].number, sandbox_id)
        )

    def check_registers(
        self, sandbox: Sandbox, submissions: Sequence[Submission], now: datetime
    ) -> Sequence[RegisterFinding]:
        """See `DoorUnit.check_registers`."""
        if self._registers is None:
            return [RegisterFinding()] * len(submissions)
        return self._registers.check(self._transaction, sandbox, submissions, now)

    def calendar_overrides(self, sandbox_id: str) -> list[CalendarOverride]:
        """See `DoorUnit.calendar_overrides`."""
        rows = self._transaction.execute(
            "SELECT day, is_working, name, decision_number FROM calendar_override WHERE sandbox_id = %s"
            " ORDER BY number",
            (sandbox_id,),
        )
        return [CalendarOverride(*row) for row in rows]

    def add_calendar_override(self, decided: DecidedOverride) -> int:
        """See `DoorUnit.add_calendar_override`."""
        override = decided.override
        row = self._transaction.execute(
            "INSERT INTO calendar_override (sandbox_id, number, day, is_working, name, decision_number, decided_at,"
            " recorded_at, sequences) SELECT %s, coalesce(max(number), 0) + 1, %s, %s, %s, %s, %s, %s, %s"
            " FROM calendar_override WHERE sandbox_id = %s RETURNING number",
            (
                decided.sandbox_id,
                override.day,
                override.is_working,
                override.name,
                override.decision_number,
                decided.decided_at,
                decided.recorded_at,
                Jsonb({str(partition): sequence for partition, sequence in decided.sequences.items()}),
                decided.sandbox_id,
            ),
        ).fetchone()
        assert row is not None  # an aggregate gives one row
        return int(row[0])

    def waiting_files(self, sandbox_id: str) -> WaitingFiles:
        """See `DoorUnit.waiting_files`."""
        return sql_attachments.waiting_files(self._transaction, sandbox_id)

    def add_attachment(self, attachment: Attachment, content: bytes) -> None:
        """See `DoorUnit.add_attachment`."""
        sql_attachments.add(self._transaction, attachment, content)

    def lock_free_attachments(self, sandbox_id: str, attachment_ids: Sequence[str]) -> Mapping[str, int]:
        """See `DoorUnit.lock_free_attachments`."""
        return sql_attachments.lock_free(self._transaction, sandbox_id, attachment_ids)

    def lock_dossier_files(self, sandbox_id: str, number: int) -> DossierFiles:
        """See `DoorUnit.lock_dossier_files`."""
        return sql_attachments.lock_dossier_files(self._transaction, sandbox_id, number)

    def attach(self, sandbox_id: str, files: Sequence[AttachedFile]) -> None:
        """See `DoorUnit.attach`."""
        sql_attachments.attach(self._transaction, sandbox_id, files)

    def add_requested_actions(self, sandbox_id: str, actions: Iterable[RequestedAction]) -> None:
        """See `DoorUnit.add_requested_actions`."""
        rows = [(action.command_id, action.number, str(action.action)) for action in actions]
        if rows:
            self._transaction.execute(
                "INSERT INTO requested_action (sandbox_id, command_id, number, action, requested_at)"
                " SELECT %s, u.*, clock_timestamp() FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS u",
                (sandbox_id, *map(list, zip(*rows, strict=True))),
            )


def _as_sent(command: Command) -> str:
    """What the relay sends, encoded once."""
    return orjson.dumps(command.to_wire()).decode()


def sandbox_from_row(row: Sequence[Any]) -> Sandbox:
    """A row of `SANDBOX_COLUMNS`."""
    (sandbox_id, name, seed, partition_count, officer, mode, real_at, virtual_at, speed, *rest) = row
    last_number, created_at, unknown_declarations, is_staffed, expected_dossiers = rest
    return Sandbox(
        sandbox_id=sandbox_id,
        name=name,
        seed=seed,
        partition_count=partition_count,
        officer=OfficerKind(officer),
        clock=ClockSetting(ClockMode(mode), real_at, virtual_at, speed),
        last_number=last_number,
        created_at=created_at,
        unknown_declarations=UnknownDeclarations(unknown_declarations),
        is_staffed=is_staffed,
        expected_dossiers=expected_dossiers,
    )
