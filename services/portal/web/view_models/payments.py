"""The hosted pay page: what of a payment document it shows, what its form takes, and what came of it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from services.contracts.catalogue import Catalogue
from services.contracts.identifiers import format_dossier_id
from services.contracts.labels import Label
from services.contracts.timeliness import vietnamese_day
from services.law.calendar import WorkingCalendar
from services.portal.application.payments import BankMessage
from services.portal.domain.payments.bank_messages import Bank, DebitLine, Outcome
from services.portal.domain.payments.payments import (
    KIND_LABELS,
    STATE_LABELS,
    PaymentDocument,
    PaymentState,
    due_at,
    grouped,
    late_interest,
)
from services.portal.web import words
from services.portal.web.language import gettext, in_words
from services.portal.web.view_models.dossiers import office_name, procedure_name

_ATTEMPT: Final = re.compile(r"[0-9a-f]{16}")
_AMOUNT: Final = re.compile(r"[0-9]{1,15}")

#: What people put between digits.
_SEPARATORS: Final = str.maketrans("", "", " .,\u00a0\u202f₫đ")


class PayChoice(StrEnum):
    """What a class wants to see happen."""

    FULL = "full"
    OTHER_AMOUNT = "other-amount"
    AFTER_CUT_OFF = "after-cut-off"


@dataclass(frozen=True, slots=True)
class PayForm:
    """What was chosen, and what is wrong with it by the id of its field."""

    attempt: str  #: the same for each sending of the same page, so that clicking twice pays once
    bank: str
    choice: PayChoice
    amount: str
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PayPage:
    """A document, and the form to pay it."""

    document: PaymentDocument
    grouped_id: str
    kind: str
    state: str
    dossier_id: str
    procedure: str
    office: str  #: Vietnamese
    amount: str
    due_at: datetime | None
    late_interest: str | None
    is_open: bool
    bank_name: str | None
    banks: Sequence[tuple[str, str]]  #: code and name with its hours
    form: PayForm


def empty_form(attempt: str, banks: Mapping[str, Bank]) -> PayForm:
    """The form as it opens."""
    return PayForm(attempt, next(iter(banks)), PayChoice.FULL, "")


def read_form(sent: Mapping[str, str], document: PaymentDocument, banks: Mapping[str, Bank]) -> PayForm | None:
    """What was sent, with its mistakes; None when it didn't come from our form."""
    attempt, bank, choice = sent.get("attempt", ""), sent.get("bank", ""), sent.get("choice", "")
    if not _ATTEMPT.fullmatch(attempt) or bank not in banks or choice not in set(PayChoice):
        return None
    amount = sent.get("amount", "").strip()[:30]
    errors: dict[str, str] = {}
    if choice == PayChoice.OTHER_AMOUNT:
        plain = amount.translate(_SEPARATORS)
        if not _AMOUNT.fullmatch(plain) or int(plain) == 0:
            errors["amount"] = gettext("Enter an amount in whole dong")
        elif int(plain) == document.amount_vnd:
            errors["amount"] = gettext("This is the amount to pay; enter another one, or choose to pay in full")
    return PayForm(attempt, bank, PayChoice(choice), amount, errors)


def message_of(form: PayForm, document: PaymentDocument, now: datetime) -> BankMessage:
    """What the chosen bank tells customs. The same choice sent twice is the same message."""
    choice = f"{form.attempt} {form.bank} {form.choice} {form.amount}"
    name = f"{form.attempt}-{hashlib.sha256(choice.encode()).hexdigest()[:8]}"
    other_amount = int(form.amount.translate(_SEPARATORS)) if form.choice is PayChoice.OTHER_AMOUNT else None
    line = DebitLine(
        debit_reference=f"WEB-{name}",
        payment_id=document.payment_id,
        amount_vnd=other_amount or document.amount_vnd,
        tax_code=document.applicant_id,
        account=document.account,
        paid_at=now,
        is_after_cut_off=True if form.choice is PayChoice.AFTER_CUT_OFF else None,
    )
    return BankMessage(bank_code=form.bank, message_id=f"WEB-{name}", lines=(line,))


