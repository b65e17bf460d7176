"""What the routes of the small registers take and give."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.portal.api.forms import (
    DECLARATION_NUMBER_PATTERN,
    FACILITY_CODE_PATTERN,
    MANIFEST_NUMBER_PATTERN,
    OFFICE_CODE_PATTERN,
)
from services.portal.api.registers.declarations_schemas import (
    HOLDER_PATTERN,
    LinkedDossierSchema,
    RegisterEventSchema,
    exactly,
    instant_of,
    page_size,
)
from services.portal.api.schemas import LabelSchema
from services.portal.api.strict_fields import Day, StrictSchema, Text, Truth, Whole
from services.portal.domain.registers.registers import ViolationKind

#: Above every number of pieces that there can be.
_MOST = 10**9

#: Above every amount in dong.
_MOST_VND = 10**15


def _text(description: str, example: str, *, longest: int = 200, required: bool = True) -> Text:
    settings: dict[str, Any] = {"required": True} if required else {"load_default": None, "allow_none": True}
    return Text(
        validate=validate.Length(max=longest), metadata={"description": description, "example": example}, **settings
    )


def _pattern(pattern: str, description: str, example: str, *, required: bool = True) -> fields.String:
    settings: dict[str, Any] = {"required": True} if required else {"load_default": None, "allow_none": True}
    metadata = {"description": description, "pattern": pattern, "example": example}
    return fields.String(validate=exactly(pattern), metadata=metadata, **settings)


def _enterprise(*, required: bool = True) -> fields.String:
    return _pattern(HOLDER_PATTERN, "Tax code or personal number.", "0100109106", required=required)


def _declaration(*, required: bool) -> fields.String:
    text = "Any number that the declaration has had."
    return _pattern(DECLARATION_NUMBER_PATTERN, text, "101234567890", required=required)


def _office() -> fields.String:
    return _pattern(OFFICE_CODE_PATTERN, "Code from /api/v1/offices.", "30CF")


def _count(description: str, example: int, *, most: int = _MOST) -> Whole:
    return Whole(
        required=True,
        validate=validate.Range(min=0, max=most),
        metadata={"type": "integer", "description": description, "example": example},
    )


def _day(description: str, example: str) -> Day:
    return Day(
        required=True, metadata={"type": "string", "format": "date", "description": description, "example": example}
    )


class ManifestSchema(StrictSchema):
    """A cargo manifest of the National Single Window."""

    number = _pattern(MANIFEST_NUMBER_PATTERN, "Left out: the register gives one.", "MF18000123", required=False)
    enterprise = _enterprise()
    office = _office()
    vessel = _text("Name of the ship, flight or vehicle.", "MV Sao Mai 09")
    voyage = _text("Number of the voyage.", "V.1806E", longest=50, required=False)
    arrives_on = _day("Day of arrival or departure, in Vietnam.", "2018-06-08")
    bill_count = _count("Bills of lading.", 12)
    package_count = _count("Packages.", 240)


class GatePassageSchema(StrictSchema):
    """Goods of a declaration pass the gate of a port, yard or warehouse."""

    declaration = _declaration(required=True)
    location = _text("Code of the place, 7 characters on declarations.", "30CFC01", longest=20)
    occurred_at = instant_of("When they passed, at or before the sandbox's now; left out: now.")
    differs = Truth(
        load_default=False,
        metadata={
            "type": "boolean",
            "description": "Whether containers, packages or weight were other than declared: that starts 5 working days"
            " in which it can be amended without a penalty.",
        },
    )
    discrepancy = _text("What was other than declared.", "Thừa 2 kiện", longest=500, required=False)


class FacilitySchema(StrictSchema):
    """A place where goods are processed, or made for export."""

    number = _pattern(FACILITY_CODE_PATTERN, "Left out: the register gives one.", "CSSX000123", required=False)
    enterprise = _enterprise()
    office = _office()
    facility_kind = fields.String(
        required=True,
        validate=validate.OneOf(["processing", "export-production", "export-processing-enterprise", "storage"]),
        metadata={"example": "processing"},
    )
    facility_address = _text("Where it is.", "KCN Vũng Áng 1, thị xã Kỳ Anh, Hà Tĩnh", longest=500)
    main_product = _text("What is made there.", "Áo jacket nam", longest=500, required=False)
    workers = _count("Workers.", 320)
    production_lines = _count("Production lines.", 12)


class SettlementReportSchema(StrictSchema):
    """A settlement report of a financial year, handed in now or before."""

    enterprise = _enterprise()
    facility_code = _pattern(FACILITY_CODE_PATTERN, "The facility.", "CSSX000123")
    financial_year_ends_on = _day("Last day of the financial year.", "2017-12-31")
    occurred_at = instant_of("When it was handed in, at or before the sandbox's now; left out: now.")
    opening_stock_vnd = _count("Stock at the beginning, in dong.", 3_200_000_000, most=_MOST_VND)
    imported_vnd = _count("Imported, in dong.", 28_700_000_000, most=_MOST_VND)
    used_vnd = _count("Used, in dong.", 27_900_000_000, most=_MOST_VND)
    closing_stock_vnd = _count("Stock at the end, in dong.", 4_000_000_000, most=_MOST_VND)


class RiskProfileSchema(StrictSchema):
    """What is known of an enterprise's risk."""

    level = Whole(
        required=True,
        validate=validate.Range(min=1, max=5),
        metadata={
            "type": "integer",
            "description": "Compliance level: 1 is a priority enterprise, 5 doesn't comply; 4 and 5 are high risk.",
            "example": 4,
        },
    )
    rank = Whole(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1, max=9),
        metadata={"type": "integer", "description": "Risk rank; shown, decides nothing.", "example": 5},
    )
    was_refunded = Truth(
        load_default=False,
        metadata={
            "type": "boolean",
            "description": "Whether tax was refunded to it before: the first refund is inspected first"
            " (Law 38/2019/QH14 art. 73.2).",
        },
    )


