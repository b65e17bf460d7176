"""What the API takes and gives, as the OpenAPI document shows it; bodies that come in are validated with these."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.contracts.catalogue import AuthorityLevel, Sector, TimeUnit
from services.contracts.timeliness import Timeliness
from services.contracts.vocabulary import STATUS_BY_SLUG, Action, Actor, ClockMode, Reason
from services.portal.api.forms import OFFICE_CODE_PATTERN
from services.portal.api.strict_fields import DURATION_PATTERN, Day, Duration, Instant, StrictSchema, Text, Truth, Whole
from services.portal.application.lifecycle_guide import PEOPLE

#: Actions that people take; a dossier is filed by filing it.
ACTIONS_OF_PEOPLE = frozenset(Action) - {Action.SUBMIT, Action.RESOLVE_AT_ONCE, Action.DEBIT, Action.RESCHEDULE}

#: Ids of procedures.
PROCEDURE_PATTERN = r"^[a-z0-9-]{1,100}$"
PROCEDURES_PATTERN = r"^[a-z0-9-]{1,100}(,[a-z0-9-]{1,100}){0,199}$"

#: Real seconds that a request may wait for an effect.
LONGEST_WAIT_SECONDS = 300


def _instant(**metadata: Any) -> dict[str, Any]:
    return {"type": "string", "format": "date-time", **metadata}


class ClockRequestSchema(StrictSchema):
    """How a clock shall run."""

    mode = fields.String(
        required=True,
        validate=validate.OneOf([mode.value for mode in ClockMode]),
        metadata={"description": "`real`, `scaled` or `manual`.", "example": "manual"},
    )
    speed = Whole(
        load_default=1,
        validate=validate.Range(min=1, max=1_000_000),
        metadata={"type": "integer", "description": "Virtual seconds a real second, for `scaled`."},
    )
    now = Instant(
        load_default=None,
        metadata=_instant(description="Where the clock shall stand; never before where it stands already."),
    )


class AdvanceRequestSchema(StrictSchema):
    """How far to move a manual clock: exactly one of `by` and `to`."""

    by = Duration(
        load_default=None,
        metadata={
            "type": "string",
            "pattern": DURATION_PATTERN,
            "description": "ISO 8601 duration; a day is 24 hours.",
            "example": "P60D",
        },
    )
    to = Instant(load_default=None, metadata=_instant(description="Instant to move to."))
    wait_seconds = Whole(
        load_default=60,
        validate=validate.Range(min=0, max=LONGEST_WAIT_SECONDS),
        metadata={"type": "integer", "description": "Real seconds to wait until everything due has happened."},
    )

    @validates_schema
    def _exactly_one(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("by") is None) == (data.get("to") is None):
            raise ValidationError("Give exactly one of `by` and `to`.")


class SettleRequestSchema(StrictSchema):
    """How long to wait, and for what."""

    sequences = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^(0|[1-9][0-9]?)$")),
        values=Whole(validate=validate.Range(min=0, max=2**62), metadata={"type": "integer"}),
        load_default=None,
        metadata={
            "description": "As an earlier answer gave them: waits for what had been asked by then, whatever was asked"
            " since. Without: for everything asked so far.",
            "example": {"0": 12, "1": 12},
        },
    )
    wait_seconds = Whole(
        load_default=60,
        validate=validate.Range(min=0, max=LONGEST_WAIT_SECONDS),
        metadata={"type": "integer", "description": "Real seconds to wait."},
    )
    counted = Truth(
        load_default=True,
        metadata={"type": "boolean", "description": "Whether to wait until statistics show it, too."},
    )


class ActionRequestSchema(StrictSchema):
    """What somebody wants done."""

    action = fields.String(
        required=True,
        validate=validate.OneOf([action.value for action in Action if action in ACTIONS_OF_PEOPLE]),
        metadata={"example": "receive"},
    )
    actor = fields.String(
        required=True,
        validate=validate.OneOf([actor.value for actor in Actor if actor in PEOPLE]),
        metadata={
            "description": "Who acts; the clock, the system and the bank can't be asked for.",
            "example": "officer",
        },
    )
    reason = fields.String(
        load_default=None,
        validate=validate.OneOf([reason.value for reason in Reason]),
        metadata={"example": "complete"},
    )
    note = Text(load_default=None, validate=validate.Length(max=1000), metadata={"description": "Free text."})
    detail = fields.Dict(
        keys=fields.String(),
        load_default=None,
        allow_none=True,
        metadata={"description": "What the action needs beside: an object of its own for some, nothing for most."},
    )


class ActionLineSchema(ActionRequestSchema):
    """An action in a line of its own: which dossier, and what a single action takes."""

    dossier_id = Text(
        required=True, validate=validate.Length(max=60), metadata={"example": "000.00.00.G12-180605-000001"}
    )
    version = Whole(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=0, max=2**62),
        metadata={
            "type": ["integer", "null"],
            "description": "Refuse it if the dossier has changed since.",
        },
    )


class DossierQuerySchema(StrictSchema):
    """Which dossiers to list."""

    status = fields.String(
        validate=validate.OneOf(sorted(STATUS_BY_SLUG)), metadata={"description": "Only this status."}
    )
    procedure = fields.String(
        validate=validate.Regexp(PROCEDURES_PATTERN),
        metadata={"description": "Procedure id; or several, with commas between."},
    )
    office = fields.String(validate=validate.Regexp(OFFICE_CODE_PATTERN), metadata={"description": "Office code."})
    applicant = fields.String(
        validate=validate.Regexp(r"^[0-9]{9,12}(-[0-9]{3})?$"), metadata={"description": "Tax code or personal number."}
    )
    overdue = fields.String(
        validate=validate.OneOf(["true", "false"]), metadata={"description": "Past due and not resolved."}
    )
    timeliness = fields.String(
        validate=validate.OneOf([item.value for item in Timeliness]),
        metadata={"description": "Only with a result: how that stood against the due date, such as `overdue`."},
    )
    sector = fields.String(
        validate=validate.OneOf([item.value for item in Sector]), metadata={"description": "Sector of the procedure."}
    )
    authority_level = fields.String(
        validate=validate.OneOf([item.value for item in AuthorityLevel]),
        metadata={"description": "Lowest level that may decide the procedure."},
    )
    limit = fields.Integer(
        load_default=50, validate=validate.Range(min=1, max=500), metadata={"description": "Page size."}
    )
    cursor = fields.String(
        validate=validate.Regexp(r"^n[1-9][0-9]{0,17}$"), metadata={"description": "`next_cursor` of the page before."}
    )


class OfficeQuerySchema(StrictSchema):
    """Which offices to list."""

    department = fields.String(
        validate=validate.Regexp(r"^[0-9A-Z]{2}$"), metadata={"description": "Department code, such as 30."}
    )


class StatisticsQuerySchema(StrictSchema):
    """Which counts."""

    group_by = fields.String(
        load_default="procedure",
        validate=validate.OneOf(["none", "procedure", "office", "level", "channel", "day"]),
        metadata={"description": "A row for each."},
    )
    procedure = fields.String(
        validate=validate.Regexp(PROCEDURE_PATTERN), metadata={"description": "Only this procedure."}
    )
    office = fields.String(validate=validate.Regexp(OFFICE_CODE_PATTERN), metadata={"description": "Only this office."})
    level = fields.Integer(validate=validate.Range(min=1, max=4), metadata={"description": "Only this level."})
    channel = fields.String(
        validate=validate.OneOf(["in-person", "online", "post"]), metadata={"description": "Only this channel."}
    )
    from_ = Day(
        data_key="from",
        metadata={"type": "string", "format": "date", "description": "First day (Vietnam) of the period."},
    )
    until = Day(metadata={"type": "string", "format": "date", "description": "Last day of the period."})


class LabelSchema(Schema):
    """A name in both languages."""

    vi = fields.String(required=True)
    en = fields.String(required=True)


class ClockSchema(Schema):
    """A clock."""

    mode = fields.String(required=True)
    speed = fields.Integer(required=True)
    now = fields.DateTime(required=True)


class SettledClockSchema(ClockSchema):
    """A clock, and whether everything it was told has happened."""

    is_settled = fields.Boolean(required=True, metadata={"description": "Nothing is left due; reads show all of it."})
    is_counted = fields.Boolean(required=True, metadata={"description": "Statistics show all of it, too."})
    sequences = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "What this is said of: the last command of each partition; settle takes it."},
    )


class TimeLimitSchema(Schema):
    """A statutory limit."""

    amount = fields.Integer(required=True)
    unit = fields.String(required=True)
    unit_label = fields.Nested(LabelSchema, required=True)


class OfficeSchema(Schema):
    """A customs office."""

    code = fields.String(required=True)
    name_vi = fields.String(required=True)
    kind = fields.String(required=True)
    department_code = fields.String(required=True)
    department_name = fields.Nested(LabelSchema, required=True)
    source = fields.String(required=True)


class OfficeListSchema(Schema):
    """Offices."""

    items = fields.List(fields.Nested(OfficeSchema), required=True)


class ApplicantAnswerSchema(Schema):
    """Who filed."""

    kind = fields.String(required=True)
    identifier = fields.String(required=True)
    name = fields.String(required=True)


class DossierSchema(Schema):
    """A dossier."""

    dossier_id = fields.String(required=True)
    number = fields.Integer(required=True)
    procedure = fields.String(required=True)
    office = fields.String(required=True)
    channel = fields.String(required=True)
    applicant = fields.Nested(ApplicantAnswerSchema, required=True)
    status = fields.String(required=True, validate=validate.OneOf(sorted(STATUS_BY_SLUG)))
    status_code = fields.Integer(required=True)
    status_label = fields.Nested(LabelSchema, required=True)
    status_at = fields.DateTime(required=True)
    filed_at = fields.DateTime(required=True)
    received_at = fields.DateTime(required=True, allow_none=True)
    due_at = fields.DateTime(required=True, allow_none=True)
    limit_unit = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([unit.value for unit in TimeUnit]),
        metadata={"description": "What the limit that holds is counted in; null when the law states none."},
    )
    new_date_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "The date that an apology gave; due_at stays."}
    )
    resolved_at = fields.DateTime(required=True, allow_none=True)
    traits = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "What of the form and of the registers decides about limits and routes."},
    )
    is_overdue = fields.Boolean(required=True, metadata={"description": "Open and past due on the sandbox's clock."})
    timeliness = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([item.value for item in Timeliness]),
        metadata={"description": "How the result stood against the due day; null without a result."},
    )
    is_final = fields.Boolean(required=True)
    allowed_actions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What people may do in its status; the law may still refuse it for this dossier."},
    )
    version = fields.Integer(required=True)
    timeline_url = fields.String(required=True)


class PaymentStatusSchema(Schema):
    """How far a dossier's latest payment has come."""

    status_code = fields.Integer(required=True, metadata={"description": "TrangThaiThanhToan: 1 paid, 0 not."})
    payment_id = fields.String(required=True, metadata={"description": "See /api/v1/payments/{payment_id}."})
    state = fields.String(required=True)
    amount_vnd = fields.Integer(required=True)
    paid_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "The bank's debit."})
    pay_url = fields.String(required=True, metadata={"description": "The hosted pay page."})


