"""Waiting for an effect, without letting those who wait keep everybody else out.

A request that waits holds one of the web server's threads. There are fewer seats than threads, and fewer for one
sandbox than there are seats; whoever finds none is answered at once, as if its time were up, and may ask again.
"""

import threading
from collections import Counter
from collections.abc import Callable

from services.runtime.clock import wait_until


class WaitingRoom:
    """Seats for waiting requests; one room a process.

    Args:
        seats: requests that may wait at the same time.
        seats_per_sandbox: of these, for one sandbox.
    """

    def __init__(self, seats: int, seats_per_sandbox: int) -> None:
        self._seats = seats
        self._seats_per_sandbox = seats_per_sandbox
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def wait(self, sandbox_id: str, condition: Callable[[], bool], timeout_seconds: float) -> bool:
        """Whether the condition came true in time; asked at least once, also when there is no seat."""
        if condition():
            return True
        if timeout_seconds <= 0 or not self._sit_down(sandbox_id):
            return False
        try:
            return wait_until(condition, timeout_seconds)
        finally:
            self._stand_up(sandbox_id)

    def _sit_down(self, sandbox_id: str) -> bool:
        with self._lock:
            is_full = self._taken.total() >= self._seats or self._taken[sandbox_id] >= self._seats_per_sandbox
            if not is_full:
                self._taken[sandbox_id] += 1
            return not is_full

    def _stand_up(self, sandbox_id: str) -> None:
        with self._lock:
            self._taken[sandbox_id] -= 1
            if not self._taken[sandbox_id]:
                del self._taken[sandbox_id]
