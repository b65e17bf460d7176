"""Carrying out commands and due steps of a partition: what every Celery task of processing comes down to.

Crash safety: each unit is one transaction. A worker that dies loses what it hadn't committed; the command is sent
again by the portal's relay, the run is taken up by the timekeeper (`wake_at`), and sequence and position make sure
that nothing happens twice.

An override of the calendar may concern every open dossier of a partition, so that command alone is carried out over
several units (docs/adr/0008-an-overridden-calendar-moves-what-is-open.md).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.casework.case import NextStep
from services.casework.engine import PartitionRun, Rules
from services.contracts.commands import CalendarOverride, Command, CommandType, PartitionKey
from services.contracts.vocabulary import ClockMode, OfficerKind
from services.law.calendar import OutsideCalendarError, WorkingCalendar
from services.processing.application.ports import PartitionState, PartitionStore, PartitionUnit
from services.runtime.clock import real_instant_of, virtual_now

#: Dossiers with a due step that are taken up in one transaction.
STEPS_PER_UNIT: Final = 2000

#: Commands, and dossiers and actions in them, that are carried out in one transaction at most.
COMMANDS_PER_UNIT: Final = 200
ROWS_PER_UNIT: Final = 4000

#: Commands read from the stash at a time: each may carry a thousand dossiers, and a partition may be busy for many
#: transactions before it comes to the first.
STASHED_PER_READ: Final = 8

#: A run that isn't finished belongs to its worker for this long; after that the timekeeper gives it to another.
LEASE: Final = timedelta(seconds=5)


class PartitionRunner:
    """Runs partitions.

    Args:
        store: where they live.
        rules: law, catalogue, robot.
        real_now: the wall's time.
        steps_per_unit: due steps in one transaction at most; the ledger doesn't depend on it.
    """

    def __init__(
        self,
        store: PartitionStore,
        rules: Rules,
        real_now: Callable[[], datetime],
        *,
        steps_per_unit: int = STEPS_PER_UNIT,
    ) -> None:
        self._store = store
        self._rules = rules
        self._real_now = real_now
        self._steps_per_unit = steps_per_unit

    def run(self, key: PartitionKey, commands: Sequence[Command] = ()) -> bool:
        """Take commands and everything that is due, in one transaction.

        Args:
            key: which partition.
            commands: as they arrived, in any order, some perhaps known already.

        Returns:
            Whether there is more to do right now: call again without commands.
        """
        with self._store.unit(key) as unit:
            state = unit.state or _opened(key, commands)
            if state is None:
                unit.stash(commands)
                return False
            return _Unit(unit, state, self._rules, self._real_now(), self._steps_per_unit).run(commands)


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
    )


class _Unit:
    """The work of one transaction."""

    def __init__(
        self, unit: PartitionUnit, state: PartitionState, rules: Rules, real_now: datetime, steps_left: int
    ) -> None:
        self._unit = unit
        self._state = replace(state)
        self._calendars = rules.calendars
        self._real_now = real_now
        self._known: dict[int, Command] = {}
        self._run = PartitionRun(
            rules=rules,
            seed=state.seed,
            officer=state.officer,
            head_position=state.head_position,
            recorded_at=real_now,
            calendar=rules.calendars.with_overrides(state.calendar_overrides),
        )
        self._steps_left = steps_left

    def run(self, arrived: Sequence[Command]) -> bool:
        self._known = {command.sequence: command for command in arrived}
        is_finished = self._take_commands()
        self._unit.stash(
            command for command in sorted(arrived, key=_sequence) if command.sequence > self._state.command_sequence
        )
        if is_finished:
            is_finished = self._run_until(self._now())
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
        rows = done = 0
        while (command := self._following()) is not None:
            if done == COMMANDS_PER_UNIT or rows >= ROWS_PER_UNIT:
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
            rows += command.row_count
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
                rows = command.dossiers
                self._run.accept(rows, at)
                for row in rows:
                    self._expect(self._run.cases[row.number].next_step)
            case CommandType.ACT:
                missing = {row.number for row in command.actions} - self._run.cases.keys()
                if missing:
                    self._run.load(self._unit.cases(sorted(missing)))
                for request in command.actions:
                    self._run.act(request, at)
                    if request.number in self._run.cases:
                        self._expect(self._run.cases[request.number].next_step)
            case CommandType.SET_CLOCK:
                self._state.clock = command.clock
            case CommandType.OVERRIDE_CALENDAR:
                return self._override(command, at)
            case CommandType.OPEN_SANDBOX | CommandType.ADVANCE:
                pass  # the partition has been opened, or has run to the command's instant, already
        return True

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
            if self._steps_left <= 0:
                return False
            self._flush()
            self._append()  # what waits in the log from here on is this slice's
            asked, done = self._steps_left, self._state.overriding_up_to or 0
            cases = self._unit.open_cases(after_number=done, limit=asked)
            self._run.load(cases)
            try:
                self._run.reschedule([case.number for case in cases], before, decision, at)
            except OutsideCalendarError:
                self._take_back(before, self._calendars.with_overrides(overrides), decision, at)
                return True  # as above: so few days are left that a due date has none
            self._flush()
            self._steps_left -= len(cases)
            has_more = len(cases) == asked
            self._state.overriding_up_to = cases[-1].number if cases else done
        self._state.overriding_up_to = None
        self._state.calendar_overrides = overrides
        self._state.next_due_at = self._unit.earliest_step_at()
        return True

    def _take_back(
        self, before: WorkingCalendar, tried: WorkingCalendar, decision: Mapping[str, Any], at: datetime
    ) -> None:
        """Bring whoever has moved already back onto the calendar as it was; the slice at hand is not yet written."""
        self._forget()
        self._run.log.forget()
        self._run.use_calendar(before)
        done, last = 0, self._state.overriding_up_to or 0
        while done < last:
            cases = self._unit.open_cases(after_number=done, limit=STEPS_PER_UNIT)
            moved = [case for case in cases if case.number <= last]
            self._run.load(moved)
            self._run.reschedule([case.number for case in moved], tried, decision, at)
            self._flush()
            done = moved[-1].number if moved else last
        self._state.overriding_up_to = None
        self._state.next_due_at = self._unit.earliest_step_at()

    def _run_until(self, until: datetime) -> bool:
        """Take every step due up to `until`; returns False when the unit is full before that."""
        while self._state.next_due_at is not None and self._state.next_due_at <= until:
            if self._steps_left <= 0:
                return False
            self._flush()
            due = self._unit.due_cases(until, self._steps_left)
            bound = (until, _AFTER_ALL_NUMBERS)
            if len(due) == self._steps_left:
                last = due[-1]
                assert last.next_step is not None
                bound = (last.next_step.at, last.number)
            self._steps_left -= len(due)
            self._run.load(due)
            self._run.play([case.number for case in due], bound)
            self._flush()
            self._state.next_due_at = self._unit.earliest_step_at()
        self._state.reached_at = max(self._state.reached_at, until)
        return True

    def _expect(self, step: NextStep | None) -> None:
        if step is not None and (self._state.next_due_at is None or step.at < self._state.next_due_at):
            self._state.next_due_at = step.at

    def _flush(self) -> None:
        """Write what the run has collected, and forget the dossiers: the next slice reads them as written."""
        run = self._run
        if run.new_numbers or run.changed_numbers:
            self._unit.write(
                new=[run.cases[number] for number in sorted(run.new_numbers)],
                changed=[run.cases[number] for number in sorted(run.changed_numbers)],
            )
        self._forget()

    def _append(self) -> None:
        """Write what the run has told: once a unit, so that a block is as long as it can be."""
        if self._run.log:
            self._unit.append(self._run.log.take_blocks())
        self._state.head_position = self._run.log.head_position

    def _forget(self) -> None:
        """Drop the dossiers that the run holds."""
        self._run.new_numbers = set()
        self._run.changed_numbers = set()
        self._run.cases = {}

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


_AFTER_ALL_NUMBERS: Final = 2**63
