"""Which filings count when it is measured how late they are received: all that should have been, seen or not."""

import math
from collections.abc import Mapping

import pytest

from services.contracts.facts import Fact
from services.contracts.vocabulary import Action
from tests.bench import latency
from tests.bench.errors import MeasuringError
from tests.bench.figures import percentile
from tests.bench.http_load import OpenLoadResult
from tests.bench.receipts import Receipt, due_between, receipts
from tests.support.facts import make_fact

SHOWN = {(0, 2): 100.4, (0, 4): 130.1}


def shown_at(partition: int, position: int) -> float | None:
    return SHOWN.get((partition, position))


def told(number: int, position: int, action: Action, real_at: float, **changes: str) -> tuple[int, Fact, float]:
    return 0, make_fact(number=number, position=position, action=action, **changes), real_at


def lags(known: list[Receipt]) -> dict[tuple[float, bool], float]:
    return {(receipt.sent_at, receipt.planned_at is None): receipt.lag for receipt in known}


def test_what_is_received_at_once_counts_from_sending_and_the_rest_from_its_plan() -> None:
    facts = [
        told(1, 1, Action.SUBMIT, 100.1),
        told(1, 2, Action.RESOLVE_AT_ONCE, 100.1),
        told(2, 3, Action.SUBMIT, 101.1),
        told(2, 4, Action.RECEIVE, 130.0),
    ]
    found = lags(receipts({1: 100.0, 2: 101.0}, facts, {}, shown_at))
    assert found == {(100.0, True): pytest.approx(0.4), (101.0, False): pytest.approx(0.1)}


@pytest.mark.parametrize(
    ("facts", "planned_at"),
    [
        ([], {}),  # processing doesn't know it
        ([told(1, 1, Action.SUBMIT, 100.1)], {1: 110.0}),  # nobody has come to it
        ([told(1, 7, Action.RESOLVE_AT_ONCE, 100.1)], {}),  # it isn't in the read model
        ([told(1, 7, Action.RECEIVE, 110.0)], {}),
        ([told(1, 2, Action.RECEIVE, 110.0, refusal="illegal-transition")], {1: 110.0}),  # it wasn't carried out
    ],
    ids=["lost", "late", "at-once-not-shown", "planned-not-shown", "refused"],
)
def test_what_is_never_shown_takes_for_ever(
    facts: list[tuple[int, Fact, float]], planned_at: Mapping[int, float]
) -> None:
    (receipt,) = due_between(receipts({1: 100.0}, facts, planned_at, shown_at), 0.0, 120.0)
    assert math.isinf(receipt.lag)


def test_a_tenth_that_is_never_shown_is_in_the_percentile() -> None:
    sent_at = {number: float(number) for number in range(100, 120)}
    facts = [told(number, number, Action.RESOLVE_AT_ONCE, number) for number in range(100, 118)]
    known = receipts(sent_at, facts, {}, lambda _, position: position + 0.05)
    assert percentile([receipt.lag for receipt in latency.counted(known, 0.0, 200.0)], 0.9) == pytest.approx(0.05)
    assert math.isinf(percentile([receipt.lag for receipt in latency.counted(known, 0.0, 200.0)], 0.95))


def test_what_should_come_later_is_left_out_also_when_it_has_come() -> None:
    facts = [told(1, 2, Action.RECEIVE, 100.3), told(2, 4, Action.RECEIVE, 130.0)]
    known = receipts({1: 99.0, 2: 100.0, 3: 100.0}, facts, {3: 140.0}, shown_at)
    assert [receipt.planned_at for receipt in due_between(known, 0.0, 120.0)] == [100.3]
    assert due_between(known, 99.5, 120.0) == []  # sent while everything was cold


def test_what_is_answered_otherwise_is_no_receipt() -> None:
    facts = [told(1, 1, Action.SUBMIT, 100.0), told(1, 2, Action.REQUEST_SUPPLEMENT, 105.0)]
    assert receipts({1: 100.0}, facts, {1: 110.0}, shown_at) == []


def test_too_few_are_no_measurement() -> None:
    early, late = Receipt(100.0, None, 100.1), Receipt(100.0, 200.0, None)
    assert latency.counted([early, late], 0.0, 120.0) == [early]
    for known in ([], [early, late, late]):
        with pytest.raises(MeasuringError):
            latency.counted(known, 0.0, 120.0)


def load(*, late: int = 0, wrong: int = 0) -> OpenLoadResult:
    return OpenLoadResult([1.0] * 20, [0.1] * 20, [b"{}"] * 20, late, wrong)


def test_wrong_answers_and_a_late_generator_are_no_measurement() -> None:
    latency.check_load(load(late=2))
    for result in (load(wrong=1), load(late=3)):
        with pytest.raises(MeasuringError):
            latency.check_load(result)
