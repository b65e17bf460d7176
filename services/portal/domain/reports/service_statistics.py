"""What the portal must tell of each service at level 3 or 4, since the start of the year.

Circular 32/2017/TT-BTTTT art. 11.3: online dossiers received, online dossiers resolved, the share of those resolved on
time, all dossiers received, online or not, and how satisfied applicants are (art. 12: three grades). Everything is
counted by the default rules: a receipt on its day, a resolution on its own. Metrics counts, this adds up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

from services.contracts.catalogue import Procedure
from services.contracts.vocabulary import Channel
from services.portal.domain.reports.units import Unit

#: The lowest level that has to be told of.
LOWEST_LEVEL: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCounts:
    """The numbers of one service, or of several together."""

    online_received: int = 0
    online_resolved: int = 0
    online_in_time: int = 0  #: of those resolved that had a limit: before it or on the due day
    online_limited: int = 0  #: online dossiers resolved that had a limit
    received: int = 0
    very_satisfied: int = 0
    satisfied: int = 0
    not_satisfied: int = 0

    def __add__(self, other: Self) -> Self:
        """Both together."""
        names = type(self).__dataclass_fields__
        return type(self)(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def on_time_ratio(self) -> float | None:
        """0 to 1; None when nothing with a limit has been resolved online."""
        return self.online_in_time / self.online_limited if self.online_limited else None

    @property
    def ratings(self) -> int:
        """How many applicants have said how satisfied they are."""
        return self.very_satisfied + self.satisfied + self.not_satisfied

    @property
    def satisfied_ratio(self) -> float | None:
        """Satisfied or very satisfied, of those who have said; 0 to 1."""
        return (self.very_satisfied + self.satisfied) / self.ratings if self.ratings else None


@dataclass(frozen=True, slots=True)
class Service:
    """A procedure that may be filed online."""

    procedure: Procedure
    counts: ServiceCounts


@dataclass(frozen=True, slots=True)
class ServiceStatistics:
    """The statistics.

    Attributes:
        first_on: The first of January.
        last_on: Last day counted.
        services: All that the catalogue has, in its order, also those that nobody used.
    """

    unit: Unit
    first_on: date
    last_on: date
    services: Sequence[Service]
    total: ServiceCounts
    positions: Mapping[str, int]


def make_service_statistics(
    answer: Mapping[str, Any], procedures: Mapping[str, Procedure], *, unit: Unit, first_on: date, last_on: date
) -> ServiceStatistics:
    """The statistics, from what metrics answers to a question by procedure and channel."""
    by_procedure: dict[str, ServiceCounts] = {}
    for row in answer["rows"]:
        known = by_procedure.get(row["procedure_id"], ServiceCounts())
        by_procedure[row["procedure_id"]] = known + _counts(row)
    services = [
        Service(procedure, by_procedure.get(procedure_id, ServiceCounts()))
        for procedure_id, procedure in procedures.items()
        if procedure.level >= LOWEST_LEVEL
    ]
    total = _sum(service.counts for service in services)
    return ServiceStatistics(unit, first_on, last_on, services, total, answer["positions"])


def _sum(counts: Iterable[ServiceCounts]) -> ServiceCounts:
    return sum(counts, ServiceCounts())


def _counts(row: Mapping[str, Any]) -> ServiceCounts:
    resolved, satisfaction = row["resolved"], row["satisfaction"]
    in_time = resolved["early"] + resolved["on_time"]
    is_online = row["channel"] == Channel.ONLINE
    return ServiceCounts(
        online_received=row["received"] if is_online else 0,
        online_resolved=resolved["total"] if is_online else 0,
        online_in_time=in_time if is_online else 0,
        online_limited=in_time + resolved["overdue"] if is_online else 0,
        received=row["received"],
        **satisfaction,
    )
