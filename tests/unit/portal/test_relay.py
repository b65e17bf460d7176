"""The portal's relay: what it does while processing is behind."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.contracts.commands import QUEUE_COMMANDS, PartitionKey
from services.portal import relay
from services.portal.adapters.sql_outbox import WaitingCommands
from services.portal.relay import LONGEST_QUEUE, Relay, company_seconds

NOW = datetime(2026, 1, 5, tzinfo=UTC)


class Outbox:
    """Always more of it; each batch fills a message."""

    def __init__(self) -> None:
        self.taken = 0
        self.again = 0
        self.waiting: dict[PartitionKey, int] = {}
        self.patience: list[float] = []

    @contextmanager
    def unsent(self, _now: datetime, _limit: int) -> Iterator[Sequence[WaitingCommands]]:
        self.taken += 1
        yield [a_batch()]

    @contextmanager
    def unacknowledged(self, _now: datetime, patience: float, _limit: int) -> Iterator[Sequence[WaitingCommands]]:
        self.again += 1
        self.patience.append(patience)
        yield []

    def heads(self, _now: datetime, _patience: float) -> dict[PartitionKey, int]:
        return dict(self.waiting)


class Broker:
    """A queue that nobody takes from unless told."""

    def __init__(self) -> None:
        self.length = 0
        self.questions = 0

    def send(self, _task: str, queue: str, **_: Any) -> None:
        assert queue == QUEUE_COMMANDS
        self.length += 1

    def queue_length(self, _queue: str) -> int:
        self.questions += 1
        return self.length


class Expiry:
    """Some portions of what has expired."""

    def __init__(self, portions: int = 0) -> None:
        self.portions = portions
        self.asked = 0

    def remove(self, _limit: int) -> bool:
        self.asked += 1
        self.portions -= 1
        return self.portions > 0


def a_batch() -> WaitingCommands:
    return WaitingCommands(("s", 0), ["{}"], weight=1001)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the relay's clock."""
    now = [1000.0]
    monkeypatch.setattr(relay, "monotonic_seconds", lambda: now[0])

    def pass_by(by: float) -> None:
        now[0] += by

    return pass_by


def test_commands_wait_in_the_outbox_while_workers_are_behind(seconds: Callable[[float], None]) -> None:
    """All of them were put into the broker's memory at once, and whoever came next waited behind them."""
    outbox, broker = Outbox(), Broker()
    parts: Any = SimpleNamespace(outbox=outbox, sender=broker, expiry=Expiry())
    running = Relay(parts)
    for _ in range(3 * LONGEST_QUEUE):
        running.step()
    assert broker.length == LONGEST_QUEUE
    assert not running.step()  # so that the loop rests
    seconds(2)
    running.step()
    assert (broker.length, outbox.again) == (LONGEST_QUEUE, 1)  # nothing is sent again either
    broker.length = 10
    seconds(2)
    while running.step():
        pass
    assert (broker.length, outbox.again) == (LONGEST_QUEUE, 2)
    assert broker.questions < 8


def test_while_others_are_acknowledged_a_command_has_longer_until_it_is_sent_again(
    seconds: Callable[[float], None],
) -> None:
    """Half of what a crowd filed was sent twice: it had arrived, and waited for the days before it."""
    outbox, broker = Outbox(), Broker()
    parts: Any = SimpleNamespace(outbox=outbox, sender=broker, expiry=Expiry())
    running = Relay(parts)
    for waiting in ({("s", 0): 5, ("s", 1): 3}, {("s", 0): 6, ("s", 1): 3}, {("s", 1): 3}, *[{("s", 1): 3}] * 4):
        outbox.waiting = dict(waiting)
        broker.length = 0
        running.step()
        seconds(1.0)
    # Nothing is known at first; the other partition comes on, and ends; three seconds later nothing has moved.
    assert outbox.patience == [3.0, 20.0, 20.0, 20.0, 20.0, 3.0, 3.0]


def test_what_has_expired_is_removed_once_a_minute_in_portions(seconds: Callable[[float], None]) -> None:
    expiry = Expiry(portions=3)
    parts: Any = SimpleNamespace(outbox=Outbox(), sender=Broker(), expiry=expiry)
    running = Relay(parts)
    asked = []
    for _ in range(63):
        for _ in range(3):
            running.step()
        asked.append(expiry.asked)
        seconds(1)
    assert asked == [1, 2, *[3] * 60, 4]


def test_the_relay_waits_longer_for_company_the_more_comes_and_never_long() -> None:
    waits = [company_seconds(rows_per_second) for rows_per_second in (0, 50, 100, 500, 1000, 100_000)]
    assert waits == sorted(waits)
    assert waits[1] < 0.025  # somebody may be looking on
    assert waits[4] == waits[5] == 0.1
