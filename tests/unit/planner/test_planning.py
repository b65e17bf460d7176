"""Plans of queues, in this process: the load counts every shift by its officers."""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from services.contracts.staffing import Staffing, staffing_from_wire
from services.contracts.timeliness import VIETNAM_TIME
from services.planner import planning
from services.planner.planning import plan_queues, seconds_at_work
from services.planner.playing import rules_of
from services.planner.workload import Queue, Workload
from services.simulator.crowd import Crowd
from services.simulator.preset_files import load_preset
from tests.support.filings import catalogue

OFFICE = "30CF"
QUEUE = Queue(OFFICE, "dossiers")

#: A Monday, and five working days later.
MONDAY = datetime(2018, 6, 4, tzinfo=VIETNAM_TIME)
SATURDAY = MONDAY + timedelta(days=5)
HOUR = 3600


def staffed(*desks: tuple[int, str]) -> Staffing:
    return staffing_from_wire(
        {
            "discipline": "first-come",
            "skills": {"dossiers": ["*"]},
            "service": {"*": {"mean_minutes": 30, "spread": "fixed"}},
            "shifts": {
                "day": {"days": "office", "from": "08:00", "to": "16:00"},
                "late": {"days": "office", "from": "17:00", "to": "20:00"},
            },
            "desks": [{"office": "*", "skill": "dossiers", "officers": n, "shift": shift} for n, shift in desks],
        }
    )


class Here:
    """A pool that does at once, in this process, what it is asked for."""

    def submit(self, work: Callable[[Any], Any], job: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(work(job))
        return future


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> ProcessPoolExecutor:
    monkeypatch.setattr(planning, "_RULES", [rules_of(catalogue())])
    return cast("ProcessPoolExecutor", Here())


@pytest.mark.parametrize(
    ("desks", "hours"),
    [
        ([(6, "day")], 40),
        ([(6, "late")], 15),
        ([(6, "day"), (2, "late")], (6 * 40 + 2 * 15) / 8),
        ([(2, "late"), (6, "day")], (6 * 40 + 2 * 15) / 8),
        ([(6, "day"), (0, "late")], 40),
        # Nobody says in which proportion: all alike.
        ([(0, "day"), (0, "late")], (40 + 15) / 2),
    ],
)
def test_an_officer_is_at_work_as_the_shifts_are_by_their_officers(desks: list[tuple[int, str]], hours: float) -> None:
    calendar = rules_of(catalogue()).calendar
    assert seconds_at_work(staffed(*desks), QUEUE, calendar, MONDAY, SATURDAY) == pytest.approx(hours * HOUR)


def test_the_load_does_not_depend_on_which_shift_stands_first(pool: ProcessPoolExecutor) -> None:
    preset = load_preset("ha-tinh-2020", catalogue()).scaled(0.05)
    workloads = {1: Workload(Crowd(preset, catalogue(), 1))}
    until = workloads[1].end + timedelta(days=100)

    def loads(*desks: tuple[int, str]) -> dict[Queue, float]:
        plans = plan_queues(
            pool, workloads, staffed(*desks), target_ratio=0.5, until=until, on_progress=lambda _done, _all: None
        )
        return {plan.queue: plan.load for plan in plans}

    both = loads((3, "day"), (1, "late"))
    assert both[QUEUE] > 0
    assert both == pytest.approx(loads((1, "late"), (3, "day")))
    # The same work in fewer hours an officer keeps more of them busy.
    assert both[QUEUE] > loads((4, "day"))[QUEUE]
