"""Payment documents: what has to be paid for a dossier, under which number, and what becomes of it.

A document opens when an office asks for payment and follows the dossier's facts from then on. Pure: knows no bank
messages (`bank_messages`), no tables and no clock. Flow: Circular 184/2015/TT-BTC articles 8, 10 and 17.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from services.contracts.facts import Fact
from services.contracts.labels import Label
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import Action, Actor, Status
from services.law.calendar import WorkingCalendar
from services.law.terms import late_interest_vnd, monthly_fee_due_at

#: Budget accounts at the Treasury, by what is paid: 7111 takes the state's revenue, 3511 what an office collects for
#: others, fees among it. From memory; that an office's code follows the account is ours.
_TREASURY_ACCOUNTS: Final = {"tax": "7111", "fee": "3511"}

#: ISO/IEC 7064, MOD 97-10: two check digits find every single wrong digit and every two that changed places.
_CHECK_MODULUS: Final = 97

#: Digits of a dossier's number in an identification number; longer numbers are written in full.
_NUMBER_DIGITS: Final = 7

#: Digits of an identification number: kind, year, length of the ordinal, ordinal, dossier, check digits.
SHORTEST_ID: Final = 14
LONGEST_ID: Final = 40


class PaymentKind(StrEnum):
    """What is paid; the form that the document is (Circular 184/2015/TT-BTC art. 17.1)."""

    TAX = "tax"  #: duty, late interest, fine: 01/BKNT
    FEE = "fee"  #: fees and charges: 02/BKNP

    @property
    def form(self) -> str:
        """Number of the form."""
        return "02/BKNP" if self is PaymentKind.FEE else "01/BKNT"


class PaymentState(StrEnum):
    """How far a payment has come."""

    OPEN = "open"  #: waiting for the applicant
    DEBITED = "debited-not-recorded"  #: the bank has debited after its cut-off; customs hasn't recorded it yet
    PAID = "paid"  #: recorded: the debt is cleared, the obligation confirmed
    CANCELLED = "cancelled"  #: the dossier has ended otherwise


KIND_LABELS: Final[Mapping[PaymentKind, Label]] = {
    PaymentKind.TAX: Label("Bảng kê nộp thuế (01/BKNT)", "Tax payment document (01/BKNT)"),
    PaymentKind.FEE: Label("Bảng kê nộp phí, lệ phí (02/BKNP)", "Fee payment document (02/BKNP)"),
}

STATE_LABELS: Final[Mapping[PaymentState, Label]] = {
    PaymentState.OPEN: Label("Chưa nộp", "To be paid"),
    PaymentState.DEBITED: Label("Đã trích tài khoản, chờ ghi nhận", "Debited, not recorded yet"),
    PaymentState.PAID: Label("Đã nộp", "Paid"),
    PaymentState.CANCELLED: Label("Đã hủy", "Cancelled"),
}

#: A document in one of these can't be paid any more.
CLOSED_STATES: Final = frozenset({PaymentState.PAID, PaymentState.CANCELLED})

#: Actions that are about a payment, whatever the dossier's status.
PAYMENT_ACTIONS: Final = frozenset({Action.REQUEST_PAYMENT, Action.PAY, Action.DEBIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDocument:
    """What an applicant has to pay for a dossier.

    Attributes:
        payment_id: The identification number (số định danh hồ sơ), unique in its sandbox.
        number: Of the dossier.
        filed_at: Likewise; the dossier's id is made of it.
        ordinal: The dossier's first document is 1.
        issued_at: When payment was asked for, on the sandbox's clock, as every instant here.
        paid_at: When the bank debited the applicant (Circular 184/2015/TT-BTC art. 4.1).
        recorded_at: When customs recorded the payment.
        recorded_by: Value of an `Actor`: the bank through its message, or an officer by hand.
        bank_code: The bank whose message was accepted; None: nobody's.
        debit_reference: That bank's own number of the debit.
        command_id: The action that was asked of processing for it.
        is_confirmed: Whether a fact says that the dossier has gone on; until then the dossier may end first.
        booked_on: Day in Vietnam on which the Treasury books the money; None: it hasn't come through a bank.
        closed_at: When it was cancelled.
    """

    sandbox_id: str
    payment_id: str
    number: int
    filed_at: datetime
    ordinal: int
    partition: int
    kind: PaymentKind
    amount_vnd: int
    applicant_id: str
    applicant_name: str
    procedure_id: str
    office_code: str
    issued_at: datetime
    state: PaymentState = PaymentState.OPEN
    paid_at: datetime | None = None
    recorded_at: datetime | None = None
    recorded_by: str | None = None
    bank_code: str | None = None
    debit_reference: str | None = None
    command_id: str | None = None
    is_confirmed: bool = False
    booked_on: date | None = None
    closed_at: datetime | None = None

    @property
    def status_code(self) -> int:
        """What the national portal is told (field TrangThaiThanhToan): 1 paid, 0 not."""
        return int(self.state is PaymentState.PAID)

    @property
    def account(self) -> str:
        """Where the money goes."""
        return treasury_account(self.kind, self.office_code)

    def is_paid_by(self, bank_code: str, debit_reference: str) -> bool:
        """Whether it is this debit that the document stands paid by, or will be when it is recorded."""
        return (self.bank_code, self.debit_reference) == (bank_code, debit_reference)

    def opened_again(self) -> "PaymentDocument":
        """The document as before its payment."""
        return replace(
            self,
            state=PaymentState.OPEN,
            paid_at=None,
            recorded_at=None,
            recorded_by=None,
            bank_code=None,
            debit_reference=None,
            command_id=None,
            is_confirmed=False,
            booked_on=None,
        )


def treasury_account(kind: PaymentKind, office_code: str) -> str:
    """Return the account at the Treasury that an office's money is paid into.

    >>> treasury_account(PaymentKind.TAX, "30CF")
    '7111.30CF'
    """
    return f"{_TREASURY_ACCOUNTS[kind]}.{office_code}"


def make_payment_id(kind: PaymentKind, issued_on: date, number: int, ordinal: int) -> str:
    """Return the identification number of a dossier's payment document; the same in every run.

    Args:
        kind: First digit: 1 tax, 2 fee.
        issued_on: Day in Vietnam; the next two digits are its year.
        number: The dossier's in its sandbox, from 1; at least seven digits.
        ordinal: The dossier's first document is 1; its digits come after their count, so that no two numbers are alike.

    Returns:
        14 digits for the first documents of a sandbox's first ten million dossiers, more later; the last two are check
        digits.

    Source:
        Ours; the circular says that there is a number (art. 17.2d), not what it looks like.

    >>> make_payment_id(PaymentKind.TAX, date(2018, 6, 5), 123, 1)
    '11811000012326'
    """
    digits = f"{2 if kind is PaymentKind.FEE else 1}{issued_on.year % 100:02}{len(str(ordinal))}{ordinal}"
    digits += f"{number:0{_NUMBER_DIGITS}}"
    check = _CHECK_MODULUS + 1 - int(digits + "00") % _CHECK_MODULUS
    return f"{digits}{check:02}"


def is_payment_id(text: str) -> bool:
    """Tell whether a text is well formed as an identification number: digits only, and the check digits fit.

    >>> is_payment_id("11811000012326"), is_payment_id("11811000012362"), is_payment_id("1181100001232x")
    (True, False, False)
    """
    is_number = text.isascii() and text.isdigit() and SHORTEST_ID <= len(text) <= LONGEST_ID
    return is_number and int(text) % _CHECK_MODULUS == 1


def grouped(payment_id: str) -> str:
    """Return an identification number in groups of four, for reading.

    >>> grouped("11811000012326")
    '1181 1000 0123 26'
    """
    return " ".join(payment_id[start : start + 4] for start in range(0, len(payment_id), 4))


def amount_asked(detail: Mapping[str, Any] | None, fee_vnd: int) -> tuple[PaymentKind, int] | None:
    """Return what a request for payment asks for: the amount in its detail, else the procedure's fee.

    Args:
        detail: Of a `request-payment`.
        fee_vnd: Fee of the procedure; 0 when it has none.

    Returns:
        None when there is neither: then there is nothing that a bank could be told to pay.
    """
    told = (detail or {}).get("amount_vnd")
    if isinstance(told, int) and not isinstance(told, bool) and told > 0 and told != fee_vnd:
        return PaymentKind.TAX, told
    return (PaymentKind.FEE, fee_vnd) if fee_vnd > 0 else None


@dataclass(frozen=True, slots=True)
class Payer:
    """What of a dossier stands on its payment documents and isn't told by facts."""

    partition: int
    name: str
    filed_at: datetime


