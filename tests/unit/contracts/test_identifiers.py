"""Identifiers: the examples in their docstrings, and the edges."""

import doctest
from datetime import date

import pytest

from services.contracts import identifiers
from services.contracts.identifiers import (
    format_dossier_id,
    format_facility_code,
    format_manifest_number,
    is_declaration_number,
    is_email,
    is_facility_code,
    is_manifest_number,
    is_personal_number,
    is_tax_code,
    make_tax_code,
    parse_dossier_id,
)


def test_every_example_in_the_docstrings_holds() -> None:
    results = doctest.testmod(identifiers)
    assert (results.failed, results.attempted > 0) == (0, True)


@pytest.mark.parametrize("code", ["0901067514", "0100109106", "0300588569", "0300588569-001", "0300588569-999"])
def test_tax_code_is_right(code: str) -> None:
    assert is_tax_code(code)


@pytest.mark.parametrize(
    "code",
    ["0901067513", "090106751", "09010675144", "0300588569-000", "0300588569-1", "0300588569 001", "٠٩٠١٠٦٧٥١٤", ""],
)
def test_tax_code_is_wrong(code: str) -> None:
    assert not is_tax_code(code)


def test_one_wrong_digit_anywhere_in_a_tax_code_is_noticed() -> None:
    code = "0901067514"
    for place, digit in enumerate(code):
        for wrong in set("0123456789") - {digit}:
            assert not is_tax_code(code[:place] + wrong + code[place + 1 :])


def test_made_tax_codes_are_right_or_not_issued() -> None:
    made = [make_tax_code(f"{number:09}") for number in range(300_000_000, 300_001_000)]
    issued = [code for code in made if code is not None]
    assert all(is_tax_code(code) for code in issued)
    assert 880 < len(issued) < 940  # one in eleven has 10 as its check


@pytest.mark.parametrize("digits", ["", "12345678", "1234567890", "12345678a"])
def test_tax_code_is_not_made_from_anything_but_nine_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="nine digits"):
        make_tax_code(digits)


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("101234567890", True),
        ("301234567890", True),
        ("201234567890", False),
        ("10123456789", False),
        ("1012345678901", False),
        ("10123456789x", False),
        ("101234567890\n", False),
    ],
)
def test_declaration_number(number: str, right: bool) -> None:
    assert is_declaration_number(number) is right


@pytest.mark.parametrize(
    ("number", "right"),
    [("183456789", True), ("042088001234", True), ("1834567890", False), ("", False), ("18345678a", False)],
)
def test_citizen_id(number: str, right: bool) -> None:
    assert is_personal_number(number) is right


@pytest.mark.parametrize(
    ("number", "filed_on"),
    [
        (1, date(2018, 1, 1)),
        (999_999, date(2018, 12, 31)),
        (1_000_000, date(2020, 2, 29)),
        (3_070_000, date(2099, 1, 1)),
    ],
)
def test_dossier_id_comes_back_as_it_was_made(number: int, filed_on: date) -> None:
    assert parse_dossier_id(format_dossier_id(number, filed_on)) == (number, filed_on)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000.00.00.G12-180605-123",
        "000.00.00.G12-180605-0000123",
        "000.00.00.G12-180605-000000",
        "000.00.00.G12-181305-000123",
        "000.00.00.H12-180605-000123",
        "000x00x00xG12-180605-000123",
        " 000.00.00.G12-180605-000123",
        "000.00.00.G12-180605-" + "9" * 40,
    ],
)
def test_dossier_id_in_another_form_is_none(text: str) -> None:
    assert parse_dossier_id(text) is None


@pytest.mark.parametrize(("number", "year"), [(0, 2018), (-1, 2018), (1, 1999), (1, 2100)])
def test_dossier_id_is_not_made_out_of_range(number: int, year: int) -> None:
    with pytest.raises(ValueError, match="No dossier id"):
        format_dossier_id(number, date(year, 1, 1))


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("a@b.vn", True),
        ("a@mail.xn--p1ai", True),
        (f"{'a' * 64}@example.vn", True),
        (f"{'a' * 65}@example.vn", False),
        (f"a@{'b' * 63}.vn", True),
        (f"a@{'b' * 64}.vn", False),
        (f"a@{'.'.join(['b' * 60] * 5)}.vn", False),
        ("a@example-.vn", False),
        ("a@example.1", False),
        (".a@example.vn", False),
        ("a@example.vn.", False),
        ("a@example.vn\n", False),
    ],
)
def test_email_addresses(address: str, right: bool) -> None:
    assert is_email(address) is right


def test_made_manifest_numbers_and_facility_codes_are_right() -> None:
    for number in (1, 999_999):
        assert is_manifest_number(format_manifest_number(number, date(2018, 6, 5)))
        assert is_facility_code(format_facility_code(number))


@pytest.mark.parametrize("number", [0, 1_000_000])
def test_numbers_out_of_range_are_a_mistake_of_the_caller(number: int) -> None:
    with pytest.raises(ValueError, match="No manifest"):
        format_manifest_number(number, date(2018, 6, 5))
    with pytest.raises(ValueError, match="No facility"):
        format_facility_code(number)
