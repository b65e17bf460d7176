"""Payments in memory: `Payments` over dictionaries, for tests of pages without a database."""

# ruff: noqa: ARG002 - the fakes keep the signatures of the ports

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

from services.contracts.commands import RequestedAction
from services.contracts.timeliness import vietnamese_day
from services.portal.application.payments import (
    BankMessage,
    DocumentFilter,
    PaymentUnit,
    Standing,
    StandingTotal,
    StatementEntry,
)
from services.portal.application.ports import NewCommand
from services.portal.domain.payments.bank_messages import KnownDebit
from services.portal.domain.payments.payments import PaymentDocument, PaymentKind, make_payment_id
from services.portal.domain.sandbox import Dossier, Sandbox


def a_document_of(dossier: Dossier, **changes: Any) -> PaymentDocument:
    """Duty that was asked for when the dossier came into its status."""
    document = PaymentDocument(
        sandbox_id=dossier.sandbox_id,
        payment_id=make_payment_id(PaymentKind.TAX, vietnamese_day(dossier.status_at), dossier.number, 1),
        number=dossier.number,
        filed_at=dossier.filed_at,
        ordinal=1,
        partition=dossier.partition,
        kind=PaymentKind.TAX,
        amount_vnd=12_500_000,
        applicant_id=dossier.applicant_id,
        applicant_name=dossier.applicant_name,
        procedure_id=dossier.procedure_id,
        office_code=dossier.office_code,
        issued_at=dossier.status_at,
    )
    return replace(document, **changes)


class MemoryPayments:
    """`Payments` and its own unit; everything is there at once, nothing is undone."""

    def __init__(self, sandbox: Sandbox, documents: Iterable[PaymentDocument]) -> None:
        self.known_sandbox = sandbox
        self.known = {document.payment_id: document for document in documents}
        self.messages: dict[tuple[str, str], tuple[bytes, Mapping[str, Any]]] = {}
        self.told: dict[tuple[str, str], KnownDebit] = {}
        self.commands: list[NewCommand] = []

    @contextmanager
    def unit(self) -> Iterator[PaymentUnit]:
        yield cast("PaymentUnit", _MemoryUnit(self))

    def document(self, sandbox_id: str, payment_id: str) -> PaymentDocument | None:
        found = self.known.get(payment_id)
        return found if found and found.sandbox_id == sandbox_id else None

    def documents(self, sandbox_id: str, wanted: DocumentFilter, limit: int) -> list[PaymentDocument]:
        return [self.known[payment_id] for payment_id in sorted(self.known)][:limit]

    def latest_documents(self, sandbox_id: str, numbers: Iterable[int]) -> dict[int, PaymentDocument]:
        wanted = set(numbers)
        found = sorted(self.known.values(), key=lambda document: document.ordinal)
        return {one.number: one for one in found if one.sandbox_id == sandbox_id and one.number in wanted}

    def answer_to(self, sandbox_id: str, bank_code: str, message_id: str) -> Mapping[str, Any] | None:
        known = self.messages.get((bank_code, message_id))
        return known[1] if known else None

    def statement(
        self, sandbox_id: str, day: date, standing: Standing | None, after: str | None, limit: int
    ) -> list[StatementEntry]:
        return []

    def statement_totals(self, sandbox_id: str, day: date) -> dict[Standing, StandingTotal]:
        return {}


class _MemoryUnit:
    def __init__(self, payments: MemoryPayments) -> None:
        self._payments = payments

    def lock_sandbox(self, sandbox_id: str) -> Sandbox:
        return self._payments.known_sandbox

    def answer_to(self, sandbox_id: str, bank_code: str, message_id: str) -> tuple[bytes, Mapping[str, Any]] | None:
        return self._payments.messages.get((bank_code, message_id))

    def keep_message(
        self, sandbox_id: str, message: BankMessage, received_at: datetime, answer: Mapping[str, Any]
    ) -> None:
        self._payments.messages[message.bank_code, message.message_id] = (message.content_hash, answer)

    def lock_documents(self, sandbox_id: str, payment_ids: Iterable[str]) -> dict[str, PaymentDocument]:
        return {name: self._payments.known[name] for name in payment_ids if name in self._payments.known}

    def save_documents(self, documents: Iterable[PaymentDocument]) -> None:
        self._payments.known.update({document.payment_id: document for document in documents})

    def debits(self, sandbox_id: str, bank_code: str, references: Iterable[str]) -> dict[str, KnownDebit]:
        told = self._payments.told
        return {name: told[bank_code, name] for name in references if (bank_code, name) in told}

    def save_debits(self, sandbox_id: str, bank_code: str, debits: Iterable[KnownDebit]) -> None:
        self._payments.told.update({(bank_code, debit.line.debit_reference): debit for debit in debits})

    def add_requested_actions(self, sandbox_id: str, actions: Iterable[RequestedAction]) -> None:
        pass

    def append(self, sandbox_id: str, commands: Sequence[NewCommand]) -> Mapping[int, int]:
        self._payments.commands += commands
        return {}
