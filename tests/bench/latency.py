"""How long after it should a filing is received, in a sandbox whose clock runs by itself.

Declarations are registered one by one at Poisson instants (open model), about fifty a second. Of each is measured the
time from the instant at which it should be received until that stands in the read model (the projector has committed
it):

* what the robot receives at once (green: cleared with its filing) should be received when its request was to be sent;
  so this is the whole way: HTTP, disk, broker, worker, ledger, stream, projector;
* for the others the robot has drawn an instant, some minutes of virtual time later; the clock runs sixty times as fast,
  so that the wait is short and the later steps of each dossier are as many a second as on an ordinary day.

Filings that come before the crowd's own connections and caches are warm are left out.
"""

import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

import orjson
import psycopg
from motcua import Client

from services.contracts.vocabulary import Action, ClockMode
from services.launcher.stack import Stack
from services.runtime.streams import decode_block
from tests.bench import mix
from tests.bench.figures import per_dossier_us, percentile
from tests.bench.http_load import OpenLoadResult, prepare, run_open_load
from tests.bench.observing import Observer, Onlooker

#: A Tuesday morning: everything is open, and lunch is far.
_NOW: Final = "2018-04-10T08:05:00+07:00"
_SPEED: Final = 60

_PER_SECOND: Final = 50.0
_SECONDS: Final = 60
_WARM_UP_SECONDS: Final = 5.0

#: After the last filing: what is planned for later than this (an hour of virtual time) isn't waited for.
_AFTERWARDS_SECONDS: Final = 30.0

#: So long it is watched what the stack takes when nothing happens.
_IDLE_SECONDS: Final = 10.0

#: How often the read model is looked at; what is measured is too long by half of this.
_LOOK_SECONDS: Final = 0.005

_RECEIVING: Final = frozenset({str(Action.RECEIVE), str(Action.RESOLVE_AT_ONCE)})


def received_latency(stack: Stack, say: Callable[[str], None]) -> dict[str, Any]:
    """Percentiles in milliseconds: together, of what is received at once, and of what is planned."""
    admin = Client(stack.portal_url, stack.admin_key)
    with admin.open_sandbox(name="bench", mode="scaled", speed=_SPEED, now=_NOW, partitions=2) as sandbox:
        sandbox_id = sandbox.request("GET", "/api/v1/sandbox").json()["sandbox_id"]
        url = f"{stack.portal_url}/api/v1/declarations"
        headers = {"Authorization": f"Bearer {sandbox.key}", "Content-Type": "application/json"}
        wanted = mix.lines(int(_PER_SECOND * _SECONDS))
        requests = [prepare("POST", url, headers, mix.without_instant(line)) for line in wanted]
        say(f"{_IDLE_SECONDS:.0f} s of an idle stack")
        with Observer(stack) as idle:
            time.sleep(_IDLE_SECONDS)
        say(f"{len(requests)} filings at {_PER_SECOND:.0f} a second, open model")
        with Observer(stack) as observer, _Watch(stack, sandbox_id) as watch:
            load = run_open_load(url, requests, per_second=_PER_SECOND, seed=1, expected_status=201)
            say(f"waiting {_AFTERWARDS_SECONDS:.0f} s for those that are planned")
            time.sleep(_AFTERWARDS_SECONDS)
        lags = _lags(stack, sandbox_id, load, watch)
        # Nothing more: a clock that runs by itself would keep the services busy.
        sandbox.request("PUT", "/api/v1/clock", json={"mode": ClockMode.MANUAL})
    return {
        "filings": len(requests),
        "per_second": _PER_SECOND,
        "clock_speed": _SPEED,
        "generator_late": load.late_count,
        "refused": load.wrong_count,
        "answered_ms": _percentiles(load.latencies),
        "received_ms": _percentiles([lag for _, lag in lags]),
        "at_once_ms": _percentiles([lag for is_at_once, lag in lags if is_at_once]),
        "planned_ms": _percentiles([lag for is_at_once, lag in lags if not is_at_once]),
        "measured": len(lags),
        "idle_cores": sum(idle.cpu_seconds(idle.last_seconds).values()) / idle.last_seconds,
        "cpu_ms_per_filing": _cpu_ms(observer, idle, len(requests)),
    }


