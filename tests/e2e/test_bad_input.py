"""Bad input: each kind gets its own problem code, says which field, and leaves nothing half-written."""

import json
import re
import socket
from collections.abc import Iterable, Iterator
from typing import Any, LiteralString
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
from motcua import Client, ProblemError

from services.launcher.stack import Stack
from tests.support.filings import filing, tax_code
from tests.support.inside import Inside, sandbox_id_of

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


def refused(client: Client, method: str, path: str, **options: Any) -> ProblemError:
    """The problem that a request is refused with; it must be a problem document."""
    with pytest.raises(ProblemError) as caught:
        client.request(method, path, **options)
    assert caught.value.problem["type"] == f"/docs/problems#{caught.value.code}"
    assert caught.value.problem["detail"]
    return caught.value


def file_raw(client: Client, body: bytes, headers: dict[str, str] | None = None) -> ProblemError:
    return refused(client, "POST", "/api/v1/dossiers", data=body, headers=headers or JSON)


def count(client: Client) -> int:
    return int(client.request("GET", "/api/v1/sandbox").json()["dossier_count"])


@pytest.fixture
def good() -> dict[str, Any]:
    return filing("declaration-cancellation")


def changed(good: dict[str, Any], path: str, value: Any) -> bytes:
    target: Any = good
    *parents, last = path.split("/")
    for name in parents:
        target = target[name]
    target[last] = value
    return json.dumps(good).encode()


@pytest.mark.parametrize(
    ("path", "value", "code", "pointer", "field_code"),
    [
        ("surprise", 1, "invalid-body", "/surprise", "unknown-field"),
        ("form/surprise", 1, "invalid-body", "/form/surprise", "unknown-field"),
        ("procedure", 7, "invalid-body", "/procedure", "wrong-type"),
        ("procedure", "no-such", "unknown-procedure", "/procedure", "unknown-procedure"),
        ("office", "ZZZZ", "unknown-office", "/office", "unknown-office"),
        ("channel", "pigeon", "invalid-body", "/channel", "not-a-choice"),
        ("applicant", None, "invalid-body", "/applicant", "null"),
        ("applicant/identifier", "0100109107", "invalid-body", "/applicant/identifier", "bad-tax-code"),
        ("applicant/name", "\u0000", "invalid-body", "/applicant/name", "wrong-type"),
        ("form/declaration_number", "123", "invalid-body", "/form/declaration_number", "bad-declaration-number"),
        ("form/declaration_number", 107096649440, "invalid-body", "/form/declaration_number", "wrong-type"),
        ("form", [], "invalid-body", "/form", "wrong-type"),
        ("filed_at", "tomorrow", "invalid-body", "/filed_at", "wrong-type"),
        ("filed_at", "2018-06-05T08:00:00", "invalid-body", "/filed_at", "wrong-type"),
        ("filed_at", "2017-01-01T08:00:00+07:00", "filed-at-out-of-range", "/filed_at", "out-of-range"),
    ],
)
def test_a_wrong_field_is_named(
    sandbox: Client, good: dict[str, Any], path: str, value: Any, code: str, pointer: str, field_code: str
) -> None:
    found = file_raw(sandbox, changed(good, path, value))
    assert found.status == 422
    assert found.code == code
    assert (pointer, field_code) in {(error["pointer"], error["code"]) for error in found.errors}
    assert count(sandbox) == 0


def test_all_wrong_fields_are_named_at_once(sandbox: Client, good: dict[str, Any]) -> None:
    del good["office"]
    good["channel"] = "pigeon"
    good["form"]["declaration_number"] = "x"
    found = file_raw(sandbox, json.dumps(good).encode())
    assert {error["pointer"] for error in found.errors} == {"/office", "/channel", "/form/declaration_number"}


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b'{"a": NaN}', b'"\\ud800"', b"[" * 100_000])
def test_broken_json(sandbox: Client, body: bytes) -> None:
    assert file_raw(sandbox, body).code == "malformed-json"


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"text"'])
def test_json_that_is_no_object(sandbox: Client, body: bytes) -> None:
    assert file_raw(sandbox, body).code == "invalid-body"


