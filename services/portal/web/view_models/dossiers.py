"""Dossiers as the list and the page of one dossier show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.contracts.catalogue import Catalogue, Office, Procedure
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.labels import AUTHORITY_LEVEL_LABELS, REFUSAL_LABELS, Label
from services.contracts.vocabulary import Action, Actor, ApplicantKind, Channel, Reason, Refusal, Status
from services.law.deadlines import StepDue
from services.portal.application.deadline_history import DeadlineHistory
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Dossier, TimelineEntry
from services.portal.web import words
from services.portal.web.language import current_language, gettext, in_words
from services.portal.web.view_models.deadlines import DeadlineView, deadline_view
from services.portal.web.view_models.details import DetailRow, detail_rows

#: Stands for the name of an office that the catalogue doesn't know any more.
_UNKNOWN: Final = "—"


def procedure_name(procedure: Procedure) -> str:
    """In the language of the page."""
    return procedure.name_vi if current_language() == "vi" else procedure.name_en


def field_label(field: FormField) -> str:
    """In the language of the page."""
    return field.label_vi if current_language() == "vi" else field.label_en


@dataclass(frozen=True, slots=True)
class DossierRow:
    """A dossier in a list."""

    dossier_id: str
    number: int
    status: Status
    procedure: Procedure
    office_code: str
    office_name: str  #: Vietnamese; offices have no other name
    applicant_id: str
    applicant_name: str
    filed_at: datetime
    deadline: DeadlineView


def dossier_row(dossier: Dossier, catalogue: Catalogue, now: datetime) -> DossierRow:
    """From the read model."""
    procedure = catalogue.procedures[dossier.procedure_id]
    return DossierRow(
        dossier_id=dossier_id(dossier),
        number=dossier.number,
        status=Status(dossier.status),
        procedure=procedure,
        office_code=dossier.office_code,
        office_name=office_name(catalogue, dossier.office_code),
        applicant_id=dossier.applicant_id,
        applicant_name=dossier.applicant_name,
        filed_at=dossier.filed_at,
        deadline=deadline_view(dossier, procedure, now),
    )


def office_name(catalogue: Catalogue, code: str) -> str:
    """The office's Vietnamese name; a dash when the catalogue doesn't know it."""
    office: Office | None = catalogue.offices.get(code)
    return office.name_vi if office else _UNKNOWN


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One thing that happened, or was refused."""

    action: Action
    actor: Actor
    status_before: Status | None
    status: Status
    reason: Reason | None
    note: str | None
    occurred_at: datetime
    recorded_at: datetime
    due_at: datetime | None  #: when this step changed what is due
    refusal: str | None  #: why it was refused, in words
    details: Sequence[DetailRow]  #: what it brought beside


def timeline_steps(entries: Sequence[TimelineEntry], procedure: Procedure) -> list[TimelineStep]:
    """In the order in which things happened; the due instant stands only where it changed."""
    steps, known_due_at = [], None
    for entry in entries:
        steps.append(
            TimelineStep(
                action=Action(entry.action),
                actor=Actor(entry.actor),
                status_before=None if entry.status_before is None else Status(entry.status_before),
                status=Status(entry.status),
                reason=Reason(entry.reason) if entry.reason else None,
                note=entry.note,
                occurred_at=entry.occurred_at,
                recorded_at=entry.recorded_at,
                due_at=None if entry.refusal or entry.due_at == known_due_at else entry.due_at,
                refusal=_refusal_words(entry.refusal) if entry.refusal else None,
                details=detail_rows(entry.action, entry.detail, procedure),
            )
        )
        known_due_at = known_due_at if entry.refusal else entry.due_at
    return steps


def _refusal_words(refusal: str) -> str:
    return f"{in_words(REFUSAL_LABELS[Refusal(refusal)])}."


@dataclass(frozen=True, slots=True)
class FormRow:
    """One filled-in field."""

    label: str
    value: str
    is_vietnamese: bool = False  #: the value is Vietnamese whatever the language of the page


