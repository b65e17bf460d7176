"""Declarations, entries and events of the registers as JSON."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from services.contracts.identifiers import format_dossier_id
from services.contracts.labels import CUSTOMS_CHANNEL_LABELS
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import CustomsChannel, Status
from services.law.amendments import AFTER_GATE, AmendmentWindow
from services.law.calendar import WorkingCalendar
from services.law.terms import end_of_limit
from services.portal.api.answers import label
from services.portal.application.register_ports import LinkedDossier, RegisterLink
from services.portal.domain.registers.counterparts import (
    AMENDMENT_LABELS,
    AUDIT_ARTICLE,
    audit_terms,
    settlement_due_at,
)
from services.portal.domain.registers.declaration_history import branches_of, refunded_vnd
from services.portal.domain.registers.declarations import STATE_LABELS, Declaration, DeclarationKind
from services.portal.domain.registers.registers import (
    EVENT_LABELS,
    VIOLATION_LABELS,
    EventKind,
    Register,
    RegisterEntry,
    RegisterEvent,
    ViolationKind,
)


def name_of(number: int | None, filed_at: datetime | None) -> str | None:
    """A dossier's id; `None` when there is no dossier."""
    if number is None or filed_at is None:
        return None
    return format_dossier_id(number, vietnamese_day(filed_at))


def declaration_resource(declaration: Declaration, kinds: Mapping[str, DeclarationKind]) -> dict[str, Any]:
    """A declaration."""
    channel = CustomsChannel(declaration.channel) if declaration.channel else None
    kind = kinds.get(declaration.kind)
    return {
        "number": declaration.number,
        "branch": declaration.branch,
        "direction": declaration.direction,
        "kind": declaration.kind,
        "kind_label": label(kind.label) if kind else None,
        "office": declaration.office_code,
        "declarant": declaration.declarant_id,
        "customs_channel": channel,
        "customs_channel_label": label(CUSTOMS_CHANNEL_LABELS[channel]) if channel else None,
        "state": declaration.state,
        "state_label": label(STATE_LABELS[declaration.state]),
        "origin": declaration.origin,
        "registered_at": declaration.registered_at,
        "cleared_at": declaration.clearance_at,
        "cancelled_at": declaration.cancelled_at,
        "clearance_dossier_id": name_of(declaration.dossier_number, declaration.check_filed_at),
    }


def full_declaration(
    declaration: Declaration,
    kinds: Mapping[str, DeclarationKind],
    *,
    events: Sequence[RegisterEvent],
    dossiers: Sequence[LinkedDossier],
    about: Sequence[RegisterEntry],
    window: AmendmentWindow | None,
    calendar: WorkingCalendar,
) -> dict[str, Any]:
    """A declaration with everything that is known of it; events newest first."""
    entries = {
        register: [entry_resource(one, calendar) for one in about if one.register == register]
        for register in (Register.GATE_PASSAGE, Register.AUDIT, Register.VIOLATION)
    }
    return {
        **declaration_resource(declaration, kinds),
        "branches": [
            {
                "number": branch.number,
                "since": branch.since,
                "dossier_id": name_of(branch.dossier_number, branch.dossier_filed_at),
                "is_current": branch.number == declaration.number,
            }
            for branch in branches_of(declaration, events)
        ],
        "dossiers": [linked_resource(one) for one in dossiers],
        "events": [event_resource(one) for one in events],
        "amendment_window": window_resource(window) if window else None,
        "refunded_vnd": refunded_vnd(events),
        "gate_passages": entries[Register.GATE_PASSAGE],
        "audits": entries[Register.AUDIT],
        "violations": entries[Register.VIOLATION],
    }


def linked_resource(linked: LinkedDossier) -> dict[str, Any]:
    """A dossier that names an entry."""
    return {
        "dossier_id": name_of(linked.number, linked.filed_at),
        "field": linked.field,
        "procedure": linked.procedure_id,
        "status": Status(linked.status).slug,
    }


def named_resource(link: RegisterLink, current: Mapping[str, str]) -> dict[str, Any]:
    """An entry that a dossier names; `current`: numbers of declarations by what they are linked as."""
    return {"field": link.field, "register": link.register, "number": current.get(link.key, link.key)}


def window_resource(window: AmendmentWindow) -> dict[str, Any]:
    """How an amendment stands."""
    return {
        "is_penalised": window.penalised,
        "until": window.until,
        "rule": window.rule,
        "rule_label": label(AMENDMENT_LABELS[window.rule]),
        "article": window.article,
    }


def event_resource(event: RegisterEvent) -> dict[str, Any]:
    """Something that happened."""
    return {
        "position": event.position,
        "register": event.register,
        "key": event.key,
        "kind": event.kind,
        "kind_label": label(EVENT_LABELS[EventKind(event.kind)]),
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "dossier_id": name_of(event.dossier_number, event.dossier_filed_at),
        "detail": event.detail,
    }


def entry_resource(entry: RegisterEntry, calendar: WorkingCalendar) -> dict[str, Any]:
    """An entry of any of the small registers: what all have, what it holds, and what follows from it."""
    register = Register(entry.register)
    return {
        "number": entry.key,
        "enterprise": entry.holder_id,
        "declaration": None,  # its number at that time, when there is one: from the content
        "dossier_id": name_of(entry.dossier_number, entry.dossier_filed_at),
        "occurred_at": entry.occurred_at,
        **entry.data,
        **_FOLLOWING.get(register, _nothing)(entry, calendar),
    }


def _nothing(_: RegisterEntry, __: WorkingCalendar) -> dict[str, Any]:
    return {}


def _of_passage(entry: RegisterEntry, calendar: WorkingCalendar) -> dict[str, Any]:
    """Goods that went otherwise than declared: until when that can be amended freely."""
    until = end_of_limit(AFTER_GATE, entry.occurred_at, calendar) if entry.data["differs"] else None
    return {"amend_until": until}


def _of_audit(entry: RegisterEntry, calendar: WorkingCalendar) -> dict[str, Any]:
    terms = audit_terms(entry.occurred_at, calendar)
    return {
        "decided_at": entry.occurred_at,
        "sent_by": terms.sent_by,
        "starts_at": terms.starts_at,
        "ends_by": terms.ends_by,
        "concluded_by": terms.concluded_by,
        "article": AUDIT_ARTICLE,
    }


def _of_violation(entry: RegisterEntry, _: WorkingCalendar) -> dict[str, Any]:
    return {"kind_label": label(VIOLATION_LABELS[ViolationKind(entry.data["kind"])])}


def _of_report(entry: RegisterEntry, _: WorkingCalendar) -> dict[str, Any]:
    """Instants as all others are told."""
    return {name: datetime.fromisoformat(entry.data[name]) for name in ("filed_at", "due_at") if name in entry.data}


def _of_facility(entry: RegisterEntry, calendar: WorkingCalendar) -> dict[str, Any]:
    """When the report of the year under way is due, for an enterprise whose financial year is the calendar year."""
    year_ends = date(vietnamese_day(entry.occurred_at).year, 12, 31)
    return {"first_report_due_at": settlement_due_at(year_ends, calendar)}


_FOLLOWING = {
    Register.GATE_PASSAGE: _of_passage,
    Register.AUDIT: _of_audit,
    Register.VIOLATION: _of_violation,
    Register.FACILITY: _of_facility,
    Register.SETTLEMENT_REPORT: _of_report,
}
