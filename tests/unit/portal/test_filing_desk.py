"""The desk when the database is away, and when a transaction of many stood in the way of another one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from services.portal.application.filing import FilingDesk, FilingRequest
from services.portal.application.ports import Answer
from services.runtime.errors import ContendedError, UnavailableError


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
