"""A decision on a sandbox's calendar moves the deadlines that are open, says which and by how much, and only those."""

from collections.abc import Iterator
from typing import Any

import pytest
from motcua import Client, ProblemError

from services.launcher.stack import Stack
from tests.support.filings import filing, filings
from tests.support.inside import Inside, sandbox_id_of
from tests.support.people import in_process, people

STORM: dict[str, Any] = {"name": "Nghỉ do bão", "decision_number": "12/QĐ-TCHQ"}


@pytest.fixture
def client(admin: Client) -> Iterator[Client]:
    with people(admin) as opened:
        yield opened


def test_a_day_off_moves_open_deadlines_by_one_working_day(client: Client) -> None:
    """Three dossiers: one whose limit goes over the day, one that is decided, one that isn't received."""
    moving, decided = (in_process(client, "refund-first", applicant=index) for index in (1, 2))
    client.file(filing("refund-first", applicant=3))
    client.act(decided, "grant", "officer")
    before = client.dossier(moving)
    assert before["due_at"] == "2018-06-13T10:00:00Z"

    override = client.override_calendar("2018-06-07", "off", **STORM)
    assert (override["number"], override["is_settled"], override["moved_count"]) == (1, True, 1)
    after = client.dossier(moving)
    assert after["due_at"] == "2018-06-14T10:00:00Z"
    assert after["version"] > before["version"]
    assert list(client.moved_deadlines(1)) == [
        {
            "dossier_id": moving,
            "before": "2018-06-13T10:00:00Z",
            "after": "2018-06-14T10:00:00Z",
            "moved_by": {"amount": 1, "unit": "working-days"},
        }
    ]
    last = client.timeline(moving)[-1]
    assert (last["action"], last["actor"], last["detail"]["decision_number"]) == (
        "reschedule",
        "system",
        STORM["decision_number"],
    )
    told = client.deadline(moving, explain=True)
    assert told["due_at"] == after["due_at"]
    (off,) = [
        entry
        for step in told["explanation"]["steps"]
        for entry in step["entries"]
        if entry["calendar_entry"] and entry["calendar_entry"]["decision_number"]
    ]
    assert (off["from_on"], off["counted"], off["basis"]) == ("2018-06-07", False, "decision")
    # What was decided before keeps the date that it had.
    assert client.deadline(decided)["due_at"] == client.dossier(decided)["due_at"] == "2018-06-13T10:00:00Z"


def test_each_day_of_a_swap_tells_what_it_moved(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    swap: dict[str, Any] = {"name": "Hoán đổi", "decision_number": "7/QĐ-TTg"}
    client.override_calendar("2018-06-08", "off", **swap)
    client.override_calendar("2018-06-09", "working", **swap)
    assert client.dossier(dossier_id)["due_at"] == "2018-06-13T10:00:00Z"  # as if nothing had been
    assert [one["day"] for one in client.calendar_overrides()] == ["2018-06-08", "2018-06-09"]
    moves = [[(one["before"][:10], one["after"][:10]) for one in client.moved_deadlines(day)] for day in (1, 2)]
    assert moves == [[("2018-06-13", "2018-06-14")], [("2018-06-14", "2018-06-13")]]
    days = {day["day"]: day for day in client.calendar("2018-06-07", "2018-06-10")}
    assert [day["is_working"] for day in days.values()] == [True, False, True, False]
    assert (days["2018-06-09"]["name"], days["2018-06-09"]["decision_number"]) == ("Hoán đổi", "7/QĐ-TTg")


def test_a_limit_in_hours_moves_by_hours(client: Client) -> None:
    dossier_id = in_process(client, "amendment-before-clearance")
    assert client.dossier(dossier_id)["due_at"] == "2018-06-05T03:00:00Z"
    client.override_calendar("2018-06-05", "off", **STORM)
    assert client.dossier(dossier_id)["due_at"] == "2018-06-06T03:00:00Z"
    (moved,) = client.moved_deadlines(1)
    assert moved["moved_by"] == {"amount": 8.0, "unit": "working-hours"}


def test_the_same_request_decides_once(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    for _ in range(2):
        override = client.override_calendar("2018-06-07", "off", **STORM, idempotency_key="once")
        assert (override["number"], override["moved_count"]) == (1, 1)
    assert len(client.calendar_overrides()) == 1
    assert client.dossier(dossier_id)["due_at"] == "2018-06-14T10:00:00Z"
    with pytest.raises(ProblemError) as caught:
        client.override_calendar("2018-06-08", "off", **STORM, idempotency_key="once")
    assert caught.value.code == "idempotency-key-reused"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"day": "1999-01-01"}, "day-outside-calendar", "/day"),
        ({"day": "7/6/2018"}, "invalid-body", "/day"),
        ({"kind": "holiday"}, "invalid-body", "/kind"),
        ({"name": " "}, "invalid-body", "/name"),
        ({"decision_number": None}, "invalid-body", "/decision_number"),
        ({"reason": "storm"}, "invalid-body", "/reason"),
    ],
)
def test_what_is_no_decision_is_refused(client: Client, changes: dict[str, str], code: str, pointer: str) -> None:
    body = {"day": "2018-06-07", "kind": "off", **STORM, **changes}
    with pytest.raises(ProblemError) as caught:
        client.request("POST", "/api/v1/calendar/overrides", json=body)
    assert (caught.value.code, caught.value.errors[0]["pointer"]) == (code, pointer)
    assert client.calendar_overrides() == []


def test_an_override_concerns_its_own_sandbox_alone(admin: Client, client: Client) -> None:
    with people(admin) as other:
        dossier_id = in_process(other, "refund-first")
        client.override_calendar("2018-06-07", "off", **STORM)
        assert other.calendar_overrides() == []
        assert other.dossier(dossier_id)["due_at"] == "2018-06-13T10:00:00Z"
        with pytest.raises(ProblemError, match="not-found"):
            list(other.moved_deadlines(1))


def test_counts_and_derived_dates_hold_after_a_decision_in_the_middle_of_much_work(
    stack: Stack, sandbox: Client
) -> None:
    """Many dossiers under way with robots, a day off and a worked Saturday between, then on to the end."""
    assert sandbox.file_many(filings(300)).problems == {}
    sandbox.advance(days=2)
    first = sandbox.override_calendar("2018-06-11", "off", **STORM)
    second = sandbox.override_calendar("2018-06-16", "working", name="Làm bù", decision_number="13/QĐ")
    assert first["is_settled"]
    assert second["is_settled"]
    assert first["moved_count"] > 0
    assert len(list(sandbox.moved_deadlines(1))) == first["moved_count"]
    assert all(one["moved_by"]["amount"] != 0 for one in sandbox.moved_deadlines(1) if one["moved_by"])
    for dossier in list(sandbox.dossiers())[:60]:
        assert sandbox.deadline(dossier["dossier_id"])["due_at"] == dossier["due_at"]
    assert sandbox.advance(days=120).is_counted
    assert sandbox.recount()["equal"]
    assert Inside(stack).unfinished(sandbox_id_of(sandbox)) == {}
