"""Papers as PDF: the same bytes each time, every Vietnamese letter in them, whatever the values are."""

import hashlib
import subprocess
import sys
import unicodedata
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.portal.adapters.papers.pdf_rendering import render
from services.portal.domain.papers.composing import compose
from services.portal.domain.papers.papers import PaperKind, PaperSource, papers_of
from services.portal.domain.papers.sheets import Sheet
from tests.support.fakes import the_catalogue
from tests.support.papers import MORNING, Story, a_full_story, a_payment, a_source, the_words
from tests.support.poppler import needs_poppler, run, text_of

ROOT = Path(__file__).parents[4]
URL = "http://127.0.0.1:8080/lookup?sandbox=0123456789&dossier_id=000.00.00.G12-190605-000123"

#: Every letter of the alphabet with every tone, in both cases.
ALPHABET = "".join(
    unicodedata.normalize("NFC", base + tone)
    for base in "aăâeêioôơuưy"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
)
ALPHABET += "bcdđghklmnpqrstvx"


def sheets(source: PaperSource) -> dict[str, Sheet]:
    return {paper.kind: compose(paper, source, the_words(), URL) for paper in papers_of(source, the_words().templates)}


@cache
def every_kind() -> dict[str, Sheet]:
    """One sheet of each kind of paper."""
    catalogue = the_catalogue()
    asked_at = a_full_story().entries[-2].occurred_at
    turned_away = Story().then(Action.REFUSE_INTAKE, Actor.OFFICER, Status.NOT_RECEIVED)
    stopped = Story().received().then(Action.STOP, Actor.OFFICER, Status.STOPPED, reason=Reason.UNPAID)
    inspected = Story().received().started()
    inspected.then(Action.COMPLETE_STEP, Actor.OFFICER, Status.IN_PROCESS, detail={"step_id": "inspection-decision"})
    sources = [
        a_source(catalogue, story=a_full_story().granted(), payments=[a_payment(asked_at)]),
        a_source(catalogue, story=turned_away),
        a_source(catalogue, story=Story().received().started().refused()),
        a_source(catalogue, story=stopped),
        a_source(catalogue, "refund-inspect-first", inspected, traits={"track": "inspect-first"}),
        a_source(catalogue, "refund-first", Story(MORNING.replace(year=2021)).received()),
    ]
    found: dict[str, Sheet] = {}
    for source in sources:
        found = sheets(source) | found
    return found


@cache
def drawn(kind: str) -> bytes:
    return render(every_kind()[kind])


@pytest.mark.parametrize("kind", list(PaperKind))
def test_every_kind_of_paper_is_drawn_the_same_twice(kind: PaperKind) -> None:
    assert drawn(kind).startswith(b"%PDF-")
    assert drawn(kind) == render(every_kind()[kind])


def test_another_process_draws_the_same_bytes() -> None:
    """With another seed for hashes, in another folder."""
    code = (
        "from tests.unit.portal.papers.test_rendering import drawn, every_kind; import hashlib;"
        "print(hashlib.sha256(b''.join(map(drawn, sorted(every_kind())))).hexdigest())"
    )
    here = hashlib.sha256(b"".join(map(drawn, sorted(every_kind())))).hexdigest()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/",
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'sdk'}", "PYTHONHASHSEED": "1", "TZ": "America/New_York"},
    )  # fmt: skip
    assert done.stdout.strip() == here


def test_other_words_give_other_bytes() -> None:
    sheet = every_kind()["receipt"]
    assert render(sheet) != render(replace(sheet, title="KHÁC"))


@needs_poppler
def test_an_independent_reader_finds_the_vietnamese_text(tmp_path: Path) -> None:
    text = text_of(drawn("receipt"), tmp_path)
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Hà Tĩnh, ngày 05 tháng 6 năm 2019",
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "Mã hồ sơ: 000.00.00.G12-190605-000123",
        "Tiếp nhận hồ sơ của: Công ty TNHH Tiếp vận Vũng Áng",
        "Thời gian nhận hồ sơ: 09 giờ 30 phút, ngày 05 tháng 6 năm 2019",
        "MÔ PHỎNG / MOCK",
        "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ",
        "it has NO LEGAL VALUE",
        "http://127.0.0.1:8080/lookup?sandbox=0123456789",
    ):
        assert words in text, words


@needs_poppler
def test_every_letter_of_the_alphabet_is_there(tmp_path: Path) -> None:
    """Composed or not when it comes in: it is composed on the paper."""
    name = ALPHABET + " " + unicodedata.normalize("NFD", ALPHABET.upper())
    source = a_source(the_catalogue(), story=Story().received(), applicant_name=name)
    text = text_of(render(sheets(source)["receipt"]), tmp_path).replace(" ", "")
    assert ALPHABET in text
    assert ALPHABET.upper() in text


@needs_poppler
def test_only_our_typeface_is_in_it_and_all_of_it_is_embedded(tmp_path: Path) -> None:
    told = run("pdffonts", content=drawn("result"), folder=tmp_path).splitlines()[2:]
    assert told
    for line in told:
        assert "Tinos" in line
        # embedded, subset, with a map back to letters
        assert line.split()[-5:-2] == ["yes", "yes", "yes"]


@needs_poppler
def test_the_file_carries_the_dossier_and_the_instant_of_the_fact(tmp_path: Path) -> None:
    told = run("pdfinfo", "-isodates", content=drawn("receipt"), folder=tmp_path)
    assert "CreationDate:    2019-06-05T02:30:00Z" in told
    assert "Subject:         000.00.00.G12-190605-000123" in told
    assert "MOCK, receipt-2" in told
    assert "ModDate" not in told


