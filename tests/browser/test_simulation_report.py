"""The simulation's report in a real browser: one file from the disk, in both languages, with and without scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from services.simulator.html_report import report_page
from services.simulator.preset_files import load_preset
from tests.browser.one_file import (
    Opener,
    assert_contents_lead_to_sections,
    assert_fits_a_phone,
    assert_is_accessible,
    assert_plots_are_drawn,
)
from tests.support.filings import catalogue
from tests.support.simulations import report_of


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as it lies on somebody's disk."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    shipped = catalogue()
    report = report_of(load_preset("ha-tinh-2020", shipped), shipped)
    path.write_text(report_page(report, "vi"), encoding="utf-8")
    return path


@pytest.fixture
def open_report(browser: Browser, file: Path) -> Iterator[Opener]:
    opener = Opener(browser, file)
    yield opener
    opener.close()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_has_no_accessibility_violation(open_report: Opener, language: str, width: int) -> None:
    assert_is_accessible(open_report, language, width)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_fits_a_phone(open_report: Opener, language: str) -> None:
    assert_fits_a_phone(open_report, language)


def test_one_language_is_shown_and_the_other_one_a_choice_away(open_report: Opener) -> None:
    page = open_report(java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("heading", name="Thời gian chờ")).to_be_visible()
    page.get_by_label("English").check()
    expect(page.get_by_role("heading", name="Waiting times")).to_be_visible()
    expect(page.get_by_role("heading", name="Thời gian chờ")).to_be_hidden()


def test_the_language_is_chosen_with_the_keyboard(open_report: Opener) -> None:
    page = open_report()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Tiếng Việt")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("English")).to_be_checked()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Simulation report")


def test_every_plot_is_drawn_and_has_a_name(open_report: Opener) -> None:
    assert_plots_are_drawn(open_report, 6)  # days, backlog, two waits, by procedure, by office


def test_contents_lead_to_their_sections(open_report: Opener) -> None:
    assert_contents_lead_to_sections(open_report)
