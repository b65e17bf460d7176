"""The official report as a document: rows by field of work and procedure, the total, and the ratios that follow.

Metrics has counted and checked each procedure's row; here rows are named, put in order and added up, and what is added
up is checked again. Doesn't know how a page, a spreadsheet or JSON shows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from services.contracts.catalogue import Procedure, Sector
from services.contracts.form06 import BrokenReportError, Columns, FormVersion, WithoutLimit, form_of
from services.contracts.labels import SECTOR_LABELS, Label
from services.portal.domain.reports.units import Unit


class Rows(StrEnum):
    """What the rows are."""

    SECTOR = "sector"  #: fields of work, with their procedures below
    PROCEDURE = "procedure"  #: procedures alone


class LineKind(StrEnum):
    """What a line is about."""

    SECTOR = "sector"
    PROCEDURE = "procedure"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the report; `number` is its first column, empty for the total."""

    kind: LineKind
    number: str
    key: str
    name: Label
    columns: Columns
    without_limit: WithoutLimit


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share, with what it was made of and where it comes from."""

    ratio_id: str
    name: Label
    source: Label
    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """0 to 1; None when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Form06Report:
    """The report.

    Attributes:
        sector: The only field of work that it is about; None: all.
        as_of: The instant at which pending dossiers were judged.
        rules: What it was counted by, by name.
        in_form: Rows in order, without the total; only those with something in them.
        beside_form: Procedures with dossiers for which the law states no limit: the form has no place for them.
        positions: Up to which ledger position each partition was counted.
    """

    unit: Unit
    sector: Sector | None
    rows: Rows
    first_on: date
    last_on: date
    as_of: datetime
    form: FormVersion
    rules: Mapping[str, str]
    in_form: Sequence[Line]
    beside_form: Sequence[Line]
    total: Line
    positions: Mapping[str, int]

    @property
    def ratios(self) -> list[Ratio]:
        """The shares in time that law and practice speak of; those without a limit are in none."""
        total = self.total.columns
        in_time = total.resolved_before_due + total.resolved_on_time
        late = total.resolved_overdue + total.pending_overdue
        parts = {
            "on-time-of-received": (in_time, total.received_total),
            "on-time-of-resolved": (in_time, total.resolved_total),
            "overdue-of-received": (late, total.received_total),
        }
        return [Ratio(ratio_id, *_RATIOS[ratio_id], *numbers) for ratio_id, numbers in parts.items()]


_IN_PRACTICE: Final = Label(
    "QĐ 766/QĐ-TTg, theo cách tính của các phần mềm", "QĐ 766/QĐ-TTg, as implementations compute it"
)
_RATIOS: Final = {
    "on-time-of-received": (
        Label("Giải quyết đúng hạn, trên tổng số nhận giải quyết", "Resolved on time, of all taken on"),
        Label("NĐ 61/2018/NĐ-CP Đ30.2c", "NĐ 61/2018/NĐ-CP Đ30.2c"),
    ),
    "on-time-of-resolved": (
        Label("Giải quyết đúng hạn, trên số đã giải quyết", "Resolved on time, of those resolved"),
        _IN_PRACTICE,
    ),
    "overdue-of-received": (
        Label("Quá hạn (đã và đang giải quyết), trên tổng số nhận", "Overdue (resolved or pending), of all taken on"),
        _IN_PRACTICE,
    ),
}

#: Procedures that were counted and that the catalogue doesn't have (any more).
_UNKNOWN: Final = Label("Thủ tục ngoài danh mục", "Procedures that the catalogue doesn't have")
_TOTAL: Final = Label("Tổng cộng", "Total")
_SECTORS: Final = list(Sector)


def make_report(
    answer: Mapping[str, Any],
    procedures: Mapping[str, Procedure],
    *,
    unit: Unit,
    sector: Sector | None,
    rows: Rows,
    first_on: date,
    last_on: date,
) -> Form06Report:
    """The report, from what metrics answers to a question by procedure.

    Raises:
        BrokenReportError: a sum of rows breaks what holds in each of them, or isn't the total that metrics tells.
    """
    counted = [_procedure_line(row, procedures) for row in answer["rows"]]
    counted = [line for line in counted if not (line.columns.is_empty and line.without_limit.is_empty)]
    total = _sum(LineKind.TOTAL, "", "total", _TOTAL, counted)
    told = _columns(answer["total"])
    if (total.columns, total.without_limit) != told:
        raise BrokenReportError("the total isn't the sum of its rows")
    by_sector = sorted(counted, key=lambda line: (_place(line, procedures), line.name.vi))
    in_form = [line for line in by_sector if not line.columns.is_empty]
    beside_form = [line for line in by_sector if not line.without_limit.is_empty]
    return Form06Report(
        unit=unit,
        sector=sector,
        rows=rows,
        first_on=first_on,
        last_on=last_on,
        as_of=datetime.fromisoformat(answer["as_of"]),
        form=form_of(last_on),
        rules=answer["rules"],
        in_form=_with_sectors(in_form, procedures) if rows is Rows.SECTOR else _numbered(in_form),
        beside_form=_numbered(beside_form),
        total=total,
        positions=answer["positions"],
    )


def _procedure_line(row: Mapping[str, Any], procedures: Mapping[str, Procedure]) -> Line:
    procedure_id = row["procedure_id"]
    procedure = procedures.get(procedure_id)
    name = Label(procedure.name_vi, procedure.name_en) if procedure else Label(procedure_id, procedure_id)
    return Line(LineKind.PROCEDURE, "", procedure_id, name, *_columns(row))


def _columns(row: Mapping[str, Any]) -> tuple[Columns, WithoutLimit]:
    return Columns(**row["columns"]).check(), WithoutLimit(**row["without_limit"]).check()


def _sum(kind: LineKind, number: str, key: str, name: Label, lines: Iterable[Line]) -> Line:
    columns, without_limit = Columns(), WithoutLimit()
    for line in lines:
        columns, without_limit = columns + line.columns, without_limit + line.without_limit
    return Line(kind, number, key, name, columns.check(), without_limit.check())


def _place(line: Line, procedures: Mapping[str, Procedure]) -> int:
    """Fields of work in the order of the catalogue; what it doesn't have comes last."""
    procedure = procedures.get(line.key)
    return _SECTORS.index(procedure.sector) if procedure else len(_SECTORS)


def _with_sectors(lines: Sequence[Line], procedures: Mapping[str, Procedure]) -> list[Line]:
    result: list[Line] = []
    groups = groupby(lines, key=lambda line: _place(line, procedures))
    for number, (place, group) in enumerate(groups):
        members = _numbered(list(group))
        key, name = ("unknown", _UNKNOWN) if place == len(_SECTORS) else _sector_name(_SECTORS[place])
        result += [_sum(LineKind.SECTOR, ROMAN[number], key, name, members), *members]
    return result


def _sector_name(sector: Sector) -> tuple[str, Label]:
    return str(sector), SECTOR_LABELS[sector]


#: Numbers of fields of work: as many as there are, and one for what the catalogue doesn't have.
ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def _numbered(lines: Sequence[Line]) -> list[Line]:
    return [replace(line, number=str(number)) for number, line in enumerate(lines, start=1)]
