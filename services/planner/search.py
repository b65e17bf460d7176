"""How few officers keep a queue on time: bisection, with common random numbers and a confidence band.

Every number of officers meets the same filings, draws and service times, replication by replication: what differs
between two numbers is the officers alone. With more of them no shift has fewer (`staffing_changes`) and nobody waits
longer, so what reaches the target is an interval upwards, and bisection finds where it begins.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf
from statistics import fmean, stdev
from typing import Final

from services.planner.playing import Ends

#: Two-sided 95 % points of Student's t by degrees of freedom, 1 to 30; beyond, the normal one is close enough.
_T_95: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_NORMAL_95: Final = 1.960

#: With so many officers at one queue nobody waits.
MOST_OFFICERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Band:
    """A mean over replications with its 95 % confidence interval; without width when there is one replication only."""

    mean: float
    low: float
    high: float


def band_of(values: Sequence[float], *, least: float = -inf, most: float = inf) -> Band:
    """The band of independent replications (Student's t).

    Args:
        values: One a replication.
        least: What no value can be below.
        most: Nor above.

    >>> band_of([0.9, 1.0, 0.95], least=0, most=1).low < 0.9
    True
    """
    mean = fmean(values)
    if len(values) < 2:
        return Band(mean, mean, mean)
    degrees = len(values) - 1
    quantile = _T_95[degrees - 1] if degrees <= len(_T_95) else _NORMAL_95
    half = quantile * stdev(values) / len(values) ** 0.5
    return Band(mean, max(mean - half, least), min(mean + half, most))


@dataclass(frozen=True, slots=True)
class Trial:
    """So many officers at one queue, all replications.

    Attributes:
        is_complete: Not, when it was given up early because the target was out of reach.
        replications: By seed.
    """

    officers: int
    on_time: Band
    is_complete: bool
    replications: Mapping[int, Ends]


@dataclass(frozen=True, slots=True)
class Fewest:
    """What was found for a queue.

    Attributes:
        best: The fewest officers that reach the target.
        one_less: What one officer less would give; `None`: there is only one.
        trials: How many numbers were tried.
    """

    best: Trial
    one_less: Trial | None
    trials: int


class UnreachableTargetError(Exception):
    """No number of officers reaches the target: the limit runs out even for those who never wait."""


def fewest_officers(try_with: Callable[[int], Trial], target_ratio: float, unhindered: Trial, guess: int) -> Fewest:
    """The fewest officers with which the whole band lies at the target or above.

    Args:
        try_with: Plays all replications with so many officers.
        target_ratio: On time, of all with a limit; 0 to 1.
        unhindered: All replications with so many officers that nobody waits.
        guess: Where to begin, from the offered load.

    Raises:
        UnreachableTargetError: Even when nobody waits.
    """
    trials = {unhindered.officers: unhindered}

    def reaches(officers: int) -> bool:
        trial = trials.get(officers) or trials.setdefault(officers, try_with(officers))
        return trial.is_complete and trial.on_time.low >= target_ratio

    if not reaches(unhindered.officers):
        raise UnreachableTargetError
    too_few, enough = 0, min(max(guess, 1), unhindered.officers)
    step = max(ceil(guess / 10), 1)
    while not reaches(enough):
        too_few, enough, step = enough, min(enough + step, unhindered.officers), step * 2
    while enough - too_few > 1:
        # From an honest guess the answer is near: look just below first, then halve.
        middle = enough - 1 if too_few == 0 and len(trials) == 2 else (too_few + enough) // 2
        if reaches(middle):
            enough = middle
        else:
            too_few = middle
    return Fewest(trials[enough], trials.get(enough - 1), len(trials))


def offered_load(work_seconds: float, open_seconds: float) -> float:
    """Officers that would be busy all the time (erlang): work that comes beside the time in which it can be done."""
    return work_seconds / open_seconds if open_seconds > 0 else 0.0
