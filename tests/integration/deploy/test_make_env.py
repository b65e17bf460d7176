"""`deploy/make-env`: writes what docker-compose.yml asks for, once, for its owner only."""

import re
import subprocess
from pathlib import Path

from services.launcher.folder import REPOSITORY


def make_env(file: Path) -> subprocess.CompletedProcess[str]:
    script = REPOSITORY / "deploy" / "make-env"
    return subprocess.run([str(script), str(file)], capture_output=True, text=True, check=False, timeout=20)


def settings_in(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if not line.startswith("#"))


def test_it_makes_every_setting_that_must_be_given(tmp_path: Path) -> None:
    done = make_env(tmp_path / "env")
    asked = set(re.findall(r"\$\{(\w+):\?", (REPOSITORY / "docker-compose.yml").read_text()))
    assert (done.returncode, done.stderr) == (0, "")
    assert set(settings_in(tmp_path / "env")) == asked


def test_values_are_long_random_and_differ(tmp_path: Path) -> None:
    for name in ("a", "b"):
        make_env(tmp_path / name)
    values = [*settings_in(tmp_path / "a").values(), *settings_in(tmp_path / "b").values()]
    assert len(set(values)) == len(values)
    assert all(re.fullmatch(r"[0-9a-f]{48}", value) for value in values)


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    make_env(tmp_path / "env")
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600


def test_it_never_overwrites(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("mine\n")
    done = make_env(file)
    assert done.returncode == 1
    assert done.stderr == f"{file} is there already and stays as it is.\n"
    assert file.read_text() == "mine\n"


def test_it_says_where_it_cannot_write(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "env"
    done = make_env(file)
    assert (done.returncode, done.stderr) == (1, f"Can't write {file}\n")
