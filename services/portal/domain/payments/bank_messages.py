"""What a bank tells customs, and what customs makes of it: matching, error codes, cut-off (Circular 184/2015/TT-BTC).

Pure: one line of a message is judged against the document that it names. Doesn't write anything and doesn't know
processing. The error codes and the banks' cut-off times are ours; that a mismatch is answered with a code and not
recorded is the circular's (art. 17.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from services.contracts.labels import Label
from services.contracts.timeliness import VIETNAM_TIME, vietnamese_day
from services.law.calendar import OutsideCalendarError, WorkingCalendar
from services.law.terms import next_working_day_opens_at
from services.portal.domain.payments.payments import PaymentDocument, PaymentState, is_payment_id

#: Until when on a working day the Treasury books on the same day what a bank sends round the clock; ours.
TREASURY_DAY_END: Final = time(16, 30)


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank that collects for customs.

    Attributes:
        code: As banks are called in transfers.
        cut_off: Local time on working days after which a debit is sent on the next working day; None: the bank takes
            part in payment round the clock and sends at once.
    """

    code: str
    name_vi: str
    name_en: str
    cut_off: time | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitLine:
    """One payment in a bank's message.

    Attributes:
        debit_reference: The bank's own number of the debit; one debit pays one document.
        payment_id: As the bank tells it, right or wrong; likewise amount, payer and account.
        paid_at: When the core banking system confirmed the debit (art. 4.1).
        is_after_cut_off: What the bank says of its own cut-off; None: by the time in our table.
    """

    debit_reference: str
    payment_id: str
    amount_vnd: int
    tax_code: str
    account: str
    paid_at: datetime
    is_after_cut_off: bool | None = None


class PaymentError(StrEnum):
    """Why a payment isn't recorded; the value is the error code that the bank is sent. Ours."""

    UNKNOWN_NUMBER = "P0001"
    MISTYPED_NUMBER = "P0002"
    AMOUNT_DIFFERS = "P0003"
    TAX_CODE_DIFFERS = "P0004"
    ACCOUNT_DIFFERS = "P0005"
    ALREADY_PAID = "P0006"
    OBLIGATION_ENDED = "P0007"
    PAID_AT_IN_FUTURE = "P0008"
    PAID_AT_BEFORE_ISSUE = "P0009"
    REFERENCE_USED = "P0010"
    CONFIRMED = "P0011"
    UNKNOWN_DEBIT = "P0012"


class ErrorText(NamedTuple):
    """What an error code means, and what the bank does about it."""

    meaning: Label
    advice: Label


ERROR_TEXTS: Final[Mapping[PaymentError, ErrorText]] = {
    PaymentError.UNKNOWN_NUMBER: ErrorText(
        Label("Không có số định danh hồ sơ này.", "There is no payment document with this number."),
        Label(
            "Báo cho người nộp và cơ quan hải quan; chỉ thu theo kê khai của người nộp khi họ xác nhận.",
            "Report it to payer and customs; collect on the payer's own word only if they confirm it.",
        ),
    ),
    PaymentError.MISTYPED_NUMBER: ErrorText(
        Label("Số định danh hồ sơ sai số kiểm tra.", "The check digits of the number don't fit."),
        Label("Kiểm tra lại số trên chứng từ và gửi lại.", "Compare the number with the document and send again."),
    ),
    PaymentError.AMOUNT_DIFFERS: ErrorText(
        Label("Số tiền khác với số phải nộp.", "The amount isn't the amount to pay."),
        Label(
            "Truy vấn lại; nộp đúng và đủ số tiền hoặc hoàn lại cho người nộp.",
            "Query again; pay the exact amount, or give the money back to the payer.",
        ),
    ),
    PaymentError.TAX_CODE_DIFFERS: ErrorText(
        Label("Mã số thuế khác với mã của người phải nộp.", "The tax code isn't that of who has to pay."),
        Label("Hỏi lại người nộp và gửi lại với mã đúng.", "Ask the payer and send again with the right code."),
    ),
    PaymentError.ACCOUNT_DIFFERS: ErrorText(
        Label(
            "Tài khoản thu khác với tài khoản Kho bạc trên chứng từ.",
            "The account isn't the Treasury account of the document.",
        ),
        Label("Chuyển đúng tài khoản trên chứng từ và gửi lại.", "Transfer to the document's account and send again."),
    ),
    PaymentError.ALREADY_PAID: ErrorText(
        Label("Chứng từ đã được nộp bằng một bút toán khác.", "The document has been paid by another debit."),
        Label("Hoàn lại cho người nộp.", "Give the money back to the payer."),
    ),
    PaymentError.OBLIGATION_ENDED: ErrorText(
        Label(
            "Nghĩa vụ đã chấm dứt: hồ sơ đã dừng hoặc đã rút.", "The dossier was stopped or withdrawn; nothing is owed."
        ),
        Label("Hoàn lại cho người nộp.", "Give the money back to the payer."),
    ),
    PaymentError.PAID_AT_IN_FUTURE: ErrorText(
        Label("Thời điểm trích tài khoản ở tương lai.", "The debit's instant lies in the future."),
        Label("Gửi lại với thời điểm đúng.", "Send again with the right instant."),
    ),
    PaymentError.PAID_AT_BEFORE_ISSUE: ErrorText(
        Label(
            "Thời điểm trích tài khoản trước khi có chứng từ.", "The debit's instant is before the document was issued."
        ),
        Label("Gửi lại với thời điểm đúng.", "Send again with the right instant."),
    ),
    PaymentError.REFERENCE_USED: ErrorText(
        Label(
            "Số bút toán này đã dùng cho một khoản nộp khác, hoặc đã hủy.",
            "This debit reference stands for another payment, or was cancelled.",
        ),
        Label("Gửi lại với số bút toán của chính khoản nộp.", "Send again with the payment's own reference."),
    ),
    PaymentError.CONFIRMED: ErrorText(
        Label(
            "Cổng thanh toán đã xác nhận; ngân hàng không được hủy (TT 184/2015 Đ10.9).",
            "The gateway has confirmed; the bank may not cancel (Circular 184/2015 art. 10.9).",
        ),
        Label(
            "Người nộp đề nghị cơ quan hải quan hoàn nếu nộp thừa.",
            "The payer asks customs for a refund if too much was paid.",
        ),
    ),
    PaymentError.UNKNOWN_DEBIT: ErrorText(
        Label("Không có bút toán này.", "There is no debit with this reference."),
        Label("Kiểm tra lại số bút toán.", "Check the reference."),
    ),
}


