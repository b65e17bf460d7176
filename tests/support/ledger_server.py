"""Processing's part of a replay, by hand: holds ledgers, publishes facts, and answers `processing.replay` messages."""

from dataclasses import dataclass, field
from typing import Any

import redis
from kombu import Connection

from services.contracts.commands import QUEUE_REPLAY
from services.contracts.facts import FactBatch
from services.runtime.streams import FactPublisher, encode_batch
from tests.support.facts import HandLedger


@dataclass
class LedgerServer:
    """Ledgers by (sandbox, partition), and what was asked about them."""

    redis_url: str
    client: "redis.Redis"
    ledgers: dict[tuple[str, int], HandLedger] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    batch_size: int = 50

    def __post_init__(self) -> None:
        self._publisher = FactPublisher(self.client)

    def publish(self, *batches: FactBatch) -> None:
        """Put batches on their lanes."""
        if not self._publisher.past_is_intact():
            self._publisher.begin_anew()
        self._publisher.publish(map(encode_batch, batches))

    def publish_all(self) -> None:
        """Put every ledger on its lane, from the beginning."""
        for (sandbox_id, partition), ledger in self.ledgers.items():
            self.publish(*self._batches(ledger, sandbox_id, partition, 0))

    def answer(self, *, timeout_seconds: float = 0.2) -> bool:
        """Answer one message, if one comes in time."""
        with Connection(self.redis_url) as connection, connection.SimpleQueue(QUEUE_REPLAY) as queue:
            try:
                message = queue.get(timeout=timeout_seconds)
            except queue.Empty:
                return False
            message.ack()
            _, arguments, _ = message.payload
        self.asked.append(arguments)
        if question := arguments.get("heads_for"):
            self._publisher.answer(question, [])
        for sandbox_id, partition, after in arguments["wanted"]:
            batches = self._batches(self.ledgers[sandbox_id, partition], sandbox_id, partition, after)
            if stream := arguments.get("to_stream"):
                self._publisher.publish_to(stream, map(encode_batch, batches))
            else:
                self.publish(*batches)
        return True

    def _batches(self, ledger: HandLedger, sandbox_id: str, partition: int, after: int) -> list[FactBatch]:
        return [
            ledger.batch(sandbox_id, partition, start=start, stop=start + self.batch_size - 1)
            for start in range(after + 1, len(ledger.facts) + 1, self.batch_size)
        ]
