"""The page that says how a due date came about, the calendar, and the public look-up."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.contracts.vocabulary import Status
from services.portal.application.look_up import LOOK_UPS, completion_of
from services.portal.bootstrap import Parts
from tests.support.fakes import NOW, SANDBOX_ID, a_dossier
from tests.support.histories import history

DOSSIER = "000.00.00.G12-180604-000002"
STEPS = (
    ("receive", "2018-06-04 10:00"),
    ("start", "2018-06-04 10:30"),
    ("request-supplement", "2018-06-05 11:00"),
    ("supplement", "2018-06-06 15:00"),
    ("consult", "2018-06-06 16:00", {"detail": {"unit": "Cục Kiểm định", "answer_by": "2018-06-08T10:00:00+00:00"}}),
)


def text_of(page: str) -> str:
    """What is read."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture
def told(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dossier 2 as the timeline above tells it."""
    dossier, timeline = history(STEPS, number=2, office_code="30CF")
    monkeypatch.setattr(parts.reader, "dossier", lambda *_: dossier)
    monkeypatch.setattr(parts.reader, "timeline", lambda *_: timeline)


@pytest.mark.usefixtures("told")
def test_each_day_is_told_with_what_it_rests_on(member: FlaskClient) -> None:
    page = text_of(member.get(f"/dossiers/{DOSSIER}/deadline?lang=en").text)
    assert "How the due date came about" in page
    assert "Mon 4 Jun 2018 no 0 The day on which the limit begins isn't counted Bộ luật Dân sự" in page
    assert "Terms beside the limit" in page
    assert "Ask for a supplement" in page
    vietnamese = text_of(member.get(f"/dossiers/{DOSSIER}/deadline?lang=vi").text)
    assert "Thứ Hai 04/06/2018" in vietnamese


@pytest.mark.usefixtures("told")
def test_the_dossier_leads_to_its_deadline_and_tells_what_actions_brought(member: FlaskClient) -> None:
    page = member.get(f"/dossiers/{DOSSIER}?lang=en").text
    assert f'href="/dossiers/{DOSSIER}/deadline"' in page
    assert "Unit consulted Cục Kiểm định" in text_of(page)
    assert "Answer expected by 17:00, Friday 8 June 2018" in text_of(page)


def test_a_dossier_that_is_not_received_has_nothing_to_explain(member: FlaskClient) -> None:
    page = text_of(member.get("/dossiers/000.00.00.G12-180605-000001/deadline?lang=en").text)
    assert "The time limit begins when the office receives the dossier." in page
    assert member.get("/dossiers/000.00.00.G12-180604-000099/deadline").status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"status": Status.NOT_RECEIVED, "received_at": None}, "The dossier was never received"),
        ({"status": Status.RETURNED, "resolved_at": NOW}, "The system resolved the dossier at once"),
    ],
)
def test_what_ended_without_a_limit_says_why(
    member: FlaskClient, parts: Parts, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], sentence: str
) -> None:
    monkeypatch.setattr(parts.reader, "dossier", lambda *_: a_dossier(2, version=1, **changes))
    assert sentence in text_of(member.get("/dossiers/000.00.00.G12-180605-000002/deadline?lang=en").text)


def test_every_dossier_of_the_world_has_a_deadline_page(member: FlaskClient, parts: Parts) -> None:
    for number in range(1, 13):
        assert member.get(f"/dossiers/000.00.00.G12-180605-{number:06d}/deadline").status_code == 200
    assert parts.calendars  # made once, by the first of them


def test_a_year_of_the_calendar_has_its_days_off_with_their_source(member: FlaskClient) -> None:
    page = text_of(member.get("/calendar?year=2018&lang=en").text)
    assert "Working calendar 2018" in page
    assert "249 working days" in page
    assert "Wed 25 Apr 2018 closed" in page
    assert "08:00–12:00, 13:00–17:00" in page
    assert "Working calendar 2018" in text_of(member.get("/calendar?lang=en").text)


@pytest.mark.parametrize("year", ["1800", "20188", "year", "-201", "²018"])
def test_a_year_that_is_not_known_is_refused(member: FlaskClient, year: str) -> None:
    assert member.get("/calendar", query_string={"year": year}).status_code == 422


def test_a_decision_is_named_in_the_calendar_and_says_what_it_moved(member: FlaskClient) -> None:
    year = text_of(member.get("/calendar?year=2018&lang=en").text)
    assert "Fri 15 Jun 2018 closed Nghỉ do bão 12/QĐ-TCHQ decision of this sandbox" in year
    assert "2 deadlines moved" in year
    page = text_of(member.get("/calendar/overrides/1?lang=en").text)
    assert "000.00.00.G12-180605-000002 17:00, 15 Jun 2018 17:00, 18 Jun 2018 1 working day later" in page
    assert member.get("/calendar/overrides/2").status_code == 404
    assert member.get("/calendar/overrides/1?after=x").status_code == 422


@pytest.fixture
def fresh_counter(parts: Parts) -> Iterator[None]:
    """With nobody's look-ups remembered."""
    vars(parts).pop("public_counter", None)
    yield
    vars(parts).pop("public_counter", None)


@pytest.mark.usefixtures("fresh_counter")
def test_anybody_learns_how_far_a_dossier_has_come_and_nothing_else(visitor: FlaskClient) -> None:
    where = {"sandbox": SANDBOX_ID, "lang": "en"}
    page = visitor.get("/lookup", query_string={**where, "dossier_id": "000.00.00.G12-180605-000005"}).text
    assert "Being worked on" in page
    assert "step 3 of 4" in page
    for secret in ("Công ty TNHH", "0100109106", "Supplement", "30F1", "refund"):
        assert secret not in page


@pytest.mark.usefixtures("fresh_counter")
@pytest.mark.parametrize(
    ("sandbox", "name"),
    [
        (SANDBOX_ID, "000.00.00.G12-180605-000099"),
        (SANDBOX_ID, "000.00.00.G12-180604-000005"),
        (SANDBOX_ID, "5"),
        ("fedcba9876", "000.00.00.G12-180605-000005"),
        ("'; --", "000.00.00.G12-180605-000005"),
    ],
)
def test_what_is_not_there_is_told_the_same_whatever_of_it(visitor: FlaskClient, sandbox: str, name: str) -> None:
    query = {"sandbox": sandbox, "dossier_id": name, "lang": "en"}
    answer = visitor.get("/lookup", query_string=query)
    assert (answer.status_code, "There is no dossier with this code" in answer.text) == (404, True)
    program = visitor.get(f"/api/v1/lookup/{name}", query_string={"sandbox": sandbox})
    assert program.status_code in {404, 422}


@pytest.mark.usefixtures("fresh_counter")
def test_the_form_asks_for_what_is_missing(visitor: FlaskClient, member: FlaskClient) -> None:
    page = visitor.get("/lookup?dossier_id=&lang=en").text
    assert "Enter the sandbox" in text_of(page)
    assert "Enter the dossier" in text_of(page)
    assert f'value="{SANDBOX_ID}"' in member.get("/lookup").text


@pytest.mark.usefixtures("fresh_counter")
def test_looking_up_has_an_end(visitor: FlaskClient) -> None:
    path = f"/api/v1/lookup/000.00.00.G12-180605-000005?sandbox={SANDBOX_ID}"
    answers = [visitor.get(path) for _ in range(LOOK_UPS + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[0].get_json() == {
        "dossier_id": "000.00.00.G12-180605-000005",
        "completion": {"step": 3, "steps": 4, "label": {"vi": "Đang giải quyết", "en": "Being worked on"}},
    }
    last = answers[-1]
    assert (last.status_code, last.get_json()["code"]) == (429, "too-many-requests")
    assert int(last.headers["Retry-After"]) > 0
    page = visitor.get("/lookup", query_string={"sandbox": SANDBOX_ID, "dossier_id": "x"})
    assert (page.status_code, page.mimetype) == (429, "text/html")


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_a_degree_of_completion(status: Status) -> None:
    found = completion_of(a_dossier(status=status))
    assert 1 <= found.step <= found.steps == 4
    before = completion_of(a_dossier(status=status, received_at=None))
    assert before.step <= found.step
