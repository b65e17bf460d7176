"""Whom the timekeeper wakes, and how often."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.contracts.commands import QUEUE_DUE, TASK_HEARTBEAT, TASK_RUN_PARTITIONS, PartitionKey
from services.processing import timekeeper
from services.processing.application.running import LEASE
from services.processing.timekeeper import LONGEST_QUEUE, PARTITIONS_PER_MESSAGE, Timekeeper

KEY, OTHER = ("s", 0), ("s", 1)


@dataclass
class Store:
    """Says what it is told."""

    due: list[PartitionKey] = field(default_factory=list)
    stashed: list[PartitionKey] = field(default_factory=list)

    def claim_due(self, now: datetime, lease_until: datetime, limit: int) -> list[PartitionKey]:
        assert lease_until - now == LEASE
        claimed, self.due = self.due[:limit], self.due[limit:]
        return claimed

    def with_stash(self, limit: int) -> list[PartitionKey]:
        return self.stashed[:limit]


@dataclass
class Sender:
    messages: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    length: int = 0

    def send(self, task: str, queue: str, **arguments: Any) -> None:
        assert queue == QUEUE_DUE
        self.messages.append((task, arguments))

    def queue_length(self, queue: str) -> int:
        assert queue == QUEUE_DUE
        return self.length

    def woken(self) -> list[list[list[Any]]]:
        """Partitions in each message since the last time."""
        found = [arguments["partitions"] for task, arguments in self.messages if task == TASK_RUN_PARTITIONS]
        self.messages.clear()
        return found


@dataclass
class World:
    store: Store
    sender: Sender
    keeper: Timekeeper
    pass_by: Callable[[float], None]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    now = [1000.0]
    monkeypatch.setattr(timekeeper, "monotonic_seconds", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    store, sender = Store(), Sender()
    parts: Any = SimpleNamespace(store=store, sender=sender)
    return World(store, sender, Timekeeper(parts), pass_by)


def test_what_is_due_is_woken_a_few_in_a_message(world: World) -> None:
    world.store.due = [("s", number) for number in range(PARTITIONS_PER_MESSAGE + 1)]
    assert world.keeper.step()
    assert [len(part) for part in world.sender.woken()] == [PARTITIONS_PER_MESSAGE, 1]
    assert not world.keeper.step()
    assert world.sender.woken() == []


def test_a_stash_is_woken_for_once_a_lease(world: World) -> None:
    """Its message may wait in a long queue; and it may be lost."""
    world.store.stashed = [KEY]
    world.keeper.step()
    assert world.sender.woken() == [[["s", 0]]]
    world.pass_by(LEASE.total_seconds() - 0.1)
    world.store.stashed = [KEY, OTHER]
    world.keeper.step()
    assert world.sender.woken() == [[["s", 1]]]
    world.pass_by(0.2)
    world.keeper.step()
    assert world.sender.woken() == [[["s", 0]]]


def test_who_is_due_and_has_a_stash_is_woken_once(world: World) -> None:
    world.store.due, world.store.stashed = [KEY], [KEY]
    world.keeper.step()
    assert world.sender.woken() == [[["s", 0]]]
    world.keeper.step()
    assert world.sender.woken() == []


def test_nobody_is_woken_while_workers_are_behind(world: World) -> None:
    world.store.stashed, world.sender.length = [KEY], LONGEST_QUEUE
    assert not world.keeper.step()
    assert world.sender.messages == []
    world.sender.length = 0
    world.pass_by(1.1)
    assert world.keeper.step()
    assert [task for task, _ in world.sender.messages] == [TASK_HEARTBEAT, TASK_RUN_PARTITIONS]
