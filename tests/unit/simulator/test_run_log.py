"""What is kept of a run: for its owner alone, whole at every moment, and found again."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.simulator.run_log import (
    NoRunError,
    Refused,
    RunLog,
    RunPlan,
    RunState,
    StepTimes,
    UnreadableRunError,
    begin,
    find,
)

AT = datetime(2026, 11, 22, 8, 15, tzinfo=UTC)


def plan(preset: str = "ha-tinh-2020") -> RunPlan:
    return RunPlan("", preset, 0.5, 7, ("dossier_count=100",), None, 4, "digest")


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    log = begin(tmp_path / "runs", "ha-tinh-2020", AT, plan())
    assert re.fullmatch("ha-tinh-2020-20261122-081500-[0-9a-f]{6}", log.state.plan.run_id)
    log.keep_sandbox("abc", "secret")
    log.keep(windows_done=3, refused=(Refused(5, "x"),), steps=(StepTimes("2020-01-08T00:00:00+07:00", 9, 1, 2, 3.5),))
    again = find(tmp_path / "runs", log.state.plan.run_id)
    assert again == log
    assert (again.key, again.state.sandbox_id, again.state.windows_done) == ("secret", "abc", 3)


def test_nobody_else_may_look(tmp_path: Path) -> None:
    log = begin(tmp_path / "runs", "x", AT, plan())
    log.keep_sandbox("abc", "secret")
    assert {path.name: path.stat().st_mode & 0o777 for path in log.folder.iterdir()} == {
        "run.json": 0o600,
        "key": 0o600,
    }
    assert log.folder.stat().st_mode & 0o777 == 0o700
    assert "secret" not in (log.folder / "run.json").read_text()


def test_before_a_sandbox_is_open_there_is_no_key(tmp_path: Path) -> None:
    assert begin(tmp_path, "x", AT, plan()).key is None


def test_two_runs_in_one_second_have_names_of_their_own_even_in_two_folders(tmp_path: Path) -> None:
    """They may be sent to one portal, which opens one sandbox for one name."""
    names = {begin(tmp_path / folder, "x", AT, plan()).state.plan.run_id for folder in "abc"}
    assert len(names) == 3


def test_a_file_that_was_half_written_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = begin(tmp_path, "x", AT, plan())
    log.keep(windows_done=1)

    def break_down(_descriptor: int) -> None:
        raise OSError("the machine is gone")

    monkeypatch.setattr(os, "fsync", break_down)
    with pytest.raises(OSError, match="gone"):
        log.keep(windows_done=2)
    assert find(tmp_path, None).state.windows_done == 1


def aged(log: RunLog, seconds: int) -> RunLog:
    os.utime(log.folder / "run.json", (seconds, seconds))
    return log


def test_the_latest_run_is_taken_of_all_or_of_one_preset(tmp_path: Path) -> None:
    first = aged(begin(tmp_path, "ha-tinh-2020", AT, plan()), 1000)
    second = aged(begin(tmp_path, "national", AT, plan("/somewhere/national.yaml")), 3000)
    third = aged(begin(tmp_path, "ha-tinh-2020", AT, plan()), 2000)
    assert find(tmp_path, None).folder == second.folder
    assert find(tmp_path, "ha-tinh-2020").folder == third.folder
    assert find(tmp_path, "national").folder == second.folder
    assert find(tmp_path, first.folder.name).folder == first.folder


def test_what_there_is_not_is_told_with_what_there_is(tmp_path: Path) -> None:
    log = begin(tmp_path, "ha-tinh-2020", AT, plan())
    with pytest.raises(NoRunError) as raised:
        find(tmp_path, "national")
    assert raised.value.names == [log.state.plan.run_id]
    with pytest.raises(NoRunError):
        find(tmp_path / "nowhere", None)


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 99}', "{"])
def test_a_broken_file_is_told_by_its_path(tmp_path: Path, text: str) -> None:
    log = begin(tmp_path, "x", AT, plan())
    (log.folder / "run.json").write_text(text)
    with pytest.raises(UnreadableRunError, match=r"run\.json"):
        find(tmp_path, None)


def test_the_wire_form_is_plain_json() -> None:
    state = RunState(plan(), refused=(Refused(1, "x"),), steps=(StepTimes("t", 1, 0, 1),))
    assert RunState.from_wire(json.loads(json.dumps(state.to_wire()))) == state
