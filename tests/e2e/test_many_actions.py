"""Many actions in one request: carried out in their order, each told what became of it, a bad one harming no other."""

from collections.abc import Iterator

import pytest
from motcua import Client

from tests.support.filings import filing


@pytest.fixture
def office(admin: Client) -> Iterator[Client]:
    """A sandbox in which people decide."""
    now = "2018-06-05T08:00:00+07:00"
    with admin.open_sandbox(name="many", seed=7, now=now, officer="human", unknown_declarations="adopt") as client:
        yield client


def file(office: Client, count: int) -> list[str]:
    filed = office.file_many(filing("declaration-cancellation", applicant=index) for index in range(count))
    office.settle()
    return filed.dossier_ids


def act(dossier_id: str, action: str, actor: str = "officer", **more: object) -> dict[str, object]:
    return {"dossier_id": dossier_id, "action": action, "actor": actor, **more}


def test_a_script_takes_dossiers_from_receipt_to_result(office: Client) -> None:
    ids = file(office, 40)
    script = [("receive", "officer"), ("start", "officer"), ("grant", "leader"), ("return-result", "officer")]
    results = office.act_many((act(one, *step) for step in script for one in ids), wait_seconds=30)
    assert [(result["line"], result["outcome"]) for result in results] == [(line, "done") for line in range(1, 161)]
    assert {office.dossier(one)["status"] for one in ids} == {"returned"}
    steps = [entry["action"] for entry in office.timeline(ids[0])]
    assert steps == ["submit", "receive", "start", "grant", "return-result"]
    asked = office.request("GET", f"/api/v1/actions/{results[0]['command_id']}").json()
    assert (asked["outcome"], asked["dossier_id"]) == ("done", ids[0])


def test_each_line_is_answered_by_itself(office: Client) -> None:
    first, second = file(office, 2)
    results = office.act_many(
        [
            act(first, "receive"),
            act(first, "grant", "leader"),  # seen by processing alone: the line before it comes first
            act(second, "grant", "leader"),  # seen at once
            act("000.00.00.G12-180605-000099", "receive"),
            act(second, "receive", version=999),
            act(second, "receive", "applicant"),
            act(second, "apologize", detail={"new_date_at": "soon"}),
            {"dossier_id": second, "action": "receive"},
            act(second, "receive"),
        ],
        wait_seconds=30,
    )
    outcomes = [result["problem"]["code"] if "problem" in result else result["outcome"] for result in results]
    assert outcomes == [
        "done",
        "illegal-transition",
        "illegal-transition",
        "not-found",
        "stale-version",
        "actor-not-allowed",
        "invalid-body",
        "invalid-body",
        "done",
    ]
    assert {office.dossier(one)["status"] for one in (first, second)} == {"received"}
    pointers = [error["pointer"] for error in results[6]["problem"]["errors"]]
    assert pointers == ["/detail/new_date_at"]


def test_the_same_key_acts_once(office: Client) -> None:
    (one,) = file(office, 1)
    body = f'{{"dossier_id": "{one}", "action": "receive", "actor": "officer"}}\n'.encode()
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "twice"}
    answers = [office.request("POST", "/api/v1/actions", data=body, headers=headers).text for _ in range(2)]
    office.settle()
    assert answers[0] == answers[1]
    assert [entry["action"] for entry in office.timeline(one)] == ["submit", "receive"]


def test_another_sandboxs_dossiers_are_not_found(office: Client, sandbox: Client) -> None:
    (one,) = file(office, 1)
    (result,) = sandbox.act_many([act(one, "receive")])
    assert result["problem"]["code"] == "not-found"


def test_more_lines_than_allowed_are_refused_together(office: Client) -> None:
    line = b'{"dossier_id": "x", "action": "receive", "actor": "officer"}\n'
    headers = {"Content-Type": "application/x-ndjson"}
    with pytest.raises(Exception, match="too-many-lines"):
        office.request("POST", "/api/v1/actions", data=line * 10_001, headers=headers)
