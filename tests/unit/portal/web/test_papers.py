"""Papers and attachments over HTTP, as API and as pages, with a portal in memory."""

import base64
import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any, cast

import pytest
from cryptography.x509 import load_pem_x509_certificate
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.portal.adapters.papers.pdf_press import PRESS_SEATS, PdfPress
from services.portal.api.papers.routes_attachments import attachment_resource
from services.portal.bootstrap import Parts
from services.portal.domain.attachments import Attachment, CopyKind, Stage
from services.portal.domain.dossier_ids import dossier_id
from services.runtime.errors import ProblemError
from tests.support.fakes import KEY, NOW, RECORDED, SANDBOX_ID, a_dossier
from tests.support.files import A_PDF, SOME_XML
from tests.support.papers import MemoryAttachments

BEARER = {"Authorization": f"Bearer {KEY}"}
#: Received, and asked for more.
DOSSIER = dossier_id(a_dossier(2))
#: The office has not looked at it.
NEW_DOSSIER = dossier_id(a_dossier(1))
LARGEST = 10 * 1024 * 1024


@pytest.fixture(autouse=True)
def attachments(parts: Parts) -> Iterator[MemoryAttachments]:
    """Files of this test's own, in the portal that all tests share."""
    shared = cast("MemoryAttachments", parts.attachments)
    vars(parts)["attachments"] = own = MemoryAttachments()
    yield own
    vars(parts)["attachments"] = shared


def a_file(number: int | None = 2, name: str = "Hóa đơn.xml", content: bytes = SOME_XML) -> tuple[Attachment, bytes]:
    file = Attachment(
        sandbox_id=SANDBOX_ID,
        attachment_id="att_0123456789abcdef",
        file_name=name,
        content_type="application/xml",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).digest(),
        uploaded_at=RECORDED,
    )
    if number is not None:
        file = replace(
            file, number=number, place=1, document="Hóa đơn <thương mại>", copy_kind=int(CopyKind.COPY),
            stage=int(Stage.SUPPLEMENT), attached_at=NOW,
        )  # fmt: skip
    return file, content


def get(visitor: FlaskClient, path: str, **headers: str) -> TestResponse:
    return visitor.get(path, headers={**BEARER, **{name.replace("_", "-"): value for name, value in headers.items()}})


def paper(visitor: FlaskClient, paper_id: str = "receipt-2") -> TestResponse:
    return get(visitor, f"/api/v1/dossiers/{DOSSIER}/papers/{paper_id}")


def verify(visitor: FlaskClient, content: bytes, content_type: str = "application/pdf") -> TestResponse:
    return visitor.post("/api/v1/papers/verify", data=content, content_type=content_type, headers=BEARER)


def test_the_papers_of_a_dossier_are_listed(visitor: FlaskClient) -> None:
    answer = get(visitor, f"/api/v1/dossiers/{DOSSIER}/papers").get_json()
    assert answer["dossier_id"] == DOSSIER
    assert [item["paper_id"] for item in answer["items"]] == ["receipt-2", "supplement-request-5", "control-sheet"]
    receipt = answer["items"][0]
    assert receipt == {
        "paper_id": "receipt-2",
        "kind": "receipt",
        "title": {
            "vi": "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
            "en": receipt["title"]["en"],
        },
        "form": None,  # Circular 01/2018/TT-VPCP came into force seven months later
        "issued_at": "2018-06-05T09:00:00Z",
        "is_signed": True,
        "url": f"/api/v1/dossiers/{DOSSIER}/papers/receipt-2",
    }
    assert "receipt" in receipt["title"]["en"].lower()
    for item in answer["items"]:
        assert get(visitor, item["url"]).status_code == 200


def test_a_dossier_that_nobody_has_looked_at_has_no_papers_yet(visitor: FlaskClient) -> None:
    assert get(visitor, f"/api/v1/dossiers/{NEW_DOSSIER}/papers").get_json()["items"] == []


