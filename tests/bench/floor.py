"""The floor: what the primitives take that no design can do without, each alone, for as many dossiers and facts.

* validate: the portal's reader, on the lines as they are sent;
* COPY: one row a dossier, with what processing keeps of it, in transactions as large as the portal's;
* update: dossiers' rows by an array of numbers, and each fact as a row of a ledger, 1,000 facts a transaction;
* stream: the facts in blocks, encoded, written to a stream, read from it, decoded.

One after the other, by one client, in rounds that fill the same tables: the time that passes is what the pipeline's is
compared with. A round takes a second or two, and what the machine gives in one second it may not give in the next; so
there are many, before the pipeline runs and after it, and how far they lie apart is told. Beside it stands the
processor time, of this process and of the servers. Engine, HTTP, broker, outbox, read model and counts aren't in it.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import mean, median
from typing import Any, Final, cast

import orjson
import psutil
import psycopg
import redis

from services.casework.engine import PartitionRun
from services.contracts.facts import FactBlock
from services.launcher.stack import Stack
from services.portal.adapters.registers.register_data import load_declaration_kinds
from services.portal.api.bodies import decode_json
from services.portal.api.registers.declaration_reading import DeclarationReader
from services.processing.adapters.dossier_rows import packed
from services.runtime.database import array
from services.runtime.streams import decode_block, encode_block
from tests.bench import mix
from tests.bench.figures import per_dossier_us
from tests.bench.messages import bench_database

_LINES_PER_TRANSACTION: Final = 10_000
_FACTS_PER_TRANSACTION: Final = 1000
_STREAM: Final = "bench:floor"

#: Position, dossier, action, status, when.
_Step = tuple[Any, ...]

_TABLES: Final = """
    CREATE TABLE dossier (
        number bigint PRIMARY KEY, status smallint, status_at timestamptz, version bigint, state text NOT NULL
    );
    CREATE TABLE fact (
        position bigint PRIMARY KEY, number bigint NOT NULL, action text NOT NULL, status smallint NOT NULL,
        occurred_at timestamptz NOT NULL
    );
"""
_UPDATE: Final = """
    UPDATE dossier SET status = new.status, status_at = new.status_at, version = new.version
    FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[], %s::bigint[])
        AS new (number, status, status_at, version)
    WHERE dossier.number = new.number
"""
_INSERT: Final = """
    INSERT INTO fact (position, number, action, status, occurred_at)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::smallint[], %s::timestamptz[])
