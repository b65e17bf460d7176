"""The report's page: whole in both languages, without anything that must be fetched or could run."""

import re
import string
from copy import deepcopy
from typing import Any

import pytest

from services.contracts.catalogue import Catalogue
from services.simulator.html_messages import MESSAGES
from services.simulator.html_parts import Speaker
from services.simulator.html_report import report_page
from services.simulator.html_waiting import _span, _within
from services.simulator.preset import Preset
from tests.support.reading_pages import Reader
from tests.support.simulations import report_of


@pytest.fixture(scope="module")
def report(ha_tinh: Preset, catalogue: Catalogue) -> dict[str, Any]:
    return report_of(ha_tinh, catalogue)


@pytest.mark.parametrize("key", MESSAGES)
def test_both_languages_say_the_same_things(key: str) -> None:
    vietnamese, english = (
        sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in MESSAGES[key]
    )
    assert vietnamese == english
    assert all(MESSAGES[key])


def test_nothing_is_fetched_and_nothing_runs(report: dict[str, Any]) -> None:
    page = report_page(report, "vi")
    assert Reader(page).is_self_contained()
    assert "@import" not in page
    assert "url(" not in page


def test_ids_are_given_once(report: dict[str, Any]) -> None:
    ids = Reader(report_page(report, "vi")).ids
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_reader_s_language_comes_first_and_the_other_one_too(report: dict[str, Any], language: str) -> None:
    page = report_page(report, language)
    assert page.startswith(f'<!doctype html>\n<html lang="{language}">')
    assert re.findall(r'<main lang="(..)"', page)[0] == language
    text = Reader(page).text
    assert "Thời gian chờ" in text["vi"]
    assert "Waiting times" in text["en"]
    assert f'id="language-{language}" checked' in page


def test_the_figures_are_there(report: dict[str, Any]) -> None:
    text = Reader(report_page(report, "en")).text["en"]
    for figure in ("83.3%", "not-in-register", "30CF", "✓ holds", "1 of 2", "2020-01-02 – 2020-01-03: 1"):
        assert figure in text
    assert "DOES NOT HOLD" not in text


def test_what_does_not_hold_is_said(report: dict[str, Any]) -> None:
    wrong = deepcopy(report)
    wrong["checks"]["recount-equal"] = False
    assert "✗ DOES NOT HOLD" in Reader(report_page(wrong, "en")).text["en"]
    assert "✗ SAI" in Reader(report_page(wrong, "en")).text["vi"]


def test_a_run_in_which_nothing_happened_has_a_page_too(report: dict[str, Any]) -> None:
    empty = deepcopy(report)
    empty.update(days=[], procedures=[], offices=[], desks=[])
    empty["waiting"]["rows"] = []
    empty["bases"]["preset"] = []
    assert "–" in Reader(report_page(empty, "en")).text["en"]


def test_what_stands_in_a_report_is_text_and_no_markup(report: dict[str, Any]) -> None:
    sly = deepcopy(report)
    sly["run"]["title"] = {"vi": "<b>x</b>", "en": "<script>alert(1)</script>"}
    sly["procedures"][0]["label"] = {"vi": "<script>1</script>", "en": "<script>2</script>"}
    sly["offices"][0]["name"] = "<img src=x>"
    assert not {"script", "img", "b"} & set(Reader(report_page(sly, "en")).tags)


@pytest.mark.parametrize(
    ("part", "within"),
    [(0.1, 0.0), (0.5, 3600.0), (0.75, 3600.0), (0.76, 86400.0), (0.99, 90_000.0)],
)
def test_parts_of_waiting_times_are_upper_edges(part: float, within: float) -> None:
    # 2 at once, 4 within the hour, 1 within the day, 1 longer.
    assert _within([2, 4, 1, 1], [1.0, 3600.0, 86400.0], 90_000.0, part) == within


@pytest.mark.parametrize(
    ("seconds", "exactly", "text"),
    [
        (0.0, False, "at once"),
        (1.0, False, "1 s"),
        (900.0, False, "15 min"),
        (90_000.0, True, "1.0 d"),
        (5400, False, "1.5 h"),
    ],
)
def test_times_are_written_in_their_largest_unit(seconds: float, exactly: bool, text: str) -> None:
    assert _span(seconds, Speaker("en"), exactly=exactly) == text