class AuditSchema(StrictSchema):
    """A decision on a post-clearance audit at the customs office: of one declaration, or of all of an enterprise."""

    number = _text("Number of the decision; left out: the register gives one.", "12/QĐ-KTSTQ", required=False)
    declaration = _declaration(required=False)
    enterprise = _enterprise(required=False)
    occurred_at = instant_of("When it was decided, at or before the sandbox's now; left out: now.")
    reason = _text("Why.", "Nghi vấn trị giá", longest=500, required=False)

    @validates_schema
    def _about_something(self, data: dict[str, Any], **_: Any) -> None:
        _require_subject(data)


class ViolationSchema(StrictSchema):
    """An administrative violation."""

    declaration = _declaration(required=False)
    enterprise = _enterprise(required=False)
    kind = fields.String(
        required=True,
        validate=validate.OneOf([kind.value for kind in ViolationKind]),
        metadata={"example": "false-declaration"},
    )
    occurred_at = instant_of("When it was found, at or before the sandbox's now; left out: now.")
    article = _text("Where it stands.", "NĐ 128/2020/NĐ-CP Đ8", required=False)

    @validates_schema
    def _about_something(self, data: dict[str, Any], **_: Any) -> None:
        _require_subject(data)


def _require_subject(data: dict[str, Any]) -> None:
    if data.get("declaration") is None and data.get("enterprise") is None:
        raise ValidationError("Missing data: `declaration` or `enterprise` is needed.")


class EntryQuerySchema(StrictSchema):
    """Which entries to list."""

    enterprise = fields.String(validate=exactly(HOLDER_PATTERN), metadata={"description": "Only of this enterprise."})
    declaration = fields.String(
        validate=exactly(DECLARATION_NUMBER_PATTERN), metadata={"description": "Only about this declaration."}
    )
    limit = page_size()
    cursor = fields.String(
        validate=exactly(r"^n[1-9][0-9]{0,17}$"), metadata={"description": "`next_cursor` of the page before."}
    )


class EntrySchema(Schema):
    """What entries of all registers have."""

    number = fields.String(required=True, metadata={"description": "What the entry is called."})
    enterprise = fields.String(required=True)
    declaration = fields.String(required=True, allow_none=True)
    dossier_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The dossier that brought it about."}
    )
    occurred_at = fields.DateTime(required=True)


