"""How official papers write days, amounts and names in Vietnamese, and days in English.

Pure text. Pages have their own words (`services.portal.web.words`), in the language of the reader; papers are
Vietnamese whoever reads them.
"""

import re
from datetime import date, datetime
from typing import Final

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.contracts.timeliness import VIETNAM_TIME

_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_BILLION: Final = 10**9

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_UNITS: Final = {
    TimeUnit.WORKING_HOURS: ("giờ làm việc", "working hours"),
    TimeUnit.WORKING_DAYS: ("ngày làm việc", "working days"),
    TimeUnit.CALENDAR_DAYS: ("ngày", "days"),
}

#: Short forms in the list of offices, longer ones first, and what they stand for. Those that could stand for several
#: things stay as they are.
_SHORT_FORMS: Final = (
    (r"CC ?HQCK\b", "Chi cục Hải quan cửa khẩu"),
    (r"CC ?HQ\b", "Chi cục Hải quan"),
    (r"\bCC\b", "Chi cục"),
    (r"\bHQCK\b", "Hải quan cửa khẩu"),
    (r"\bCK\b", "cửa khẩu"),
    (r"\bHQ\b", "Hải quan"),
    (r"\bKTSTQ\b", "Kiểm tra sau thông quan"),
    (r"\bKCN\b", "Khu công nghiệp"),
    (r"\bKCX\b", "Khu chế xuất"),
    (r"\bQT\b", "quốc tế"),
    (r"\bKV\b", "khu vực"),
)


def day_words(on: date) -> str:
    """Return a date as papers write it: a zero before days under 10 and before January and February.

    Source:
        Decree 30/2020/NĐ-CP, annex I, II.1.4; the same before it (Circular 01/2011/TT-BNV art. 9).

    >>> day_words(date(2018, 6, 5)), day_words(date(2018, 2, 14))
    ('ngày 05 tháng 6 năm 2018', 'ngày 14 tháng 02 năm 2018')
    """
    month = f"{on.month:02}" if on.month <= 2 else str(on.month)
    return f"ngày {on.day:02} tháng {month} năm {on.year}"


def instant_words(at: datetime) -> str:
    """Return an instant in Vietnamese time with its date.

    >>> from datetime import UTC
    >>> instant_words(datetime(2018, 6, 5, 1, 5, tzinfo=UTC))
    '08 giờ 05 phút, ngày 05 tháng 6 năm 2018'
    """
    local = at.astimezone(VIETNAM_TIME)
    return f"{local:%H} giờ {local:%M} phút, {day_words(local.date())}"


def short_day(on: date) -> str:
    """Return a date in digits.

    >>> short_day(date(2018, 6, 5))
    '05/06/2018'
    """
    return f"{on:%d/%m/%Y}"


def short_instant(at: datetime) -> str:
    """Return an instant in Vietnamese time in digits.

    >>> from datetime import UTC
    >>> short_instant(datetime(2018, 6, 5, 1, 5, tzinfo=UTC))
    '08:05 05/06/2018'
    """
    return f"{at.astimezone(VIETNAM_TIME):%H:%M %d/%m/%Y}"


def english_day(on: date) -> str:
    """Return a date in English.

    >>> english_day(date(2018, 6, 5))
    '5 June 2018'
    """
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def english_instant(at: datetime) -> str:
    """Return an instant in Vietnamese time, in English.

    >>> from datetime import UTC
    >>> english_instant(datetime(2018, 6, 5, 1, 5, tzinfo=UTC))
    '08:05 on 5 June 2018'
    """
    local = at.astimezone(VIETNAM_TIME)
    return f"{local:%H:%M} on {english_day(local.date())}"


def limit_words(limit: TimeLimit) -> str:
    """Return a time limit.

    >>> limit_words(TimeLimit(6, TimeUnit.WORKING_DAYS))
    '06 ngày làm việc'
    """
    return f"{limit.amount:02} {_UNITS[limit.unit][0]}"


def dong(amount_vnd: int) -> str:
    """Return an amount of money in digits.

    >>> dong(1_234_567)
    '1.234.567 đồng'
    """
    return f"{amount_vnd:,} đồng".replace(",", ".")


def dong_words(amount_vnd: int) -> str:
    """Return an amount of money in words, as payment papers repeat it.

    >>> dong_words(20_000)
    'Hai mươi nghìn đồng'
    """
    words = number_words(amount_vnd)
    return f"{words[0].upper()}{words[1:]} đồng"


def number_words(number: int) -> str:
    """Return a whole number in words, from 0 on.

    >>> [number_words(number) for number in (0, 15, 21, 105, 1_005_000)]
    ['không', 'mười lăm', 'hai mươi mốt', 'một trăm linh năm', 'một triệu không trăm linh năm nghìn']
    >>> number_words(2_000_000_000_000)
    'hai nghìn tỷ'
    """
    if number < 0:
        raise ValueError(f"No words for {number}: amounts start at 0.")
    return " ".join(_words(number, is_first=True)) or _DIGITS[0]


def _words(number: int, *, is_first: bool) -> list[str]:
    """Words of a number; `is_first`: nothing is read before it, so its leading zeros are silent."""
    words: list[str] = []
    if number >= _BILLION:
        words = [*_words(number // _BILLION, is_first=is_first), "tỷ"]
    for size, name in ((10**6, "triệu"), (10**3, "nghìn"), (1, "")):
        group = number % _BILLION // size % 1000
        if group:
            words += _group_words(group, is_padded=bool(words) or not is_first)
            words += [name] if name else []
    return words


def _group_words(group: int, *, is_padded: bool) -> list[str]:
    """Words of 1 to 999; padded ones say their missing hundreds."""
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    words = [_DIGITS[hundreds], "trăm"] if hundreds or is_padded else []
    if tens == 0:
        return words + ([*(["linh"] if words else []), _DIGITS[ones]] if ones else [])
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones == 1 and tens > 1:
        return [*words, "mốt"]
    if ones == 5:
        return [*words, "lăm"]
    return [*words, _DIGITS[ones]] if ones else words


def office_words(name_vi: str) -> str:
    """Return the name of an office with its short forms written out, as far as they stand for one thing only.

    >>> office_words("CC HQ CK Cảng Vũng Áng")
    'Chi cục Hải quan cửa khẩu Cảng Vũng Áng'
    """
    for pattern, words in _SHORT_FORMS:
        name_vi = re.sub(pattern, words, name_vi)
    return name_vi


def place_of(department_name_vi: str) -> str:
    """Return the place that stands before a paper's date: where the department is.

    >>> place_of("Cục Hải quan tỉnh Hà Tĩnh"), place_of("Cục Kiểm tra sau thông quan")
    ('Hà Tĩnh', 'Hà Nội')
    """
    match = re.fullmatch(r"Cục Hải quan (?:tỉnh |thành phố )?(.+)", department_name_vi)
    return match[1] if match else "Hà Nội"
