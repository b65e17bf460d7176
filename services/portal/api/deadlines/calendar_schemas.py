"""What the calendar routes take and give."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.contracts.catalogue import TimeUnit
from services.portal.api.strict_fields import Day, StrictSchema, Text, Whole

#: Real seconds that a request may wait for an effect.
LONGEST_WAIT_SECONDS = 300

#: Days that one answer lists at most: any year in a piece.
DAYS_AT_MOST = 366


def _day(text: str) -> dict[str, Any]:
    return {"type": "string", "format": "date", "description": text}


class CalendarQuerySchema(StrictSchema):
    """Which days; without `from` the month that begins today on the sandbox's clock."""

    from_ = Day(data_key="from", metadata=_day("First day (Vietnam)."))
    to = Day(metadata=_day(f"Last day, at most {DAYS_AT_MOST} days with the first."))

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        first_on, last_on = data.get("from_"), data.get("to")
        if first_on is None or last_on is None:
            return
        if last_on < first_on:
            raise ValidationError("Must be greater than or equal to `from`.", "to")
        if (last_on - first_on).days >= DAYS_AT_MOST:
            raise ValidationError(f"Must be less than {DAYS_AT_MOST} days after `from`.", "to")


class OverrideRequestSchema(StrictSchema):
    """A day that counts otherwise."""

    day = Day(required=True, metadata=_day("The day (Vietnam)."))
    kind = fields.String(
        required=True,
        validate=validate.OneOf(["off", "working"]),
        metadata={"description": "What it becomes: a day `off`, or a `working` one."},
    )
    name = Text(
        required=True,
        validate=validate.Length(max=200),
        metadata={"description": "What the day is, as pages show it.", "example": "Nghỉ do bão số 3"},
    )
    decision_number = Text(
        required=True,
        validate=validate.Length(max=60),
        metadata={"description": "The decision that ordered it.", "example": "1234/QĐ-TCHQ"},
    )
    wait_seconds = Whole(
        load_default=60,
        validate=validate.Range(min=0, max=LONGEST_WAIT_SECONDS),
        metadata={"type": "integer", "description": "Real seconds to wait until open deadlines have moved."},
    )


class OverrideQuerySchema(StrictSchema):
    """Which of the moved deadlines."""

    limit = fields.Integer(
        load_default=50, validate=validate.Range(min=1, max=500), metadata={"description": "Page size."}
    )
    cursor = fields.String(
        validate=validate.Regexp(r"^n[1-9][0-9]{0,17}p[1-9][0-9]{0,17}$"),
        metadata={"description": "`next_cursor` of the page before."},
    )


class CalendarDaySchema(Schema):
    """A day."""

    day = fields.Date(required=True)
    is_working = fields.Boolean(required=True)
    name = fields.String(required=True, allow_none=True, metadata={"description": "Null for an ordinary day."})
    source = fields.String(required=True, allow_none=True)
    decision_number = fields.String(
        required=True, allow_none=True, metadata={"description": "Of the sandbox's own decision."}
    )


class SessionSchema(Schema):
    """When offices are open on a working day, local time."""

    opens = fields.String(required=True, metadata={"example": "08:00"})
    closes = fields.String(required=True, metadata={"example": "12:00"})


class CalendarSchema(Schema):
    """Days in order."""

    first_known_on = fields.Date(required=True)
    last_known_on = fields.Date(required=True)
    sessions = fields.List(fields.Nested(SessionSchema), required=True)
    items = fields.List(fields.Nested(CalendarDaySchema), required=True)


class OverrideSchema(Schema):
    """A decision on the calendar."""

    number = fields.Integer(required=True)
    day = fields.Date(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    decision_number = fields.String(required=True)
    decided_at = fields.DateTime(required=True, metadata={"description": "On the sandbox's clock."})
    recorded_at = fields.DateTime(required=True, metadata={"description": "On the wall's clock."})
    moved_count = fields.Integer(required=True, metadata={"description": "Open deadlines that it moved."})


class SettledOverrideSchema(OverrideSchema):
    """A new decision, and whether open deadlines have moved."""

    is_settled = fields.Boolean(required=True, metadata={"description": "All deadlines that move have moved."})
    is_counted = fields.Boolean(required=True, metadata={"description": "Statistics show it, too."})


class MovedBySchema(Schema):
    """By how much, counted with the decision's day as a working day; negative: earlier."""

    amount = fields.Float(required=True)
    unit = fields.String(required=True, validate=validate.OneOf([unit.value for unit in TimeUnit]))


class MovedDeadlineSchema(Schema):
    """A deadline that moved."""

    dossier_id = fields.String(required=True)
    before = fields.DateTime(required=True, allow_none=True)
    after = fields.DateTime(required=True, allow_none=True)
    moved_by = fields.Nested(MovedBySchema, required=True, allow_none=True)


class MovedPageSchema(Schema):
    """Moved deadlines by number of the dossier."""

    items = fields.List(fields.Nested(MovedDeadlineSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class FullOverrideSchema(OverrideSchema):
    """A decision with what it moved."""

    moved = fields.Nested(MovedPageSchema, required=True)


class OverrideListSchema(Schema):
    """Decisions in their order."""

    items = fields.List(fields.Nested(OverrideSchema), required=True)
