"""Following facts over a transport that loses, repeats and reorders them; the consumer writes down what it gets."""

# ruff: noqa: ARG002 - fakes keep the signatures of what they stand for

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from psycopg import OperationalError

from services.contracts.commands import QUEUE_REPLAY, REPLAY_FACTS, REPLAY_PARTITIONS, TASK_REPLAY
from services.contracts.facts import FACT_LANES, Fact, FactBatch
from services.runtime import streams
from services.runtime.streams import FactFollower, FactPublisher, FactSlice, encode_batch, lane_stream
from tests.support.facts import make_fact

KEY = ("s", 0)


class MemoryStreams:
    """As much of Redis as publisher and follower use: streams, one key, a run id."""

    def __init__(self) -> None:
        self.run_id = "run1"
        self.keys: dict[str, bytes] = {}
        self.entries: dict[str, list[tuple[int, dict[bytes, bytes]]]] = {}
        self._next_id = 0

    def get(self, name: str) -> bytes | None:
        return self.keys.get(name)

    def set(self, name: str, value: bytes) -> None:
        self.keys[name] = value

    def info(self, _section: str) -> dict[str, str]:
        return {"run_id": self.run_id}

    def pipeline(self, *, transaction: bool) -> "MemoryStreams":
        assert not transaction
        return self

    def xadd(self, stream: str, fields: Mapping[str, bytes | str], **_: Any) -> None:
        self._next_id += 1
        texts = {name: value.encode() if isinstance(value, str) else value for name, value in fields.items()}
        entry = (self._next_id, {name.encode(): value for name, value in texts.items()})
        self.entries.setdefault(stream, []).append(entry)

    def execute(self) -> None:
        """Nothing is held back."""

    def xread(self, last_ids: Mapping[str, str], *, count: int, block: int) -> list[Any]:
        found = []
        for stream, last_id in last_ids.items():
            after = int(last_id.split("-")[0])
            new = [
                (f"{number}-0".encode(), fields) for number, fields in self.entries.get(stream, []) if number > after
            ]
            if new:
                found.append((stream.encode(), new[:count]))
        return found

    def flushall(self, *, ids_start_anew: bool = False) -> None:
        self.keys.clear()
        self.entries.clear()
        if ids_start_anew:
            self._next_id = 0


@dataclass
class WritingConsumer:
    """A `FactConsumer` in memory; what it applies in a transaction that fails is forgotten."""

    positions: dict[tuple[str, int], int] = field(default_factory=dict)
    facts: list[tuple[str, int, int]] = field(default_factory=list)  #: sandbox, partition, position
    acks: dict[tuple[str, int], int] = field(default_factory=dict)
    fails: int = 0

    def load_positions(self, transaction: Any, keys: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], int]:
        assert list(keys) == sorted(keys)
        return {key: self.positions[key] for key in keys if key in self.positions}

    def apply(self, transaction: Any, slices: Sequence[FactSlice]) -> None:
        if self.fails:
            self.fails -= 1
            raise OperationalError("database away")
        for part in slices:
            key = (part.sandbox_id, part.partition)
            self.facts += [(*key, fact.position) for fact in part.facts]
            self.positions[key] = part.position
            if part.ack:
                self.acks[key] = max(self.acks.get(key, 0), part.ack)


class NoDatabase:
    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield None


@dataclass
class WritingSender:
    asked: list[dict[str, Any]] = field(default_factory=list)

    def send(self, task: str, queue: str, **arguments: Any) -> None:
        assert (task, queue) == (TASK_REPLAY, QUEUE_REPLAY)
        self.asked.append(arguments)

    def questions(self) -> list[str]:
        """Who asked for all heads since the last time."""
        found = [arguments["heads_for"] for arguments in self.asked if "heads_for" in arguments]
        self.asked = [arguments for arguments in self.asked if "heads_for" not in arguments]
        return found

    def wanted(self) -> list[list[Any]]:
        """What was asked for since the last time."""
        found = [wish for arguments in self.asked for wish in arguments["wanted"]]
        self.asked.clear()
        return found


