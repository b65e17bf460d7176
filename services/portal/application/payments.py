"""Payments: what a bank asks and tells, and the Treasury's statement of a day.

A bank's message is read, judged line by line, written and turned into actions for processing in one transaction; under
the bank's own message id it happens once and is answered alike ever after. The dossier goes on when processing says so:
documents follow the facts (`services.portal.adapters.sql_payments.PaymentFollower`).
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol

from services.contracts.commands import RequestedAction
from services.contracts.vocabulary import Action, Actor, Reason
from services.law.calendar import OutsideCalendarError, WorkingCalendar
from services.portal.application.acting import ask_processing
from services.portal.application.ports import DoorUnit
from services.portal.application.problems import problem
from services.portal.domain.payments.bank_messages import (
    CANCELLED,
    ERROR_TEXTS,
    Bank,
    DebitLine,
    KnownDebit,
    Outcome,
    PaymentError,
    Verdict,
    error_of_state,
    judge,
    statement_available_at,
)
from services.portal.domain.payments.payments import PaymentDocument, PaymentState, is_payment_id
from services.portal.domain.sandbox import Sandbox
from services.runtime.clock import virtual_now

#: Payments in one message: a company's whole day.
LINES_AT_MOST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BankMessage:
    """A payment message: one line a document, several when a pay slip covers them (art. 8.4)."""

    bank_code: str
    message_id: str  #: the bank's own; it never stands for two messages
    lines: tuple[DebitLine, ...]

    @property
    def content_hash(self) -> bytes:
        """Of everything that the bank tells."""
        return hashlib.sha256(repr((self.bank_code, self.message_id, self.lines)).encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """Which documents to list; `None` means any."""

    state: PaymentState | None = None
    number: int | None = None  #: of the dossier
    applicant_id: str | None = None
    after: str | None = None  #: only identification numbers behind this one: the cursor


class Standing(StrEnum):
    """How a payment stands between the Treasury and customs."""

    MATCHED = "matched"  #: booked and recorded
    DEBIT_WITHOUT_RECORD = "debit-without-record"  #: the money is there, customs has refused or not recorded it
    RECORD_WITHOUT_DEBIT = "record-without-debit"  #: recorded by hand, no bank has told of it
    IN_TRANSIT = "in-transit"  #: debited by the end of the day, booked on a later one


class StatementEntry(NamedTuple):
    """One line of a reconciliation."""

    key: str  #: orders the entries
    standing: str
    payment_id: str
    bank_code: str | None
    debit_reference: str | None
    amount_vnd: int
    paid_at: datetime | None
    booked_on: date | None
    recorded_at: datetime | None
    result: str | None  #: what the bank was answered


class StandingTotal(NamedTuple):
    """All entries of a standing together."""

    entry_count: int
    amount_vnd: int


class PaymentUnit(DoorUnit, Protocol):
    """A transaction of the door that also knows payments."""

    def answer_to(self, sandbox_id: str, bank_code: str, message_id: str) -> tuple[bytes, Mapping[str, Any]] | None:
        """Content hash and answer of a message that was read before."""
        ...

    def keep_message(
        self, sandbox_id: str, message: BankMessage, received_at: datetime, answer: Mapping[str, Any]
    ) -> None:
        """A message, with what was answered."""
        ...

    def lock_documents(self, sandbox_id: str, payment_ids: Iterable[str]) -> dict[str, PaymentDocument]:
        """Documents by number, locked until the end of the block; unknown numbers are missing."""
        ...

    def save_documents(self, documents: Iterable[PaymentDocument]) -> None:
        """Write what may change of documents that were there before."""
        ...

    def debits(self, sandbox_id: str, bank_code: str, references: Iterable[str]) -> dict[str, KnownDebit]:
        """What a bank has told of debits, by their references."""
        ...

    def save_debits(self, sandbox_id: str, bank_code: str, debits: Iterable[KnownDebit]) -> None:
        """Write debits; what was known of one under its reference is replaced."""
        ...


class Payments(Protocol):
    """Where payments are kept."""

    def unit(self) -> AbstractContextManager[PaymentUnit]:
        """A transaction."""
        ...

    def document(self, sandbox_id: str, payment_id: str) -> PaymentDocument | None:
        """One document."""
        ...

    def documents(self, sandbox_id: str, wanted: DocumentFilter, limit: int) -> list[PaymentDocument]:
        """Documents in order of their identification numbers."""
        ...

    def latest_documents(self, sandbox_id: str, numbers: Iterable[int]) -> dict[int, PaymentDocument]:
        """The latest document of each dossier that has one, by the dossier's number; one statement for all."""
        ...

    def answer_to(self, sandbox_id: str, bank_code: str, message_id: str) -> Mapping[str, Any] | None:
        """What a bank's message was answered."""
        ...

    def statement(
        self, sandbox_id: str, day: date, standing: Standing | None, after: str | None, limit: int
    ) -> list[StatementEntry]:
        """Entries of a day's reconciliation, in order of their keys."""
        ...

    def statement_totals(self, sandbox_id: str, day: date) -> dict[Standing, StandingTotal]:
        """All of them, by standing; standings without entries are missing."""
        ...


