"""Draws a sheet as PDF: page, letters, QR code, the word MOCK across it, and a footer that says it has no legal value.

Doesn't know dossiers and doesn't sign. Equal sheets give equal bytes, in every process: the file's dates are those of
the sheet, its identifier follows from its content, and of the vendored typeface just the letters used are embedded.
Whoever imports this pays a third of a second for fpdf2 and fontTools, so it is imported when the first paper is wanted.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Final

import segno
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from services.contracts.timeliness import VIETNAM_TIME
from services.portal.domain.papers.sheets import Align, NumberedList, PaperSize, Paragraph, Sheet, Signature, Table

_FONT_FOLDER: Final = "tinos-1.340"
_FACES: Final = {"": "regular", "B": "bold", "I": "italic", "BI": "bold-italic"}
_FONT: Final = "tinos"

#: Stands for a letter that the typeface doesn't have.
_NO_LETTER: Final = "\N{WHITE SQUARE}"

_COUNTRY: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
_MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
_MOCK: Final = "MÔ PHỎNG / MOCK"
_DISCLAIMER: Final = (
    "Văn bản MÔ PHỎNG do phần mềm motcua tạo ra để thử nghiệm và đào tạo, KHÔNG CÓ GIÁ TRỊ PHÁP LÝ.",
    "MOCK paper made by the motcua software for testing and training; it has NO LEGAL VALUE.",
)

_STAMP_COLOUR: Final = (178, 34, 34)
_MOCK_COLOUR: Final = (243, 228, 228)
_GREY: Final = (90, 90, 90)

_ALIGNS: Final = {Align.JUSTIFY: "JUSTIFY", Align.CENTRE: "CENTER", Align.LEFT: "LEFT"}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Measures of a paper size, in millimetres and points."""

    width_mm: float
    height_mm: float
    left_mm: float
    top_mm: float
    right_mm: float
    bottom_mm: float
    body_pt: float
    header_pt: float
    title_pt: float
    table_pt: float
    mock_pt: float
    qr_mm: float
    indent_mm: float

    @property
    def text_mm(self) -> float:
        """Width between the margins."""
        return self.width_mm - self.left_mm - self.right_mm

    @property
    def page_mm(self) -> float:
        """Height between the margins."""
        return self.height_mm - self.top_mm - self.bottom_mm

    def shrunk(self, factor: float) -> "_Layout":
        """The same page with smaller letters."""
        sizes = ("body_pt", "header_pt", "title_pt", "table_pt", "indent_mm")
        return replace(self, **{name: getattr(self, name) * factor for name in sizes})


_LAYOUTS: Final = {
    PaperSize.A5: _Layout(148, 210, 12, 10, 10, 16, 10, 8.6, 12, 8, 46, 15, 7),
    PaperSize.A4: _Layout(210, 297, 28, 18, 16, 20, 13, 12, 14, 10.5, 70, 20, 10),
}


#: How far letters shrink so that a paper which is a little too long fits one page, tried in this order. Below the last
#: one they would be hard to read; such a paper has more pages.
_SHRINKING: Final = (0.94, 0.87)

#: Smallest letters of an address, so that it stands in one line and can be copied from there.
_SMALLEST_PT: Final = 4.5


def render(sheet: Sheet) -> bytes:
    """Return a sheet as a PDF file.

    Args:
        sheet: What stands on it.
    """
    layout = _LAYOUTS[sheet.size]
    with _drawn(sheet, layout) as page:
        if page.page_no() == 2:
            used_pages = 1 + (page.get_y() - layout.top_mm) / layout.page_mm
            for factor in _SHRINKING:
                # Smaller letters make lines lower, and longer.
                if used_pages * factor**2 > 1:
                    continue
                with _drawn(sheet, layout.shrunk(factor)) as smaller:
                    if smaller.page_no() == 1:
                        return bytes(smaller.output())
        return bytes(page.output())


@contextmanager
def _drawn(sheet: Sheet, layout: _Layout) -> Iterator["_Page"]:
    """All that stands on a sheet, on one page or several."""
    page = _Page(sheet, layout)
    try:
        page.add_page()
        _draw_header(page, sheet)
        _draw_title(page, sheet)
        for block in sheet.blocks:
            if isinstance(block, Paragraph):
                _draw_paragraph(page, block)
            elif isinstance(block, NumberedList):
                _draw_list(page, block)
            else:
                _draw_table(page, block)
        _draw_signatures(page, sheet)
        _draw_look_up(page, sheet)
        yield page
    finally:
        page.close_fonts()