"""


#: Dossiers of a round, and rounds that follow each other.
_DOSSIERS: Final = 20_000
_ROUNDS: Final = 10


class Floor:
    """What has been measured so far.

    Args:
        stack: Its servers are measured; its services have nothing to do meanwhile.
        dossiers: Of a round.
        rounds: Measured at a time.
    """

    def __init__(self, stack: Stack, dossiers: int = _DOSSIERS, rounds: int = _ROUNDS) -> None:
        self._stack = stack
        self._dossiers = dossiers
        self._rounds = rounds
        self._meter = _Meter(stack)
        self._sums_us: list[float] = []
        self._facts = 0

    def measure(self, say: Callable[[str], None]) -> dict[str, Any]:
        """Some more rounds, into tables of their own.

        Returns:
            Of all rounds so far, microseconds a dossier that each primitive takes, and all of them together.
        """
        lines = mix.lines(self._dossiers)
        reader = DeclarationReader(mix.catalogue(), load_declaration_kinds())
        with (
            bench_database(self._stack) as url,
            psycopg.connect(url) as connection,
            redis.Redis.from_url(self._stack.redis_url) as client,
        ):
            connection.execute(_TABLES)
            connection.commit()
            head_position = 0
            for number in range(self._rounds):
                before = sum(self._meter.seconds.values())
                numbered = mix.renumbered(lines, number * self._dossiers)
                head_position += _round(self._meter, connection, client, reader, numbered, head_position)
                self._sums_us.append((sum(self._meter.seconds.values()) - before) / self._dossiers * 1e6)
                say(f"round {number + 1} of {self._rounds}: {self._sums_us[-1]:.1f} us a dossier")
            client.delete(_STREAM)
        self._facts += head_position
        return self._result()

    def _result(self) -> dict[str, Any]:
        count, sums_us = self._dossiers * len(self._sums_us), self._sums_us
        return {
            "dossiers": count,
            "facts": self._facts,
            "us_per_dossier": per_dossier_us(self._meter.seconds, count),
            "sum_us_per_dossier": mean(sums_us),
            "sum_us_of_rounds": {"least": min(sums_us), "median": median(sums_us), "most": max(sums_us)},
            "cpu_us_per_dossier": per_dossier_us(self._meter.cpu_seconds, count),
        }


def _round(
    meter: "_Meter",
    connection: "psycopg.Connection[Any]",
    client: "redis.Redis",
    reader: DeclarationReader,
    lines: Sequence[mix.Line],
    head_position: int,
) -> int:
    """Measure each primitive once, behind what is there already; returns how many facts there were."""
    run = mix.played(lines, head_position)
    blocks = run.log.take_blocks()
    steps = list(_steps(blocks))
    meter.measure("validate", lambda: [reader.read_registration(decode_json(line.body)) for line in lines])
    meter.measure("copy", lambda: _copy(connection, run))
    meter.measure("update", lambda: _update(connection, steps))
    meter.measure("stream", lambda: _stream(client, blocks))
    return len(steps)


def _copy(connection: "psycopg.Connection[Any]", run: PartitionRun) -> None:
    for cases in _batched(run.cases.values(), _LINES_PER_TRANSACTION):
        rows = b"".join(
            b"%d\t%b\n" % (case.number, orjson.dumps(packed(case)).replace(b"\\", b"\\\\")) for case in cases
        )
        with connection.cursor().copy("COPY dossier (number, state) FROM STDIN") as copy:
            copy.write(rows)
        connection.commit()


def _steps(blocks: Iterable[FactBlock]) -> Iterator[_Step]:
    for block in blocks:
        facts, numbers = block.facts, block.dossiers.number
        columns = zip(facts.dossier, facts.action, facts.status, facts.occurred_at, strict=True)
        for position, (place, *columns_of_fact) in enumerate(columns, block.first):
            yield position, numbers[place], *columns_of_fact


def _update(connection: "psycopg.Connection[Any]", steps: Iterable[_Step]) -> None:
    for batch in _batched(steps, _FACTS_PER_TRANSACTION):
        last = {number: (number, status, at, position) for position, number, _, status, at in batch}
        connection.execute(_UPDATE, [array(column) for column in zip(*last.values(), strict=True)])
        connection.execute(_INSERT, [array(column) for column in zip(*batch, strict=True)])
        connection.commit()


def _stream(client: "redis.Redis", blocks: Iterable[FactBlock]) -> None:
    for block in blocks:
        client.xadd(_STREAM, {"block": encode_block(block)}, maxlen=200, approximate=True)
        for _, entries in cast("Any", client.xread({_STREAM: "0-0"}, count=1)):
            for entry_id, fields in entries:
                decode_block(fields[b"block"])
                client.xdel(_STREAM, entry_id)


def _batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


@dataclass
class _Meter:
    """Keeps how long each primitive took, and the processor time of this process and of the stack's idle servers."""

    stack: Stack
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)

    def measure(self, name: str, work: Callable[[], object]) -> None:
        """Do something and add what it took."""
        own, servers, began = time.process_time(), self._servers_seconds(), time.perf_counter()
        work()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began
        spent = time.process_time() - own + self._servers_seconds() - servers
        self.cpu_seconds[name] = self.cpu_seconds.get(name, 0.0) + spent

    def _servers_seconds(self) -> float:
        total = 0.0
        for name in ("postgres", "redis"):
            root = psutil.Process(self.stack.pid_of(name))
            for process in [root, *root.children(recursive=True)]:
                times = process.cpu_times()
                total += times.user + times.system
        return total
