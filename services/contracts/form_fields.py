"""What a procedure's form is made of: fields, what they may hold, and what hangs on them.

Plain frozen values. They check nothing; the shapes of numbers are in `identifiers`.
"""

from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    """What a form field holds; its JSON type and its check follow from it."""

    #: String of 12 digits, see `identifiers.is_declaration_number`.
    DECLARATION_NUMBER = "declaration_number"
    #: String, see `identifiers.is_tax_code`.
    TAX_CODE = "tax_code"
    #: String, the code of an office of the catalogue.
    OFFICE_CODE = "office_code"
    #: String, at most `FormField.max_length` characters.
    TEXT = "text"
    #: Integer, whole Vietnamese dong.
    MONEY_VND = "money_vnd"
    #: String, ISO 8601 calendar date.
    DATE = "date"
    #: String, the `value` of one of `FormField.choices`.
    CHOICE = "choice"
    #: True or false.
    BOOLEAN = "boolean"
    #: Integer.
    INTEGER = "integer"
    #: String, 9 digits (CMND) or 12 (CCCD), see `identifiers.is_personal_number`.
    PERSONAL_NUMBER = "personal_number"
    #: String, an e-mail address.
    EMAIL = "email"
    #: String, a Vietnamese telephone number.
    PHONE = "phone"
    #: String, two capital letters of ISO 3166-1.
    COUNTRY = "country"
    #: String, number of a manifest in the register of manifests.
    MANIFEST_NUMBER = "manifest_number"
    #: String, code of a production facility in the register of facilities.
    FACILITY_CODE = "facility_code"
    #: String of 8 digits, a line of the tariff; see `identifiers.is_hs_code`.
    HS_CODE = "hs_code"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a field of kind `choice`."""

    value: str
    label_vi: str
    label_en: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a procedure's form.

    Attributes:
        name: Key in the submitted JSON object, snake case, unique in its form.
        example: A value that passes the field's check.
        choices: Allowed values in the order to show them; empty unless `kind` is `choice`.
        max_length: Characters, for `text`; None for other kinds.
        min_value: Smallest allowed number, for `money_vnd` and `integer`; None when unbounded.
        max_value: Largest allowed number, likewise.
        is_trait: The value decides which limit holds or what happens next, so processing is told it; only for `choice`
            and `boolean` (told as `true` or `false`).
        must_be_registered: The number must stand in the register of its kind and belong to the applicant; only for
            `declaration_number`, `manifest_number` and `facility_code`.
    """

    name: str
    kind: FieldKind
    required: bool
    label_vi: str
    label_en: str
    help_vi: str
    help_en: str
    example: str | int | bool
    choices: tuple[Choice, ...] = ()
    max_length: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    is_trait: bool = False
    must_be_registered: bool = False
