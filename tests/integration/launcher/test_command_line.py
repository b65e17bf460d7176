"""`python -m services.launcher` as a person uses it: sentences, exit codes, and what is left behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from services.launcher.folder import REPOSITORY, DataFolder
from services.launcher.stack import Stack
from tests.support.wait import until

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")},
    "MOTCUA_LANG": "en",
    "PYTHONPATH": str(REPOSITORY),
}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.launcher", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
        env={**ENVIRONMENT, **environment},
    )


def is_running(pid: int) -> bool:
    """Whether it does anything; one that nobody has taken note of yet doesn't."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_port_in_use_is_one_sentence_and_nothing_starts(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        done = run("up", "--data", str(tmp_path / "data"), "--port", str(port))
    assert done.returncode == 1
    assert (
        done.stderr == f"Port {port} is in use by another program; choose another with --port (0 takes any free one)\n"
    )
    assert not (tmp_path / "data" / "postgres").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--port", "http"], "A port is a number"),
        (["up", "--workers", "0"], "must be a whole number"),
        (["down"], "is not running"),
        (["status"], "is not running"),
        (["logs", "nobody"], "There is no log nobody"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = run(*arguments, "--data", str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_of_another_version_is_one_sentence(tmp_path: Path) -> None:
    DataFolder(tmp_path).prepare()
    (tmp_path / "version").write_text("0\n")
    done = run("up", "--data", str(tmp_path), "--port", "0")
    assert done.returncode == 1
    assert "is of another version (0, this is 1)" in done.stderr.splitlines()[-1]


def unwritable(kind: str, folder: Path) -> Path:
    """A data folder that nobody can write to, whoever runs the tests (root may write where others may not)."""
    if kind == "below a file":
        (folder / "file").write_text("")
        return folder / "file" / "data"
    if kind == "its run folder is a file":
        DataFolder(folder / "data").prepare()
        shutil.rmtree(folder / "data" / "run")
        (folder / "data" / "run").write_text("")
        return folder / "data"
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    (folder / "locked").mkdir(mode=0o500)
    return folder / "locked" / "data"


@pytest.mark.parametrize("kind", ["below a file", "its run folder is a file", "not ours to write to"])
@pytest.mark.parametrize("command", [["up", "--port", "0"], ["demo"], ["key"]], ids=" ".join)
def test_a_data_folder_that_cannot_be_written_to_is_one_sentence(tmp_path: Path, kind: str, command: list[str]) -> None:
    data = unwritable(kind, tmp_path)
    done = run(*command, "--data", str(data))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"The data folder {data} can't be written to: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("is_ours", [False, True], ids=["new", "used before"])
def test_a_data_folder_on_a_read_only_file_system_is_one_sentence(tmp_path: Path, is_ours: bool) -> None:
    """Mounted in a name space of its own, so that nothing of it is left."""
    data = tmp_path / "data"
    data.mkdir()
    if is_ours:
        DataFolder(data).prepare()
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
    alone = ["unshare", "-rm", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*alone, mount, data], check=False).returncode:
        pytest.skip("this machine doesn't let us mount")
    command = [sys.executable, "-m", "services.launcher", "up", "--port", "0", "--data", str(data)]
    done = subprocess.run(
        [*alone, f'{mount} && exec "$@"', data, *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=ENVIRONMENT,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"The data folder {data} can't be written to: Read-only file system\n"


def test_vietnamese_is_spoken_on_request(tmp_path: Path) -> None:
    assert "motcua không chạy" in run("down", "--data", str(tmp_path / "x"), MOTCUA_LANG="vi").stderr


def test_the_admin_key_stays_the_same(tmp_path: Path) -> None:
    first, second = (run("key", "--data", str(tmp_path / "data")).stdout for _ in range(2))
    assert first == second
    assert len(first.strip()) >= 24


def test_migrate_says_what_it_needs() -> None:
    assert "MOTCUA_DATABASE_URL" in run("migrate").stderr


@pytest.fixture
def detached(passable_folder: Path) -> Iterator[Stack]:
    """A stack without services, started in the background."""
    done = run("up", "--servers-only", "--detach", "--data", str(passable_folder))
    assert done.returncode == 0, done.stdout + done.stderr
    yield Stack(passable_folder)
    run("down", "--data", str(passable_folder))


def test_a_detached_stack_is_shown_refuses_a_second_one_and_goes_down(detached: Stack) -> None:
    data = str(detached.folder.path)
    shown = run("status", "--data", data)
    assert "postgres" in shown.stdout
    assert str(detached.pid_of("redis")) in shown.stdout
    assert "ready to accept connections" in run("logs", "postgres", "--data", data).stdout

    second = run("up", "--servers-only", "--data", data)
    assert second.returncode == 1
    assert "already running" in second.stderr

    state = detached.state()
    assert state is not None
    pids = [state.pid, *(record.pid for record in state.processes if record.pid)]
    assert run("down", "--data", data).returncode == 0
    assert [pid for pid in pids if is_running(pid)] == []
    assert run("down", "--data", data).returncode == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_ending_the_foreground_process_ends_everything(passable_folder: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "services.launcher", "up", "--servers-only", "--data", str(passable_folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        stack = Stack(passable_folder)
        until(stack.is_ready, 60, what="ready")
        pids = [stack.pid_of("postgres"), stack.pid_of("redis")]
        process.send_signal(number)
        process.communicate(timeout=15)
    until(lambda: not any(is_running(pid) for pid in pids), 15, what="everything gone")
    until(lambda: not stack.folder.is_in_use(), 15, what="the folder free")
