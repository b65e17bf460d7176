"""The ledger's relay: which heads it announces when."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from services.contracts.facts import FactBatch
from services.processing import relay
from services.processing.relay import ANNOUNCE_EVERY_SECONDS, RECENT, Relay


class Ledger:
    """Nothing new in it."""

    def __init__(self) -> None:
        self.asked: list[timedelta | None] = []

    @contextmanager
    def unpublished(self, _limit: int) -> Iterator[Sequence[FactBatch]]:
        yield []

    def heads(self, changed_within: timedelta | None) -> Sequence[FactBatch]:
        self.asked.append(changed_within)
        return []


class Publisher:
    """Redis, that loses its past when told."""

    def __init__(self) -> None:
        self.is_intact = True

    def publish(self, _batches: Sequence[FactBatch]) -> None:
        """Nothing to see."""

    def past_is_intact(self) -> bool:
        return self.is_intact

    def begin_anew(self) -> None:
        self.is_intact = True


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the relay's clock."""
    now = [1000.0]
    monkeypatch.setattr(relay, "monotonic_seconds", lambda: now[0])

    def pass_by(by: float) -> None:
        now[0] += by

    return pass_by


def test_all_heads_are_announced_at_the_start_and_after_a_loss(seconds: Callable[[float], None]) -> None:
    ledger, publisher = Ledger(), Publisher()
    parts: Any = SimpleNamespace(ledger=ledger, publisher=publisher)
    running = Relay(parts)
    for is_intact in (True, True, False, True):
        publisher.is_intact = is_intact
        running.step()
        running.step()
        seconds(ANNOUNCE_EVERY_SECONDS)
    assert ledger.asked == [None, RECENT, None, RECENT]
    assert publisher.is_intact
