"""Secrets of a data folder."""

from pathlib import Path

import pytest

from services.launcher.errors import LauncherError
from services.launcher.folder import DataFolder
from services.launcher.keys import Keys, load_or_make


def test_keys_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    first = load_or_make(folder)
    assert load_or_make(folder) == first
    assert folder.secrets_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_every_key_is_another_one() -> None:
    values = [*vars(Keys()).values(), *vars(Keys()).values()]
    assert len(values) == len(set(values))
    assert min(len(value) for value in values) >= 12


def test_keys_never_show_in_a_text() -> None:
    keys = Keys()
    assert keys.admin_key not in f"{keys} {keys!r}"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"admin_key": "only"}'])
def test_a_broken_file_is_reported_and_left_alone(tmp_path: Path, content: str) -> None:
    folder = DataFolder(tmp_path)
    folder.secrets_file.write_text(content)
    with pytest.raises(LauncherError):
        load_or_make(folder)
    assert folder.secrets_file.read_text() == content