@dataclass
class World:
    """A follower and all it touches."""

    redis: MemoryStreams
    publisher: FactPublisher
    consumer: WritingConsumer
    sender: WritingSender
    follower: FactFollower

    def follower_again(self) -> FactFollower:
        """Another process of the same service."""
        redis, database, sender = cast("Any", (self.redis, NoDatabase(), self.sender))
        return FactFollower(client=redis, database=database, consumer=self.consumer, sender=sender, name="other")

    def publish(self, *batches: FactBatch) -> None:
        self.publisher.publish(map(encode_batch, batches))

    def drain(self) -> None:
        """Step until nothing more comes."""
        while self.follower.step(block_ms=0):
            pass

    def positions(self) -> list[int]:
        """Positions applied to the first partition, in order."""
        return [position for sandbox_id, partition, position in self.consumer.facts if (sandbox_id, partition) == KEY]


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the follower's clock."""
    now = [1000.0]
    monkeypatch.setattr(streams, "monotonic_seconds", lambda: now[0])

    def pass_by(by: float) -> None:
        now[0] += by

    return pass_by


@pytest.fixture
def world(seconds: Callable[[float], None]) -> World:
    redis: Any = MemoryStreams()
    consumer, sender = WritingConsumer(), WritingSender()
    database: Any = NoDatabase()
    follower = FactFollower(client=redis, database=database, consumer=consumer, sender=sender, name="test")  # type: ignore[arg-type]
    publisher = FactPublisher(redis)
    publisher.begin_anew()
    return World(redis, publisher, consumer, sender, follower)


def facts(first: int, last: int) -> tuple[Fact, ...]:
    return tuple(make_fact(position=position, number=position) for position in range(first, last + 1))


def batch(first: int, last: int, *, head: int | None = None, ack: int = 0, key: tuple[str, int] = KEY) -> FactBatch:
    """Positions `first` to `last`; no facts when there are none between."""
    return FactBatch.of(*key, head=last if head is None else head, ack=ack, facts=facts(first, last))


def head(position: int, ack: int = 0, key: tuple[str, int] = KEY) -> FactBatch:
    return FactBatch(*key, head=position, ack=ack)


def test_facts_arrive_in_order_with_their_acknowledgement(world: World) -> None:
    world.publish(batch(1, 3), batch(4, 5, ack=2))
    world.drain()
    assert world.positions() == [1, 2, 3, 4, 5]
    assert world.consumer.acks == {KEY: 2}
    assert world.sender.wanted() == []


def test_what_comes_twice_is_applied_once(world: World) -> None:
    world.publish(batch(1, 3), batch(1, 3), batch(2, 5), batch(1, 5, ack=1))
    world.drain()
    world.publish(batch(3, 6))
    world.drain()
    assert world.positions() == [1, 2, 3, 4, 5, 6]


def test_a_gap_is_asked_for_and_nothing_behind_it_is_applied(world: World) -> None:
    world.publish(batch(1, 2), batch(5, 6, ack=3))
    world.drain()
    assert world.positions() == [1, 2]
    assert world.consumer.acks == {}
    assert world.sender.wanted() == [["s", 0, 2]]
    world.publish(batch(3, 6, ack=3))
    world.drain()
    assert world.positions() == [1, 2, 3, 4, 5, 6]
    assert world.consumer.acks == {KEY: 3}


def test_batches_in_the_wrong_order_cost_a_replay_and_nothing_else(world: World) -> None:
    world.publish(batch(4, 6), batch(1, 3))
    world.drain()
    assert world.positions() == [1, 2, 3]
    assert world.sender.wanted() == [["s", 0, 3]]
    world.publish(batch(4, 6))
    world.drain()
    assert world.positions() == [1, 2, 3, 4, 5, 6]