def form_rows(form: Mapping[str, Any], procedure: Procedure, catalogue: Catalogue) -> list[FormRow]:
    """Filled-in fields in the order of the form; then whatever the form doesn't know."""
    fields = {field.name: field for field in procedure.form}
    filled_in = {name: value for name, value in form.items() if value is not None}
    rows = [_form_row(field, filled_in[name], catalogue) for name, field in fields.items() if name in filled_in]
    return rows + [FormRow(name, str(value)) for name, value in filled_in.items() if name not in fields]


def _form_row(field: FormField, value: Any, catalogue: Catalogue) -> FormRow:
    label = field_label(field)
    if field.kind is FieldKind.OFFICE_CODE:
        return FormRow(label, f"{value} · {office_name(catalogue, str(value))}", is_vietnamese=True)
    if field.kind is FieldKind.TEXT:
        return FormRow(label, str(value), is_vietnamese=True)
    return FormRow(label, _value_words(field, value))


def _value_words(field: FormField, value: Any) -> str:
    if field.kind is FieldKind.BOOLEAN:
        return gettext("Yes") if value else gettext("No")
    if field.kind is FieldKind.MONEY_VND:
        return words.dong(value)
    if field.kind is FieldKind.INTEGER:
        return words.number(value)
    if field.kind is FieldKind.DATE:
        return words.day_of_iso(value)
    if field.kind is FieldKind.CHOICE:
        labels = {choice.value: Label(choice.label_vi, choice.label_en) for choice in field.choices}
        return words.choice(labels, str(value))
    return str(value)


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of the limit or a milestone within one."""

    name: str
    is_milestone: bool
    limit: str
    due_at: datetime | None
    completed_at: datetime | None


def step_rows(steps: Sequence[StepDue]) -> list[StepRow]:
    """All that is due within a limit of several parts; empty for a limit of one."""
    if len(steps) < 2:
        return []
    return [
        StepRow(
            name=in_words(Label(step.name_vi, step.name_en)),
            is_milestone=step.within is not None,
            limit=words.limit(step.limit),
            due_at=step.due_at,
            completed_at=step.completed_at,
        )
        for step in steps
    ]


@dataclass(frozen=True, slots=True)
class DossierPage:
    """Everything about one dossier."""

    row: DossierRow
    channel: Channel
    applicant_kind: ApplicantKind
    received_at: datetime | None
    resolved_at: datetime | None
    status_at: datetime
    recorded_at: datetime
    is_filed_ahead: bool  #: filed for an instant that the clock hasn't come to yet
    form: list[FormRow]
    timeline: list[TimelineStep]
    limit: str | None  #: that holds for it, as extended; `None`: none, or not received
    limit_article: str
    steps: list[StepRow]
    forwarded_to: str | None


def dossier_page(  # noqa: PLR0917 - what the read model has of it
    dossier: Dossier,
    form: Mapping[str, Any],
    timeline: Sequence[TimelineEntry],
    history: DeadlineHistory,
    catalogue: Catalogue,
    now: datetime,
) -> DossierPage:
    """Put together what the read model has."""
    row = dossier_row(dossier, catalogue, now)
    level = history.authority_level
    return DossierPage(
        row=row,
        channel=Channel(dossier.channel),
        applicant_kind=ApplicantKind(dossier.applicant_kind),
        received_at=dossier.received_at,
        resolved_at=dossier.resolved_at,
        status_at=dossier.status_at,
        recorded_at=dossier.recorded_at,
        is_filed_ahead=dossier.filed_at > now,
        form=form_rows(form, row.procedure, catalogue),
        timeline=timeline_steps(timeline, row.procedure),
        limit=words.limit(history.limit) if history.limit else None,
        limit_article=history.deadline.rule.article if history.deadline else "",
        steps=step_rows(history.steps),
        forwarded_to=in_words(AUTHORITY_LEVEL_LABELS[level]) if level else None,
    )
