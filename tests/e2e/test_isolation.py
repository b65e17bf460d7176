"""Two sandboxes with different clocks, seeds and keys see nothing of each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from motcua import Client
from motcua.client import ProblemError

from services.launcher.stack import Stack
from tests.support.files import A_PDF
from tests.support.filings import filing, filings
from tests.support.inside import Inside, sandbox_id_of

#: Routes that show the same to everyone, or only to the administrator.
COMMON = {
    "/api/v1/procedures",
    "/api/v1/procedures/{procedure_id}",
    "/api/v1/offices",
    "/api/v1/offices/{code}",
    "/api/v1/sandboxes",
    "/api/v1/payments/banks",
    "/api/v1/payments/error-codes",
    "/api/v1/declarations/kinds",
    # For anybody who has a dossier's code and the sandbox's id, by law; says nothing but how far it has come.
    "/api/v1/lookup/{dossier_id}",
}
#: Routes without an id: each sandbox sees its own.
OWN = {
    "/api/v1/sandbox",
    "/api/v1/dossiers",
    "/api/v1/clock",
    "/api/v1/statistics",
    "/api/v1/statistics/waiting",
    "/api/v1/payments",
    "/api/v1/declarations",
    "/api/v1/manifests",
    "/api/v1/gate-passages",
    "/api/v1/facilities",
    "/api/v1/settlement-reports",
    "/api/v1/risk-profiles",
    "/api/v1/audits",
    "/api/v1/violations",
    "/api/v1/cargo-ids",
    "/api/v1/register-events",
    "/api/v1/calendar",
    "/api/v1/calendar/overrides",
    "/api/v1/signing-authority",
}
#: Routes of what a dossier alone does not bring; asked for in tests of their own.
ELSEWHERE = {
    "/api/v1/payments/{payment_id}",
    "/api/v1/payments/bank/messages/{bank}/{message_id}",
    "/api/v1/treasury/statements/{day}",
    # Of a period that has to be given; counted by sandbox as statistics are.
    "/api/v1/reports/form-06",
    "/api/v1/reports/services",
    "/api/v1/reports/scores",
} | {
    f"/api/v1/{register}/{{number}}"
    for register in (
        "declarations",
        "manifests",
        "gate-passages",
        "facilities",
        "settlement-reports",
        "risk-profiles",
        "audits",
        "violations",
        "cargo-ids",
    )
}


@dataclass
class World:
    """A sandbox and what is in it."""

    client: Client
    sandbox_id: str
    dossier_ids: list[str]
    command_id: str

    def get(self, path: str) -> Any:
        """JSON of a GET."""
        return self.client.request("GET", path).json()


def make(admin: Client, count: int, *, seed: int, now: str) -> Iterator[World]:
    with admin.open_sandbox(
        name=f"seed {seed}", seed=seed, now=now, officer="human", unknown_declarations="adopt"
    ) as client:
        filed = client.file_many(filings(count))
        action = {"action": "receive", "actor": "officer"}
        path = f"/api/v1/dossiers/{filed.dossier_ids[0]}/actions"
        asked = client.request("POST", path, json=action).json()
        client.settle()
        yield World(client, sandbox_id_of(client), filed.dossier_ids, asked["command_id"])


@pytest.fixture
def ours(admin: Client) -> Iterator[World]:
    """Three dossiers in June 2018, one received."""
    yield from make(admin, 3, seed=1, now="2018-06-05T08:00:00+07:00")


@pytest.fixture
def theirs(admin: Client) -> Iterator[World]:
    """Five dossiers in March 2019, one received; a day off by decision."""
    for world in make(admin, 5, seed=2, now="2019-03-04T08:00:00+07:00"):
        world.client.override_calendar("2019-03-06", "off", name="Nghỉ do bão", decision_number="12/QĐ")
        yield world


def test_no_id_of_another_sandbox_is_found(ours: World, theirs: World) -> None:
    """Every GET route of the API that takes an id is asked for the other's."""
    uploaded = theirs.client.request(
        "POST", "/api/v1/attachments", data=A_PDF, headers={"Content-Type": "application/octet-stream"}
    )
    (paper, *_) = theirs.get(f"/api/v1/dossiers/{theirs.dossier_ids[0]}/papers")["items"]
    ids = {
        "attachment_id": uploaded.json()["attachment_id"],
        "paper_id": paper["paper_id"],
        "name": theirs.dossier_ids[0],
        "command_id": theirs.command_id,
        "sandbox_id": theirs.sandbox_id,
        "number": "1",  # of the decision
    }
    paths = ours.get("/openapi.json")["paths"]
    asked = set()
    for path in sorted(path for path, operations in paths.items() if "get" in operations):
        if path in COMMON | OWN | ELSEWHERE:
            continue
        full = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], path)
        assert theirs.client.request("GET", full).status_code == 200, path
        with pytest.raises(ProblemError) as refused:
            ours.client.request("GET", full)
        assert (refused.value.code, refused.value.status) == ("not-found", 404), path
        asked.add(path)
    assert asked >= {
        "/api/v1/dossiers/{name}",
        "/api/v1/dossiers/{name}/timeline",
        "/api/v1/dossiers/{name}/deadline",
        "/api/v1/dossiers/{name}/papers/{paper_id}",
        "/api/v1/attachments/{attachment_id}",
        "/api/v1/calendar/overrides/{number}",
        "/api/v1/actions/{command_id}",
        "/api/v1/sandboxes/{sandbox_id}",
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/dossiers/{dossier_id}/actions", {"action": "receive", "actor": "officer"}),
        ("/api/v1/sandboxes/{sandbox_id}/sign-in-links", {}),
    ],
)
def test_nothing_is_done_to_another_sandbox(ours: World, theirs: World, path: str, body: dict[str, str]) -> None:
    full = path.format(dossier_id=theirs.dossier_ids[1], sandbox_id=theirs.sandbox_id)
    with pytest.raises(ProblemError) as refused:
        ours.client.request("POST", full, json=body)
    assert refused.value.code == "not-found"
    theirs.client.settle()
    assert theirs.client.dossier(theirs.dossier_ids[1])["status"] == "submitted"


