"""Counts attempts by address, in this process's memory: a brake on guessing, not a wall."""

import threading
from typing import Final

from services.runtime.clock import monotonic_seconds

#: Failed attempts to sign in that an address has in each window.
ATTEMPTS: Final = 10
WINDOW_SECONDS: Final = 60.0

#: Addresses remembered at most; when full, the memory starts afresh.
MAX_ADDRESSES: Final = 10_000


class Throttle:
    """Remembers what each address tried lately. Thread-safe.

    Args:
        attempts: how many an address has in each window.
        window_seconds: real seconds.
    """

    def __init__(self, attempts: int = ATTEMPTS, window_seconds: float = WINDOW_SECONDS) -> None:
        self._attempts = attempts
        self._window_seconds = window_seconds
        self._lock = threading.Lock()
        self._tries: dict[str, list[float]] = {}

    def wait_seconds(self, address: str) -> int:
        """How long the address has to wait before it may try again; 0 means that it may."""
        with self._lock:
            recent = self._recent(address)
            if len(recent) < self._attempts:
                return 0
            return int(recent[-self._attempts] + self._window_seconds - monotonic_seconds()) + 1

    def record(self, address: str) -> None:
        """The address has tried once more."""
        with self._lock:
            if len(self._tries) >= MAX_ADDRESSES:
                self._tries.clear()
            self._tries[address] = [*self._recent(address), monotonic_seconds()]

    def _recent(self, address: str) -> list[float]:
        since_seconds = monotonic_seconds() - self._window_seconds
        return [at for at in self._tries.get(address, []) if at > since_seconds]
