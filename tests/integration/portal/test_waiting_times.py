"""Waiting times on PostgreSQL: every dossier in its class, only those that came so far; few looks, and short ones."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from services.contracts.vocabulary import Status
from services.portal.adapters.sql_waiting_times import LOOKS_AT_ONCE, WAITING_TIMES, SqlWaitingTimes
from services.portal.domain.waiting_times import EDGES, Distribution
from services.runtime.clock import wait_until
from services.runtime.database import Database
from services.runtime.errors import ProblemError
from tests.support.servers import Servers

FILED_AT = datetime(2018, 6, 8, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def database(servers: Servers) -> Iterator[Database]:
    servers.empty_schema("portal")
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    yield opened
    opened.close()


def put(
    database: Database,
    number: int,
    status: Status,
    received_after: timedelta | None = None,
    resolved_after: timedelta | None = None,
    procedure_id: str = "refund-first",
    sandbox_id: str = "s",
) -> None:
    """A dossier that stands like this; `resolved_after` from receipt on."""
    received_at = None if received_after is None else FILED_AT + received_after
    resolved_at = None if resolved_after is None or received_at is None else received_at + resolved_after
    with database.transaction() as transaction:
        transaction.execute(
            "INSERT INTO filed_dossier (number, filed_at, recorded_at, partition, sandbox_id, procedure_id,"
            " office_code, channel, applicant_kind, applicant_id, applicant_name)"
            " VALUES (%s, %s, %s, 0, %s, %s, '30CF', 'online', 'enterprise', '0100109106', 'Công ty')",
            (number, FILED_AT, FILED_AT, sandbox_id, procedure_id),
        )
        transaction.execute(
            "INSERT INTO progress (number, version, status_at, received_at, resolved_at, status, sandbox_id)"
            " VALUES (%s, 1, %s, %s, %s, %s, %s)",
            (number, FILED_AT, received_at, resolved_at, int(status), sandbox_id),
        )


def classes(distribution: Distribution) -> dict[timedelta | None, int]:
    """Counts by lower edge; `None`: at once."""
    edges = [None, *EDGES]
    return {edge: count for edge, count in zip(edges, distribution.counts, strict=True) if count}


def test_each_dossier_is_in_the_class_of_its_time(database: Database) -> None:
    put(database, 1, Status.RETURNED, timedelta(), timedelta())  # resolved at once
    put(database, 2, Status.RETURNED, timedelta(minutes=10), timedelta(days=1))  # a class holds its lower edge
    put(database, 3, Status.PROCESSED, timedelta(minutes=14), timedelta(days=2) - timedelta(seconds=1))
    put(database, 4, Status.RETURNED, timedelta(days=100), timedelta(days=400))
    (found,) = SqlWaitingTimes(database).waiting_times("s")
    assert found.procedure_id == "refund-first"
    assert classes(found.to_receipt) == {None: 1, timedelta(minutes=1): 2, timedelta(days=90): 1}
    assert classes(found.to_result) == {None: 1, timedelta(days=1): 2, timedelta(days=90): 1}
    assert found.to_result.longest == timedelta(days=400)
    assert found.to_receipt.total == timedelta(days=100, minutes=24)


def test_who_has_not_come_so_far_is_not_counted(database: Database) -> None:
    put(database, 1, Status.NOT_RECEIVED)
    put(database, 2, Status.IN_PROCESS, HOUR)
    put(database, 3, Status.WITHDRAWN, HOUR, 5 * HOUR)
    put(database, 4, Status.STOPPED, HOUR, 5 * HOUR)
    put(database, 5, Status.RETURNED, HOUR, HOUR, procedure_id="storage-extension")
    put(database, 6, Status.RETURNED, HOUR, HOUR, sandbox_id="another")
    refund, storage = SqlWaitingTimes(database).waiting_times("s")
    assert (refund.procedure_id, sum(refund.to_receipt.counts)) == ("refund-first", 3)
    assert refund.to_result == Distribution.nothing()
    assert (sum(storage.to_receipt.counts), sum(storage.to_result.counts)) == (1, 1)


def test_a_sandbox_without_dossiers_has_none(database: Database) -> None:
    assert SqlWaitingTimes(database).waiting_times("s") == []


#: Dossiers of a sandbox that is large, as far as a test goes.
MANY = 2000


def put_many(servers: Servers, sandbox_id: str) -> None:
    with psycopg.connect(servers.owner_url, autocommit=True) as owner:
        for table in ("filed_dossier", "progress"):
            owner.execute(f"ALTER TABLE portal.{table} SET (autovacuum_enabled = false)")
        owner.execute(
            "INSERT INTO portal.filed_dossier (number, filed_at, recorded_at, partition, sandbox_id, procedure_id,"
            " office_code, channel, applicant_kind, applicant_id, applicant_name)"
            " SELECT number, %s, %s, 0, %s, 'refund-first', '30CF', 'online', 'enterprise', '0100109106', 'Công ty'"
            " FROM generate_series(1, %s) AS number",
            (FILED_AT, FILED_AT, sandbox_id, MANY),
        )
        owner.execute(
            "INSERT INTO portal.progress (number, version, status_at, received_at, resolved_at, status, sandbox_id)"
            " SELECT number, number, %s, %s, %s, %s, %s FROM generate_series(1, %s) AS number",
            (FILED_AT, FILED_AT + HOUR, FILED_AT + 2 * HOUR, int(Status.RETURNED), sandbox_id, MANY),
        )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def test_what_is_known_of_a_dossier_is_found_by_its_number(database: Database, servers: Servers) -> None:
    """In a sandbox that came after the last ANALYZE, too: every row with every row would never end."""
    put_many(servers, "counted")
    with psycopg.connect(servers.owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE portal.filed_dossier, portal.progress")
    put_many(servers, "new")
    asked = {"sandbox_id": "new", "edges": [edge.total_seconds() for edge in EDGES]}
    with database.transaction() as transaction:
        row = transaction.execute(f"EXPLAIN (FORMAT JSON) {WAITING_TIMES}", asked).fetchone()
    assert row is not None
    (lookup,) = (node for node in nodes(row[0][0]["Plan"]) if node.get("Relation Name") == "progress")
    assert "number = d.number" in lookup["Index Cond"]
    (found,) = SqlWaitingTimes(database).waiting_times("new")
    assert classes(found.to_result) == {timedelta(hours=1): MANY}


def locked(servers: Servers) -> "psycopg.Connection[Any]":
    """Keeps whoever reads dossiers waiting until it is closed."""
    owner = psycopg.connect(servers.owner_url)
    owner.execute("LOCK TABLE portal.progress IN ACCESS EXCLUSIVE MODE")
    return owner


def test_a_look_that_takes_too_long_is_given_up(database: Database, servers: Servers) -> None:
    put(database, 1, Status.RETURNED, HOUR, HOUR)
    reader = SqlWaitingTimes(database, longest_seconds=0.05)
    with locked(servers):
        for _ in range(LOOKS_AT_ONCE + 1):  # it gives its seat up, too
            with pytest.raises(ProblemError) as caught:
                reader.waiting_times("s")
            assert (caught.value.code, caught.value.status) == ("waiting-times-timeout", 503)
    with database.transaction() as transaction:
        assert transaction.execute("SHOW statement_timeout").fetchone() == ("0",)


def test_few_look_at_once_and_others_are_told_to_come_again(database: Database, servers: Servers) -> None:
    put(database, 1, Status.RETURNED, HOUR, HOUR)
    reader = SqlWaitingTimes(database)
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as threads:
        with locked(servers) as owner:
            looks = [threads.submit(reader.waiting_times, "s") for _ in range(LOOKS_AT_ONCE)]

            def waiting() -> bool:
                row = owner.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
                return row == (LOOKS_AT_ONCE,)

            assert wait_until(waiting, 30)
            with pytest.raises(ProblemError) as caught:
                reader.waiting_times("s")
            assert (caught.value.code, caught.value.status) == ("waiting-times-busy", 503)
            assert int(caught.value.headers["Retry-After"]) > 0
        assert [len(look.result(30)) for look in looks] == [1] * LOOKS_AT_ONCE
    assert len(reader.waiting_times("s")) == 1
