"""What the deadline route answers."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.contracts.catalogue import AuthorityLevel, SilenceOutcome, TimeUnit
from services.contracts.timeliness import Timeliness
from services.law.effects import DeadlineEffect
from services.law.phrases import Basis
from services.law.reckoning import EntryKind
from services.portal.api.schemas import LabelSchema, TimeLimitSchema
from services.portal.api.strict_fields import StrictSchema


def _maybe_instant(text: str) -> Any:
    return fields.DateTime(required=True, allow_none=True, metadata={"description": text})


class DeadlineQuerySchema(StrictSchema):
    """How much to say."""

    explain = fields.String(
        load_default="false",
        validate=validate.OneOf(["true", "false"]),
        metadata={"description": "Also each day or span: counted or not, by which rule, article and calendar entry."},
    )


class RuleSchema(Schema):
    """The statutory limit that holds."""

    rule_id = fields.String(required=True)
    article = fields.String(required=True)
    in_force_from = fields.Date(required=True, allow_none=True)
    in_force_until = fields.Date(required=True, allow_none=True)
    when = fields.Dict(required=True, metadata={"description": "Traits of the dossiers that it is for."})


class SuspensionSchema(Schema):
    """A span in which the limit doesn't run."""

    started_at = fields.DateTime(required=True)
    ended_at = _maybe_instant("Null: it stands still.")


class StepSchema(Schema):
    """A step of the limit, or a milestone within it."""

    step_id = fields.String(required=True)
    within = fields.String(required=True, allow_none=True, metadata={"description": "Step of a milestone."})
    name = fields.Nested(LabelSchema, required=True)
    limit = fields.Nested(TimeLimitSchema, required=True)
    article = fields.String(required=True)
    started_at = _maybe_instant("From when it runs.")
    due_at = _maybe_instant("Null while it stands still.")
    completed_at = _maybe_instant("Null: not done; the last step ends with the decision.")


class ExtensionSchema(Schema):
    """An extension that was given."""

    step_id = fields.String(required=True)
    limit = fields.Nested(TimeLimitSchema, required=True, metadata={"description": "The step's whole limit since."})
    article = fields.String(required=True)
    granted_at = fields.DateTime(required=True)


class TermSchema(Schema):
    """Something to be done beside the limit."""

    due_at = fields.DateTime(required=True)
    limit = fields.Nested(TimeLimitSchema, required=True, allow_none=True)
    article = fields.String(required=True)
    done_at = _maybe_instant("Null: it wasn't, or not yet.")


class SilenceSchema(Schema):
    """Until when the applicant is waited for."""

    ends_at = fields.DateTime(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf([item.value for item in SilenceOutcome]))
    outcome_label = fields.Nested(LabelSchema, required=True)
    limit = fields.Nested(TimeLimitSchema, required=True)
    article = fields.String(required=True)


class TermsSchema(Schema):
    """Terms beside the limit; null where there is none now."""

    intake = fields.Nested(TermSchema, required=True, allow_none=True)
    handed_on = fields.Nested(TermSchema, required=True, allow_none=True)
    supplement_notice = fields.Nested(TermSchema, required=True, allow_none=True)
    silence = fields.Nested(SilenceSchema, required=True, allow_none=True)
    apology = fields.Nested(TermSchema, required=True, allow_none=True)


class TurnSchema(Schema):
    """What did something to the limit."""

    position = fields.Integer(required=True, metadata={"description": "In the timeline."})
    action = fields.String(required=True)
    effect = fields.String(required=True, validate=validate.OneOf([item.value for item in DeadlineEffect]))
    occurred_at = fields.DateTime(required=True)


class CalendarEntrySchema(Schema):
    """The calendar entry behind a day."""

    day = fields.Date(required=True)
    is_working = fields.Boolean(required=True)
    name = fields.String(required=True)
    source = fields.String(required=True)
    decision_number = fields.String(required=True, allow_none=True)


