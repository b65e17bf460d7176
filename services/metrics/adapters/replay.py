"""Getting the ledger once more: asks processing by a Celery command, reads the answer from a stream of our own.

Key:
    motcua:recount:<uuid>   stream of `FactBatch` entries: made here, filled by processing, deleted here when a recount
                            ends; gone means that nobody reads it any more
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

import redis
import structlog
from kombu.exceptions import OperationalError as BrokerAwayError
from redis.exceptions import RedisError

from services.contracts.commands import QUEUE_REPLAY, TASK_REPLAY
from services.contracts.facts import FactBatch
from services.runtime.celery_app import TaskSender
from services.runtime.clock import monotonic_seconds
from services.runtime.errors import ProblemError
from services.runtime.streams import PRIVATE_STREAM_SECONDS, read_private_stream

log = structlog.get_logger()

#: Recounts at a time: each keeps a request thread busy, and questions must still be answered.
RECOUNTS_AT_ONCE: Final = 2

#: Longest single wait for the stream, below the client's socket timeout of ten seconds.
_READ_SECONDS: Final = 2.0


class StreamLedgerReplay:
    """A `LedgerReplay` over the broker and a private stream."""

    def __init__(self, client: "redis.Redis", sender: TaskSender, *, patience_seconds: float) -> None:
        """Connects when first used.

        Args:
            client: Redis.
            sender: of Celery commands.
            patience_seconds: how long nothing new may come before a replay counts as failed.
        """
        self._redis = client
        self._sender = sender
        self._patience_seconds = patience_seconds
        self._free = BoundedSemaphore(RECOUNTS_AT_ONCE)

    def replay(self, sandbox_id: str, partitions: Sequence[int], on_batch: Callable[[FactBatch], bool]) -> bool:
        """Feed the ledger to `on_batch`; False when it stops coming."""
        stream = f"motcua:recount:{uuid.uuid4().hex}"
        with self._turn(), _broker_problems():
            try:
                # The only way to make a stream with nothing in it.
                self._redis.xgroup_create(stream, "recount", mkstream=True)
                self._redis.expire(stream, PRIVATE_STREAM_SECONDS)
                self._sender.send(
                    TASK_REPLAY,
                    QUEUE_REPLAY,
                    wanted=[[sandbox_id, partition, 0] for partition in partitions],
                    to_stream=stream,
                )
                return self._read(stream, on_batch)
            finally:
                self._redis.delete(stream)

    def _read(self, stream: str, on_batch: Callable[[FactBatch], bool]) -> bool:
        """Progress is a position not seen before: what is only sent or read again doesn't keep a recount alive."""
        last_progress_seconds = monotonic_seconds()
        seen: dict[int, int] = {}

        def noticed(batch: FactBatch) -> bool:
            nonlocal last_progress_seconds
            last_position = batch.block.last if batch.block else 0
            if last_position > seen.get(batch.partition, 0):
                seen[batch.partition] = last_position
                last_progress_seconds = monotonic_seconds()
            return on_batch(batch)

        while not read_private_stream(self._redis, stream, noticed, timeout_seconds=_READ_SECONDS):
            if monotonic_seconds() - last_progress_seconds > self._patience_seconds:
                log.warning("recount_starved", stream=stream)
                return False
        return True

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._free.acquire(blocking=False):
            raise ProblemError(
                "recount-busy",
                503,
                f"{RECOUNTS_AT_ONCE} recounts are running already; try again when one is done.",
                headers={"Retry-After": "10"},
            )
        try:
            yield
        finally:
            self._free.release()


@contextmanager
def _broker_problems() -> Iterator[None]:
    try:
        yield
    except (RedisError, BrokerAwayError, ConnectionError) as error:
        log.warning("broker_away", error=str(error))
        raise ProblemError(
            "unavailable", 503, "The broker can't be reached right now; try again.", headers={"Retry-After": "2"}
        ) from error
