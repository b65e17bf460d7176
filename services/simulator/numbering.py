"""Which number each filing of a crowd gets: counted ahead, window by window, and put right for what is refused."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.simulator.arrivals import Offsets


class Places(NamedTuple):
    """A window's places among all declarations and among all dossiers of a crowd; the last ones excluded."""

    first_declaration: int
    last_declaration: int
    first_dossier: int
    last_dossier: int


class Numbering:
    """Numbers from 1: each window's declarations in order of time, then its dossiers.

    Args:
        declarations: When they are filed, in order.
        dossiers: Likewise.
        window_seconds: How long a window is.
        window_count: How many there are.
    """

    def __init__(self, declarations: Offsets, dossiers: Offsets, window_seconds: int, window_count: int) -> None:
        starts = np.arange(window_count + 1) * window_seconds
        self._declaration_edges: list[int] = np.searchsorted(declarations, starts).tolist()
        self._dossier_edges: list[int] = np.searchsorted(dossiers, starts).tolist()
        self._first_numbers: list[int] = [
            1 + declaration + dossier
            for declaration, dossier in zip(self._declaration_edges, self._dossier_edges, strict=True)
        ]
        self._refused: list[int] = []

    def places(self, window: int) -> Places:
        """What is in a window."""
        declarations, dossiers = self._declaration_edges, self._dossier_edges
        return Places(declarations[window], declarations[window + 1], dossiers[window], dossiers[window + 1])

    def first_number(self, window: int) -> int:
        """Of a window's first filing, if nothing is refused."""
        return self._first_numbers[window]

    def of_declaration(self, place: int) -> int:
        """The number of a declaration's dossier, as things stand."""
        window = bisect_right(self._declaration_edges, place) - 1
        expected = self._first_numbers[window] + place - self._declaration_edges[window]
        return expected - bisect_left(self._refused, expected)

    def dossier_with(self, number: int) -> int | None:
        """The place of the dossier that has got a number; `None`: that is a declaration, or nobody's."""
        expected = self._expected(number)
        window = bisect_right(self._first_numbers, expected) - 1
        if not 0 <= window < len(self._first_numbers) - 1:
            return None
        here = self.places(window)
        place = expected - self._first_numbers[window] - (here.last_declaration - here.first_declaration)
        return here.first_dossier + place if place >= 0 else None

    def refuse(self, numbers: Sequence[int]) -> None:
        """These were refused: whatever comes after them gets a lower number."""
        self._refused = sorted({*self._refused, *numbers})

    def _expected(self, number: int) -> int:
        """What a number would be if nothing had been refused."""
        expected = number
        for refused in self._refused:
            if refused > expected:
                break
            expected += 1
        return expected
