"""Counting doesn't depend on how the ledger was cut into slices, and what is received is either open or resolved."""

from collections import Counter
from itertools import chain, pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.facts import Fact, FactBlock
from services.metrics.application.recount import LedgerCount
from services.metrics.domain.counting import LATE_CHANGES, Measure, count
from services.metrics.domain.counts import Counts, differences
from services.metrics.domain.sifting import sift
from tests.support.facts import HandLedger
from tests.support.random_ledgers import ledgers
from tests.support.reports import BY_HAND, sums_by_hand


def cut(facts: list[Fact], places: list[int]) -> list[list[Fact]]:
    """The facts in slices, some perhaps empty."""
    edges = [0, *sorted(place % (len(facts) + 1) for place in places), len(facts)]
    return [facts[start:stop] for start, stop in pairwise(edges)]


def blocks(parts: list[list[Fact]]) -> list[FactBlock]:
    return [FactBlock.of(part) for part in parts if part]


def counts_of(slices: list[list[Fact]], *, facts_per_block: int = 8192) -> Counts:
    """Counted slice by slice, each told no more of what was before than it asks for."""
    counts = Counts()
    for facts in slices:
        sifted = sift(blocks([facts[at : at + facts_per_block] for at in range(0, len(facts), facts_per_block)]))
        known = {number: counts.open[number] for number in sifted.moved | sifted.settled}
        counts.apply(count(sifted, known))
    return counts


@given(ledgers(), st.lists(st.integers(0, 1000), max_size=6))
def test_any_split_counts_the_same(facts: list[Fact], places: list[int]) -> None:
    one, other = counts_of(cut(facts, places)), counts_of([facts])
    assert list(differences(tables=one, ledger=other)) == []
    assert one == other


@given(ledgers(), st.integers(1, 20))
def test_counting_by_columns_is_counting_fact_by_fact(facts: list[Fact], facts_per_block: int) -> None:
    """Nothing can be grouped where a slice is a fact; and where a slice's blocks end makes no difference."""
    by_columns = counts_of([facts], facts_per_block=facts_per_block)
    assert list(differences(tables=by_columns, ledger=counts_of([[fact] for fact in facts]))) == []


@given(ledgers(max_facts=80))
def test_sums_are_what_counting_by_hand_gives(facts: list[Fact]) -> None:
    tallies = counts_of([facts]).tallies
    by_columns = Counter({(key, measure): tally[measure] for key, tally in tallies.items() for measure in BY_HAND})
    assert +by_columns == sums_by_hand(facts)


@given(ledgers(), st.lists(st.integers(0, 1000), max_size=6))
def test_slice_names_a_dossier_once(facts: list[Fact], places: list[int]) -> None:
    counts = Counts()
    for part in cut(facts, places):
        sifted = sift(blocks([part]))
        changes = count(sifted, counts.open)
        # The tables remove what is settled before it is counted.
        assert changes.closed == sifted.settled
        numbers = [*changes.opened, *changes.changed, *changes.closed]
        assert len(numbers) == len(set(numbers))
        counts.apply(changes)


@given(ledgers())
def test_open_is_received_less_resolved(facts: list[Fact]) -> None:
    counts = counts_of([facts])
    total = [sum(column) for column in zip([0] * len(Measure), *counts.tallies.values(), strict=True)]
    resolved = sum(total[measure] for measure in Measure if measure.name.startswith("RESOLVED"))
    received = {number: dossier for number, dossier in counts.open.items() if dossier.received_on}
    assert len(received) == total[Measure.RECEIVED] - resolved
    last = {fact.number: fact for fact in facts if fact.refusal is None}
    assert received.keys() == {
        number for number, fact in last.items() if fact.received_at and fact.status in {2, 4, 5, 6}
    }
    assert {number: (dossier.due_at, dossier.limit_unit) for number, dossier in received.items()} == {
        number: (last[number].due_at, last[number].limit_unit) for number in received
    }


@given(ledgers())
def test_every_filed_dossier_is_accounted_for(facts: list[Fact]) -> None:
    counts = counts_of([facts])
    total = [sum(column) for column in zip([0] * len(Measure), *counts.tallies.values(), strict=True)]
    last = {fact.number: fact for fact in facts if fact.refusal is None}
    waiting = {number for number, fact in last.items() if fact.received_at is None and fact.status in {1, 5}}
    untaken = total[Measure.REFUSED_AT_INTAKE] + total[Measure.CLOSED_BEFORE_RECEIPT]
    assert total[Measure.FILED] == len(last)
    assert total[Measure.FILED] == total[Measure.RECEIVED] + untaken + len(waiting)
    assert total[Measure.UNTAKEN] == untaken
    assert total[Measure.RECEIVED_WITHOUT_LIMIT] == total[Measure.FILED_WITHOUT_LIMIT]
    assert waiting == {number for number, dossier in counts.open.items() if not dossier.received_on}


@given(ledgers())
def test_what_began_to_be_late_and_ended_leaves_nothing(facts: list[Fact]) -> None:
    """Sums of late days belong to dossiers that are done; the others' days, and those of ends that may be left out,
    aren't in them."""
    counts = counts_of([facts])
    for measure in LATE_CHANGES:
        assert sum(tally[measure] for tally in counts.tallies.values()) == 0
    rows = [*counts.late, *chain.from_iterable(dossier.late for dossier in counts.open.values())]
    assert all(row.first_on < row.until_on for row in rows)
    assert {row.number for row in counts.late} <= {number for number, end in counts.contested.items() if end.kind}


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
