"""Payment documents: their numbers, what opens one, and what facts make of it."""

import doctest
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.facts import Fact
from services.contracts.vocabulary import Action, Status
from services.portal.domain.payments import payments
from services.portal.domain.payments.payments import (
    Payer,
    PaymentDocument,
    PaymentKind,
    PaymentState,
    after_fact,
    amount_asked,
    concerns_payment,
    is_payment_id,
    issue,
    make_payment_id,
    treasury_account,
)
from tests.support.facts import MONDAY, make_fact

HOUR = timedelta(hours=1)
ASKED = make_fact(
    action=Action.REQUEST_PAYMENT,
    status_before=Status.IN_PROCESS,
    status=Status.PAYMENT_REQUESTED,
    actor="officer",
    number=123,
    office_code="30CF",
    detail={"amount_vnd": 1_250_000},
)
PAYER = Payer(1, "Công ty TNHH Tiếp vận Vũng Áng", MONDAY - 5 * HOUR)

IDS = st.builds(
    make_payment_id,
    st.sampled_from(PaymentKind),
    st.dates(date(2016, 1, 1), date(2031, 12, 31)),
    st.integers(1, 10**12),
    st.integers(1, 10_000),
)


def a_document(**changes: Any) -> PaymentDocument:
    document = issue("s", ASKED, PAYER, fee_vnd=0, ordinal=1)
    assert document is not None
    return replace(document, **changes)


def a_fact(action: Action, status: Status, **changes: Any):  # type: ignore[no-untyped-def]
    values: dict[str, Any] = {"number": 123, "status_before": Status.PAYMENT_REQUESTED, "occurred_at": MONDAY + HOUR}
    return make_fact(action=action, status=status, **{**values, **changes})


PAID_AT = MONDAY + HOUR / 2


def by_message(state: PaymentState = PaymentState.PAID) -> PaymentDocument:
    """A document whose payment a bank's message told of, before processing has heard of it."""
    return a_document(
        state=state,
        paid_at=PAID_AT,
        recorded_at=MONDAY + HOUR if state is PaymentState.PAID else None,
        recorded_by="bank" if state is PaymentState.PAID else None,
        bank_code="VCB",
        debit_reference="FT1",
        command_id="act_1",
        booked_on=date(2018, 6, 4),
    )


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(payments).failed == 0


def test_a_number_tells_kind_and_year_and_is_the_same_in_every_run() -> None:
    numbers = [make_payment_id(PaymentKind.FEE, date(2020, 12, 31), 7, 1) for _ in range(2)]
    assert numbers[0] == numbers[1]
    assert numbers[0].startswith("220")
    assert len(numbers[0]) == payments.SHORTEST_ID


@given(IDS, st.data())
def test_a_wrong_digit_is_found(payment_id: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(payment_id) - 1))
    digit = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != payment_id[place]]))
    assert is_payment_id(payment_id)
    assert not is_payment_id(payment_id[:place] + digit + payment_id[place + 1 :])


@given(IDS, st.data())
def test_two_neighbours_that_changed_places_are_found(payment_id: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(payment_id) - 2))
    first, second = payment_id[place : place + 2]
    swapped = payment_id[:place] + second + first + payment_id[place + 2 :]
    assert is_payment_id(swapped) == (first == second)


@given(st.lists(st.tuples(st.integers(1, 10**8), st.integers(1, 2000)), min_size=2, max_size=50, unique=True))
def test_no_two_documents_share_a_number(keys: list[tuple[int, int]]) -> None:
    ids = {make_payment_id(PaymentKind.TAX, date(2018, 6, 5), number, ordinal) for number, ordinal in keys}
    assert len(ids) == len(keys)


@pytest.mark.parametrize("text", ["", "1", "١٨١١٠٠٠٠١٢٣٢٦٠", "11811000012326 ", "-1811000012326", "9" * 5000])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert not is_payment_id(text)


@pytest.mark.parametrize(
    ("detail", "fee_vnd", "expected"),
    [
        ({"amount_vnd": 1000}, 0, (PaymentKind.TAX, 1000)),
        ({"amount_vnd": 1000}, 20_000, (PaymentKind.TAX, 1000)),
        ({"amount_vnd": 20_000}, 20_000, (PaymentKind.FEE, 20_000)),
        (None, 20_000, (PaymentKind.FEE, 20_000)),
        (None, 0, None),
        ({"amount_vnd": 0}, 0, None),
        ({"amount_vnd": True}, 0, None),
        ({"amount_vnd": "1000"}, 0, None),
    ],
)
def test_what_is_asked_is_the_amount_or_the_fee(detail: Any, fee_vnd: int, expected: Any) -> None:
    assert amount_asked(detail, fee_vnd) == expected


def test_a_request_opens_a_document() -> None:
    document = a_document()
    assert document.state is PaymentState.OPEN
    assert (document.kind, document.kind.form, document.amount_vnd) == (PaymentKind.TAX, "01/BKNT", 1_250_000)
    assert (document.applicant_id, document.applicant_name) == (ASKED.applicant_id, PAYER.name)
    assert (document.partition, document.issued_at, document.filed_at) == (1, ASKED.occurred_at, PAYER.filed_at)
    assert document.account == treasury_account(PaymentKind.TAX, "30CF") == "7111.30CF"
    assert document.status_code == 0
    assert issue("s", ASKED._replace(detail=None), PAYER, fee_vnd=0, ordinal=1) is None


