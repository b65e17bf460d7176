"""What a file is, told by its content: few kinds are taken, and none that somebody's program would run."""

import zipfile
from io import BytesIO

import pytest

from services.portal.adapters.papers.file_kinds import (
    DOCX,
    FILE_KINDS,
    JPEG,
    PDF,
    PNG,
    TIFF,
    XLSX,
    XML,
    FileKind,
    kind_of,
)
from services.portal.adapters.papers.pdf_rendering import render
from services.portal.domain.papers.composing import compose
from services.portal.domain.papers.papers import papers_of
from tests.support.fakes import the_catalogue
from tests.support.files import A_DOCX, A_PDF, AN_XLSX, SOME_XML, a_picture, an_archive
from tests.support.papers import Story, a_source, the_words

OFFICE = ["[Content_Types].xml", "_rels/.rels"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (A_PDF, PDF),
        (a_picture("PNG"), PNG),
        (a_picture("JPEG"), JPEG),
        (a_picture("TIFF"), TIFF),
        (SOME_XML, XML),
        (b"\xef\xbb\xbf" + SOME_XML, XML),
        (b"\r\n <Invoice/>", XML),
        (SOME_XML.decode().replace("UTF-8", "UTF-16").encode("utf-16"), XML),
        (b"<Declaration xmlns='urn:wco:datamodel'/>", XML),
        (A_DOCX, DOCX),
        (AN_XLSX, XLSX),
    ],
    ids=lambda value: value.name if isinstance(value, FileKind) else "",
)
def test_what_is_taken(content: bytes, kind: FileKind) -> None:
    assert kind_of(content) == kind


def test_one_of_our_own_papers_is_a_pdf() -> None:
    source = a_source(the_catalogue(), story=Story().received())
    paper = papers_of(source, the_words().templates)[0]
    assert kind_of(render(compose(paper, source, the_words(), "http://127.0.0.1/lookup"))) == PDF


def test_kinds_have_names_of_their_own() -> None:
    for values in zip(*((kind.content_type, kind.extension, kind.name) for kind in FILE_KINDS), strict=True):
        assert len(set(values)) == len(FILE_KINDS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 5000,
        b"Just words.",
        b"MZ\x90\x00" + b"\x00" * 200,
        b"\x7fELF" + b"\x00" * 200,
        b"#!/bin/sh\necho hello\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
        b"Rar!\x1a\x07\x00" + b"\x00" * 100,
        b"\x1f\x8b\x08" + b"\x00" * 100,
        a_picture("GIF"),
        a_picture("BMP"),
        b"{\\rtf1 hello}",
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\xff" * 500,
    ],
)
def test_what_is_not_taken(content: bytes) -> None:
    assert kind_of(content) is None


@pytest.mark.parametrize(
    "names",
    [
        ["hello.txt"],
        ["word/document.xml"],
        OFFICE,
        [*OFFICE, "ppt/presentation.xml"],
        [*OFFICE, "word/document.xml", "word/vbaProject.bin"],
        [*OFFICE, "xl/workbook.xml", "xl/VBAPROJECT.BIN"],
        ["META-INF/MANIFEST.MF", "A.class"],
        ["mimetype", "content.xml"],
        [],
    ],
)
def test_archives_are_not_taken_unless_they_are_a_text_or_a_table_without_macros(names: list[str]) -> None:
    assert kind_of(an_archive(names)) is None


@pytest.mark.parametrize(
    "text",
    [
        "<html><script>alert(1)</script></html>",
        "<!DOCTYPE html><html></html>",
        " \n<HTML>",
        "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "<x:svg xmlns:x='http://www.w3.org/2000/svg'/>",
        "<x xmlns='http://www.w3.org/1999/xhtml'/>",
        "<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>",
        "<not xml",
        "<",
        "<!-- nothing but this -->",
        "<?php echo 1; ?>",
        "<?xml version='1.0' encoding='no-such-encoding'?><a/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_pages_pictures_with_scripts_and_document_types_are_not_taken(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    assert kind_of(content) is None


def test_a_picture_that_is_named_after_something_else_inside_stays_a_picture() -> None:
    """What follows the beginning makes no other kind of it."""
    assert kind_of(a_picture("PNG") + b"<html><script>alert(1)</script>") == PNG
    assert kind_of(b"GIF89a" + A_PDF) is None
    assert kind_of(b"junk before " + A_PDF) is None


def test_a_long_file_is_not_read_to_its_end() -> None:
    """A beginning is enough, also of XML whose end is broken."""
    content = b"<Invoice>" + b"<Line/>" * 500_000 + b"</broken"
    assert kind_of(content) == XML


def test_nothing_is_unpacked() -> None:
    """An archive that would be enormous is judged by its list of contents."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/workbook.xml", b"0" * 50_000_000)
    assert kind_of(content.getvalue()) == XLSX
