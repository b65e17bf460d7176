"""The HTTP side without servers: who may ask, what may be asked, how it says no."""

# ruff: noqa: ARG002 - fakes take what the port says

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from psycopg import OperationalError

from services.contracts.counting_rules import ApologyRule, CountingRules, EarlyEnd, PeriodBy, SuspendedRule
from services.contracts.facts import FactBatch
from services.metrics.api.app import create_app
from services.metrics.application.ports import Dimension, Figures, ReportFigures, Selection, Snapshot
from services.metrics.bootstrap import WebParts
from services.metrics.domain.report import GroupFigures, OpenSum, Sums, Window

KEY = "sesame"
NOW = "2018-06-07T10:00:00+07:00"


class CannedCounts:
    """A `CountReader` that has counted nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Selection, tuple[Dimension, ...]]] = []
        self.reports_asked: list[tuple[Selection, tuple[Dimension, ...], CountingRules, datetime]] = []
        self.groups: dict[tuple[Any, ...], GroupFigures] = {}
        self.is_away = False

    def figures(
        self,
        selection: Selection,
        group_by: Sequence[Dimension],
        *,
        open_by: Sequence[Dimension] | None,
        with_subjects: bool,
    ) -> Figures:
        self.asked.append((selection, tuple(group_by)))
        return Figures(tallies={}, open={}, subjects={} if with_subjects else None, positions={0: 5})

    def report_figures(
        self, selection: Selection, group_by: Sequence[Dimension], rules: CountingRules, as_of: datetime
    ) -> ReportFigures:
        self.reports_asked.append((selection, tuple(group_by), rules, as_of))
        return ReportFigures(self.groups, {0: 5})

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        if self.is_away:
            raise OperationalError("no route to host")
        return {0: 5}

    def snapshot(self, sandbox_id: str, *, leave_out: Collection[int] = ()) -> Snapshot:
        return Snapshot({0: 5}, {})


class SilentLedger:
    """A `LedgerReplay` that nothing comes from."""

    def replay(self, sandbox_id: str, partitions: Sequence[int], on_batch: Callable[[FactBatch], bool]) -> bool:
        return False


@pytest.fixture
def counts() -> CannedCounts:
    return CannedCounts()


@pytest.fixture
def http(counts: CannedCounts) -> FlaskClient:
    parts = WebParts(
        internal_key=KEY,
        counts=counts,
        reports=counts,
        ledger=SilentLedger(),
        registry=CollectorRegistry(),
        is_ready=lambda: not counts.is_away,
        close=lambda: None,
    )
    client = create_app(parts).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {KEY}"
    return client


def problem(answer: Any) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.json["code"]


@pytest.mark.parametrize(
    "path", ["/v1/statistics", "/v1/report", "/v1/positions", "/v1/recount", "/metrics", "/nowhere"]
)
@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "key-missing"),
        ("Bearer", "key-missing"),
        ("Bearer ", "key-missing"),
        ("Basic sesame", "key-missing"),
        ("Bearer other", "key-unknown"),
        ("Bearer sesam", "key-unknown"),
        ("Bearer sésame", "key-unknown"),
    ],
)
def test_route_is_closed_without_the_key(http: FlaskClient, path: str, header: str, code: str) -> None:
    answer = http.get(path, headers={"Authorization": header})
    assert problem(answer) == (401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_empty_internal_key_opens_nothing(counts: CannedCounts) -> None:
    parts = WebParts("", counts, counts, SilentLedger(), CollectorRegistry(), lambda: True, lambda: None)
    answer = create_app(parts).test_client().get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 401


def test_health_and_readiness_need_no_key(http: FlaskClient, counts: CannedCounts) -> None:
    counts.is_away = True
    assert http.get("/healthz", headers={"Authorization": ""}).status_code == 200
    assert problem(http.get("/readyz", headers={"Authorization": ""})) == (503, "unavailable")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"sandbox_id": ""}, "/sandbox_id"),
        ({"sandbox_id": ["a", "b"]}, "/sandbox_id"),
        ({"now": "today"}, "/now"),
        ({"now": "2018-06-07T10:00:00"}, "/now"),
        ({"group_by": "colour"}, "/group_by"),
        ({"group_by": "day,colour"}, "/group_by"),
        ({"from": "2018-02-30"}, "/from"),
        ({"from": "2018-06-02", "until": "2018-06-01"}, "/until"),
        ({"level": "5"}, "/level"),
        ({"level": "four"}, "/level"),
        ({"channel": "pigeon"}, "/channel"),
        ({"office": "30F1"}, "/office"),
    ],
)
def test_wrong_query_is_refused_with_a_pointer(http: FlaskClient, counts: CannedCounts, query, pointer: str) -> None:
    answer = http.get("/v1/statistics", query_string={"sandbox_id": "s", "now": NOW, **query})
    assert problem(answer) == (422, "invalid-query")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert counts.asked == []


def test_every_mistake_is_named_at_once(http: FlaskClient) -> None:
    answer = http.get("/v1/statistics?level=9&channel=pigeon")
    assert {error["pointer"] for error in answer.json["errors"]} == {"/sandbox_id", "/now", "/level", "/channel"}


def test_question_reaches_the_application_as_asked(http: FlaskClient, counts: CannedCounts) -> None:
    http.get(
        "/v1/statistics",
        query_string={
            "sandbox_id": "s",
            "now": NOW,
            "group_by": ["office,day", "none", "office"],
            "from": "2018-06-01",
            "until": "2018-06-30",
            "level": "3",
            "channel": "online",
        },
    )
    assert counts.asked == [
        (
            Selection(
                sandbox_id="s",
                now=datetime(2018, 6, 7, 3, 0, tzinfo=UTC),
                first_on=date(2018, 6, 1),
                last_on=date(2018, 6, 30),
                level=3,
                channel="online",
            ),
            (Dimension.OFFICE, Dimension.DAY),
        )
    ]


def test_database_away_is_a_problem_to_try_again(http: FlaskClient, counts: CannedCounts) -> None:
    counts.is_away = True
    answer = http.get("/v1/positions?sandbox_id=s")
    assert problem(answer) == (503, "unavailable")
    assert "Retry-After" in answer.headers


def test_recount_that_gets_no_ledger_says_so(http: FlaskClient) -> None:
    assert problem(http.post("/v1/recount?sandbox_id=s")) == (503, "recount-timeout")


def test_recount_is_asked_with_post(http: FlaskClient) -> None:
    assert problem(http.get("/v1/recount?sandbox_id=s")) == (405, "method-not-allowed")


def test_answers_are_not_kept(http: FlaskClient) -> None:
    assert http.get("/v1/positions?sandbox_id=s").headers["Cache-Control"] == "no-store"


PERIOD = {"sandbox_id": "s", "now": NOW, "from": "2018-04-01", "until": "2018-06-06"}


def test_report_reaches_the_application_as_asked(http: FlaskClient, counts: CannedCounts) -> None:
    query = {
        **PERIOD,
        "group_by": "procedure",
        "procedure_id": "refund,cancellation",
        "office_code": ["30F1", "30F2"],
        "department_code": "30",
        "period_by": "filing",
        "ended_early": "left-out",
        "apology": "new-date",
        "suspended": "by-due",
    }
    answer = http.get("/v1/report", query_string=query)
    assert answer.status_code == 200
    assert answer.json["rules"] == {
        "period_by": "filing",
        "ended_early": "left-out",
        "apology": "new-date",
        "suspended": "by-due",
        "supplement": "one-receipt-one-count",
    }
    ((selection, group_by, rules, as_of),) = counts.reports_asked
    assert (selection.first_on, selection.last_on) == (date(2018, 4, 1), date(2018, 6, 6))
    assert (selection.procedure_ids, selection.office_codes) == (("refund", "cancellation"), ("30F1", "30F2"))
    assert (selection.department_code, group_by) == ("30", (Dimension.PROCEDURE,))
    assert rules == CountingRules(PeriodBy.FILING, EarlyEnd.LEFT_OUT, ApologyRule.NEW_DATE, SuspendedRule.BY_DUE)
    assert as_of == datetime(2018, 6, 6, 16, 59, 59, 999999, tzinfo=UTC)


def test_period_that_ends_today_is_judged_now(http: FlaskClient, counts: CannedCounts) -> None:
    answer = http.get("/v1/report", query_string={**PERIOD, "until": "2018-06-07"})
    assert answer.json["as_of"] == "2018-06-07T03:00:00+00:00"


def test_period_that_ends_after_today_is_refused(http: FlaskClient) -> None:
    assert problem(http.get("/v1/report", query_string={**PERIOD, "until": "2018-06-08"})) == (422, "period-ahead")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": ""}, "/from"),
        ({"until": "30/06/2018"}, "/until"),
        ({"from": "2018-06-07"}, "/until"),
        ({"period_by": "luck"}, "/period_by"),
        ({"ended_early": "never"}, "/ended_early"),
        ({"apology": "accepted"}, "/apology"),
        ({"suspended": "disbelief"}, "/suspended"),
        ({"group_by": "day"}, "/group_by"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_wrong_report_parameter_is_named(http: FlaskClient, counts: CannedCounts, query, pointer) -> None:
    answer = http.get("/v1/report", query_string={**PERIOD, **query})
    assert problem(answer) == (422, "invalid-query")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert counts.reports_asked == []


def test_period_is_required(http: FlaskClient) -> None:
    answer = http.get("/v1/report", query_string={"sandbox_id": "s", "now": NOW})
    assert {error["pointer"] for error in answer.json["errors"]} == {"/from", "/until"}


@pytest.mark.parametrize(
    "figures",
    [
        GroupFigures({(Window.WITHIN, True): Sums(received=3)}, open=OpenSum(limited=2)),
        GroupFigures({(Window.WITHIN, True): Sums(received=3)}, open=OpenSum(limited=3), late_rows=4),
        GroupFigures({(Window.BEFORE, True): Sums(resolved_early=1)}, open=OpenSum(limited=-1)),
        GroupFigures({(Window.WITHIN, True): Sums(received=2, received_without_limit=2)}, open=OpenSum(limited=2)),
    ],
)
def test_report_whose_sums_dont_hold_is_an_error_and_no_report(http, counts: CannedCounts, figures) -> None:
    counts.groups = {(): figures}
    assert problem(http.get("/v1/report", query_string=PERIOD)) == (500, "report-broken")