class Outcome(StrEnum):
    """What became of a line."""

    RECORDED = "recorded"  #: the debt is cleared, the obligation confirmed
    TO_BE_RECORDED = "to-be-recorded"  #: debited after the cut-off; recorded when the next working day opens
    REFUSED = "refused"  #: not recorded; an error code says why


#: The bank has taken a refused debit back; what is kept of it says so.
CANCELLED: Final = "cancelled"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What customs answers to a line.

    Attributes:
        outcome: Recorded now, recorded later or refused.
        errors: Everything that is wrong with it, the first one deciding; empty unless refused.
        record_at: When it is recorded; None when refused.
        booked_on: Day in Vietnam on which the Treasury books the money: it is on its way even when refused.
        is_repeated: The same debit was accepted before; nothing is to be done.
    """

    outcome: Outcome
    booked_on: date
    errors: tuple[PaymentError, ...] = ()
    record_at: datetime | None = None
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class KnownDebit:
    """A debit that a bank told of before: the line as it was, and what was answered."""

    line: DebitLine
    result: str  #: an `Outcome`, a `PaymentError`, or `CANCELLED`
    record_at: datetime | None
    booked_on: date
    message_id: str  #: of the message that told of it last

    @property
    def is_accepted(self) -> bool:
        """Whether customs has confirmed it."""
        return self.result in {Outcome.RECORDED, Outcome.TO_BE_RECORDED}


def judge(
    line: DebitLine,
    *,
    document: PaymentDocument | None,
    known: KnownDebit | None,
    bank: Bank,
    now: datetime,
    calendar: WorkingCalendar,
) -> Verdict:
    """Return what customs answers to one line of a message.

    Args:
        line: What the bank tells.
        document: With the line's number; None: there is none.
        known: What the bank told before under the line's debit reference; one that was refused may be sent corrected.
        bank: Who tells.
        now: On the sandbox's clock.
        calendar: Of the sandbox; must reach to the next working day.

    Source: Circular 184/2015/TT-BTC art. 17.2-17.3; the bounds of the debit's instant are ours.
    """
    booked_on = _told_booking_day(line, bank, now, calendar)
    if known is not None and (known.is_accepted or known.result == CANCELLED):
        if known.line != line or known.result == CANCELLED:
            return Verdict(Outcome.REFUSED, booked_on, (PaymentError.REFERENCE_USED,))
        # Unless the dossier ended, or processing refused, just after that: then it's judged as things stand now.
        if document is not None and document.is_paid_by(bank.code, line.debit_reference):
            return Verdict(Outcome(known.result), known.booked_on, (), known.record_at, is_repeated=True)
    errors = mismatches(line, document, now)
    if errors:
        return Verdict(Outcome.REFUSED, booked_on, errors)
    opens_at = next_working_day_opens_at(line.paid_at, calendar) if after_cut_off(line, bank, calendar) else now
    if opens_at <= now:
        return Verdict(Outcome.RECORDED, booked_on, (), now)
    return Verdict(Outcome.TO_BE_RECORDED, booked_on, (), opens_at)


def mismatches(line: DebitLine, document: PaymentDocument | None, now: datetime) -> tuple[PaymentError, ...]:
    """Return everything in which a line differs from its document; empty when it matches and can be paid."""
    if document is None:
        is_number = is_payment_id(line.payment_id)
        return (PaymentError.UNKNOWN_NUMBER if is_number else PaymentError.MISTYPED_NUMBER,)
    standing = error_of_state(document.state)
    if standing is not None:
        return (standing,)
    # Banks tell whole seconds.
    issued_at = document.issued_at.replace(microsecond=0)
    found = (
        (PaymentError.AMOUNT_DIFFERS, line.amount_vnd != document.amount_vnd),
        (PaymentError.TAX_CODE_DIFFERS, line.tax_code != document.applicant_id),
        (PaymentError.ACCOUNT_DIFFERS, line.account != document.account),
        (PaymentError.PAID_AT_IN_FUTURE, line.paid_at > now),
        (PaymentError.PAID_AT_BEFORE_ISSUE, line.paid_at < issued_at),
    )
    return tuple(error for error, is_wrong in found if is_wrong)


def error_of_state(state: PaymentState) -> PaymentError | None:
    """Return why a document in a state can't be paid; None when it can."""
    if state is PaymentState.CANCELLED:
        return PaymentError.OBLIGATION_ENDED
    return PaymentError.ALREADY_PAID if state is not PaymentState.OPEN else None


