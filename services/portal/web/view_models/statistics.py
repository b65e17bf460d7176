"""Statistics as a table and a chart: names beside the codes that metrics answers with, nothing counted here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from math import ceil
from typing import Any, Final

from services.contracts.catalogue import Catalogue
from services.contracts.labels import CHANNEL_LABELS
from services.contracts.vocabulary import Channel
from services.portal.web.language import gettext, in_words
from services.portal.web.view_models.dossiers import office_name, procedure_name
from services.portal.web.view_models.home import individuals_of


class Grouping(StrEnum):
    """What the table's rows are; the values are those of metrics."""

    PROCEDURE = "procedure"
    OFFICE = "office"
    LEVEL = "level"
    CHANNEL = "channel"


_MEMBER = {
    Grouping.PROCEDURE: "procedure_id",
    Grouping.OFFICE: "office_code",
    Grouping.LEVEL: "level",
    Grouping.CHANNEL: "channel",
}


@dataclass(frozen=True, slots=True)
class StatisticsQuery:
    """What was asked, and what of it couldn't be understood.

    Attributes:
        first_on: First day of the period, as typed.
        last_on: Last day, as typed.
        errors: Field name to sentence; empty when all is well.
    """

    grouping: Grouping = Grouping.PROCEDURE
    first_on: str = ""
    last_on: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_period(self) -> bool:
        """Whether only some days are asked for."""
        return bool(self.first_on or self.last_on)

    def for_metrics(self) -> dict[str, str]:
        """The question in the words of metrics."""
        return {"group_by": self.grouping.value, **self._days}

    def as_arguments(self) -> dict[str, str]:
        """The question as the page takes it."""
        return {"by": self.grouping.value, **self._days}

    @property
    def _days(self) -> dict[str, str]:
        days = {"from": self.first_on, "until": self.last_on}
        return {name: on for name, on in days.items() if on}


def parse_statistics_query(arguments: Mapping[str, str]) -> StatisticsQuery:
    """Read the query string; days are written year-month-day, as browsers send them."""
    grouping = arguments.get("by", Grouping.PROCEDURE)
    first_on, last_on = arguments.get("from", "").strip(), arguments.get("until", "").strip()
    errors = {name: _not_a_day() for name, text in (("from", first_on), ("until", last_on)) if text and not _day(text)}
    first_day, last_day = _day(first_on), _day(last_on)
    if first_day and last_day and last_day < first_day:
        errors["until"] = gettext("The last day must not be before the first day")
    return StatisticsQuery(
        grouping=Grouping(grouping) if grouping in set(Grouping) else Grouping.PROCEDURE,
        first_on=first_on,
        last_on=last_on,
        errors=errors,
    )


def _not_a_day() -> str:
    return gettext("Enter a day such as 2018-06-05")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class CountRow:
    """The counts of one group, or of all; None where metrics can't say."""

    name: str
    is_vietnamese: bool
    filed: int
    received: int
    not_received: int  #: refused at intake
    early: int
    on_time: int
    overdue: int
    without_limit: int
    open_in_time: int | None
    open_overdue: int | None
    suspended: int | None
    ratio: float | None
    numerator: int
    denominator: int

    @property
    def resolved(self) -> int:
        """Resolved in whatever time."""
        return self.early + self.on_time + self.overdue + self.without_limit


@dataclass(frozen=True, slots=True)
class StatisticsTable:
    """The answer of metrics."""

    grouping: Grouping
    rows: Sequence[CountRow]
    total: CountRow
    has_open: bool
    enterprises: int | None
    individuals: int | None


def statistics_table(answer: Mapping[str, Any], grouping: Grouping, catalogue: Catalogue) -> StatisticsTable:
    """From the answer of metrics to a question with one grouping."""
    subjects = answer["subjects"] or {}
    return StatisticsTable(
        grouping=grouping,
        rows=[_row(row, *_name(row[_MEMBER[grouping]], grouping, catalogue)) for row in answer["rows"]],
        total=_row(answer["total"], gettext("Total"), False),
        has_open=answer["total"]["open"] is not None,
        enterprises=subjects.get("enterprise"),
        individuals=individuals_of(subjects),
    )


#: Longer than this nobody waits, and what is told as such is no more than a guess.
_LONGEST_LEFT_SECONDS: Final = 366 * 24 * 3600


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far it has come in a sandbox of which somebody said how many dossiers are going to be filed.

    Attributes:
        expected: So many.
        filed: By the sandbox's clock.
        ended: At their end, in whatever way; never more than `filed`.
        per_second: Dossiers that came to their end in a real second, since the sandbox was opened; `None`: none yet.
        time_left: At that rate, in minutes that have begun; `None`: not known, more than a year, or nothing is left.
    """

    expected: int
    filed: int
    ended: int
    per_second: float | None
    time_left: timedelta | None

    @property
    def backlog(self) -> int:
        """Filed, and not at their end."""
        return self.filed - self.ended


def run_progress(total: Mapping[str, Any], expected: int, elapsed: timedelta) -> RunProgress:
    """From the total that metrics answers for all days, and the real time since the sandbox was opened."""
    ended = sum(int(total[name]) for name in ("refused_at_intake", "withdrawn", "stopped", "returned"))
    seconds = elapsed.total_seconds()
    per_second = ended / seconds if ended and seconds > 0 else None
    left = max(expected - ended, 0)
    seconds_left = left / per_second if per_second else 0.0
    time_left = timedelta(minutes=ceil(seconds_left / 60)) if 0 < seconds_left < _LONGEST_LEFT_SECONDS else None
    return RunProgress(expected, int(total["filed"]), ended, per_second, time_left)


def _name(key: str | int, grouping: Grouping, catalogue: Catalogue) -> tuple[str, bool]:
    """What a group is called, and whether that is Vietnamese whatever the language of the page."""
    if grouping is Grouping.OFFICE:
        return f"{key} · {office_name(catalogue, str(key))}", True
    if grouping is Grouping.LEVEL:
        return gettext("Level %(level)s", level=key), False
    if grouping is Grouping.CHANNEL:
        return in_words(CHANNEL_LABELS[Channel(str(key))]), False
    procedure = catalogue.procedures.get(str(key))
    return (procedure_name(procedure) if procedure else str(key)), False


def _row(counts: Mapping[str, Any], name: str, is_vietnamese: bool) -> CountRow:
    resolved, ratio, open_counts = counts["resolved"], counts["on_time_ratio"], counts["open"] or {}
    return CountRow(
        name=name,
        is_vietnamese=is_vietnamese,
        filed=counts["filed"],
        received=counts["received"],
        not_received=counts["refused_at_intake"],
        early=resolved["early"],
        on_time=resolved["on_time"],
        overdue=resolved["overdue"],
        without_limit=resolved["without_limit"],
        open_in_time=open_counts.get("in_time"),
        open_overdue=open_counts.get("overdue"),
        suspended=open_counts.get("suspended"),
        ratio=ratio["value"],
        numerator=ratio["numerator"],
        denominator=ratio["denominator"],
    )