@needs_poppler
@pytest.mark.parametrize("size", ["A5", "A4"])
def test_pages_have_the_size_of_their_form(size: str, tmp_path: Path) -> None:
    told = run("pdfinfo", content=drawn("receipt" if size == "A5" else "result"), folder=tmp_path)
    assert ("419.53 x 595.28" if size == "A5" else "595.28 x 841.89") in told


@needs_poppler
@pytest.mark.parametrize("kind", list(PaperKind))
def test_a_paper_of_ordinary_length_fits_one_page(kind: PaperKind, tmp_path: Path) -> None:
    if kind is PaperKind.CONTROL_SHEET:  # grows with the dossier
        pytest.skip("a control sheet has as many pages as it needs")
    assert "Pages:           1\n" in run("pdfinfo", content=drawn(kind), folder=tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "中国海关 Công ty 株式会社",
        "\u202eevil\u202c \u200b\u00adẩn \x07",
        "🚢 tàu 🛃",
        "W" * 200,
        "Công ty " + "rất dài " * 24,
        "**đậm** __nghiêng__ --gạch-- [liên kết](http://x) {nb} \\",
        "a\tb\r\nc",
        "(cid:1) \\( \\) <</Type/Catalog>> endobj",
    ],
)
def test_no_name_breaks_a_paper(name: str) -> None:
    source = a_source(the_catalogue(), story=a_full_story().granted(), applicant_name=name)
    for sheet in sheets(source).values():
        assert render(sheet).startswith(b"%PDF-")


@needs_poppler
def test_a_letter_that_the_typeface_lacks_is_a_square_and_the_rest_stays(tmp_path: Path) -> None:
    source = a_source(the_catalogue(), story=Story().received(), applicant_name="Hải quan 中国 \u202eVN")
    assert "Tiếp nhận hồ sơ của: Hải quan □□ VN" in text_of(render(sheets(source)["receipt"]), tmp_path)


@needs_poppler
def test_a_long_story_takes_several_pages_with_headings_on_each(tmp_path: Path) -> None:
    story = Story().received().started()
    for index in range(60):
        story.then(Action.GIVE_OPINION, Actor.OFFICER, Status.IN_PROCESS, note=f"Ý kiến lần {index + 1}")
    content = render(sheets(a_source(the_catalogue(), story=story))["control-sheet"])
    pages = int(run("pdfinfo", content=content, folder=tmp_path).partition("Pages:")[2].split()[0])
    text = text_of(content, tmp_path)
    assert pages > 2
    assert text.count("STT Công việc") == pages
    assert text.count("KHÔNG CÓ GIÁ TRỊ PHÁP LÝ") == pages
    assert "Ý kiến lần 60" in text


def test_every_page_says_mock_across_it() -> None:
    """Slanted and pale, before everything else on the page; readers of text leave slanted words out."""
    story = Story().received().started()
    for _ in range(30):
        story.then(Action.GIVE_OPINION, Actor.OFFICER, Status.IN_PROCESS, note="Ý kiến")
    pages = PdfFileReader(BytesIO(render(sheets(a_source(the_catalogue(), story=story))["control-sheet"]))).root[
        "/Pages"
    ]
    assert pages["/Count"] > 1
    for page in pages["/Kids"]:
        drawing = page.get_object()["/Contents"].data.decode("latin-1")
        slant, colour = drawing.index("0.6428 0.766 -0.766 0.6428"), drawing.index("0.9529 0.8941 0.8941 rg")
        assert slant < colour < drawing.index("Tj")


@needs_poppler
def test_a_line_of_a_note_is_a_line_on_the_paper(tmp_path: Path) -> None:
    story = Story().received().started().asked_for_more("Một\nHai\nBa")
    content = render(sheets(a_source(the_catalogue(), story=story))["supplement-request"])
    assert "1. Một 2. Hai 3. Ba" in text_of(content, tmp_path)


@needs_poppler
def test_a_paper_that_is_a_little_too_long_fits_one_page_all_the_same(tmp_path: Path) -> None:
    """No page with nothing but a signature on it."""
    longest = max(the_catalogue().offices.values(), key=lambda office: len(office.name_vi)).code
    long = "Công ty trách nhiệm hữu hạn một thành viên Đầu tư Thương mại và Dịch vụ Xuất nhập khẩu Vũng Áng"
    story = a_full_story().granted()
    source = a_source(the_catalogue(), "refund-first", story, office_code=longest, applicant_name=long)
    for kind, sheet in sheets(source).items():
        if kind != "control-sheet":  # grows with the story
            assert "Pages:           1\n" in run("pdfinfo", content=render(sheet), folder=tmp_path), kind


@needs_poppler
def test_the_address_can_be_copied_from_one_line(tmp_path: Path) -> None:
    for kind in ("receipt", "result", "control-sheet"):
        lines = run("pdftotext", "-enc", "UTF-8", content=drawn(kind), folder=tmp_path).splitlines()
        assert any(line.endswith("dossier_id=000.00.00.G12-190605-000123") for line in lines), kind


def test_every_result_of_the_catalogue_is_drawn() -> None:
    """Each family of procedures has words of its own."""
    seen: set[str] = set()
    for name, procedure in the_catalogue().procedures.items():
        if procedure.family in seen:
            continue
        seen.add(procedure.family)
        day = procedure.in_force_from
        story = Story(MORNING.replace(year=day.year + 1) if day else MORNING).received().started().granted()
        assert render(sheets(a_source(the_catalogue(), name, story))["result"]).startswith(b"%PDF-")
    assert len(seen) > 20
