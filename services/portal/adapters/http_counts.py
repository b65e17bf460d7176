"""Metrics over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import requests
import structlog

from services.portal.application.problems import problem

log = structlog.get_logger()

#: Metrics answers from small tables; longer than this means that it is in trouble.
TIMEOUT_SECONDS: Final = 5.0
#: A recount reads a whole ledger: some minutes for three million dossiers, and more on a slow machine.
RECOUNT_TIMEOUT_SECONDS: Final = 1800.0
#: A report reads the whole past of a sandbox: a third of a second for three million dossiers on a quiet machine.
REPORT_TIMEOUT_SECONDS: Final = 20.0


class HttpCounts:
    """`Counts` of the metrics service."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        # The address is ours, from the settings: no proxy and no .netrc of the machine has a say in it.
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {key}"

    def statistics(self, sandbox_id: str, now: datetime, query: Mapping[str, str]) -> Mapping[str, Any]:
        """See `Counts.statistics`."""
        parameters = {**query, "sandbox_id": sandbox_id, "now": now.isoformat()}
        return self._ask("GET", "/v1/statistics", parameters, TIMEOUT_SECONDS)

    def report(self, sandbox_id: str, now: datetime, query: Mapping[str, str]) -> Mapping[str, Any]:
        """See `Counts.report`."""
        parameters = {**query, "sandbox_id": sandbox_id, "now": now.isoformat()}
        return self._ask("GET", "/v1/report", parameters, REPORT_TIMEOUT_SECONDS)

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        """See `Counts.positions`."""
        answer = self._ask("GET", "/v1/positions", {"sandbox_id": sandbox_id}, TIMEOUT_SECONDS)
        return {int(partition): position for partition, position in answer.items()}

    def recount(self, sandbox_id: str) -> Mapping[str, Any]:
        """See `Counts.recount`."""
        return self._ask("POST", "/v1/recount", {"sandbox_id": sandbox_id}, RECOUNT_TIMEOUT_SECONDS)

    def _ask(self, method: str, path: str, query: Mapping[str, str], timeout_seconds: float) -> dict[str, Any]:
        try:
            response = self._session.request(
                method, self._url + path, params=dict(query), timeout=timeout_seconds, allow_redirects=False
            )
            if response.status_code in {400, 422}:
                raise problem("invalid-query", count=1, errors=response.json().get("errors", []))
            if response.status_code == 500 and _code(response) == "report-broken":
                raise problem("report-broken")
            response.raise_for_status()
            answer: dict[str, Any] = response.json()
        except requests.RequestException as error:
            log.warning("metrics_unavailable", path=path, error=str(error))
            raise problem("metrics-unavailable", headers={"Retry-After": "2"}) from error
        return answer


def _code(response: requests.Response) -> str | None:
    """The code of a problem document; None for any other answer."""
    try:
        document = response.json()
    except requests.JSONDecodeError:
        return None
    return document.get("code") if isinstance(document, dict) else None
