"""How fast a run goes."""

import pytest

from services.simulator.pace import Pace


def test_now_is_what_happened_lately_and_the_mean_is_since_the_beginning() -> None:
    pace = Pace(total=10_000)
    for second in range(41):
        # 100 a second for 20 seconds, then 300.
        pace.note(1000.0 + second, 100 * min(second, 20) + 300 * max(second - 20, 0))
    assert pace.now == pytest.approx(300)
    assert pace.mean == pytest.approx(200)
    assert pace.seconds_left == pytest.approx((10_000 - 8000) / 200)


def test_what_was_there_before_is_nobody_s_merit() -> None:
    """A run that is gone on with begins at what has ended already."""
    pace = Pace(total=1000)
    pace.note(5.0, 900)
    pace.note(10.0, 950)
    assert (pace.mean, pace.seconds_left) == (pytest.approx(10), pytest.approx(5))


def test_nothing_is_said_before_anything_is_known() -> None:
    pace = Pace(total=10)
    assert (pace.now, pace.mean, pace.seconds_left) == (None, None, None)
    pace.note(1.0, 0)
    assert (pace.now, pace.mean, pace.seconds_left) == (None, None, None)
    pace.note(3.0, 0)
    assert (pace.now, pace.mean, pace.seconds_left) == (0, 0, None)


def test_a_standstill_shows_soon() -> None:
    pace = Pace(total=10_000)
    for second in range(60):
        pace.note(float(second), 100 * min(second, 30))
    assert pace.now == 0
    assert pace.mean is not None
    assert pace.mean > 0