def concerns(fact: Fact) -> bool:
    return concerns_payment(fact.action, fact.status_before, fact.refusal)


def test_only_facts_about_payment_concern_it() -> None:
    assert concerns(ASKED)
    assert concerns(a_fact(Action.STOP, Status.STOPPED))
    assert concerns(a_fact(Action.PAY, Status.PAYMENT_REQUESTED, refusal="stale-version"))
    assert not concerns(a_fact(Action.GRANT, Status.PAYMENT_REQUESTED, refusal="illegal-transition"))
    assert not concerns(make_fact())


def test_the_fact_confirms_what_the_bank_told() -> None:
    fact = a_fact(Action.PAY, Status.IN_PROCESS, actor="bank", command_id="act_1")
    paid = after_fact(by_message(), fact)
    assert paid == replace(by_message(), is_confirmed=True, recorded_at=fact.occurred_at)
    assert paid.status_code == 1
    assert after_fact(paid, a_fact(Action.PAY, Status.IN_PROCESS, actor="officer")) is paid


def test_what_was_debited_after_the_cut_off_is_recorded_by_the_plan_of_processing() -> None:
    debited = by_message(PaymentState.DEBITED)
    told = after_fact(debited, a_fact(Action.DEBIT, Status.PAYMENT_REQUESTED, actor="bank", command_id="act_1"))
    assert told == debited
    paid = after_fact(told, a_fact(Action.PAY, Status.IN_PROCESS, actor="bank", occurred_at=MONDAY + 20 * HOUR))
    assert (paid.state, paid.paid_at, paid.recorded_at) == (PaymentState.PAID, PAID_AT, MONDAY + 20 * HOUR)
    assert (paid.bank_code, paid.debit_reference, paid.recorded_by) == ("VCB", "FT1", "bank")


def test_a_robots_bank_pays_without_a_message() -> None:
    detail = {"paid_at": PAID_AT.isoformat()}
    paid = after_fact(a_document(), a_fact(Action.PAY, Status.IN_PROCESS, actor="bank", detail=detail))
    assert (paid.state, paid.paid_at, paid.bank_code) == (PaymentState.PAID, PAID_AT, None)
    assert paid.booked_on == date(2018, 6, 4)


@pytest.mark.parametrize("detail", [None, {}, {"paid_at": "yesterday"}, {"paid_at": "2018-06-04"}, {"paid_at": 5}])
def test_without_a_readable_instant_it_was_paid_when_it_was_recorded(detail: Any) -> None:
    paid = after_fact(a_document(), a_fact(Action.PAY, Status.IN_PROCESS, actor="bank", detail=detail))
    assert paid.paid_at == paid.recorded_at == MONDAY + HOUR


def test_an_officers_record_takes_the_place_of_the_banks_message() -> None:
    """Both at the same moment: one of them is the record, the debit of the other has none."""
    paid = after_fact(by_message(), a_fact(Action.PAY, Status.IN_PROCESS, actor="officer", command_id="act_2"))
    assert (paid.state, paid.recorded_by) == (PaymentState.PAID, "officer")
    assert (paid.bank_code, paid.debit_reference, paid.booked_on) == (None, None, None)
    refused = a_fact(Action.PAY, Status.IN_PROCESS, actor="bank", command_id="act_1", refusal="illegal-transition")
    assert after_fact(paid, refused) is paid


@pytest.mark.parametrize("document", [a_document(), by_message(PaymentState.DEBITED), by_message()])
@pytest.mark.parametrize(("action", "status"), [(Action.STOP, Status.STOPPED), (Action.WITHDRAW, Status.WITHDRAWN)])
def test_a_dossier_that_ends_otherwise_cancels_its_document(
    document: PaymentDocument, action: Action, status: Status
) -> None:
    cancelled = after_fact(document, a_fact(action, status))
    assert (cancelled.state, cancelled.closed_at) == (PaymentState.CANCELLED, MONDAY + HOUR)
    assert not cancelled.is_paid_by("VCB", "FT1")
    refused = a_fact(Action.PAY, status, actor="bank", command_id="act_1", refusal="illegal-transition")
    assert after_fact(cancelled, refused) is cancelled
    assert after_fact(cancelled, a_fact(Action.PAY, Status.IN_PROCESS, actor="bank")) is cancelled


def test_what_processing_refuses_is_open_as_before() -> None:
    refused = a_fact(
        Action.PAY, Status.PAYMENT_REQUESTED, actor="bank", command_id="act_1", refusal="actor-not-allowed"
    )
    assert after_fact(by_message(), refused) == a_document()
    assert after_fact(by_message(), refused._replace(command_id="act_of_somebody_else")) == by_message()


def test_a_payment_of_long_ago_is_not_touched_by_what_comes_later() -> None:
    paid = replace(by_message(), is_confirmed=True)
    assert after_fact(paid, a_fact(Action.STOP, Status.STOPPED, status_before=Status.PAYMENT_REQUESTED)) is paid
    assert paid.recorded_at == datetime(2018, 6, 4, 3, tzinfo=UTC)
