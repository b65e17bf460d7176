"""A plan and a comparison, made up: two offices, three queues, three replications, as JSON."""

from array import array
from typing import Any

from services.contracts.staffing import Staffing
from services.contracts.timeliness import Timeliness
from services.planner.outcome import Plan, compare, comparison_as_json, plan_as_json, planned_staffing
from services.planner.planning import NO_SKILL, QueuePlan
from services.planner.playing import Ends
from services.planner.search import Fewest, Trial, band_of
from services.planner.workload import Queue
from tests.support.filings import catalogue
from tests.support.simulations import staffing_of

SEEDS = (7, 8, 9)
NAMES = {"30CF": "Chi cục Cầu Treo", "30BB": "Chi cục <Vũng Áng>"}

ABOUT: dict[str, Any] = {
    "preset": "ha-tinh-2020",
    "title": {"vi": "Hải quan Hà Tĩnh 2020", "en": "Ha Tinh Customs 2020"},
    "made_at": "2026-11-22T08:00:00+00:00",
    "fraction": 0.5,
    "set": [],
    "given_staffing": "somewhere/mine.yaml",
    "dossiers": 1234,
}

BUSY, QUIET, HOPELESS = Queue("30CF", "dossiers"), Queue("30BB", "dossiers"), Queue("30CF", "storage")


def ends(late: int, of: int = 1000, *, hours: int = 1) -> Ends:
    """So many were late."""
    found = Ends(settled_count=of, waited_seconds=array("q", [hours * 3600] * of))
    found.timely[Timeliness.OVERDUE] = late
    found.timely[Timeliness.ON_TIME] = of - late
    return found


def trial(officers: int, *late: int, is_complete: bool = True) -> Trial:
    """So many were late in each replication."""
    replications = dict(zip(SEEDS, map(ends, late), strict=False))
    ratios = [one.on_time_ratio for one in replications.values()]
    return Trial(officers, band_of(ratios, least=0, most=1), is_complete, replications)


def staffing() -> Staffing:
    """Who works there."""
    return staffing_of(catalogue())


def plan(*, is_reached: bool = True) -> Plan:
    """The answer for them; without `is_reached` there is none for one of the queues."""
    enough = trial(4, 2, 1, 0)
    hopeless = Fewest(trial(1, 0, 0, 0), None, 2) if is_reached else None
    queues = [
        QueuePlan(BUSY, 1000.0, 3.25, 2, Fewest(enough, trial(3, 700, is_complete=False), 4)),
        QueuePlan(QUIET, 1000.0, 0.5, 0, Fewest(trial(1, 0, 0, 0), None, 2)),
        QueuePlan(HOPELESS, 12.0, 0.1, 1, hopeless),
    ]
    given = staffing()
    answered = [one for one in queues if one.queue != QUIET]  # no desk says when they would work
    confirmed = {BUSY: ends(2), QUIET: ends(0), HOPELESS: ends(0), Queue("30CF", NO_SKILL): ends(0, 500)}
    taken_away = {BUSY: [enough, trial(3, 700, 720, 740), trial(2, 990, 995, 1000)]}
    return Plan(queues, 0.99, SEEDS, planned_staffing(given, answered), confirmed, 1.5, taken_away)


def plan_result(*, is_reached: bool = True) -> dict[str, Any]:
    """The plan as JSON."""
    return plan_as_json(plan(is_reached=is_reached), ABOUT, NAMES)


def comparison_result() -> dict[str, Any]:
    """Two staffings as JSON: the second lets dossiers of the busy queue wait."""
    runs = {
        seed: ({BUSY: ends(0), QUIET: ends(1)}, {BUSY: ends(100 + seed, hours=30), QUIET: ends(1)}) for seed in SEEDS
    }
    return comparison_as_json(compare(("now", "later"), (staffing(), staffing()), runs), ABOUT, NAMES)
