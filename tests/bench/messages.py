"""The same steps as one Celery message each, and messages that do nothing; on the stack's servers, just as durable."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from services.launcher.folder import REPOSITORY
from services.launcher.stack import Stack
from tests.bench import mix
from tests.support.wait import until

_WORKERS: Final = 2
_DATABASE: Final = "bench"

#: Longest time for the messages of one kind; what is done by then counts.
_AT_MOST_SECONDS: Final = 90.0


@contextmanager
def bench_database(stack: Stack) -> Iterator[str]:
    """An empty database on the stack's server, dropped afterwards; its URL."""
    url = stack.database_url()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {_DATABASE}")
        owner.execute(f"CREATE DATABASE {_DATABASE}")
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{_DATABASE}"))
        finally:
            owner.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)")


def one_message_each(stack: Stack, say: Callable[[str], None], dossiers: int = 800) -> dict[str, Any]:
    """Steps a second when each is a message of its own, sent by one process or the task before, done by two workers."""
    with bench_database(stack) as database_url:
        os.environ |= {"BENCH_REDIS_URL": stack.redis_url, "BENCH_DATABASE_URL": database_url}
        from tests.bench import one_message_each as tasks  # noqa: PLC0415 - needs the addresses first

        with psycopg.connect(database_url) as connection:
            connection.execute(tasks.TABLES)
        with redis.Redis.from_url(stack.redis_url) as client, _workers(client, tasks):
            say(f"{dossiers} dossiers, one message a step")
            client.delete(tasks.STEPS, tasks.ENDED)
            rows = [[*line.accepted[:6], line.accepted.filed_at, dict(line.accepted.traits or {})]
                    for line in mix.lines(dossiers)]  # fmt: skip
            seconds = _timed(lambda: [tasks.accept.delay(row) for row in rows], client, tasks.ENDED, dossiers)
            steps = int(client.get(tasks.STEPS) or 0)
            say(f"{steps} steps in {seconds:.1f} s; as many messages that do nothing")
            client.delete(tasks.NOTHINGS)
            empty_seconds = _timed(
                lambda: [tasks.nothing.delay(number) for number in range(steps)], client, tasks.NOTHINGS, steps
            )
            nothings = int(client.get(tasks.NOTHINGS) or 0)
    return {
        "dossiers": dossiers,
        "steps": steps,
        "steps_per_second": steps / seconds,
        "messages_that_do_nothing_per_second": nothings / empty_seconds,
        "worker_processes": _WORKERS,
    }


def _timed(send: Callable[[], object], client: "redis.Redis", counter: str, wanted: int) -> float:
    """Seconds until everything that was sent is done, or time is up."""
    started = time.perf_counter()
    send()
    with suppress(AssertionError):
        until(lambda: int(client.get(counter) or 0) >= wanted, _AT_MOST_SECONDS)
    return time.perf_counter() - started


@contextmanager
def _workers(client: "redis.Redis", tasks: Any) -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "-A", "tests.bench.one_message_each", "worker", "-c", str(_WORKERS)]
    command += ["-Q", "bench", "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "error"]
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "sdk")])
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        tasks.nothing.delay(0)
        until(lambda: int(client.get(tasks.NOTHINGS) or 0) >= 1, 60, what="Celery workers ready")
        yield
    finally:
        process.terminate()
        process.wait()
        client.delete("bench", tasks.NOTHINGS, tasks.STEPS, tasks.ENDED, "bench:facts")
