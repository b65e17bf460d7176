"""The log of a run: positions, what a block says of a dossier, and that nothing is told twice or lost."""

from datetime import datetime, timedelta
from typing import Any

from services.casework.case import Case
from services.casework.fact_log import FactLog
from services.contracts.vocabulary import Action, Actor, Refusal, Status
from tests.support.cases import NINE, make_case, rules

WALL = NINE + timedelta(days=999)


def told(log: FactLog, case: Case, *, at: datetime = NINE, reason: str | None = None, **more: Any) -> int:
    return log.append(case, Action.START, Status.RECEIVED, Actor.OFFICER, at, reason, rules().calendar, **more)


def test_positions_follow_the_head_without_a_gap_whatever_the_size_of_the_blocks() -> None:
    log = FactLog(40, WALL)
    assert [told(log, make_case(number)) for number in (3, 1, 3, 2, 2)] == [41, 42, 43, 44, 45]
    blocks = log.take_blocks(most_facts=2)
    assert [(block.first, block.last) for block in blocks] == [(41, 42), (43, 44), (45, 45)]
    assert [fact.number for block in blocks for fact in block.rows] == [3, 1, 3, 2, 2]
    assert log.head_position == 45


def test_what_never_changes_about_a_dossier_stands_once_in_a_block() -> None:
    log = FactLog(0, WALL)
    for number in (8, 7, 8, 8):
        told(log, make_case(number))
    (block,) = log.take_blocks()
    assert block.dossiers.number == [8, 7]
    assert block.facts.dossier == [0, 1, 0, 0]


def test_a_fact_keeps_what_the_dossier_was_like_then() -> None:
    log, case = FactLog(0, WALL), make_case(status=Status.SUBMITTED)
    told(log, case)
    case.status, case.received_at = Status.PROCESSED, NINE
    told(log, case)
    early, late = log.blocks()[0].rows
    assert (early.status, early.received_at) == (Status.SUBMITTED, None)
    assert (late.status, late.received_at) == (Status.PROCESSED, NINE)


def test_columns_hold_plain_numbers_and_texts_as_they_travel() -> None:
    log = FactLog(0, WALL)
    told(log, make_case(), reason="other", refusal=Refusal.TOO_LATE, detail={"unit": "x"}, command_id="act_1")
    (block,) = log.take_blocks()
    columns = block.facts._asdict()
    assert {name: type(columns[name][0]) for name in ("action", "status_before", "status", "actor", "refusal")} == {
        "action": str,
        "status_before": int,
        "status": int,
        "actor": str,
        "refusal": str,
    }
    (fact,) = block.rows
    assert (fact.recorded_at, fact.detail, fact.command_id) == (WALL, {"unit": "x"}, "act_1")


def test_what_is_taken_is_told_once_and_what_is_forgotten_was_never_told() -> None:
    log = FactLog(10, WALL)
    told(log, make_case(1))
    assert [block.first for block in log.take_blocks()] == [11]
    assert log.take_blocks() == []
    told(log, make_case(2))
    assert len(log) == 1
    log.forget()
    assert (len(log), log.head_position) == (0, 11)
    assert told(log, make_case(3)) == 12


def test_what_is_told_dossier_by_dossier_is_put_in_the_order_in_which_it_happened() -> None:
    log, cases = FactLog(20, WALL), [make_case(number) for number in (2, 1)]
    told(log, cases[0], at=NINE + timedelta(hours=9))  # told before: it stays where it is
    began = len(log)
    for case in cases:
        for minutes in (5, 6, 6):
            told(log, case, at=NINE + timedelta(minutes=minutes), note=f"{minutes}")
    log.put_in_order(began)
    facts = [fact for block in log.blocks() for fact in block.rows]
    assert [(fact.position, fact.number, fact.note) for fact in facts[1:]] == [
        (22, 1, "5"),
        (23, 2, "5"),
        (24, 1, "6"),
        (25, 1, "6"),
        (26, 2, "6"),
        (27, 2, "6"),
    ]
    assert [case.version for case in cases] == [27, 25]


def test_microseconds_count_in_that_order() -> None:
    log = FactLog(0, WALL)
    for number, microseconds in ((1, 2), (2, 1), (3, 3)):
        told(log, make_case(number), at=NINE + timedelta(days=4000, microseconds=microseconds))
    log.put_in_order(0)
    assert [fact.number for fact in log.blocks()[0].rows] == [2, 1, 3]


def test_what_comes_last_at_its_instant_comes_in_the_order_in_which_it_was_told() -> None:
    log, later = FactLog(0, WALL), NINE + timedelta(minutes=1)
    for number in (4, 3):
        told(log, make_case(number))
    for number, at in ((9, NINE), (2, later), (8, NINE)):
        log.append(make_case(number), Action.RECEIVE, Status.SUBMITTED, Actor.OFFICER, at, None, rules().calendar)
    log.put_in_order(0, Action.START)
    assert [fact.number for fact in log.blocks()[0].rows] == [8, 9, 4, 3, 2]
