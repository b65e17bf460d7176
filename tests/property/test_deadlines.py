"""Due instants against an independent count: one day after the other, one minute after the other.

The count below shares nothing with the code under test but the sets of days off: no tables, no arithmetic on amounts,
no calendar functions. It asks of each day or minute in turn whether it is counted, and stops when enough were.
"""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.catalogue import CalendarData, TimeLimit, TimeUnit
from services.law.calendar import WorkingCalendar
from services.law.deadlines import Deadline, Suspension, due_at
from tests.support.limits import calendar_data, one_step

DATA: CalendarData = calendar_data()
CLOCK = WorkingCalendar(DATA)
AHEAD = timedelta(hours=7)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

Pause = tuple[datetime, datetime | None]


def office_is_open(local: datetime) -> bool:
    """Whether the minute that begins at a local wall time is worked."""
    return day_is_worked(local.date()) and (8 <= local.hour < 12 or 13 <= local.hour < 17)


def day_is_worked(day: date) -> bool:
    if day in DATA.working_weekends:
        return True
    return day.isoweekday() not in {6, 7} and day not in DATA.days_off


def count_days(amount: int, started: datetime, pauses: list[Pause], *, only_working: bool) -> datetime | None:
    """The end of the day on which the count is full, or None when a pause without an end comes first."""
    counted, day = 0, started.date()
    while True:
        day += DAY
        close = datetime.combine(day, time(17))
        if any(asked.date() < day and (answered is None or day <= answered.date()) for asked, answered in pauses):
            if any(answered is None and asked.date() < day for asked, answered in pauses):
                return None
            continue
        counted += day_is_worked(day) or not only_working
        asked_in_time_today = any(asked.date() == day and asked < close for asked, _ in pauses)
        if counted >= amount and day_is_worked(day) and not asked_in_time_today:
            return close


def count_minutes(amount: int, started: datetime, pauses: list[Pause]) -> datetime | None:
    """The end of the minute in which the count is full, or None when a pause without an end comes first."""
    counted, minute = 0, started
    while counted < amount * 60:
        standing = [pause for pause in pauses if pause[0] <= minute and (pause[1] is None or minute < pause[1])]
        if any(answered is None for _, answered in standing):
            return None
        if not standing and office_is_open(minute):
            counted += 1
        minute += MINUTE
        if not office_is_open(minute) and minute.hour >= 17 and counted < amount * 60:
            # Nothing is counted at night; a pause that begins there is seen at the opening.
            minute = datetime.combine(minute.date() + DAY, time(8))
    return minute


def brute(limit: TimeLimit, started: datetime, pauses: list[Pause]) -> datetime | None:
    if limit.unit is TimeUnit.WORKING_HOURS:
        return count_minutes(limit.amount, started, pauses)
    return count_days(limit.amount, started, pauses, only_working=limit.unit is TimeUnit.WORKING_DAYS)


#: Gaps between one event and the next: often within a day, sometimes over Tết, sometimes nothing at all.
gaps = st.one_of(
    st.integers(0, 600), st.integers(0, 4 * 1440), st.integers(0, 25 * 1440), st.sampled_from([0, 1, 60, 1440])
).map(lambda minutes: timedelta(minutes=minutes))

#: Any minute of 2017 to 2026, office hours and the eves of holidays more often than chance would have it.
days = st.one_of(
    st.dates(date(2017, 1, 1), date(2026, 12, 31)),
    st.sampled_from(sorted(day for day in DATA.days_off | DATA.working_weekends if 2017 <= day.year <= 2026)).flatmap(
        lambda day: st.integers(-12, 3).map(lambda shift: day + timedelta(days=shift))
    ),
)
times = st.one_of(
    st.integers(0, 1439),
    st.integers(8 * 60, 17 * 60),
    st.sampled_from([0, 479, 480, 719, 720, 779, 780, 1019, 1020, 1439]),
).map(lambda minute: time(minute // 60, minute % 60))
limits = st.one_of(
    st.builds(TimeLimit, st.integers(1, 17), st.just(TimeUnit.WORKING_HOURS)),
    st.builds(TimeLimit, st.integers(1, 30), st.just(TimeUnit.WORKING_DAYS)),
    st.builds(TimeLimit, st.integers(1, 60), st.just(TimeUnit.CALENDAR_DAYS)),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    """A start and up to three pauses in order, the last one perhaps without an end; local wall times."""
    started = at = datetime.combine(draw(days), draw(times))
    pauses: list[Pause] = []
    for _ in range(draw(st.integers(0, 3))):
        asked = at + draw(gaps)
        at = asked + draw(gaps)
        pauses.append((asked, at))
    if pauses and draw(st.integers(0, 4)) == 0:
        pauses[-1] = (pauses[-1][0], None)
    return started, pauses


def utc(local: datetime) -> datetime:
    return (local - AHEAD).replace(tzinfo=UTC)


def deadline_of(limit: TimeLimit, started: datetime, pauses: list[Pause]) -> Deadline:
    ledger = tuple(Suspension(utc(asked), utc(answered) if answered else None) for asked, answered in pauses)
    return Deadline(one_step(limit), utc(started), ledger)


@settings(max_examples=1500, deadline=None)
@given(limit=limits, history=histories())
def test_the_due_instant_is_what_counting_one_by_one_gives(
    limit: TimeLimit, history: tuple[datetime, list[Pause]]
) -> None:
    wanted = brute(limit, *history)
    assert due_at(deadline_of(limit, *history), CLOCK) == (wanted and utc(wanted))


@settings(max_examples=300, deadline=None)
@given(limit=limits, history=histories(), later=gaps)
def test_a_pause_never_makes_a_dossier_due_earlier(
    limit: TimeLimit, history: tuple[datetime, list[Pause]], later: timedelta
) -> None:
    started, pauses = history
    without = due_at(deadline_of(limit, started, pauses[:-1]), CLOCK)
    with_one_more = due_at(deadline_of(limit, started, pauses), CLOCK)
    assert without is None or with_one_more is None or with_one_more >= without


@settings(max_examples=300, deadline=None)
@given(limit=limits, history=histories())
def test_a_dossier_completed_in_time_is_not_overdue_at_that_moment(
    limit: TimeLimit, history: tuple[datetime, list[Pause]]
) -> None:
    started, pauses = history
    due = due_at(deadline_of(limit, started, pauses), CLOCK)
    before = due_at(deadline_of(limit, started, pauses[:-1]), CLOCK)
    if due and before and pauses and (answered := pauses[-1][1]) and utc(pauses[-1][0]) < before:
        assert due > utc(answered)


@settings(max_examples=300, deadline=None)
@given(day=days, at=times, minutes=st.integers(0, 3000))
def test_adding_working_minutes_and_counting_them_are_inverse(day: date, at: time, minutes: int) -> None:
    start = utc(datetime.combine(day, at))
    end = CLOCK.add_working_minutes(start, minutes)
    assert CLOCK.working_minutes_between(start, end) == minutes
    assert end >= start
