"""Files of the kinds that people hand in, small and real."""

import zipfile
from collections.abc import Iterable
from io import BytesIO
from typing import Final

from PIL import Image

A_PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
SOME_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n<Invoice><Seller>Công ty Thử</Seller></Invoice>'.encode()


def a_picture(kind: str) -> bytes:
    """A few pixels as PNG, JPEG, TIFF, GIF, BMP …"""
    content = BytesIO()
    Image.new("RGB", (8, 8), "red").save(content, kind)
    return content.getvalue()


def an_archive(names: Iterable[str]) -> bytes:
    """A ZIP archive that holds files with these names."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return content.getvalue()


A_DOCX: Final = an_archive(["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
AN_XLSX: Final = an_archive(["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"])
