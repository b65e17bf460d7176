"""The working calendar of a year, and decisions that changed a day of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.contracts.catalogue import CalendarData
from services.contracts.identifiers import format_dossier_id
from services.contracts.timeliness import vietnamese_day
from services.law.calendar import WorkingCalendar
from services.portal.application.problems import problem
from services.portal.application.sandbox_calendars import days_of
from services.portal.domain.calendar_overrides import CalendarDay, DecidedOverride, MovedDeadline
from services.portal.web import words
from services.portal.web.language import gettext

#: Digits of a year.
_YEAR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """A decision on the calendar."""

    number: int
    day: date
    is_working: bool
    name: str
    decision_number: str
    decided_at: datetime
    moved_count: int


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """A year: the days that depart from the ordinary week, and what was decided.

    Attributes:
        working_day_count: Of the whole year.
        earlier: The year before; None: not known.
        later: The year after; None: not known.
    """

    year: int
    days: Sequence[CalendarDay]
    working_day_count: int
    sessions: str
    overrides: Sequence[OverrideRow]
    earlier: int | None
    later: int | None


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A deadline that moved."""

    dossier_id: str
    before: datetime | None
    after: datetime | None
    moved_by: str


@dataclass(frozen=True, slots=True)
class OverridePage:
    """A decision with what it moved; `older` leads to the next rows."""

    row: OverrideRow
    moved: Sequence[MovedRow]
    more: str | None


def parse_year(arguments: Mapping[str, str], known: CalendarData, today: date) -> int:
    """The year that is asked for, this one without a question.

    Raises:
        ProblemError: `invalid-query`.
    """
    text = arguments.get("year", "").strip()
    if not text:
        return today.year
    is_year = text.isascii() and text.isdigit() and len(text) == _YEAR_DIGITS
    if not is_year or not known.first_on.year <= int(text) <= known.last_on.year:
        raise problem("invalid-query", count=1, errors=[{"pointer": "/year"}])
    return int(text)


def calendar_page(
    year: int, calendar: WorkingCalendar, known: CalendarData, overrides: Sequence[OverrideRow]
) -> CalendarPage:
    """Lay out a year."""
    first_on, last_on = max(date(year, 1, 1), known.first_on), min(date(year, 12, 31), known.last_on)
    days = list(days_of(calendar, first_on, last_on))
    return CalendarPage(
        year=year,
        days=[day for day in days if day.name is not None],
        working_day_count=sum(day.is_working for day in days),
        sessions=", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in calendar.sessions),
        overrides=[row for row in overrides if row.day.year == year],
        earlier=year - 1 if year > known.first_on.year else None,
        later=year + 1 if year < known.last_on.year else None,
    )


def override_row(decided: DecidedOverride, moved_count: int) -> OverrideRow:
    """From what the portal keeps."""
    override = decided.override
    return OverrideRow(
        decided.number,
        override.day,
        override.is_working,
        override.name,
        override.decision_number,
        decided.decided_at,
        moved_count,
    )


def moved_rows(moved: Sequence[MovedDeadline], amounts: Sequence[float | int | None]) -> list[MovedRow]:
    """Each with by how much it moved."""
    return [
        MovedRow(
            dossier_id=format_dossier_id(one.number, vietnamese_day(one.filed_at)),
            before=one.before,
            after=one.after,
            moved_by=_moved_words(amount, one.limit_unit) if amount is not None and one.limit_unit else "",
        )
        for one, amount in zip(moved, amounts, strict=True)
    ]


def _moved_words(amount: float, unit: str) -> str:
    span = words.amount_of_time(abs(amount), unit)
    if amount < 0:
        return gettext("%(span)s earlier", span=span)
    return gettext("%(span)s later", span=span)
