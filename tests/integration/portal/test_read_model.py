"""The read model on PostgreSQL: what facts make of it, who follows them, and lists by outcome."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.contracts.commands import CalendarOverride
from services.contracts.facts import Fact, FactBlock
from services.contracts.timeliness import Timeliness, timeliness
from services.contracts.vocabulary import Action, Status
from services.portal.adapters.hooks import FactFollower, ToldFacts
from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_overrides import SqlOverrideReader
from services.portal.adapters.sql_projection import SqlProjection
from services.portal.adapters.sql_reader import SqlReader
from services.portal.application.ports import DossierFilter
from services.portal.domain.calendar_overrides import DecidedOverride
from services.portal.domain.sandbox import Dossier
from services.runtime.database import Database, Transaction
from services.runtime.streams import FactSlice
from tests.support.fakes import RECORDED, a_dossier
from tests.support.filings import filed_again
from tests.support.projecting import Teller, as_told, travelled
from tests.support.random_ledgers import make_ledger
from tests.support.servers import Servers

NOW = datetime(2018, 6, 8, 9, 0, tzinfo=UTC)
#: After everything.
FAR = NOW + timedelta(days=3650)
SANDBOX = "s"


@pytest.fixture
def database(servers: Servers) -> Iterator[Database]:
    """The empty schema of the portal, as its own role."""
    servers.empty_schema("portal")
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    yield opened
    opened.close()


def a_filed(number: int, **changes: Any) -> Dossier:
    """A dossier that nothing has been told of."""
    filed = a_dossier(number)
    values: dict[str, Any] = {
        "sandbox_id": SANDBOX,
        "status": Status.SUBMITTED,
        "version": 0,
        "status_at": filed.filed_at,
        "received_at": None,
        "due_at": None,
        "limit_unit": None,
    }
    return replace(filed, **{**values, **changes})


def file(database: Database, *numbers: int, **changes: Any) -> None:
    dossiers = [a_filed(number, **changes) for number in numbers]
    with SqlDoor(database).unit() as unit:
        unit.file(list(map(filed_again, dossiers)), [])


def a_fact(**changes: Any) -> Fact:
    """Dossier 1 is received; its position is given when it is told."""
    values: dict[str, Any] = {
        "position": 0, "number": 1, "action": "receive", "status_before": 1, "status": 2, "actor": "officer",
        "reason": None, "note": None, "occurred_at": NOW, "recorded_at": RECORDED, "due_at": NOW + timedelta(days=5),
        "limit_unit": "working-days", "received_at": NOW, "procedure_id": "refund-first", "level": 4,
        "office_code": "30CF", "channel": "online", "applicant_kind": "enterprise", "applicant_id": "0100109106",
        "command_id": None, "refusal": None, "detail": None,
    }  # fmt: skip
    return Fact(**{**values, **changes})


class Projector:
    """Tells the read model of one partition's facts."""

    def __init__(self, database: Database, *followers: FactFollower) -> None:
        self._database = database
        self._teller = Teller(SqlProjection(followers), SANDBOX)

    def tell(self, *facts: Fact, ack: int | None = None) -> None:
        """In one block; the filing of each dossier before its first fact."""
        with self._database.transaction() as transaction:
            self._teller.tell(transaction, facts, ack=ack)


@pytest.fixture
def projector(database: Database) -> Projector:
    return Projector(database)


def dossier_1(database: Database) -> Dossier:
    found = SqlReader(database).dossier(SANDBOX, 1)
    assert found is not None
    return found


