"""Counts a limit one day or one office session after the other, and keeps what it saw.

The slow way to a due instant, for people: `services.law.measures` finds the same instant in a few additions. Asks the
calendar about single days only, never how many there are between two; a test compares both. Has no words for what it
saw (`services.law.phrases`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.contracts.timeliness import VIETNAM_TIME, vietnamese_day
from services.law.calendar import CalendarEntry, WorkingCalendar
from services.law.measures import Suspension

_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_HOUR_US: Final = 3_600_000_000


class EntryKind(StrEnum):
    """What a day or span is to a limit."""

    DAY_OF_EVENT = "day-of-event"  #: on which the limit begins
    WORKING_DAY = "working-day"  #: counted
    WORKED_DAY = "worked-by-calendar-entry"  #: counted: a Saturday worked in exchange, a day off taken back, its hours
    CALENDAR_DAY = "calendar-day"  #: counted, whatever day it is
    OFFICE_HOURS = "office-hours"  #: counted
    WEEKEND = "weekend"
    HOLIDAY = "holiday"  #: closed by a calendar entry
    OFFICE_CLOSED = "office-closed"  #: before opening, after closing
    MIDDAY_BREAK = "midday-break"
    SUSPENDED = "suspended"
    DAY_OF_RETURN = "day-of-return"  #: on which a suspension ended
    LAST_DAY_LEFT = "last-day-left"  #: the limit would have ended, but it was suspended in time
    OFF_AT_THE_END = "off-at-the-end"  #: the count is full, the last day is off
    MOVED_TO = "moved-to"  #: the working day on which it ends instead
    COUNTED_AGAIN = "counted-again"  #: before a restart


#: What makes the count grow.
COUNTED: Final = frozenset(
    {EntryKind.WORKING_DAY, EntryKind.WORKED_DAY, EntryKind.CALENDAR_DAY, EntryKind.OFFICE_HOURS}
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A day, a run of like days, or a span of hours.

    Attributes:
        from_at: Where it begins.
        until_at: Where the next one begins; None: it goes on, the limit stands still.
        amount: What it adds to the count: days, or for office hours microseconds.
        entry: Of the calendar, when that is why it is what it is.
        suspension: Of which it is a part.
    """

    kind: EntryKind
    from_at: datetime
    until_at: datetime | None
    amount: int = 0
    entry: CalendarEntry | None = None
    suspension: Suspension | None = None


