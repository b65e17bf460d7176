"""The shipped staffings: the published result comes of them, and doesn't of fewer officers."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import pytest

from services.casework.engine import Rules
from services.casework.roster import RosterBook
from services.contracts.catalogue import Catalogue
from services.contracts.staffing import Staffing
from services.contracts.timeliness import Timeliness
from services.planner.playing import play, rules_of
from services.planner.staffing_changes import officers_at, with_officers
from services.planner.workload import Part, Queue, Workload
from services.simulator.crowd import Crowd
from services.simulator.preset_files import load_preset
from services.simulator.preset_keys import Change
from services.simulator.staffing_files import load_staffing
from tools.derive_staffing import busiest_weeks

ROSTERS = RosterBook()

#: Most of all dossiers that come to one desk: five thousand in an ordinary week.
BUSIEST = Queue("02CI", "documents")
#: One dossier in a quarter.
SMALLEST = Queue("30BB", "taxes")
#: Of each skill one that is played in a second or two: hundreds or thousands of dossiers in the quarter.
MIDDLING = (Queue("34CE", "documents"), Queue("03CC", "goods"), Queue("02CX", "dossiers"), Queue("02CI", "taxes"))


class Offices(NamedTuple):
    """Queues of a preset with the officers of a staffing."""

    workload: Workload
    staffing: Staffing
    rules: Rules
    seed: int

    def play(self, parts: Mapping[Queue, Part], share: float = 1) -> Counter[Timeliness]:
        """How timely everything was with this share of the officers, at least one each; nothing stays open."""
        timely: Counter[Timeliness] = Counter()
        for queue, part in parts.items():
            officers = max(int(officers_at(self.staffing, queue) * share), 1)
            ends = play(
                part,
                with_officers(self.staffing, {queue: officers}),
                seed=self.seed,
                rules=self.rules,
                until=self.workload.end + timedelta(days=400),
                rosters=ROSTERS,
            )
            assert ends.open_count == 0
            timely.update(ends.timely)
        return timely

    def parts(self) -> dict[Queue, Part]:
        return self.workload.by_queue(self.staffing)


def offices(crowd: Crowd, staffing: str, seed: int, catalogue: Catalogue) -> Offices:
    return Offices(Workload(crowd), load_staffing(staffing, catalogue), rules_of(catalogue), seed)


@pytest.fixture(scope="module")
def national(whole_quarter: Crowd, catalogue: Catalogue) -> Offices:
    return offices(whole_quarter, "national-2018", 2018, catalogue)


@pytest.fixture(scope="module")
def national_parts(national: Offices) -> dict[Queue, Part]:
    return national.parts()


@pytest.mark.parametrize("queue", [*MIDDLING, SMALLEST], ids="-".join)
def test_everything_is_on_time_in_a_quarter(
    queue: Queue, national: Offices, national_parts: Mapping[Queue, Part]
) -> None:
    timely = national.play({queue: national_parts[queue]})
    assert timely[Timeliness.OVERDUE] == 0
    assert timely[Timeliness.EARLY] > (0 if queue == SMALLEST else 50)


def test_everything_is_on_time_where_and_when_most_comes(
    national: Offices, national_parts: Mapping[Queue, Part]
) -> None:
    assert max(national_parts, key=lambda queue: len(national_parts[queue])) == BUSIEST
    busiest = {BUSIEST: busiest_weeks(national_parts[BUSIEST])}
    assert len(busiest[BUSIEST]) > 10_000
    assert national.play(busiest)[Timeliness.OVERDUE] == 0


@pytest.mark.parametrize("queue", [*MIDDLING[:2]], ids="-".join)
def test_with_half_of_the_officers_much_is_late(
    queue: Queue, national: Offices, national_parts: Mapping[Queue, Part]
) -> None:
    timely = national.play({queue: national_parts[queue]}, 0.5)
    assert timely[Timeliness.OVERDUE] > 0.05 * timely.total()


@pytest.mark.parametrize("declarations", [0, 6860])
def test_in_ha_tinh_everything_is_on_time_and_with_half_of_the_officers_it_is_not(
    declarations: int, catalogue: Catalogue
) -> None:
    preset = load_preset("ha-tinh-2020", catalogue, [Change("declaration_count", str(declarations))])
    assert preset.staffing is not None
    seed = preset.seed.value
    branches = offices(Crowd(preset, catalogue, seed), preset.staffing, seed, catalogue)
    parts = branches.parts()
    timely = branches.play(parts)
    assert timely[Timeliness.OVERDUE] == 0
    assert timely[Timeliness.EARLY] > 1500
    assert branches.play(parts, 0.5)[Timeliness.OVERDUE] > 20
