"""The planner's page in a real browser: one file from the disk, in both languages, with and without scripts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from services.planner.html_page import plan_page
from tests.browser.one_file import (
    Opener,
    assert_contents_lead_to_sections,
    assert_fits_a_phone,
    assert_is_accessible,
    assert_plots_are_drawn,
)
from tests.support.plans import comparison_result, plan_result

RESULTS: dict[str, Any] = {"plan": plan_result(is_reached=False), "comparison": comparison_result()}

#: Officers against load, on time by office, the search; and officers, on time, waiting.
PLOTS = 3


@pytest.fixture(params=RESULTS)
def open_page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Opens the page as it lies on somebody's disk."""
    file = tmp_path / "page.html"
    file.write_text(plan_page(RESULTS[request.param], "vi"), encoding="utf-8")
    opener = Opener(browser, file)
    yield opener
    opener.close()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_has_no_accessibility_violation(open_page: Opener, language: str, width: int) -> None:
    assert_is_accessible(open_page, language, width)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_fits_a_phone(open_page: Opener, language: str) -> None:
    assert_fits_a_phone(open_page, language)


def test_one_language_is_shown_and_the_other_one_a_choice_away(open_page: Opener) -> None:
    page = open_page(java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hải quan Hà Tĩnh 2020")
    page.get_by_label("English").check()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ha Tinh Customs 2020")


def test_every_plot_is_drawn_and_has_a_name(open_page: Opener) -> None:
    assert_plots_are_drawn(open_page, PLOTS)


def test_contents_lead_to_their_sections(open_page: Opener) -> None:
    assert_contents_lead_to_sections(open_page)
