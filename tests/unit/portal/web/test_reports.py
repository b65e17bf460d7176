"""The report pages: forms, tables, files to save, and what they say when something is wrong or away."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from services.contracts.catalogue import Catalogue, Sector
from services.contracts.counting_rules import CountingRules, SuspendedRule
from services.portal.application.reporting import Quarter
from services.portal.domain.reports.reports import Rows
from services.portal.web.view_models.reports import parse_report_form, presets, quarters
from tests.support.fakes import KEY, make_portal

TODAY = date(2018, 6, 8)


@pytest.mark.usefixtures("english")
def test_form_without_a_question_asks_for_the_quarter_so_far(catalogue: Catalogue) -> None:
    form = parse_report_form({}, catalogue, TODAY)
    assert (form.first_on, form.last_on, form.errors) == ("2018-04-01", "2018-06-08", {})
    assert form.question is not None
    assert form.question.rules == CountingRules()


@pytest.mark.usefixtures("english")
def test_form_is_read_and_written_as_a_query_string(catalogue: Catalogue) -> None:
    asked = {"from": "2018-01-01", "to": "2018-03-31", "unit": "30", "field": "import-export-tax", "rows": "procedure",
             "suspended": "by-due"}  # fmt: skip
    form = parse_report_form({**asked, "apology": "original-due"}, catalogue, TODAY)
    assert form.to_arguments() == asked
    assert form.has_own_rules
    assert form.question is not None
    assert (form.question.sector, form.question.rows) == (Sector.TAX, Rows.PROCEDURE)
    assert form.question.rules == CountingRules(suspended=SuspendedRule.BY_DUE)


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"from": "1 April"}, {"from"}),
        ({"from": "20180401", "to": "x"}, {"from", "to"}),
        ({"from": "2018-06-02", "to": "2018-06-01"}, {"to"}),
        ({"to": "2018-06-09"}, {"to"}),
        ({"unit": "ZZ"}, {"unit"}),
    ],
)
def test_what_is_wrong_is_told_field_by_field(catalogue: Catalogue, asked, wrong) -> None:
    form = parse_report_form(asked, catalogue, TODAY)
    assert (set(form.errors), form.question) == (wrong, None)


@pytest.mark.usefixtures("english")
def test_choice_that_there_isnt_counts_as_none(catalogue: Catalogue) -> None:
    form = parse_report_form({"rows": "x", "field": "x", "apology": "x"}, catalogue, TODAY)
    assert (form.rows, form.sector, form.has_own_rules, form.errors) == (Rows.SECTOR, "", False, {})


@pytest.mark.usefixtures("english")
def test_presets_join_up_at_quarters() -> None:
    periods = [(preset.first_on, preset.last_on) for preset in presets(date(2018, 2, 3))]
    assert periods == [
        (date(2018, 1, 1), date(2018, 2, 3)),
        (date(2017, 10, 1), date(2017, 12, 31)),
        (date(2018, 1, 1), date(2018, 2, 3)),
    ]


def test_quarters_go_back_as_far_as_the_calendar() -> None:
    assert list(map(str, quarters(TODAY, date(2018, 1, 1)))) == ["2018-Q2", "2018-Q1"]
    assert len(quarters(TODAY, date(2000, 1, 1))) == 12
    assert (Quarter(2018, 4).first_on, Quarter(2018, 4).last_on) == (date(2018, 10, 1), date(2018, 12, 31))


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_page_shows_the_thirteen_columns_with_spanning_headings(member: FlaskClient) -> None:
    page = member.get("/reports?lang=en").text
    assert page.count('scope="colgroup"') == 3
    numbers = re.search(r'<tr class="mc-report__numbers".*?</tr>', page, re.S)
    assert numbers is not None
    assert re.findall(r">(\d+)</td>", numbers[0]) == [str(number) for number in range(1, 14)]
    total = re.search(r'<tr class="mc-total">.*?</tr>', page, re.S)
    assert total is not None
    figures = re.findall(r"numeric[^>]*>([\d,]+)</td>", total[0])
    assert figures == ["2,673", "2,360", "97", "216", "2,309", "1,990", "304", "15", "364", "349", "15"]


def test_page_tells_form_rules_and_what_the_form_has_no_place_for(member: FlaskClient) -> None:
    text = text_of(member.get("/reports?lang=en&suspended=by-due").text)
    assert "Report form II.06a/VPCP/KSTT" in text
    assert "While a supplement or a payment is awaited by the date due before" in text
    assert "Beside the form: no statutory time limit" in text


def test_files_are_linked_with_the_same_question(member: FlaskClient) -> None:
    page = member.get("/reports?unit=30&apology=new-date&lang=en").text
    links = re.findall(r'href="(/reports/form-06\.(?:csv|xlsx)\?[^"]+)"', page)
    assert len(links) == 2
    for link in links:
        answer = member.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "unit=30" in link
        assert "apology=new-date" in link


def test_wrong_question_gives_no_file(member: FlaskClient) -> None:
    assert member.get("/reports/form-06.csv?to=2030-01-01").status_code == 422
    assert member.get("/reports/form-06.pdf").status_code == 404


def test_errors_are_shown_at_their_fields_and_nothing_is_asked(member: FlaskClient) -> None:
    page = member.get("/reports?unit=ZZ&to=2018-06-09&lang=en").text
    assert 'href="#unit"' in page
    assert 'href="#to"' in page
    assert 'id="unit-error"' in page
    assert "mc-report" not in page


def test_services_are_all_or_only_those_used(member: FlaskClient) -> None:
    everything, used = (member.get(f"/reports/services?lang=en{more}").text for more in ("", "&used=1"))
    assert everything.count('scope="row"') > used.count('scope="row"') == 4
    assert "97.7%" in used


def test_services_of_a_day_to_come_are_an_error(member: FlaskClient) -> None:
    assert 'id="to-error"' in member.get("/reports/services?to=2018-06-09").text
    assert 'id="to-error"' in member.get("/reports/services?to=x").text


def test_scores_say_what_is_not_measured_and_link_to_the_units_below(member: FlaskClient) -> None:
    page = member.get("/reports/scores?lang=en").text
    assert page.count("not measured") >= 6
    assert "3.8 of 6.0" in text_of(page)
    assert "unit=30" in page
    below = member.get("/reports/scores?unit=30&quarter=2018-Q1&lang=en").text
    assert '<option value="2018-Q1" selected>' in below


@pytest.mark.parametrize("path", ["/reports", "/reports/services", "/reports/scores"])
def test_page_says_when_metrics_is_away(path: str) -> None:
    client = make_portal(metrics_away=True).test_client()
    client.get(f"/sign-in/{KEY}")
    answer = client.get(f"{path}?lang=en")
    assert answer.status_code == 200
    assert "doesn't answer right now" in answer.text


def test_statistics_page_has_a_column_for_what_was_not_received(member: FlaskClient) -> None:
    page = member.get("/statistics?lang=en").text
    assert '<th scope="col" class="govuk-table__header govuk-table__header--numeric">Not received</th>' in page


@pytest.mark.parametrize("path", ["/reports", "/reports/services", "/reports/scores", "/statistics"])
def test_counting_pages_link_to_each_other_and_say_where_one_is(member: FlaskClient, path: str) -> None:
    page = member.get(f"{path}?lang=en").text
    assert page.count('class="mc-tabs__current" aria-current="page"') == 1
    others = {"/reports", "/reports/services", "/reports/scores", "/statistics"} - {path}
    assert all(f'href="{other}"' in page for other in others)


def test_pages_need_a_session(visitor: FlaskClient) -> None:
    for path in ("/reports", "/reports/services", "/reports/scores", "/reports/form-06.csv"):
        assert visitor.get(path).status_code in {302, 303}
