"""Early, on time, overdue."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.timeliness import Timeliness, is_overdue, overdue_before, timeliness, vietnamese_day
from services.contracts.vocabulary import SETTLED_STATUSES, Status

#: 17:00 in Vietnam on Friday the 8th.
DUE = datetime(2018, 6, 8, 10, 0, tzinfo=UTC)
MIDNIGHT_BEFORE = datetime(2018, 6, 7, 17, 0, tzinfo=UTC)
MIDNIGHT_AFTER = datetime(2018, 6, 8, 17, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("unit", ["working-days", "calendar-days"])
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (MIDNIGHT_BEFORE - MOMENT, Timeliness.EARLY),
        (MIDNIGHT_BEFORE, Timeliness.ON_TIME),
        (DUE - MOMENT, Timeliness.ON_TIME),
        (DUE + MINUTE, Timeliness.ON_TIME),
        (MIDNIGHT_AFTER - MOMENT, Timeliness.ON_TIME),
        (MIDNIGHT_AFTER, Timeliness.OVERDUE),
    ],
)
def test_limit_in_days_is_judged_by_the_day_in_vietnam(unit: str, at: datetime, expected: Timeliness) -> None:
    assert timeliness(at, DUE, unit) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (DUE - MOMENT, Timeliness.EARLY),
        (DUE, Timeliness.ON_TIME),
        (DUE + MINUTE - MOMENT, Timeliness.ON_TIME),
        (DUE + MINUTE, Timeliness.OVERDUE),
    ],
)
def test_limit_in_working_hours_is_judged_by_the_minute(at: datetime, expected: Timeliness) -> None:
    assert timeliness(at, DUE, "working-hours") is expected


def test_without_a_limit_nothing_is_early_or_late() -> None:
    assert timeliness(DUE, None, None) is Timeliness.WITHOUT_LIMIT


def test_suspended_term_has_not_run_out() -> None:
    assert timeliness(DUE, None, "working-days") is Timeliness.ON_TIME


@pytest.mark.parametrize("unit", ["working-days", "calendar-days", "working-hours"])
@pytest.mark.parametrize("minutes", [-3000, -1440, -601, -600, -1, 0, 1, 419, 420, 421, 1440])
def test_overdue_before_agrees_with_timeliness(unit: str, minutes: int) -> None:
    """The tables compare with `overdue_before`, the counter calls `timeliness`: one rule."""
    at = DUE + timedelta(minutes=minutes)
    assert (overdue_before(at, unit) > DUE) == (timeliness(at, DUE, unit) is Timeliness.OVERDUE)


def test_day_in_vietnam_begins_at_17_utc() -> None:
    assert vietnamese_day(MIDNIGHT_BEFORE - MOMENT).day == 7
    assert vietnamese_day(MIDNIGHT_BEFORE).day == 8


@pytest.mark.parametrize("status", list(Status))
def test_what_is_settled_is_not_overdue_any_more(status: Status) -> None:
    due_at = datetime(2018, 6, 5, 10, 0, tzinfo=UTC)
    late, same_day = due_at + timedelta(days=1), due_at + timedelta(minutes=30)
    assert is_overdue(status, due_at, "working-days", late) == (status not in SETTLED_STATUSES)
    assert is_overdue(status, due_at, "working-hours", same_day) == (status not in SETTLED_STATUSES)
    assert not is_overdue(status, due_at, "working-days", same_day)
    assert not is_overdue(status, None, "working-days", late)
    assert not is_overdue(status, due_at, None, late)


def test_a_settled_dossier_is_one_that_waits_for_nothing_but_its_return() -> None:
    assert set(Status) - SETTLED_STATUSES == {
        Status.SUBMITTED,
        Status.RECEIVED,
        Status.IN_PROCESS,
        Status.SUPPLEMENT_REQUESTED,
        Status.PAYMENT_REQUESTED,
    }
