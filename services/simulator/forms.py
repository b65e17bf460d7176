"""What stands in a form: values that the portal's own rules accept, different from dossier to dossier.

Made by the kind of each field; only free texts go by the field's name, from `data/form_texts.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from services.contracts.catalogue import Procedure
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.identifiers import format_facility_code, format_manifest_number
from services.runtime.records import read_yaml
from services.simulator.draws import Draws
from services.simulator.population import Applicant

FormValue = str | int | bool

_TEXTS: Final = Path(__file__).parent / "data" / "form_texts.yaml"

#: How often an optional field is filled in.
_OPTIONAL_RATIO: Final = 0.7

#: How often a yes-or-no field says yes.
_TRUE_RATIO: Final = 0.25

#: How often a declaration has been amended before: then its last digit isn't 0.
_AMENDED_RATIO: Final = 0.1

#: Manifests and facilities that a portal's registers haven't seen: those from 900,000 on are their own.
_LAST_SERIAL: Final = 899_999

#: Amounts from here to there (dong), as many small as large ones by order of magnitude.
_LEAST_AMOUNT_VND: Final = 100_000
_MOST_AMOUNT_VND: Final = 2_000_000_000

#: Whole numbers without a largest value go from the smallest one so far up.
_SPREAD: Final = 100

#: Dates lie so many days before the filing, or, where a field asks "until", after it.
_LONGEST_AGO_DAYS: Final = 55
_LONGEST_AHEAD_DAYS: Final = 30

#: A settlement report is about the year before (TT39/2018 art. 60; that it is the calendar year is ours).
_FINANCIAL_YEAR_END: Final = "financial_year_ends_on"

#: Dates that are the declaration's own: a green one is cleared as it is registered.
_DAYS_OF_DECLARATION: Final = frozenset({"registered_on", "cleared_on"})

#: Where goods and partners come from or go to: large trading partners, and Laos across the border (ours).
_COUNTRIES: Final = ("CN", "KR", "JP", "US", "TW", "TH", "LA", "DE", "IN", "AU", "SG", "MY")

#: Kinds whose values differ in their digits alone; `#` becomes one.
_SHAPES: Final = {
    FieldKind.PERSONAL_NUMBER: "0420########",
    FieldKind.EMAIL: "vanthu####@example.vn",
    FieldKind.PHONE: "0912######",
    FieldKind.HS_CODE: "8517####",
}


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who files, where and when: what a form's values must agree with.

    Attributes:
        given: Values that are settled already, by field: what it names in the registers, and traits; `None`: nothing.
        registered_on: The day of the declaration that it names, if that is known: its dates lie after it.
    """

    applicant: Applicant
    office_code: str
    filed_on: date
    given: Mapping[str, FormValue] | None = None
    registered_on: date | None = None


@dataclass(frozen=True, slots=True)
class FieldTexts:
    """What may stand in a text field.

    Attributes:
        together: fields of one form with the same word here take the same row; `None`: each by itself.
    """

    rows: tuple[str, ...]
    together: str | None = None


def load_form_texts(file: Path = _TEXTS) -> dict[str, FieldTexts]:
    """Texts by name of field, or by `procedure.field`.

    Raises:
        DataFileError: the file is wrong; the sentence names line and field.
    """
    listing = read_yaml(file)
    texts: dict[str, FieldTexts] = {}
    sizes: dict[str, int] = {}
    for row in listing.records("fields"):
        entry = FieldTexts(row.texts("texts"), row.optional("together", row.text))
        if entry.together and sizes.setdefault(entry.together, len(entry.rows)) != len(entry.rows):
            row.fail("texts", f"{sizes[entry.together]} are needed, as in the other fields of {entry.together}")
        texts[row.text("field")] = entry
        row.finish()
    listing.finish()
    return texts