class _Page(FPDF):
    """Pages of one sheet, with what each page has: the word MOCK and the footer."""

    def __init__(self, sheet: Sheet, layout: _Layout) -> None:
        self.layout = layout
        super().__init__(unit="mm", format=(layout.width_mm, layout.height_mm))
        self.sheet = sheet
        self.set_margins(layout.left_mm, layout.top_mm, layout.right_mm)
        self.set_auto_page_break(True, layout.bottom_mm)
        folder = files("services.portal") / "data" / "fonts" / _FONT_FOLDER
        for style, name in _FACES.items():
            self.add_font(_FONT, style, str(folder / f"{name}.ttf"))
        face = self.fonts[_FONT]
        assert isinstance(face, TTFFont)  # just added
        self._letters = frozenset(face.cmap) | {ord("\n")}
        self.set_creation_date(sheet.issued_at)
        self.set_lang("vi-VN")
        self.set_title(f"{sheet.title} - {sheet.dossier_id}")
        self.set_author(self.clean(sheet.signed_by or sheet.issuer))
        self.set_subject(sheet.dossier_id)
        self.set_keywords(f"MOCK, {sheet.paper_id}")
        self.set_creator("motcua")
        self.set_producer("motcua")

    def close_fonts(self) -> None:
        """The library leaves their files open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def clean(self, text: str) -> str:
        """Text in letters that the typeface has; composed, without control characters."""
        composed = unicodedata.normalize("NFC", text.replace("\t", " ").replace("\r", ""))
        return "".join(
            letter if ord(letter) in self._letters else _NO_LETTER
            for letter in composed
            if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf"}
        )

    def use(self, style: str, size_pt: float) -> None:
        """Choose a face and a size."""
        self.set_font(_FONT, style, size_pt)

    def put(self, text: str, width_mm: float, x_mm: float, *, align: str = "C", spacing: float = 1.15) -> None:
        """Text in a column, below what is there; the next text goes below it."""
        self.set_x(x_mm)
        height_mm = self.font_size * spacing
        self.multi_cell(width_mm, height_mm, self.clean(text), align=align, new_x=XPos.LEFT, new_y=YPos.NEXT)

    def fit(self, text: str, width_mm: float) -> None:
        """Choose smaller letters when a text is wider than its column, as far as that goes."""
        size_pt, room_mm = self.font_size_pt, width_mm - 2 * self.c_margin
        self.set_font_size(max(_SMALLEST_PT, min(size_pt, size_pt * room_mm / self.get_string_width(text))))

    def rule(self, x_mm: float, width_mm: float) -> None:
        """A thin line here."""
        self.set_line_width(0.2)
        self.line(x_mm, self.get_y() + 0.4, x_mm + width_mm, self.get_y() + 0.4)
        self.set_y(self.get_y() + 1.2)

    def keep_together(self, height_mm: float) -> None:
        """Begin a new page unless so much fits on this one."""
        if self.will_page_break(height_mm):
            self.add_page()

    def header(self) -> None:
        """The word MOCK across the page, under everything else."""
        layout = self.layout
        with self.local_context():
            self.use("B", layout.mock_pt)
            self.set_text_color(*_MOCK_COLOUR)
            width_mm = self.get_string_width(_MOCK)
            middle_x, middle_y = layout.width_mm / 2, layout.height_mm / 2
            with self.rotation(50, middle_x, middle_y):
                self.text(middle_x - width_mm / 2, middle_y, _MOCK)

    def footer(self) -> None:
        """No legal value, which paper, which page."""
        self.set_y(-self.layout.bottom_mm + 3)
        self.use("I", 7)
        self.set_text_color(*_STAMP_COLOUR)
        for text in _DISCLAIMER:
            self.cell(0, 2.9, text, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_color(*_GREY)
        self.cell(0, 2.9, f"{self.sheet.dossier_id} · {self.sheet.paper_id} · {self.page_no()}", align="C")
        self.set_text_color(0)


def _draw_header(page: _Page, sheet: Sheet) -> None:
    """The form's number, the authority on the left, the country and its motto on the right."""
    layout = page.layout
    if sheet.form:
        page.use("I", layout.header_pt - 1.6)
        page.put(sheet.form, layout.text_mm, layout.left_mm, align="R")
        page.ln(0.8)
    top_mm = page.get_y()
    right_mm = layout.text_mm * 0.56
    left_mm = layout.text_mm - right_mm - 2
    page.use("", layout.header_pt - 0.4)
    if sheet.above:
        page.put(sheet.above.upper(), left_mm, layout.left_mm)
    page.use("B", layout.header_pt - 0.4)
    page.put(sheet.issuer.upper(), left_mm, layout.left_mm)
    page.rule(layout.left_mm + left_mm * 0.33, left_mm * 0.34)
    if sheet.number:
        page.use("", layout.header_pt)
        page.put(sheet.number, left_mm, layout.left_mm)
    left_bottom_mm = page.get_y()
    _draw_country(page, sheet, top_mm, right_mm)
    page.set_y(max(left_bottom_mm, page.get_y()) + layout.indent_mm / 2)


