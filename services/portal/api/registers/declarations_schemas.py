"""What the declaration routes take and give."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.contracts.vocabulary import CustomsChannel
from services.portal.api.forms import DECLARATION_NUMBER_PATTERN, OFFICE_CODE_PATTERN
from services.portal.api.schemas import LabelSchema
from services.portal.api.strict_fields import Instant, StrictSchema, Text
from services.portal.api.submissions import ApplicantSchema
from services.portal.domain.registers.declarations import DeclarationState, Direction

#: Codes of kinds of declarations.
KIND_PATTERN = r"^[A-Z][A-Z0-9]{2}$"

#: A tax code or a personal number.
HOLDER_PATTERN = r"^[0-9]{9,12}(-[0-9]{3})?$"

_CHANNELS = [channel.value for channel in CustomsChannel]

#: States that an existing declaration can be entered with.
ENTERED_STATES = [DeclarationState.REGISTERED, DeclarationState.CLEARED, DeclarationState.CANCELLED]


def instant_of(description: str) -> Instant:
    """An optional instant."""
    return Instant(load_default=None, metadata={"type": "string", "format": "date-time", "description": description})


def exactly(pattern: str) -> validate.Regexp:
    """A validator for a whole text: Python's $ also takes a line end behind it."""
    return validate.Regexp(pattern.removesuffix("$") + r"\Z")


def page_size() -> fields.Integer:
    """How many entries a page has."""
    return fields.Integer(
        load_default=50, validate=validate.Range(min=1, max=500), metadata={"description": "Page size."}
    )


def _office() -> fields.String:
    return fields.String(
        required=True,
        metadata={
            "description": "Office of registration, a code from /api/v1/offices.",
            "format": "office-code",
            "pattern": OFFICE_CODE_PATTERN,
            "example": "30F1",
        },
    )


def _kind() -> fields.String:
    return fields.String(
        required=True,
        metadata={
            "description": "Code from /api/v1/declarations/kinds; it says whether goods come in or go out.",
            "pattern": KIND_PATTERN,
            "example": "E31",
        },
    )


class RegistrationSchema(StrictSchema):
    """A declaration to be registered."""

    kind = _kind()
    office = _office()
    declarant = fields.Nested(ApplicantSchema, required=True)
    customs_channel = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(_CHANNELS),
        metadata={
            "description": "`green`, `yellow` or `red`; left out: drawn by the declarant's risk level.",
            "example": "yellow",
        },
    )
    filed_at = instant_of("Only with a manual clock: register for this instant, at or after the sandbox's now.")
    content = fields.Dict(
        load_default=dict,
        metadata={
            "description": "What else the declaration says: fields of the form of `clearance-documentary-check`, each"
            " checked as there, none of them required.",
            "example": {"goods_name": "Thép cuộn cán nóng", "hs_code": "72083990", "value_vnd": 1850000000},
        },
    )


class EnteredDeclarationSchema(StrictSchema):
    """An existing declaration, as a test needs it."""

    number = fields.String(
        required=True,
        validate=exactly(DECLARATION_NUMBER_PATTERN),
        metadata={
            "description": "Twelve digits; the last one counts amendments. Not in the ranges 100… and 300….",
            "pattern": DECLARATION_NUMBER_PATTERN,
            "example": "101234567890",
        },
    )
    kind = _kind()
    office = _office()
    declarant = fields.String(
        required=True,
        validate=exactly(HOLDER_PATTERN),
        metadata={"description": "Tax code or personal number.", "pattern": HOLDER_PATTERN, "example": "0100109106"},
    )
    customs_channel = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(_CHANNELS))
    state = fields.String(
        load_default=DeclarationState.CLEARED.value, validate=validate.OneOf([state.value for state in ENTERED_STATES])
    )
    registered_at = instant_of("At or before the sandbox's now; left out: when it was cleared, or now.")
    cleared_at = instant_of("Not for `registered`; left out: when it was registered.")

    @validates_schema
    def _cleared_fits_state(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("cleared_at") is not None and data.get("state") == DeclarationState.REGISTERED:
            raise ValidationError("Must be one of no instant at all and another state.", "cleared_at")


class DeclarationAmendmentSchema(StrictSchema):
    """What IDA01 or EDA01 changes."""

    item = Text(
        required=True,
        validate=validate.Length(max=200),
        metadata={"description": "Name of the item on the declaration.", "example": "Số lượng, dòng hàng 2"},
    )
    declared_content = Text(
        required=True, validate=validate.Length(max=500), metadata={"description": "As declared.", "example": "100"}
    )
    amended_content = Text(
        required=True, validate=validate.Length(max=500), metadata={"description": "As amended.", "example": "120"}
    )


class DeclarationCancellationSchema(StrictSchema):
    """Why a declaration is cancelled before clearance."""

    reason = Text(
        required=True,
        validate=validate.Length(max=500),
        metadata={"description": "In the declarant's words.", "example": "Khai trùng tờ khai"},
    )


class DeclarationQuerySchema(StrictSchema):
    """Which declarations to list."""

    declarant = fields.String(
        validate=exactly(HOLDER_PATTERN), metadata={"description": "Tax code or personal number."}
    )
    direction = fields.String(
        validate=validate.OneOf([direction.value for direction in Direction]),
        metadata={"description": "`import` or `export`."},
    )
    kind = fields.String(validate=exactly(KIND_PATTERN), metadata={"description": "Only this kind."})
    office = fields.String(validate=exactly(OFFICE_CODE_PATTERN), metadata={"description": "Only this office."})
    customs_channel = fields.String(validate=validate.OneOf(_CHANNELS), metadata={"description": "Only this channel."})
    state = fields.String(
        validate=validate.OneOf([state.value for state in DeclarationState]),
        metadata={"description": "Only this state."},
    )
    limit = page_size()
    cursor = fields.String(
        validate=exactly(r"^d[13][0-9]{10}$"), metadata={"description": "`next_cursor` of the page before."}
    )


class EventQuerySchema(StrictSchema):
    """Which events to read."""

    after = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=2**62),
        metadata={"description": "Position of the last event already seen; 0: from the first."},
    )
    limit = page_size()


