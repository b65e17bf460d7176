"""A crowd that doesn't give up, and doesn't go on asking for what is refused."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from motcua import Client, ProblemError

from services.simulator import door
from services.simulator.door import Door, PortalError, UnreachableError, patiently


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(door, "pause", made.pause)
    monkeypatch.setattr(door, "monotonic_seconds", lambda: made.seconds)
    return made


def problem(status: int, code: str = "x") -> ProblemError:
    return ProblemError({"status": status, "code": code, "detail": "no"})


def answering(*answers: Any) -> Callable[[], Any]:
    """Gives these answers in turn, errors by raising them; the last one for ever."""
    rest: Iterator[Any] = iter(answers)
    last = answers[-1]

    def ask() -> Any:
        answer = next(rest, last)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


@pytest.mark.parametrize(
    "failure",
    [requests.ConnectionError(), requests.Timeout(), problem(503, "unavailable"), problem(500), problem(429)],
    ids=["no connection", "no answer", "away", "broken", "busy"],
)
def test_what_passes_is_waited_for(clock: Clock, failure: Exception) -> None:
    assert patiently(answering(failure, failure, failure, "done"), "http://p") == "done"
    assert 0 < clock.seconds < 2


def test_patience_has_an_end(clock: Clock) -> None:
    with pytest.raises(UnreachableError, match=r"^http://p$"):
        patiently(answering(requests.ConnectionError()), "http://p", patience_seconds=60)
    assert 50 < clock.seconds <= 60
    with pytest.raises(PortalError, match=r"^broken: no"):
        patiently(answering(problem(500, "broken")), "http://p", patience_seconds=60)


def test_a_request_that_took_long_by_itself_is_sent_again(clock: Clock) -> None:
    """Counting a ledger again may take longer than anybody's patience, and then fail for a moment."""
    answers = iter([problem(503), "done"])

    def ask() -> str:
        clock.seconds += 300
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert patiently(ask, "http://p", patience_seconds=60) == "done"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_what_is_refused_is_not_asked_again(clock: Clock, status: int) -> None:
    with pytest.raises(PortalError):
        patiently(answering(problem(status), "never"), "http://p")
    assert clock.seconds == 0


class Registers(Client):
    """A portal whose registers answer with an error."""

    def __init__(self, failure: Exception | None) -> None:
        super().__init__("http://p", "key")
        self._failure = failure
        self.asked: list[tuple[Any, ...]] = []

    def request(self, *asked: Any, **options: Any) -> requests.Response:
        self.asked.append((*asked, options["headers"]))
        if self._failure:
            raise self._failure
        return requests.Response()


def test_what_is_in_a_register_already_is_well_entered() -> None:
    with Registers(problem(409, "entry-exists")) as client:
        Door(client).enter("/api/v1/facilities", {"number": "CSSX000001"}, "key")
        assert client.asked == [("POST", "/api/v1/facilities", {"Idempotency-Key": "key"})]
    with Registers(problem(422)) as client, pytest.raises(PortalError):
        Door(client).enter("/api/v1/facilities", {}, "key")


class Pages(Client):
    """Two pages of dossiers; each is lost once."""

    def __init__(self) -> None:
        super().__init__("http://p", "key")
        self._lost: set[str | None] = set()

    def request(self, *_: Any, **options: Any) -> requests.Response:
        cursor = options["params"].get("cursor")
        if cursor not in self._lost:
            self._lost.add(cursor)
            raise requests.ConnectionError
        response = requests.Response()
        second = b'{"items": [{"number": 3}], "next_cursor": null}'
        response._content = second if cursor else b'{"items": [{"number": 1}, {"number": 2}], "next_cursor": "n2"}'
        return response


def test_a_page_that_was_lost_is_asked_for_again(clock: Clock) -> None:
    with Pages() as client:
        assert [item["number"] for item in Door(client).dossiers(status="withdrawn")] == [1, 2, 3]
