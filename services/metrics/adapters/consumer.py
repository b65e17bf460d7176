"""The counter's side of the streams: facts become changes, changes and positions are written in one transaction."""

from collections.abc import Mapping, Sequence

import structlog

from services.contracts.commands import PartitionKey
from services.metrics.adapters import tables
from services.metrics.domain.counting import count
from services.metrics.domain.sifting import sift
from services.runtime.database import Transaction
from services.runtime.streams import FactSlice

log = structlog.get_logger()


class CountingConsumer:
    """A `FactConsumer` that counts."""

    def load_positions(self, transaction: Transaction, keys: Sequence[PartitionKey]) -> Mapping[PartitionKey, int]:
        """Where the counts stand; locked, so that each fact is counted once whoever else is counting."""
        return tables.lock_positions(transaction, keys)

    def apply(self, transaction: Transaction, slices: Sequence[FactSlice]) -> None:
        """Count the blocks; a slice that only acknowledges commands is none of our business."""
        news = {(part.sandbox_id, part.partition): part for part in slices if part.blocks}
        if not news:
            return
        parts = {key: sift(part.blocks) for key, part in news.items()}
        known = tables.take_standings(transaction, parts)
        tables.write_counts(transaction, {key: count(part, known[key]) for key, part in parts.items()})
        tables.move_positions(transaction, {key: part.position for key, part in news.items()})
        facts = sum(block.count for part in news.values() for block in part.blocks)
        log.debug("facts_counted", facts=facts, partitions=len(news))
