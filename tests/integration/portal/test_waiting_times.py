"""Waiting times on PostgreSQL: every dossier in its class, and only those that came so far."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.vocabulary import Status
from services.portal.adapters.sql_waiting_times import SqlWaitingTimes
from services.portal.domain.waiting_times import EDGES, Distribution
from services.runtime.database import Database
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
