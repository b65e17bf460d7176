"""A person's own data is checked before a stack starts, and found from wherever its processes run."""

from pathlib import Path

import pytest

from services.launcher.environment import CATALOGUE_FOLDER, make_paths_absolute
from services.launcher.errors import LauncherError
from services.launcher.own_catalogue import check_own_catalogue


def test_without_a_folder_nothing_is_read() -> None:
    check_own_catalogue({})
    check_own_catalogue({CATALOGUE_FOLDER: ""})


def test_a_mistake_is_one_sentence_with_file_and_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOTCUA_LANG", "en")
    (tmp_path / "offices.csv").write_text("code\n", encoding="utf-8")
    with pytest.raises(LauncherError) as caught:
        check_own_catalogue({CATALOGUE_FOLDER: str(tmp_path)})
    assert caught.value.sentence.startswith(
        f"Your own data (MOTCUA_CATALOGUE_DIR) is wrong: {tmp_path}/offices.csv, line 1: the header must be code,"
    )


def test_a_right_folder_passes(tmp_path: Path) -> None:
    check_own_catalogue({CATALOGUE_FOLDER: str(tmp_path)})


def test_a_relative_path_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {CATALOGUE_FOLDER: "mine", "OTHER": "mine"}
    make_paths_absolute(environment)
    assert environment == {CATALOGUE_FOLDER: str(tmp_path / "mine"), "OTHER": "mine"}
    nothing: dict[str, str] = {}
    make_paths_absolute(nothing)
    assert nothing == {}
