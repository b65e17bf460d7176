"""Due instants by worked examples; all times are local time of Vietnam."""

from datetime import UTC

import pytest

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.law.calendar import OutsideCalendarError, WorkingCalendar
from services.law.deadlines import Deadline, Suspension, due_at, restart, resume, suspend
from tests.support.limits import local, one_step, shipped_calendar

HOURS, DAYS, CALENDAR = TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS, TimeUnit.CALENDAR_DAYS


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return shipped_calendar()


def running(amount: int, unit: TimeUnit, started: str, *pauses: tuple[str, str]) -> Deadline:
    """A deadline that went through pauses, each from request to supplement."""
    deadline = Deadline(one_step(TimeLimit(amount, unit)), local(started))
    for requested, supplemented in pauses:
        deadline = resume(suspend(deadline, local(requested)), local(supplemented))
    return deadline


@pytest.mark.parametrize(
    ("amount", "unit", "started", "due"),
    [
        # The day of the event isn't counted (Civil Code art. 147): six working days from a Monday end next Tuesday.
        (6, DAYS, "2018-06-04T09:00", "2018-06-12T17:00"),
        (6, DAYS, "2018-06-04T23:30", "2018-06-12T17:00"),
        (6, DAYS, "2018-06-03T10:00", "2018-06-11T17:00"),  # a Sunday
        # Tết 2018: off from 14 to 20 February; received on the 12th, only the 13th counts before it.
        (6, DAYS, "2018-02-12T10:00", "2018-02-27T17:00"),
        (8, HOURS, "2018-02-13T15:00", "2018-02-21T15:00"),
        # Swap days: Monday 29/04/2019 off, Saturday 04/05/2019 worked.
        (5, DAYS, "2019-04-26T09:00", "2019-05-07T17:00"),
        (3, DAYS, "2019-04-26T09:00", "2019-05-04T17:00"),
        # Monday 31/12/2018 off, Saturday 05/01/2019 worked.
        (2, DAYS, "2018-12-28T09:00", "2019-01-03T17:00"),
        (4, DAYS, "2018-12-28T09:00", "2019-01-05T17:00"),
        # Friday 02/01/2026 off, Saturday 10/01/2026 worked.
        (1, DAYS, "2025-12-31T09:00", "2026-01-05T17:00"),
        (6, DAYS, "2025-12-31T09:00", "2026-01-10T17:00"),
        # 16:59 on a Friday: one minute is used that day, the rest on Monday.
        (2, HOURS, "2018-06-08T16:59", "2018-06-11T09:59"),
        (8, HOURS, "2018-06-08T16:59", "2018-06-11T16:59"),
        # Filed at night and on a weekend: counts from the next opening.
        (2, HOURS, "2018-06-08T22:15", "2018-06-11T10:00"),
        (2, HOURS, "2018-06-10T06:00", "2018-06-11T10:00"),
        # Calendar days; the last one off moves to the next working day (Civil Code art. 148.5).
        (40, CALENDAR, "2018-05-07T09:00", "2018-06-18T17:00"),  # 16 June is a Saturday
        (40, CALENDAR, "2018-05-09T09:00", "2018-06-18T17:00"),  # 18 June is a Monday
        (40, CALENDAR, "2018-01-05T09:00", "2018-02-21T17:00"),  # 14 February begins Tết
        (40, CALENDAR, "2019-03-25T09:00", "2019-05-04T17:00"),  # a worked Saturday
    ],
)
def test_a_limit_without_pause(calendar: WorkingCalendar, amount: int, unit: TimeUnit, started: str, due: str) -> None:
    found = due_at(running(amount, unit, started), calendar)
    assert found == local(due)
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("amount", "unit", "started", "pauses", "due"),
    [
        # Received Mon 4 June. Asked on Thu 7 (counted: 5, 6, 7), supplemented Thu 14 (not counted): 15, 18, 19.
        (6, DAYS, "2018-06-04T09:00", [("2018-06-07T10:00", "2018-06-14T15:00")], "2018-06-19T17:00"),
        # Asked on the day of receipt: that day isn't counted anyway.
        (6, DAYS, "2018-06-04T09:00", [("2018-06-04T10:00", "2018-06-05T15:00")], "2018-06-13T17:00"),
        # Asked and supplemented on one day: it counts, nothing is lost.
        (6, DAYS, "2018-06-04T09:00", [("2018-06-07T10:00", "2018-06-07T15:00")], "2018-06-12T17:00"),
        # Supplemented on a Saturday: Monday is the first day again.
        (6, DAYS, "2018-06-04T09:00", [("2018-06-07T10:00", "2018-06-09T15:00")], "2018-06-13T17:00"),
        # Asked on the last day: one day is left after the supplement (ours).
        (6, DAYS, "2018-06-04T09:00", [("2018-06-12T16:59", "2018-06-20T08:00")], "2018-06-21T17:00"),
        # Asked after the last day's close: it was overdue and stays so.
        (6, DAYS, "2018-06-04T09:00", [("2018-06-12T17:00", "2018-06-20T08:00")], "2018-06-12T17:00"),
        # Two pauses.
        (
            6,
            DAYS,
            "2018-06-04T09:00",
            [("2018-06-05T10:00", "2018-06-06T10:00"), ("2018-06-08T10:00", "2018-06-11T10:00")],
            "2018-06-14T17:00",
        ),
        # 40 days from 7 May end on Saturday 16 June; ten of them don't count: 26 June.
        (40, CALENDAR, "2018-05-07T09:00", [("2018-05-14T10:00", "2018-05-24T10:00")], "2018-06-26T17:00"),
        # The 40 days are over on the Saturday; asked on the Monday to which they moved: one day after the supplement.
        (40, CALENDAR, "2018-05-07T09:00", [("2018-06-18T10:00", "2018-06-22T10:00")], "2018-06-25T17:00"),
        # Hours: 90 minutes used before the request, 30 left from the supplement on.
        (2, HOURS, "2018-06-08T08:00", [("2018-06-08T09:30", "2018-06-11T16:50")], "2018-06-12T08:20"),
        # Asked at lunch, supplemented at night.
        (2, HOURS, "2018-06-08T11:00", [("2018-06-08T12:30", "2018-06-09T23:00")], "2018-06-11T09:00"),
        # Used up exactly at noon; a request at lunch comes too late.
        (2, HOURS, "2018-06-08T10:00", [("2018-06-08T12:00", "2018-06-11T08:00")], "2018-06-08T12:00"),
    ],
)
def test_a_pause_is_not_counted(
    calendar: WorkingCalendar, amount: int, unit: TimeUnit, *, started: str, pauses: list[tuple[str, str]], due: str
) -> None:
    assert due_at(running(amount, unit, started, *pauses), calendar) == local(due)


