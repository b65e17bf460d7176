"""The outbox, read by the relay."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from services.contracts.commands import Command, CommandBatch
from services.runtime.database import Database

#: One relay sends at a time, so that a partition's commands leave in order; a second one waits as a spare.
_RELAY_LOCK: Final = 0x6D6F7470

#: Dossiers and actions taken at once, about: each is some hundred bytes in the database and ten times that in Python.
_ROWS_PER_TAKE: Final = 20_000

# After a relay was away thousands of commands may wait, of up to a thousand dossiers each. The sandboxes take
# turns: so whoever files a million dossiers keeps nobody waiting. What is taken of a partition is always what comes
# first in it. Only what is taken has its content read.
_SELECT: Final = """
    WITH waiting AS (
        SELECT sandbox_id, partition, sequence, row_count,
            row_number() OVER (PARTITION BY sandbox_id ORDER BY sequence, partition) AS turn
        FROM outbox WHERE {condition}
    ), first AS (
        SELECT *, sum(row_count) OVER (ORDER BY turn, sandbox_id) - row_count AS rows_before FROM (
            SELECT * FROM waiting ORDER BY turn, sandbox_id LIMIT %(limit)s
        ) AS limited
    )
    SELECT sandbox_id, partition, sequence, o.command, o.row_count
    FROM first JOIN outbox AS o USING (sandbox_id, partition, sequence)
    WHERE rows_before < %(rows)s ORDER BY sandbox_id, partition, sequence
"""

# Index ix_outbox__unsent.
_SELECT_UNSENT: Final = _SELECT.format(condition="sent_at IS NULL")

# What wasn't acknowledged in time: first after `patience`, then after twice, four times … as long.
_SELECT_UNACKNOWLEDGED: Final = _SELECT.format(
    condition="sent_at <= %(now)s - %(patience_seconds)s * interval '1 second' * power(2, least(attempts - 1, 4))"
)

# Counted no further than anyone cares for: a worker may be away for weeks, and the column is small.
_MARK_SENT: Final = """
    UPDATE outbox AS o SET sent_at = %s, attempts = least(attempts + 1, 100)
    FROM unnest(%s::text[], %s::smallint[], %s::bigint[]) AS u(sandbox_id, partition, sequence)
    WHERE o.sandbox_id = u.sandbox_id AND o.partition = u.partition AND o.sequence = u.sequence
"""


class SqlOutbox:
    """Commands that processing hasn't acknowledged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def unsent(self, now: datetime, limit: int) -> Iterator[Sequence[CommandBatch]]:
        """Commands never sent, by partition in order; marked as sent when the block ends well."""
        with self._take(_SELECT_UNSENT, {"limit": limit}, now) as batches:
            yield batches

    @contextmanager
    def unacknowledged(self, now: datetime, patience_seconds: float, limit: int) -> Iterator[Sequence[CommandBatch]]:
        """Commands sent long ago; marked as sent again when the block ends well."""
        arguments: dict[str, object] = {"now": now, "patience_seconds": patience_seconds, "limit": limit}
        with self._take(_SELECT_UNACKNOWLEDGED, arguments, now) as batches:
            yield batches

    @contextmanager
    def _take(self, statement: str, arguments: dict[str, object], now: datetime) -> Iterator[Sequence[CommandBatch]]:
        with self._database.transaction() as transaction:
            row = transaction.execute("SELECT pg_try_advisory_xact_lock(%s)", (_RELAY_LOCK,)).fetchone()
            is_relay = bool(row and row[0])
            rows = transaction.execute(statement, {**arguments, "rows": _ROWS_PER_TAKE}).fetchall() if is_relay else []
            yield _batches(rows)
            if rows:
                transaction.execute(
                    _MARK_SENT, (now, [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
                )


#: Dossiers in one batch: a partition's share of a message.
_ROWS_PER_BATCH: Final = 1000


def _batches(rows: Sequence[tuple[object, ...]]) -> list[CommandBatch]:
    batches: list[CommandBatch] = []
    commands: list[Command] = []
    key: tuple[object, object] | None = None
    row_count = 0

    def close() -> None:
        if key is not None and commands:
            batches.append(CommandBatch(str(key[0]), int(str(key[1])), tuple(commands)))
            commands.clear()

    for sandbox_id, partition, _, command, count in rows:
        if (sandbox_id, partition) != key or row_count >= _ROWS_PER_BATCH:
            close()
            key, row_count = (sandbox_id, partition), 0
        commands.append(Command.from_wire(command))  # type: ignore[arg-type]
        row_count += int(str(count)) + 1
    close()
    return batches
