"""Shifts: which sessions there are, and working time there and back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies

from services.casework.shifts import Session, ShiftAxis, sessions_of
from services.contracts.commands import CalendarOverride
from services.contracts.staffing import Hours, OwnHours, Shift
from services.contracts.timeliness import VIETNAM_TIME
from services.law.calendar import WorkingCalendar
from tests.support.cases import rules

_ALL_WEEK = (0, 1, 2, 3, 4, 5, 6)


def local(day: int, hour: int, minute: int = 0, *, month: int = 6) -> datetime:
    """An instant of 2018 in Vietnam; the 4th of June is a Monday."""
    return datetime(2018, month, day, hour, minute, tzinfo=VIETNAM_TIME).astimezone(UTC)


def sessions(shift: Shift, first: date, last: date, calendar: WorkingCalendar | None = None) -> list[Session]:
    found = sessions_of(shift, calendar or rules().calendar)
    return [session for session in found if first <= session.day <= last]


def axis(shift: Shift) -> ShiftAxis:
    return ShiftAxis(sessions_of(shift, rules().calendar))


def test_office_hours_are_the_calendars_sessions_on_its_working_days() -> None:
    # Friday to Monday.
    found = sessions(Hours.OFFICE, date(2018, 6, 1), date(2018, 6, 4))
    assert [(session.opens_at, session.closes_at) for session in found] == [
        (local(1, 8), local(1, 12)),
        (local(1, 13), local(1, 17)),
        (local(4, 8), local(4, 12)),
        (local(4, 13), local(4, 17)),
    ]


def test_office_hours_follow_the_decisions_on_a_sandboxs_calendar() -> None:
    saturday, monday = date(2018, 6, 2), date(2018, 6, 4)
    calendar = rules().calendars.with_overrides(
        [
            CalendarOverride(saturday, is_working=True, name="Làm bù", decision_number="1/QĐ"),
            CalendarOverride(monday, is_working=False, name="Nghỉ", decision_number="2/QĐ"),
        ]
    )
    assert {session.day for session in sessions(Hours.OFFICE, saturday, monday, calendar)} == {saturday}


def test_own_hours_on_days_of_the_week_hold_on_public_holidays_too() -> None:
    port = OwnHours(_ALL_WEEK, 6 * 60, 22 * 60)
    # The 30th of April and the 1st of May are public holidays.
    found = sessions(port, date(2018, 4, 29), date(2018, 5, 1))
    assert [session.day for session in found] == [date(2018, 4, 29), date(2018, 4, 30), date(2018, 5, 1)]
    assert (found[1].opens_at, found[1].closes_at) == (local(30, 6, month=4), local(30, 22, month=4))


def test_own_hours_on_working_days_leave_holidays_out() -> None:
    late = OwnHours(None, 17 * 60, 20 * 60)
    assert [session.day for session in sessions(late, date(2018, 4, 27), date(2018, 5, 2))] == [
        date(2018, 4, 27),
        date(2018, 5, 2),
    ]


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = OwnHours((0,), 22 * 60, 6 * 60)
    assert sessions(night, date(2018, 6, 4), date(2018, 6, 6)) == [
        Session(local(4, 22), local(5, 6), date(2018, 6, 4)),
    ]


def test_until_midnight_ends_with_the_day() -> None:
    (session,) = sessions(OwnHours((0,), 18 * 60, 24 * 60), date(2018, 6, 4), date(2018, 6, 5))
    assert session.closes_at == local(5, 0)


def test_round_the_clock_has_no_gap() -> None:
    found = sessions(Hours.ALL, date(2018, 6, 1), date(2018, 6, 4))
    assert [session.opens_at for session in found[1:]] == [session.closes_at for session in found[:-1]]
    assert axis(Hours.ALL).after(local(1, 23, 59), 2 * 60_000_000) == local(2, 0, 1)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (local(4, 9), 60, local(4, 10)),
        (local(4, 11, 30), 30, local(4, 12)),  # used up with the session: it ends then
        (local(4, 11, 30), 31, local(4, 13, 1)),
        (local(4, 16, 59), 2, local(5, 8, 1)),
        (local(1, 16), 121, local(4, 9, 1)),  # over a weekend
        (local(2, 9), 1, local(4, 8, 1)),  # begins while nobody is there
        (local(4, 8), 8 * 60 * 5, local(8, 17)),
    ],
)
def test_working_time_passes_in_sessions_only(start: datetime, minutes: int, end: datetime) -> None:
    assert axis(Hours.OFFICE).after(start, minutes * 60_000_000) == end
    assert axis(Hours.OFFICE).between(start, end) == minutes * 60_000_000


def test_it_is_exact_to_the_second() -> None:
    start = local(4, 11, 59) + timedelta(seconds=58)
    assert axis(Hours.OFFICE).after(start, 3_000_000) == local(4, 13) + timedelta(seconds=1)


def test_work_that_the_calendar_has_no_room_for_ends_with_its_last_session() -> None:
    short = ShiftAxis([Session(local(4, 8), local(4, 12), date(2018, 6, 4))])
    assert short.after(local(4, 11), 10**15) == local(4, 12)
    assert short.place(local(4, 12)) == 1


@given(
    shift=strategies.sampled_from(
        [Hours.OFFICE, Hours.ALL, OwnHours((0, 2, 6), 1320, 360), OwnHours(_ALL_WEEK, 360, 1320)]
    ),
    start=strategies.datetimes(datetime(2017, 2, 1), datetime(2019, 12, 1)),
    seconds=strategies.integers(1, 3_000_000),
)
def test_there_and_back_is_the_same(shift: Shift, start: datetime, seconds: int) -> None:
    at = start.replace(tzinfo=UTC)
    line = _AXES.setdefault(shift, axis(shift))
    end = line.after(at, seconds * 1_000_000)
    assert line.between(at, end) == seconds * 1_000_000
    assert line.between(at, end - timedelta(microseconds=1)) == seconds * 1_000_000 - 1


_AXES: dict[Shift, ShiftAxis] = {}
