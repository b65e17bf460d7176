"""The only module that asks the machine what time it is, and the arithmetic of virtual clocks.

Domain code is told `now`; entry points get it from here. A sandbox's clock is a `ClockSetting`; this module turns a
setting and a real instant into a virtual one and back.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.contracts.commands import ClockSetting
from services.contracts.vocabulary import ClockMode


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
    """What a clock with this setting shows at the real instant `at`; a clock never shows less than where it was set."""
    if setting.mode is ClockMode.MANUAL:
        return setting.virtual_at
    elapsed = max(at - setting.real_at, timedelta(0))
    return setting.virtual_at + elapsed * setting.speed


def real_instant_of(setting: ClockSetting, virtual_at: datetime) -> datetime | None:
    """The real instant at which the clock will show `virtual_at`; `None` when it never does by itself (manual)."""
    if setting.mode is ClockMode.MANUAL:
        return None
    return setting.real_at + max(virtual_at - setting.virtual_at, timedelta(0)) / setting.speed


def wait_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """Whether `condition` came true in time; asks often at first, then every 50 ms."""
    deadline = monotonic_seconds() + timeout_seconds
    delay_seconds = 0.002
    while not condition():
        if monotonic_seconds() >= deadline:
            return False
        pause(delay_seconds)
        delay_seconds = min(delay_seconds * 1.5, 0.05)
    return True