class EntrySchema(Schema):
    """A day, a run of like days, or a span of hours, and what it is to the limit."""

    kind = fields.String(required=True, validate=validate.OneOf([item.value for item in EntryKind]))
    from_at = fields.DateTime(required=True)
    until_at = _maybe_instant("Where the next one begins; null: it goes on.")
    from_on = fields.Date(required=True, metadata={"description": "First day of it in Vietnam."})
    to_on = fields.Date(required=True, allow_none=True, metadata={"description": "Last day."})
    counted = fields.Boolean(required=True)
    amount = fields.Float(required=True, metadata={"description": "Days; for limits in working hours minutes."})
    total = fields.Float(required=True, metadata={"description": "The count with it."})
    article = fields.String(required=True, allow_none=True)
    basis = fields.String(required=True, validate=validate.OneOf([item.value for item in Basis]))
    calendar_entry = fields.Nested(CalendarEntrySchema, required=True, allow_none=True)
    suspension = fields.Nested(SuspensionSchema, required=True, allow_none=True)
    text = fields.Nested(LabelSchema, required=True)


class ExplainedStepSchema(Schema):
    """A step or milestone: everything between its beginning and its end, without gap or overlap."""

    step_id = fields.String(required=True)
    within = fields.String(required=True, allow_none=True)
    name = fields.Nested(LabelSchema, required=True)
    article = fields.String(required=True)
    limit = fields.Nested(TimeLimitSchema, required=True)
    started_at = _maybe_instant("From when it runs.")
    entries = fields.List(fields.Nested(EntrySchema), required=True)
    counted = fields.Float(required=True, metadata={"description": "The sum of the entries, in days or minutes."})
    due_at = _maybe_instant("Where the last entry ends; null while it stands still.")
    completed_at = _maybe_instant("When it was done.")
    too_late = fields.List(
        fields.Nested(SuspensionSchema),
        required=True,
        metadata={"description": "Suspensions after the limit had ended, which changed nothing."},
    )
    text = fields.Nested(LabelSchema, required=True)


class ExplanationSchema(Schema):
    """How the due date came about."""

    received_at = fields.DateTime(required=True)
    started_at = fields.DateTime(required=True)
    restarted = fields.Nested(
        EntrySchema, required=True, allow_none=True, metadata={"description": "What a restart left behind."}
    )
    steps = fields.List(fields.Nested(ExplainedStepSchema), required=True)
    due_at = _maybe_instant("The last step's.")
    text = fields.Nested(LabelSchema, required=True)


class DeadlineSchema(Schema):
    """A dossier's deadline, derived from its timeline and the law."""

    dossier_id = fields.String(required=True)
    now = fields.DateTime(required=True)
    due_at = _maybe_instant("Null: not received, no limit, or it stands still.")
    new_date_at = _maybe_instant("The date that an apology put beside it.")
    is_overdue = fields.Boolean(required=True)
    timeliness = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([item.value for item in Timeliness])
    )
    is_suspended = fields.Boolean(required=True)
    limit = fields.Nested(TimeLimitSchema, required=True, allow_none=True)
    limit_unit = fields.String(
        required=True, allow_none=True, validate=validate.OneOf([unit.value for unit in TimeUnit])
    )
    rule = fields.Nested(RuleSchema, required=True, allow_none=True)
    received_at = _maybe_instant("Receipt.")
    started_at = _maybe_instant("From when it is counted: receipt, or the last supplement that restarted it.")
    steps = fields.List(fields.Nested(StepSchema), required=True)
    suspensions = fields.List(fields.Nested(SuspensionSchema), required=True)
    extensions = fields.List(fields.Nested(ExtensionSchema), required=True)
    turns = fields.List(fields.Nested(TurnSchema), required=True)
    terms = fields.Nested(TermsSchema, required=True)
    authority_level = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([level.value for level in AuthorityLevel]),
        metadata={"description": "The level that it was forwarded to last."},
    )
    explanation = fields.Nested(
        ExplanationSchema, required=True, allow_none=True, metadata={"description": "Only with explain=true."}
    )
