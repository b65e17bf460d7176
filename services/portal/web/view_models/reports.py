"""The report pages: what was asked in their forms, and what there is to choose. Counts nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from flask_babel import format_decimal

from services.contracts.catalogue import Catalogue, Sector
from services.contracts.counting_rules import CHOICE_LABELS, RULE_CHOICES, RULE_LABELS, CountingRules
from services.contracts.form06 import COLUMN_NAMES
from services.contracts.labels import SECTOR_LABELS
from services.portal.application.reporting import Quarter, ReportQuestion, quarter_of
from services.portal.domain.reports.reports import Form06Report, Line, LineKind, Rows
from services.portal.domain.reports.units import ALL_UNITS, unit_of
from services.portal.web.language import gettext, in_words

#: Quarters that can be chosen: the current one and those before it.
_QUARTERS_SHOWN: Final = 12


class UnitGroup(NamedTuple):
    """A department and its offices, with their codes; all names are Vietnamese."""

    code: str
    name: str
    offices: Sequence[tuple[str, str]]


class Option(NamedTuple):
    """One thing to choose."""

    value: str
    text: str


class RuleChoice(NamedTuple):
    """A counting rule and what it can be."""

    name: str
    label: str
    options: Sequence[Option]
    chosen: str


@dataclass(frozen=True, slots=True)
class ReportForm:
    """What was asked of the official report, as typed.

    Attributes:
        first_on: First day.
        last_on: Last day.
        errors: Field name to sentence; empty when all is well.
        question: What it comes to; None while something is wrong.
    """

    first_on: str
    last_on: str
    unit: str
    sector: str
    rows: Rows
    rules: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    question: ReportQuestion | None = None

    def to_arguments(self, **changes: str) -> dict[str, str]:
        """As a query string; defaults are left out."""
        values = {
            "from": self.first_on,
            "to": self.last_on,
            "unit": self.unit,
            "field": self.sector,
            "rows": "" if self.rows is Rows.SECTOR else self.rows.value,
            **{name: value for name, value in self.rules.items() if value != _default(name)},
        }
        return {name: value for name, value in {**values, **changes}.items() if value}

    @property
    def has_own_rules(self) -> bool:
        """Whether any rule isn't the default."""
        return any(value != _default(name) for name, value in self.rules.items())


def parse_report_form(arguments: Mapping[str, str], catalogue: Catalogue, today: date) -> ReportForm:
    """Read the query string; without a period, the current quarter up to today.

    What can only be chosen and was written otherwise counts as not chosen.
    """
    quarter = quarter_of(today)
    first_on = arguments.get("from", "").strip() or quarter.first_on.isoformat()
    last_on = arguments.get("to", "").strip() or today.isoformat()
    unit, sector, rows = arguments.get("unit", ""), arguments.get("field", ""), arguments.get("rows", "")
    rules = {name: _chosen(name, arguments.get(name, "")) for name in RULE_CHOICES}
    form = ReportForm(
        first_on=first_on,
        last_on=last_on,
        unit=unit,
        sector=sector if sector in set(Sector) else "",
        rows=Rows(rows) if rows in set(Rows) else Rows.SECTOR,
        rules=rules,
    )
    errors = {**_period_errors(first_on, last_on, today), **unit_error(unit, catalogue)}
    if errors:
        return replace(form, errors=errors)
    question = ReportQuestion(
        first_on=date.fromisoformat(first_on),
        last_on=date.fromisoformat(last_on),
        unit=unit,
        sector=Sector(form.sector) if form.sector else None,
        rows=form.rows,
        rules=CountingRules(**{name: RULE_CHOICES[name](value) for name, value in rules.items()}),  # type: ignore[arg-type]
    )
    return replace(form, question=question)


def _period_errors(first_on: str, last_on: str, today: date) -> dict[str, str]:
    not_a_day = gettext("Enter a day such as 2018-06-05")
    first_day, last_day = day_of(first_on), day_of(last_on)
    errors = {name: not_a_day for name, found in (("from", first_day), ("to", last_day)) if found is None}
    if first_day and last_day and last_day < first_day:
        errors["to"] = gettext("The last day must not be before the first day")
    elif last_day and last_day > today:
        errors["to"] = gettext("The sandbox's clock has not come to this day yet")
    return errors


