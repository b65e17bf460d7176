"""The Celery tasks: each parses its message, calls one use case, returns nothing.

A message may be lost, late or twice; the use cases don't mind. Tasks work in bounded slices: what is left after
`TASK_SECONDS` is handed on as a new message, so that no task comes near the broker's visibility timeout, a worker that
is told to stop ends soon, and a long run keeps nobody else waiting.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from celery import Celery

from services.contracts.commands import (
    QUEUE_DUE,
    QUEUE_REPLAY,
    REPLAY_FACTS,
    TASK_HEARTBEAT,
    TASK_REPLAY,
    TASK_RUN_PARTITIONS,
    TASK_TAKE_COMMANDS,
    CommandBatch,
    PartitionKey,
)
from services.processing.bootstrap import Parts
from services.runtime.clock import monotonic_seconds, pause
from services.runtime.loops import PASSING_ERRORS
from services.runtime.memory import collector_paused

log = structlog.get_logger()

#: A task hands on its work after this long, and ends with the unit at hand; a stopping worker, which finishes its task,
#: has five seconds.
TASK_SECONDS: Final = 1.0

#: A recount's stream is not filled further while it holds this many entries.
REPLAY_STREAM_ENTRIES: Final = 40

#: How long a worker waits, for the reader of a full stream, before it hands the rest on.
REPLAY_PAUSE_SECONDS: Final = 0.05


def register_tasks(app: Celery, parts: Callable[[], Parts]) -> None:
    """Register every task under its stable name.

    Args:
        app: the application.
        parts: gives the process's own parts; called in the task, not at registration (a worker forks in between).
    """

    # Not shared: Celery would give them to every other application of the process as well.
    @app.task(name=TASK_TAKE_COMMANDS, shared=False)  # type: ignore[untyped-decorator]
    def take_commands(batches: list[dict[str, Any]]) -> None:
        _run(parts(), [((batch["sandbox_id"], batch["partition"]), batch) for batch in batches])

    @app.task(name=TASK_RUN_PARTITIONS, shared=False)  # type: ignore[untyped-decorator]
    def run_partitions(partitions: list[list[Any]]) -> None:
        _run(parts(), [((sandbox_id, partition), None) for sandbox_id, partition in partitions])

    @app.task(name=TASK_REPLAY, shared=False)  # type: ignore[untyped-decorator]
    def replay(wanted: list[list[Any]], heads_for: str | None = None, to_stream: str | None = None) -> None:
        _replay(parts(), {(sandbox_id, partition): after for sandbox_id, partition, after in wanted}, to_stream)
        if heads_for is not None:
            parts().publisher.answer(heads_for, parts().ledger.heads(None))

    @app.task(name=TASK_HEARTBEAT, shared=False)  # type: ignore[untyped-decorator]
    def heartbeat() -> None:
        parts().heartbeat.beat()


def _run(parts: Parts, work: Sequence[tuple[PartitionKey, dict[str, Any] | None]]) -> None:
    """Take each partition's commands, then run it until nothing is due; hand on what takes longer than a task may.

    Commands are never handed on: once the time is up, each partition takes what it got in one transaction more.
    """
    ends_at_seconds = monotonic_seconds() + TASK_SECONDS
    left: list[PartitionKey] = []
    for key, batch in work:
        try:
            if _run_one(parts, key, batch, ends_at_seconds):
                left.append(key)
        except PASSING_ERRORS:
            raise  # everybody's; the message comes back, or its sender sends again
        except Exception:
            log.exception("partition_failed", sandbox_id=key[0], partition=key[1])
    if left:
        parts.sender.send(TASK_RUN_PARTITIONS, QUEUE_DUE, partitions=[list(key) for key in left])


def _run_one(parts: Parts, key: PartitionKey, batch: dict[str, Any] | None, ends_at_seconds: float) -> bool:
    """Run one partition; returns whether there is more to do."""
    has_more = True
    with collector_paused():
        if batch is not None:
            has_more = parts.runner.run(key, CommandBatch.from_wire(batch).commands)
            parts.heartbeat.beat()
        while has_more and monotonic_seconds() < ends_at_seconds:
            has_more = parts.runner.run(key)
            parts.heartbeat.beat()
    return has_more


def _replay(parts: Parts, positions: dict[PartitionKey, int], to_stream: str | None) -> None:
    """Publish what follows the given positions; for a recount into its own stream, to the end."""
    if not positions:
        return
    if to_stream is None:
        parts.publisher.publish(parts.ledger.after(positions, REPLAY_FACTS))
        return
    left = _replay_privately(parts, positions, to_stream)
    if left:
        wanted = [[sandbox_id, partition, after] for (sandbox_id, partition), after in left.items()]
        parts.sender.send(TASK_REPLAY, QUEUE_REPLAY, wanted=wanted, to_stream=to_stream)


def _replay_privately(parts: Parts, positions: dict[PartitionKey, int], stream: str) -> dict[PartitionKey, int]:
    """Publish as much into a recount's stream as it takes; returns what is left, nothing when its reader is gone."""
    left = dict(positions)
    ends_at_seconds = monotonic_seconds() + TASK_SECONDS
    while left and monotonic_seconds() < ends_at_seconds:
        is_full = parts.publisher.length(stream) >= REPLAY_STREAM_ENTRIES
        batches = () if is_full else parts.ledger.after(left, REPLAY_FACTS)
        if not batches:  # or nothing is known of these partitions yet
            pause(REPLAY_PAUSE_SECONDS)
            return left
        if not parts.publisher.publish_to(stream, batches):
            return {}
        left.update(((batch.sandbox_id, batch.partition), batch.head) for batch in batches)
        # A batch that brought the ledger's last fact, or found none, ends its partition: only it carries an `ack`.
        for batch in batches:
            if batch.ack:
                left.pop((batch.sandbox_id, batch.partition), None)
    return left
