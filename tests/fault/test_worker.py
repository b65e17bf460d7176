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
        sandbox = admin.open_sandbox(seed=3, now="2018-06-05T08:00:00+07:00")
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


def test_each_worker_process_has_a_database_connection_of_its_own(fragile: Stack) -> None:
    """None is opened before the fork: two processes on one connection would read each other's answers."""
    inside = Inside(fragile)

    def connections() -> int:
        statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'processing-worker'"
        return int(inside.rows("processing", statement)[0][0])

    for way in (None, Way.WORKER_CHILD):
        if way is not None:
            strike(fragile, way)
        with busy(fragile) as sandbox:
            settle(sandbox)
        children = psutil.Process(fragile.pid_of("processing-worker")).children()
        assert len(children) == 2
        # One for each process that has worked, and none for the one that only hands out messages.
        until(lambda: 1 <= connections() <= 2, 10, what="connections of the killed process to end")
    fragile.wait_until_ready()


@pytest.mark.parametrize("way", [Way.REDIS_WIPED, Way.REDIS_KILLED], ids=str)
def test_a_worker_takes_messages_again_after_redis_was_away(fragile: Stack, way: Way) -> None:
    """Three times in a row, with nothing going on: no message in flight may be what wakes it."""
    pid = fragile.pid_of("processing-worker")
    for _ in range(3):
        strike(fragile, way)
        fragile.wait_until_ready()
        with Client(fragile.portal_url, fragile.admin_key) as admin:
            sandbox = admin.open_sandbox(seed=3, now="2018-06-05T08:00:00+07:00")
        with sandbox:
            sandbox.file_many(filings(20))
            settle(sandbox)
            assert all(dossier["version"] for dossier in sandbox.dossiers())
    assert fragile.pid_of("processing-worker") == pid
