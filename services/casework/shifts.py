"""Shifts: when the officers of a desk are at work, as an axis of working time.

Instants are aware and in UTC; a session is open from its opening up to, but not including, its closing. Nothing is
known beyond the horizon of the calendar: there no session opens any more.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from services.contracts.staffing import Hours, OwnHours, Shift
from services.contracts.timeliness import VIETNAM_TIME
from services.law.calendar import WorkingCalendar

_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)


class Session(NamedTuple):
    """A stretch of work without a break."""

    opens_at: datetime
    closes_at: datetime
    day: date  #: in Vietnam, on which it opens: whose leave counts


def sessions_of(shift: Shift, calendar: WorkingCalendar) -> Iterator[Session]:
    """The sessions of a shift within a calendar's horizon, in order, none overlapping."""
    first_on, last_on = calendar.horizon
    day = first_on
    while day <= last_on:
        midnight = datetime.combine(day, time(), VIETNAM_TIME).astimezone(UTC)
        if shift is Hours.ALL:
            yield Session(midnight, midnight + _DAY, day)
        elif isinstance(shift, OwnHours):
            works = calendar.is_working_day(day) if shift.days is None else day.weekday() in shift.days
            if works:
                closes = shift.closes if shift.closes > shift.opens else shift.closes + 24 * 60
                yield Session(midnight + timedelta(minutes=shift.opens), midnight + timedelta(minutes=closes), day)
        elif calendar.is_working_day(day):
            for opens, closes_at in calendar.sessions:
                yield Session(midnight + _since_midnight(opens), midnight + _since_midnight(closes_at), day)
        day += _DAY


class ShiftAxis:
    """Turns instants into working time and back, exact to the microsecond.

    Args:
        sessions: In order, none overlapping; one may begin where the one before ends.
    """

    def __init__(self, sessions: Iterable[Session]) -> None:
        self.sessions = tuple(sessions)
        self._opens = [session.opens_at for session in self.sessions]
        #: By session: the working time before it, in microseconds; one entry more than there are sessions.
        self._before = [0]
        for session in self.sessions:
            self._before.append(self._before[-1] + (session.closes_at - session.opens_at) // _MICROSECOND)

    def place(self, at: datetime) -> int:
        """The session that is open at an instant, or the next one; the number of sessions when there is none left."""
        place = bisect_right(self._opens, at) - 1
        return place if place >= 0 and at < self.sessions[place].closes_at else place + 1

    def worked_until(self, at: datetime) -> int:
        """Working time from the beginning of the axis to an instant, in microseconds."""
        place = self.place(at)
        if place == len(self.sessions):
            return self._before[-1]
        return self._before[place] + max((at - self.sessions[place].opens_at) // _MICROSECOND, 0)

    def after(self, at: datetime, microseconds: int) -> datetime:
        """The first instant at which so much has been worked since an instant; at least 1 microsecond.

        What the axis has no room for any more is done when its last session closes (ours): clocks stop long before.
        """
        wanted = min(self.worked_until(at) + microseconds, self._before[-1])
        # The session in which the last of it is worked: its own end belongs to it, not to the next opening.
        place = max(bisect_left(self._before, wanted) - 1, 0)
        return self.sessions[place].opens_at + timedelta(microseconds=wanted - self._before[place])

    def between(self, start: datetime, end: datetime) -> int:
        """Working time from one instant to a later one, in microseconds."""
        return self.worked_until(end) - self.worked_until(start)


def _since_midnight(of_day: time) -> timedelta:
    return datetime.combine(date.min, of_day) - datetime.combine(date.min, time())
