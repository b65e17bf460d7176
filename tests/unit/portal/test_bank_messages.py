"""What customs makes of a bank's line: match, error codes, cut-off, repetition."""

from dataclasses import replace
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from services.contracts.timeliness import VIETNAM_TIME
from services.law import terms
from services.law.calendar import WorkingCalendar
from services.portal.adapters.payments.bank_list import load_banks
from services.portal.application.payments import error_answer
from services.portal.domain.payments.bank_messages import (
    CANCELLED,
    ERROR_TEXTS,
    Bank,
    DebitLine,
    KnownDebit,
    Outcome,
    PaymentError,
    Verdict,
    booking_day,
    judge,
    statement_available_at,
)
from services.portal.domain.payments.payments import PaymentDocument, PaymentKind, PaymentState, make_payment_id
from services.runtime.catalogue import load_catalogue
from services.runtime.errors import ConfigurationError

BANK = Bank("SHB", "Ngân hàng SHB", "SHB", time(16, 0))
ALWAYS = Bank("VCB", "Vietcombank", "Vietcombank", None)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM_TIME)


#: A Tuesday.
NOW = local("2018-06-05T10:30:00")
ISSUED = local("2018-06-05T09:00:00")


@cache
def calendar() -> WorkingCalendar:
    return WorkingCalendar(load_catalogue().calendar)


def a_document(**changes: Any) -> PaymentDocument:
    document = PaymentDocument(
        sandbox_id="s",
        payment_id=make_payment_id(PaymentKind.TAX, date(2018, 6, 5), 123, 1),
        number=123,
        filed_at=ISSUED,
        ordinal=1,
        partition=0,
        kind=PaymentKind.TAX,
        amount_vnd=1_250_000,
        applicant_id="0100109106",
        applicant_name="Công ty TNHH Tiếp vận Vũng Áng",
        procedure_id="amendment-after-clearance",
        office_code="30CF",
        issued_at=ISSUED,
    )
    return replace(document, **changes)


def a_line(**changes: Any) -> DebitLine:
    document = a_document()
    line = DebitLine(
        debit_reference="FT1",
        payment_id=document.payment_id,
        amount_vnd=document.amount_vnd,
        tax_code=document.applicant_id,
        account=document.account,
        paid_at=local("2018-06-05T10:00:00"),
    )
    return replace(line, **changes)


def judged(
    line: DebitLine,
    document: PaymentDocument | None = None,
    *,
    known: KnownDebit | None = None,
    bank: Bank = BANK,
    now: datetime = NOW,
) -> Verdict:
    return judge(line, document=document, known=known, bank=bank, now=now, calendar=calendar())


def test_a_match_is_recorded_at_once() -> None:
    verdict = judged(a_line(), a_document())
    assert verdict == Verdict(Outcome.RECORDED, date(2018, 6, 5), (), NOW)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"amount_vnd": 1_249_999}, PaymentError.AMOUNT_DIFFERS),
        ({"tax_code": "0100109106-001"}, PaymentError.TAX_CODE_DIFFERS),
        ({"account": "3511.30CF"}, PaymentError.ACCOUNT_DIFFERS),
        ({"paid_at": local("2018-06-05T10:30:01")}, PaymentError.PAID_AT_IN_FUTURE),
        ({"paid_at": local("2018-06-05T08:59:59")}, PaymentError.PAID_AT_BEFORE_ISSUE),
    ],
)
def test_each_mismatch_has_its_code(changes: Any, error: PaymentError) -> None:
    verdict = judged(a_line(**changes), a_document())
    assert (verdict.outcome, verdict.errors, verdict.record_at) == (Outcome.REFUSED, (error,), None)


def test_a_number_that_is_not_there_is_unknown_or_mistyped() -> None:
    unknown = make_payment_id(PaymentKind.TAX, date(2018, 6, 5), 124, 1)
    assert judged(a_line(payment_id=unknown)).errors == (PaymentError.UNKNOWN_NUMBER,)
    assert judged(a_line(payment_id="11811000012362")).errors == (PaymentError.MISTYPED_NUMBER,)


