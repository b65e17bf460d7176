"""What was found holds only if a run of everything comes to the same."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.contracts.timeliness import Timeliness
from services.planner.outcome import UnconfirmedError, confirm
from services.planner.planning import NO_SKILL
from services.planner.playing import Ends
from services.planner.workload import Queue
from tests.support.plans import BUSY, HOPELESS, QUIET, SEEDS, ends, plan


def test_the_same_counts_with_the_same_seed_confirm_a_plan() -> None:
    found = plan()
    confirm(found.queues, found.confirmed, SEEDS[0])


@pytest.mark.parametrize(
    "otherwise",
    [
        pytest.param(lambda one: replace(one, open_count=1), id="one more is open"),
        pytest.param(lambda one: replace(one, settled_count=one.settled_count - 1), id="one less is settled"),
        # As many in time, though not the same way.
        pytest.param(
            lambda one: replace(one, timely={**one.timely, Timeliness.EARLY: 1, Timeliness.ON_TIME: 997}),
            id="one is early",
        ),
    ],
)
def test_a_queue_that_came_out_otherwise_is_named(otherwise: Callable[[Ends], Ends]) -> None:
    found = plan()
    confirmed = {**found.confirmed, BUSY: otherwise(found.confirmed[BUSY])}
    with pytest.raises(UnconfirmedError) as caught:
        confirm(found.queues, confirmed, SEEDS[0])
    assert caught.value.queues == (BUSY,)


def test_another_seed_is_another_run() -> None:
    found = plan()
    with pytest.raises(UnconfirmedError):
        confirm(found.queues, found.confirmed, SEEDS[1])


def test_queues_that_were_not_run_and_queues_that_nobody_searched_are_named() -> None:
    found = plan()
    unknown = Queue("30BB", "storage")
    confirmed = {queue: one for queue, one in found.confirmed.items() if queue != QUIET} | {unknown: ends(0)}
    with pytest.raises(UnconfirmedError) as caught:
        confirm(found.queues, confirmed, SEEDS[0])
    assert caught.value.queues == (QUIET, unknown)


def test_what_has_no_answer_and_what_needs_no_officer_is_not_compared() -> None:
    found = plan(is_reached=False)
    confirmed = {**found.confirmed, HOPELESS: ends(12, 12), Queue("30BB", NO_SKILL): ends(0, 7)}
    confirm(found.queues, confirmed, SEEDS[0])


def test_a_queue_to_which_nothing_comes_with_that_seed_need_not_have_been_run() -> None:
    found = plan()
    (busy,) = (one for one in found.queues if one.queue == BUSY)
    assert busy.fewest is not None
    rarely = replace(busy.fewest.best, replications={SEEDS[1]: ends(0)})
    queues = [replace(busy, fewest=replace(busy.fewest, best=rarely))]
    confirm(queues, {}, SEEDS[0])
    with pytest.raises(UnconfirmedError):
        confirm(queues, {BUSY: ends(0)}, SEEDS[0])
