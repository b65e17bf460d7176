"""Programs of ours that run beside the command line, such as the crowd: started, waited for, and ended with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from services.launcher.child import die_with_parent
from services.launcher.folder import REPOSITORY
from services.runtime.language import language

#: How long a program may take to end when it is told to, unless it is known to need longer (seconds).
_STOP_SECONDS: Final = 5.0


def run_program(
    module: str,
    arguments: Sequence[str],
    secrets: Mapping[str, str] | None = None,
    *,
    stop_seconds: float = _STOP_SECONDS,
) -> int:
    """Run a module as a program in the foreground.

    Args:
        module: what `python -m` takes.
        arguments: its own.
        secrets: environment variables for it alone; not among the arguments, which everybody on the machine can read.
        stop_seconds: how long it may take to end when it is told to, before it is killed.

    Returns:
        Its exit code, as a shell would say it.

    Raises:
        KeyboardInterrupt: the person has seen enough; the program has ended.
    """
    program = subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "sdk")]),
            "MOTCUA_LANG": language(os.environ),
            **(secrets or {}),
        },
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - the command line has a single thread
    )
    try:
        code = program.wait()
    finally:
        _end(program, stop_seconds)
    return code if code >= 0 else 128 - code


def _end(program: "subprocess.Popen[bytes]", stop_seconds: float) -> None:
    """Ask it to end, and wait until it has; nothing to do when it has by itself."""
    if program.poll() is None:
        program.terminate()
        try:
            program.wait(stop_seconds)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
