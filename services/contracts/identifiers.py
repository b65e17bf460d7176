"""The identifiers of customs dossiers and forms: what a right one looks like, and how ours are made.

Pure checks of text. They don't know whether a tax code or a declaration was ever issued, nor whether a telephone rings.
"""

import re
from datetime import date
from functools import lru_cache

#: Unit code in front of each dossier id. G12 is the Ministry of Finance; that of Customs under it wasn't found,
#: so the zeros are synthetic (Circular 01/2018/TT-VPCP art. 19 gives the shape).
DOSSIER_ID_PREFIX = "000.00.00.G12"

#: Weights of the first nine digits of a tax code in its check digit.
_TAX_CODE_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)

# [0-9] and not \d: the latter also takes digits of other scripts.
_TAX_CODE = re.compile(r"([0-9]{9})([0-9])(?:-([0-9]{3}))?")
_NINE_DIGITS = re.compile(r"[0-9]{9}")
_DECLARATION_NUMBER = re.compile(r"[13][0-9]{11}")
_PERSONAL_NUMBER = re.compile(r"[0-9]{9}(?:[0-9]{3})?")
# The characters of RFC 5322's dot-atom; quoted local parts and address literals aren't taken.
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@((?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]+)"
)
_HOST_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LONGEST_EMAIL = 254
_PHONE = re.compile(r"(?:0|\+84)[1-9][0-9]{8,9}")
# Six digits; those that begin with a 9 are the register's own, which get longer after the 99,999th.
_MANIFEST_NUMBER = re.compile(r"MF[0-9]{2}(?:[0-9]{6}|9[0-9]{6,8})")
_FACILITY_CODE = re.compile(r"CSSX(?:[0-9]{6}|9[0-9]{6,8})")
_HS_CODE = re.compile(r"(?!00|77|99)[0-9]{8}")

#: ISO 3166-1 alpha-2: the officially assigned codes.
COUNTRY_CODES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT
    JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - a list of 249 literals is 250 lines
)
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


def is_personal_number(text: str) -> bool:
    """Tell whether a person's number is well formed: 9 digits (identity card, CMND) or 12 (citizen card, CCCD).

    Source:
        From memory; neither has a check digit.

    >>> is_personal_number("183456789"), is_personal_number("042088001234"), is_personal_number("0420880012")
    (True, True, False)
    """
    return _PERSONAL_NUMBER.fullmatch(text) is not None


def is_email(text: str) -> bool:
    """Tell whether an e-mail address is well formed, in the form that people write: plain local part, host with a dot.

    Source:
        RFC 5321 (lengths: 64 before the sign, 254 in all) and the dot-atom of RFC 5322; narrower than both.

    >>> is_email("vanthu@vungang.vn"), is_email("a.b+c@mail.example.com")
    (True, True)
    >>> is_email("vanthu@vungang"), is_email("van thu@vungang.vn"), is_email("a..b@vungang.vn"), is_email("a@-b.vn")
    (False, False, False, False)
    """
    match = _EMAIL.fullmatch(text)
    if match is None or len(text) > _LONGEST_EMAIL or text.index("@") > 64:
        return False
    return all(_HOST_PART.fullmatch(part) for part in match[1].split("."))


def is_phone(text: str) -> bool:
    """Tell whether a Vietnamese telephone number is well formed: 10 or 11 digits after 0, or +84 instead of the 0.

    Source:
        Numbering plan, from memory: 10 digits for mobile numbers since 2018 (11 before), 10 or 11 for fixed ones.

    >>> is_phone("0912345678"), is_phone("02393851234"), is_phone("+84912345678")
    (True, True, True)
    >>> is_phone("912345678"), is_phone("0012345678"), is_phone("0912 345 678"), is_phone("09123")
    (False, False, False, False)
    """
    return _PHONE.fullmatch(text) is not None


def is_country(text: str) -> bool:
    """Tell whether a text is a country's code of two capital letters (ISO 3166-1).

    >>> is_country("VN"), is_country("LA"), is_country("vn"), is_country("XX")
    (True, True, False, False)
    """
    return text in COUNTRY_CODES


def is_manifest_number(text: str) -> bool:
    """Tell whether the number of a manifest is well formed: MF, two digits of the year, six digits.

    The register's own, with a 9 as the first, may have up to nine.

    Source:
        Ours; the numbers of the National Single Window weren't found.

    >>> is_manifest_number("MF18000123"), is_manifest_number("MF1800012"), is_manifest_number("mf18000123")
    (True, False, False)
    """
    return _MANIFEST_NUMBER.fullmatch(text) is not None


def format_manifest_number(number: int, registered_on: date) -> str:
    """Return the number of a manifest.

    Args:
        number: The manifest's number in its sandbox, 1 to 999,999.
        registered_on: Local date of registration, in the years 2000 to 2099.

    Raises:
        ValueError: Number or year out of range; a mistake of the caller.

    Source:
        Ours, as `is_manifest_number`.

    >>> format_manifest_number(123, date(2018, 6, 5))
    'MF18000123'
    """
    if not 1 <= number <= 999_999 or not 2000 <= registered_on.year <= 2099:
        raise ValueError(f"No manifest has number {number} of {registered_on}.")
    return f"MF{registered_on.year % 100:02}{number:06}"


def is_facility_code(text: str) -> bool:
    """Tell whether the code of a production facility is well formed: CSSX (cơ sở sản xuất) and six digits.

    The register's own, with a 9 as the first, may have up to nine.

    Source:
        Ours; the codes of the real register weren't found.

    >>> is_facility_code("CSSX000123"), is_facility_code("CSSX123"), is_facility_code("CSXX000123")
    (True, False, False)
    """
    return _FACILITY_CODE.fullmatch(text) is not None


def format_facility_code(number: int) -> str:
    """Return the code of a production facility.

    Args:
        number: The facility's number in its sandbox, 1 to 999,999.

    Raises:
        ValueError: Number out of range; a mistake of the caller.

    Source:
        Ours, as `is_facility_code`.

    >>> format_facility_code(123)
    'CSSX000123'
    """
    if not 1 <= number <= 999_999:
        raise ValueError(f"No facility has number {number}.")
    return f"CSSX{number:06}"


def is_hs_code(text: str) -> bool:
    """Tell whether a code of goods is well formed: 8 digits, the first two a chapter of the tariff (01 to 98, no 77).

    Source:
        Harmonized System and ASEAN nomenclature, from memory; chapter 98 is Vietnam's own.

    >>> is_hs_code("85171300"), is_hs_code("72083990")
    (True, True)
    >>> is_hs_code("851713"), is_hs_code("8517.13.00"), is_hs_code("77010000"), is_hs_code("00171300")
    (False, False, False, False)
    """
    return _HS_CODE.fullmatch(text) is not None


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
    return f"{_prefix_of(filed_on)}{number:06}"


@lru_cache(maxsize=512)
def _prefix_of(filed_on: date) -> str:
    return f"{DOSSIER_ID_PREFIX}-{filed_on.year % 100:02}{filed_on.month:02}{filed_on.day:02}-"


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
