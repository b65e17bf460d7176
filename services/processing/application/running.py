"""Carrying out commands and due steps of a partition: what every Celery task of processing comes down to.

Crash safety: each unit is one transaction. A worker that dies loses what it hadn't committed; the command is sent
again by the portal's relay, the run is taken up by the timekeeper (`wake_at`), and sequence and position make sure
that nothing happens twice.

A unit keeps what it reads in memory until its end, so a dossier is read and written once however many steps it takes.
It reads in order of what is due, a part at a time, until nothing is due any more, or it holds as much as it may, or
its time is over; where it stops doesn't show in the ledger, because steps are totally ordered.

An override of the calendar may concern every open dossier of a partition, so that command alone is carried out over
several units (docs/adr/0008-an-overridden-calendar-moves-what-is-open.md).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.casework.engine import PartitionRun, Rules, StepKey
from services.casework.roster import RosterBook
from services.casework.staffed_run import StaffedRun
from services.contracts.commands import CalendarOverride, Command, CommandType, PartitionKey, RequestedAction
from services.contracts.vocabulary import ClockMode, OfficerKind
from services.law.calendar import CalendarBook, OutsideCalendarError, WorkingCalendar
from services.processing.application.agenda import AFTER_ALL_NUMBERS, BEFORE_ALL_NUMBERS, Agenda
from services.processing.application.arrivals import ArrivalQueue, sorted_out
from services.processing.application.ports import (
    PartitionBusyError,
    PartitionState,
    PartitionStore,
    PartitionUnit,
)
from services.processing.application.room import Room
from services.runtime.clock import monotonic_seconds, real_instant_of, virtual_now

#: Dossiers that a unit holds at most, and that it reads at a time.
DOSSIERS_PER_UNIT: Final = 40_000
DOSSIERS_PER_READ: Final = 2000

#: A staffed sandbox is played on between two looks at the real time until about so many facts have come of it, by spans
#: of its own time.
FACTS_AT_A_TIME: Final = 5000
SHORTEST_SPAN: Final = timedelta(minutes=1)
LONGEST_SPAN: Final = timedelta(days=30)

#: A unit takes up nothing new after this long: writing takes a part of it again, and whoever waits for the partition,
#: or for the worker to stop, waits for the end of a unit.
UNIT_SECONDS: Final = 2.5

#: Commands that are carried out in one unit at most.
COMMANDS_PER_UNIT: Final = 200

#: Commands read from the stash at a time: each may carry a thousand dossiers, and a partition may be busy for many
#: transactions before it comes to the first.
STASHED_PER_READ: Final = 8

#: Commands wait so long for whoever works on their partition: a small unit is over by then.
PATIENCE_SECONDS: Final = 0.05

#: A run that isn't finished belongs to its worker for this long; after that the timekeeper gives it to another.
LEASE: Final = timedelta(seconds=5)


class PartitionRunner:
    """Runs partitions.

    Args:
        store: where they live.
        rules: law, catalogue, robot.
        real_now: the wall's time.
        dossiers_per_unit: held in one transaction at most; the ledger doesn't depend on it.
        unit_seconds: after which a unit takes up nothing new; nor on this.
    """

    def __init__(
        self,
        store: PartitionStore,
        rules: Rules,
        real_now: Callable[[], datetime],
        *,
        dossiers_per_unit: int = DOSSIERS_PER_UNIT,
        unit_seconds: float = UNIT_SECONDS,
    ) -> None:
        self._store = store
        self._rules = rules
        self._real_now = real_now
        self._dossiers_per_unit = dossiers_per_unit
        self._unit_seconds = unit_seconds
        self._rosters = RosterBook()

    def run(self, key: PartitionKey, commands: Sequence[Command] = ()) -> bool:
        """Take commands and everything that is due, in one transaction.

        Where somebody else works on the partition, commands are left for them: a unit of theirs may take a second,
        and another partition's work is waiting.

        Args:
            key: which partition.
            commands: as they arrived, in any order, some perhaps known already.

        Returns:
            Whether there is more to do right now: call again without commands.
        """
        try:
            return self._run(key, commands)
        except PartitionBusyError:
            if commands:
                self._store.stash(key, commands)
            return False

    def _run(self, key: PartitionKey, commands: Sequence[Command]) -> bool:
        with self._store.unit(key, patience_seconds=PATIENCE_SECONDS if commands else 0.0) as unit:
            state = unit.state or _opened(key, commands)
            if state is None:
                unit.stash(commands)
                return False
            room = Room(self._dossiers_per_unit, monotonic_seconds() + self._unit_seconds)
            now = self._real_now()
            work = self._new_run(state, now)
            return _Unit(unit, state, work, calendars=self._rules.calendars, real_now=now, room=room).run(commands)

    def _new_run(self, state: PartitionState, recorded_at: datetime) -> PartitionRun:
        more: dict[str, Any] = {
            "rules": self._rules,
            "seed": state.seed,
            "head_position": state.head_position,
            "recorded_at": recorded_at,
            "calendar": self._rules.calendars.with_overrides(state.calendar_overrides),
        }
        if state.staffing is None:
            return PartitionRun(officer=state.officer, **more)
        return StaffedRun(staffing=state.staffing, rosters=self._rosters, **more)


def _opened(key: PartitionKey, commands: Sequence[Command]) -> PartitionState | None:
    """The state that an open-sandbox command, always the first of its log, brings with it."""
    first = next((command for command in commands if command.type is CommandType.OPEN_SANDBOX), None)
    if first is None:
        return None
    return PartitionState(
        sandbox_id=key[0],
        partition=key[1],
        seed=int(first.data["seed"]),
        officer=OfficerKind(first.data["officer"]),
        clock=first.clock,
        reached_at=first.at,
        next_due_at=None,
        command_sequence=0,
        head_position=0,
        staffing=first.staffing,
    )


class _Unit:
    """The work of one transaction."""

    def __init__(
        self,
        unit: PartitionUnit,
        state: PartitionState,
        run: PartitionRun,
        *,
        calendars: CalendarBook,
        real_now: datetime,
        room: Room,
    ) -> None:
        self._unit = unit
        self._state = replace(state)
        self._run = run
        self._staffed = run if isinstance(run, StaffedRun) else None
        self._calendars = calendars
        self._real_now = real_now
        self._room = room
        self._known: dict[int, Command] = {}
        self._agenda = Agenda(self._run.cases)
        self._arrivals = ArrivalQueue(unit)
        self._span = timedelta(hours=1)
        self._stand_before(state.next_due_at)

    def _stand_before(self, due_at: datetime | None) -> None:
        """Nothing is in memory; what is written has nothing to be done before an instant."""
        self._unread_at = due_at  #: nothing is to be done before this by what hasn't been read; `None`: nothing at all
        self._desks_closed_until = due_at or self._state.reached_at  #: no officer takes up anything before this
        #: Everything with a step up to and including this is in memory.
        self._read_up_to: StepKey = (due_at or self._state.reached_at, BEFORE_ALL_NUMBERS)

    def run(self, arrived: Sequence[Command]) -> bool:
        self._known = {command.sequence: command for command in arrived}
        is_finished = self._take_commands()
        self._unit.stash(
            command for command in sorted(arrived, key=_sequence) if command.sequence > self._state.command_sequence
        )
        if is_finished:
            is_finished = self._run_until(self._now())
        self._state.next_due_at = self._next_at()
        self._flush()
        self._append()
        self._state.wake_at = self._next_wake() if is_finished else self._real_now + LEASE
        self._unit.save(self._state)
        return not is_finished

    def _now(self) -> datetime:
        if self._state.clock.mode is ClockMode.MANUAL:
            return self._state.reached_at
        return virtual_now(self._state.clock, self._real_now)

    def _take_commands(self) -> bool:
        """Carry out what follows without a gap; returns False when the unit is full before that."""
        done = 0
        while (command := self._following()) is not None:
            if done == COMMANDS_PER_UNIT or self._room.is_used_up():
                return False
            # A clock that moves by itself has run on while the command was on its way: then it happens now.
            at = max(command.at, self._state.reached_at)
            # Half-way through an override some dossiers are due now; they have their turn when all are through.
            if self._state.overriding_up_to is None and not self._run_until(at):
                return False
            if not self._carry_out(command, at):
                return False
            self._state.command_sequence = command.sequence
            done += 1
        return True

    def _following(self) -> Command | None:
        """The next command of the log; `None` while it hasn't arrived."""
        sequence = self._state.command_sequence + 1
        if sequence not in self._known:
            stashed = self._unit.stashed_commands(from_sequence=sequence, limit=STASHED_PER_READ)
            self._known.update((command.sequence, command) for command in stashed)
        return self._known.pop(sequence, None)

    def _carry_out(self, command: Command, at: datetime) -> bool:
        """Do what a command asks; returns False when the unit is full before that: the next one goes on with it."""
        match command.type:
            case CommandType.ACCEPT_DOSSIERS:
                self._accept(command, at)
            case CommandType.ACT:
                self._act(command.actions, at)
            case CommandType.SET_CLOCK:
                self._state.clock = command.clock
            case CommandType.OVERRIDE_CALENDAR:
                return self._override(command, at)
            case CommandType.OPEN_SANDBOX | CommandType.ADVANCE:
                pass  # the partition has been opened, or has run to the command's instant, already
        return True

    def _accept(self, command: Command, at: datetime) -> None:
        """Take dossiers that are filed now; those that are filed for later wait as they came."""
        now, later = sorted_out(command, at)
        if later is not None:
            self._arrivals.add(later)
        if now:
            self._room.take(len(now))
            self._run.accept(now, at)
            self._agenda.note(row.number for row in now)

    def _act(self, actions: Sequence[RequestedAction], at: datetime) -> None:
        self._open_desks()
        cases = self._run.cases
        missing = {row.number for row in actions} - cases.keys()
        if missing:
            self._room.take(len(missing))
            self._run.load(self._unit.cases(sorted(missing)))
        for request in actions:
            self._run.act(request, at)
        self._agenda.note({row.number for row in actions} & cases.keys())

    def _override(self, command: Command, at: datetime) -> bool:
        """Bring the open dossiers onto the calendar that a command has changed, a slice at a time."""
        before = self._calendars.with_overrides(self._state.calendar_overrides)
        overrides = _in_force(self._state.calendar_overrides, command.calendar_overrides)
        numbers = dict.fromkeys(item.decision_number for item in command.calendar_overrides)
        decision = {"decision_number": ", ".join(numbers), "sequence": command.sequence}
        try:
            self._run.use_calendar(self._calendars.with_overrides(overrides))
        except OutsideCalendarError:
            return True  # the portal asks for no such day; a log that stood still for it would keep everything waiting
        has_more = True
        while has_more:
            if self._room.is_used_up():
                return False
            self._flush()
            self._append()  # what waits in the log from here on is this slice's
            done, asked = self._state.overriding_up_to or 0, self._slice()
            cases = self._unit.open_cases(after_number=done, limit=asked)
            self._room.take(len(cases))
            self._run.load(cases)
            try:
                self._run.reschedule([case.number for case in cases], before, decision, at)
            except OutsideCalendarError:
                self._take_back(before, self._calendars.with_overrides(overrides), decision, at)
                return True  # as above: so few days are left that a due date has none
            has_more = len(cases) == asked
            self._state.overriding_up_to = cases[-1].number if cases else done
        self._state.overriding_up_to = None
        self._state.calendar_overrides = overrides
        self._flush()
        self._stand_before(self._earliest_after_override(at))
        return True

    def _take_back(
        self, before: WorkingCalendar, tried: WorkingCalendar, decision: Mapping[str, Any], at: datetime
    ) -> None:
        """Bring whoever has moved already back onto the calendar as it was; the slice at hand is not yet written."""
        self._run.log.forget()
        self._forget()
        self._run.use_calendar(before)
        done, last = 0, self._state.overriding_up_to or 0
        while done < last:
            cases = self._unit.open_cases(after_number=done, limit=DOSSIERS_PER_READ)
            moved = [case for case in cases if case.number <= last]
            self._run.load(moved)
            self._run.reschedule([case.number for case in moved], tried, decision, at)
            self._flush()
            done = moved[-1].number if moved else last
        self._state.overriding_up_to = None
        self._stand_before(self._earliest_after_override(at))

    def _earliest_after_override(self, at: datetime) -> datetime | None:
        """Nothing of what is written is to be done before this; desks may be open now that were closed."""
        return self._unit.earliest_at(after=None) if self._staffed is None else at

    def _run_until(self, until: datetime) -> bool:
        """Take every step due up to `until`; returns False when the unit is full before that."""
        while (next_at := self._next_at()) is not None and next_at <= until:
            self._open_desks()
            reach = until if self._staffed is None else min(until, next_at + self._span)
            is_to_read = self._is_to_read(reach)
            if (is_to_read or self._staffed is not None) and self._room.is_used_up():
                return False
            bound = self._read(reach) if is_to_read else (reach, AFTER_ALL_NUMBERS)
            taken, told = self._agenda.take(bound), len(self._run.log)
            self._run.play(taken, bound)
            self._agenda.note(taken)
            if self._staffed is not None:
                self._follow(self._staffed, len(self._run.log) - told)
        self._state.reached_at = max(self._state.reached_at, until)
        return True

    def _follow(self, run: StaffedRun, told: int) -> None:
        """Note whom officers have taken up; as there is no end to what follows from that, go on a moment at a time."""
        moved = run.take_moved()
        self._room.take(len(moved))
        self._agenda.note(moved)
        if told < FACTS_AT_A_TIME // 2:
            self._span = min(self._span * 2, LONGEST_SPAN)
        elif told > FACTS_AT_A_TIME:
            self._span = max(self._span / 2, SHORTEST_SPAN)

    def _open_desks(self) -> None:
        """Before anything happens to a dossier of a staffed sandbox: who waits and who is served, as written."""
        if self._staffed is not None:
            self._staffed.open_desks(self._unit, self._desks_closed_until)
            self._agenda.note(self._staffed.take_moved())

    def _next_at(self) -> datetime | None:
        """Nothing is to be done before this; `None`: nothing at all."""
        known = [self._unread_at, self._arrivals.first_at_in_memory(), self._agenda.first_at()]
        if self._staffed is not None:
            known.append(self._staffed.next_desk_at)
        return min((at for at in known if at is not None), default=None)

    def _is_to_read(self, until: datetime) -> bool:
        waiting_at = self._arrivals.first_at_in_memory()
        return (self._unread_at is not None and self._unread_at <= until) or (
            waiting_at is not None and waiting_at <= until
        )

    def _read(self, until: datetime) -> StepKey:
        """Bring what is due next into memory; returns up to which step it is all there, which is `until` at most."""
        limit, taken = self._slice(), 0
        bound = (until, AFTER_ALL_NUMBERS)
        while (arrival := self._arrivals.first(bound[0])) is not None:
            if taken >= limit:
                bound = (arrival.first_at, BEFORE_ALL_NUMBERS)
                break
            rows = self._arrivals.take().rows
            self._run.accept(rows, self._state.reached_at)
            self._agenda.note(row.number for row in rows)
            taken += len(rows)
        due = self._unit.due_cases(after=self._read_up_to, bound=bound, limit=limit)
        if len(due) == limit:
            last = due[-1]
            assert last.next_step is not None
            bound = (last.next_step.at, last.number)
        # Whoever acts on a dossier brings it here before its step is due; then it isn't any more as it was written.
        new_here = [case for case in due if case.number not in self._run.cases]
        self._run.load(new_here)
        self._agenda.note(case.number for case in new_here)
        self._room.take(taken + len(due))
        is_all = bound == (until, AFTER_ALL_NUMBERS)
        self._read_up_to = bound
        self._unread_at = self._unit.earliest_at(after=until) if is_all else bound[0]
        return bound

    def _slice(self) -> int:
        return max(min(self._room.dossiers, DOSSIERS_PER_READ), 1)

    def _flush(self) -> None:
        """Write what the run has changed, and forget it: what follows is read as written."""
        run = self._run
        if run.new_numbers or run.changed_numbers:
            self._unit.write(
                new=[run.cases[number] for number in sorted(run.new_numbers)],
                changed=[run.cases[number] for number in sorted(run.changed_numbers)],
            )
        self._arrivals.flush()
        self._forget()

    def _append(self) -> None:
        """Write what the run has told: once a unit, so that a block is as long as it can be."""
        if self._run.log:
            self._unit.append(self._run.log.take_blocks())
        self._state.head_position = self._run.log.head_position

    def _forget(self) -> None:
        """Drop the dossiers that the run holds."""
        if self._staffed is not None:
            self._staffed.close_desks()
        self._run.new_numbers.clear()
        self._run.changed_numbers.clear()
        self._run.cases.clear()
        self._agenda.clear()

    def _next_wake(self) -> datetime | None:
        if self._state.next_due_at is None:
            return None
        return real_instant_of(self._state.clock, self._state.next_due_at)


def _in_force(had: Iterable[CalendarOverride], decided: Iterable[CalendarOverride]) -> tuple[CalendarOverride, ...]:
    """Overrides in order of day; what was decided later about a day holds."""
    by_day = {item.day: item for item in (*had, *decided)}
    return tuple(by_day[day] for day in sorted(by_day))


def _sequence(command: Command) -> int:
    return command.sequence
