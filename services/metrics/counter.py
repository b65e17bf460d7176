"""The counter process: follows the facts and counts them, until it is told to stop.

May be killed at any moment: counts and positions move together, and what it hadn't counted is sent again.
"""

import gc

from services.metrics.bootstrap import build_counter
from services.metrics.config import CounterSettings
from services.runtime.heartbeat import Heartbeat
from services.runtime.loops import Loop

#: Objects that may be made before the collector of cycles looks at the youngest. A slice of the ledger makes some ten
#: thousand that all go as they came, without a cycle: looking through them again and again was a third of counting.
YOUNG_OBJECTS = 100_000


def run_counter(settings: CounterSettings) -> None:
    """Count until SIGTERM or SIGINT."""
    # A step waits for news by itself, up to half a second.
    loop = Loop(Heartbeat(settings.heartbeat_file), idle_seconds=0)
    loop.stop_on_signals()
    counter = build_counter(settings)
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    loop.run(counter.step)
