"""Decisions on a sandbox's calendar: a day off that was worked, or a working day off, by decision number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.contracts.commands import CalendarOverride


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedOverride:
    """An override as the portal keeps it."""

    sandbox_id: str
    number: int  #: 1, 2, 3 … within the sandbox, in the order of the decisions
    override: CalendarOverride
    decided_at: datetime  #: on the sandbox's clock
    recorded_at: datetime  #: on the wall's clock
    sequences: Mapping[int, int]  #: partition → command that carries it


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDeadline:
    """An open deadline that a decision moved."""

    number: int  #: of the dossier
    position: int  #: of the fact that says so
    filed_at: datetime
    limit_unit: str | None
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """What a sandbox's calendar says of one day.

    Attributes:
        name: What the day is, where it departs from the ordinary week; Vietnamese, or as the override named it.
        source: Where that stands: the law, or the decision.
        decision_number: Of a sandbox's own decision.
    """

    day: date
    is_working: bool
    name: str | None = None
    source: str | None = None
    decision_number: str | None = None
