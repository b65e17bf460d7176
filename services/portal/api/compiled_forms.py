"""Forms recognised at the speed of C: compiled from the catalogue, for ordinary ones (ADR 18).

What is accepted here, the schemas of `forms` accept, too. What isn't accepted may still be right: they decide, and say
what is wrong.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import msgspec

from services.contracts.catalogue import Catalogue
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.identifiers import COUNTRY_CODES, is_email
from services.portal.api.forms import (
    DECLARATION_NUMBER_PATTERN,
    FACILITY_CODE_PATTERN,
    HS_CODE_PATTERN,
    MANIFEST_NUMBER_PATTERN,
    PERSONAL_NUMBER_PATTERN,
    PHONE_PATTERN,
    TAX_CODE_PATTERN,
    is_valid_tax_code,
)
from services.portal.api.strict_fields import read_day

#: Text that begins with something visible and has no control characters but tab and line breaks. Narrower than
#: `strict_fields.Text`, and searched in a time that grows with the text's length only.
ORDINARY_TEXT: Final = r"\A[^\s\x00-\x1F\x7F][^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*\Z"

#: Tax codes whose check digit needn't be reckoned again; enterprises file again and again.
KNOWN_TAX_CODES: Final = 1 << 16

Check = Callable[[str], bool]


def exactly(pattern: str) -> Any:
    """The type of a text that a pattern describes from its beginning to its end (Python's $ allows a line end)."""
    return Annotated[str, msgspec.Meta(pattern=rf"\A(?:{pattern.removeprefix('^').removesuffix('$')})\Z")]


@lru_cache(KNOWN_TAX_CODES)
def is_known_tax_code(text: str) -> bool:
    """As `is_valid_tax_code`."""
    return is_valid_tax_code(text)


def _is_day(text: str) -> bool:
    return read_day(text) is not None


#: Kinds that are the same in every form.
_TYPES: Final[Mapping[FieldKind, Any]] = {
    FieldKind.DECLARATION_NUMBER: exactly(DECLARATION_NUMBER_PATTERN),
    FieldKind.TAX_CODE: exactly(TAX_CODE_PATTERN),
    FieldKind.PERSONAL_NUMBER: exactly(PERSONAL_NUMBER_PATTERN),
    FieldKind.PHONE: exactly(PHONE_PATTERN),
    FieldKind.MANIFEST_NUMBER: exactly(MANIFEST_NUMBER_PATTERN),
    FieldKind.FACILITY_CODE: exactly(FACILITY_CODE_PATTERN),
    FieldKind.HS_CODE: exactly(HS_CODE_PATTERN),
    FieldKind.COUNTRY: Literal[tuple(COUNTRY_CODES)],
    FieldKind.BOOLEAN: bool,
    FieldKind.EMAIL: str,
    FieldKind.DATE: str,
}
#: What the type doesn't say of a kind.
_CHECKS: Final[Mapping[FieldKind, Check]] = {
    FieldKind.TAX_CODE: is_known_tax_code,
    FieldKind.EMAIL: is_email,
    FieldKind.DATE: _is_day,
}


class CompiledForm:
    """One form, compiled.

    Args:
        form: its fields.
        offices: codes of customs offices.
        required: whether fields that the form requires must be there.
    """

    def __init__(self, form: Sequence[FormField], offices: Collection[str], *, required: bool = True) -> None:
        # A field may be called like a word of Python's: attributes have names of their own.
        attributes = {f"field_{place}": field for place, field in enumerate(form)}
        self._checks = [(field.name, _CHECKS[field.kind]) for field in form if field.kind in _CHECKS]
        self._type = msgspec.defstruct(
            "Form",
            [
                (attribute, kind)
                if field.required and required
                else (attribute, kind | msgspec.UnsetType, msgspec.UNSET)
                for attribute, field in attributes.items()
                for kind in [_type_of(field, offices)]
            ],
            rename={attribute: field.name for attribute, field in attributes.items()},
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )

    def accepts(self, form: Any) -> bool:
        """Whether this is an ordinary right form; of others nothing is known."""
        try:
            msgspec.convert(form, self._type)
        except msgspec.ValidationError:
            return False
        return all(check(form[name]) for name, check in self._checks if name in form)


def compile_forms(catalogue: Catalogue) -> Mapping[str, CompiledForm]:
    """The forms of all procedures, by procedure id."""
    return {name: CompiledForm(item.form, catalogue.offices) for name, item in catalogue.procedures.items()}


def _type_of(field: FormField, offices: Collection[str]) -> Any:
    match field.kind:
        case FieldKind.OFFICE_CODE:
            return Literal[tuple(offices)]
        case FieldKind.CHOICE:
            return Literal[tuple(choice.value for choice in field.choices)]
        case FieldKind.MONEY_VND | FieldKind.INTEGER:
            return Annotated[int, msgspec.Meta(ge=field.min_value, le=field.max_value)]
        case FieldKind.TEXT:
            return Annotated[str, msgspec.Meta(min_length=1, max_length=field.max_length, pattern=ORDINARY_TEXT)]
        case _:
            return _TYPES[field.kind]
