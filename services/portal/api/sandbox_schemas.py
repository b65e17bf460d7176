"""What the sandbox routes take and give."""

from marshmallow import Schema, fields, validate

from services.contracts.vocabulary import OfficerKind
from services.portal.api.schemas import ClockRequestSchema, ClockSchema
from services.portal.api.staffing_schemas import StaffingSchema
from services.portal.api.strict_fields import StrictSchema, Text, Whole
from services.portal.domain.sandbox import UnknownDeclarations


class SandboxRequestSchema(StrictSchema):
    """A new sandbox."""

    name = Text(
        load_default="sandbox",
        validate=validate.Length(max=100),
        metadata={"description": "For people.", "example": "CI"},
    )
    seed = Whole(
        load_default=1,
        validate=validate.Range(min=0, max=2**62),
        metadata={"type": "integer", "description": "Same seed, same filings: same ledger."},
    )
    partitions = Whole(
        load_default=2,
        validate=validate.Range(min=1, max=64),
        metadata={"type": "integer", "description": "How many workers can share its work; an office stays in one."},
    )
    officer = fields.String(
        load_default=OfficerKind.ROBOT.value,
        validate=validate.OneOf([kind.value for kind in OfficerKind]),
        metadata={"description": "`robot` decides by itself; `human` waits for actions through the API."},
    )
    clock = fields.Nested(ClockRequestSchema, load_default=lambda: {"mode": "manual", "speed": 1, "now": None})
    unknown_declarations = fields.String(
        load_default=UnknownDeclarations.REFUSE.value,
        validate=validate.OneOf([item.value for item in UnknownDeclarations]),
        metadata={
            "description": "A filing that names a declaration which isn't registered: `refuse` it, or `adopt` the"
            " number as a cleared declaration of the applicant's."
        },
    )
    staffing = fields.Nested(
        StaffingSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "With officer `robot` only: how many officers there are. `null`: never too few."},
    )
    expected_dossiers = Whole(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1, max=10**9),
        metadata={
            "type": ["integer", "null"],
            "description": "How many dossiers are going to be filed: the statistics page shows how far that is.",
        },
    )


class SandboxQuerySchema(StrictSchema):
    """Which sandboxes to list."""

    limit = fields.Integer(
        load_default=50, validate=validate.Range(min=1, max=500), metadata={"description": "Page size."}
    )
    cursor = fields.String(
        validate=validate.Regexp(r"^[0-9a-f]{1,32}$"), metadata={"description": "`next_cursor` of the page before."}
    )


class SandboxSchema(Schema):
    """A sandbox."""

    sandbox_id = fields.String(required=True)
    name = fields.String(required=True)
    seed = fields.Integer(required=True)
    partitions = fields.Integer(required=True)
    officer = fields.String(required=True)
    clock = fields.Nested(ClockSchema, required=True)
    unknown_declarations = fields.String(required=True)
    staffed = fields.Boolean(required=True, metadata={"description": "Whether dossiers wait for officers."})
    expected_dossiers = fields.Integer(
        required=True, allow_none=True, metadata={"description": "As it was said when the sandbox was opened."}
    )
    dossier_count = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)


class WholeSandboxSchema(SandboxSchema):
    """A sandbox with all that was said of it."""

    staffing = fields.Nested(StaffingSchema, required=True, allow_none=True)


class NewSandboxSchema(SandboxSchema):
    """A new sandbox with its key."""

    key = fields.String(required=True, metadata={"description": "Shown now and never again."})


class SandboxPageSchema(Schema):
    """A page of sandboxes."""

    items = fields.List(fields.Nested(SandboxSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class SignInLinkSchema(Schema):
    """A link that opens the pages of a sandbox."""

    url = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
