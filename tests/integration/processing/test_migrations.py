"""Data of the version before survives: each migration on rows that the version before has written."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg.types.json import Jsonb

from services.casework.case import Case, NextStep
from services.casework.particulars import Debit, Particulars
from services.contracts.facts import Fact
from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.law.deadlines import Suspension
from services.processing.adapters.partition_store import SqlPartitionStore
from services.runtime.database import Database
from services.runtime.migrations import migrations_folder, upgrade
from services.runtime.streams import decode_block
from tests.support.cases import NINE, make_case, rules
from tests.support.random_ledgers import make_ledger
from tests.support.servers import Servers


@pytest.fixture
def old_url(servers: Servers, tmp_path: Path) -> Iterator[str]:
    """A database of its own with processing's first schema."""
    with psycopg.connect(servers.owner_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE before")
    url = urlunsplit(urlsplit(servers.owner_url)._replace(path="/before"))
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA processing")
    bring_to(url, "20261122_initial", tmp_path)
    yield url
    with psycopg.connect(servers.owner_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE before WITH (FORCE)")


def bring_to(url: str, revision: str, folder: Path) -> None:
    """Run migrations up to a revision, as a program of that version would have."""
    source, copied = migrations_folder("processing"), folder / revision
    (copied / "versions").mkdir(parents=True)
    shutil.copy(source / "env.py", copied)
    for path in sorted((source / "versions").glob("*.py")):
        if path.stem <= revision:
            shutil.copy(path, copied / "versions")
    upgrade(url, "processing", folder=copied)


def random_facts(count: int, seed: int) -> list[Fact]:
    """A ledger of everything that facts may be."""
    random = Random(seed)
    at = datetime(2018, 6, 4, 2, 0, 0, 123456, tzinfo=UTC)
    return [
        fact._replace(recorded_at=at + timedelta(seconds=fact.position), level=3, note=random.choice([None, 'Đ "x"\n']))
        for fact in make_ledger(random.choice, count, count // 3)
    ]


def write_rows(connection: psycopg.Connection[Any], key: tuple[str, int], facts: list[Fact]) -> None:
    """As the version before did."""
    names = ", ".join(("sandbox_id", "partition", *Fact._fields))
    with connection.cursor().copy(f"COPY processing.ledger ({names}) FROM STDIN") as copy:
        for fact in facts:
            copy.write_row((*key, *fact[:-1], None if fact.detail is None else Jsonb(fact.detail)))


OLD_DOSSIER = (
    "sandbox_id, number, partition, procedure_id, office_code, channel, applicant_kind, applicant_id, filed_at, status,"
    " version, turn, status_at, received_at, limit_started_at, suspensions, traits, particulars, next_at, next_action,"
    " next_actor, next_reason"
)


def write_dossier(connection: psycopg.Connection[Any], case: Case, particulars: dict[str, Any] | None) -> None:
    """As the version before did."""
    step, deadline = case.next_step, case.deadline
    values = (
        "s", case.number, 1, case.procedure.procedure_id, case.office_code, case.channel, case.applicant_kind,
        case.applicant_id, case.filed_at, case.status, case.version, case.turn, case.status_at, case.received_at,
        deadline and deadline.started_at,
        [at for part in (deadline.suspensions if deadline else ()) for at in (part.started_at, part.ended_at) if at],
        Jsonb(case.traits) if case.traits else None, Jsonb(particulars) if particulars else None,
        *((step.at, str(step.action), str(step.actor), step.reason and str(step.reason)) if step else [None] * 4),
    )  # fmt: skip
    places = ", ".join(["%s"] * len(values))
    connection.execute(f"INSERT INTO processing.dossier ({OLD_DOSSIER}) VALUES ({places})", values)


def test_dossiers_of_many_columns_become_packed_ones(old_url: str) -> None:
    later = NINE + timedelta(hours=5, microseconds=1)
    plain = make_case(1, channel="post")
    waiting = make_case(2, status=None, next_step=NextStep(later, Action.SUBMIT, Actor.APPLICANT), status_at=later)
    full = make_case(
        3,
        procedure_id="overpaid-tax",
        received_at=NINE + timedelta(hours=1),
        status=Status.IN_PROCESS,
        version=77,
        turn=1,
        traits={"track": "inspect-first", "ghi chú": 'Đ "x"\\n'},
        particulars=Particulars(payments_asked=2, debit=Debit(NINE, "P1", later)),
        next_step=NextStep(later, Action.GRANT, Actor.LEADER, Reason.AS_REQUESTED),
    )
    assert full.deadline is not None
    first, second = Suspension(NINE + timedelta(hours=2), NINE + timedelta(hours=3)), Suspension(later, None)
    full.deadline = full.deadline._replace(suspensions=(first, second))
    ended = make_case(4, status=Status.RETURNED, received_at=NINE)
    with psycopg.connect(old_url) as connection:
        for case in (plain, waiting, full, ended):
            had = {"payments_asked": 2, "debit": [NINE.isoformat(), "P1", later.isoformat()]} if case is full else None
            write_dossier(connection, case, had)
    assert upgrade(old_url, "processing")
    database = Database(old_url, schema="processing", process="tests")
    database.open()
    with closing(database), SqlPartitionStore(database, rules().procedures).unit(("s", 1)) as unit:
        assert sorted(unit.cases([1, 2, 3, 4]), key=lambda case: case.number) == [plain, waiting, full, ended]
        assert unit.due_cases(after=(NINE, 0), bound=(later, 2), limit=9) == [waiting]
        assert [case.number for case in unit.open_cases(after_number=0, limit=9)] == [1, 3]
        assert unit.earliest_at(after=None) == later


def test_ledgers_written_row_by_row_become_blocks(old_url: str) -> None:
    ledgers = {
        ("a", 0): random_facts(2500, 1),
        ("a", 1): random_facts(1000, 2),
        ("b", 0): random_facts(7, 3),
    }
    with psycopg.connect(old_url) as connection:
        for key, facts in ledgers.items():
            write_rows(connection, key, facts)
    assert upgrade(old_url, "processing")
    found: dict[tuple[str, int], list[Fact]] = {}
    with psycopg.connect(old_url) as connection:
        for sandbox_id, partition, first, last, payload in connection.execute(
            "SELECT * FROM processing.ledger ORDER BY sandbox_id, partition, last_position"
        ):
            block = decode_block(payload)
            assert (block.first, block.last) == (first, last)
            assert len(set(zip(*block.dossiers, strict=True))) == len(block.dossiers.number)
            found.setdefault((sandbox_id, partition), []).extend(block.rows)
    assert {key: len(facts) for key, facts in found.items()} == {key: len(facts) for key, facts in ledgers.items()}
    assert {fact.detail is None for fact in ledgers["a", 0]} == {True, False}
    assert found == ledgers
