"""The list's query string and its way back and forth."""

from dataclasses import replace

import pytest

from services.contracts.catalogue import Catalogue, Sector
from services.contracts.timeliness import Timeliness
from services.contracts.vocabulary import Status
from services.portal.web.view_models.dossiers import DossierRow, dossier_row
from services.portal.web.view_models.lists import PAGE_SIZE, ListQuery, list_page, parse_list_query
from services.runtime.errors import ProblemError
from tests.support.fakes import NOW, a_dossier


def rows(catalogue: Catalogue, newest: int, count: int) -> list[DossierRow]:
    return [dossier_row(a_dossier(newest - place), catalogue, NOW) for place in range(count)]


def test_every_filter_is_read_and_written_the_same(catalogue: Catalogue) -> None:
    arguments = {
        "status": "in-process",
        "procedure": "refund-first",
        "office": "30F1",
        "applicant": "0100109106",
        "overdue": "1",
        "timeliness": "overdue",
        "sector": "import-export-tax",
        "before": "100",
        "trail": "150,125",
    }
    query = parse_list_query(arguments, catalogue)
    assert query.to_arguments() == arguments
    wanted = query.to_filter(catalogue)
    assert (wanted.status, wanted.is_overdue, wanted.timeliness) == (Status.IN_PROCESS, True, Timeliness.OVERDUE)
    assert wanted.procedure_ids is not None
    assert {catalogue.procedures[name].sector for name in wanted.procedure_ids} == {Sector.TAX}


def test_empty_values_mean_any(catalogue: Catalogue) -> None:
    query = parse_list_query({"status": "", "office": " ", "overdue": ""}, catalogue)
    assert query == ListQuery()
    assert not query.is_filtered


@pytest.mark.parametrize(
    "arguments",
    [
        {"status": "lost"},
        {"procedure": "none-such"},
        {"office": "0000"},
        {"overdue": "yes"},
        {"timeliness": "late"},
        {"sector": "tax"},
        {"before": "-1"},
        {"before": "9" * 5000},
        {"trail": "1,,2"},
    ],
)
def test_a_filter_that_is_not_understood_is_refused(catalogue: Catalogue, arguments: dict[str, str]) -> None:
    with pytest.raises(ProblemError) as caught:
        parse_list_query(arguments, catalogue)
    assert caught.value.code == "invalid-query"


def test_a_short_first_page_leads_nowhere(catalogue: Catalogue) -> None:
    page = list_page(ListQuery(), rows(catalogue, 10, 10))
    assert (page.newest, page.newer, page.older) == (None, None, None)


def test_going_older_and_back_ends_where_it_began(catalogue: Catalogue) -> None:
    first = list_page(ListQuery(overdue_only=True), rows(catalogue, 100, PAGE_SIZE + 1))
    assert first.older is not None
    second = list_page(first.older, rows(catalogue, first.older.before_number or 0, PAGE_SIZE + 1))
    assert second.older is not None
    third = list_page(second.older, rows(catalogue, 10, 3))
    assert third.newer == first.older
    assert second.newer == first.query
    assert third.newest == first.query


def test_a_page_shows_no_more_than_its_size(catalogue: Catalogue) -> None:
    page = list_page(ListQuery(), rows(catalogue, 100, PAGE_SIZE + 1))
    assert len(page.rows) == PAGE_SIZE
    assert page.older == replace(ListQuery(), before_number=page.rows[-1].number)
