"""A run over a partition whose officers are counted: their work waits in queues until one of them is free.

Intake, and whatever people outside the office do, is as in any sandbox with a robot. What is an officer's to do waits
at the desk of its office and skill. When an officer takes a dossier up it is started, if it hasn't been; after the time
that was drawn for it, counted in the hours of the officer's shift, the officer does what there is to do, is free, and
the dossier waits again if more follows. An applicant may withdraw meanwhile: then it leaves the queue, or the officer's
hands.

The order is total: by instant; at one instant first what happens to dossiers, by number, then what desks take up, desk
by desk in the order of office and skill. So at an instant everybody who comes is there before anybody is taken.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from services.casework.case import AFTER_DOSSIERS, Case, NextStep, Work
from services.casework.desks import BEGINNING, Desk, DeskKey, Place
from services.casework.draws import Draw
from services.casework.engine import PartitionRun, StepKey
from services.casework.officers import is_officers_work, is_to_be_withdrawn, outcome
from services.casework.robot import Robot
from services.casework.roster import Roster, RosterBook
from services.contracts.staffing import Staffing
from services.contracts.vocabulary import SETTLED_STATUSES, Action, Actor, OfficerKind, Status
from services.law.calendar import WorkingCalendar

#: Taken into account for a dossier's draws: more turns than any dossier has.
_MOST_TURNS: Final = 255

#: Waiting dossiers of a desk that are read at a time, beside two for each of its officers, of whom a desk may have
#: thousands.
_READ_AT_LEAST: Final = 8
_READ_AT_MOST: Final = 500


class Backlog(Protocol):
    """Whoever waits or is served, as it was written. Asked for the heads of queues only, however long they are."""

    def at_work(self) -> Iterable[tuple[DeskKey, int, int]]:
        """By desk and team: how many officers have a dossier; those without may be missing."""
        ...

    def desks_waited_for(self) -> Iterable[DeskKey]:
        """Desks at which somebody waits."""
        ...

    def heads(self, wanted: Sequence[tuple[DeskKey, Place | None, int]]) -> Sequence[Sequence[Case]]:
        """The dossiers that wait at each of these desks behind a place (`None`: from the first), so many at most."""
        ...


class StaffedRun(PartitionRun):
    """As `PartitionRun`, with a robot whose offices are staffed.

    `open_desks` comes before `play`; `close_desks` whenever the run's dossiers are forgotten.

    Args:
        staffing: The sandbox's.
        rosters: The process's.
        more: As `PartitionRun` takes it, without `officer`.
    """

    _roster: Roster
    _robot: Robot

    def __init__(self, *, staffing: Staffing, rosters: RosterBook, **more: Any) -> None:
        self._staffing = staffing
        self._rosters = rosters
        self._desks: dict[DeskKey, Desk] | None = None
        #: While it plays: when a dossier joins its queue, or something happens to one that waits or is served.
        self._heap: list[tuple[datetime, int, bool]] | None = None
        self._bound: StepKey = (BEGINNING, 0)
        self._desk_heap: list[tuple[datetime, DeskKey]] = []
        self._backlog: Backlog | None = None
        self._moved: list[int] = []
        super().__init__(officer=OfficerKind.ROBOT, **more)

    def use_calendar(self, calendar: WorkingCalendar) -> None:
        """See `PartitionRun`; shifts follow the calendar, so desks have to be opened anew."""
        super().use_calendar(calendar)
        self.close_desks()
        self._roster = self._rosters.roster(self._staffing, calendar)

    # Desks

    def open_desks(self, backlog: Backlog | None, since: datetime) -> None:
        """Put those who wait into their queues, unless that has been done.

        Args:
            backlog: Where they are kept; `None`: nobody waits, and nobody is served.
            since: Nothing has happened at or after this instant; what desks take up before, has been taken up.
        """
        if self._desks is not None:
            return
        self._desks, self._desk_heap, self._backlog = {}, [], backlog
        if backlog is None:
            return
        for key, team, count in backlog.at_work():
            self._desk(key).teams[team].busy = count
        waited_for = [desk for desk in map(self._desk, sorted(backlog.desks_waited_for())) if desk.officers]
        wanted: list[tuple[DeskKey, Place | None, int]] = [(desk.key, None, _to_read(desk)) for desk in waited_for]
        for desk, (_, _, limit), cases in zip(waited_for, wanted, backlog.heads(wanted), strict=True):
            self._put_all(desk, cases, limit)
            self._settle(desk, since)

    def close_desks(self) -> None:
        """Forget queues and officers: what has become of them is in the dossiers."""
        self._desks, self._desk_heap, self._moved = None, [], []

    def take_moved(self) -> list[int]:
        """Dossiers that have come here by themselves, to wait or to be served: their next steps may be news."""
        moved, self._moved = self._moved, []
        return moved

    @property
    def next_desk_at(self) -> datetime | None:
        """When officers take up the next dossier, if nothing else happens before; `None`: not at all."""
        desks, heap = self._desks or {}, self._desk_heap
        while heap and desks[heap[0][1]].wants_at != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap and desks else None

    def _desk(self, key: DeskKey) -> Desk:
        assert self._desks is not None
        found = self._desks.get(key)
        if found is None:
            found = self._desks[key] = self._roster.desk(key)
        return found

    def _settle(self, desk: Desk, at: datetime) -> None:
        """Note when the desk takes up somebody next, now that something has changed."""
        wants_at = desk.free_from(at) if desk.is_waited_for() else None
        if wants_at != desk.wants_at:
            desk.wants_at = wants_at
            if wants_at is not None:
                heapq.heappush(self._desk_heap, (wants_at, desk.key))

    def _put_all(self, desk: Desk, cases: Sequence[Case], limit: int) -> None:
        """Put those into a queue who were read for it; fewer than were asked for are the last ones."""
        self.load(cases)
        self._moved += [case.number for case in cases]
        desk.complete_up_to = None
        if len(cases) == limit:
            desk.complete_up_to = _place(cases[-1])
        for case in cases:
            # Whoever has moved on since he was written is somewhere else by now.
            if (work := self.cases[case.number].work) is not None and work.since is not None:
                desk.put(_place(self.cases[case.number]))

    def _next_in_turn(self, desk: Desk) -> Case | None:
        while True:
            if desk.lacks_first():
                assert self._backlog is not None
                limit = 2 * _to_read(desk)
                (cases,) = self._backlog.heads([(desk.key, desk.complete_up_to, limit)])
                self._put_all(desk, cases, limit)
                continue
            place = desk.pop()
            if place is None:
                return None
            # Whoever has come to an end while waiting is perhaps not even kept any more.
            case = self.cases.get(place[2])
            if case is not None and case.work is not None and case.work.since is not None and _place(case) == place:
                return case

    # Playing

    def play(self, numbers: Iterable[int], bound: StepKey) -> None:
        """See `PartitionRun`; `numbers` are all dossiers that have a step up to the bound."""
        began = len(self.log)
        self._bound = bound
        heap = self._heap = []
        for number in numbers:
            self._go_on(self.cases[number])
        desks, desk_heap = self._desks, self._desk_heap
        assert desks is not None
        while True:
            if heap and (not desk_heap or heap[0][0] <= desk_heap[0][0]):
                self._meet(*heapq.heappop(heap))
                continue
            if not desk_heap or (desk_heap[0][0], AFTER_DOSSIERS) > bound:
                break
            at, key = heapq.heappop(desk_heap)
            desk = desks[key]
            if desk.wants_at == at:  # else it has been settled otherwise since
                self._take_up(desk, at)
        self._heap = None
        self.log.put_in_order(began, Action.START)

    def _go_on(self, case: Case) -> None:
        """Play what happens to a dossier as long as no officer has to do with it; note when something does.

        So far it depends on no other dossier: it may be played ahead of them, and the log puts it in order.
        """
        assert self._heap is not None
        until, last_number = self._bound
        while (step := case.next_step) is not None and (
            step.at < until or (step.at == until and case.number <= last_number)
        ):
            if (work := case.work) is not None and (work.since is not None or work.team is not None):
                heapq.heappush(self._heap, (step.at, case.number, False))
                return
            self._take_step(case, step)

    def _meet(self, at: datetime, number: int, is_arrival: bool) -> None:
        """Let a dossier join its queue, or leave it, or leave an officer."""
        case = self.cases[number]
        work, step = case.work, case.next_step
        if work is None:
            return
        if is_arrival:
            self._join(case, work, at)
        elif step is not None and step.at == at:  # else it was planned otherwise since
            self._leave(case, work, at)
            self._take_step(case, step)
            self._go_on(case)

    def _take_up(self, desk: Desk, at: datetime) -> None:
        """Give each free officer the next in turn."""
        while (team := desk.free_team(at)) is not None and (case := self._next_in_turn(desk)) is not None:
            self._begin(case, desk, team, at)
            self._go_on(case)
        desk.wants_at = None
        self._settle(desk, at)

    def _begin(self, case: Case, desk: Desk, team: int, at: datetime) -> None:
        assert case.work is not None
        skill, taken, turn, *_ = case.work
        case.work = Work(skill, taken + 1, turn, team=team)
        officers = desk.teams[team]
        officers.busy += 1
        self._touch(case)
        self._moved.append(case.number)
        if case.status is Status.RECEIVED:
            self._take_step(case, NextStep(at, Action.START, Actor.OFFICER))
        seconds = self._roster.treatment(case.procedure.procedure_id).seconds
        value = self._robot.drawn(case, Draw.SERVICE, min(taken, _MOST_TURNS))
        ends_at = officers.ends_at(at, seconds(value))
        if case.next_step is None or case.next_step.at > ends_at:
            case.next_step = outcome(case, ends_at, self._robot)

    # What follows from a step

    def _leave(self, case: Case, work: Work, at: datetime) -> None:
        case.work = Work(work.skill, work.taken, work.turn)
        self._touch(case)
        if work.team is not None and self._desks is not None:
            desk = self._desks[case.office_code, work.skill]
            desk.teams[work.team].busy -= 1
            self._settle(desk, at)

    def _planned(self, case: Case) -> NextStep | None:
        """See `PartitionRun`; after each step, whoever took it."""
        work = case.work
        if not is_officers_work(case):
            if work is not None:
                if work.since is not None or work.team is not None:
                    self._leave(case, work, case.acted_at)  # somebody acted who isn't of this office's making
                if case.status in SETTLED_STATUSES:
                    case.work = None
            asked = case.particulars.consultation
            if case.status is Status.IN_PROCESS and asked is not None:
                return self._robot.opinion(case, asked)
            return self._robot.next_step(case)
        if work is not None and work.since is not None:
            return case.next_step
        if work is not None and work.team is not None:
            step = case.next_step
            if step is None or step.action is Action.WITHDRAW:
                return step
            return outcome(case, step.at, self._robot)
        return self._enter(case, work or Work(self._roster.treatment(case.procedure.procedure_id).skill))

    def _enter(self, case: Case, work: Work) -> NextStep | None:
        """Let the dossier wait; returns what happens if nobody takes it up before."""
        at = case.acted_at
        rank, since = self._roster.place_of(case, at)
        case.work = Work(work.skill, work.taken, case.turn, rank, since)
        if self._heap is not None:
            heapq.heappush(self._heap, (at, case.number, True))
        elif self._desks is not None:
            self._join(case, case.work, at)
        # Once in a turn, so that what has begun to move isn't withdrawn for the same reason again.
        if work.turn != case.turn and is_to_be_withdrawn(case, self._robot):
            return self._robot.withdrawal(case)
        return None

    def _join(self, case: Case, work: Work, at: datetime) -> None:
        desk = self._desk((case.office_code, work.skill))
        desk.put(_place(case))
        if desk.wants_at is None:
            self._settle(desk, at)

    def _touch(self, case: Case) -> None:
        if case.number not in self.new_numbers:
            self.changed_numbers.add(case.number)

    # Another calendar

    def reschedule(
        self, numbers: Iterable[int], calendar_before: WorkingCalendar, decision: Mapping[str, Any], at: datetime
    ) -> None:
        """See `PartitionRun`; desks are closed meanwhile. What an officer has left to do, stays to be done."""
        self._roster_before = self._rosters.roster(self._staffing, calendar_before)
        super().reschedule(numbers, calendar_before, decision, at)

    def _planned_anew(self, case: Case, at: datetime) -> NextStep | None:
        work, step = case.work, case.next_step
        if work is None or (work.since is None and work.team is None):
            return super()._planned_anew(case, at)
        # Applicants who are about to withdraw have made up their minds, whatever the calendar says (ours).
        if work.since is not None:
            if self._roster.is_by_deadline:
                rank, since = self._roster.place_of(case, at)
                case.work = work._replace(rank=rank, since=since)
                self._touch(case)
            return step
        if work.team is None or step is None or step.action is Action.WITHDRAW:
            return step
        key = case.office_code, work.skill
        now, before = (roster.desk(key).teams[work.team] for roster in (self._roster, self._roster_before))
        return outcome(case, now.moved_end(step.at, at, before), self._robot)


def _place(case: Case) -> Place:
    """Of a dossier that waits."""
    work = case.work
    assert work is not None
    assert work.rank is not None
    assert work.since is not None
    return work.rank, work.since, case.number


def _to_read(desk: Desk) -> int:
    return min(2 * desk.officers, _READ_AT_MOST) + _READ_AT_LEAST
