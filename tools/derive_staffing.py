"""Work out the desks of a shipped staffing: the fewest officers with whom nobody is late, and a tenth more.

    python -m tools.derive_staffing FILE PRESET...

with the root of the repository on PYTHONPATH.

Takes about half an hour of two processors. Each queue gets what the preset needs that needs most. What stands before
`desks:` in the file stays as it is.
"""

import sys
from collections import Counter
from datetime import timedelta
from math import ceil
from pathlib import Path

from services.contracts.catalogue import Catalogue
from services.planner.planning import plan_queues, worker_pool
from services.planner.workload import Queue, Workload
from services.runtime.catalogue import load_catalogue
from services.simulator.crowd import Crowd
from services.simulator.preset_files import load_preset
from services.simulator.staffing_files import load_staffing

#: Beyond the fewest, so that another seed's crowd is on time as well.
MARGIN = 0.1

PROCESSES = 2


def main(staffing_file: str, *preset_names: str) -> None:
    catalogue = load_catalogue()
    fewest: dict[Queue, int] = {}
    for name in preset_names:
        for queue, officers in fewest_officers(name, staffing_file, catalogue).items():
            fewest[queue] = max(fewest.get(queue, 0), officers)
    write(Path(staffing_file), {queue: officers + ceil(officers * MARGIN) for queue, officers in fewest.items()})


def fewest_officers(preset_name: str, staffing_file: str, catalogue: Catalogue) -> dict[Queue, int]:
    preset = load_preset(preset_name, catalogue)
    seed = preset.seed.value
    workload = Workload(Crowd(preset, catalogue, seed))
    with worker_pool(PROCESSES, "") as pool:
        plans = plan_queues(
            pool,
            {seed: workload},
            load_staffing(staffing_file, catalogue),
            target_ratio=1.0,
            until=workload.end + timedelta(days=preset.longest_wait_days.value),
            on_progress=lambda done, total: print(f"{preset_name}: {done:,} of {total:,}", file=sys.stderr),
        )
    if late := [plan.queue for plan in plans if plan.fewest is None]:
        raise SystemExit(f"Somebody is always late, however many officers there are: {late}")
    return {plan.queue: plan.fewest.best.officers for plan in plans if plan.fewest}


def write(file: Path, officers: dict[Queue, int]) -> None:
    """The commonest number of a skill stands for all offices that aren't listed."""
    before = file.read_text(encoding="utf-8").split("\ndesks:\n", 1)[0]
    lines = []
    for skill in dict.fromkeys(queue.skill for queue in sorted(officers)):
        of_skill = {queue.office_code: count for queue, count in sorted(officers.items()) if queue.skill == skill}
        usual = Counter(of_skill.values()).most_common(1)[0][0]
        for office, count in of_skill.items():
            if count != usual:
                lines.append(f'  - {{office: "{office}", skill: {skill}, officers: {count}, shift: day}}')
        lines.append(f'  - {{office: "*", skill: {skill}, officers: {usual}, shift: day}}')
    file.write_text("\n".join([before, "desks:", *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
