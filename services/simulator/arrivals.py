"""When filings come: instants by hour, weekday, holiday and season, exact in total.

Who files and what is not decided here.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from services.contracts.catalogue import CalendarData
from services.contracts.timeliness import VIETNAM_TIME
from services.simulator.draws import Draws, Wheel, share_out
from services.simulator.preset import Preset, Season

#: How many days a month or a quarter takes to end.
_ENDING_DAYS: Final = 3

_WEDNESDAY: Final = 2

_DAY_SECONDS: Final = 24 * 60 * 60

#: So many instants are drawn at a time: a column for millions would be held three times over.
_DRAWN_AT_ONCE: Final = 1 << 18

#: Seconds since the midnight with which a preset's period begins.
Offsets = npt.NDArray[np.int32]


def offsets(preset: Preset, calendar: CalendarData, draws: Draws, count: int, *seasons: Season) -> Offsets:
    """As many instants as are asked for, in order, to the second.

    Args:
        preset: Gives period and shape. Each of its parts gets its share of the instants, to the one.
        calendar: The days off.
        draws: Three for each instant.
        count: How many.
        seasons: More of them than the preset's own.
    """
    hour_wheel = Wheel(preset.hour_weights.values)
    drawn = np.empty(count, dtype=np.int32)
    first = 0
    for days, share in _parts(preset, count):
        day_wheel = Wheel([day_weight(preset, calendar, day, seasons) for day in days])
        since = (days[0] - preset.period.first_on).days
        for start in range(0, share, _DRAWN_AT_ONCE):
            ratios = draws.column(3 * min(share - start, _DRAWN_AT_ONCE)).reshape(-1, 3)
            seconds = (day_wheel.places(ratios[:, 0]) + since) * _DAY_SECONDS
            seconds += hour_wheel.places(ratios[:, 1]) * 3600 + (ratios[:, 2] * 3600).astype(np.int64)
            drawn[first : first + len(seconds)] = seconds
            first += len(seconds)
    drawn.sort()
    return drawn


def _parts(preset: Preset, count: int) -> list[tuple[list[date], int]]:
    """The days of each part of the period, and how many filings come on them together."""
    days = days_of(preset)
    if not preset.parts:
        return [(days, count)]
    shares = share_out(count, [part.weight for part in preset.parts])
    return [
        ([day for day in days if part.first_on <= day <= part.last_on], share)
        for part, share in zip(preset.parts, shares, strict=True)
    ]


def start_of_day(day: date) -> datetime:
    """Midnight in Vietnam."""
    return datetime.combine(day, time(), VIETNAM_TIME)


def days_of(preset: Preset) -> list[date]:
    """The days of the period."""
    first_on = preset.period.first_on
    return [first_on + timedelta(days=n) for n in range((preset.period.last_on - first_on).days + 1)]


def day_weight(preset: Preset, calendar: CalendarData, day: date, seasons: Sequence[Season] = ()) -> float:
    """How much is filed on a day, beside other days."""
    weight = float(_weekday_weight(preset, calendar, day))
    for season in (*preset.seasons, *seasons):
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
