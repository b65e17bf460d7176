"""Those whose dossier ended undecided and who file it again, in the place of somebody's new matter.

A matter that comes again takes a filing of the same procedure at the same office, whose applicant files other dossiers
as well: so how many there are, when, where and of whom is what it was.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from services.simulator.dossiers import DossierColumns
from services.simulator.draws import Draws
from services.simulator.forms import FormValue
from services.simulator.preset import Refiling


class Matter(NamedTuple):
    """What a dossier is about.

    Attributes:
        applicant: Place among the applicants.
        given: What it names in the registers, and its traits, by field.
        registered_on: The day of the declaration that it names, if that is known.
    """

    applicant: int
    given: Mapping[str, FormValue]
    registered_on: date | None


@dataclass(frozen=True, slots=True, order=True)
class _End:
    ended_at: datetime
    place: int


class Refilers:
    """Who files again, and in whose place.

    Args:
        refiling: How many, and after how long; `None`: nobody.
        dossiers: All; those that were made and remembered may be filed again.
        closed: Places of procedures that aren't filed again.
        start: Midnight of the first day.
        seed: The run's.
    """

    def __init__(
        self, refiling: Refiling | None, dossiers: DossierColumns, closed: Iterable[int], start: datetime, seed: int
    ) -> None:
        self._refiling = refiling
        self._dossiers = dossiers
        self._start = start
        self._seed = seed
        self._closed = frozenset(closed)
        self._waiting: set[_End] = set()
        self._seen: set[int] = set()
        self._taken: dict[int, Matter] = {}
        self._matters: dict[int, Matter] = {}
        self._places = _places(dossiers) if refiling else {}

    def matter_at(self, place: int) -> Matter | None:
        """What is filed again at this place; `None`: something new."""
        return self._taken.get(place)

    def remember(self, place: int, matter: Matter) -> None:
        """What a dossier that was made is about."""
        if self._refiling:
            self._matters[place] = matter

    def feed(self, place: int, ended_at: datetime) -> None:
        """A dossier ended undecided; the same again does no harm."""
        if self._refiling and place not in self._seen:
            self._seen.add(place)
            self._waiting.add(_End(ended_at, place))

    def take_in(self, until: datetime, first: int) -> None:
        """Give those that ended up to an instant their places, from a dossier's place on."""
        due = sorted(end for end in self._waiting if end.ended_at <= until)
        self._waiting.difference_update(due)
        for end in due:
            matter = self._matters.get(end.place)
            if matter is not None and int(self._dossiers.procedure[end.place]) not in self._closed:
                self._file_again(end, matter, first)

    def _file_again(self, end: _End, matter: Matter, first: int) -> None:
        assert self._refiling is not None  # otherwise nothing waits
        draws = Draws(self._seed, f"refiling: {end.place}")
        if not draws.chance(self._refiling.percent.value / 100):
            return
        days = draws.between(self._refiling.after_days.least, self._refiling.after_days.most)
        seconds = (end.ended_at + timedelta(days=days) - self._start).total_seconds()
        earliest = max(int(np.searchsorted(self._dossiers.offset, seconds)), first)
        queue = (int(self._dossiers.procedure[end.place]), int(self._dossiers.office[end.place]))
        places = self._places[queue]
        for place in places[bisect_left(places, earliest) :]:
            if place not in self._taken:
                self._taken[place] = matter
                return


def _places(dossiers: DossierColumns) -> dict[tuple[int, int], list[int]]:
    """By procedure and office: filings whose applicant has filed another dossier before."""
    places: dict[tuple[int, int], list[int]] = defaultdict(list)
    known: set[int] = set()
    columns = (dossiers.procedure, dossiers.office, dossiers.applicant)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for place, (procedure, office, applicant) in enumerate(rows):
        if applicant in known:
            places[procedure, office].append(place)
        known.add(applicant)
    return places
