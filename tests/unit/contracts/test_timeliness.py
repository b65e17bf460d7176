"""Early, on time, overdue."""

from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.timeliness import Timeliness, overdue_before, timeliness, vietnamese_day

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
