"""The report's page: whole in both languages, without anything that must be fetched or could run."""

import re
import string
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any

import pytest

from services.contracts.catalogue import Catalogue
from services.simulator.html_messages import MESSAGES
from services.simulator.html_parts import Speaker
from services.simulator.html_report import report_page
from services.simulator.html_waiting import _span, _within
from services.simulator.preset import Preset
from tests.support.simulations import report_of


@pytest.fixture(scope="module")
def report(ha_tinh: Preset, catalogue: Catalogue) -> dict[str, Any]:
    return report_of(ha_tinh, catalogue)


class Reader(HTMLParser):
    """What of a page counts: elements, attributes and text, apart for each language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.text: dict[str, str] = {"vi": "", "en": ""}
        self._main: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in given.items()]
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "main":
            self._main = given["lang"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._main = None

    def handle_data(self, data: str) -> None:
        if self._main:
            self.text[self._main] += data


@pytest.mark.parametrize("key", MESSAGES)
def test_both_languages_say_the_same_things(key: str) -> None:
    vietnamese, english = (
        sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in MESSAGES[key]
    )
    assert vietnamese == english
    assert all(MESSAGES[key])


def test_nothing_is_fetched_and_nothing_runs(report: dict[str, Any]) -> None:
    page = Reader(report_page(report, "vi"))
    assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert [
        name for _, name, _ in page.attributes if name.startswith("on") or name in {"src", "srcset", "action"}
    ] == []
    links = [value for tag, name, value in page.attributes if name in {"href", "xlink:href"}]
    assert links
    assert all(link.startswith("#") and link[1:] in page.ids for link in links)
    assert "@import" not in report_page(report, "vi")
    assert "url(" not in report_page(report, "vi")
    policies = [value for tag, name, value in page.attributes if (tag, name) == ("meta", "content")]
    assert "default-src 'none'; style-src 'unsafe-inline'" in policies


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
