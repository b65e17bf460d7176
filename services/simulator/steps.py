"""How a crowd's windows are put together to steps of the clock.

Settled before anything is filed, so that a run that is gone on with makes the same steps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.simulator.windows import WindowPlan

#: A step files at least so much, if nothing speaks against it: a move of the clock costs the services as much as some
#: hundred dossiers. And not much more: what names earlier declarations waits for the end of whole steps.
LEAST_LINES: Final = 5_000

#: A step is no longer than this, or than one window.
LONGEST: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Windows that are filed one after the other before the clock is moved to the end of the last one.

    Attributes:
        start: Where the clock stands meanwhile.
    """

    windows: tuple[WindowPlan, ...]
    start: datetime

    @property
    def end(self) -> datetime:
        """Where the clock is moved to."""
        return self.windows[-1].end

    @property
    def count(self) -> int:
        """All that it files."""
        return sum(window.count for window in self.windows)

    @property
    def needed_until(self) -> datetime:
        """What was to happen up to here has to have happened before it begins."""
        return max(max(window.settled_until, window.fed_until) for window in self.windows)


def steps_of(plans: Sequence[WindowPlan]) -> list[StepPlan]:
    """The steps of all windows, in order."""
    return list(_steps(plans))


def _steps(plans: Sequence[WindowPlan]) -> Iterator[StepPlan]:
    windows: list[WindowPlan] = []
    start = plans[0].start
    for plan in plans:
        if windows and not _may_join(windows, plan, start):
            yield StepPlan(tuple(windows), start)
            start = windows[-1].end
            windows = []
        windows.append(plan)
    yield StepPlan(tuple(windows), start)


def _may_join(windows: Sequence[WindowPlan], plan: WindowPlan, start: datetime) -> bool:
    """Whether a window can be filed while the clock still stands at the start of these."""
    is_small = sum(window.count for window in windows) < LEAST_LINES and plan.end - start <= LONGEST
    return is_small and max(plan.settled_until, plan.fed_until) <= start
