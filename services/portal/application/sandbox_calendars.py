"""A sandbox's working calendar: the catalogue's, with the days on which the sandbox has decided otherwise.

Deciding is a command to every partition, as moving the clock is: processing then counts open deadlines again and says
which moved. Nothing is counted here but the days.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final, Protocol

from services.contracts.catalogue import CalendarData, TimeUnit
from services.contracts.commands import CalendarOverride, CommandType
from services.contracts.vocabulary import Action
from services.law.calendar import CalendarBook, WorkingCalendar, overridden
from services.portal.application.ports import DoorUnit, NewCommand
from services.portal.application.problems import problem
from services.portal.domain.calendar_overrides import CalendarDay, DecidedOverride, MovedDeadline
from services.portal.domain.sandbox import Dossier, Sandbox, TimelineEntry
from services.runtime.clock import virtual_now

#: A year of a sandbox's calendar keeps so many working days, so that deadlines end within the horizon (ours); an
#: ordinary one has about 250.
WORKING_DAYS_KEPT: Final = 200

#: Decisions of a sandbox (ours): they are listed on one page, and go with every partition.
DECISIONS: Final = 1000


class OverrideReader(Protocol):
    """Reads what was decided, and what it moved."""

    def overrides(self, sandbox_id: str) -> list[DecidedOverride]:
        """All decisions of a sandbox, in their order."""
        ...

    def overrides_carried_out(self, sandbox_id: str, partition: int) -> list[DecidedOverride]:
        """Of these, those that a partition counted with when it last told something, in their order."""
        ...

    def moved_deadlines(
        self, sandbox_id: str, decision: DecidedOverride, after: tuple[int, int], limit: int
    ) -> list[MovedDeadline]:
        """Deadlines that a decision moved, by number of the dossier.

        Decisions of one number that were taken at the same instant, such as a swap of two days, moved them together.

        Args:
            sandbox_id: whose.
            decision: which.
            after: (number, position) of the last one already seen; (0, 0): from the first.
            limit: how many at most.
        """
        ...

    def moved_counts(self, sandbox_id: str, number: int | None = None) -> Mapping[int, int]:
        """How many deadlines each decision moved, by its number; with a number of that decision alone."""
        ...


def decide(
    unit: DoorUnit, sandbox: Sandbox, override: CalendarOverride, known: CalendarData, real_now: datetime
) -> DecidedOverride:
    """Write an override for a locked sandbox, and the command to each partition.

    Args:
        unit: the door's transaction.
        sandbox: whose calendar.
        override: a day that has passed may be overridden, too: deadlines that are still open move.
        known: the catalogue's days, for its horizon.
        real_now: the wall's time.

    Raises:
        ProblemError: `day-outside-calendar`, `too-many-decisions`, `too-many-days-off`.
    """
    check_days(known, {"/day": override.day})
    earlier = unit.calendar_overrides(sandbox.sandbox_id)
    if len(earlier) >= DECISIONS:
        raise problem("too-many-decisions", limit=DECISIONS)
    _check_days_off(known, earlier, override)
    now = virtual_now(sandbox.clock, real_now)
    data = {"overrides": [override.to_wire()]}
    sequences = unit.append(
        sandbox.sandbox_id,
        [
            NewCommand(partition, CommandType.OVERRIDE_CALENDAR, now, data)
            for partition in range(sandbox.partition_count)
        ],
    )
    decided = DecidedOverride(
        sandbox_id=sandbox.sandbox_id,
        number=0,
        override=override,
        decided_at=now,
        recorded_at=real_now,
        sequences=sequences,
    )
    return replace(decided, number=unit.add_calendar_override(decided))


def _check_days_off(known: CalendarData, earlier: Sequence[CalendarOverride], override: CalendarOverride) -> None:
    """Raise a ProblemError (`too-many-days-off`) for a day off that leaves its year too few working days."""
    if override.is_working:
        return
    year = override.day.year
    data = overridden(known, [*earlier, override])
    days = (date(year, 1, 1) + timedelta(days=place) for place in range(366))
    working = sum(
        day in data.working_weekends or (day.weekday() < 5 and day not in data.days_off)
        for day in days
        if day.year == year
    )
    if working < WORKING_DAYS_KEPT:
        raise problem(
            "too-many-days-off",
            day=override.day,
            year=year,
            limit=WORKING_DAYS_KEPT,
            errors=[{"pointer": "/day", "code": "too-many-days-off"}],
        )


def check_days(known: CalendarData, days: Mapping[str, date]) -> None:
    """Raise a ProblemError (`day-outside-calendar`) unless all days, given by where they were asked for, are known."""
    for pointer, day in days.items():
        if not known.first_on <= day <= known.last_on:
            raise problem(
                "day-outside-calendar",
                day=day,
                first=known.first_on,
                last=known.last_on,
                errors=[{"pointer": pointer, "code": "out-of-range"}],
            )


class SandboxCalendars:
    """Makes the calendars of sandboxes from what was decided."""

    def __init__(self, book: CalendarBook, reader: OverrideReader) -> None:
        self._book = book
        self._reader = reader

    def of_sandbox(self, sandbox_id: str) -> WorkingCalendar:
        """As decided so far."""
        return self._with(self._reader.overrides(sandbox_id))

    def by_instant(self, sandbox_id: str) -> Callable[[datetime], WorkingCalendar]:
        """As decided by an instant on the sandbox's clock; the decisions are read once, now."""
        decided = sorted(self._reader.overrides(sandbox_id), key=lambda one: (one.decided_at, one.number))

        @cache
        def of_first(count: int) -> WorkingCalendar:
            return self._with(sorted(decided[:count], key=lambda one: one.number))

        return lambda at: of_first(bisect_right(decided, at, key=lambda one: one.decided_at))

    def of_dossier(self, dossier: Dossier, timeline: Sequence[TimelineEntry]) -> WorkingCalendar:
        """As its partition counted when it last told of the dossier; what was decided after its end changes nothing.

        On a clock that stands still much happens at one instant: a decision of the instant at which a dossier ended
        came before its end if it moved the dossier. If it came before and moved nothing, it makes no difference.
        """
        decided = self._reader.overrides_carried_out(dossier.sandbox_id, dossier.partition)
        ended_at = dossier.resolved_at
        if ended_at is None:
            return self._with(decided)
        moved_by = {
            entry.detail["decision_number"]
            for entry in timeline
            if entry.action == Action.RESCHEDULE and entry.detail and entry.occurred_at == ended_at
        }
        return self._with(
            [
                one
                for one in decided
                if one.decided_at < ended_at
                or (one.decided_at == ended_at and one.override.decision_number in moved_by)
            ]
        )

    def moved_by(self, decision: DecidedOverride, moved: Sequence[MovedDeadline]) -> list[float | int | None]:
        """By how much each deadline moved, in the unit of its limit: working hours, working days or calendar days.

        Counted with the decision's day as a working day, whichever of the two it has become: so an hour on it counts.
        Negative: earlier. `None` where one of the two dates isn't known.
        """
        earlier = [one for one in self._reader.overrides(decision.sandbox_id) if one.number < decision.number]
        worked = replace(decision.override, is_working=True)
        calendar = self._book.with_overrides([*(one.override for one in earlier), worked])
        return [_moved_by(calendar, one) for one in moved]

    def _with(self, decided: Sequence[DecidedOverride]) -> WorkingCalendar:
        return self._book.with_overrides([one.override for one in decided])


