"""The data folder and the state file in it."""

import os
from pathlib import Path

import pytest

from services.launcher.errors import LauncherError
from services.launcher.folder import LAYOUT_VERSION, REPOSITORY, DataFolder, default_path
from services.launcher.state import Phase, ProcessRecord, ProcessState, StackState, is_same_process, start_of


def test_a_new_folder_is_made_and_can_be_prepared_again(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "deep" / "data")
    folder.prepare()
    folder.prepare()
    assert (folder.path / "version").read_text().strip() == LAYOUT_VERSION
    assert folder.path.stat().st_mode & 0o777 == 0o711
    assert folder.logs.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_another_version_is_refused(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    (tmp_path / "version").write_text("99\n")
    with pytest.raises(LauncherError, match="99"):
        folder.prepare()


def test_a_folder_that_is_somebody_elses_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(LauncherError):
        DataFolder(tmp_path).prepare()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_cannot_be_written_to_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LauncherError, match=str(tmp_path)) as raised:
        DataFolder(tmp_path / "file" / "data").prepare()
    assert "\n" not in raised.value.sentence


def test_only_one_holds_the_folder(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert not folder.is_in_use()
    with folder.lock() as first, folder.lock() as second:
        assert (first, second) == (True, False)
        assert folder.is_in_use()
    assert not folder.is_in_use()


def test_the_default_folder_does_not_depend_on_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOTCUA_DATA", raising=False)
    assert default_path() == REPOSITORY / ".motcua"
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path / "x"))
    assert default_path() == tmp_path / "x"


def test_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = ProcessRecord("portal-web", ProcessState.READY, 12, 3.5, 1, "http://a")
    state = StackState(pid=1, started=2.0, phase=Phase.READY, settings={"a": "b"}, processes=[record])
    path = tmp_path / "stack.json"
    state.write(path)
    assert StackState.read(path) == state
    assert state.process("portal web") is record
    assert state.process("nobody") is None
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"phase": "odd", "processes": []}'])
def test_a_missing_or_broken_state_is_no_state(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "stack.json"
    if content is not None:
        path.write_text(content)
    assert StackState.read(path) is None


def test_a_recycled_pid_is_another_process() -> None:
    assert is_same_process(os.getpid(), start_of(os.getpid()))
    assert not is_same_process(os.getpid(), start_of(os.getpid()) - 60)
    assert not is_same_process(2**22 + 1, 0.0)
