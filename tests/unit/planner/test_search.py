"""The search: the fewest that reach the target, found without trying them all; bands as wide as they must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planner.search import MOST_OFFICERS, Trial, UnreachableTargetError, band_of, fewest_officers


def trial(officers: int, ratio: float) -> Trial:
    return Trial(officers, band_of([ratio, ratio]), True, {})


NOBODY_WAITS = trial(MOST_OFFICERS, 1.0)


@given(st.integers(1, 400), st.integers(1, 400))
def test_the_fewest_that_reach_the_target_are_found_from_any_guess(needed: int, guess: int) -> None:
    asked: list[int] = []

    def try_with(officers: int) -> Trial:
        asked.append(officers)
        return trial(officers, 1.0 if officers >= needed else 0.5)

    found = fewest_officers(try_with, 0.99, NOBODY_WAITS, guess)
    assert found.best.officers == needed
    assert (found.one_less.officers if found.one_less else 0) == needed - 1
    assert len(asked) == len(set(asked)) == found.trials - 1


def test_a_good_guess_is_cheap() -> None:
    found = fewest_officers(lambda officers: trial(officers, float(officers >= 61)), 0.99, NOBODY_WAITS, 60)
    assert found.trials <= 6


def test_the_whole_band_has_to_reach_the_target() -> None:
    ratios = {1: [0.9, 0.9], 2: [0.998, 1.0], 3: [0.9995, 0.9995]}

    def try_with(officers: int) -> Trial:
        return Trial(officers, band_of(ratios[min(officers, 3)], least=0, most=1), True, {})

    assert fewest_officers(try_with, 0.999, NOBODY_WAITS, 1).best.officers == 3


def test_what_was_given_up_has_not_reached_the_target() -> None:
    def try_with(officers: int) -> Trial:
        return Trial(officers, band_of([1.0]), officers > 4, {})

    assert fewest_officers(try_with, 0.9, NOBODY_WAITS, 1).best.officers == 5


def test_a_target_that_nobody_reaches_is_told() -> None:
    asked: list[int] = []

    def try_with(officers: int) -> Trial:
        asked.append(officers)
        return trial(officers, 0.5)

    with pytest.raises(UnreachableTargetError):
        fewest_officers(try_with, 0.9, trial(MOST_OFFICERS, 0.5), 3)
    assert asked == []


def test_bands_are_students_t() -> None:
    # Mean 2, standard deviation 1, three values: 4.303 / sqrt(3) to either side.
    found = band_of([1.0, 2.0, 3.0])
    assert found.mean == 2
    assert found.high - found.mean == pytest.approx(4.303 / 3**0.5)
    assert found.low == pytest.approx(4 - found.high)
    assert band_of([0.5]).low == 0.5
    assert (band_of([0.0, 1.0], least=0, most=1).low, band_of([0.0, 1.0], least=0, most=1).high) == (0, 1)
