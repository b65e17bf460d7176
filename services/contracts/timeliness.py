"""Early, on time or overdue: how an instant lies against a due instant.

The one rule that metrics counts by and the portal shows. Doesn't compute deadlines (processing does, and every fact
says what is due) and never asks what time it is. Limits in
days are compared by day as Vietnam counts days, limits in working hours by the minute.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from services.contracts.catalogue import TimeUnit
from services.contracts.enumerations import quick
from services.contracts.vocabulary import SETTLED_STATUSES

#: Vietnam, all year round: UTC+7 without summer time since 1975, so no time zone database is needed.
VIETNAM_TIME: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
_OFFSET: Final = timedelta(hours=7)


@quick
class Timeliness(StrEnum):
    """How a resolved dossier stands against its due time (Circular 01/2018/TT-VPCP, index 1)."""

    EARLY = "early"  #: trước hạn
    ON_TIME = "on-time"  #: đúng hạn
    OVERDUE = "overdue"  #: quá hạn
    WITHOUT_LIMIT = "without-limit"  #: the law states no limit


def vietnamese_day(at: datetime) -> date:
    """The calendar day in Vietnam at an instant.

    >>> from datetime import UTC
    >>> [vietnamese_day(datetime(2018, 6, 4, hour, 30, tzinfo=UTC)).day for hour in (16, 17)]
    [4, 5]
    """
    if at.tzinfo is UTC:  # nearly always, and several times faster: each fact of a quarter comes by here
        return (at + _OFFSET).date()
    return at.astimezone(VIETNAM_TIME).date()


def overdue_before(at: datetime, limit_unit: str) -> datetime:
    """The instant that separates due times that have passed at `at` from those that haven't.

    Args:
        at: aware instant, on the clock of the sandbox.
        limit_unit: value of a `TimeUnit`.

    Returns:
        Whatever was due before this instant is overdue at `at`: the start of the day in Vietnam for limits in days,
        the start of the minute for limits in working hours.
    """
    if limit_unit == TimeUnit.WORKING_HOURS:
        return at.replace(second=0, microsecond=0)
    if at.tzinfo is UTC:  # as above; instants of one zone are compared several times faster, too
        return (at + _OFFSET).replace(hour=0, minute=0, second=0, microsecond=0) - _OFFSET
    return at.astimezone(VIETNAM_TIME).replace(hour=0, minute=0, second=0, microsecond=0)


def is_overdue(status: int, due_at: datetime | None, limit_unit: str | None, now: datetime) -> bool:
    """Whether a dossier is late now. Derived whenever it is asked for, never stored.

    Args:
        status: value of a `Status`; a settled dossier isn't overdue any more, though it may have been resolved late.
        due_at: when it is due, aware; `None`: not received yet, or the term is suspended.
        limit_unit: value of a `TimeUnit`; `None`: the law states no limit.
        now: aware instant, on the clock of the sandbox.
    """
    if due_at is None or limit_unit is None or status in SETTLED_STATUSES:
        return False
    return due_at < overdue_before(now, limit_unit)


def timeliness(at: datetime, due_at: datetime | None, limit_unit: str | None) -> Timeliness:
    """How a dossier that is resolved at `at` stands.

    Args:
        at: when it was resolved, aware.
        due_at: when it was due, aware; `None` with a `limit_unit`: the term is suspended, so it hasn't run out.
        limit_unit: value of a `TimeUnit`; `None`: the law states no limit.

    Returns:
        Before the due day (working hours: minute) early, on it on time, after it overdue.

    Source:
        Circular 01/2018/TT-VPCP, index 1: shorter than, equal to or longer than the time allowed.
    """
    if limit_unit is None:
        return Timeliness.WITHOUT_LIMIT
    if due_at is None:
        return Timeliness.ON_TIME
    if limit_unit == TimeUnit.WORKING_HOURS:
        if due_at < at.replace(second=0, microsecond=0):
            return Timeliness.OVERDUE
        return Timeliness.EARLY if at < due_at.replace(second=0, microsecond=0) else Timeliness.ON_TIME
    resolved_on, due_on = vietnamese_day(at), vietnamese_day(due_at)
    if due_on < resolved_on:
        return Timeliness.OVERDUE
    return Timeliness.EARLY if resolved_on < due_on else Timeliness.ON_TIME
