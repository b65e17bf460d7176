"""What the report's page is put together from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from services.simulator.html_messages import MESSAGES
from services.simulator.words import Words


class Speaker(Words):
    """Says everything in one language."""

    __slots__ = ()

    def say(self, key: str, /, **values: object) -> str:
        """The sentence."""
        vietnamese, english = MESSAGES[key]
        return (vietnamese if self.is_vietnamese else english).format(**values)

    def optional(self, value: float | None) -> str:
        """A number with one decimal; a dash for none."""
        return "–" if value is None else self.decimal(value)


@dataclass(frozen=True, slots=True)
class LegendItem:
    """What a colour stands for."""

    label: str
    color: str
    is_line: bool = False
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing.

    Attributes:
        says: What there is to see, for those who can't.
        svg: Made by `plots`, which escapes what it is given.
    """

    title: str
    says: str
    svg: Markup
    legend: tuple[LegendItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        cells: The first is the row's heading.
        language: Of the heading, when it isn't the page's.
        language_of: Likewise of other cells, by their place.
        shades: A class for each cell but the first; empty: none.
    """

    cells: tuple[str, ...]
    is_total: bool = False
    language: str | None = None
    language_of: Mapping[int, str] = field(default_factory=dict)
    shades: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        numeric: Places of the columns of figures.
        is_folded: Opened by whoever wants it.
        is_map: Shaded by its figures, narrow.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    numeric: frozenset[int] = frozenset()
    is_folded: bool = False
    is_map: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under a heading."""

    id: str
    title: str
    lead: str = ""
    plots: tuple[Plot, ...] = ()
    tables: tuple[Table, ...] = ()


def numbers_from(first: int, columns: Sequence[str]) -> frozenset[int]:
    """Places of all columns from one on: those with figures."""
    return frozenset(range(first, len(columns)))
