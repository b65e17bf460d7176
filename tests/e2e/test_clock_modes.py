"""Clocks that move by themselves, clocks that change their mode, and dossiers that only people move."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from motcua import Client
from motcua.client import ProblemError

from services.launcher.stack import Stack
from tests.support.filings import filing, filings
from tests.support.inside import Inside, sandbox_id_of
from tests.support.wait import until

TERMINAL = {"not-received", "withdrawn", "stopped", "returned"}
START = "2018-06-05T08:00:00+07:00"

#: The published table, but for the filing itself.
TRANSITIONS: list[dict[str, Any]] = [
    row
    for row in json.loads((files("services.contracts") / "published" / "lifecycle.json").read_text())["transitions"]
    if row["before"] is not None
]
PEOPLE = {"applicant", "officer", "leader"}
ACTIONS = sorted({row["action"] for row in TRANSITIONS if PEOPLE & set(row["actors"])})

#: What goes with an action that needs something.
DETAILS: Mapping[str, dict[str, Any]] = {
    "request-payment": {"amount_vnd": 200_000},
    "apologize": {"new_date_at": "2018-12-28T17:00:00+07:00"},
    "forward": {"to_level": "ministry"},
    "consult": {"unit": "Cục Kiểm định hải quan", "answer_by": "2018-06-08T17:00:00+07:00"},
    "reclassify": {"traits": {"track": "inspect-first"}},
    "rate": {"satisfaction": "satisfied"},
}

#: Procedures whose law has what an action is about; any other dossier is a refund.
PROCEDURES = {"complete-step": "bonded-warehouse-recognition", "extend": "aeo-recognition"}

#: What has to have been done before, beside what brings a dossier into its status.
BEFORE = {"give-opinion": ("consult", "officer")}

#: Steps that bring a new dossier into each status: status → (action, actor).
PATHS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "submitted": (),
    "received": (("receive", "officer"),),
    "not-received": (("refuse-intake", "officer"),),
    "in-process": (("receive", "officer"), ("start", "officer")),
    "supplement-requested": (("receive", "officer"), ("request-supplement", "officer")),
    "payment-requested": (("receive", "officer"), ("start", "officer"), ("request-payment", "officer")),
    "withdrawn": (("withdraw", "applicant"),),
    "stopped": (("receive", "officer"), ("start", "officer"), ("stop", "leader")),
    "processed": (("receive", "officer"), ("start", "officer"), ("grant", "leader")),
    "returned": (
        ("receive", "officer"),
        ("start", "officer"),
        ("refuse", "leader"),
        ("return-result", "officer"),
    ),
}


@pytest.fixture
def people(admin: Client) -> Iterator[Client]:
    """A sandbox in which only people decide; manual clock."""
    with admin.open_sandbox(name="people", now=START, officer="human", unknown_declarations="adopt") as client:
        yield client


def filed_into(people: Client, status: str, procedure_id: str = "refund-first") -> str:
    """A new dossier, brought into a status; its id."""
    dossier_id: str = people.file(filing(procedure_id))["dossier_id"]
    for action, actor in PATHS[status]:
        people.act(dossier_id, action, actor, detail=DETAILS.get(action))
    people.settle()
    assert people.dossier(dossier_id)["status"] == status
    return dossier_id


def now_of(client: Client) -> datetime:
    return datetime.fromisoformat(client.clock()["now"])


def assert_in_order(stack: Stack, client: Client) -> None:
    """In every mode: what is later in a partition's ledger didn't happen earlier."""
    for (partition, earlier), (next_partition, later) in pairwise(Inside(stack).facts(sandbox_id_of(client))):
        assert partition != next_partition or (
            later.position == earlier.position + 1 and later.occurred_at >= earlier.occurred_at
        )


# Clocks


def test_a_scaled_clock_moves_dossiers_by_itself(stack: Stack, admin: Client) -> None:
    """Filed in two parts, so that the second meets a partition that has run on meanwhile."""
    with admin.open_sandbox(seed=4, now=START, mode="scaled", speed=500_000, unknown_declarations="adopt") as client:
        client.file_many(filings(60))
        until(lambda: any(item["status"] != "submitted" for item in client.dossiers()), 20, what="a first step")
        client.file_many(filings(60))

        def is_nearly_done() -> bool:
            return sum(item["status"] in TERMINAL for item in client.dossiers()) > 100

        until(is_nearly_done, 60, what="most dossiers at their end")
        assert_in_order(stack, client)
        until(lambda: client.recount()["facts"] > 400, 20)
        assert client.recount()["equal"]


def test_a_real_clock_moves_dossiers_by_itself(stack: Stack, sandbox: Client) -> None:
    """Brought by hand to a second before the next step, then left to itself."""
    dossier_id = sandbox.file(filing("refund-first"))["dossier_id"]
    sandbox.settle()
    statement = "SELECT number, next_at FROM dossier WHERE sandbox_id = %s"
    ((_, next_at),) = Inside(stack).rows("processing", statement, sandbox_id_of(sandbox))
    sandbox.advance(to=next_at - timedelta(seconds=1))
    assert sandbox.dossier(dossier_id)["status"] == "submitted"

    sandbox.set_clock("real")

    until(lambda: sandbox.dossier(dossier_id)["status"] != "submitted", 10, what="the step in real time")
    moved = sandbox.timeline(dossier_id)[-1]
    assert datetime.fromisoformat(moved["occurred_at"]) == next_at
    assert next_at <= now_of(sandbox) < next_at + timedelta(seconds=30)


def test_time_never_goes_back_when_the_mode_changes(stack: Stack, sandbox: Client) -> None:
    sandbox.file_many(filings(50))
    shown = [now_of(sandbox)]
    for mode, speed in (
        ("scaled", 200_000),
        ("manual", 1),
        ("scaled", 100_000),
        ("real", 1),
        ("scaled", 50_000),
        ("manual", 1),
    ):
        answered = datetime.fromisoformat(sandbox.set_clock(mode, speed=speed)["now"])
        shown += [answered, now_of(sandbox), now_of(sandbox)]
        sandbox.file(filing("refund-first"))
    sandbox.settle()
    shown.append(now_of(sandbox))
    assert shown == sorted(shown)
    # The last mode is manual: time stands still, and goes on from there.
    assert shown[-1] == shown[-4]
    sandbox.advance(days=60)
    assert now_of(sandbox) == shown[-1] + timedelta(days=60)
    assert_in_order(stack, sandbox)
    assert sum(item["status"] in TERMINAL for item in sandbox.dossiers()) > 45
    assert Inside(stack).unfinished(sandbox_id_of(sandbox)) == {}


def test_a_clock_may_jump_ahead_and_not_back(sandbox: Client) -> None:
    dossier_id = sandbox.file(filing("refund-first"))["dossier_id"]
    with pytest.raises(ProblemError) as refused:
        sandbox.set_clock("scaled", speed=10, now="2018-06-04T08:00:00+07:00")
    assert refused.value.code == "clock-backwards"
    sandbox.set_clock("scaled", speed=10, now="2018-08-06T08:00:00+07:00")
    with pytest.raises(ProblemError) as refused:
        sandbox.advance(days=1)
    assert refused.value.code == "clock-not-manual"
    sandbox.settle()
    assert sandbox.dossier(dossier_id)["status"] in TERMINAL


def test_a_clock_left_alone_stops_before_the_calendar_ends(stack: Stack, admin: Client) -> None:
    """A million times as fast as life the calendar's end is minutes away: what is filed there is worked on, too."""
    with admin.open_sandbox(
        seed=4, now="2031-12-30T08:00:00+07:00", mode="scaled", speed=1_000_000, unknown_declarations="adopt"
    ) as client:
        until(lambda: now_of(client) == datetime(2031, 12, 31, tzinfo=UTC), 10, what="the clock at its end")
        dossier_id = client.file(filing("refund-first"))["dossier_id"]
        client.settle()
        assert client.dossier(dossier_id)["status"] == "submitted"
        assert client.timeline(dossier_id)[0]["action"] == "submit"
        assert Inside(stack).unfinished(sandbox_id_of(client)) == {}


