"""What is known of runs, kept in the data folder: so that a crowd that was killed goes on where it was.

A folder a run: `run.json` says what is run and how far it has come, `key` is the sandbox's key. Both are for the owner
alone, and are replaced whole, so that whoever reads them finds what was true at one moment.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from services.runtime.errors import MotcuaError

#: Changes when an older program couldn't go on with what a newer one has written.
_FORMAT: Final = 1

_STATE: Final = "run.json"
_KEY: Final = "key"
_CHANCE_BYTES: Final = 3


class NoRunError(MotcuaError):
    """There is no such run.

    Attributes:
        runs: Where it was looked for.
        names: Those that there are.
    """

    def __init__(self, runs: Path, names: list[str]) -> None:
        super().__init__(f"{runs}: {', '.join(names) or '-'}")
        self.runs = runs
        self.names = names


class UnreadableRunError(MotcuaError):
    """A run's file is broken, or was written by another version; the message is its path."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is run: never changes.

    Attributes:
        run_id: Its name; Idempotency-Keys begin with it.
        preset: Name of a shipped preset, or a file's absolute path.
        changes: `KEY=VALUE`, as they were given.
        staffing: Name or absolute path of a staffing other than the preset's, or `none`; `None`: the preset's.
        digest: Of the preset as it was read and of the catalogue: with others the crowd would be another one.
    """

    run_id: str
    preset: str
    fraction: float
    seed: int
    changes: tuple[str, ...]
    staffing: str | None
    partitions: int
    digest: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A filing that the portal refused.

    Attributes:
        number: That was expected for it.
        code: Of the problem.
    """

    number: int
    code: str


@dataclass(frozen=True, slots=True)
class StepTimes:
    """What a step of the clock took, in real seconds from the start of the run, pauses between sessions left out.

    Attributes:
        to: Where the clock was moved, RFC 3339.
        count: Filed since the step before.
        begun: The crowd began to make the first of its windows.
        asked: All had been filed, and the clock was moved: from here on it could be worked on.
        settled: All that was to happen had happened; `None`: this run hasn't seen it.
    """

    to: str
    count: int
    begun: float
    asked: float
    settled: float | None = None


@dataclass(frozen=True, slots=True)
class RunState:
    """How far a run has come.

    Attributes:
        windows_done: Windows filed, with the clock at their end.
        steps_waited: How often the clock was moved on after the last window.
        seconds: Real time spent in all sessions.
        sessions: How often it was begun or gone on with.
        crowd_waited_seconds: Of the real time, the crowd's wait for the services, which were behind.
        ended_seconds: When every dossier had ended, or the longest wait was over; `None`: not yet.
        is_finished: Recounted and reported.
    """

    plan: RunPlan
    sandbox_id: str | None = None
    windows_done: int = 0
    steps_waited: int = 0
    seconds: float = 0.0
    sessions: int = 0
    crowd_waited_seconds: float = 0.0
    refused: tuple[Refused, ...] = ()
    steps: tuple[StepTimes, ...] = ()
    ended_seconds: float | None = None
    is_finished: bool = False

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        return {"format": _FORMAT, **asdict(self)}

    @classmethod
    def from_wire(cls, data: dict[str, Any]) -> Self:
        """Inverse of `to_wire` after JSON."""
        values = {name: value for name, value in data.items() if name != "format"}
        plan = values.pop("plan")
        return cls(
            plan=RunPlan(**{**plan, "changes": tuple(plan["changes"])}),
            refused=tuple(Refused(**item) for item in values.pop("refused")),
            steps=tuple(StepTimes(**item) for item in values.pop("steps")),
            **values,
        )


@dataclass(slots=True)
class RunLog:
    """One run's folder, and what stands in it."""

    folder: Path
    state: RunState

    @property
    def key(self) -> str | None:
        """The sandbox's key; `None` while none has been opened."""
        try:
            return (self.folder / _KEY).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    @property
    def kept_at(self) -> datetime:
        """When it was written last."""
        return datetime.fromtimestamp((self.folder / _STATE).stat().st_mtime, UTC)

    def keep_sandbox(self, sandbox_id: str, key: str) -> None:
        """The sandbox that was opened for the run."""
        _replace(self.folder / _KEY, f"{key}\n")
        self.keep(sandbox_id=sandbox_id)

    def keep(self, **changes: Any) -> None:
        """How far it has come, by fields of `RunState`; on disk when this returns."""
        self.state = replace(self.state, **changes)
        _replace(self.folder / _STATE, json.dumps(self.state.to_wire(), separators=(",", ":")))


def begin(runs: Path, name: str, at: datetime, plan: RunPlan) -> RunLog:
    """A new run's folder; its id is made of a name, the time and chance.

    By chance, because the portal that it is sent to may be asked by others in the same second, from folders of theirs:
    an id that two have would be one sandbox for both, or a refusal.

    Args:
        runs: Where runs are kept.
        name: Such as the preset's.
        at: Now.
        plan: What is run; `run_id` is filled in.
    """
    runs.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = runs / f"{name}-{at:%Y%m%d-%H%M%S}-{secrets.token_hex(_CHANCE_BYTES)}"
    folder.mkdir(mode=0o700)
    log = RunLog(folder, RunState(replace(plan, run_id=folder.name)))
    log.keep()
    return log


def find(runs: Path, wanted: str | None) -> RunLog:
    """The run to go on with.

    Args:
        runs: Where runs are kept.
        wanted: Its id, or a preset's name for the latest run of that; `None`: the latest of all.

    Raises:
        NoRunError: there is none.
        UnreadableRunError: it can't be gone on with.
    """
    paths = sorted(runs.glob(f"*/{_STATE}"), key=lambda path: path.stat().st_mtime)
    named = [path for path in paths if path.parent.name == wanted]
    if named:
        return _read(named[-1])
    for path in reversed(paths):
        # Somebody else's broken run doesn't matter to who asks for one by its preset.
        if wanted is None or path.parent.name.startswith(f"{wanted}-"):
            log = _read(path)
            if wanted in {None, Path(log.state.plan.preset).stem}:
                return log
    raise NoRunError(runs, [path.parent.name for path in paths])


def _read(path: Path) -> RunLog:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] == _FORMAT:
            return RunLog(path.parent, RunState.from_wire(data))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableRunError(str(path)) from error
    raise UnreadableRunError(str(path))


def _replace(path: Path, text: str) -> None:
    """Write a file whole: after a crash, of the machine too, it is the old one or the new one."""
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - of a descriptor
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
