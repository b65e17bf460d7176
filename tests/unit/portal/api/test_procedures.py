"""What the API tells about procedures: everything that holds for one, and how many there are."""

from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient

from tests.support.fakes import KEY, make_portal
from tests.support.filings import catalogue

AUTHORISED = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return make_portal().test_client()


def read(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"/api/v1{path}", headers=AUTHORISED)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_list_has_all_and_says_what_is_missing(client: FlaskClient) -> None:
    listing = read(client, "/procedures")
    assert [item["procedure_id"] for item in listing["items"]] == list(catalogue().procedures)
    totals = listing["totals"]
    assert totals["catalogue"] == {
        "procedures": 113,
        "level_3_or_more": 113,
        "level_4": 103,
        "without_time_limit": 10,
        "own": 0,
    }
    published = totals["published"]
    assert (published["procedures"], published["level_3_or_more"], published["level_4"]) == (180, 170, 161)
    assert totals["difference"] == {"procedures": 67, "level_3_or_more": 57, "level_4": 58}
    assert set(totals["note"]) == {"vi", "en"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sector=risk-and-priority", {"aeo-recognition", "key-project-priority", "aeo-termination"}),
        ("q=xang+dau&level=4", {item for item in catalogue().procedures if item.startswith("petroleum-")}),
        ("q=no-such-thing", set()),
    ],
)
def test_the_list_can_be_narrowed(client: FlaskClient, query: str, expected: set[str]) -> None:
    listing = read(client, f"/procedures?{query}")
    found = {item["procedure_id"] for item in listing["items"]}
    assert found <= expected
    assert bool(found) is bool(expected)
    assert listing["totals"]["catalogue"]["procedures"] == 113


@pytest.mark.parametrize("query", ["sector=none", "level=5", "colour=red", f"q={'a' * 101}"])
def test_a_filter_that_is_not_understood_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/procedures?{query}", headers=AUTHORISED).status_code == 422


def test_one_procedure_comes_with_all_its_limits(client: FlaskClient) -> None:
    refund = read(client, "/procedures/refund-first")
    rules = refund["limit_rules"]
    assert [(rule["when"], rule["in_force_from"], rule["in_force_until"]) for rule in rules] == [
        ({"track": "inspect-first"}, None, "2020-06-30"),
        ({"track": "inspect-first"}, "2020-07-01", None),
        ({}, None, "2020-06-30"),
        ({}, "2020-07-01", None),
    ]
    assert [step["step_id"] for step in rules[1]["steps"]] == ["acceptance-notice", "decision"]
    assert [part["limit"]["amount"] for part in rules[1]["steps"][1]["milestones"]] == [3, 3, 5, 5, 5, 3, 3, 3]
    assert rules[3]["time_limit"] == {
        "amount": 9,
        "unit": "working-days",
        "unit_label": {"vi": "ngày làm việc", "en": "working days"},
    }
    assert refund["time_limit"]["amount"] == 6
    assert refund["supplement"]["rule"] == "pause"
    assert refund["supplement"]["silence_traits"] == {"track": "inspect-first"}
    assert refund["effect"] == {
        "code": "refund-tax",
        "vi": "Hoàn thuế hoặc không thu thuế",
        "en": "Tax refunded or not collected",
    }
    assert refund["result_kind"]["code"] == "decision"
    assert refund["online_scope"] == {"vi": "toàn trình", "en": "fully online"}
    assert refund["automatic_when"] is None


def test_extensions_and_who_decides_are_told(client: FlaskClient) -> None:
    ruling = read(client, "/procedures/advance-ruling-origin")["limit_rules"][0]["steps"][0]
    assert [item["limit"]["amount"] for item in ruling["extensions"]] == [60]
    assert [item["step_id"] for item in ruling["milestones"]] == ["eligibility-check"]
    debt = read(client, "/procedures/debt-instalment")["limit_rules"]
    assert [rule["authority_level"]["code"] for rule in debt] == ["general-department", "department", "branch"]


def test_a_procedure_without_a_limit_has_none(client: FlaskClient) -> None:
    cargo = read(client, "/procedures/cargo-identification")
    assert cargo["time_limit"] is None
    assert [(rule["steps"], rule["time_limit"]) for rule in cargo["limit_rules"]] == [([], None)]
    assert cargo["automatic_when"] == {}
    assert cargo["in_force_from"] is None


@pytest.mark.parametrize("procedure_id", list(catalogue().procedures))
def test_every_procedure_tells_itself_with_a_schema_that_takes_its_example(
    client: FlaskClient, procedure_id: str
) -> None:
    told = read(client, f"/procedures/{procedure_id}")
    jsonschema_rs.meta.validate(told["form_schema"])
    assert list(jsonschema_rs.Draft202012Validator(told["form_schema"]).iter_errors(told["form_example"])) == []
    assert told["limit_rules"]
    assert told["who_may_apply"]["vi"] != told["who_may_apply"]["en"]
    assert told["source"]


def test_a_procedure_that_is_not_there_is_told(client: FlaskClient) -> None:
    answer = client.get("/api/v1/procedures/nothing", headers=AUTHORISED)
    assert (answer.status_code, answer.json["code"] if answer.json else None) == (404, "not-found")
