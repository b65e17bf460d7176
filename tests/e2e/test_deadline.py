"""How a due date came about, over the real services: what the portal derives is what processing acted on."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest
import requests
from motcua import Client

from tests.support.filings import filing, filings
from tests.support.people import in_process, people


@pytest.fixture
def client(admin: Client) -> Iterator[Client]:
    with people(admin) as opened:
        yield opened


def test_what_is_derived_is_what_processing_said_whatever_happened(sandbox: Client) -> None:
    """A robot's dossiers of all procedures, looked at while they are under way, and again at their end."""
    assert sandbox.file_many(filings(208)).problems == {}
    seen: set[str] = set()
    for days in (3, 20, 60):
        sandbox.advance(days=days)
        for dossier in sandbox.dossiers():
            told = sandbox.deadline(dossier["dossier_id"], explain=True)
            seen.add(dossier["status"])
            assert told["due_at"] == dossier["due_at"], (dossier, told)
            assert told["is_overdue"] == dossier["is_overdue"]
            assert told["timeliness"] == dossier["timeliness"]
            if dossier["received_at"] is None or told["rule"] is None:
                assert told["explanation"] is None
                continue
            assert told["explanation"]["due_at"] == told["due_at"]
            assert told["limit_unit"] == dossier["limit_unit"]
    assert {"in-process", "supplement-requested", "returned"} <= seen


def test_every_day_between_receipt_and_due_is_told_once(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    told = client.deadline(dossier_id, explain=True)
    assert (told["limit"]["amount"], told["limit"]["unit"]) == (6, "working-days")
    steps = [step for step in told["explanation"]["steps"] if step["within"] is None]
    for step in steps:
        entries = step["entries"]
        assert entries[0]["from_at"] == step["started_at"]
        assert entries[-1]["until_at"] == step["due_at"]
        for earlier, later in pairwise(entries):
            assert earlier["until_at"] == later["from_at"]
        assert sum(entry["amount"] for entry in entries if entry["counted"]) == step["limit"]["amount"]
        assert all(entry["text"]["vi"] and entry["text"]["en"] for entry in entries)
    assert [step["due_at"] for step in told["steps"] if step["within"] is None][-1] == told["due_at"]
    assert client.deadline(dossier_id)["explanation"] is None


def test_a_supplement_suspends_and_the_explanation_says_so(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    due_before = client.dossier(dossier_id)["due_at"]
    client.act(dossier_id, "request-supplement", "officer", reason="incomplete")
    waiting = client.deadline(dossier_id, explain=True)
    assert (waiting["due_at"], waiting["is_suspended"]) == (None, True)
    assert waiting["terms"]["silence"]["ends_at"] > due_before
    assert waiting["terms"]["supplement_notice"]["done_at"] is not None
    client.advance(days=7)
    dossier = client.act(dossier_id, "supplement", "applicant")
    told = client.deadline(dossier_id, explain=True)
    assert told["due_at"] == dossier["due_at"] > due_before
    assert len(told["suspensions"]) == 1
    kinds = {entry["kind"] for step in told["explanation"]["steps"] for entry in step["entries"]}
    assert "suspended" in kinds
    assert [turn["effect"] for turn in told["turns"]] == ["start", "suspend", "continue"]


def test_an_apology_puts_a_date_beside_the_due_date(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    due_at = client.dossier(dossier_id)["due_at"]
    detail = {"new_date_at": "2018-07-20T17:00:00+07:00"}
    dossier = client.act(dossier_id, "apologize", "officer", reason="workload", detail=detail)
    told = client.deadline(dossier_id)
    assert told["due_at"] == dossier["due_at"] == due_at
    assert told["new_date_at"] == dossier["new_date_at"] == "2018-07-20T10:00:00Z"
    assert told["terms"]["apology"]["done_at"] is not None
    client.advance(days=15)
    late = client.deadline(dossier_id)
    assert (late["is_overdue"], late["due_at"]) == (True, due_at)


def test_paper_is_handed_on_and_a_dossier_that_is_not_received_has_no_deadline(client: Client) -> None:
    filed = client.file(filing("refund-first", channel="post"))
    before = client.deadline(filed["dossier_id"], explain=True)
    assert (before["due_at"], before["rule"], before["explanation"]) == (None, None, None)
    client.act(filed["dossier_id"], "receive", "officer")
    handed_on = client.deadline(filed["dossier_id"])["terms"]["handed_on"]
    assert datetime.fromisoformat(handed_on["due_at"]).hour == 10  # five in the afternoon of the same day
    assert handed_on["done_at"] is None


def test_the_page_says_it_too(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    with requests.Session() as session:
        session.trust_env = False
        home = session.get(client.sign_in_link(), timeout=30)
        page = session.get(f"{home.url.rstrip('/')}/dossiers/{dossier_id}/deadline", timeout=30).text
    assert "Cách tính hạn trả kết quả" in page
    assert "Thứ Ba 05/06/2018" in page