class ManifestAnswerSchema(EntrySchema):
    """A manifest."""

    office = fields.String(required=True)
    revision = fields.Integer(required=True, metadata={"description": "Amendments so far."})
    vessel = fields.String()
    voyage = fields.String(allow_none=True)
    arrives_on = fields.Date()
    bill_count = fields.Integer()
    package_count = fields.Integer()
    is_cancelled = fields.Boolean()
    is_adopted = fields.Boolean()


class GatePassageAnswerSchema(EntrySchema):
    """A passage."""

    location = fields.String(required=True)
    differs = fields.Boolean(required=True)
    discrepancy = fields.String(required=True, allow_none=True)
    amend_until = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "TT39/2018 art. 52: 5 working days."}
    )


class FacilityAnswerSchema(EntrySchema):
    """A facility."""

    office = fields.String(required=True)
    facility_kind = fields.String()
    facility_address = fields.String()
    main_product = fields.String(allow_none=True)
    workers = fields.Integer()
    production_lines = fields.Integer()
    is_adopted = fields.Boolean()
    first_report_due_at = fields.DateTime(
        required=True, metadata={"description": "Settlement report of the calendar year in which it was registered."}
    )


class SettlementReportAnswerSchema(EntrySchema):
    """A settlement report."""

    facility_code = fields.String()
    financial_year_ends_on = fields.Date()
    regime = fields.String(metadata={"description": "As the dossier's form says it."})
    report_form = fields.String()
    corrected_report_number = fields.String()
    opening_stock_vnd = fields.Integer()
    imported_vnd = fields.Integer()
    used_vnd = fields.Integer()
    closing_stock_vnd = fields.Integer()
    filed_at = fields.DateTime(required=True)
    due_at = fields.DateTime(metadata={"description": "Day 90 of the next financial year (TT39/2018 art. 60)."})
    is_late = fields.Boolean()


class RiskProfileAnswerSchema(EntrySchema):
    """A risk profile."""

    level = fields.Integer(required=True)
    rank = fields.Integer(required=True, allow_none=True)
    was_refunded = fields.Boolean(required=True)
    is_high_risk = fields.Boolean()


class AuditAnswerSchema(EntrySchema):
    """An audit decision and the terms that follow from it, each at its latest."""

    reason = fields.String(required=True, allow_none=True)
    decided_at = fields.DateTime(required=True)
    sent_by = fields.DateTime(required=True)
    starts_at = fields.DateTime(required=True)
    ends_by = fields.DateTime(required=True)
    concluded_by = fields.DateTime(required=True)
    article = fields.String(required=True)


class ViolationAnswerSchema(EntrySchema):
    """A violation."""

    kind = fields.String(required=True)
    kind_label = fields.Nested(LabelSchema, required=True)
    rule = fields.String(metadata={"description": "Of a late amendment: which term had run out."})
    article = fields.String(required=True, allow_none=True)


class CargoIdAnswerSchema(EntrySchema):
    """A number given to goods."""

    office = fields.String(required=True)
    direction = fields.String()
    storage_location_code = fields.String()
    transport_document_number = fields.String()
    note = fields.String()


def page_of(schema: type[Schema]) -> type[Schema]:
    """A page of entries."""
    name = schema.__name__.replace("AnswerSchema", "Page")
    page = Schema.from_dict(
        {
            "items": fields.List(fields.Nested(schema), required=True),
            "next_cursor": fields.String(required=True, allow_none=True),
        },
        name=name,
    )
    page.__doc__ = "A page of entries, newest first."
    return page


def full_of(schema: type[Schema]) -> type[Schema]:
    """An entry with what happened to it and which dossiers name it."""
    return type(
        schema.__name__.replace("AnswerSchema", "Entry"),
        (schema,),
        {
            "__doc__": schema.__doc__,
            "dossiers": fields.List(fields.Nested(LinkedDossierSchema), required=True),
            "events": fields.List(fields.Nested(RegisterEventSchema), required=True),
        },
    )
