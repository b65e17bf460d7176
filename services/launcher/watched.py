"""One process that the supervisor watches: its row of the table, what starting it takes, its child and its deaths.

It knows how to start, to ask "are you ready?" and to reckon; when to do which is decided in `supervisor.py`.
"""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from services.launcher import readiness
from services.launcher.child import Child
from services.launcher.errors import LauncherError
from services.launcher.folder import DataFolder
from services.launcher.messages import say
from services.launcher.probe import WebProbe
from services.launcher.processes import Kind, ProcessSpec
from services.launcher.state import ProcessRecord, ProcessState, start_of
from services.runtime.clock import real_now

#: Pause before the first restart; doubles with every further death up to the longest (seconds).
FIRST_BACKOFF_SECONDS: Final = 0.2
LONGEST_BACKOFF_SECONDS: Final = 5.0

#: After so long without dying, a process is healthy and its backoff starts anew (seconds).
HEALTHY_SECONDS: Final = 30.0


@dataclass
class Launch:
    """What starting one process takes, beyond its row in the table."""

    environment: Mapping[str, str]
    #: More arguments for `subprocess.Popen`, such as the user.
    options: Mapping[str, Any] = field(default_factory=dict)
    #: Run right before every start.
    before: Callable[[], None] = lambda: None
    #: Run after a once-process has ended well.
    afterwards: Callable[[], None] = lambda: None
    #: Whether it is ready; by default what its kind says.
    is_ready: Callable[[], bool] | None = None


def backoff_seconds(earlier_deaths: int) -> float:
    """How long to wait before starting again what has died so often before in a row."""
    return min(FIRST_BACKOFF_SECONDS * 2.0 ** min(earlier_deaths, 10), LONGEST_BACKOFF_SECONDS)


class Watched:
    """One row of the table, alive: its child, its deaths, when it may start again."""

    def __init__(self, spec: ProcessSpec, launch: Launch, folder: DataFolder, working_folder: Path) -> None:
        self.spec = spec
        self.launch = launch
        self.record = ProcessRecord(spec.name, url=spec.url)
        self.child: Child | None = None
        #: For web processes; a loop shows by its heartbeat that it lives.
        self._probe = WebProbe(spec.url) if spec.kind is Kind.WEB else None
        self._last_answer: float | None = None
        self._folder = folder
        self._working_folder = working_folder
        self._deaths = 0
        #: Its death has been announced already.
        self.was_killed_for_silence = False
        self._started_at = 0.0
        self._started_real = 0.0
        self._start_not_before = 0.0

    @property
    def heartbeat(self) -> Path:
        """The file that a loop process touches."""
        return self._folder.heartbeats / self.spec.name

    @property
    def log(self) -> Path:
        """Its log."""
        return self._folder.log_of(self.spec.name)

    @property
    def deaths(self) -> int:
        """Deaths since it was last healthy."""
        return self._deaths

    def may_start(self, now: float) -> bool:
        """Whether its backoff is over."""
        return now >= self._start_not_before

    def start(self, now: float) -> None:
        """Start it.

        Raises:
            LauncherError: the program can't be run at all.
        """
        self.launch.before()
        self.heartbeat.unlink(missing_ok=True)
        try:
            self.child = Child(
                self.spec.command,
                environment=self.launch.environment,
                log=self.log,
                working_folder=self._working_folder,
                stop_signal=self.spec.stop_signal,
                options=self.launch.options,
                niceness=self.spec.niceness,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise LauncherError(say("failed-start", name=self.spec.title, reason=error), log=self.log) from error
        self.was_killed_for_silence = False
        self._last_answer = None
        self._started_at, self._started_real = now, real_now().timestamp()
        self.record.pid, self.record.started = self.child.pid, start_of(self.child.pid)
        self.record.state = ProcessState.STARTING

    def note_death(self, now: float) -> None:
        """It is gone: reckon when it may start again."""
        if now - self._started_at >= HEALTHY_SECONDS:
            self._deaths = 0
        delay_seconds = backoff_seconds(self._deaths)
        self._deaths += 1
        self._start_not_before = now + delay_seconds
        self.child = None
        if self._probe is not None:
            self._probe.forget()
        self.record.state, self.record.pid = ProcessState.RESTARTING, 0
        self.record.restarts += 1

    def kill_for_silence(self) -> None:
        """End it and its group; its death follows."""
        assert self.child is not None
        self.was_killed_for_silence = True
        self.child.kill_group()

    def is_ready(self) -> bool:
        """Ask it (web, server) or its heartbeat file (loop)."""
        if self.launch.is_ready is not None:
            return self.launch.is_ready()
        if self.spec.kind is Kind.WEB:
            status = readiness.readyz_status(self.spec.url)
            if status is not None:
                self._last_answer = real_now().timestamp()
            return status == HTTPStatus.OK
        return self.spec.kind is Kind.LOOP and readiness.is_fresh(self.heartbeat)

    def listen(self, now: float) -> None:
        """Note whether a web process that was ready still answers, and show when it doesn't.

        Args:
            now: monotonic seconds.
        """
        if self._probe is None or self.record.state not in {ProcessState.READY, ProcessState.SILENT}:
            return
        if self._probe.has_answered(now):
            self._last_answer = real_now().timestamp()
        silent = real_now().timestamp() - (self._last_answer or self._started_real)
        self.record.state = ProcessState.SILENT if silent > readiness.SILENT_SECONDS else ProcessState.READY

    def silent_seconds(self, servers_up_since: float) -> float:
        """How long it has shown no sign of life while it could have; 0.0 when that is not too long.

        Args:
            servers_up_since: when PostgreSQL and Redis were last both back (seconds since 1970): nobody makes progress
                without them.
        """
        if self.spec.kind not in {Kind.LOOP, Kind.WEB} or self.was_killed_for_silence:
            return 0.0
        is_loop = self.spec.kind is Kind.LOOP
        beat = readiness.last_beat(self.heartbeat) if is_loop else self._last_answer
        stale_seconds = readiness.STALE_SECONDS if is_loop else readiness.WEB_STALE_SECONDS
        limit = readiness.FIRST_BEAT_SECONDS if beat is None else stale_seconds
        limit += self.spec.extra_silence_seconds
        silent = real_now().timestamp() - max(beat or 0.0, self._started_real, servers_up_since)
        return silent if silent > limit else 0.0
