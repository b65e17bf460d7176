"""Puts metrics together: settings in, working parts out. Nothing is built at import; entry points call in here."""

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from services.metrics.adapters.consumer import CountingConsumer
from services.metrics.adapters.prometheus import make_registry
from services.metrics.adapters.reader import SqlCountReader
from services.metrics.adapters.replay import StreamLedgerReplay
from services.metrics.adapters.report_reader import SqlReportReader
from services.metrics.application.ports import CountReader, LedgerReplay, ReportReader
from services.metrics.config import WEB_THREADS, CounterSettings, WebSettings
from services.runtime.celery_app import TaskSender, make_celery
from services.runtime.database import Database
from services.runtime.streams import FactFollower, connect_redis


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the HTTP side works with."""

    internal_key: str
    counts: CountReader
    reports: ReportReader
    ledger: LedgerReplay
    registry: CollectorRegistry
    is_ready: Callable[[], bool]
    close: Callable[[], None]  #: gives all connections back


def build_web(settings: WebSettings) -> WebParts:
    """The parts of the HTTP side; connects in the background."""
    # One connection more than threads: readiness is answered while all of them are busy.
    database = _open_database(settings, "metrics web", max_connections=WEB_THREADS + 1)
    client, celery = connect_redis(settings.redis_url), make_celery(settings.redis_url)

    def close() -> None:
        database.close()
        client.close()
        celery.close()

    return WebParts(
        internal_key=settings.internal_key,
        counts=SqlCountReader(database),
        reports=SqlReportReader(database),
        ledger=StreamLedgerReplay(client, TaskSender(celery), patience_seconds=settings.recount_patience_seconds),
        registry=make_registry(database),
        is_ready=database.is_ready,
        close=close,
    )


@dataclass(frozen=True, slots=True)
class CounterParts:
    """What the counter works with."""

    follower: FactFollower
    consumer: CountingConsumer


def build_counter(settings: CounterSettings) -> CounterParts:
    """The counter, ready to step."""
    consumer = CountingConsumer()
    follower = FactFollower(
        client=connect_redis(settings.redis_url),
        database=_open_database(settings, "metrics counter", max_connections=1),
        consumer=consumer,
        sender=TaskSender(make_celery(settings.redis_url)),
        name="metrics",
    )
    return CounterParts(follower, consumer)


def _open_database(settings: CounterSettings, process: str, *, max_connections: int) -> Database:
    database = Database(settings.database_url, schema="metrics", process=process, max_connections=max_connections)
    database.open()
    return database
