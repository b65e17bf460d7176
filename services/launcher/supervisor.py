"""Starts the processes of a stack in order, watches them, restarts what dies, and stops everything at the end.

Runs as a process of its own with a single thread; `stack.py` starts it and reads what it says in its log (sentences for
people) and its state file. It knows processes only as rows of the table (`processes.py`) and a question "is it ready?".
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from services.launcher import logs
from services.launcher.errors import LauncherError
from services.launcher.folder import DataFolder
from services.launcher.messages import say
from services.launcher.processes import Kind, ProcessSpec
from services.launcher.state import Phase, ProcessState, StackState
from services.launcher.watched import Launch, Watched
from services.runtime.clock import monotonic_seconds, real_now

#: So many deaths before the stack was ever ready, and the start is given up.
DEATHS_AT_START: Final = 4

#: How long services, then servers, have to end by themselves before they are killed (seconds); together below ten.
SERVICE_STOP_SECONDS: Final = 5.0
SERVER_STOP_SECONDS: Final = 3.5

#: How often logs are measured (seconds).
LOG_CHECK_SECONDS: Final = 15.0


class Supervisor:
    """Runs a table of processes until told to stop."""

    def __init__(
        self,
        folder: DataFolder,
        rows: Sequence[tuple[ProcessSpec, Launch]],
        *,
        state: StackState,
        working_folder: Path,
        servers_answer: Callable[[], bool] = lambda: True,
        ready_timeout_seconds: float = 60.0,
    ) -> None:
        """Nothing is started yet.

        Args:
            folder: prepared and locked.
            rows: the table, in the order in which processes start where `after` leaves a choice.
            state: written to the folder on every change; gets a record for each row.
            working_folder: where every process starts.
            servers_answer: whether servers that are not in the table can be reached; asked only before a silent process
                is restarted.
            ready_timeout_seconds: the start is given up after that long.
        """
        self._folder = folder
        self._watched = {spec.name: Watched(spec, launch, folder, working_folder) for spec, launch in rows}
        self._state = state
        self._servers_answer = servers_answer
        self._ready_timeout_seconds = ready_timeout_seconds
        self._stopping = False
        self._guard: subprocess.Popen[bytes] | None = None
        self._servers_up_since = 0.0
        self._next_log_check = 0.0
        self._written: tuple[object, ...] = ()
        state.processes = [watched.record for watched in self._watched.values()]

    def run(self, *, lifeline: bool = False) -> None:
        """Start everything, watch it until SIGTERM or SIGINT, stop everything.

        Args:
            lifeline: end also when standard input closes: whoever started us is gone.

        Raises:
            LauncherError: the stack did not become ready; everything is stopped again.
        """
        wake = self._wake_on_signals()
        inputs = [wake, 0] if lifeline else [wake]
        started_at = monotonic_seconds()
        self._start_guard()
        try:
            while not self._stopping:
                now = monotonic_seconds()
                self._step(now)
                if self._state.phase is Phase.STARTING:
                    self._check_start(now - started_at)
                self._write_state()
                self._wait(inputs, wake)
        finally:
            self._stop_all()

    def _wake_on_signals(self) -> int:
        read_end, write_end = os.pipe()
        for end in (read_end, write_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return read_end

    def _on_stop_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _wait(self, inputs: list[int], wake: int) -> None:
        """Until something happens or it is time to look again: often while anything is on its way up."""
        calm = {ProcessState.READY, ProcessState.SILENT, ProcessState.DONE}
        settled = all(watched.record.state in calm for watched in self._watched.values())
        readable, _, _ = select.select(inputs, [], [], 0.5 if settled else 0.04)
        if wake in readable:
            with contextlib.suppress(BlockingIOError):
                os.read(wake, 4096)
        if 0 in readable and not os.read(0, 4096):
            self._stopping = True

    def _step(self, now: float) -> None:
        for watched in self._watched.values():
            if watched.child is not None:
                self._look_after(watched, now)
            elif self._may_start(watched, now):
                watched.start(now)
                self._tell_guard(f"+{watched.record.pid} {int(watched.spec.stop_signal)}")
        self._note_servers()
        if self._guard is not None and self._guard.poll() is not None:
            self._start_guard()
        if now >= self._next_log_check:
            self._next_log_check = now + LOG_CHECK_SECONDS
            logs.keep_short(self._folder.logs)

    def _may_start(self, watched: Watched, now: float) -> bool:
        if watched.record.state not in {ProcessState.WAITING, ProcessState.RESTARTING} or not watched.may_start(now):
            return False
        # Order matters for the first start only: afterwards every process copes with a server that is away.
        first = watched.record.state is ProcessState.WAITING
        return not first or all(self._is_up(name) for name in watched.spec.after)

    def _is_up(self, name: str) -> bool:
        """Whether a process is ready or done; one that is not in the table is somebody else's, and up."""
        other = self._watched.get(name)
        return other is None or other.record.state in {ProcessState.READY, ProcessState.DONE}

    def _look_after(self, watched: Watched, now: float) -> None:
        assert watched.child is not None
        code = watched.child.exit_code()
        if code is not None:
            self._tell_guard(f"-{watched.record.pid}")
            self._note_end(watched, code, now)
            return
        watched.listen(now)
        if watched.record.state is ProcessState.STARTING and watched.is_ready():
            watched.record.state = ProcessState.READY
        elif silent := watched.silent_seconds(self._servers_up_since):
            self._end_silence(watched, silent)

    def _end_silence(self, watched: Watched, silent_seconds: float) -> None:
        """Kill a silent process, unless it is silent because it can't reach a server."""
        if self._servers_answer():
            _print(say("stale", name=watched.spec.title, seconds=silent_seconds))
            watched.kill_for_silence()
        else:
            # It gets its time again from when they are back; until then this is asked again now and then.
            self._servers_up_since = real_now().timestamp()

    def _note_end(self, watched: Watched, code: int, now: float) -> None:
        if watched.spec.kind is Kind.ONCE and code == 0:
            watched.child = None
            watched.record.state, watched.record.pid = ProcessState.DONE, 0
            watched.launch.afterwards()
            return
        if self._state.phase is Phase.STARTING and self._is_hopeless(watched):
            key, number = ("exit-signal", -code) if code < 0 else ("exit-code", code)
            sentence = say("failed-start", name=watched.spec.title, reason=say(key, number=number))
            watched.child = None
            raise LauncherError(sentence, log=watched.log)
        if not watched.was_killed_for_silence:
            key, number = ("died-signal", -code) if code < 0 else ("died-code", code)
            _print(say(key, name=watched.spec.title, number=number))
        watched.note_death(now)

    def _is_hopeless(self, watched: Watched) -> bool:
        """Whether another try is pointless while starting: servers and migrations either work or don't."""
        first_time = watched.record.state is ProcessState.STARTING and watched.record.restarts == 0
        if watched.spec.kind in {Kind.SERVER, Kind.ONCE}:
            return first_time
        return watched.deaths + 1 >= DEATHS_AT_START

    def _note_servers(self) -> None:
        """Keep track of since when all servers in the table are up."""
        servers = [w for w in self._watched.values() if w.spec.kind is Kind.SERVER]
        if not all(w.record.state is ProcessState.READY for w in servers):
            self._servers_up_since = float("inf")
        elif self._servers_up_since == float("inf"):
            self._servers_up_since = real_now().timestamp()

    def _check_start(self, elapsed_seconds: float) -> None:
        late = [w for w in self._watched.values() if not self._is_up(w.spec.name)]
        if not late:
            self._state.phase = Phase.READY
        elif elapsed_seconds > self._ready_timeout_seconds:
            names = ", ".join(w.spec.title for w in late)
            # What has started and isn't ready explains more than what waits for it.
            telling = next((w for w in late if w.record.state is not ProcessState.WAITING), late[0])
            raise LauncherError(say("not-ready", names=names, seconds=elapsed_seconds), log=telling.log)

    def _write_state(self) -> None:
        current = (self._state.phase, *((r.state, r.pid, r.restarts) for r in self._state.processes))
        if current != self._written:
            self._written = current
            # A full disk must not take the supervisor with it.
            with contextlib.suppress(OSError):
                self._state.write(self._folder.state_file)

    def _start_guard(self) -> None:
        script = Path(__file__).with_name("guard.py")
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for watched in self._watched.values():
            if watched.child is not None:
                self._tell_guard(f"+{watched.record.pid} {int(watched.spec.stop_signal)}")

    def _tell_guard(self, line: str) -> None:
        if self._guard is not None and self._guard.stdin is not None:
            with contextlib.suppress(OSError):
                self._guard.stdin.write(f"{line}\n".encode())
                self._guard.stdin.flush()

    def _stop_all(self) -> None:
        """Services first, servers last; whoever doesn't end in time is killed with its group."""
        if self._state.phase is not Phase.FAILED:
            self._state.phase = Phase.STOPPING
        self._write_state()
        everyone = list(self._watched.values())
        self._stop([w for w in everyone if w.spec.kind is not Kind.SERVER], SERVICE_STOP_SECONDS)
        self._stop([w for w in everyone if w.spec.kind is Kind.SERVER], SERVER_STOP_SECONDS)
        if self._guard is not None and self._guard.stdin is not None:
            self._guard.stdin.close()
            self._guard.wait()
        self._write_state()

    def _stop(self, watched_ones: Sequence[Watched], limit_seconds: float) -> None:
        for watched in reversed(watched_ones):
            if watched.child is not None:
                watched.child.ask_to_stop()
        deadline = monotonic_seconds() + limit_seconds
        while any(not _has_ended(w) for w in watched_ones) and monotonic_seconds() < deadline:
            select.select([], [], [], 0.02)
        for watched in watched_ones:
            if watched.child is not None:
                _print(say("killed", name=watched.spec.title, seconds=limit_seconds))
                watched.child.kill_group()
        while any(not _has_ended(w) for w in watched_ones):
            select.select([], [], [], 0.02)
        for watched in watched_ones:
            if watched.record.state is not ProcessState.DONE:
                watched.record.state = ProcessState.STOPPED
            if watched.record.pid:
                self._tell_guard(f"-{watched.record.pid}")
            watched.record.pid = 0


def _has_ended(watched: Watched) -> bool:
    if watched.child is not None and watched.child.exit_code() is not None:
        watched.child = None
    return watched.child is None


def _print(sentence: str) -> None:
    """Say something to people: our output is a log that the command line shows."""
    # A full disk takes the log, not the supervisor.
    with contextlib.suppress(OSError):
        print(sentence, flush=True)
