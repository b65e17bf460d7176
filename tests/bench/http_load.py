"""Small HTTP load generators: prepared requests, keep-alive, the latency of each.

Raw asyncio, because a comfortable client would cost more CPU than the server it measures, on the same two cores.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import urlsplit

from tests.bench.figures import percentile


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came out of one load."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    wrong_count: int  #: answers with another status than expected


@dataclass(frozen=True, slots=True)
class OpenLoadResult:
    """What came out of a load that doesn't wait for answers.

    Attributes:
        intended_at: When each request was to be sent, by the machine's clock (seconds since the epoch).
        latencies: From there to its answer (seconds).
        answers: Their bodies; empty where none came.
        late_count: Requests that were sent more than 20 ms late: then it is the generator that is measured.
        wrong_count: Answers with another status than expected, or none.
    """

    intended_at: Sequence[float]
    latencies: Sequence[float]
    answers: Sequence[bytes]
    late_count: int
    wrong_count: int


#: A request that is sent later than this says that the generator can't keep up.
_LATE_SECONDS = 0.02


def prepare(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A whole request as bytes."""
    parts = urlsplit(url)
    lines = [f"{method} {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Connection:
    """One connection, for one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request; status and body of its answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0)
        body = await self._reader.readexactly(length) if length else b""
        return head.split(b" ", 2)[1], body

    def close(self) -> None:
        """Give it up."""
        self._writer.close()


async def _connect(url: str) -> _Connection:
    parts = urlsplit(url)
    return _Connection(*await asyncio.open_connection(parts.hostname or "", parts.port or 80))


def run_load(url: str, requests: Sequence[bytes], *, connections: int, expected_status: int) -> LoadResult:
    """Send every request once, over so many connections, each one after the answer to the one before."""
    return asyncio.run(_run(url, requests, connections, str(expected_status).encode()))


async def _run(url: str, requests: Sequence[bytes], connections: int, expected: bytes) -> LoadResult:
    latencies: list[float] = []
    wrong = 0
    waiting = iter(requests)

    async def work() -> None:
        nonlocal wrong
        connection = await _connect(url)
        for request in waiting:
            started = time.perf_counter()
            status, _ = await connection.ask(request)
            wrong += status != expected
            latencies.append(time.perf_counter() - started)
        connection.close()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    seconds = time.perf_counter() - started
    return LoadResult(
        requests_per_second=len(latencies) / seconds,
        p50_ms=percentile(latencies, 0.5) * 1000,
        p99_ms=percentile(latencies, 0.99) * 1000,
        wrong_count=wrong,
    )


def run_open_load(
    url: str, requests: Sequence[bytes], *, per_second: float, seed: int, expected_status: int
) -> OpenLoadResult:
    """Send each request at its instant, whether or not those before have been answered.

    The instants are a Poisson process: people don't wait for each other. A connection is opened whenever none is free.
    """
    draw = Random(seed)
    offsets, offset = [], 0.0
    for _ in requests:
        offset += draw.expovariate(per_second)
        offsets.append(offset)
    return asyncio.run(_run_open(url, list(zip(offsets, requests, strict=True)), str(expected_status).encode()))


async def _run_open(url: str, plan: Sequence[tuple[float, bytes]], expected: bytes) -> OpenLoadResult:
    free: deque[_Connection] = deque([await _connect(url) for _ in range(8)])
    latencies, answers = [0.0] * len(plan), [b""] * len(plan)
    late = wrong = 0
    epoch, began = time.time(), time.perf_counter()

    async def send(place: int, offset: float, request: bytes) -> None:
        nonlocal wrong
        try:
            connection = free.popleft() if free else await _connect(url)
            status, answers[place] = await connection.ask(request)
        except (OSError, asyncio.IncompleteReadError):
            status = b""
        wrong += status != expected
        latencies[place] = time.perf_counter() - began - offset
        if status:
            free.append(connection)

    async with asyncio.TaskGroup() as tasks:
        for place, (offset, request) in enumerate(plan):
            await asyncio.sleep(max(0.0, began + offset - time.perf_counter()))
            late += time.perf_counter() - began - offset > _LATE_SECONDS
            tasks.create_task(send(place, offset, request))
    for connection in free:
        connection.close()
    return OpenLoadResult([epoch + offset for offset, _ in plan], latencies, answers, late, wrong)
