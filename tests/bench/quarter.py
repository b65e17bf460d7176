"""The national quarter, or a part of it, through everything: the crowd files it, the stack does the rest.

The crowd is `services.simulator`, a process of its own as in `./motcua simulate`. Its run log says how fast it went;
what the machine spent meanwhile is watched from outside.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from services.launcher.folder import REPOSITORY
from services.launcher.stack import Stack
from services.simulator.run_figures import RunFigures
from services.simulator.run_log import find
from tests.bench.errors import MeasuringError
from tests.bench.figures import (
    FIRST_TENTH,
    LAST_TENTH,
    QUARTER_DOSSIERS,
    growth,
    per_dossier_us,
    span_of,
    speed_ratio,
    tenth_ratio,
)
from tests.bench.mix import PRESET
from tests.bench.observing import Observer, disk_bytes

#: Slower than this and the run is given up (dossiers a second), after the time that everything takes anyway.
_SLOWEST: Final = 150
_ANYWAY_SECONDS: Final = 300

_TELL_EVERY_SECONDS: Final = 10


def quarter(stack: Stack, say: Callable[[str], None], fraction: float, partitions: int = 4) -> dict[str, Any]:
    """Dossiers a second, filed to result, projected and counted; what it took of processors, memory and disk."""
    disk_before = disk_bytes(stack)
    with _crowd(stack, fraction, partitions) as crowd, Observer(stack, {"crowd": crowd.pid}) as observer:
        _wait(crowd, observer, say, fraction)
    if crowd.returncode:
        tail = _log(stack).read_text(encoding="utf-8", errors="replace")[-2000:]
        raise MeasuringError(f"the crowd ended with {crowd.returncode}:\n{tail}")
    figures = RunFigures.of(find(stack.folder.runs, PRESET).state)
    if figures.rate is None:
        raise MeasuringError("some dossiers never came to an end")
    seconds = figures.count / figures.rate
    disk = _disk_after(stack)
    grown = sum(disk.values()) - disk.get("wal", 0) - sum(disk_before.values()) + disk_before.get("wal", 0)
    # What follows is the recount, which is a check and no part of the work.
    worked_seconds = observer.counted_seconds
    cpu = observer.cpu_seconds(worked_seconds)
    facts = observer.facts[-1][1]
    peak = max(level for _, level in observer.memory)
    return {
        "preset": PRESET,
        "fraction": fraction,
        "partitions": partitions,
        "dossiers": figures.count,
        "facts": int(facts),
        "seconds": seconds,
        "dossiers_per_second": figures.rate,
        "facts_per_second": facts / seconds,
        "crowd_waited_seconds": figures.crowd_waited_seconds,
        "services_waited_seconds": figures.services_waited_seconds,
        "last_tenth": tenth_ratio(observer.facts),
        "machine_in_last_tenth": speed_ratio(
            observer.yardstick, *(span_of(observer.facts, *part) for part in (FIRST_TENTH, LAST_TENTH))
        ),
        "cpu_us_per_dossier": per_dossier_us(cpu, figures.count),
        "cpu_us_first_tenth": _cpu_us_of(observer, figures.count, FIRST_TENTH),
        "cpu_us_last_tenth": _cpu_us_of(observer, figures.count, LAST_TENTH),
        "cpu_us_sum": sum(cpu.values()) / figures.count * 1e6,
        "cpu_cores_used": sum(cpu.values()) / worked_seconds,
        "memory_gib": peak / 2**30,
        "memory_growth": growth([point for point in observer.memory if point[0] <= worked_seconds]),
        "memory_mib_by_process": {
            name: round(size / 2**20)
            for name, size in sorted(observer.memory_by_process.items(), key=lambda row: -row[1])
        },
        "disk_bytes": disk,
        "disk_bytes_per_dossier": grown / figures.count,
        "disk_quarter_gb": grown / figures.count * QUARTER_DOSSIERS / 1e9,
        "log": _log(stack).read_text(encoding="utf-8", errors="replace"),
    }


def _cpu_us_of(observer: Observer, dossiers: int, part: tuple[float, float]) -> dict[str, float]:
    """What a part of the run took of processors: says what has become dearer when the last tenth is slower."""
    cpu = observer.cpu_seconds_between(*span_of(observer.facts, *part))
    return per_dossier_us(cpu, round(dossiers * (part[1] - part[0])))


@contextmanager
def _crowd(stack: Stack, fraction: float, partitions: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The crowd's process; ended with the block if it hasn't by itself."""
    command = [sys.executable, "-m", "services.simulator", PRESET, "--url", stack.portal_url]
    command += ["--runs", str(stack.folder.runs), "--fraction", str(fraction), "--partitions", str(partitions)]
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "sdk")])
    with _log(stack).open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": paths, "MOTCUA_ADMIN_KEY": stack.admin_key},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def _log(stack: Stack) -> Path:
    return stack.folder.log_of("crowd")


def _wait(crowd: "subprocess.Popen[bytes]", observer: Observer, say: Callable[[str], None], fraction: float) -> None:
    """Until the crowd has ended; says how far it has come."""
    until = time.perf_counter() + _ANYWAY_SECONDS + QUARTER_DOSSIERS * fraction / _SLOWEST
    while crowd.poll() is None:
        try:
            crowd.wait(_TELL_EVERY_SECONDS)
        except subprocess.TimeoutExpired:
            facts = observer.facts[-1][1] if observer.facts else 0
            say(f"{observer.seconds:.0f} s: {facts:,.0f} steps counted")
        if time.perf_counter() > until:
            raise MeasuringError(f"not at its end after {observer.seconds:.0f} s")


def _disk_after(stack: Stack) -> dict[str, int]:
    """Once everything is written."""
    with psycopg.connect(stack.database_url(), autocommit=True) as owner:
        owner.execute("CHECKPOINT")
    return disk_bytes(stack)
