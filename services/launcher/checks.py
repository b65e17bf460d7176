"""`./motcua test`: every check, then every test; all failures are reported, not only the first."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services.launcher.folder import REPOSITORY
from services.launcher.messages import say

#: Name and command of each check, in the order in which they run.
CHECKS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format", ("ruff", "format", "--check", ".")),
    ("mypy", ("mypy",)),
    ("lint-imports", ("lint-imports",)),
)


def run_checks_and_tests(pytest_arguments: Sequence[str]) -> int:
    """Exit code: 0 when everything passed.

    Args:
        pytest_arguments: with any given, only pytest runs, with these.
    """
    failed = [] if pytest_arguments else _failed_checks()
    # pytest comes last and has the last word: whoever reads the end of the output sees its summary.
    code = _run(("python", "-m", "pytest", *pytest_arguments))
    return code or int(bool(failed))


def _failed_checks() -> list[str]:
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)
        if _run(command) != 0:
            failed.append(name)
    if failed:
        print(f"== {say('checks-failed', names=', '.join(failed))}", flush=True)
    print("== pytest", flush=True)
    return failed


def _run(command: Sequence[str]) -> int:
    programs = Path(sys.executable).parent
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "sdk")])
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}", "PYTHONPATH": paths}
    return subprocess.run(
        [str(programs / command[0]), *command[1:]], cwd=REPOSITORY, env=environment, check=False
    ).returncode