class FormFiller:
    """Fills forms in."""

    def __init__(self, texts: Mapping[str, FieldTexts], draws: Draws) -> None:
        self._texts = texts
        self._draws = draws
        self._rows: dict[str, float] = {}

    def fill(self, procedure: Procedure, occasion: Occasion) -> dict[str, FormValue]:
        """A valid form of the procedure; some optional fields are left out."""
        self._rows = {}
        filled = {
            field.name: self._value(field, procedure, occasion)
            for field in procedure.form
            if field.required or self._draws.chance(_OPTIONAL_RATIO)
        }
        # Drawn all the same, so that what is given to one dossier doesn't change the next.
        filled.update(occasion.given or {})
        return filled

    def number(self, field: FormField, filed_on: date) -> str:
        """A number for a field that names something in a register."""
        if field.kind is FieldKind.DECLARATION_NUMBER:
            return self._declaration_number(field)
        if field.kind is FieldKind.MANIFEST_NUMBER:
            return format_manifest_number(self._draws.between(1, _LAST_SERIAL), filed_on)
        return format_facility_code(self._draws.between(1, _LAST_SERIAL))

    def traits(self, procedure: Procedure) -> Mapping[str, FormValue]:
        """The fields of a form that decide about limits and routes; chosen, whoever files where and when."""
        return {
            field.name: self._draws.pick(field.choices).value if field.choices else self._draws.chance(_TRUE_RATIO)
            for field in procedure.form
            if field.is_trait
        }

    def _value(self, field: FormField, procedure: Procedure, occasion: Occasion) -> FormValue:  # noqa: PLR0911 - one return a kind
        match field.kind:
            case FieldKind.TAX_CODE:
                return occasion.applicant.tax_code
            case FieldKind.OFFICE_CODE:
                return occasion.office_code
            case FieldKind.CHOICE:
                return self._draws.pick(field.choices).value
            case FieldKind.BOOLEAN:
                return self._draws.chance(_TRUE_RATIO)
            case FieldKind.INTEGER:
                least = field.min_value or 0
                return self._draws.between(least, least + _SPREAD if field.max_value is None else field.max_value)
            case FieldKind.MONEY_VND:
                return self._amount(field)
            case FieldKind.TEXT:
                return self._text(field, procedure, occasion.filed_on)
            case _:
                return self._shaped(field, occasion)

    def _shaped(self, field: FormField, occasion: Occasion) -> str:
        """A value of a kind with a shape of its own."""
        filed_on = occasion.filed_on
        match field.kind:
            case FieldKind.DECLARATION_NUMBER | FieldKind.MANIFEST_NUMBER | FieldKind.FACILITY_CODE:
                return self.number(field, filed_on)
            case FieldKind.DATE:
                return self._date(field, occasion).isoformat()
            case FieldKind.COUNTRY:
                return self._draws.pick(_COUNTRIES)
            case _:
                return self._digits(_SHAPES[field.kind])

    def _declaration_number(self, field: FormField) -> str:
        """Import or export as in the field's example: some forms take only one of them."""
        amendments = self._draws.between(1, 3) if self._draws.chance(_AMENDED_RATIO) else 0
        return f"{str(field.example)[0]}03{self._draws.between(0, 99_999_999):08d}{amendments}"

    def _date(self, field: FormField, occasion: Occasion) -> date:
        filed_on, registered_on = occasion.filed_on, occasion.registered_on
        if field.name.endswith("_until"):
            return filed_on + timedelta(days=self._draws.between(1, _LONGEST_AHEAD_DAYS))
        drawn = filed_on - timedelta(days=self._draws.between(1, _LONGEST_AGO_DAYS))
        if field.name == _FINANCIAL_YEAR_END:
            return date(filed_on.year - 1, 12, 31)
        if registered_on is None:
            return drawn
        return registered_on if field.name in _DAYS_OF_DECLARATION else max(drawn, registered_on)

    def _amount(self, field: FormField) -> int:
        lowest = max(1, field.min_value or 0)
        highest = max(_MOST_AMOUNT_VND, 2 * lowest) if field.max_value is None else field.max_value
        least = max(lowest, _LEAST_AMOUNT_VND) if highest > _LEAST_AMOUNT_VND else lowest
        most = min(highest, max(_MOST_AMOUNT_VND, least))
        amount = int(least * (most / least) ** self._draws.ratio())
        return max(least, amount // 1000 * 1000)

    def _text(self, field: FormField, procedure: Procedure, filed_on: date) -> str:
        template = str(field.example)
        texts = self._texts.get(f"{procedure.procedure_id}.{field.name}") or self._texts.get(field.name)
        if texts is not None:
            ratio = self._draws.ratio()
            if texts.together is not None:
                ratio = self._rows.setdefault(texts.together, ratio)
            template = texts.rows[int(ratio * len(texts.rows))]
        return self._digits(template.replace("{year}", str(filed_on.year)))

    def _digits(self, template: str) -> str:
        """The template with a digit for each #."""
        return "".join(str(self._draws.between(0, 9)) if sign == "#" else sign for sign in template)
