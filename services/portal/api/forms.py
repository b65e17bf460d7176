"""The schema of each procedure's form, made from the catalogue: for validation and as JSON Schema."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from services.contracts.catalogue import Catalogue, FieldKind, FormField, Procedure
from services.contracts.identifiers import is_declaration_number, is_tax_code
from services.portal.api.strict_fields import TEXT_PATTERN, Day, Text, Truth, Whole

DECLARATION_NUMBER_PATTERN: Final = r"^[13][0-9]{11}$"
TAX_CODE_PATTERN: Final = r"^[0-9]{10}(-[0-9]{3})?$"
OFFICE_CODE_PATTERN: Final = r"^[0-9A-Z]{4}$"


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

    def _field(self, field: FormField) -> fields.Field[Any]:  # noqa: PLR0911 - one line a kind
        required: dict[str, Any] = {"required": field.required}
        match field.kind:
            case FieldKind.DECLARATION_NUMBER:
                message = "Not a valid declaration number: 12 digits, the first 1 (import) or 3 (export)."
                return Text(validate=must(is_declaration_number, message), **required)
            case FieldKind.TAX_CODE:
                return Text(validate=must(is_valid_tax_code, TAX_CODE_MESSAGE), **required)
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
    """A procedure's form as JSON Schema (2020-12)."""
    return {
        "type": "object",
        "title": procedure.name_en,
        "properties": {field.name: _property(field) for field in procedure.form},
        "required": [field.name for field in procedure.form if field.required],
        "additionalProperties": False,
    }


def _property(field: FormField) -> dict[str, Any]:
    labels = {"title": field.label_en, "x-title-vi": field.label_vi, "examples": [field.example]}
    if field.help_en:
        labels |= {"description": field.help_en, "x-description-vi": field.help_vi}
    return labels | _TYPES[field.kind](field)


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
    FieldKind.MONEY_VND: _number,
    FieldKind.INTEGER: _number,
    FieldKind.TEXT: lambda field: {
        "type": "string",
        "minLength": 1,
        "maxLength": field.max_length,
        "pattern": TEXT_PATTERN,
    },
}