def issue(sandbox_id: str, fact: Fact, payer: Payer, *, fee_vnd: int, ordinal: int) -> PaymentDocument | None:
    """Return the document that a request for payment opens; None when it names no amount."""
    asked = amount_asked(fact.detail, fee_vnd)
    if asked is None:
        return None
    kind, amount_vnd = asked
    return PaymentDocument(
        sandbox_id=sandbox_id,
        payment_id=make_payment_id(kind, vietnamese_day(fact.occurred_at), fact.number, ordinal),
        number=fact.number,
        filed_at=payer.filed_at,
        ordinal=ordinal,
        partition=payer.partition,
        kind=kind,
        amount_vnd=amount_vnd,
        applicant_id=fact.applicant_id,
        applicant_name=payer.name,
        procedure_id=fact.procedure_id,
        office_code=fact.office_code,
        issued_at=fact.occurred_at,
    )


def concerns_payment(action: str, status_before: int | None, refusal: str | None) -> bool:
    """Tell whether a fact may open a payment document or change one."""
    return action in PAYMENT_ACTIONS or (refusal is None and status_before == Status.PAYMENT_REQUESTED)


def after_fact(document: PaymentDocument, fact: Fact) -> PaymentDocument:
    """Return a dossier's latest document after another fact about the dossier.

    * A payment closes it. One that doesn't answer the bank's message (an officer's, made at the same moment) takes the
      message's place: the bank's debit then stands without a record, which the Treasury's statement shows.
    * A dossier that leaves status 6 otherwise cancels it, also when a bank's message was accepted just before: the
      ledger, not the portal, says which came first.
    * When processing refuses what the message asked for while payment is still awaited, it is open as before.
    """
    if fact.refusal is not None:
        return _after_refusal(document, fact)
    if document.state in CLOSED_STATES and (document.is_confirmed or document.state is PaymentState.CANCELLED):
        return document
    if fact.action == Action.PAY:
        return _paid(document, fact)
    if fact.action == Action.DEBIT:
        return replace(document, state=PaymentState.DEBITED, paid_at=document.paid_at or told_paid_at(fact.detail))
    if fact.status_before == Status.PAYMENT_REQUESTED and fact.status != Status.PAYMENT_REQUESTED:
        return replace(document.opened_again(), state=PaymentState.CANCELLED, closed_at=fact.occurred_at)
    return document


