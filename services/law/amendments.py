"""Whether amending a declaration is penalised, and until when that stays so.

A pure rule over the instants that a declaration has gone through. Knows no register and no penalty tariff; whether the
amendment itself is right is for an officer to say.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.law.calendar import WorkingCalendar
from services.law.terms import end_of_limit

#: Customs found something and asked for the amendment. Source: Circular 39/2018/TT-BTC art. 20.
ON_REQUEST: Final = TimeLimit(5, TimeUnit.WORKING_DAYS)
#: After clearance without a penalty. Source: Law on Customs 54/2014/QH13 art. 29.4b.
AFTER_CLEARANCE: Final = TimeLimit(60, TimeUnit.CALENDAR_DAYS)
#: Goods that passed the gate otherwise than declared. Source: Circular 39/2018/TT-BTC art. 52.
AFTER_GATE: Final = TimeLimit(5, TimeUnit.WORKING_DAYS)


class AmendmentRule(StrEnum):
    """Which rule an amendment falls under."""

    BEFORE_CHANNEL = "before-channel"  #: before customs said how it checks: free
    BEFORE_CLEARANCE = "before-clearance"  #: customs has said how it checks: penalised
    ON_REQUEST = "on-request"  #: customs asked for it: within 5 working days, penalised
    REQUEST_EXPIRED = "request-expired"  #: asked for, and the 5 working days are over
    AFTER_GATE = "after-gate"  #: what the gate saw: within 5 working days, free
    GATE_EXPIRED = "gate-expired"  #: the same, too late: penalised
    AFTER_CLEARANCE = "after-clearance"  #: within 60 days of clearance: free
    CLEARANCE_EXPIRED = "clearance-expired"  #: later: penalised
    AUDIT_DECIDED = "audit-decided"  #: an audit has been decided on: penalised


_FREE: Final = frozenset({AmendmentRule.BEFORE_CHANNEL, AmendmentRule.AFTER_GATE, AmendmentRule.AFTER_CLEARANCE})

_ARTICLES: Final = {
    AmendmentRule.BEFORE_CHANNEL: "TT 39/2018/TT-BTC Đ20; Luật Hải quan 54/2014 Đ29.4a",
    AmendmentRule.BEFORE_CLEARANCE: "TT 39/2018/TT-BTC Đ20",
    AmendmentRule.ON_REQUEST: "TT 39/2018/TT-BTC Đ20",
    AmendmentRule.REQUEST_EXPIRED: "TT 39/2018/TT-BTC Đ20",
    AmendmentRule.AFTER_GATE: "TT 39/2018/TT-BTC Đ52",
    AmendmentRule.GATE_EXPIRED: "TT 39/2018/TT-BTC Đ52",
    AmendmentRule.AFTER_CLEARANCE: "Luật Hải quan 54/2014 Đ29.4b; TT 39/2018/TT-BTC Đ20",
    AmendmentRule.CLEARANCE_EXPIRED: "Luật Hải quan 54/2014 Đ29.4b; TT 39/2018/TT-BTC Đ20",
    AmendmentRule.AUDIT_DECIDED: "Luật Hải quan 54/2014 Đ29.4b; TT 39/2018/TT-BTC Đ20",
}


@dataclass(frozen=True, slots=True)
class DeclarationTimes:
    """What a declaration has gone through; None for what hasn't happened.

    Attributes:
        channel_at: Customs' notice of the channel.
        gate_passed_at: The goods passed the gate otherwise than declared (number of containers or packages, weight). A
            passage with nothing to amend isn't told here: it would cut the 60 days short.
        requested_at: Customs asked for the amendment while checking papers or goods.
        audit_decided_at: A post-clearance audit or inspection of it was decided.
    """

    registered_at: datetime
    channel_at: datetime | None = None
    cleared_at: datetime | None = None
    gate_passed_at: datetime | None = None
    requested_at: datetime | None = None
    audit_decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AmendmentWindow:
    """How an amendment stands.

    Attributes:
        penalised: Whether it is an offence to have needed it.
        until: Last instant at which that holds by itself; None: no term ends it.
        rule: Which case it is.
        article: Where that stands.
    """

    penalised: bool
    until: datetime | None
    rule: AmendmentRule
    article: str


def amendment_window(times: DeclarationTimes, at: datetime, calendar: WorkingCalendar) -> AmendmentWindow:
    """Return how an amendment that is filed at an instant stands.

    What happened after that instant is left out of account. That an amendment asked for by customs is penalised too is
    from memory; the sources at hand only give its 5 working days.

    Source: Law on Customs 54/2014/QH13 art. 29; Circular 39/2018/TT-BTC art. 20 and 52.
    """
    # The case that ends the others comes first: what happened, its term, the rule within the term and without.
    cases: tuple[tuple[datetime | None, TimeLimit | None, AmendmentRule, AmendmentRule], ...] = (
        (times.audit_decided_at, None, AmendmentRule.AUDIT_DECIDED, AmendmentRule.AUDIT_DECIDED),
        (times.gate_passed_at, AFTER_GATE, AmendmentRule.AFTER_GATE, AmendmentRule.GATE_EXPIRED),
        (times.cleared_at, AFTER_CLEARANCE, AmendmentRule.AFTER_CLEARANCE, AmendmentRule.CLEARANCE_EXPIRED),
        (times.requested_at, ON_REQUEST, AmendmentRule.ON_REQUEST, AmendmentRule.REQUEST_EXPIRED),
        (times.channel_at, None, AmendmentRule.BEFORE_CLEARANCE, AmendmentRule.BEFORE_CLEARANCE),
    )
    for happened_at, limit, within, otherwise in cases:
        if happened_at is None or happened_at > at:
            continue
        until = end_of_limit(limit, happened_at, calendar) if limit else None
        if until is not None and at <= until:
            return _window(within, until)
        return _window(otherwise)
    return _window(AmendmentRule.BEFORE_CHANNEL)


def _window(rule: AmendmentRule, until: datetime | None = None) -> AmendmentWindow:
    return AmendmentWindow(rule not in _FREE, until, rule, _ARTICLES[rule])
