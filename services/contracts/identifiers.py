"""The identifiers of customs dossiers: what a right one looks like, and how ours are made.

Pure checks of text. They don't know whether a tax code or a declaration was ever issued.
"""

import re
from datetime import date

#: Unit code in front of each dossier id. G12 is the Ministry of Finance; that of Customs under it wasn't found,
#: so the zeros are synthetic (Circular 01/2018/TT-VPCP art. 19 gives the shape).
DOSSIER_ID_PREFIX = "000.00.00.G12"

#: Weights of the first nine digits of a tax code in its check digit.
_TAX_CODE_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)

# [0-9] and not \d: the latter also takes digits of other scripts.
_TAX_CODE = re.compile(r"([0-9]{9})([0-9])(?:-([0-9]{3}))?")
_NINE_DIGITS = re.compile(r"[0-9]{9}")
_DECLARATION_NUMBER = re.compile(r"[13][0-9]{11}")
_CITIZEN_ID = re.compile(r"[0-9]{9}(?:[0-9]{3})?")
_DOSSIER_ID = re.compile(re.escape(DOSSIER_ID_PREFIX) + r"-([0-9]{2})([0-9]{2})([0-9]{2})-([0-9]{6}|[1-9][0-9]{6,17})")


def is_tax_code(text: str) -> bool:
    """Tell whether a tax code is well formed: 10 digits, the last one a check digit, and perhaps a branch number.

    Args:
        text: Ten digits, or ten digits, a hyphen and a branch from 001 to 999.

    Source:
        Shape: consolidated legal code, article 33.4.TT.2.5. Check digit: from memory; right for the three real
        codes below.

    >>> [is_tax_code(text) for text in ("0901067514", "0100109106", "0300588569", "0100109106-001")]
    [True, True, True, True]
    >>> [is_tax_code(text) for text in ("0901067515", "0100109106-000", "0100109106001", "")]
    [False, False, False, False]
    """
    match = _TAX_CODE.fullmatch(text)
    if match is None or match[3] == "000":
        return False
    return _tax_check_digit(match[1]) == int(match[2])


def make_tax_code(first_nine: str) -> str | None:
    """Return the tax code that begins with nine given digits.

    Args:
        first_nine: Nine digits: a range code of two and a serial of seven.

    Returns:
        Ten digits; None when the check digit would be 10, since such codes aren't issued.

    Raises:
        ValueError: Not nine digits; a mistake of the caller.

    Source:
        As `is_tax_code`.

    >>> make_tax_code("010010910")
    '0100109106'
    >>> make_tax_code("000000000") is None
    True
    """
    if _NINE_DIGITS.fullmatch(first_nine) is None:
        raise ValueError(f"A tax code is made from nine digits, not from {first_nine!r}.")
    check = _tax_check_digit(first_nine)
    return None if check == 10 else f"{first_nine}{check}"


def _tax_check_digit(first_nine: str) -> int:
    """Return 0 to 10; 10 stands for "no such code"."""
    weighted = sum(weight * int(digit) for weight, digit in zip(_TAX_CODE_WEIGHTS, first_nine, strict=True))
    return 10 - weighted % 11


def is_declaration_number(text: str) -> bool:
    """Tell whether a customs declaration number is well formed: 12 digits, the first 1 (import) or 3 (export).

    The last digit counts amendments: 0, then 1, 2, …

    Source:
        VNACCS terminal software and guides (12 digits); first digit from memory, with a real import number below.

    >>> is_declaration_number("107096649442"), is_declaration_number("301234567890")
    (True, True)
    >>> is_declaration_number("207096649442"), is_declaration_number("10709664944")
    (False, False)
    """
    return _DECLARATION_NUMBER.fullmatch(text) is not None


def is_citizen_id(text: str) -> bool:
    """Tell whether a person's number is well formed: 9 digits (identity card) or 12 (citizen card).

    Source:
        From memory; neither has a check digit.

    >>> is_citizen_id("183456789"), is_citizen_id("042088001234"), is_citizen_id("0420880012")
    (True, True, False)
    """
    return _CITIZEN_ID.fullmatch(text) is not None


def format_dossier_id(number: int, filed_on: date) -> str:
    """Return the public id of a dossier.

    Args:
        number: The dossier's number in its sandbox, from 1.
        filed_on: Local date of filing, in the years 2000 to 2099.

    Returns:
        Prefix, date and number; the number has six digits, and more when it needs them.

    Raises:
        ValueError: Number or year out of range; a mistake of the caller.

    Source:
        Circular 01/2018/TT-VPCP art. 19; ours: six digits counted through a sandbox for its four counted each day.

    >>> format_dossier_id(123, date(2018, 6, 5))
    '000.00.00.G12-180605-000123'
    >>> format_dossier_id(3_070_000, date(2018, 6, 29))
    '000.00.00.G12-180629-3070000'
    """
    if number < 1 or not 2000 <= filed_on.year <= 2099:
        raise ValueError(f"No dossier id for number {number} filed on {filed_on}: numbers start at 1, years at 2000.")
    return f"{DOSSIER_ID_PREFIX}-{filed_on.year % 100:02}{filed_on.month:02}{filed_on.day:02}-{number:06}"


def parse_dossier_id(text: str) -> tuple[int, date] | None:
    """Return number and filing date of a dossier id; None when the text isn't one in the form we give.

    >>> parse_dossier_id("000.00.00.G12-180605-000123")
    (123, datetime.date(2018, 6, 5))
    >>> parse_dossier_id("000.00.00.G12-180631-000123") is None
    True
    """
    match = _DOSSIER_ID.fullmatch(text)
    if match is None:
        return None
    number = int(match[4])
    try:
        filed_on = date(2000 + int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    return (number, filed_on) if number else None
