"""Playing filings in memory: the engine that the worker runs, without a database and without a ledger.

Everything that happens is decided where it is decided in the services (`services.casework`); here it is only noted how
each dossier ended. So a part that is played here comes out, dossier for dossier, as the same filings do in a sandbox
with the same seed and the same staffing.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, cast

import numpy as np

from services.casework.case import Case, NextStep
from services.casework.engine import PartitionRun, Rules
from services.casework.fact_log import FactLog
from services.casework.robot import Robot
from services.casework.robot_files import load_robot_policies
from services.casework.roster import RosterBook
from services.casework.staffed_run import StaffedRun
from services.contracts.catalogue import Catalogue
from services.contracts.commands import AcceptedDossier
from services.contracts.staffing import Staffing
from services.contracts.timeliness import Timeliness, is_overdue, timeliness
from services.contracts.vocabulary import SETTLED_STATUSES, Action, Actor, OfficerKind, Status
from services.law.calendar import CalendarBook, WorkingCalendar
from services.planner.workload import Part

#: Filings taken into the run at a time: what has ended is forgotten in between, so that memory, also the processor's
#: own, holds what is open.
FILINGS_AT_A_TIME: Final = 2_000

_AFTER_ALL_NUMBERS: Final = 2**63
_BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SETTLED: Final = frozenset(SETTLED_STATUSES)
_RESULTS: Final = frozenset({Status.PROCESSED, Status.RETURNED})


def rules_of(catalogue: Catalogue) -> Rules:
    """What the worker decides by: calendar, procedures, the robot's habits."""
    return Rules(
        calendars=CalendarBook(catalogue.calendar),
        procedures=catalogue.procedures,
        robot_policies=load_robot_policies(catalogue.procedures),
    )


@dataclass(frozen=True, slots=True)
class End:
    """How a dossier came out.

    Attributes:
        status: Where it stands at the end.
        status_at: Since when.
        settled_at: When there was a result, or it ended without one; `None`: it is still open.
        timeliness: Of a result, as the portal tells it of the dossier; of what is open and late already, overdue;
            `None`: it ended without a result, or is open and not late.
    """

    status: int
    status_at: datetime
    settled_at: datetime | None
    timeliness: Timeliness | None


@dataclass(slots=True)
class Ends:
    """What came of a part.

    Attributes:
        by_number: Only if it was asked for; a quarter has millions.
        timely: Counts by timeliness of dossiers that were received, as the portal's statistics count them
            (docs/explanation/counting.md); the late ones include those that are open and overdue at the end.
        waited_seconds: From receipt to being taken up, of each dossier the first time; in seconds of the calendar.
        work_seconds: Of officers, with those that were settled: as often as each was taken up, the mean of its
            procedure.
    """

    by_number: dict[int, End] = field(default_factory=dict)
    timely: dict[Timeliness, int] = field(default_factory=lambda: dict.fromkeys(Timeliness, 0))
    waited_seconds: "array[int]" = field(default_factory=lambda: array("q"))
    work_seconds: float = 0.0
    open_count: int = 0
    settled_count: int = 0

    @property
    def on_time_count(self) -> int:
        """Early or on time."""
        return self.timely[Timeliness.EARLY] + self.timely[Timeliness.ON_TIME]

    @property
    def limited_count(self) -> int:
        """All that had a limit and whose timeliness is known."""
        return self.on_time_count + self.timely[Timeliness.OVERDUE]

    @property
    def on_time_ratio(self) -> float:
        """Early or on time of all that had a limit; 1 when there was none."""
        return self.on_time_count / self.limited_count if self.limited_count else 1.0


class _RobotUntilSettled(Robot):
    """The robot as far as counts of ends need it: what comes after a result keeps no officer busy."""

    __slots__ = ()

    def next_step(self, case: Case) -> NextStep | None:
        """See `Robot.next_step`."""
        return None if case.status in _SETTLED else super().next_step(case)


