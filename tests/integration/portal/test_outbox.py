"""The outbox on PostgreSQL: who is sent first, and what is sent again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import pytest

from services.contracts.commands import CommandBatch, CommandType
from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_outbox import SqlOutbox, WaitingCommands
from services.portal.application.ports import NewCommand
from services.runtime.database import Database
from tests.support.servers import Servers

NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(servers: Servers) -> Iterator[Database]:
    """The empty schema of the portal, as its own role."""
    servers.empty_schema("portal")
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def outbox(database: Database, servers: Servers) -> SqlOutbox:
    servers.empty_schema("portal")
    return SqlOutbox(database)


def append(database: Database, sandbox_id: str, count: int, *, partition: int = 0, rows: int = 0) -> None:
    data: dict[str, Any] = {"dossiers": [[number] for number in range(rows)]}
    with SqlDoor(database).unit() as unit:
        unit.append(sandbox_id, [NewCommand(partition, CommandType.ACCEPT_DOSSIERS, NOW, data)] * count)


def taken(outbox: SqlOutbox, limit: int, now: datetime = NOW) -> list[tuple[str, int, list[int]]]:
    """What a relay takes first."""
    with outbox.unsent(now, limit) as batches:
        return [(*part.key, _sequences(part)) for part in batches]


def _sequences(waiting: WaitingCommands) -> list[int]:
    """As processing reads them after they have been on the wire."""
    wire = orjson.loads(orjson.dumps(waiting.to_wire()))
    return [command.sequence for command in CommandBatch.from_wire(wire).commands]


def test_whoever_files_a_lot_keeps_nobody_waiting(outbox: SqlOutbox, database: Database) -> None:
    """Sandboxes were served in order of their names."""
    append(database, "a", 500)
    append(database, "a", 500, partition=1)
    append(database, "b", 2)
    append(database, "c", 1)
    assert taken(outbox, 10) == [("a", 0, [1, 2, 3, 4]), ("a", 1, [1, 2, 3]), ("b", 0, [1, 2]), ("c", 0, [1])]
    append(database, "d", 1)
    assert taken(outbox, 4) == [("a", 0, [5]), ("a", 1, [4, 5]), ("d", 0, [1])]


def test_what_is_large_is_taken_by_its_rows(outbox: SqlOutbox, database: Database) -> None:
    append(database, "a", 30, rows=1000)
    append(database, "b", 30, rows=1000)
    batches = taken(outbox, 500)
    assert {(sandbox_id, len(sequences)) for sandbox_id, _, sequences in batches} == {("a", 1), ("b", 1)}
    assert sorted(sequence for _, _, sequences in batches for sequence in sequences) == sorted([*range(1, 11)] * 2)


def test_what_is_waited_for_is_the_first_of_each_partition_that_was_sent_long_ago(
    outbox: SqlOutbox, database: Database
) -> None:
    append(database, "a", 3)
    append(database, "a", 2, partition=1)
    assert outbox.heads(NOW + timedelta(hours=1), 3.0) == {}  # not sent yet
    taken(outbox, 10)
    assert outbox.heads(NOW + timedelta(seconds=2), 3.0) == {}
    assert outbox.heads(NOW + timedelta(seconds=4), 3.0) == {("a", 0): 1, ("a", 1): 1}


def test_what_is_sent_again_for_weeks_is_still_sent(outbox: SqlOutbox, database: Database, servers: Servers) -> None:
    """The count of attempts ran over after 18 days, and with it everything the relay did."""
    append(database, "s", 1)
    assert taken(outbox, 10) == [("s", 0, [1])]
    with psycopg.connect(servers.owner_url) as connection:
        connection.execute("UPDATE portal.outbox SET attempts = 32767")
    for hours in (1, 2):
        with outbox.unacknowledged(NOW + timedelta(hours=hours), 3.0, 10) as batches:
            assert [_sequences(part) for part in batches] == [[1]]
