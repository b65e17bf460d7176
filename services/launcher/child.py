"""One child of the supervisor: started in a process group of its own, ended with its whole group.

It decides nothing: `supervisor.py` does. Must be used from a process with a single thread (a function runs between fork
and exec), which the supervisor is.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

#: `PR_SET_PDEATHSIG` of Linux's prctl(2): the signal that a process gets when its parent dies.
PR_SET_PDEATHSIG: Final = 1

#: The largest value of setpriority(2).
LOWEST_PRIORITY: Final = 19


def die_with_parent(number: int) -> Callable[[], None] | None:
    """What a child runs before its program starts, so that it is told to end when the supervisor dies; Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    return ask_the_kernel


class Child:
    """A running process and its group."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        working_folder: Path,
        stop_signal: signal.Signals,
        options: Mapping[str, Any] | None = None,
        niceness: int = 0,
    ) -> None:
        """Start it.

        Args:
            command: program and arguments.
            environment: all it gets.
            log: file that its output is appended to.
            working_folder: where it starts.
            stop_signal: how it is asked to end.
            options: more arguments for `subprocess.Popen`, such as the user.
            niceness: added to our own, for it and for what it starts.

        Raises:
            OSError: it could not be started.
        """
        self._stop_signal = stop_signal
        # Appending, so that a log can be cut from outside while it is written to.
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                cwd=working_folder,
                process_group=0,
                preexec_fn=die_with_parent(stop_signal),  # noqa: PLW1509 - a single thread, see above
                **(options or {}),
            )
        if niceness:
            with contextlib.suppress(ProcessLookupError):  # it has ended already
                own = os.getpriority(os.PRIO_PROCESS, 0)
                os.setpriority(os.PRIO_PROCESS, self._process.pid, min(own + niceness, LOWEST_PRIORITY))

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """How it ended (negative: by that signal); `None` while it runs.

        When it has ended, the rest of its group is killed before its pid is given back to the system: nothing else
        can have got that number by then.
        """
        if self._process.returncode is None and self._has_ended():
            self.kill_group()
            self._process.wait()
        return self._process.returncode

    def _has_ended(self) -> bool:
        """Whether it ended; its pid is not given back by asking (except on a macOS whose Python can't look only)."""
        if not hasattr(os, "waitid"):
            return self._process.poll() is not None
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def ask_to_stop(self) -> None:
        """Send its own process (not the group: it knows its children best) the polite signal."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(self._stop_signal)

    def kill_group(self) -> None:
        """End the process and everything in its group at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
