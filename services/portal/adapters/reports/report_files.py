"""The official report as files: a spreadsheet laid out as the form, and comma-separated values for programs.

Both are Vietnamese, as the form is, and the same bytes each time for the same report. No cell is ever a formula,
whatever it says: names come from data files that anybody may have written (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from services.contracts.counting_rules import CHOICE_LABELS, RULE_LABELS
from services.contracts.form06 import COLUMN_NAMES, TITLE_VI, UNIT_OF_COUNT_VI, Columns, WithoutLimit
from services.contracts.labels import SECTOR_LABELS
from services.contracts.timeliness import VIETNAM_TIME
from services.portal.domain.papers.vietnamese import day_words
from services.portal.domain.reports.reports import Form06Report, Line, LineKind

#: Across every sheet that leaves the mock.
MOCK_NOTICE: Final = "MÔ PHỎNG - MOCK: số liệu giả lập, không có giá trị pháp lý"

#: Headings of columns 1 to 13, from top to bottom.
HEADINGS: Final[Sequence[tuple[str, ...]]] = (
    ("STT",),
    ("Lĩnh vực, công việc giải quyết theo cấp",),
    ("Số hồ sơ nhận giải quyết", "Tổng số"),
    ("Số hồ sơ nhận giải quyết", "Trong kỳ", "Trực tuyến"),
    ("Số hồ sơ nhận giải quyết", "Trong kỳ", "Trực tiếp, dịch vụ bưu chính"),
    ("Số hồ sơ nhận giải quyết", "Từ kỳ trước"),
    ("Số hồ sơ đã giải quyết", "Tổng số"),
    ("Số hồ sơ đã giải quyết", "Trước hạn"),
    ("Số hồ sơ đã giải quyết", "Đúng hạn"),
    ("Số hồ sơ đã giải quyết", "Quá hạn"),
    ("Số hồ sơ đang giải quyết", "Tổng số"),
    ("Số hồ sơ đang giải quyết", "Trong hạn"),
    ("Số hồ sơ đang giải quyết", "Quá hạn"),
)
_DEPTH: Final = 3

BESIDE_VI: Final = "Ngoài biểu: hồ sơ của thủ tục mà pháp luật không quy định thời hạn giải quyết"

#: What a spreadsheet program takes for the beginning of a formula.
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")

_KINDS_VI: Final = {LineKind.SECTOR: "linh-vuc", LineKind.PROCEDURE: "thu-tuc", LineKind.TOTAL: "tong-cong"}
_BESIDE_KIND: Final = "khong-thoi-han"


def plain_text(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe goes before what could be one.

    >>> plain_text("=1+1"), plain_text("Chi cục")
    ("'=1+1", 'Chi cục')
    """
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def file_name(report: Form06Report, suffix: str) -> str:
    """What the file is called when it is saved."""
    number = report.form.number.split("/")[0].lower().replace(".", "-")
    return f"mo-phong-bieu-{number}-{report.unit.code}-{report.first_on}-{report.last_on}.{suffix}"


def report_csv(report: Form06Report) -> bytes:
    """The report as RFC 4180, in UTF-8 with a byte order mark: without one Excel takes Vietnamese for something else.

    One line of headings; two columns more than the form: what kind of line it is, and the key of its procedure or
    field. Lines of dossiers without a limit come after the total and leave the columns empty that ask about time.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*(" - ".join(heading) for heading in HEADINGS), "Loại dòng", "Mã"])
    for line in (*report.in_form, report.total):
        writer.writerow([*_texts(line), *_numbers(line.columns), _KINDS_VI[line.kind], plain_text(line.key)])
    for line in report.beside_form:
        numbers = ["" if number is None else number for number in _beside_numbers(line.without_limit)]
        writer.writerow([*_texts(line), *numbers, _BESIDE_KIND, plain_text(line.key)])
    return "\ufeff".encode() + text.getvalue().encode()


def report_xlsx(report: Form06Report) -> bytes:
    """The report as an Office Open XML workbook, laid out as the form, for printing on A4 across."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        # The only instant in the file is the report's own: so the same report is the same bytes.
        book.set_properties({"title": f"Biểu số {report.form.number} (mô phỏng)", "created": _naive(report.as_of)})
        _Sheet(book, report).fill()
    return content.getvalue()


