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
RECOUNT_TIMEOUT_SECONDS: Final = 300.0


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
            response.raise_for_status()
            answer: dict[str, Any] = response.json()
        except requests.RequestException as error:
            log.warning("metrics_unavailable", path=path, error=str(error))
            raise problem("metrics-unavailable", headers={"Retry-After": "2"}) from error
        return answer
