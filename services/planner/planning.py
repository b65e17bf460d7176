"""Plans: the fewest officers for each queue, whole runs in memory, and two staffings side by side.

Queues are played in several processes at once; each process keeps calendar and catalogue, and is handed columns.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import fmean
from typing import Any, Final, NamedTuple

from services.casework.engine import Rules
from services.casework.roster import RosterBook
from services.casework.shifts import ShiftAxis, sessions_of
from services.contracts.staffing import Staffing
from services.law.calendar import WorkingCalendar
from services.planner.playing import Ends, play, play_at_once, rules_of
from services.planner.search import (
    MOST_OFFICERS,
    Fewest,
    Trial,
    UnreachableTargetError,
    band_of,
    fewest_officers,
    offered_load,
)
from services.planner.staffing_changes import narrowed, officers_at, weights_of, with_officers
from services.planner.workload import Part, Queue, Workload
from services.runtime.catalogue import load_catalogue

#: So many queues are looked at more closely, and with so many officers less.
TIGHTEST_QUEUES: Final = 6
TAKEN_AWAY: Final = (1, 2, 4, 8)

#: Filings of the system's own, which need no officer, and of offices as a whole in runs without queues.
NO_SKILL: Final = ""


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """What was found for a queue.

    Attributes:
        arrivals: Dossiers a replication, on average.
        load: Officers that would be busy all the time, see `offered_load`.
        officers_now: In the staffing that was given.
        fewest: `None`: no number of officers reaches the target, or nothing says when they would work.
    """

    queue: Queue
    arrivals: float
    load: float
    officers_now: int
    fewest: Fewest | None


class Task(NamedTuple):
    """A queue to be planned, as it is handed to another process: one part a replication."""

    queue: Queue
    parts: Mapping[int, Part]  #: by seed
    staffing: Staffing  #: of this queue only
    target_ratio: float
    start: datetime
    until: datetime
    replications: int  #: also those in which nothing comes to this queue

    @property
    def size(self) -> int:
        """Dossiers of all replications together."""
        return sum(map(len, self.parts.values()))


@contextmanager
def worker_pool(processes: int, catalogue_dir: str) -> Iterator[ProcessPoolExecutor]:
    """Processes that play parts; what was begun is dropped when the block is left by an exception."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_set_up, initargs=(catalogue_dir,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def plan_queues(
    pool: ProcessPoolExecutor,
    workloads: Mapping[int, Workload],
    staffing: Staffing,
    *,
    target_ratio: float,
    until: datetime,
    on_progress: Callable[[int, int], None],
) -> list[QueuePlan]:
    """The fewest officers for each queue.

    Args:
        pool: See `worker_pool`.
        workloads: By seed, one a replication.
        staffing: Skills, shifts, service times; its officers are where the search begins from, and nothing more.
        target_ratio: On time, of all with a limit; 0 to 1.
        until: How far is played.
        on_progress: Called with the dossiers of the queues that are done, and of all.

    Returns:
        One a queue, the busiest first.
    """
    tasks = _tasks(workloads, staffing, target_ratio, until)
    total, done = sum(task.size for task in tasks), 0
    on_progress(0, total)
    plans: list[QueuePlan] = []
    for task, plan in _all_done(pool, _plan_queue, tasks):
        plans.append(plan)
        done += task.size
        on_progress(done, total)
    return sorted(plans, key=lambda plan: (-plan.arrivals, plan.queue))


