"""How a dossier stands against its deadline, for people.

The due instant itself comes from processing, which alone knows suspensions and the working calendar; what is left until
then is counted here by the calendar. Being late is judged by the day for limits in days and by the minute for limits in
working hours (Circular 01/2018/TT-VPCP, index 1), as metrics does it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.contracts.catalogue import Procedure, TimeUnit
from services.contracts.timeliness import Timeliness, is_overdue, overdue_before, timeliness
from services.contracts.vocabulary import Status
from services.portal.domain.sandbox import Dossier

#: A result was reached, so that early and late mean something.
_WITH_RESULT: Final = frozenset({Status.PROCESSED, Status.RETURNED})


class Standing(StrEnum):
    """Where a dossier is with its deadline."""

    NOT_STARTED = "not-started"  #: not received yet: nothing is counted
    NO_LIMIT = "no-limit"  #: the law states none
    RUNNING = "running"
    LAST_DAY = "last-day"  #: the due day, or in working hours the last four hours
    OVERDUE = "overdue"
    SUSPENDED = "suspended"  #: waiting for the applicant
    DONE_EARLY = "done-early"
    DONE_ON_TIME = "done-on-time"
    DONE_OVERDUE = "done-overdue"
    CLOSED = "closed"  #: ended without a result: refused, withdrawn, stopped


_DONE: Final = {
    Timeliness.EARLY: Standing.DONE_EARLY,
    Timeliness.ON_TIME: Standing.DONE_ON_TIME,
    Timeliness.OVERDUE: Standing.DONE_OVERDUE,
    Timeliness.WITHOUT_LIMIT: Standing.NO_LIMIT,
}

#: Whatever was due once isn't any more.
_NOTHING_DUE: Final = frozenset({Standing.NOT_STARTED, Standing.NO_LIMIT, Standing.SUSPENDED, Standing.CLOSED})


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A deadline as pages show it.

    Attributes:
        due_at: None when nothing is due: not started, no limit, suspended, closed without a result.
        span: What is left when running; how late it is or was when overdue; else None. By the calendar.
        new_date_at: What an apology put in place of the due date, while it is open.
    """

    standing: Standing
    due_at: datetime | None
    span: timedelta | None
    procedure: Procedure
    new_date_at: datetime | None = None

    @property
    def is_late(self) -> bool:
        """Whether it is or was overdue."""
        return self.standing in {Standing.OVERDUE, Standing.DONE_OVERDUE}


#: Left of a limit in working hours when it counts as nearly due.
_NEARLY: Final = timedelta(hours=4)


def deadline_view(dossier: Dossier, procedure: Procedure, now: datetime) -> DeadlineView:
    """Judge a dossier.

    Args:
        dossier: as the read model has it.
        procedure: its procedure.
        now: what the sandbox's clock shows.
    """
    standing = _standing(dossier, now)
    span: timedelta | None = None
    if dossier.due_at is not None:
        if standing in {Standing.RUNNING, Standing.LAST_DAY}:
            span = max(dossier.due_at - now, timedelta(0))
        elif standing in {Standing.OVERDUE, Standing.DONE_OVERDUE}:
            span = (dossier.resolved_at or now) - dossier.due_at
    due_at = None if standing in _NOTHING_DUE else dossier.due_at
    new_date_at = dossier.new_date_at if dossier.resolved_at is None else None
    return DeadlineView(standing, due_at, span, procedure, new_date_at)


def _standing(dossier: Dossier, now: datetime) -> Standing:
    if dossier.resolved_at is not None or Status(dossier.status).is_terminal:
        return _final_standing(dossier)
    if dossier.received_at is None:
        return Standing.NOT_STARTED
    unit = dossier.limit_unit
    if unit is None:
        return Standing.NO_LIMIT
    if dossier.due_at is None:
        return Standing.SUSPENDED
    if is_overdue(dossier.status, dossier.due_at, unit, now):
        return Standing.OVERDUE
    nearly_at = dossier.due_at - _NEARLY if unit == TimeUnit.WORKING_HOURS else overdue_before(dossier.due_at, unit)
    return Standing.LAST_DAY if now >= nearly_at else Standing.RUNNING


def _final_standing(dossier: Dossier) -> Standing:
    if dossier.status not in _WITH_RESULT or dossier.resolved_at is None:
        return Standing.CLOSED
    return _DONE[timeliness(dossier.resolved_at, dossier.due_at, dossier.limit_unit)]
