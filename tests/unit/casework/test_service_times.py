"""Service times: whole seconds, by the inverse of a cumulative distribution."""

from statistics import fmean, pstdev

import pytest

from services.casework.draws import Draw, draw
from services.casework.service_times import seconds_by_draw
from services.contracts.staffing import ServiceTime, Spread


def times(service: ServiceTime, count: int = 20_000) -> list[int]:
    seconds = seconds_by_draw(service)
    return [seconds(draw(1, number, Draw.SERVICE)) for number in range(count)]


def test_a_fixed_time_is_the_mean_whatever_is_drawn() -> None:
    seconds = seconds_by_draw(ServiceTime(12.5, Spread.FIXED))
    assert {seconds(value) for value in (0.0, 0.3, 1 - 2**-53)} == {750}


@pytest.mark.parametrize(
    ("service", "deviation"),
    [
        (ServiceTime(30, Spread.EXPONENTIAL), 1.0),
        (ServiceTime(30, Spread.LOGNORMAL, 50), 0.5),
        (ServiceTime(30, Spread.LOGNORMAL, 120), 1.2),
    ],
)
def test_mean_and_deviation_are_those_of_the_staffing(service: ServiceTime, deviation: float) -> None:
    found = times(service)
    # Four standard errors of the mean.
    assert fmean(found) == pytest.approx(1800, rel=4 * deviation / len(found) ** 0.5)
    assert pstdev(found) / fmean(found) == pytest.approx(deviation, rel=0.08)


def test_the_quantiles_are_those_of_the_distribution() -> None:
    exponential = seconds_by_draw(ServiceTime(60, Spread.EXPONENTIAL))
    assert exponential(0.5) == 2495  # 3600 ln 2
    lognormal = seconds_by_draw(ServiceTime(60, Spread.LOGNORMAL, 100))
    assert lognormal(0.5) == 2546  # 3600 / sqrt(2)


@pytest.mark.parametrize("service", [ServiceTime(0.1, Spread.EXPONENTIAL), ServiceTime(0.1, Spread.LOGNORMAL, 500)])
def test_no_work_takes_no_time(service: ServiceTime) -> None:
    seconds = seconds_by_draw(service)
    assert seconds(0.0) == seconds(2**-53) == 1


@pytest.mark.parametrize("spread", [Spread.EXPONENTIAL, Spread.LOGNORMAL])
def test_a_larger_draw_never_takes_less(spread: Spread) -> None:
    seconds = seconds_by_draw(ServiceTime(30, spread, 80 if spread is Spread.LOGNORMAL else None))
    found = [seconds(place / 1000) for place in range(1000)] + [seconds(1 - 2**-53)]
    assert found == sorted(found)