def _draw_country(page: _Page, sheet: Sheet, top_mm: float, width_mm: float) -> None:
    layout = page.layout
    x_mm = layout.left_mm + layout.text_mm - width_mm
    page.set_y(top_mm)
    page.use("B", layout.header_pt)
    page.put(_COUNTRY, width_mm, x_mm)
    page.use("B", layout.header_pt + 0.6)
    page.put(_MOTTO, width_mm, x_mm)
    motto_mm = page.get_string_width(_MOTTO)
    page.rule(x_mm + (width_mm - motto_mm) / 2, motto_mm)
    page.use("I", layout.header_pt)
    page.put(sheet.place_and_day, width_mm, x_mm)


def _draw_title(page: _Page, sheet: Sheet) -> None:
    layout = page.layout
    page.use("B", layout.title_pt)
    page.put(sheet.title, layout.text_mm, layout.left_mm)
    if sheet.subtitle:
        page.use("B", layout.body_pt)
        page.put(sheet.subtitle, layout.text_mm * 0.86, layout.left_mm + layout.text_mm * 0.07)
        page.rule(layout.left_mm + layout.text_mm * 0.4, layout.text_mm * 0.2)
    page.use("I", layout.body_pt - 2)
    page.set_text_color(*_GREY)
    page.put(sheet.title_en, layout.text_mm, layout.left_mm)
    page.set_text_color(0)
    page.ln(1.5)


def _draw_paragraph(page: _Page, block: Paragraph) -> None:
    layout = page.layout
    page.use("", layout.body_pt)
    with page.text_columns(text_align=_ALIGNS[block.align], line_height=1.22) as column:
        indent_mm = layout.indent_mm if block.is_indented else 0
        for index, line in enumerate(_split_lines(block)):
            with column.paragraph(first_line_indent=indent_mm if index == 0 else 0, bottom_margin=0.9) as paragraph:
                for text, style in line:
                    page.use(style, layout.body_pt)
                    paragraph.write(page.clean(text))
    page.use("", layout.body_pt)


def _split_lines(block: Paragraph) -> Iterator[list[tuple[str, str]]]:
    """The stretches of each line: a line end in a value begins a new one."""
    line: list[tuple[str, str]] = []
    for run in block.runs:
        style = ("B" if run.is_bold else "") + ("I" if run.is_italic else "")
        first, *more = run.text.split("\n")
        line.append((first, style))
        for text in more:
            yield line
            line = [(text, style)]
    yield line


def _draw_list(page: _Page, block: NumberedList) -> None:
    layout = page.layout
    for number, item in enumerate(block.items, start=1):
        page.use("", layout.body_pt)
        with (
            page.text_columns(
                text_align="JUSTIFY", line_height=1.18, l_margin=layout.left_mm + layout.indent_mm
            ) as column,
            column.paragraph(bottom_margin=0.6) as paragraph,
        ):
            paragraph.write(page.clean(f"{number}. {item}"))
    page.set_x(layout.left_mm)


def _draw_table(page: _Page, block: Table) -> None:
    page.ln(0.8)
    page.use("", page.layout.table_pt)
    with page.table(
        align="LEFT",
        borders_layout=TableBordersLayout.ALL,
        col_widths=tuple(column.share for column in block.columns),
        text_align=tuple(_ALIGNS[column.align] for column in block.columns),
        headings_style=FontFace(emphasis="BOLD"),
        line_height=page.font_size * 1.25,
        padding=0.7,
        width=page.layout.text_mm,
        first_row_as_headings=True,
    ) as table:
        for cells in ([column.title for column in block.columns], *block.rows):
            row = table.row()
            for cell in cells:
                row.cell(page.clean(cell))
    page.ln(1.5)


