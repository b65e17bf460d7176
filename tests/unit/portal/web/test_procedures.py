"""The list of procedures and the page of each: found by words and sector, complete, in the language that was chosen."""

import re

import pytest
from flask.testing import FlaskClient

from services.contracts.catalogue import Catalogue, Sector
from services.portal.application.procedure_search import ProcedureQuery, coverage, folded, matching, totals
from services.portal.web.view_models.procedures import parse_procedure_query
from services.runtime.errors import ProblemError

FIELDS_OF_LEVEL_1 = (
    "National code",
    "Order of steps",
    "Ways of filing",
    "Documents",
    "Time limit",
    "Who may apply",
    "Authority",
    "Result",
    "Fee",
    "Legal basis",
    "Form",
)


def found(catalogue: Catalogue, text: str = "", sector: Sector | None = None, level: int | None = None) -> set[str]:
    query = ProcedureQuery(sector, level, text)
    return {procedure.procedure_id for procedure in matching(catalogue.procedures.values(), query)}


def test_words_are_found_without_accents_and_case(catalogue: Catalogue) -> None:
    assert "debt-instalment" in found(catalogue, "nop dan TIEN thue")
    assert found(catalogue, "kho ngoại quan") == found(catalogue, "KHO NGOAI QUAN")
    assert found(catalogue, "bonded warehouse") >= {"bonded-warehouse-recognition", "bonded-warehouse-closing"}
    assert found(catalogue, "2.000012") == {"petroleum-import"}
    assert found(catalogue, "NĐ46/2020 Đ26") == {"acts-guarantee-waiver"}
    assert found(catalogue, "no such thing") == set()
    assert folded("ĐƯỜNG Ống") == "duong ong"


def test_filters_work_together(catalogue: Catalogue) -> None:
    assert len(found(catalogue)) == 113
    assert found(catalogue, level=3) & found(catalogue, level=4) == set()
    assert len(found(catalogue, level=3)) == 10
    priority = found(catalogue, sector=Sector.RISK_AND_PRIORITY)
    assert priority == {"aeo-recognition", "key-project-priority", "aeo-termination"}
    assert found(catalogue, "đình chỉ", Sector.RISK_AND_PRIORITY, 3) == {"aeo-termination"}


def test_the_difference_to_the_published_totals_is_told(catalogue: Catalogue) -> None:
    counted = coverage(catalogue)
    assert totals(catalogue.procedures.values()) == counted.held
    assert (counted.held.procedures, counted.held.level_3_or_more, counted.held.level_4) == (113, 113, 103)
    assert counted.held.without_limit == 10
    assert (counted.missing_procedures, counted.missing_level_3_or_more, counted.missing_level_4) == (67, 57, 58)


def test_the_list_shows_all_and_the_totals(visitor: FlaskClient) -> None:
    page = visitor.get("/procedures?lang=en").text
    assert "113 procedures found" in page
    assert len(re.findall(r'href="/procedures/[a-z0-9-]+"', page)) == 113
    for number in ("180", "170", "161", "67", "57", "58"):
        assert f'numeric">{number}</td>' in page


def test_the_list_is_filtered(visitor: FlaskClient) -> None:
    page = visitor.get("/procedures?lang=en&q=hoan+thue&sector=import-export-tax").text
    links = set(re.findall(r'href="/procedures/([a-z0-9-]+)"', page))
    assert "refund-first" in links
    assert "bonded-transport" not in links
    assert 'value="hoan thue"' in page
    assert "Clear filter" in page


@pytest.mark.parametrize("query", ["sector=none", "level=5", "level=x", f"q={'a' * 101}"])
def test_a_filter_that_is_not_understood_is_refused(visitor: FlaskClient, query: str) -> None:
    assert visitor.get(f"/procedures?{query}").status_code == 422


def test_every_procedure_has_a_page_without_a_key(visitor: FlaskClient, catalogue: Catalogue) -> None:
    for procedure in catalogue.procedures.values():
        answer = visitor.get(f"/procedures/{procedure.procedure_id}?lang=en")
        assert answer.status_code == 200
        for field in procedure.form:
            assert f"<code>{field.name}</code>" in answer.text


def test_a_page_tells_what_a_level_1_service_must_tell(visitor: FlaskClient) -> None:
    page = visitor.get("/procedures/bonded-warehouse-recognition?lang=en").text
    for name in FIELDS_OF_LEVEL_1:
        assert name in page
    assert "15 working days" in page
    assert "Inspection of dossier and place (department)" in page
    assert "The dossier is void and stopped" in page
    assert "Enterprises that run the warehouse or place" in page


def test_a_page_tells_which_limit_holds_when(visitor: FlaskClient) -> None:
    refund = visitor.get("/procedures/refund-first?lang=en").text
    assert "(Kind of refund: inspect first, refund later; until 30 June 2020)" in refund
    assert "(from 1 July 2020)" in refund
    assert "3 working days + 40 days" in refund
    assert "9 working days" in refund
    debt = visitor.get("/procedures/debt-instalment?lang=en").text
    assert "(Where the debt arose: At several departments)" in debt
    assert "Decided by: General Department" in debt
    red = visitor.get("/procedures/clearance-goods-inspection?lang=en").text
    assert "up to 24 working hours" in red


def test_a_page_without_a_limit_says_so(visitor: FlaskClient) -> None:
    page = visitor.get("/procedures/storage-extension?lang=en").text
    assert "none stated by law" in page
    assert "không quy định thời hạn (TT38/2015 Đ82.4b)" in page


def test_a_procedure_that_is_not_there_is_told(visitor: FlaskClient) -> None:
    assert visitor.get("/procedures/nothing").status_code == 404


def test_the_vietnamese_page_is_vietnamese(visitor: FlaskClient) -> None:
    page = visitor.get("/procedures/overpaid-tax?lang=vi").text
    assert '<h1 class="govuk-heading-l">Xử lý tiền thuế, tiền chậm nộp, tiền phạt nộp thừa</h1>' in page
    assert "Tính lại thời hạn từ đầu" in page


def test_the_pages_are_three_clicks_from_home_at_most(member: FlaskClient) -> None:
    """Home, list, procedure (Circular 32/2017/TT-BTTTT art. 11.2)."""
    home = member.get("/").text
    assert 'href="/procedures"' in home
    assert 'href="/procedures?sector=import-export-tax"' in home
    assert 'href="/procedures/refund-first"' in member.get("/procedures").text


def test_an_empty_query_is_no_filter() -> None:
    assert parse_procedure_query({"sector": "", "level": " ", "q": ""}) == ProcedureQuery()
    with pytest.raises(ProblemError):
        parse_procedure_query({"sector": "x"})
