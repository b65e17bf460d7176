"""The ledger, read for those who publish it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from services.contracts.commands import REPLAY_PARTITIONS, PartitionKey, replay_share
from services.contracts.facts import Fact, FactBatch
from services.runtime.database import Database, Transaction

#: Facts in one stream entry at most.
FACTS_PER_BATCH: Final = 1000

#: One publisher at a time; a second relay waits as a spare.
_PUBLISHER_LOCK: Final = 0x6D6F7463

_FACT_COLUMNS: Final = ", ".join(f"l.{name}" for name in Fact._fields)

_SELECT_UNPUBLISHED: Final = """
    SELECT sandbox_id, partition, published_position, head_position, command_sequence FROM publication
    WHERE head_position > published_position OR command_sequence > published_sequence
    ORDER BY changed_at LIMIT 256
"""

# Index: primary key of the ledger; each wanted range is read once, in order.
_SELECT_RANGES: Final = f"""
    SELECT l.sandbox_id, l.partition, {_FACT_COLUMNS}
    FROM unnest(%s::text[], %s::smallint[], %s::bigint[], %s::bigint[]) AS w(sandbox_id, partition, after, upto)
    JOIN ledger AS l ON l.sandbox_id = w.sandbox_id AND l.partition = w.partition
        AND l.position > w.after AND l.position <= w.upto
    ORDER BY l.sandbox_id, l.partition, l.position
"""  # noqa: S608 - column names of a constant

_SELECT_HEADS: Final = """
    SELECT sandbox_id, partition, published_position, command_sequence, head_position FROM publication {condition}
    ORDER BY sandbox_id, partition
"""

# By the clock that wrote it; index ix_publication__changed_at.
_IS_RECENT: Final = "WHERE changed_at >= clock_timestamp() - %s"

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
    def unpublished(self, limit: int) -> Iterator[Sequence[FactBatch]]:
        """See `LedgerReader.unpublished`."""
        with self._database.transaction() as transaction:
            if not _is_publisher(transaction):
                yield ()
                return
            waiting = transaction.execute(_SELECT_UNPUBLISHED).fetchall()
            ranges, acks = _share_out(waiting, limit)
            batches = _read_batches(transaction, ranges, acks)
            yield batches
            if ranges:
                published = [
                    (*key, upto, ack if upto == head else 0)
                    for key, (_, upto) in ranges.items()
                    for head, ack in (acks[key],)
                ]
                transaction.execute(_MARK_PUBLISHED, list(map(list, zip(*published, strict=True))))

    def heads(self, changed_within: timedelta | None) -> Sequence[FactBatch]:
        """See `LedgerReader.heads`."""
        with self._database.transaction() as transaction:
            if changed_within is None:
                rows = transaction.execute(_SELECT_HEADS.format(condition="")).fetchall()
            else:
                rows = transaction.execute(_SELECT_HEADS.format(condition=_IS_RECENT), (changed_within,)).fetchall()
        return [
            FactBatch(sandbox_id=sandbox_id, partition=partition, head=published, ack=ack if published == head else 0)
            for sandbox_id, partition, published, ack, head in rows
        ]

    def after(self, positions: Mapping[PartitionKey, int], limit: int) -> Sequence[FactBatch]:
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
            ranges = {key: (served[key], min(head, served[key] + share)) for key, (head, _) in acks.items()}
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
) -> list[FactBatch]:
    """Facts of the ranges in batches of `FACTS_PER_BATCH`; a partition without new facts gets one batch without any.

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
        ),
    ).fetchall()
    facts: dict[PartitionKey, list[Fact]] = {key: [] for key in ranges}
    for sandbox_id, partition, *values in rows:
        facts[sandbox_id, partition].append(Fact(*values))
    batches: list[FactBatch] = []
    for key, (head, ack) in ((key, acks[key]) for key in ranges):
        for start in range(0, max(len(facts[key]), 1), FACTS_PER_BATCH):
            part = tuple(facts[key][start : start + FACTS_PER_BATCH])
            last = part[-1].position if part else head
            batches.append(FactBatch(*key, head=last, ack=ack if last == head else 0, facts=part))
    return batches
