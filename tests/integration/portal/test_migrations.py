"""Data of the version before survives: what it has written, read by this one."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from services.contracts.commands import CalendarOverride
from services.contracts.facts import Fact
from services.contracts.vocabulary import Action, Status
from services.portal.adapters.payments.sql_payments import COLUMNS, SqlPayments, values_of
from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_overrides import SqlOverrideReader
from services.portal.adapters.sql_projection import SqlProjection
from services.portal.adapters.sql_reader import SqlReader
from services.portal.application.ports import DossierFilter
from services.portal.domain.calendar_overrides import DecidedOverride
from services.portal.domain.payments.payments import PaymentDocument, PaymentKind, PaymentState, make_payment_id
from services.portal.domain.sandbox import Dossier, TimelineEntry
from services.runtime.database import Database
from services.runtime.migrations import upgrade
from services.runtime.streams import FactSlice
from tests.support.facts import MONDAY
from tests.support.fakes import a_dossier
from tests.support.migrating import database_at
from tests.support.projecting import as_told, travelled
from tests.support.random_ledgers import make_ledger
from tests.support.servers import Servers

#: After everything.
FAR = MONDAY + timedelta(days=36500)
#: Filed, and nothing is known of them.
AWAITED = 3

DECISION = DecidedOverride(
    sandbox_id="s",
    number=1,
    override=CalendarOverride(date(2018, 6, 11), False, "Nghỉ do bão", "1/QĐ"),
    decided_at=MONDAY,
    recorded_at=MONDAY,
    sequences={0: 5, 1: 5},
)
RESCHEDULED: dict[str, Any] = {
    "decision_number": "1/QĐ",
    "sequence": 5,
    "due_before": "2018-06-13T10:00:00.500000+00:00",
}

OLD_DOSSIER = (
    "sandbox_id", "number", "partition", "procedure_id", "office_code", "channel", "applicant_kind", "applicant_id",
    "applicant_name", "filed_at", "recorded_at", "status", "version", "status_at", "received_at", "due_at",
    "limit_unit", "new_date_at", "resolved_at", "traits", "later_traits",
)  # fmt: skip
OLD_TIMELINE = (
    "number", "position", "action", "status_before", "status", "actor", "reason", "note", "occurred_at", "recorded_at",
    "due_at", "refusal", "detail",
)  # fmt: skip


@pytest.fixture
def old_url(servers: Servers) -> Iterator[str]:
    with database_at(servers, "portal", "20261125_papers") as url:
        yield url


def ledger_of(partition: int) -> list[Fact]:
    """More than fits a block, of dossiers whose numbers no other partition has."""
    random = Random(partition)
    facts = make_ledger(random.choice, 2500, 400)
    return [
        fact._replace(
            number=2 * fact.number - partition,
            recorded_at=MONDAY,
            note=random.choice([None, 'Đ "x"\n']),
            detail=RESCHEDULED if fact.action == Action.RESCHEDULE else fact.detail,
        )
        for fact in facts
    ]


def dossiers_of(partition: int, facts: Sequence[Fact]) -> dict[int, Dossier]:
    """As the version before knew them."""
    dossiers: dict[int, Dossier] = {}
    for fact in facts:
        if fact.number not in dossiers:
            filed = a_dossier(
                fact.number,
                sandbox_id="s",
                partition=partition,
                filed_at=fact.occurred_at,
                status=Status.SUBMITTED,
                version=0,
                received_at=None,
                due_at=None,
                traits={"track": "refund-first"} if fact.number % 3 else None,
            )
            dossiers[fact.number] = replace(filed, status_at=fact.occurred_at, limit_unit=None)
        dossiers[fact.number] = as_told(dossiers[fact.number], [fact])
    return dossiers


def write(url: str, dossiers: Sequence[Dossier], ledgers: Sequence[Sequence[Fact]]) -> None:
    """As the version before did."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:

        def copy(table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
            with cursor.copy(f"COPY portal.{table} ({', '.join(columns)}) FROM STDIN") as copying:
                for row in rows:
                    copying.write_row([Jsonb(value) if isinstance(value, dict) else value for value in row])

        copy("dossier", OLD_DOSSIER, ([getattr(one, name) for name in OLD_DOSSIER] for one in dossiers))
        copy("form", ("sandbox_id", "number", "form"), (("s", one.number, {"n": one.number}) for one in dossiers))
        facts = (fact for ledger in ledgers for fact in ledger)
        columns = ("sandbox_id", *OLD_TIMELINE)
        copy("timeline", columns, (("s", *(getattr(fact, name) for name in OLD_TIMELINE)) for fact in facts))
        positions = [("s", partition, len(ledger), 1) for partition, ledger in enumerate(ledgers)]
        copy("projection", ("sandbox_id", "partition", "position", "acked_sequence"), iter(positions))
        copy("payment", COLUMNS, (values_of(payment_of(one), COLUMNS) for one in dossiers[:20]))
        cursor.execute(
            "INSERT INTO portal.attachment (sandbox_id, attachment_id, file_name, content_type, size_bytes, sha256,"
            " uploaded_at, number, place, content)"
            " VALUES ('s', 'att', 'x.pdf', 'application/pdf', 1, '', now(), 1, 1, '')"
        )


def payment_of(dossier: Dossier) -> PaymentDocument:
    """Something to be paid for it, by half of them paid."""
    is_paid = dossier.number % 2 == 0
    return PaymentDocument(
        sandbox_id="s",
        payment_id=make_payment_id(PaymentKind.FEE, date(2018, 6, 5), dossier.number, 1),
        number=dossier.number,
        filed_at=dossier.filed_at,
        ordinal=1,
        partition=dossier.partition,
        kind=PaymentKind.FEE,
        amount_vnd=20_000,
        applicant_id=dossier.applicant_id,
        applicant_name=dossier.applicant_name,
        procedure_id=dossier.procedure_id,
        office_code=dossier.office_code,
        issued_at=MONDAY,
        state=PaymentState.PAID if is_paid else PaymentState.OPEN,
        paid_at=MONDAY if is_paid else None,
        recorded_at=MONDAY if is_paid else None,
        recorded_by="officer" if is_paid else None,
        is_confirmed=is_paid,
    )


def shown(entries: Sequence[Fact] | Sequence[TimelineEntry]) -> list[tuple[Any, ...]]:
    """What a timeline shows."""
    names = [field.name for field in fields(TimelineEntry)]
    return [tuple(getattr(entry, name) for name in names) for entry in entries]


def about(number: int, facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.number == number]


def test_the_read_model_of_the_version_before_is_the_same_afterwards_and_goes_on(
    old_url: str, servers: Servers
) -> None:
    ledgers = [ledger_of(partition) for partition in (0, 1)]
    known = dossiers_of(0, ledgers[0]) | dossiers_of(1, ledgers[1])
    numbers = range(1, max(known) + 1 + AWAITED)
    awaited = {
        number: replace(a_dossier(number, sandbox_id="s", status=Status.SUBMITTED, version=0), limit_unit=None)
        for number in numbers
        if number not in known
    }
    assert len(awaited) >= AWAITED
    awaited = {
        number: replace(one, status_at=one.filed_at, received_at=None, due_at=None) for number, one in awaited.items()
    }
    expected = known | awaited
    with psycopg.connect(old_url) as connection:
        connection.execute(
            "INSERT INTO portal.sandbox VALUES ('s', '', 1, 2, 'robot', 'manual', now(), now(), 1, %s, now())",
            (max(expected),),
        )
    write(old_url, [expected[number] for number in sorted(expected)], ledgers)

    assert upgrade(old_url, "portal")
    role_url = servers.database_urls["portal"].replace("/motcua?", "/portal_before?")
    database = Database(role_url, schema="portal", process="tests")
    database.open()
    try:
        reader = SqlReader(database)
        assert {one.number: one for one in reader.dossiers("s", DossierFilter(), FAR, 9999)} == expected
        for status in Status:
            listed = reader.dossiers("s", DossierFilter(status=status), FAR, 9999)
            assert [one.number for one in listed] == [
                number for number in sorted(expected, reverse=True) if expected[number].status == status
            ]
            assert reader.counts_by_status("s", FAR).get(status, 0) == len(listed)
        for number, dossier in expected.items():
            assert reader.form("s", number) == {"n": number}
            facts = ledgers[dossier.partition]
            assert shown(reader.timeline("s", number)) == shown(about(number, facts))
        paid = SqlPayments(database).latest_documents("s", numbers)
        assert paid == {number: payment_of(expected[number]) for number in sorted(expected)[:20]}
        assert moved(database) == {
            (fact.number, fact.position, fact.due_at)
            for ledger in ledgers
            for fact in ledger
            if fact.action == Action.RESCHEDULE and fact.refusal is None
        }
        goes_on(database, reader, ledgers, expected)
    finally:
        database.close()


def moved(database: Database) -> set[tuple[int, int, datetime | None]]:
    """What the decision moved, all of it from the same instant."""
    with SqlDoor(database).unit() as unit:
        unit.add_calendar_override(DECISION)
    found = SqlOverrideReader(database).moved_deadlines("s", DECISION, (0, 0), 9999)
    assert {one.before for one in found} == {datetime.fromisoformat(RESCHEDULED["due_before"])}
    return {(one.number, one.position, one.after) for one in found}


def goes_on(
    database: Database, reader: SqlReader, ledgers: Sequence[Sequence[Fact]], expected: dict[int, Dossier]
) -> None:
    """A dossier of before, and one that was awaited, in a block of this version."""
    last, newest = ledgers[0][-1], max(expected)
    position = last.position
    new = [
        last._replace(position=position + 1, action=Action.FORWARD, refusal=None, status_before=last.status),
        last._replace(position=position + 2, number=newest, action=Action.SUBMIT, status_before=None, status=1),
    ]
    with database.transaction() as transaction:
        projection = SqlProjection()
        assert projection.load_positions(transaction, [("s", 0)]) == {("s", 0): position}
        projection.apply(transaction, [FactSlice("s", 0, position + 2, None, (travelled(new),))])
    for fact in new:
        found = reader.dossier("s", fact.number)
        assert found == as_told(expected[fact.number], [fact])
        assert reader.timeline("s", fact.number)[-1].position == fact.position
    assert len(reader.timeline("s", last.number)) == len(about(last.number, ledgers[0])) + 1
