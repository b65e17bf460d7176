"""What a page is put together from that is one file: the report of a run, and the planner's.

It says everything in both languages, has nothing to be fetched and no scripts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.simulator.html_messages import MESSAGES
from services.simulator.words import Words

_TEMPLATES: Final = Path(__file__).parent / "templates"

LANGUAGES: Final = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Speaker(Words):
    """Says everything in one language.

    Attributes:
        messages: What there is to say, by key: in Vietnamese and in English.
    """

    messages: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MESSAGES)

    def say(self, key: str, /, **values: object) -> str:
        """The sentence."""
        vietnamese, english = self.messages[key]
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


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is seen first."""

    value: str
    label: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page in one language."""

    language: str
    language_name: str
    choose_language: str
    title: str
    warning: str
    about: tuple[str, ...]
    figures: tuple[Figure, ...]
    contents: str
    sections: tuple[Section, ...]
    footer: str


def framed(
    words: Speaker,
    *,
    title: str,
    about: tuple[str, ...],
    figures: tuple[Figure, ...],
    sections: Iterable[Section],
    made_at: str,
) -> Page:
    """A page with what every page says.

    Args:
        words: What it says in the language, `html_messages.FRAME_MESSAGES` among it.
        title: Its heading.
        about: What it rests on.
        figures: What is seen first.
        sections: What follows, in order.
        made_at: When what it shows was made, RFC 3339.
    """
    return Page(
        language=words.language,
        language_name=words.say("language"),
        choose_language=words.say("choose-language"),
        title=title,
        warning=words.say("mock"),
        about=about,
        figures=figures,
        contents=words.say("contents"),
        sections=tuple(sections),
        footer=words.say("made", on=words.day(datetime.fromisoformat(made_at).date())),
    )


def rendered(pages: Sequence[Page]) -> str:
    """The file: one language after the other, of which the first is shown at first."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    css = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    return environment.get_template("report.html.jinja").render(pages=pages, css=css) + "\n"


def languages_from(first: str) -> list[str]:
    """All languages, this one first."""
    return sorted(LANGUAGES, key=lambda one: one != first)


def numbers_from(first: int, columns: Sequence[str]) -> frozenset[int]:
    """Places of all columns from one on: those with figures."""
    return frozenset(range(first, len(columns)))
