"""Payments on PostgreSQL: documents follow the facts exactly once, banks are answered alike however often they send."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest

from services.contracts.commands import ClockSetting
from services.contracts.facts import Fact, FactBlock
from services.contracts.vocabulary import Action, ClockMode, OfficerKind, Status
from services.law.calendar import WorkingCalendar
from services.portal.adapters.hooks import FactFollower, ToldFacts
from services.portal.adapters.payments.bank_list import load_banks
from services.portal.adapters.payments.payment_follower import PaymentFollower
from services.portal.adapters.payments.sql_payments import SqlPayments
from services.portal.adapters.sql_door import SqlDoor
from services.portal.adapters.sql_projection import SqlProjection
from services.portal.application import payments as use_cases
from services.portal.application.payments import BankMessage, DocumentFilter, Standing, StandingTotal
from services.portal.domain.payments.bank_messages import DebitLine, PaymentError
from services.portal.domain.payments.payments import (
    Payer,
    PaymentDocument,
    PaymentKind,
    PaymentState,
    after_fact,
    concerns_payment,
    is_payment_id,
    issue,
)
from services.portal.domain.sandbox import Sandbox
from services.runtime.catalogue import load_catalogue
from services.runtime.database import Database, Transaction
from services.runtime.errors import ProblemError
from tests.support.facts import make_fact
from tests.support.projecting import Teller, travelled
from tests.support.servers import Servers

REAL = datetime(2026, 1, 5, tzinfo=UTC)
#: A Tuesday, nine o'clock in Vietnam.
ISSUED = datetime(2018, 6, 5, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = ISSUED + HOUR
SANDBOX = Sandbox(
    sandbox_id="s1",
    name="payments",
    seed=1,
    partition_count=2,
    officer=OfficerKind.HUMAN,
    clock=ClockSetting(ClockMode.MANUAL, REAL, NOW),
    last_number=0,
    created_at=REAL,
)
BANKS = load_banks()
PROCEDURES = load_catalogue().procedures
CALENDAR = WorkingCalendar(load_catalogue().calendar)


@pytest.fixture(scope="module")
def database(servers: Servers) -> Iterator[Database]:
    """The schema of the portal, as its own role."""
    opened = Database(servers.database_urls["portal"], schema="portal", process="tests")
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def payments(database: Database, servers: Servers) -> SqlPayments:
    """With one sandbox and a thousand dossiers that all wait for an officer."""
    servers.empty_schema("portal")
    with SqlDoor(database).unit() as unit:
        unit.add_sandbox(SANDBOX)
    with psycopg.connect(servers.owner_url) as connection:
        connection.execute(
            "INSERT INTO portal.filed_dossier (sandbox_id, number, partition, procedure_id, office_code, channel,"
            " applicant_kind, applicant_id, applicant_name, filed_at, recorded_at)"
            " SELECT 's1', n, n %% 2, 'refund-first', '30CF', 'online', 'enterprise', '0100109106', 'Công ty ' || n,"
            " %s, %s FROM generate_series(1, 3000) AS n",
            (ISSUED - HOUR, REAL),
        )
    return SqlPayments(database)


def asked(number: int = 1, *, amount_vnd: int = 1_250_000, at: datetime = ISSUED, **changes: Any) -> Fact:
    return make_fact(
        number=number,
        action=Action.REQUEST_PAYMENT,
        status_before=Status.IN_PROCESS,
        status=Status.PAYMENT_REQUESTED,
        actor="officer",
        office_code="30CF",
        occurred_at=at,
        detail={"amount_vnd": amount_vnd},
        **changes,
    )


def moved(action: Action, status: Status, number: int = 1, *, at: datetime = NOW, **changes: Any) -> Fact:
    values: dict[str, Any] = {"status_before": Status.PAYMENT_REQUESTED, "actor": "bank", **changes}
    return make_fact(number=number, action=action, status=status, office_code="30CF", occurred_at=at, **values)


class Ledger:
    """One partition's facts, handed to the projector as its follower would."""

    def __init__(self, database: Database, *followers: FactFollower) -> None:
        self._database = database
        self._teller = Teller(SqlProjection(followers or (PaymentFollower(PROCEDURES),)), "s1")

    def tell(self, *facts: Fact) -> None:
        with self._database.transaction() as transaction:
            self._teller.tell(transaction, facts)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def document(payments: SqlPayments, number: int = 1) -> PaymentDocument:
    return payments.latest_documents("s1", [number])[number]


