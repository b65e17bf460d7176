"""`/api/v1/payments` and `/api/v1/treasury`: documents, what banks ask and tell, the Treasury's statements.

A sandbox's key plays every part: customs, bank and Treasury. Signatures on messages (Circular 184/2015/TT-BTC art. 8.3)
aren't modelled.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from flask import Response
from marshmallow import RAISE

from services.contracts.identifiers import parse_dossier_id
from services.law.calendar import WorkingCalendar
from services.portal.api.answers import json_answer, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.context import parts, sandbox, sandbox_id, sandbox_now
from services.portal.api.payments import payments_schemas as schemas
from services.portal.api.payments.payment_answers import full_resource, payment_resource
from services.portal.application import payments
from services.portal.application.payments import (
    BankMessage,
    DocumentFilter,
    Standing,
    StandingTotal,
    Statement,
    StatementEntry,
    error_answer,
)
from services.portal.application.problems import problem
from services.portal.domain.payments.bank_messages import Bank, DebitLine, PaymentError
from services.portal.domain.payments.payments import PaymentState
from services.runtime.clock import real_now

blp = ApiBlueprint("payments", __name__, url_prefix="/api/v1", description="Payments, banks and the Treasury")

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOTHING: Final = StandingTotal(0, 0)


@blp.route("/payments", methods=["GET"])
@blp.arguments(schemas.PaymentQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.PaymentPageSchema)
def list_payments(query: dict[str, Any]) -> Response:
    """List payment documents, in order of their identification numbers."""
    number = _number_of(query["dossier"]) if "dossier" in query else None
    wanted = DocumentFilter(
        state=PaymentState(query["state"]) if "state" in query else None,
        number=number,
        applicant_id=query.get("applicant"),
        after=query.get("cursor"),
    )
    found = parts().payments.documents(sandbox_id(), wanted, query["limit"] + 1)
    page, rest = found[: query["limit"]], found[query["limit"] :]
    now, calendar = _now_and_calendar()
    items = [payment_resource(document, now, calendar) for document in page]
    return respond(json_answer({"items": items, "next_cursor": page[-1].payment_id if rest else None}))


@blp.route("/payments/banks", methods=["GET"])
@blp.response(200, schemas.BankListSchema)
def list_banks() -> Response:
    """List the banks that payers can choose, with their cut-off times."""
    return respond(json_answer({"items": [_bank_resource(bank) for bank in parts().banks.values()]}))


@blp.route("/payments/error-codes", methods=["GET"])
@blp.response(200, schemas.PaymentErrorListSchema)
def list_error_codes() -> Response:
    """List the error codes that banks are answered, with what each means and what to do."""
    return respond(json_answer({"items": [error_answer(error) for error in PaymentError]}))


@blp.route("/payments/bank/queries", methods=["POST"])
@blp.arguments(schemas.BankQuerySchema)
@blp.response(200, schemas.BankQueryAnswerSchema)
def query_payment(data: dict[str, Any]) -> Response:
    """Answer a bank that asks for a document: all of its data, or the error code to report."""
    _check_bank(data["bank"])
    found = payments.query(parts().payments, sandbox_id(), data["payment_id"])
    now, calendar = _now_and_calendar()
    body = {
        "payment_id": data["payment_id"],
        "may_be_paid": found.error is None,
        "document": full_resource(found.document, now, calendar) if found.document else None,
        "error": error_answer(found.error) if found.error else None,
    }
    return respond(json_answer(body))


@blp.route("/payments/bank/messages", methods=["POST"])
@blp.arguments(schemas.PaymentMessageSchema)
@blp.response(200, schemas.MessageAnswerSchema)
def receive_payment_message(data: dict[str, Any]) -> Response:
    """Take a bank's payment message: each line is recorded, or refused with error codes; sent again, answered alike."""
    message = BankMessage(
        bank_code=data["bank"],
        message_id=data["message_id"],
        lines=tuple(_line(line) for line in data["payments"]),
    )
    # Asked for before the transaction, which must not wait for a second connection.
    calendar = parts().calendars.of_sandbox(sandbox_id())
    with parts().payments.unit() as unit:
        answer, is_repeated = payments.receive_message(
            unit, sandbox_id(), message, banks=parts().banks, calendar=calendar, real_now=real_now()
        )
    return respond(json_answer(answer, headers={"Idempotency-Replayed": "true"} if is_repeated else None))


@blp.route("/payments/bank/cancellations", methods=["POST"])
@blp.arguments(schemas.CancellationRequestSchema)
@blp.response(200, schemas.CancellationSchema)
def cancel_debit(data: dict[str, Any]) -> Response:
    """Let a bank take back a debit that wasn't recorded; what the gateway has confirmed stays."""
    with parts().payments.unit() as unit:
        _, error = payments.cancel_debit(unit, sandbox_id(), data["bank"], data["debit_reference"], parts().banks)
    body = {
        "bank": data["bank"],
        "debit_reference": data["debit_reference"],
        "outcome": "refused" if error else "cancelled",
        "error": error_answer(error) if error else None,
    }
    return respond(json_answer(body))


