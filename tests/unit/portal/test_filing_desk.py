"""The desk when many come at once, when the database is away, and after a deadlock of many with another transaction."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.portal.application.filing import FilingDesk, FilingRequest
from services.portal.application.ports import Answer
from services.runtime.errors import ContendedError, UnavailableError
from tests.support.fakes import RECORDED, a_sandbox


class AbsentDoor:
    """Counts how often somebody tries."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.tries = 0
        self.first_is_in = threading.Event()
        self.go_on = threading.Event()

    @contextmanager
    def unit(self) -> Iterator[Any]:
        self.tries += 1
        self.first_is_in.set()
        self.go_on.wait(10)
        raise self.error
        yield


@pytest.mark.parametrize(("error", "tries"), [(UnavailableError("away"), 2), (ContendedError("deadlock"), 10)])
def test_all_who_wait_are_told_at_once_of_an_absent_database_and_tried_one_by_one_after_a_deadlock(
    error: UnavailableError, tries: int
) -> None:
    door = AbsentDoor(error)
    desk = FilingDesk(door, {}, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    errors: list[Exception] = []

    def file() -> None:
        with pytest.raises(UnavailableError) as caught:
            desk.file(FilingRequest("a", [], lambda _: Answer(201, b"")))
        errors.append(caught.value)

    threads = [threading.Thread(target=file) for _ in range(9)]
    threads[0].start()
    assert door.first_is_in.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(desk._queue) < 8:
        pass
    door.go_on.set()
    for thread in threads:
        thread.join()
    assert (len(errors), door.tries) == (9, tries)


class BusyDoor:
    """Takes its time for the first transaction, and remembers for each whose answers were made in it."""

    def __init__(self) -> None:
        self.transactions: list[list[int]] = []
        self.first_is_in = threading.Event()
        self.go_on = threading.Event()

    @contextmanager
    def unit(self) -> Iterator[Any]:
        self.transactions.append([])
        self.first_is_in.set()
        self.go_on.wait(10)
        yield SimpleNamespace(lock_sandbox=lambda _: a_sandbox())

    def request(self, number: int) -> FilingRequest:
        def answer(_: object) -> Answer:
            self.transactions[-1].append(number)
            return Answer(201, str(number).encode())

        return FilingRequest("a", [], answer)


def test_who_comes_while_somebody_writes_is_written_for_together_and_gets_an_answer_of_its_own() -> None:
    door = BusyDoor()
    desk = FilingDesk(cast("Any", door), {}, lambda: RECORDED)
    with ThreadPoolExecutor(9) as pool:
        answers = [pool.submit(desk.file, door.request(0))]
        assert door.first_is_in.wait(10)
        answers += [pool.submit(desk.file, door.request(number)) for number in range(1, 9)]
        while len(desk._queue) < 8:
            pass
        door.go_on.set()
        assert [int(answer.result(10).body) for answer in answers] == list(range(9))
    assert door.transactions[0] == [0]
    assert sorted(door.transactions[1]) == list(range(1, 9))
    assert desk.file(door.request(9)).body == b"9"
    assert len(door.transactions) == 3


def test_the_next_transaction_runs_before_anybody_is_told_of_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """All who waited got the desk one after the other before, only to see that they had been served."""
    told: list[str] = []
    desk = FilingDesk(cast("Any", BusyDoor()), {}, lambda: RECORDED)

    class Turn:
        def __init__(self, name: str) -> None:
            self.name = name

        def set(self) -> None:
            told.append(self.name)

        def wait(self) -> None:
            pass

    first, waiting = (FilingRequest("a", [], lambda _: Answer(201, b"")) for _ in range(2))
    first.turn, waiting.turn = cast("Any", Turn("first")), cast("Any", Turn("waiting"))

    def write(requests: Sequence[FilingRequest]) -> None:
        for request in requests:
            request.result = Answer(201, b"")
        if requests == [first]:
            desk._queue.append(waiting)

    monkeypatch.setattr(desk, "_write", write)
    desk.file(first)
    assert told == ["waiting", "first"]
