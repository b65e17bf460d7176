"""How fast a run goes: dossiers a second, now and on average, and how much time is left."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

#: "Now" is this long (seconds): longer than a step of the pipeline, short enough to show that something has stopped.
_NOW_SECONDS: Final = 15.0


@dataclass(slots=True)
class Pace:
    """Follows a count that grows to a total.

    Attributes:
        total: Where it ends.
    """

    total: int
    _points: deque[tuple[float, int]] = field(default_factory=deque)
    _first: tuple[float, int] | None = None

    def note(self, seconds: float, count: int) -> None:
        """The count at an instant of a clock that never goes back; one more than a tenth of a second after the last."""
        if self._first is None:
            self._first = (seconds, count)
        if self._points and seconds - self._points[-1][0] < 0.1:
            return
        self._points.append((seconds, count))
        while len(self._points) > 2 and seconds - self._points[1][0] >= _NOW_SECONDS:
            self._points.popleft()

    @property
    def now(self) -> float | None:
        """A second, lately; `None`: not known yet."""
        return _rate(self._points[0], self._points[-1]) if self._points else None

    @property
    def mean(self) -> float | None:
        """A second, since the first instant."""
        return _rate(self._first, self._points[-1]) if self._first and self._points else None

    @property
    def seconds_left(self) -> float | None:
        """Until it comes to the total, at the mean rate; `None`: not known."""
        if not self._points or not self.mean:
            return None
        return max(self.total - self._points[-1][1], 0) / self.mean


def _rate(earlier: tuple[float, int], later: tuple[float, int]) -> float | None:
    seconds = later[0] - earlier[0]
    return (later[1] - earlier[1]) / seconds if seconds > 0 else None
