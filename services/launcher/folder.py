"""The data folder: where everything lies that a stack leaves behind, and who may use it.

Layout (version in the file `version`): `secrets.json`, `postgres/`, `logs/NAME.log`, `runs/NAME/` (what a crowd needs
to go on with a run), `run/` (state, heartbeats, server configuration; worthless once nothing runs), `lock`. Making it
is the first thing `up` does; nothing else writes outside it (see `unprivileged.py` for the one exception).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.launcher.errors import LauncherError
from services.launcher.messages import say

#: Changes when an older launcher could not use the folder any more.
LAYOUT_VERSION: Final = "1"

REPOSITORY: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class DataFolder:
    """Paths inside one data folder."""

    path: Path

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """What matters only while a stack runs."""
        return self.path / "run"

    @property
    def heartbeats(self) -> Path:
        """One file a loop process, touched while it makes progress."""
        return self.run / "heartbeats"

    @property
    def state_file(self) -> Path:
        """What the supervisor knows; see `state.py`."""
        return self.run / "stack.json"

    @property
    def secrets_file(self) -> Path:
        """Keys and passwords; see `keys.py`."""
        return self.path / "secrets.json"

    @property
    def postgres(self) -> Path:
        """Home of the embedded PostgreSQL."""
        return self.path / "postgres"

    @property
    def runs(self) -> Path:
        """What crowds keep of their runs, to go on with them; `services.simulator.run_log`."""
        return self.path / "runs"

    def log_of(self, name: str) -> Path:
        """Log of one process."""
        return self.logs / f"{name}.log"

    def prepare(self) -> None:
        """Make the folder, or check that an existing one is ours, of this version and writable.

        Raises:
            LauncherError: one sentence on what is wrong; nothing was changed.
        """
        version = self.path / "version"
        try:
            is_new = not self.path.exists() or not any(self.path.iterdir())
            if is_new:
                self._make()
            elif not version.exists():
                raise LauncherError(say("data-not-ours", data=self.path))
            found = version.read_text().strip()
            if found != LAYOUT_VERSION:
                raise LauncherError(say("data-version", data=self.path, found=found, wanted=LAYOUT_VERSION))
            for folder in (self.logs, self.run, self.heartbeats):
                folder.mkdir(mode=0o700, exist_ok=True)
            probe = self.run / "writable"
            probe.write_text("")
            probe.unlink()
        except OSError as error:
            raise LauncherError(say("data-not-writable", data=self.path, reason=error.strerror or error)) from error

    def _make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        # Others may pass through (the user that runs PostgreSQL for root must) but not look around.
        self.path.chmod(0o711)
        # Version files are written first: an interrupted first start leaves a folder that the next one can use.
        (self.path / "version").write_text(f"{LAYOUT_VERSION}\n")

    @contextmanager
    def lock(self) -> Iterator[bool]:
        """Hold the folder for this process; yields whether it could be had.

        The kernel gives the lock back when the process ends in whatever way, so there is never a stale one.
        """
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    def is_in_use(self) -> bool:
        """Whether a supervisor runs on this folder."""
        if not (self.path / "lock").exists():
            return False
        with self.lock() as was_free:
            return not was_free


def default_path() -> Path:
    """`MOTCUA_DATA`, or `.motcua` in the repository."""
    configured = os.environ.get("MOTCUA_DATA")
    return Path(configured).expanduser().absolute() if configured else REPOSITORY / ".motcua"
