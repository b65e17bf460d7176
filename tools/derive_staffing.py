"""Work out the desks of a shipped staffing: so many officers that nobody is late, and a tenth more.

    python -m tools.derive_staffing FILE PRESET

with the root of the repository on PYTHONPATH.

Each queue begins with its offered load as it is on the busiest day, and gets more officers until not one of its
dossiers is late, as the planner plays it. Takes some minutes. What stands before `desks:` in the file stays as it is.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from math import ceil
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np

from services.casework.engine import Rules
from services.contracts.staffing import Staffing
from services.contracts.timeliness import Timeliness
from services.planner.playing import play, rules_of
from services.planner.staffing_changes import with_officers
from services.planner.workload import Part, Queue, Workload
from services.runtime.catalogue import load_catalogue
from services.simulator.crowd import Crowd
from services.simulator.preset_files import load_preset
from services.simulator.staffing_files import load_staffing

#: Beyond what this crowd needs, for another seed's.
MARGIN = 0.1

PROCESSES = 2
DAY_SECONDS = 24 * 60 * 60
OFFICE_MINUTES = 8 * 60

#: What each process knows.
RULES: list[Rules] = []


class Trial(NamedTuple):
    """A queue with so many officers."""

    queue: Queue
    part: Part
    officers: int
    staffing: Staffing
    seed: int
    until: datetime


def main(staffing_file: str, preset_name: str) -> None:
    catalogue = load_catalogue()
    staffing = load_staffing(staffing_file, catalogue)
    preset = load_preset(preset_name, catalogue)
    seed = preset.seed.value
    workload = Workload(Crowd(preset, catalogue, seed))
    until = workload.end + timedelta(days=preset.longest_wait_days.value)
    waiting = [
        Trial(queue, part, busiest_load(part, staffing), staffing, seed, until)
        for queue, part in workload.by_queue(staffing).items()
    ]
    enough: dict[Queue, int] = {}
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), set_up) as pool:
        while waiting:
            late = list(pool.map(late_count, waiting))
            enough |= {trial.queue: trial.officers for trial, count in zip(waiting, late, strict=True) if not count}
            waiting = [
                trial._replace(officers=trial.officers + ceil(trial.officers * MARGIN))
                for trial, count in zip(waiting, late, strict=True)
                if count
            ]
            print(f"{len(enough)} queues have enough officers, {len(waiting)} have not", file=sys.stderr)
    write(Path(staffing_file), {queue: count + ceil(count * MARGIN) for queue, count in enough.items()})


def busiest_load(part: Part, staffing: Staffing) -> int:
    """Officers who would be busy all day on the busiest day; most dossiers are taken up twice."""
    by_day = np.bincount((part.filed_at - part.filed_at.min()) // DAY_SECONDS)
    minutes = sum(count * staffing.service_of(name).mean_minutes for name, count in part.by_procedure().items())
    return max(ceil(2 * by_day.max() * minutes / len(part) / OFFICE_MINUTES), 1)


def set_up() -> None:
    RULES.append(rules_of(load_catalogue()))


def late_count(trial: Trial) -> int:
    staffing = with_officers(trial.staffing, {trial.queue: trial.officers})
    ends = play(
        trial.part,
        staffing,
        seed=trial.seed,
        rules=RULES[0],
        until=trial.until,
        gives_up=lambda ends: ends.timely[Timeliness.OVERDUE] > 0,
    )
    return ends.timely[Timeliness.OVERDUE]


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
