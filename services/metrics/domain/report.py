"""The thirteen columns: from sums by day, the few ends and late days that rules contest, and what is open now.

Pure. What was open at any past day's end is what had come in by then less what had gone out; so a report of a past
period is exact without a row for each dossier. The same difference over all days must be what is open now, counted
dossier by dossier: where it isn't, there is no report.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from services.contracts.counting_rules import CountingRules, EarlyEnd, PeriodBy
from services.contracts.form06 import BrokenReportError, Columns, WithoutLimit
from services.metrics.domain.counting import EndKind
from services.metrics.domain.standing import view_of


class Window(IntEnum):
    """Where a day lies against the period."""

    BEFORE = 0
    WITHIN = 1
    AFTER = 2


class Sums(NamedTuple):
    """Tallies of one window, one channel."""

    filed: int = 0
    untaken: int = 0
    filed_without_limit: int = 0
    received: int = 0
    received_without_limit: int = 0
    resolved_early: int = 0
    resolved_on_time: int = 0
    resolved_overdue: int = 0
    resolved_without_limit: int = 0
    late_change: int = 0  #: in the view of the rules


class ContestedSum(NamedTuple):
    """How many ends are alike in everything that a rule looks at."""

    is_online: bool
    came_in: Window  #: when it was received or filed, as the rule asked for has it
    ended: Window
    is_limited: bool
    kind: int  #: an `EndKind`
    marks: str
    dossiers: int


class OpenSum(NamedTuple):
    """What is open now."""

    limited: int = 0
    without_limit: int = 0
    late: int = 0  #: at the period's end, in the view of the rules


@dataclass(slots=True)
class GroupFigures:
    """Everything that the tables say of one row of the report.

    Attributes:
        sums: By window and whether online.
        contested: Ends that rules count differently.
        late_rows: Late at the period's end, in the view of the rules, and withdrawn or stopped later.
        open: What is open now.
    """

    sums: dict[tuple[Window, bool], Sums] = field(default_factory=dict)
    contested: list[ContestedSum] = field(default_factory=list)
    late_rows: int = 0
    open: OpenSum = field(default_factory=OpenSum)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row: what the form asks, and what is counted beside it."""

    columns: Columns = field(default_factory=Columns)
    without_limit: WithoutLimit = field(default_factory=WithoutLimit)

    def __add__(self, other: "ReportRow") -> "ReportRow":
        """Two rows together."""
        return ReportRow(self.columns + other.columns, self.without_limit + other.without_limit)


#: What moved in a window: came in online, came in otherwise, resolved before, on and after the due day.
_CAME_ONLINE, _CAME_OTHERWISE, _EARLY, _ON_TIME, _LATE = range(5)
_CLASS: Final = {"E": _EARLY, "O": _ON_TIME, "L": _LATE}


class _Flow:
    """What came in and went out, by window; with a limit, or without one (where everything resolved is one number)."""

    def __init__(self) -> None:
        self.moved = {window: [0] * 5 for window in Window}

    def came_in(self, *windows: Window) -> int:
        return sum(sum(self.moved[window][:_EARLY]) for window in windows)

    def went_out(self, *windows: Window) -> int:
        return sum(sum(self.moved[window][_EARLY:]) for window in windows)

    def open_after(self, *windows: Window) -> int:
        return self.came_in(*windows) - self.went_out(*windows)


def report_row(figures: GroupFigures, rules: CountingRules) -> ReportRow:
    """One row of the report.

    Raises:
        BrokenReportError: the numbers contradict each other.
    """
    limited, unlimited = _flows(figures, rules)
    _agree(limited.open_after(*Window), figures.open.limited, "open now, with a limit")
    _agree(unlimited.open_after(*Window), figures.open.without_limit, "open now, without a limit")
    until_end = (Window.BEFORE, Window.WITHIN)
    within = limited.moved[Window.WITHIN]
    late_by_sums = sum(sums.late_change for (window, _), sums in figures.sums.items() if window in until_end)
    pending = limited.open_after(*until_end)
    overdue = late_by_sums + figures.late_rows + figures.open.late
    carried_over = limited.open_after(Window.BEFORE)
    columns = Columns(
        received_total=limited.came_in(*until_end) - limited.went_out(Window.BEFORE),
        received_online=within[_CAME_ONLINE],
        received_direct_post=within[_CAME_OTHERWISE],
        carried_over=carried_over,
        resolved_total=limited.went_out(Window.WITHIN),
        resolved_before_due=within[_EARLY],
        resolved_on_time=within[_ON_TIME],
        resolved_overdue=within[_LATE],
        pending_total=pending,
        pending_in_time=pending - overdue,
        pending_overdue=overdue,
    )
    beside = WithoutLimit(
        received_online=unlimited.moved[Window.WITHIN][_CAME_ONLINE],
        received_direct_post=unlimited.moved[Window.WITHIN][_CAME_OTHERWISE],
        carried_over=unlimited.open_after(Window.BEFORE),
        resolved=unlimited.went_out(Window.WITHIN),
        pending=unlimited.open_after(*until_end),
    )
    return ReportRow(columns.check(), beside.check())


def report_total(rows: Iterable[ReportRow]) -> ReportRow:
    """The last row.

    Raises:
        BrokenReportError: the sums don't hold; they do in every row, so they must here.
    """
    total = sum(rows, ReportRow())
    total.columns.check()
    total.without_limit.check()
    return total


def _agree(by_sums: int, by_rows: int, what: str) -> None:
    if by_sums != by_rows:
        raise BrokenReportError(f"{what}: {by_sums} by sums, {by_rows} dossier by dossier")


def _flows(figures: GroupFigures, rules: CountingRules) -> tuple[_Flow, _Flow]:
    limited, unlimited = _Flow(), _Flow()
    for (window, is_online), sums in figures.sums.items():
        came = _CAME_ONLINE if is_online else _CAME_OTHERWISE
        if rules.period_by is PeriodBy.FILING:
            limited.moved[window][came] += sums.filed - sums.untaken - sums.filed_without_limit
            unlimited.moved[window][came] += sums.filed_without_limit
        else:
            limited.moved[window][came] += sums.received - sums.received_without_limit
            unlimited.moved[window][came] += sums.received_without_limit
        limited.moved[window][_EARLY] += sums.resolved_early
        limited.moved[window][_ON_TIME] += sums.resolved_on_time
        limited.moved[window][_LATE] += sums.resolved_overdue
        unlimited.moved[window][_ON_TIME] += sums.resolved_without_limit
    for end in figures.contested:
        _correct(limited if end.is_limited else unlimited, end, rules)
    return limited, unlimited


def _correct(flow: _Flow, end: ContestedSum, rules: CountingRules) -> None:
    """Count ends as the rules have it; the sums have results as the default view does, and early ends as on time."""
    is_early = end.kind != EndKind.RESULT
    counted_as = _ON_TIME if is_early or not end.is_limited else _CLASS[end.marks[0]]
    if is_early and rules.ended_early is EarlyEnd.LEFT_OUT:
        flow.moved[end.came_in][_CAME_ONLINE if end.is_online else _CAME_OTHERWISE] -= end.dossiers
        flow.moved[end.ended][counted_as] -= end.dossiers
        return
    if not end.is_limited or (is_early and rules.ended_early is EarlyEnd.ON_TIME):
        return
    flow.moved[end.ended][counted_as] -= end.dossiers
    flow.moved[end.ended][_CLASS[end.marks[view_of(rules)]]] += end.dossiers
