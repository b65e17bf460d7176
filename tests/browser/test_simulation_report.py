"""The simulation's report in a real browser: one file from the disk, in both languages, with and without scripts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from services.simulator.html_report import report_page
from services.simulator.preset_files import load_preset
from tests.browser.test_accessibility import told
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


class Opener:
    """Opens the file, and notes what it asks for and complains about."""

    def __init__(self, browser: Browser, file: Path) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._url = file.as_uri()
        self._pages: list[Page] = []

    def __call__(self, *, language: str = "vi", width: int = 1280, **options: Any) -> Page:
        page = self._browser.new_page(viewport={"width": width, "height": 900}, **options)
        self._pages.append(page)
        page.on("request", lambda request: None if request.url == self._url else self.complaints.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.goto(self._url)
        if language != "vi":
            page.locator(f"#language-{language}").check()
        return page

    def close(self) -> None:
        for page in self._pages:
            page.close()


@pytest.fixture
def open_report(browser: Browser, file: Path) -> Iterator[Opener]:
    opener = Opener(browser, file)
    yield opener
    opener.close()
    assert opener.complaints == []


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_has_no_accessibility_violation(open_report: Opener, language: str, width: int) -> None:
    page = open_report(language=language, width=width, bypass_csp=True)  # axe is put into the page as a script of ours
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert told(Axe().run(page).response["violations"]) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_fits_a_phone(open_report: Opener, language: str) -> None:
    page = open_report(language=language, width=390)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


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
    page = open_report(language="en")
    plots = page.get_by_role("img")
    expect(plots).to_have_count(6)  # days, backlog, two waits, by procedure, by office
    for place in range(6):
        box = plots.nth(place).locator("svg").bounding_box()
        assert box is not None
        assert box["width"] > 500
        assert box["height"] > 80
        assert plots.nth(place).get_attribute("aria-label")


def test_contents_lead_to_their_sections(open_report: Opener) -> None:
    page = open_report(language="en")
    for link in page.get_by_role("navigation").get_by_role("link").all():
        link.click()
        heading = page.locator(link.get_attribute("href") or "nothing")
        expect(heading).to_be_in_viewport()
