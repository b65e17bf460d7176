"""What tasks do with a message: run partitions for a bounded time, replay into a recount's stream."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery

from services.contracts.commands import (
    QUEUE_DUE,
    QUEUE_REPLAY,
    TASK_REPLAY,
    TASK_RUN_PARTITIONS,
    TASK_TAKE_COMMANDS,
    Command,
    CommandBatch,
    CommandType,
    PartitionKey,
)
from services.contracts.facts import EncodedBatch
from services.processing import tasks
from services.processing.tasks import REPLAY_STREAM_ENTRIES, TASK_SECONDS, register_tasks
from tests.support.cases import NINE

KEY, OTHER = ("s", 0), ("s", 1)
STREAM = "motcua:recount:1"


@dataclass
class Runner:
    """Has so much to do in each partition; a unit takes half of what a task may."""

    units: dict[PartitionKey, int]
    pass_by: Callable[[float], None]
    ran: list[tuple[PartitionKey, list[int]]] = field(default_factory=list)
    fails: frozenset[PartitionKey] = frozenset()

    def run(self, key: PartitionKey, commands: Sequence[Command] = ()) -> bool:
        self.ran.append((key, [command.sequence for command in commands]))
        if key in self.fails:
            raise ValueError("a mistake of ours")
        self.pass_by(TASK_SECONDS / 2)
        self.units[key] -= 1
        return self.units[key] > 0


@dataclass
class Ledger:
    """So many blocks of ten facts a partition."""

    blocks: Mapping[PartitionKey, int]
    asked: list[dict[PartitionKey, int]] = field(default_factory=list)

    def after(self, positions: Mapping[PartitionKey, int], _limit: int) -> Sequence[EncodedBatch]:
        self.asked.append(dict(positions))
        found = []
        for key, position in positions.items():
            if key in self.blocks:
                head, last = 10 * self.blocks[key], min(position + 10, 10 * self.blocks[key])
                found.append(EncodedBatch(*key, last, 7 if last == head else 0, b"{}" if last > position else None))
        return found


@dataclass
class Publisher:
    """A recount's stream whose reader takes nothing."""

    has_reader: bool = True
    sent: list[EncodedBatch] = field(default_factory=list)

    def length(self, stream: str) -> int:
        assert stream == STREAM
        return len(self.sent)

    def publish_to(self, stream: str, batches: Iterable[EncodedBatch]) -> bool:
        assert stream == STREAM
        if self.has_reader:
            self.sent += batches
        return self.has_reader


@dataclass
class World:
    """A worker's parts, and its tasks by name."""

    parts: Any
    app: Celery
    messages: list[tuple[str, str, dict[str, Any]]]

    def deliver(self, task: str, **arguments: Any) -> None:
        self.app.tasks[task].run(**arguments)


@cache
def app_and_parts() -> tuple[Celery, dict[str, Any]]:
    """One application for all tests: Celery gives each task that is made to every application after it."""
    parts: dict[str, Any] = {}
    app = Celery("tests", set_as_current=False)
    register_tasks(app, lambda: parts["parts"])
    return app, parts


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    now = [1000.0]

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(tasks, "monotonic_seconds", lambda: now[0])
    monkeypatch.setattr(tasks, "pause", pass_by)
    messages: list[tuple[str, str, dict[str, Any]]] = []
    parts = SimpleNamespace(
        runner=Runner({}, pass_by),
        ledger=Ledger({KEY: 3, OTHER: 1}),
        publisher=Publisher(),
        sender=SimpleNamespace(send=lambda task, queue, **arguments: messages.append((task, queue, arguments))),
        heartbeat=SimpleNamespace(beat=lambda: None),
    )
    app, kept = app_and_parts()
    kept["parts"] = parts
    return World(parts, app, messages)


def a_batch(key: PartitionKey, *sequences: int) -> dict[str, Any]:
    commands = tuple(Command(sequence, CommandType.ADVANCE, NINE) for sequence in sequences)
    return CommandBatch(*key, commands).to_wire()


def test_what_a_task_has_no_time_for_is_handed_on(world: World) -> None:
    world.parts.runner.units = {KEY: 5, OTHER: 1}
    world.deliver(TASK_RUN_PARTITIONS, partitions=[[*KEY], [*OTHER]])
    assert [key for key, _ in world.parts.runner.ran] == [KEY, KEY]
    assert world.messages == [(TASK_RUN_PARTITIONS, QUEUE_DUE, {"partitions": [[*KEY], [*OTHER]]})]


def test_commands_are_taken_even_when_time_is_up(world: World) -> None:
    world.parts.runner.units = {KEY: 5, OTHER: 2}
    world.deliver(TASK_TAKE_COMMANDS, batches=[a_batch(KEY, 4, 5), a_batch(OTHER, 9)])
    assert world.parts.runner.ran == [(KEY, [4, 5]), (KEY, []), (OTHER, [9])]
    assert world.messages == [(TASK_RUN_PARTITIONS, QUEUE_DUE, {"partitions": [[*KEY], [*OTHER]]})]


def test_a_partition_that_fails_keeps_no_other_from_its_turn(world: World) -> None:
    world.parts.runner.units = {KEY: 1, OTHER: 1}
    world.parts.runner.fails = frozenset({KEY})
    world.deliver(TASK_RUN_PARTITIONS, partitions=[[*KEY], [*OTHER]])
    assert [key for key, _ in world.parts.runner.ran] == [KEY, OTHER]
    assert world.messages == []


def test_a_replay_goes_on_to_the_end_of_each_ledger(world: World) -> None:
    world.deliver(TASK_REPLAY, wanted=[[*KEY, 0], [*OTHER, 0]], to_stream=STREAM)
    assert world.parts.ledger.asked == [{KEY: 0, OTHER: 0}, {KEY: 10}, {KEY: 20}]
    assert [(batch.partition, batch.head, batch.ack) for batch in world.parts.publisher.sent] == [
        (0, 10, 0), (1, 10, 7), (0, 20, 0), (0, 30, 7)
    ]  # fmt: skip
    assert world.messages == []


def test_a_full_stream_is_left_to_its_reader_for_a_while(world: World) -> None:
    world.parts.ledger.blocks = {KEY: 10 * REPLAY_STREAM_ENTRIES}
    world.deliver(TASK_REPLAY, wanted=[[*KEY, 0]], to_stream=STREAM)
    assert len(world.parts.publisher.sent) == REPLAY_STREAM_ENTRIES
    wanted = [[*KEY, 10 * REPLAY_STREAM_ENTRIES]]
    assert world.messages == [(TASK_REPLAY, QUEUE_REPLAY, {"wanted": wanted, "to_stream": STREAM})]


def test_a_replay_without_a_reader_ends(world: World) -> None:
    world.parts.publisher.has_reader = False
    world.deliver(TASK_REPLAY, wanted=[[*KEY, 0]], to_stream=STREAM)
    assert world.messages == []


def test_a_replay_of_what_is_not_there_yet_is_tried_again(world: World) -> None:
    world.parts.ledger.blocks = {}
    world.deliver(TASK_REPLAY, wanted=[[*KEY, 0]], to_stream=STREAM)
    assert len(world.parts.ledger.asked) == 1
    assert world.messages == [(TASK_REPLAY, QUEUE_REPLAY, {"wanted": [[*KEY, 0]], "to_stream": STREAM})]
