"""How a dossier stands: what is known of it while it isn't settled, and on which days it was late in whose eyes.

The counting rules leave two choices about lateness: whether an apology's new date counts, and whether a limit that
stands still can be overrun. That makes four views. For nearly every dossier all four agree; where they don't, what each
sees is told. Pure; knows nothing of sums, tables or facts.

A day is late when the dossier is still pending and overdue at its end. So lateness is a span of days: from the first
such day up to, not including, the day on which that ended.
"""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from services.contracts.catalogue import TimeUnit
from services.contracts.counting_rules import ApologyRule, CountingRules, SuspendedRule
from services.contracts.timeliness import Timeliness, overdue_before, timeliness, vietnamese_day

#: Views are numbered by the sum of what they look at; 0 is the default.
BY_DUE: Final = 1
NEW_DATE: Final = 2
VIEWS: Final = (0, BY_DUE, NEW_DATE, BY_DUE | NEW_DATE)

#: All views, as the bits of `LateSpan.views`.
ALL_VIEWS: Final = 0b1111
#: Those that look at what a limit that stands still was due by.
_BY_DUE_VIEWS: Final = 1 << BY_DUE | 1 << (BY_DUE | NEW_DATE)

_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)


def view_of(rules: CountingRules) -> int:
    """The view that the rules take."""
    return BY_DUE * (rules.suspended is SuspendedRule.BY_DUE) + NEW_DATE * (rules.apology is ApologyRule.NEW_DATE)


class LateSpan(NamedTuple):
    """Days at whose end a dossier was pending and overdue."""

    first_on: date
    until_on: date  #: the day after the last
    views: int  #: bit `1 << view` for each view that sees it


class OpenDossier(NamedTuple):
    """A dossier that has been filed and isn't settled, and what its count will depend on.

    Its cell (procedure, office, level, channel) stays that of its filing, so that whatever leaves a sum leaves the one
    it entered.
    """

    procedure_id: str
    office_code: str
    level: int
    channel: str
    filed_on: date
    asked: int  #: how often the applicant has been asked to complete it
    received_on: date | None = None
    is_limited: bool = True  #: whether the law stated a limit at receipt; what has none is counted apart for good
    since_on: date | None = None  #: since when it stands as it does
    due_at: datetime | None = None  #: `None` with a `limit_unit`: the limit stands still
    limit_unit: str | None = None
    last_due_at: datetime | None = None  #: while the limit stands still: what it was due by before
    new_date_at: datetime | None = None  #: of the apology
    late: tuple[LateSpan, ...] = ()  #: its late days before it stood so

    @property
    def can_be_late(self) -> bool:
        """Whether there is anything to overrun."""
        return self.is_limited and self.limit_unit is not None

    @property
    def is_plain(self) -> bool:
        """Whether it runs to one due instant, which every view agrees on."""
        return self.due_at is not None and self.new_date_at is None

    def due_in(self, view: int) -> datetime | None:
        """When it is due in a view; `None`: as things stand it can't be late."""
        due_at = self.due_at
        if due_at is None and view & BY_DUE:
            due_at = self.last_due_at
        if due_at is not None and view & NEW_DATE and self.new_date_at is not None:
            return max(due_at, self.new_date_at)
        return due_at


def last_instant(day: date) -> datetime:
    """The end of a day in Vietnam: what is due on it by the day isn't overdue yet.

    >>> last_instant(date(2018, 6, 30)).isoformat()
    '2018-06-30T16:59:59.999999+00:00'
    """
    return _MIDNIGHT_OF_EPOCH + (day - _EPOCH + _DAY) - _MICROSECOND


_EPOCH: Final = date(2000, 1, 1)
#: Midnight in Vietnam (UTC+7) at the beginning of that day.
_MIDNIGHT_OF_EPOCH: Final = datetime.fromisoformat("1999-12-31T17:00:00+00:00")


def first_late_day(due_at: datetime, limit_unit: str) -> date:
    """The first day at whose end a dossier due at that instant is overdue.

    >>> due_at = datetime.fromisoformat("2018-06-08T17:00:00+07:00")
    >>> [first_late_day(due_at, unit).day for unit in ("working-days", "working-hours")]
    [9, 8]
    """
    due_on = vietnamese_day(due_at)
    if limit_unit == TimeUnit.WORKING_HOURS and due_at < overdue_before(last_instant(due_on), limit_unit):
        return due_on
    return due_on + _DAY


def late_spans(dossier: OpenDossier, until_on: date) -> list[LateSpan]:
    """The late days of a dossier in its present standing.

    Args:
        dossier: received, and standing so since `since_on`.
        until_on: the day on which it no longer stands so.

    Returns:
        One span for all views that see the same days; empty when none sees any. None are empty themselves.
    """
    if dossier.since_on is None or dossier.since_on >= until_on or not dossier.can_be_late:
        return []
    if dossier.new_date_at is None:
        views, view = (ALL_VIEWS, 0) if dossier.due_at is not None else (_BY_DUE_VIEWS, BY_DUE)
        first_on = _first_late(dossier, view, until_on)
        return [LateSpan(first_on, until_on, views)] if first_on else []
    seen: dict[date, int] = {}
    for view in VIEWS:
        if first_on := _first_late(dossier, view, until_on):
            seen[first_on] = seen.get(first_on, 0) | 1 << view
    return [LateSpan(first_on, until_on, views) for first_on, views in sorted(seen.items())]


def _first_late(dossier: OpenDossier, view: int, until_on: date) -> date | None:
    due_at = dossier.due_in(view)
    if due_at is None or dossier.limit_unit is None or dossier.since_on is None:
        return None
    first_on = max(first_late_day(due_at, dossier.limit_unit), dossier.since_on)
    return first_on if first_on < until_on else None


#: What a mark stands for.
MARKS: Final = {
    "E": Timeliness.EARLY,
    "O": Timeliness.ON_TIME,
    "L": Timeliness.OVERDUE,
    "N": Timeliness.WITHOUT_LIMIT,
}
_MARK_OF: Final = {timely: mark for mark, timely in MARKS.items()}


def marks(dossier: OpenDossier, at: datetime) -> str:
    """How a dossier stands that is resolved at an instant, in each view: four letters of `MARKS`, by view."""
    if not dossier.is_limited:
        return _MARK_OF[Timeliness.WITHOUT_LIMIT] * len(VIEWS)
    if dossier.limit_unit is None:
        # It has come under a rule without limit since: nothing was overrun.
        return _MARK_OF[Timeliness.ON_TIME] * len(VIEWS)
    if dossier.is_plain:
        return _MARK_OF[timeliness(at, dossier.due_at, dossier.limit_unit)] * len(VIEWS)
    return "".join(_MARK_OF[timeliness(at, dossier.due_in(view), dossier.limit_unit)] for view in VIEWS)