# People


@pytest.mark.parametrize(
    "row",
    [row for row in TRANSITIONS if PEOPLE & set(row["actors"])],
    ids=lambda row: f"{row['before']}-{row['action']}",
)
def test_people_take_every_way_of_the_table(people: Client, row: Mapping[str, Any]) -> None:
    """In every status each action, by each who may."""
    action = row["action"]
    for actor in sorted(PEOPLE & set(row["actors"])):
        dossier_id = filed_into(people, row["before"], PROCEDURES.get(action, "refund-first"))
        if action in BEFORE:
            before, by = BEFORE[action]
            people.act(dossier_id, before, by, detail=DETAILS[before])
        if action == "resubmit":  # only for what was never received
            dossier_id = people.file(filing("refund-first"))["dossier_id"]
            people.act(dossier_id, "request-supplement", "officer")
        done = people.act(dossier_id, action, actor, note="as the table says", detail=DETAILS.get(action))
        assert done["status"] == row["after"]
        last = people.timeline(dossier_id)[-1]
        assert (last["action"], last["actor"], last["note"]) == (action, actor, "as the table says")
        assert done["version"] == last["position"]


def test_what_the_table_does_not_say_is_refused(stack: Stack, people: Client) -> None:
    for status in PATHS:
        dossier_id = filed_into(people, status)
        timeline = people.timeline(dossier_id)
        rows = {row["action"]: row for row in TRANSITIONS if row["before"] == status and row["action"] != "resubmit"}
        for action in ACTIONS:
            for actor in ("applicant", "officer", "leader"):
                if action in rows and actor in rows[action]["actors"]:
                    continue
                with pytest.raises(ProblemError) as refused:
                    people.act(dossier_id, action, actor, detail=DETAILS.get(action))
                wanted = "actor-not-allowed" if action in rows else "illegal-transition"
                assert refused.value.code == wanted, (status, action, actor)
        assert people.timeline(dossier_id) == timeline
    assert Inside(stack).unfinished(sandbox_id_of(people)) == {}