#: Every address that takes JSON.
TAKES_JSON = [
    ("POST", "/api/v1/sandboxes"),
    ("POST", "/api/v1/dossiers"),
    ("POST", "/api/v1/dossiers/{name}/actions"),
    ("PUT", "/api/v1/clock"),
    ("POST", "/api/v1/clock/advance"),
    ("POST", "/api/v1/clock/settle"),
    ("POST", "/api/v1/payments/bank/queries"),
    ("POST", "/api/v1/payments/bank/messages"),
    ("POST", "/api/v1/payments/bank/cancellations"),
]

#: Bodies that no decoder should take, or that break lenient ones.
NO_JSON = [
    b"{",
    b" ",
    b"\xff\xfe",
    b"NaN",
    b'"\\ud800"',
    b'{"name": "\\ud800"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"9" * 5_000,
    b'{"a": ' + b"9" * 5_000 + b"}",
]


@pytest.mark.parametrize(("method", "path"), TAKES_JSON)
def test_broken_json_everywhere(admin: Client, sandbox: Client, good: dict[str, Any], method: str, path: str) -> None:
    address = path.format(name=sandbox.file(good)["dossier_id"])
    client = admin if path == "/api/v1/sandboxes" else sandbox
    for body in NO_JSON:
        found = refused(client, method, address, data=body, headers=JSON)
        assert (found.status, found.code, body[:20]) == (400, "malformed-json", body[:20])


def chunked(client: Client, method: str, path: str, body: bytes, kind: str) -> requests.Response:
    """Send a body without saying how long it is."""

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    return client.request(method, path, data=pieces(), headers={"Content-Type": kind})


def test_a_body_of_unknown_length_is_read_whole(sandbox: Client, good: dict[str, Any]) -> None:
    body = json.dumps({**good, "form": {**good["form"], "reason": "x" * 900}}).encode() + b" " * 300_000
    assert chunked(sandbox, "POST", "/api/v1/dossiers", body, "application/json").status_code == 201
    assert chunked(sandbox, "PUT", "/api/v1/clock", b'{"mode": "manual"}', "application/json").status_code == 200
    assert count(sandbox) == 1


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/pdf", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", ["/api/v1/dossiers", "/api/v1/declarations/import", "/api/v1/attachments", "/sign-in"])
def test_what_does_not_say_where_it_ends_needs_its_length(
    sandbox: Client, good: dict[str, Any], path: str, kind: str
) -> None:
    with pytest.raises(ProblemError) as caught:
        chunked(sandbox, "POST", path, json.dumps(good).encode(), kind)
    assert (caught.value.status, count(sandbox)) == (411, 0)


def broken_off(client: Client, path: str, body: bytes, kind: str, headers: Iterable[str] = ()) -> bytes:
    """The answer to a request whose sender stops in the middle of the body, as one does who is killed."""
    address = urlsplit(client.url)
    head = (f"POST {path} HTTP/1.1", f"Host: {address.netloc}", f"Authorization: Bearer {client.key}", *headers)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall("\r\n".join((*head, f"Content-Type: {kind}", "", "")).encode() + body)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answer:
            return answer.read()


@pytest.mark.parametrize("path", ["/api/v1/dossiers", "/api/v1/declarations/import", "/api/v1/attachments", "/sign-in"])
@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/json", "multipart/form-data; boundary=x"])
def test_a_body_that_breaks_off_is_taken_for_nothing(
    sandbox: Client, good: dict[str, Any], path: str, kind: str
) -> None:
    line = json.dumps(good).encode() + b"\n"
    answer = broken_off(sandbox, path, line * 2, kind, [f"Content-Length: {3 * len(line)}"])
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"incomplete-body" in answer
    assert count(sandbox) == 0


def test_a_body_that_broke_off_can_be_sent_again(sandbox: Client, good: dict[str, Any]) -> None:
    line, key = json.dumps(good).encode() + b"\n", uuid4().hex
    headers = [f"Content-Length: {3 * len(line)}", f"Idempotency-Key: {key}"]
    assert b"incomplete-body" in broken_off(sandbox, "/api/v1/dossiers", line * 2, "application/x-ndjson", headers)
    assert sandbox.send_lines("/api/v1/dossiers", line * 3, idempotency_key=key).filed_count == 3
    assert count(sandbox) == 3


