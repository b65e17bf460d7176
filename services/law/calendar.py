"""Working time of the customs offices: which days and minutes count.

Knows office hours and days off, not deadlines, and nothing beyond the horizon of its data. All tables are built once,
in the constructor, so that each question afterwards is a few additions and look-ups: due instants are asked for by the
million.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from services.contracts.catalogue import CalendarData
from services.contracts.commands import CalendarOverride
from services.contracts.timeliness import VIETNAM_TIME

#: Local opening and closing times of a working day, eight hours together. From memory, medium confidence: typical of
#: state offices; in the provinces often 7:30 to 11:30 and 13:30 to 17:00.
OFFICE_SESSIONS: Final = ((time(8, 0), time(12, 0)), (time(13, 0), time(17, 0)))

_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND_US: Final = 1_000_000
_MINUTE_US: Final = 60 * _SECOND_US
_instant_at: Final = datetime.fromtimestamp
_EPOCH: Final = _instant_at(0, UTC)

#: Spans of so many minutes: to look one up is far cheaper than to make it.
_MINUTES: Final = tuple(timedelta(minutes=minutes) for minutes in range(241))


class OutsideCalendarError(ValueError):
    """A day outside the years for which days off are known was asked for."""


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """Why a day departs from the ordinary week.

    Attributes:
        name: What the day is, as pages show it.
        source: The law, or the decision with its number.
        decision_number: Of a sandbox's own decision; None: an entry of the catalogue.
    """

    day: date
    is_working: bool
    name: str
    source: str
    decision_number: str | None = None


class WorkingCalendar:
    """Counts working days and working time between the first and the last day of its data.

    Days are local dates of Vietnam. Instants are aware; those returned are in UTC. Immutable and safe to share.

    Two invariants hold, for all instants within the horizon: working time never decreases with the instant, and it only
    grows while a session of a working day is open.
    """

    def __init__(
        self,
        data: CalendarData,
        sessions: Sequence[tuple[time, time]] = OFFICE_SESSIONS,
        overrides: Sequence[CalendarOverride] = (),
    ) -> None:
        """Build the tables.

        Args:
            data: Days off, worked weekends and the horizon.
            sessions: Opening and closing time of each session of a day, in order, none overlapping; at least one.
            overrides: Days that count otherwise than in `data`; the last one of a day holds.

        Raises:
            OutsideCalendarError: An override's day is beyond the horizon.
            ValueError: Sessions are empty, out of order or overlapping.
        """
        #: Opening and closing local times of each session, in order.
        self.sessions = tuple(sessions)
        self._overrides = {override.day: override for override in overrides}
        self._sources = data.sources
        self._sessions = tuple((_microseconds(opens), _microseconds(closes)) for opens, closes in sessions)
        #: Openings and closings of a working day by turns, in microseconds since its midnight.
        self._bounds = [bound for session in self._sessions for bound in session]
        if not self._bounds or any(bound >= following for bound, following in pairwise(self._bounds)):
            raise ValueError("Office sessions must be in order, and none may be empty or overlap another.")
        #: By how many bounds have been passed: the day's working time so far is this; while a session is open (their
        #: number is odd) this and the microseconds since midnight.
        self._worked = [0]
        for opens, closes in self._sessions:
            self._worked += [self._worked[-1] - opens, self._worked[-1] - opens + closes]
        #: Working time of one working day, in microseconds.
        self._day_us = self._worked[-1]
        self._first_on = data.first_on
        self._last_on = data.last_on
        self._first_ordinal = data.first_on.toordinal()
        self._midnight = datetime.combine(data.first_on, time(0), VIETNAM_TIME).astimezone(UTC)
        for day in self._overrides:
            if not data.first_on <= day <= data.last_on:
                raise self._outside(day)
        self._build_tables(overridden(data, self._overrides.values()))

    def _build_tables(self, data: CalendarData) -> None:
        # A "day" in these tables is a number: 0 is the first day of the horizon.
        self._is_working: list[bool] = []
        #: By day: the working time before it, the bounds of its sessions, and what has been worked at each (`_worked`).
        self._axis: dict[int, tuple[int, list[int], list[int]]] = {}
        #: By day: how many working days come before it; one entry more than there are days.
        self._working_before = [0]
        #: By rank: the day that is the rank-th working day, counted from 0.
        self._working_days: list[int] = []
        #: By rank: its midnight, in microseconds since the epoch, and when its last session closes.
        self._midnights: list[int] = []
        self._closes_at: list[datetime] = []
        for day in range((data.last_on - data.first_on).days + 1):
            on = date.fromordinal(self._first_ordinal + day)
            works = on in data.working_weekends or (on.weekday() < 5 and on not in data.days_off)
            self._is_working.append(works)
            worked = self._working_before[-1] * self._day_us
            self._axis[day] = (worked, self._bounds, self._worked) if works else (worked, [], [0])
            self._working_before.append(self._working_before[-1] + works)
            if works:
                self._working_days.append(day)
                self._midnights.append((self._instant(day, 0) - _EPOCH) // _MICROSECOND)
                self._closes_at.append(self._instant(day, self._bounds[-1]))

    # Days

    def local_date(self, at: datetime) -> date:
        """Return the date in Vietnam at an instant."""
        return date.fromordinal(self._first_ordinal + self._locate(at)[0])

    @property
    def horizon(self) -> tuple[date, date]:
        """The first and the last day that it knows."""
        return self._first_on, self._last_on

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices are open on a day."""
        return self._is_working[self._number(day)]

    def entry_of(self, day: date) -> CalendarEntry | None:
        """Return why a day departs from the ordinary week; None for an ordinary one."""
        works = self.is_working_day(day)
        override = self._overrides.get(day)
        if override is not None:
            return CalendarEntry(day, works, override.name, override.decision_number, override.decision_number)
        if day not in self._sources:
            return None
        name, _, source = self._sources[day].partition("; ")
        return CalendarEntry(day, works, name, source)

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after a day; the day itself isn't counted.

        Args:
            day: Any day, working or not.
            count: At least 1.

        Raises:
            OutsideCalendarError: The day or the result is beyond the horizon.
            ValueError: `count` is below 1.
        """
        if count < 1:
            raise ValueError(f"Working days are added from 1 upwards, not {count}.")
        return self._date(self._working_day(self._working_before[self._number(day) + 1] + count - 1))

    def count_working_days(self, after: date, until: date) -> int:
        """Return how many working days there are after one day, up to and including another.

        Args:
            after: Not counted itself.
            until: Counted if it is a working day; an earlier day than `after` gives a negative number.
        """
        return self._working_before[self._number(until) + 1] - self._working_before[self._number(after) + 1]

    def end_of_working_day(self, day: date) -> datetime:
        """Return when the last session of a working day closes.

        Raises:
            ValueError: Offices aren't open on that day.
        """
        number = self._number(day)
        if not self._is_working[number]:
            raise ValueError(f"{day} is not a working day, so it has no end of office hours.")
        return self._closes_at[self._working_before[number]]

    # Due instants by day: the same rules on the tables' own numbers, without a detour through dates.

    def close_after_working_days(self, after: datetime, count: int) -> datetime:
        """Return the end of the `count`-th working day after the local day of an instant; `count` at least 1."""
        return self._close(self._working_before[self._locate(after)[0] + 1] + count - 1)

    def close_after_calendar_days(self, after: datetime, count: int) -> datetime:
        """Return the end of the `count`-th day after the local day of an instant, or of the next working day.

        Source: Civil Code 2015 art. 148.5 (from memory): a last day off moves to the next working day.
        """
        day = self._locate(after)[0] + count
        if day >= len(self._is_working):
            raise self._outside(f"day {count} after {after}")
        return self._close(self._working_before[day])

    def working_days_between(self, after: datetime, until: datetime) -> int:
        """Return `count_working_days` of the local days of two instants."""
        return self._working_before[self._locate(until)[0] + 1] - self._working_before[self._locate(after)[0] + 1]

    def calendar_days_between(self, after: datetime, until: datetime) -> int:
        """Return the number of local days after that of one instant, up to and including that of another."""
        return self._locate(until)[0] - self._locate(after)[0]

    # Working time

    def next_working_instant(self, at: datetime) -> datetime:
        """Return the instant itself while a session is open, else the next opening.

        A session is open from its opening up to but not including its closing.
        """
        day, us = self._locate(at)
        if self._is_working[day]:
            for opens, closes in self._sessions:
                if us < closes:
                    return self._instant(day, max(us, opens))
        return self._instant(self._working_day(self._working_before[day + 1]), self._sessions[0][0])

    def add_working_minutes(self, at: datetime, minutes: int) -> datetime:
        """Return when so many working minutes have passed; seconds of the start are kept.

        Args:
            at: Any instant; outside sessions it counts from the next opening.
            minutes: 0 or more. What is used up exactly at the end of a session ends then, not at the next opening; 0
                gives `next_working_instant`.
        """
        if minutes < 1:
            if minutes < 0:
                raise ValueError(f"Working minutes are added from 0 upwards, not {minutes}.")
            return self.next_working_instant(at)
        microseconds = minutes * _MINUTE_US
        if minutes < len(_MINUTES) and at.tzinfo is UTC:
            # Most delays are over within the session in which they begin.
            day, us = self._locate(at)
            bounds = self._axis[day][1]
            passed = bisect_right(bounds, us)
            if passed & 1 and us + microseconds <= bounds[passed]:
                return at + _MINUTES[minutes]
        return self.when_worked(self.worked_until(at) + microseconds)

    def part_way(self, since: datetime, until: datetime, part: float) -> datetime:
        """Return when a part of the whole working minutes from one instant to another has passed, and at least one.

        Args:
            since: From when.
            until: To when; if there is no working time left until then, it is taken for a minute.
            part: 1 is all of it; more goes beyond `until`.
        """
        begun = self.worked_until(since)
        minutes = max((self.worked_until(until) - begun) // _MINUTE_US, 1)
        return self.when_worked(begun + max(int(minutes * part), 1) * _MINUTE_US)

    def working_minutes_between(self, start: datetime, end: datetime) -> int:
        """Return the whole working minutes from one instant to another; negative when the second is the earlier one."""
        microseconds = self.working_time_between(start, end)
        return microseconds // _MINUTE_US if microseconds >= 0 else -(-microseconds // _MINUTE_US)

    def add_working_time(self, at: datetime, microseconds: int) -> datetime:
        """Return the first instant at which so much working time has passed; at least 1 microsecond."""
        return self.when_worked(self.worked_until(at) + microseconds)

    def working_time_between(self, start: datetime, end: datetime) -> int:
        """Return the working time from one instant to another in microseconds; negative when reversed."""
        return self.worked_until(end) - self.worked_until(start)

    # Working time as an axis: what is counted from one instant several times is put on it once.

    def worked_until(self, at: datetime) -> int:
        """Return the working time from the first day of the horizon to an instant, in microseconds."""
        since = at - self._midnight
        try:
            worked, bounds, sums = self._axis[since.days]
        except KeyError:
            raise self._outside(at) from None
        us = since.seconds * _SECOND_US + since.microseconds
        passed = bisect_right(bounds, us)
        return worked + sums[passed] + us if passed & 1 else worked + sums[passed]

    def when_worked(self, worked: int) -> datetime:
        """Return the first instant with so much working time before it, in microseconds, at least 1."""
        # Counted to the last microsecond that is used: it lies within a session, the sum itself may be at its edge.
        rank, last = divmod(worked - 1, self._day_us)
        if rank >= len(self._working_days):
            raise self._outside(f"working day {rank + 1}")
        sums, passed = self._worked, 1
        while last >= sums[passed + 1]:
            passed += 2
        # Far cheaper than adding a `timedelta`, and as exact: a float holds the microseconds of two centuries.
        return _instant_at((self._midnights[rank] + last + 1 - sums[passed]) / _SECOND_US, UTC)

    # Inside the tables

    def _locate(self, at: datetime) -> tuple[int, int]:
        """Return the day of an instant and the microseconds since its local midnight."""
        since = at - self._midnight
        day = since.days
        if not 0 <= day < len(self._is_working):
            raise self._outside(at)
        return day, since.seconds * _SECOND_US + since.microseconds

    def _number(self, day: date) -> int:
        number = day.toordinal() - self._first_ordinal
        if not 0 <= number < len(self._is_working):
            raise self._outside(day)
        return number

    def _working_day(self, rank: int) -> int:
        if rank >= len(self._working_days):
            raise self._outside(f"working day {rank + 1}")
        return self._working_days[rank]

    def _close(self, rank: int) -> datetime:
        if rank >= len(self._closes_at):
            raise self._outside(f"working day {rank + 1}")
        return self._closes_at[rank]

    def _date(self, day: int) -> date:
        return date.fromordinal(self._first_ordinal + day)

    def _instant(self, day: int, us: int) -> datetime:
        return self._midnight + timedelta(days=day, microseconds=us)

    def _outside(self, asked: object) -> OutsideCalendarError:
        return OutsideCalendarError(f"Days off are known from {self._first_on} to {self._last_on}; {asked} is outside.")


def _microseconds(of_day: time) -> int:
    return (datetime.combine(date.min, of_day) - datetime.combine(date.min, time(0))) // _MICROSECOND


def overridden(data: CalendarData, overrides: Iterable[CalendarOverride]) -> CalendarData:
    """Return calendar data with some days counted otherwise; the last override of a day holds."""
    holding = {override.day: override for override in overrides}
    if not holding:
        return data
    off = {day for day, override in holding.items() if not override.is_working}
    worked = holding.keys() - off
    return replace(
        data,
        days_off=(data.days_off - worked) | off,
        working_weekends=(data.working_weekends - off) | {day for day in worked if day.weekday() >= 5},
        sources={**data.sources, **{day: f"{one.name}; {one.decision_number}" for day, one in holding.items()}},
    )


class CalendarBook:
    """The calendar of the catalogue, and those of sandboxes that override days of it.

    Sandboxes with the same overrides share a calendar; the ones last asked for are kept. Safe to share.
    """

    #: How many calendars with overrides are kept: one takes about 10 ms to make and less than a megabyte.
    KEPT: Final = 64

    def __init__(self, data: CalendarData) -> None:
        #: Without overrides.
        self.plain = WorkingCalendar(data)
        self._data = data
        self._make = lru_cache(maxsize=self.KEPT)(self._made)

    def with_overrides(self, overrides: Iterable[CalendarOverride]) -> WorkingCalendar:
        """Return the calendar that holds under a sandbox's overrides, in the order in which they were decided.

        Raises:
            OutsideCalendarError: A day is beyond the horizon.
        """
        holding = {override.day: override for override in overrides}
        return self._make(tuple(holding[day] for day in sorted(holding))) if holding else self.plain

    def _made(self, overrides: tuple[CalendarOverride, ...]) -> WorkingCalendar:
        return WorkingCalendar(self._data, overrides=overrides)