def test_lists_statistics_and_clocks_are_each_ones_own(stack: Stack, ours: World, theirs: World) -> None:
    before = {path: theirs.get(path) for path in sorted(OWN)}
    assert ours.get("/api/v1/sandbox")["sandbox_id"] == ours.sandbox_id
    assert [item["dossier_id"] for item in ours.client.dossiers()] == ours.dossier_ids[::-1]
    assert [item["dossier_id"] for item in theirs.client.dossiers()] == theirs.dossier_ids[::-1]
    assert ours.client.statistics()["total"]["filed"] == 3
    assert theirs.client.statistics()["total"]["filed"] == 5

    ours.client.advance(days=100)
    ours.client.set_clock("scaled", speed=1000)

    assert {path: theirs.get(path) for path in sorted(OWN)} == before
    assert theirs.client.clock()["now"] == "2019-03-04T01:00:00Z"
    assert Inside(stack).unfinished(theirs.sandbox_id) == {}


def test_an_idempotency_key_belongs_to_its_sandbox(ours: World, theirs: World) -> None:
    first = ours.client.file(filing("declaration-cancellation"), idempotency_key="the-same")
    other = theirs.client.file(filing("declaration-cancellation", applicant=9), idempotency_key="the-same")
    assert (first["number"], other["number"]) == (4, 6)
    assert ours.client.file(filing("declaration-cancellation"), idempotency_key="the-same") == first


def test_seeds_are_each_ones_own(stack: Stack, admin: Client) -> None:
    """The same filings at the same instant: another seed decides otherwise, the same seed alike."""
    ledgers = []
    for seed in (5, 6, 5):
        with admin.open_sandbox(seed=seed, now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt") as client:
            client.file_many(filings(40))
            client.advance(days=30)
            ledgers.append(Inside(stack).ledger(sandbox_id_of(client)))
    assert ledgers[0] != ledgers[1]
    assert ledgers[0] == ledgers[2]


def test_a_sandbox_key_lists_no_sandboxes(ours: World) -> None:
    with pytest.raises(ProblemError) as refused:
        ours.client.request("GET", "/api/v1/sandboxes")
    assert refused.value.code == "admin-key-needed"
