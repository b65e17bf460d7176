"""The geometry of a bar chart: one stacked bar a row, widths in percent so that it fits any screen.

Text keeps its size on narrow screens because nothing is scaled; labels are broken into lines here, since SVG doesn't.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

#: Bars in one chart at most; the table has the rest.
MAX_BARS: Final = 12

#: Pixels.
_LINE_HEIGHT: Final = 20
_BAR_HEIGHT: Final = 22
_GAP: Final = 18

#: Characters in a line of a label, narrow enough for a phone.
_LABEL_WIDTH: Final = 42
_LABEL_LINES: Final = 2

#: Share of the width that bars may take; the rest is for the number at their end, on a phone, too.
_BAR_SHARE: Final = 66.0


class Resolved(Protocol):
    """What a bar is made from: a name, and how what was resolved kept its deadline."""

    @property
    def name(self) -> str:
        """What the bar is called."""
        ...

    @property
    def early(self) -> int:
        """Before the due day."""
        ...

    @property
    def on_time(self) -> int:
        """On it."""
        ...

    @property
    def overdue(self) -> int:
        """After it."""
        ...

    @property
    def numerator(self) -> int:
        """In time."""
        ...

    @property
    def denominator(self) -> int:
        """Resolved, with a time limit."""
        ...

    @property
    def ratio(self) -> float | None:
        """In time, of those resolved."""
        ...


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar."""

    kind: str  #: `early`, `on-time` or `overdue`: the style and the legend
    x: float  #: percent
    width: float  #: percent


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of the chart; all `y` in pixels from the top."""

    row: Resolved
    label_lines: Sequence[str]
    label_y: int
    bar_y: int
    segments: Sequence[Segment]
    end_x: float  #: percent: where the bar ends and its number begins


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of resolved dossiers by how they kept their deadline."""

    bars: Sequence[Bar]
    height: int
    bar_height: int
    line_height: int
    left_out: int  #: rows that have no bar


def on_time_chart(rows: Sequence[Resolved]) -> Chart | None:
    """The largest rows in order of size; None when nothing with a time limit has been resolved."""
    drawn = sorted((row for row in rows if row.denominator), key=lambda row: -row.denominator)
    if not drawn:
        return None
    largest = drawn[0].denominator
    bars, y = [], 0
    for row in drawn[:MAX_BARS]:
        bar = _bar(row, largest, y)
        bars.append(bar)
        y = bar.bar_y + _BAR_HEIGHT + _GAP
    return Chart(bars, y - _GAP + 2, _BAR_HEIGHT, _LINE_HEIGHT, len(drawn) - len(bars))


def _bar(row: Resolved, largest: int, top: int) -> Bar:
    lines = textwrap.wrap(row.name, _LABEL_WIDTH, max_lines=_LABEL_LINES, placeholder=" …")
    segments, x = [], 0.0
    for kind, count in (("early", row.early), ("on-time", row.on_time), ("overdue", row.overdue)):
        width = round(count / largest * _BAR_SHARE, 3)
        if count:
            segments.append(Segment(kind, round(x, 3), width))
        x += width
    bar_y = top + len(lines) * _LINE_HEIGHT
    return Bar(row, lines, top + 15, bar_y, segments, round(x, 3))
