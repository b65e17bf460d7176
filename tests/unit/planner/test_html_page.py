"""The planner's page: whole in both languages, nothing to be fetched, and the figures of the JSON form in it."""

import string
from typing import Any

import pytest

from services.planner import html_messages, messages
from services.planner.html_page import plan_page
from tests.support.plans import comparison_result, plan_result
from tests.support.reading_pages import Reader

RESULTS = {"plan": plan_result(), "comparison": comparison_result()}


@pytest.mark.parametrize("said", [html_messages.MESSAGES, messages.MESSAGES], ids=["page", "screen"])
def test_both_languages_say_the_same_things(said: dict[str, tuple[str, str]]) -> None:
    for key, texts in said.items():
        vietnamese, english = (
            sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in texts
        )
        assert vietnamese == english, key
        assert all(texts), key


@pytest.mark.parametrize("kind", RESULTS)
def test_it_is_one_file_with_ids_that_are_given_once(kind: str) -> None:
    page = plan_page(RESULTS[kind], "vi")
    read = Reader(page)
    assert read.is_self_contained()
    assert "url(" not in page
    assert len(read.ids) == len(set(read.ids))


@pytest.mark.parametrize("kind", RESULTS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_reader_s_language_comes_first_and_the_other_one_too(kind: str, language: str) -> None:
    page = plan_page(RESULTS[kind], language)
    assert page.startswith(f'<!doctype html>\n<html lang="{language}">')
    text = Reader(page).text
    assert "Hải quan Hà Tĩnh 2020" in text["vi"]
    assert "Ha Tinh Customs 2020" in text["en"]
    assert f'id="language-{language}" checked' in page


def cells(result: dict[str, Any], language: str = "en") -> str:
    """The page's words with single spaces, cells of tables apart."""
    page = plan_page(result, language).replace("</td>", " </td>").replace("</th>", " </th>")
    return " ".join(Reader(page).text[language].split())


def test_the_figures_of_a_plan_are_there() -> None:
    text = cells(RESULTS["plan"])
    assert "6 officers, at least" in text
    assert "99.94% on time, run again" in text  # 2 of 3,500 late
    assert "30CF · Chi cục Cầu Treo 1,012 3.4 3 5" in text
    # What was given up has missed the target, and nothing else is said of it.
    assert "4 99.90% 99.65% 100.00% < 99.00% 1.0" in text
    # The search: enough, one less, two less.
    assert "30CF dossiers 3 28.00% 23.03% 32.96%" in text
    assert "30CF dossiers 2 0.50%" in text
    assert "queues that miss" not in text


def test_vietnamese_writes_numbers_its_own_way() -> None:
    assert "99,94% đúng hạn khi chạy lại" in cells(RESULTS["plan"], "vi")


def test_queues_without_an_answer_are_told() -> None:
    text = cells(plan_result(is_reached=False))
    assert "1 queues that miss the target" in text
    assert "30CF storage 12 0.1 1 – – – – – –" in text


def test_nobody_can_be_taken_away_where_one_is_enough() -> None:
    alone = {**RESULTS["plan"], "taken_away": []}
    assert "nobody can be taken away" in cells(alone)


def test_the_figures_of_a_comparison_are_there() -> None:
    text = cells(RESULTS["comparison"])
    assert "now and later, with the same filings and the same draws." in text
    assert "99.95% on time, now" in text
    assert "94.55% on time, later" in text
    # Of the busy office: two officers either way, on time, hours waited, the difference in points.
    assert "30CF · Chi cục Cầu Treo 2 2 100.00% 89.20% 1.0 30.0 -10.80" in text


def test_what_stands_in_names_is_text_and_no_markup() -> None:
    assert "<Vũng Áng>" in Reader(plan_page(RESULTS["plan"], "vi")).text["vi"]
    assert "<Vũng" not in plan_page(RESULTS["plan"], "vi")
