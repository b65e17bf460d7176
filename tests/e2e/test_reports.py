"""The official report on the real stack: what metrics counted is what the ledger says, counted by hand."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import openpyxl
import pytest
import requests
from motcua import Client, ProblemError

from services.contracts.counting_rules import ApologyRule, CountingRules, EarlyEnd, PeriodBy, SuspendedRule
from services.contracts.form06 import COLUMN_NAMES
from services.launcher.stack import Stack
from services.metrics.application.ports import Selection
from tests.support.filings import filing, filings
from tests.support.inside import Inside, sandbox_id_of
from tests.support.reports import reference_report


def report(client: Client, **query: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.request("GET", "/api/v1/reports/form-06", params=query).json()
    return answer


def columns(found: dict[str, Any]) -> list[int]:
    """Columns 3 to 13 of the total."""
    return [found["total"]["columns"][name] for name in COLUMN_NAMES]


@pytest.fixture(scope="module")
def worked(stack: Stack) -> Iterator[Client]:
    """A robot's sandbox of two months: every procedure, some filed later than others, some still open."""
    with (
        Client(stack.portal_url, stack.admin_key) as admin,
        admin.open_sandbox(
            name="reports", seed=11, now="2018-05-07T08:00:00+07:00", unknown_declarations="adopt"
        ) as client,
    ):
        for week in range(8):
            wanted = filings(150)
            filed = client.file_many(
                {**one, "channel": ("online", "online", "post", "in-person")[(index + week) % 4]}
                for index, one in enumerate(wanted)
            )
            assert not filed.problems, filed.problems[:3]
            client.advance(days=7)
        yield client


def test_report_is_what_the_ledger_says_counted_by_hand(worked: Client, stack: Stack) -> None:
    facts = [fact for _, fact in Inside(stack).facts(sandbox_id_of(worked))]
    now = datetime.fromisoformat(worked.clock()["now"]).astimezone(UTC)
    periods = [("2018-05-07", "2018-05-31"), ("2018-06-01", "2018-06-30"), ("2018-06-04", "2018-07-02")]
    for (first_on, last_on), choice in zip(
        periods * 8, product(PeriodBy, EarlyEnd, ApologyRule, SuspendedRule), strict=True
    ):
        rules = CountingRules(*choice)
        selection = Selection("s", now, date.fromisoformat(first_on), date.fromisoformat(last_on))
        wanted = {name: value for name, value in rules.to_wire().items() if name != "supplement"}
        found = report(worked, **{"from": first_on}, to=last_on, **wanted)
        by_hand = reference_report(facts, selection, rules)
        assert columns(found) == [getattr(by_hand.columns, name) for name in COLUMN_NAMES]
        assert found["total"]["without_limit"] == {
            name: getattr(by_hand.without_limit, name) for name in found["total"]["without_limit"]
        }
        assert found["rules"] == rules.to_wire()


def test_periods_join_up_for_every_procedure(worked: Client) -> None:
    may, june = (report(worked, rows="procedure", **{"from": f"2018-{month}"}, to=f"2018-{end}")
                 for month, end in (("05-01", "05-31"), ("06-01", "06-30")))  # fmt: skip
    pending = {line["key"]: line["columns"]["pending_total"] for line in may["lines"]}
    carried = {line["key"]: line["columns"]["carried_over"] for line in june["lines"]}
    assert sum(pending.values()) > 0
    assert {key: number for key, number in carried.items() if number} == {
        key: number for key, number in pending.items() if number
    }
    assert may["total"]["columns"]["carried_over"] == 0


def test_departments_add_up_to_the_whole_and_offices_to_their_department(worked: Client) -> None:
    period = {"from": "2018-05-01", "to": "2018-06-30"}
    whole = columns(report(worked, **period))
    parts = [columns(report(worked, **period, unit=unit)) for unit in ("02", "03", "30")]
    assert [sum(numbers) for numbers in zip(*parts, strict=True)] == whole
    offices = [columns(report(worked, **period, unit=unit)) for unit in ("30CF", "30BB", "30BE")]
    assert [sum(numbers) for numbers in zip(*offices, strict=True)] == parts[2]


def test_fields_of_work_add_up_to_the_whole(worked: Client) -> None:
    period = {"from": "2018-05-01", "to": "2018-06-30"}
    whole = report(worked, **period)
    sectors = [line for line in whole["lines"] if line["kind"] == "sector"]
    assert len(sectors) > 2
    for line in sectors:
        alone = report(worked, **period, field=line["key"])
        assert alone["total"]["columns"] == line["columns"]
        assert alone["field"] == line["key"]


