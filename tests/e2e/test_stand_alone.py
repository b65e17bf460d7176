"""Each service starts from its own folder with only contracts, law and runtime beside it.

On servers of its own: a second worker or relay on those of the other tests would take part in what they watch.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from services.contracts.commands import QUEUE_DUE, TASK_HEARTBEAT
from services.launcher.ports import free_port
from services.launcher.stack import Stack
from services.runtime.celery_app import TaskSender, make_celery
from tests.support.wait import until

ROOT = Path(__file__).parent.parent.parent

#: Metrics, for a portal that starts without it.
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def servers() -> Iterator[Stack]:
    """PostgreSQL and Redis with empty schemas, and no service of ours."""
    with Stack(with_services=False) as running:
        yield running


@pytest.mark.parametrize(
    ("service", "role"),
    [
        ("portal", "web"),
        ("portal", "relay"),
        ("portal", "projector"),
        ("processing", "timekeeper"),
        ("processing", "relay"),
        ("processing", "worker"),
        ("metrics", "web"),
        ("metrics", "counter"),
    ],
)
def test_a_service_starts_alone(servers: Stack, tmp_path: Path, service: str, role: str) -> None:
    (tmp_path / "services").mkdir()
    shutil.copy(ROOT / "services/__init__.py", tmp_path / "services")
    for name in ("contracts", "law", "casework", "runtime", service):
        shutil.copytree(ROOT / "services" / name, tmp_path / "services" / name)
    heartbeat = tmp_path / "heartbeat"
    port = free_port("127.0.0.1")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path),
        "MOTCUA_HEARTBEAT_FILE": str(heartbeat),
        "MOTCUA_REDIS_URL": servers.redis_url,
        f"MOTCUA_{service.upper()}_DATABASE_URL": servers.database_url(service),
        f"MOTCUA_{service.upper()}_PORT": str(port),
        "MOTCUA_METRICS_URL": NOWHERE,
        "MOTCUA_SECRET_KEY": "stand-alone",
        "MOTCUA_ADMIN_KEY": "stand-alone",
        "MOTCUA_INTERNAL_KEY": "stand-alone",
        "MOTCUA_WORKER_PROCESSES": "1",
    }
    sender = TaskSender(make_celery(servers.redis_url))
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", f"services.{service}", role],
        cwd=tmp_path,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )

    def is_ready() -> bool:
        assert process.poll() is None, (tmp_path / "log").read_text()
        if role == "worker":  # beats when it is told to, which is the timekeeper's business
            sender.send(TASK_HEARTBEAT, QUEUE_DUE)
        if role != "web":
            return heartbeat.exists()
        try:
            return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=1).ok
        except requests.RequestException:
            return False

    try:
        until(is_ready, timeout_seconds=60, what=f"{service} {role} ready")
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()