def pay_page(
    document: PaymentDocument,
    form: PayForm,
    *,
    banks: Mapping[str, Bank],
    catalogue: Catalogue,
    calendar: WorkingCalendar,
    now: datetime,
) -> PayPage:
    """From the document as it stands."""
    late = late_interest(document, now, calendar)
    return PayPage(
        document=document,
        grouped_id=grouped(document.payment_id),
        kind=in_words(KIND_LABELS[document.kind]),
        state=in_words(STATE_LABELS[document.state]),
        dossier_id=dossier_id_of(document),
        procedure=procedure_name(catalogue.procedures[document.procedure_id]),
        office=f"{document.office_code} · {office_name(catalogue, document.office_code)}",
        amount=words.dong(document.amount_vnd),
        due_at=due_at(document, calendar),
        late_interest=f"{words.dong(late.amount_vnd)} ({words.duration(timedelta(days=late.days))})" if late else None,
        is_open=document.state is PaymentState.OPEN,
        bank_name=bank_name(banks, document.bank_code),
        banks=[(bank.code, _with_hours(bank)) for bank in banks.values()],
        form=form,
    )


@dataclass(frozen=True, slots=True)
class PaymentNotice:
    """A document as the page of its dossier tells of it."""

    payment_id: str
    grouped_id: str
    state: str
    amount: str
    is_open: bool


def payment_notice(document: PaymentDocument | None) -> PaymentNotice | None:
    """None when nothing was asked for."""
    if document is None:
        return None
    return PaymentNotice(
        payment_id=document.payment_id,
        grouped_id=grouped(document.payment_id),
        state=in_words(STATE_LABELS[document.state]),
        amount=words.dong(document.amount_vnd),
        is_open=document.state is PaymentState.OPEN,
    )


def dossier_id_of(document: PaymentDocument) -> str:
    """Of the dossier that is paid for."""
    return format_dossier_id(document.number, vietnamese_day(document.filed_at))


def bank_name(banks: Mapping[str, Bank], code: str | None) -> str | None:
    """In the language of the page; the code itself when the list doesn't know it any more."""
    bank = banks.get(code or "")
    return in_words(Label(bank.name_vi, bank.name_en)) if bank else code


def _with_hours(bank: Bank) -> str:
    name = in_words(Label(bank.name_vi, bank.name_en))
    if bank.cut_off is None:
        return gettext("%(bank)s – round the clock", bank=name)
    return gettext("%(bank)s – until %(time)s on working days", bank=name, time=f"{bank.cut_off:%H:%M}")


@dataclass(frozen=True, slots=True)
class PaymentError:
    """An error code as the bank got it, in the language of the page."""

    code: str
    meaning: str
    advice: str


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """What customs answered the bank."""

    page: PayPage
    outcome: Outcome
    bank: str
    message_id: str
    debit_reference: str
    amount: str
    paid_at: datetime
    record_at: datetime | None
    errors: Sequence[PaymentError]


def payment_result(page: PayPage, answer: Mapping[str, Any], banks: Mapping[str, Bank]) -> PaymentResult | None:
    """From the kept answer to a message; None when the message isn't about the page's document."""
    payment_id = page.document.payment_id
    line = next((result for result in answer["results"] if result["payment_id"] == payment_id), None)
    if line is None:
        return None
    return PaymentResult(
        page=page,
        outcome=Outcome(line["outcome"]),
        bank=bank_name(banks, answer["bank"]) or "",
        message_id=answer["message_id"],
        debit_reference=line["debit_reference"],
        amount=words.dong(line["amount_vnd"]),
        paid_at=datetime.fromisoformat(line["paid_at"]),
        record_at=datetime.fromisoformat(line["record_at"]) if line["record_at"] else None,
        errors=[
            PaymentError(error["code"], in_words(Label(**error["meaning"])), in_words(Label(**error["advice"])))
            for error in line["errors"]
        ],
    )
