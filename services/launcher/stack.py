"""A stack as seen from outside: start one in a data folder, ask it, break it on purpose, stop it.

The command line and the test suite use the same class. The stack itself runs in processes of its own below a supervisor
(`assembly.py`); this is a handle on it, and reads its state file.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from services.launcher import logs
from services.launcher.errors import LauncherError
from services.launcher.folder import REPOSITORY, DataFolder
from services.launcher.messages import say
from services.launcher.state import Phase, ProcessRecord, ProcessState, StackState, is_same_process, start_of
from services.runtime.clock import monotonic_seconds, pause, wait_until

#: Longest time that stopping may take before the supervisor is killed (seconds); it promises ten.
STOP_TIMEOUT_SECONDS: Final = 15.0

#: Called with the present state and the sentences said since the last call.
Progress = Callable[[StackState | None, list[str]], None]


def _no_progress(_state: StackState | None, _lines: list[str]) -> None:
    """Say nothing."""


class Stack:
    """One stack and its data folder.

    As a context manager it is started on entry and stopped on exit; it also ends when the process that started it does,
    however that happens (unless `detached`).
    """

    def __init__(
        self,
        data_dir: Path | str | None = None,
        *,
        port: int | None = 0,
        workers: int = 2,
        in_bulk: bool = False,
        with_services: bool = True,
        detached: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Nothing is started or written yet.

        Args:
            data_dir: data folder; `None` makes a temporary one that goes away with the stack.
            port: the portal's port; 0 any free one; `None` the configured one.
            workers: Celery worker processes.
            in_bulk: for a crowd that files as much as the machine can take; else for people and tests, who wait.
            with_services: `False` starts PostgreSQL and Redis and migrates, nothing else.
            detached: the stack outlives this process.
            environment: settings on top of this process's own.
        """
        self._is_temporary = data_dir is None
        self.folder = DataFolder(Path(data_dir).expanduser().absolute() if data_dir else _temporary_folder())
        self._port = port
        self._workers = workers
        self._in_bulk = in_bulk
        self._with_services = with_services
        self._detached = detached
        self._environment = dict(environment or {})
        self._supervisor: subprocess.Popen[bytes] | None = None

    def check(self) -> None:
        """Prepare the data folder.

        Raises:
            LauncherError: it can't be used, or a stack runs on it.
        """
        self.folder.prepare()
        if self.folder.is_in_use():
            state = self.state()
            url = (state.portal_url if state else "") or "-"
            raise LauncherError(say("already-running", url=url, data=self.folder.path))

    def start(self, progress: Progress = _no_progress) -> Self:
        """Start it and wait until every process is ready.

        Args:
            progress: told what is going on, about twenty times a second.

        Raises:
            LauncherError: it runs already, can't run, or did not become ready in time; nothing is left running then.
        """
        self.check()
        logs.keep_short(self.folder.logs)
        log = self.folder.log_of("supervisor")
        offset = log.stat().st_size if log.exists() else 0
        self._supervisor = self._spawn(log)
        try:
            self._wait_for_start(self._supervisor, logs.Follower(log, offset), progress)
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_for_start(self, supervisor: subprocess.Popen[bytes], follower: logs.Follower, progress: Progress) -> None:
        said: list[str] = []
        while True:
            # In this order: what it said before it ended is read after that was seen.
            has_ended = supervisor.poll() is not None
            lines = follower.new_lines()
            said += lines
            state = self.state()
            is_about_this_run = state is not None and state.pid == supervisor.pid
            # The last thing it says when it fails is the error, which is told by whoever catches it.
            has_failed = has_ended or (is_about_this_run and state is not None and state.phase is Phase.FAILED)
            progress(state if is_about_this_run else None, [] if has_failed else lines)
            if has_ended:
                raise self._start_error(state, said)
            if is_about_this_run and state is not None and state.phase is Phase.READY:
                return
            pause(0.03)

    def _spawn(self, log: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "services.launcher", "supervise", "--data", str(self.folder.path)]
        command += ["--workers", str(self._workers)]
        if self._port is not None:
            command += ["--port", str(self._port)]
        if self._in_bulk:
            command.append("--in-bulk")
        if not self._with_services:
            command.append("--servers-only")
        if not self._detached:
            command.append("--lifeline")
        paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "sdk")])
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if self._detached else subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=REPOSITORY,
                env={**os.environ, "PYTHONPATH": paths, **self._environment},
                # Ctrl-C in a terminal goes to the foreground only: we pass it on when everything is to stop.
                start_new_session=True,
            )

    def _start_error(self, state: StackState | None, said: list[str]) -> LauncherError:
        assert self._supervisor is not None
        if state is not None and state.pid == self._supervisor.pid and state.failure:
            return LauncherError(state.failure, log=Path(state.failure_log) if state.failure_log else None)
        if self._supervisor.returncode == 1 and said and not said[-1].startswith(" "):
            return LauncherError(said[-1])
        return LauncherError(say("supervisor-gone"), log=self.folder.log_of("supervisor"))

    def stop(self) -> None:
        """Stop everything and wait for it; does nothing when nothing runs.

        Raises:
            LauncherError: the supervisor did not end in time; it was killed, and its guard ends the rest.
        """
        pid = self._supervisor_pid()
        if pid:
            started = start_of(pid)
            os.kill(pid, signal.SIGTERM)
            if not wait_until(lambda: not is_same_process(pid, started), STOP_TIMEOUT_SECONDS):
                os.kill(pid, signal.SIGKILL)
                raise LauncherError(say("still-stopping", pid=pid, seconds=STOP_TIMEOUT_SECONDS))
        if self._supervisor is not None:
            if self._supervisor.stdin is not None:
                self._supervisor.stdin.close()
            self._supervisor.wait(STOP_TIMEOUT_SECONDS)
            self._supervisor = None
        if self._is_temporary:
            shutil.rmtree(self.folder.path, ignore_errors=True)

    def _supervisor_pid(self) -> int:
        """Of the one we started, or of the one whose state file it is; 0 when it doesn't run."""
        if self._supervisor is not None:
            return self._supervisor.pid if self._supervisor.poll() is None else 0
        state = self.state()
        return state.pid if state is not None and is_same_process(state.pid, state.started) else 0

    def _is_supervised(self) -> bool:
        if self._supervisor is not None and self._supervisor.poll() is not None:
            return False
        return self.folder.is_in_use()

    def wait(self, progress: Progress = _no_progress) -> None:
        """Block while the stack runs, passing on what its supervisor says.

        Raises:
            LauncherError: it ended without having been asked to.
        """
        log = self.folder.log_of("supervisor")
        follower = logs.Follower(log)
        while self._is_supervised():
            progress(self.state(), follower.new_lines())
            pause(0.1)
        raise LauncherError(say("supervisor-gone"), log=log)

    def wait_until_ready(self, timeout_seconds: float = 60.0) -> None:
        """Block until every process is ready (again).

        Raises:
            LauncherError: it did not happen in time.
        """
        if not wait_until(self.is_ready, timeout_seconds):
            names = ", ".join(record.name for record in self._records() if not _is_up(record))
            raise LauncherError(
                say("not-ready", names=names, seconds=timeout_seconds), log=self.folder.log_of("supervisor")
            )

    def is_ready(self) -> bool:
        """Whether every process is ready at this moment: alive, and its last readiness check passed."""
        state = self.state()
        if state is None or not is_same_process(state.pid, state.started):
            return False
        return bool(state.processes) and all(_is_up(record) for record in state.processes)

    def state(self) -> StackState | None:
        """What the supervisor wrote last; `None` when there was never one."""
        return StackState.read(self.folder.state_file)

    def _records(self) -> list[ProcessRecord]:
        state = self.state()
        return state.processes if state else []

    def record_of(self, name: str) -> ProcessRecord:
        """One process, such as `processing-worker` (or with a space).

        Raises:
            LauncherError: there is no such process.
        """
        wanted = name.replace(" ", "-")
        records = self._records()
        for record in records:
            if record.name == wanted:
                return record
        raise LauncherError(say("unknown-process", name=name, names=", ".join(record.name for record in records)))

    def pid_of(self, name: str) -> int:
        """Process id of the process; 0 while it is not running."""
        return self.record_of(name).pid

    def restarts_of(self, name: str) -> int:
        """How often it was started again."""
        return self.record_of(name).restarts

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a process a signal; the pid that got it. Its own process only: what it started finds out by itself."""
        record = self.record_of(name)
        if not record.is_alive():
            raise ProcessLookupError(f"{name} is not running")
        os.kill(record.pid, number)
        return record.pid

    def restart(self, name: str, number: signal.Signals = signal.SIGKILL, timeout_seconds: float = 60.0) -> None:
        """Send a process a signal that ends it, and block until it is back and everything is ready."""
        before = self.restarts_of(name)
        self.kill(name, number)
        deadline = monotonic_seconds() + timeout_seconds
        wait_until(lambda: self.restarts_of(name) > before, timeout_seconds)
        self.wait_until_ready(max(0.0, deadline - monotonic_seconds()))

    @property
    def portal_url(self) -> str:
        """Where the portal answers, without a slash at the end."""
        state = self.state()
        return state.portal_url if state else ""

    @property
    def metrics_url(self) -> str:
        """Where metrics answers, without a slash at the end."""
        state = self.state()
        return state.metrics_url if state else ""

    @property
    def admin_key(self) -> str:
        """API key that may create sandboxes."""
        return self.setting("MOTCUA_ADMIN_KEY")

    @property
    def redis_url(self) -> str:
        """Broker and streams, with the password."""
        return self.setting("MOTCUA_REDIS_URL")

    def database_url(self, service: str = "") -> str:
        """PostgreSQL with the password: as the role of `portal`, `processing` or `metrics`; without a name as owner."""
        return self.setting(f"MOTCUA_{service.upper()}_DATABASE_URL" if service else "MOTCUA_DATABASE_URL")

    def setting(self, name: str) -> str:
        """A setting of the running stack.

        Raises:
            LauncherError: nothing runs on the folder.
        """
        state = self.state()
        if state is None or name not in state.settings:
            raise LauncherError(say("not-running", data=self.folder.path))
        return state.settings[name]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()


def _is_up(record: ProcessRecord) -> bool:
    if record.state is ProcessState.DONE:
        return True
    return record.state is ProcessState.READY and record.is_alive()


def _temporary_folder() -> Path:
    path = Path(tempfile.mkdtemp(prefix="motcua-"))
    # Others may pass through: for root, PostgreSQL runs as another user.
    path.chmod(0o711)
    # Empty, so that the folder counts as new.
    return path
