"""The Celery worker's own habits: how it ends when told to, and what its processes share."""

import signal

import psutil
import pytest
from motcua import Client

from services.launcher.stack import Stack
from tests.support.chaos import Way, strike
from tests.support.filings import filings
from tests.support.inside import Inside, sandbox_id_of
from tests.support.retrying import settle
from tests.support.wait import until

#: What a container gets before it is killed (seconds).
STOP_SECONDS = 10.0


def busy(stack: Stack) -> Client:
    """A sandbox whose worker has just begun with two thousand dossiers."""
    with Client(stack.portal_url, stack.admin_key) as admin:
        sandbox = admin.open_sandbox(seed=3, now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt")
    sandbox.file_many(filings(2000))
    sandbox.request("POST", "/api/v1/clock/advance", json={"by": "P60D", "wait_seconds": 0})
    inside, sandbox_id = Inside(stack), sandbox_id_of(sandbox)
    until(lambda: inside.fact_count(sandbox_id) > 2000, 30, what="the first steps")
    return sandbox


def test_a_worker_that_is_told_to_stop_ends_in_time_and_leaves_its_work_to_the_next(fragile: Stack) -> None:
    with busy(fragile) as sandbox:
        main = psutil.Process(fragile.pid_of("processing-worker"))
        family = [main, *main.children(recursive=True)]
        fragile.kill("processing-worker", signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
        assert alive == []
        settle(sandbox)
        sandbox_id = sandbox_id_of(sandbox)
        until(lambda: Inside(fragile).unfinished(sandbox_id) == {}, 20, what="a clean state")
    fragile.wait_until_ready()


def test_what_is_forked_shares_no_connection(fragile: Stack) -> None:
    """The main process opens no pool, which would have threads, before or after a child of its was replaced."""
    main = psutil.Process(fragile.pid_of("processing-worker"))
    for _ in range(2):
        with busy(fragile) as sandbox:
            settle(sandbox)
        assert main.num_threads() == 1
        assert len(main.children()) == 2
        strike(fragile, Way.WORKER_CHILD)
    until(lambda: len(main.children()) == 2, 10, what="a new child")


@pytest.mark.parametrize("way", [Way.REDIS_WIPED, Way.REDIS_KILLED], ids=str)
def test_a_worker_takes_messages_again_after_redis_was_away(fragile: Stack, way: Way) -> None:
    """Three times in a row, with nothing going on: no message in flight may be what wakes it."""
    pid = fragile.pid_of("processing-worker")
    for _ in range(3):
        strike(fragile, way)
        fragile.wait_until_ready()
        with Client(fragile.portal_url, fragile.admin_key) as admin:
            sandbox = admin.open_sandbox(seed=3, now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt")
        with sandbox:
            sandbox.file_many(filings(20))
            settle(sandbox)
            assert all(dossier["version"] for dossier in sandbox.dossiers())
    assert fragile.pid_of("processing-worker") == pid
