"""Each service starts from its own folder with only contracts and runtime beside it."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from services.launcher.stack import Stack
from tests.support.wait import until

ROOT = Path(__file__).parent.parent.parent


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
def test_a_service_starts_alone(stack: Stack, tmp_path: Path, service: str, role: str) -> None:
    (tmp_path / "services").mkdir()
    shutil.copy(ROOT / "services/__init__.py", tmp_path / "services")
    for name in ("contracts", "runtime", service):
        shutil.copytree(ROOT / "services" / name, tmp_path / "services" / name)
    heartbeat = tmp_path / "heartbeat"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path),
        "MOTCUA_HEARTBEAT_FILE": str(heartbeat),
        "MOTCUA_REDIS_URL": stack.redis_url,
        f"MOTCUA_{service.upper()}_DATABASE_URL": stack.database_url(service),
        f"MOTCUA_{service.upper()}_PORT": str(port),
        "MOTCUA_METRICS_URL": stack.metrics_url,
        "MOTCUA_SECRET_KEY": "stand-alone",
        "MOTCUA_ADMIN_KEY": "stand-alone",
        "MOTCUA_INTERNAL_KEY": "stand-alone",
        "MOTCUA_WORKER_PROCESSES": "1",
    }
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
