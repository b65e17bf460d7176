"""Blocks on their way out: small ones that follow each other travel as one, others as they are kept."""

from datetime import timedelta

import pytest

from services.casework.fact_log import MOST_FACTS
from services.contracts.facts import Fact, FactBlock
from services.contracts.vocabulary import Action
from services.processing.adapters import ledger_blocks
from services.processing.adapters.ledger_blocks import KeptBlock, join, travelling
from services.runtime.compact import COMPRESSED_FROM_BYTES
from services.runtime.streams import decode_block, encode_block
from tests.support.facts import MONDAY, HandLedger


def ledger(dossiers: int) -> list[Fact]:
    """So many dossiers, five facts each; applicants differ, so that compression can't do much."""
    made = HandLedger()
    for number in range(1, dossiers + 1):
        made.process(
            number,
            filed_at=MONDAY + timedelta(seconds=number**2 % 977),
            due_at=MONDAY + timedelta(days=3),
            granted_at=MONDAY + timedelta(days=1),
            applicant_id=f"{number * 7919 % 10**9:010d}",
        )
    return made.facts


def kept(facts: list[Fact], *cuts: int) -> list[KeptBlock]:
    """The facts in blocks that end behind so many facts each."""
    ends = [*cuts, len(facts)]
    parts = [facts[start:end] for start, end in zip([0, *cuts], ends, strict=True)]
    return [KeptBlock(part[0].position, part[-1].position, encode_block(FactBlock.of(part))) for part in parts]


def facts_of(blocks: list[KeptBlock]) -> list[Fact]:
    return [fact for block in blocks for fact in decode_block(block.payload).rows]


def test_joined_blocks_have_the_same_facts() -> None:
    facts = ledger(4)
    facts[3] = facts[3]._replace(detail={"amount_vnd": 5}, note="Đ", command_id="c1")
    blocks = [decode_block(block.payload) for block in kept(facts, 1, 3, 11, 12)]
    joined = join(blocks)
    assert (joined.first, joined.last, list(joined.rows)) == (1, 20, facts)
    assert list(join(blocks[2:4]).rows) == facts[3:12]
    action = joined.facts.action
    assert action[:2] == [Action.SUBMIT, Action.RECEIVE]


def test_small_blocks_travel_as_one_and_large_ones_as_they_are() -> None:
    facts = ledger(300)
    blocks = kept(facts, 1, 2, 4, 700, 701, 1200, 1499)
    sizes = [len(block.payload) for block in blocks]
    assert [size >= COMPRESSED_FROM_BYTES for size in sizes] == [False] * 3 + [True, False, True, True, False]
    sent = list(travelling(blocks))
    assert [(block.first, block.last) for block in sent] == [
        (1, 4), (5, 700), (701, 701), (702, 1200), (1201, 1499), (1500, 1500)
    ]  # fmt: skip
    assert facts_of(sent) == facts
    assert sent[1].payload is blocks[3].payload
    assert sent[2].payload is blocks[4].payload  # alone: nothing to join


def test_a_joined_block_holds_no_more_than_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_blocks, "MOST_FACTS", 5)
    facts = ledger(4)
    sent = list(travelling(kept(facts, *range(2, 20, 2))))
    assert [block.last - block.first + 1 for block in sent] == [4, 4, 4, 4, 4]
    assert facts_of(sent) == facts
    assert MOST_FACTS > 5


def test_nothing_travels_as_nothing() -> None:
    assert list(travelling([])) == []