def after_cut_off(line: DebitLine, bank: Bank, calendar: WorkingCalendar) -> bool:
    """Tell whether a debit is sent on the next working day: the bank says so, or it came after its cut-off.

    A debit on a day off is always late; one on the last working day of a year never is: it is sent the same day.

    Source: Circular 184/2015/TT-BTC art. 17.2; days off are ours.
    """
    if line.is_after_cut_off is not None:
        return line.is_after_cut_off and not _is_last_of_year(vietnamese_day(line.paid_at), calendar)
    return bank.cut_off is not None and _is_late(line.paid_at, bank.cut_off, calendar)


def booking_day(line: DebitLine, bank: Bank, calendar: WorkingCalendar) -> date:
    """Return the day in Vietnam on which the Treasury books a debit: its own, or the next working day.

    Source: Circular 184/2015/TT-BTC art. 17.2: transferred at once, after the cut-off at the latest when the next
    working day begins. That the Treasury's day ends at 16:30 for banks that send round the clock is ours.
    """
    day = vietnamese_day(line.paid_at)
    if after_cut_off(line, bank, calendar) or _is_late(line.paid_at, bank.cut_off or TREASURY_DAY_END, calendar):
        return calendar.add_working_days(day, 1)
    return day


def _told_booking_day(line: DebitLine, bank: Bank, now: datetime, calendar: WorkingCalendar) -> date:
    """As `booking_day`; a bank that tells an instant to come, or of no year that we know, has debited now."""
    as_of_now = replace(line, paid_at=now)
    try:
        return booking_day(as_of_now if line.paid_at > now else line, bank, calendar)
    except OutsideCalendarError:
        return booking_day(as_of_now, bank, calendar)


def _is_late(at: datetime, ends: time, calendar: WorkingCalendar) -> bool:
    local = at.astimezone(VIETNAM_TIME)
    if not calendar.is_working_day(local.date()):
        return True
    return local.time() > ends and not _is_last_of_year(local.date(), calendar)


def _is_last_of_year(day: date, calendar: WorkingCalendar) -> bool:
    return calendar.is_working_day(day) and calendar.add_working_days(day, 1).year != day.year


def statement_available_at(day: date, calendar: WorkingCalendar) -> datetime:
    """Return when the Treasury's statement of a day is there: as the next working day opens.

    Source: Circular 184/2015/TT-BTC art. 17.4: at the end of the day or the start of the next working day; that it is
    always the latter is ours.
    """
    return next_working_day_opens_at(bounds_of_day(day)[0], calendar)


def bounds_of_day(day: date) -> tuple[datetime, datetime]:
    """Return the first instant of a day in Vietnam, and the first one after it."""
    starts_at = datetime.combine(day, time(), VIETNAM_TIME)
    return starts_at, starts_at + timedelta(days=1)
