"""Every page in both languages against the rules of axe-core, and on a phone nothing runs off the screen."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import PATHS, ContextOpener


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_no_accessibility_violation(open_context: ContextOpener, path: str, language: str) -> None:
    page = open_context(language=language, bypass_csp=True)  # axe is put into the page as a script of ours
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == language
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    assert told(Axe().run(page).response["violations"]) == []


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
    assert told(Axe().run(page).response["violations"]) == []


def told(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]