def line(of: PaymentDocument, reference: str = "FT1", **changes: Any) -> DebitLine:
    values: dict[str, Any] = {
        "debit_reference": reference,
        "payment_id": of.payment_id,
        "amount_vnd": of.amount_vnd,
        "tax_code": of.applicant_id,
        "account": of.account,
        "paid_at": NOW - timedelta(minutes=5),
    }
    return DebitLine(**{**values, **changes})


def send(
    payments: SqlPayments, *lines: DebitLine, message_id: str = "m1", bank: str = "SHB"
) -> tuple[Mapping[str, Any], bool]:
    message = BankMessage(bank_code=bank, message_id=message_id, lines=lines)
    with payments.unit() as unit:
        return use_cases.receive_message(unit, "s1", message, banks=BANKS, calendar=CALENDAR, real_now=REAL)


def codes(answer: Mapping[str, Any]) -> list[list[str]]:
    return [[error["code"] for error in result["errors"]] for result in answer["results"]]


def commands(servers: Servers) -> list[dict[str, Any]]:
    """What processing is going to be told, oldest first."""
    with psycopg.connect(servers.owner_url) as connection:
        rows = connection.execute("SELECT command::jsonb FROM portal.outbox ORDER BY partition, sequence").fetchall()
    return [row[0] for row in rows]


# Documents follow the facts


def test_a_request_for_payment_opens_a_document(payments: SqlPayments, ledger: Ledger) -> None:
    ledger.tell(asked(7))
    found = document(payments, 7)
    assert is_payment_id(found.payment_id)
    assert (found.kind, found.amount_vnd, found.state) == (PaymentKind.TAX, 1_250_000, PaymentState.OPEN)
    assert (found.applicant_name, found.partition, found.issued_at) == ("Công ty 7", 1, ISSUED)
    assert found.filed_at == ISSUED - HOUR
    assert payments.document("s1", found.payment_id) == found
    assert payments.document("s2", found.payment_id) is None
    assert payments.document("s1", "\x00") is None


def test_what_is_told_twice_happens_once(payments: SqlPayments, database: Database, ledger: Ledger) -> None:
    ledger.tell(asked(1), asked(2))
    again = Ledger(database)
    again.tell(asked(1), asked(2))
    assert len(payments.documents("s1", DocumentFilter(), 10)) == 2
    ledger.tell(moved(Action.PAY, Status.IN_PROCESS))
    again.tell(moved(Action.PAY, Status.IN_PROCESS), asked(1))
    assert [document(payments, number).ordinal for number in (1, 2)] == [2, 1]


#: What may happen to a dossier that waits for payment, or that doesn't; the status afterwards.
WAITING = [
    (Action.PAY, Status.IN_PROCESS),
    (Action.PAY, Status.IN_PROCESS),
    (Action.DEBIT, Status.PAYMENT_REQUESTED),
    (Action.STOP, Status.STOPPED),
    (Action.FORWARD, Status.PAYMENT_REQUESTED),
]


def a_random_fact(random: Random, status: Status, number: int, command_id: str | None) -> Fact:
    """The next thing that happens to a dossier, in a moment like any other."""
    at = NOW + random.randrange(100) * HOUR
    detail = random.choice([None, {"paid_at": (at - HOUR).isoformat()}, {"paid_at": "soon"}])
    refusal = random.choice(["stale-version", None, None, None])
    known = random.choice([None, command_id])
    actor = random.choice(["bank", "officer"])
    if status != Status.PAYMENT_REQUESTED:
        fact = asked(number, at=at, procedure_id=random.choice(["refund-first", "clearance-documentary-check"]))
        told = random.choice([None, {"amount_vnd": 5000}])
        return fact._replace(detail=told, refusal=refusal, status=status if refusal else fact.status)
    action, then = random.choice(WAITING)
    return moved(
        action,
        status if refusal else then,
        number,
        at=at,
        actor=actor,
        detail=detail,
        refusal=refusal,
        command_id=known,
    )


