"""How fast a run went, and who waited for whom: from the times of its steps."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import psutil

from services.simulator.run_log import RunState, StepTimes


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What a run took.

    Attributes:
        seconds: Real time, of all sessions together.
        count: Filings.
        rate: A second, from the first line sent until every dossier had ended and been counted; `None`: they haven't.
        first_tenth: A second that settle, of the first tenth of all filings; `None`: the steps are too large to say.
        last_tenth: The same of the last tenth.
        crowd_waited_seconds: The crowd's wait for the services, which were behind.
        services_waited_seconds: The services' wait for the crowd: all that had been asked had happened, and the next
            step wasn't filed. The generator's lag: in virtual time there is none, because the clock waits for it.
        late_steps: Steps for which the services waited.
        steps: All that file something.
    """

    seconds: float
    sessions: int
    count: int
    rate: float | None
    first_tenth: float | None
    last_tenth: float | None
    crowd_waited_seconds: float
    services_waited_seconds: float
    late_steps: int
    steps: int

    @classmethod
    def of(cls, state: RunState) -> Self:
        """From what a run's log says at the end."""
        steps = state.steps
        waits = [_idle(before, step) for before, step in pairwise(steps)]
        curve = _settled_curve(steps) if steps else []
        count = sum(step.count for step in steps)
        ended = state.ended_seconds
        return cls(
            seconds=state.seconds,
            sessions=state.sessions,
            count=count,
            rate=count / (ended - steps[0].begun) if steps and ended is not None else None,
            first_tenth=_rate(curve, 0.0, 0.1),
            last_tenth=_rate(curve, 0.9, 1.0),
            crowd_waited_seconds=state.crowd_waited_seconds,
            services_waited_seconds=sum(waits),
            late_steps=sum(wait > 0 for wait in waits),
            steps=len(steps),
        )


def machine() -> Mapping[str, Any]:
    """What it ran on."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cpus": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "python": platform.python_version(),
    }


def _idle(before: StepTimes, step: StepTimes) -> float:
    """So long there was nothing to do before a step was filed; 0 where it isn't known."""
    return max(step.asked - before.settled, 0.0) if before.settled is not None else 0.0


def _settled_curve(steps: Sequence[StepTimes]) -> list[tuple[float, int]]:
    """(seconds, filings that had settled by then), from the start on."""
    curve = [(steps[0].begun, 0)]
    count = 0
    for step in steps:
        count += step.count
        if step.settled is not None:
            curve.append((step.settled, count))
    return curve


def _rate(curve: Sequence[tuple[float, int]], start: float, end: float) -> float | None:
    """Filings a second between two parts of all, where the curve says when."""
    if len(curve) < 2:
        return None
    total = curve[-1][1]
    first = _time_of(curve, start * total)
    last = _time_of(curve, end * total)
    return (end - start) * total / (last - first) if last > first else None


def _time_of(curve: Sequence[tuple[float, int]], count: float) -> float:
    """When so many had settled: between two points evenly."""
    for (earlier, fewer), (later, more) in pairwise(curve):
        if count <= more:
            return earlier + (later - earlier) * (count - fewer) / (more - fewer) if more > fewer else later
    return curve[-1][0]
