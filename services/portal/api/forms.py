"""The schema of each procedure's form, made from the catalogue: for validation and as JSON Schema."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.contracts.catalogue import Catalogue, Procedure
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.identifiers import (
    COUNTRY_CODES,
    is_country,
    is_declaration_number,
    is_email,
    is_facility_code,
    is_hs_code,
    is_manifest_number,
    is_personal_number,
    is_phone,
    is_tax_code,
)
from services.portal.api.strict_fields import TEXT_PATTERN, Day, Text, Truth, Whole

JSON_SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

DECLARATION_NUMBER_PATTERN: Final = r"^[13][0-9]{11}$"
TAX_CODE_PATTERN: Final = r"^[0-9]{10}(-[0-9]{3})?$"
OFFICE_CODE_PATTERN: Final = r"^[0-9A-Z]{4}$"
PERSONAL_NUMBER_PATTERN: Final = r"^[0-9]{9}([0-9]{3})?$"
PHONE_PATTERN: Final = r"^(0|\+84)[1-9][0-9]{8,9}$"
MANIFEST_NUMBER_PATTERN: Final = r"^MF[0-9]{2}([0-9]{6}|9[0-9]{6,8})$"
FACILITY_CODE_PATTERN: Final = r"^CSSX([0-9]{6}|9[0-9]{6,8})$"
HS_CODE_PATTERN: Final = r"^(?!00|77|99)[0-9]{8}$"


def must(check: Callable[[str], bool], message: str) -> Callable[[str], None]:
    """A marshmallow validator from a yes-or-no check."""

    def validator(value: str) -> None:
        if not check(value):
            raise ValidationError(message)

    return validator


def is_valid_tax_code(value: str) -> bool:
    """Shape first, so that a wrong length is no check-digit error."""
    return bool(re.fullmatch(TAX_CODE_PATTERN, value)) and is_tax_code(value)


TAX_CODE_MESSAGE: Final = "Not a valid tax code: ten digits with a right check digit, perhaps -001 to -999 after them."

#: Kinds that one check of the text decides, and what a wrong text is told; `submissions` knows each sentence's code.
_CHECKS: Final[Mapping[FieldKind, tuple[Callable[[str], bool], str]]] = {
    FieldKind.DECLARATION_NUMBER: (
        is_declaration_number,
        "Not a valid declaration number: 12 digits, the first 1 (import) or 3 (export).",
    ),
    FieldKind.TAX_CODE: (is_valid_tax_code, TAX_CODE_MESSAGE),
    FieldKind.PERSONAL_NUMBER: (is_personal_number, "Not a valid personal number: 9 or 12 digits."),
    FieldKind.EMAIL: (is_email, "Not a valid e-mail address: write it as vanthu@example.vn."),
    FieldKind.PHONE: (is_phone, "Not a valid telephone number: 10 or 11 digits after 0, or +84 instead of the 0."),
    FieldKind.COUNTRY: (is_country, "Not a valid country: the two capital letters of ISO 3166-1, such as VN."),
    FieldKind.MANIFEST_NUMBER: (
        is_manifest_number,
        "Not a valid manifest number: MF and 8 digits, such as MF18000123.",
    ),
    FieldKind.FACILITY_CODE: (is_facility_code, "Not a valid facility code: CSSX and 6 digits, such as CSSX000123."),
    FieldKind.HS_CODE: (is_hs_code, "Not a valid HS code: 8 digits that begin with a chapter, such as 85171300."),
}


class Forms:
    """Form schemas by procedure; built once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._offices = catalogue.offices
        self._schemas = {name: self._schema(procedure) for name, procedure in catalogue.procedures.items()}

    def errors(self, procedure_id: str, form: Any) -> Mapping[str, Any]:
        """What is wrong with a form, by field; empty when it is valid."""
        if not isinstance(form, dict):
            return {"_schema": ["Not a valid mapping type."]}
        return self._schemas[procedure_id].validate(form)

    def _schema(self, procedure: Procedure) -> Schema:
        made = {field.name: self._field(field) for field in procedure.form}
        schema_class = Schema.from_dict(made, name=f"Form_{procedure.procedure_id}")
        return schema_class(unknown=RAISE)

    def _field(self, field: FormField) -> fields.Field[Any]:  # noqa: PLR0911 - one return a kind
        required: dict[str, Any] = {"required": field.required}
        match field.kind:
            case (
                FieldKind.DECLARATION_NUMBER
                | FieldKind.TAX_CODE
                | FieldKind.PERSONAL_NUMBER
                | FieldKind.EMAIL
                | FieldKind.PHONE
                | FieldKind.COUNTRY
                | FieldKind.MANIFEST_NUMBER
                | FieldKind.FACILITY_CODE
                | FieldKind.HS_CODE
            ):
                return Text(validate=must(*_CHECKS[field.kind]), **required)
            case FieldKind.OFFICE_CODE:
                return Text(validate=must(self._offices.__contains__, "Unknown customs office."), **required)
            case FieldKind.DATE:
                return Day(**required)
            case FieldKind.BOOLEAN:
                return Truth(**required)
            case FieldKind.CHOICE:
                values = [choice.value for choice in field.choices]
                return fields.String(validate=validate.OneOf(values), **required)
            case FieldKind.MONEY_VND | FieldKind.INTEGER:
                return Whole(validate=validate.Range(min=field.min_value, max=field.max_value), **required)
            case FieldKind.TEXT:
                return Text(validate=validate.Length(min=1, max=field.max_length), **required)


