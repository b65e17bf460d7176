"""Work out the desks of a shipped staffing: so many officers that nobody is late, and a tenth more.

    python -m tools.derive_staffing FILE PRESET[,KEY=VALUE...] ...

with the root of the repository on PYTHONPATH, as each shipped staffing's head says it was called.

For each queue the fewest officers are looked for with whom nobody is late: by bisection in its three busiest weeks, and
from there on, one by one, in the whole of it. Of each preset after the first it is only asked whether it needs more.
What stands before `desks:` in the file stays as it is. A quarter takes some minutes, and a gigabyte.
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from math import ceil
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import NamedTuple

import numpy as np

from services.casework.engine import Rules
from services.casework.roster import RosterBook
from services.contracts.catalogue import Catalogue
from services.contracts.staffing import Staffing
from services.contracts.timeliness import Timeliness
from services.planner.playing import Ends, play, rules_of
from services.planner.staffing_changes import with_officers
from services.planner.workload import Part, Queue, Workload
from services.runtime.catalogue import load_catalogue
from services.simulator.crowd import Crowd
from services.simulator.preset_files import load_preset
from services.simulator.preset_keys import parse_change
from services.simulator.staffing_files import load_staffing

#: Beyond what these crowds need, for another seed's.
MARGIN = 0.1

PROCESSES = 2
#: Queues handed out ahead of what is being played: few, since they travel as columns.
AHEAD = 2 * PROCESSES

#: Queues with no more filings than this are played whole.
FEW = 2_000

DAY_SECONDS = 24 * 60 * 60
WEEK_SECONDS = 7 * DAY_SECONDS
OFFICE_MINUTES = 8 * 60

#: What each process keeps.
RULES: list[Rules] = []
ROSTERS = RosterBook()


class Task(NamedTuple):
    """A queue, and what is known of it."""

    queue: Queue
    part: Part
    staffing: Staffing
    seed: int
    until: datetime
    known: int  #: so many are needed already; 0: nothing is known


def main(staffing_file: str, *presets: str) -> None:
    catalogue = load_catalogue()
    staffing = load_staffing(staffing_file, catalogue)
    enough: dict[Queue, int] = {}
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), set_up) as pool:
        for preset in presets:
            tasks = tasks_of(preset, staffing, enough, catalogue)
            total, done = sum(len(task.part) for task in tasks), 0
            for task, officers, is_enough in in_turn(pool, tasks):
                enough[task.queue] = officers
                if not is_enough:
                    print(f"\n{task.queue}: somebody is late however many officers there are", file=sys.stderr)
                done += len(task.part)
                print(f"\r{preset}: {done:,} of {total:,} dossiers", end="", file=sys.stderr, flush=True)
            raised = sum(task.known < enough[task.queue] for task in tasks)
            print(f"; {raised} of {len(tasks)} queues need more than was known", file=sys.stderr)
            write(Path(staffing_file), {queue: count + ceil(count * MARGIN) for queue, count in enough.items()})


def tasks_of(text: str, staffing: Staffing, enough: dict[Queue, int], catalogue: Catalogue) -> list[Task]:
    """The queues of a preset, the busiest first."""
    name, *changes = text.split(",")
    preset = load_preset(name, catalogue, [parse_change(one) for one in changes])
    workload = Workload(Crowd(preset, catalogue, preset.seed.value))
    until = workload.end + timedelta(days=preset.longest_wait_days.value)
    return [
        Task(queue, part, staffing, preset.seed.value, until, enough.get(queue, 0))
        for queue, part in workload.by_queue(staffing).items()
    ]


def in_turn(pool: ProcessPoolExecutor, tasks: Iterable[Task]) -> Iterator[tuple[Task, int, bool]]:
    """Officers by task as they come; no more tasks are on their way than the processes need."""
    left = iter(tasks)
    running: dict[Future[tuple[int, bool]], Task] = {}
    while True:
        running |= {pool.submit(officers_for, task): task for task in islice(left, AHEAD - len(running))}
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield running.pop(future), *future.result()


# In the processes of the pool


def set_up() -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    RULES.append(rules_of(load_catalogue()))


def end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def officers_for(task: Task) -> tuple[int, bool]:
    """The fewest officers with whom nobody is late, and never fewer than are known to be needed; and whether it is so.

    It isn't, where somebody's dossier takes longer than its limit even if it never waits.
    """
    officers = task.known
    if not officers:
        busiest = task._replace(part=busiest_weeks(task.part))
        found = fewest(partial(are_enough, busiest), guess(busiest))
        if found is None or len(busiest.part) == len(task.part):
            return found or guess(busiest), found is not None
        officers = found
    for tried in range(officers, 2 * officers + 10):
        if are_enough(task, tried):
            return tried, True
    return officers, False


def fewest(are_so_many: Callable[[int], bool], guessed: int) -> int | None:
    """The fewest that are enough, by bisection from a guess; `None`: ten times the guess are not."""
    too_few, enough = 0, guessed
    while not are_so_many(enough):
        too_few, enough = enough, enough + ceil(enough / 10)
        if enough > 10 * guessed:
            return None
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if are_so_many(middle) else (middle, enough)
    return enough


def busiest_weeks(part: Part) -> Part:
    """The filings around the week in which there are most, or all of them if they are few."""
    if len(part) <= FEW:
        return part
    week = (part.filed_at - part.filed_at.min()) // WEEK_SECONDS
    chosen = np.abs(week - np.bincount(week).argmax()) <= 1
    columns = ("numbers", "procedure", "filed_at", "customs_channel")
    return replace(part, **{name: getattr(part, name)[chosen] for name in columns})


def guess(task: Task) -> int:
    """Officers who would be busy all day on a busy day; most dossiers are taken up twice."""
    filed_at, staffing = task.part.filed_at, task.staffing
    by_day = np.bincount((filed_at - filed_at.min()) // DAY_SECONDS)
    by_procedure = task.part.by_procedure()
    minutes = sum(count * staffing.service_of(name).mean_minutes for name, count in by_procedure.items())
    return max(ceil(2 * np.quantile(by_day, 0.9) * minutes / len(task.part) / OFFICE_MINUTES), 1)


def are_enough(task: Task, officers: int) -> bool:
    """Whether nobody is late with so many."""
    ends = play(
        task.part,
        with_officers(task.staffing, {task.queue: officers}),
        seed=task.seed,
        rules=RULES[0],
        until=task.until,
        rosters=ROSTERS,
        gives_up=somebody_is_late,
    )
    return not somebody_is_late(ends)


def somebody_is_late(ends: Ends) -> bool:
    return ends.timely[Timeliness.OVERDUE] > 0


# The file


def write(file: Path, officers: dict[Queue, int]) -> None:
    before = file.read_text(encoding="utf-8").split("\ndesks:\n", 1)[0]
    file.write_text("\n".join([before, "desks:", *desks(officers), ""]), encoding="utf-8")


def desks(officers: dict[Queue, int]) -> Iterator[str]:
    """Desks as YAML; the commonest number of a skill stands for all offices that aren't listed."""
    for skill in sorted({queue.skill for queue in officers}):
        of_skill = {queue.office_code: count for queue, count in sorted(officers.items()) if queue.skill == skill}
        usual = Counter(of_skill.values()).most_common(1)[0][0]
        for office, count in of_skill.items():
            if count != usual:
                yield f'  - {{office: "{office}", skill: {skill}, officers: {count}, shift: day}}'
        yield f'  - {{office: "*", skill: {skill}, officers: {usual}, shift: day}}'


if __name__ == "__main__":
    main(*sys.argv[1:])
