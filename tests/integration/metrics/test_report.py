"""The official report from real tables: what the reader in memory says, and what counting by hand gives."""

from datetime import UTC, timedelta
from itertools import product

import pytest
from flask.testing import FlaskClient

from services.contracts.counting_rules import ApologyRule, CountingRules, EarlyEnd, PeriodBy, SuspendedRule
from services.contracts.form06 import COLUMN_NAMES
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import Action
from services.metrics.adapters.reader import SqlCountReader
from services.metrics.adapters.report_reader import SqlReportReader
from services.metrics.application.ports import Dimension, Selection
from services.metrics.application.report import REPORT_DIMENSIONS, ask_report
from services.runtime.database import Database
from tests.support.facts import MONDAY, HandLedger
from tests.support.random_ledgers import seeded_ledger
from tests.support.reports import MemoryReportReader, reference_report

DAY = timedelta(days=1)
DUE = MONDAY + 3 * DAY
NOW = MONDAY + 40 * DAY

ALL_RULES = [CountingRules(*choice) for choice in product(PeriodBy, EarlyEnd, ApologyRule, SuspendedRule)]


@pytest.fixture
def reports(database: Database) -> SqlReportReader:
    """The real reader."""
    return SqlReportReader(database)


@pytest.mark.parametrize("seed", range(6))
def test_every_rule_every_group_and_every_filter_is_as_in_memory_and_by_hand(
    make_counter, reports: SqlReportReader, reader: SqlCountReader, seed: int
) -> None:
    parts = [HandLedger(seeded_ledger(seed * 2 + part, facts=150, max_dossiers=25)) for part in (0, 1)]
    # A number belongs to one dossier of a sandbox, whatever its partition.
    parts[1].facts = [fact._replace(number=fact.number + 100) for fact in parts[1].facts]
    counter = make_counter()
    counter.take([part.batch("s", place) for place, part in enumerate(parts)])
    facts = [fact for part in parts for fact in part.facts]
    last_at = max(fact.occurred_at for fact in facts)
    now = (last_at + timedelta(hours=5)).astimezone(UTC)
    middle = vietnamese_day(MONDAY + (last_at - MONDAY) / 2)
    in_memory = MemoryReportReader(reader.snapshot("s").counts.values())
    narrower = [{}, {"office_codes": ("30F1", "02CI")}, {"department_code": "30"}, {"procedure_ids": ("refund-first",)},
                {"channel": "post"}, {"level": 4}]  # fmt: skip
    for place, rules in enumerate(ALL_RULES):
        last_on = min(middle + timedelta(days=place), vietnamese_day(now))
        selection = Selection("s", now, middle - 20 * DAY, last_on, **narrower[place % len(narrower)])
        for group_by in ([], [Dimension.PROCEDURE, Dimension.OFFICE], [REPORT_DIMENSIONS[place % 5]]):
            found = ask_report(reports, selection, group_by, rules)
            assert found.rows == ask_report(in_memory, selection, group_by, rules).rows
            assert found.total == reference_report(facts, selection, rules)


@pytest.fixture
def counted(make_counter) -> None:
    """Due on Thursday 7 June: early, late, open and late, withdrawn late, waiting for a supplement; and one by post."""
    ledger = HandLedger()
    ledger.process(1, due_at=DUE, granted_at=DUE - DAY)
    ledger.process(2, due_at=DUE, granted_at=DUE + 4 * DAY)
    for number in (3, 4, 5):
        ledger.file(number)
        ledger.act(number, Action.RECEIVE, MONDAY, due_at=DUE)
    ledger.act(4, Action.WITHDRAW, DUE + 2 * DAY, due_at=DUE)
    ledger.act(5, Action.REQUEST_SUPPLEMENT, MONDAY + DAY)
    ledger.process(6, filed_at=MONDAY + 2 * DAY, due_at=DUE + 9 * DAY, granted_at=DUE + 5 * DAY, channel="post")
    ledger.process(7, due_at=None, granted_at=DUE, limit_unit=None)
    ledger.file(8, MONDAY - 10 * DAY)
    ledger.act(8, Action.RESOLVE_AT_ONCE, MONDAY)
    make_counter().take([ledger.batch("s")])


def ask(http: FlaskClient, first_on: str, last_on: str, **query: str) -> dict:
    period = {"from": first_on, "until": last_on, "now": NOW.isoformat()}
    answer = http.get("/v1/report", query_string={"sandbox_id": "s", **period, **query})
    assert answer.status_code == 200, answer.text
    return answer.json


def columns(answer: dict) -> list[int]:
    """Columns 3 to 13 of the total."""
    return [answer["total"]["columns"][name] for name in COLUMN_NAMES]


@pytest.mark.usefixtures("counted")
def test_week_and_the_week_after_join_up(http: FlaskClient) -> None:
    """On Sunday 10 June, dossiers 2 and 3 were late, 5 waited for its applicant, 6 had time."""
    first, second = ask(http, "2018-06-04", "2018-06-10"), ask(http, "2018-06-11", "2018-06-17")
    assert columns(first) == [7, 6, 1, 0, 3, 2, 1, 0, 4, 2, 2]
    assert columns(second) == [4, 0, 0, 4, 2, 1, 0, 1, 2, 1, 1]
    assert first["total"]["without_limit"] == {
        "received_online": 1, "received_direct_post": 0, "carried_over": 0, "resolved": 1, "pending": 0
    }  # fmt: skip
    assert first["as_of"] == "2018-06-10T16:59:59.999999+00:00"
    assert first["positions"] == {"0": 30}


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"ended_early": "as-due"}, [7, 6, 1, 0, 3, 2, 0, 1, 4, 2, 2]),
        ({"ended_early": "left-out"}, [6, 5, 1, 0, 2, 2, 0, 0, 4, 2, 2]),
        ({"suspended": "by-due"}, [7, 6, 1, 0, 3, 2, 1, 0, 4, 1, 3]),
        ({"period_by": "filing"}, [7, 5, 1, 1, 3, 2, 1, 0, 4, 2, 2]),
        ({"period_by": "filing", "ended_early": "left-out"}, [6, 4, 1, 1, 2, 2, 0, 0, 4, 2, 2]),
    ],
)
def test_rules_change_what_they_name(http: FlaskClient, rules, expected) -> None:
    answer = ask(http, "2018-06-04", "2018-06-10", **rules)
    assert columns(answer) == expected
    assert rules.items() <= answer["rules"].items()


@pytest.mark.usefixtures("counted")
def test_rows_are_by_group(http: FlaskClient) -> None:
    answer = ask(http, "2018-06-04", "2018-06-10", group_by="department,channel")
    assert [(row["department_code"], row["channel"], row["columns"]["received_total"]) for row in answer["rows"]] == [
        ("30", "online", 6),
        ("30", "post", 1),
    ]


@pytest.mark.usefixtures("counted")
def test_report_with_a_falsified_table_is_none(http: FlaskClient, database: Database) -> None:
    with database.transaction() as transaction:
        transaction.execute("DELETE FROM open_dossier WHERE number = 3")
    query = {"sandbox_id": "s", "from": "2018-06-04", "until": "2018-06-10", "now": NOW.isoformat()}
    answer = http.get("/v1/report", query_string=query)
    assert (answer.status_code, answer.json["code"]) == (500, "report-broken")


def test_sandbox_never_heard_of_has_an_empty_report(http: FlaskClient) -> None:
    answer = ask(http, "2018-06-04", "2018-06-10", sandbox_id="never-heard-of")
    assert (answer["rows"], columns(answer)) == ([], [0] * 11)
