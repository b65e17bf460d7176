"""Due instants counted by hand: one day after the other, one minute after the other.

Shares nothing with `services.law`: no tables, no arithmetic on amounts, no calendar functions, only plain sets of days.
It asks of each day or minute in turn whether it is counted, and stops when enough were. Local wall times of Vietnam,
whole minutes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

#: From the request to the answer; None: no answer yet.
Pause = tuple[datetime, datetime | None]


@dataclass
class Week:
    """Which days are worked: Monday to Friday, but for these."""

    off: set[date]
    worked: set[date]

    def changed(self, days: dict[date, bool]) -> "Week":
        """The same, with some days worked or not."""
        open_days = {day for day, is_open in days.items() if is_open}
        shut_days = set(days) - open_days
        return Week((self.off | shut_days) - open_days, (self.worked | open_days) - shut_days)

    def is_worked(self, day: date) -> bool:
        if day in self.worked:
            return True
        return day.isoweekday() not in {6, 7} and day not in self.off

    def is_open(self, minute: datetime) -> bool:
        """Whether the minute that begins here is worked."""
        return self.is_worked(minute.date()) and (8 <= minute.hour < 12 or 13 <= minute.hour < 17)


def count(amount: int, unit: str, since: datetime, pauses: list[Pause], week: Week) -> datetime | None:
    """When an amount is used up, or None when a pause without an end comes first."""
    own = [pause for pause in pauses if pause[0] >= since]
    if unit == "working-hours":
        return _count_minutes(amount, since, own, week)
    return _count_days(amount, since, own, week, only_working=unit == "working-days")


def _count_days(
    amount: int, since: datetime, pauses: list[Pause], week: Week, *, only_working: bool
) -> datetime | None:
    counted, day = 0, since.date()
    while True:
        day += DAY
        close = datetime.combine(day, time(17))
        if any(asked.date() < day and (answered is None or day <= answered.date()) for asked, answered in pauses):
            if any(answered is None and asked.date() < day for asked, answered in pauses):
                return None
            continue
        counted += week.is_worked(day) or not only_working
        asked_in_time_today = any(asked.date() == day and asked < close for asked, _ in pauses)
        if counted >= amount and week.is_worked(day) and not asked_in_time_today:
            return close


def _count_minutes(amount: int, since: datetime, pauses: list[Pause], week: Week) -> datetime | None:
    counted, minute = 0, since
    while counted < amount * 60:
        standing = [pause for pause in pauses if pause[0] <= minute and (pause[1] is None or minute < pause[1])]
        if any(answered is None for _, answered in standing):
            return None
        if not standing and week.is_open(minute):
            counted += 1
        minute += MINUTE
        if not week.is_open(minute) and minute.hour >= 17 and counted < amount * 60:
            # Nothing is counted at night; a pause that begins there is seen at the opening.
            minute = datetime.combine(minute.date() + DAY, time(8))
    return minute


@dataclass
class Part:
    """A step or milestone: how long, in what, and what it may be extended to."""

    name: str
    amount: int
    unit: str
    longer: list[tuple[int, str]] = field(default_factory=list)
    milestones: list["Part"] = field(default_factory=list)


@dataclass
class Dossier:
    """What has happened to one dossier, as its papers say."""

    parts: list[Part]
    started: datetime
    pauses: list[Pause] = field(default_factory=list)
    done: dict[str, datetime] = field(default_factory=dict)
    times_extended: dict[str, int] = field(default_factory=dict)

    @property
    def open_part(self) -> Part:
        """The step it is at."""
        return next(part for part in self.parts if part.name not in self.done)

    @property
    def may_complete(self) -> list[str]:
        """What can be done next: a milestone, or the step, unless that is the last one."""
        at = self.open_part
        names = [part.name for part in at.milestones if part.name not in self.done][:1]
        return names if at is self.parts[-1] else [*names, at.name]

    @property
    def may_extend(self) -> bool:
        """Whether the step it is at may take longer once more."""
        return self.times_extended.get(self.open_part.name, 0) < len(self.open_part.longer)

    def due(self, week: Week) -> dict[str, datetime | None]:
        """By when each part should be done; the last step is the whole. None: it stands still, or hasn't begun."""
        found: dict[str, datetime | None] = {}
        since: datetime | None = self.started
        for part in self.parts:
            ended = self.done.get(part.name)
            found[part.name] = self._due_of(part, since, ended, week)
            begins = since
            for milestone in part.milestones:
                reached = self.done.get(milestone.name, ended)
                found[milestone.name] = self._due_of(milestone, begins, reached, week)
                begins = reached or found[milestone.name]
            since = ended or found[part.name]
        return found

    def _due_of(self, part: Part, since: datetime | None, ended: datetime | None, week: Week) -> datetime | None:
        if since is None:
            return None
        times = self.times_extended.get(part.name, 0)
        amount, unit = part.longer[times - 1] if times else (part.amount, part.unit)
        pauses = [pause for pause in self.pauses if ended is None or pause[0] < ended]
        return count(amount, unit, since, pauses, week)
