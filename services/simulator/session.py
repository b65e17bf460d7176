"""From what the command line asks for to a run that can be played: begun, or found again in its log."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from services.contracts.catalogue import Catalogue
from services.runtime.errors import MotcuaError
from services.simulator.crowd import Crowd
from services.simulator.driver import Workload
from services.simulator.earlier import EarlierEntries
from services.simulator.preset import NO_STAFFING, Preset
from services.simulator.preset_files import load_preset
from services.simulator.preset_keys import parse_change
from services.simulator.run_log import RunLog, RunPlan, begin, find
from services.simulator.staffing_files import load_staffing

#: Workers that can share a sandbox's work, when nobody says otherwise: enough for the two of an ordinary stack, with
#: some to spare while one of an office's is longer than the others.
DEFAULT_PARTITIONS: Final = 4


class ChangedRunError(MotcuaError):
    """The run was begun with another preset or catalogue; the message is its id."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Attributes:
        preset: A shipped preset's name, or a file.
        seed: `None`: the preset's.
        changes: `KEY=VALUE`.
        staffing: A shipped one's name, a file, or `none`; `None`: the preset's.
    """

    preset: str
    fraction: float
    seed: int | None
    changes: tuple[str, ...]
    staffing: str | None
    partitions: int


@dataclass(frozen=True, slots=True)
class Session:
    """A run that can be played.

    Attributes:
        preset: As it is run: changed, and the fraction of it.
        staffing_name: What the sandbox's offices are staffed by; `None`: the robot, which is never busy.
    """

    log: RunLog
    catalogue: Catalogue
    preset: Preset
    workload: Workload
    staffing_name: str | None


def check_wish(wish: Wish, catalogue: Catalogue) -> None:
    """What `begin_session` would refuse, without the time that it takes to make a crowd.

    Raises:
        ConfigurationError: preset, changes or staffing are wrong.
    """
    preset = _load(wish.preset, wish.changes, wish.fraction, catalogue)
    if name := _staffing_name(wish.staffing, preset):
        load_staffing(name, catalogue)


def begin_session(runs: Path, wish: Wish, catalogue: Catalogue, at: datetime, *, in_vietnamese: bool) -> Session:
    """A new run.

    Raises:
        ConfigurationError: preset, changes or staffing are wrong.
    """
    preset = _load(wish.preset, wish.changes, wish.fraction, catalogue)
    staffing = _lasting(wish.staffing) if wish.staffing else None
    seed = preset.seed.value if wish.seed is None else wish.seed
    workload = _workload(preset, seed, staffing, catalogue, in_vietnamese=in_vietnamese)
    plan = RunPlan(
        run_id="",
        preset=_lasting(wish.preset),
        fraction=wish.fraction,
        seed=seed,
        changes=wish.changes,
        staffing=staffing,
        partitions=wish.partitions,
        digest=_digest(preset, workload),
    )
    return _session(begin(runs, preset.name, at, plan), preset, workload, catalogue)


def resume_session(runs: Path, wanted: str | None, catalogue: Catalogue, *, in_vietnamese: bool) -> Session:
    """A run that was begun before.

    Args:
        runs: Where runs are kept.
        wanted: Its id, or a preset's name; `None`: the latest.
        catalogue: The same as then.
        in_vietnamese: Whether the sandbox's name is, if it hasn't been opened.

    Raises:
        NoRunError: there is none.
        UnreadableRunError: its file is broken.
        ChangedRunError: it would be another crowd.
        ConfigurationError: the preset isn't there any more, or wrong.
    """
    log = find(runs, wanted)
    plan = log.state.plan
    preset = _load(plan.preset, plan.changes, plan.fraction, catalogue)
    workload = _workload(preset, plan.seed, plan.staffing, catalogue, in_vietnamese=in_vietnamese)
    if _digest(preset, workload) != plan.digest:
        raise ChangedRunError(plan.run_id)
    return _session(log, preset, workload, catalogue)


def _session(log: RunLog, preset: Preset, workload: Workload, catalogue: Catalogue) -> Session:
    return Session(log, catalogue, preset, workload, _staffing_name(log.state.plan.staffing, preset))


def _staffing_name(asked: str | None, preset: Preset) -> str | None:
    """What the offices are staffed by, asked for or the preset's; `None`: the robot."""
    return None if asked == NO_STAFFING else asked or preset.staffing


def _load(name: str, changes: Sequence[str], fraction: float, catalogue: Catalogue) -> Preset:
    return load_preset(name, catalogue, [parse_change(text) for text in changes]).scaled(fraction)


def _lasting(name: str) -> str:
    """A name that means the same when it is asked for from another folder."""
    return str(Path(name).absolute()) if name.endswith(".yaml") else name


def _workload(
    preset: Preset, seed: int, staffing: str | None, catalogue: Catalogue, *, in_vietnamese: bool
) -> Workload:
    name = _staffing_name(staffing, preset)
    return Workload(
        crowd=Crowd(preset, catalogue, seed),
        earlier=EarlierEntries(catalogue),
        name=preset.title_vi if in_vietnamese else preset.title_en,
        staffing=load_staffing(name, catalogue) if name else None,
        longest_wait=timedelta(days=preset.longest_wait_days.value),
    )


def _digest(preset: Preset, workload: Workload) -> str:
    """Of preset and staffing, and of all that the crowd files as far as it is settled before."""
    digest = hashlib.sha256(repr(preset).encode())
    digest.update(json.dumps(workload.staffing.to_wire() if workload.staffing else None).encode())
    for plan in workload.crowd.plans:
        columns = workload.crowd.columns(plan.index)
        for column in (columns.procedure, columns.office, columns.filed_at, columns.customs_channel):
            digest.update(np.ascontiguousarray(column).tobytes())
        digest.update(repr(columns.procedure_ids).encode() + repr(columns.traits).encode())
    return digest.hexdigest()