def reckon(
    limit: TimeLimit, since: datetime, suspensions: Sequence[Suspension], calendar: WorkingCalendar
) -> tuple[Stretch, ...]:
    """Return what lies between the beginning of a limit and its end, without gap or overlap.

    The last stretch ends where the limit does; without an end it stands still. The meaning of suspensions is that of
    `services.law.measures.end_of`.

    Args:
        limit: How much.
        since: From when.
        suspensions: Those that began since then, in order; one after the limit ended changes nothing.
        calendar: Must reach to the end.

    Raises:
        OutsideCalendarError: Some of it is beyond the calendar's horizon.
    """
    if limit.unit is TimeUnit.WORKING_HOURS:
        return tuple(_joined(_hours(limit.amount * _HOUR_US, since, suspensions, calendar)))
    days = _Days(limit.amount, calendar, only_working=limit.unit is TimeUnit.WORKING_DAYS)
    return tuple(_joined(days.walk(since, suspensions)))


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Make one of neighbours that are the same; office hours of different sessions never are neighbours."""
    last: Stretch | None = None
    for stretch in stretches:
        if last is None:
            last = stretch
        elif (last.kind, last.entry, last.suspension) == (stretch.kind, stretch.entry, stretch.suspension):
            last = replace(last, until_at=stretch.until_at, amount=last.amount + stretch.amount)
        else:
            yield last
            last = stretch
    if last is not None:
        yield last


class _Days:
    """A walk through the days of one limit in days."""

    def __init__(self, amount: int, calendar: WorkingCalendar, *, only_working: bool) -> None:
        self._left = amount
        self._calendar = calendar
        self._only_working = only_working

    def walk(self, since: datetime, suspensions: Sequence[Suspension]) -> Iterator[Stretch]:
        """Yield day by day, from the day of the event to that on which the limit ends."""
        day = vietnamese_day(since)
        yield Stretch(EntryKind.DAY_OF_EVENT, since.astimezone(UTC), _midnight(day + _DAY))
        for suspension in suspensions:
            asked_on = vietnamese_day(suspension.started_at)
            while day < asked_on:
                day += _DAY
                last = self._last_day(day)
                if last is not None and self._closes(last) <= suspension.started_at:
                    yield from self._end(day, last)
                    return
                # Asked for in time on the last day: that day is left for afterwards (ours).
                yield self._counted(day) if last is None else self._whole(day, EntryKind.LAST_DAY_LEFT)
            if suspension.ended_at is None:
                yield Stretch(EntryKind.SUSPENDED, _midnight(day + _DAY), None, suspension=suspension)
                return
            returned_on = vietnamese_day(suspension.ended_at)
            while day < returned_on:
                day += _DAY
                kind = EntryKind.SUSPENDED if day < returned_on else EntryKind.DAY_OF_RETURN
                yield replace(self._whole(day, kind), suspension=suspension)
        while True:
            day += _DAY
            last = self._last_day(day)
            if last is not None:
                yield from self._end(day, last)
                return
            yield self._counted(day)

    def _counts(self, day: date) -> bool:
        return self._calendar.is_working_day(day) or not self._only_working

    def _last_day(self, day: date) -> date | None:
        """Return on which day the limit ends, if with this one the count is full."""
        if self._left > 1 or not self._counts(day):
            return None
        while not self._calendar.is_working_day(day):
            day += _DAY
        return day

    def _counted(self, day: date) -> Stretch:
        if not self._counts(day):
            return self._off(day, EntryKind.HOLIDAY if self._calendar.entry_of(day) else EntryKind.WEEKEND)
        self._left -= 1
        if not self._only_working:
            return replace(self._whole(day, EntryKind.CALENDAR_DAY), amount=1)
        entry = self._calendar.entry_of(day)
        kind = EntryKind.WORKED_DAY if entry else EntryKind.WORKING_DAY
        return replace(self._whole(day, kind), amount=1, entry=entry)

    def _end(self, day: date, last: date) -> Iterator[Stretch]:
        """Yield the day that makes the count full, and those to which an end on a day off moves."""
        stretch = self._counted(day)
        while day < last:
            yield stretch
            day += _DAY
            kind = EntryKind.OFF_AT_THE_END if day < last else EntryKind.MOVED_TO
            stretch = self._off(day, kind)
        yield replace(stretch, until_at=self._closes(last))

    def _off(self, day: date, kind: EntryKind) -> Stretch:
        return replace(self._whole(day, kind), entry=self._calendar.entry_of(day))

    def _whole(self, day: date, kind: EntryKind) -> Stretch:
        return Stretch(kind, _midnight(day), _midnight(day + _DAY))

    def _closes(self, day: date) -> datetime:
        return _at(day, self._calendar.sessions[-1][1])


def _hours(
    left: int, since: datetime, suspensions: Sequence[Suspension], calendar: WorkingCalendar
) -> Iterator[Stretch]:
    """Yield the spans of a limit in office hours, until so many microseconds of them are counted."""
    for span in _interrupted(_office_spans(since.astimezone(UTC), calendar), suspensions):
        if span.kind not in COUNTED or span.until_at is None:
            yield span
            continue
        amount = min(left, (span.until_at - span.from_at) // _MICROSECOND)
        yield replace(span, until_at=span.from_at + amount * _MICROSECOND, amount=amount)
        left -= amount
        if not left:
            return


def _interrupted(spans: Iterable[Stretch], suspensions: Sequence[Suspension]) -> Iterator[Stretch]:
    """Cut suspensions out of spans that follow one another; ends with one that stands still."""
    for span in spans:
        at = span.from_at
        until = span.until_at
        assert until is not None
        for suspension in suspensions:
            starts, ends = suspension.started_at.astimezone(UTC), suspension.ended_at
            if starts >= until:
                break
            if ends is not None and ends <= at:
                continue
            if at < starts:
                yield replace(span, from_at=at, until_at=starts)
                at = starts
            if ends is None:
                yield Stretch(EntryKind.SUSPENDED, at, None, suspension=suspension)
                return
            goes_on = min(ends.astimezone(UTC), until)
            if at < goes_on:
                yield Stretch(EntryKind.SUSPENDED, at, goes_on, suspension=suspension)
                at = goes_on
        if at < until:
            yield replace(span, from_at=at)


def _office_spans(since: datetime, calendar: WorkingCalendar) -> Iterator[Stretch]:
    """Yield for ever when the office is open and why it isn't, from an instant on."""
    day = vietnamese_day(since)
    while True:
        entry = calendar.entry_of(day)
        works = EntryKind.WORKED_DAY if entry else EntryKind.OFFICE_HOURS
        spans: list[tuple[EntryKind, datetime]] = []  # what ends when
        if calendar.is_working_day(day):
            for number, (opens, closes) in enumerate(calendar.sessions):
                spans.append((EntryKind.MIDDAY_BREAK if number else EntryKind.OFFICE_CLOSED, _at(day, opens)))
                spans.append((works, _at(day, closes)))
            spans.append((EntryKind.OFFICE_CLOSED, _midnight(day + _DAY)))
        else:
            spans.append((EntryKind.HOLIDAY if entry else EntryKind.WEEKEND, _midnight(day + _DAY)))
        for kind, ends in spans:
            if since < ends:
                why = entry if kind in {EntryKind.HOLIDAY, EntryKind.WORKED_DAY} else None
                yield Stretch(kind, since, ends, entry=why)
                since = ends
        day += _DAY


def _midnight(day: date) -> datetime:
    return _at(day, time(0))


def _at(day: date, of_day: time) -> datetime:
    return datetime.combine(day, of_day, VIETNAM_TIME).astimezone(UTC)
