"""Lists of dossiers on PostgreSQL: what is in them, and that finding it doesn't mean looking at everything."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import psycopg
import pytest

from services.contracts.facts import Fact
from services.contracts.timeliness import Timeliness, is_overdue, timeliness
from services.contracts.vocabulary import Action, Status
from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_lists import COUNT, list_statement
from services.portal.adapters.sql_projection import SqlProjection
from services.portal.adapters.sql_reader import SqlReader
from services.portal.application.ports import DossierFilter
from services.portal.domain.sandbox import Dossier
from services.runtime.database import Database
from services.runtime.streams import FactSlice
from tests.support.facts import MONDAY, make_fact
from tests.support.fakes import a_dossier
from tests.support.filings import filed_again
from tests.support.projecting import as_told, travelled
from tests.support.random_ledgers import make_ledger
from tests.support.servers import Servers

#: In the middle of what happens, and after it.
MIDDLE, FAR = MONDAY + timedelta(days=120), MONDAY + timedelta(days=36500)


@pytest.fixture(scope="module")
def database(servers: Servers) -> Iterator[Database]:
    """The empty schema of the portal, as its own role."""
    servers.empty_schema("portal")
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    yield opened
    opened.close()


def filed(number: int, **changes: Any) -> Dossier:
    """A dossier that nothing has been told of."""
    values = {"status": Status.SUBMITTED, "version": 0, "received_at": None, "due_at": None, "limit_unit": None}
    dossier = replace(a_dossier(number, sandbox_id="s"), **{**values, **changes})
    return replace(dossier, status_at=dossier.filed_at)


def file(database: Database, dossiers: Sequence[Dossier]) -> None:
    with SqlDoor(database).unit() as unit:
        unit.file(list(map(filed_again, dossiers)), [])


def tell(database: Database, sandbox_id: str, facts: Sequence[Fact]) -> None:
    """All facts of a partition so far, in blocks as large as they come."""
    blocks = tuple(travelled(facts[start : start + 8192]) for start in range(0, len(facts), 8192))
    with database.transaction() as transaction:
        projection = SqlProjection()
        projection.load_positions(transaction, [(sandbox_id, 0)])
        projection.apply(transaction, [FactSlice(sandbox_id, 0, len(facts), None, blocks)])


@pytest.fixture(scope="module")
def known(database: Database) -> list[Dossier]:
    """Dossiers in every state, many of them awaited in filings of all sizes, some filed ahead; newest first."""
    random = Random(5)
    dossiers = [
        filed(
            number,
            procedure_id=random.choice(["refund-first", "cancellation", "overpaid-tax"]),
            office_code=random.choice(["30F1", "02CI"]),
            applicant_id=random.choice(["0100109106", "0300588569"]),
            filed_at=MONDAY + timedelta(days=random.choice([0, 1, 1000])),
        )
        for number in range(1, 700)
    ]
    rest = list(dossiers)
    while rest:
        size = random.choice([1, 2, 30, 250])
        file(database, rest[:size])
        rest = rest[size:]
    numbers = random.sample([one.number for one in dossiers if one.filed_at <= MIDDLE], 250)
    told = [fact._replace(number=numbers[fact.number - 1]) for fact in make_ledger(random.choice, 1500, len(numbers))]
    tell(database, "s", told)
    by_number: dict[int, list[Fact]] = {}
    for fact in told:
        by_number.setdefault(fact.number, []).append(fact)
    return [as_told(dossier, by_number.get(dossier.number, ())) for dossier in reversed(dossiers)]


def matches(dossier: Dossier, wanted: DossierFilter, now: datetime) -> bool:
    """What the filter means, asked of one dossier."""
    stands: Timeliness | None = None
    if dossier.status in {Status.PROCESSED, Status.RETURNED} and dossier.resolved_at is not None:
        stands = timeliness(dossier.resolved_at, dossier.due_at, dossier.limit_unit)
    is_late = is_overdue(dossier.status, dossier.due_at, dossier.limit_unit, now) and dossier.resolved_at is None
    return (
        (wanted.status is None or (dossier.status == wanted.status and dossier.filed_at <= now))
        and wanted.procedure_id in {None, dossier.procedure_id}
        and (wanted.procedure_ids is None or dossier.procedure_id in wanted.procedure_ids)
        and wanted.office_code in {None, dossier.office_code}
        and wanted.applicant_id in {None, dossier.applicant_id}
        and wanted.is_overdue in {None, is_late}
        and wanted.timeliness in {None, stands}
        and (wanted.before_number is None or dossier.number < wanted.before_number)
    )


@pytest.mark.parametrize("applicant_id", [None, "0300588569"])
@pytest.mark.parametrize("overdue", [None, True, False])
@pytest.mark.parametrize("stands", [None, *Timeliness])
def test_a_list_has_what_matches_newest_first(
    database: Database,
    known: Sequence[Dossier],
    stands: Timeliness | None,
    overdue: bool | None,
    applicant_id: str | None,
) -> None:
    reader = SqlReader(database)
    narrower: list[dict[str, Any]] = [{}, {"office_code": "30F1", "before_number": 444}]
    narrower.append({"procedure_ids": frozenset({"refund-first", "overpaid-tax"})})
    for status, now, more in product((None, *Status), (MIDDLE, FAR), narrower):
        wanted = DossierFilter(status=status, timeliness=stands, is_overdue=overdue, applicant_id=applicant_id, **more)
        expected = [one for one in known if matches(one, wanted, now)]
        assert reader.dossiers("s", wanted, now, 9999) == expected, wanted
        assert reader.dossiers("s", wanted, now, 7) == expected[:7], wanted


def test_counts_by_status_leave_out_what_is_filed_ahead(database: Database, known: Sequence[Dossier]) -> None:
    reader = SqlReader(database)
    for now in (MONDAY, MIDDLE, FAR):
        counts = reader.counts_by_status("s", now)
        # What has been told of has been filed by then, whatever the clock is said to show.
        expected = {status: sum(one.status == status and (one.version > 0 or one.filed_at <= now) for one in known)
                    for status in Status}  # fmt: skip
        assert counts == {status: count for status, count in expected.items() if count}


#: Dossiers of a sandbox that is large, as far as a test goes.
MANY = 5000


def many(sandbox_id: str) -> list[Dossier]:
    return [
        filed(
            number, sandbox_id=sandbox_id, applicant_id=f"{number % 50:010d}", office_code=["30F1", "02CI"][number % 2]
        )
        for number in range(1, MANY + 1)
    ]


def ordinary_facts(dossiers: Sequence[Dossier], returned: int) -> list[Fact]:
    """So many have their result, the others are in process."""
    filings = [make_fact(number=one.number, occurred_at=one.filed_at) for one in dossiers]
    ends = [
        fact._replace(action=Action.RESOLVE_AT_ONCE, status_before=1, status=10)
        if fact.number <= returned
        else fact._replace(action=Action.START, status_before=1, status=4, due_at=FAR)
        for fact in filings
    ]
    return [fact._replace(position=position) for position, fact in enumerate(filings + ends, 1)]


@pytest.fixture(scope="module")
def crowded(database: Database, known: Sequence[Dossier], servers: Servers) -> Database:
    """Statistics know a large sandbox, and not yet two that came after: one awaited, one with most of its results."""
    assert known
    file(database, many("counted"))
    tell(database, "counted", ordinary_facts(many("counted"), MANY))
    with psycopg.connect(servers.owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE portal.filed_dossier, portal.progress, portal.filing")
        for table in ("filed_dossier", "progress", "filing"):
            owner.execute(f"ALTER TABLE portal.{table} SET (autovacuum_enabled = false)")
    file(database, many("awaited"))
    file(database, many("told"))
    tell(database, "told", ordinary_facts(many("told"), MANY - 500))
    return database


def pages_read(database: Database, statement: Any, arguments: Any) -> int:
    """Pages that a statement looks at."""
    with database.transaction() as transaction:
        text = statement if isinstance(statement, str) else statement.as_string(transaction)
        explained = transaction.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}", arguments).fetchone()
    assert explained is not None
    return int(explained[0][0]["Plan"]["Shared Hit Blocks"]) + int(explained[0][0]["Plan"]["Shared Read Blocks"])


@pytest.mark.parametrize(
    "wanted",
    [
        DossierFilter(),
        *(DossierFilter(status=status) for status in (1, 2, 4, 9, 10)),
        DossierFilter(applicant_id="0000000007"),
        DossierFilter(applicant_id="0000000007", status=10),
        DossierFilter(office_code="02CI"),
        DossierFilter(is_overdue=True),
        DossierFilter(timeliness=Timeliness.ON_TIME),
        DossierFilter(status=10, before_number=MANY // 2),
        DossierFilter(status=1, before_number=MANY // 2),
    ],
    ids=str,
)
@pytest.mark.parametrize("sandbox_id", ["counted", "awaited", "told"])
def test_a_list_looks_at_little_more_than_it_shows(crowded: Database, sandbox_id: str, wanted: DossierFilter) -> None:
    """A walk through everything would be many times as much, one for each dossier would never end."""
    assert pages_read(crowded, *list_statement(sandbox_id, wanted, FAR, 20)) < 800


def test_a_dossier_and_its_timeline_are_found_by_number(crowded: Database) -> None:
    reader = SqlReader(crowded)
    for number in (1, MANY):
        (entry, end) = reader.timeline("told", number)
        assert (entry.action, end.position) == ("submit", MANY + number)
        assert reader.form("told", number) == {}
    assert reader.timeline("awaited", 1) == []
    found = SqlReader(crowded).numbered("told", [3, 5, MANY + 1])
    assert {number: dossier.status for number, dossier in found.items()} == {3: 10, 5: 10}


def test_counting_by_status_doesnt_look_at_what_has_been_told_of(crowded: Database) -> None:
    for sandbox_id in ("counted", "told"):
        assert pages_read(crowded, COUNT, {"sandbox_id": sandbox_id, "now": FAR}) < 200
    assert SqlReader(crowded).counts_by_status("awaited", FAR) == {1: MANY}
    assert SqlReader(crowded).counts_by_status("told", FAR) == {4: 500, 10: MANY - 500}


def test_instants_are_kept_to_the_microsecond(database: Database) -> None:
    at = datetime(2018, 6, 4, 2, 0, 0, 123456, tzinfo=UTC)
    file(database, [filed(1, sandbox_id="exact", filed_at=at)])
    tell(database, "exact", [make_fact(occurred_at=at, due_at=at + timedelta(days=1))])
    found = SqlReader(database).dossier("exact", 1)
    assert found is not None
    assert (found.filed_at, found.status_at, found.due_at) == (at, at, at + timedelta(days=1))
