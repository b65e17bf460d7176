"""Counts failed attempts by address, in this process's memory: a brake on guessing, not a wall."""

import threading
from typing import Final

from services.runtime.clock import monotonic_seconds

#: Failed attempts that an address has in each window.
ATTEMPTS: Final = 10
WINDOW_SECONDS: Final = 60.0

#: Addresses remembered at most; when full, the memory starts afresh.
MAX_ADDRESSES: Final = 10_000


class Throttle:
    """Remembers when each address failed lately. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[str, list[float]] = {}

    def wait_seconds(self, address: str) -> int:
        """How long the address has to wait before it may try again; 0 means that it may."""
        with self._lock:
            recent = self._recent(address)
            if len(recent) < ATTEMPTS:
                return 0
            return int(recent[-ATTEMPTS] + WINDOW_SECONDS - monotonic_seconds()) + 1

    def record_failure(self, address: str) -> None:
        """The address has failed once more."""
        with self._lock:
            if len(self._failures) >= MAX_ADDRESSES:
                self._failures.clear()
            self._failures[address] = [*self._recent(address), monotonic_seconds()]

    def _recent(self, address: str) -> list[float]:
        since_seconds = monotonic_seconds() - WINDOW_SECONDS
        return [at for at in self._failures.get(address, []) if at > since_seconds]
