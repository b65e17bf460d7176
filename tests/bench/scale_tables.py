"""Writes the tables of docs/explanation/scale.md from what the bench has measured.

    ./motcua bench quarter received --fraction 1 --json quarter.json
    ./motcua bench scaling --fraction 0.02 --json scaling.json
    PYTHONPATH=.:sdk .venv/bin/python -m tests.bench.scale_tables quarter.json scaling.json

A table stands between `<!-- bench: NAME -->` and `<!-- /bench -->`. What a file doesn't have leaves its table as it is.
"""

import argparse
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from services.launcher.folder import REPOSITORY

PAGE: Final = REPOSITORY / "docs" / "explanation" / "scale.md"

#: What is asked: a national portal for every ministry.
FOLD: Final = 100
QUARTER: Final = 3_070_000

#: Filings in the busiest hour of the second quarter of 2018, as the crowd draws it from the preset's shape.
BUSIEST_HOUR: Final = 8271

#: Processors are bought for twice of what is used in the busiest hour: queues grow without end on the way to the whole.
HEADROOM: Final = 2


def cost_table(measured: Mapping[str, Any]) -> str:
    """What a dossier takes of each process: in bulk, and filed singly while the clock runs."""
    bulk, single = measured["quarter"]["cpu_us_per_dossier"], measured["received"]["cpu_ms_per_filing"]
    names = sorted(bulk.keys() | single.keys(), key=lambda name: -bulk.get(name, 0))
    rows = [
        (_told(name), _us(bulk.get(name)), _carries(bulk.get(name)), _us(single.get(name, 0) * 1000))
        for name in names
        if name != "postgres for bench"
    ]
    together = ("**together**", _us(sum(bulk.values())), "", _us(sum(single.values()) * 1000))
    return markdown(("process", "in bulk, µs", "a processor carries, dossiers/s", "one by one, µs"), [*rows, together])


def hundredfold_table(measured: Mapping[str, Any]) -> str:
    """Processors that a hundredfold needs, in its busiest hour and for a quarter in ten minutes."""
    bulk, single = measured["quarter"]["cpu_us_per_dossier"], measured["received"]["cpu_ms_per_filing"]
    live, simulated = FOLD * BUSIEST_HOUR / 3600, FOLD * QUARTER / 614
    rows = [
        (_told(name), _cores(single.get(name, 0) / 1000 * live * HEADROOM), _cores(bulk.get(name, 0) / 1e6 * simulated))
        for name in sorted(bulk.keys() | single.keys(), key=lambda name: -single.get(name, 0))
        if name not in {"postgres for bench", "supervisor"}
    ]
    title = (f"busiest hour, {live:.0f}/s, twofold", f"a quarter in ten minutes, {simulated / 1000:.0f},000/s")
    together = ("**together**", _cores(sum(single.values()) / 1000 * live * HEADROOM),
                _cores(sum(bulk.values()) / 1e6 * simulated))  # fmt: skip
    return markdown(("processors for", *title), [*rows, together])


def room_table(measured: Mapping[str, Any]) -> str:
    """Disk and network of one quarter, measured, and of a hundredfold."""
    run = measured["quarter"]
    a_dossier = run["disk_bytes_per_dossier"]
    facts = run["facts"] / run["dossiers"]
    rows = [
        ("steps a dossier", f"{facts:.1f}", f"{facts:.1f}"),
        ("disk a dossier, write-ahead log apart", f"{a_dossier:,.0f} bytes", ""),
        ("disk a quarter", f"{a_dossier * QUARTER / 1e9:.1f} GB", f"{a_dossier * QUARTER * FOLD / 1e9:,.0f} GB"),
        ("disk a year", f"{a_dossier * QUARTER * 4 / 1e9:.0f} GB", f"{a_dossier * QUARTER * FOLD * 4 / 1e12:.1f} TB"),
        ("memory, all processes", f"{run['memory_gib']:.1f} GiB", "as many stacks as there are, and caches"),
    ]  # fmt: skip
    return markdown(("", "one quarter", f"{FOLD} times as much"), rows)


def scaling_table(measured: Mapping[str, Any]) -> str:
    """The same workload by partitions and workers."""
    rows = [
        (
            str(row["partitions"]),
            str(row["workers"]),
            f"{row['dossiers_per_second']:,.0f}",
            f"{row['cpu_cores_used']:.2f}",
            _us(row["cpu_us_sum"]),
            f"{row['memory_gib']:.2f}",
        )
        for row in measured["scaling"]
    ]
    return markdown(("partitions", "workers", "dossiers/s", "processors used", "µs a dossier", "GiB"), rows)


#: Tables by name, and what they are made of.
TABLES: Final[Mapping[str, tuple[Sequence[str], Callable[[Mapping[str, Any]], str]]]] = {
    "cost": (("quarter", "received"), cost_table),
    "hundredfold": (("quarter", "received"), hundredfold_table),
    "room": (("quarter",), room_table),
    "scaling": (("scaling",), scaling_table),
}


def markdown(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; the first column to the left, the others to the right."""
    rule = ["---", *("---:" for _ in heading[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heading, rule, *rows))


def with_tables(page: str, measured: Mapping[str, Any]) -> str:
    """The page with the tables that can be made; everything else as it is."""

    def table(found: re.Match[str]) -> str:
        needed, make = TABLES[found["name"]]
        if not all(part in measured for part in needed):
            return found[0]
        return f"<!-- bench: {found['name']} -->\n\n{make(measured)}\n\n<!-- /bench -->"

    return re.sub(r"<!-- bench: (?P<name>\w+) -->.*?<!-- /bench -->", table, page, flags=re.DOTALL)


def _told(name: str) -> str:
    """A backend of PostgreSQL that was gone before it had said for whom it was is everybody's."""
    return "postgres for new connections" if name == "postgres for " else name


def _us(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _carries(us: float | None) -> str:
    return f"{1e6 / us:,.0f}" if us else ""


def _cores(value: float) -> str:
    return f"{value:,.1f}"


def main() -> None:
    """Write them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="JSON", help="of `./motcua bench --json`")
    measured: dict[str, Any] = {}
    for file in parser.parse_args().files:
        measured |= json.loads(file.read_text(encoding="utf-8"))
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), measured), encoding="utf-8")


if __name__ == "__main__":
    main()
