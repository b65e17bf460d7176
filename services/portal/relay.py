"""The relay: sends the outbox to processing: `python -m services.portal relay`.

A command stays in the outbox until processing has acknowledged it through the facts. What isn't acknowledged in time is
sent again, later where processing is seen to come on; processing recognises by its sequence what it has carried out
already. Where processing is behind, commands wait here, where each sandbox has its turn, and not in the broker.

Being the one process of the portal that always runs and rarely works, it also removes what has expired.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from services.contracts.commands import QUEUE_COMMANDS, TASK_TAKE_COMMANDS, PartitionKey
from services.portal.adapters.sql_outbox import WaitingCommands
from services.portal.bootstrap import Parts
from services.portal.config import Settings
from services.runtime.clock import monotonic_seconds, pause, real_now
from services.runtime.logs import configure_logs
from services.runtime.loops import Loop
from services.runtime.settings import read_settings

#: How often the outbox is looked at when it is empty.
TICK_SECONDS: Final = 0.02

#: Commands taken from the outbox in one step.
COMMANDS_PER_STEP: Final = 500

#: An acknowledgement is waited for this long before a command is sent again (then twice as long, and so on).
PATIENCE_SECONDS: Final = 3.0

#: The same while others are acknowledged: then most of what isn't has arrived, and waits for its turn. Half of what a
#: crowd filed was sent twice.
PATIENCE_IN_TURN_SECONDS: Final = 20.0

#: How often unacknowledged commands are looked for.
CHECK_EVERY_SECONDS: Final = 1.0

#: How often what has expired is removed, and how much at a time: a step is short, so that commands aren't kept waiting.
EXPIRE_EVERY_SECONDS: Final = 60.0
EXPIRED_PER_STEP: Final = 2000

#: Nothing is sent while about this many messages wait: then workers are behind, not messages lost. A queue of them is
#: work for some seconds, and as long as whoever comes next has to wait.
LONGEST_QUEUE: Final = 50

#: How often a queue that was full is looked at.
LOOK_EVERY_SECONDS: Final = 0.1

#: Dossiers and actions in one message, and batches: several partitions share one up to this. A batch may set off a run
#: of several seconds, and a task's time is limited.
ROWS_PER_MESSAGE: Final = 1000
BATCHES_PER_MESSAGE: Final = 20

#: After so few dossiers and actions the relay waits a moment for company: each message costs a transaction in four
#: processes, which compete with the door for the CPU. When little comes the moment is short, because somebody may be
#: looking on; when much comes it is longer, and spares most of what is done behind the door.
FEW_ROWS: Final = 1000
SHORTEST_COMPANY_SECONDS: Final = 0.015
LONGEST_COMPANY_SECONDS: Final = 0.1
#: Dossiers and actions a second at which it is longest.
MUCH_TRAFFIC: Final = 1000


class Relay:
    """One step of it sends once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._checked_seconds = float("-inf")
        self._looked_seconds = float("-inf")
        self._taken_seconds = float("-inf")
        self._expire_at_seconds = float("-inf")
        self._room = 0  #: messages until the queue has to be looked at again
        self._heads: Mapping[PartitionKey, int] = {}  #: what was waited for when it was last looked at
        self._moved_seconds = float("-inf")  #: when something of that had been acknowledged

    def step(self) -> bool:
        """Send what is new, and what seems lost; returns whether anything was new."""
        now_seconds = monotonic_seconds()
        if now_seconds - self._checked_seconds >= CHECK_EVERY_SECONDS:
            self._checked_seconds = now_seconds
            self._send_again()
            self._expire(now_seconds)
        if not self._has_room():
            return False
        with self._parts.outbox.unsent(real_now(), COMMANDS_PER_STEP) as batches:
            self._send(batches)
        if 0 < (weight := sum(batch.weight for batch in batches)) < FEW_ROWS:
            pause(company_seconds(weight / max(now_seconds - self._taken_seconds, SHORTEST_COMPANY_SECONDS)))
        if batches:
            self._taken_seconds = now_seconds
        return bool(batches)

    def _send_again(self) -> None:
        self._look()
        if self._room <= 0:
            return
        patience_seconds = PATIENCE_IN_TURN_SECONDS if self._is_moving() else PATIENCE_SECONDS
        with self._parts.outbox.unacknowledged(real_now(), patience_seconds, COMMANDS_PER_STEP) as batches:
            self._send(batches)

    def _is_moving(self) -> bool:
        """Whether acknowledgements of what was waited for have come lately."""
        before, self._heads = self._heads, self._parts.outbox.heads(real_now(), PATIENCE_SECONDS)
        if any(self._heads.get(key) != first for key, first in before.items()):
            self._moved_seconds = self._checked_seconds
        return self._checked_seconds - self._moved_seconds < PATIENCE_SECONDS

    def _expire(self, now_seconds: float) -> None:
        if now_seconds >= self._expire_at_seconds and not self._parts.expiry.remove(EXPIRED_PER_STEP):
            self._expire_at_seconds = now_seconds + EXPIRE_EVERY_SECONDS

    def _has_room(self) -> bool:
        """Whether the queue takes more; asks the broker once for many messages."""
        if self._room <= 0 and monotonic_seconds() - self._looked_seconds >= LOOK_EVERY_SECONDS:
            self._look()
        return self._room > 0

    def _look(self) -> None:
        self._looked_seconds = monotonic_seconds()
        self._room = LONGEST_QUEUE - self._parts.sender.queue_length(QUEUE_COMMANDS)

    def _send(self, batches: Sequence[WaitingCommands]) -> None:
        for message in _messages(batches):
            self._parts.sender.send(TASK_TAKE_COMMANDS, QUEUE_COMMANDS, batches=[batch.to_wire() for batch in message])
            self._room -= 1


def company_seconds(rows_per_second: float) -> float:
    """How long to wait for company at so much traffic."""
    share = min(rows_per_second / MUCH_TRAFFIC, 1.0)
    return SHORTEST_COMPANY_SECONDS + share * (LONGEST_COMPANY_SECONDS - SHORTEST_COMPANY_SECONDS)


def _messages(batches: Sequence[WaitingCommands]) -> list[list[WaitingCommands]]:
    """Small batches travel together; a large one travels alone, so that two workers can share the work."""
    messages: list[list[WaitingCommands]] = []
    room = 0  # so that the first batch opens the first message
    for batch in batches:
        if batch.weight > room or len(messages[-1]) == BATCHES_PER_MESSAGE:
            messages.append([])
            room = ROWS_PER_MESSAGE
        messages[-1].append(batch)
        room -= batch.weight
    return messages


def main() -> None:
    """Run until SIGTERM."""
    settings = read_settings(Settings)
    configure_logs("portal relay", settings.log_level)
    parts = Parts(settings, "portal relay")
    loop = Loop(parts.heartbeat, idle_seconds=TICK_SECONDS)
    loop.stop_on_signals()
    loop.run(Relay(parts).step)
    parts.database.close()
