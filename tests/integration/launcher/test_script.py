"""`./motcua` itself, in a copy of the repository that has nothing to install: makes `.venv`, once, and runs the CLI."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from services.launcher.folder import REPOSITORY

#: Stands in for the command line: says what it was given.
STUB = """\
import os, sys
print(sys.argv[1:], sys.prefix, os.getcwd(), os.environ["PYTHONPATH"])
"""

NO_REQUIREMENTS = "# nothing\n"


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a blank in its path, as people have; set up once, for the plain set."""
    path = tmp_path_factory.mktemp("a clone") / "một cửa"
    (path / "services" / "launcher").mkdir(parents=True)
    (path / "services" / "launcher" / "__main__.py").write_text(STUB)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (path / name).write_text(NO_REQUIREMENTS)
    shutil.copy(REPOSITORY / "motcua", path / "motcua")
    done = run(path, "up", "--port", "0")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == "Setting up .venv (first time, about a minute) …"
    return path


@pytest.fixture
def repository(set_up: Path) -> Path:
    """As it was just after setting up: tests run in any order."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        (set_up / name).write_text(NO_REQUIREMENTS)
    checksum = sha256(NO_REQUIREMENTS.encode()).hexdigest()
    (set_up / ".venv" / ".requirements.sha").write_text(f"runtime {checksum}\n")
    return set_up


def environment(**more: str) -> dict[str, str]:
    python = Path(sys.executable).resolve().parent
    return {"PATH": f"{python}:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", **more}


def run(repository: Path, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(repository / "motcua"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=cwd,
        env=environment(**more),
    )


def test_it_runs_the_command_line_from_anywhere_and_says_nothing_itself(repository: Path, tmp_path: Path) -> None:
    done = run(repository, "logs", "portal web", "-f", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"['logs', 'portal web', '-f'] {repository}/.venv {tmp_path} {repository}:{repository}/sdk\n"
    )


def test_changed_requirements_renew_it(repository: Path) -> None:
    with (repository / "requirements.txt").open("a") as file:
        file.write("# something else\n")
    assert run(repository, "up").stderr == "Updating .venv …\n"
    assert run(repository, "up").stderr == ""


def test_the_larger_set_serves_for_everything(repository: Path) -> None:
    with (repository / "requirements-dev.txt").open("a") as file:
        file.write("# tools\n")
    assert run(repository, "test").stderr == "Updating .venv …\n"
    assert run(repository, "up").stderr == ""
    assert run(repository, "test").stderr == ""


def test_an_interrupted_setup_is_done_again(repository: Path) -> None:
    (repository / ".venv" / ".requirements.sha").unlink()
    (repository / ".venv.lock").mkdir()
    (repository / ".venv.lock" / "pid").write_text("999999999\n")
    assert run(repository, "up").stderr == "Updating .venv …\n"
    assert not (repository / ".venv.lock").exists()


def test_a_failed_setup_says_so_and_is_not_taken_for_done(repository: Path) -> None:
    good = (repository / "requirements.txt").read_text()
    (repository / ".venv" / ".requirements.sha").unlink()
    try:
        (repository / "requirements.txt").write_text("no-hash-given\n")
        for _ in range(2):
            done = run(repository, "up")
            assert done.returncode == 1
            assert done.stderr.splitlines()[-1].startswith("motcua's packages could not be installed")
    finally:
        (repository / "requirements.txt").write_text(good)
    assert run(repository, "up").returncode == 0


def test_two_at_once_set_it_up_once(repository: Path) -> None:
    (repository / ".venv" / ".requirements.sha").unlink()
    processes = [
        subprocess.Popen(
            [str(repository / "motcua"), "up"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        for _ in range(2)
    ]
    results = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sum(stderr.count("Updating") for _, stderr in results) == 1


def test_without_a_python_it_says_what_it_needs(repository: Path, tmp_path: Path) -> None:
    (repository / ".venv" / ".requirements.sha").unlink()
    for program in ("sh", "dirname", "cut", "sha256sum", "cat", "rm", "mkdir"):
        found = shutil.which(program)
        assert found
        (tmp_path / program).symlink_to(found)
    done = run(repository, "up", PATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("motcua needs Python 3.11 or newer")
    assert len(done.stderr.splitlines()) == 1
    done = run(repository, "up", PATH=str(tmp_path), MOTCUA_LANG="vi")
    assert "motcua cần Python 3.11" in done.stderr
    assert run(repository, "up").returncode == 0