def test_a_paper_is_a_pdf_with_a_name_and_a_digest(visitor: FlaskClient) -> None:
    answer = paper(visitor)
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    headers = answer.headers
    name = f"{DOSSIER}-receipt-2.pdf"
    assert headers["Content-Disposition"] == f"inline; filename=\"{name}\"; filename*=UTF-8''{name}"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-cache"
    digest = base64.b64encode(hashlib.sha256(answer.data).digest()).decode()
    assert headers["Repr-Digest"] == f"sha-256=:{digest}:"


def test_a_paper_has_the_same_bytes_each_time(visitor: FlaskClient) -> None:
    assert paper(visitor).data == paper(visitor).data


def test_who_has_a_paper_is_told_so_without_drawing_it(visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    etag = paper(visitor).headers["ETag"]

    def never(*_: object) -> bytes:
        raise AssertionError("It was drawn.")

    monkeypatch.setattr(PdfPress, "draw", never)
    for known in (etag, f'"other", W/{etag}', f"{etag},"):
        answer = get(visitor, f"/api/v1/dossiers/{DOSSIER}/papers/receipt-2", If_None_Match=known)
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)


def test_papers_differ_by_their_etag(visitor: FlaskClient) -> None:
    names = ("receipt-2", "supplement-request-5", "control-sheet")
    etags = {paper(visitor, name).headers["ETag"] for name in names}
    assert len(etags) == 3


@pytest.mark.parametrize("name", ["receipt-1", "result", "receipt", "..", "control-sheet-3"])
def test_a_paper_that_is_not_there_is_not_found(visitor: FlaskClient, name: str) -> None:
    answer = paper(visitor, name)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not-found")


def test_papers_of_an_unknown_dossier_are_not_found(visitor: FlaskClient) -> None:
    for name in ("000.00.00.G12-180605-999999", "nonsense"):
        assert get(visitor, f"/api/v1/dossiers/{name}/papers").status_code == 404
        assert get(visitor, f"/api/v1/dossiers/{name}/papers/receipt-2").status_code == 404


def test_papers_are_for_those_who_have_a_key(visitor: FlaskClient) -> None:
    for path in (f"/api/v1/dossiers/{DOSSIER}/papers", "/api/v1/signing-authority"):
        assert visitor.get(path).status_code == 401
    assert visitor.get(f"/dossiers/{DOSSIER}/papers/receipt-2").status_code == 302


def test_an_intact_paper_is_told_to_be_so(visitor: FlaskClient) -> None:
    assert verify(visitor, paper(visitor).data).get_json() == {
        "is_valid": True,
        "is_signed": True,
        "is_intact": True,
        "is_trusted": True,
        "issuer": {"code": "30F1", "name": "Chi cục Hải quan cửa khẩu Cảng Vũng Áng Hà Tĩnh"},
        "signed_at": "2018-06-05T09:00:00Z",
        "dossier_id": DOSSIER,
        "paper_id": "receipt-2",
    }


def test_a_changed_paper_is_told_to_be_so(visitor: FlaskClient) -> None:
    content = bytearray(paper(visitor).data)
    content[1000] ^= 1
    found = verify(visitor, bytes(content)).get_json()
    assert (found["is_signed"], found["is_intact"], found["is_valid"]) == (True, False, False)


@pytest.mark.parametrize("content", [b"", b"junk", A_PDF])
def test_what_is_no_paper_is_told_to_be_so(visitor: FlaskClient, content: bytes) -> None:
    found = verify(visitor, content).get_json()
    assert (found["is_signed"], found["is_valid"], found["issuer"]) == (False, False, None)


def test_the_whole_name_of_an_office_is_told(visitor: FlaskClient, parts: Parts) -> None:
    """Certificates have no room for it."""
    longest = max(parts.catalogue.offices.values(), key=lambda office: len(office.name_vi))
    reader = cast("Any", parts.reader)
    before = list(reader.known_dossiers)
    reader.known_dossiers[1] = replace(before[1], office_code=longest.code)
    try:
        found = verify(visitor, paper(visitor).data).get_json()
    finally:
        reader.known_dossiers[:] = before
    assert found["is_valid"]
    assert found["issuer"]["code"] == longest.code
    assert len(found["issuer"]["name"].encode()) > 64
    assert not found["issuer"]["name"].endswith("…")


