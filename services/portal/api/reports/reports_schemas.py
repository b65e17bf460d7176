"""What may be asked of reports, and what is answered."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.contracts.catalogue import Sector
from services.contracts.counting_rules import RULE_CHOICES, RULE_LABELS
from services.portal.api.schemas import LabelSchema
from services.portal.api.strict_fields import Day, StrictSchema
from services.portal.domain.reports.reports import Rows

#: Codes of units: an office's four characters, a department's two, or `all`.
UNIT_PATTERN = r"^([0-9A-Za-z]{2}|[0-9A-Za-z]{4}|all)$"

#: Quarters as they are written.
QUARTER_PATTERN = r"^(19|20)[0-9]{2}-Q[1-4]$"

_DAY = {"type": "string", "format": "date"}


def _unit_field() -> fields.String:
    return fields.String(
        load_default="",
        validate=validate.Regexp(UNIT_PATTERN),
        metadata={"description": "An office (`30F1`), a department (`30`) or `all`.", "example": "30"},
    )


def _rule_field(name: str) -> fields.String:
    choices = [choice.value for choice in RULE_CHOICES[name]]
    return fields.String(
        load_default=choices[0],
        validate=validate.OneOf(choices),
        metadata={"description": f"Counting rule. {RULE_LABELS[name].en}: {', '.join(f'`{one}`' for one in choices)}."},
    )


class Form06QuerySchema(StrictSchema):
    """Which official report."""

    from_ = Day(data_key="from", required=True, metadata={**_DAY, "description": "First day (Vietnam) of the period."})
    to = Day(required=True, metadata={**_DAY, "description": "Last day; at the latest today, counted as it is now."})
    unit = _unit_field()
    field = fields.String(
        validate=validate.OneOf([sector.value for sector in Sector]),
        metadata={"description": "Only this field of work."},
    )
    rows = fields.String(
        load_default=Rows.SECTOR.value,
        validate=validate.OneOf([rows.value for rows in Rows]),
        metadata={"description": "Fields of work with their procedures, or procedures alone."},
    )
    period_by = _rule_field("period_by")
    ended_early = _rule_field("ended_early")
    apology = _rule_field("apology")
    suspended = _rule_field("suspended")
    format = fields.String(
        validate=validate.OneOf(["json", "csv", "xlsx"]),
        metadata={"description": "Goes before `Accept`; without either, JSON."},
    )

    @validates_schema
    def check_period(self, data: dict[str, Any], **_: Any) -> None:
        """A period ends on or after the day it begins."""
        if data.get("from_") and data.get("to") and data["to"] < data["from_"]:
            raise ValidationError("Before the first day.", "to")


class ServicesQuerySchema(StrictSchema):
    """Whose statistics of online services."""

    unit = _unit_field()
    to = Day(metadata={**_DAY, "description": "Last day; counted from the first of January before it. Default: today."})


class ScoresQuerySchema(StrictSchema):
    """Whose scores."""

    unit = _unit_field()
    quarter = fields.String(
        validate=validate.Regexp(QUARTER_PATTERN),
        metadata={"description": "Default: the current one, up to today.", "example": "2018-Q2"},
    )


class UnitSchema(Schema):
    """Who a report is about."""

    code = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.Nested(LabelSchema, required=True)


class ReportFormSchema(Schema):
    """Which form a report is."""

    number = fields.String(required=True)
    circular = fields.String(required=True)


class ReportColumnsSchema(Schema):
    """Columns 3 to 13 of the form."""

    received_total = fields.Integer(required=True, metadata={"description": "3 = 4 + 5 + 6 = 7 + 11"})
    received_online = fields.Integer(required=True, metadata={"description": "4"})
    received_direct_post = fields.Integer(required=True, metadata={"description": "5"})
    carried_over = fields.Integer(required=True, metadata={"description": "6: column 11 of the period before"})
    resolved_total = fields.Integer(required=True, metadata={"description": "7 = 8 + 9 + 10"})
    resolved_before_due = fields.Integer(required=True, metadata={"description": "8"})
    resolved_on_time = fields.Integer(required=True, metadata={"description": "9"})
    resolved_overdue = fields.Integer(required=True, metadata={"description": "10"})
    pending_total = fields.Integer(required=True, metadata={"description": "11 = 12 + 13"})
    pending_in_time = fields.Integer(required=True, metadata={"description": "12"})
    pending_overdue = fields.Integer(required=True, metadata={"description": "13"})


class WithoutLimitSchema(Schema):
    """Dossiers for which the law states no limit: in none of the columns."""

    received_online = fields.Integer(required=True)
    received_direct_post = fields.Integer(required=True)
    carried_over = fields.Integer(required=True)
    resolved = fields.Integer(required=True)
    pending = fields.Integer(required=True)


class ReportLineSchema(Schema):
    """A row of the report."""

    kind = fields.String(required=True, metadata={"description": "`sector`, `procedure` or `total`."})
    number = fields.String(required=True, metadata={"description": "Column 1."})
    key = fields.String(required=True)
    name = fields.Nested(LabelSchema, required=True, metadata={"description": "Column 2."})
    columns = fields.Nested(ReportColumnsSchema, required=True)
    without_limit = fields.Nested(WithoutLimitSchema, required=True)


class RatioSchema(Schema):
    """A share with what it was made of."""

    value = fields.Float(required=True, allow_none=True)
    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)


class SourcedRatioSchema(RatioSchema):
    """A share that law or practice speaks of."""

    id = fields.String(required=True)
    name = fields.Nested(LabelSchema, required=True)
    source = fields.Nested(LabelSchema, required=True)


class Form06Schema(Schema):
    """The official report: form II.06a/VPCP/KSTT, from 21/10/2020 on form 06/VPCP/KSTT."""

    form = fields.Nested(ReportFormSchema, required=True)
    title = fields.String(required=True)
    unit = fields.Nested(UnitSchema, required=True)
    field = fields.String(required=True, allow_none=True)
    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(required=True)
    as_of = fields.DateTime(required=True, metadata={"description": "When pending dossiers were judged."})
    rules = fields.Dict(required=True, metadata={"description": "What it was counted by."})
    lines = fields.List(fields.Nested(ReportLineSchema), required=True)
    beside = fields.List(
        fields.Nested(ReportLineSchema),
        required=True,
        metadata={"description": "Procedures without a statutory limit: the form has no place for them."},
    )
    total = fields.Nested(ReportLineSchema, required=True)
    ratios = fields.List(fields.Nested(SourcedRatioSchema), required=True)
    positions = fields.Dict(required=True, metadata={"description": "Ledger position of each partition."})


class SatisfactionSchema(Schema):
    """What applicants said (Circular 32/2017/TT-BTTTT art. 12)."""

    very_satisfied = fields.Integer(required=True)
    satisfied = fields.Integer(required=True)
    not_satisfied = fields.Integer(required=True)
    ratio = fields.Nested(RatioSchema, required=True)


class ServiceCountsSchema(Schema):
    """The numbers of one service."""

    online_received = fields.Integer(required=True)
    online_resolved = fields.Integer(required=True)
    on_time = fields.Nested(RatioSchema, required=True, metadata={"description": "Online, of those that had a limit."})
    received = fields.Integer(required=True, metadata={"description": "Online or not."})
    satisfaction = fields.Nested(SatisfactionSchema, required=True)


class ServiceSchema(ServiceCountsSchema):
    """A service at level 3 or 4."""

    procedure_id = fields.String(required=True)
    name = fields.Nested(LabelSchema, required=True)
    level = fields.Integer(required=True)
    online_scope = fields.Nested(LabelSchema, required=True)


class ServicesSchema(Schema):
    """Statistics of the online services since the start of the year (Circular 32/2017/TT-BTTTT art. 11.3)."""

    unit = fields.Nested(UnitSchema, required=True)
    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(required=True)
    items = fields.List(fields.Nested(ServiceSchema), required=True)
    total = fields.Nested(ServiceCountsSchema, required=True)
    positions = fields.Dict(required=True)


class IndexSchema(Schema):
    """One of the nine indices."""

    number = fields.Integer(required=True)
    name = fields.Nested(LabelSchema, required=True)
    is_measured = fields.Boolean(required=True)
    points = fields.Float(
        required=True, allow_none=True, metadata={"description": "0 to 2; null: not measured, or nothing to measure."}
    )


class UnitScoreSchema(Schema):
    """How a unit scored in a quarter."""

    unit = fields.Nested(UnitSchema, required=True)
    indices = fields.List(fields.Nested(IndexSchema), required=True)
    points = fields.Float(required=True, metadata={"description": "Over the indices that are measured."})
    most_points = fields.Float(required=True, metadata={"description": "What that could be at most."})
    projected_points = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Of 18, if the indices that aren't measured scored alike. Ours."},
    )
    unit_class = fields.String(required=True, allow_none=True, metadata={"description": "By the projected points."})
    class_label = fields.Nested(LabelSchema, required=True, allow_none=True)
    counts = fields.Dict(required=True, metadata={"description": "What the points were made of."})


class ScoresSchema(Schema):
    """Scores of a quarter (Circular 01/2018/TT-VPCP art. 13 and 15)."""

    quarter = fields.String(required=True)
    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(required=True)
    procedures = fields.Integer(required=True)
    procedures_at_level_3_or_4 = fields.Integer(required=True)
    whole = fields.Nested(UnitScoreSchema, required=True)
    units = fields.List(
        fields.Nested(UnitScoreSchema), required=True, metadata={"description": "Those below it with anything counted."}
    )
