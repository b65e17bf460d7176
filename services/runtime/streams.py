"""Facts over Redis Streams: publishing batches, and following them from where a consumer's own database stands.

Redis is only transport. A stream may be trimmed, wiped or restarted at any moment: the consumer trusts positions, not
the stream, and asks for a replay (a Celery command) where it sees a gap or a head above its own position.

Keys:
    motcua:facts:<lane>       stream, trimmed to about `STREAM_MAX_ENTRIES`; an entry has the fields `header` =
                              sandbox_id, partition, head, ack as JSON and `block` = an encoded `FactBlock`; or `heads`
                              = up to `HEADS_PER_ENTRY` such headers, of batches without facts; or `announced` = whose
                              question for all heads the entries before answer
    motcua:facts:incarnation  string, the server's run id and a random part; set by a publisher that finds it missing
                              (Redis was wiped) or of another run (restarted, perhaps from an old snapshot)
    motcua:recount:<id>       stream of one recount, expires by itself
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import orjson
import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.contracts.commands import (
    QUEUE_REPLAY,
    REPLAY_FACTS,
    REPLAY_PARTITIONS,
    TASK_REPLAY,
    PartitionKey,
    replay_share,
)
from services.contracts.facts import FACT_LANES, FACT_STREAM, EncodedBatch, Fact, FactBatch, FactBlock
from services.runtime.celery_app import TaskSender
from services.runtime.clock import monotonic_seconds
from services.runtime.compact import compact, expanded
from services.runtime.database import Database, Transaction

log = structlog.get_logger()

#: Entries kept in a stream; the largest blocks, of 8,192 facts, take about 200 KB each.
STREAM_MAX_ENTRIES = 200

#: Announced heads share entries: those of ten thousand sandboxes must not push the facts out of a stream.
HEADS_PER_ENTRY = 500

#: Set while the stream's past is intact.
INCARNATION_KEY = "motcua:facts:incarnation"

#: A replay that was asked for is asked for again when nothing of it has come for this long.
REPLAY_PATIENCE_SECONDS = 2.0

#: All heads that a follower asked for and that didn't come are asked for again after this long.
HEADS_PATIENCE_SECONDS = 5.0

#: A private stream that nobody reads any more is gone after this long.
PRIVATE_STREAM_SECONDS = 120


def connect_redis(url: str) -> "redis.Redis":
    """A client whose calls end in bounded time; reconnects by itself, leaves retrying to the caller's loop."""
    return redis.Redis.from_url(
        url, socket_timeout=10, socket_connect_timeout=5, health_check_interval=15, retry=Retry(NoBackoff(), 1)
    )


def lane_stream(partition: int) -> str:
    """The stream that carries a partition's facts."""
    return FACT_STREAM.format(lane=partition % FACT_LANES)


def encode_block(block: FactBlock) -> bytes:
    """JSON with instants as RFC 3339 in UTC, compressed where that pays: the ledger keeps these bytes for ever."""
    return compact(block.to_wire(), orjson.OPT_UTC_Z)


def decode_block(payload: bytes) -> FactBlock:
    """Inverse of `encode_block`. The block remembers its bytes."""
    return FactBlock.from_wire(expanded(payload), payload)


def encode_batch(batch: FactBatch) -> EncodedBatch:
    """A batch as it travels."""
    block = encode_block(batch.block) if batch.block else None
    return EncodedBatch(batch.sandbox_id, batch.partition, batch.head, batch.ack, block)


def decode_batch(batch: EncodedBatch) -> FactBatch:
    """Inverse of `encode_batch`."""
    block = decode_block(batch.block) if batch.block is not None else None
    return FactBatch(batch.sandbox_id, batch.partition, batch.head, batch.ack, block)


def _fields(batch: EncodedBatch) -> dict[str, bytes]:
    """An entry that carries facts."""
    return {"header": orjson.dumps(batch[:4]), "block": batch.block or b""}


