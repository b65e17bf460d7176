"""Payment documents as JSON."""

from datetime import datetime
from typing import Any

from services.contracts.form_fields import FieldKind
from services.contracts.identifiers import format_dossier_id
from services.contracts.timeliness import vietnamese_day
from services.law.calendar import WorkingCalendar
from services.portal.api.answers import label
from services.portal.api.context import parts
from services.portal.application.pay_links import pay_url
from services.portal.domain.payments.payments import KIND_LABELS, STATE_LABELS, PaymentDocument, due_at, late_interest
from services.portal.domain.sandbox import Dossier


def payment_resource(document: PaymentDocument, now: datetime, calendar: WorkingCalendar) -> dict[str, Any]:
    """A payment document."""
    late = late_interest(document, now, calendar)
    return {
        "payment_id": document.payment_id,
        "form": document.kind.form,
        "kind": document.kind,
        "kind_label": label(KIND_LABELS[document.kind]),
        "state": document.state,
        "state_label": label(STATE_LABELS[document.state]),
        "status_code": document.status_code,
        "dossier_id": format_dossier_id(document.number, vietnamese_day(document.filed_at)),
        "procedure": document.procedure_id,
        "office": document.office_code,
        "payer": {"identifier": document.applicant_id, "name": document.applicant_name},
        "amount_vnd": document.amount_vnd,
        "account": document.account,
        "issued_at": document.issued_at,
        "due_at": due_at(document, calendar),
        "late_interest": {"days": late.days, "amount_vnd": late.amount_vnd} if late else None,
        "paid_at": document.paid_at,
        "recorded_at": document.recorded_at,
        "recorded_by": document.recorded_by,
        "bank": document.bank_code,
        "debit_reference": document.debit_reference,
        "booked_on": document.booked_on,
        "cancelled_at": document.closed_at,
        "pay_url": pay_url_of(document),
    }


def full_resource(document: PaymentDocument, now: datetime, calendar: WorkingCalendar) -> dict[str, Any]:
    """A payment document with the declaration that the dossier is about."""
    return {**payment_resource(document, now, calendar), "declaration_number": declaration_number(document)}


def declaration_number(document: PaymentDocument) -> str | None:
    """Number of the declaration in the dossier's form; None when its procedure asks for none."""
    procedure = parts().catalogue.procedures.get(document.procedure_id)
    names = [field.name for field in procedure.form if field.kind is FieldKind.DECLARATION_NUMBER] if procedure else []
    if not names:
        return None
    form = parts().reader.form(document.sandbox_id, document.number)
    return next((str(form[name]) for name in names if form.get(name)), None)


def pay_url_of(document: PaymentDocument) -> str:
    """Address of the document's hosted pay page."""
    settings = parts().settings
    return pay_url(settings.pages_url, settings.secret_key, document.sandbox_id, document.payment_id)


def payment_status(dossier: Dossier) -> dict[str, Any] | None:
    """How far a dossier's latest payment has come, as the national portal is told; None: nothing was asked for."""
    document = parts().payments.latest_documents(dossier.sandbox_id, [dossier.number]).get(dossier.number)
    if document is None:
        return None
    return {
        "status_code": document.status_code,
        "payment_id": document.payment_id,
        "state": document.state,
        "amount_vnd": document.amount_vnd,
        "paid_at": document.paid_at,
        "pay_url": pay_url_of(document),
    }
