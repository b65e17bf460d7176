"""Shipped presets with counted officers through the running services: what is on time is what comes of their number."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.launcher.folder import REPOSITORY
from services.launcher.stack import Stack
from services.simulator.staffing_files import load_staffing
from tests.support.filings import catalogue

PRESET = "ha-tinh-2020"

#: It has two working hours, so it is the first to be late.
AMENDMENT = "amendment-before-clearance"

#: Longest time of one run on a busy machine (seconds); on a quiet one it takes about five.
PATIENCE_SECONDS = 120

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")},
    "MOTCUA_LANG": "en",
    "NO_COLOR": "1",
    "COLUMNS": "120",
}


def simulate(stack: Stack, folder: Path, *options: str) -> tuple[str, dict[str, Any]]:
    """What it says on the screen, and its report."""
    said = subprocess.run(
        [
            *(str(REPOSITORY / "motcua"), "simulate", PRESET, "--data", str(stack.folder.path)),
            *("--json", "report.json", "--html", "report.html", *options),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env=ENVIRONMENT,
        cwd=folder,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout, json.loads((folder / "report.json").read_text(encoding="utf-8"))


def fewer(folder: Path) -> str:
    """The preset's staffing with half of its officers, rounded down, at least one a desk; a file."""
    wire = load_staffing(PRESET, catalogue()).to_wire()
    for desk in wire["desks"]:
        desk["officers"] = max(desk["officers"] // 2, 1)
    file = folder / "fewer.yaml"
    file.write_text(yaml.safe_dump(wire), encoding="utf-8")
    return str(file)


def mean_wait(report: dict[str, Any], procedure: str) -> float:
    """From receipt to result (seconds)."""
    return float(
        next(row for row in report["waiting"]["rows"] if row["procedure_id"] == procedure)["to_result"]["mean_seconds"]
    )


def test_everything_is_on_time_and_with_fewer_officers_it_is_not(stack: Stack, tmp_path: Path) -> None:
    said, report = simulate(stack, tmp_path)
    assert f"Staffing: {PRESET}" in said
    assert report["desks"] == load_staffing(PRESET, catalogue()).to_wire()["desks"]
    assert (report["conservation"]["filed"], report["conservation"]["open"]) == (1579, 0)
    assert report["on_time"]["limited"] > 1500
    assert report["on_time"]["ratio"] == 1

    _, late = simulate(stack, tmp_path, "--staffing", fewer(tmp_path))
    assert late["conservation"] == report["conservation"], "the same crowd, and the same decisions in the end"
    assert 0.9 < late["on_time"]["ratio"] < 0.99
    # Nights and weekends are in it, too.
    assert mean_wait(late, AMENDMENT) > 1.1 * mean_wait(report, AMENDMENT)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Waiting times" in page
    assert "fewer" in page


@pytest.mark.parametrize("options", [["--staffing", "none"], ["--set", "staffing=none"]], ids=" ".join)
def test_without_a_staffing_the_robot_decides(stack: Stack, tmp_path: Path, options: list[str]) -> None:
    said, report = simulate(stack, tmp_path, "--fraction", "0.05", *options)
    assert "Staffing: the robot, which is never busy" in said
    assert report["desks"] == []
    assert {row["skill"] for row in report["waiting"]["rows"]} == {None}
