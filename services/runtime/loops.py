"""A loop that runs one step again and again until it is told to stop; what every background process is made of.

A step says whether it did something: then the next follows at once, otherwise after a short pause. An error that may
pass (broker or database away) is logged and tried again with growing pauses; anything else ends the process, and
whoever supervises it starts a clean one.
"""

import signal
import threading
from collections.abc import Callable
from types import FrameType

import structlog
from kombu.exceptions import OperationalError as BrokerAwayError
from psycopg import OperationalError as DatabaseAwayError
from psycopg_pool import PoolTimeout
from redis.exceptions import ConnectionError as RedisAwayError
from redis.exceptions import TimeoutError as RedisTimeoutError

from services.runtime.heartbeat import Heartbeat

log = structlog.get_logger()

#: Errors that pass by themselves when a server comes back.
PASSING_ERRORS: tuple[type[Exception], ...] = (
    DatabaseAwayError,
    PoolTimeout,
    RedisAwayError,
    RedisTimeoutError,
    BrokerAwayError,
    ConnectionError,
)


#: A loop that has found nothing to do for a while looks this many times less often: idle processes cost little.
LONGEST_IDLE_FACTOR = 5


class Loop:
    """Runs steps until SIGTERM or SIGINT."""

    def __init__(self, heartbeat: Heartbeat, *, idle_seconds: float) -> None:
        self._heartbeat = heartbeat
        self._idle_seconds = idle_seconds
        self._stopping = threading.Event()

    def stop_on_signals(self) -> None:
        """Finish the current step, then return from `run`."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def stop(self) -> None:
        """Ask the loop to end after its current step."""
        self._stopping.set()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def run(self, step: Callable[[], bool]) -> None:
        """Call `step` until stopped; `step` returns whether there may be more to do right now."""
        failures = 0
        idle_seconds = self._idle_seconds
        while not self._stopping.is_set():
            try:
                busy = step()
            except PASSING_ERRORS as error:
                failures += 1
                log.warning("step_failed", error=str(error), error_type=type(error).__name__, failures=failures)
                self._stopping.wait(min(0.1 * 2 ** min(failures, 5), 2.0))
                continue
            failures = 0
            self._heartbeat.beat()
            if busy:
                idle_seconds = self._idle_seconds
            else:
                self._stopping.wait(idle_seconds)
                idle_seconds = min(idle_seconds * 1.2, self._idle_seconds * LONGEST_IDLE_FACTOR)
