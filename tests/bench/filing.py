"""Single filings over HTTP beside a bare Flask route on the same server, in turns."""

import json
import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import requests
from motcua import Client

from services.launcher.folder import REPOSITORY
from services.launcher.stack import Stack
from tests.bench.errors import MeasuringError
from tests.bench.http_load import LoadResult, prepare, run_load
from tests.support.filings import filing
from tests.support.wait import until

CONNECTIONS: Final = 16


def filing_rate(stack: Stack, say: Callable[[str], None], count: int = 3000, runs: int = 3) -> dict[str, Any]:
    """Filings a second over 16 connections, each validated and durable when answered, the pipeline working behind.

    Beside them the bare route: JSON in, JSON out, nothing kept.
    """
    body = json.dumps(filing("declaration-cancellation"), ensure_ascii=False).encode()
    results: dict[str, list[LoadResult]] = {"bare": [], "filing": []}
    with _bare_flask() as bare_url, Client(stack.portal_url, stack.admin_key) as admin:
        for run in range(runs):
            say(f"run {run + 1} of {runs}: {count} bare requests, {count} filings")
            with admin.open_sandbox(name="bench", unknown_declarations="adopt") as sandbox:
                headers = {"Authorization": f"Bearer {sandbox.key}", "Content-Type": "application/json"}
                url = f"{stack.portal_url}/api/v1/dossiers"
                bare = prepare("POST", bare_url, {"Content-Type": "application/json"}, body)
                results["bare"].append(run_load(bare_url, [bare] * count, connections=CONNECTIONS, expected_status=200))
                request = prepare("POST", url, headers, body)
                results["filing"].append(run_load(url, [request] * count, connections=CONNECTIONS, expected_status=201))
                sandbox.settle(wait_seconds=60, must_settle=False)
    wrong = {name: sum(item.wrong_count for item in items) for name, items in results.items()}
    if any(wrong.values()):
        raise MeasuringError(f"answers with another status than expected: {wrong}")
    pairs = zip(results["filing"], results["bare"], strict=True)
    ratios = [one.requests_per_second / other.requests_per_second for one, other in pairs]
    return {
        **{name: _median(items) for name, items in results.items()},
        "filing_beside_bare": statistics.median(ratios),
        "connections": CONNECTIONS,
    }


def _median(items: list[LoadResult]) -> dict[str, float]:
    names = ("requests_per_second", "p50_ms", "p99_ms")
    return {name: statistics.median(getattr(item, name) for item in items) for name in names}


@contextmanager
def _bare_flask() -> Iterator[str]:
    """The bare route's address, while its server runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    serve = f"serve('tests.bench.bare_flask:app', '127.0.0.1', {port}, threads={CONNECTIONS})"
    process = subprocess.Popen(
        [sys.executable, "-c", f"from services.runtime.http_server import serve; {serve}"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "sdk")])},
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/echo"
    try:
        until(lambda: _answers(url), timeout_seconds=30)
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return requests.post(url, json={"procedure": "x"}, timeout=1).ok
    except requests.RequestException:
        return False
