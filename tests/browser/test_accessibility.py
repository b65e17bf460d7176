"""Every page in both languages against the rules of axe-core, and on a phone nothing runs off the screen."""

import pytest

from tests.browser.accessibility import violations
from tests.browser.conftest import PATHS, ContextOpener


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_no_accessibility_violation(open_context: ContextOpener, path: str, language: str) -> None:
    page = open_context(language=language, bypass_csp=True)
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == language
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert violations(page) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_a_phone(open_context: ContextOpener, path: str) -> None:
    page = open_context(width=390, bypass_csp=True)
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", ["/", "/dossiers", "/dossiers/000.00.00.G12-180605-000004", "/statistics", "/reports"])
def test_a_page_is_as_accessible_on_a_phone(open_context: ContextOpener, path: str) -> None:
    page = open_context(width=390, bypass_csp=True)
    page.goto(path)
    assert violations(page) == []
