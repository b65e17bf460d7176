"""When dossiers come: exact in total, and in the shape the preset gives."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from services.contracts.catalogue import Catalogue
from services.simulator import arrivals
from services.simulator.arrivals import day_weight, days_of, offsets
from services.simulator.crowd import Filing
from services.simulator.draws import Draws
from services.simulator.preset import Preset, Season
from services.simulator.preset_files import load_preset


def test_they_are_exact_in_total_in_order_and_within_the_period(ha_tinh: Preset, crowd: list[Filing]) -> None:
    when = [filing.filed_at for filing in crowd]
    assert len(when) == 1579
    assert when == sorted(when)
    assert ha_tinh.period.first_on <= when[0].date()
    assert when[-1].date() <= ha_tinh.period.last_on
    assert {at.utcoffset() for at in when} == {timedelta(hours=7)}


def test_most_come_in_office_hours_of_working_days_and_a_trickle_round_the_clock(crowd: list[Filing]) -> None:
    by_weekday = Counter(filing.filed_at.weekday() for filing in crowd)
    by_hour = Counter(filing.filed_at.hour for filing in crowd)
    assert by_weekday[0] > by_weekday[2] > by_weekday[5] > by_weekday[6] > 0
    assert sum(by_weekday[day] for day in range(5)) / len(crowd) == pytest.approx(0.957, abs=0.02)
    assert {hour for hour, _ in by_hour.most_common(4)} == {9, 10, 14, 15}
    assert by_hour[12] < by_hour[11]
    assert 0 < sum(by_hour[hour] for hour in (22, 23, 0, 1, 2, 3, 4, 5)) / len(crowd) < 0.05


@pytest.mark.parametrize("weekday", range(7))
def test_weekdays_come_out_as_weighted(ha_tinh: Preset, catalogue: Catalogue, weekday: int) -> None:
    many = ha_tinh.scaled(1)
    days = days_of(many)
    expected = sum(day_weight(many, catalogue.calendar, day) for day in days if day.weekday() == weekday)
    expected /= sum(day_weight(many, catalogue.calendar, day) for day in days)
    drawn = offsets(many, catalogue.calendar, Draws(1, "arrivals"), 20_000) // 86_400
    weekdays = (drawn + many.period.first_on.weekday()) % 7
    assert (weekdays == weekday).mean() == pytest.approx(expected, abs=0.01)


def test_hardly_anybody_files_in_the_tet_week(crowd: list[Filing]) -> None:
    by_day = Counter(filing.filed_at.date() for filing in crowd)
    tet_week = [date(2020, 1, 23) + timedelta(days=n) for n in range(7)]
    week_before = [day - timedelta(days=9) for day in tet_week]
    assert sum(by_day[day] for day in tet_week) <= 8
    assert sum(by_day[day] for day in week_before) >= 40


@pytest.mark.parametrize(
    ("day", "weight", "why"),
    [
        (date(2020, 3, 4), 100, "a Wednesday like any other"),
        (date(2020, 3, 2), 115, "a Monday"),
        (date(2020, 3, 7), 15, "a Saturday"),
        (date(2020, 4, 30), 6 * 1.15, "a public holiday at the end of a month"),
        (date(2020, 1, 26), 6, "a holiday on a Sunday is no busier than one on a weekday"),
        (date(2020, 1, 15), 130, "a Wednesday before Tết"),
        (date(2020, 2, 5), 60, "a Wednesday after it"),
        (date(2020, 4, 29), 100 * 1.15, "a Wednesday at the end of a month"),
        (date(2020, 6, 30), 105 * 1.15 * 1.15, "a Tuesday at the end of a quarter"),
        (date(2020, 6, 27), 15, "a Saturday just before the last three days"),
        (date(2020, 6, 28), 8 * 1.15 * 1.15, "the first of the last three days"),
    ],
)
def test_a_day_weighs_what_the_preset_says(
    ha_tinh: Preset, catalogue: Catalogue, day: date, weight: float, why: str
) -> None:
    assert day_weight(ha_tinh, catalogue.calendar, day) == pytest.approx(weight), why


# The shape of many


def counted_by_day(preset: Preset, catalogue: Catalogue, count: int, *seasons: Season) -> np.ndarray:
    drawn = offsets(preset, catalogue.calendar, Draws(1, "arrivals"), count, *seasons)
    return np.bincount(drawn // 86_400, minlength=len(days_of(preset)))


def chi_square(counted: np.ndarray, weights: Sequence[float]) -> float:
    expected = np.array(weights) / sum(weights) * counted.sum()
    return float(((counted - expected) ** 2 / expected).sum())


@pytest.fixture(scope="module")
def first_quarter(catalogue: Catalogue) -> Preset:
    return load_preset("national-2018-q1", catalogue)


def test_hours_come_out_as_weighted(first_quarter: Preset, catalogue: Catalogue) -> None:
    drawn = offsets(first_quarter, catalogue.calendar, Draws(1, "arrivals"), 500_000)
    by_hour = np.bincount(drawn // 3600 % 24, minlength=24)
    # 23 degrees of freedom: 49.7 is passed by one sequence in a thousand.
    assert chi_square(by_hour, first_quarter.hour_weights.values) < 49.7


def test_seconds_of_an_hour_are_all_alike(first_quarter: Preset, catalogue: Catalogue) -> None:
    drawn = offsets(first_quarter, catalogue.calendar, Draws(1, "arrivals"), 500_000)
    assert chi_square(np.bincount(drawn % 3600 // 60, minlength=60), [1] * 60) < 98.3, "59 degrees, one in a thousand"


def test_days_come_out_as_weighted(first_quarter: Preset, catalogue: Catalogue) -> None:
    weights = [day_weight(first_quarter, catalogue.calendar, day) for day in days_of(first_quarter)]
    by_day = counted_by_day(first_quarter, catalogue, 500_000)
    assert chi_square(by_day, weights) < 137.3, "89 degrees, one in a thousand"


def test_nothing_but_a_trickle_comes_at_tet_and_less_than_usual_after_it(
    first_quarter: Preset, catalogue: Catalogue
) -> None:
    by_day = dict(zip(days_of(first_quarter), counted_by_day(first_quarter, catalogue, 500_000), strict=True))
    usual = by_day[date(2018, 1, 17)]
    for day in (14, 15, 16, 19, 20):
        assert by_day[date(2018, 2, day)] < 0.08 * usual, "public holidays"
    assert max(by_day[date(2018, 2, 17)], by_day[date(2018, 2, 18)]) < 0.1 * usual, "Saturday and Sunday of Tết"
    assert by_day[date(2018, 2, 7)] > 1.2 * usual, "the rise before it"
    for day in (21, 22, 23):
        assert by_day[date(2018, 2, day)] < 0.75 * usual, "the fall after it"


def test_months_and_quarters_end_busily(first_quarter: Preset, catalogue: Catalogue) -> None:
    by_day = dict(zip(days_of(first_quarter), counted_by_day(first_quarter, catalogue, 500_000), strict=True))
    assert by_day[date(2018, 1, 31)] / by_day[date(2018, 1, 24)] == pytest.approx(1.15 * 1.3, rel=0.1), (
        "before Tết, too"
    )
    assert by_day[date(2018, 3, 29)] / by_day[date(2018, 3, 22)] == pytest.approx(1.15 * 1.15, rel=0.06)


def test_settlement_reports_come_at_the_end_of_march(first_quarter: Preset, catalogue: Catalogue) -> None:
    (peak,) = first_quarter.peaks
    by_day = counted_by_day(first_quarter, catalogue, 20_000, peak.season)
    at_the_end = by_day[(peak.season.first_on - first_quarter.period.first_on).days :].sum() / by_day.sum()
    usually = counted_by_day(first_quarter, catalogue, 20_000)[-13:].sum() / 20_000
    assert at_the_end > 0.6
    assert usually < 0.25


def test_each_part_of_a_period_gets_its_share_to_the_one(catalogue: Catalogue) -> None:
    half_year = load_preset("national-2018-h1", catalogue)
    by_day = counted_by_day(half_year, catalogue, 577_000)
    assert by_day[:90].sum() == 270_000
    assert by_day[90:].sum() == 307_000
    assert len(by_day) == 181


def test_many_are_drawn_in_pieces_that_make_no_difference(
    ha_tinh: Preset, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = offsets(ha_tinh, catalogue.calendar, Draws(1, "arrivals"), 5_000)
    monkeypatch.setattr(arrivals, "_DRAWN_AT_ONCE", 700)
    assert (offsets(ha_tinh, catalogue.calendar, Draws(1, "arrivals"), 5_000) == at_once).all()
