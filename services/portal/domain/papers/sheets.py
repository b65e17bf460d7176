"""What stands on a paper, before it is drawn: header, title, blocks of text, signatures, footer.

A model of content, not of pages: where a line breaks and what letters look like is the renderer's business. Two equal
sheets are drawn as the same bytes.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PaperSize(StrEnum):
    """Sizes of sheets."""

    A4 = "A4"  #: letters, decisions
    A5 = "A5"  #: forms 01 to 05 (Circular 01/2018/TT-VPCP art. 9)


class Align(StrEnum):
    """How a paragraph stands."""

    JUSTIFY = "justify"
    CENTRE = "centre"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style."""

    text: str
    is_bold: bool = False
    is_italic: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that breaks where the line is full; a line end in it starts a new line."""

    runs: tuple[Run, ...]
    align: Align = Align.JUSTIFY
    is_indented: bool = False

    @property
    def text(self) -> str:
        """Its words without their style."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class NumberedList:
    """Items numbered from 1."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        share: Of the table's width, against the shares of the others.
    """

    title: str
    share: int
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the headings come again on each page."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Paragraph | NumberedList | Table


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs, at the end.

    Attributes:
        capacity: Such as CHI CỤC TRƯỞNG; upper case.
        remark: In brackets below, such as how to sign.
        is_digital: Whether the signature is that of the file, so that its stamp stands here.
    """

    capacity: str
    remark: str = ""
    is_digital: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole paper.

    Attributes:
        paper_id: Its name within the dossier.
        form: Number and source of the form that it follows, as printed at the top; empty: none.
        above: The authority above the issuer; empty: none.
        issuer: Who issues it, upper case.
        number: As printed, such as `Số: 12/TNHS-30CF`; empty: none.
        place_and_day: Such as `Hà Tĩnh, ngày 05 tháng 6 năm 2018`.
        title: Upper case.
        subtitle: What it is about; empty: none.
        signatures: From left to right, at most two.
        recipients: Nơi nhận; empty: not printed.
        summary_en: One English sentence.
        look_up_url: Where its QR code leads.
        signed_by: The issuer's name in its stamp and in the certificate; empty: not signed.
        issued_at: The instant of the fact behind it; also that of the file and of its signature.
    """

    paper_id: str
    dossier_id: str
    size: PaperSize
    form: str
    above: str
    issuer: str
    number: str
    place_and_day: str
    title: str
    title_en: str
    subtitle: str
    blocks: tuple[Block, ...]
    signatures: tuple[Signature, ...]
    recipients: tuple[str, ...]
    summary_en: str
    look_up_url: str
    signed_by: str
    issued_at: datetime