def unit_error(code: str, catalogue: Catalogue) -> dict[str, str]:
    """What is wrong with the code of a unit, by field; empty when nothing is."""
    return {} if unit_of(code, catalogue.offices) else {"unit": gettext("There is no such unit")}


def day_of(text: str) -> date | None:
    """A day as browsers send it; None for anything else."""
    try:
        return date.fromisoformat(text) if len(text) == len("2018-06-05") else None
    except ValueError:
        return None


def _default(rule: str) -> str:
    return str(next(iter(RULE_CHOICES[rule])).value)


def _chosen(rule: str, value: str) -> str:
    return value if value in {choice.value for choice in RULE_CHOICES[rule]} else _default(rule)


def rule_choices(form: ReportForm) -> list[RuleChoice]:
    """The counting rules, to choose from."""
    return [
        RuleChoice(
            name,
            in_words(RULE_LABELS[name]),
            [Option(choice.value, in_words(CHOICE_LABELS[name][choice.value])) for choice in choices],
            form.rules[name],
        )
        for name, choices in RULE_CHOICES.items()
    ]


def rules_in_words(report: Form06Report) -> list[tuple[str, str]]:
    """What a report was counted by: rule and choice."""
    return [(in_words(RULE_LABELS[name]), in_words(CHOICE_LABELS[name][value])) for name, value in report.rules.items()]


def unit_groups(catalogue: Catalogue) -> list[UnitGroup]:
    """All units below the whole, in the order of the catalogue."""
    groups: dict[str, UnitGroup] = {}
    for office in catalogue.offices.values():
        group = groups.setdefault(
            office.department_code, UnitGroup(office.department_code, office.department_name_vi, [])
        )
        assert isinstance(group.offices, list)  # made just above
        group.offices.append((office.code, office.name_vi))
    return list(groups.values())


def sector_options() -> list[Option]:
    """Fields of work, to choose from."""
    return [Option(sector.value, in_words(SECTOR_LABELS[sector])) for sector in Sector]


class Preset(NamedTuple):
    """A period that is often wanted."""

    text: str
    first_on: date
    last_on: date


def presets(today: date) -> list[Preset]:
    """Periods that end today or ended lately."""
    quarter = quarter_of(today)
    before = quarter_of(quarter.first_on - timedelta(days=1))
    return [
        Preset(gettext("This quarter so far"), quarter.first_on, today),
        Preset(gettext("The quarter before"), before.first_on, before.last_on),
        Preset(gettext("This year so far"), date(today.year, 1, 1), today),
    ]


def quarters(today: date, first_known: date) -> list[Quarter]:
    """Quarters to choose from, the current one first."""
    found = [quarter_of(today)]
    while len(found) < _QUARTERS_SHOWN and (before := found[-1].first_on - timedelta(days=1)) >= first_known:
        found.append(quarter_of(before))
    return found


def numbers_of(line: Line) -> list[int]:
    """Columns 3 to 13."""
    return [getattr(line.columns, name) for name in COLUMN_NAMES]


@dataclass(frozen=True, slots=True)
class ResolvedBar:
    """A line of the report for the chart."""

    name: str
    early: int
    on_time: int
    overdue: int

    @property
    def numerator(self) -> int:
        """Resolved in time."""
        return self.early + self.on_time

    @property
    def denominator(self) -> int:
        """Resolved in whatever time."""
        return self.numerator + self.overdue

    @property
    def ratio(self) -> float | None:
        """In time, of those resolved."""
        return self.numerator / self.denominator if self.denominator else None


def bars(report: Form06Report) -> list[ResolvedBar]:
    """One for each procedure with anything resolved."""
    return [
        ResolvedBar(
            in_words(line.name),
            line.columns.resolved_before_due,
            line.columns.resolved_on_time,
            line.columns.resolved_overdue,
        )
        for line in report.in_form
        if line.kind is LineKind.PROCEDURE
    ]


def tenths(points: Decimal) -> str:
    """Points with their one decimal, also when it is zero."""
    return str(format_decimal(points, "#,##0.0"))


def chosen_unit(arguments: Mapping[str, str]) -> str:
    """Code of the unit asked for; empty for all."""
    code = arguments.get("unit", "")
    return "" if code == ALL_UNITS else code