def _entries(batches: Iterable[EncodedBatch]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Stream and fields of each entry: facts first, then what only announces how far the ledgers have come."""
    heads: dict[str, list[tuple[str, int, int, int]]] = {}
    for batch in batches:
        stream = lane_stream(batch.partition)
        if batch.block is not None:
            yield stream, _fields(batch)
        else:
            heads.setdefault(stream, []).append((batch.sandbox_id, batch.partition, batch.head, batch.ack))
    for stream, rows in heads.items():
        for start in range(0, len(rows), HEADS_PER_ENTRY):
            yield stream, {"heads": orjson.dumps(rows[start : start + HEADS_PER_ENTRY])}


def _batch(fields: Mapping[bytes, bytes]) -> FactBatch:
    sandbox_id, partition, head, ack = orjson.loads(fields[b"header"])
    return decode_batch(EncodedBatch(sandbox_id, partition, head, ack, fields[b"block"] or None))


def _batches(fields: Mapping[bytes, bytes]) -> list[FactBatch]:
    """Inverse of `_entries`, for one entry."""
    if b"block" in fields:
        return [_batch(fields)]
    return [FactBatch(*row) for row in orjson.loads(fields.get(b"heads", b"[]"))]


class FactPublisher:
    """Writes fact batches to their lanes and notices when Redis has lost its past."""

    def __init__(self, client: "redis.Redis") -> None:
        self._redis = client

    def past_is_intact(self) -> bool:
        """Whether what publishers have written is still where it was, as far as this run of Redis can know."""
        incarnation = cast("bytes | None", self._redis.get(INCARNATION_KEY))
        return incarnation is not None and incarnation.startswith(self._run_id())

    def begin_anew(self) -> None:
        """Vouch for what is written from now on; a value of its own each time, so that followers notice every loss."""
        self._redis.set(INCARNATION_KEY, self._run_id() + uuid.uuid4().hex.encode())

    def _run_id(self) -> bytes:
        return str(cast("Any", self._redis.info("server"))["run_id"]).encode()

    def publish(self, batches: Iterable[EncodedBatch]) -> None:
        """Append all batches in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for stream, fields in _entries(batches):
            pipe.xadd(stream, cast("Any", fields), maxlen=STREAM_MAX_ENTRIES, approximate=True)
        pipe.execute()

    def answer(self, question: str, heads: Iterable[EncodedBatch]) -> None:
        """Publish all heads for a follower that asked for them, and that this was its answer."""
        self.publish(heads)
        self._redis.xadd(lane_stream(0), {"announced": question}, maxlen=STREAM_MAX_ENTRIES, approximate=True)

    def publish_to(self, stream: str, batches: Iterable[EncodedBatch]) -> bool:
        """Append to a private stream that its reader has made; returns whether it was still there."""
        pipe = self._redis.pipeline(transaction=False)
        for batch in batches:
            pipe.xadd(stream, cast("Any", _fields(batch)), nomkstream=True)
        pipe.expire(stream, PRIVATE_STREAM_SECONDS)
        return bool(pipe.execute()[-1])

    def length(self, stream: str) -> int:
        """Entries in a stream; 0 also when there is no such stream."""
        return int(self._redis.xlen(stream))


class FactConsumer(Protocol):
    """What a service does with facts. Called in one transaction with the consumer's positions."""

    def load_positions(self, transaction: Transaction, keys: Sequence[PartitionKey]) -> Mapping[PartitionKey, int]:
        """Own position of each partition, row-locked; missing means 0."""
        ...

    def apply(self, transaction: Transaction, slices: "Sequence[FactSlice]") -> None:
        """Write the effect of the facts, the new positions and the acknowledgements."""
        ...


@dataclass(frozen=True, slots=True)
class FactSlice:
    """New facts of one partition, in order, without gaps; `position` is where the consumer stands after them."""

    sandbox_id: str
    partition: int
    position: int
    ack: int | None  #: last command carried out; `None`: this slice doesn't say
    blocks: tuple[FactBlock, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts one by one."""
        return tuple(fact for block in self.blocks for fact in block.rows)


@dataclass(slots=True)
class _Gap:
    head: int
    position: int = 0  #: where the consumer stood when it was last looked at
    asked_until: int = 0  #: what was asked for brings it here at most
    asked_at_seconds: float = float("-inf")
    moved_at_seconds: float = float("-inf")  #: when it was asked, or when the consumer came on since

    def see(self, position: int, now_seconds: float) -> None:
        """What comes restarts the patience: a long replay that is asked for twice comes twice."""
        if position > self.position:
            self.position, self.moved_at_seconds = position, now_seconds

    def ask(self, share: int, now_seconds: float) -> None:
        """Remember that it was asked for."""
        self.asked_until = self.position + share
        self.asked_at_seconds = self.moved_at_seconds = now_seconds

    def is_coming(self, now_seconds: float) -> bool:
        """Whether what was asked for isn't all here, and may still come."""
        has_patience = now_seconds - self.moved_at_seconds <= REPLAY_PATIENCE_SECONDS
        return self.asked_at_seconds > float("-inf") and self.position < self.asked_until and has_patience


class FactFollower:
    """Reads the lanes and feeds a consumer; one instance a process.

    Guarantees: each fact is applied once, in order per partition; what the transport lost is asked for again.
    """

    def __init__(
        self, *, client: "redis.Redis", database: Database, consumer: FactConsumer, sender: TaskSender, name: str
    ) -> None:
        self._redis = client
        self._database = database
        self._consumer = consumer
        self._sender = sender
        self._name = name
        self._last_ids: dict[str, str] = {FACT_STREAM.format(lane=lane): "0-0" for lane in range(FACT_LANES)}
        self._incarnation: bytes | None = None
        self._gaps: dict[PartitionKey, _Gap] = {}
        self._question = uuid.uuid4().hex
        self._has_heads = False
        self._heads_asked_seconds = float("-inf")

    def step(self, *, block_ms: int = 500, count: int = 8) -> bool:
        """Read what is new, apply it, ask for what is missing; returns whether anything was read."""
        self._notice_lost_streams()
        self._ask_for_heads()
        streams = self._redis.xread(cast("Any", self._last_ids), count=count, block=block_ms)
        batches: list[FactBatch] = []
        read_ids: dict[str, str] = {}
        for stream, entries in cast("list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]", streams or []):
            batches += [batch for _, fields in entries for batch in _batches(fields)]
            self._has_heads |= any(fields.get(b"announced") == self._question.encode() for _, fields in entries)
            read_ids[stream.decode()] = entries[-1][0].decode()
        if batches:
            self.take(batches)
        # Only now: a step that failed half-way reads the same entries again.
        self._last_ids.update(read_ids)
        self._ask_for_gaps()
        return bool(batches)

    def take(self, batches: Sequence[FactBatch]) -> None:
        """Apply batches in one transaction; remember where something is missing."""
        by_key: dict[PartitionKey, list[FactBatch]] = {}
        for batch in batches:
            by_key.setdefault((batch.sandbox_id, batch.partition), []).append(batch)
        with self._database.transaction() as transaction:
            positions = self._consumer.load_positions(transaction, sorted(by_key))
            slices = [
                part
                for key, items in sorted(by_key.items())
                if (part := self._continue(key, positions.get(key, 0), items)) is not None
            ]
            if slices:
                self._consumer.apply(transaction, slices)

    def _continue(self, key: PartitionKey, position: int, batches: Sequence[FactBatch]) -> FactSlice | None:
        start, ack, head = position, None, 0
        blocks: list[FactBlock] = []
        for batch in batches:
            head = max(head, batch.head)
            if (block := batch.block) is not None and block.first <= position + 1 <= block.last:
                blocks.append(block.after(position))
                position = block.last
            if position >= batch.head:
                ack = max(ack or 0, batch.ack)
        self._note_gap(key, position, head)
        if position == start and ack is None:
            return None
        return FactSlice(sandbox_id=key[0], partition=key[1], position=position, ack=ack, blocks=tuple(blocks))

    def _note_gap(self, key: PartitionKey, position: int, head: int) -> None:
        # The highest head ever heard of counts: a duplicate, or the first part of a long replay, knows of less.
        gap = self._gaps.setdefault(key, _Gap(head=head))
        gap.head = max(gap.head, head)
        if position >= gap.head:
            del self._gaps[key]

    def _ask_for_gaps(self) -> None:
        if not self._gaps:
            return
        now_seconds = monotonic_seconds()
        with self._database.transaction() as transaction:
            positions = self._consumer.load_positions(transaction, sorted(self._gaps))
        for key, gap in self._gaps.items():
            gap.see(positions.get(key, 0), now_seconds)
        late = self._next_gaps(now_seconds)
        if not late:
            return
        wanted = [[*key, gap.position] for key, gap in sorted(late.items())]
        self._sender.send(TASK_REPLAY, QUEUE_REPLAY, wanted=wanted)
        log.info("replay_asked", consumer=self._name, partitions=len(late), of=len(self._gaps))
        for gap in late.values():
            gap.ask(replay_share(REPLAY_FACTS, len(late)), now_seconds)

    def _next_gaps(self, now_seconds: float) -> dict[PartitionKey, _Gap]:
        """What to ask for now: no more is under way at a time than the streams can carry; the longest unasked first."""
        late = [(gap.asked_at_seconds, key) for key, gap in self._gaps.items() if not gap.is_coming(now_seconds)]
        room = REPLAY_PARTITIONS - (len(self._gaps) - len(late))
        return {key: self._gaps[key] for _, key in sorted(late)[: max(room, 0)]}

    def _ask_for_heads(self) -> None:
        """A process that was away may have missed a tail that no later fact reveals: ask until there is an answer."""
        now_seconds = monotonic_seconds()
        if self._has_heads or now_seconds - self._heads_asked_seconds <= HEADS_PATIENCE_SECONDS:
            return
        self._sender.send(TASK_REPLAY, QUEUE_REPLAY, wanted=[], heads_for=self._question)
        self._heads_asked_seconds = now_seconds

    def _notice_lost_streams(self) -> None:
        """After a wipe or restart of Redis entry ids may start anew: read each lane from its beginning again."""
        incarnation = cast("bytes | None", self._redis.get(INCARNATION_KEY))
        if incarnation != self._incarnation:
            self._last_ids = dict.fromkeys(self._last_ids, "0-0")
            self._incarnation = incarnation


def read_private_stream(
    client: "redis.Redis", stream: str, on_batch: Callable[[FactBatch], bool], *, timeout_seconds: float
) -> bool:
    """Feed a recount's stream to `on_batch` until it returns True (complete) or nothing comes for `timeout_seconds`."""
    last_id = "0-0"
    while True:
        streams = client.xread({stream: last_id}, count=8, block=int(min(timeout_seconds, 5) * 1000))
        if not streams:
            return False
        for _, entries in cast("list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]", streams):
            for entry_id, fields in entries:
                last_id = entry_id.decode()
                if on_batch(_batch(fields)):
                    return True
            client.xtrim(stream, minid=last_id)
