"""Dossiers at their end are packed, many in a block; whoever asks for one of them still finds it."""

from datetime import timedelta

import pytest

from services.contracts.commands import AcceptedDossier
from services.contracts.vocabulary import OfficerKind, Status
from services.processing.adapters.dossier_table import LEAST_PACKED, MOST_PACKED
from services.runtime.database import Database
from tests.support.cases import NINE, Log, accepted, requested
from tests.support.partitions import MemoryPartitionStore
from tests.support.worlds import World

HOUR = timedelta(hours=1)
ON_POSTGRESQL = pytest.mark.parametrize("world", ["PostgreSQL"], indirect=True)


def resolved_at_once(first: int, last: int, hours: float = 0) -> list[AcceptedDossier]:
    """Green declarations, at their end with their filing."""
    return [
        accepted(
            number,
            procedure_id="clearance-documentary-check",
            traits={"customs_channel": "green"},
            filed_at=NINE + hours * HOUR,
            applicant_id=f"{number:010d}",
        )
        for number in range(first, last + 1)
    ]


def kept(database: Database, world: World) -> tuple[list[int], list[tuple[int, int]]]:
    """Numbers with a row, and ranges of numbers that are packed."""
    with database.transaction() as transaction:
        rows = transaction.execute("SELECT number FROM dossier WHERE sandbox_id = %s ORDER BY 1", (world.key[0],))
        packed = transaction.execute(
            "SELECT first_number, last_number FROM settled WHERE sandbox_id = %s ORDER BY packed_id", (world.key[0],)
        )
        return [number for (number,) in rows], [(first, last) for first, last in packed]


@ON_POSTGRESQL
def test_those_that_end_together_are_packed_and_a_few_are_not(world: World, database: Database) -> None:
    log = Log(officer=OfficerKind.HUMAN)
    log.accept(*resolved_at_once(1, MOST_PACKED + 1), accepted(2000))
    world.run_all(*log.commands)
    world.run_all(log.accept(*resolved_at_once(1001, 1000 + LEAST_PACKED - 1)))
    rows, packed = kept(database, world)
    assert rows == [*range(1001, 1000 + LEAST_PACKED), 2000]
    assert packed == [(1, MOST_PACKED), (MOST_PACKED + 1, MOST_PACKED + 1)]


def test_who_acts_on_a_packed_dossier_finds_it_as_it_was(world: World) -> None:
    """Refused or carried out, once and again, alone and with many others."""
    log = Log(officer=OfficerKind.HUMAN)
    log.accept(*resolved_at_once(1, 1200), accepted(5000))
    log.act(requested(7, "receive", "officer"), at=NINE + HOUR)
    log.act(requested(1111, "rate", "applicant", satisfaction="satisfied"), at=NINE + HOUR)
    log.act(requested(1111, "rate", "applicant", satisfaction="satisfied"), at=NINE + 2 * HOUR)
    log.act(requested(5000, "receive", "officer"), requested(6000, "receive", "officer"), at=NINE + 2 * HOUR)
    log.act(
        *(requested(number, "rate", "applicant", satisfaction="not-satisfied") for number in range(1, 1200, 3)),
        at=NINE + 3 * HOUR,
    )
    log.act(
        *(requested(number, "rate", "applicant", satisfaction="satisfied") for number in (1, 2, 4)), at=NINE + 4 * HOUR
    )
    for command in log.commands:  # each in a unit of its own, so that all is written between them
        world.run_all(command)
    one_unit = World(MemoryPartitionStore())
    assert one_unit.run_all(*log.commands) == 1
    assert world.ledger() == one_unit.ledger()
    answers = {(fact.number, fact.occurred_at): fact.refusal for fact in world.facts if fact.command_id}
    assert answers[7, NINE + HOUR] == "illegal-transition"
    assert answers[1111, NINE + HOUR] is None
    assert answers[1111, NINE + 2 * HOUR] == "already-done"
    assert [answers[number, NINE + 4 * HOUR] for number in (1, 2, 4)] == ["already-done", None, "already-done"]
    with world.store.unit(world.key) as unit:
        found = {case.number: case for case in unit.cases([1, 2, 3, 1111, 5000, 6000])}
    assert sorted(found) == [1, 2, 3, 1111, 5000]
    assert [found[number].particulars.is_rated for number in (1, 2, 3, 1111)] == [True, True, False, True]
    assert (found[3].status, found[3].traits) == (Status.RETURNED, {"customs_channel": "green"})


@ON_POSTGRESQL
def test_what_was_written_last_holds(world: World, database: Database) -> None:
    """A row before a block, a later block before an earlier one."""
    log = Log(officer=OfficerKind.HUMAN)
    world.run_all(*log.commands, log.accept(*resolved_at_once(1, 400)))
    assert kept(database, world) == ([], [(1, 400)])
    world.run_all(log.act(requested(5, "rate", "applicant", satisfaction="satisfied")))
    assert kept(database, world) == ([5], [(1, 400)])
    many = [requested(number, "rate", "applicant", satisfaction="satisfied") for number in range(4, 104)]
    world.run_all(log.act(*many))
    # Number 5 was refused and stays; the others are packed once more.
    assert kept(database, world) == ([5], [(1, 400), (4, 103)])
    with world.store.unit(world.key) as unit:
        found = {case.number: case.particulars.is_rated for case in unit.cases(range(1, 401))}
    assert found == {number: 4 <= number < 104 for number in range(1, 401)}
