"""`./motcua simulate` as a person runs it on a running stack: to the end, killed and gone on with, asked wrongly."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from motcua import Client

from services.launcher.folder import REPOSITORY
from services.launcher.stack import Stack
from services.simulator.run_log import find
from tests.support.wait import until

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")},
    "MOTCUA_LANG": "en",
    "NO_COLOR": "1",
}

#: Longest time of one run on a busy machine (seconds).
PATIENCE_SECONDS = 240

PRESET = "national-2018-q2"


def command(stack: Stack, *arguments: str) -> list[str]:
    return [str(REPOSITORY / "motcua"), "simulate", "--data", str(stack.folder.path), *arguments]


def simulate(stack: Stack, *arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(stack, *arguments),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env=ENVIRONMENT,
        cwd=cwd,
    )


def read(path: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def test_a_taste_of_a_quarter_ends_with_a_table_and_two_files(stack: Stack, tmp_path: Path) -> None:
    said = simulate(stack, PRESET, "--fraction", "0.0005", "--json", "r.json", "--html", "r.html", cwd=tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "✓ All counts equal a recount of the ledger" in said.stdout
    assert "✓ Each dossier was filed on the day that was meant" in said.stdout
    assert "✗" not in said.stdout
    assert "/sign-in/" in said.stdout  # the stack goes on, so its pages are there

    report = read(tmp_path / "r.json")
    sums = report["conservation"]
    assert report["is_right"]
    assert sums["sent"] == sums["filed"] == 1535
    assert sums["received"] == sums["resolved"] + sums["open"]
    assert sum(row["filed"] for row in report["procedures"]) == sums["filed"]
    assert sum(row["filed"] for row in report["offices"]) == sums["filed"]
    assert sum(map(sum, report["arrivals"]["by_weekday_and_hour"])) == sums["filed"]
    assert sum(sum(row["to_receipt"]["counts"]) for row in report["waiting"]["rows"]) == sums["received"]
    assert report["days"][-1]["backlog"] == sums["open"] + sums["awaiting_receipt"]
    assert "Simulation report" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.fixture
def known(stack: Stack) -> set[str]:
    """The runs that there were before."""
    return runs_of(stack)


@pytest.fixture
def running(stack: Stack, known: set[str]) -> "Iterator[subprocess.Popen[str]]":
    """A run that goes on meanwhile, in windows that take their time."""
    with subprocess.Popen(
        command(stack, PRESET, "--fraction", "0.002", "--seed", "5"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        yield process
        process.kill()


def is_crowd(process: psutil.Process) -> bool:
    try:
        return "services.simulator" in process.cmdline()
    except psutil.Error:  # it has ended since it was seen
        return False


def crowd_of(process: "subprocess.Popen[str]") -> psutil.Process:
    """The crowd that a command line has let loose."""
    found: list[psutil.Process] = []

    def is_there() -> bool:
        found[:] = [child for child in psutil.Process(process.pid).children(recursive=True) if is_crowd(child)]
        return bool(found)

    until(is_there, 30, what="a crowd")
    return found[0]


def runs_of(stack: Stack) -> set[str]:
    return {path.parent.name for path in stack.folder.runs.glob("*/run.json")}


def new_run(stack: Stack, known: set[str]) -> str:
    """The run that wasn't there before."""
    found: set[str] = set()

    def is_there() -> bool:
        found.update(runs_of(stack) - known)
        return bool(found)

    until(is_there, 60, what="a run")
    (name,) = found
    return name


