"""Programs in the foreground: when they are interrupted they may tidy up, for as long as they were given."""

import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pytest

from services.launcher import programs
from services.launcher.programs import run_program

#: Has whoever runs it interrupted as soon as it is ready; ends so many seconds after it is told to.
PROGRAM = """
import os, pathlib, signal, sys, time

def tidy(number, frame):
    time.sleep(float(sys.argv[1]))
    pathlib.Path(sys.argv[2]).touch()
    sys.exit(3)

signal.signal(signal.SIGTERM, tidy)
os.kill(os.getppid(), signal.SIGUSR1)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _slow_to_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    (tmp_path / "slow_to_end.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setattr(programs, "REPOSITORY", tmp_path)

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield
    signal.signal(signal.SIGUSR1, before)


def test_it_may_tidy_up(tmp_path: Path) -> None:
    tidied = tmp_path / "tidied"
    with pytest.raises(KeyboardInterrupt):
        run_program("slow_to_end", ["0.1", str(tidied)], stop_seconds=30)
    assert tidied.exists()


def test_it_is_killed_when_it_takes_too_long(tmp_path: Path) -> None:
    tidied = tmp_path / "tidied"
    with pytest.raises(KeyboardInterrupt):
        run_program("slow_to_end", ["60", str(tidied)], stop_seconds=0.01)
    assert not tidied.exists()
