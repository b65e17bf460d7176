"""How long after it should a filing is received, in a sandbox whose clock runs by itself.

Declarations are registered one by one at Poisson instants (open model), about fifty a second. Of each is measured the
time from the instant at which it should be received until that stands in the read model (the projector has committed
it):

* what the robot receives at once (green: cleared with its filing) should be received when its request was to be sent;
  so this is the whole way: HTTP, disk, broker, worker, ledger, stream, projector;
* for the others the robot has drawn an instant, some minutes of virtual time later; the clock runs sixty times as fast,
  so that the wait is short and the later steps of each dossier are as many a second as on an ordinary day.

Filings that come before the crowd's own connections and caches are warm are left out; so are those that are planned for
when nobody looks any more. All others count, and what is never seen has taken for ever.
"""

import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

import orjson
import psycopg
from motcua import Client
from psycopg import IsolationLevel

from services.contracts.vocabulary import ClockMode
from services.launcher.stack import Stack
from services.runtime.streams import decode_block
from tests.bench import mix
from tests.bench.errors import MeasuringError
from tests.bench.figures import per_dossier_us, percentile
from tests.bench.http_load import OpenLoadResult, prepare, run_open_load
from tests.bench.observing import Observer, Onlooker
from tests.bench.receipts import Receipt, due_between, receipts

#: A Tuesday morning: everything is open, and lunch is far.
_NOW: Final = "2018-04-10T08:05:00+07:00"
_SPEED: Final = 60

_PER_SECOND: Final = 50.0
_SECONDS: Final = 60
_WARM_UP_SECONDS: Final = 5.0

#: After the last filing: what is planned for later than this (half an hour of virtual time) isn't waited for.
_AFTERWARDS_SECONDS: Final = 30.0

#: Counted is what should have been received so long before the read model was looked at last, whether or not it was:
#: of what should have been later, only the quick ones can be there.
_BEFORE_LAST_LOOK_SECONDS: Final = 5.0

#: Part of the filings that has to be counted at least.
_LEAST_COUNTED: Final = 0.5

#: Part of the requests that may be sent late. Their lag counts from when they were to be sent, so that it is never too
#: short; but it shall be the services' own.
_MOST_LATE: Final = 0.1

#: So long it is watched what the stack takes when nothing happens.
_IDLE_SECONDS: Final = 10.0

#: How often the read model is looked at; what is measured is too long by half of this.
_LOOK_SECONDS: Final = 0.005


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
            check_load(load)
            say(f"waiting {_AFTERWARDS_SECONDS:.0f} s for those that are planned")
            time.sleep(_AFTERWARDS_SECONDS)
        sent_at = {_number(answer): at for answer, at in zip(load.answers, load.intended_at, strict=True)}
        known = _receipts(stack, sandbox_id, sent_at, watch)
        # Nothing more: a clock that runs by itself would keep the services busy.
        sandbox.request("PUT", "/api/v1/clock", json={"mode": ClockMode.MANUAL})
    due = counted(known, min(load.intended_at) + _WARM_UP_SECONDS, watch.last_look - _BEFORE_LAST_LOOK_SECONDS)
    return {
        "filings": len(requests),
        "per_second": _PER_SECOND,
        "clock_speed": _SPEED,
        "generator_late": load.late_count,
        "answered_ms": _percentiles(load.latencies),
        "received_ms": _percentiles([receipt.lag for receipt in due]),
        "at_once_ms": _percentiles([receipt.lag for receipt in due if receipt.planned_at is None]),
        "planned_ms": _percentiles([receipt.lag for receipt in due if receipt.planned_at is not None]),
        "measured": len(due),
        "never_shown": sum(receipt.shown_at is None for receipt in due),
        "idle_cores": sum(idle.cpu_seconds(idle.last_seconds).values()) / idle.last_seconds,
        "cpu_ms_per_filing": _cpu_ms(observer, idle, len(requests)),
    }


def check_load(load: OpenLoadResult) -> None:
    """Whether what was sent is what was to be measured.

    Raises:
        MeasuringError: something was answered wrongly or not at all, or the generator couldn't keep up.
    """
    if load.wrong_count:
        raise MeasuringError(f"answers with another status than expected, or none: {load.wrong_count}")
    if load.late_count > _MOST_LATE * len(load.answers):
        raise MeasuringError(f"the generator was late {load.late_count} times of {len(load.answers)}: too busy here")


def counted(known: Sequence[Receipt], since: float, until: float) -> list[Receipt]:
    """Those that the figure is of.

    Raises:
        MeasuringError: they are too few to stand for all that were sent.
    """
    due = due_between(known, since, until)
    sent = sum(receipt.sent_at >= since for receipt in known)
    if not due or len(due) < _LEAST_COUNTED * sent:
        raise MeasuringError(f"of {sent} filings only {len(due)} should have been received while it was watched")
    return due


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
        #: When it was looked last (seconds since the epoch).
        self.last_look = 0.0

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
                self.last_look = now = time.time()
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


def _receipts(stack: Stack, sandbox_id: str, sent_at: Mapping[int, float], watch: _Watch) -> list[Receipt]:
    """What became of each filing, as processing and the read model's watch know it."""
    query = "SELECT clock_real_at, clock_virtual_at FROM portal.sandbox WHERE sandbox_id = %s"
    ledger = "SELECT partition, block FROM processing.ledger WHERE sandbox_id = %s ORDER BY partition, last_position"
    waiting = "SELECT number, next_at FROM processing.dossier WHERE sandbox_id = %s AND next_at IS NOT NULL"
    with psycopg.connect(stack.database_url()) as owner:
        # What happens meanwhile is either in both or in neither.
        owner.isolation_level = IsolationLevel.REPEATABLE_READ
        row = owner.execute(query, [sandbox_id]).fetchone()
        blocks = owner.execute(ledger, [sandbox_id]).fetchall()
        planned = owner.execute(waiting, [sandbox_id]).fetchall()
    assert row is not None
    clock = _Clock(*row)
    facts = (
        (partition, fact, clock.real_seconds(fact.occurred_at))
        for partition, payload in blocks
        for fact in decode_block(payload).rows
    )
    return receipts(sent_at, facts, {number: clock.real_seconds(at) for number, at in planned}, watch.shown_at)


def _number(answer: bytes) -> int:
    """The dossier's number, from the answer to its filing."""
    return int(orjson.loads(answer)["dossier_id"].rsplit("-", 1)[1])
