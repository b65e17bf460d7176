"""Seeded chance. One `Draws` for each purpose, so that a change in one doesn't move another.

Built on `random.Random.random` alone: of all the methods of that class it is the one whose sequence Python promises to
keep from version to version. Millions are drawn as a column: the same sequence, from numpy's `RandomState`, which is
frozen and shares generator and formula with it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")

Ratios = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

#: Version of the state that `Random.getstate` tells.
_STATE_VERSION: Final = 3


class Draws:
    """A sequence of draws that depends on its seed and its purpose.

    Args:
        seed: the run's.
        purpose: what is drawn, such as `arrivals`.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self._random = Random(f"{purpose}:{seed}")  # noqa: S311 - chance, not secrecy

    def ratio(self) -> float:
        """A number from 0 to below 1."""
        return self._random.random()

    def chance(self, ratio: float) -> bool:
        """True in this part of all cases."""
        return self._random.random() < ratio

    def between(self, least: int, most: int) -> int:
        """A whole number; both ends can come."""
        return least + int(self._random.random() * (most - least + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of them."""
        return items[int(self._random.random() * len(items))]

    def column(self, count: int) -> Ratios:
        """The next ratios at once: what as many calls of `ratio` would have given."""
        *keys, position = self._random.getstate()[1]
        twister = np.random.RandomState(0)
        twister.set_state(("MT19937", np.array(keys, dtype=np.uint32), int(position), 0, 0.0))
        ratios = twister.random_sample(count)
        _, after, position_after, *_ = twister.get_state(legacy=True)
        self._random.setstate((_STATE_VERSION, (*map(int, after), int(position_after)), None))
        return ratios

    def order(self, count: int) -> Places:
        """The places from 0 in a new order, as a column."""
        # Equal ratios keep their order, so that it doesn't depend on how numpy sorts.
        return np.argsort(self.column(count), kind="stable")

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All of them in a new order (Fisher-Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = int(self._random.random() * (last + 1))
            order[last], order[other] = order[other], order[last]
        return order


class Wheel:
    """Draws places of a list with given weights.

    Args:
        weights: not negative, at least one above 0.
    """

    def __init__(self, weights: Sequence[float]) -> None:
        self._edges = list(accumulate(weights))

    def turn(self, draws: Draws) -> int:
        """A place, counted from 0; never one of weight 0."""
        return bisect_right(self._edges, draws.ratio() * self._edges[-1])

    def places(self, ratios: Ratios) -> Places:
        """Where each of many ratios stops: what as many turns would have given."""
        return np.searchsorted(np.array(self._edges), ratios * self._edges[-1], side="right")


def share_out(total: int, weights: Sequence[float], *, at_least: int = 0) -> list[int]:
    """Whole numbers in proportion to the weights that add up exactly (largest remainders).

    Args:
        total: what they add up to; at least `at_least` times the number of weights.
        weights: not negative, at least one above 0.
        at_least: what everybody gets first.

    >>> share_out(10, [1, 1, 1])
    [4, 3, 3]
    >>> share_out(10, [98, 1, 1], at_least=1)
    [8, 1, 1]
    """
    rest = total - at_least * len(weights)
    all_weights = sum(weights)
    exact = [rest * weight / all_weights for weight in weights]
    shares = [int(value) for value in exact]
    by_remainder = sorted(range(len(weights)), key=lambda place: (shares[place] - exact[place], place))
    for place in by_remainder[: rest - sum(shares)]:
        shares[place] += 1
    return [at_least + share for share in shares]
