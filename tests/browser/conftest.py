"""Pages in a real browser: the portal over a world in memory, served on the loopback address.

The browser is the machine's chromium; nothing is downloaded. Without one these tests are skipped, except where
CI and MOTCUA_REQUIRE_BROWSER=1 are set: there they fail.
"""

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from services.portal.web.language import COOKIE
from tests.support.fakes import KEY, make_portal

#: Pages of every kind.
PATHS = (
    "/",
    "/dossiers",
    "/dossiers?status=in-process&overdue=1",
    "/dossiers?dossier_id=nothing",
    "/dossiers/000.00.00.G12-180605-000001",
    "/dossiers/000.00.00.G12-180605-000004",
    "/dossiers/000.00.00.G12-180605-000005",
    "/pay/11811000000686",
    "/declarations",
    "/declarations?state=cancelled&customs_channel=red",
    "/declarations?number=nothing",
    "/declarations/101234567892",
    "/declarations/100000000010",
    "/declarations/300000000040",
    "/dossiers/000.00.00.G12-180605-000001/deadline",
    "/dossiers/000.00.00.G12-180605-000004/deadline",
    "/dossiers/000.00.00.G12-180605-000005/deadline",
    "/calendar?year=2018",
    "/calendar/overrides/1",
    "/lookup?sandbox=0123456789&dossier_id=000.00.00.G12-180605-000005",
    "/lookup?dossier_id=",
    "/statistics",
    "/statistics?by=office&from=2018-06-01",
    "/statistics?from=wrong",
    "/reports",
    "/reports?unit=30&rows=procedure&suspended=by-due",
    "/reports?from=x&unit=ZZ",
    "/reports/services?used=1",
    "/reports/scores",
    "/procedures",
    "/procedures?q=hoan+thue&sector=import-export-tax&level=4",
    "/procedures?q=no-such-thing",
    "/procedures/refund-first",
    "/procedures/debt-instalment",
    "/procedures/cargo-identification",
    "/papers/verify",
    "/sign-in",
    "/about",
    "/docs",
    "/docs/problems",
    "/nothing-here",
)


@dataclass(frozen=True)
class Pages:
    """The served portal."""

    url: str
    app: Flask
    session: dict[str, str]  #: cookies of somebody who has signed in


@pytest.fixture(scope="session")
def portal_pages() -> Iterator[Pages]:
    """The portal, served by a thread of this process."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = make_portal()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Pages(f"http://127.0.0.1:{server.port}", app, session_cookies(app))
    server.shutdown()
    thread.join()
    server.server_close()


def session_cookies(app: Flask) -> dict[str, str]:
    """Signed in without a browser, which saves each test two page loads."""
    client = app.test_client()
    client.get(f"/sign-in/{KEY}")
    cookie = client.get_cookie("motcua_session")
    assert cookie is not None
    return {cookie.key: cookie.value}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's chromium. Not for the session: as long as it is driven, its event loop counts as running in the
    thread of all tests, and whatever wants a loop of its own is refused one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        is_required = os.environ.get("CI") and os.environ.get("MOTCUA_REQUIRE_BROWSER") == "1"
        (pytest.fail if is_required else pytest.skip)("there is no chromium on this machine")
    # Chromium's own sandbox refuses to run for root, as in a container.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


class Watch:
    """Notes what a page should never do: ask other hosts, break the content policy, fail in a script."""

    def __init__(self, context: BrowserContext, host: str) -> None:
        self.complaints: list[str] = []
        self._host = host
        context.on("request", lambda request: self._check_host(request.url))
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("console", lambda message: self._check_console(message.type, message.text))

    def _check_host(self, url: str) -> None:
        if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).netloc != self._host:
            self.complaints.append(f"request elsewhere: {url}")

    def _check_console(self, kind: str, text: str) -> None:
        # A page that answers 404 on purpose is noted by the browser as a failed resource.
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(f"console: {text}")


@pytest.fixture
def open_context(browser: Browser, portal_pages: Pages) -> Iterator["ContextOpener"]:
    """Opens browser contexts that are watched; complaints fail the test at its end."""
    opener = ContextOpener(browser, portal_pages.url, portal_pages.session)
    yield opener
    complaints = [complaint for watch in opener.watches for complaint in watch.complaints]
    for context in opener.contexts:
        context.close()
    assert complaints == []


class ContextOpener:
    """Makes contexts: a visitor with a session, in a language, on a screen, with or without scripts."""

    def __init__(self, browser: Browser, url: str, session: dict[str, str]) -> None:
        self.contexts: list[BrowserContext] = []
        self.watches: list[Watch] = []
        self._browser = browser
        self._url = url
        self._session = session

    def __call__(
        self, *, language: str = "vi", width: int = 1280, scripts: bool = True, bypass_csp: bool = False
    ) -> Page:
        context = self._browser.new_context(
            base_url=self._url,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            bypass_csp=bypass_csp,
        )
        self.contexts.append(context)
        self.watches.append(Watch(context, urlsplit(self._url).netloc))
        for name, value in {**self._session, COOKIE: language}.items():
            context.add_cookies([{"name": name, "value": value, "url": self._url}])
        return context.new_page()
