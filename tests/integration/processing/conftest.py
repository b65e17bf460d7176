"""Processing's database, and a partition both on it and on the fake that unit and property tests use."""

from collections.abc import Iterator

import pytest

from services.processing.adapters.partition_store import SqlPartitionStore
from services.runtime.database import Database
from tests.support.cases import rules
from tests.support.partitions import MemoryPartitionStore
from tests.support.servers import Servers
from tests.support.worlds import World


@pytest.fixture(scope="module")
def database(servers: Servers) -> Iterator[Database]:
    """Processing's schema as its own role."""
    opened = Database(servers.database_urls["processing"], schema="processing", process="tests")
    opened.open()
    yield opened
    opened.close()


@pytest.fixture(params=["memory", "PostgreSQL"])
def world(request: pytest.FixtureRequest) -> World:
    """A partition; the same laws hold on both stores."""
    if request.param == "memory":
        return World(MemoryPartitionStore())
    database = request.getfixturevalue("database")
    return World(SqlPartitionStore(database, rules().procedures), database)
