"""What only some dossiers have comes back from PostgreSQL as it was: traits, particulars, details, overrides."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.casework.case import Case, NextStep
from services.casework.particulars import Consultation, Debit, Particulars
from services.contracts.catalogue import AuthorityLevel
from services.contracts.commands import CalendarOverride, PartitionKey
from services.contracts.facts import Fact, FactBlock
from services.contracts.vocabulary import Action, Actor, OfficerKind, Reason, Status
from services.law.deadlines import Deadline, Suspension
from services.law.rules import rule_for
from services.processing.adapters.dossier_rows import PACKED
from services.processing.adapters.ledger_reader import SqlLedgerReader
from services.processing.adapters.partition_store import SqlPartitionStore
from services.processing.application.ports import PartitionState
from services.runtime.database import Database
from services.runtime.streams import decode_batch
from tests.support.cases import NINE, clock, make_case, rules

HOUR = timedelta(hours=1)


@pytest.fixture
def key() -> PartitionKey:
    return uuid4().hex[:10], 0


FULL = Particulars(
    asked_before_receipt=True,
    asked_after_receipt=True,
    payments_asked=2,
    debit=Debit(NINE + HOUR, "11811000000104", NINE + 24 * HOUR),
    new_date_at=NINE + 99 * HOUR,
    authority_level=AuthorityLevel.GENERAL_DEPARTMENT,
    consultation=Consultation("Cục Thuế xuất nhập khẩu", NINE + 48 * HOUR),
    consultations=3,
    is_announced=True,
    is_rated=True,
    acted_at=NINE + timedelta(minutes=7, microseconds=13),
)


def full_case(number: int) -> Case:
    """Everything that a dossier can have."""
    case = make_case(
        number,
        procedure_id="refund-first",
        status=Status.IN_PROCESS,
        traits={"track": "inspect-first"},
        received_at=NINE,
        particulars=FULL,
        turn=2,
        version=9,
        next_step=NextStep(NINE + 9 * HOUR, Action.GRANT, Actor.LEADER, Reason.AS_REQUESTED),
    )
    case.deadline = Deadline(
        rule_for(case.procedure, case.traits, NINE),
        NINE + HOUR,
        (Suspension(NINE + 2 * HOUR, NINE + 3 * HOUR), Suspension(NINE + 4 * HOUR)),
        (("inspection-decision", NINE + HOUR), ("inspection-start", NINE + 2 * HOUR)),
        ("decision", "decision"),
    )
    return case


def read(store: SqlPartitionStore, key: PartitionKey, *numbers: int) -> list[Case]:
    with store.unit(key) as unit:
        return sorted(unit.cases(numbers), key=lambda case: case.number)


def test_a_dossier_comes_back_as_it_was_written(database: Database, key: PartitionKey) -> None:
    store = SqlPartitionStore(database, rules().procedures)
    plain, full = make_case(1), full_case(2)
    extended = make_case(3, procedure_id="aeo-recognition", status=Status.IN_PROCESS, received_at=NINE)
    assert extended.deadline is not None
    extended.deadline = extended.deadline._replace(extended=("decision",))
    with store.unit(key) as unit:
        unit.write(new=[plain, full, extended], changed=[])
    assert read(store, key, 1, 2, 3) == [plain, full, extended]
    # And as it was changed, each into the other.
    for case in (plain, full):
        case.particulars, case.traits = FULL._replace(debit=None), {"track": "inspect-first", "x": "Đ"}
    extended.deadline = extended.deadline._replace(extended=())
    with store.unit(key) as unit:
        unit.write(new=[], changed=[plain, full, extended])
    assert read(store, key, 1, 2, 3) == [plain, full, extended]


@pytest.mark.parametrize("name", sorted(Particulars._fields))
def test_each_particular_is_kept(database: Database, key: PartitionKey, name: str) -> None:
    """One alone is enough for it to be written."""
    store = SqlPartitionStore(database, rules().procedures)
    case = make_case(particulars=Particulars(**{name: getattr(FULL, name)}))
    with store.unit(key) as unit:
        unit.write(new=[case], changed=[])
    assert read(store, key, 1) == [case]


def test_an_ordinary_dossier_costs_nothing_beside(database: Database, key: PartitionKey) -> None:
    store = SqlPartitionStore(database, rules().procedures)
    with store.unit(key) as unit:
        unit.write(new=[make_case(received_at=NINE)], changed=[])
    with database.transaction() as transaction:
        row = transaction.execute("SELECT state::json FROM dossier WHERE sandbox_id = %s", (key[0],)).fetchone()
    assert row is not None
    assert len(row[0]) == len(PACKED) - 1  # nothing of officers
    kept = dict(zip(PACKED, row[0], strict=False))
    assert [name for name, value in kept.items() if value is None] == [
        "suspensions", "traits", "particulars", "next_at", "next_action", "next_actor", "next_reason"
    ]  # fmt: skip


def fact(position: int, detail: dict[str, Any] | None) -> Fact:
    return Fact(
        position,
        1,
        "apologize",
        4,
        4,
        "officer",
        None,
        None,
        NINE,
        NINE,
        None,
        None,
        None,
        "overpaid-tax",
        4,
        "30CF",
        "online",
        "enterprise",
        "3000300002",
        None,
        None,
        detail,
    )


def test_a_detail_comes_back_from_the_ledger_and_travels_on(database: Database, key: PartitionKey) -> None:
    store = SqlPartitionStore(database, rules().procedures)
    details: list[dict[str, Any] | None] = [
        {"new_date_at": "2018-06-20T10:00:00+00:00", "due_at": "2018-06-11T10:00:00+00:00"},
        None,
        {"amount_vnd": 10_000_000_000_000, "unit": 'Cục "A"\t\\N, {x}'},
        {"traits": {"track": "inspect-first"}},
    ]
    facts = [fact(position, detail) for position, detail in enumerate(details, start=1)]
    state = PartitionState(
        sandbox_id=key[0],
        partition=key[1],
        seed=1,
        officer=OfficerKind.HUMAN,
        clock=clock(),
        reached_at=NINE,
        next_due_at=None,
        command_sequence=1,
        head_position=len(facts),
    )
    with store.unit(key) as unit:
        unit.append([FactBlock.of(facts)])
        unit.save(state)
    (batch,) = SqlLedgerReader(database).after({key: 0}, 10)
    assert [found.detail for found in decode_batch(batch).facts] == details


def test_overrides_and_how_far_they_are_through_are_kept(database: Database, key: PartitionKey) -> None:
    store = SqlPartitionStore(database, rules().procedures)
    state = PartitionState(
        sandbox_id=key[0],
        partition=key[1],
        seed=1,
        officer=OfficerKind.ROBOT,
        clock=clock(),
        reached_at=datetime(2018, 6, 5, tzinfo=UTC),
        next_due_at=None,
        command_sequence=3,
        head_position=0,
    )
    override = CalendarOverride(date(2018, 6, 8), False, "Bão số 2", "12/QĐ-UBND")
    for overrides, up_to in [((), None), ((), 17), ((override,), None), ((override,), 0)]:
        changed = replace(state, calendar_overrides=overrides, overriding_up_to=up_to)
        with store.unit(key) as unit:
            unit.save(changed)
        with store.unit(key) as unit:
            assert unit.state == changed
