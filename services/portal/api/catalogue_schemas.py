"""What the API answers about procedures and takes to look for them, as the OpenAPI document shows it."""

from marshmallow import Schema, fields, validate

from services.contracts.catalogue import (
    Confidence,
    Effect,
    Sector,
    SilenceOutcome,
    SupplementRule,
)
from services.portal.api.schemas import LabelSchema, TimeLimitSchema
from services.portal.api.strict_fields import StrictSchema


class ProcedureQuerySchema(StrictSchema):
    """Which procedures to list."""

    sector = fields.String(
        validate=validate.OneOf([item.value for item in Sector]), metadata={"description": "Only this sector."}
    )
    level = fields.Integer(validate=validate.Range(min=1, max=4), metadata={"description": "Only this level."})
    q = fields.String(
        validate=validate.Length(max=100),
        metadata={"description": "Words that all occur in name, id, code or legal basis; without accents is enough."},
    )


class CodedLabelSchema(LabelSchema):
    """A value of ours, and what it is called."""

    code = fields.String(required=True)


class LimitExtensionSchema(Schema):
    """One time that a step may take longer: the whole limit afterwards."""

    limit = fields.Nested(TimeLimitSchema, required=True)
    article = fields.String(required=True)


class LimitMilestoneSchema(Schema):
    """Something to be done within a step, with a term of its own."""

    step_id = fields.String(required=True)
    name = fields.Nested(LabelSchema, required=True)
    limit = fields.Nested(TimeLimitSchema, required=True)
    article = fields.String(required=True)


class LimitStepSchema(LimitMilestoneSchema):
    """One stretch of a limit; it runs from receipt, or from the end of the step before it."""

    milestones = fields.List(fields.Nested(LimitMilestoneSchema), required=True)
    extensions = fields.List(fields.Nested(LimitExtensionSchema), required=True)


class LimitRuleSchema(Schema):
    """A limit, and when it holds: the first rule that fits a dossier."""

    rule_id = fields.String(required=True)
    article = fields.String(required=True)
    in_force_from = fields.Date(required=True, allow_none=True, metadata={"description": "First day of receipt."})
    in_force_until = fields.Date(required=True, allow_none=True, metadata={"description": "Last day of receipt."})
    when = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "Traits the dossier must have; empty: any dossier."},
    )
    authority_level = fields.Nested(CodedLabelSchema, required=True, allow_none=True)
    time_limit = fields.Nested(
        TimeLimitSchema,
        required=True,
        allow_none=True,
        metadata={"description": "All steps together, or the deciding one's when their units differ."},
    )
    steps = fields.List(
        fields.Nested(LimitStepSchema), required=True, metadata={"description": "Empty: the law states no limit."}
    )


class SupplementTermsSchema(Schema):
    """What holds when a supplement is asked for."""

    rule = fields.String(required=True, validate=validate.OneOf([item.value for item in SupplementRule]))
    rule_label = fields.Nested(LabelSchema, required=True)
    rule_article = fields.String(required=True)
    rule_source = fields.String(required=True)
    notice_limit = fields.Nested(TimeLimitSchema, required=True)
    notice_article = fields.String(required=True)
    silence_limit = fields.Nested(TimeLimitSchema, required=True)
    silence_outcome = fields.String(required=True, validate=validate.OneOf([item.value for item in SilenceOutcome]))
    silence_outcome_label = fields.Nested(LabelSchema, required=True)
    silence_traits = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    silence_article = fields.String(required=True)


class ProcedureSummarySchema(Schema):
    """A procedure."""

    procedure_id = fields.String(required=True)
    official_code = fields.String(
        required=True, allow_none=True, metadata={"description": "National code; null where no source gives one."}
    )
    name = fields.Nested(LabelSchema, required=True)
    family = fields.String(required=True)
    sector = fields.Nested(CodedLabelSchema, required=True)
    authority = fields.String(required=True)
    level = fields.Integer(required=True, metadata={"description": "1 to 4, Decree 43/2011/NĐ-CP art. 3."})
    online_scope = fields.Nested(
        LabelSchema, required=True, metadata={"description": "What Decree 42/2022/NĐ-CP calls the level."}
    )
    time_limit = fields.Nested(
        TimeLimitSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Of a dossier without special traits; null: the law states none."},
    )
    supplement_rule = fields.String(required=True)
    fee_vnd = fields.Integer(required=True)
    documents = fields.List(fields.String(), required=True)
    legal_basis = fields.List(fields.String(), required=True)
    in_force_from = fields.Date(required=True, allow_none=True)
    in_force_until = fields.Date(required=True, allow_none=True)
    source = fields.String(required=True)
    confidence = fields.String(required=True, validate=validate.OneOf([item.value for item in Confidence]))
    is_own = fields.Boolean(required=True, metadata={"description": "Added or changed by this portal's own files."})


class ProcedureSchema(ProcedureSummarySchema):
    """A procedure with its limits, terms and form."""

    authority_level = fields.Nested(CodedLabelSchema, required=True)
    who_may_apply = fields.Nested(LabelSchema, required=True)
    limit_rules = fields.List(fields.Nested(LimitRuleSchema), required=True)
    supplement = fields.Nested(SupplementTermsSchema, required=True)
    fee_source = fields.String(required=True)
    effect = fields.Nested(
        CodedLabelSchema,
        required=True,
        allow_none=True,
        metadata={"description": f"What granting it changes around: {', '.join(Effect)}."},
    )
    result_kind = fields.Nested(CodedLabelSchema, required=True)
    automatic_when = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "Traits with which it is resolved at once; empty: always; null: never."},
    )
    form_source = fields.String(required=True)
    form_schema = fields.Dict(required=True, metadata={"description": "JSON Schema 2020-12."})
    form_example = fields.Dict(required=True)


class TotalsSchema(Schema):
    """How many procedures."""

    procedures = fields.Integer(required=True)
    level_3_or_more = fields.Integer(required=True)
    level_4 = fields.Integer(required=True)


class HeldTotalsSchema(TotalsSchema):
    """How many procedures the catalogue holds."""

    without_time_limit = fields.Integer(required=True)
    own = fields.Integer(required=True, metadata={"description": "Added or changed by this portal's own files."})


class PublishedTotalsSchema(TotalsSchema):
    """What the administration said it had."""

    as_of = fields.Date(required=True)
    source = fields.String(required=True)


class CoverageSchema(Schema):
    """The catalogue beside the published totals; the difference is told, not filled."""

    catalogue = fields.Nested(HeldTotalsSchema, required=True)
    published = fields.Nested(PublishedTotalsSchema, required=True)
    difference = fields.Nested(TotalsSchema, required=True)
    note = fields.Nested(LabelSchema, required=True)


class ProcedureListSchema(Schema):
    """Procedures, and how many there are in all."""

    items = fields.List(fields.Nested(ProcedureSummarySchema), required=True)
    totals = fields.Nested(CoverageSchema, required=True)
