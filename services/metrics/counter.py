"""The counter process: follows the facts and counts them, until it is told to stop.

May be killed at any moment: counts and positions move together, and what it hadn't counted is sent again.
"""

import gc
from typing import Final

from services.metrics.bootstrap import CounterParts, build_counter
from services.metrics.config import CounterSettings
from services.runtime.clock import pause
from services.runtime.heartbeat import Heartbeat
from services.runtime.loops import Loop

#: Objects that may be made before the collector of cycles looks at the youngest. A slice of the ledger makes some ten
#: thousand that all go as they came, without a cycle: looking through them again and again was a third of counting.
YOUNG_OBJECTS: Final = 100_000

#: Entries taken at a time from each stream: blocks of up to 8,192 facts, which take about 8 MB each once decoded.
ENTRIES: Final = 4

#: After this many facts at once more are likely to come, and it pays to count them together: a dossier that is filed in
#: one slice and settled in a later one costs four rows written and read, and a sum is added to once a slice.
MANY_FACTS: Final = 8192
WAIT_FOR_MORE_SECONDS: Final = 0.5


def run_counter(settings: CounterSettings) -> None:
    """Count until SIGTERM or SIGINT."""
    # A step waits for news by itself, up to half a second.
    loop = Loop(Heartbeat(settings.heartbeat_file), idle_seconds=0)
    loop.stop_on_signals()
    parts = build_counter(settings)
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    loop.run(lambda: _step(parts))


def _step(parts: CounterParts) -> bool:
    parts.consumer.last_fact_count = 0
    has_read = parts.follower.step(count=ENTRIES)
    if parts.consumer.last_fact_count >= MANY_FACTS:
        pause(WAIT_FOR_MORE_SECONDS)
    return has_read
