"""The official report as a document: units, rows, order, sums, ratios."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from services.contracts.catalogue import Sector
from services.contracts.form06 import NEWER_FORM, OLDER_FORM, BrokenReportError
from services.portal.domain.reports.reports import Form06Report, LineKind, Rows, make_report
from services.portal.domain.reports.units import UnitKind, unit_of
from tests.support.fakes import the_catalogue
from tests.support.report_fakes import added, columns, report_answer, without_limit


def report(answer: Mapping[str, Any] | None = None, **changes: Any) -> Form06Report:
    unit = unit_of("all", the_catalogue().offices)
    assert unit is not None
    values: dict[str, Any] = {
        "unit": unit,
        "sector": None,
        "rows": Rows.SECTOR,
        "first_on": date(2018, 4, 1),
        "last_on": date(2018, 6, 30),
    }
    answer = answer or report_answer({"group_by": "procedure"})
    return make_report(answer, the_catalogue().procedures, **{**values, **changes})


def test_rows_are_fields_of_work_with_their_procedures_numbered_anew_in_each() -> None:
    lines = report().in_form
    assert [(line.number, line.kind, line.key) for line in lines] == [
        ("I", LineKind.SECTOR, "supervision"),
        ("1", LineKind.PROCEDURE, "declaration-cancellation"),
        ("2", LineKind.PROCEDURE, "amendment-after-clearance"),
        ("II", LineKind.SECTOR, "import-export-tax"),
        ("1", LineKind.PROCEDURE, "refund-first"),
    ]


def test_field_of_work_is_the_sum_of_its_procedures() -> None:
    sector, one, other, *_ = report().in_form
    assert sector.columns == one.columns + other.columns
    assert sector.columns.received_total == 2256


def test_procedures_alone_are_numbered_through() -> None:
    lines = report(rows=Rows.PROCEDURE).in_form
    assert [(line.number, line.kind) for line in lines] == [(str(number), LineKind.PROCEDURE) for number in (1, 2, 3)]


def test_what_has_no_limit_stands_beside_the_form_and_in_no_column_of_it() -> None:
    found = report()
    assert [(line.number, line.key) for line in found.beside_form] == [("1", "storage-extension")]
    assert found.total.without_limit == found.beside_form[0].without_limit
    assert "storage-extension" not in {line.key for line in found.in_form}


def test_procedure_that_the_catalogue_doesnt_have_is_told_last_under_its_id() -> None:
    answer = report_answer({"group_by": "procedure"})
    answer["rows"].append(
        {"procedure_id": "gone", "columns": columns(1, 0, 0, 1, 0, 0, 0), "without_limit": without_limit()}
    )
    answer["total"]["columns"] = added(answer["total"]["columns"], [row["columns"] for row in answer["rows"]])
    lines = report(answer).in_form
    assert [(line.number, line.key, line.name.en) for line in lines[-2:]] == [
        ("III", "unknown", "Procedures that the catalogue doesn't have"),
        ("1", "gone", "gone"),
    ]


def test_nothing_counted_is_a_report_of_zeros() -> None:
    answer = {**report_answer({"group_by": "procedure"}), "rows": []}
    answer["total"] = {"columns": columns(0, 0, 0, 0, 0, 0, 0), "without_limit": without_limit()}
    found = report(answer)
    assert (found.in_form, found.beside_form, found.total.columns.is_empty) == ([], [], True)
    assert [ratio.value for ratio in found.ratios] == [None, None, None]


def test_row_whose_sums_dont_hold_is_no_report() -> None:
    answer = report_answer({"group_by": "procedure"})
    answer["rows"][0]["columns"]["pending_in_time"] += 1
    with pytest.raises(BrokenReportError):
        report(answer)


def test_total_that_isnt_the_sum_of_its_rows_is_no_report() -> None:
    answer = report_answer({"group_by": "procedure"})
    answer["rows"].pop(0)
    with pytest.raises(BrokenReportError, match="isn't the sum"):
        report(answer)


def test_form_is_numbered_by_the_periods_end() -> None:
    assert report().form is OLDER_FORM
    assert report(first_on=date(2020, 10, 1), last_on=date(2020, 12, 31)).form is NEWER_FORM


def test_ratios_show_what_they_are_made_of() -> None:
    total = report().total.columns
    assert [(ratio.ratio_id, ratio.numerator, ratio.denominator) for ratio in report().ratios] == [
        ("on-time-of-received", 2294, 2673),
        ("on-time-of-resolved", 2294, 2309),
        ("overdue-of-received", 30, 2673),
    ]
    assert total.resolved_before_due + total.resolved_on_time == 2294
    assert report().ratios[1].value == 2294 / 2309


@pytest.mark.parametrize(
    ("code", "kind", "filters", "receiver"),
    [
        ("", UnitKind.ALL, {}, "Bộ Tài chính"),
        ("all", UnitKind.ALL, {}, "Bộ Tài chính"),
        ("30", UnitKind.DEPARTMENT, {"department_code": "30"}, "Tổng cục Hải quan"),
        ("30F1", UnitKind.OFFICE, {"office_code": "30F1"}, "Cục Hải quan tỉnh Hà Tĩnh"),
    ],
)
def test_unit_is_known_by_its_code_and_reports_to_the_one_above(code, kind, filters, receiver) -> None:
    unit = unit_of(code, the_catalogue().offices)
    assert unit is not None
    assert (unit.kind, unit.for_metrics(), unit.receiver_vi) == (kind, filters, receiver)


def test_department_has_an_english_name_where_it_has_a_place() -> None:
    offices = the_catalogue().offices
    names = [unit.name_en for code in ("30", "A2") if (unit := unit_of(code, offices))]
    assert names == ["Ha Tinh Customs Department", "Cục Kiểm tra sau thông quan"]


@pytest.mark.parametrize("code", ["3", "ZZ", "ZZZZ", "30F1X", "ALL"])
def test_no_unit_has_such_a_code(code: str) -> None:
    assert unit_of(code, the_catalogue().offices) is None


def test_every_sector_has_a_numeral() -> None:
    from services.portal.domain.reports.reports import ROMAN  # noqa: PLC0415 - only here

    assert len(ROMAN) > len(Sector)
