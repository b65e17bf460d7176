"""The only module that asks the machine what time it is, and the arithmetic of virtual clocks.

Domain code is told `now`; entry points get it from here. A sandbox's clock is a `ClockSetting`; this module turns a
setting and a real instant into a virtual one and back.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from services.contracts.commands import ClockSetting
from services.contracts.vocabulary import ClockMode

#: A clock that moves by itself stops here: a year before the calendar's last day, because deadlines reach ahead.
#: A million times as fast as life it comes here from 2018 within seven minutes.
CLOCKS_STOP_AT: Final = datetime(2031, 12, 31, tzinfo=UTC)


def real_now() -> datetime:
    """The machine's time: aware, UTC."""
    return datetime.now(UTC)


def monotonic_seconds() -> float:
    """Seconds for measuring durations; never goes back, means nothing by itself."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Block this thread for real `seconds`."""
    time.sleep(seconds)


def virtual_now(setting: ClockSetting, at: datetime) -> datetime:
    """What a clock with this setting shows at the real instant `at`.

    Never less than where it was set; and one that moves by itself stops at `CLOCKS_STOP_AT`.
    """
    if setting.mode is ClockMode.MANUAL or setting.virtual_at >= CLOCKS_STOP_AT:
        return setting.virtual_at
    elapsed = max(at - setting.real_at, timedelta(0))
    # Divided, not multiplied: a clock left alone for a week would overflow.
    if elapsed >= (CLOCKS_STOP_AT - setting.virtual_at) / setting.speed:
        return CLOCKS_STOP_AT
    return setting.virtual_at + elapsed * setting.speed


def real_instant_of(setting: ClockSetting, virtual_at: datetime) -> datetime | None:
    """The real instant at which the clock will show `virtual_at`; `None` when it never does by itself."""
    if setting.mode is ClockMode.MANUAL or virtual_at > max(setting.virtual_at, CLOCKS_STOP_AT):
        return None
    return setting.real_at + max(virtual_at - setting.virtual_at, timedelta(0)) / setting.speed


def wait_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """Whether `condition` came true in time; asks often at first, then every 50 ms, after seconds every 200 ms."""
    deadline = monotonic_seconds() + timeout_seconds
    delay_seconds, asked = 0.002, 0
    while not condition():
        if monotonic_seconds() >= deadline:
            return False
        pause(delay_seconds)
        asked += 1
        delay_seconds = min(delay_seconds * 1.5, 0.05 if asked < 60 else 0.2)
    return True