class FullDossierSchema(DossierSchema):
    """A dossier with what was filled in, and what is to be paid for it."""

    form = fields.Dict(required=True)
    payment = fields.Nested(
        PaymentStatusSchema, required=True, allow_none=True, metadata={"description": "Null: nothing was asked for."}
    )


class DossierPageSchema(Schema):
    """A page of dossiers, newest first."""

    items = fields.List(fields.Nested(DossierSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class TimelineEntrySchema(Schema):
    """One thing that happened, or was refused."""

    position = fields.Integer(required=True)
    action = fields.String(required=True)
    action_label = fields.Nested(LabelSchema, required=True)
    status_before = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    status_label = fields.Nested(LabelSchema, required=True)
    actor = fields.String(required=True)
    actor_label = fields.Nested(LabelSchema, required=True)
    reason = fields.String(required=True, allow_none=True)
    reason_label = fields.Nested(LabelSchema, required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    occurred_at = fields.DateTime(required=True, metadata={"description": "On the sandbox's clock."})
    recorded_at = fields.DateTime(required=True, metadata={"description": "On the wall's clock."})
    due_at = fields.DateTime(required=True, allow_none=True)
    refusal = fields.String(required=True, allow_none=True)
    detail = fields.Dict(required=True, allow_none=True, metadata={"description": "What the action brought beside."})


class TimelineSchema(Schema):
    """A dossier's timeline, in order."""

    dossier_id = fields.String(required=True)
    items = fields.List(fields.Nested(TimelineEntrySchema), required=True)


class RequestedActionSchema(Schema):
    """What came of an action."""

    command_id = fields.String(required=True)
    dossier_id = fields.String(required=True)
    action = fields.String(required=True)
    requested_at = fields.DateTime(required=True)
    outcome = fields.String(required=True, metadata={"description": "`pending`, `done`, or the code of a refusal."})
    position = fields.Integer(required=True, allow_none=True)


class StatisticsSchema(Schema):
    """Counts, as metrics gives them."""

    now = fields.DateTime(required=True)
    group_by = fields.List(fields.String(), required=True)
    rows = fields.List(fields.Dict(), required=True)
    total = fields.Dict(required=True)
    subjects = fields.Dict(required=True, allow_none=True)
    positions = fields.Dict(required=True)


class RecountSchema(Schema):
    """Whether counting the ledger again gives the same."""

    equal = fields.Boolean(required=True)
    is_counted = fields.Boolean(required=True, metadata={"description": "Metrics stands at the ledger's end."})
    facts = fields.Integer(required=True)
    positions = fields.Dict(required=True, metadata={"description": "Ledger position of each partition."})
    difference_count = fields.Integer(required=True)
    differences = fields.List(fields.Dict(), required=True)


class FieldErrorSchema(Schema):
    """A wrong field."""

    pointer = fields.String(metadata={"description": "RFC 6901."})
    code = fields.String()
    detail = fields.String()
    detail_vi = fields.String()


class ProblemSchema(Schema):
    """RFC 9457 problem details."""

    type = fields.String(required=True)
    code = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    detail_vi = fields.String()
    errors = fields.List(fields.Nested(FieldErrorSchema))
