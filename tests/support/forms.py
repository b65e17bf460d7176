"""Forms to send: valid ones made by seed for any procedure, and for each field the values that must be refused.

Made from the catalogue alone, by the words of the contracts: neither the portal's checks nor the crowd's filler are
used, so that these can be tested with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from services.contracts.catalogue import Procedure
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.identifiers import (
    format_facility_code,
    format_manifest_number,
    make_tax_code,
)

#: Stands for a field that isn't there at all.
MISSING: Final = object()

#: Forms are made for filings from this day on: every procedure is in force then, and the later refund law holds.
FORM_DAY: Final = date(2021, 6, 7)

_COUNTRIES: Final = ("CN", "KR", "JP", "LA", "VN", "US")
_WORDS: Final = ("thép", "cuộn", "cán", "nóng", "đã", "kiểm", "tra", "đủ", "chứng", "từ", "lô", "hàng", "số")
_OFFICES: Final = ("30CF", "30BB", "30BE")


def valid_form(procedure: Procedure, *, seed: int = 0, **known: Any) -> dict[str, Any]:
    """A form that the portal must take.

    Args:
        procedure: whose form.
        seed: another one gives other values, and leaves out other optional fields.
        known: fields that must have these values, such as a trait or a declaration that is registered; those that the
            form doesn't have are passed over.
    """
    draws = Random(f"{procedure.procedure_id} {seed}")
    form = {
        field.name: valid_value(field, draws)
        for field in procedure.form
        if field.required or field.name in known or draws.random() < 0.7
    }
    names = {field.name for field in procedure.form}
    return form | {name: value for name, value in known.items() if name in names}


def valid_value(field: FormField, draws: Random) -> Any:
    """A value that a field must take."""
    match field.kind:
        case FieldKind.CHOICE:
            return draws.choice(field.choices).value
        case FieldKind.BOOLEAN:
            return draws.random() < 0.5
        case FieldKind.MONEY_VND | FieldKind.INTEGER:
            least = 0 if field.min_value is None else field.min_value
            most = least + 10**9 if field.max_value is None else field.max_value
            return draws.randint(least, most)
        case FieldKind.TEXT:
            return _text(field, draws)
        case _:
            return _shaped(field, draws)


def _shaped(field: FormField, draws: Random) -> str:
    values: Mapping[FieldKind, str] = {
        FieldKind.DECLARATION_NUMBER: f"{str(field.example)[0]}2{draws.randrange(10**9):09d}{draws.randrange(10)}",
        FieldKind.TAX_CODE: _tax_code(draws),
        FieldKind.OFFICE_CODE: draws.choice(_OFFICES),
        FieldKind.DATE: (FORM_DAY - timedelta(days=draws.randrange(400))).isoformat(),
        FieldKind.PERSONAL_NUMBER: f"{draws.randrange(10**9):09d}" if draws.random() < 0.5 else "042088001234",
        FieldKind.EMAIL: f"van.thu{draws.randrange(1000)}@mail.example.vn",
        FieldKind.PHONE: draws.choice(("09", "+849")) + f"{draws.randrange(10**8):08d}",
        FieldKind.COUNTRY: draws.choice(_COUNTRIES),
        FieldKind.MANIFEST_NUMBER: format_manifest_number(draws.randint(1, 999_999), FORM_DAY),
        FieldKind.FACILITY_CODE: format_facility_code(draws.randint(1, 999_999)),
        FieldKind.HS_CODE: f"{draws.randint(1, 76):02d}{draws.randrange(10**6):06d}",
    }
    return values[field.kind]


def _text(field: FormField, draws: Random) -> str:
    words = " ".join(draws.choice(_WORDS) for _ in range(draws.randint(1, 6)))
    return words[: field.max_length].strip()


def _tax_code(draws: Random) -> str:
    while (code := make_tax_code(f"{draws.randrange(10**9):09d}")) is None:
        pass
    return code if draws.random() < 0.8 else f"{code}-{draws.randint(1, 999):03d}"


@dataclass(frozen=True)
class Wrong:
    """A value that a field must refuse.

    Attributes:
        value: `MISSING` stands for no value at all.
        code: what the problem document says of it.
    """

    value: Any
    code: str


#: For kinds of one shape: what has the type but not the shape, and the code of that.
_MISSHAPEN: Final[Mapping[FieldKind, tuple[str, tuple[str, ...]]]] = {
    FieldKind.DECLARATION_NUMBER: (
        "bad-declaration-number",
        ("10123456789", "1012345678901", "201234567890", "10123456789a", "١٠١٢٣٤٥٦٧٨٩٠", " 101234567890"),
    ),
    FieldKind.TAX_CODE: (
        "bad-tax-code",
        ("0901067515", "090106751", "09010675144", "0901067514-000", "0901067514-1", "0901067514 001", "abcdefghij"),
    ),
    FieldKind.OFFICE_CODE: ("unknown-office", ("ZZZZ", "30cf", "30C", "30CF ")),
    FieldKind.DATE: ("wrong-type", ("05/06/2018", "2018-02-30", "20180605", "2018-6-5", "2018-06-05T00:00:00Z")),
    FieldKind.CHOICE: ("not-a-choice", ("no-such-choice", "")),
    FieldKind.PERSONAL_NUMBER: ("bad-personal-number", ("12345678", "1234567890", "0420880012345", "04208800123x")),
    FieldKind.EMAIL: (
        "bad-email",
        ("vanthu", "vanthu@", "@example.vn", "van thu@example.vn", "a@b@example.vn", "a@vn"),
    ),
    FieldKind.PHONE: ("bad-phone", ("912345678", "0012345678", "0912 345 678", "091234567", "+1912345678", "phone")),
    FieldKind.COUNTRY: ("bad-country", ("XX", "vn", "VNM", "Việt Nam")),
    FieldKind.MANIFEST_NUMBER: ("bad-manifest-number", ("MF1800012", "mf18000123", "18000123", "MF180001234")),
    FieldKind.FACILITY_CODE: ("bad-facility-code", ("CSSX123", "cssx000123", "000123", "CSSX0001234")),
    FieldKind.HS_CODE: ("bad-hs-code", ("851713", "8517.13.00", "77010000", "00171300", "8517130a")),
}

#: JSON values that are no number, no truth value, no text.
_NO_NUMBERS: Final[tuple[Any, ...]] = ("5", 1.5, True, [5], {}, "")
_NO_TRUTHS: Final[tuple[Any, ...]] = ("true", "", 0, 1, [True], {})
_NO_TEXTS: Final[tuple[Any, ...]] = (5, 1.5, True, [], ["a"], {}, {"a": 1})


def wrong_values(field: FormField) -> Iterator[Wrong]:
    """What a field must refuse, each with the code of the refusal."""
    if field.required:
        yield Wrong(MISSING, "required")
    yield Wrong(None, "null")
    match field.kind:
        case FieldKind.MONEY_VND | FieldKind.INTEGER:
            yield from (Wrong(value, "wrong-type") for value in _NO_NUMBERS)
            if field.min_value is not None:
                yield Wrong(field.min_value - 1, "out-of-range")
            if field.max_value is not None:
                yield Wrong(field.max_value + 1, "out-of-range")
        case FieldKind.BOOLEAN:
            yield from (Wrong(value, "wrong-type") for value in _NO_TRUTHS)
        case FieldKind.TEXT:
            yield from (Wrong(value, "wrong-type") for value in (*_NO_TEXTS, "", "  \t", "a\x00b", "\x1b[31m"))
            yield Wrong("a" * ((field.max_length or 0) + 1), "wrong-length")
        case _:
            yield from (Wrong(value, "wrong-type") for value in _NO_TEXTS)
            code, texts = _MISSHAPEN[field.kind]
            yield from (Wrong(text, code) for text in texts)


def with_wrong(form: Mapping[str, Any], field: FormField, wrong: Wrong) -> dict[str, Any]:
    """The form with one field wrong."""
    rest = {name: value for name, value in form.items() if name != field.name}
    return rest if wrong.value is MISSING else {**rest, field.name: wrong.value}