def test_a_file_of_another_type_is_not_checked(visitor: FlaskClient) -> None:
    answer = verify(visitor, b"{}", "application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (415, "wrong-content-type")


def test_a_file_that_is_too_large_is_not_checked(visitor: FlaskClient) -> None:
    for extra in (1, 200_000):
        answer = verify(visitor, bytes(LARGEST + extra))
        assert (answer.status_code, answer.get_json()["code"]) == (413, "body-too-large")


def test_the_authority_can_be_had_by_other_verifiers(visitor: FlaskClient) -> None:
    pem = get(visitor, "/api/v1/signing-authority").get_json()["certificate"]
    assert "MOCK" in load_pem_x509_certificate(pem.encode()).subject.rfc4514_string()
    assert pem == get(visitor, "/api/v1/signing-authority").get_json()["certificate"]
    assert "PRIVATE" not in pem


def test_who_finds_the_press_busy_comes_again(parts: Parts) -> None:
    """Not everybody: so many wait, the next is told at once."""
    press = PdfPress()
    outcomes: list[str] = []

    def draw() -> None:
        try:
            press.verify(b"", parts.signing_keys.authority(SANDBOX_ID))
            outcomes.append("done")
        except ProblemError as error:
            outcomes.append(f"{error.code} {dict(error.headers)['Retry-After']}")

    with press._press:
        threads = [threading.Thread(target=draw) for _ in range(PRESS_SEATS)]
        for thread in threads:
            thread.start()
        while press._seats._value:
            pass
        draw()
        assert outcomes == ["papers-busy 1"]
    for thread in threads:
        thread.join()
    assert outcomes[1:] == ["done"] * PRESS_SEATS
    draw()
    assert outcomes[-1] == "done"


def test_the_page_of_a_dossier_lists_its_papers(member: FlaskClient) -> None:
    page = member.get(f"/dossiers/{DOSSIER}").text
    links = re.findall(rf'href="(/dossiers/{DOSSIER}/papers/[^"]+)"', page)
    assert [link.rpartition("/")[2] for link in links] == ["receipt-2", "supplement-request-5", "control-sheet"]
    for link in links:
        answer = member.get(link)
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" in page


def test_a_new_dossier_says_that_there_are_none(member: FlaskClient) -> None:
    page = member.get(f"/dossiers/{NEW_DOSSIER}?lang=en").text
    assert "None yet." in page


def test_the_page_of_a_dossier_lists_its_files(member: FlaskClient, attachments: MemoryAttachments) -> None:
    attachments.files = [a_file()]
    page = member.get(f"/dossiers/{DOSSIER}?lang=en").text
    assert "Hóa đơn &lt;thương mại&gt;" in page
    assert "Handed in as a supplement" in page
    assert f'href="/dossiers/{DOSSIER}/attachments/att_0123456789abcdef"' in page


@pytest.mark.parametrize("is_page", [False, True])
def test_a_file_is_saved_and_never_shown(member: FlaskClient, attachments: MemoryAttachments, is_page: bool) -> None:
    attachments.files = [a_file(name='Hóa đơn "đỏ".xml')]
    name = "att_0123456789abcdef"
    path = f"/dossiers/{DOSSIER}/attachments/{name}" if is_page else f"/api/v1/attachments/{name}"
    answer = member.get(path) if is_page else get(member, path)
    assert (answer.status_code, answer.data) == (200, SOME_XML)
    headers = answer.headers
    kind, plain, full = headers["Content-Disposition"].split("; ")
    assert (kind, plain) == ("attachment", 'filename="Hoa don _do_.xml"')
    assert full == "filename*=UTF-8''H%C3%B3a%20%C4%91%C6%A1n%20%22%C4%91%E1%BB%8F%22.xml"
    assert headers.get_all("Content-Security-Policy") == ["default-src 'none'; sandbox"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Type"] == "application/xml"
    assert headers["ETag"] == f'"{hashlib.sha256(SOME_XML).hexdigest()}"'


def test_a_file_of_another_dossier_is_not_found_below_this_one(
    member: FlaskClient, attachments: MemoryAttachments
) -> None:
    for number in (3, None):
        attachments.files = [a_file(number)]
        assert member.get(f"/dossiers/{DOSSIER}/attachments/att_0123456789abcdef").status_code == 404


def test_a_file_that_waits_says_until_when() -> None:
    waiting, _ = a_file(None)
    assert attachment_resource(waiting)["expires_at"] - waiting.uploaded_at == timedelta(hours=24)
    assert attachment_resource(a_file()[0])["expires_at"] is None


def test_a_file_that_is_not_there_is_not_found(visitor: FlaskClient) -> None:
    for name in ("att_ffffffffffffffff", "nonsense", "%00"):
        assert get(visitor, f"/api/v1/attachments/{name}").status_code == 404


def test_the_files_of_a_dossier_are_listed_with_the_national_portals_numbers(
    visitor: FlaskClient, attachments: MemoryAttachments
) -> None:
    attachments.files = [a_file()]
    (item,) = get(visitor, f"/api/v1/dossiers/{DOSSIER}/attachments").get_json()["items"]
    assert (item["copy_kind"], item["copy_kind_code"]) == ("copy", 1)
    assert (item["stage"], item["stage_code"]) == ("supplement", 2)
    assert item["document"] == "Hóa đơn <thương mại>"
    assert item["sha256"] == hashlib.sha256(SOME_XML).hexdigest()


def test_a_form_without_its_file_is_refused_before_anything_is_kept(visitor: FlaskClient) -> None:
    answer = visitor.post(
        "/api/v1/attachments", data={"other": (BytesIO(A_PDF), "a.pdf")}, headers=BEARER,
        content_type="multipart/form-data",
    )  # fmt: skip
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid-body")
    assert answer.get_json()["errors"][0]["pointer"] == "/file"


def test_a_body_that_says_that_it_is_too_large_is_refused_unread(visitor: FlaskClient) -> None:
    answer = visitor.post("/api/v1/attachments", data=bytes(LARGEST + 200_000), headers=BEARER)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body-too-large")


def check(member: FlaskClient, content: bytes | None) -> TestResponse:
    page = member.get("/papers/verify?lang=en").text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token
    data: dict[str, Any] = {"form_token": token[1]}
    if content is not None:
        data["paper"] = (BytesIO(content), "paper.pdf")
    return member.post("/papers/verify?lang=en", data=data, content_type="multipart/form-data")


def test_the_page_says_that_a_paper_is_intact_and_whose_it_is(member: FlaskClient) -> None:
    content = member.get(f"/dossiers/{DOSSIER}/papers/receipt-2").data
    page = check(member, content).text
    assert "This paper is intact" in page
    assert "Chi cục Hải quan cửa khẩu Cảng Vũng Áng Hà Tĩnh" in page
    assert f'href="/dossiers/{DOSSIER}"' in page


def test_the_page_believes_nothing_of_a_changed_file(member: FlaskClient) -> None:
    content = bytearray(member.get(f"/dossiers/{DOSSIER}/papers/receipt-2").data)
    content[1000] ^= 1
    page = check(member, bytes(content)).text
    assert "has been changed since it was signed" in page
    assert "Vũng Áng" not in page
    assert f'href="/dossiers/{DOSSIER}"' not in page


def test_the_page_knows_files_without_a_signature(member: FlaskClient) -> None:
    assert "carries no signature" in check(member, A_PDF).text


def test_the_page_asks_for_a_file(member: FlaskClient) -> None:
    for content in (None, b""):
        answer = check(member, content)
        assert answer.status_code == 422
        assert "Choose a PDF file" in answer.text


def test_the_page_wants_its_own_form(member: FlaskClient) -> None:
    data = {"paper": (BytesIO(A_PDF), "paper.pdf")}
    answer = member.post("/papers/verify", data=data, content_type="multipart/form-data")
    assert answer.status_code in {400, 403, 422}
    assert "carries no signature" not in answer.text