def take_away(
    pool: ProcessPoolExecutor,
    workloads: Mapping[int, Workload],
    staffing: Staffing,
    plans: Iterable[QueuePlan],
    *,
    until: datetime,
    on_progress: Callable[[int, int], None],
) -> dict[Queue, list[Trial]]:
    """What becomes of the tightest queues as officers are taken away: those who would be busiest, of more than one.

    Args:
        pool: See `worker_pool`.
        workloads: By seed, one a replication.
        staffing: Likewise as it was given to `plan_queues`.
        plans: What came of that.
        until: How far is played.
        on_progress: As in `plan_queues`.

    Returns:
        By queue, the tightest first: all of it played with the fewest officers and with less, the most first.
    """
    tight = {plan.queue: plan.fewest.best for plan in tightest(plans) if plan.fewest is not None}
    tasks = {task.queue: task for task in _tasks(workloads, staffing, 0.0, until) if task.queue in tight}
    jobs = [
        _Trying(tasks[queue], best.officers - fewer)
        for queue, best in tight.items()
        for fewer in TAKEN_AWAY
        if best.officers > fewer
    ]
    found = {queue: [best] for queue, best in tight.items()}
    on_progress(0, len(jobs))
    for done, (job, trial) in enumerate(_all_done(pool, _try_with, jobs), 1):
        found[job.task.queue].append(trial)
        on_progress(done, len(jobs))
    return {queue: sorted(trials, key=lambda one: -one.officers) for queue, trials in found.items()}


def tightest(plans: Iterable[QueuePlan]) -> list[QueuePlan]:
    """Queues whose officers are busiest with nobody to spare; none with one officer, who can't be taken away."""
    found = [plan for plan in plans if plan.fewest is not None and plan.fewest.best.officers > 1]

    def busy(plan: QueuePlan) -> float:
        return plan.load / plan.fewest.best.officers if plan.fewest else 0.0

    return sorted(found, key=lambda plan: (-busy(plan), plan.queue))[:TIGHTEST_QUEUES]


def _tasks(workloads: Mapping[int, Workload], staffing: Staffing, target_ratio: float, until: datetime) -> list[Task]:
    """A task for each queue, the largest first."""
    cut = {seed: workload.by_queue(staffing) for seed, workload in workloads.items()}
    start = min(workload.start for workload in workloads.values())
    tasks = [
        Task(
            queue,
            {seed: parts[queue] for seed, parts in cut.items() if queue in parts},
            narrowed(staffing, queue),
            target_ratio,
            start,
            until,
            len(workloads),
        )
        for queue in {queue for parts in cut.values() for queue in parts}
    ]
    return sorted(tasks, key=lambda task: (-task.size, task.queue))


