"""The portal's door for a crowd that doesn't give up: what isn't answered is asked again, and done once.

Every request that changes something has an Idempotency-Key that follows from what it is part of. So it doesn't matter
whether the answer was lost, the portal was killed meanwhile, or the crowd itself.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar

import requests
from motcua import Advanced, Client, ProblemError, Taken

from services.runtime.clock import monotonic_seconds, pause
from services.runtime.errors import MotcuaError

T = TypeVar("T")

#: Longest time without any answer (seconds): a stack that was killed is back long before.
PATIENCE_SECONDS: Final = 120.0

#: Pauses between tries: the first, and the longest (seconds).
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 2.0

#: Seconds that one request waits for the services to settle, before it is asked again.
_SETTLE_SECONDS: Final = 20

#: And is asked again after this long at the earliest, if the portal has no seat for who waits, or metrics is away.
_ASK_AGAIN_SECONDS: Final = 0.3

#: Longest time for a question about every dossier (seconds): counting three million again takes minutes.
_WHOLE_SECONDS: Final = 1800

#: What says nothing about the request: the portal is busy or starting, or something behind it is.
_PASSING: Final = frozenset({429, 500, 502, 503, 504})


class PortalError(MotcuaError):
    """The portal refused."""


class UnreachableError(MotcuaError):
    """The portal hasn't answered for a long time; the message is its address."""


class Door:
    """A sandbox's door.

    Args:
        client: With the sandbox's key; of the caller's thread alone.
        patience_seconds: Longest time without any answer.
    """

    def __init__(self, client: Client, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._client = client
        self._patience_seconds = patience_seconds

    def send(self, path: str, lines: bytes, key: str) -> Taken:
        """Send NDJSON; filed once, however often it is sent under its key."""
        return self._ask(lambda: self._client.send_lines(path, lines, idempotency_key=key))

    def enter(self, path: str, entry: Mapping[str, Any], key: str) -> None:
        """Enter something in a register, unless it is there already."""
        try:
            headers = {"Idempotency-Key": key}
            self._ask(lambda: self._client.request("POST", path, json=dict(entry), headers=headers))
        except PortalError as error:
            if not (isinstance(error.__cause__, ProblemError) and error.__cause__.status == HTTPStatus.CONFLICT):
                raise

    def advance(self, to: datetime, key: str) -> Advanced:
        """Move the clock, and don't wait for what falls due; moved once."""
        body = {"to": to.isoformat(), "wait_seconds": 0}

        def move() -> Advanced:
            headers = {"Idempotency-Key": key}
            answer = self._client.request("POST", "/api/v1/clock/advance", json=body, headers=headers).json()
            now = datetime.fromisoformat(answer["now"])
            return Advanced(now, answer["is_settled"], answer["is_counted"], answer["sequences"])

        return self._ask(move)

    def settle(self, upto: Advanced | None, *, must_be_counted: bool = False) -> Advanced:
        """Wait a while for what was asked up to then, or for everything; whether it has happened is in the answer.

        The answer takes a moment at least: who asks again and again keeps nobody from working.
        """
        asked_at = monotonic_seconds()
        settled = self._ask(
            lambda: self._client.settle(
                upto=upto, wait_seconds=_SETTLE_SECONDS, must_settle=False, must_be_counted=must_be_counted
            )
        )
        if not (settled.is_counted if must_be_counted else settled.is_settled):
            pause(max(asked_at + _ASK_AGAIN_SECONDS - monotonic_seconds(), 0.0))
        return settled

    def clock(self) -> Advanced:
        """Where the clock stands, and whether everything asked so far has happened."""
        return self._ask(lambda: self._client.settle(wait_seconds=0, must_settle=False))

    def filed_count(self) -> int:
        """How many dossiers have been filed, also for later."""
        return int(self._ask(lambda: self._client.request("GET", "/api/v1/sandbox").json()["dossier_count"]))

    def statistics(self, group_by: str) -> Mapping[str, Any]:
        """Counts."""
        return self._ask(lambda: self._client.statistics(group_by=group_by))

    def waiting(self) -> Mapping[str, Any]:
        """How long dossiers waited; the portal looks at every one."""
        path = "/api/v1/statistics/waiting"
        answer: Mapping[str, Any] = self._ask(
            lambda: self._client.request("GET", path, wait_seconds=_WHOLE_SECONDS).json()
        )
        return answer

    def recount(self) -> Mapping[str, Any]:
        """Whether the ledger, counted again, gives the same."""
        path = "/api/v1/statistics/recount"
        answer: Mapping[str, Any] = self._ask(
            lambda: self._client.request("POST", path, wait_seconds=_WHOLE_SECONDS).json()
        )
        return answer

    def dossiers(self, **filters: Any) -> Iterator[Mapping[str, Any]]:
        """Dossiers that fit, page after page."""
        query = {"limit": 500, **filters}
        while True:
            page = self._ask(lambda: self._client.request("GET", "/api/v1/dossiers", params=query).json())
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def _ask(self, ask: Callable[[], T]) -> T:
        return patiently(ask, self._client.url, self._patience_seconds)


def patiently(ask: Callable[[], T], url: str, patience_seconds: float = PATIENCE_SECONDS) -> T:
    """The answer to a request that may be sent again.

    Args:
        ask: Sends it.
        url: Of the portal, for the error.
        patience_seconds: So long after the first failure it is sent again.

    Raises:
        PortalError: it was refused, and trying again didn't or wouldn't change that.
        UnreachableError: nothing came in time.
    """
    gives_up_at: float | None = None
    pause_seconds = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return ask()
        except ProblemError as error:
            if error.status not in _PASSING:
                raise PortalError(str(error)) from error
            failure: Exception = error
        except requests.RequestException as error:
            failure = error
        # From the first failure on: a request may have taken long by itself.
        if gives_up_at is None:
            gives_up_at = monotonic_seconds() + patience_seconds
        if monotonic_seconds() + pause_seconds > gives_up_at:
            if isinstance(failure, ProblemError):
                raise PortalError(str(failure)) from failure
            raise UnreachableError(url) from failure
        pause(pause_seconds)
        pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)
