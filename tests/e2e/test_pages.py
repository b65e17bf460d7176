"""The pages over the real services: a link opens them, and they say what the API says."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import requests
from motcua import Client

from tests.support.filings import filings


class Visitor(NamedTuple):
    """Somebody with a browser, and where the portal is."""

    session: requests.Session
    url: str

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, params={"lang": "en"}, timeout=30)

    def read(self, path: str) -> str:
        """The text of a page."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def visitor(sandbox: Client) -> Iterator[Visitor]:
    """Somebody who has followed the sandbox's sign-in link."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(sandbox.sign_in_link(), timeout=30)
        assert (answer.status_code, answer.headers["X-Motcua-Mock"]) == (200, "true")
        yield Visitor(session, answer.url.rstrip("/"))


def test_pages_show_what_the_services_know(sandbox: Client, visitor: Visitor) -> None:
    assert "Nothing has been filed yet." in visitor.read("/")
    assert sandbox.file_many(filings(40)).problems == {}
    assert sandbox.advance(days=60).is_counted

    home = visitor.read("/")
    assert "08:00, Saturday 4 August 2018" in home
    assert "40 dossiers filed" in home
    assert "doesn't answer" not in home

    for dossier in list(sandbox.dossiers())[:8]:
        shown = visitor.read(f"/dossiers/{dossier['dossier_id']}")
        assert dossier["applicant"]["name"] in shown
        assert shown.count("Recorded in real time:") == len(sandbox.timeline(dossier["dossier_id"]))

    ratio = sandbox.statistics()["total"]["on_time_ratio"]
    for grouping in ("procedure", "office", "level", "channel"):
        assert f"{ratio['numerator']} / {ratio['denominator']}" in visitor.read(f"/statistics?by={grouping}")
    assert "No dossier matches." in visitor.read("/dossiers?applicant=0100109106")


def test_a_link_of_another_sandbox_shows_nothing_of_this_one(admin: Client, sandbox: Client, visitor: Visitor) -> None:
    with admin.open_sandbox(
        name="other", seed=1, now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt"
    ) as other:
        other.file_many(filings(1))
        (dossier,) = other.dossiers()
    assert visitor.get(f"/dossiers/{dossier['dossier_id']}").status_code == 404
