"""Metrics over real servers: its database, a stand-in for processing, the counter and the HTTP side."""

from collections.abc import Callable, Iterator

import pytest
import redis
from flask.testing import FlaskClient

from services.metrics.adapters.consumer import CountingConsumer
from services.metrics.adapters.reader import SqlCountReader
from services.metrics.api.app import create_app
from services.metrics.bootstrap import WebParts, build_web
from services.metrics.config import WebSettings
from services.runtime.celery_app import TaskSender, make_celery
from services.runtime.database import Database
from services.runtime.streams import FactFollower, connect_redis
from tests.support.ledger_server import LedgerServer
from tests.support.servers import Servers

KEY = "a key for tests"


@pytest.fixture
def client(servers: Servers) -> Iterator["redis.Redis"]:
    """An empty Valkey."""
    with connect_redis(servers.redis_url) as connected:
        connected.flushall()
        yield connected


@pytest.fixture
def database(servers: Servers) -> Iterator[Database]:
    """The empty schema of metrics, seen as its own role."""
    servers.empty_schema("metrics")
    opened = Database(servers.database_urls["metrics"], schema="metrics", process="tests", max_connections=4)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def processing(servers: Servers, client: "redis.Redis") -> LedgerServer:
    """Stands in for processing."""
    return LedgerServer(servers.redis_url, client)


@pytest.fixture
def make_counter(servers: Servers, database: Database, client: "redis.Redis") -> Callable[[], FactFollower]:
    """Counters as the counter process builds them, to be stepped by hand."""

    def make() -> FactFollower:
        return FactFollower(
            client=client,
            database=database,
            consumer=CountingConsumer(),
            sender=TaskSender(make_celery(servers.redis_url)),
            name="metrics",
        )

    return make


@pytest.fixture
def reader(database: Database) -> SqlCountReader:
    """What answers are made of."""
    return SqlCountReader(database)


@pytest.fixture
def web_parts(servers: Servers, database: Database) -> Iterator[WebParts]:
    """The HTTP side's parts; a recount loses patience after a second."""
    settings = WebSettings(
        redis_url=servers.redis_url,
        log_level="info",
        heartbeat_file="",
        database_url=servers.database_urls["metrics"],
        internal_key=KEY,
        bind="127.0.0.1",
        port=0,
        recount_patience_seconds=1.0,
    )
    parts = build_web(settings)
    yield parts
    parts.close()


@pytest.fixture
def http(web_parts: WebParts) -> FlaskClient:
    """The HTTP side, with the key."""
    test_client = create_app(web_parts).test_client()
    test_client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {KEY}"
    return test_client
