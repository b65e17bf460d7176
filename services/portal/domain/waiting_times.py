"""How long dossiers waited: from filing to receipt, and from receipt to result; by the clock, nights and holidays too.

Counted in classes when somebody asks: metrics keeps sums by day, in which no single dossier's time is left.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

#: Where classes begin, but for the first: at once, that is within less than a second.
EDGES: Final = (
    timedelta(seconds=1),
    *(timedelta(minutes=minutes) for minutes in (1, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8)),
    *(timedelta(days=days) for days in (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 90)),
)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Times by class.

    Attributes:
        counts: Dossiers in each class, one more than there are `EDGES`; a class holds its lower edge.
        total: All times together; divided by the number of dossiers it gives the mean.
        longest: The longest of them.
    """

    counts: tuple[int, ...]
    total: timedelta
    longest: timedelta

    @classmethod
    def nothing(cls) -> "Distribution":
        """Of no dossier."""
        return cls((0,) * (len(EDGES) + 1), timedelta(), timedelta())


@dataclass(frozen=True, slots=True)
class WaitingTimes:
    """Those of one procedure.

    Attributes:
        to_receipt: Of all that have been received.
        to_result: Of all that have a result, also one that hasn't been handed over yet.
    """

    procedure_id: str
    to_receipt: Distribution
    to_result: Distribution
