"""A small HTTP load generator: fixed connections, keep-alive, prepared requests, latencies of each.

Raw asyncio, because a comfortable client would cost more CPU than the server it measures, on the same two cores.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came out of one load."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    wrong_count: int  #: answers with another status than expected


def prepare(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A whole request as bytes."""
    parts = urlsplit(url)
    lines = [f"{method} {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def run_load(url: str, requests: Sequence[bytes], *, connections: int, expected_status: int) -> LoadResult:
    """Send every request once, over so many connections, each one after the answer to the one before."""
    parts = urlsplit(url)
    return asyncio.run(_run(parts.hostname or "", parts.port or 80, requests, connections, expected_status))


async def _run(host: str, port: int, requests: Sequence[bytes], connections: int, expected_status: int) -> LoadResult:
    latencies: list[float] = []
    wrong = 0
    waiting = iter(requests)
    expected = str(expected_status).encode()

    async def work() -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection(host, port)
        for request in waiting:
            started = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0
            )
            if length:
                await reader.readexactly(length)
            latencies.append(time.perf_counter() - started)
            wrong += head.split(b" ", 2)[1] != expected
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    seconds = time.perf_counter() - started
    latencies.sort()
    return LoadResult(
        requests_per_second=len(latencies) / seconds,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1000,
        wrong_count=wrong,
    )
