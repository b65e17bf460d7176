"""The recount: counts the ledger once more and compares. It proves that the tables hold what the ledger says.

It may run while the counter goes on: it takes positions and tables in one moment first, and counts the ledger exactly
up to those positions. It holds sums and what is open, never a ledger. It repairs nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.contracts.facts import FactBatch, FactBlock, FactColumns
from services.metrics.application.ports import CountReader, LedgerReplay
from services.metrics.domain.counting import count
from services.metrics.domain.counts import Counts, Difference, differences
from services.metrics.domain.sifting import sift
from services.runtime.errors import ProblemError

#: Facts whose counts are held at once, in the tables' words and in the ledger's: a quarter is recounted partition by
#: partition, each in a moment of its own, which nothing of another partition depends on.
FACTS_AT_ONCE: Final = 4_000_000

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
    recounting = _Recounting(counts, ledger, sandbox_id)
    known = counts.positions(sandbox_id)
    *groups, last = _groups(known) or [[]]
    for group in groups:
        recounting.compare(group, leave_out=known.keys() - group)
    # Whatever else there are counts of belongs to the last: there should be nothing.
    recounting.compare(None, leave_out=known.keys() - last)
    return recounting.result()


def _groups(positions: Mapping[int, int]) -> list[list[int]]:
    """Partitions that are counted together: no more than `FACTS_AT_ONCE`, but always one."""
    groups: list[list[int]] = []
    facts = 0
    for partition, position in sorted(positions.items()):
        if not groups or facts + position > FACTS_AT_ONCE:
            groups.append([])
            facts = 0
        groups[-1].append(partition)
        facts += position
    return groups


class _Recounting:
    """A recount, as far as it has come."""

    def __init__(self, counts: CountReader, ledger: LedgerReplay, sandbox_id: str) -> None:
        self._counts = counts
        self._ledger = ledger
        self._sandbox_id = sandbox_id
        self._fact_count = 0
        self._positions: dict[int, int] = {}
        self._found: list[tuple[int, Difference]] = []
        self._difference_count = 0

    def compare(self, group: Collection[int] | None, leave_out: Collection[int]) -> None:
        """Count these partitions again, or all but those left out."""
        snapshot = self._counts.snapshot(self._sandbox_id, leave_out=leave_out)
        known = snapshot.positions.keys() | snapshot.counts.keys()
        partitions = sorted(known if group is None else known & set(group))
        wanted = {name: snapshot.positions[name] for name in partitions if snapshot.positions.get(name)}
        counted = LedgerCount(wanted)
        if wanted and not self._ledger.replay(self._sandbox_id, sorted(wanted), counted.take):
            raise ProblemError(
                "recount-timeout",
                503,
                "The ledger stopped coming before the recount was complete; processing may be away or busy.",
                headers={"Retry-After": "10"},
            )
        self._fact_count += sum(wanted.values())
        self._positions |= {name: snapshot.positions.get(name, 0) for name in partitions}
        for partition in partitions:
            tables, again = snapshot.counts.get(partition, Counts()), counted.counts.get(partition, Counts())
            for difference in differences(tables=tables, ledger=again):
                self._difference_count += 1
                if len(self._found) < DIFFERENCES_NAMED_AT_MOST:
                    self._found.append((partition, difference))

    def result(self) -> RecountResult:
        """What came of it."""
        return RecountResult(self._fact_count, self._positions, tuple(self._found), self._difference_count)
