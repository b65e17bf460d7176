"""`./motcua bench`: hands on what it is given, and says so where there is nothing to run."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.launcher import bench
from services.launcher.cli import cli
from services.launcher.errors import LauncherError
from services.launcher.stack import STOP_TIMEOUT_SECONDS


def test_bench_ends_with_the_exit_code_of_the_measurements() -> None:
    """It refuses what isn't one of its parts before anything starts."""
    assert CliRunner().invoke(cli, ["bench", "nonsense", "--fraction", "0.5"]).exit_code == 2


def test_without_the_measurements_it_says_where_they_were_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bench, "REPOSITORY", tmp_path)
    with pytest.raises(LauncherError) as caught:
        bench.run_bench([])
    assert str(tmp_path) in caught.value.sentence


def test_measurements_may_take_longer_to_end_than_a_stack_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before, they would leave their stack's folder behind."""
    asked: dict[str, Any] = {}

    def run_program(_module: str, _arguments: Any, **options: Any) -> int:
        asked.update(options)
        return 0

    monkeypatch.setattr(bench, "run_program", run_program)
    assert bench.run_bench([]) == 0
    # The supervisor's time to end, and as long again for whoever waits for it.
    assert asked["stop_seconds"] >= 2 * STOP_TIMEOUT_SECONDS