def test_files_hold_what_json_says(worked: Client) -> None:
    query = {"from": "2018-05-01", "to": "2018-06-30", "unit": "30"}
    found = worked.report("2018-05-01", "2018-06-30", unit="30")
    expected = [
        [line["number"], line["name"]["vi"], *line["columns"].values()] for line in (*found["lines"], found["total"])
    ]
    as_csv = worked.request("GET", "/api/v1/reports/form-06", params=query, headers={"Accept": "text/csv"})
    assert as_csv.headers["Content-Type"].startswith("text/csv")
    lines = [
        line for line in csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"))) if line[13] != "khong-thoi-han"
    ]
    assert [line[:13] for line in lines[1:]] == [[str(cell) for cell in line] for line in expected]
    as_xlsx = worked.report_file("xlsx", "2018-05-01", "2018-06-30", unit="30")
    assert as_xlsx == worked.report_file("xlsx", "2018-05-01", "2018-06-30", unit="30")
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=13)]
    for number, *line in expected:
        assert [number, *line] in [[row[0] or "", *row[1:]] for row in rows]


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ({"from": None}, "invalid-query", "/from"),
        ({"to": None}, "invalid-query", "/to"),
        ({"from": "7 May"}, "invalid-query", "/from"),
        ({"from": "2018-06-30", "to": "2018-06-01"}, "invalid-query", "/to"),
        ({"unit": "3"}, "invalid-query", "/unit"),
        ({"unit": "ZZ"}, "unknown-unit", None),
        ({"unit": "ZZZZ"}, "unknown-unit", None),
        ({"field": "fishing"}, "invalid-query", "/field"),
        ({"rows": "x"}, "invalid-query", "/rows"),
        ({"period_by": "x"}, "invalid-query", "/period_by"),
        ({"ended_early": "x"}, "invalid-query", "/ended_early"),
        ({"apology": "x"}, "invalid-query", "/apology"),
        ({"suspended": "x"}, "invalid-query", "/suspended"),
        ({"format": "pdf"}, "invalid-query", "/format"),
        ({"page": "2"}, "invalid-query", "/page"),
        ({"to": "2018-07-03"}, "period-ahead", None),
    ],
)
def test_each_wrong_parameter_is_its_own_problem(worked: Client, query, code, pointer) -> None:
    wanted = {"from": "2018-05-01", "to": "2018-06-30", **query}
    with pytest.raises(ProblemError) as caught:
        report(worked, **{name: value for name, value in wanted.items() if value is not None})
    assert (caught.value.problem["status"], caught.value.code) == (422, code)
    assert [error["pointer"] for error in caught.value.problem.get("errors", [])] == ([pointer] if pointer else [])
    assert caught.value.problem["detail_vi"]


def test_services_are_counted_since_the_start_of_the_year(worked: Client) -> None:
    found = worked.services()
    assert (found["from"], found["to"]) == ("2018-01-01", "2018-07-02")
    whole = worked.statistics(group_by="channel")
    online = next(row for row in whole["rows"] if row["channel"] == "online")
    # Procedures at level 1 or 2 can't be filed online: what is counted is what there is online.
    assert found["total"]["online_received"] == online["received"]
    assert found["total"]["online_resolved"] == online["resolved"]["total"]
    assert found["total"]["on_time"]["numerator"] == online["resolved"]["early"] + online["resolved"]["on_time"]
    assert all(item["level"] >= 3 for item in found["items"])


def test_scores_follow_from_the_report_of_the_quarter(worked: Client) -> None:
    found = worked.scores(quarter="2018-Q2")
    quarter = report(worked, **{"from": "2018-04-01"}, to="2018-06-30")["total"]["columns"]
    points = {index["number"]: index["points"] for index in found["whole"]["indices"]}
    resolved = quarter["resolved_total"]
    average = (2 * quarter["resolved_before_due"] + quarter["resolved_on_time"]) / resolved
    assert points[1] == pytest.approx(average, abs=0.0501)
    assert (found["whole"]["most_points"], points[2]) == (6, None)
    assert {unit["unit"]["code"] for unit in found["units"]} == {"02", "03", "30"}
    assert sum(unit["counts"]["resolved"] for unit in found["units"]) == found["whole"]["counts"]["resolved"]


def test_recount_of_the_months_is_equal(worked: Client) -> None:
    assert worked.recount()["equal"]


def test_another_sandbox_sees_nothing_of_it(worked: Client, sandbox: Client) -> None:
    assert columns(report(sandbox, **{"from": "2018-05-01"}, to="2018-06-05")) == [0] * 11


