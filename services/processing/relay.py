"""The relay: puts the ledger on the streams: `python -m services.processing relay`.

Publishes what is new, then marks it; killed in between, it publishes again, and consumers drop what they know. It
announces heads so that a lost tail is seen: all of them when it starts and whenever Redis has lost its past, the recent
ones every second. (A consumer that starts asks for all of them by itself.)
"""

from datetime import timedelta
from typing import Final

import structlog

from services.processing.bootstrap import Parts
from services.processing.config import Settings
from services.runtime.clock import monotonic_seconds
from services.runtime.logs import configure_logs
from services.runtime.loops import Loop
from services.runtime.settings import read_settings

log = structlog.get_logger()

#: How often the ledger is looked at when there is nothing new.
TICK_SECONDS: Final = 0.02

#: Facts published in one step.
FACTS_PER_STEP: Final = 32_000

#: Recent heads are announced this often, and count as recent for this long.
ANNOUNCE_EVERY_SECONDS: Final = 1.0
RECENT: Final = timedelta(seconds=30)


class Relay:
    """One step of it publishes once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._announced_seconds = float("-inf")
        self._has_announced_all = False

    def step(self) -> bool:
        """Publish what is new; returns whether there was any."""
        publisher, ledger = self._parts.publisher, self._parts.ledger
        with ledger.unpublished(FACTS_PER_STEP) as batches:
            publisher.publish(batches)
        now_seconds = monotonic_seconds()
        if now_seconds - self._announced_seconds >= ANNOUNCE_EVERY_SECONDS:
            self._announced_seconds = now_seconds
            self._announce_heads()
        return bool(batches)

    def _announce_heads(self) -> None:
        publisher, ledger = self._parts.publisher, self._parts.ledger
        is_intact = publisher.past_is_intact()
        if is_intact and self._has_announced_all:
            publisher.publish(ledger.heads(RECENT))
            return
        # At the start too: what changed while no relay ran, and was published by one that was killed, isn't recent.
        publisher.publish(ledger.heads(None))
        self._has_announced_all = True
        if not is_intact:
            log.info("stream_past_lost")
            # Last: killed before this, it announces them once more.
            publisher.begin_anew()


def main() -> None:
    """Run until SIGTERM."""
    settings = read_settings(Settings)
    configure_logs("processing relay", settings.log_level)
    parts = Parts(settings, "processing relay")
    loop = Loop(parts.heartbeat, idle_seconds=TICK_SECONDS)
    loop.stop_on_signals()
    loop.run(Relay(parts).step)
    parts.database.close()
