"""`./motcua demo` as a person runs it: in a data folder of its own, to the end, and interrupted."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests

from services.launcher.folder import REPOSITORY

#: English, no colours, and nothing of the settings of whoever runs the tests.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")},
    "MOTCUA_LANG": "en",
    "NO_COLOR": "1",
}

#: Longest time of a whole demonstration on a busy machine (seconds); on a quiet one it takes about fifteen.
PATIENCE_SECONDS = 180


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that another user (PostgreSQL's, when root runs the tests) can pass through."""
    path = Path(tempfile.mkdtemp(prefix="motcua-demo-"))
    path.chmod(0o711)
    yield path / "data"
    shutil.rmtree(path)


def start(folder: Path, *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [str(REPOSITORY / "motcua"), "demo", "--port", "0", "--data", str(folder), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
        start_new_session=True,
    )


def read_until(process: "subprocess.Popen[str]", pattern: str) -> str:
    """What it says up to a line with this; the test's own time limit is the last resort."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if re.search(pattern, line):
            return said
    raise AssertionError(f"it ended without saying {pattern}:\n{said}")


def processes_of(folder: Path) -> list[str]:
    """Every process that has the folder's path among its arguments or in its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and _is_about(process, str(folder)):
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
        except psutil.Error:
            continue
    return found


def _is_about(process: psutil.Process, path: str) -> bool:
    return any(path in text for text in [*process.cmdline(), *process.environ().values()])


def test_it_ends_by_itself_with_a_table_that_adds_up_and_leaves_nothing_running(folder: Path) -> None:
    with start(folder, "--exit") as process:
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said
    assert "1,579 dossiers of 8 procedures by 366 enterprises" in said
    assert "✓ All counts equal a recount of the ledger" in said
    assert "✓ 366 distinct enterprises and 0 individuals" in said
    assert "✗" not in said
    assert "sign-in" not in said, "a link to pages that are gone"

    rows = [[int(cell) for cell in cells] for cells in table_of(said)]
    *procedures, total = rows
    assert len(procedures) == 8
    assert [sum(column) for column in zip(*procedures, strict=True)] == total
    for filed, not_received, received, early, on_time, overdue, without_limit, still_open in rows:
        assert filed == not_received + received
        assert received == early + on_time + overdue + without_limit + still_open
    # What comes of the preset's officers; README.md shows the table to the digit.
    assert total == [1579, 18, 1561, 1510, 4, 0, 47, 0]
    assert "(8,462 facts)" in said

    assert processes_of(folder) == []


def table_of(said: str) -> list[list[str]]:
    """The eight whole numbers of each row of the table, the total's last."""
    row = re.compile(r"^ \S.*?((?:\s+[0-9,]+){8})\s+(?:–|[0-9.]+%)\s*$", re.MULTILINE)
    return [match[1].replace(",", "").split() for match in row.finditer(said)]


def test_the_pages_stay_up_until_ctrl_c_which_leaves_only_the_data(folder: Path) -> None:
    with start(folder) as process:
        said = read_until(process, r"Press Ctrl-C to stop")
        link = re.search(r"http://\S+/sign-in/\S+", said)
        assert link is not None, said
        with requests.Session() as session:
            session.trust_env = False
            page = session.get(link[0], timeout=10)
            assert page.ok
            # Signed in to the very sandbox: its dossiers are there.
            listing = session.get(page.url.split("/sign-in")[0].rstrip("/") + "/dossiers", timeout=10)
            assert listing.ok
            assert "000.00.00.G12-20" in listing.text
        os.kill(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert "Stopped; the data stays in" in rest
    assert processes_of(folder) == []
    assert folder.is_dir()


def interrupt_as_a_terminal_does(process: "subprocess.Popen[str]") -> None:
    """Ctrl-C reaches everything in the foreground at once."""
    os.killpg(process.pid, signal.SIGINT)


def terminate(process: "subprocess.Popen[str]") -> None:
    process.terminate()


@pytest.mark.parametrize("end", [interrupt_as_a_terminal_does, terminate])
def test_interrupted_in_the_middle_everything_ends(
    folder: Path, end: "Callable[[subprocess.Popen[str]], None]"
) -> None:
    with start(folder) as process:
        read_until(process, r"Filing and processing")
        children = psutil.Process(process.pid).children(recursive=True)
        assert any("services.simulator" in child.cmdline() for child in children)
        end(process)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert "Stopped; the data stays in" in rest
    assert [child for child in children if child.is_running()] == []
    assert processes_of(folder) == []


def test_it_shows_itself_on_a_stack_that_runs_already(folder: Path) -> None:
    def motcua(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [str(REPOSITORY / "motcua"), *arguments, "--data", str(folder)]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS, env=ENVIRONMENT
        )

    started = motcua("up", "--port", "0", "--detach")
    assert started.returncode == 0, started.stderr
    try:
        shown = motcua("demo")
        assert shown.returncode == 0, shown.stdout + shown.stderr
        assert "All counts equal a recount of the ledger" in shown.stdout
        assert "/sign-in/" in shown.stdout
    finally:
        motcua("down")
    assert processes_of(folder) == []
