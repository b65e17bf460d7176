"""Real servers for every integration test; started when the first one asks."""

from collections.abc import Iterator

import pytest

from tests.support.servers import Servers, running_servers


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey of this session."""
    with running_servers() as running:
        yield running
