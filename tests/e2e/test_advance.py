"""Moving a manual clock: everything due on the way happens, in order, and the answer comes only then."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise

import pytest
import requests
from motcua import Advanced, Client, ProblemError

from services.launcher.stack import Stack
from tests.support.filings import filings
from tests.support.inside import Inside, sandbox_id_of

TERMINAL = {"not-received", "withdrawn", "stopped", "returned"}


def test_sixty_days_over_a_thousand_dossiers(stack: Stack, sandbox: Client) -> None:
    """One test, one run: what is read right after the answer is the final state."""
    inside, sandbox_id = Inside(stack), sandbox_id_of(sandbox)
    assert sandbox.file_many(filings(1000)).problems == {}
    before = sandbox.clock()["now"]

    advanced = sandbox.advance(days=60)

    # Asked before anything else: nothing may still be on its way.
    counts = sandbox.statistics()
    dossiers = list(sandbox.dossiers())
    assert inside.unfinished(sandbox_id) == {}
    assert (advanced.is_settled, advanced.is_counted) == (True, True)
    assert before == "2018-06-05T01:00:00Z"
    assert advanced.now.isoformat() == "2018-08-04T01:00:00+00:00"

    ledger = inside.facts(sandbox_id)
    for earlier, later in pairwise(ledger):
        if earlier[0] == later[0]:
            before, after = earlier[1], later[1]
            assert after.position == before.position + 1
            assert after.occurred_at >= before.occurred_at
            assert after.occurred_at > before.occurred_at or after.number >= before.number  # ties: lower number first
    assert {row[0] for row in ledger} == {0, 1}
    assert (
        max(fact.occurred_at for _, fact in ledger) <= advanced.now
    )  # in every partition, wherever the latest one lies
    assert inside.due_steps(sandbox_id) == 0

    assert len(dossiers) == 1000
    assert {dossier["number"]: dossier["status_code"] for dossier in dossiers} == inside.statuses(sandbox_id)
    finished = sum(dossier["status"] in TERMINAL for dossier in dossiers)
    assert finished > 900
    assert counts["total"]["filed"] == 1000
    assert counts["total"]["open"]["total"] + counts["total"]["awaiting_receipt"] == 1000 - finished - sum(
        dossier["status"] == "processed" for dossier in dossiers
    )


def test_what_is_filed_for_later_waits_for_its_instant(stack: Stack, sandbox: Client) -> None:
    """Dossiers filed ahead lie among those of today; each is submitted when its time comes, in order."""
    ahead = ["2018-06-07T09:00:00+07:00", "2018-06-05T08:00:00+07:00", "2018-06-06T23:59:00+07:00", None]
    lines = [
        {**line, "filed_at": at} if at else line for line, at in zip(filings(40), itertools.cycle(ahead), strict=False)
    ]
    filed = sandbox.file_many(lines)
    assert filed.problems == {}

    sandbox.advance(to="2018-06-06T23:58:59+07:00")
    assert [len(sandbox.timeline(dossier_id)) > 0 for dossier_id in filed.dossier_ids] == [
        False,
        True,
        False,
        True,
    ] * 10
    sandbox.advance(minutes=1)  # past the minute of the third
    assert [len(sandbox.timeline(dossier_id)) > 0 for dossier_id in filed.dossier_ids] == [False, True, True, True] * 10
    sandbox.advance(days=60)

    for dossier_id, line in zip(filed.dossier_ids, lines, strict=True):
        submitted = sandbox.timeline(dossier_id)[0]
        wanted = datetime.fromisoformat(line.get("filed_at", "2018-06-05T08:00:00+07:00"))
        assert (submitted["action"], datetime.fromisoformat(submitted["occurred_at"])) == ("submit", wanted)
    assert Inside(stack).unfinished(sandbox_id_of(sandbox)) == {}


def test_many_waiting_at_once_all_get_what_they_waited_for(admin: Client) -> None:
    """More than the portal has seats for: those who find none ask again."""
    sandboxes = [
        admin.open_sandbox(name="crowded", now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt")
        for _ in range(40)
    ]

    def go(sandbox: Client) -> bool:
        sandbox.file_many(filings(5))
        return sandbox.advance(days=30).is_settled

    with ThreadPoolExecutor(max_workers=40) as pool:
        assert all(pool.map(go, sandboxes))


def test_waiting_for_one_step_of_several(sandbox: Client) -> None:
    """Who files ahead waits for an earlier step, not for all that has been asked since."""
    sandbox.file_many(filings(200))
    first = sandbox.advance(days=1, wait_seconds=0)
    second = sandbox.advance(days=60, wait_seconds=0)
    assert first.sequences != second.sequences

    settled = sandbox.settle(upto=first)
    assert (settled.is_settled, settled.sequences) == (True, first.sequences)
    assert sandbox.settle().sequences == second.sequences

    unheard_of = Advanced(second.now, False, False, {name: last + 1 for name, last in second.sequences.items()})
    with pytest.raises(ProblemError) as refused:
        sandbox.settle(upto=unheard_of)
    assert (refused.value.code, refused.value.status) == ("sequence-not-given", 422)


@pytest.mark.parametrize("counted", [0, 1, "true", None])
def test_whether_to_wait_for_the_counts_is_true_or_false(sandbox: Client, counted: object) -> None:
    assert sandbox.settle(must_be_counted=False).is_settled
    with pytest.raises(ProblemError) as refused:
        sandbox.request("POST", "/api/v1/clock/settle", json={"counted": counted})
    assert refused.value.code == "invalid-body"


def test_an_advance_that_is_asked_again_under_its_key_waits_for_what_it_asked(sandbox: Client) -> None:
    def ask() -> requests.Response:
        body = {"by": "P1D", "wait_seconds": 60}
        return sandbox.request("POST", "/api/v1/clock/advance", json=body, headers={"Idempotency-Key": "first"})

    first = ask().json()
    sandbox.advance(days=1)
    again = ask().json()
    assert again["sequences"] == first["sequences"]
    assert again["is_settled"]
    assert again["now"] == "2018-06-07T01:00:00Z"  # moved once by this and once by the other
