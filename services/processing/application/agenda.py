"""What a unit of work has in memory, in the order in which it happens: dossiers with a step to come."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from heapq import heappop, heappush
from typing import Final

from services.casework.case import Case
from services.casework.engine import StepKey

#: Above every dossier's number, and below; both are numbers to the database, too.
AFTER_ALL_NUMBERS: Final = 2**63 - 1
BEFORE_ALL_NUMBERS: Final = 0


class Agenda:
    """Steps to come of the dossiers in memory.

    An entry says when a dossier had a step to come when it was noted. What has been done to the dossier since may have
    moved the step or taken it away: such entries are passed over.
    """

    def __init__(self, cases: Mapping[int, Case]) -> None:
        self._cases = cases
        self._heap: list[StepKey] = []
        self._noted: list[int] = []  #: not in the heap yet: most are due at once, and never come there

    def note(self, numbers: Iterable[int]) -> None:
        """Dossiers that are new here, or whose step to come may be another one now."""
        self._noted.extend(numbers)

    def clear(self) -> None:
        """Nothing is in memory any more."""
        self._heap, self._noted = [], []

    def first_at(self) -> datetime | None:
        """The earliest instant at which something happens; `None`: nothing will."""
        for number in self._noted:
            step = self._cases[number].next_step
            if step is not None:
                heappush(self._heap, (step.at, number))
        self._noted = []
        while self._heap and not self._holds(self._heap[0]):
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, bound: StepKey) -> list[int]:
        """Dossiers with a step up to and including `bound`, once each; whoever takes them notes them again."""
        taken: dict[int, None] = {}
        for number in self._noted:
            step = self._cases[number].next_step
            if step is None:
                continue
            if (entry := (step.at, number)) <= bound:
                taken[number] = None
            else:
                heappush(self._heap, entry)
        self._noted = []
        while self._heap and self._heap[0] <= bound:
            entry = heappop(self._heap)
            if self._holds(entry):
                taken[entry[1]] = None
        return list(taken)

    def _holds(self, entry: StepKey) -> bool:
        step = self._cases[entry[1]].next_step
        return step is not None and step.at == entry[0]