@pytest.mark.parametrize(
    ("path", "kind", "body", "code"),
    [
        ("/api/v1/dossiers", "application/x-ndjson", b"3\r\n{}\n\r\n", "length-required"),
        ("/api/v1/dossiers", "application/x-ndjson", b"", "length-required"),
        ("/api/v1/dossiers", "application/x-ndjson", b"zz\r\n{}\r\n", "length-required"),
        ("/api/v1/dossiers", "application/json", b'8\r\n{"form":\r\n', "malformed-json"),
        ("/api/v1/clock/settle", "application/json", b"", "length-required"),
        ("/api/v1/clock/settle", "application/json", b"5f\r\n", "length-required"),
        ("/api/v1/attachments?filename=a.pdf", "application/json", b"9\r\n%PDF-1.7\n\r\n", "length-required"),
        ("/api/v1/papers/verify", "application/pdf", b"5f\r\n", "length-required"),
        ("/sign-in", "application/x-www-form-urlencoded", b"5\r\nkey=a\r\n", "length-required"),
    ],
)
def test_chunks_that_break_off_are_taken_for_nothing(
    sandbox: Client, path: str, kind: str, body: bytes, code: str
) -> None:
    assert code.encode() in broken_off(sandbox, path, body, kind, ["Transfer-Encoding: chunked"])
    assert count(sandbox) == 0


def test_chunks_that_never_came_open_no_sandbox(admin: Client) -> None:
    key = uuid4().hex
    headers = ["Transfer-Encoding: chunked", f"Idempotency-Key: {key}"]
    assert b"length-required" in broken_off(admin, "/api/v1/sandboxes", b"5f\r\n", "application/json", headers)
    with admin.open_sandbox(name="real", seed=7, idempotency_key=key) as opened:
        assert opened.request("GET", "/api/v1/sandbox").json()["name"] == "real"


