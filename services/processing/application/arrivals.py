"""Filings that wait as they came: rows of an accept-dossiers command whose instant hasn't come yet.

They are kept as bytes, a command's rows together, and become dossiers when the run comes to the first of them
(docs/adr/0015-filings-wait-as-they-came.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import Any, Final, Protocol, Self

from services.contracts.commands import AcceptedDossier, Command
from services.runtime.compact import compact, expanded

#: Arrivals read at a time: each is a command's worth of dossiers.
ARRIVALS_PER_READ: Final = 4

_FILED_AT: Final = AcceptedDossier._fields.index("filed_at")

#: A row of an accept-dossiers command as it came: a list in the order of `AcceptedDossier`.
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Arrival:
    """Dossiers of one command, each filed for an instant that hasn't come yet; at least one."""

    sequence: int  #: of the command
    first_at: datetime  #: the earliest instant that one of them is filed for
    payload: bytes  #: the rows, see `compact`

    @classmethod
    def of(cls, sequence: int, rows: Sequence[Row]) -> Self:
        """Rows as they came, in any order of their instants."""
        return cls(sequence, min(map(filed_at, rows)), compact(rows))

    @property
    def rows(self) -> list[AcceptedDossier]:
        """What waits; made anew each time."""
        return [AcceptedDossier(*row) for row in expanded(self.payload)]


def filed_at(row: Row) -> datetime:
    """When the dossier of a row is filed."""
    return datetime.fromisoformat(row[_FILED_AT])


#: Order in which arrivals have their turn: by their first instant, then by sequence.
ArrivalKey = tuple[datetime, int]


class ArrivalStore(Protocol):
    """Where arrivals are kept; part of a `PartitionUnit`."""

    def arrivals(self, *, after: ArrivalKey | None, until: datetime, limit: int) -> list[Arrival]:
        """Kept arrivals that begin by an instant, in order, from behind a key on."""
        ...

    def write_arrivals(self, *, new: Sequence[Arrival], gone: Sequence[int]) -> None:
        """Keep some, drop others by sequence."""
        ...


class ArrivalQueue:
    """The arrivals of one unit of work: those that are kept, read as they are needed, and those that have just come."""

    def __init__(self, store: ArrivalStore) -> None:
        self._store = store
        self._heap: list[tuple[ArrivalKey, Arrival]] = []
        self._read_up_to: ArrivalKey | None = None  #: in the store; no further has been read
        self._all_read_until: datetime | None = None  #: none is left there that begins by then
        self._new: dict[int, Arrival] = {}  #: not in the store yet
        self._gone: list[int] = []  #: in the store still

    def add(self, arrival: Arrival) -> None:
        """One that has just come."""
        self._new[arrival.sequence] = arrival
        heappush(self._heap, (_key(arrival), arrival))

    def first_at_in_memory(self) -> datetime | None:
        """When the first of those begins that needn't be read; `None`: there are none."""
        return self._heap[0][0][0] if self._heap else None

    def first(self, until: datetime) -> Arrival | None:
        """The one that begins first; `None`: none begins by an instant."""
        while not self._has_read(until):
            read = self._store.arrivals(after=self._read_up_to, until=until, limit=ARRIVALS_PER_READ)
            for arrival in read:
                heappush(self._heap, (_key(arrival), arrival))
                self._read_up_to = _key(arrival)
            if len(read) < ARRIVALS_PER_READ:
                self._all_read_until = until
        return self._heap[0][1] if self._heap and self._heap[0][0][0] <= until else None

    def _has_read(self, until: datetime) -> bool:
        """Whether nothing in the store comes before what is in memory."""
        if self._all_read_until is not None and self._all_read_until >= until:
            return True
        return bool(self._heap) and self._read_up_to is not None and self._heap[0][0] <= self._read_up_to

    def take(self) -> Arrival:
        """The one that begins first; it waits no longer."""
        _, arrival = heappop(self._heap)
        if self._new.pop(arrival.sequence, None) is None:
            self._gone.append(arrival.sequence)
        return arrival

    def flush(self) -> None:
        """Bring the store up to date, and forget: the next question reads it anew."""
        if self._new or self._gone:
            self._store.write_arrivals(new=list(self._new.values()), gone=self._gone)
        self._heap, self._new, self._gone = [], {}, []
        self._read_up_to = self._all_read_until = None


def _key(arrival: Arrival) -> ArrivalKey:
    return arrival.first_at, arrival.sequence


def sorted_out(command: Command, reached_at: datetime) -> tuple[list[AcceptedDossier], Arrival | None]:
    """What an accept-dossiers command brings: dossiers that are filed by now, and those that are filed for later."""
    waiting = command.waiting
    if waiting is not None and waiting.first_at > reached_at:
        return [], Arrival(command.sequence, waiting.first_at, waiting.payload)
    now, later = split(command.data["dossiers"] if waiting is None else expanded(waiting.payload), reached_at)
    return now, Arrival.of(command.sequence, later) if later else None


def split(rows: Iterable[Row], reached_at: datetime) -> tuple[list[AcceptedDossier], list[Row]]:
    """Rows that are filed by now, and rows that are filed for later."""
    now: list[AcceptedDossier] = []
    later: list[Row] = []
    for row in rows:
        if filed_at(row) <= reached_at:
            now.append(AcceptedDossier(*row))
        else:
            later.append(row)
    return now, later