@blp.route("/payments/bank/messages/<string:bank>/<string:message_id>", methods=["GET"])
@blp.response(200, schemas.MessageAnswerSchema)
def read_message_answer(bank: str, message_id: str) -> Response:
    """Read what a bank's message was answered."""
    is_id = all(text.isprintable() and text.isascii() for text in (bank, message_id))
    answer = parts().payments.answer_to(sandbox_id(), bank, message_id) if is_id else None
    if answer is None:
        raise problem("not-found", what="payment message", name=message_id)
    return respond(json_answer(answer))


@blp.route("/payments/<string:payment_id>", methods=["GET"])
@blp.response(200, schemas.FullPaymentSchema)
def read_payment(payment_id: str) -> Response:
    """Read a payment document."""
    document = parts().payments.document(sandbox_id(), payment_id)
    if document is None:
        raise problem("not-found", what="payment document", name=payment_id)
    return respond(json_answer(full_resource(document, *_now_and_calendar())))


@blp.route("/treasury/statements/<string:day>", methods=["GET"])
@blp.arguments(schemas.StatementQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.StatementSchema)
def read_statement(query: dict[str, Any], day: str) -> Response:
    """Read the Treasury's statement of a day with customs' reconciliation; there when the next working day opens."""
    here = sandbox()
    found = payments.statement(
        parts().payments,
        here,
        _day(day),
        standing=Standing(query["standing"]) if "standing" in query else None,
        after=query.get("cursor"),
        limit=query["limit"],
        calendar=parts().calendars.of_sandbox(here.sandbox_id),
        now=sandbox_now(here),
    )
    return respond(json_answer(_statement_resource(found, query["limit"])))


def _number_of(dossier_id: str) -> int:
    """A number that no dossier has when the id isn't one of ours."""
    parsed = parse_dossier_id(dossier_id)
    return parsed[0] if parsed and parsed[0] < 2**62 else 0


def _now_and_calendar() -> tuple[datetime, WorkingCalendar]:
    here = sandbox()
    return sandbox_now(here), parts().calendars.of_sandbox(here.sandbox_id)


def _check_bank(code: str) -> None:
    if code not in parts().banks:
        raise problem("unknown-bank", bank=code, errors=[{"pointer": "/bank", "code": "unknown-bank"}])


def _day(text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise problem("not-found", what="statement", name=text)


def _line(data: Mapping[str, Any]) -> DebitLine:
    return DebitLine(
        debit_reference=data["debit_reference"],
        payment_id=data["payment_id"],
        amount_vnd=data["amount_vnd"],
        tax_code=data["tax_code"],
        account=data["account"],
        paid_at=data["paid_at"],
        is_after_cut_off=data["after_cut_off"],
    )


def _bank_resource(bank: Bank) -> dict[str, Any]:
    cut_off = f"{bank.cut_off:%H:%M}" if bank.cut_off else None
    return {"code": bank.code, "name": {"vi": bank.name_vi, "en": bank.name_en}, "cut_off": cut_off}


def _statement_resource(found: Statement, limit: int) -> dict[str, Any]:
    page, rest = found.entries[:limit], found.entries[limit:]
    return {
        "day": found.day,
        "available_at": found.available_at,
        "totals": _totals_resource(found.totals),
        "items": [_entry_resource(entry) for entry in page],
        "next_cursor": page[-1].key if rest else None,
    }


def _totals_resource(totals: Mapping[Standing, StandingTotal]) -> dict[str, Any]:
    by_standing = {standing: totals.get(standing, _NOTHING) for standing in Standing}
    matched = by_standing[Standing.MATCHED]
    booked = _sum(matched, by_standing[Standing.DEBIT_WITHOUT_RECORD])
    recorded = _sum(matched, by_standing[Standing.RECORD_WITHOUT_DEBIT])
    return {
        "booked": booked._asdict(),
        "recorded": recorded._asdict(),
        "difference_vnd": booked.amount_vnd - recorded.amount_vnd,
        **{standing.value.replace("-", "_"): total._asdict() for standing, total in by_standing.items()},
    }


def _sum(one: StandingTotal, other: StandingTotal) -> StandingTotal:
    return StandingTotal(one.entry_count + other.entry_count, one.amount_vnd + other.amount_vnd)


def _entry_resource(entry: StatementEntry) -> dict[str, Any]:
    return {
        "standing": entry.standing,
        "payment_id": entry.payment_id,
        "bank": entry.bank_code,
        "debit_reference": entry.debit_reference,
        "amount_vnd": entry.amount_vnd,
        "paid_at": entry.paid_at,
        "booked_on": entry.booked_on,
        "recorded_at": entry.recorded_at,
        "result": entry.result,
    }