def _after_refusal(document: PaymentDocument, fact: Fact) -> PaymentDocument:
    is_answer = fact.command_id is not None and fact.command_id == document.command_id
    is_awaited = document.state is not PaymentState.CANCELLED and not document.is_confirmed
    return document.opened_again() if is_answer and is_awaited else document


def _paid(document: PaymentDocument, fact: Fact) -> PaymentDocument:
    is_of_message = document.debit_reference is not None and (
        fact.command_id == document.command_id if fact.command_id is not None else fact.actor == Actor.BANK
    )
    base = document if is_of_message else document.opened_again()
    return replace(
        base,
        state=PaymentState.PAID,
        paid_at=base.paid_at or told_paid_at(fact.detail) or fact.occurred_at,
        recorded_at=fact.occurred_at,
        recorded_by=fact.actor,
        is_confirmed=True,
        booked_on=base.booked_on or booked_on(fact.actor, fact.occurred_at),
    )


def booked_on(actor: str, paid_at: datetime) -> date | None:
    """Return the day in Vietnam on which a payment without a bank's message is booked; None: it wasn't the bank's."""
    return vietnamese_day(paid_at) if actor == Actor.BANK else None


def told_paid_at(detail: Mapping[str, Any] | None) -> datetime | None:
    """Return the instant of the bank's debit as a fact's detail tells it; None when it tells none that can be read."""
    told = (detail or {}).get("paid_at")
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


@dataclass(frozen=True, slots=True)
class LateInterest:
    """What is owed for paying late: shown, not part of the amount that the bank has to match."""

    days: int
    amount_vnd: int


def due_at(document: PaymentDocument, calendar: WorkingCalendar) -> datetime | None:
    """Return until when a document is to be paid; None where no law that we model says so.

    A fee: with the month's other fees, in the first ten days of the next month. The dossier itself waits no longer than
    its silence term.

    Source: Circular 274/2016/TT-BTC (`services.law.terms.monthly_fee_due_at`).
    """
    return monthly_fee_due_at(document.issued_at, calendar) if document.kind is PaymentKind.FEE else None


def late_interest(document: PaymentDocument, now: datetime, calendar: WorkingCalendar) -> LateInterest | None:
    """Return the interest on a document that was paid late, or would be if it were paid now.

    Source: 0.03 % a day (`services.law.terms.late_interest_vnd`), from the day after the due date to that of the debit.
    """
    ends_at = due_at(document, calendar)
    if ends_at is None or document.state is PaymentState.CANCELLED:
        return None
    days = (vietnamese_day(document.paid_at or now) - vietnamese_day(ends_at)).days
    return LateInterest(days, late_interest_vnd(document.amount_vnd, days)) if days > 0 else None
