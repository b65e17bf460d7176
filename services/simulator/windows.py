"""What a crowd files, window by window of virtual time: the shape in which the driver and the planner take it.

A window's declarations come first, in order of time, then its dossiers, in order of time: in this order they are filed,
and so numbered. Numbers, instants, offices, procedures and channels of all windows are settled before anything is
filed; what happens to a dossier decides only about what some later ones say (`Ended`). So a planner that never asks a
portal knows the same filings as one that files them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from services.contracts.timeliness import VIETNAM_TIME
from services.contracts.vocabulary import CustomsChannel, Status
from services.simulator.population import Applicant

#: Where lines are sent to.
DECLARATIONS_PATH: Final = "/api/v1/declarations/batch"
DOSSIERS_PATH: Final = "/api/v1/dossiers"

#: `FilingColumns.customs_channel` counts from 1 in this order; 0: no declaration.
CHANNELS: Final = (CustomsChannel.GREEN, CustomsChannel.YELLOW, CustomsChannel.RED)

#: Ends after which an applicant may file again: the matter was never decided.
UNDECIDED_ENDS: Final = frozenset({Status.NOT_RECEIVED, Status.WITHDRAWN, Status.STOPPED})

Whole = npt.NDArray[np.int64]


class Ended(NamedTuple):
    """A dossier that came to its end."""

    number: int
    status: Status
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """What a window will hold.

    Attributes:
        index: From 0.
        start: The first instant in it, Vietnam's midnight.
        end: The first instant after it: to here the clock is moved once it is filed.
        first_number: Number of its first filing, if the portal refuses nothing.
        declaration_count: They are filed first.
        dossier_count: They are filed after them.
        settled_until: What was to happen up to here has to stand in the read model before the window is filed: its
            dossiers name declarations that are cleared by then.
        fed_until: The crowd has to have been told of all undecided ends up to here before the window is made.
    """

    index: int
    start: datetime
    end: datetime
    first_number: int
    declaration_count: int
    dossier_count: int
    settled_until: datetime
    fed_until: datetime

    @property
    def count(self) -> int:
        """All its filings."""
        return self.declaration_count + self.dossier_count


@dataclass(frozen=True, slots=True)
class FilingColumns:
    """The filings of a window in order of their numbers, as columns; no text is made for them.

    Attributes:
        procedure_ids: What `procedure` counts in, from 0.
        office_codes: What `office` counts in, from 0.
        numbers: If the portal refuses nothing.
        procedure: Of the clearance dossier, for a declaration.
        office: Where.
        filed_at: Seconds since 1970-01-01T00:00:00Z.
        customs_channel: See `CHANNELS`.
        applicant: Place among the crowd's applicants.
        traits: Of the dossiers (not of the declarations, whose one trait is their channel), in their order.
    """

    procedure_ids: Sequence[str]
    office_codes: Sequence[str]
    numbers: Whole
    procedure: Whole
    office: Whole
    filed_at: Whole
    customs_channel: Whole
    applicant: Whole
    traits: Sequence[Mapping[str, str]]

    def by_procedure(self) -> dict[str, int]:
        """How many of each procedure; only those that there are."""
        return _counted(self.procedure, self.procedure_ids)

    def by_office(self) -> dict[str, int]:
        """How many at each office; only those where there are any."""
        return _counted(self.office, self.office_codes)

    def by_channel(self) -> dict[str, int]:
        """How many declarations of each channel; only those that there are."""
        counts = _counted(self.customs_channel, ["", *(channel.value for channel in CHANNELS)])
        counts.pop("", None)
        return counts

    def by_weekday_and_hour(self) -> Whole:
        """How many on each weekday (Monday first) in each hour, in Vietnam: 7 rows of 24."""
        hours = (self.filed_at + _VIETNAM_SECONDS) // 3600
        # The first day of 1970 was a Thursday.
        places = (hours // 24 + 3) % 7 * 24 + hours % 24
        return np.bincount(places, minlength=7 * 24).reshape(7, 24)


_VIETNAM_SECONDS: Final = int((VIETNAM_TIME.utcoffset(None) or timedelta()).total_seconds())


def _counted(column: Whole, names: Sequence[str]) -> dict[str, int]:
    counts = np.bincount(column, minlength=len(names)).tolist()
    return {name: count for name, count in zip(names, counts, strict=True) if count}


class Body(NamedTuple):
    """One request: NDJSON."""

    path: str
    data: bytes
    first_number: int  #: of its first line, if the portal refuses nothing
    line_count: int


@dataclass(frozen=True, slots=True)
class Window:
    """A window with its lines, ready to be sent."""

    plan: WindowPlan
    columns: FilingColumns
    declaration_lines: Sequence[bytes]  #: JSON, without a line end
    dossier_lines: Sequence[bytes]

    def bodies(self, most_lines: int) -> Iterator[Body]:
        """The requests that file it, in order."""
        number = self.plan.first_number
        for path, lines in ((DECLARATIONS_PATH, self.declaration_lines), (DOSSIERS_PATH, self.dossier_lines)):
            for first in range(0, len(lines), most_lines):
                part = lines[first : first + most_lines]
                yield Body(path, b"\n".join(part), number, len(part))
                number += len(part)


class WindowMaker(Protocol):
    """A crowd, as whoever files it or plans by it needs it: `services.simulator.crowd.Crowd`."""

    @property
    def plans(self) -> Sequence[WindowPlan]:
        """All windows, in order; one without filings is there, too."""

    @property
    def applicants(self) -> Sequence[Applicant]:
        """Everybody who files."""

    @property
    def refiled_procedure_ids(self) -> Sequence[str]:
        """Of which it has to be told how they ended (`feed`); none: of nothing."""

    def columns(self, index: int) -> FilingColumns:
        """The filings of a window without their lines; any window, in any order."""

    def window(self, index: int) -> Window:
        """A window with its lines. Windows come in order; those left out count as filed by an earlier run."""

    def feed(self, ended: Iterable[Ended]) -> None:
        """Tell of ends after which somebody may file again, in any order; the same twice does no harm."""

    def refused(self, numbers: Sequence[int]) -> None:
        """Tell of filings that the portal refused, by the numbers expected for them: what comes after gets lower ones.

        Before the next window is made; a shipped preset has none.
        """
