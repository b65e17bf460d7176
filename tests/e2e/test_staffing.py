"""Sandboxes with a staffing: opened, shown, and run by the real services."""

from typing import Any

import pytest
import requests
from motcua import Client, ProblemError

from services.launcher.stack import Stack
from tests.support.filings import filings
from tests.support.inside import Inside, sandbox_id_of

NOW = "2018-06-05T08:00:00+07:00"
TERMINAL = {"not-received", "withdrawn", "stopped", "returned"}


def staffing(officers: int, *, minutes: float = 20) -> dict[str, Any]:
    """One desk in each office."""
    return {
        "discipline": "first-come",
        "priorities": {},
        "skills": {"dossiers": ["*"]},
        "service": {"*": {"mean_minutes": minutes, "spread": "exponential"}},
        "shifts": {"day": {"hours": "office"}},
        "desks": [{"office": "*", "skill": "dossiers", "officers": officers, "shift": "day"}],
    }


def opened(admin: Client, who: dict[str, Any] | None, **more: Any) -> Client:
    return admin.open_sandbox(name="staffed", seed=7, now=NOW, unknown_declarations="adopt", staffing=who, **more)


def test_a_sandbox_shows_its_staffing(admin: Client, stack: Stack) -> None:
    with opened(admin, staffing(3)) as client:
        own = client.request("GET", "/api/v1/sandbox").json()
        page = requests.get(client.sign_in_link(), timeout=30).text
    assert (own["staffed"], own["staffing"]) == (True, staffing(3))
    assert "waits until one of them is free" in page or "công chức" in page
    listed = admin.request("GET", "/api/v1/sandboxes?limit=500").json()["items"]
    assert next(item for item in listed if item["sandbox_id"] == own["sandbox_id"])["staffed"] is True


def test_a_sandbox_without_one_says_so(sandbox: Client) -> None:
    own = sandbox.request("GET", "/api/v1/sandbox").json()
    assert (own["staffed"], own["staffing"]) == (False, None)


def test_what_doesnt_fit_together_is_refused_with_pointers(admin: Client) -> None:
    who = staffing(1)
    who["desks"].append({"office": "99XX", "skill": "goods", "officers": 1, "shift": "night"})
    with pytest.raises(ProblemError) as refused:
        opened(admin, who)
    assert refused.value.problem["status"] == 422
    assert [error["pointer"] for error in refused.value.problem["errors"]] == [
        "/staffing/desks/1/office",
        "/staffing/desks/1/skill",
        "/staffing/desks/1/shift",
    ]


def test_people_are_not_staffed(admin: Client) -> None:
    with pytest.raises(ProblemError) as refused:
        opened(admin, staffing(1), officer="human")
    assert refused.value.problem["errors"][0]["pointer"] == "/staffing"


def test_enough_officers_bring_every_dossier_to_its_end(admin: Client) -> None:
    with opened(admin, staffing(30)) as client:
        assert client.file_many(filings(300)).problems == {}
        client.advance(days=120)
        assert {dossier["status"] for dossier in client.dossiers()} <= TERMINAL
        total = client.statistics()["total"]
        assert total["open"]["total"] == 0
        assert client.recount()["equal"]


def test_too_few_let_dossiers_wait_and_be_overdue(admin: Client) -> None:
    with opened(admin, staffing(1, minutes=240)) as client:
        assert client.file_many(filings(300)).problems == {}
        client.advance(days=10)
        waiting = [dossier for dossier in client.dossiers() if dossier["status"] in {"received", "in-process"}]
        total = client.statistics()["total"]
        assert len(waiting) > 200
        assert total["open"]["overdue"] > 50
        # An overdue dossier that waits says what it says anywhere.
        detail = client.dossier(waiting[0]["dossier_id"])
        assert detail["due_at"] is not None
        assert client.recount()["equal"]


def test_the_same_staffing_gives_the_same_ledger_with_one_worker_and_with_two(admin: Client, stack: Stack) -> None:
    """Two sandboxes, one log in two, the other in eight partitions of work: each dossier has the same life."""
    lives = []
    for partitions in (2, 8):
        with opened(admin, staffing(2), partitions=partitions) as client:
            client.file_many(filings(200))
            client.advance(days=5)
            client.advance(days=40)
            facts = Inside(stack).facts(sandbox_id_of(client))
            lives.append(sorted((fact.number, fact.occurred_at, fact.action) for _, fact in facts))
    assert lives[0] == lives[1]
    assert len(lives[0]) > 600
