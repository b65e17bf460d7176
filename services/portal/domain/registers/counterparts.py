"""Terms of the systems around the portal: what is due by when, and what a passage or an audit does to a declaration.

Pure. Each term has its article; what is ours is said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.contracts.labels import Label
from services.contracts.timeliness import VIETNAM_TIME
from services.law.amendments import AmendmentRule, AmendmentWindow, DeclarationTimes, amendment_window
from services.law.calendar import OutsideCalendarError, WorkingCalendar
from services.law.terms import end_of_limit
from services.portal.domain.registers.declarations import Declaration, DeclarationState
from services.portal.domain.registers.registers import Register, RegisterEntry

#: A settlement report is due on this day of the next financial year (TT39/2018/TT-BTC art. 60).
SETTLEMENT_LIMIT: Final = TimeLimit(90, TimeUnit.CALENDAR_DAYS)

#: Terms of a post-clearance audit at the customs office (Law on Customs 54/2014/QH13 art. 78-79).
AUDIT_SENT: Final = TimeLimit(3, TimeUnit.WORKING_DAYS)
AUDIT_NOTICE: Final = TimeLimit(5, TimeUnit.WORKING_DAYS)
AUDIT_LASTS: Final = TimeLimit(5, TimeUnit.WORKING_DAYS)
AUDIT_CONCLUDED: Final = TimeLimit(5, TimeUnit.WORKING_DAYS)

#: Amendments under these rules come too late, and are recorded as a violation. One that customs asked for, or that
#: comes before clearance but after the channel notice, is penalised by the officer in charge, not recorded here.
LATE_RULES: Final = frozenset(
    {AmendmentRule.CLEARANCE_EXPIRED, AmendmentRule.AUDIT_DECIDED, AmendmentRule.GATE_EXPIRED}
)


def settlement_due_at(year_ends_on: date, calendar: WorkingCalendar) -> datetime:
    """When the settlement report of a financial year is due: the end of day 90 after it, or of the next working day.

    Source: TT39/2018/TT-BTC art. 60; a last day off: Civil Code 2015 art. 148.5, from memory.
    """
    return end_of_limit(SETTLEMENT_LIMIT, datetime.combine(year_ends_on, time(12), VIETNAM_TIME), calendar)


def settlement_terms(year_ends_on: date, filed_at: datetime, calendar: WorkingCalendar) -> dict[str, Any]:
    """When a settlement report was due, and whether it came later than that; as the register keeps it.

    Empty for a year that the calendar doesn't know: a form takes any day.
    """
    try:
        due_at = settlement_due_at(year_ends_on, calendar)
    except (OutsideCalendarError, OverflowError):
        return {}
    return {"due_at": due_at.isoformat(), "is_late": filed_at > due_at}


@dataclass(frozen=True, slots=True)
class AuditTerms:
    """What follows from an audit decision, each at its latest.

    Attributes:
        sent_by: The enterprise has the decision: 3 working days.
        starts_at: The audit may begin: 5 working days after that.
        ends_by: It lasts 5 working days at most.
        concluded_by: The result is there: 5 working days later.
    """

    sent_by: datetime
    starts_at: datetime
    ends_by: datetime
    concluded_by: datetime


#: Where the terms of an audit stand.
AUDIT_ARTICLE: Final = "Luật Hải quan 54/2014 Đ78-79"


def audit_terms(decided_at: datetime, calendar: WorkingCalendar) -> AuditTerms:
    """The terms of an audit at the customs office that was decided at an instant; they follow one another."""
    sent_by = end_of_limit(AUDIT_SENT, decided_at, calendar)
    starts_at = end_of_limit(AUDIT_NOTICE, sent_by, calendar)
    ends_by = end_of_limit(AUDIT_LASTS, starts_at, calendar)
    return AuditTerms(sent_by, starts_at, ends_by, end_of_limit(AUDIT_CONCLUDED, ends_by, calendar))


def declaration_times(
    declaration: Declaration, passages: Iterable[RegisterEntry], audits: Iterable[RegisterEntry], at: datetime
) -> DeclarationTimes:
    """What a declaration has gone through until an instant, as the rule of amendments wants it.

    Args:
        declaration: Registered here, so the notice of its channel came at once.
        passages: Of its goods; those that went otherwise than declared start a term, the last one counts.
        audits: Of it, or of all its declarant's declarations; the first one counts that came after registration.
        at: Nothing that came later counts.
    """
    gates = [one.occurred_at for one in passages if one.data["differs"] and one.occurred_at <= at]
    decided = [one.occurred_at for one in audits if declaration.registered_at <= one.occurred_at <= at]
    return DeclarationTimes(
        registered_at=declaration.registered_at,
        channel_at=declaration.registered_at if declaration.channel else None,
        cleared_at=declaration.clearance_at,
        gate_passed_at=max(gates, default=None),
        audit_decided_at=min(decided, default=None),
    )


def window_of(
    declaration: Declaration, about: Sequence[RegisterEntry], at: datetime, calendar: WorkingCalendar
) -> AmendmentWindow | None:
    """How an amendment of a declaration stands at an instant; `None` when it can't be amended any more.

    Args:
        declaration: As it stands.
        about: Passages and audits that concern it; other entries don't matter.
        at: On the sandbox's clock.
        calendar: Of the sandbox.
    """
    if declaration.state in {DeclarationState.CANCELLED, DeclarationState.NOT_CLEARED}:
        return None
    passages = [one for one in about if one.register == Register.GATE_PASSAGE]
    audits = [one for one in about if one.register == Register.AUDIT]
    return amendment_window(declaration_times(declaration, passages, audits, at), at, calendar)


def storage_until(until: date, days: int) -> date | None:
    """The last day of an extended storage; `None` for one that no calendar has: a form takes any day."""
    try:
        return until + timedelta(days=days)
    except OverflowError:
        return None


#: What each rule of an amendment is called.
AMENDMENT_LABELS: Final[Mapping[AmendmentRule, Label]] = {
    AmendmentRule.BEFORE_CHANNEL: Label("Trước khi phân luồng", "Before the channel notice"),
    AmendmentRule.BEFORE_CLEARANCE: Label("Sau phân luồng, trước thông quan", "After the channel notice, not cleared"),
    AmendmentRule.ON_REQUEST: Label("Theo yêu cầu của cơ quan hải quan", "On customs' request"),
    AmendmentRule.REQUEST_EXPIRED: Label("Quá hạn theo yêu cầu của cơ quan hải quan", "Later than customs asked for"),
    AmendmentRule.AFTER_GATE: Label("Sau khi hàng qua khu vực giám sát", "After the goods passed the gate"),
    AmendmentRule.GATE_EXPIRED: Label(
        "Quá hạn sau khi hàng qua khu vực giám sát", "Too late after the goods passed the gate"
    ),
    AmendmentRule.AFTER_CLEARANCE: Label("Trong 60 ngày sau thông quan", "Within 60 days of clearance"),
    AmendmentRule.CLEARANCE_EXPIRED: Label("Quá 60 ngày sau thông quan", "More than 60 days after clearance"),
    AmendmentRule.AUDIT_DECIDED: Label("Sau quyết định kiểm tra", "After an audit decision"),
}