def test_of_two_who_act_at_once_one_is_told_no(people: Client) -> None:
    """The door may not have heard of the first when the second comes: then processing refuses."""
    dossier_id = filed_into(people, "submitted")
    path = f"/api/v1/dossiers/{dossier_id}/actions"
    outcomes: list[str] = []
    asked: list[str] = []
    for action in ("receive", "refuse-intake", "receive"):
        try:
            asked.append(people.request("POST", path, json={"action": action, "actor": "officer"}).json()["command_id"])
        except ProblemError as error:
            outcomes.append(error.code)
    people.settle()
    told = [people.request("GET", f"/api/v1/actions/{command_id}").json()["outcome"] for command_id in asked]
    assert told + outcomes == ["done", "illegal-transition", "illegal-transition"]
    assert people.dossier(dossier_id)["status"] == "received"
    assert [entry["refusal"] for entry in people.timeline(dossier_id)] == [None, None, *(told[1:])]


@pytest.mark.parametrize("status", ["supplement-requested", "payment-requested"])
def test_silence_ends_a_dossier_of_people_too(people: Client, status: str) -> None:
    """Thirty working days after the request, at the end of office hours."""
    dossier_id = filed_into(people, status, "declaration-cancellation")
    untouched = filed_into(people, "in-process")
    people.advance(to="2018-07-17T16:59:59+07:00")
    assert people.dossier(dossier_id)["status"] == status
    people.advance(seconds=1)
    stopped = people.timeline(dossier_id)[-1]
    assert (stopped["status"], stopped["actor"]) == ("stopped", "clock")
    assert stopped["reason"] == ("unpaid" if status == "payment-requested" else "applicant-silent")
    people.advance(days=200)
    assert people.dossier(untouched)["status"] == "in-process"
    assert people.dossier(untouched)["is_overdue"]
