"""The figures that a bench is about: what each must be, what it is, and how that is shown. Pure."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final

#: Dossiers of the second quarter of 2018, declarations included.
QUARTER_DOSSIERS: Final = 3_070_000

#: A reading at a time: seconds since the beginning, and something that only grows, or a level.
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Target:
    """What the issue asks of a figure.

    Attributes:
        name: Of the figure, as results have it.
        title: What it is, for people.
        must: What it has to reach.
        dream: What would be fine.
        unit: Written behind numbers.
        is_least: Whether more is better.
    """

    name: str
    title: str
    must: float
    dream: float
    unit: str = ""
    is_least: bool = True

    def is_reached(self, value: float, wanted: float) -> bool:
        """Whether a value is as good as what is wanted."""
        return value >= wanted if self.is_least else value <= wanted


#: The issue's table, in its order.
TARGETS: Final = (
    Target("dossiers_per_second", "dossiers a second, filed to result, projected and counted", 5000, 10_000, "/s"),
    Target("beside_messages", "beside the same steps as one Celery message each", 30, 60, "x"),
    Target("beside_floor", "beside the floor: validate, COPY, update, stream alone", 2.5, 1.6, "x", is_least=False),
    Target("last_tenth", "last tenth beside the first tenth", 0.9, 1.0, "x"),
    Target("memory_gib", "resident memory, all processes, at most", 4, 2, "GiB", is_least=False),
    Target("memory_growth", "memory that grows after the first tenth, of what there was", 0.05, 0.0, is_least=False),
    Target("disk_quarter_gb", "disk for a quarter", 6, 4, "GB", is_least=False),
    Target("filing_beside_bare", "single filings at 16 connections beside a bare Flask echo", 0.2, 0.35, "x"),
    Target("received_p95_ms", "filed to received by the robot at 50 filings/s, 95th percentile", 250, 100, "ms",
           is_least=False),
)  # fmt: skip


def percentile(values: Sequence[float], part: float) -> float:
    """The value below or at which this part of all values lies (nearest rank).

    Args:
        values: in any order; at least one.
        part: above 0, 1 at most.

    >>> percentile([4, 1, 3, 2], 0.5), percentile([4, 1, 3, 2], 0.95)
    (2, 4)
    """
    ordered = sorted(values)
    return ordered[max(math.ceil(part * len(ordered)), 1) - 1]


def rate_between(points: Sequence[Point], begin: float, end: float) -> float:
    """Units a second while a total grew from one part of its last value to another.

    Args:
        points: total by seconds, both growing; between two of them it is taken to grow evenly.
        begin: as a part of the last total, such as 0.05.
        end: likewise, above `begin`.
    """
    begun, ended = span_of(points, begin, end)
    return points[-1][1] * (end - begin) / (ended - begun)


def span_of(points: Sequence[Point], begin: float, end: float) -> tuple[float, float]:
    """From when to when a total grew from one part of its last value to another; as `rate_between` takes them."""
    total = points[-1][1]
    return _when(points, total * begin), _when(points, total * end)


def _when(points: Sequence[Point], total: float) -> float:
    place = bisect_left(points, total, key=lambda point: point[1])
    if place == 0:
        return points[0][0]
    (earlier, less), (later, more) = points[place - 1], points[place]
    return earlier + (later - earlier) * (total - less) / (more - less)


#: Parts of a run that are compared. Before the first, caches are cold and nothing of earlier days is due yet; after the
#: last, stragglers end on days when nobody files.
FIRST_TENTH: Final = (0.05, 0.15)
LAST_TENTH: Final = (0.89, 0.99)


def tenth_ratio(points: Sequence[Point]) -> float:
    """How fast the last tenth went beside the first: below 1 it has become slower."""
    return rate_between(points, *LAST_TENTH) / rate_between(points, *FIRST_TENTH)


def speed_ratio(yardstick: Sequence[Point], before: tuple[float, float], after: tuple[float, float]) -> float:
    """How fast the same work was done in one span of time beside another: below 1 the machine has given less.

    Args:
        yardstick: What it took, by when.
        before: From when to when.
        after: Likewise, what is set beside it.
    """
    return _mean_within(yardstick, before) / _mean_within(yardstick, after)


def _mean_within(levels: Sequence[Point], span: tuple[float, float]) -> float:
    """Of the readings in a span of time; where it is too short to have one, the one that is nearest."""
    since, until = span
    found = [level for at, level in levels if since <= at <= until]
    return fmean(found or [min(levels, key=lambda point: abs(point[0] - since))[1]])


def growth(levels: Sequence[Point]) -> float:
    """How much a level has grown after the first tenth of the time, as a part of what it was then.

    Compared are the means of the second tenth and of the last: single readings go up and down.
    """
    first, last = levels[0][0], levels[-1][0]
    tenth = (last - first) / 10
    early = [level for at, level in levels if first + tenth <= at <= first + 2 * tenth] or [levels[0][1]]
    late = [level for at, level in levels if at >= last - tenth]
    return fmean(late) / fmean(early) - 1


def per_dossier_us(seconds: Mapping[str, float], dossiers: int) -> dict[str, float]:
    """Seconds of processor time as microseconds a dossier, the largest first; what is next to nothing is left out."""
    rows = {name: value / dossiers * 1e6 for name, value in seconds.items()}
    return {name: round(us, 1) for name, us in sorted(rows.items(), key=lambda row: -row[1]) if us >= 0.05}


def verdict(target: Target, value: float | None) -> str:
    """In a word: `dream`, `must`, `MISSED`, or `-` when it wasn't measured."""
    if value is None:
        return "-"
    if target.is_reached(value, target.dream):
        return "dream"
    return "must" if target.is_reached(value, target.must) else "MISSED"


def target_table(values: Mapping[str, float]) -> str:
    """The issue's table with what was measured beside it; figures that weren't have a dash."""
    rows: list[tuple[str, ...]] = [("figure", "must", "dream", "measured", "")]
    for target in TARGETS:
        value = values.get(target.name)
        measured = "-" if value is None else _number(value, target.unit)
        rows.append((target.title, *(_number(wanted, target.unit) for wanted in (target.must, target.dream)), measured,
                     verdict(target, value)))  # fmt: skip
    return text_table(rows)


def text_table(rows: Sequence[Sequence[Any]]) -> str:
    """Rows in columns: the first one to the left, numbers to the right; the first row is the heading."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _number(value: float, unit: str) -> str:
    if abs(value) >= 1000:
        text = f"{value:,.0f}"
    elif abs(value) >= 100:
        text = f"{value:.0f}"
    else:
        text = f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{text} {unit}".rstrip()
