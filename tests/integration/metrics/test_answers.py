"""What metrics answers over HTTP, from real tables."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from services.contracts.vocabulary import Action
from tests.support.facts import MONDAY, HandLedger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = MONDAY + 3 * DAY
REFUND = {"procedure_id": "refund", "office_code": "30F2", "level": 3, "channel": "post", "applicant_kind": "citizen"}


@pytest.fixture(autouse=True)
def counted(make_counter) -> None:
    """Six dossiers: early, on time, overdue; open since Monday; open and suspended; open by the hour."""
    ledger = HandLedger()
    ledger.process(1, due_at=DUE, granted_at=DUE - DAY)
    ledger.process(2, due_at=DUE, granted_at=DUE, applicant_id="0300588569")
    ledger.process(3, due_at=DUE, granted_at=DUE + DAY, **REFUND)
    ledger.file(4)
    ledger.act(4, Action.RECEIVE, MONDAY + HOUR, due_at=DUE)
    ledger.file(5)
    ledger.act(5, Action.RECEIVE, MONDAY + HOUR, due_at=DUE)
    ledger.act(5, Action.REQUEST_SUPPLEMENT, MONDAY + DAY)
    ledger.file(6, limit_unit="working-hours")
    ledger.act(6, Action.RECEIVE, MONDAY + HOUR, due_at=DUE)
    ledger.file(7, **REFUND, applicant_id="042088001234")
    other = HandLedger()
    other.file(1, office_code="30F3")
    counter = make_counter()
    counter.take([ledger.batch("s", 0), other.batch("s", 1), other.batch("another", 0)])


def ask(http: FlaskClient, **query: object) -> dict:
    answer = http.get("/v1/statistics", query_string={"sandbox_id": "s", "now": (DUE + HOUR).isoformat(), **query})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_total_counts_everything_in_the_sandbox(http: FlaskClient) -> None:
    answer = ask(http)
    assert answer["rows"] == []
    assert answer["positions"] == {"0": 23, "1": 1}
    assert answer["subjects"] == {"enterprise": 2, "citizen": 2, "household": 0}
    assert answer["total"] == {
        "filed": 8,
        "received": 6,
        "refused_at_intake": 0,
        "closed_before_receipt": 0,
        "awaiting_receipt": 2,
        "resolved": {"early": 1, "on_time": 1, "overdue": 1, "without_limit": 0, "total": 3},
        "withdrawn": 0,
        "stopped": 0,
        "returned": 3,
        "asked_to_supplement": {"once": 0, "again": 0},
        "satisfaction": {"very_satisfied": 0, "satisfied": 0, "not_satisfied": 0},
        "open": {"in_time": 1, "overdue": 1, "suspended": 1, "without_limit": 0, "total": 3},
        "on_time_ratio": {"value": 2 / 3, "numerator": 2, "denominator": 3},
        "on_time_of_received_ratio": {"value": 2 / 6, "numerator": 2, "denominator": 6},
    }


@pytest.mark.parametrize(
    ("now", "overdue"),
    [(DUE, 0), (DUE + timedelta(minutes=1), 1), (DUE + timedelta(hours=14), 1), (DUE + timedelta(hours=15), 2)],
)
def test_open_dossiers_are_judged_at_the_sandboxs_now(http: FlaskClient, now, overdue) -> None:
    """By the minute for hours; for days from midnight in Vietnam."""
    assert ask(http, now=now.isoformat())["total"]["open"]["overdue"] == overdue


def test_rows_are_by_group_and_add_up_to_the_total(http: FlaskClient) -> None:
    answer = ask(http, group_by="procedure,office")
    assert [(row["procedure_id"], row["office_code"], row["filed"]) for row in answer["rows"]] == [
        ("amend-after-clearance", "30F1", 5),
        ("amend-after-clearance", "30F3", 1),
        ("refund", "30F2", 2),
    ]
    assert [row["open"]["total"] for row in answer["rows"]] == [3, 0, 0]
    assert answer["total"] == ask(http)["total"]


def test_group_by_may_be_repeated_and_none_is_no_group(http: FlaskClient) -> None:
    answer = ask(http, group_by=["level", "channel"])
    assert [(row["level"], row["channel"]) for row in answer["rows"]] == [(3, "post"), (4, "online")]
    assert ask(http, group_by="none")["rows"] == []


def test_days_have_counts_and_no_open_dossiers(http: FlaskClient) -> None:
    answer = ask(http, group_by="day")
    assert [(row["day"], row["received"], row["resolved"]["total"], row["open"]) for row in answer["rows"]] == [
        ("2018-06-04", 6, 0, None),
        ("2018-06-06", 0, 1, None),
        ("2018-06-07", 0, 1, None),
        ("2018-06-08", 0, 1, None),
    ]
    assert answer["total"]["open"]["total"] == 3


def test_period_counts_its_days_and_leaves_out_what_belongs_to_no_day(http: FlaskClient) -> None:
    answer = ask(http, **{"from": "2018-06-06", "until": "2018-06-07"})
    assert answer["total"]["resolved"]["total"] == 2
    assert (answer["total"]["filed"], answer["total"]["open"], answer["total"]["awaiting_receipt"]) == (0, None, None)
    assert answer["subjects"] is None


@pytest.mark.parametrize(
    ("query", "filed"),
    [
        ({"procedure_id": "refund"}, 2),
        ({"office_code": "30F1"}, 5),
        ({"office_code": "30F1,30F3"}, 6),
        ({"department_code": "30"}, 8),
        ({"department_code": "02"}, 0),
        ({"level": 4}, 6),
        ({"channel": "post"}, 2),
        ({"channel": "post", "level": 4}, 0),
        ({"sandbox_id": "another"}, 1),
        ({"sandbox_id": "never-heard-of"}, 0),
    ],
)
def test_filters_narrow(http: FlaskClient, query, filed) -> None:
    assert ask(http, **query)["total"]["filed"] == filed


def test_subjects_follow_the_procedure_and_nothing_narrower(http: FlaskClient) -> None:
    assert ask(http, procedure_id="refund")["subjects"] == {"enterprise": 0, "citizen": 2, "household": 0}
    assert ask(http, office_code="30F1")["subjects"] is None


def test_nothing_counted_has_no_ratio(http: FlaskClient) -> None:
    total = ask(http, sandbox_id="never-heard-of")["total"]
    assert total["on_time_ratio"] == {"value": None, "numerator": 0, "denominator": 0}


def test_positions_say_how_far_is_counted(http: FlaskClient) -> None:
    assert http.get("/v1/positions?sandbox_id=s").json == {"0": 23, "1": 1}
    assert http.get("/v1/positions?sandbox_id=never-heard-of").json == {}


def test_prometheus_sees_counts_by_sandbox_and_procedure(http: FlaskClient) -> None:
    text = http.get("/metrics").text.splitlines()
    for line in (
        'motcua_dossiers_filed_total{procedure="refund",sandbox="s"} 2.0',
        'motcua_dossiers_resolved_total{procedure="refund",sandbox="s",timeliness="overdue"} 1.0',
        'motcua_dossiers_open{procedure="amend-after-clearance",sandbox="s"} 3.0',
        'motcua_counted_position{partition="0",sandbox="s"} 23.0',
        "motcua_sandboxes 2.0",
        "motcua_sandboxes_shown_limit 50.0",
    ):
        assert line in text


def test_prometheus_shows_a_bounded_number_of_sandboxes(http: FlaskClient, make_counter) -> None:
    filed = HandLedger()
    filed.file(1)
    make_counter().take([filed.batch(f"crowd-{number:02}") for number in range(60)])
    text = http.get("/metrics").text
    assert text.count("motcua_dossiers_filed_total{") == 50
    assert "motcua_sandboxes 62.0" in text
    assert 'sandbox="s"' not in text


def test_ready_when_the_database_answers(http: FlaskClient) -> None:
    assert http.get("/readyz").json == {"status": "ready"}
