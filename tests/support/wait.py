"""Waiting for something that happens in another process: by looking, never by sleeping a fixed time."""

import time
from collections.abc import Callable


def until(condition: Callable[[], object], timeout_seconds: float = 20.0, *, what: str = "") -> None:
    """Return as soon as `condition` is true; fail the test when it isn't in time."""
    deadline = time.monotonic() + timeout_seconds
    delay_seconds = 0.005
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_seconds} s: {what or condition}")
        time.sleep(delay_seconds)
        delay_seconds = min(delay_seconds * 1.5, 0.1)
