"""Steps of the clock: as few as may be, none before what it needs, and the same whenever they are made."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.simulator.steps import LEAST_LINES, LONGEST, steps_of
from services.simulator.windows import WindowPlan

START = datetime(2018, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def plans(counts: Sequence[int], *, days: int = 1, settled_before: int = 3, fed_before: int = 100) -> list[WindowPlan]:
    """Windows of so many filings; each needs what happened so many days before it."""
    return [
        WindowPlan(
            index=index,
            start=START + index * days * DAY,
            end=START + (index + 1) * days * DAY,
            first_number=1 + sum(counts[:index]),
            declaration_count=count,
            dossier_count=0,
            settled_until=max(START + (index * days - settled_before) * DAY, START),
            fed_until=max(START + (index * days - fed_before) * DAY, START),
        )
        for index, count in enumerate(counts)
    ]


def sizes(found: Sequence[WindowPlan]) -> list[int]:
    return [len(step.windows) for step in steps_of(found)]


def test_large_windows_are_steps_of_their_own() -> None:
    assert sizes(plans([LEAST_LINES] * 4)) == [1, 1, 1, 1]


def test_small_windows_go_together_as_far_as_they_need_nothing_of_each_other() -> None:
    # The fourth needs what was to happen by the start of the first; the fifth what happens in it.
    assert sizes(plans([10] * 9)) == [4, 4, 1]
    assert sizes(plans([10] * 9, settled_before=1)) == [2, 2, 2, 2, 1]
    assert sizes(plans([10] * 9, settled_before=100)) == [7, 2]
    assert sizes(plans([10] * 9, settled_before=100, fed_before=2)) == [3, 3, 3]


def test_a_step_ends_when_there_is_enough_of_it() -> None:
    half = LEAST_LINES // 2
    assert sizes(plans([half, half, half, half, half], settled_before=100)) == [2, 2, 1]


@pytest.mark.parametrize("days", [7, 31])
def test_long_windows_are_not_put_together(days: int) -> None:
    assert timedelta(days=days) >= LONGEST
    assert sizes(plans([10] * 3, days=days, settled_before=1000, fed_before=1000)) == [1, 1, 1]


def test_steps_follow_each_other_and_hold_every_window_once() -> None:
    wanted = plans([5, 0, LEAST_LINES, 7, 7, 7, 30_000, 1], settled_before=2)
    steps = steps_of(wanted)
    assert [window for step in steps for window in step.windows] == wanted
    assert steps[0].start == START
    assert [step.start for step in steps[1:]] == [step.end for step in steps[:-1]]
    for step in steps:
        assert step.needed_until <= step.start
        assert step.count == sum(window.count for window in step.windows)
