"""The outbox, read by the relay."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from orjson import Fragment

from services.contracts.commands import PartitionKey
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

_SELECT_HEADS: Final = """
    SELECT sandbox_id, partition, min(sequence) FROM outbox
    WHERE sent_at <= %s - %s * interval '1 second' GROUP BY sandbox_id, partition
"""

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


@dataclass(slots=True)
class WaitingCommands:
    """Commands of one partition, in sequence order without gaps between them, each as the JSON that is sent."""

    key: PartitionKey
    commands: list[str] = field(default_factory=list)
    weight: int = 0  #: dossiers and actions, and one for each command

    def to_wire(self) -> dict[str, Any]:
        """As `CommandBatch.to_wire`."""
        sandbox_id, partition = self.key
        return {"sandbox_id": sandbox_id, "partition": partition, "commands": list(map(Fragment, self.commands))}


class SqlOutbox:
    """Commands that processing hasn't acknowledged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def unsent(self, now: datetime, limit: int) -> Iterator[Sequence[WaitingCommands]]:
        """Commands never sent, by partition in order; marked as sent when the block ends well."""
        with self._take(_SELECT_UNSENT, {"limit": limit}, now) as batches:
            yield batches

    @contextmanager
    def unacknowledged(self, now: datetime, patience_seconds: float, limit: int) -> Iterator[Sequence[WaitingCommands]]:
        """Commands sent long ago; marked as sent again when the block ends well."""
        arguments: dict[str, object] = {"now": now, "patience_seconds": patience_seconds, "limit": limit}
        with self._take(_SELECT_UNACKNOWLEDGED, arguments, now) as batches:
            yield batches

    def heads(self, now: datetime, patience_seconds: float) -> Mapping[PartitionKey, int]:
        """The first command of each partition, where one was sent so long ago and isn't acknowledged."""
        with self._database.transaction() as transaction:
            rows = transaction.execute(_SELECT_HEADS, (now, patience_seconds)).fetchall()
        return {(sandbox_id, partition): sequence for sandbox_id, partition, sequence in rows}

    @contextmanager
    def _take(self, statement: str, arguments: dict[str, object], now: datetime) -> Iterator[Sequence[WaitingCommands]]:
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


def _batches(rows: Sequence[tuple[str, int, int, str, int]]) -> list[WaitingCommands]:
    batches: list[WaitingCommands] = []
    for sandbox_id, partition, _, command, count in rows:
        key = (sandbox_id, partition)
        if not batches or batches[-1].key != key or batches[-1].weight >= _ROWS_PER_BATCH:
            batches.append(WaitingCommands(key))
        batches[-1].commands.append(command)
        batches[-1].weight += count + 1
    return batches
