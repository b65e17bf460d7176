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
from services.planner.playing import Ends, play, rules_of
from services.planner.search import (
    Fewest,
    Trial,
    UnreachableTargetError,
    band_of,
    fewest_officers,
    offered_load,
)
from services.planner.staffing_changes import officers_at, with_officers
from services.planner.workload import Part, Queue, Workload
from services.runtime.catalogue import load_catalogue

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
    staffing: Staffing
    target_ratio: float
    start: datetime
    until: datetime


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
    cut = {seed: workload.by_queue(staffing) for seed, workload in workloads.items()}
    start = min(workload.start for workload in workloads.values())
    queues = sorted({queue for parts in cut.values() for queue in parts}, key=lambda one: -_size(cut, one))
    tasks = [
        Task(
            queue,
            {seed: parts[queue] for seed, parts in cut.items() if queue in parts},
            staffing,
            target_ratio,
            start,
            until,
        )
        for queue in queues
    ]
    total, done = sum(_size(cut, queue) for queue in queues), 0
    on_progress(0, total)
    plans: list[QueuePlan] = []
    for task, plan in _all_done(pool, _plan_queue, tasks):
        plans.append(plan)
        done += _size(cut, task.queue)
        on_progress(done, total)
    return sorted(plans, key=lambda plan: (-plan.arrivals, plan.queue))


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
    jobs = [_Job(queue, part, staffing, seed, until, keeps_each) for queue, part in ordered]
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


def _all_done(pool: ProcessPoolExecutor, work: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    running: dict[Future[Any], Any] = {pool.submit(work, job): job for job in jobs}
    for future in as_completed(running):
        yield running[future], future.result()


def _size(cut: Mapping[int, Mapping[Queue, Part]], queue: Queue) -> int:
    return sum(len(parts[queue]) for parts in cut.values() if queue in parts)


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
    load = _load(task, rules)
    arrivals = fmean(len(part) for part in task.parts.values())
    now = officers_at(staffing, queue)
    if not staffing.desks_of(*queue):
        return QueuePlan(queue, arrivals, load, now, None)

    def try_with(officers: int) -> Trial:
        changed = with_officers(staffing, {queue: officers})
        return _trial(task, changed, officers, rules)

    try:
        fewest = fewest_officers(try_with, task.target_ratio, round(load) + 1)
    except UnreachableTargetError:
        return QueuePlan(queue, arrivals, load, now, None)
    return QueuePlan(queue, arrivals, load, now, fewest)


def _trial(task: Task, staffing: Staffing, officers: int, rules: Rules) -> Trial:
    """All replications with one number of officers; given up when one of them alone puts the target out of reach."""
    replications: list[Ends] = []
    for seed, part in sorted(task.parts.items()):
        # If so many are late in one replication, the mean of all misses the target however well the others go.
        bound = max(len(part) * (1 - task.target_ratio) * len(task.parts), 1.0)
        ends = play(
            part,
            staffing,
            seed=seed,
            rules=rules,
            until=task.until,
            rosters=_ROSTERS,
            gives_up=partial(_is_late_too_often, bound),
        )
        replications.append(ends)
        if _is_late_too_often(bound, ends):
            ratios = [one.on_time_ratio for one in replications]
            return Trial(officers, band_of(ratios, least=0.0, most=1.0), False, tuple(replications))
    ratios = [ends.on_time_ratio for ends in replications]
    return Trial(officers, band_of(ratios, least=0.0, most=1.0), True, tuple(replications))


def _is_late_too_often(bound: float, ends: Ends) -> bool:
    return ends.limited_count - ends.on_time_count > bound


def _load(task: Task, rules: Rules) -> float:
    """Work that comes to a queue beside the time in which it can be done, over the days of filing."""
    desks = task.staffing.desks_of(*task.queue)
    if not desks:
        return 0.0
    axis = ShiftAxis(sessions_of(task.staffing.shifts[desks[0].shift], rules.calendar))
    last = max(int(part.filed_at.max()) for part in task.parts.values())
    end = datetime.fromtimestamp(last, task.start.tzinfo)
    open_seconds = axis.between(task.start, max(end, task.start)) / 1e6
    work_seconds = 0.0
    for part in task.parts.values():
        for procedure, count in part.by_procedure().items():
            work_seconds += count * task.staffing.service_of(procedure).mean_minutes * 60
    replications = len(task.parts)
    return offered_load(1, work_seconds / replications, open_seconds)
