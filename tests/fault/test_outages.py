"""Parts that are away for a while: the door stays open, time goes on, and what was promised is there afterwards."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import psutil
import psycopg
from motcua import Client

from services.launcher.stack import Stack
from tests.support.chaos import Way, strike
from tests.support.filings import filing, filings
from tests.support.inside import Inside, sandbox_id_of
from tests.support.retrying import settle
from tests.support.wait import until

START = "2018-06-05T08:00:00+07:00"
TERMINAL = {"not-received", "withdrawn", "stopped", "returned"}

#: All of processing.
PROCESSING = ("processing-timekeeper", "processing-relay", "processing-worker")


def opened(stack: Stack, **options: object) -> Client:
    with Client(stack.portal_url, stack.admin_key) as admin:
        return admin.open_sandbox(seed=5, now=START, **options, unknown_declarations="adopt")


def family_of(stack: Stack, name: str) -> list[psutil.Process]:
    """A process and what it has started."""
    main = psutil.Process(stack.pid_of(name))
    return [main, *main.children(recursive=True)]


@contextmanager
def standing_still(stack: Stack, names: tuple[str, ...]) -> Iterator[None]:
    """Processes that neither work nor end: for less than the time after which they would be started anew."""
    stopped = [process for name in names for process in family_of(stack, name)]
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            process.send_signal(signal.SIGCONT)


def assert_whole(stack: Stack, sandbox: Client) -> None:
    """Nothing lost, nothing twice, nothing out of order, all of it counted."""
    inside, sandbox_id = Inside(stack), sandbox_id_of(sandbox)
    until(lambda: inside.unfinished(sandbox_id) == {}, 20, what="a clean state")
    ledger = inside.facts(sandbox_id)
    for (partition, earlier), (next_partition, later) in pairwise(ledger):
        assert partition != next_partition or (
            later.position == earlier.position + 1 and later.occurred_at >= earlier.occurred_at
        )
    steps: dict[int, list[tuple[int | None, int]]] = {}
    for _, fact in ledger:
        steps.setdefault(fact.number, []).append((fact.status_before, fact.status))
    for path in steps.values():
        assert path[0][0] is None  # filed once, and each step begins where the one before it ended
        assert all(before[1] == after[0] for before, after in pairwise(path))
    shown = {dossier["number"]: dossier["status_code"] for dossier in sandbox.dossiers()}
    assert shown == {number: path[-1][1] for number, path in steps.items()}
    recounted = sandbox.recount()
    assert (recounted["equal"], recounted["facts"]) == (True, len(ledger))


def test_the_door_is_open_while_processing_stands_still(fragile: Stack) -> None:
    """Filing, reading, acting and moving the clock are answered; what they lead to happens when processing is back."""
    with opened(fragile, officer="human") as people, opened(fragile) as robots:
        robots.file_many(filings(50))
        robots.advance(hours=1)
        with standing_still(fragile, PROCESSING):
            one = people.file(filing("refund-first"))["dossier_id"]
            assert people.dossier(one)["status"] == "submitted"
            asked = people.act(one, "receive", "officer", wait_seconds=0)
            assert asked["outcome"] == "pending"

            before = len(list(robots.dossiers()))
            filed = robots.file_many(filings(500))
            assert filed.problems == {}
            assert len(set(filed.dossier_ids)) == 500
            assert len(list(robots.dossiers())) == before + 500
            moved = robots.advance(days=60, wait_seconds=1, must_settle=False)
            assert (moved.is_settled, moved.is_counted) == (False, False)
            assert robots.clock()["now"] == moved.now.isoformat().replace("+00:00", "Z")
            assert robots.dossier(filed.dossier_ids[0])["status"] == "submitted"

        settle(people)
        settle(robots)
        assert people.dossier(one)["status"] == "received"
        assert people.request("GET", f"/api/v1/actions/{asked['command_id']}").json()["outcome"] == "done"
        ended = [dossier["status"] in TERMINAL for dossier in robots.dossiers()]
        assert len(ended) == 550
        assert sum(ended) > 480
        for sandbox in (people, robots):
            assert_whole(fragile, sandbox)
    fragile.wait_until_ready()


def test_a_clock_that_moves_by_itself_survives_the_worker(fragile: Stack) -> None:
    """No command is under way that somebody would send again: only the timekeeper knows what is due."""
    with opened(fragile, mode="scaled", speed=200_000) as sandbox:
        inside, sandbox_id = Inside(fragile), sandbox_id_of(sandbox)
        sandbox.file_many(filings(600))
        for count, way in ((700, Way.WORKER_CHILD), (1200, Way.WORKER_MAIN), (1700, Way.WORKER_CHILD)):
            until(lambda count=count: inside.fact_count(sandbox_id) > count, 60, what=f"{count} facts")
            strike(fragile, way)

        def ended_count() -> int:
            return sum(dossier["status"] in TERMINAL for dossier in sandbox.dossiers())

        until(lambda: ended_count() > 540, 90, what="most dossiers at their end")
        fragile.wait_until_ready()
        sandbox.set_clock("manual")
        settle(sandbox)
        assert_whole(fragile, sandbox)


def test_counts_that_were_lost_come_back_from_the_ledger(fragile: Stack) -> None:
    """Metrics owns nothing that the ledger couldn't give back: its tables are emptied as a migration may do it."""
    with opened(fragile) as sandbox:
        sandbox.file_many(filings(300))
        sandbox.advance(days=60)
        counted = sandbox.statistics(group_by="procedure")
        fragile.kill("metrics-counter", signal.SIGSTOP)
        with psycopg.connect(fragile.database_url()) as connection:
            connection.execute(
                "TRUNCATE metrics.position, metrics.tally, metrics.open_dossier, metrics.late_span,"
                " metrics.contested_end, metrics.subject"
            )
        fragile.restart("metrics-counter")
        settle(sandbox)
        assert sandbox.statistics(group_by="procedure") == counted
        assert_whole(fragile, sandbox)
