"""Where clocks stop, and what they show on the way."""

from datetime import UTC, datetime, time, timedelta

import pytest

from services.contracts.commands import ClockSetting
from services.contracts.vocabulary import ClockMode
from services.portal.application.clocks import ClockRange
from services.runtime.catalogue import HORIZON
from services.runtime.clock import CLOCKS_STOP_AT, real_instant_of, virtual_now

START = datetime(2018, 6, 4, tzinfo=UTC)
SET_AT = datetime(2026, 1, 5, tzinfo=UTC)


def test_clocks_stop_where_they_may_be_set_to_at_most() -> None:
    """The instant is written down twice: importing the catalogue is too much for all who ask what time it is."""
    assert ClockRange.of_calendar(*HORIZON).last_at == CLOCKS_STOP_AT
    last_at = datetime.combine(HORIZON[1], time(), UTC)
    assert timedelta(days=365) <= last_at - CLOCKS_STOP_AT <= timedelta(days=366)


@pytest.mark.parametrize("speed", [1.0, 3600.0, 1e6])
def test_the_real_instant_of_what_a_clock_shows_is_its_inverse(speed: float) -> None:
    setting = ClockSetting(ClockMode.SCALED, SET_AT, START, speed)
    for elapsed in (timedelta(0), timedelta(seconds=1), timedelta(minutes=6)):
        shown = virtual_now(setting, SET_AT + elapsed)
        assert shown == START + elapsed * speed
        assert real_instant_of(setting, shown) == SET_AT + elapsed
    assert virtual_now(setting, SET_AT - timedelta(hours=1)) == START
    assert real_instant_of(setting, CLOCKS_STOP_AT + timedelta(seconds=1)) is None


def test_a_clock_left_alone_stops() -> None:
    setting = ClockSetting(ClockMode.SCALED, SET_AT, START, 1e6)
    assert virtual_now(setting, SET_AT + timedelta(days=3650)) == CLOCKS_STOP_AT
