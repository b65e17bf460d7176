"""When dossiers come: instants by hour, weekday, holiday and season, exact in total.

Who files and what is not decided here.
"""

from datetime import date, datetime, time, timedelta
from typing import Final

from services.contracts.catalogue import CalendarData
from services.contracts.timeliness import VIETNAM_TIME
from services.simulator.draws import Draws, Wheel
from services.simulator.preset import Preset

#: How many days a month or a quarter takes to end.
_ENDING_DAYS: Final = 3

_WEDNESDAY: Final = 2


def instants(preset: Preset, calendar: CalendarData, draws: Draws) -> list[datetime]:
    """As many instants as the preset has dossiers, in order, to the second, with Vietnam's offset."""
    days = days_of(preset)
    day_wheel = Wheel([day_weight(preset, calendar, day) for day in days])
    hour_wheel = Wheel(preset.hour_weights.values)

    def instant() -> datetime:
        midnight = start_of_day(days[day_wheel.turn(draws)])
        return midnight + timedelta(hours=hour_wheel.turn(draws), seconds=draws.between(0, 3599))

    return sorted(instant() for _ in range(preset.dossier_count.value))


def start_of_day(day: date) -> datetime:
    """Midnight in Vietnam."""
    return datetime.combine(day, time(), VIETNAM_TIME)


def days_of(preset: Preset) -> list[date]:
    """The days of the period."""
    first_on = preset.period.first_on
    return [first_on + timedelta(days=n) for n in range((preset.period.last_on - first_on).days + 1)]


def day_weight(preset: Preset, calendar: CalendarData, day: date) -> float:
    """How much is filed on a day, beside other days."""
    weight = float(_weekday_weight(preset, calendar, day))
    for season in preset.seasons:
        if season.first_on <= day <= season.last_on:
            weight *= season.weight / 100
    soon = day + timedelta(days=_ENDING_DAYS)
    if soon.month != day.month:
        weight *= preset.month_end_weight.value / 100
        if day.month % 3 == 0:
            weight *= preset.quarter_end_weight.value / 100
    return weight


def _weekday_weight(preset: Preset, calendar: CalendarData, day: date) -> int:
    if day in calendar.days_off:
        # A holiday on a Sunday is no busier than other Sundays.
        return min(preset.day_off_weight.value, preset.weekday_weights.values[day.weekday()])
    if day in calendar.working_weekends:
        return preset.weekday_weights.values[_WEDNESDAY]
    return preset.weekday_weights.values[day.weekday()]
