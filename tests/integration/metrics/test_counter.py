"""Following the facts and counting them, whatever happens on the way."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from services.contracts.facts import FactBatch, FactBlock
from services.contracts.vocabulary import Action
from services.launcher.folder import REPOSITORY
from services.metrics.adapters.consumer import CountingConsumer
from services.metrics.adapters.reader import SqlCountReader
from services.metrics.domain.counting import count
from services.metrics.domain.counts import Counts, differences
from services.metrics.domain.sifting import sift
from services.runtime.database import Transaction
from services.runtime.streams import FactFollower, FactSlice
from tests.support.facts import MONDAY, HandLedger
from tests.support.ledger_server import LedgerServer
from tests.support.random_ledgers import seeded_ledger
from tests.support.servers import Servers
from tests.support.wait import until

DAY = timedelta(days=1)
DUE = MONDAY + 3 * DAY


def busy_ledger(dossiers: int = 30) -> HandLedger:
    """Dossiers side by side, in every state."""
    ledger = HandLedger()
    for number in range(1, dossiers + 1):
        ledger.file(number, MONDAY, applicant_id=f"{number % 7:010}", office_code=f"30F{number % 3}")
    for number in range(1, dossiers + 1):
        ledger.act(number, Action.RECEIVE, MONDAY + DAY, due_at=DUE)
    for number in range(1, dossiers + 1):
        if number % 5 == 0:
            ledger.act(number, Action.REQUEST_SUPPLEMENT, MONDAY + DAY)
        elif number % 5 < 4:
            ledger.act(number, Action.START, MONDAY + DAY, due_at=DUE)
            ledger.act(number, Action.GRANT, MONDAY + number % 6 * DAY, due_at=DUE)
        if number % 5 == 1:
            ledger.act(number, Action.RETURN_RESULT, MONDAY + 7 * DAY, due_at=DUE)
    return ledger


def assert_counted_once(reader: SqlCountReader, ledger: HandLedger, sandbox_id: str, partition: int = 0) -> None:
    """The tables hold exactly what the whole ledger says."""
    snapshot, expected = reader.snapshot(sandbox_id), Counts()
    expected.apply(count(sift([FactBlock.of(ledger.facts)]), {}))
    assert snapshot.positions[partition] == len(ledger.facts)
    assert list(differences(tables=snapshot.counts[partition], ledger=expected)) == []


def test_counter_counts_what_is_published(make_counter, processing: LedgerServer, reader: SqlCountReader) -> None:
    ledgers = processing.ledgers
    ledgers["one", 0], ledgers["one", 1], ledgers["other", 0] = busy_ledger(), busy_ledger(7), busy_ledger(3)
    processing.publish_all()
    counter = make_counter()
    while counter.step(block_ms=10):
        pass
    for (sandbox_id, partition), ledger in ledgers.items():
        assert_counted_once(reader, ledger, sandbox_id, partition)


def test_slices_change_the_tables_like_one_count_of_all(
    make_counter, processing: LedgerServer, reader: SqlCountReader
) -> None:
    ledger = busy_ledger()
    counter = make_counter()
    for start in range(1, len(ledger.facts) + 1, 7):
        counter.take([ledger.batch("sliced", start=start, stop=start + 6)])
    assert_counted_once(reader, ledger, "sliced")


@pytest.mark.parametrize("seed", range(8))
def test_slices_of_eventful_lives_change_the_tables_like_one_count_of_all(
    make_counter, reader: SqlCountReader, seed: int
) -> None:
    """Every action there is, in slices that cut lives anywhere."""
    ledger = HandLedger(seeded_ledger(seed, facts=120, max_dossiers=20))
    counter = make_counter()
    size = 3 + seed * 2
    for start in range(1, len(ledger.facts) + 1, size):
        counter.take([ledger.batch("lives", start=start, stop=start + size - 1)])
    assert_counted_once(reader, ledger, "lives")


def test_duplicates_and_overlaps_count_once(make_counter, processing: LedgerServer, reader: SqlCountReader) -> None:
    ledger = busy_ledger()
    processing.publish(
        ledger.batch("s", stop=40), ledger.batch("s", stop=40), ledger.batch("s", start=20, stop=60), ledger.batch("s")
    )
    processing.publish(ledger.batch("s"))
    counter = make_counter()
    while counter.step(block_ms=10):
        pass
    assert_counted_once(reader, ledger, "s")


def test_gap_is_asked_for_and_filled(make_counter, processing: LedgerServer, reader: SqlCountReader) -> None:
    ledger = processing.ledgers["s", 0] = busy_ledger()
    processing.publish(ledger.batch("s", stop=10), ledger.batch("s", start=31))
    counter = make_counter()
    counter.step(block_ms=10)
    assert reader.positions("s") == {0: 10}
    while processing.answer():
        counter.step(block_ms=10)
    assert {"wanted": [["s", 0, 10]]} in processing.asked
    assert_counted_once(reader, ledger, "s")


def test_head_that_nothing_followed_is_asked_for(
    make_counter, processing: LedgerServer, reader: SqlCountReader
) -> None:
    """The stream was lost before the counter read it; an announcement of the head reveals it."""
    ledger = processing.ledgers["s", 0] = busy_ledger()
    processing.publish(FactBatch("s", 0, head=len(ledger.facts), ack=3))
    counter = make_counter()
    counter.step(block_ms=10)
    while processing.answer():
        counter.step(block_ms=10)
    assert_counted_once(reader, ledger, "s")


def test_wiped_redis_loses_nothing(make_counter, processing: LedgerServer, reader: SqlCountReader) -> None:
    ledger = processing.ledgers["s", 0] = busy_ledger()
    processing.publish(ledger.batch("s", stop=50))
    counter = make_counter()
    counter.step(block_ms=10)
    processing.client.flushall()
    processing.publish(ledger.batch("s", start=90))

    def catches_up() -> bool:
        counter.step(block_ms=10)
        processing.answer()
        return reader.positions("s")[0] == len(ledger.facts)

    # The question for a replay was wiped as well; it is asked again after a moment.
    until(catches_up)
    assert_counted_once(reader, ledger, "s")


def test_counter_that_fails_half_way_leaves_nothing_and_counts_later(
    make_counter, processing: LedgerServer, reader: SqlCountReader
) -> None:
    class DiesBeforeCommit(CountingConsumer):
        can_commit = False

        def apply(self, transaction: Transaction, slices: list[FactSlice]) -> None:
            super().apply(transaction, slices)
            if not self.can_commit:
                raise ConnectionError("gone")

    ledger = busy_ledger()
    processing.publish(ledger.batch("s"))
    counter: FactFollower = make_counter()
    consumer = counter._consumer = DiesBeforeCommit()
    with pytest.raises(ConnectionError):
        counter.step(block_ms=10)
    assert reader.snapshot("s").counts == {}
    # The same consumer: whatever it remembers of what it has written, it mustn't believe what was rolled back.
    consumer.can_commit = True
    counter.step(block_ms=10)
    assert_counted_once(reader, ledger, "s")


def test_whoever_files_again_is_counted_once_and_inserted_once(make_counter, reader: SqlCountReader, servers) -> None:
    ledger, counter = HandLedger(), make_counter()
    for number in range(1, 41):
        ledger.file(number, applicant_id=f"{number % 4:010}")
        counter.take([ledger.batch("s", start=number)])
    assert_counted_once(reader, ledger, "s")
    assert len(reader.snapshot("s").counts[0].subjects) == 4


def test_two_counters_at_once_count_once(
    make_counter: Callable[[], FactFollower], processing: LedgerServer, reader: SqlCountReader
) -> None:
    """One process is on its way out while its successor has begun; the sandbox is new to both."""
    ledger = busy_ledger(200)
    batches = [ledger.batch("s", start=start, stop=start + 49) for start in range(1, len(ledger.facts) + 1, 50)]
    barrier = threading.Barrier(2)

    def work() -> None:
        counter = make_counter()
        barrier.wait()
        for batch in batches:
            counter.take([batch])

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_counted_once(reader, ledger, "s")


def test_killed_counter_process_is_continued_by_the_next(
    servers: Servers, processing: LedgerServer, reader: SqlCountReader, tmp_path
) -> None:
    ledger = processing.ledgers["s", 0] = busy_ledger(3000)
    processing.batch_size = 200
    processing.publish_all()
    environment = servers.environment("metrics", MOTCUA_HEARTBEAT_FILE=str(tmp_path / "beat"))
    command = [sys.executable, "-m", "services.metrics", "counter"]
    for is_last in (False, True):
        process = subprocess.Popen(command, env=environment, cwd=REPOSITORY)
        try:
            wanted = len(ledger.facts) if is_last else 1
            until(lambda wanted=wanted: reader.positions("s").get(0, 0) >= wanted, 30)
            if is_last:
                process.terminate()
                assert process.wait(5) == 0
        finally:
            process.kill()
            process.wait()
    assert (tmp_path / "beat").exists()
    assert_counted_once(reader, ledger, "s")


def test_slice_without_facts_writes_nothing(make_counter, reader: SqlCountReader) -> None:
    make_counter().take([FactBatch("s", 0, head=0, ack=1)])
    snapshot = reader.snapshot("s")
    assert (snapshot.positions, snapshot.counts) == ({0: 0}, {})


@pytest.mark.parametrize("text", ['quote " in it', "back\\slash", "brace {,}", "NULL", "Việt", "tab\t"])
def test_odd_text_is_counted_as_it_is(make_counter, reader: SqlCountReader, text: str) -> None:
    ledger = HandLedger()
    ledger.file(1, applicant_id=text, procedure_id=text)
    ledger.act(1, Action.RECEIVE, MONDAY + DAY, due_at=DUE)
    make_counter().take([ledger.batch("s")])
    assert_counted_once(reader, ledger, "s")