def test_all_mismatches_are_told_at_once() -> None:
    verdict = judged(a_line(amount_vnd=1, tax_code="0", account="1"), a_document())
    assert verdict.errors == (
        PaymentError.AMOUNT_DIFFERS,
        PaymentError.TAX_CODE_DIFFERS,
        PaymentError.ACCOUNT_DIFFERS,
    )


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (PaymentState.PAID, PaymentError.ALREADY_PAID),
        (PaymentState.DEBITED, PaymentError.ALREADY_PAID),
        (PaymentState.CANCELLED, PaymentError.OBLIGATION_ENDED),
    ],
)
def test_what_is_closed_is_not_paid_again(state: PaymentState, error: PaymentError) -> None:
    assert judged(a_line(), a_document(state=state)).errors == (error,)


def test_a_whole_second_is_enough_for_the_instant_of_issue() -> None:
    issued_at = ISSUED.replace(microsecond=700_000)
    assert judged(a_line(paid_at=ISSUED), a_document(issued_at=issued_at)).outcome is Outcome.RECORDED


@pytest.mark.parametrize(
    ("paid_at", "told", "bank", "record_at", "booked_on"),
    [
        # up to the cut-off, and a second later
        ("2018-06-05T16:00:00", None, BANK, None, date(2018, 6, 5)),
        ("2018-06-05T16:00:01", None, BANK, "2018-06-06T08:00:00", date(2018, 6, 6)),
        # before offices open it is early, not late
        ("2018-06-06T05:00:00", None, BANK, None, date(2018, 6, 6)),
        # Friday evening and the weekend: Monday
        ("2018-06-08T16:00:01", None, BANK, "2018-06-11T08:00:00", date(2018, 6, 11)),
        ("2018-06-09T10:00:00", None, BANK, "2018-06-11T08:00:00", date(2018, 6, 11)),
        # the bank says so itself, whatever our table says
        ("2018-06-05T11:00:00", True, BANK, "2018-06-06T08:00:00", date(2018, 6, 6)),
        ("2018-06-05T11:00:00", True, ALWAYS, "2018-06-06T08:00:00", date(2018, 6, 6)),
        ("2018-06-05T16:20:00", False, BANK, None, date(2018, 6, 6)),
        # round the clock: recorded at once, booked when the Treasury works
        ("2018-06-08T22:00:00", None, ALWAYS, None, date(2018, 6, 11)),
        ("2018-06-05T16:29:00", None, ALWAYS, None, date(2018, 6, 5)),
        # the last working day of the year is the only one without a cut-off (31/12/2018 was off)
        ("2018-12-28T20:00:00", None, BANK, None, date(2018, 12, 28)),
        ("2018-12-28T20:00:00", True, BANK, None, date(2018, 12, 28)),
        ("2018-12-27T20:00:00", None, BANK, "2018-12-28T08:00:00", date(2018, 12, 28)),
    ],
)
def test_the_cut_off(paid_at: str, told: bool | None, bank: Bank, record_at: str | None, booked_on: date) -> None:
    at = local(paid_at)
    verdict = judged(a_line(paid_at=at, is_after_cut_off=told), a_document(), bank=bank, now=at)
    expected = Outcome.TO_BE_RECORDED if record_at else Outcome.RECORDED
    assert (verdict.outcome, verdict.booked_on) == (expected, booked_on)
    assert verdict.record_at == (local(record_at) if record_at else at)


def test_a_message_that_comes_after_the_opening_is_recorded_when_it_comes() -> None:
    now = local("2018-06-06T09:10:00")
    verdict = judged(a_line(paid_at=local("2018-06-05T19:00:00")), a_document(), now=now)
    assert (verdict.outcome, verdict.record_at, verdict.booked_on) == (Outcome.RECORDED, now, date(2018, 6, 6))


