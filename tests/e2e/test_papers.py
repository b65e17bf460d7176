"""Papers over the real services: what happens to a dossier is on paper, signed, the same each time.

Read and checked with Debian's poppler-utils, which has nothing to do with what made them.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from motcua import Client
from motcua.client import ProblemError

from services.launcher.stack import Stack
from tests.support.filings import catalogue, filing
from tests.support.poppler import needs_poppler, run, signature_of, text_of

Json = dict[str, Any]

#: Circulars 01/2018/TT-VPCP and 39/2018/TT-BTC are in force.
NOW = "2019-06-05T08:00:00+07:00"
OFFICE = "Chi cục Hải quan cửa khẩu Cảng Vũng Áng Hà Tĩnh"
APPLICANT = "Công ty TNHH Tiếp vận Đường bộ Quốc tế Kỳ Anh"
NOTE = "Hợp đồng mua bán hàng hóa;\nVận đơn (bản sao có xác nhận)"
AMOUNT_VND = 12_500_000
NEW_DATE = {"new_date_at": "2019-08-20T17:00:00+07:00"}


def get(client: Client, path: str) -> Json:
    answer: Json = client.request("GET", path).json()
    return answer


@dataclass
class Papers:
    """The papers of a dossier by kind, as files."""

    client: Client
    dossier_id: str
    listed: dict[str, Json] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        items = get(self.client, f"/api/v1/dossiers/{self.dossier_id}/papers")["items"]
        self.listed = {item["kind"]: item for item in items}

    def fetch(self, kind: str) -> bytes:
        if kind not in self.contents:
            self.contents[kind] = self.client.request("GET", self.listed[kind]["url"]).content
        return self.contents[kind]


@pytest.fixture(scope="module")
def office(stack: Stack) -> Iterator[Client]:
    """A sandbox with people in its offices."""
    with (
        Client(stack.portal_url, stack.admin_key) as admin,
        admin.open_sandbox(name="papers", now=NOW, officer="human", unknown_declarations="adopt") as client,
    ):
        yield client


def file(client: Client, procedure_id: str, **changes: Any) -> str:
    wanted = filing(procedure_id, **changes)
    wanted["applicant"]["name"] = APPLICANT
    dossier_id: str = client.file(wanted)["dossier_id"]
    return dossier_id


@pytest.fixture(scope="module")
def granted(office: Client) -> Papers:
    """Received, supplemented, apologized for, paid, granted and returned."""
    dossier_id = file(office, "overpaid-tax")
    office.act(dossier_id, "receive", "officer", reason="complete")
    office.act(dossier_id, "start", "officer")
    office.act(dossier_id, "request-supplement", "officer", reason="incomplete", note=NOTE)
    office.act(dossier_id, "supplement", "applicant")
    office.act(dossier_id, "apologize", "leader", reason="workload", detail=NEW_DATE)
    office.act(dossier_id, "request-payment", "officer", detail={"amount_vnd": AMOUNT_VND})
    office.act(dossier_id, "pay", "officer", reason="paid")
    office.act(dossier_id, "grant", "leader", reason="as-requested")
    office.act(dossier_id, "announce-early-result", "officer")
    office.act(dossier_id, "return-result", "officer")
    return Papers(office, dossier_id)


@pytest.fixture(scope="module")
def refused(office: Client) -> Papers:
    dossier_id = file(office, "overpaid-tax", applicant=1)
    office.act(dossier_id, "receive", "officer", reason="complete")
    office.act(dossier_id, "start", "officer")
    office.act(dossier_id, "refuse", "leader", reason="not-eligible", note="Không phát sinh số thuế nộp thừa")
    return Papers(office, dossier_id)


@pytest.fixture(scope="module")
def turned_away(office: Client) -> Papers:
    dossier_id = file(office, "overpaid-tax", applicant=2)
    office.act(dossier_id, "refuse-intake", "officer", reason="not-eligible", note="Không thuộc thẩm quyền")
    return Papers(office, dossier_id)


#: What each paper says, beside the dossier's id and the applicant's name.
SAYS = {
    "receipt": [
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "Hà Tĩnh, ngày 05 tháng 6 năm 2019",
        "Mẫu số 01",
        "08 giờ 00 phút, ngày 05 tháng 6 năm 2019",
    ],
    "supplement-request": [
        "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
        "1. Hợp đồng mua bán hàng hóa",
        "2. Vận đơn (bản sao có xác nhận)",
    ],
    "apology": ["PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ", "ngày 20 tháng 8 năm 2019", "Mẫu số 04"],
    "payment-request": ["12.500.000", "Mười hai triệu năm trăm nghìn đồng"],
    "payment-statement": ["12.500.000", "01/BKNT"],
    "result": ["QUYẾT ĐỊNH", OFFICE.upper()],
    "control-sheet": ["PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ", "Mẫu số 05"],
}


def test_a_dossier_has_the_papers_that_its_story_gives(granted: Papers, refused: Papers, turned_away: Papers) -> None:
    assert list(granted.listed) == list(SAYS)
    assert list(refused.listed) == ["receipt", "refusal", "control-sheet"]
    assert list(turned_away.listed) == ["intake-refusal"]


@needs_poppler
@pytest.mark.parametrize("kind", list(SAYS))
def test_an_independent_reader_finds_the_words(granted: Papers, kind: str, tmp_path: Path) -> None:
    text = text_of(granted.fetch(kind), tmp_path)
    for words in (*SAYS[kind], granted.dossier_id, APPLICANT, "Văn bản MÔ PHỎNG", "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"):
        assert words in text, words


@needs_poppler
def test_refusals_tell_the_reason(refused: Papers, turned_away: Papers, tmp_path: Path) -> None:
    assert "Không phát sinh số thuế nộp thừa" in text_of(refused.fetch("refusal"), tmp_path)
    text = text_of(turned_away.fetch("intake-refusal"), tmp_path)
    assert "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ" in text
    assert "Không thuộc thẩm quyền" in text


@needs_poppler
@pytest.mark.parametrize("kind", list(SAYS))
def test_an_independent_reader_says_that_a_signature_is_valid(granted: Papers, kind: str, tmp_path: Path) -> None:
    told = signature_of(granted.fetch(kind), tmp_path)
    assert bool(told) is granted.listed[kind]["is_signed"]
    if kind == "payment-statement":  # the applicant's own
        assert not told
        return
    assert told["Signature Validation"] == "Signature is Valid."
    assert told["Signing Hash Algorithm"] == "SHA-256"
    assert "total document signed" in run("pdfsig", "-nocert", content=granted.fetch(kind), folder=tmp_path).lower()


@needs_poppler
@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7])
def test_an_independent_reader_says_when_a_byte_has_changed(granted: Papers, place: float, tmp_path: Path) -> None:
    changed = bytearray(granted.fetch("result"))
    unsigned_bytes = changed.index(b"/ByteRange")
    changed[int(unsigned_bytes * place)] ^= 1
    assert signature_of(bytes(changed), tmp_path).get("Signature Validation") != "Signature is Valid."


@pytest.mark.parametrize("kind", list(SAYS))
def test_a_paper_has_the_same_bytes_each_time(granted: Papers, kind: str) -> None:
    """Also when another process of the portal makes it."""
    first = granted.fetch(kind)
    for _ in range(4):
        # A connection of its own may reach another process.
        answer = requests.get(
            granted.client.url + granted.listed[kind]["url"], timeout=30,
            headers={**dict(granted.client._session.headers), "Connection": "close"},
        )  # fmt: skip
        assert answer.content == first
    digest = answer.headers["Repr-Digest"]
    assert digest.startswith("sha-256=:")
    etag = answer.headers["ETag"]
    assert (
        granted.client.request("GET", granted.listed[kind]["url"], headers={"If-None-Match": etag}).status_code == 304
    )


def test_what_happens_later_leaves_earlier_papers_as_they_were(office: Client) -> None:
    dossier_id = file(office, "overpaid-tax", applicant=3)
    office.act(dossier_id, "receive", "officer", reason="complete")
    before = Papers(office, dossier_id)
    kept = {kind: before.fetch(kind) for kind in before.listed}
    office.act(dossier_id, "start", "officer")
    office.act(dossier_id, "grant", "leader")
    after = Papers(office, dossier_id)
    assert after.fetch("receipt") == kept["receipt"]
    assert after.fetch("control-sheet") != kept["control-sheet"]
    assert set(after.listed) == {*before.listed, "result"}


def test_the_portal_says_what_a_paper_is_worth(granted: Papers, admin: Client) -> None:
    def verify(client: Client, content: bytes) -> Json:
        headers = {"Content-Type": "application/pdf"}
        answer: Json = client.request("POST", "/api/v1/papers/verify", data=content, headers=headers).json()
        return answer

    content = granted.fetch("result")
    found = verify(granted.client, content)
    assert found["is_valid"]
    assert (found["dossier_id"], found["issuer"]["name"]) == (granted.dossier_id, OFFICE)
    assert found["signed_at"] == granted.listed["result"]["issued_at"]
    changed = bytearray(content)
    changed[len(content) // 3] ^= 1
    assert not verify(granted.client, bytes(changed))["is_valid"]
    with admin.open_sandbox(name="another", now=NOW) as other:
        assert (verify(other, content)["is_intact"], verify(other, content)["is_trusted"]) == (True, False)


def test_the_certificate_for_other_verifiers_is_the_one_in_the_papers(granted: Papers) -> None:
    pem = get(granted.client, "/api/v1/signing-authority")["certificate"]
    root = x509.load_pem_x509_certificate(pem.encode())
    assert root.public_bytes(Encoding.DER).hex().encode() in granted.fetch("result").lower()


def test_a_paper_that_is_not_there_is_not_found(granted: Papers, turned_away: Papers, admin: Client) -> None:
    for path in (
        f"/api/v1/dossiers/{turned_away.dossier_id}/papers/{granted.listed['receipt']['paper_id']}",
        f"/api/v1/dossiers/{turned_away.dossier_id}/papers/receipt-99",
    ):
        with pytest.raises(ProblemError) as caught:
            granted.client.request("GET", path)
        assert caught.value.code == "not-found"
    with admin.open_sandbox(name="another", now=NOW) as other, pytest.raises(ProblemError) as caught:
        other.request("GET", granted.listed["receipt"]["url"])
    assert caught.value.code == "not-found"


def test_every_procedure_has_its_papers_whatever_robots_make_of_it(admin: Client, tmp_path: Path) -> None:
    """One dossier of each, to its end; of each kind of paper and family of procedures one is drawn."""
    procedures = catalogue().procedures
    names = [name for name, item in procedures.items() if item.in_force_from is None and item.in_force_until is None]
    with admin.open_sandbox(name="all papers", seed=11, now=NOW, unknown_declarations="adopt") as sandbox:
        filed = sandbox.file_many(filing(name, applicant=index) for index, name in enumerate(names))
        assert filed.problems == {}
        assert sandbox.advance(days=400).is_settled
        drawn: dict[tuple[str, str], bytes] = {}
        for name, dossier_id in zip(names, filed.dossier_ids, strict=True):
            papers = Papers(sandbox, dossier_id)
            assert papers.listed, name
            for kind, item in papers.listed.items():
                assert item["title"]["vi"], (name, kind)
                assert item["title"]["en"], (name, kind)
                key = (kind, procedures[name].family if kind in {"result", "refusal"} else "")
                if key not in drawn:
                    drawn[key] = papers.fetch(kind)
    assert {kind for kind, _ in drawn} >= {"receipt", "supplement-request", "result", "control-sheet"}
    assert len({hashlib.sha256(content).digest() for content in drawn.values()}) == len(drawn) > 15
    for content in drawn.values():
        assert content.startswith(b"%PDF-")


def test_the_page_of_a_dossier_leads_to_its_papers(granted: Papers) -> None:
    link = granted.client.sign_in_link()
    with requests.Session() as visitor:
        visitor.get(link, timeout=30)
        page = visitor.get(f"{granted.client.url}/dossiers/{granted.dossier_id}", timeout=30).text
        links = re.findall(rf'href="(/dossiers/{granted.dossier_id}/papers/[^"]+)"', page)
        assert len(links) == len(granted.listed)
        answer = visitor.get(granted.client.url + links[0], timeout=30)
        assert (answer.headers["Content-Type"], answer.content) == ("application/pdf", granted.fetch("receipt"))
