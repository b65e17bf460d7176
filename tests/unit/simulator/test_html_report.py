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
from services.simulator.html_waiting import _groups, _span, _within
from services.simulator.preset import Preset
from tests.support.reading_pages import Reader
from tests.support.simulations import report_of, waits


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


@pytest.mark.parametrize(
    "text",
    [
        "The article speaks of enterprises only.",  # a note of the preset
        "declaration-cancellation 33",  # a figure
        "storage",  # a skill of the staffing
        "day",  # a shift
    ],
)
def test_what_the_data_files_say_in_english_is_marked_on_the_vietnamese_page(report: dict[str, Any], text: str) -> None:
    page = report_page(report, "vi")
    vietnamese = page[page.index('<main lang="vi"') : page.index('<main lang="en"')]
    cells = re.findall(r"<t[dh]([^>]*)>([^<]*)</t[dh]>", vietnamese)
    attributes = [given for given, said in cells if text in said.split(", ") or said.endswith(text)]
    assert attributes
    assert all('lang="en"' in given for given in attributes)


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


def with_waits(report: dict[str, Any], kinds: int, *, are_skills: bool) -> dict[str, Any]:
    """The report with so many kinds of work: of the n-th, n dossiers are in the second class and one in the third."""
    more = deepcopy(report)
    more["waiting"]["rows"] = [
        {
            "procedure_id": f"procedure-{n}",
            "skill": f"skill-{n}" if are_skills else None,
            "to_receipt": waits([0, 0, 0, 0], None, None),
            "to_result": waits([0, n, 1, 0], 3600.0, 7200.0),
        }
        for n in range(1, kinds + 1)
    ]
    return more


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("are_skills", "others"),
    [
        (True, {"vi": "Các lĩnh vực khác", "en": "Other skills"}),
        (False, {"vi": "Các thủ tục khác", "en": "Other procedures"}),
    ],
)
def test_a_plot_of_waits_has_everybody_in_it_those_that_come_least_together(
    report: dict[str, Any], language: str, are_skills: bool, others: dict[str, str]
) -> None:
    name = "skill" if are_skills else "procedure"
    many, few = (with_waits(report, kinds, are_skills=are_skills) for kinds in (50, 4))
    assert _groups(many, Speaker(language), "to_result") == {
        f"{name}-50": [0, 50, 1, 0],
        f"{name}-49": [0, 49, 1, 0],
        f"{name}-48": [0, 48, 1, 0],
        others[language]: [0, sum(range(1, 48)), 47, 0],
    }
    assert list(_groups(few, Speaker(language), "to_result")) == [f"{name}-{n}" for n in (4, 3, 2, 1)]
    assert others[language] in Reader(report_page(many, language)).text[language]


def test_procedures_of_one_skill_are_one_kind_of_columns(report: dict[str, Any]) -> None:
    same = with_waits(report, 50, are_skills=True)
    for row in same["waiting"]["rows"]:
        row["skill"] = "dossiers"
    assert _groups(same, Speaker("en"), "to_result") == {"dossiers": [0, sum(range(1, 51)), 50, 0]}


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
