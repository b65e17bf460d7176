"""The client against canned answers: what it makes of them; what portals really answer is in tests/e2e."""

import json
from typing import Any

import pytest
import requests
from motcua import Client, NotSettledError, ProblemError, Taken
from requests.adapters import BaseAdapter

START = "2018-06-05T01:00:00Z"


class Canned(BaseAdapter):
    """Answers every request with the same."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__()
        self.status, self.body, self.headers = status, body, headers or {}
        self.asked: list[tuple[str, Any]] = []
        self.timeouts: list[float] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        is_json = request.headers.get("Content-Type") == "application/json"
        self.asked.append((request.path_url, json.loads(request.body) if is_json and request.body else request.body))
        self.timeouts.append(options["timeout"])
        response = requests.Response()
        response.status_code = self.status
        response.headers.update(self.headers)
        response._content = json.dumps(self.body).encode()
        return response

    def close(self) -> None:
        """Nothing to give back."""


def client_of(canned: Canned) -> Client:
    client = Client("http://portal.test", "key", timeout_seconds=10)
    client._session.mount("http://", canned)
    return client


def clock(*, is_settled: bool, is_counted: bool = True) -> Canned:
    body = {
        "now": START,
        "is_settled": is_settled,
        "is_counted": is_settled and is_counted,
        "sequences": {"0": 3},
    }
    return Canned(200 if is_settled else 202, body)


@pytest.mark.parametrize("verb", ["advance", "settle"])
def test_what_did_not_settle_in_time_is_an_error(verb: str) -> None:
    canned = clock(is_settled=False)
    with client_of(canned) as client, pytest.raises(NotSettledError, match="within 1 s") as raised:
        client.advance(days=1, wait_seconds=1) if verb == "advance" else client.settle(wait_seconds=1)
    assert raised.value.advanced.now.isoformat() == "2018-06-05T01:00:00+00:00"
    assert not raised.value.advanced.is_settled
    assert canned.asked[0][0] == f"/api/v1/clock/{verb}"
    assert canned.timeouts[0] == 11  # the portal may take all the time that it was given


def test_who_looks_for_themselves_gets_no_error() -> None:
    with client_of(clock(is_settled=False)) as client:
        assert not client.advance(days=1, wait_seconds=1, must_settle=False).is_settled
        assert not client.settle(wait_seconds=1, must_settle=False).is_settled


def test_who_does_not_wait_gets_no_error() -> None:
    canned = clock(is_settled=False)
    with client_of(canned) as client:
        assert not client.advance(days=1, wait_seconds=0).is_settled
        assert not client.settle(wait_seconds=0).is_settled
    assert canned.asked[0][1] == {"by": "PT86400S", "wait_seconds": 0}


def test_waiting_on_and_waiting_later_is_for_what_was_asked_then() -> None:
    canned = clock(is_settled=False)
    with client_of(canned) as client:
        asked = client.advance(days=1, wait_seconds=1, must_settle=False)
        client.settle(upto=asked, wait_seconds=0)
    assert len(canned.asked) > 2
    assert [body.get("sequences") for _, body in canned.asked[1:]] == [{"0": 3}] * (len(canned.asked) - 1)


def test_metrics_being_away_is_told_and_no_error() -> None:
    with client_of(clock(is_settled=True, is_counted=False)) as client:
        advanced = client.advance(to=START)
    assert (advanced.is_settled, advanced.is_counted) == (True, False)


def test_a_refusal_is_a_problem() -> None:
    canned = Canned(409, {"code": "clock-not-manual", "status": 409, "detail": "It moves by itself."})
    with client_of(canned) as client, pytest.raises(ProblemError) as raised:
        client.advance(days=1)
    assert (raised.value.code, raised.value.status) == ("clock-not-manual", 409)


def test_lines_that_are_all_filed_are_not_looked_into() -> None:
    canned = Canned(
        200, {"line": 1, "problem": {"code": "never looked at"}}, {"X-Filed-Count": "3", "X-Refused-Count": "0"}
    )
    with client_of(canned) as client:
        assert client.send_lines("/api/v1/dossiers", b"{}\n{}\n{}") == Taken(3, {})


def test_of_lines_that_are_refused_the_problems_are_told() -> None:
    refused = {"line": 2, "problem": {"code": "malformed-json"}}
    canned = Canned(200, refused, {"X-Filed-Count": "1", "X-Refused-Count": "1"})
    with client_of(canned) as client:
        assert client.send_lines("/api/v1/dossiers", b"{}\n{") == Taken(1, {2: {"code": "malformed-json"}})
