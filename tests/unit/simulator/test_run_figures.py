"""What a run took, and who waited for whom."""

from dataclasses import replace

import pytest

from services.simulator.run_figures import RunFigures, machine
from services.simulator.run_log import RunState, StepTimes
from tests.support.simulations import STATE


def state(*steps: StepTimes, ended: float | None) -> RunState:
    return replace(STATE, steps=steps, ended_seconds=ended)


def step(count: int, begun: float, asked: float, settled: float | None) -> StepTimes:
    return StepTimes("2018-04-02T00:00:00+07:00", count, begun, asked, settled)


def test_the_rate_is_from_the_first_line_to_the_last_end() -> None:
    figures = RunFigures.of(state(step(600, 2.0, 3.0, 5.0), step(400, 3.0, 4.0, 9.0), ended=12.0))
    assert figures.count == 1000
    assert figures.rate == pytest.approx(100)


def test_tenths_are_read_from_what_had_settled_when() -> None:
    # 1,000 in the first 10 seconds, 9,000 in the next 30: a tenth of all is where the first step ends.
    steps = [step(1000, 0.0, 1.0, 10.0), step(4500, 1.0, 2.0, 25.0), step(4500, 2.0, 3.0, 40.0)]
    figures = RunFigures.of(state(*steps, ended=41.0))
    assert figures.first_tenth == pytest.approx(100)
    assert figures.last_tenth == pytest.approx(300)


def test_the_services_waited_when_all_had_settled_before_the_next_was_asked() -> None:
    steps = [step(10, 0, 1, 4.0), step(10, 1, 3, 8.0), step(10, 8, 10.5, 12.0), step(10, 9, 11, 20.0)]
    figures = RunFigures.of(state(*steps, ended=21.0))
    assert figures.services_waited_seconds == pytest.approx(2.5)
    assert (figures.late_steps, figures.steps) == (1, 4)


def test_what_was_not_seen_is_not_guessed() -> None:
    """A session that was killed has seen no step of its end settle."""
    figures = RunFigures.of(state(step(10, 0, 1, None), step(10, 5, 9, 12.0), ended=None))
    assert (figures.services_waited_seconds, figures.rate) == (0, None)


def test_a_run_without_steps_has_no_rates() -> None:
    figures = RunFigures.of(state(ended=1.0))
    assert (figures.rate, figures.first_tenth, figures.last_tenth, figures.steps) == (None, None, None, 0)


def test_the_machine_is_told() -> None:
    told = machine()
    assert told["cpus"] >= 1
    assert told["memory_bytes"] > 2**28
