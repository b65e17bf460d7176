"""What the supervisor knows, in a file: so that other commands (and tests) can ask without talking to it.

Written whole on each change, aside and renamed; readable by the owner only, because connection URLs are in it.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import psutil

#: Two readings of one process's start differ by less than this (seconds); a recycled pid differs by more.
START_TOLERANCE_SECONDS = 1.5


class Phase(StrEnum):
    """Where a stack is in its life."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    FAILED = "failed"


class ProcessState(StrEnum):
    """Where one process is in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    #: Was ready, is up, and hasn't answered for a while.
    SILENT = "silent"
    RESTARTING = "restarting"
    DONE = "done"
    STOPPED = "stopped"


@dataclass
class ProcessRecord:
    """One process, as last seen."""

    name: str
    state: ProcessState = ProcessState.WAITING
    pid: int = 0
    #: The machine's word for when the pid began; tells it from a later process with the same pid.
    started: float = 0.0
    restarts: int = 0
    url: str = ""

    def is_alive(self) -> bool:
        """Whether that very process still runs."""
        return self.pid > 0 and is_same_process(self.pid, self.started)


@dataclass
class StackState:
    """The whole stack."""

    pid: int = 0
    started: float = 0.0
    phase: Phase = Phase.STARTING
    #: Why the phase is `failed`, in one sentence; and the log that tells more.
    failure: str = ""
    failure_log: str = ""
    portal_url: str = ""
    metrics_url: str = ""
    #: Settings with the URLs of database and Redis.
    settings: dict[str, str] = field(default_factory=dict)
    #: Temporary folder outside the data folder, removed at the end; empty when there is none.
    temporary_folder: str = ""
    processes: list[ProcessRecord] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Replace the file."""
        aside = path.with_name(f".{path.name}-{os.getpid()}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file)
        aside.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What the file says; `None` when there is none or it can't be understood."""
        try:
            values: dict[str, Any] = json.loads(path.read_text())
            processes = [
                ProcessRecord(**{**record, "state": ProcessState(record["state"])})
                for record in values.pop("processes")
            ]
            return cls(**{**values, "phase": Phase(values["phase"])}, processes=processes)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def process(self, name: str) -> ProcessRecord | None:
        """The process called `name` (hyphens or spaces); `None` when there is none."""
        wanted = name.replace(" ", "-")
        return next((record for record in self.processes if record.name == wanted), None)


def start_of(pid: int) -> float:
    """When the process began, by the machine's reckoning; 0.0 when it is gone."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def is_same_process(pid: int, started: float) -> bool:
    """Whether `pid` runs and is the process that began at `started`."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < START_TOLERANCE_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
