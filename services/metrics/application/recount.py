"""The recount: counts the ledger once more and compares. It proves that the tables hold what the ledger says.

It may run while the counter goes on: it takes positions and tables in one moment first, and counts the ledger exactly
up to those positions. It repairs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from services.contracts.facts import FactBatch, FactBlock, FactColumns
from services.metrics.application.ports import CountReader, LedgerReplay
from services.metrics.domain.counting import count
from services.metrics.domain.counts import Counts, Difference, differences
from services.metrics.domain.sifting import sift
from services.runtime.errors import ProblemError

#: Differences that an answer names at most; it says how many there are.
DIFFERENCES_NAMED_AT_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class RecountResult:
    """What came of it.

    Attributes:
        fact_count: Facts counted.
        positions: Up to which ledger position each partition was compared.
        differences: With the partition of each; at most `DIFFERENCES_NAMED_AT_MOST` of them.
        difference_count: How many there are.
    """

    fact_count: int
    positions: Mapping[int, int]
    differences: tuple[tuple[int, Difference], ...]
    difference_count: int

    @property
    def is_equal(self) -> bool:
        """Whether tables and ledger say the same."""
        return self.difference_count == 0


class LedgerCount:
    """Counts replayed batches up to given positions; drops what comes twice and what comes after."""

    def __init__(self, wanted: Mapping[int, int]) -> None:
        self._wanted = wanted
        self.positions = dict.fromkeys(wanted, 0)
        self.counts = {partition: Counts() for partition in wanted}

    @property
    def is_complete(self) -> bool:
        """Whether every partition has been counted as far as wanted."""
        return self.positions == self._wanted

    def take(self, batch: FactBatch) -> bool:
        """Count a batch; returns whether that was all."""
        wanted = self._wanted.get(batch.partition)
        if wanted is None:
            return self.is_complete
        position, block = self.positions[batch.partition], batch.block
        if block is None or not block.first <= position + 1 <= min(block.last, wanted):
            return self.is_complete
        news = _until(block.after(position), wanted)
        counts = self.counts[batch.partition]
        counts.apply(count(sift([news]), counts.open))
        self.positions[batch.partition] = news.last
        return self.is_complete


def _until(block: FactBlock, position: int) -> FactBlock:
    """The part up to a position; there is one."""
    kept = position + 1 - block.first
    if kept >= block.count:
        return block
    rest: Any = (column[:kept] for column in block.facts)
    return FactBlock(block.first, block.dossiers, FactColumns(*rest))


def recount(counts: CountReader, ledger: LedgerReplay, sandbox_id: str) -> RecountResult:
    """Count a sandbox's ledger again and compare with the tables; blocks until done.

    Raises:
        ProblemError: `recount-timeout` when the ledger stops coming; ask again.
    """
    snapshot = counts.snapshot(sandbox_id)
    counted = LedgerCount({partition: position for partition, position in snapshot.positions.items() if position})
    if not counted.is_complete and not ledger.replay(sandbox_id, sorted(counted.positions), counted.take):
        raise ProblemError(
            "recount-timeout",
            503,
            "The ledger stopped coming before the recount was complete; processing may be away or busy.",
            headers={"Retry-After": "10"},
        )
    found = list(
        chain.from_iterable(
            (
                (partition, difference)
                for difference in differences(
                    tables=snapshot.counts.get(partition, Counts()), ledger=counted.counts.get(partition, Counts())
                )
            )
            for partition in sorted(snapshot.positions.keys() | snapshot.counts.keys())
        )
    )
    return RecountResult(
        fact_count=sum(counted.positions.values()),
        positions=snapshot.positions,
        differences=tuple(found[:DIFFERENCES_NAMED_AT_MOST]),
        difference_count=len(found),
    )
