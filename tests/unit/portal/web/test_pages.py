"""Pages as a visitor without scripts gets them: language, problems, headers, what stands in them."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import OperationalError

from services.contracts.labels import STATUS_LABELS
from services.portal.application.problems import PROBLEMS
from services.portal.bootstrap import Parts
from tests.support.fakes import KEY, make_portal


def test_pages_are_vietnamese_whatever_the_browser_prefers(member: FlaskClient) -> None:
    page = member.get("/", headers={"Accept-Language": "en"})
    assert '<html lang="vi"' in page.text


def test_a_chosen_language_is_remembered(member: FlaskClient) -> None:
    assert '<html lang="en"' in member.get("/about?lang=en").text
    assert '<html lang="en"' in member.get("/").text
    assert '<html lang="vi"' in member.get("/?lang=vi").text
    assert '<html lang="vi"' in member.get("/?lang=fr").text


def test_the_language_switch_keeps_the_filter(member: FlaskClient) -> None:
    assert "?status=received&amp;lang=en" in member.get("/dossiers?status=received").text


def test_the_language_switch_survives_odd_arguments(member: FlaskClient) -> None:
    assert member.get("/about?_external=1&_scheme=gopher&_anchor=x").status_code == 200


def test_home_shows_clock_figures_and_all_statuses(member: FlaskClient) -> None:
    page = member.get("/").text
    assert "16:00 thứ Sáu, 08/06/2018" in page
    assert "1.579" in page
    assert "98,1%" in page
    for label in STATUS_LABELS.values():
        assert label.vi in page


def test_home_counts_itself_while_metrics_is_away() -> None:
    client = make_portal(metrics_away=True).test_client()
    client.get(f"/sign-in/{KEY}")
    page = client.get("/").text
    assert "Dịch vụ thống kê chưa trả lời" in page
    assert '<span class="mc-figure__value">60</span>' in page


def test_statistics_says_so_while_metrics_is_away() -> None:
    client = make_portal(metrics_away=True).test_client()
    client.get(f"/sign-in/{KEY}")
    assert "Dịch vụ thống kê chưa trả lời" in client.get("/statistics").text


def test_a_number_in_the_look_up_box_opens_the_dossier(member: FlaskClient) -> None:
    for text in ("7", "000.00.00.G12-180605-000007"):
        answer = member.get("/dossiers", query_string={"dossier_id": text})
        assert answer.headers["Location"] == "/dossiers/000.00.00.G12-180605-000007"


@pytest.mark.parametrize("text", ["999", "nothing", "9" * 5000, "000.00.00.G12-180604-000007"])
def test_a_number_that_is_not_there_is_told(member: FlaskClient, text: str) -> None:
    answer = member.get("/dossiers", query_string={"dossier_id": text})
    assert answer.status_code == 200
    assert "không có hồ sơ nào mang số này" in answer.text


def test_what_people_typed_is_escaped(member: FlaskClient) -> None:
    page = member.get("/dossiers/000.00.00.G12-180605-000002").text
    assert "&lt;b&gt;hồ sơ&lt;/b&gt;" in page
    answer = member.get("/dossiers", query_string={"dossier_id": '"><script>'})
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing-here", 404), ("/dossiers/x", 404), ("/dossiers?status=lost", 422)]
)
def test_problems_of_pages_are_pages(member: FlaskClient, path: str, status: int) -> None:
    answer = member.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert 'lang="vi"' in answer.text


@pytest.mark.parametrize("path", ["/api/v1/dossiers", "/api/v1/nothing-here", "/api"])
def test_problems_of_the_api_stay_documents(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(path).mimetype == "application/problem+json"


def test_a_database_that_is_away_is_told_as_a_page(
    member: FlaskClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(parts.reader, "key", away)
    answer = member.get("/")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "Tạm thời chưa dùng được" in answer.text
    assert answer.headers["Retry-After"]


def test_pages_forbid_what_they_do_not_need(member: FlaskClient) -> None:
    headers = member.get("/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Motcua-Mock"] == "true"


@pytest.mark.parametrize("path", ["/", "/dossiers", "/statistics", "/about", "/docs", "/docs/problems"])
def test_nothing_is_inline(member: FlaskClient, path: str) -> None:
    page = member.get(path).text
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    assert page.count("<script") == page.count('<script type="module" src=')


def test_every_problem_has_an_anchor_in_both_languages(visitor: FlaskClient) -> None:
    page = visitor.get("/docs/problems").text
    for code in PROBLEMS:
        assert f'id="{code}"' in page


def test_two_applications_in_one_process_do_not_disturb_each_other(portal: Flask) -> None:
    other = make_portal()
    assert portal.test_client().get("/about").status_code == other.test_client().get("/about").status_code == 200
