"""When a dossier is due: a budget of time, and a ledger of the spans in which it didn't run.

A due instant is derived each time it is asked for and never stored as the truth. Whether a dossier is early or overdue
is not decided here, nor which transition suspends a time limit: the lifecycle table says that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.contracts.catalogue import LimitRule, LimitStep, TimeLimit, TimeUnit
from services.law.calendar import WorkingCalendar

_HOUR_US: Final = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Suspension:
    """A span in which a time limit doesn't run, such as from a supplement request to the supplement.

    Attributes:
        started_at: When it began to stand still.
        ended_at: When it went on; None while it stands still.
    """

    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time limit at work on one dossier.

    Attributes:
        rule: The limit that holds; without steps the law states none.
        started_at: Receipt of the full dossier; after a restart, of the supplement.
        suspensions: In order, none overlapping; only the last one may be open.
        completed: Steps and milestones that are done, by id, with their instants in order.
        extended: Id of a step, once for each extension that it was given.
    """

    rule: LimitRule
    started_at: datetime
    suspensions: tuple[Suspension, ...] = ()
    completed: tuple[tuple[str, datetime], ...] = ()
    extended: tuple[str, ...] = ()

    @property
    def is_suspended(self) -> bool:
        """Whether the limit stands still."""
        return bool(self.suspensions) and self.suspensions[-1].ended_at is None


def suspend(deadline: Deadline, at: datetime) -> Deadline:
    """Return the deadline standing still from an instant on.

    Raises:
        ValueError: It stands still already, or the instant is before its start or its last suspension's end.
    """
    if deadline.is_suspended:
        raise ValueError("A time limit that stands still can't be suspended again.")
    if at < _last_change(deadline):
        raise ValueError(f"A time limit can't be suspended at {at}, before it last changed.")
    return replace(deadline, suspensions=(*deadline.suspensions, Suspension(at)))


def resume(deadline: Deadline, at: datetime) -> Deadline:
    """Return the deadline running on with what was left of it.

    Source: Law 38/2019/QH14 art. 75.1: the time of explanation and supplement isn't counted in the limit of a refund.

    Raises:
        ValueError: It isn't standing still, or the instant is before the suspension's start.
    """
    if not deadline.is_suspended:
        raise ValueError("A time limit that runs can't be resumed.")
    if at < _last_change(deadline):
        raise ValueError(f"A time limit can't be resumed at {at}, before it was suspended.")
    closed = replace(deadline.suspensions[-1], ended_at=at)
    return replace(deadline, suspensions=(*deadline.suspensions[:-1], closed))


def restart(deadline: Deadline, at: datetime) -> Deadline:
    """Return the deadline counted again from zero, whether it was standing still or not.

    Source: Decree 61/2018/NĐ-CP art. 19.4: counted again from the start once the full dossier is received.

    Raises:
        ValueError: The instant is before its start or its last suspension.
    """
    if at < _last_change(deadline):
        raise ValueError(f"A time limit can't be restarted at {at}, before it last changed.")
    return Deadline(deadline.rule, at, extended=deadline.extended)


def _last_change(deadline: Deadline) -> datetime:
    if not deadline.suspensions:
        return deadline.started_at
    last = deadline.suspensions[-1]
    return last.ended_at or last.started_at


def due_at(deadline: Deadline, calendar: WorkingCalendar) -> datetime | None:
    """Return when the authority must have finished.

    The steps of the rule follow one another: one that is done hands over at the instant at which it was done, one that
    isn't at its planned end. Within a step the limit is followed through the stretches in which it runs: from its start
    to the first suspension, from that one's end to the next, and so on. What a stretch uses up and where the rest ends
    is up to the unit (`MEASURES`).

    * In days, the one on which a stretch begins isn't counted: that of receipt (Civil Code 2015 art. 147), nor that of
      the supplement.
    * The day of a request for supplement is counted, unless the stretch began on it.
    * A request after the limit ended changes nothing: the dossier stays overdue.
    * Ours, no source: a request made in time on the very last day leaves one day; the limit then ends with the first
      working day after the supplement. Otherwise it would be overdue the moment it is completed.

    Args:
        deadline: Rule, start, suspensions, and what has been done and extended.
        calendar: Must reach to the due instant.

    Returns:
        UTC; the instant itself is still in time. None when there is no limit, or when the limit stands still now.

    Raises:
        OutsideCalendarError: Start, suspensions or end are beyond the calendar's horizon.

    Source:
        Civil Code 2015 art. 147 and 148.5, from memory; Law 38/2019/QH14 art. 75.1.
    """
    steps = deadline.rule.steps
    if not steps:
        return None
    if len(steps) == 1 and not deadline.suspensions and not deadline.extended:
        return _end(steps[0].limit, deadline.started_at, (), calendar)
    since: datetime | None = deadline.started_at
    done = dict(deadline.completed)
    for step in steps:
        if since is None:
            return None
        if step.step_id in done:
            since = done[step.step_id]
        else:
            since = _end(limit_of(deadline, step), since, deadline.suspensions, calendar)
    return since


def limit_of(deadline: Deadline, step: LimitStep) -> TimeLimit:
    """Return a step's limit, as extended."""
    times = deadline.extended.count(step.step_id)
    return step.extensions[times - 1].limit if times else step.limit


def _end(
    limit: TimeLimit, since: datetime, suspensions: tuple[Suspension, ...], calendar: WorkingCalendar
) -> datetime | None:
    """Return when a limit that runs from an instant is used up; None while it stands still."""
    measure = MEASURES[limit.unit]
    left = limit.amount * measure.unit
    for suspension in suspensions:
        if suspension.started_at < since:
            continue  # it lay in a step that is done
        due = measure.end(calendar, since, left)
        if due <= suspension.started_at:
            return due
        if suspension.ended_at is None:
            return None
        left = max(1, left - measure.used(calendar, since, suspension.started_at))
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
