"""RFC 9457: every error of the HTTP services as `application/problem+json`, with a stable code.

The one place where an exception becomes an answer. Unexpected errors are logged with their trace and answered
with a sentence that gives nothing away.
"""

from typing import Any

import structlog
from flask import Flask, Response, json, request
from psycopg import OperationalError as DatabaseAwayError
from psycopg_pool import PoolTimeout
from werkzeug.exceptions import HTTPException

from services.runtime.errors import ProblemError

log = structlog.get_logger()

#: `type` of a problem is this, with the code after it; resolved by the portal's own documentation page.
PROBLEM_TYPE_PREFIX = "/docs/problems#"

_CODES_BY_STATUS = {
    400: "bad-request",
    401: "key-missing",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "request-timeout",
    413: "body-too-large",
    415: "wrong-content-type",
    422: "invalid-body",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}


def problem_body(problem: ProblemError) -> dict[str, Any]:
    """The members of a problem document."""
    body: dict[str, Any] = {
        "type": PROBLEM_TYPE_PREFIX + problem.code,
        "code": problem.code,
        "title": problem.code.replace("-", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        **problem.extra,
    }
    if problem.detail_vi:
        body["detail_vi"] = problem.detail_vi
    if problem.errors:
        body["errors"] = problem.errors
    return body


def problem_response(problem: ProblemError) -> Response:
    """The answer to a problem."""
    body = json.dumps(problem_body(problem), ensure_ascii=False)
    response = Response(body, status=problem.status, content_type="application/problem+json")
    response.headers.update(problem.headers)
    return response


def from_http_exception(error: HTTPException) -> ProblemError:
    """A framework's own error (no such route, wrong method, body too large …) as a problem."""
    status = error.code or 500
    headers = {
        name: value for name, value in error.get_headers() if name.lower() not in {"content-type", "content-length"}
    }
    detail = error.description or "The request can't be answered."
    return ProblemError(_CODES_BY_STATUS.get(status, f"http-{status}"), status, detail, headers=headers)


def install_problem_handlers(app: Flask) -> None:
    """Answer every error of this application as a problem document."""

    def on_problem(error: ProblemError) -> Response:
        return problem_response(error)

    def on_http_exception(error: HTTPException) -> Response:
        return problem_response(from_http_exception(error))

    def on_database_away(error: Exception) -> Response:
        log.warning("database_away", error=str(error))
        problem = ProblemError(
            "unavailable", 503, "The database can't be reached right now; try again.", headers={"Retry-After": "2"}
        )
        return problem_response(problem)

    def on_unexpected(error: Exception) -> Response:
        log.error("request_failed", path=request.path, method=request.method, exc_info=error)
        return problem_response(
            ProblemError("internal-error", 500, "Something went wrong on our side; the log has the details.")
        )

    app.register_error_handler(ProblemError, on_problem)
    app.register_error_handler(HTTPException, on_http_exception)
    app.register_error_handler(DatabaseAwayError, on_database_away)
    app.register_error_handler(PoolTimeout, on_database_away)
    app.register_error_handler(Exception, on_unexpected)
