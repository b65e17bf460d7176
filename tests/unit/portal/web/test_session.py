"""Signing in and out, and what keeps strangers out."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.portal.application.throttle import ATTEMPTS, Throttle
from services.portal.bootstrap import Parts
from services.portal.web.session import local_path
from tests.support.fakes import KEY, SIGN_IN_KEY

OPEN = ("/sign-in", "/about", "/docs", "/docs/problems", "/assets/motcua.css")
CLOSED = (
    "/",
    "/fragments/home",
    "/dossiers",
    "/dossiers/000.00.00.G12-180605-000001",
    "/statistics",
    "/fragments/statistics",
)


def token_of(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def send_key(client: FlaskClient, key: str, **more: str):  # type: ignore[no-untyped-def]
    token = token_of(client.get("/sign-in").text)
    return client.post("/sign-in", data={"form_token": token, "key": key, **more})


@pytest.mark.parametrize("path", OPEN)
def test_open_pages_need_no_key(visitor: FlaskClient, path: str) -> None:
    with visitor.get(path) as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize("path", CLOSED)
def test_other_pages_ask_for_a_key_first(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("path", CLOSED)
def test_with_a_key_they_open(member: FlaskClient, path: str) -> None:
    assert member.get(path).status_code == 200


def test_the_form_leads_back_to_the_page_that_was_wanted(visitor: FlaskClient) -> None:
    wanted = visitor.get("/dossiers?status=received").headers["Location"]
    assert wanted == "/sign-in?next=/dossiers?status%3Dreceived"
    assert send_key(visitor, KEY, next="/dossiers?status=received").headers["Location"] == "/dossiers?status=received"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "/\t/evil.example"]
)
def test_it_never_leads_elsewhere(visitor: FlaskClient, elsewhere: str) -> None:
    assert local_path(elsewhere) is None
    assert send_key(visitor, KEY, next=elsewhere).headers["Location"] == "/"


def test_a_wrong_key_is_told_beside_the_field(visitor: FlaskClient) -> None:
    answer = send_key(visitor, "mc_wrong")
    assert answer.status_code == 422
    assert "Khóa này không mở môi trường thử nào" in answer.text
    assert visitor.get("/").status_code == 302


def test_a_form_from_elsewhere_is_refused(visitor: FlaskClient, member: FlaskClient) -> None:
    assert visitor.post("/sign-in", data={"key": KEY}).status_code == 403
    assert visitor.post("/sign-in", data={"key": KEY, "form_token": "-"}).status_code == 403
    assert member.post("/sign-out", data={"form_token": "guess"}).status_code == 403
    assert member.get("/").status_code == 200


def test_signing_out_ends_the_session(member: FlaskClient) -> None:
    member.post("/sign-out", data={"form_token": token_of(member.get("/").text)})
    assert member.get("/").status_code == 302


def test_the_session_ends_with_its_key(member: FlaskClient, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts.reader, "key", lambda _key_hash, _now: None)
    assert member.get("/").status_code == 302


def test_the_cookie_is_for_this_server_and_holds_no_key(visitor: FlaskClient) -> None:
    cookie = visitor.get(f"/sign-in/{KEY}").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert KEY not in cookie


def test_a_cookie_that_was_tampered_with_opens_nothing(portal: Flask) -> None:
    client = portal.test_client()
    client.set_cookie("motcua_session", "eyJzYW5kYm94X2lkIjoiMDEyMzQ1Njc4OSJ9.aaaa.bbbb")
    assert client.get("/").status_code == 302


def test_the_key_of_a_link_opens_the_pages_alone(visitor: FlaskClient) -> None:
    assert visitor.get("/api/v1/sandbox", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200
    answer = visitor.get("/api/v1/sandbox", headers={"Authorization": f"Bearer {SIGN_IN_KEY}"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "key-unknown")
    assert visitor.get(f"/sign-in/{SIGN_IN_KEY}").status_code == 302
    assert visitor.get("/").status_code == 200


def test_an_expired_link_says_so(visitor: FlaskClient) -> None:
    answer = visitor.get("/sign-in/mc_expired")
    assert answer.status_code == 403
    assert "Liên kết này đã hết hạn" in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_guessing_is_slowed_down(visitor: FlaskClient) -> None:
    for _ in range(ATTEMPTS):
        assert visitor.get("/sign-in/mc_guess").status_code == 403
    answer = visitor.get("/sign-in/mc_guess")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_right_key_opens_however_many_wrong_ones_came_from_the_same_address(visitor: FlaskClient) -> None:
    for _ in range(ATTEMPTS + 1):
        visitor.get("/sign-in/mc_guess")
    assert visitor.get(f"/sign-in/{KEY}").status_code == 302
    assert visitor.get("/").status_code == 200


def test_one_address_does_not_slow_down_another() -> None:
    throttle = Throttle()
    for _ in range(ATTEMPTS):
        throttle.record("10.0.0.1")
    assert throttle.wait_seconds("10.0.0.1") > 0
    assert throttle.wait_seconds("10.0.0.2") == 0