def receive_message(
    unit: PaymentUnit,
    sandbox_id: str,
    message: BankMessage,
    *,
    banks: Mapping[str, Bank],
    calendar: WorkingCalendar,
    real_now: datetime,
) -> tuple[Mapping[str, Any], bool]:
    """Take a bank's payment message.

    Args:
        unit: Locks the sandbox.
        sandbox_id: Whose documents.
        message: Read, not judged yet.
        banks: By code.
        calendar: Of the sandbox.
        real_now: The wall's time.

    Returns:
        The answer, made of JSON's own types, and whether it is that of an earlier delivery of the same message.

    Raises:
        ProblemError: `unknown-bank`, or `bank-message-reused`: the id came with another content before.
    """
    bank = _known_bank(banks, message.bank_code)
    sandbox = unit.lock_sandbox(sandbox_id)
    known = unit.answer_to(sandbox_id, message.bank_code, message.message_id)
    if known is not None:
        content_hash, answer = known
        if content_hash != message.content_hash:
            raise problem("bank-message-reused", message=message.message_id)
        return answer, True
    now = virtual_now(sandbox.clock, real_now)
    judged = _judge_lines(unit, sandbox, message, bank=bank, now=now, calendar=calendar)
    answer = _message_answer(message, now, judged)
    unit.keep_message(sandbox_id, message, now, answer)
    return answer, False


def deliver(
    unit: PaymentUnit,
    sandbox_id: str,
    message: BankMessage,
    *,
    banks: Mapping[str, Bank],
    calendar: WorkingCalendar,
    real_now: datetime,
) -> Mapping[str, Any]:
    """Take a message of our own pay page, which tells another instant each time that it sends the same choice.

    So its id alone says what is the same; otherwise as `receive_message`.
    """
    unit.lock_sandbox(sandbox_id)
    known = unit.answer_to(sandbox_id, message.bank_code, message.message_id)
    if known is not None:
        return known[1]
    return receive_message(unit, sandbox_id, message, banks=banks, calendar=calendar, real_now=real_now)[0]


def _known_bank(banks: Mapping[str, Bank], code: str) -> Bank:
    if code not in banks:
        raise problem("unknown-bank", bank=code, errors=[{"pointer": "/bank", "code": "unknown-bank"}])
    return banks[code]


def _judge_lines(
    unit: PaymentUnit, sandbox: Sandbox, message: BankMessage, *, bank: Bank, now: datetime, calendar: WorkingCalendar
) -> list[tuple[DebitLine, Verdict]]:
    """Judge each line with what the lines before it have done, and write everything at once."""
    where = sandbox.sandbox_id
    documents = unit.lock_documents(
        where, {line.payment_id for line in message.lines if is_payment_id(line.payment_id)}
    )
    debits = unit.debits(where, bank.code, {line.debit_reference for line in message.lines})
    changed: dict[str, PaymentDocument] = {}
    told: dict[str, KnownDebit] = {}
    actions: list[tuple[int, RequestedAction]] = []
    judged: list[tuple[DebitLine, Verdict]] = []
    for line in message.lines:
        document, known = documents.get(line.payment_id), debits.get(line.debit_reference)
        verdict = judge(line, document=document, known=known, bank=bank, now=now, calendar=calendar)
        judged.append((line, verdict))
        if verdict.is_repeated or (known is not None and verdict.errors == (PaymentError.REFERENCE_USED,)):
            continue
        result = verdict.errors[0] if verdict.errors else verdict.outcome
        debits[line.debit_reference] = told[line.debit_reference] = KnownDebit(
            line, result, verdict.record_at, verdict.booked_on, message.message_id
        )
        if document is not None and not verdict.errors:
            action = _action(document, line, verdict)
            actions.append((document.partition, action))
            paid = _with_debit(document, line, verdict, bank, action.command_id)
            documents[line.payment_id] = changed[line.payment_id] = paid
    unit.save_documents(changed.values())
    unit.save_debits(where, bank.code, told.values())
    ask_processing(unit, where, actions, now)
    return judged


def _action(document: PaymentDocument, line: DebitLine, verdict: Verdict) -> RequestedAction:
    is_recorded = verdict.outcome is Outcome.RECORDED
    return RequestedAction(
        f"act_{secrets.token_hex(8)}",
        document.number,
        Action.PAY if is_recorded else Action.DEBIT,
        Actor.BANK,
        Reason.PAID if is_recorded else None,
        None,
        None,
        {"paid_at": _instant(line.paid_at), "payment_id": document.payment_id},
    )


def _with_debit(
    document: PaymentDocument, line: DebitLine, verdict: Verdict, bank: Bank, command_id: str
) -> PaymentDocument:
    is_recorded = verdict.outcome is Outcome.RECORDED
    return replace(
        document,
        state=PaymentState.PAID if is_recorded else PaymentState.DEBITED,
        paid_at=line.paid_at,
        recorded_at=verdict.record_at if is_recorded else None,
        recorded_by=Actor.BANK if is_recorded else None,
        bank_code=bank.code,
        debit_reference=line.debit_reference,
        command_id=command_id,
        booked_on=verdict.booked_on,
    )