def test_facts_bring_limit_traits_new_date_and_detail(database: Database, projector: Projector) -> None:
    file(database, 1, traits={"track": "refund-first", "debt_arose_at": "one-branch"})
    apology = {"new_date_at": "2018-07-20T10:00:00+00:00", "due_at": "2018-06-13T10:00:00+00:00"}
    other = {"traits": {"track": "inspect-first", "note": 'a "\\\n\t"'}}
    projector.tell(
        a_fact(),
        a_fact(action="apologize", status_before=2, detail=apology),
        a_fact(action="reclassify", status_before=4, status=4, detail=other, limit_unit="calendar-days"),
    )
    found = dossier_1(database)
    assert (found.limit_unit, found.new_date_at) == ("calendar-days", datetime(2018, 7, 20, 10, tzinfo=UTC))
    assert found.traits == {"track": "refund-first", "debt_arose_at": "one-branch"}
    assert found.traits_now == {**other["traits"], "debt_arose_at": "one-branch"}
    # In a later block: what was is kept, and traits grow.
    more = {"traits": {"track": "again", "\\": "\\N"}}
    projector.tell(
        a_fact(action="grant", status_before=4, status=9),
        a_fact(action="reclassify", status_before=9, status=9, detail=more),
    )
    found = dossier_1(database)
    assert (found.new_date_at is not None, found.resolved_at) == (True, NOW)
    assert found.later_traits == {**other["traits"], **more["traits"]}
    timeline = SqlReader(database).timeline(SANDBOX, 1)
    assert [entry.detail for entry in timeline] == [None, None, apology, other, None, more]


def test_what_was_refused_changes_nothing_but_the_timeline(database: Database, projector: Projector) -> None:
    file(database, 1)
    date = {"new_date_at": "2018-07-20T10:00:00+00:00"}
    projector.tell(a_fact(), a_fact(action="apologize", refusal="too-late", detail=date))
    projector.tell(a_fact(action="grant", status=9, refusal="illegal-transition"))
    assert (dossier_1(database).new_date_at, dossier_1(database).version) == (None, 2)
    assert [entry.refusal for entry in SqlReader(database).timeline(SANDBOX, 1)] == [
        None,
        None,
        "too-late",
        "illegal-transition",
    ]


def with_traits(fact: Fact, random: Random) -> Fact:
    if fact.action != Action.RECLASSIFY or fact.refusal:
        return fact
    return fact._replace(detail={"traits": {random.choice("abc"): random.choice(["x", "\\", '"'])}})


@pytest.mark.parametrize("seed", range(4))
def test_however_facts_are_cut_into_blocks_everything_is_as_they_say(database: Database, seed: int) -> None:
    """Random ledgers of two partitions, in random blocks, some of which begin before what is known."""
    random, sandboxes = Random(seed), ("a", "b")
    ledgers = {}
    for sandbox_id in sandboxes:
        facts = [with_traits(fact, random) for fact in make_ledger(random.choice, 250, 25)]
        ledgers[sandbox_id] = facts
        last = max(fact.number for fact in facts) + 3  # the last ones nobody tells of
        file(database, *range(1, last + 1), sandbox_id=sandbox_id)
    projection, positions, slices = SqlProjection(), dict.fromkeys(sandboxes, 0), 0
    while any(positions[name] < len(ledgers[name]) for name in sandboxes):
        parts = []
        for name in sandboxes:
            blocks = []
            for _ in range(random.choice([1, 1, 3])):
                start, end = positions[name], min(positions[name] + random.choice([1, 5, 40, 120]), len(ledgers[name]))
                if start < end:
                    before = random.randint(0, min(start, 3))
                    blocks.append(travelled(ledgers[name][start - before : end]).after(start))
                    positions[name] = end
            if blocks:
                parts.append(FactSlice(name, 0, positions[name], None, tuple(blocks)))
        with database.transaction() as transaction:
            projection.load_positions(transaction, [(name, 0) for name in sandboxes])
            projection.apply(transaction, parts)
        slices += 1
        assert_all_is_as_told(database, ledgers, positions)
    assert slices > 1