def test_a_killed_crowd_goes_on_and_every_dossier_ends_as_it_would_have(
    stack: Stack, running: "subprocess.Popen[str]", known: set[str], tmp_path: Path
) -> None:
    crowd, name = crowd_of(running), new_run(stack, known)

    def windows_done() -> int:
        return find(stack.folder.runs, name).state.windows_done

    until(lambda: windows_done() > 5, 60, what="windows")
    crowd.send_signal(signal.SIGKILL)
    assert running.wait(30) == 128 + signal.SIGKILL
    assert windows_done() < 91

    said = simulate(stack, "--resume", name, "--json", str(tmp_path / "resumed.json"))
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Going on with" in said.stdout
    resumed = find(stack.folder.runs, name)
    again = simulate(stack, PRESET, "--fraction", "0.002", "--seed", "5", "--json", str(tmp_path / "whole.json"))
    assert again.returncode == 0, again.stdout + again.stderr
    whole = find(stack.folder.runs, new_run(stack, {*known, name}))

    first, second = read(tmp_path / "resumed.json"), read(tmp_path / "whole.json")
    assert first["run_figures"]["sessions"] == 2
    for member in ("conservation", "procedures", "offices", "days", "arrivals", "waiting", "fact_count"):
        assert first[member] == second[member]
    assert ends(stack, resumed.key) == ends(stack, whole.key)


def ends(stack: Stack, key: str | None) -> list[tuple[int, str, str, str]]:
    """Number, who, how and when of every dossier."""
    assert key is not None
    with Client(stack.portal_url, key) as sandbox:
        return sorted(
            (int(d["number"]), str(d["applicant"]["identifier"]), str(d["status"]), str(d["status_at"]))
            for d in sandbox.dossiers()
        )


def test_ctrl_c_says_how_to_go_on(stack: Stack, running: "subprocess.Popen[str]") -> None:
    crowd_of(running)
    assert running.stdout is not None
    for line in running.stdout:
        if "Filing and processing" in line:
            break
    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate(timeout=30)
    assert running.returncode == 130, rest
    assert f"Go on with: ./motcua simulate --resume {PRESET}-" in rest
    assert f"--data {stack.folder.path}" in rest
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "A preset is needed"),
        (["no-such-preset"], "There is no preset no-such-preset"),
        ([PRESET, "--set", "dossier_counts=1"], "close to it: dossier_count"),
        ([PRESET, "--staffing", "nobody"], "There is no staffing nobody"),
        ([PRESET, "--json", "/no/such/folder/r.json"], "There is no folder /no/such/folder"),
        (["--resume", "no-such-run"], "There is no such run"),
        (["--resume", "--seed", "3"], "not together with --seed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_asked_wrongly_is_told_in_a_sentence(stack: Stack, arguments: Sequence[str], sentence: str) -> None:
    said = simulate(stack, *arguments)
    assert said.returncode == 1, said.stdout + said.stderr
    assert sentence in " ".join((said.stdout + said.stderr).split())
    assert "Traceback" not in said.stdout + said.stderr


@pytest.mark.parametrize(
    ("arguments", "language", "code", "sentence"),
    [
        (["no-such-preset"], "en", 1, "There is no preset no-such-preset"),
        ([PRESET, "--fraction", "2"], "en", 2, "--fraction needs a number above 0 up to 1."),
        ([PRESET, "--fraction", "2"], "vi", 2, "--fraction cần một số lớn hơn 0 đến 1."),
        ([PRESET, "--seed", "x"], "en", 2, "--seed needs a whole number from 0."),
        ([PRESET, "--staffing", "nobody"], "en", 1, "There is no staffing nobody"),
        (["--resume", "no-such-run"], "en", 1, "There is no such run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value)[:2],
)
def test_what_is_asked_wrongly_starts_nothing(
    tmp_path: Path, arguments: Sequence[str], language: str, code: int, sentence: str
) -> None:
    data = tmp_path / "data"
    said = subprocess.run(
        [str(REPOSITORY / "motcua"), "simulate", *arguments, "--data", str(data)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**ENVIRONMENT, "MOTCUA_LANG": language, "COLUMNS": "200"},
    )
    assert said.returncode == code, said.stdout + said.stderr
    assert " ".join((said.stdout + said.stderr).split()).startswith(sentence)
    assert not (data / "postgres").exists()
