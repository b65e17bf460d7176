"""The recount: equal when all is well, and it sees what somebody changed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from flask.testing import FlaskClient

from services.contracts.vocabulary import Action
from services.metrics.application import recount as recount_module
from services.runtime.streams import FactFollower
from tests.integration.metrics.test_counter import busy_ledger
from tests.support.facts import MONDAY
from tests.support.ledger_server import LedgerServer
from tests.support.servers import Servers


@pytest.fixture(autouse=True)
def counted(processing: LedgerServer, make_counter) -> FactFollower:
    """Two partitions, all of it counted; in the second somebody withdraws, too late."""
    processing.ledgers["s", 0], processing.ledgers["s", 1] = busy_ledger(), busy_ledger(11)
    processing.ledgers["s", 1].act(9, Action.WITHDRAW, MONDAY + timedelta(days=9), due_at=MONDAY + timedelta(days=3))
    counter: FactFollower = make_counter()
    counter.take([ledger.batch(*key) for key, ledger in processing.ledgers.items()])
    return counter


@contextmanager
def answering(processing: LedgerServer) -> Iterator[None]:
    """Processing answers while the block runs."""
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            processing.answer()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def recount(http: FlaskClient, processing: LedgerServer) -> dict:
    with answering(processing):
        answer = http.post("/v1/recount?sandbox_id=s")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_recount_is_equal(http: FlaskClient, processing: LedgerServer) -> None:
    heads = {str(partition): len(ledger.facts) for (_, partition), ledger in processing.ledgers.items()}
    assert recount(http, processing) == {
        "equal": True,
        "facts": sum(heads.values()),
        "positions": heads,
        "difference_count": 0,
        "differences": [],
    }
    (asked,) = processing.asked
    assert asked["wanted"] == [["s", 0, 0], ["s", 1, 0]]
    assert not processing.client.exists(asked["to_stream"])


@pytest.mark.parametrize(
    ("mistake", "what"),
    [
        (
            "UPDATE metrics.tally SET filed = 9 WHERE (partition, office_code) = (1, '30F1') AND filed > 0",
            "tally",
        ),
        ("DELETE FROM metrics.open_dossier WHERE (partition, number) = (1, 4)", "open"),
        ("UPDATE metrics.open_dossier SET filed_on = '2018-06-01' WHERE (partition, number) = (1, 4)", "open"),
        ("UPDATE metrics.late_span SET until_on = '2018-06-12' WHERE partition = 1", "late"),
        ("UPDATE metrics.contested_end SET marks = 'EEEE' WHERE partition = 1", "contested"),
        ("UPDATE metrics.open_dossier SET due_at = now() WHERE (partition, number) = (1, 5)", "open"),
        ("UPDATE metrics.open_dossier SET late = '[[6735, 6740, 15]]' WHERE (partition, number) = (1, 5)", "open"),
        ("DELETE FROM metrics.subject WHERE partition = 1 AND applicant_id = '0000000003'", "subjects"),
    ],
)
def test_recount_finds_a_falsified_count(
    http: FlaskClient, processing: LedgerServer, servers: Servers, mistake: str, what: str
) -> None:
    with psycopg.connect(servers.owner_url) as connection:
        assert connection.execute(mistake).rowcount == 1
    answer = recount(http, processing)
    assert answer["equal"] is False
    assert answer["difference_count"] == 1
    (found,) = answer["differences"]
    assert (found["partition"], found["what"]) == (1, what)
    assert found["in_tables"] != found["in_ledger"]


def test_large_sandbox_is_recounted_partition_by_partition(
    http: FlaskClient, processing: LedgerServer, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What doesn't fit into memory together isn't held together; nothing is left out or compared twice."""
    monkeypatch.setattr(recount_module, "FACTS_AT_ONCE", 1)
    heads = {str(partition): len(ledger.facts) for (_, partition), ledger in processing.ledgers.items()}
    answer = recount(http, processing)
    assert [asked["wanted"] for asked in processing.asked] == [[["s", 0, 0]], [["s", 1, 0]]]
    assert (answer["equal"], answer["positions"]) == (True, heads)
    assert answer["facts"] == sum(heads.values())
    with psycopg.connect(servers.owner_url) as connection:
        for table, partition in (("open_dossier", 0), ("contested_end", 1)):
            connection.execute(f"DELETE FROM metrics.{table} WHERE partition = {partition}")
        # Counts that belong to no partition that anybody knows.
        connection.execute("INSERT INTO metrics.subject VALUES ('s', 7, 'refund', 'enterprise', '0100109106')")
    found = recount(http, processing)["differences"]
    assert {(item["partition"], item["what"]) for item in found} == {(0, "open"), (1, "contested"), (7, "subjects")}
    assert len({str(item) for item in found}) == len(found)


def test_recount_names_a_hundred_differences_and_counts_all(
    http: FlaskClient, processing: LedgerServer, servers: Servers, counted: FactFollower
) -> None:
    ledger = processing.ledgers["s", 0]
    head = len(ledger.facts)
    for number in range(1000, 1150):
        ledger.file(number, office_code=f"{number}")
    counted.take([ledger.batch("s", 0, start=head + 1)])
    with psycopg.connect(servers.owner_url) as connection:
        connection.execute("UPDATE metrics.tally SET filed = 2 WHERE office_code LIKE '1%'")
    answer = recount(http, processing)
    assert (answer["difference_count"], len(answer["differences"])) == (150, 100)


def test_recount_stops_where_the_counts_stand(http: FlaskClient, processing: LedgerServer) -> None:
    """The ledger has grown, the counter hasn't seen it yet: still equal, up to the position it names."""
    ledger = processing.ledgers["s", 0]
    counted_facts = len(ledger.facts)
    ledger.file(999)
    answer = recount(http, processing)
    assert answer["equal"] is True
    assert answer["positions"]["0"] == counted_facts


def test_recount_holds_while_the_counter_moves_on(
    http: FlaskClient, processing: LedgerServer, counted: FactFollower
) -> None:
    ledger = processing.ledgers["s", 0]
    old_head = len(ledger.facts)
    answered = processing.answer

    def count_on_first(**arguments: float) -> bool:
        if len(ledger.facts) == old_head:
            ledger.file(999)
            counted.take([ledger.batch("s", 0, start=old_head + 1)])
        return answered(**arguments)

    processing.answer = count_on_first  # type: ignore[method-assign]
    assert recount(http, processing)["equal"] is True


def test_recount_without_processing_gives_up(http: FlaskClient, processing: LedgerServer) -> None:
    answer = http.post("/v1/recount?sandbox_id=s")
    assert answer.status_code == 503
    assert answer.json["code"] == "recount-timeout"
    assert processing.client.keys("motcua:recount:*") == []


def test_recount_of_an_unknown_sandbox_counts_nothing(http: FlaskClient) -> None:
    answer = http.post("/v1/recount?sandbox_id=never-heard-of").json
    assert (answer["equal"], answer["facts"], answer["positions"]) == (True, 0, {})