class _EndLog:
    """Stands where a run's `FactLog` stands, and keeps how each dossier was settled instead of every fact."""

    def __init__(self, ends: Ends, staffing: Staffing | None, *, keeps_each: bool) -> None:
        self._ends = ends
        self._staffing = staffing
        self._keeps_each = keeps_each
        self.head_position = 0

    def __len__(self) -> int:
        """Nothing waits to be written."""
        return 0

    def put_in_order(self, *_: Any) -> None:
        """See `FactLog.put_in_order`: ends are counted in any order."""

    def append(
        self,
        case: Case,
        action: Action,
        status_before: int | None,
        _actor: Actor,
        at: datetime,
        _reason: str | None,
        calendar: WorkingCalendar,
        **_: Any,
    ) -> int:
        """See `FactLog.append`."""
        self.head_position += 1
        if action is Action.START:
            assert case.received_at is not None  # it can't be started before
            self._ends.waited_seconds.append(int((at - case.received_at).total_seconds()))
        elif case.status in _SETTLED:
            if status_before not in _SETTLED:
                self._settle(case, at, calendar)
            elif self._keeps_each:
                self._note(case)
        return self.head_position

    def _settle(self, case: Case, at: datetime, calendar: WorkingCalendar) -> None:
        self._ends.settled_count += 1
        if case.work is not None and self._staffing is not None:
            service = self._staffing.service_of(case.procedure.procedure_id)
            self._ends.work_seconds += case.work.taken * service.mean_minutes * 60
        how, has_result = None, case.status in _RESULTS
        if case.received_at is not None:
            how = timeliness(at, case.due_at(calendar), _limit_unit(case))
            self._ends.timely[_as_counted(how, is_at_once=case.deadline is None, has_result=has_result)] += 1
        if self._keeps_each:
            told = how if has_result else None
            self._ends.by_number[case.number] = End(_status_of(case), case.status_at, at, told)

    def _note(self, case: Case) -> None:
        """Where what was settled before stands now."""
        settled = self._ends.by_number[case.number]
        self._ends.by_number[case.number] = replace(settled, status=_status_of(case), status_at=case.status_at)


def _as_counted(how: Timeliness, *, is_at_once: bool, has_result: bool) -> Timeliness:
    """Before due: what was never given a due instant. In time: what was withdrawn or stopped, as offices report it."""
    if how is Timeliness.WITHOUT_LIMIT:
        return how
    if is_at_once:
        return Timeliness.EARLY
    return how if has_result else Timeliness.ON_TIME


def _status_of(case: Case) -> int:
    assert case.status is not None  # it has been filed
    return int(case.status)


def _limit_unit(case: Case) -> str | None:
    steps = case.rule(case.status_at).steps
    return str(steps[-1].limit.unit) if steps else None


def play(
    part: Part,
    staffing: Staffing | None,
    *,
    seed: int,
    rules: Rules,
    until: datetime,
    rosters: RosterBook | None = None,
    keeps_each: bool = False,
    gives_up: Callable[[Ends], bool] | None = None,
) -> Ends:
    """Play a part from its first filing on.

    Args:
        part: Filings of one office, or of one queue of it.
        staffing: Who works there; `None`: the robot decides as it would without queues.
        seed: The sandbox's.
        rules: See `rules_of`.
        until: The instant up to which it is played.
        rosters: Of this process, for whoever plays many parts: to make the hours of a shift takes longer than to play a
            small one.
        keeps_each: Whether to tell how each dossier came out.
        gives_up: Asked now and then; true ends it early, with what is known by then.

    Returns:
        What came of it by then.
    """
    ends = Ends()
    robot = Robot if keeps_each else _RobotUntilSettled
    run = _new_run(staffing, rosters or RosterBook(), seed=seed, rules=rules, recorded_at=until, robot=robot)
    # Instead of every fact only how dossiers end: the run tells its log, and never asks it for anything else.
    run.log = cast("FactLog", _EndLog(ends, staffing, keeps_each=keeps_each))
    slices = _slices(part, until)
    agenda = _Agenda([one.bound_at for one in slices])
    for place, one in enumerate(slices):
        run.accept(one.rows, one.reached_at)
        run.play(agenda.due(run, place), (one.bound_at, _AFTER_ALL_NUMBERS))
        agenda.note(run, place)
        if gives_up is not None and gives_up(ends):
            return ends
    _note_open(run, rules.calendar, ends, until, keeps_each=keeps_each)
    return ends


def _new_run(staffing: Staffing | None, rosters: RosterBook, **more: Any) -> PartitionRun:
    if staffing is None:
        return PartitionRun(officer=OfficerKind.ROBOT, head_position=0, **more)
    run = StaffedRun(staffing=staffing, rosters=rosters, head_position=0, **more)
    run.open_desks(None, _BEFORE_ALL)
    return run


