"""The pages of declarations: the list with its filters and ways on, and one declaration with its past."""

import re

import pytest
from flask.testing import FlaskClient

from tests.support.memory_registers import CHECKED_NUMBER, NUMBER


def get(client: FlaskClient, path: str, status: int = 200) -> str:
    """The text of a page."""
    response = client.get(path)
    assert response.status_code == status, path
    return response.get_data(as_text=True)


def numbers(page: str) -> list[str]:
    """Declarations in the list."""
    return re.findall(r'href="/declarations/(\d{12})"', page)


def test_the_list_shows_the_highest_numbers_first_and_goes_on(member: FlaskClient) -> None:
    first = get(member, "/declarations?lang=en")
    assert len(numbers(first)) == 25
    assert numbers(first) == sorted(numbers(first), reverse=True)
    (older,) = re.findall(r'href="(/declarations\?before=[^"]+)" rel="next"', first)
    second = get(member, older.replace("&amp;", "&"))
    assert len(numbers(second)) == 41 - 25
    assert not set(numbers(first)) & set(numbers(second))
    assert 'rel="prev"' in second


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("direction=export", 10),
        ("state=cancelled", 8),
        ("customs_channel=red", 13),
        ("declarant=0901067514", 0),
        ("direction=import&state=under-check&customs_channel=green", 2),
    ],
)
def test_the_list_is_filtered(member: FlaskClient, query: str, count: int) -> None:
    page = get(member, f"/declarations?lang=en&{query}")
    assert len(numbers(page)) == count
    assert "Clear filter" in page
    assert ("No declaration matches." in page) == (count == 0)


@pytest.mark.parametrize("query", ["state=open", "direction=up", "customs_channel=blue", "before=x", "trail=1,x"])
def test_a_filter_that_isnt_understood_shows_nothing_else(member: FlaskClient, query: str) -> None:
    assert numbers(get(member, f"/declarations?{query}", 422)) == []


def test_looking_up_leads_to_the_declaration_by_any_of_its_numbers(member: FlaskClient) -> None:
    for number in (NUMBER, "101234567890"):
        response = member.get(f"/declarations?number={number}")
        assert (response.status_code, response.location) == (302, f"/declarations/{NUMBER}")
    page = get(member, "/declarations?lang=en&number=101234567899")
    assert "There is no declaration with this number here" in page
    assert "not-found" not in page


def test_a_declaration_shows_its_past(member: FlaskClient) -> None:
    page = get(member, f"/declarations/{NUMBER}?lang=en")
    for words in (
        "Cleared",
        "101234567891 → 101234567892",
        "48,200,000 ₫",
        "until 1 August 2018",
        "30CFC01, otherwise than declared",
        "After an audit decision",
        "With a penalty",
        "Late amendment",
        "Nghi vấn trị giá",
        "/dossiers/000.00.00.G12-180605-000001",
        "(current)",
    ):
        assert words in page, words


def test_a_declaration_says_in_vietnamese_how_an_amendment_would_stand(member: FlaskClient) -> None:
    page = get(member, "/declarations/100000000010?lang=vi")
    assert "Đang kiểm tra" in page
    assert "Sau phân luồng, trước thông quan" in page
    assert "TT 39/2018/TT-BTC Đ20" in page


def test_what_was_cancelled_cant_be_amended(member: FlaskClient) -> None:
    page = get(member, "/declarations/300000000040?lang=en")
    assert "Cancelled" in page
    assert "It can&#39;t be amended any more." in page or "It can't be amended any more." in page


@pytest.mark.parametrize("number", ["101234567893", "100000009990", "abc", "1" * 40])
def test_there_is_no_other_declaration(member: FlaskClient, number: str) -> None:
    get(member, f"/declarations/{number}", 404)


def test_a_dossier_leads_to_the_declarations_that_it_names(member: FlaskClient) -> None:
    page = get(member, "/dossiers/000.00.00.G12-180605-000001?lang=en")
    assert f'href="/declarations/{NUMBER}"' in page
    assert "MF18000123" in page
    registered = get(member, "/dossiers/000.00.00.G12-180605-000002?lang=en")
    assert f'href="/declarations/{CHECKED_NUMBER}"' in registered
    assert "Declaration registered with it" in registered
    other = get(member, "/dossiers/000.00.00.G12-180605-000003?lang=en")
    assert "In the registers" not in other


def test_the_pages_need_a_session(visitor: FlaskClient) -> None:
    for path in ("/declarations", f"/declarations/{NUMBER}"):
        assert visitor.get(path).status_code in {302, 303}, path
