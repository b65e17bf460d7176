"""Official reports and statistics: asks metrics, names what it answers, and lets nothing out that doesn't add up.

Doesn't count; doesn't know HTTP or how a report is shown.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from services.contracts.catalogue import Catalogue, Sector
from services.contracts.counting_rules import RULE_CHOICES, CountingRules
from services.contracts.form06 import BrokenReportError
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import Channel
from services.portal.application.ports import Counts
from services.portal.application.problems import problem
from services.portal.domain.reports.reports import Form06Report, Rows, make_report
from services.portal.domain.reports.scores import Services, UnitCounts, UnitScore, score_unit, sum_counts
from services.portal.domain.reports.service_statistics import LOWEST_LEVEL, ServiceStatistics, make_service_statistics
from services.portal.domain.reports.units import Unit, UnitKind, unit_of

_MONTHS_A_QUARTER: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuestion:
    """Which report.

    Attributes:
        first_on: First day of the period, in Vietnam.
        last_on: Last day.
        unit: Code of a unit; empty: all.
        sector: Only this field of work.
    """

    first_on: date
    last_on: date
    unit: str = ""
    sector: Sector | None = None
    rows: Rows = Rows.SECTOR
    rules: CountingRules = field(default_factory=CountingRules)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year."""

    year: int
    number: int

    @property
    def first_on(self) -> date:
        """Its first day."""
        return date(self.year, (self.number - 1) * _MONTHS_A_QUARTER + 1, 1)

    @property
    def last_on(self) -> date:
        """Its last day."""
        following = Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)
        return following.first_on - timedelta(days=1)

    def __str__(self) -> str:
        """As it is written: `2018-Q2`."""
        return f"{self.year}-Q{self.number}"