def _draw_signatures(page: _Page, sheet: Sheet) -> None:
    """Recipients on the left when there are any, signatures from there to the right."""
    layout = page.layout
    half_mm = layout.text_mm / 2
    page.keep_together(34 if sheet.size is PaperSize.A5 else 46)
    page.ln(1.5)
    top_mm = bottom_mm = page.get_y()
    if sheet.recipients:
        page.use("BI", layout.body_pt - 1.5)
        page.put("Nơi nhận:", half_mm, layout.left_mm, align="L")
        page.use("", layout.body_pt - 2)
        for recipient in sheet.recipients:
            page.put(recipient, half_mm - 4, layout.left_mm, align="L")
        bottom_mm = page.get_y()
    columns: Sequence[Signature | None] = (
        sheet.signatures if len(sheet.signatures) == 2 else (None, *sheet.signatures[:1])
    )
    for index, signature in enumerate(columns):
        if signature is not None:
            page.set_y(top_mm)
            _draw_signature(page, sheet, signature, layout.left_mm + index * half_mm, half_mm)
            bottom_mm = max(bottom_mm, page.get_y())
    page.set_y(bottom_mm + 2)


def _draw_signature(page: _Page, sheet: Sheet, signature: Signature, x_mm: float, width_mm: float) -> None:
    layout = page.layout
    page.use("B", layout.body_pt - 0.5)
    page.put(signature.capacity, width_mm, x_mm)
    if signature.remark:
        page.use("I", layout.body_pt - 2)
        page.put(signature.remark, width_mm, x_mm)
    if signature.is_digital and sheet.signed_by:
        _draw_stamp(page, sheet, x_mm + 2, width_mm - 4)
    else:
        page.ln(14)


def _draw_stamp(page: _Page, sheet: Sheet, x_mm: float, width_mm: float) -> None:
    """Says that the file is signed, by whom and when, as electronic papers do."""
    signed_at = sheet.issued_at.astimezone(VIETNAM_TIME)
    top_mm = page.get_y() + 1.5
    page.set_y(top_mm + 0.8)
    page.set_text_color(*_STAMP_COLOUR)
    page.use("", page.layout.body_pt - 2.6)
    for text in (
        f"Ký bởi: {sheet.signed_by}",
        f"Thời gian ký: {signed_at:%d/%m/%Y %H:%M:%S} +07:00",
        f"Chữ ký số {_MOCK}",
    ):
        page.put(text, width_mm - 3, x_mm + 1.5, align="L")
    page.set_draw_color(*_STAMP_COLOUR)
    page.set_line_width(0.3)
    page.rect(x_mm, top_mm, width_mm, page.get_y() - top_mm + 0.8)
    page.set_draw_color(0)
    page.set_text_color(0)
    page.set_y(page.get_y() + 1.5)


def _draw_look_up(page: _Page, sheet: Sheet) -> None:
    """The QR code, where it leads, and what the paper says in one English sentence."""
    layout = page.layout
    page.keep_together(layout.qr_mm + 3)
    top_mm = page.get_y() + 1
    _draw_qr(page, sheet.look_up_url, layout.left_mm, top_mm, layout.qr_mm)
    x_mm = layout.left_mm + layout.qr_mm + 3
    width_mm = layout.text_mm - layout.qr_mm - 3
    page.set_y(top_mm)
    page.use("", layout.body_pt - 2.4)
    page.put("Tra cứu tình trạng giải quyết hồ sơ tại:", width_mm, x_mm, align="L")
    page.fit(sheet.look_up_url, width_mm)
    page.put(sheet.look_up_url, width_mm, x_mm, align="L")
    page.use("I", layout.body_pt - 2.4)
    page.set_text_color(*_GREY)
    page.put(sheet.summary_en, width_mm, x_mm, align="L")
    page.set_text_color(0)


def _draw_qr(page: _Page, address: str, x_mm: float, y_mm: float, size_mm: float) -> None:
    """As one filled path: each run of dark modules in a row is a rectangle."""
    matrix = [[bool(module) for module in row] for row in segno.make(address, error="m", micro=False).matrix]
    module_mm = size_mm / len(matrix)
    page.set_fill_color(0)
    for row_index, row in enumerate(matrix):
        for start, length in _dark_runs(row):
            # A hair higher than the row, so that no white line shows between two rows.
            page.rect(
                x_mm + start * module_mm, y_mm + row_index * module_mm, length * module_mm, module_mm * 1.02, style="F"
            )


def _dark_runs(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    start = 0
    while start < len(row):
        if row[start]:
            end = row.index(False, start) if False in row[start:] else len(row)
            yield start, end - start
            start = end
        else:
            start += 1
