"""Instants, spans and numbers in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.portal.web import words

FRIDAY = datetime(2018, 6, 8, 10, 0, 5, tzinfo=UTC)


@pytest.mark.usefixtures("vietnamese")
def test_vietnamese_instants_are_local_and_name_the_weekday() -> None:
    assert words.instant(FRIDAY) == "17:00 thứ Sáu, 08/06/2018"
    assert words.instant(FRIDAY + timedelta(days=2)) == "17:00 chủ nhật, 10/06/2018"
    assert words.short_instant(FRIDAY) == "17:00 08/06/2018"
    assert words.exact_instant(FRIDAY) == "17:00:05 08/06/2018"
    assert words.day(date(2018, 6, 8)) == "08/06/2018"


@pytest.mark.usefixtures("english")
def test_english_instants_are_local_too() -> None:
    assert words.instant(FRIDAY) == "17:00, Friday 8 June 2018"
    assert words.short_instant(FRIDAY) == "17:00, 8 Jun 2018"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0 phút"),
        (timedelta(seconds=59), "0 phút"),
        (timedelta(minutes=61), "1 giờ 1 phút"),
        (timedelta(days=2, hours=4, minutes=9), "2 ngày 4 giờ"),
        (timedelta(days=2, minutes=9), "2 ngày 9 phút"),
        (timedelta(days=-3), "3 ngày"),
    ],
)
@pytest.mark.usefixtures("vietnamese")
def test_a_span_is_told_in_its_two_largest_units(span: timedelta, text: str) -> None:
    assert words.duration(span) == text


@pytest.mark.usefixtures("english")
def test_english_spans_know_plurals() -> None:
    assert words.duration(timedelta(days=1, hours=2)) == "1 day 2 hours"


@pytest.mark.usefixtures("vietnamese")
def test_vietnamese_numbers_use_points_for_thousands() -> None:
    assert words.number(1579) == "1.579"
    assert words.ratio(0.9751) == "97,5%"
    assert words.ratio(None) == "—"
    assert words.dong(48_200_000) == "48.200.000 ₫"


def test_backticks_become_code_and_everything_else_is_escaped() -> None:
    assert words.with_code("send `a<b` & go") == "send <code>a&lt;b</code> &amp; go"
    assert words.with_code("one ` alone") == "one ` alone"