def test_law_and_banks_agree_on_the_opening() -> None:
    """For a bank with the law's own cut-off both tell the same instant, for every hour of a year's end and Tết."""
    bank = replace(BANK, cut_off=terms.BANK_CUT_OFF)
    for day in [*(date(2018, 12, number) for number in range(20, 32)), *(date(2019, 2, n) for n in range(1, 15))]:
        for hour in range(24):
            at = datetime.combine(day, time(hour), VIETNAM_TIME)
            verdict = judged(a_line(paid_at=at), a_document(issued_at=at), bank=bank, now=at)
            assert verdict.record_at == terms.payment_recorded_at(at, calendar())


def test_the_same_debit_is_answered_alike_and_taken_once() -> None:
    known = KnownDebit(a_line(), Outcome.RECORDED, NOW, date(2018, 6, 5), "m1")
    paid = a_document(state=PaymentState.PAID, bank_code="SHB", debit_reference="FT1")
    verdict = judged(a_line(), paid, known=known, now=local("2018-06-07T09:00:00"))
    assert verdict == Verdict(Outcome.RECORDED, date(2018, 6, 5), (), NOW, is_repeated=True)


def test_a_reference_stands_for_one_payment() -> None:
    known = KnownDebit(a_line(amount_vnd=5), Outcome.RECORDED, NOW, date(2018, 6, 5), "m1")
    assert judged(a_line(), a_document(), known=known).errors == (PaymentError.REFERENCE_USED,)
    cancelled = replace(known, line=a_line(), result=CANCELLED)
    assert judged(a_line(), a_document(), known=cancelled).errors == (PaymentError.REFERENCE_USED,)


def test_a_refused_debit_may_be_sent_corrected() -> None:
    known = KnownDebit(a_line(amount_vnd=5), PaymentError.AMOUNT_DIFFERS, None, date(2018, 6, 5), "m1")
    assert judged(a_line(), a_document(), known=known).outcome is Outcome.RECORDED


def test_what_was_accepted_just_before_the_dossier_ended_is_judged_as_things_stand() -> None:
    known = KnownDebit(a_line(), Outcome.RECORDED, NOW, date(2018, 6, 5), "m1")
    ended = a_document(state=PaymentState.CANCELLED)
    assert judged(a_line(), ended, known=known).errors == (PaymentError.OBLIGATION_ENDED,)


@pytest.mark.parametrize("year", [1, 1900, 2500, 9999])
def test_a_debit_of_no_year_that_we_know_is_booked_now(year: int) -> None:
    line = a_line(paid_at=NOW.replace(year=year, day=6))
    verdict = judged(line, a_document())
    assert verdict.outcome is Outcome.REFUSED
    assert verdict.booked_on == date(2018, 6, 5)


def test_a_statement_is_there_when_the_next_working_day_opens() -> None:
    assert statement_available_at(date(2018, 6, 5), calendar()) == local("2018-06-06T08:00:00")
    assert statement_available_at(date(2018, 6, 8), calendar()) == local("2018-06-11T08:00:00")
    assert statement_available_at(date(2018, 6, 9), calendar()) == local("2018-06-11T08:00:00")


def test_every_code_says_in_both_languages_what_it_means_and_what_to_do() -> None:
    assert ERROR_TEXTS.keys() == set(PaymentError)
    for error in PaymentError:
        answer = error_answer(error)
        assert answer["code"] == error.value
        for words in (answer["meaning"], answer["advice"]):
            assert words["vi"] != words["en"]
            assert all(text.endswith(".") for text in words.values())


def test_the_banks_are_ten_some_of_them_round_the_clock() -> None:
    banks = load_banks()
    assert len(banks) == 10
    assert {bank.cut_off is None for bank in banks.values()} == {True, False}
    assert booking_day(a_line(), banks["SHB"], calendar()) == date(2018, 6, 5)


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("{code: A, name_vi: a, name_en: b}", "cut_off"),
        ("{code: A, name_vi: a, name_en: b, cut_off: noon}", "noon"),
        (
            "{code: A, name_vi: a, name_en: b, cut_off: null}\n  - {code: A, name_vi: a, name_en: b, cut_off: null}",
            "twice",
        ),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, part: str) -> None:
    path = tmp_path / "banks.yaml"
    path.write_text(f"banks:\n  - {row}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=part):
        load_banks(path)
