"""The counter's side of the streams: facts become changes, changes and positions are written in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from services.contracts.commands import PartitionKey
from services.metrics.adapters import tables
from services.metrics.domain.counting import Changes, count
from services.metrics.domain.sifting import Subject, sift
from services.runtime.database import Transaction
from services.runtime.streams import FactSlice

log = structlog.get_logger()

#: Subjects remembered, about 200 bytes each; whoever files comes again, and needn't be inserted again to no effect.
SUBJECTS_REMEMBERED: Final = 100_000


class CountingConsumer:
    """A `FactConsumer` that counts."""

    def __init__(self) -> None:
        self._subjects = _KnownSubjects()
        #: Facts that the last call of `apply` has counted.
        self.last_fact_count = 0

    def load_positions(self, transaction: Transaction, keys: Sequence[PartitionKey]) -> Mapping[PartitionKey, int]:
        """Where the counts stand; locked, so that each fact is counted once whoever else is counting."""
        positions = tables.lock_positions(transaction, keys)
        self._subjects.believe(positions)
        return positions

    def apply(self, transaction: Transaction, slices: Sequence[FactSlice]) -> None:
        """Count the blocks; a slice that only acknowledges commands is none of our business."""
        news = {(part.sandbox_id, part.partition): part for part in slices if part.blocks}
        self.last_fact_count = sum(block.count for part in news.values() for block in part.blocks)
        if not news:
            return
        parts = {key: sift(part.blocks) for key, part in news.items()}
        known = tables.take_standings(transaction, parts)
        changes = {key: count(part, known[key]) for key, part in parts.items()}
        self._subjects.leave_out(changes, {key: part.position for key, part in news.items()})
        tables.write_counts(transaction, changes)
        tables.move_positions(transaction, {key: part.position for key, part in news.items()})
        log.debug("facts_counted", facts=self.last_fact_count, partitions=len(news))


class _KnownSubjects:
    """Subjects that are in the table for certain.

    What a transaction inserts is believed only when the partition is seen to stand where that transaction has moved it,
    or further: then it was committed, or somebody else has counted the same facts. Nothing ever deletes a subject.
    """

    def __init__(self) -> None:
        self._known: dict[PartitionKey, set[Subject]] = {}
        self._written: dict[PartitionKey, tuple[int, set[Subject]]] = {}
        self._count = 0  #: of both

    def believe(self, positions: Mapping[PartitionKey, int]) -> None:
        """Take over what was written to these partitions, if it was committed."""
        for key, stands_at in positions.items():
            position, subjects = self._written.pop(key, (0, set()))
            if stands_at >= position:
                self._known.setdefault(key, set()).update(subjects)
            else:
                self._count -= len(subjects)

    def leave_out(self, changes: Mapping[PartitionKey, Changes], positions: Mapping[PartitionKey, int]) -> None:
        """Leave those out of the changes that are there already; the others are about to be written."""
        if self._count > SUBJECTS_REMEMBERED:
            self._known, self._written, self._count = {}, {}, 0
        for key, part in changes.items():
            part.subjects -= self._known.get(key, set())
            self._written[key] = positions[key], part.subjects
            self._count += len(part.subjects)