def test_whoever_sends_to_nowhere_is_not_waited_for(sandbox: Client) -> None:
    """A sender who never finishes: the answer doesn't depend on it."""
    address = urlsplit(sandbox.url)
    for path, status in (("/nope", b"404"), ("/healthz", b"405"), ("/api/v1/nope", b"404")):
        head = f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {sandbox.key}\r\n"
        with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
            connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{}}".encode())
            assert connection.recv(12) == b"HTTP/1.1 " + status


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson"])
def test_a_body_of_unknown_length_is_never_cut(sandbox: Client, good: dict[str, Any], kind: str) -> None:
    line = json.dumps(good).encode() + b" " * 1_000 + b"\n"
    with pytest.raises(ProblemError) as caught:
        chunked(sandbox, "POST", "/api/v1/dossiers", line * (9_000_000 // len(line)), kind)
    assert (caught.value.status, caught.value.code, count(sandbox)) == (413, "body-too-large", 0)


def test_whoever_sends_far_too_much_gets_an_answer_all_the_same(sandbox: Client) -> None:
    for _ in range(5):
        assert file_raw(sandbox, b" " * 30_000_000).code == "body-too-large"
        with pytest.raises(ProblemError) as caught:
            chunked(sandbox, "POST", "/api/v1/dossiers", b" " * 30_000_000, "application/json")
        assert caught.value.code == "body-too-large"


@pytest.mark.parametrize(("method", "path"), TAKES_JSON)
def test_a_body_of_unknown_length_must_be_json_too(sandbox: Client, method: str, path: str) -> None:
    with pytest.raises(ProblemError) as caught:
        chunked(sandbox, method, path.format(name="x"), b'{"by": "P1D"}', "text/plain")
    assert (caught.value.status, caught.value.code) == (411, "length-required")


def test_a_long_text_is_refused_at_once(sandbox: Client, good: dict[str, Any]) -> None:
    name = sandbox.file(good)["dossier_id"]
    body = {"action": "withdraw", "actor": "applicant", "note": "x" * 500_000 + "\u0001"}
    found = refused(sandbox, "POST", f"/api/v1/dossiers/{name}/actions", json=body)
    assert (found.code, found.errors[0]["pointer"]) == ("invalid-body", "/note")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", None])
def test_wrong_content_type(sandbox: Client, kind: str | None) -> None:
    found = file_raw(sandbox, b"<dossier/>", {"Content-Type": kind} if kind else {"Content-Type": ""})
    assert (found.status, found.code) == (415, "wrong-content-type")


def test_ten_megabytes(sandbox: Client) -> None:
    body = b'{"procedure": "' + b"x" * 10_000_000 + b'"}'
    found = file_raw(sandbox, body)
    assert (found.status, found.code) == (413, "body-too-large")
    assert count(sandbox) == 0


def test_too_many_lines(sandbox: Client) -> None:
    found = file_raw(sandbox, b"{}\n" * 10_001, NDJSON)
    assert (found.status, found.code) == (413, "too-many-lines")


def test_a_broken_line_seven_keeps_nobody_else_out(sandbox: Client, good: dict[str, Any]) -> None:
    lines = [json.dumps(good)] * 6 + ['{"procedure": '] + [json.dumps(good)] * 3
    response = sandbox.request("POST", "/api/v1/dossiers", data="\n".join(lines), headers=NDJSON)
    results = [json.loads(line) for line in response.text.splitlines()]
    assert [result["line"] for result in results] == list(range(1, 11))
    assert [result["line"] for result in results if "problem" in result] == [7]
    assert results[6]["problem"]["code"] == "malformed-json"
    assert (response.headers["X-Filed-Count"], response.headers["X-Refused-Count"]) == ("9", "1")
    assert count(sandbox) == 9
    assert sandbox.settle().is_settled


def test_who_files_many_may_be_told_of_the_refused_alone(sandbox: Client, good: dict[str, Any]) -> None:
    lines = "\n".join([json.dumps(good), '{"procedure": ', json.dumps(good)]).encode()
    taken = sandbox.send_lines("/api/v1/dossiers", lines, idempotency_key="once")
    assert (taken.filed_count, list(taken.problems)) == (2, [2])
    assert taken.problems[2]["code"] == "malformed-json"
    assert sandbox.send_lines("/api/v1/dossiers", lines, idempotency_key="once") == taken
    assert count(sandbox) == 2

    minimal = {**NDJSON, "Prefer": "return=minimal"}
    response = sandbox.request("POST", "/api/v1/dossiers", data=json.dumps(good), headers=minimal)
    assert (response.content, response.headers["Preference-Applied"]) == (b"", "return=minimal")


def test_an_empty_batch_files_nothing(sandbox: Client) -> None:
    response = sandbox.request("POST", "/api/v1/dossiers", data=b"\n\n", headers=NDJSON)
    assert (response.status_code, response.text, count(sandbox)) == (200, "", 0)


def test_an_unknown_key(stack: Stack) -> None:
    stranger = Client(stack.portal_url, "mc_nobody")
    found = refused(stranger, "GET", "/api/v1/dossiers")
    assert (found.status, found.code) == (401, "key-unknown")


def test_the_key_of_a_sign_in_link_is_none_for_the_api(sandbox: Client, stack: Stack) -> None:
    link = sandbox.sign_in_link()
    found = refused(Client(stack.portal_url, link.rpartition("/")[2]), "GET", "/api/v1/sandbox")
    assert (found.status, found.code) == (401, "key-unknown")
    assert requests.get(link, timeout=10).status_code == 200


def test_a_sign_in_link_leads_to_the_portal_whatever_the_request_calls_it(sandbox: Client, stack: Stack) -> None:
    path = f"/api/v1/sandboxes/{sandbox_id_of(sandbox)}/sign-in-links"
    found = sandbox.request("POST", path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert found.json()["url"].startswith(f"{stack.portal_url}/sign-in/mc_")


@pytest.mark.parametrize("header", [None, "Basic abc", "Bearer", "Bearer "])
def test_no_key(stack: Stack, header: str | None) -> None:
    headers = {"Authorization": header} if header is not None else {}
    response = requests.get(f"{stack.portal_url}/api/v1/dossiers", headers=headers, timeout=10)
    assert (response.status_code, response.json()["code"]) == (401, "key-missing")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_sandbox_key_opens_no_sandbox(sandbox: Client) -> None:
    assert refused(sandbox, "POST", "/api/v1/sandboxes", json={}).code == "admin-key-needed"


def test_the_admin_key_files_nothing(admin: Client, good: dict[str, Any]) -> None:
    assert refused(admin, "POST", "/api/v1/dossiers", json=good).code == "sandbox-key-needed"


def test_unknown_dossier_route_and_method(sandbox: Client) -> None:
    assert refused(sandbox, "GET", "/api/v1/dossiers/000.00.00.G12-180605-000099").code == "not-found"
    assert refused(sandbox, "GET", "/api/v1/no-such-route").code == "not-found"
    found = refused(sandbox, "DELETE", "/api/v1/dossiers")
    assert (found.status, found.code) == (405, "method-not-allowed")


def test_a_dossier_is_not_found_under_another_day(sandbox: Client, good: dict[str, Any]) -> None:
    name = sandbox.file(good)["dossier_id"]
    assert name == "000.00.00.G12-180605-000001"
    assert refused(sandbox, "GET", f"/api/v1/dossiers/{name.replace('180605', '180606')}").code == "not-found"


def test_an_idempotency_key_does_it_once(sandbox: Client, good: dict[str, Any]) -> None:
    first = sandbox.file(good, idempotency_key="k1")
    again = sandbox.file(good, idempotency_key="k1")
    assert again == first
    assert count(sandbox) == 1


def test_a_key_that_is_told_again_is_kept_nowhere(admin: Client, stack: Stack) -> None:
    headers = {"Idempotency-Key": f"once-{uuid4()}"}
    first = admin.request("POST", "/api/v1/sandboxes", json={"name": "once"}, headers=headers)
    again = admin.request("POST", "/api/v1/sandboxes", json={"name": "once"}, headers=headers)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    sandbox = Client(stack.portal_url, again.json()["key"])
    assert sandbox_id_of(sandbox) == first.json()["sandbox_id"]
    path = f"/api/v1/sandboxes/{sandbox_id_of(sandbox)}/sign-in-links"
    link = sandbox.request("POST", path, headers=headers).json()
    assert sandbox.request("POST", path, headers=headers).json() == link
    assert sandbox.request("POST", path).json()["url"] != link["url"]
    assert requests.get(link["url"], timeout=10).url == f"{stack.portal_url}/"
    statement: LiteralString = "SELECT body FROM idempotency WHERE key = %s"
    kept = [bytes(body) for (body,) in Inside(stack).rows("portal", statement, headers["Idempotency-Key"])]
    assert len(kept) == 2
    assert not any(b"mc_" in body for body in kept)


def test_an_idempotency_key_with_another_body(sandbox: Client, good: dict[str, Any]) -> None:
    sandbox.file(good, idempotency_key="k1")
    good["applicant"]["identifier"] = tax_code(9)
    found = refused(sandbox, "POST", "/api/v1/dossiers", json=good, headers={"Idempotency-Key": "k1"})
    assert (found.status, found.code, count(sandbox)) == (422, "idempotency-key-reused", 1)


@pytest.mark.parametrize("key", ["", "with space", "ü", "x" * 256])
def test_an_unusable_idempotency_key(sandbox: Client, good: dict[str, Any], key: str) -> None:
    headers = {"Idempotency-Key": key.encode("utf-8")}
    found = refused(sandbox, "POST", "/api/v1/dossiers", json=good, headers=headers)
    assert (found.code, count(sandbox)) == ("invalid-header", 0)


def test_a_refused_filing_leaves_its_idempotency_key_free(sandbox: Client, good: dict[str, Any]) -> None:
    bad = {**good, "filed_at": "2017-01-01T08:00:00+07:00"}
    refused(sandbox, "POST", "/api/v1/dossiers", json=bad, headers={"Idempotency-Key": "k1"})
    assert sandbox.file(good, idempotency_key="k1")["number"] == 1


def test_a_stale_etag(admin: Client, good: dict[str, Any]) -> None:
    sandbox = admin.open_sandbox(officer="human", now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt")
    name = sandbox.file(good)["dossier_id"]
    sandbox.settle()
    old = sandbox.dossier(name)["version"]
    sandbox.act(name, "receive", "officer")
    with pytest.raises(ProblemError) as caught:
        sandbox.act(name, "start", "officer", version=old)
    assert (caught.value.status, caught.value.code) == (412, "stale-version")
    assert sandbox.dossier(name)["status"] == "received"


def test_an_action_that_the_status_does_not_allow(admin: Client, good: dict[str, Any]) -> None:
    sandbox = admin.open_sandbox(officer="human", now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt")
    name = sandbox.file(good)["dossier_id"]
    sandbox.settle()
    with pytest.raises(ProblemError) as caught:
        sandbox.act(name, "grant", "leader")
    assert (caught.value.status, caught.value.code) == (409, "illegal-transition")
    assert caught.value.problem["allowed_actions"] == ["receive", "refuse-intake", "request-supplement", "withdraw"]
    with pytest.raises(ProblemError) as caught:
        sandbox.act(name, "receive", "applicant")
    assert (caught.value.status, caught.value.code) == (409, "actor-not-allowed")
    assert [entry["action"] for entry in sandbox.timeline(name)] == ["submit"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid-body"),
        ({"by": "P1D", "to": "2018-07-01T00:00:00Z"}, "invalid-body"),
        ({"by": "one day"}, "invalid-body"),
        ({"by": "P1Y"}, "invalid-body"),
        ({"by": "P"}, "invalid-body"),
        ({"to": "2018-01-01T00:00:00Z"}, "clock-backwards"),
        ({"to": "2099-01-01T00:00:00Z"}, "clock-out-of-range"),
        ({"by": "P99999D"}, "clock-out-of-range"),
        ({"by": "P1D", "wait_seconds": 10_000}, "invalid-body"),
        ({"by": "P1D", "wait_seconds": True}, "invalid-body"),
    ],
)
def test_a_clock_that_cannot_go_there(sandbox: Client, body: dict[str, Any], code: str) -> None:
    before = sandbox.clock()["now"]
    assert refused(sandbox, "POST", "/api/v1/clock/advance", json=body).code == code
    assert sandbox.clock()["now"] == before


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("POST", "/api/v1/clock/advance", {"to": "2099-01-01T00:00:00Z"}, "/to"),
        ("POST", "/api/v1/clock/advance", {"by": "P99999D"}, "/by"),
        ("PUT", "/api/v1/clock", {"mode": "manual", "now": "2099-01-01T00:00:00Z"}, "/now"),
        ("POST", "/api/v1/sandboxes", {"clock": {"mode": "manual", "now": "2099-01-01T00:00:00Z"}}, "/clock/now"),
    ],
)
def test_an_instant_outside_the_calendar_is_pointed_at(
    admin: Client, sandbox: Client, method: str, path: str, body: dict[str, Any], pointer: str
) -> None:
    found = refused(admin if path == "/api/v1/sandboxes" else sandbox, method, path, json=body)
    assert (found.code, found.errors[0]["pointer"]) == ("clock-out-of-range", pointer)


def test_only_a_manual_clock_is_advanced(admin: Client) -> None:
    sandbox = admin.open_sandbox(mode="real", unknown_declarations="adopt")
    assert refused(sandbox, "POST", "/api/v1/clock/advance", json={"by": "P1D"}).code == "clock-not-manual"


def test_a_filing_ahead_needs_a_manual_clock(admin: Client, good: dict[str, Any]) -> None:
    sandbox = admin.open_sandbox(mode="real", unknown_declarations="adopt")
    good["filed_at"] = "2030-01-01T00:00:00Z"
    assert refused(sandbox, "POST", "/api/v1/dossiers", json=good).code == "filed-at-not-allowed"


def test_a_filing_ahead_waits_for_its_instant(sandbox: Client, good: dict[str, Any]) -> None:
    name = sandbox.file({**good, "filed_at": "2018-06-07T09:15:00+07:00"})["dossier_id"]
    sandbox.advance(days=1)
    assert sandbox.timeline(name) == []
    with pytest.raises(ProblemError) as caught:
        sandbox.act(name, "withdraw", "applicant")
    assert caught.value.code == "not-filed-yet"
    sandbox.advance(days=2)
    assert sandbox.timeline(name)[0]["occurred_at"] == "2018-06-07T02:15:00Z"


def test_what_is_filed_ahead_counts_from_its_instant(sandbox: Client, good: dict[str, Any]) -> None:
    ahead = sandbox.file({**good, "filed_at": "2018-06-07T09:15:00+07:00"})["dossier_id"]
    now = sandbox.file(good)["dossier_id"]
    sandbox.settle()
    page = requests.Session()
    page.get(sandbox.sign_in_link(), timeout=10)

    def listed(**wanted: str) -> set[str]:
        return {dossier["dossier_id"] for dossier in sandbox.dossiers(**wanted)}

    def counted() -> dict[str, int]:
        shown = page.get(f"{sandbox.url}/", timeout=10).text
        found = re.findall(r'status=([a-z-]+)">\s*<span class="mc-statuses__count">([0-9]+)<', shown)
        return {status: int(figure) for status, figure in found}

    assert listed() == {ahead, now}
    assert listed(status="submitted") == {now}
    assert counted()["submitted"] == 1
    sandbox.advance(to="2018-06-07T09:15:00+07:00")
    assert ahead in listed(status="submitted")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "cursor=1",
        "cursor=n0",
        "status=asleep",
        "surprise=1",
        "overdue=maybe",
        "office=30",
        "procedure=%00",
    ],
)
def test_a_list_that_cannot_be(sandbox: Client, query: str) -> None:
    assert refused(sandbox, "GET", f"/api/v1/dossiers?{query}").code == "invalid-query"


