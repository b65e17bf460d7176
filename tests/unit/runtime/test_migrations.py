"""Which migration is the newest, read from the files; running them is in tests/integration."""

from pathlib import Path

import pytest

from services.runtime.errors import ConfigurationError
from services.runtime.migrations import migrations_folder, newest_revision


def write(folder: Path, revision: str, follows: str | None) -> None:
    lines = ["import does_not_exist", f"revision = {revision!r}", f"down_revision: str | None = {follows!r}"]
    (folder / f"{revision}.py").write_text("\n".join(lines))


def test_no_migrations_have_no_newest(tmp_path: Path) -> None:
    assert newest_revision(tmp_path) is None


def test_the_newest_is_the_one_that_none_follows(tmp_path: Path) -> None:
    write(tmp_path, "b", "c")
    write(tmp_path, "c", None)
    write(tmp_path, "a", "b")
    (tmp_path / "notes.py").write_text("about = 'nothing'\n")
    assert newest_revision(tmp_path) == "a"


def test_two_newest_are_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, "a", None)
    write(tmp_path, "b", "a")
    write(tmp_path, "c", "a")
    with pytest.raises(ConfigurationError, match="b, c"):
        newest_revision(tmp_path)


@pytest.mark.parametrize("service", ["portal", "processing", "metrics"])
def test_every_service_has_one_line_of_migrations(service: str) -> None:
    assert newest_revision(migrations_folder(service) / "versions")
