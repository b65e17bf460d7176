"""A staffing on a calendar: what the work of officers is counted by. Built once for many units of work."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

from services.casework.case import Case
from services.casework.desks import Desk, DeskKey, Team
from services.casework.service_times import seconds_by_draw
from services.casework.shifts import ShiftAxis, sessions_of
from services.contracts.staffing import Discipline, Shift, Staffing
from services.law.calendar import WorkingCalendar

_K = TypeVar("_K")
_T = TypeVar("_T")

#: In place of a due instant that there isn't.
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

#: Behind every rank that a staffing can give.
_LAST_RANK: Final = 32_000


class Treatment(NamedTuple):
    """What a staffing says of a procedure."""

    skill: str
    rank: int
    seconds: Callable[[float], int]  #: of work, by a draw in [0, 1)


class Roster:
    """Desks, service times and order of a staffing, with shifts on one calendar. Safe to share between runs.

    Args:
        staffing: Who works.
        calendar: What their shifts follow.
        axis: Gives the axis of a shift on the calendar.
    """

    def __init__(self, staffing: Staffing, calendar: WorkingCalendar, axis: Callable[[Shift], ShiftAxis]) -> None:
        self.staffing = staffing
        self.calendar = calendar
        self._axis = axis
        self._treatments: dict[str, Treatment] = {}
        #: Whether the order of a queue depends on due instants: what moves them, moves dossiers in it.
        self.is_by_deadline: Final = staffing.discipline is Discipline.EARLIEST_DEADLINE

    def treatment(self, procedure_id: str) -> Treatment:
        """Skill, rank and service time of a procedure."""
        found = self._treatments.get(procedure_id)
        if found is None:
            staffing = self.staffing
            rank = 0
            if staffing.discipline is Discipline.BY_PROCEDURE:
                rank = staffing.priorities.get(procedure_id, _LAST_RANK)
            seconds = seconds_by_draw(staffing.service_of(procedure_id))
            found = self._treatments[procedure_id] = Treatment(staffing.skill_of(procedure_id), rank, seconds)
        return found

    def place_of(self, case: Case, since: datetime) -> tuple[int, datetime]:
        """Where in its queue a dossier stands that waits since an instant; the dossier's number decides ties."""
        if self.is_by_deadline:
            return 0, case.due_at(self.calendar) or _NEVER
        return self.treatment(case.procedure.procedure_id).rank, since

    def desk(self, key: DeskKey) -> Desk:
        """A desk at which nobody waits and everybody is free."""
        shifts = self.staffing.shifts
        lines = self.staffing.desks_of(*key)
        return Desk(key, [Team(line.officers, line.leave, self._axis(shifts[line.shift])) for line in lines])


class RosterBook:
    """The rosters last asked for, and the axes that they share: to make one takes milliseconds."""

    #: How many rosters and axes are kept; an axis takes a megabyte or two.
    KEPT: Final = 64

    def __init__(self) -> None:
        # By identity: both are made once and shared, and what is kept holds on to its own.
        self._rosters: OrderedDict[tuple[int, int], Roster] = OrderedDict()
        self._axes: OrderedDict[tuple[Shift, int], tuple[WorkingCalendar, ShiftAxis]] = OrderedDict()

    def roster(self, staffing: Staffing, calendar: WorkingCalendar) -> Roster:
        """The roster of a staffing on a calendar."""
        return _kept(
            self._rosters,
            (id(staffing), id(calendar)),
            lambda: Roster(staffing, calendar, lambda shift: self._axis(shift, calendar)),
        )

    def _axis(self, shift: Shift, calendar: WorkingCalendar) -> ShiftAxis:
        def make() -> tuple[WorkingCalendar, ShiftAxis]:
            return calendar, ShiftAxis(sessions_of(shift, calendar))

        return _kept(self._axes, (shift, id(calendar)), make)[1]


def _kept(kept: "OrderedDict[_K, _T]", key: _K, make: Callable[[], _T]) -> _T:
    """What was made for a key, made anew if it was too long ago."""
    found = kept.pop(key, None)
    kept[key] = found = make() if found is None else found
    if len(kept) > RosterBook.KEPT:
        kept.popitem(last=False)
    return found
