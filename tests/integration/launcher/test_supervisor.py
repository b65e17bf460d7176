"""The supervisor with real child processes: what dies comes back, what stops leaves nothing."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from services.launcher.folder import REPOSITORY
from services.launcher.ports import free_port
from services.launcher.stack import Stack
from tests.support.wait import until

SCRIPT = REPOSITORY / "tests" / "support" / "stand_in_supervisor.py"


class StandInStack:
    """A running supervisor with stand-ins, and the usual handle on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.handle = Stack(data)
        self.process: subprocess.Popen[str] | None = None

    @property
    def output(self) -> str:
        path = self.data.with_suffix(".out")
        return path.read_text() if path.exists() else ""

    def start(self, *rows: dict[str, Any]) -> None:
        self.clean_up()
        with self.data.with_suffix(".out").open("a") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(SCRIPT), str(self.data), json.dumps(rows)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                text=True,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY), "MOTCUA_LANG": "en"},
                start_new_session=True,
            )

    def until_ready(self) -> None:
        until(self.handle.is_ready, 40, what=f"ready; {self.output}")

    def end(self) -> int:
        """Ask it to stop; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(12)

    def clean_up(self) -> None:
        if self.process is not None:
            if self.process.stdin is not None:
                self.process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(12)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[StandInStack]:
    stack = StandInStack(tmp_path / "data")
    yield stack
    stack.clean_up()


def loop(name: str, behaviour: str = "beat", argument: str = "", after: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"name": name, "kind": "loop", "behaviour": behaviour, "argument": argument, "after": list(after)}


def carriers(data: Path) -> list[psutil.Process]:
    """Every process that was started for the data folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("MOTCUA_DATA") == str(data) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_a_stack_is_ready_when_every_process_is(stack: StandInStack) -> None:
    port = free_port("127.0.0.1")
    stack.start(loop("one"), {"name": "page", "kind": "web", "behaviour": "serve", "argument": str(port)})
    stack.until_ready()
    state = stack.handle.state()
    assert state is not None
    assert [record.state for record in state.processes] == ["ready", "ready"]


def test_processes_start_in_the_order_that_the_table_asks_for(stack: StandInStack, tmp_path: Path) -> None:
    notes = str(tmp_path / "notes")
    stack.start(
        loop("third", "note", notes, ("second",)),
        loop("second", "note", notes, ("first",)),
        loop("first", "note", notes),
    )
    stack.until_ready()
    assert Path(notes).read_text().split() == ["first", "second", "third"]


def test_a_process_that_stands_back_does_so_with_its_children(stack: StandInStack, tmp_path: Path) -> None:
    pid_file = tmp_path / "child.pid"
    stack.start({**loop("behind", "beat-with-child", str(pid_file)), "niceness": 3}, loop("door"))
    stack.until_ready()
    until(lambda: pid_file.exists() and pid_file.read_text(), what="the child's pid")
    pids = (stack.handle.pid_of("door"), stack.handle.pid_of("behind"), int(pid_file.read_text()))
    door, behind, child = (os.getpriority(os.PRIO_PROCESS, pid) for pid in pids)
    assert behind == child == min(door + 3, 19)


def test_a_killed_process_is_named_and_started_again(stack: StandInStack) -> None:
    stack.start(loop("processing-worker"), loop("bystander"))
    stack.until_ready()
    bystander = stack.handle.pid_of("bystander")
    killed = stack.handle.kill("processing-worker")
    until(lambda: stack.handle.pid_of("processing worker") not in {0, killed}, what="restart")
    stack.until_ready()
    assert "processing worker died (signal 9), restarting" in stack.output
    assert stack.handle.restarts_of("processing-worker") == 1
    assert stack.handle.pid_of("bystander") == bystander


def test_a_killed_process_takes_its_children_along(stack: StandInStack, tmp_path: Path) -> None:
    pid_file = tmp_path / "child.pid"
    stack.start(loop("worker", "beat-with-child", str(pid_file)))
    stack.until_ready()
    until(lambda: pid_file.exists() and pid_file.read_text(), what="the child's pid")
    child = psutil.Process(int(pid_file.read_text()))
    stack.handle.kill("worker")
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, what="the child's end")


def test_a_silent_process_is_restarted(stack: StandInStack) -> None:
    stack.start(loop("worker", "beat-once"))
    until(lambda: "worker has shown no sign of life" in stack.output, what="silence noticed")
    until(lambda: stack.handle.restarts_of("worker") >= 1, what="restart")


def test_nobody_is_restarted_for_waiting_for_a_server_that_is_away(stack: StandInStack) -> None:
    away = stack.data / "servers-are-away"
    stack.start(loop("worker", "beat-once"))
    stack.until_ready()
    away.touch()
    beat = (stack.handle.folder.heartbeats / "worker").stat().st_mtime
    until(lambda: time.time() - beat > 3, what="a silence three times as long as is allowed")
    assert stack.handle.restarts_of("worker") == 0
    away.unlink()
    until(lambda: stack.handle.restarts_of("worker") >= 1, what="restart")
    assert stack.output.count("worker has shown no sign of life") == 1
    assert "died" not in stack.output


