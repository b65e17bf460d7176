"""Working days and working time of Vietnam, by named examples."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.contracts.catalogue import CalendarData
from services.contracts.commands import CalendarOverride
from services.contracts.timeliness import VIETNAM_TIME
from services.law.calendar import CalendarBook, CalendarEntry, OutsideCalendarError, WorkingCalendar
from tests.support.limits import calendar_data, local, shipped_calendar


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return shipped_calendar()


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (date(2018, 1, 1), date(2018, 3, 31), 59),
        (date(2018, 4, 1), date(2018, 6, 30), 62),
        (date(2018, 7, 1), date(2018, 9, 30), 64),
        (date(2018, 10, 1), date(2018, 12, 31), 65),
    ],
)
def test_the_quarters_of_2018_have_as_many_working_days_as_published(
    calendar: WorkingCalendar, first: date, last: date, count: int
) -> None:
    assert calendar.count_working_days(first - timedelta(days=1), last) == count


@pytest.mark.parametrize(
    ("off", "worked"),
    [
        (date(2018, 12, 31), date(2019, 1, 5)),
        (date(2019, 4, 29), date(2019, 5, 4)),
        (date(2026, 1, 2), date(2026, 1, 10)),
        (date(2026, 8, 31), date(2026, 8, 22)),
    ],
)
def test_a_swapped_weekday_is_off_and_its_saturday_is_worked(
    calendar: WorkingCalendar, off: date, worked: date
) -> None:
    assert (off.weekday() < 5, calendar.is_working_day(off)) == (True, False)
    assert (worked.weekday(), calendar.is_working_day(worked)) == (5, True)


def test_tet_2018_has_no_working_day_from_14_to_20_february(calendar: WorkingCalendar) -> None:
    assert calendar.count_working_days(date(2018, 2, 13), date(2018, 2, 20)) == 0
    assert calendar.add_working_days(date(2018, 2, 13), 1) == date(2018, 2, 21)
    assert calendar.close_after_calendar_days(local("2018-02-13T09:00"), 1) == local("2018-02-21T17:00")


def test_national_day_2018_on_a_sunday_is_made_up_for_on_monday(calendar: WorkingCalendar) -> None:
    assert calendar.close_after_calendar_days(local("2018-09-01T09:00"), 1) == local("2018-09-04T17:00")


def test_a_working_day_rolls_nowhere(calendar: WorkingCalendar) -> None:
    assert calendar.close_after_calendar_days(local("2018-06-04T09:00"), 1) == local("2018-06-05T17:00")


def test_working_days_are_counted_backwards_as_negative(calendar: WorkingCalendar) -> None:
    assert calendar.count_working_days(date(2018, 6, 8), date(2018, 6, 4)) == -4


def test_a_working_day_ends_at_17_hours_local_in_utc(calendar: WorkingCalendar) -> None:
    assert calendar.end_of_working_day(date(2018, 6, 5)) == datetime(2018, 6, 5, 10, tzinfo=UTC)
    assert calendar.end_of_working_day(date(2018, 6, 5)).tzinfo is UTC


def test_a_day_off_has_no_end_of_office_hours(calendar: WorkingCalendar) -> None:
    with pytest.raises(ValueError, match="2018-06-03 is not a working day"):
        calendar.end_of_working_day(date(2018, 6, 3))


def test_the_local_date_begins_at_17_hours_utc(calendar: WorkingCalendar) -> None:
    assert calendar.local_date(datetime(2018, 6, 5, 16, 59, 59, tzinfo=UTC)) == date(2018, 6, 5)
    assert calendar.local_date(datetime(2018, 6, 5, 17, tzinfo=UTC)) == date(2018, 6, 6)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2018-06-05T08:00", 60, "2018-06-05T09:00"),
        ("2018-06-05T06:00", 60, "2018-06-05T09:00"),
        ("2018-06-05T10:00", 120, "2018-06-05T12:00"),
        ("2018-06-05T10:01", 120, "2018-06-05T13:01"),
        ("2018-06-05T12:30", 1, "2018-06-05T13:01"),
        ("2018-06-05T08:00", 480, "2018-06-05T17:00"),
        ("2018-06-05T08:00", 481, "2018-06-06T08:01"),
        ("2018-06-08T16:59", 120, "2018-06-11T09:59"),  # Friday to Monday
        ("2018-06-08T17:00", 120, "2018-06-11T10:00"),
        ("2018-06-09T11:00", 1, "2018-06-11T08:01"),  # a Saturday
        ("2018-02-13T16:30", 60, "2018-02-21T08:30"),  # over Tết
        ("2019-05-03T16:00", 120, "2019-05-04T09:00"),  # into a worked Saturday
        ("2018-06-05T10:30:45", 120, "2018-06-05T13:30:45"),
        ("2018-06-05T12:30", 0, "2018-06-05T13:00"),
    ],
)
def test_working_minutes_run_in_office_sessions(calendar: WorkingCalendar, start: str, minutes: int, end: str) -> None:
    assert calendar.add_working_minutes(local(start), minutes) == local(end)
    assert calendar.working_minutes_between(local(start), local(end)) == minutes
    assert calendar.working_minutes_between(local(end), local(start)) == -minutes


@pytest.mark.parametrize("minutes", [1, 45, 180, 239, 241, 2000])
def test_what_comes_out_is_in_utc_however_the_start_was_written(calendar: WorkingCalendar, minutes: int) -> None:
    start = local("2018-06-04T08:00:07")
    found = calendar.add_working_minutes(start.astimezone(VIETNAM_TIME), minutes)
    assert found == calendar.add_working_minutes(start, minutes)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("since", "until", "part", "found"),
    [
        ("2018-06-08T08:00", "2018-06-08T10:00", 0.5, "2018-06-08T09:00"),
        ("2018-06-08T11:00", "2018-06-11T09:00", 0.5, "2018-06-08T15:00"),  # seven hours, with lunch and a weekend
        ("2018-06-08T08:00", "2018-06-08T10:00", 1.5, "2018-06-08T11:00"),  # beyond
        ("2018-06-08T08:00", "2018-06-08T08:09", 0.5, "2018-06-08T08:04"),  # four and a half: whole minutes only
        ("2018-06-08T08:00", "2018-06-08T10:00", 0.0, "2018-06-08T08:01"),  # never at the first instant itself
        ("2018-06-08T10:00", "2018-06-08T09:00", 0.5, "2018-06-08T10:01"),  # nor before it
        ("2018-06-08T08:00:30", "2018-06-08T10:00", 0.5, "2018-06-08T08:59:30"),  # seconds of the start are kept
    ],
)
def test_part_of_the_way_between_two_instants(
    calendar: WorkingCalendar, since: str, until: str, part: float, found: str
) -> None:
    assert calendar.part_way(local(since), local(until), part) == local(found)


def test_part_of_a_minute_is_no_minute_in_either_direction(calendar: WorkingCalendar) -> None:
    start, end = local("2018-06-05T09:00"), local("2018-06-05T09:01:59")
    assert calendar.working_minutes_between(start, end) == 1
    assert calendar.working_minutes_between(end, start) == -1


@pytest.mark.parametrize(
    ("at", "next_at"),
    [
        ("2018-06-05T07:59", "2018-06-05T08:00"),
        ("2018-06-05T08:00", "2018-06-05T08:00"),
        ("2018-06-05T11:59:59", "2018-06-05T11:59:59"),
        ("2018-06-05T12:00", "2018-06-05T13:00"),
        ("2018-06-05T17:00", "2018-06-06T08:00"),
        ("2018-06-08T20:00", "2018-06-11T08:00"),
        ("2019-04-27T09:00", "2019-05-02T08:00"),
        ("2019-05-03T18:00", "2019-05-04T08:00"),
    ],
)
def test_the_next_working_instant(calendar: WorkingCalendar, at: str, next_at: str) -> None:
    assert calendar.next_working_instant(local(at)) == local(next_at)
    assert calendar.next_working_instant(local(at)).tzinfo is UTC


def test_offices_may_keep_other_hours() -> None:
    summer = WorkingCalendar(calendar_data(), ((time(7), time(11, 30)), (time(13, 30), time(17))))
    assert summer.add_working_minutes(local("2018-06-05T11:00"), 60) == local("2018-06-05T14:00")


@pytest.mark.parametrize(
    "sessions",
    [
        (),
        ((time(8), time(8)),),
        ((time(13), time(17)), (time(8), time(12))),
        ((time(8), time(13)), (time(12), time(17))),
    ],
)
def test_sessions_out_of_order_are_refused(sessions: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="in order"):
        WorkingCalendar(calendar_data(), sessions)


@pytest.fixture
def week() -> WorkingCalendar:
    """Monday 4 to Sunday 10 June 2018 and nothing else."""
    return WorkingCalendar(CalendarData(frozenset(), frozenset(), date(2018, 6, 4), date(2018, 6, 10), {}))


def test_nothing_is_guessed_beyond_the_horizon(week: WorkingCalendar) -> None:
    friday = date(2018, 6, 8)
    inside = local("2018-06-08T09:00")
    for ask in (
        lambda: week.is_working_day(date(2018, 6, 3)),
        lambda: week.is_working_day(date(2018, 6, 11)),
        lambda: week.add_working_days(friday, 1),
        lambda: week.count_working_days(friday, date(2018, 6, 11)),
        lambda: week.local_date(local("2018-06-03T23:59")),
        lambda: week.local_date(local("2018-06-11T00:00")),
        lambda: week.add_working_minutes(inside, 421),
        lambda: week.next_working_instant(local("2018-06-08T17:00")),
        lambda: week.close_after_working_days(inside, 1),
        lambda: week.close_after_calendar_days(inside, 1),
        lambda: week.close_after_calendar_days(inside, 10_000_000),
    ):
        with pytest.raises(OutsideCalendarError, match="known from 2018-06-04 to 2018-06-10"):
            ask()


def test_the_edges_of_the_horizon_can_be_asked(week: WorkingCalendar) -> None:
    assert week.add_working_days(date(2018, 6, 4), 4) == date(2018, 6, 8)
    assert week.add_working_minutes(local("2018-06-08T09:00"), 420) == local("2018-06-08T17:00")
    assert week.count_working_days(date(2018, 6, 4), date(2018, 6, 10)) == 4


def test_naive_times_are_refused(calendar: WorkingCalendar) -> None:
    with pytest.raises(TypeError):
        calendar.local_date(datetime(2018, 6, 5, 9))


def test_amounts_below_the_smallest_are_refused(calendar: WorkingCalendar) -> None:
    with pytest.raises(ValueError, match="from 1 upwards, not 0"):
        calendar.add_working_days(date(2018, 6, 5), 0)
    with pytest.raises(ValueError, match="from 0 upwards, not -1"):
        calendar.add_working_minutes(local("2018-06-05T09:00"), -1)


STORM = CalendarOverride(date(2018, 6, 6), is_working=False, name="Bão số 1", decision_number="12/QĐ-UBND")
SATURDAY = CalendarOverride(date(2018, 6, 9), is_working=True, name="Làm bù", decision_number="13/QĐ-UBND")
NEW_YEAR = CalendarOverride(date(2018, 1, 1), is_working=True, name="Trực", decision_number="14/QĐ-UBND")
SWAPPED = CalendarOverride(date(2019, 1, 5), is_working=False, name="Thôi làm bù", decision_number="15/QĐ-UBND")


def test_a_sandbox_may_close_a_day_and_open_another() -> None:
    book = CalendarBook(calendar_data())
    changed = book.with_overrides([STORM, SATURDAY, NEW_YEAR, SWAPPED])
    days = [STORM.day, SATURDAY.day, NEW_YEAR.day, SWAPPED.day]
    assert [changed.is_working_day(day) for day in days] == [False, True, True, False]
    assert [book.plain.is_working_day(day) for day in days] == [True, False, False, True]
    assert changed.add_working_days(date(2018, 6, 5), 3) == SATURDAY.day
    assert changed.add_working_minutes(local("2018-06-05T16:30"), 60) == local("2018-06-07T08:30")


def test_why_a_day_departs_from_the_week_is_told_with_its_decision(calendar: WorkingCalendar) -> None:
    changed = CalendarBook(calendar_data()).with_overrides([STORM])
    assert changed.entry_of(STORM.day) == CalendarEntry(
        STORM.day, is_working=False, name="Bão số 1", source="12/QĐ-UBND", decision_number="12/QĐ-UBND"
    )
    assert calendar.entry_of(STORM.day) is None
    swapped = calendar.entry_of(date(2019, 5, 4))
    assert swapped is not None
    assert (swapped.is_working, swapped.name, swapped.decision_number) == (True, "Làm bù cho ngày 29/04/2019", None)
    assert swapped.source.startswith("official dispatch")


def test_sandboxes_with_the_same_overrides_share_a_calendar() -> None:
    book = CalendarBook(calendar_data())
    taken_back = replace(STORM, is_working=True)
    assert book.with_overrides([]) is book.plain
    assert book.with_overrides([STORM, SATURDAY]) is book.with_overrides([SATURDAY, taken_back, STORM])
    assert book.with_overrides([STORM, taken_back]).is_working_day(STORM.day)


def test_a_day_beyond_the_horizon_cannot_be_overridden() -> None:
    with pytest.raises(OutsideCalendarError):
        CalendarBook(calendar_data()).with_overrides([replace(STORM, day=date(2033, 1, 3))])
