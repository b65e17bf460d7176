"""What a file is, by its content: one of the few kinds that are taken, or none.

The sender's name and content type say nothing here. puremagic knows the beginnings of files; office files, which all
begin like a ZIP archive, are told apart by what the archive holds, and XML is parsed up to its first element without
expanding anything. Nothing is unpacked.
"""

import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import puremagic
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken."""

    content_type: str
    extension: str
    name: str


PDF: Final = FileKind("application/pdf", ".pdf", "PDF")
PNG: Final = FileKind("image/png", ".png", "PNG")
JPEG: Final = FileKind("image/jpeg", ".jpg", "JPEG")
TIFF: Final = FileKind("image/tiff", ".tif", "TIFF")
XML: Final = FileKind("application/xml", ".xml", "XML")
DOCX: Final = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", "DOCX")
XLSX: Final = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", "XLSX")

#: Everything that is taken. Not among it: archives and old office files, whose content nobody can vouch for; files with
#: macros; HTML and SVG, which browsers run.
FILE_KINDS: Final = (PDF, PNG, JPEG, TIFF, XML, DOCX, XLSX)

_BY_CONTENT_TYPE: Final = {kind.content_type: kind for kind in (PDF, PNG, JPEG, TIFF)}

_ZIP: Final = b"PK\x03\x04"
#: What an office file must hold, and what none may.
_OFFICE_PARTS: Final = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_CONTENT_TYPES: Final = "[Content_Types].xml"
_MACROS: Final = "vbaproject.bin"

#: Roots of XML that browsers run.
_ACTIVE_ROOTS: Final = frozenset({"html", "svg", "xhtml", "stylesheet", "transform"})

#: How far into a file its kind is looked for.
_HEAD_BYTES: Final = 4096
_XML_HEAD_BYTES: Final = 64 * 1024


def kind_of(content: bytes) -> FileKind | None:
    """Return what a file is; None when it isn't one of `FILE_KINDS`.

    Args:
        content: All of it, of any size and content.
    """
    if content.startswith(_ZIP):
        return _office_kind(content)
    if content[:_HEAD_BYTES].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").startswith(b"<"):
        return XML if _is_passive_xml(content) else None
    try:
        found = puremagic.magic_string(content[:_HEAD_BYTES])
    except (puremagic.PureError, ValueError):
        return None
    best = max((match.confidence for match in found), default=0.0)
    for match in found:
        if match.confidence == best and match.mime_type in _BY_CONTENT_TYPE:
            return _BY_CONTENT_TYPE[match.mime_type]
    return None


def _office_kind(content: bytes) -> FileKind | None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
        return None
    if _CONTENT_TYPES not in names or any(name.lower().endswith(_MACROS) for name in names):
        return None
    return next((kind for part, kind in _OFFICE_PARTS.items() if part in names), None)


def _is_passive_xml(content: bytes) -> bool:
    """Whether it begins as well-formed XML without a document type, and isn't a page or a picture with scripts."""
    try:
        for _, element in iterparse(BytesIO(content[:_XML_HEAD_BYTES]), events=("start",), forbid_dtd=True):
            tag = str(element.tag).rpartition("}")[2].lower()
            return tag not in _ACTIVE_ROOTS and "xhtml" not in str(element.tag).lower()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return False
    return False