def web(behaviour: str) -> dict[str, Any]:
    return {"name": "page", "kind": "web", "behaviour": behaviour, "argument": str(free_port("127.0.0.1"))}


def test_a_web_process_that_hangs_is_shown_as_silent_and_restarted(stack: StandInStack) -> None:
    stack.start(web("serve-then-hang"), loop("bystander"))
    stack.until_ready()
    hung, bystander = stack.handle.pid_of("page"), stack.handle.pid_of("bystander")
    until(lambda: stack.handle.record_of("page").state == "silent", 10, what="silent")
    assert stack.handle.pid_of("page") == hung
    assert not stack.handle.is_ready()
    until(lambda: stack.handle.pid_of("page") not in {0, hung}, 10, what="restart")
    stack.until_ready()
    assert stack.output.count("page has shown no sign of life") == 1
    assert "died" not in stack.output
    assert stack.handle.pid_of("bystander") == bystander


def test_a_web_process_that_answers_anything_is_left_alone(stack: StandInStack) -> None:
    """It may be 503 for as long as a database is away."""
    stack.start(web("serve-then-refuse"))
    stack.until_ready()
    time.sleep(4)  # longer than a silence may last
    assert stack.handle.is_ready()
    assert stack.handle.restarts_of("page") == 0


def test_a_web_process_is_not_restarted_while_a_server_is_away(stack: StandInStack) -> None:
    away = stack.data / "servers-are-away"
    stack.start(web("serve-then-hang"))
    stack.until_ready()
    away.touch()
    time.sleep(4.5)  # longer than a silence may last
    assert stack.handle.record_of("page").state == "silent"
    assert stack.handle.restarts_of("page") == 0
    away.unlink()
    until(lambda: stack.handle.restarts_of("page") == 1, 10, what="restart")


def test_a_web_process_that_is_stopped_and_goes_on_is_ready_again(stack: StandInStack) -> None:
    stack.start(web("serve"))
    stack.until_ready()
    pid = stack.handle.kill("page", signal.SIGSTOP)
    until(lambda: stack.handle.record_of("page").state == "silent", 10, what="silent")
    stack.handle.kill("page", signal.SIGCONT)
    until(stack.handle.is_ready, 10, what="ready again")
    assert stack.handle.pid_of("page") == pid


def test_stopping_leaves_no_process_even_a_stubborn_one(stack: StandInStack, tmp_path: Path) -> None:
    stack.start(loop("stubborn", "stubborn"), loop("parent", "beat-with-child", str(tmp_path / "pid")))
    stack.until_ready()
    started = time.monotonic()
    assert stack.end() == 0
    assert time.monotonic() - started < 10
    assert carriers(stack.data) == []


def test_a_killed_supervisor_takes_everything_along(stack: StandInStack, tmp_path: Path) -> None:
    stack.start(loop("worker", "beat-with-child", str(tmp_path / "pid")), loop("other"))
    stack.until_ready()
    assert stack.process is not None
    stack.process.kill()
    until(lambda: not carriers(stack.data), 10, what="all gone")


def test_leftovers_of_a_killed_supervisor_and_guard_are_removed_at_the_next_start(
    stack: StandInStack, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    stack.start(loop("worker", "beat-with-child", str(pid_file)))
    stack.until_ready()
    until(lambda: pid_file.exists() and pid_file.read_text(), what="the child's pid")
    assert stack.process is not None
    supervisor = psutil.Process(stack.process.pid)
    guard = next(child for child in supervisor.children() if any("guard.py" in part for part in child.cmdline()))
    guard.suspend()
    supervisor.kill()
    guard.kill()
    stack.process.wait(5)
    survivor = psutil.Process(int(pid_file.read_text()))
    assert survivor.is_running()

    stack.start(loop("other"))
    until(lambda: "left over: worker" in stack.output, what="the leftovers")
    stack.until_ready()
    assert not survivor.is_running()


def test_a_stack_whose_process_never_comes_up_is_given_up_with_its_log(stack: StandInStack) -> None:
    stack.start(loop("good"), loop("bad", "fail", "3"))
    assert stack.process is not None
    assert stack.process.wait(40) == 1
    assert "bad could not be started (exit code 3)" in stack.output
    assert "what went wrong" in stack.handle.folder.log_of("bad").read_text()
    assert carriers(stack.data) == []


def test_a_stack_ends_when_whoever_started_it_is_gone(stack: StandInStack) -> None:
    stack.start(loop("worker"))
    stack.until_ready()
    assert stack.process is not None
    assert stack.process.stdin is not None
    stack.process.stdin.close()
    assert stack.process.wait(15) == 0
    assert carriers(stack.data) == []


def test_a_dead_guard_is_replaced(stack: StandInStack) -> None:
    stack.start(loop("worker"))
    stack.until_ready()
    assert stack.process is not None
    supervisor = psutil.Process(stack.process.pid)

    def guards() -> list[int]:
        found = []
        for child in supervisor.children():
            with contextlib.suppress(psutil.Error):
                if any("guard.py" in part for part in child.cmdline()):
                    found.append(child.pid)
        return found

    first = guards()
    os.kill(first[0], signal.SIGKILL)
    until(lambda: guards() and guards() != first, what="a new guard")
    supervisor.kill()
    until(lambda: not carriers(stack.data), what="all gone")
