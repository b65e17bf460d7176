"""What the portal keeps for a while only."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_expiry import SqlExpiry
from services.portal.application.ports import Answer, OnceKey
from services.runtime.database import Database
from tests.support.servers import Servers


@pytest.fixture
def database(servers: Servers) -> Iterator[Database]:
    """The empty schema of the portal, as its own role."""
    servers.empty_schema("portal")
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    yield opened
    opened.close()


def test_answers_and_keys_go_when_they_have_expired(database: Database, servers: Servers) -> None:
    now = datetime.now(UTC)
    onces = [OnceKey("scope", str(number), b"hash") for number in range(6)]
    with SqlDoor(database).unit() as unit:
        for once in onces:
            assert unit.claim(once) is None
            unit.keep_answer(once, Answer(200, b"{}", "application/json", {}))
    with psycopg.connect(servers.owner_url) as owner:
        owner.execute("UPDATE portal.idempotency SET created_at = created_at - interval '23 hours' WHERE key = '0'")
        owner.execute("UPDATE portal.idempotency SET created_at = created_at - interval '25 hours' WHERE key >= '2'")
        owner.execute("INSERT INTO portal.sandbox VALUES ('s', '', 1, 1, 'robot', 'manual', now(), now(), 1, 0, now())")
        for name, expires_at in ((b"never", None), (b"soon", now + timedelta(hours=1)), (b"gone", now)):
            owner.execute("INSERT INTO portal.api_key VALUES (%s, 's', 'sign-in', %s, now())", (name, expires_at))

    expiry = SqlExpiry(database)
    assert [expiry.remove(3), expiry.remove(3), expiry.remove(3)] == [True, False, False]
    with psycopg.connect(servers.owner_url) as owner:
        assert owner.execute("SELECT key FROM portal.idempotency ORDER BY key").fetchall() == [("0",), ("1",)]
        keys = {bytes(name) for (name,) in owner.execute("SELECT key_hash FROM portal.api_key")}
    assert keys == {b"never", b"soon"}
    with SqlDoor(database).unit() as unit:
        assert unit.claim(onces[2]) is None  # as if it had never been used
        assert unit.claim(onces[0]) is not None
