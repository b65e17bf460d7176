"""`/api/v1/reports` over a portal in memory: questions, formats, and each wrong parameter by its own name."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from services.portal.api.context import EXTENSION
from tests.support.fakes import KEY, make_portal

PERIOD = {"from": "2018-04-01", "to": "2018-06-08"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    found = make_portal().test_client()
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {KEY}"
    return found


def questions(client: FlaskClient) -> list[dict[str, str]]:
    asked: list[dict[str, str]] = client.application.extensions[EXTENSION].counts.questions
    return asked


def get(client: FlaskClient, path: str = "form-06", **query: str) -> Any:
    answer = client.get(f"/api/v1/reports/{path}", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_report_tells_form_unit_period_rules_rows_and_ratios(client: FlaskClient) -> None:
    found = get(client, **PERIOD)
    assert found["form"] == {"number": "II.06a/VPCP/KSTT", "circular": "Thông tư số 02/2017/TT-VPCP"}
    assert found["unit"]["code"] == "all"
    assert (found["from"], found["to"], found["as_of"]) == ("2018-04-01", "2018-06-08", "2018-06-08T09:00:00Z")
    assert found["rules"] == {
        "period_by": "receipt",
        "ended_early": "on-time",
        "apology": "original-due",
        "suspended": "in-time",
        "supplement": "one-receipt-one-count",
    }
    assert [line["number"] for line in found["lines"]] == ["I", "1", "2", "II", "1"]
    assert [line["key"] for line in found["beside"]] == ["storage-extension"]
    assert found["total"]["columns"]["received_total"] == 2673
    assert {ratio["id"] for ratio in found["ratios"]} == {
        "on-time-of-received", "on-time-of-resolved", "overdue-of-received"
    }  # fmt: skip


def test_question_goes_to_metrics_with_unit_field_and_rules(client: FlaskClient) -> None:
    get(
        client,
        **PERIOD,
        unit="30",
        field="import-export-tax",
        rows="procedure",
        period_by="filing",
        ended_early="left-out",
        apology="new-date",
        suspended="by-due",
    )
    asked = questions(client)[-1]
    assert "refund-first" in asked["procedure_id"].split(",")
    assert "declaration-cancellation" not in asked["procedure_id"].split(",")
    assert {name: value for name, value in asked.items() if name != "procedure_id"} == {
        "department_code": "30",
        "group_by": "procedure",
        "from": "2018-04-01",
        "until": "2018-06-08",
        "period_by": "filing",
        "ended_early": "left-out",
        "apology": "new-date",
        "suspended": "by-due",
    }


def test_one_office_is_asked_for_by_its_code(client: FlaskClient) -> None:
    get(client, **PERIOD, unit="30F1")
    assert questions(client)[-1]["office_code"] == "30F1"


@pytest.mark.parametrize(
    ("headers", "query", "kind"),
    [
        ({}, {}, "application/json"),
        ({"Accept": "text/html"}, {}, "application/json"),
        ({"Accept": "text/csv"}, {}, "text/csv"),
        ({"Accept": "text/csv;q=0.5, application/json"}, {}, "application/json"),
        ({"Accept": XLSX}, {}, XLSX),
        ({"Accept": "application/json"}, {"format": "csv"}, "text/csv"),
        ({"Accept": "text/csv"}, {"format": "json"}, "application/json"),
        ({}, {"format": "xlsx"}, XLSX),
    ],
)
def test_format_goes_before_accept(client: FlaskClient, headers, query, kind) -> None:
    answer = client.get("/api/v1/reports/form-06", query_string={**PERIOD, **query}, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, kind)


def test_files_are_saved_and_hold_the_report(client: FlaskClient) -> None:
    answer = client.get("/api/v1/reports/form-06", query_string={**PERIOD, "format": "csv"})
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert lines[-2][1:3] == ["Tổng cộng", "2673"]
    sheet = client.get("/api/v1/reports/form-06", query_string={**PERIOD, "format": "xlsx"})
    assert openpyxl.load_workbook(io.BytesIO(sheet.data)).active is not None


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ({"from": ""}, "invalid-query", "/from"),
        ({"from": "01/04/2018"}, "invalid-query", "/from"),
        ({"to": "2018-02-30"}, "invalid-query", "/to"),
        ({"from": "2018-06-09"}, "invalid-query", "/to"),
        ({"unit": "3"}, "invalid-query", "/unit"),
        ({"unit": "ZZ"}, "unknown-unit", None),
        ({"unit": "30ZZ"}, "unknown-unit", None),
        ({"field": "fishing"}, "invalid-query", "/field"),
        ({"rows": "columns"}, "invalid-query", "/rows"),
        ({"period_by": "luck"}, "invalid-query", "/period_by"),
        ({"ended_early": "never"}, "invalid-query", "/ended_early"),
        ({"apology": "accepted"}, "invalid-query", "/apology"),
        ({"suspended": "disbelief"}, "invalid-query", "/suspended"),
        ({"format": "pdf"}, "invalid-query", "/format"),
        ({"colour": "red"}, "invalid-query", "/colour"),
        ({"to": "2018-06-09"}, "period-ahead", None),
    ],
)
def test_each_wrong_parameter_is_its_own_problem(client: FlaskClient, query, code, pointer) -> None:
    answer = client.get("/api/v1/reports/form-06", query_string={**PERIOD, **query})
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert [error["pointer"] for error in answer.json.get("errors", [])] == ([pointer] if pointer else [])


def test_services_are_counted_from_the_first_of_january(client: FlaskClient) -> None:
    found = get(client, "services", to="2018-06-01")
    assert (found["from"], found["to"]) == ("2018-01-01", "2018-06-01")
    asked = questions(client)[-1]
    assert (asked["from"], asked["until"], asked["group_by"]) == ("2018-01-01", "2018-06-01", "procedure,channel")
    refund = next(item for item in found["items"] if item["procedure_id"] == "refund-first")
    assert refund["on_time"] == {"value": 340 / 348, "numerator": 340, "denominator": 348}
    assert refund["satisfaction"]["ratio"] == {"value": 87 / 91, "numerator": 87, "denominator": 91}
    assert get(client, "services")["to"] == "2018-06-08"


def test_scores_are_of_a_quarter_and_of_each_unit_below(client: FlaskClient) -> None:
    """The stand-in for metrics passes filters over; what it is asked is tested by itself."""
    found = get(client, "scores", quarter="2018-Q2")
    assert (found["quarter"], found["from"], found["to"]) == ("2018-Q2", "2018-04-01", "2018-06-08")
    assert [unit["unit"]["code"] for unit in found["units"]] == ["01", "30"]
    indices = {index["number"]: index["points"] for index in found["whole"]["indices"]}
    assert {number for number, points in indices.items() if points is not None} == {1, 3, 9}
    assert found["whole"]["most_points"] == 6
    by_code = {unit["unit"]["code"]: unit for unit in found["units"]}
    assert by_code["01"]["counts"]["online_late"] == 9
    assert by_code["30"]["class_label"] == {"vi": "xuất sắc", "en": "excellent"}
    assert [unit["unit"]["code"] for unit in get(client, "scores", unit="30")["units"]] == ["01B1", "30F1"]
    assert [asked.get("department_code") for asked in questions(client)[-2:]] == ["30", "30"]
    assert get(client, "scores", unit="30F1")["units"] == []


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("services", {"to": "2018-06-09"}, "period-ahead"),
        ("services", {"unit": "ZZ"}, "unknown-unit"),
        ("services", {"from": "2018-01-01"}, "invalid-query"),
        ("scores", {"quarter": "2018-Q5"}, "invalid-query"),
        ("scores", {"quarter": "2018"}, "invalid-query"),
        ("scores", {"quarter": "2018-Q3"}, "period-ahead"),
        ("scores", {"unit": "ZZZZ"}, "unknown-unit"),
    ],
)
def test_wrong_questions_for_services_and_scores_are_told_apart(client: FlaskClient, path, query, code) -> None:
    answer = client.get(f"/api/v1/reports/{path}", query_string=query)
    assert (answer.status_code, answer.json["code"]) == (422, code)


@pytest.mark.parametrize("path", [f"form-06?from={PERIOD['from']}&to={PERIOD['to']}", "services", "scores"])
def test_metrics_away_is_a_problem_to_try_again(path: str) -> None:
    away = make_portal(metrics_away=True).test_client()
    answer = away.get(f"/api/v1/reports/{path}", headers={"Authorization": f"Bearer {KEY}"})
    assert (answer.status_code, answer.json["code"]) == (503, "metrics-unavailable")


def test_report_whose_sums_dont_hold_is_an_error(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = client.application.extensions[EXTENSION].counts
    honest = counts.report

    def falsified(*question: Any) -> Any:
        answer = honest(*question)
        answer["rows"][0]["columns"]["resolved_on_time"] += 1
        return answer

    monkeypatch.setattr(counts, "report", falsified)
    answer = client.get("/api/v1/reports/form-06", query_string=PERIOD)
    assert (answer.status_code, answer.json["code"]) == (500, "report-broken")
