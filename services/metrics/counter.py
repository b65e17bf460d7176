"""The counter process: follows the facts and counts them, until it is told to stop.

May be killed at any moment: counts and positions move together, and what it hadn't counted is sent again.
"""

from services.metrics.bootstrap import build_counter
from services.metrics.config import CounterSettings
from services.runtime.heartbeat import Heartbeat
from services.runtime.loops import Loop


def run_counter(settings: CounterSettings) -> None:
    """Count until SIGTERM or SIGINT."""
    # A step waits for news by itself, up to half a second.
    loop = Loop(Heartbeat(settings.heartbeat_file), idle_seconds=0)
    loop.stop_on_signals()
    loop.run(build_counter(settings).step)
