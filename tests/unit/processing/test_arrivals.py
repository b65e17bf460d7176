"""Filings that wait as they came: which have their turn next, and what becomes of them in the store."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson
import pytest

from services.contracts.commands import (
    AcceptedDossier,
    Command,
    CommandType,
    WaitingDossiers,
    accept_waiting_data,
)
from services.processing.application import arrivals
from services.processing.application.arrivals import (
    ARRIVALS_PER_READ,
    Arrival,
    ArrivalKey,
    ArrivalQueue,
    sorted_out,
    split,
)
from services.runtime.compact import compact
from tests.support.cases import NINE, accepted

HOUR = timedelta(hours=1)
FOREVER = NINE + 1000 * HOUR


class Shelf:
    """An `ArrivalStore` that notes what it is asked."""

    def __init__(self, *kept: Arrival) -> None:
        self.kept = {arrival.sequence: arrival for arrival in kept}
        self.asked: list[ArrivalKey | None] = []

    def arrivals(self, *, after: ArrivalKey | None, until: datetime, limit: int) -> list[Arrival]:
        self.asked.append(after)
        found = sorted(((item.first_at, sequence), item) for sequence, item in self.kept.items())
        return [item for key, item in found if item.first_at <= until and (after is None or key > after)][:limit]

    def write_arrivals(self, *, new: Sequence[Arrival], gone: Sequence[int]) -> None:
        assert set(gone) <= self.kept.keys()
        assert not {item.sequence for item in new} & self.kept.keys()
        self.kept = {sequence: item for sequence, item in self.kept.items() if sequence not in gone}
        self.kept |= {item.sequence: item for item in new}


def arrival(sequence: int, *hours: int) -> Arrival:
    """Dossiers filed for so many hours after nine."""
    rows = [accepted(100 * sequence + hour, filed_at=NINE + hour * HOUR) for hour in hours]
    return Arrival.of(sequence, [list(row) for row in rows])


def taken(queue: ArrivalQueue, until: datetime = FOREVER) -> list[int]:
    """Sequences in the order in which they have their turn."""
    found = []
    while queue.first(until) is not None:
        found.append(queue.take().sequence)
    return found


def test_rows_come_back_as_they_came_and_say_when_the_first_begins() -> None:
    rows = [accepted(number, filed_at=NINE + (9 - number) * HOUR, traits={"ngày": "Đ"}) for number in range(1, 6)]
    made = Arrival.of(3, [list(row) for row in rows])
    assert made.first_at == NINE + 4 * HOUR
    assert made.rows == rows
    assert made.payload.startswith(b"[")


def test_many_rows_are_compressed() -> None:
    rows = [accepted(number, filed_at=NINE + HOUR) for number in range(1000)]
    made = Arrival.of(3, [list(row) for row in rows])
    assert made.rows == rows
    assert len(made.payload) < 20 * len(rows)
    assert not made.payload.startswith(b"[")


def test_what_is_filed_by_now_is_told_from_what_is_filed_for_later() -> None:
    instants = ["2018-06-04T02:00:00Z", "2018-06-04T09:00:00.000001+07:00", "2018-06-04T08:59:59+07:00"]
    rows = [accepted(number)._replace(filed_at=text) for number, text in enumerate(instants)]
    now, later = split([list(row) for row in rows], NINE)
    assert now == [rows[0], rows[2]]
    assert [AcceptedDossier(*row) for row in later] == [rows[1]]


@pytest.mark.parametrize("per_read", [1, 2, ARRIVALS_PER_READ])
def test_kept_and_new_ones_have_their_turn_in_one_order(per_read: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "ARRIVALS_PER_READ", per_read)
    shelf = Shelf(arrival(1, 5), arrival(2, 3, 9), arrival(4, 3), arrival(7, 8), arrival(9, 1))
    queue = ArrivalQueue(shelf)
    queue.add(arrival(10, 4))
    queue.add(arrival(11, 0))
    queue.add(arrival(12, 3))
    assert taken(queue, NINE + 3 * HOUR) == [11, 9, 2, 4, 12]
    assert queue.first_at_in_memory() == NINE + 4 * HOUR
    assert taken(queue) == [10, 1, 7]
    assert queue.first_at_in_memory() is None


def test_the_store_is_asked_no_further_than_needed() -> None:
    shelf = Shelf(*(arrival(sequence, sequence) for sequence in range(1, 4 * ARRIVALS_PER_READ)))
    queue = ArrivalQueue(shelf)
    assert queue.first(NINE + 99 * HOUR) is not None
    assert queue.first(NINE + 99 * HOUR) is not None
    assert len(shelf.asked) == 1
    for _ in range(ARRIVALS_PER_READ):
        queue.take()
    assert queue.first(NINE + 99 * HOUR) is not None
    assert len(shelf.asked) == 2
    # Nothing begins by then: asked once, and not again.
    empty = Shelf()
    queue = ArrivalQueue(empty)
    assert [queue.first(NINE + hour * HOUR) for hour in (5, 5, 4)] == [None] * 3
    assert len(empty.asked) == 1


def test_the_store_is_brought_up_to_date_and_asked_anew() -> None:
    shelf = Shelf(arrival(1, 5), arrival(2, 3))
    queue = ArrivalQueue(shelf)
    queue.add(arrival(3, 4))
    queue.add(arrival(4, 1))
    queue.add(arrival(5, 9))
    assert taken(queue, NINE + 3 * HOUR) == [4, 2]
    queue.flush()
    assert sorted(shelf.kept) == [1, 3, 5]
    assert taken(queue) == [3, 1, 5]
    queue.flush()
    assert shelf.kept == {}


@pytest.mark.parametrize(
    ("hours_after_nine", "filed_now", "has_later"),
    [(-1, [], True), (0, [1], True), (1, [1, 2], True), (3, [1, 2, 3], False)],
)
def test_packed_dossiers_are_taken_as_rows_are(hours_after_nine: int, filed_now: list[int], has_later: bool) -> None:
    rows = [list(accepted(1 + hour, filed_at=NINE + hour * HOUR)) for hour in (0, 1, 2)]
    packed = accept_waiting_data(WaitingDossiers(len(rows), NINE, compact(rows)))
    at = NINE + hours_after_nine * HOUR
    for data in (packed, {"dossiers": rows}):
        command = Command.from_wire(
            orjson.loads(orjson.dumps(Command(7, CommandType.ACCEPT_DOSSIERS, at, data).to_wire()))
        )
        assert command.row_count == 3
        now, later = sorted_out(command, at)
        assert [row.number for row in now] == filed_now
        assert (later is None) == (len(filed_now) == 3)
        if later is not None:
            assert (later.sequence, later.first_at) == (7, NINE + len(filed_now) * HOUR)
            assert [row.number for row in later.rows] == [1, 2, 3][len(filed_now) :]
