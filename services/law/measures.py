"""How much of a time limit a stretch of time uses up, and when a limit is used up: one measure for each unit.

Knows limits and suspensions, not steps or dossiers (`services.law.deadlines`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.law.calendar import WorkingCalendar

_HOUR_US: Final = 3_600_000_000


class Suspension(NamedTuple):
    """A span in which a time limit doesn't run, such as from a supplement request to the supplement.

    Attributes:
        started_at: When it began to stand still.
        ended_at: When it went on; None while it stands still.
    """

    started_at: datetime
    ended_at: datetime | None = None


def end_of(
    limit: TimeLimit, since: datetime, suspensions: tuple[Suspension, ...], calendar: WorkingCalendar
) -> datetime | None:
    """Return when a limit that runs from an instant is used up; None while it stands still.

    Args:
        limit: How much.
        since: From when; what stood still before then isn't its own.
        suspensions: In order, none overlapping; only the last one may be open.
        calendar: Must reach to the end.

    Raises:
        OutsideCalendarError: Something is beyond the calendar's horizon.
    """
    measure = MEASURES[limit.unit]
    left = limit.amount * measure.unit
    for suspension in suspensions:
        if suspension.started_at < since:
            continue  # it lay in the step before this one
        used = measure.used(calendar, since, suspension.started_at)
        # Only what has used up its last day may have ended before: that of the request, by the end of office hours.
        if used >= left and (due := measure.end(calendar, since, left)) <= suspension.started_at:
            return due
        if suspension.ended_at is None:
            return None
        left = max(1, left - used)
        since = suspension.ended_at
    return measure.end(calendar, since, left)


@dataclass(frozen=True, slots=True)
class Measure:
    """How time is counted in one unit.

    Attributes:
        unit: Amount that one unit of a `TimeLimit` adds, at least 1.
        used: What a stretch that runs from one instant to another uses up.
        end: When an amount of at least 1 is used up, if it runs undisturbed from an instant on.
    """

    unit: int
    used: Callable[[WorkingCalendar, datetime, datetime], int]
    end: Callable[[WorkingCalendar, datetime, int], datetime]


#: Working hours run through office sessions; a start outside them counts from the next opening. 16:59 on a Friday uses
#: one minute of that Friday (ours; customs law says "working hours" and no more). Counted to the microsecond.
#: Working days end with the n-th working day's last session.
#: Calendar days end with the last session of the last day, or of the next working day when that is off (Civil Code 2015
#: art. 148.5, from memory; the end of office hours for its midnight is ours).
MEASURES: Final[Mapping[TimeUnit, Measure]] = {
    TimeUnit.WORKING_HOURS: Measure(_HOUR_US, WorkingCalendar.working_time_between, WorkingCalendar.add_working_time),
    TimeUnit.WORKING_DAYS: Measure(1, WorkingCalendar.working_days_between, WorkingCalendar.close_after_working_days),
    TimeUnit.CALENDAR_DAYS: Measure(
        1, WorkingCalendar.calendar_days_between, WorkingCalendar.close_after_calendar_days
    ),
}
