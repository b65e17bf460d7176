"""The scaling law, as far as one machine shows it: the same workload by partitions and worker processes."""

from collections.abc import Callable, Iterable
from typing import Any

from tests.bench.quarter import quarter
from tests.bench.stacks import running, stack_in_bulk


def scaling(
    say: Callable[[str], None], fraction: float, *, partitions: Iterable[int], workers: Iterable[int]
) -> list[dict[str, Any]]:
    """A row for each number of partitions and workers, each on a stack of its own that knows nothing of the others."""
    rows: list[dict[str, Any]] = []
    for worker_count in workers:
        for partition_count in partitions:
            say(f"{partition_count} partitions, {worker_count} workers")
            with running(stack_in_bulk(workers=worker_count)) as stack:
                found = quarter(stack, say, fraction, partition_count)
            kept = ("partitions", "dossiers", "facts", "seconds", "dossiers_per_second", "cpu_us_sum",
                    "cpu_cores_used", "cpu_us_per_dossier", "memory_gib")  # fmt: skip
            rows.append({"workers": worker_count, **{name: found[name] for name in kept}})
    return rows
