"""Seeded draws: a number between 0 and 1 that depends on nothing but what is asked about.

Not a generator with a state: what is drawn for dossier 7 doesn't depend on whether dossier 6 came before it, on another
worker or at all. SplitMix64 (Steele, Lea, Flood 2014) mixes the three numbers; good enough for shares and delays, not
for secrets.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB
_UNIT: Final = 1 / (1 << 53)


class Draw:
    """What a draw is about; a number never changes its meaning.

    Plain numbers and no enumeration: several are asked for at each step of each dossier.
    """

    INTAKE = 1
    INTAKE_DELAY = 2
    START_DELAY = 3
    EXAMINATION = 4
    EXAMINATION_DELAY = 5
    DECISION = 6
    DECISION_LATE = 7
    DECISION_DELAY = 8
    RETURN_DELAY = 9
    APPLICANT = 10
    APPLICANT_DELAY = 11
    PAYMENT = 12
    PAYMENT_DELAY = 13
    PAYMENT_AMOUNT = 14
    OTHERS_DELAY = 15
    OPINION_DELAY = 16
    STEP_DELAY = 17
    EXTENSION = 18
    EXTENSION_DELAY = 19
    APOLOGY = 20
    APOLOGY_DELAY = 21
    APOLOGY_DAYS = 22
    ANNOUNCEMENT_DELAY = 23
    RATING = 24
    RATING_DELAY = 25
    SATISFACTION = 26
    SERVICE = 27


_QUESTIONS: Final = np.arange(Draw.SERVICE + 1, dtype=np.uint64) << np.uint64(8)


def draw(seed: int, number: int, about: int, turn: int = 0) -> float:
    """A value in [0, 1), the same for the same arguments, for ever.

    Args:
        seed: the sandbox's.
        number: the dossier's.
        about: the question, one of `Draw`.
        turn: how often this dossier has come to the question before.
    """
    # SplitMix64 twice, written out: first over the dossier and the question, then over that and the seed.
    mixed = (((number << 16) ^ (about << 8) ^ turn) + _GOLDEN) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * _FIRST) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * _SECOND) & _MASK
    mixed = ((seed ^ mixed ^ (mixed >> 31)) + _GOLDEN) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * _FIRST) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * _SECOND) & _MASK
    return ((mixed ^ (mixed >> 31)) >> 11) * _UNIT


def first_draws(seed: int, numbers: Sequence[int]) -> list[list[float]]:
    """For each dossier what `draw` gives for each question in turn 0, in the order of `Draw`.

    A hundred times as fast as one after the other, so worth it though few of them are asked for.

    Args:
        seed: the sandbox's.
        numbers: the dossiers'.
    """
    asked = (np.array(numbers, dtype=np.uint64)[:, np.newaxis] << np.uint64(16)) ^ _QUESTIONS
    mixed = _mixed(np.uint64(seed & _MASK) ^ _mixed(asked))
    values: list[list[float]] = ((mixed >> np.uint64(11)) * _UNIT).tolist()
    return values


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One round of SplitMix64; numbers of 64 bits run over by themselves."""
    mixed = values + np.uint64(_GOLDEN)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_FIRST)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_SECOND)
    return mixed ^ (mixed >> np.uint64(31))
