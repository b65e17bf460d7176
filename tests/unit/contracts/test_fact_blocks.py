"""Blocks of facts: what is put in comes out, on the way and by parts."""

from datetime import timedelta

from services.contracts.facts import Fact, FactBlock
from services.contracts.vocabulary import Action
from services.runtime.streams import decode_block, encode_block
from tests.support.facts import MONDAY, HandLedger


def some_facts() -> list[Fact]:
    ledger = HandLedger()
    ledger.process(7, due_at=MONDAY + timedelta(days=2), granted_at=MONDAY + timedelta(days=1, microseconds=5))
    ledger.file(3, office_code="34CE", applicant_id="0300000001")
    ledger.refuse(7, Action.WITHDRAW, MONDAY)
    ledger.act(3, Action.RECEIVE, MONDAY, note="Đủ hồ sơ", detail={"new_date_at": "2018-06-20"}, command_id="act_1")
    return ledger.facts


def test_a_block_that_has_travelled_has_the_same_facts_and_knows_its_bytes() -> None:
    facts = some_facts()
    sent = FactBlock.of(facts)
    payload = encode_block(sent)
    come = decode_block(payload)
    assert list(come.rows) == list(sent.rows) == facts
    assert (sent.payload, come.payload) == (None, payload)


def test_large_blocks_travel_compressed() -> None:
    ledger = HandLedger()
    for number in range(1, 101):
        ledger.process(number, due_at=None, granted_at=MONDAY)
    payload = encode_block(FactBlock.of(ledger.facts))
    assert len(payload) < 5000
    assert list(decode_block(payload).rows) == ledger.facts


def test_facts_are_found_at_their_places() -> None:
    facts = some_facts()
    block = FactBlock.of(facts)
    assert block.at([6, 1]) == [facts[6], facts[1]]
    assert block.at([]) == []


def test_the_rest_of_a_block_follows_what_is_known() -> None:
    facts = some_facts()
    block = decode_block(encode_block(FactBlock.of(facts)))
    rest = block.after(5)
    assert (rest.first, rest.last, list(rest.rows)) == (6, 8, facts[5:])
    assert rest.payload == block.payload
    assert block.after(0) is block
