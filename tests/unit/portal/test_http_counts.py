"""What the portal makes of the answers of metrics."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.portal.adapters.http_counts import HttpCounts
from services.runtime.errors import ProblemError

NOW = datetime(2018, 6, 8, tzinfo=UTC)


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers everything alike."""

    status, body = 200, b"{}"
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def metrics() -> Iterator[Callable[..., tuple[HttpCounts, list[str]]]]:
    """A stand-in that gives one answer."""
    servers: list[http.server.HTTPServer] = []

    def start(status: int, body: object) -> tuple[HttpCounts, list[str]]:
        asked: list[str] = []
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler = type("Handler", (Answering,), {"status": status, "body": content, "asked": asked})
        server = http.server.HTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return HttpCounts(f"http://127.0.0.1:{server.server_port}", "key"), asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_report_is_asked_with_sandbox_and_now(metrics) -> None:
    counts, asked = metrics(200, {"rows": []})
    assert counts.report("s", NOW, {"from": "2018-04-01"}) == {"rows": []}
    assert asked == ["/v1/report?from=2018-04-01&sandbox_id=s&now=2018-06-08T00%3A00%3A00%2B00%3A00"]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, {"code": "report-broken"}, "report-broken"),
        (500, {"code": "internal-error"}, "metrics-unavailable"),
        (500, b"not json", "metrics-unavailable"),
        (500, [], "metrics-unavailable"),
        (503, {"code": "unavailable"}, "metrics-unavailable"),
        (422, {"code": "invalid-query", "errors": []}, "invalid-query"),
    ],
)
def test_problems_of_metrics_become_those_of_the_portal(metrics, status: int, body: object, code: str) -> None:
    counts, _ = metrics(status, body)
    with pytest.raises(ProblemError) as raised:
        counts.report("s", NOW, {})
    assert raised.value.code == code


def test_nobody_there_is_metrics_unavailable() -> None:
    with pytest.raises(ProblemError) as raised:
        HttpCounts("http://127.0.0.1:1", "key").report("s", NOW, {})
    assert raised.value.code == "metrics-unavailable"