def _moved_by(calendar: WorkingCalendar, moved: MovedDeadline) -> float | int | None:
    if moved.before is None or moved.after is None or moved.limit_unit is None:
        return None
    return _COUNT[TimeUnit(moved.limit_unit)](calendar, moved.before, moved.after)


def _hours_between(calendar: WorkingCalendar, before: datetime, after: datetime) -> float:
    return calendar.working_time_between(before, after) / 3_600_000_000


_COUNT: Final[Mapping[TimeUnit, Callable[[WorkingCalendar, datetime, datetime], float | int]]] = {
    TimeUnit.WORKING_HOURS: _hours_between,
    TimeUnit.WORKING_DAYS: WorkingCalendar.working_days_between,
    TimeUnit.CALENDAR_DAYS: WorkingCalendar.calendar_days_between,
}


def days_of(calendar: WorkingCalendar, first_on: date, last_on: date) -> Iterator[CalendarDay]:
    """Each day from one to another, in order.

    Raises:
        OutsideCalendarError: one of them isn't known.
    """
    day = first_on
    while day <= last_on:
        entry = calendar.entry_of(day)
        if entry is None:
            yield CalendarDay(day, calendar.is_working_day(day))
        else:
            yield CalendarDay(day, entry.is_working, entry.name, entry.source, entry.decision_number)
        day += timedelta(days=1)
