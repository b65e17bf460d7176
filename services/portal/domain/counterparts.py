"""Terms of the systems around the portal: what is due by when, and what a passage or an audit does to a declaration.

Pure. Each term has its article; what is ours is said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.contracts.timeliness import VIETNAM_TIME
from services.law.amendments import AmendmentRule, DeclarationTimes
from services.law.calendar import WorkingCalendar
from services.law.terms import end_of_limit
from services.portal.domain.declarations import Declaration
from services.portal.domain.registers import RegisterEntry

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


def settlement_due_at(year_ended_on: date, calendar: WorkingCalendar) -> datetime:
    """When the settlement report of a financial year is due: the end of day 90 after it, or of the next working day.

    Source: TT39/2018/TT-BTC art. 60; a last day off: Civil Code 2015 art. 148.5, from memory.
    """
    return end_of_limit(SETTLEMENT_LIMIT, datetime.combine(year_ended_on, time(12), VIETNAM_TIME), calendar)


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


def storage_until(until: date, days: int) -> date:
    """The last day of an extended storage."""
    return until + timedelta(days=days)