def test_a_lost_tail_is_seen_by_its_announced_head(world: World) -> None:
    world.publish(batch(1, 2), head(5, ack=4))
    world.drain()
    assert world.sender.wanted() == [["s", 0, 2]]
    assert world.consumer.acks == {}
    world.publish(batch(3, 5, ack=4))
    world.drain()
    assert world.consumer.acks == {KEY: 4}


def test_an_announcement_acknowledges_what_needed_no_facts(world: World) -> None:
    world.publish(head(0, ack=1))
    world.drain()
    assert world.consumer.acks == {KEY: 1}
    assert world.sender.wanted() == []


def test_a_duplicate_does_not_close_a_gap(world: World, seconds: Callable[[float], None]) -> None:
    """It did: what is known of the head was forgotten, and the tail never asked for again."""
    world.publish(batch(1, 10), head(50))
    world.drain()
    assert world.sender.wanted() == [["s", 0, 10]]
    world.publish(batch(1, 10))
    world.drain()
    seconds(streams.REPLAY_PATIENCE_SECONDS + 0.1)
    world.drain()
    assert world.sender.wanted() == [["s", 0, 10]]


def test_a_long_replay_is_asked_for_part_by_part(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "REPLAY_FACTS", 4)
    world.publish(head(10))
    world.drain()
    asked = []
    while wanted := world.sender.wanted():
        asked += wanted
        after = wanted[0][2]
        world.publish(batch(after + 1, min(after + 4, 10)))
        world.drain()
    assert asked == [["s", 0, 0], ["s", 0, 4], ["s", 0, 8]]
    assert world.positions() == list(range(1, 11))
    assert REPLAY_FACTS > 4


def test_a_replay_that_does_not_come_is_asked_for_again_after_a_while(
    world: World, seconds: Callable[[float], None]
) -> None:
    world.publish(head(3))
    world.drain()
    assert world.sender.wanted() == [["s", 0, 0]]
    world.follower.step(block_ms=0)
    assert world.sender.wanted() == []
    seconds(streams.REPLAY_PATIENCE_SECONDS + 0.1)
    world.follower.step(block_ms=0)
    assert world.sender.wanted() == [["s", 0, 0]]


def test_a_replay_that_is_arriving_is_not_asked_for_again(world: World, seconds: Callable[[float], None]) -> None:
    """It was, every two seconds: each long replay came several times, and crowded out what was new."""
    world.publish(head(40))
    world.drain()
    assert world.sender.wanted() == [["s", 0, 0]]
    for first in range(1, 40, 10):
        seconds(streams.REPLAY_PATIENCE_SECONDS - 0.1)
        world.publish(batch(first, min(first + 9, 39)))
        world.drain()
        assert world.sender.wanted() == []
    seconds(streams.REPLAY_PATIENCE_SECONDS + 0.1)
    world.drain()
    assert world.sender.wanted() == [["s", 0, 39]]


def test_many_gaps_are_asked_for_a_few_at_a_time(
    world: World, seconds: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "REPLAY_FACTS", 2 * REPLAY_PARTITIONS)  # two facts each
    keys = [(f"s{number:03d}", 1) for number in range(REPLAY_PARTITIONS + 10)]
    world.publish(*(head(5, key=key) for key in keys))
    world.drain()
    first = world.sender.wanted()
    assert [(sandbox_id, partition) for sandbox_id, partition, _ in first] == keys[:REPLAY_PARTITIONS]
    world.drain()
    assert world.sender.wanted() == []
    # As soon as one has come, another is asked for; those that never were come first.
    world.publish(batch(1, 2, key=keys[3]))
    world.drain()
    assert world.sender.wanted() == [[*keys[REPLAY_PARTITIONS], 0]]
    seconds(streams.REPLAY_PATIENCE_SECONDS + 0.1)
    world.drain()
    again = world.sender.wanted()
    assert len(again) == REPLAY_PARTITIONS
    assert {sandbox_id for sandbox_id, *_ in again} >= {sandbox_id for sandbox_id, _ in keys[REPLAY_PARTITIONS + 1 :]}