def test_a_restart_counts_again_from_zero(calendar: WorkingCalendar) -> None:
    asked = suspend(running(5, DAYS, "2018-06-04T09:00"), local("2018-06-07T10:00"))
    again = restart(asked, local("2018-06-14T15:00"))
    assert again == Deadline(one_step(TimeLimit(5, DAYS)), local("2018-06-14T15:00"))
    assert due_at(again, calendar) == local("2018-06-21T17:00")


def test_a_running_limit_can_be_restarted_too() -> None:
    assert restart(running(2, HOURS, "2018-06-04T09:00"), local("2018-06-05T09:00")).started_at == local(
        "2018-06-05T09:00"
    )


def test_nothing_is_due_while_the_limit_stands_still(calendar: WorkingCalendar) -> None:
    deadline = suspend(running(6, DAYS, "2018-06-04T09:00"), local("2018-06-07T10:00"))
    assert deadline.is_suspended
    assert due_at(deadline, calendar) is None


def test_what_was_overdue_when_it_was_suspended_stays_overdue(calendar: WorkingCalendar) -> None:
    deadline = suspend(running(2, HOURS, "2018-06-08T08:00"), local("2018-06-08T10:30"))
    assert due_at(deadline, calendar) == local("2018-06-08T10:00")


def test_a_procedure_without_a_limit_is_never_due(calendar: WorkingCalendar) -> None:
    deadline = Deadline(one_step(None), local("2018-06-04T09:00"))
    assert due_at(deadline, calendar) is None
    assert due_at(resume(suspend(deadline, local("2018-06-05T09:00")), local("2018-06-06T09:00")), calendar) is None


def test_a_suspension_is_recorded_with_both_ends() -> None:
    deadline = running(6, DAYS, "2018-06-04T09:00", ("2018-06-05T09:00", "2018-06-06T09:00"))
    assert deadline.suspensions == (Suspension(local("2018-06-05T09:00"), local("2018-06-06T09:00")),)
    assert not deadline.is_suspended


def test_a_due_instant_beyond_the_calendar_is_an_error(calendar: WorkingCalendar) -> None:
    with pytest.raises(OutsideCalendarError):
        due_at(running(6, DAYS, "2032-12-30T09:00"), calendar)


def test_changes_that_make_no_sense_are_refused() -> None:
    deadline = running(6, DAYS, "2018-06-04T09:00")
    standing = suspend(deadline, local("2018-06-05T09:00"))
    with pytest.raises(ValueError, match="can't be suspended again"):
        suspend(standing, local("2018-06-06T09:00"))
    with pytest.raises(ValueError, match="before it last changed"):
        suspend(deadline, local("2018-06-04T08:59"))
    with pytest.raises(ValueError, match="that runs can't be resumed"):
        resume(deadline, local("2018-06-06T09:00"))
    with pytest.raises(ValueError, match="before it was suspended"):
        resume(standing, local("2018-06-05T08:59"))
    with pytest.raises(ValueError, match="can't be restarted"):
        restart(standing, local("2018-06-05T08:59"))