@pytest.fixture
def desk(admin: Client) -> Iterator[Client]:
    """A sandbox in which people decide, on Monday 4 June 2018 at eight."""
    with admin.open_sandbox(
        name="people", officer="human", now="2018-06-04T08:00:00+07:00", unknown_declarations="adopt"
    ) as client:
        yield client


def in_process(client: Client) -> str:
    """A dossier with five working days, received and taken up."""
    dossier_id: str = client.file(filing("amendment-after-clearance"))["dossier_id"]
    for action in ("receive", "start"):
        client.act(dossier_id, action, "officer")
    return dossier_id


def test_apology_supplement_withdrawal_and_rating_count_as_the_rules_say(desk: Client) -> None:
    """Four dossiers of one day: one granted late after an apology, one waiting, one withdrawn late, one rated."""
    late, waiting, withdrawn, rated = (in_process(desk) for _ in range(4))
    desk.act(rated, "grant", "officer")
    desk.act(rated, "return-result", "officer")
    desk.act(rated, "rate", "applicant", detail={"satisfaction": "very-satisfied"})
    desk.act(waiting, "request-supplement", "officer", reason="incomplete", note="Thiếu hợp đồng.")
    due_at = datetime.fromisoformat(desk.dossier(late)["due_at"])
    new_date_at = due_at + timedelta(days=30)
    desk.act(late, "apologize", "officer", detail={"new_date_at": new_date_at.isoformat()}, reason="complex")
    desk.advance(to=due_at + timedelta(days=3))
    desk.act(withdrawn, "withdraw", "applicant")
    desk.act(late, "grant", "officer")
    desk.settle()
    today = desk.clock()["now"][:10]
    period = {"from": "2018-06-04", "to": today}
    assert columns(report(desk, **period)) == [4, 4, 0, 0, 3, 1, 1, 1, 1, 1, 0]
    assert columns(report(desk, **period, apology="new-date")) == [4, 4, 0, 0, 3, 2, 1, 0, 1, 1, 0]
    assert columns(report(desk, **period, suspended="by-due")) == [4, 4, 0, 0, 3, 1, 1, 1, 1, 0, 1]
    assert columns(report(desk, **period, ended_early="as-due")) == [4, 4, 0, 0, 3, 1, 0, 2, 1, 1, 0]
    assert columns(report(desk, **period, ended_early="left-out")) == [3, 3, 0, 0, 2, 1, 0, 1, 1, 1, 0]
    # The day before they were resolved, both late ones were pending and overdue.
    day_before = (datetime.fromisoformat(today) - timedelta(days=1)).date().isoformat()
    before = {"from": "2018-06-04", "to": day_before}
    assert columns(report(desk, **before)) == [4, 4, 0, 0, 1, 1, 0, 0, 3, 1, 2]
    assert columns(report(desk, **before, apology="new-date")) == [4, 4, 0, 0, 1, 1, 0, 0, 3, 2, 1]
    assert columns(report(desk, **before, ended_early="left-out")) == [3, 3, 0, 0, 1, 1, 0, 0, 2, 1, 1]
    assert desk.services()["total"]["satisfaction"]["very_satisfied"] == 1
    assert desk.recount()["equal"]


def test_green_declaration_is_received_and_resolved_at_once(desk: Client) -> None:
    """One fact, from filed to returned: taken on, resolved before due, never pending."""
    form = {**filing("clearance-documentary-check")["form"], "customs_channel": "green"}
    filed = desk.file({**filing("clearance-documentary-check"), "form": form})
    desk.settle()
    assert desk.dossier(filed["dossier_id"])["status"] == "returned"
    assert columns(report(desk, **{"from": "2018-06-04"}, to="2018-06-04")) == [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def test_page_shows_the_same_report_and_gives_the_same_files(worked: Client) -> None:
    query = {"from": "2018-05-01", "to": "2018-06-30", "unit": "30", "ended_early": "as-due"}
    with requests.Session() as session:
        session.trust_env = False
        url = session.get(worked.sign_in_link(), timeout=30).url.rstrip("/")
        page = session.get(f"{url}/reports", params={**query, "lang": "en"}, timeout=30)
        file = session.get(f"{url}/reports/form-06.xlsx", params=query, timeout=30)
    assert (page.status_code, file.status_code) == (200, 200)
    total = re.search(r'<tr class="mc-total">.*?</tr>', page.text, re.DOTALL)
    assert total is not None
    shown = [int(text.replace(",", "")) for text in re.findall(r"numeric[^>]*>([\d,]+)</td>", total[0])]
    assert shown == columns(report(worked, **query))
    assert file.content == worked.report_file("xlsx", "2018-05-01", "2018-06-30", unit="30", ended_early="as-due")
