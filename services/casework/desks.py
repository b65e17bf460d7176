"""Desks: the queue of one skill in one office, and the officers who serve it, at one instant after the other.

Knows who waits, who is at work and when somebody could take up the next dossier; what is done with it is said by
`services.casework.officers`, and when by `services.casework.staffed_run`.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush
from typing import Final

from services.casework.shifts import ShiftAxis
from services.contracts.staffing import Leave

#: Office code and skill: whose queue.
DeskKey = tuple[str, str]

#: In which order dossiers are taken: rank, instant, number.
Place = tuple[int, datetime, int]

#: Before every instant.
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_SECOND_US: Final = 1_000_000


class Team:
    """Officers of a desk who work the same shift; all alike.

    Args:
        officers: How many there are.
        leave: Days on which some are away; who is in the middle of a dossier finishes it all the same.
        axis: Of their shift.
    """

    __slots__ = ("_closed_at", "_closes_at", "_leave", "_opens_at", "_place", "_present", "axis", "busy", "officers")

    def __init__(self, officers: int, leave: Sequence[Leave], axis: ShiftAxis) -> None:
        self.officers = officers
        self.busy = 0  #: officers who have a dossier, also while they are at home
        self._leave = leave
        self.axis = axis
        # The session asked about last, found again as long as instants don't leave it.
        self._place = 0
        self._closed_at = self._opens_at = self._closes_at = BEGINNING
        self._present = 0

    def free_from(self, at: datetime) -> datetime | None:
        """From when on an officer can take up a dossier if nothing changes before; `None`: never.

        Args:
            at: The answer isn't before that.
        """
        if self.busy >= self.officers:
            return None
        if not self._closed_at <= at < self._closes_at and not self._turn_to(self.axis.place(at)):
            return None
        if self.busy < self._present:
            return max(at, self._opens_at)
        sessions = self.axis.sessions
        for place in range(self._place + 1, len(sessions)):
            if self.busy < self._present_on(sessions[place].day):
                return sessions[place].opens_at
        return None

    def ends_at(self, at: datetime, seconds: int) -> datetime:
        """When an officer who begins at an instant of an open session has worked so long."""
        ends_at = at + timedelta(seconds=seconds)
        return ends_at if at >= self._opens_at and ends_at <= self._closes_at else self._later(at, seconds)

    def moved_end(self, ends_at: datetime, at: datetime, before: "Team") -> datetime:
        """When work that was to end at an instant ends now that the shift's sessions are others: what was left, is.

        Args:
            ends_at: By the sessions of `before`.
            at: From when the new ones hold.
            before: The same officers with the sessions as they were.
        """
        left = before.axis.between(at, ends_at)
        return self.axis.after(at, left) if left > 0 else at

    def _later(self, at: datetime, seconds: int) -> datetime:
        return self.axis.after(at, seconds * _SECOND_US)

    def _turn_to(self, place: int) -> bool:
        sessions = self.axis.sessions
        if place == len(sessions):
            return False
        self._place = place
        self._closed_at = sessions[place - 1].closes_at if place else BEGINNING
        self._opens_at, self._closes_at, day = sessions[place]
        self._present = self._present_on(day)
        return True

    def _present_on(self, day: date) -> int:
        if not self._leave:
            return self.officers
        away = sum(leave.officers for leave in self._leave if leave.first_on <= day <= leave.last_on)
        return max(self.officers - away, 0)


class Desk:
    """Who waits for the officers of an office with a skill, and who of them is free.

    The dossiers that wait may be too many to hold: those up to a certain place are here, and more behind it where they
    are kept.
    """

    __slots__ = ("_queue", "complete_up_to", "key", "teams", "wants_at")

    def __init__(self, key: DeskKey, teams: Sequence[Team]) -> None:
        self.key = key
        self.teams = teams
        #: When officers will take up dossiers that wait; `None`: not before something else happens here.
        self.wants_at: datetime | None = None
        #: Whoever waits up to this place has been put in; `None`: everybody has.
        self.complete_up_to: Place | None = None
        self._queue: list[Place] = []

    @property
    def officers(self) -> int:
        """How many there are, of all teams."""
        return sum(team.officers for team in self.teams)

    def put(self, place: Place) -> None:
        """A dossier waits."""
        heappush(self._queue, place)

    def is_waited_for(self) -> bool:
        """Whether anybody may be waiting: who has left the queue meanwhile is only missed when his turn comes."""
        return bool(self._queue) or self.complete_up_to is not None

    def lacks_first(self) -> bool:
        """Whether the next in turn may be one that hasn't been put in yet."""
        return self.complete_up_to is not None and (not self._queue or self._queue[0] > self.complete_up_to)

    def pop(self) -> Place | None:
        """Take out whose turn it is; `None`: nobody waits."""
        return heappop(self._queue) if self._queue else None

    def free_team(self, at: datetime) -> int | None:
        """The first team of which an officer can take up a dossier at an instant."""
        for number, team in enumerate(self.teams):
            if team.free_from(at) == at:
                return number
        return None

    def free_from(self, at: datetime) -> datetime | None:
        """From when on, at an instant or after it, some officer can take up a dossier; `None`: never."""
        if len(self.teams) == 1:
            return self.teams[0].free_from(at)
        return min((free for team in self.teams if (free := team.free_from(at)) is not None), default=None)