def assert_all_is_as_told(
    database: Database, ledgers: Mapping[str, Sequence[Fact]], positions: Mapping[str, int]
) -> None:
    reader = SqlReader(database)
    for name, ledger in ledgers.items():
        by_number: dict[int, list[Fact]] = {}
        for fact in ledger[: positions[name]]:
            by_number.setdefault(fact.number, []).append(fact)
        dossiers = reader.dossiers(name, DossierFilter(), FAR, 1000)
        expected = {
            dossier.number: as_told(a_filed(dossier.number, sandbox_id=name), by_number.get(dossier.number, ()))
            for dossier in dossiers
        }
        assert {dossier.number: dossier for dossier in dossiers} == expected
        assert reader.positions(name) == {0: positions[name]}
        counts = Counter(dossier.status for dossier in dossiers)
        assert reader.counts_by_status(name, FAR) == counts
        for status in Status:
            listed = reader.dossiers(name, DossierFilter(status=status), FAR, 1000)
            assert listed == [one for one in dossiers if one.status == status]
        for number in expected:
            told = [(entry.position, entry.action, entry.refusal) for entry in reader.timeline(name, number)]
            facts = by_number.get(number, [])
            assert told == [(fact.position, fact.action, fact.refusal) for fact in facts]


class Follower:
    """Notes what it is told, looks at the read model, and may fail."""

    def __init__(self, *, fails: bool = False) -> None:
        self.seen: list[tuple[str, int]] = []
        self.statuses: list[int] = []
        self._fails = fails

    def wanted(self, block: FactBlock) -> Sequence[int]:
        return [place for place, action in enumerate(block.facts.action) if action != "start"]

    def follow(self, transaction: Transaction, told: Sequence[ToldFacts]) -> None:
        self.seen += [(one.sandbox_id, fact.position) for one in told for fact in one.facts]
        row = transaction.execute("SELECT status FROM dossier WHERE number = 1").fetchone()
        assert row is not None
        self.statuses.append(row[0])
        if self._fails:
            raise RuntimeError("a follower's own")


def test_followers_are_told_each_fact_they_want_once_after_the_read_model_has_moved(database: Database) -> None:
    file(database, 1)
    first, second = Follower(), Follower()
    projector = Projector(database, first, second)
    projector.tell(a_fact(), a_fact(action="start", status_before=2, status=4))
    projector.tell(ack=3)
    projector.tell(a_fact(action="start", status_before=4, status=4))
    assert first.seen == second.seen == [(SANDBOX, 1), (SANDBOX, 2)]
    assert first.statuses == [Status.IN_PROCESS]


def test_a_follower_that_fails_takes_the_whole_batch_back(database: Database) -> None:
    file(database, 1)
    with pytest.raises(RuntimeError):
        Projector(database, Follower(fails=True)).tell(a_fact())
    assert dossier_1(database).status == Status.SUBMITTED
    assert SqlReader(database).positions(SANDBOX) == {}
    Projector(database).tell(a_fact())
    assert dossier_1(database).status == Status.RECEIVED


def test_lists_by_outcome_agree_with_the_rule_that_counts(database: Database, projector: Projector) -> None:
    """Dossiers resolved around their due instant, to the minute and to midnight in Vietnam."""
    random, numbers = Random(7), range(1, 401)
    file(database, *numbers)
    facts = []
    for number in numbers:
        unit = random.choice(["working-hours", "working-days", "calendar-days", None])
        due = None if unit is None or random.random() < 0.1 else NOW.replace(hour=10) + timedelta(days=number % 3)
        near = timedelta(minutes=random.choice([0, 1, 59, 60, 419, 420, 421, 1440]), seconds=random.choice([0, 59]))
        at = (due or NOW) + random.choice([1, -1]) * near
        status = random.choice([Status.PROCESSED, Status.RETURNED, Status.STOPPED])
        facts.append(a_fact(number=number, status=status, due_at=due, limit_unit=unit, occurred_at=at))
    projector.tell(*facts)
    reader = SqlReader(database)
    for wanted in Timeliness:
        listed = reader.dossiers(SANDBOX, DossierFilter(timeliness=wanted), NOW, 500)
        expected = {
            fact.number
            for fact in facts
            if fact.status != Status.STOPPED and timeliness(fact.occurred_at, fact.due_at, fact.limit_unit) is wanted
        }
        assert expected
        assert {dossier.number for dossier in listed} == expected


