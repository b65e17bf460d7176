"""Measuring a whole stack on this machine: `tests/bench`, as a program of its own."""

from collections.abc import Sequence
from typing import Final

from services.launcher.errors import LauncherError
from services.launcher.folder import REPOSITORY
from services.launcher.messages import say
from services.launcher.programs import run_program
from services.launcher.stack import STOP_TIMEOUT_SECONDS

_PROGRAM: Final = "tests.bench.bench"

#: When it is interrupted it lets the crowd end, stops its stack, and removes what may be gigabytes.
_STOP_SECONDS: Final = STOP_TIMEOUT_SECONDS + 45


def run_bench(arguments: Sequence[str]) -> int:
    """Run the bench on stacks of its own, in temporary folders.

    Args:
        arguments: the bench's own: which parts, how much of the quarter, where to write what it measured.

    Returns:
        Its exit code.

    Raises:
        LauncherError: the measurements aren't installed with the services.
        KeyboardInterrupt: the person has seen enough; what the bench had started has ended.
    """
    if not (REPOSITORY / "tests" / "bench").is_dir():
        raise LauncherError(say("no-bench", folder=REPOSITORY))
    return run_program(_PROGRAM, arguments, stop_seconds=_STOP_SECONDS)