def test_partitions_do_not_hold_each_other_up(world: World) -> None:
    world.publish(batch(2, 3), batch(1, 2, key=("s", 1)), batch(1, 1, key=("t", 4)))
    world.drain()
    assert world.consumer.positions == {("s", 1): 2, ("t", 4): 1}
    assert world.sender.wanted() == [["s", 0, 0]]


def test_a_step_that_failed_reads_the_same_again(world: World) -> None:
    world.consumer.fails = 2
    world.publish(batch(1, 3))
    for _ in range(2):
        with pytest.raises(OperationalError):
            world.follower.step(block_ms=0)
    assert world.positions() == []
    world.drain()
    assert world.positions() == [1, 2, 3]


@pytest.mark.parametrize("ids_start_anew", [False, True])
def test_after_a_wipe_it_goes_on(world: World, ids_start_anew: bool) -> None:
    """Twice, so that the second is noticed as well as the first."""
    world.publish(*(batch(position, position) for position in range(1, 8)))
    world.drain()
    for first in (8, 10):
        world.redis.flushall(ids_start_anew=ids_start_anew)
        assert not world.publisher.past_is_intact()
        world.publish(batch(first, first + 1))
        world.publisher.begin_anew()
        world.drain()
    assert world.positions() == list(range(1, 12))


def test_a_follower_asks_for_all_heads_when_it_starts_until_they_come(
    world: World, seconds: Callable[[float], None]
) -> None:
    """It asked once: where that message was lost, a lost tail stayed lost."""
    other = world.follower_again()
    for follower in (world.follower, other, world.follower):
        follower.step(block_ms=0)
    (mine, others) = world.sender.questions()
    assert mine != others
    world.publish(head(5))  # recent ones, that nobody asked for
    world.publisher.answer(others, [])
    seconds(streams.HEADS_PATIENCE_SECONDS + 0.1)
    other.step(block_ms=0)
    for _ in range(3):
        world.follower.step(block_ms=0)
        other.step(block_ms=0)
    # Whose answer was there before it was read asks once more; nobody asks more often than that.
    assert world.sender.questions() == [others, mine]
    world.publisher.answer(mine, [encode_batch(head(7))])
    world.drain()
    seconds(streams.HEADS_PATIENCE_SECONDS + 0.1)
    world.drain()
    other.step(block_ms=0)
    assert world.sender.questions() == []
    assert world.sender.wanted()[-1] == ["s", 0, 0]


def test_announced_heads_share_entries_and_facts_go_first(world: World) -> None:
    """Else the heads of ten thousand sandboxes would push the facts out of the streams."""
    many = [head(7, ack=1, key=(f"s{number:04d}", 1)) for number in range(1200)]
    world.publish(*many, batch(1, 2, key=("s", 1)))
    entries = world.redis.entries[lane_stream(1)]
    heads = [[b"heads"]] * 3
    assert [list(fields) for _, fields in entries] == [[b"header", b"block"], *heads]
    world.drain()
    assert len(world.sender.wanted()) == REPLAY_PARTITIONS
    assert world.consumer.positions == {("s", 1): 2}


def test_each_partition_has_its_lane() -> None:
    assert {lane_stream(partition) for partition in range(64)} == {f"motcua:facts:{lane}" for lane in range(FACT_LANES)}


def test_the_past_is_intact_until_redis_is_wiped_or_restarted(world: World) -> None:
    other: Any = FactPublisher(world.redis)  # type: ignore[arg-type]
    assert world.publisher.past_is_intact()
    assert other.past_is_intact()  # a second relay takes nothing from the first
    world.redis.run_id = "run2"  # restarted, with the keys of an old snapshot
    assert not world.publisher.past_is_intact()
    other.begin_anew()
    assert world.publisher.past_is_intact()
    world.redis.flushall()
    assert not world.publisher.past_is_intact()