def test_lists_by_several_procedures(database: Database) -> None:
    dossiers = [
        a_dossier(number, sandbox_id=SANDBOX, procedure_id=name)
        for number, name in enumerate(("refund-first", "storage-extension", "refund-first", "overpaid-tax"), 1)
    ]
    with SqlDoor(database).unit() as unit:
        unit.file(list(map(filed_again, dossiers)), [])
    reader = SqlReader(database)
    names = frozenset({"refund-first", "overpaid-tax"})
    assert [one.number for one in reader.dossiers(SANDBOX, DossierFilter(procedure_ids=names), NOW, 9)] == [4, 3, 1]
    assert reader.dossiers(SANDBOX, DossierFilter(procedure_ids=frozenset()), NOW, 9) == []


def decide(database: Database, day: int, number: str, at: datetime, sequence: int) -> int:
    override = CalendarOverride(date(2018, 6, day), False, "Nghỉ do bão", number)
    decided = DecidedOverride(
        sandbox_id=SANDBOX,
        number=0,
        override=override,
        decided_at=at,
        recorded_at=RECORDED,
        sequences={0: sequence, 1: sequence + 1},
    )
    with SqlDoor(database).unit() as unit:
        return unit.add_calendar_override(decided)


def test_decisions_are_numbered_through_and_hold_in_a_partition_once_it_has_carried_them_out(
    database: Database, projector: Projector
) -> None:
    assert [decide(database, 11, "1/QĐ", NOW, 4), decide(database, 12, "2/QĐ", NOW, 6)] == [1, 2]
    reader = SqlOverrideReader(database)
    assert [(one.number, one.override.day.day, one.sequences) for one in reader.overrides(SANDBOX)] == [
        (1, 11, {0: 4, 1: 5}),
        (2, 12, {0: 6, 1: 7}),
    ]
    assert reader.overrides_carried_out(SANDBOX, 0) == []
    projector.tell(ack=5)
    assert [one.number for one in reader.overrides_carried_out(SANDBOX, 0)] == [1]
    projector.tell(ack=6)
    assert [one.number for one in reader.overrides_carried_out(SANDBOX, 0)] == [1, 2]
    assert reader.overrides_carried_out(SANDBOX, 1) == []


def test_what_a_decision_moved_is_listed_by_dossier_and_not_under_another(
    database: Database, projector: Projector
) -> None:
    """Two decisions of one number at the same instant, as a swap of two days has, and a third of another."""
    file(database, 1, 2, 3)
    day = timedelta(days=1)
    decide(database, 11, "1/QĐ", NOW, 4)
    decide(database, 12, "1/QĐ", NOW, 6)
    decide(database, 13, "2/QĐ", NOW, 8)
    moves = [(1, "1/QĐ", 4), (3, "1/QĐ", 4), (2, "2/QĐ", 8), (1, "1/QĐ", 6)]
    facts = [
        a_fact(
            number=number,
            action="reschedule",
            occurred_at=NOW,
            due_at=NOW + 7 * day,
            detail={"decision_number": decision, "sequence": sequence, "due_before": "2018-06-13T10:00:00+00:00"},
        )
        for number, decision, sequence in moves
    ]
    projector.tell(*facts, facts[0]._replace(refusal="illegal-transition"))
    reader = SqlOverrideReader(database)
    first, second, third = reader.overrides(SANDBOX)
    assert reader.moved_counts(SANDBOX) == {first.number: 2, second.number: 1, third.number: 1}
    assert reader.moved_counts(SANDBOX, first.number) == {first.number: 2}
    assert reader.moved_counts(SANDBOX, 9) == {}
    (one,) = reader.moved_deadlines(SANDBOX, first, (0, 0), 1)
    assert (one.number, one.before, one.after) == (1, datetime(2018, 6, 13, 10, tzinfo=UTC), NOW + 7 * day)
    assert [item.number for item in reader.moved_deadlines(SANDBOX, first, (one.number, one.position), 9)] == [3]