def _message_answer(message: BankMessage, now: datetime, judged: Sequence[tuple[DebitLine, Verdict]]) -> dict[str, Any]:
    refused_count = sum(bool(verdict.errors) for _, verdict in judged)
    outcome = "accepted" if refused_count == 0 else "refused" if refused_count == len(judged) else "partly-refused"
    return {
        "bank": message.bank_code,
        "message_id": message.message_id,
        "received_at": _instant(now),
        "outcome": outcome,
        "results": [_line_answer(line, verdict) for line, verdict in judged],
    }


def _line_answer(line: DebitLine, verdict: Verdict) -> dict[str, Any]:
    return {
        "debit_reference": line.debit_reference,
        "payment_id": line.payment_id,
        "amount_vnd": line.amount_vnd,
        "paid_at": _instant(line.paid_at),
        "outcome": verdict.outcome.value,
        "record_at": _instant(verdict.record_at) if verdict.record_at else None,
        "errors": [error_answer(error) for error in verdict.errors],
    }


def error_answer(error: PaymentError) -> dict[str, Any]:
    """An error code as banks are sent it, with what it means and what to do."""
    meaning, advice = ERROR_TEXTS[error]
    return {
        "code": error.value,
        "name": error.name.lower().replace("_", "-"),
        "meaning": {"vi": meaning.vi, "en": meaning.en},
        "advice": {"vi": advice.vi, "en": advice.en},
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class QueryAnswer(NamedTuple):
    """What a bank's query is answered: the document's data if there is one, and whether it may be debited for."""

    document: PaymentDocument | None
    error: PaymentError | None


def query(payments: Payments, sandbox_id: str, payment_id: str) -> QueryAnswer:
    """Answer a bank that asks for a document by its identification number (art. 17.2d)."""
    if not is_payment_id(payment_id):
        return QueryAnswer(None, PaymentError.MISTYPED_NUMBER)
    document = payments.document(sandbox_id, payment_id)
    if document is None:
        return QueryAnswer(None, PaymentError.UNKNOWN_NUMBER)
    return QueryAnswer(document, error_of_state(document.state))


def cancel_debit(
    unit: PaymentUnit, sandbox_id: str, bank_code: str, reference: str, banks: Mapping[str, Bank]
) -> tuple[KnownDebit | None, PaymentError | None]:
    """Let a bank take a debit back that customs refused to record; what was confirmed stays (art. 10.9).

    Returns:
        The debit, and why it can't be taken back; repeating a cancellation is fine.

    Raises:
        ProblemError: `unknown-bank`.
    """
    _known_bank(banks, bank_code)
    unit.lock_sandbox(sandbox_id)
    debit = unit.debits(sandbox_id, bank_code, [reference]).get(reference)
    if debit is None:
        return None, PaymentError.UNKNOWN_DEBIT
    if debit.result == CANCELLED:
        return debit, None
    if debit.is_accepted and _holds(unit, sandbox_id, bank_code, debit):
        return debit, PaymentError.CONFIRMED
    cancelled = replace(debit, result=CANCELLED)
    unit.save_debits(sandbox_id, bank_code, [cancelled])
    return cancelled, None


def _holds(unit: PaymentUnit, sandbox_id: str, bank_code: str, debit: KnownDebit) -> bool:
    """Whether a document is still paid by a debit that was accepted: the dossier may have ended first."""
    document = unit.lock_documents(sandbox_id, [debit.line.payment_id]).get(debit.line.payment_id)
    return document is not None and document.is_paid_by(bank_code, debit.line.debit_reference)


@dataclass(frozen=True, slots=True)
class Statement:
    """The Treasury's statement of a day, with customs' reconciliation."""

    day: date
    available_at: datetime
    totals: Mapping[Standing, StandingTotal]
    entries: Sequence[StatementEntry]  #: a page, and one entry more when there are others behind it


def statement(
    payments: Payments,
    sandbox: Sandbox,
    day: date,
    *,
    standing: Standing | None,
    after: str | None,
    limit: int,
    calendar: WorkingCalendar,
    now: datetime,
) -> Statement:
    """Read a day's statement; it is derived from what banks have told and customs has recorded until now.

    Raises:
        ProblemError: `statement-not-ready`, or `statement-unknown-day`: it is beyond the calendar.
    """
    try:
        available_at = statement_available_at(day, calendar)
    except (OutsideCalendarError, OverflowError) as error:
        raise problem("statement-unknown-day", day=day.isoformat()) from error
    if now < available_at:
        raise problem(
            "statement-not-ready",
            day=day.isoformat(),
            available=_instant(available_at),
            extra={"available_at": _instant(available_at)},
        )
    totals = payments.statement_totals(sandbox.sandbox_id, day)
    entries = payments.statement(sandbox.sandbox_id, day, standing, after, limit + 1)
    return Statement(day, available_at, totals, entries)