def _cpu_ms(observer: Observer, idle: Observer, filings: int) -> dict[str, float]:
    """Processor time of each process that a filing and what follows it took: more than the idle stack takes anyway."""
    watched, rested = observer.last_seconds, idle.last_seconds
    before = idle.cpu_seconds(rested)
    used = {
        name: seconds - before.get(name, 0.0) * watched / rested
        for name, seconds in observer.cpu_seconds(watched).items()
    }
    return {name: round(us / 1000, 3) for name, us in per_dossier_us(used, filings).items()}


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    return {f"p{part * 100:g}": round(percentile(seconds, part) * 1000, 1) for part in (0.5, 0.95, 0.99) if seconds}


class _Watch:
    """Notes when the read model comes to which position of each partition's ledger, while its block runs."""

    def __init__(self, stack: Stack, sandbox_id: str) -> None:
        self._stack = stack
        self._sandbox_id = sandbox_id
        self._onlooker = Onlooker(self._look)
        self._positions: dict[int, list[int]] = defaultdict(list)
        self._instants: dict[int, list[float]] = defaultdict(list)

    def shown_at(self, partition: int, position: int) -> float | None:
        """When a fact stood in the read model (seconds since the epoch); `None`: not while this watched."""
        place = bisect_left(self._positions[partition], position)
        return self._instants[partition][place] if place < len(self._instants[partition]) else None

    def __enter__(self) -> Self:
        self._onlooker.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._onlooker.__exit__(kind, error, trace)

    def _look(self, stopping: threading.Event) -> None:
        query = "SELECT partition, position FROM portal.projection WHERE sandbox_id = %s"
        with psycopg.connect(self._stack.database_url(), autocommit=True) as owner:
            while not stopping.wait(_LOOK_SECONDS):
                rows = owner.execute(query, [self._sandbox_id]).fetchall()
                now = time.time()
                for partition, position in rows:
                    if not self._positions[partition] or position > self._positions[partition][-1]:
                        self._positions[partition].append(position)
                        self._instants[partition].append(now)


@dataclass(frozen=True, slots=True)
class _Clock:
    real_at: datetime
    virtual_at: datetime

    def real_seconds(self, virtual: datetime) -> float:
        """When the clock shows an instant (seconds since the epoch)."""
        return (self.real_at + (virtual - self.virtual_at) / _SPEED).timestamp()


def _lags(stack: Stack, sandbox_id: str, load: OpenLoadResult, watch: _Watch) -> list[tuple[bool, float]]:
    """Of each filing that was received meanwhile: whether at once, and how long after it should have been (seconds)."""
    query = "SELECT clock_real_at, clock_virtual_at FROM portal.sandbox WHERE sandbox_id = %s"
    ledger = "SELECT partition, block FROM processing.ledger WHERE sandbox_id = %s"
    with psycopg.connect(stack.database_url()) as owner:
        row = owner.execute(query, [sandbox_id]).fetchone()
        blocks = owner.execute(ledger, [sandbox_id]).fetchall()
    assert row is not None
    clock = _Clock(*row)
    sent_at = {_number(answer): at for answer, at in zip(load.answers, load.intended_at, strict=True) if answer}
    began = min(load.intended_at) + _WARM_UP_SECONDS
    found: list[tuple[bool, float]] = []
    for partition, payload in blocks:
        for fact in decode_block(payload).rows:
            shown = watch.shown_at(partition, fact.position)
            if fact.action not in _RECEIVING or shown is None or sent_at.get(fact.number, 0.0) < began:
                continue
            is_at_once = fact.action == Action.RESOLVE_AT_ONCE
            should = sent_at[fact.number] if is_at_once else clock.real_seconds(fact.occurred_at)
            found.append((is_at_once, shown - should))
    return found


def _number(answer: bytes) -> int:
    """The dossier's number, from the answer to its filing."""
    return int(orjson.loads(answer)["dossier_id"].rsplit("-", 1)[1])
