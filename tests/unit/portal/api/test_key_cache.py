"""Keys are remembered for a short time, counted from the last look into the database."""

from datetime import UTC, datetime, timedelta

import pytest

from services.portal.api import context
from services.portal.api.context import KEY_CACHE_SECONDS, KeyCache
from services.portal.domain.sandbox import Key, KeyPurpose
from tests.support.fakes import MemoryReader, the_catalogue

START = datetime(2026, 1, 1, tzinfo=UTC)


class Wall:
    """A clock that is moved by hand."""

    seconds = 1_000.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds - 1_000)


class CountingReader(MemoryReader):
    """Knows one key until it is taken away."""

    def __init__(self, known: Key) -> None:
        super().__init__(the_catalogue())
        self.known: Key | None = known
        self.asked = 0

    def key(self, key_hash: bytes, now: datetime) -> Key | None:  # noqa: ARG002 - the port's signature
        self.asked += 1
        is_good = self.known is not None and (self.known.expires_at is None or self.known.expires_at > now)
        return self.known if is_good else None


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(context, "monotonic_seconds", lambda: wall.seconds)
    monkeypatch.setattr(context, "real_now", wall.now)
    return wall


def a_key(expires_at: datetime | None = None) -> Key:
    return Key(sandbox_id="a", purpose=KeyPurpose.API, expires_at=expires_at)


def test_a_key_in_steady_use_is_looked_up_again(wall: Wall) -> None:
    cache, reader = KeyCache(), CountingReader(a_key())
    for _ in range(10):
        assert cache.find(b"k", reader) is not None
        wall.seconds += KEY_CACHE_SECONDS / 5
    assert reader.asked == 2
    reader.known = None
    wall.seconds += KEY_CACHE_SECONDS / 5
    assert cache.find(b"k", reader) is None


def test_no_key_is_remembered_past_its_end(wall: Wall) -> None:
    cache, reader = KeyCache(), CountingReader(a_key(START + timedelta(seconds=3)))
    assert cache.find(b"k", reader) is not None
    wall.seconds += 2.9
    assert cache.find(b"k", reader) is not None
    wall.seconds += 0.2
    assert cache.find(b"k", reader) is None


def test_a_key_that_is_not_known_is_not_remembered(wall: Wall) -> None:
    cache, reader = KeyCache(), CountingReader(a_key())
    reader.known = None
    assert cache.find(b"k", reader) is None
    reader.known = a_key()
    assert cache.find(b"k", reader) is not None
