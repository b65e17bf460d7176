"""The table beside a plot of the planner's pages."""

from collections.abc import Sequence
from typing import Final

from services.simulator.html_parts import Row, Speaker, Table, numbers_from

#: Rows that are shown without being asked for.
_SHOWN_ROWS: Final = 15


def figures_table(words: Speaker, title: str, columns: Sequence[str], rows: Sequence[Row], *, texts: int = 1) -> Table:
    """The figures of a plot; a long one is folded.

    Args:
        words: The page's.
        title: Of the plot.
        columns: Their headings.
        rows: All of them, a total among them.
        texts: So many columns have texts; the others numbers.
    """
    caption = words.say("in-numbers", title=title)
    numbers = numbers_from(texts, columns)
    return Table(caption, tuple(columns), tuple(rows), numbers, is_folded=len(rows) > _SHOWN_ROWS)
