"""Days, amounts and names as papers write them."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.portal.domain.papers import vietnamese
from tests.support.fakes import the_catalogue

_DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "lăm": 5, "sáu": 6, "bảy": 7, "tám": 8,
    "chín": 9,
}  # fmt: skip


def read(words: str) -> int:
    """What a person understands: the inverse, written from the other end."""
    billions, rest = 0, words
    while "tỷ" in rest:
        head, _, rest = rest.partition("tỷ")
        billions = (billions + read_small(head.strip())) * 10**9
    return billions + read_small(rest.strip())


def read_small(words: str) -> int:
    total = 0
    for name, size in (("triệu", 10**6), ("nghìn", 10**3), ("", 1)):
        head, found, tail = words.partition(name) if name else (words, "", "")
        if found or not name:
            total += read_group(head.split()) * size
            words = tail.strip()
    return total


def read_group(words: list[str]) -> int:
    group = last = 0
    for word in words:
        if word == "trăm":
            group, last = group + last * 100, 0
        elif word == "mươi":
            group, last = group + last * 10, 0
        elif word == "mười":
            group, last = group + 10, 0
        elif word != "linh":
            last = _DIGITS[word]
    return group + last


@given(st.integers(0, 10**15))
def test_numbers_in_words_are_read_back(number: int) -> None:
    assert read(vietnamese.number_words(number)) == number


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (10, "mười"),
        (11, "mười một"),
        (21, "hai mươi mốt"),
        (24, "hai mươi bốn"),
        (55, "năm mươi lăm"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (110, "một trăm mười"),
        (1_000, "một nghìn"),
        (1_001, "một nghìn không trăm linh một"),
        (10_010, "mười nghìn không trăm mười"),
        (200_000, "hai trăm nghìn"),
        (1_000_005, "một triệu không trăm linh năm"),
        (12_500_000, "mười hai triệu năm trăm nghìn"),
        (1_000_000_000, "một tỷ"),
        (3_070_000_000, "ba tỷ không trăm bảy mươi triệu"),
    ],
)
def test_numbers_are_read_as_people_read_them(number: int, words: str) -> None:
    assert vietnamese.number_words(number) == words


def test_an_amount_begins_with_a_capital() -> None:
    assert vietnamese.dong_words(0) == "Không đồng"
    with pytest.raises(ValueError, match="-1"):
        vietnamese.dong_words(-1)


def test_days_are_those_of_vietnam() -> None:
    late = datetime(2018, 12, 31, 17, 5, tzinfo=UTC)
    assert vietnamese.instant_words(late) == "00 giờ 05 phút, ngày 01 tháng 01 năm 2019"
    assert vietnamese.short_instant(late) == "00:05 01/01/2019"
    assert vietnamese.english_instant(late) == "00:05 on 1 January 2019"


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        (TimeUnit.WORKING_HOURS, "02 giờ làm việc"),
        (TimeUnit.WORKING_DAYS, "02 ngày làm việc"),
        (TimeUnit.CALENDAR_DAYS, "02 ngày"),
    ],
)
def test_limits_name_their_unit(unit: TimeUnit, words: str) -> None:
    assert vietnamese.limit_words(TimeLimit(2, unit)) == words


def test_no_office_keeps_a_short_form_that_is_known() -> None:
    """Letters and signs of the names stay; only the short forms go."""
    for office in the_catalogue().offices.values():
        full = vietnamese.office_words(office.name_vi)
        assert not re.search(r"\b(CC|HQ|CK|QT|KCN|KTSTQ)\b", full), full
        assert len(full) >= len(office.name_vi)


def test_every_department_has_a_place() -> None:
    places = {vietnamese.place_of(office.department_name_vi) for office in the_catalogue().offices.values()}
    assert {"Hà Tĩnh", "Hồ Chí Minh", "Hà Nội"} <= places
    assert not any("Cục" in place or "tỉnh" in place for place in places)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_days_are_read_back(day: date) -> None:
    match = re.fullmatch(r"ngày (\d{2}) tháng (\d{1,2}) năm (\d{4})", vietnamese.day_words(day))
    assert match
    assert date(int(match[3]), int(match[2]), int(match[1])) == day
