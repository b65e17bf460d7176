"""The shipped staffing: the published result comes of it, and doesn't of fewer officers."""

from datetime import timedelta

import pytest

from services.contracts.catalogue import Catalogue
from services.contracts.timeliness import Timeliness
from services.planner.playing import Ends, play, rules_of
from services.planner.staffing_changes import officers_at, with_officers
from services.planner.workload import Queue, Workload
from services.simulator.crowd import Crowd
from services.simulator.staffing_files import load_staffing

#: Of each skill one that is played in a second: an ordinary branch, with the whole quarter's filings.
QUEUES = (Queue("03NK", "documents"), Queue("34CE", "goods"), Queue("02CX", "dossiers"), Queue("02CI", "taxes"))


@pytest.fixture(scope="module")
def workload(whole_quarter: Crowd) -> Workload:
    return Workload(whole_quarter)


def played(workload: Workload, queue: Queue, part_of_officers: float, catalogue: Catalogue) -> Ends:
    staffing = load_staffing("national-2018", catalogue)
    officers = max(int(officers_at(staffing, queue) * part_of_officers), 1)
    return play(
        workload.by_queue(staffing)[queue],
        with_officers(staffing, {queue: officers}),
        seed=2018,
        rules=rules_of(catalogue),
        until=workload.end + timedelta(days=400),
    )


@pytest.mark.parametrize("queue", QUEUES, ids=str)
def test_everything_is_on_time(queue: Queue, workload: Workload, catalogue: Catalogue) -> None:
    ends = played(workload, queue, 1, catalogue)
    assert ends.on_time_count > 50
    assert ends.timely[Timeliness.OVERDUE] == 0
    assert ends.open_count == 0


@pytest.mark.parametrize("queue", QUEUES[:2], ids=str)
def test_with_a_quarter_of_the_officers_it_is_not(queue: Queue, workload: Workload, catalogue: Catalogue) -> None:
    assert played(workload, queue, 0.25, catalogue).on_time_ratio < 0.9
