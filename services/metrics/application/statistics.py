"""Answers to "how many, and how many in time": turns sums into totals, ratios and what can't be said.

Reads through `CountReader`; doesn't know SQL or HTTP. What a selection can't be asked for is `None`, never a number
that means something else: open dossiers of a period (they are open now, whenever they came), subjects of an office.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.metrics.application.ports import CountReader, Dimension, GroupKey, OpenCount, Selection
from services.metrics.domain.counting import MEASURE_NAMES, Measure, Tally


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share, with what it was made of."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """0 to 1; `None` when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Row:
    """The counts of one group, or of all.

    Attributes:
        key: Values of the dimensions asked for, in that order; empty for the total.
        open: `None` when a period was given or rows are days: open dossiers belong to no day.
        awaiting_receipt: Filed, and neither received, refused nor closed; `None` likewise.
    """

    key: GroupKey
    tally: Tally
    open: OpenCount | None
    awaiting_receipt: int | None

    @property
    def resolved_total(self) -> int:
        """Resolved after receipt, in whatever time."""
        return self._in_time + self.tally[Measure.RESOLVED_OVERDUE] + self.tally[Measure.RESOLVED_WITHOUT_LIMIT]

    @property
    def on_time_of_resolved(self) -> Ratio:
        """Early and on time, of those resolved that had a limit."""
        return Ratio(self._in_time, self._in_time + self.tally[Measure.RESOLVED_OVERDUE])

    @property
    def on_time_of_received(self) -> Ratio:
        """Early and on time, of those received (Decree 61/2018/NĐ-CP Article 30)."""
        return Ratio(self._in_time, self.tally[Measure.RECEIVED])

    @property
    def _in_time(self) -> int:
        return self.tally[Measure.RESOLVED_EARLY] + self.tally[Measure.RESOLVED_ON_TIME]


@dataclass(frozen=True, slots=True)
class Statistics:
    """The answer.

    Attributes:
        rows: One a group in which something was counted or is open, in the order of their keys.
        total: All groups together.
        subjects: Distinct subjects that have filed, by kind of applicant; `None` when the selection is narrower than
            what subjects are known by.
        positions: Up to which ledger position each partition is counted.
    """

    group_by: tuple[Dimension, ...]
    rows: tuple[Row, ...]
    total: Row
    subjects: Mapping[str, int] | None
    positions: Mapping[int, int]


def ask_statistics(counts: CountReader, selection: Selection, group_by: Sequence[Dimension]) -> Statistics:
    """Answer a question about a sandbox's counts; all numbers are of one moment."""
    open_by = None if selection.has_period else () if Dimension.DAY in group_by else group_by
    figures = counts.figures(selection, group_by, open_by=open_by, with_subjects=not selection.narrows_subjects)
    rows_have_open = open_by is not None and len(open_by) == len(group_by)
    keys = sorted(figures.tallies.keys() | (figures.open.keys() if rows_have_open else set()))
    return Statistics(
        group_by=tuple(group_by),
        rows=tuple(
            _row(key, [figures.tallies.get(key, _NOTHING)], [figures.open.get(key, OpenCount())], rows_have_open)
            for key in (keys if group_by else ())
        ),
        total=_row((), figures.tallies.values(), figures.open.values(), open_by is not None),
        subjects=figures.subjects,
        positions=figures.positions,
    )


_NOTHING: Tally = [0] * len(MEASURE_NAMES)


def _row(key: GroupKey, tallies: Iterable[Tally], open_counts: Iterable[OpenCount], with_open: bool) -> Row:
    tally = [sum(column) for column in zip(_NOTHING, *tallies, strict=True)]
    if not with_open:
        return Row(key, tally, None, None)
    settled = tally[Measure.RECEIVED] + tally[Measure.REFUSED_AT_INTAKE] + tally[Measure.CLOSED_BEFORE_RECEIPT]
    in_open = OpenCount(*(sum(column) for column in zip(OpenCount(), *open_counts, strict=True)))
    return Row(key, tally, in_open, tally[Measure.FILED] - settled)
