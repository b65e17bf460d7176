"""Forms as data files write them: fields of their own, and fields that several forms share.

Checks that each field's own example is right; what applicants send is checked in the portal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.contracts.catalogue import Office
from services.contracts.form_fields import Choice, FieldKind, FormField
from services.contracts.identifiers import (
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
from services.runtime.data_folders import DataFolder
from services.runtime.records import Record, read_yaml


@dataclass(frozen=True, slots=True)
class Form:
    """A form.

    Attributes:
        source: Where the fields come from.
        fields: In the order to show them.
    """

    source: str
    fields: tuple[FormField, ...]


def load_forms(
    folders: Sequence[DataFolder], shared: Mapping[str, Record], offices: Mapping[str, Office]
) -> dict[str, tuple[str, Form]]:
    """Return the forms of all folders by id, each with the name of its file; a later folder's form replaces one.

    Args:
        folders: The shipped one, and perhaps a user's.
        shared: Fields that several forms have, by name.
        offices: By code; examples must be among them.

    Raises:
        DataFileError: A form is wrong.
    """
    forms: dict[str, tuple[str, Form]] = {}
    for folder in folders:
        for file in folder.files("forms"):
            name = folder.name_of(file)
            forms[file.stem] = name, _form(read_yaml(file, name), file.stem, shared, offices)
    return forms


def shared_fields(document: Record) -> dict[str, Record]:
    """Take the fields of a file of shared ones, by name.

    Raises:
        DataFileError: A name is missing, wrong or given twice.
    """
    fields: dict[str, Record] = {}
    for row in document.records("fields"):
        name = row.copy().slug("name", "_")
        if name in fields:
            row.fail("name", f"{name!r} is given twice")
        fields[name] = row
    document.finish()
    return fields


def _form(document: Record, form_id: str, shared: Mapping[str, Record], offices: Mapping[str, Office]) -> Form:
    if document.slug("form_id", "-") != form_id:
        document.fail("form_id", f"the file's name says {form_id!r}")
    source = document.text("source")
    fields: dict[str, FormField] = {}
    for row in document.records("fields"):
        field = _form_field(_with_shared(row, shared), offices)
        if field.name in fields:
            row.fail("name", f"{field.name!r} is given twice")
        fields[field.name] = field
    document.finish()
    return Form(source, tuple(fields.values()))


def _with_shared(row: Record, shared: Mapping[str, Record]) -> Record:
    """The row itself, or the shared field that it uses with what it says differently."""
    if not row.has("use"):
        return row
    name = row.text("use")
    if name not in shared:
        row.fail("use", f"{name!r} is none of the shared fields: {', '.join(sorted(shared))}")
    return shared[name].changed_by(row)


def _form_field(row: Record, offices: Mapping[str, Office]) -> FormField:
    kind = row.member("kind", FieldKind)
    field = FormField(
        name=row.slug("name", "_"),
        kind=kind,
        required=row.flag("required"),
        label_vi=row.text("label_vi"),
        label_en=row.text("label_en"),
        help_vi=row.text("help_vi"),
        help_en=row.text("help_en"),
        example=row.scalar("example"),
        choices=_choices(row) if kind is FieldKind.CHOICE else (),
        max_length=row.number("max_length") if kind is FieldKind.TEXT else None,
        min_value=row.optional("min_value", row.number) if kind in _NUMBERS else None,
        max_value=row.optional("max_value", row.number) if kind in _NUMBERS else None,
        is_trait=bool(row.optional("is_trait", row.flag)) if kind in _TRAITS else False,
        must_be_registered=bool(row.optional("must_be_registered", row.flag)) if kind in _REGISTERED else False,
    )
    if field.max_length is not None and field.max_length < 1:
        row.fail("max_length", "a text has room for at least one character")
    if field.min_value is not None and field.max_value is not None and field.max_value < field.min_value:
        row.fail("max_value", f"{field.max_value} is less than min_value, {field.min_value}")
    if not _fits(field, offices):
        row.fail("example", f"{field.example!r} is no right value of {field.name!r}")
    row.finish()
    return field


def _choices(row: Record) -> tuple[Choice, ...]:
    choices: dict[str, Choice] = {}
    for part in row.records("choices"):
        choice = Choice(part.text("value"), part.text("label_vi"), part.text("label_en"))
        if choice.value in choices:
            part.fail("value", f"{choice.value!r} is given twice")
        choices[choice.value] = choice
        part.finish()
    return tuple(choices.values())


_NUMBERS: Final = (FieldKind.MONEY_VND, FieldKind.INTEGER)
_TRAITS: Final = (FieldKind.CHOICE, FieldKind.BOOLEAN)
_REGISTERED: Final = (FieldKind.DECLARATION_NUMBER, FieldKind.MANIFEST_NUMBER, FieldKind.FACILITY_CODE)


def _fits(field: FormField, offices: Mapping[str, Office]) -> bool:
    """Tell whether a field's own example is a right value of it."""
    value = field.example
    if field.kind is FieldKind.BOOLEAN:
        return isinstance(value, bool)
    if field.kind in _NUMBERS:
        # bool is an int to isinstance, but not a number to a form.
        return type(value) is int and _within(value, field.min_value, field.max_value)
    return isinstance(value, str) and _fits_as_text(field, value, offices)


def _fits_as_text(field: FormField, value: str, offices: Mapping[str, Office]) -> bool:
    match field.kind:
        case FieldKind.OFFICE_CODE:
            return value in offices
        case FieldKind.CHOICE:
            return any(value == choice.value for choice in field.choices)
        case FieldKind.TEXT:
            return len(value) <= (field.max_length or 0)
        case _:
            return _CHECKS[field.kind](value)


def _within(value: int, smallest: int | None, largest: int | None) -> bool:
    return (smallest is None or value >= smallest) and (largest is None or value <= largest)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


_CHECKS: Final[Mapping[FieldKind, Callable[[str], bool]]] = {
    FieldKind.DECLARATION_NUMBER: is_declaration_number,
    FieldKind.TAX_CODE: is_tax_code,
    FieldKind.DATE: _is_date,
    FieldKind.PERSONAL_NUMBER: is_personal_number,
    FieldKind.EMAIL: is_email,
    FieldKind.PHONE: is_phone,
    FieldKind.COUNTRY: is_country,
    FieldKind.MANIFEST_NUMBER: is_manifest_number,
    FieldKind.FACILITY_CODE: is_facility_code,
    FieldKind.HS_CODE: is_hs_code,
}