def form_json_schema(procedure: Procedure) -> dict[str, Any]:
    """A procedure's form as JSON Schema (2020-12), standing alone.

    Keys that begin with x- are ours: Vietnamese beside the English of `title` and `description`, labels of choices, and
    whether a value decides about limits (`x-trait`) or must stand in a register (`x-must-be-registered`).
    """
    return {
        "$schema": JSON_SCHEMA_DIALECT,
        "title": procedure.name_en,
        "x-title-vi": procedure.name_vi,
        **form_object(procedure.form),
    }


def form_object(form: Sequence[FormField]) -> dict[str, Any]:
    """The fields of a form as an object's schema."""
    return {
        "type": "object",
        "properties": {field.name: _property(field) for field in form},
        "required": [field.name for field in form if field.required],
        "additionalProperties": False,
    }


def _property(field: FormField) -> dict[str, Any]:
    said: dict[str, Any] = {
        "title": field.label_en,
        "x-title-vi": field.label_vi,
        "description": field.help_en,
        "x-description-vi": field.help_vi,
        "examples": [field.example],
        **_TYPES[field.kind](field),
    }
    if field.choices:
        said["x-enum-labels"] = {item.value: {"vi": item.label_vi, "en": item.label_en} for item in field.choices}
    if field.is_trait:
        said["x-trait"] = True
    if field.must_be_registered:
        said["x-must-be-registered"] = True
    return said


def _number(field: FormField) -> dict[str, Any]:
    bounds = {"minimum": field.min_value, "maximum": field.max_value}
    return {"type": "integer"} | {name: value for name, value in bounds.items() if value is not None}


_TYPES: Final[Mapping[FieldKind, Callable[[FormField], dict[str, Any]]]] = {
    FieldKind.DECLARATION_NUMBER: lambda _: {"type": "string", "pattern": DECLARATION_NUMBER_PATTERN},
    FieldKind.TAX_CODE: lambda _: {"type": "string", "pattern": TAX_CODE_PATTERN, "format": "tax-code"},
    FieldKind.OFFICE_CODE: lambda _: {"type": "string", "pattern": OFFICE_CODE_PATTERN, "format": "office-code"},
    FieldKind.DATE: lambda _: {"type": "string", "format": "date"},
    FieldKind.BOOLEAN: lambda _: {"type": "boolean"},
    FieldKind.CHOICE: lambda field: {"type": "string", "enum": [choice.value for choice in field.choices]},
    FieldKind.PERSONAL_NUMBER: lambda _: {"type": "string", "pattern": PERSONAL_NUMBER_PATTERN},
    FieldKind.EMAIL: lambda _: {"type": "string", "format": "email", "maxLength": 254},
    FieldKind.PHONE: lambda _: {"type": "string", "pattern": PHONE_PATTERN},
    FieldKind.COUNTRY: lambda _: {"type": "string", "enum": sorted(COUNTRY_CODES)},
    FieldKind.MANIFEST_NUMBER: lambda _: {"type": "string", "pattern": MANIFEST_NUMBER_PATTERN},
    FieldKind.FACILITY_CODE: lambda _: {"type": "string", "pattern": FACILITY_CODE_PATTERN},
    FieldKind.HS_CODE: lambda _: {"type": "string", "pattern": HS_CODE_PATTERN},
    FieldKind.MONEY_VND: _number,
    FieldKind.INTEGER: _number,
    FieldKind.TEXT: lambda field: {
        "type": "string",
        "minLength": 1,
        "maxLength": field.max_length,
        "pattern": TEXT_PATTERN,
    },
}