class DeclarationKindSchema(Schema):
    """A kind of declaration."""

    code = fields.String(required=True)
    direction = fields.String(required=True)
    label = fields.Nested(LabelSchema, required=True)
    source = fields.String(required=True)
    confidence = fields.String(required=True)


class DeclarationKindListSchema(Schema):
    """All kinds."""

    items = fields.List(fields.Nested(DeclarationKindSchema), required=True)


class RegisteredSchema(Schema):
    """A declaration that was just registered."""

    number = fields.String(required=True)
    dossier_id = fields.String(required=True, metadata={"description": "The dossier that clears it."})
    customs_channel = fields.String(required=True)
    procedure = fields.String(required=True)
    registered_at = fields.DateTime(required=True)


class DeclarationSchema(Schema):
    """A declaration."""

    number = fields.String(required=True, metadata={"description": "The current one."})
    branch = fields.Integer(required=True, metadata={"description": "Amendments so far; the number's last digit."})
    direction = fields.String(required=True)
    kind = fields.String(required=True)
    kind_label = fields.Nested(LabelSchema, required=True, allow_none=True)
    office = fields.String(required=True)
    declarant = fields.String(required=True)
    customs_channel = fields.String(required=True, allow_none=True)
    customs_channel_label = fields.Nested(LabelSchema, required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in DeclarationState]))
    state_label = fields.Nested(LabelSchema, required=True)
    origin = fields.String(required=True, metadata={"description": "`registered`, `entered` or `adopted`."})
    registered_at = fields.DateTime(required=True)
    cleared_at = fields.DateTime(required=True, allow_none=True)
    cancelled_at = fields.DateTime(required=True, allow_none=True)
    clearance_dossier_id = fields.String(required=True, allow_none=True)


class BranchSchema(Schema):
    """A number that a declaration has had."""

    number = fields.String(required=True)
    since = fields.DateTime(required=True)
    dossier_id = fields.String(required=True, allow_none=True)
    is_current = fields.Boolean(required=True)


class LinkedDossierSchema(Schema):
    """A dossier that names an entry."""

    dossier_id = fields.String(required=True)
    field = fields.String(required=True, metadata={"description": "In which field of its form."})
    procedure = fields.String(required=True)
    status = fields.String(required=True)


class AmendmentWindowSchema(Schema):
    """How an amendment would stand if it were filed now."""

    is_penalised = fields.Boolean(required=True)
    until = fields.DateTime(required=True, allow_none=True)
    rule = fields.String(required=True)
    rule_label = fields.Nested(LabelSchema, required=True)
    article = fields.String(required=True)


class RegisterEventSchema(Schema):
    """Something that happened to an entry of a register."""

    position = fields.Integer(required=True)
    register = fields.String(required=True)
    key = fields.String(required=True, metadata={"description": "Of a declaration: the number without the last digit."})
    kind = fields.String(required=True)
    kind_label = fields.Nested(LabelSchema, required=True)
    occurred_at = fields.DateTime(required=True)
    recorded_at = fields.DateTime(required=True)
    dossier_id = fields.String(required=True, allow_none=True)
    detail = fields.Dict(required=True)


class RegisterEventPageSchema(Schema):
    """Events in the order in which they were written."""

    items = fields.List(fields.Nested(RegisterEventSchema), required=True)
    next_after = fields.Integer(
        required=True, metadata={"description": "Position to ask after the next time; the same when there was nothing."}
    )


class FullDeclarationSchema(DeclarationSchema):
    """A declaration with everything that is known of it."""

    branches = fields.List(fields.Nested(BranchSchema), required=True)
    dossiers = fields.List(fields.Nested(LinkedDossierSchema), required=True)
    events = fields.List(fields.Nested(RegisterEventSchema), required=True)
    amendment_window = fields.Nested(AmendmentWindowSchema, required=True, allow_none=True)
    refunded_vnd = fields.Integer(required=True)
    gate_passages = fields.List(fields.Dict(), required=True)
    audits = fields.List(fields.Dict(), required=True)
    violations = fields.List(fields.Dict(), required=True)


class DeclarationPageSchema(Schema):
    """A page of declarations, the highest numbers first."""

    items = fields.List(fields.Nested(DeclarationSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class NamedEntrySchema(Schema):
    """An entry that a dossier names."""

    field = fields.String(required=True)
    register = fields.String(required=True)
    number = fields.String(required=True)


class DossierRegistersSchema(Schema):
    """What the registers have to do with a dossier."""

    dossier_id = fields.String(required=True)
    registered_declaration = fields.String(
        required=True, allow_none=True, metadata={"description": "The declaration that it clears."}
    )
    names = fields.List(fields.Nested(NamedEntrySchema), required=True)
    events = fields.List(fields.Nested(RegisterEventSchema), required=True)
