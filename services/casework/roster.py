"""A staffing on a calendar: what the work of officers is counted by. Built once for many units of work."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from services.casework.case import Case
from services.casework.desks import Desk, DeskKey, Team
from services.casework.service_times import seconds_by_draw
from services.casework.shifts import ShiftAxis, sessions_of
from services.contracts.staffing import Discipline, Staffing
from services.law.calendar import WorkingCalendar

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
    """Desks, service times and order of a staffing, with shifts on one calendar. Safe to share between runs."""

    def __init__(self, staffing: Staffing, calendar: WorkingCalendar) -> None:
        self.staffing = staffing
        self.calendar = calendar
        self._axes: dict[str, ShiftAxis] = {}
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

    def key_of(self, case: Case) -> DeskKey:
        """The desk whose work a dossier is."""
        return case.office_code, self.treatment(case.procedure.procedure_id).skill

    def place_of(self, case: Case, since: datetime) -> tuple[int, datetime]:
        """Where in its queue a dossier stands that waits since an instant; the dossier's number decides ties."""
        if self.is_by_deadline:
            return 0, case.due_at(self.calendar) or _NEVER
        return self.treatment(case.procedure.procedure_id).rank, since

    def desk(self, key: DeskKey) -> Desk:
        """A desk at which nobody waits and everybody is free."""
        office_code, skill = key
        return Desk(
            key,
            [
                Team(line.officers, line.leave, self._axis(line.shift))
                for line in self.staffing.desks_of(office_code, skill)
            ],
        )

    def _axis(self, shift: str) -> ShiftAxis:
        found = self._axes.get(shift)
        if found is None:
            found = self._axes[shift] = ShiftAxis(sessions_of(self.staffing.shifts[shift], self.calendar))
        return found


class RosterBook:
    """The rosters last asked for: to make the axes of one takes milliseconds."""

    #: How many are kept; one takes a few megabytes at most.
    KEPT: Final = 32

    def __init__(self) -> None:
        # By identity: both are made once and shared, and a roster that is kept holds on to its own.
        self._rosters: OrderedDict[tuple[int, int], Roster] = OrderedDict()

    def roster(self, staffing: Staffing, calendar: WorkingCalendar) -> Roster:
        """The roster of a staffing on a calendar."""
        key = id(staffing), id(calendar)
        found = self._rosters.pop(key, None) or Roster(staffing, calendar)
        self._rosters[key] = found
        if len(self._rosters) > self.KEPT:
            self._rosters.popitem(last=False)
        return found