def quarter_of(day: date) -> Quarter:
    """The quarter that a day lies in."""
    return Quarter(day.year, (day.month - 1) // _MONTHS_A_QUARTER + 1)


@dataclass(frozen=True, slots=True)
class QuarterScores:
    """Scores of units in a quarter.

    Attributes:
        last_on: Last day counted: of the quarter, or today.
        whole: The unit asked for.
        units: The units below it that have anything to score, by code; empty for an office.
        services: How many procedures there are, and at which level.
    """

    quarter: Quarter
    last_on: date
    unit: Unit
    whole: UnitScore
    units: Mapping[str, tuple[Unit, UnitScore]]
    services: Services


class ReportFiles(Protocol):
    """Writes reports as files; the same bytes each time for the same report."""

    def report_csv(self, report: Form06Report) -> bytes:
        """As comma-separated values."""
        ...

    def report_xlsx(self, report: Form06Report) -> bytes:
        """As a spreadsheet, laid out as the form."""
        ...

    def file_name(self, report: Form06Report, suffix: str) -> str:
        """What the file is called when it is saved."""
        ...


class ReportDesk:
    """Answers for reports."""

    def __init__(self, counts: Counts, catalogue: Catalogue) -> None:
        self._counts = counts
        self._catalogue = catalogue

    def form06(self, sandbox_id: str, now: datetime, question: ReportQuestion) -> Form06Report:
        """The official report.

        Raises:
            ProblemError: `unknown-unit`, `period-ahead`, `report-broken`, `metrics-unavailable`.
        """
        unit = self._unit(question.unit)
        _not_ahead(question.last_on, now)
        filters = unit.for_metrics()
        if question.sector is not None:
            filters["procedure_id"] = ",".join(self._procedures_of(question.sector)) or _NO_PROCEDURE
        answer = self._ask(sandbox_id, now, question, {**filters, "group_by": "procedure"})
        try:
            return make_report(
                answer,
                self._catalogue.procedures,
                unit=unit,
                sector=question.sector,
                rows=question.rows,
                first_on=question.first_on,
                last_on=question.last_on,
            )
        except BrokenReportError as error:
            raise problem("report-broken") from error

    def services(self, sandbox_id: str, now: datetime, last_on: date | None, unit_code: str) -> ServiceStatistics:
        """The statistics of online services since the start of the year.

        Args:
            sandbox_id: whose.
            now: what the sandbox's clock shows.
            last_on: last day; None: today.
            unit_code: of whom; empty: all.

        Raises:
            ProblemError: `unknown-unit`, `period-ahead`, `metrics-unavailable`.
        """
        unit, last_on = self._unit(unit_code), last_on or vietnamese_day(now)
        _not_ahead(last_on, now)
        first_on = date(last_on.year, 1, 1)
        query = {
            **unit.for_metrics(),
            "group_by": "procedure,channel",
            "from": first_on.isoformat(),
            "until": last_on.isoformat(),
        }
        answer = self._counts.statistics(sandbox_id, now, query)
        return make_service_statistics(
            answer, self._catalogue.procedures, unit=unit, first_on=first_on, last_on=last_on
        )

    def scores(self, sandbox_id: str, now: datetime, quarter: Quarter | None, unit_code: str) -> QuarterScores:
        """The scores of a unit and of those below it.

        Args:
            sandbox_id: whose.
            now: what the sandbox's clock shows.
            quarter: which; None: the current one, up to today.
            unit_code: of whom; empty: all, with each department.

        Raises:
            ProblemError: `unknown-unit`, `period-ahead`, `report-broken`, `metrics-unavailable`.
        """
        unit, today = self._unit(unit_code), vietnamese_day(now)
        quarter = quarter or quarter_of(today)
        _not_ahead(quarter.first_on, now)
        last_on = min(quarter.last_on, today)
        below = "department" if unit.kind is UnitKind.ALL else "office"
        question = ReportQuestion(first_on=quarter.first_on, last_on=last_on)
        counted = self._counts_by_unit(sandbox_id, now, unit, question, below)
        services = self._services()
        units = {code: unit_of(code, self._catalogue.offices) for code in sorted(counted)}
        scored = {code: (found, score_unit(counted[code], services)) for code, found in units.items() if found}
        whole = score_unit(sum_counts(counted.values()), services)
        return QuarterScores(quarter, last_on, unit, whole, {} if unit.kind is UnitKind.OFFICE else scored, services)

    def _counts_by_unit(
        self, sandbox_id: str, now: datetime, unit: Unit, question: ReportQuestion, below: str
    ) -> dict[str, UnitCounts]:
        """What each unit's quarter was, by code; three questions, whatever the number of units."""
        member, where = f"{below}_code", unit.for_metrics()
        by_unit: dict[str, UnitCounts] = defaultdict(UnitCounts)
        for row in self._ask(sandbox_id, now, question, {**where, "group_by": below})["rows"]:
            columns = row["columns"]
            by_unit[row[member]] += UnitCounts(
                early=columns["resolved_before_due"],
                on_time=columns["resolved_on_time"],
                overdue=columns["resolved_overdue"],
            )
        online = {**where, "group_by": below, "channel": str(Channel.ONLINE)}
        for row in self._ask(sandbox_id, now, question, online)["rows"]:
            late = row["columns"]["resolved_overdue"] + row["columns"]["pending_overdue"]
            by_unit[row[member]] += UnitCounts(online_late=late)
        query = {**where, "group_by": f"{below},channel", **_period(question)}
        for row in self._counts.statistics(sandbox_id, now, query)["rows"]:
            asked, received = row["asked_to_supplement"], row["received"]
            by_unit[row[member]] += UnitCounts(
                resolved=row["resolved"]["total"],
                asked_once=asked["once"],
                asked_again=asked["again"],
                received=received,
                online_received=received if row["channel"] == Channel.ONLINE else 0,
            )
        return by_unit

    def _ask(
        self, sandbox_id: str, now: datetime, question: ReportQuestion, query: Mapping[str, str]
    ) -> Mapping[str, Any]:
        rules = question.rules.to_wire()
        wanted = {name: rules[name] for name in RULE_CHOICES}
        return self._counts.report(sandbox_id, now, {**query, **wanted, **_period(question)})

    def _unit(self, code: str) -> Unit:
        unit = unit_of(code, self._catalogue.offices)
        if unit is None:
            raise problem("unknown-unit", unit=code)
        return unit

    def _procedures_of(self, sector: Sector) -> list[str]:
        return [name for name, procedure in self._catalogue.procedures.items() if procedure.sector is sector]

    def _services(self) -> Services:
        procedures = self._catalogue.procedures.values()
        return Services(len(procedures), sum(procedure.level >= LOWEST_LEVEL for procedure in procedures))


#: Stands for no procedure at all: a field of work may have none.
_NO_PROCEDURE: Final = "-"


def _period(question: ReportQuestion) -> dict[str, str]:
    return {"from": question.first_on.isoformat(), "until": question.last_on.isoformat()}


def _not_ahead(day: date, now: datetime) -> None:
    """What will be pending at an end that hasn't come isn't known; today's counts as it is now."""
    today = vietnamese_day(now)
    if day > today:
        raise problem("period-ahead", day=day.isoformat(), today=today.isoformat())
