"""Measures a whole motcua on this machine; `tests/bench/README.md` says how to repeat it.

Everything that is compared runs in the same call, one after the other, so that ratios hold on a noisy machine.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import redis
import requests
from motcua import Client

from services.launcher.stack import Stack
from tests.bench.http_load import LoadResult, prepare, run_load
from tests.support.filings import filing, filings
from tests.support.wait import until

ROOT = Path(__file__).parent.parent.parent
CONNECTIONS = 16


def startup(runs: int = 3) -> dict[str, Any]:
    """Seconds from `up` to ready: first time in an empty folder, and again."""
    first: list[float] = []
    again: list[float] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
            for seconds in (first, again):
                started = time.perf_counter()
                with Stack(Path(folder) / "data"):
                    seconds.append(time.perf_counter() - started)
    return {"first_start_seconds": statistics.median(first), "next_start_seconds": statistics.median(again)}


def filing_rate(stack: Stack, count: int = 4000, runs: int = 3) -> dict[str, Any]:
    """Single filings a second over 16 connections, beside a bare Flask route on the same server, in turns."""
    bare_port = _free_port()
    bare = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (
                "from services.runtime.http_server import serve;"
                f"serve('tests.bench.bare_flask:app', '127.0.0.1', {bare_port}, threads=16)"
            ),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'sdk'}"},
    )
    bare_url = f"http://127.0.0.1:{bare_port}/echo"
    body = json.dumps(filing("declaration-cancellation"), ensure_ascii=False).encode()
    try:
        until(lambda: _answers(bare_url), timeout_seconds=20)
        results: dict[str, list[LoadResult]] = {"bare": [], "filing": []}
        for _ in range(runs):
            sandbox = Client(stack.portal_url, stack.admin_key).open_sandbox(name="bench", unknown_declarations="adopt")
            headers = {"Authorization": f"Bearer {sandbox.key}", "Content-Type": "application/json"}
            url = f"{stack.portal_url}/api/v1/dossiers"
            bare_request = prepare("POST", bare_url, {"Content-Type": "application/json"}, body)
            results["bare"].append(
                run_load(bare_url, [bare_request] * count, connections=CONNECTIONS, expected_status=200)
            )
            request = prepare("POST", url, headers, body)
            results["filing"].append(run_load(url, [request] * count, connections=CONNECTIONS, expected_status=201))
            sandbox.settle()
    finally:
        bare.terminate()
        bare.wait()
    assert not any(result.wrong_count for runs_ in results.values() for result in runs_)
    return {
        name: {
            "requests_per_second": statistics.median(item.requests_per_second for item in items),
            "p50_ms": statistics.median(item.p50_ms for item in items),
            "p99_ms": statistics.median(item.p99_ms for item in items),
        }
        for name, items in results.items()
    } | {
        "filing_to_bare_ratio": statistics.median(
            one.requests_per_second / other.requests_per_second
            for one, other in zip(results["filing"], results["bare"], strict=True)
        )
    }


def pipeline_rate(stack: Stack, count: int = 20_000) -> dict[str, Any]:
    """Dossiers a second from NDJSON filing to result, counted; and the same steps as one Celery message each."""
    sandbox = Client(stack.portal_url, stack.admin_key).open_sandbox(
        name="bench", partitions=8, now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt"
    )
    wanted = list(filings(count, applicants=1000))
    cpu_before = _cpu_seconds(stack)
    own_before = time.process_time()
    started = time.perf_counter()
    filed = sandbox.file_many(wanted)
    filed_seconds = time.perf_counter() - started
    assert not filed.problems
    advanced = sandbox.advance(days=150, wait_seconds=300)
    seconds = time.perf_counter() - started
    assert advanced.is_settled
    assert advanced.is_counted
    cpu = {name: round(after - cpu_before.get(name, 0.0), 2) for name, after in _cpu_seconds(stack).items()}
    cpu["client (this process)"] = round(time.process_time() - own_before, 2)
    total = sandbox.statistics(group_by="none")["total"]
    assert total["filed"] == count
    assert sandbox.recount()["equal"]
    step_count = sum(sandbox.statistics(group_by="none")["positions"].values())
    messages_per_second = _one_message_each(stack.redis_url, min(step_count, 20_000))
    return {
        "dossiers": count,
        "steps": step_count,
        "filed_per_second": count / filed_seconds,
        "dossiers_per_second": count / seconds,
        "steps_per_second": step_count / seconds,
        "one_message_each_steps_per_second": messages_per_second,
        "ratio": step_count / seconds / messages_per_second,
        "cpu_seconds": dict(sorted(cpu.items(), key=lambda item: -item[1])),
        "cpu_us_per_dossier": {name: round(value / count * 1e6) for name, value in cpu.items() if value > 0},
    }


def _one_message_each(redis_url: str, count: int) -> float:
    """Steps a second when each is a Celery message of its own: sent by one process, done by two."""
    environment = {**os.environ, "BENCH_REDIS_URL": redis_url, "PYTHONPATH": f"{ROOT}:{ROOT / 'sdk'}"}
    os.environ["BENCH_REDIS_URL"] = redis_url
    from tests.bench import one_message_each  # noqa: PLC0415 - needs the address first

    client = redis.Redis.from_url(redis_url)
    client.delete(one_message_each.COUNTER)
    worker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "tests.bench.one_message_each",
            "worker",
            "-c",
            "2",
            "-Q",
            "bench",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "-l",
            "error",
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        one_message_each.step.delay(0)
        until(lambda: int(client.get(one_message_each.COUNTER) or 0) >= 1, timeout_seconds=60)
        started = time.perf_counter()
        for number in range(count):
            one_message_each.step.delay(number)
        until(lambda: int(client.get(one_message_each.COUNTER) or 0) > count, timeout_seconds=600)
        return count / (time.perf_counter() - started)
    finally:
        worker.terminate()
        worker.wait()


def _cpu_seconds(stack: Stack) -> dict[str, float]:
    """CPU used so far by each process of the stack and its children."""
    used: dict[str, float] = {}
    state = stack.state()
    for record in state.processes if state else ():
        if not record.is_alive():
            continue
        try:
            process = psutil.Process(record.pid)
            family = [process, *process.children(recursive=True)]
            used[record.name] = sum(sum(one.cpu_times()[:4]) for one in family)
        except psutil.NoSuchProcess:
            continue
    return used


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return requests.post(url, json={"procedure": "x"}, timeout=1).ok
    except requests.RequestException:
        return False


def main() -> int:
    """Run what was asked, all by default."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="*", default=["startup", "filing", "pipeline"])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--dossiers", type=int, default=20_000)
    asked = parser.parse_args()
    result: dict[str, Any] = {"machine": {"cpus": os.cpu_count(), "python": platform.python_version()}}
    if "startup" in asked.what:
        result["startup"] = startup()
    if {"filing", "pipeline"} & set(asked.what):
        with Stack() as stack:
            if "filing" in asked.what:
                result["filing"] = filing_rate(stack)
            if "pipeline" in asked.what:
                result["pipeline"] = pipeline_rate(stack, asked.dossiers)
    print(json.dumps(result, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