def run_in_memory(
    pool: ProcessPoolExecutor,
    workload: Workload,
    staffing: Staffing | None,
    *,
    seed: int,
    until: datetime,
    keeps_each: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[Queue, Ends]:
    """One run of everything.

    Args:
        pool: See `worker_pool`.
        workload: Of this seed.
        staffing: `None`: no queues; what the robot draws decides.
        seed: The sandbox's.
        until: How far is played.
        keeps_each: Whether to tell how each dossier came out.
        on_progress: As in `plan_queues`.

    Returns:
        What came of each queue; of what needs no officer, under the skill `NO_SKILL`.
    """
    if staffing is None:
        parts = {Queue(part.office_code, NO_SKILL): part for part in workload.by_office()}
    else:
        parts = workload.by_queue(staffing)
        parts |= {Queue(part.office_code, NO_SKILL): part for part in workload.cleared_at_once()}
    ordered = sorted(parts.items(), key=lambda item: -len(item[1]))
    total, done = len(workload), 0
    on_progress(0, total)
    ends: dict[Queue, Ends] = {}
    jobs = [
        _Job(queue, part, narrowed(staffing, queue) if staffing else None, seed, until, keeps_each)
        for queue, part in ordered
    ]
    for job, found in _all_done(pool, _run_part, jobs):
        ends[job.queue] = found
        done += len(job.part)
        on_progress(done, total)
    return ends


class _Job(NamedTuple):
    queue: Queue
    part: Part
    staffing: Staffing | None
    seed: int
    until: datetime
    keeps_each: bool


class _Trying(NamedTuple):
    task: Task
    officers: int


def _all_done(pool: ProcessPoolExecutor, work: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    running: dict[Future[Any], Any] = {pool.submit(work, job): job for job in jobs}
    for future in as_completed(running):
        yield running[future], future.result()


# In the processes of the pool

_RULES: list[Rules] = []
_ROSTERS = RosterBook()


def _set_up(catalogue_dir: str) -> None:
    # Who computes for somebody who was killed would go on for minutes, and nobody would ever ask for the answer.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _RULES.append(rules_of(load_catalogue(own=catalogue_dir)))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_part(job: _Job) -> Ends:
    if job.staffing is not None and job.queue.skill == NO_SKILL and not job.keeps_each:
        ends = play_at_once(job.part, seed=job.seed, rules=_RULES[0], until=job.until)
        if ends is not None:
            return ends
    return play(
        job.part,
        job.staffing,
        seed=job.seed,
        rules=_RULES[0],
        until=job.until,
        rosters=_ROSTERS,
        keeps_each=job.keeps_each,
    )


def _plan_queue(task: Task) -> QueuePlan:
    rules, staffing, queue = _RULES[0], task.staffing, task.queue
    arrivals = task.size / task.replications
    now = officers_at(staffing, queue)
    if not staffing.desks_of(*queue):
        return QueuePlan(queue, arrivals, 0.0, now, None)
    # Tells at once whether the target can be reached, and how often dossiers are taken up.
    unhindered = _trial(task, MOST_OFFICERS, rules, target_ratio=0.0)
    load = _load(task, unhindered, rules)

    def try_with(officers: int) -> Trial:
        return _trial(task, officers, rules, target_ratio=task.target_ratio)

    try:
        fewest = fewest_officers(try_with, task.target_ratio, unhindered, round(load) + 1)
    except UnreachableTargetError:
        return QueuePlan(queue, arrivals, load, now, None)
    return QueuePlan(queue, arrivals, load, now, fewest)


def _try_with(job: _Trying) -> Trial:
    return _trial(job.task, job.officers, _RULES[0], target_ratio=0.0)


def _trial(task: Task, officers: int, rules: Rules, *, target_ratio: float) -> Trial:
    """All replications with one number of officers; given up when one of them alone puts the target out of reach."""
    staffing = with_officers(task.staffing, {task.queue: officers})
    replications: dict[int, Ends] = {}
    is_complete = True
    for seed, part in sorted(task.parts.items()):
        # If so many are late in one replication, the mean of all misses the target however well the others go.
        bound = max(len(part) * (1 - target_ratio) * len(task.parts), 1.0)
        replications[seed] = ends = play(
            part,
            staffing,
            seed=seed,
            rules=rules,
            until=task.until,
            rosters=_ROSTERS,
            gives_up=partial(_is_late_too_often, bound),
        )
        if _is_late_too_often(bound, ends):
            is_complete = False
            break
    ratios = [ends.on_time_ratio for ends in replications.values()]
    return Trial(officers, band_of(ratios, least=0.0, most=1.0), is_complete, replications)


def _is_late_too_often(bound: float, ends: Ends) -> bool:
    return ends.limited_count - ends.on_time_count > bound


def _load(task: Task, unhindered: Trial, rules: Rules) -> float:
    """Work that comes to a queue beside the time in which it can be done, over the days of filing."""
    last = max(int(part.filed_at.max()) for part in task.parts.values())
    end = max(datetime.fromtimestamp(last, task.start.tzinfo), task.start)
    work_seconds = sum(ends.work_seconds for ends in unhindered.replications.values()) / task.replications
    return offered_load(work_seconds, seconds_at_work(task.staffing, task.queue, rules.calendar, task.start, end))


def seconds_at_work(
    staffing: Staffing, queue: Queue, calendar: WorkingCalendar, start: datetime, end: datetime
) -> float:
    """For how long an officer of a queue is at work between two instants: the mean of all of them, leave not counted.

    Officers of several shifts count in the proportion in which `with_officers` shares them out.
    """
    desks = staffing.desks_of(*queue)
    axes = {desk.shift: ShiftAxis(sessions_of(staffing.shifts[desk.shift], calendar)) for desk in desks}
    opened = [axes[desk.shift].between(start, end) / 1e6 for desk in desks]
    return fmean(opened, weights_of(desks))
