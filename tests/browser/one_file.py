"""Pages that are one file: opened from the disk, and what holds for each of them."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import violations


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
        """Close what was opened; nothing may have been asked for or complained about."""
        for page in self._pages:
            page.close()
        assert self.complaints == []


def assert_is_accessible(open_file: Opener, language: str, width: int) -> None:
    """With everything unfolded, axe finds nothing."""
    page = open_file(language=language, width=width, bypass_csp=True)
    _unfold(page)
    assert violations(page) == []


def assert_fits_a_phone(open_file: Opener, language: str) -> None:
    """Nothing has to be scrolled sideways, with everything unfolded."""
    page = open_file(language=language, width=390)
    _unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def assert_plots_are_drawn(open_file: Opener, count: int) -> None:
    """So many plots have a size and a name."""
    page = open_file(language="en")
    plots = page.get_by_role("img")
    expect(plots).to_have_count(count)
    for place in range(count):
        box = plots.nth(place).locator("svg").bounding_box()
        assert box is not None
        assert box["width"] > 500
        assert box["height"] > 80
        assert plots.nth(place).get_attribute("aria-label")


def assert_contents_lead_to_sections(open_file: Opener) -> None:
    """Each entry of the contents brings its section's heading into view."""
    page = open_file(language="en")
    for link in page.get_by_role("navigation").get_by_role("link").all():
        link.click()
        heading = page.locator(link.get_attribute("href") or "nothing")
        expect(heading).to_be_in_viewport()


def _unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
