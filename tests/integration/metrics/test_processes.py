"""Metrics as processes: starting, being told to stop, being killed."""

import http.client
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest

from services.launcher.folder import REPOSITORY
from services.launcher.ports import free_port
from services.runtime.database import Database
from tests.support.servers import Servers
from tests.support.wait import until


@pytest.fixture
def start(servers: Servers, database: Database) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts processes of metrics that end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def run(part: str, **settings: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.metrics", part],
            env=servers.environment("metrics", **settings),
            cwd=REPOSITORY,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@pytest.fixture
def web(start) -> tuple[subprocess.Popen[bytes], int]:
    """The HTTP side, ready."""
    port = free_port("127.0.0.1")
    process = start("web", MOTCUA_METRICS_PORT=str(port), MOTCUA_INTERNAL_KEY="sesame")
    until(lambda: status(port, "/readyz") == 200, 15)
    return process, port


def test_web_answers_and_ends_when_told(web) -> None:
    process, port = web
    assert status(port, "/v1/positions?sandbox_id=s") == 401
    process.terminate()
    assert process.wait(5) == 0
    assert status(port, "/healthz") == 0


def test_killed_web_leaves_no_worker_and_its_port_free(web, start) -> None:
    process, port = web
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.kill()
    _, alive = psutil.wait_procs(workers, timeout=3)
    assert alive == []
    start("web", MOTCUA_METRICS_PORT=str(port), MOTCUA_INTERNAL_KEY="sesame")
    until(lambda: status(port, "/readyz") == 200, 15)


def test_web_whose_worker_was_killed_ends_for_its_supervisor_to_see(web) -> None:
    process, _ = web
    for worker in psutil.Process(process.pid).children():
        worker.kill()
    assert process.wait(5) != 0


@pytest.mark.parametrize(
    ("part", "missing"), [("web", "MOTCUA_INTERNAL_KEY"), ("counter", "MOTCUA_METRICS_DATABASE_URL")]
)
def test_missing_setting_is_named_and_nothing_starts(part: str, missing: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.metrics", part],
        env={"MOTCUA_REDIS_URL": "redis://127.0.0.1:1/0"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert missing in done.stderr
    assert "Traceback" not in done.stderr


def test_importing_metrics_builds_nothing() -> None:
    """Everything but the WSGI module can be imported with no settings at all."""
    code = "import services.metrics.__main__, services.metrics.api.app, services.metrics.counter"
    done = subprocess.run(
        [sys.executable, "-c", code], env={}, cwd=REPOSITORY, capture_output=True, timeout=20, check=False
    )
    assert done.stderr == b""
    assert done.returncode == 0