def _naive(at: datetime) -> datetime:
    return at.astimezone(VIETNAM_TIME).replace(tzinfo=None, microsecond=0)


def _texts(line: Line) -> list[str]:
    return [plain_text(line.number), plain_text(line.name.vi)]


def _numbers(columns: Columns) -> list[int]:
    return [getattr(columns, name) for name in COLUMN_NAMES]


def _beside_numbers(beside: WithoutLimit) -> list[int | None]:
    """In the columns of the form; nothing in those that ask whether it was in time."""
    return [
        beside.received_total,
        beside.received_online,
        beside.received_direct_post,
        beside.carried_over,
        beside.resolved,
        None,
        None,
        None,
        beside.pending,
        None,
        None,
    ]


class _Sheet:
    """The one sheet of the workbook; rows and columns are counted from 0, as the library does."""

    def __init__(self, book: Any, report: Form06Report) -> None:
        self._report = report
        self._sheet: Worksheet = book.add_worksheet("Biểu")
        font: dict[str, Any] = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter", "text_wrap": True}
        bordered: dict[str, Any] = {**font, "border": 1}
        self._formats: dict[str, Format] = {
            name: book.add_format({**font, **changes}) for name, changes in _styles(bordered).items()
        }
        self._row = 0

    def fill(self) -> None:
        self._lay_out()
        self._head()
        self._headings()
        for line in self._report.in_form:
            self._line(line, _numbers(line.columns))
        self._line(self._report.total, _numbers(self._report.total.columns))
        self._beside()
        self._foot()
        self._sheet.print_area(0, 0, self._row - 1, len(HEADINGS) - 1)

    def _lay_out(self) -> None:
        sheet = self._sheet
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_header(f"&C{MOCK_NOTICE}")
        sheet.set_footer("&C&P / &N")
        sheet.set_column(0, 0, 6)
        sheet.set_column(1, 1, 46)
        sheet.set_column(2, len(HEADINGS) - 1, 10.5)

    def _head(self) -> None:
        report = self._report
        period = f"(Từ ngày {report.first_on:%d/%m/%Y} đến ngày {report.last_on:%d/%m/%Y})"
        receiver = f"Đơn vị nhận báo cáo: {report.unit.receiver_vi}"
        field_vi = SECTOR_LABELS[report.sector].vi if report.sector else "Tất cả"
        self._merge(0, 0, 12, MOCK_NOTICE, "mock")
        for left, middle, right, style in (
            (f"Biểu số {report.form.number}", TITLE_VI, f"Đơn vị báo cáo: {report.unit.name_vi}", "title"),
            (f"Ban hành theo {report.form.circular_vi}", "Kỳ báo cáo", receiver, "center bold"),
            ("", period, f"Lĩnh vực: {field_vi}", "center"),
        ):  # fmt: skip
            self._merge(0, 0, 1, left, "bold" if style == "title" else "small", keep_row=True)
            self._merge(0, 2, 8, middle, style, keep_row=True)
            self._merge(0, 9, 12, right, "plain")
        self._sheet.set_row(1, 48)
        self._sheet.set_row(2, 32)
        self._merge(0, 9, 12, f"Đơn vị tính: {UNIT_OF_COUNT_VI}", "right")

    def _headings(self) -> None:
        """Headings that span what they are above, and the columns' numbers below."""
        top = self._row
        for depth in range(_DEPTH):
            column = 0
            while column < len(HEADINGS):
                column = self._heading(top, depth, column)
        for column in range(len(HEADINGS)):
            self._sheet.write_number(top + _DEPTH, column, column + 1, self._formats["column number"])
        self._sheet.set_row(top + _DEPTH - 1, 48)
        self._sheet.repeat_rows(top, top + _DEPTH)
        self._sheet.freeze_panes(top + _DEPTH + 1, 2)
        self._row = top + _DEPTH + 1

    def _heading(self, top: int, depth: int, column: int) -> int:
        """One heading at a depth, from a column on; returns the column after it."""
        path = HEADINGS[column]
        if len(path) <= depth:
            return column + 1
        is_last = len(path) == depth + 1
        after = column + 1
        while not is_last and after < len(HEADINGS) and HEADINGS[after][: depth + 1] == path[: depth + 1]:
            after += 1
        bottom = top + (_DEPTH - 1 if is_last else depth)
        self._write(top + depth, column, bottom, after - 1, path[depth], "heading")
        return after

    def _line(self, line: Line, numbers: Sequence[int | None]) -> None:
        is_sum = line.kind is not LineKind.PROCEDURE
        self._sheet.write_string(self._row, 0, line.number, self._formats["number in order"])
        name = line.name.vi
        self._sheet.write_string(self._row, 1, name, self._formats["name bold" if is_sum else "name"])
        for column, number in enumerate(numbers, start=2):
            cell = self._formats["count bold" if is_sum else "count"]
            if number is None:
                self._sheet.write_blank(self._row, column, None, cell)
            else:
                self._sheet.write_number(self._row, column, number, cell)
        if len(name) > _NAME_WIDTH:
            self._sheet.set_row(self._row, 15 * (1 + len(name) // _NAME_WIDTH))
        self._row += 1

    def _beside(self) -> None:
        if not self._report.beside_form:
            return
        self._row += 1
        self._merge(0, 0, 12, BESIDE_VI, "bold")
        for line in self._report.beside_form:
            self._line(line, _beside_numbers(line.without_limit))

    def _foot(self) -> None:
        report = self._report
        self._row += 1
        rules = "; ".join(
            f"{RULE_LABELS[name].vi}: {CHOICE_LABELS[name][value].vi}" for name, value in report.rules.items()
        )
        self._merge(0, 0, 12, f"Quy tắc tính: {rules}.", "small")
        self._sheet.set_row(self._row - 1, 30)
        as_of = report.as_of.astimezone(VIETNAM_TIME)
        self._merge(0, 0, 12, f"Hồ sơ đang giải quyết tính đến {as_of:%H:%M} ngày {as_of:%d/%m/%Y}.", "small")
        self._row += 1
        self._merge(0, 9, 12, day_words(as_of.date()), "center")
        self._merge(0, 9, 12, "Người làm báo cáo", "center bold")
        self._row += 3
        self._merge(0, 9, 12, "(Mô phỏng, không ký)", "center")

    def _merge(self, down: int, first: int, last: int, text: str, style: str, *, keep_row: bool = False) -> None:
        """Text across columns of the current row, which is done with unless it is kept."""
        self._write(self._row, first, self._row + down, last, text, style)
        if not keep_row:
            self._row += 1 + down

    def _write(self, top: int, left: int, bottom: int, right: int, text: str, style: str) -> None:  # noqa: PLR0917
        cell = self._formats[style]
        if (top, left) != (bottom, right):
            self._sheet.merge_range(top, left, bottom, right, "", cell)
        # Always as text: a name that begins with "=" is a name.
        self._sheet.write_string(top, left, text, cell)


#: Characters of a name that fit on a line of its column.
_NAME_WIDTH: Final = 48


def _styles(bordered: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """How cells look, by name; those of the table have borders."""
    return {
        "plain": {},
        "small": {"font_size": 10},
        "bold": {"bold": True},
        "title": {"bold": True, "align": "center", "font_size": 13},
        "center": {"align": "center"},
        "center bold": {"align": "center", "bold": True},
        "right": {"align": "right", "italic": True},
        "mock": {"bold": True, "font_color": "#B3401F", "align": "center", "font_size": 12},
        "heading": {**bordered, "bold": True, "align": "center"},
        "column number": {**bordered, "align": "center", "italic": True, "font_size": 9},
        "number in order": {**bordered, "align": "center"},
        "name": {**bordered, "indent": 1},
        "name bold": {**bordered, "bold": True},
        "count": {**bordered, "num_format": "#,##0"},
        "count bold": {**bordered, "num_format": "#,##0", "bold": True},
    }
