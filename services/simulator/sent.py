"""What a crowd has sent, counted by the crowd itself: what the portal's counts must come to.

Worked out from the crowd's columns when a run is over, so a run that was gone on with counts what it sent before, too.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from services.contracts.timeliness import VIETNAM_TIME
from services.contracts.vocabulary import ApplicantKind
from services.simulator.windows import CHANNELS, FilingColumns, Whole, WindowMaker

_DAY_SECONDS: Final = 24 * 60 * 60
_VIETNAM_SECONDS: Final = int((VIETNAM_TIME.utcoffset(None) or timedelta()).total_seconds())
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, without what the portal refused; and of that, how much.

    Attributes:
        taken_count: Filed.
        refused_count: Refused at the door.
        by_weekday_and_hour: Of the filed: 7 rows (Monday first) of 24, in Vietnam, by the instant for which they were
            filed.
        subjects: Distinct applicants, by kind.
    """

    taken_count: int
    refused_count: int
    by_procedure: Mapping[str, int]
    by_office: Mapping[str, int]
    by_day: Mapping[date, int]
    by_channel: Mapping[str, int]
    by_weekday_and_hour: tuple[tuple[int, ...], ...]
    subjects: Mapping[ApplicantKind, int]

    @property
    def total_count(self) -> int:
        """Everything that was sent."""
        return self.taken_count + self.refused_count


def count_sent(crowd: WindowMaker, window_count: int, refused: Collection[int]) -> Sent:
    """Count what was sent.

    Args:
        crowd: Which knows what it has been told.
        window_count: So many windows were sent.
        refused: Numbers expected for what the portal refused.
    """
    tally = _Tally(crowd)
    for index in range(window_count):
        tally.add(crowd.columns(index), refused)
    return tally.sent()


class _Tally:
    """Adds windows up."""

    def __init__(self, crowd: WindowMaker) -> None:
        self._applicants = crowd.applicants
        self._has_filed = np.zeros(len(crowd.applicants), dtype=bool)
        self._by_procedure: Counter[str] = Counter()
        self._by_office: Counter[str] = Counter()
        self._by_channel: Counter[str] = Counter()
        self._by_day: Counter[date] = Counter()
        self._by_hour: Whole = np.zeros((7, 24), dtype=np.int64)
        self._refused_count = 0

    def add(self, columns: FilingColumns, refused: Collection[int]) -> None:
        kept = ~np.isin(columns.numbers, np.fromiter(refused, dtype=np.int64, count=len(refused)))
        self._refused_count += len(kept) - int(kept.sum())
        self._has_filed[columns.applicant[kept]] = True
        _count(self._by_procedure, columns.procedure[kept], columns.procedure_ids)
        _count(self._by_office, columns.office[kept], columns.office_codes)
        channels = columns.customs_channel[kept]
        _count(self._by_channel, channels[channels > 0] - 1, [channel.value for channel in CHANNELS])
        seconds = columns.filed_at[kept] + _VIETNAM_SECONDS
        days, counts = np.unique(seconds // _DAY_SECONDS, return_counts=True)
        for day, count in zip(days.tolist(), counts.tolist(), strict=True):
            self._by_day[_EPOCH + timedelta(days=day)] += count
        # The first day of 1970 was a Thursday.
        places = (seconds // _DAY_SECONDS + 3) % 7 * 24 + seconds % _DAY_SECONDS // 3600
        self._by_hour += np.bincount(places, minlength=7 * 24).reshape(7, 24)

    def sent(self) -> Sent:
        places = np.flatnonzero(self._has_filed).tolist()
        return Sent(
            taken_count=self._by_procedure.total(),
            refused_count=self._refused_count,
            by_procedure=dict(self._by_procedure),
            by_office=dict(self._by_office),
            by_day=dict(sorted(self._by_day.items())),
            by_channel=dict(self._by_channel),
            by_weekday_and_hour=tuple(tuple(row) for row in self._by_hour.tolist()),
            subjects=Counter(self._applicants[place].kind for place in places),
        )


def _count(counter: Counter[str], column: Whole, names: Sequence[str]) -> None:
    for name, count in zip(names, np.bincount(column, minlength=len(names)).tolist(), strict=True):
        if count:
            counter[name] += count