def play_at_once(part: Part, *, seed: int, rules: Rules, until: datetime) -> Ends | None:
    """Play filings that the system may answer by itself, by columns: one is as good as all others of its kind.

    What has come to its end at the instant of its filing did so by procedure, traits and the law of the day. So of each
    procedure the first and the last filing are played, and if they end so and alike, all between do.

    Args:
        part: Filings of one customs channel.
        seed: The sandbox's.
        rules: See `rules_of`.
        until: The instant up to which it is played.

    Returns:
        What came of it by then; `None`: some don't end at once, or not alike.
    """
    together = Ends()
    ordered = part.in_order_of_time()
    for procedure in np.unique(ordered.procedure).tolist():
        places = np.flatnonzero(ordered.procedure == procedure)
        ends = play(ordered.of(np.unique(places[[0, -1]])), None, seed=seed, rules=rules, until=until, keeps_each=True)
        filed_at = dict(zip(ordered.numbers[places].tolist(), ordered.filed_at[places].tolist(), strict=True))
        kinds = {how for how, count in ends.timely.items() if count}
        at_once = all(end.settled_at == datetime.fromtimestamp(filed_at[n], UTC) for n, end in ends.by_number.items())
        if not at_once or len(kinds) != 1:
            return None
        together.timely[kinds.pop()] += len(places)
        together.settled_count += len(places)
    return together


class _Slice(NamedTuple):
    """Filings that are taken into the run together."""

    rows: Iterator[AcceptedDossier]
    reached_at: datetime  #: what has happened by then
    bound_at: datetime  #: how far is played behind them


def _slices(part: Part, until: datetime) -> list[_Slice]:
    """All filings, in order of time; behind the last of them it is played to the end."""
    ordered = part.in_order_of_time()
    filed_at = ordered.filed_at
    slices: list[_Slice] = []
    first = 0
    while first < len(ordered):
        last = first + FILINGS_AT_A_TIME
        if last < len(ordered):
            # Filings of one instant stay together: none of them may come when that instant has been played.
            last = int(np.searchsorted(filed_at, filed_at[last], side="left")) or len(ordered)
            last = last if last > first else int(np.searchsorted(filed_at, filed_at[first], side="right"))
        last = min(last, len(ordered))
        reached_at = datetime.fromtimestamp(int(filed_at[first]), UTC) - _MICROSECOND
        is_last = last == len(ordered)
        bound_at = until if is_last else datetime.fromtimestamp(int(filed_at[last]), UTC) - _MICROSECOND
        slices.append(_Slice(ordered.rows(first, last), reached_at, bound_at))
        first = last
    return slices


class _Agenda:
    """In which slice something happens next to each dossier, so that none is looked at in all those between.

    Args:
        bounds: How far each slice is played.
    """

    def __init__(self, bounds: Sequence[datetime]) -> None:
        self._bounds = bounds
        self._numbers: list[set[int]] = [set() for _ in bounds]

    def due(self, run: PartitionRun, place: int) -> list[int]:
        """Dossiers that have a step in a slice, those taken in for it among them; and some that had one once."""
        numbers = self._numbers[place] | run.new_numbers
        self._numbers[place] = set()
        return sorted(numbers & run.cases.keys())

    def note(self, run: PartitionRun, place: int) -> None:
        """After a slice: enter what has changed for later ones, and let the run forget what has ended."""
        cases, bounds, numbers = run.cases, self._bounds, self._numbers
        for number in run.new_numbers | run.changed_numbers:
            case = cases[number]
            step = case.next_step
            if step is None:
                if case.status in _SETTLED:
                    del cases[number]
            elif (later := bisect_left(bounds, step.at, lo=place + 1)) < len(bounds):
                numbers[later].add(number)
        run.new_numbers.clear()
        run.changed_numbers.clear()


def _note_open(run: PartitionRun, calendar: WorkingCalendar, ends: Ends, until: datetime, *, keeps_each: bool) -> None:
    """What isn't settled at the end: late when it is overdue."""
    for number, case in run.cases.items():
        if case.status in _SETTLED or case.status is None:
            continue
        ends.open_count += 1
        due_at = case.due_at(calendar)
        unit = _limit_unit(case)
        how = Timeliness.OVERDUE if is_overdue(int(case.status), due_at, unit, until) else None
        if how is not None:
            ends.timely[how] += 1
        if keeps_each:
            ends.by_number[number] = End(int(case.status), case.status_at, None, how)
