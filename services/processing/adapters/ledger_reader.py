"""The ledger, read for those who publish it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from services.casework.fact_log import MOST_FACTS
from services.contracts.commands import REPLAY_PARTITIONS, PartitionKey, replay_share
from services.contracts.facts import EncodedBatch
from services.processing.adapters.ledger_blocks import KeptBlock, travelling
from services.runtime.database import Database, Transaction

#: One publisher at a time; a second relay waits as a spare.
_PUBLISHER_LOCK: Final = 0x6D6F7463

_SELECT_UNPUBLISHED: Final = """
    SELECT sandbox_id, partition, published_position, head_position, command_sequence FROM publication
    WHERE head_position > published_position OR command_sequence > published_sequence
    ORDER BY changed_at LIMIT 256
"""

# Index: primary key of the ledger; each wanted range is read once, in order. No block is longer than `MOST_FACTS`, so
# one that begins in the range ends before that; the index knows ends only.
_SELECT_RANGES: Final = """
    SELECT l.sandbox_id, l.partition, l.first_position, l.last_position, l.block
    FROM unnest(%s::text[], %s::smallint[], %s::bigint[], %s::bigint[]) AS w(sandbox_id, partition, after, upto)
    JOIN ledger AS l ON l.sandbox_id = w.sandbox_id AND l.partition = w.partition
        AND l.last_position > w.after AND l.last_position < w.upto + %s AND l.first_position <= w.upto
    ORDER BY l.sandbox_id, l.partition, l.last_position
"""

_SELECT_HEADS: Final = """
    SELECT sandbox_id, partition, published_position, command_sequence, head_position FROM publication {condition}
    ORDER BY sandbox_id, partition
"""

# By the clock that wrote it; not as `clock_timestamp()`, which goes on while the statement runs and so can't be looked
# up. Index ix_publication__changed_at.
SELECT_RECENT_HEADS: Final = _SELECT_HEADS.format(condition="WHERE changed_at >= statement_timestamp() - %s")

_MARK_PUBLISHED: Final = """
    UPDATE publication AS p SET published_position = u.position, published_sequence = u.sequence
    FROM unnest(%s::text[], %s::smallint[], %s::bigint[], %s::bigint[]) AS u(sandbox_id, partition, position, sequence)
    WHERE p.sandbox_id = u.sandbox_id AND p.partition = u.partition
"""


class SqlLedgerReader:
    """`LedgerReader` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def unpublished(self, limit: int) -> Iterator[Sequence[EncodedBatch]]:
        """See `LedgerReader.unpublished`."""
        with self._database.transaction() as transaction:
            if not _is_publisher(transaction):
                yield ()
                return
            waiting = transaction.execute(_SELECT_UNPUBLISHED).fetchall()
            ranges, acks = _share_out(waiting, limit)
            batches = _read_batches(transaction, ranges, acks)
            yield batches
            if batches:
                published = {batch[:2]: (batch.head, batch.ack) for batch in batches}  # the last one of each partition
                rows = [(*key, head, ack) for key, (head, ack) in published.items()]
                transaction.execute(_MARK_PUBLISHED, list(map(list, zip(*rows, strict=True))))

    def heads(self, changed_within: timedelta | None) -> Sequence[EncodedBatch]:
        """See `LedgerReader.heads`."""
        with self._database.transaction() as transaction:
            if changed_within is None:
                rows = transaction.execute(_SELECT_HEADS.format(condition="")).fetchall()
            else:
                rows = transaction.execute(SELECT_RECENT_HEADS, (changed_within,)).fetchall()
        return [
            EncodedBatch(sandbox_id, partition, published, ack if published == head else 0)
            for sandbox_id, partition, published, ack, head in rows
        ]

    def after(self, positions: Mapping[PartitionKey, int], limit: int) -> Sequence[EncodedBatch]:
        """See `LedgerReader.after`."""
        served = dict(islice(positions.items(), REPLAY_PARTITIONS))
        share = replay_share(limit, len(served))
        with self._database.transaction() as transaction:
            rows = transaction.execute(
                "SELECT p.sandbox_id, p.partition, p.head_position, p.command_sequence FROM publication AS p"
                " JOIN unnest(%s::text[], %s::smallint[]) AS w(sandbox_id, partition) USING (sandbox_id, partition)",
                ([key[0] for key in served], [key[1] for key in served]),
            ).fetchall()
            acks = {(sandbox_id, partition): (head, ack) for sandbox_id, partition, head, ack in rows}
            ranges = {key: (at, min(acks[key][0], at + share)) for key, at in served.items() if key in acks}
            return _read_batches(transaction, ranges, acks)


def _is_publisher(transaction: Transaction) -> bool:
    row = transaction.execute("SELECT pg_try_advisory_xact_lock(%s)", (_PUBLISHER_LOCK,)).fetchone()
    return bool(row and row[0])


def _share_out(
    waiting: Sequence[tuple[Any, ...]], limit: int
) -> tuple[dict[PartitionKey, tuple[int, int]], dict[PartitionKey, tuple[int, int]]]:
    """Which positions to read of each partition, `limit` in all; and (head, last command) of each."""
    ranges: dict[PartitionKey, tuple[int, int]] = {}
    acks: dict[PartitionKey, tuple[int, int]] = {}
    for sandbox_id, partition, published, head, sequence in waiting:
        upto = min(head, published + limit)
        ranges[sandbox_id, partition] = (published, upto)
        acks[sandbox_id, partition] = (head, sequence)
        limit -= upto - published
        if limit <= 0:
            break
    return ranges, acks


def _read_batches(
    transaction: Transaction,
    ranges: Mapping[PartitionKey, tuple[int, int]],
    acks: Mapping[PartitionKey, tuple[int, int]],
) -> list[EncodedBatch]:
    """What begins in the ranges, block by block; a partition without new facts gets one batch without any.

    A batch's `head` is the last position it brings, unless it brings the ledger's last: so an acknowledgement travels
    only with the facts that came before it.
    """
    if not ranges:
        return []
    rows = transaction.execute(
        _SELECT_RANGES,
        (
            [key[0] for key in ranges],
            [key[1] for key in ranges],
            [after for after, _ in ranges.values()],
            [upto for _, upto in ranges.values()],
            MOST_FACTS,
        ),
        binary=True,  # blocks come as they are, not as hexadecimal digits
    ).fetchall()
    kept: dict[PartitionKey, list[KeptBlock]] = {key: [] for key in ranges}
    for sandbox_id, partition, *row in rows:
        kept[sandbox_id, partition].append(KeptBlock(*row))
    batches: list[EncodedBatch] = []
    for key, (head, ack) in ((key, acks[key]) for key in ranges):
        if not kept[key]:
            batches.append(EncodedBatch(*key, head, ack))
        batches.extend(
            EncodedBatch(*key, block.last, ack if block.last == head else 0, block.payload)
            for block in travelling(kept[key])
        )
    return batches