def by_the_rules(documents: dict[int, PaymentDocument], fact: Fact) -> None:
    """What a fact makes of a dossier's documents: the rules, one fact at a time."""
    if not concerns_payment(fact.action, fact.status_before, fact.refusal):
        return
    known = documents.get(fact.number)
    document: PaymentDocument | None = None
    if fact.action == Action.REQUEST_PAYMENT and fact.refusal is None:
        payer = Payer(fact.number % 2, f"Công ty {fact.number}", ISSUED - HOUR)
        fee_vnd = PROCEDURES[fact.procedure_id].fee_vnd
        document = issue("s1", fact, payer, fee_vnd=fee_vnd, ordinal=known.ordinal + 1 if known else 1)
    if document is None and known is not None:
        document = after_fact(known, fact)
    if document is not None:
        documents[fact.number] = document


@pytest.mark.parametrize("seed", range(8))
def test_however_facts_come_documents_are_what_the_rules_say(payments: SqlPayments, ledger: Ledger, seed: int) -> None:
    """Between them banks tell of debits, so that some documents are no longer open when the facts come."""
    random = Random(seed)
    documents: dict[int, PaymentDocument] = {}
    statuses = dict.fromkeys(range(1, 31), Status.IN_PROCESS)
    for _ in range(12):
        facts = []
        for _ in range(random.choice([1, 5, 40])):
            number = random.choice([number for number, status in statuses.items() if status != Status.STOPPED])
            known = documents.get(number)
            fact = a_random_fact(random, statuses[number], number, known.command_id if known else None)
            fact = fact._replace(status_before=statuses[number], procedure_id="refund-first", office_code="30CF")
            facts.append(fact)
            statuses[number] = Status(fact.status)
            by_the_rules(documents, fact)
        ledger.tell(*facts)
        assert payments.latest_documents("s1", statuses) == documents
        open_ones = [one for one in documents.values() if one.state is PaymentState.OPEN]
        for one in random.sample(open_ones, len(open_ones) // 2):
            documents[one.number] = replace(
                one,
                state=random.choice([PaymentState.PAID, PaymentState.DEBITED]),
                bank_code="SHB",
                debit_reference=f"FT{one.number}",
                command_id=f"act_{one.number}",
                paid_at=NOW,
            )
        with payments.unit() as unit:
            unit.save_documents([documents[one.number] for one in open_ones])
    assert len({one.state for one in documents.values()}) > 2


class FallsOnce:
    """A follower behind ours that dies the first time, when ours has written everything."""

    def __init__(self) -> None:
        self.has_fallen = False

    def wanted(self, block: FactBlock) -> Sequence[int]:
        return range(block.count)

    def follow(self, transaction: Transaction, told: Sequence[ToldFacts]) -> None:  # noqa: ARG002
        if not self.has_fallen:
            self.has_fallen = True
            raise ConnectionAbortedError


def test_a_projector_that_dies_between_leaves_nothing_half_done(payments: SqlPayments, database: Database) -> None:
    ledger = Ledger(database, PaymentFollower(PROCEDURES), FallsOnce())
    with pytest.raises(ConnectionAbortedError):
        ledger.tell(asked(1), moved(Action.STOP, Status.STOPPED, actor="clock"))
    assert payments.documents("s1", DocumentFilter(), 10) == []
    ledger.tell(asked(1), moved(Action.STOP, Status.STOPPED, actor="clock"))
    assert document(payments).state is PaymentState.CANCELLED


def test_a_whole_story_in_one_slice(payments: SqlPayments, ledger: Ledger) -> None:
    ledger.tell(
        asked(1),
        moved(Action.PAY, Status.IN_PROCESS, detail={"paid_at": ISSUED.isoformat()}),
        asked(2),
        asked(1, at=NOW + HOUR, amount_vnd=5000),
        moved(Action.WITHDRAW, Status.WITHDRAWN, 2, actor="applicant"),
        asked(3)._replace(refusal="illegal-transition"),
        asked(4)._replace(detail=None),
    )
    found = {(one.number, one.ordinal): one for one in payments.documents("s1", DocumentFilter(), 10)}
    assert {key: (one.amount_vnd, one.state.value) for key, one in found.items()} == {
        (1, 1): (1_250_000, "paid"),
        (1, 2): (5000, "open"),
        (2, 1): (1_250_000, "cancelled"),
    }
    assert (found[1, 1].paid_at, found[2, 1].closed_at) == (ISSUED, NOW)


def test_thousands_of_documents_cost_as_many_statements_as_one(
    payments: SqlPayments, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements_for(facts: Iterable[Fact]) -> int:
        count = 0
        execute, copy = psycopg.Connection.execute, psycopg.Cursor.copy

        def counted(self: Any, *arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            return execute(self, *arguments, **options)

        def counted_copy(self: Any, *arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            return copy(self, *arguments, **options)

        with monkeypatch.context() as patch, database.transaction() as transaction:
            patch.setattr(psycopg.Connection, "execute", counted)
            patch.setattr(psycopg.Cursor, "copy", counted_copy)
            numbered = [fact._replace(position=position) for position, fact in enumerate(facts, 1)]
            follower, block = PaymentFollower(PROCEDURES), travelled(numbered)
            if wanted := follower.wanted(block):
                follower.follow(transaction, [ToldFacts("s1", block, wanted)])
        return count

    assert statements_for([asked(1)]) == statements_for([asked(number) for number in range(2, 3001)]) == 2
    paid = [moved(Action.PAY, Status.IN_PROCESS, number) for number in range(1, 3001)]
    assert statements_for(paid) == 1
    assert len(payments.documents("s1", DocumentFilter(state=PaymentState.PAID), 5000)) == 3000
    assert statements_for([make_fact(number=number) for number in range(1, 3001)]) == 0


def test_documents_are_listed_page_by_page(payments: SqlPayments, ledger: Ledger) -> None:
    ledger.tell(*(asked(number) for number in range(1, 8)))
    seen: list[str] = []
    while page := payments.documents("s1", DocumentFilter(after=seen[-1] if seen else None), 3):
        seen += [one.payment_id for one in page]
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen)
    assert [one.number for one in payments.documents("s1", DocumentFilter(number=4), 9)] == [4]
    assert payments.documents("s1", DocumentFilter(applicant_id="0300588569"), 9) == []
    assert payments.documents("s1", DocumentFilter(state=PaymentState.PAID), 9) == []
    assert payments.latest_documents("s1", [4, 5, 99]).keys() == {4, 5}


# What banks tell


def test_a_match_pays_and_tells_processing(payments: SqlPayments, ledger: Ledger, servers: Servers) -> None:
    ledger.tell(asked(1))
    of = document(payments)
    answer, is_repeated = send(payments, line(of))
    assert (answer["outcome"], answer["results"][0]["outcome"], is_repeated) == ("accepted", "recorded", False)
    paid = document(payments)
    assert (paid.state, paid.bank_code, paid.debit_reference) == (PaymentState.PAID, "SHB", "FT1")
    assert (paid.paid_at, paid.recorded_at, paid.is_confirmed) == (NOW - timedelta(minutes=5), NOW, False)
    (command,) = commands(servers)
    (row,) = command["data"]["actions"]
    assert (command["type"], row[1:4]) == ("act", [1, "pay", "bank"])
    assert row[7] == {"paid_at": "2018-06-05T02:55:00Z", "payment_id": of.payment_id}
    ledger.tell(moved(Action.PAY, Status.IN_PROCESS, command_id=row[0]))
    assert document(payments).is_confirmed


def test_a_message_is_answered_alike_and_pays_once(payments: SqlPayments, ledger: Ledger, servers: Servers) -> None:
    ledger.tell(asked(1), asked(2))
    of = document(payments)
    answers = [send(payments, line(of)) for _ in range(3)]
    assert [is_repeated for _, is_repeated in answers] == [False, True, True]
    assert answers[0][0] == answers[1][0] == answers[2][0]
    assert list(answers[0][0]) == list(answers[1][0])
    # the same debit in another message
    other, _ = send(payments, line(of), message_id="m2")
    assert other["results"] == answers[0][0]["results"]
    assert len(commands(servers)) == 1
    # the same id for something else
    with pytest.raises(ProblemError) as caught:
        send(payments, line(document(payments, 2)))
    assert caught.value.code == "bank-message-reused"
    # another bank has ids of its own
    theirs, _ = send(payments, line(document(payments, 2)), bank="ACB")
    assert theirs["outcome"] == "accepted"
    assert payments.answer_to("s1", "SHB", "m1") == answers[0][0]
    assert payments.answer_to("s1", "SHB", "m9") is None
    assert payments.answer_to("s1", "\x00", "m1") is payments.answer_to("s1", "SHB", "\x00") is None


def test_the_same_message_twice_at_the_same_moment(payments: SqlPayments, ledger: Ledger, servers: Servers) -> None:
    ledger.tell(*(asked(number) for number in range(1, 51)))
    lines = [line(document(payments, number), f"FT{number}") for number in range(1, 51)]
    answers: list[tuple[Mapping[str, Any], bool]] = []
    threads = [threading.Thread(target=lambda: answers.append(send(payments, *lines))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(is_repeated for _, is_repeated in answers) == [False, True, True, True]
    assert all(answer == answers[0][0] for answer, _ in answers)
    assert sum(len(command["data"]["actions"]) for command in commands(servers)) == 50


def test_a_pay_slip_covers_several_documents(payments: SqlPayments, ledger: Ledger, servers: Servers) -> None:
    ledger.tell(asked(1), asked(2), asked(3))
    first, second, third = (document(payments, number) for number in (1, 2, 3))
    answer, _ = send(
        payments,
        line(first, "A"),
        line(first, "B"),
        line(second, "C", amount_vnd=7),
        line(third, "D", is_after_cut_off=True),
        line(third, "A"),
        line(third, "E", payment_id="11811000012362"),
    )
    assert answer["outcome"] == "partly-refused"
    assert codes(answer) == [[], ["P0006"], ["P0003"], [], ["P0010"], ["P0002"]]
    assert answer["results"][3]["record_at"] == "2018-06-06T01:00:00Z"
    states = {number: one.state for number, one in payments.latest_documents("s1", [1, 2, 3]).items()}
    assert states == {1: PaymentState.PAID, 2: PaymentState.OPEN, 3: PaymentState.DEBITED}
    actions = sorted((row[1], row[2]) for command in commands(servers) for row in command["data"]["actions"])
    assert actions == [(1, "pay"), (3, "debit")]


def test_a_refused_debit_is_corrected_or_taken_back(payments: SqlPayments, ledger: Ledger, servers: Servers) -> None:
    ledger.tell(asked(1), asked(2))
    of, other = document(payments), document(payments, 2)
    refused, _ = send(payments, line(of, amount_vnd=1), line(other, "FT2", tax_code="0"))
    assert codes(refused) == [["P0003"], ["P0004"]]
    assert commands(servers) == []
    corrected, _ = send(payments, line(of), message_id="m2")
    assert corrected["outcome"] == "accepted"

    def cancel(reference: str) -> PaymentError | None:
        with payments.unit() as unit:
            return use_cases.cancel_debit(unit, "s1", "SHB", reference, BANKS)[1]

    assert cancel("FT1") is PaymentError.CONFIRMED
    assert [cancel("FT2"), cancel("FT2")] == [None, None]
    assert cancel("FT3") is PaymentError.UNKNOWN_DEBIT
    late, _ = send(payments, line(other, "FT2"), message_id="m3")
    assert codes(late) == [["P0010"]]


def test_what_processing_refuses_stands_as_a_debit_without_record(payments: SqlPayments, ledger: Ledger) -> None:
    """The dossier ended at the same moment: the ledger says which came first."""
    ledger.tell(asked(1))
    send(payments, line(document(payments)))
    command_id = document(payments).command_id
    ledger.tell(
        moved(Action.STOP, Status.STOPPED, actor="clock"),
        moved(
            Action.PAY,
            Status.STOPPED,
            status_before=Status.STOPPED,
            command_id=command_id,
            refusal="illegal-transition",
        ),
    )
    assert document(payments).state is PaymentState.CANCELLED
    assert payments.statement_totals("s1", date(2018, 6, 5)) == {
        Standing.DEBIT_WITHOUT_RECORD: StandingTotal(1, 1_250_000)
    }
    again, _ = send(payments, line(document(payments)), message_id="m2")
    assert codes(again) == [["P0007"]]
    with payments.unit() as unit:
        assert use_cases.cancel_debit(unit, "s1", "SHB", "FT1", BANKS)[1] is None
    assert payments.statement_totals("s1", date(2018, 6, 5)) == {}


def test_queries(payments: SqlPayments, ledger: Ledger) -> None:
    ledger.tell(asked(1))
    of = document(payments)
    assert use_cases.query(payments, "s1", of.payment_id) == (of, None)
    assert use_cases.query(payments, "s2", of.payment_id) == (None, PaymentError.UNKNOWN_NUMBER)
    assert use_cases.query(payments, "s1", of.payment_id[:-1] + "x") == (None, PaymentError.MISTYPED_NUMBER)
    send(payments, line(of))
    found = use_cases.query(payments, "s1", of.payment_id)
    assert (found.document, found.error) == (document(payments), PaymentError.ALREADY_PAID)


# The Treasury


def test_the_statement_of_a_day(payments: SqlPayments, ledger: Ledger) -> None:
    ledger.tell(*(asked(number, amount_vnd=number * 1000) for number in range(1, 8)))
    of = payments.latest_documents("s1", range(1, 8))
    send(payments, line(of[1], "A"), line(of[2], "B", amount_vnd=1), line(of[3], "C", is_after_cut_off=True))
    ledger.tell(
        moved(Action.PAY, Status.IN_PROCESS, 1, command_id=document(payments, 1).command_id),
        moved(Action.PAY, Status.IN_PROCESS, 4, actor="officer"),  # by hand, without a bank
        moved(Action.PAY, Status.IN_PROCESS, 5),  # a robot's bank, which sends no messages
        moved(Action.PAY, Status.IN_PROCESS, 3, at=ISSUED + 23 * HOUR),  # as processing planned
    )
    today, tomorrow = date(2018, 6, 5), date(2018, 6, 6)
    entries = {entry.key: entry for entry in payments.statement("s1", today, None, None, 100)}
    assert {key: entry.standing for key, entry in entries.items()} == {
        "d/SHB/A": "matched",
        "d/SHB/B": "debit-without-record",
        "d/SHB/C": "in-transit",
        f"p/{of[4].payment_id}": "record-without-debit",
        f"p/{of[5].payment_id}": "matched",
    }
    assert entries["d/SHB/B"].result == "P0003"
    totals = payments.statement_totals("s1", today)
    assert totals == {
        Standing.MATCHED: StandingTotal(2, 6000),
        Standing.DEBIT_WITHOUT_RECORD: StandingTotal(1, 1),
        Standing.RECORD_WITHOUT_DEBIT: StandingTotal(1, 4000),
        Standing.IN_TRANSIT: StandingTotal(1, 3000),
    }
    assert payments.statement_totals("s1", tomorrow) == {Standing.MATCHED: StandingTotal(1, 3000)}
    assert payments.statement_totals("s2", today) == {}
    pages = [payments.statement("s1", today, None, after, 2) for after in (None, "d/SHB/B")]
    assert [entry.key for page in pages for entry in page] == list(entries)[:4]
    assert [entry.key for entry in payments.statement("s1", today, Standing.MATCHED, None, 9)] == [
        "d/SHB/A",
        f"p/{of[5].payment_id}",
    ]


def test_a_statement_that_is_not_there_yet(payments: SqlPayments) -> None:
    def read(day: date, now: datetime) -> use_cases.Statement:
        return use_cases.statement(
            payments, SANDBOX, day, standing=None, after=None, limit=10, calendar=CALENDAR, now=now
        )

    friday, monday = date(2018, 6, 8), datetime(2018, 6, 11, 1, tzinfo=UTC)
    with pytest.raises(ProblemError) as caught:
        read(friday, monday - timedelta(microseconds=1))
    assert caught.value.code == "statement-not-ready"
    assert caught.value.extra == {"available_at": "2018-06-11T01:00:00Z"}
    assert read(friday, monday).entries == []
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(ProblemError) as caught:
            read(day, monday)
        assert caught.value.code == "statement-unknown-day"
