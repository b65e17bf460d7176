"""A client that doesn't give up: what a careful integrator does when the portal is away for a moment.

Every request that changes something carries an Idempotency-Key, so that sending it again does it once.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import requests
from motcua import Client
from motcua.client import ProblemError

from tests.support.wait import until

#: Longest time that a stack may take to answer again (seconds).
PATIENCE_SECONDS = 60.0


def retried(client: Client, method: str, path: str, *, what: str = "", **options: Any) -> requests.Response:
    """Send a request until it is answered; a refusal that another try can't change is raised.

    Raises:
        ProblemError: refused.
        AssertionError: not answered in time.
    """
    answers: list[requests.Response] = []

    def is_answered() -> bool:
        try:
            answers.append(client.request(method, path, **options))
        except ProblemError as error:
            if error.status < 500:
                raise
        except requests.RequestException:
            pass
        return bool(answers)

    until(is_answered, PATIENCE_SECONDS, what=what or f"an answer to {method} {path}")
    return answers[0]


def file_once(client: Client, filings: Sequence[Mapping[str, Any]]) -> list[str]:
    """File many in one request; their ids."""
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": uuid.uuid4().hex}
    body = "\n".join(json.dumps(filing) for filing in filings).encode()
    results = [
        json.loads(line)
        for line in retried(client, "POST", "/api/v1/dossiers", data=body, headers=headers).text.splitlines()
    ]
    assert not [result for result in results if "problem" in result]
    return [result["dossier_id"] for result in results]


def advance_once(client: Client, to: datetime) -> None:
    """Move a manual clock to an instant, and wait until all has happened and been counted."""
    body = {"to": to.isoformat(), "wait_seconds": 5}
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    retried(client, "POST", "/api/v1/clock/advance", json=body, headers=headers)
    settle(client)


def settle(client: Client) -> None:
    """Wait until everything asked so far has happened and been counted."""

    def is_settled() -> bool:
        answer = retried(client, "POST", "/api/v1/clock/settle", json={"wait_seconds": 5}).json()
        return bool(answer["is_settled"] and answer["is_counted"])

    until(is_settled, PATIENCE_SECONDS, what="everything settled and counted")


def read(client: Client, path: str) -> Any:
    """JSON of a GET."""
    return retried(client, "GET", path).json()
