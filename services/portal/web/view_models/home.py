"""The home page: the clock, the figures, the ten statuses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.contracts.commands import ClockSetting
from services.contracts.vocabulary import SETTLED_STATUSES, Status
from services.portal.web.view_models.dossiers import DossierRow


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures on top; what only metrics can say is None while it is away.

    Attributes:
        open: Filed and not settled.
        on_time_ratio: 0 to 1; also None when nothing with a limit has been resolved.
    """

    filed: int
    open: int
    settled: int
    is_from_metrics: bool
    open_overdue: int | None = None
    on_time_ratio: float | None = None
    on_time_numerator: int | None = None
    on_time_denominator: int | None = None
    enterprises: int | None = None
    individuals: int | None = None


def figures(by_status: Mapping[int, int], statistics: Mapping[str, Any] | None) -> Figures:
    """From what metrics answers, or from the read model alone."""
    if statistics is None:
        filed = sum(by_status.values())
        settled = sum(count for status, count in by_status.items() if status in SETTLED_STATUSES)
        return Figures(filed=filed, open=filed - settled, settled=settled, is_from_metrics=False)
    total, subjects = statistics["total"], statistics["subjects"] or {}
    ratio = total["on_time_ratio"]
    open_count = total["open"]["total"] + total["awaiting_receipt"]
    return Figures(
        filed=total["filed"],
        open=open_count,
        settled=total["filed"] - open_count,
        is_from_metrics=True,
        open_overdue=total["open"]["overdue"],
        on_time_ratio=ratio["value"],
        on_time_numerator=ratio["numerator"],
        on_time_denominator=ratio["denominator"],
        enterprises=subjects.get("enterprise"),
        individuals=individuals_of(subjects),
    )


def individuals_of(subjects: Mapping[str, int]) -> int | None:
    """Citizens and household businesses; None when metrics can't say."""
    return subjects.get("citizen", 0) + subjects.get("household", 0) if subjects else None


@dataclass(frozen=True, slots=True)
class HomePage:
    """The part of the home page that changes."""

    clock: ClockSetting
    now: datetime
    figures: Figures
    statuses: Sequence[tuple[Status, int]]
    latest: Sequence[DossierRow]
    is_staffed: bool  #: dossiers wait for officers


def status_counts(by_status: Mapping[int, int]) -> list[tuple[Status, int]]:
    """All ten, in order of their code."""
    return [(status, by_status.get(status, 0)) for status in Status]
