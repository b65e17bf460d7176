"""When dossiers come: exact in total, and in the shape the preset gives."""

from collections import Counter
from datetime import date, timedelta

import pytest

from services.contracts.catalogue import Catalogue
from services.simulator.arrivals import day_weight, days_of, offsets
from services.simulator.crowd import Filing
from services.simulator.draws import Draws
from services.simulator.preset import Preset


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
