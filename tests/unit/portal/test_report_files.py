"""The report as files: the form's layout, read back by another library, and no cell that could become a formula."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from services.contracts.form06 import COLUMN_NAMES, TITLE_VI
from services.contracts.labels import Label
from services.portal.adapters.reports.report_files import (
    HEADINGS,
    MOCK_NOTICE,
    file_name,
    plain_text,
    report_csv,
    report_xlsx,
)
from services.portal.domain.reports.reports import Form06Report, Line, Rows
from tests.unit.portal.test_reports import report


def sheet_of(found: Form06Report) -> Worksheet:
    """As another library reads it."""
    book = openpyxl.load_workbook(io.BytesIO(report_xlsx(found)))
    (name,) = book.sheetnames
    sheet: Worksheet = book[name]
    return sheet


def texts(sheet: Worksheet) -> dict[str, Any]:
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}


def row_of(sheet: Worksheet, first: str, second: str) -> list[Any]:
    """The row that begins with two texts."""
    found = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=13)]
    (row,) = [cells for cells in found if (cells[0] or "") == first and cells[1] == second]
    return row[2:]


def numbers(line: Line) -> list[int]:
    return [getattr(line.columns, name) for name in COLUMN_NAMES]


def test_spreadsheet_holds_every_line_of_the_report_in_its_columns() -> None:
    found = report()
    sheet = sheet_of(found)
    for line in (*found.in_form, found.total):
        assert row_of(sheet, line.number, line.name.vi) == numbers(line)
    (beside,) = found.beside_form
    assert row_of(sheet, "1", beside.name.vi) == [218, 209, 6, 3, 180, None, None, None, 38, None, None]


def test_spreadsheet_has_the_forms_head() -> None:
    sheet = sheet_of(report())
    said = set(map(str, texts(sheet).values()))
    assert {
        "Biểu số II.06a/VPCP/KSTT",
        "Ban hành theo Thông tư số 02/2017/TT-VPCP",
        TITLE_VI,
        "Kỳ báo cáo",
        "(Từ ngày 01/04/2018 đến ngày 30/06/2018)",
        "Đơn vị báo cáo: Tổng cục Hải quan",
        "Đơn vị nhận báo cáo: Bộ Tài chính",
        "Đơn vị tính: Số hồ sơ TTHC",
        "Người làm báo cáo",
    } <= said
    assert any("Hồ sơ rút hoặc dừng xử lý: tính là đúng hạn" in text for text in said)


def test_spreadsheet_headings_span_what_they_are_above_and_are_numbered() -> None:
    sheet = sheet_of(report())
    (top,) = [int(where[1:]) for where, value in texts(sheet).items() if value == "STT"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    expected = {
        f"A{top}:A{top + 2}", f"B{top}:B{top + 2}", f"C{top}:F{top}", f"G{top}:J{top}", f"K{top}:M{top}",
        f"C{top + 1}:C{top + 2}", f"D{top + 1}:E{top + 1}", f"F{top + 1}:F{top + 2}", f"G{top + 1}:G{top + 2}",
        f"M{top + 1}:M{top + 2}",
    }  # fmt: skip
    assert expected <= merged
    assert [cell.value for cell in sheet[top + 3]] == list(range(1, 14))
    assert (sheet[f"D{top + 1}"].value, sheet[f"E{top + 2}"].value) == ("Trong kỳ", "Trực tiếp, dịch vụ bưu chính")
    assert sheet.print_title_rows == f"${top}:${top + 3}"


def test_spreadsheet_says_on_sheet_and_on_every_printed_page_that_it_is_a_mock() -> None:
    sheet = sheet_of(report())
    assert sheet["A1"].value == MOCK_NOTICE
    assert sheet.oddHeader.center.text == MOCK_NOTICE
    assert "MÔ PHỎNG" in MOCK_NOTICE


def test_same_report_is_the_same_bytes() -> None:
    assert report_xlsx(report()) == report_xlsx(report())
    assert report_csv(report()) == report_csv(report())
    assert report_xlsx(report()) != report_xlsx(report(rows=Rows.PROCEDURE))


def test_no_instant_but_the_reports_own_is_in_the_file() -> None:
    """So the same report is the same bytes tomorrow, too."""
    with zipfile.ZipFile(io.BytesIO(report_xlsx(report()))) as archive:
        core = archive.read("docProps/core.xml").decode()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    # 09:00 UTC is 16:00 in Vietnam, and spreadsheets know no zones.
    assert re.findall(r">(\d{4}-[^<]+)<", core) == ["2018-06-08T16:00:00Z"] * 2


NAMES = ["=1+1", "+1", "-2", "@SUM(A1)", '=HYPERLINK("http://example.test")', "\tx", "http://example.test", "Thường"]


@pytest.mark.parametrize("name", NAMES)
def test_name_is_never_a_formula_nor_a_link(name: str) -> None:
    found = report(rows=Rows.PROCEDURE)
    line = replace(found.in_form[0], name=Label(name, name))
    found = replace(found, in_form=[line], unit=replace(found.unit, name_vi=name))
    sheet = sheet_of(found)
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert all(cell.hyperlink is None for cell in cells)
    assert row_of(sheet, "1", name) == numbers(line)
    written = list(csv.reader(io.StringIO(report_csv(found).decode("utf-8-sig"), newline="")))
    assert written[1][1] == plain_text(name)
    assert not written[1][1].startswith(("=", "+", "-", "@", "\t"))


def test_csv_is_utf_8_with_a_mark_and_one_line_of_headings() -> None:
    content = report_csv(report())
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    heading, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert len(heading) == 15
    assert heading[:3] == ["STT", "Lĩnh vực, công việc giải quyết theo cấp", "Số hồ sơ nhận giải quyết - Tổng số"]
    assert heading[13:] == ["Loại dòng", "Mã"]
    assert all(len(line) == 15 for line in lines)


def test_csv_holds_every_line_and_tells_what_kind_it_is() -> None:
    found = report()
    _, *lines = csv.reader(io.StringIO(report_csv(found).decode("utf-8-sig"), newline=""))
    expected = [[line.number, line.name.vi, *map(str, numbers(line))] for line in (*found.in_form, found.total)]
    assert [line[:13] for line in lines[:-1]] == expected
    assert [line[13] for line in lines] == [
        "linh-vuc", "thu-tuc", "thu-tuc", "linh-vuc", "thu-tuc", "tong-cong", "khong-thoi-han"
    ]  # fmt: skip
    assert lines[-1][2:14] == ["218", "209", "6", "3", "180", "", "", "", "38", "", "", "khong-thoi-han"]


def test_headings_are_thirteen_in_the_order_of_the_columns() -> None:
    assert len(HEADINGS) == 13
    assert [heading[0] for heading in HEADINGS[2:]] == [
        *["Số hồ sơ nhận giải quyết"] * 4, *["Số hồ sơ đã giải quyết"] * 4, *["Số hồ sơ đang giải quyết"] * 3
    ]  # fmt: skip


def test_files_are_named_after_form_unit_and_period() -> None:
    assert file_name(report(), "xlsx") == "mo-phong-bieu-ii-06a-all-2018-04-01-2018-06-30.xlsx"
