"""Counting doesn't depend on how the ledger was cut into slices, and what is received is either open or resolved."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.facts import Fact
from services.contracts.vocabulary import Action, Status
from services.metrics.application.recount import LedgerCount
from services.metrics.domain.counting import Measure, count
from services.metrics.domain.counts import Counts, differences
from tests.support.facts import MONDAY, HandLedger

#: What may follow a status, received before or not.
NEXT = {
    (Status.SUBMITTED, False): [Action.RECEIVE, Action.REFUSE_INTAKE, Action.REQUEST_SUPPLEMENT, Action.WITHDRAW],
    (Status.SUPPLEMENT_REQUESTED, False): [Action.RESUBMIT, Action.WITHDRAW, Action.STOP],
    (Status.RECEIVED, True): [Action.START, Action.REQUEST_SUPPLEMENT, Action.WITHDRAW],
    (Status.IN_PROCESS, True): [
        Action.REQUEST_SUPPLEMENT,
        Action.REQUEST_PAYMENT,
        Action.WITHDRAW,
        Action.STOP,
        Action.GRANT,
        Action.REFUSE,
    ],
    (Status.SUPPLEMENT_REQUESTED, True): [Action.SUPPLEMENT, Action.WITHDRAW, Action.STOP],
    (Status.PAYMENT_REQUESTED, True): [Action.PAY, Action.STOP],
    (Status.PROCESSED, True): [Action.RETURN_RESULT],
}


@st.composite
def ledgers(draw: st.DrawFn) -> list[Fact]:
    """Facts of a partition in which a few dossiers live side by side."""
    ledger, numbers, at = HandLedger(), 0, MONDAY
    for _ in range(draw(st.integers(0, 40))):
        at += timedelta(minutes=draw(st.sampled_from([0, 1, 60, 600, 5000])))
        number = draw(st.integers(1, numbers + 1))
        if number > numbers:
            numbers = number
            ledger.file(
                number,
                at,
                office_code=draw(st.sampled_from(["30F1", "30F2"])),
                limit_unit=draw(st.sampled_from(["working-days", "working-hours", None])),
                applicant_id=draw(st.sampled_from(["0100109106", "0300588569"])),
            )
            continue
        last = ledger.last(number)
        choices = NEXT.get((Status(last.status), last.received_at is not None))
        if choices is None or draw(st.integers(0, 9)) == 0:
            ledger.refuse(number, Action.GRANT, at)
            continue
        due_at = draw(st.none() | st.just(at + timedelta(days=1)) | st.just(at - timedelta(minutes=1)))
        ledger.act(number, draw(st.sampled_from(choices)), at, due_at=due_at if last.limit_unit else None)
    return ledger.facts


def cut(facts: list[Fact], places: list[int]) -> list[list[Fact]]:
    """The facts in slices, some perhaps empty."""
    edges = [0, *sorted(place % (len(facts) + 1) for place in places), len(facts)]
    return [facts[start:stop] for start, stop in pairwise(edges)]


def counts_of(slices: list[list[Fact]]) -> Counts:
    counts = Counts()
    for facts in slices:
        counts.apply(count(facts))
    return counts


@given(ledgers(), st.lists(st.integers(0, 1000), max_size=6))
def test_any_split_counts_the_same(facts: list[Fact], places: list[int]) -> None:
    assert counts_of(cut(facts, places)) == counts_of([facts])


@given(ledgers(), st.lists(st.integers(0, 1000), max_size=6))
def test_slice_names_a_dossier_once(facts: list[Fact], places: list[int]) -> None:
    for part in cut(facts, places):
        changes = count(part)
        numbers = [*changes.opened, *changes.moved, *changes.closed]
        assert len(numbers) == len(set(numbers))


@given(ledgers())
def test_open_is_received_less_resolved(facts: list[Fact]) -> None:
    counts = counts_of([facts])
    total = [sum(column) for column in zip([0] * len(Measure), *counts.tallies.values(), strict=True)]
    resolved = sum(total[measure] for measure in Measure if measure.name.startswith("RESOLVED"))
    assert len(counts.open) == total[Measure.RECEIVED] - resolved
    last = {fact.number: fact for fact in facts if fact.refusal is None}
    assert counts.open.keys() == {
        number for number, fact in last.items() if fact.received_at and fact.status in {2, 4, 5, 6}
    }
    assert {number: dossier.due_at for number, dossier in counts.open.items()} == {
        number: last[number].due_at for number in counts.open
    }


@given(ledgers())
def test_every_filed_dossier_is_accounted_for(facts: list[Fact]) -> None:
    total = [sum(column) for column in zip([0] * len(Measure), *counts_of([facts]).tallies.values(), strict=True)]
    last = {fact.number: fact for fact in facts if fact.refusal is None}
    waiting = sum(fact.received_at is None and fact.status in {1, 5} for fact in last.values())
    assert total[Measure.FILED] == len(last)
    assert total[Measure.FILED] == (
        total[Measure.RECEIVED] + total[Measure.REFUSED_AT_INTAKE] + total[Measure.CLOSED_BEFORE_RECEIPT] + waiting
    )


@given(ledgers(), st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=8), st.integers(0, 1000))
def test_recount_takes_each_position_once_and_stops_where_it_should(
    facts: list[Fact], extra: list[tuple[int, int]], wanted: int
) -> None:
    """Batches may come twice, overlap, and go on past the position wanted."""
    wanted %= len(facts) + 1
    ledger = HandLedger(facts)
    recounted = LedgerCount({0: wanted})
    for start, length in extra:
        recounted.take(ledger.batch("s", start=start % (len(facts) + 1) + 1, stop=None if length % 3 else 0))
    recounted.take(ledger.batch("s"))
    assert recounted.is_complete
    assert list(differences(tables=counts_of([facts[:wanted]]), ledger=recounted.counts[0])) == []
