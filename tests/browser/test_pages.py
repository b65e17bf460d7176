"""What people do on the pages: with a keyboard, without scripts, while dossiers come in."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from services.portal.web.context import EXTENSION
from tests.browser.conftest import PATHS, ContextOpener, Pages
from tests.support.fakes import KEY, MemoryReader, a_dossier

HEADINGS = {
    "/": "One door for customs dossiers",
    "/dossiers": "Dossiers",
    "/statistics": "Statistics",
    "/about": "About Một Cửa",
    "/docs": "API reference",
    "/procedures": "Procedures",
    "/docs/problems": "Problem codes",
    "/dossiers/000.00.00.G12-180605-000004": "000.00.00.G12-180605-000004",
}


@pytest.fixture
def reader(portal_pages: Pages) -> Iterator[MemoryReader]:
    """The world behind the pages, put back afterwards."""
    found: MemoryReader = portal_pages.app.extensions[EXTENSION].parts.reader
    before = list(found.known_dossiers)
    yield found
    found.known_dossiers = before


def focused(page: Page) -> str:
    return page.locator("*:focus").evaluate("element => element.id || element.textContent.trim()")


@pytest.mark.parametrize("path", PATHS)
def test_every_page_stands_without_scripts(open_context: ContextOpener, path: str) -> None:
    page = open_context(language="en", scripts=False)
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_role("link", name="Statistics", exact=True)).to_be_visible()
    if path in HEADINGS:
        expect(page.locator("h1")).to_have_text(HEADINGS[path])


def test_without_scripts_forms_filters_and_links_work(open_context: ContextOpener) -> None:
    page = open_context(language="en", scripts=False)
    page.goto("/")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title(re.compile("Sign in"))
    page.goto("/dossiers")
    page.get_by_label("Key of the sandbox").fill(KEY)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/dossiers$"))
    page.get_by_label("Status").select_option(label="In process")
    page.get_by_role("button", name="Apply filter").click()
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Newer").click()
    expect(page).to_have_url(re.compile(r"/dossiers\?status=in-process$"))
    page.get_by_label("Dossier number").fill("4")
    page.get_by_role("button", name="Go to dossier").click()
    expect(page.get_by_text("overdue by 2 days 3 hours")).to_be_visible()
    page.get_by_role("link", name="Tiếng Việt").click()
    expect(page.get_by_text("quá hạn 2 ngày 3 giờ")).to_be_visible()


def test_the_first_tab_skips_to_the_content(open_context: ContextOpener) -> None:
    page = open_context(language="en")
    page.goto("/dossiers")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()


def test_the_keyboard_walks_through_the_filter_in_order(open_context: ContextOpener) -> None:
    page = open_context(language="en")
    page.goto("/dossiers")
    page.locator("#status").focus()
    walked = [focused(page)]
    for _ in range(8):
        page.keyboard.press("Tab")
        walked.append(focused(page))
    fields = ["status", "procedure", "office", "sector", "timeliness", "applicant", "overdue"]
    assert walked == [*fields, "Apply filter", "dossier_id"]


def test_a_filter_can_be_set_and_sent_with_keys_alone(open_context: ContextOpener) -> None:
    page = open_context(language="en")
    page.goto("/dossiers")
    page.locator("#overdue").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("overdue=1"))
    expect(page.locator("tbody tr")).to_have_count(1)


def test_an_error_takes_the_focus_and_leads_to_its_field(open_context: ContextOpener) -> None:
    page = open_context(language="en")
    page.goto("/dossiers?dossier_id=nothing")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.locator(".govuk-error-summary a").click()
    expect(page.locator("#dossier_id")).to_be_focused()


def test_home_follows_what_happens_until_it_is_paused(open_context: ContextOpener, reader: MemoryReader) -> None:
    page = open_context(language="en")
    page.goto("/")
    reader.known_dossiers = [*reader.known_dossiers, a_dossier(777)]
    expect(page.get_by_role("link", name="000.00.00.G12-180605-000777")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Pause updates").click()
    reader.known_dossiers = [*reader.known_dossiers, a_dossier(888)]
    page.get_by_role("button", name="Resume updates").click()
    expect(page.get_by_role("link", name="000.00.00.G12-180605-000888")).to_be_visible()


def test_home_does_not_ask_while_nobody_looks(open_context: ContextOpener) -> None:
    page = open_context(language="en")
    page.goto("/")
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {get: () => true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4_000)
    # The icon may be fetched late; what must not be asked for is the page's live part.
    assert [url for url in asked if "/fragments/" in url] == []


def test_the_menu_opens_on_a_phone(open_context: ContextOpener) -> None:
    page = open_context(language="en", width=390)
    page.goto("/")
    link = page.get_by_role("link", name="Statistics", exact=True)
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Pages").click()
    link.click()
    expect(page.locator("h1")).to_have_text("Statistics")
