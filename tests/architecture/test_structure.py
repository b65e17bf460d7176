"""The tree keeps its promises: who stands alone, who may be large, what is numbered once, what is documented."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted(path for path in (ROOT / "services").rglob("*.py") if "migrations" not in path.parts)

#: An aim, not a wall: past it a module says why in its docstring, or gets smaller.
MODULE_LINES_AT_MOST = 450
FUNCTION_LINES_AT_MOST = 60


@pytest.mark.parametrize("service", ["portal", "processing", "metrics"])
def test_a_service_stands_alone(service: str, tmp_path: Path) -> None:
    """With only the libraries and runtime beside it, every module of a service imports, in a bare environment."""
    (tmp_path / "services").mkdir()
    shutil.copy(ROOT / "services/__init__.py", tmp_path / "services")
    for name in ("contracts", "law", "casework", "runtime", service):
        shutil.copytree(ROOT / "services" / name, tmp_path / "services" / name)
    modules = [
        ".".join(path.relative_to(tmp_path).with_suffix("").parts)
        for path in sorted((tmp_path / "services" / service).rglob("*.py"))
        if "migrations" not in path.parts and path.name not in {"__init__.py", "wsgi.py"}
    ]
    code = "import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in modules)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("service", "role"),
    [
        ("portal", "web"),
        ("portal", "relay"),
        ("processing", "worker"),
        ("processing", "timekeeper"),
        ("metrics", "web"),
        ("metrics", "counter"),
    ],
)
def test_an_incomplete_environment_is_told_in_one_sentence(service: str, role: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"services.{service}", role],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The environment is not complete: ")
    assert "MOTCUA_REDIS_URL" in done.stderr or "DATABASE_URL" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MODULE_LINES_AT_MOST
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= FUNCTION_LINES_AT_MOST, f"{node.name} has {lines} lines"


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs/adr").glob("*.md")]
    assert [number for number, count in Counter(numbers).items() if count > 1] == []
    assert all(re.fullmatch(r"[0-9]{4}", number) for number in numbers)


def test_every_task_is_registered_under_a_name_of_the_contracts() -> None:
    from services.contracts import commands  # noqa: PLC0415
    from services.processing.config import Settings  # noqa: PLC0415
    from services.processing.worker import make_worker_app  # noqa: PLC0415

    nowhere = {"redis_url": "redis://localhost", "database_url": "", "log_level": "info", "heartbeat_file": ""}
    app = make_worker_app(Settings(**nowhere, worker_processes=1))
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    named = {value for name, value in vars(commands).items() if name.startswith("TASK_")}
    assert ours == named
    queues = {value for name, value in vars(commands).items() if name.startswith("QUEUE_")}
    assert {queue.name for queue in app.conf.task_queues} == queues
