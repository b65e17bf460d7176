"""What blocks of facts make of dossiers, without a database: the same as the facts one after the other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random

import pytest

from services.contracts.facts import Fact
from services.contracts.vocabulary import SETTLED_STATUSES, Action
from services.portal.domain.progress import Progress, moves_of
from tests.support.facts import MONDAY, HandLedger
from tests.support.projecting import travelled
from tests.support.random_ledgers import seeded_ledger


def slices_of(facts: Sequence[Fact], random: Random) -> list[list[Sequence[Fact]]]:
    """A ledger cut into slices of a few blocks each."""
    slices: list[list[Sequence[Fact]]] = [[]]
    start = 0
    while start < len(facts):
        stop = start + random.choice([1, 2, 7, 30])
        if random.random() < 0.5:
            slices.append([])
        slices[-1].append(facts[start:stop])
        start = stop
    return [blocks for blocks in slices if blocks]


def followed(facts: Sequence[Fact], random: Random) -> tuple[dict[int, Progress], Counter[int]]:
    """Slice after slice, as whoever keeps the rows would."""
    known: dict[int, Progress] = {}
    counts: Counter[int] = Counter()
    for blocks in slices_of(facts, random):
        moves = moves_of([travelled(block) for block in blocks])
        assert not known.keys() & moves.opened.keys()
        assert known.keys() >= moves.changed.keys()
        known |= moves.opened
        known |= {number: known[number].then(row) for number, row in moves.changed.items()}
        for number, positions in moves.mentioned.items():
            known[number] = known[number]._replace(elsewhere=(*known[number].elsewhere, *positions))
        counts.update(moves.counts)
    return known, counts


def one_by_one(facts: Sequence[Fact]) -> dict[int, Mapping[str, object]]:
    found: dict[int, dict[str, object]] = {}
    for fact in facts:
        row = found.setdefault(fact.number, {"resolved_at": None})
        if fact.refusal is not None:
            continue
        row |= {"status": fact.status, "version": fact.position, "due_at": fact.due_at, "received_at": fact.received_at}
        if fact.status in SETTLED_STATUSES:
            row["resolved_at"] = row["resolved_at"] or fact.occurred_at
    return found


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@pytest.mark.parametrize("seed", range(30))
def test_blocks_in_slices_say_what_the_facts_say(seed: int) -> None:
    facts = seeded_ledger(seed, facts=120, max_dossiers=9)
    known, counts = followed(facts, Random(seed))
    assert {
        number: {
            "status": row.status,
            "version": row.version,
            "due_at": instant(row.due_at),
            "received_at": instant(row.received_at),
            "resolved_at": instant(row.resolved_at),
        }
        for number, row in known.items()
    } == one_by_one(facts)
    assert +counts == Counter(row.status for row in known.values())
    assert not -counts


@pytest.mark.parametrize("seed", range(10))
def test_the_blocks_of_a_dossier_are_known_each_once(seed: int) -> None:
    facts = seeded_ledger(seed, facts=150, max_dossiers=9)
    known, _ = followed(facts, Random(seed))
    blocks = [block for part in slices_of(facts, Random(seed)) for block in part]
    for number, row in known.items():
        of_dossier = [index for index, block in enumerate(blocks) if any(fact.number == number for fact in block)]
        remembered = [
            next(index for index, block in enumerate(blocks) if block[0].position <= position <= block[-1].position)
            for position in (row.version, *row.elsewhere)
        ]
        assert sorted(remembered) == of_dossier


def test_an_ordinary_dossier_is_told_of_once() -> None:
    ledger = HandLedger()
    for number in (1, 2, 3):
        ledger.process(number, due_at=MONDAY, granted_at=MONDAY)
    moves = moves_of([travelled(ledger.facts)])
    assert list(moves.opened) == [1, 2, 3]
    assert (moves.changed, moves.mentioned, moves.counts) == ({}, {}, {10: 3})
    assert {row.elsewhere for row in moves.opened.values()} == {()}


def test_apologies_and_reclassifications_stay_and_refused_ones_dont_count() -> None:
    ledger = HandLedger()
    ledger.file(1)
    ledger.act(1, Action.RECEIVE, MONDAY)
    ledger.act(1, Action.APOLOGIZE, MONDAY, detail={"new_date_at": "2018-06-20T00:00:00Z"})
    ledger.act(1, Action.RECLASSIFY, MONDAY, detail={"traits": {"a": "1", "b": "1"}})
    ledger.act(1, Action.RECLASSIFY, MONDAY, detail={"traits": {"b": "2"}})
    ledger.act(1, Action.APOLOGIZE, MONDAY, detail={"new_date_at": "2019-01-01T00:00:00Z"}, refusal="too-late")
    row = moves_of([travelled(ledger.facts[:3]), travelled(ledger.facts[3:])]).opened[1]
    assert (row.new_date_at, row.later_traits) == ("2018-06-20T00:00:00Z", {"a": "1", "b": "2"})
    assert (row.version, row.elsewhere) == (5, (3,))
