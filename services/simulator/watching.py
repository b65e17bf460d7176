"""Two onlookers of a run, each in a thread and with a connection of its own.

The follower waits for each step of the clock until all that fell due has happened: the crowd keeps a bounded lead by
it, and it is from there that the report knows who waited for whom. The watcher asks for the counts now and then, as
anybody may who has the key.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from motcua import Advanced

from services.runtime.clock import monotonic_seconds
from services.runtime.errors import MotcuaError
from services.simulator.door import Door

#: Longest real time that a step may take (seconds); a slow machine needs minutes for a day of a whole country.
SETTLE_PATIENCE_SECONDS: Final = 900.0

#: The watcher asks again after this long, or, when answers take their time, after so many times as long: what a run
#: looks like must not cost more than a hundredth of it.
_LOOK_SECONDS: Final = 1.0
_REST_FACTOR: Final = 100.0


class NotSettledError(MotcuaError):
    """A step didn't settle in time: one of the services is gone, or has far too much to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """A move of the clock.

    Attributes:
        to: Where it stands then.
        asked: The portal's answer; `None`: everything asked before the run was gone on with.
        number: Its place among the run's steps that file something; `None`: it files nothing.
    """

    to: datetime
    asked: Advanced | None
    number: int | None = None


class Follower:
    """Follows steps until they have settled, in their order.

    Args:
        door: For its thread alone.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._steps: deque[Step] = deque()
        self._changed = threading.Condition()
        self._settled_to: datetime | None = None
        self._settled_at: dict[int, float] = {}
        self._error: Exception | None = None
        self._is_closed = False
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)
        self._thread.start()

    @property
    def settled_to(self) -> datetime | None:
        """What was to happen up to here has happened, and stands in the read model; `None`: nothing known yet."""
        return self._settled_to

    @property
    def settled_at(self) -> Mapping[int, float]:
        """When steps were seen to have settled, by their number; by `monotonic_seconds`."""
        with self._changed:
            return dict(self._settled_at)

    def follow(self, step: Step) -> None:
        """Follow one more."""
        with self._changed:
            self._steps.append(step)
            self._changed.notify_all()

    def wait(self, to: datetime) -> float:
        """Wait until all up to an instant has happened; there is a step that goes there. Returns real seconds.

        Raises:
            MotcuaError: as `Door` does; or `NotSettledError`.
            Exception: whatever else ended the following.
        """
        begun = monotonic_seconds()
        with self._changed:
            while self._error is None and (self._settled_to is None or self._settled_to < to):
                if not self._changed.wait(SETTLE_PATIENCE_SECONDS):
                    raise NotSettledError(f"{to.isoformat()}, {SETTLE_PATIENCE_SECONDS:.0f} s")
            if self._error is not None:
                raise self._error
        return monotonic_seconds() - begun

    def close(self) -> None:
        """Follow no more; what it is waiting for goes on without it."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _follow(self) -> None:
        try:
            while (step := self._next()) is not None:
                while not self._door.settle(step.asked).is_settled:
                    if self._is_closed:
                        return
                self._note(step)
        except Exception as error:  # noqa: BLE001 - whoever waits is told: nobody else would ever notice
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _next(self) -> Step | None:
        with self._changed:
            while not self._steps and not self._is_closed:
                self._changed.wait()
            return None if self._is_closed else self._steps.popleft()

    def _note(self, step: Step) -> None:
        with self._changed:
            self._settled_to = step.to
            if step.number is not None:
                self._settled_at[step.number] = monotonic_seconds()
            self._changed.notify_all()


class Watcher:
    """Looks at the counts again and again.

    Args:
        door: For its thread alone.
        tell: Is given each answer to `GET /api/v1/statistics`, in the watcher's thread.
    """

    def __init__(self, door: Door, tell: Callable[[Mapping[str, Any]], None]) -> None:
        self._door = door
        self._tell = tell
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        self._thread.join(_LOOK_SECONDS)

    def _watch(self) -> None:
        rest_seconds = _LOOK_SECONDS
        while not self._closed.wait(rest_seconds):
            asked_at = monotonic_seconds()
            try:
                counts = self._door.statistics("none")
            except MotcuaError:
                # The run itself will say so, if it matters: counting may be away for longer than anybody likes to wait.
                continue
            rest_seconds = max(_LOOK_SECONDS, _REST_FACTOR * (monotonic_seconds() - asked_at))
            if not self._closed.is_set():
                self._tell(counts)
