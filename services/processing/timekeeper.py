"""The timekeeper finds partitions whose time has come and has workers run them.

It asks two questions. `wake_at <= now`, which is indexed, covers clocks that move by themselves and runs that a dead
worker left unfinished. What was stashed, which is next to nothing, covers commands that came while somebody worked on
their partition and had looked at its stash for the last time. It also sends the heartbeat task by which workers show
that they take messages.
"""

from collections.abc import Sequence
from typing import Final

from services.contracts.commands import QUEUE_DUE, TASK_HEARTBEAT, TASK_RUN_PARTITIONS, PartitionKey
from services.processing.application.running import LEASE
from services.processing.bootstrap import Parts
from services.processing.config import Settings
from services.runtime.clock import monotonic_seconds, real_now
from services.runtime.logs import configure_logs
from services.runtime.loops import Loop
from services.runtime.settings import read_settings

#: How often the question is asked when there is nothing to do.
TICK_SECONDS: Final = 0.05

#: Partitions that are woken at a time, and in one message.
PARTITIONS_PER_STEP: Final = 500
PARTITIONS_PER_MESSAGE: Final = 20

#: How often workers are asked for a sign of life.
HEARTBEAT_EVERY_SECONDS: Final = 1.0

#: No new wake-ups while this many messages wait already: workers are busy, the leases will bring the rest.
LONGEST_QUEUE: Final = 1000


class Timekeeper:
    """One step of it asks once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._looked_seconds = float("-inf")
        self._woken_seconds: dict[PartitionKey, float] = {}  #: partitions that were woken for their stash lately
        self._is_queue_full = False

    def step(self) -> bool:
        """Wake what is due; returns whether anything was."""
        self._look_at_queue()
        if self._is_queue_full:
            return False
        now = real_now()
        due = self._parts.store.claim_due(now, now + LEASE, limit=PARTITIONS_PER_STEP)
        due += self._stashed(due)
        for start in range(0, len(due), PARTITIONS_PER_MESSAGE):
            keys = due[start : start + PARTITIONS_PER_MESSAGE]
            self._parts.sender.send(TASK_RUN_PARTITIONS, QUEUE_DUE, partitions=[list(key) for key in keys])
        return bool(due)

    def _stashed(self, others: Sequence[PartitionKey]) -> list[PartitionKey]:
        """Partitions to be woken for their stash: each once a lease, its message may wait in a long queue."""
        now_seconds = monotonic_seconds()
        since_seconds = now_seconds - LEASE.total_seconds()
        self._woken_seconds = {key: at for key, at in self._woken_seconds.items() if at > since_seconds}
        found = set(self._parts.store.with_stash(PARTITIONS_PER_STEP)) - self._woken_seconds.keys()
        self._woken_seconds |= dict.fromkeys(found, now_seconds)
        return sorted(found.difference(others))

    def _look_at_queue(self) -> None:
        """Once a second: is there room, and do workers take messages?"""
        now_seconds = monotonic_seconds()
        if now_seconds - self._looked_seconds < HEARTBEAT_EVERY_SECONDS:
            return
        self._looked_seconds = now_seconds
        self._is_queue_full = self._parts.sender.queue_length(QUEUE_DUE) >= LONGEST_QUEUE
        if not self._is_queue_full:
            self._parts.sender.send(TASK_HEARTBEAT, QUEUE_DUE)


def main() -> None:
    """Run until SIGTERM."""
    settings = read_settings(Settings)
    configure_logs("processing timekeeper", settings.log_level)
    parts = Parts(settings, "processing timekeeper")
    loop = Loop(parts.heartbeat, idle_seconds=TICK_SECONDS)
    loop.stop_on_signals()
    loop.run(Timekeeper(parts).step)
    parts.database.close()