def test_a_nul_in_the_address_of_a_page_is_not_found(sandbox: Client, good: dict[str, Any]) -> None:
    name = sandbox.file(good)["dossier_id"]
    session = requests.Session()
    session.get(sandbox.sign_in_link(), timeout=10)
    for path in (f"/dossiers/{name}/attachments/%00", "/pay/%00", "/pay/%00/x/%00", f"/dossiers/{name}/papers/%00"):
        assert session.get(f"{sandbox.url}{path}", timeout=10).status_code == 404, path


def test_pages_of_a_list_follow_each_other(sandbox: Client, good: dict[str, Any]) -> None:
    sandbox.file_many([good] * 25)
    numbers = [item["number"] for item in sandbox.dossiers(limit=7)]
    assert numbers == list(range(25, 0, -1))
    assert [item["number"] for item in sandbox.dossiers(office="30BB")] == []
    assert len(list(sandbox.dossiers(procedure="declaration-cancellation", status="submitted"))) == 25


def test_not_modified(sandbox: Client, good: dict[str, Any]) -> None:
    name = sandbox.file(good)["dossier_id"]
    sandbox.settle()
    etag = sandbox.request("GET", f"/api/v1/dossiers/{name}").headers["ETag"]
    again = sandbox.request("GET", f"/api/v1/dossiers/{name}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_what_the_clock_alone_changes_is_no_longer_what_was_read(admin: Client, good: dict[str, Any]) -> None:
    sandbox = admin.open_sandbox(officer="human", now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt")
    name = sandbox.file(good)["dossier_id"]
    sandbox.settle()
    version = sandbox.act(name, "receive", "officer")["version"]
    path = f"/api/v1/dossiers/{name}"
    before = sandbox.request("GET", path)
    assert before.json()["is_overdue"] is False
    sandbox.advance(days=60)
    after = sandbox.request("GET", path, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.json()["is_overdue"], after.json()["version"]) == (200, True, version)
    assert sandbox.request("GET", path, headers={"If-None-Match": after.headers["ETag"]}).status_code == 304
    for etag in (before.headers["ETag"], after.headers["ETag"], f'"{version}"'):
        body = {"action": "receive", "actor": "officer"}
        found = refused(sandbox, "POST", f"{path}/actions", json=body, headers={"If-Match": etag})
        assert found.code == "illegal-transition", etag
    headers = {"If-Match": after.headers["ETag"], "Prefer": "wait=10"}
    moved = sandbox.request("POST", f"{path}/actions", json={"action": "start", "actor": "officer"}, headers=headers)
    assert moved.headers["ETag"] == sandbox.request("GET", path).headers["ETag"] != after.headers["ETag"]


def test_a_new_dossier_tells_no_version_that_could_be_relied_on(sandbox: Client, good: dict[str, Any]) -> None:
    filed = sandbox.request("POST", "/api/v1/dossiers", json=good)
    assert "ETag" not in filed.headers
    assert "withdraw" in filed.json()["allowed_actions"]
    ahead = sandbox.file({**good, "filed_at": "2018-06-07T09:15:00+07:00"})
    assert ahead["allowed_actions"] == []


def test_a_clock_can_be_set_to_what_was_read_of_it(sandbox: Client) -> None:
    read = sandbox.clock()
    sent = {name: read[name] for name in ("mode", "speed", "now")}
    assert sandbox.request("PUT", "/api/v1/clock", json=sent).json()["now"] == read["now"]
