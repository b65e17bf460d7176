"""Attachments over the real services: uploaded, handed in, listed and saved, and nothing else."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
import requests
from motcua import Client
from motcua.client import ProblemError

from tests.support.files import A_DOCX, A_PDF, AN_XLSX, SOME_XML, a_picture
from tests.support.filings import filing

Json = dict[str, Any]

NOW = "2018-06-05T08:00:00+07:00"
MIB = 1024 * 1024


def upload(client: Client, content: bytes = A_PDF, name: str = "Hóa đơn số 1.pdf", **options: Any) -> Json:
    answer: Json = client.request(
        "POST", "/api/v1/attachments", params={"filename": name}, data=content, **options
    ).json()
    return answer


def named(*files: Json, **more: Any) -> list[Json]:
    return [{"attachment_id": file["attachment_id"], "document": "Hóa đơn thương mại", **more} for file in files]


def listed(client: Client, dossier_id: str) -> list[Json]:
    items: list[Json] = client.request("GET", f"/api/v1/dossiers/{dossier_id}/attachments").json()["items"]
    return items


def refusal(client: Client, method: str, path: str, **options: Any) -> Json:
    with pytest.raises(ProblemError) as caught:
        client.request(method, path, **options)
    return dict(caught.value.problem)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (A_PDF, "application/pdf"),
        (a_picture("PNG"), "image/png"),
        (a_picture("JPEG"), "image/jpeg"),
        (a_picture("TIFF"), "image/tiff"),
        (SOME_XML, "application/xml"),
        (A_DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (AN_XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_file_goes_with_a_filing_and_comes_back_as_it_was(sandbox: Client, content: bytes, content_type: str) -> None:
    file = upload(sandbox, content, "Hóa đơn.exe", headers={"Content-Type": "application/octet-stream"})
    assert (file["content_type"], file["size_bytes"]) == (content_type, len(content))
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert file["file_name"].startswith("Hóa đơn.exe.")
    filed = sandbox.file(filing("storage-extension", attachments=named(file, copy_kind="copy")))
    (item,) = listed(sandbox, filed["dossier_id"])
    assert (item["attachment_id"], item["document"]) == (file["attachment_id"], "Hóa đơn thương mại")
    assert (item["copy_kind_code"], item["stage_code"], item["expires_at"]) == (1, 1, None)
    assert item["attached_at"] == sandbox.dossier(filed["dossier_id"])["filed_at"]
    saved = sandbox.request("GET", item["url"])
    assert saved.content == content
    assert saved.headers["Content-Type"] == content_type
    assert saved.headers["Content-Disposition"].startswith('attachment; filename="Hoa don.exe.')
    assert saved.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert saved.headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_uploads_too(sandbox: Client) -> None:
    files = {"file": ("../../tờ khai.pdf", BytesIO(A_PDF), "text/html")}
    file = sandbox.request("POST", "/api/v1/attachments", files=files).json()
    assert (file["file_name"], file["content_type"]) == ("tờ khai.pdf", "application/pdf")
    assert sandbox.request("GET", file["url"]).content == A_PDF


@pytest.mark.parametrize(
    ("content", "code", "status"),
    [
        (b"", "attachment-empty", 422),
        (b"MZ" + bytes(300), "attachment-kind-not-taken", 415),
        (b"<html><script>alert(1)</script></html>", "attachment-kind-not-taken", 415),
        (A_PDF.ljust(10 * MIB + 1, b" "), "body-too-large", 413),
        (A_PDF.ljust(12 * MIB, b" "), "body-too-large", 413),
    ],
    ids=["empty", "a program", "a page", "a byte too large", "far too large"],
)
def test_what_is_not_taken(sandbox: Client, content: bytes, code: str, status: int) -> None:
    refused = refusal(sandbox, "POST", "/api/v1/attachments?filename=a.pdf", data=content)
    assert (refused["code"], refused["status"]) == (code, status)
    assert refused["detail_vi"]


def test_the_largest_file_is_taken(sandbox: Client) -> None:
    content = A_PDF.ljust(10 * MIB, b" ")
    file = upload(sandbox, content)
    assert sandbox.request("GET", file["url"]).content == content


def test_a_dossier_takes_so_much(sandbox: Client) -> None:
    large = A_PDF.ljust(10 * MIB, b" ")
    files = [upload(sandbox, large) for _ in range(5)]
    more = upload(sandbox)
    refused = refusal(
        sandbox, "POST", "/api/v1/dossiers", json=filing("storage-extension", attachments=named(*files, more))
    )
    assert refused["code"] == "attachments-too-large"
    filed = sandbox.file(filing("storage-extension", attachments=named(*files)))
    assert len(listed(sandbox, filed["dossier_id"])) == 5


def test_a_file_belongs_to_one_dossier(sandbox: Client) -> None:
    file = upload(sandbox)
    sandbox.file(filing("storage-extension", attachments=named(file)))
    refused = refusal(
        sandbox, "POST", "/api/v1/dossiers", json=filing("storage-extension", applicant=1, attachments=named(file))
    )
    assert (refused["code"], refused["status"]) == ("attachment-not-available", 422)
    assert refused["errors"][0]["pointer"] == "/attachments/0/attachment_id"


def test_of_many_who_want_it_at_the_same_moment_one_gets_it(sandbox: Client) -> None:
    file = upload(sandbox)
    wanted = [filing("storage-extension", applicant=index, attachments=named(file)) for index in range(8)]

    def try_it(one: Json) -> str:
        with Client(sandbox.url, sandbox.key) as own:
            try:
                return str(own.file(one)["dossier_id"])
            except ProblemError as error:
                return error.code

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(try_it, wanted))
    assert results.count("attachment-not-available") == 7


def test_a_file_of_another_sandbox_is_unknown(sandbox: Client, admin: Client) -> None:
    with admin.open_sandbox(name="another", now=NOW, unknown_declarations="adopt") as other:
        file = upload(other)
        assert refusal(sandbox, "GET", file["url"])["code"] == "not-found"
        wanted = filing("storage-extension", attachments=named(file))
        assert refusal(sandbox, "POST", "/api/v1/dossiers", json=wanted)["code"] == "attachment-not-available"


def test_filings_in_a_stream_take_their_files_along(sandbox: Client) -> None:
    files = [upload(sandbox, A_PDF + str(index).encode()) for index in range(4)]
    wanted = [filing("storage-extension", applicant=index, attachments=named(file)) for index, file in enumerate(files)]
    wanted.append(filing("storage-extension", applicant=9, attachments=named(files[0])))
    filed = sandbox.file_many(wanted)
    assert len([name for name in filed.dossier_ids if name]) == 4
    (problem,) = filed.problems.values()
    assert problem["code"] == "attachment-not-available"
    for dossier_id, file in zip(filed.dossier_ids, files, strict=False):
        assert dossier_id is not None
        assert [item["attachment_id"] for item in listed(sandbox, dossier_id)] == [file["attachment_id"]]


def test_the_same_upload_again_is_the_same_file(sandbox: Client) -> None:
    key = {"Idempotency-Key": "upload-1"}
    assert upload(sandbox, headers=key) == upload(sandbox, headers=key)
    refused = refusal(sandbox, "POST", "/api/v1/attachments?filename=a.pdf", data=A_PDF + b" ", headers=key)
    assert refused["code"] == "idempotency-key-reused"


def test_files_are_handed_in_when_the_office_asks_and_at_no_other_time(admin: Client) -> None:
    with admin.open_sandbox(name="files", now=NOW, officer="human", unknown_declarations="adopt") as client:
        dossier_id = client.file(filing("storage-extension", attachments=named(upload(client))))["dossier_id"]
        path = f"/api/v1/dossiers/{dossier_id}/attachments"

        def hand_in(**more: Any) -> Json:
            items: list[Json] = client.request(
                "POST", path, json={"attachments": named(upload(client), **more)}
            ).json()["items"]
            return items[0]

        assert hand_in()["stage"] == "receipt"
        client.act(dossier_id, "receive", "officer", reason="complete")
        refused = refusal(client, "POST", path, json={"attachments": named(upload(client))})
        assert (refused["code"], refused["status"]) == ("attachments-not-taken", 409)
        client.act(dossier_id, "start", "officer")
        client.act(dossier_id, "request-supplement", "officer", reason="incomplete", note="Hợp đồng")
        client.advance(hours=3)
        added = hand_in(copy_kind="original")
        assert (added["stage_code"], added["copy_kind_code"]) == (2, 0)
        assert added["attached_at"] == client.clock()["now"]
        client.act(dossier_id, "supplement", "applicant")
        client.act(dossier_id, "grant", "leader")
        assert hand_in()["stage_code"] == 4
        client.act(dossier_id, "return-result", "officer")
        assert refusal(client, "POST", path, json={"attachments": named(upload(client))})["code"] == (
            "attachments-not-taken"
        )
        assert [item["stage_code"] for item in listed(client, dossier_id)] == [1, 1, 2, 4]


def test_a_receipt_names_what_was_handed_in(admin: Client) -> None:
    with admin.open_sandbox(name="files", now=NOW, officer="human", unknown_declarations="adopt") as client:
        dossier_id = client.file(filing("storage-extension", attachments=named(upload(client))))["dossier_id"]
        before = client.request("GET", f"/api/v1/dossiers/{dossier_id}/papers").json()["items"]
        assert before == []
        client.act(dossier_id, "receive", "officer", reason="complete")
        (receipt, *_) = client.request("GET", f"/api/v1/dossiers/{dossier_id}/papers").json()["items"]
        assert client.request("GET", receipt["url"]).content.startswith(b"%PDF-")


def test_a_page_of_a_file_is_saved_too(sandbox: Client) -> None:
    file = upload(sandbox, SOME_XML, "a.xml")
    dossier_id = sandbox.file(filing("storage-extension", attachments=named(file)))["dossier_id"]
    with requests.Session() as visitor:
        visitor.get(sandbox.sign_in_link(), timeout=30)
        answer = visitor.get(f"{sandbox.url}/dossiers/{dossier_id}/attachments/{file['attachment_id']}", timeout=30)
    assert answer.content == SOME_XML
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
