"""RFC 9457: every error of the HTTP services as `application/problem+json`, with a stable code.

The one place where an exception becomes an answer. Unexpected errors are logged with their trace and answered
with a sentence that gives nothing away.
"""

from collections.abc import Mapping
from typing import Any, Final

import structlog
from flask import Flask, Response, json, request
from psycopg import OperationalError as DatabaseAwayError
from psycopg_pool import PoolTimeout
from werkzeug.exceptions import HTTPException

from services.runtime.errors import ProblemError, UnavailableError

log = structlog.get_logger()

#: `type` of a problem is this, with the code after it; resolved by the portal's own documentation page.
PROBLEM_TYPE_PREFIX = "/docs/problems#"

#: Answers of the framework itself, by status: code, and the sentence in both languages.
_GENERIC: Final[Mapping[int, tuple[str, str, str]]] = {
    400: ("bad-request", "The request can't be read.", "Không đọc được yêu cầu."),
    404: ("not-found", "There is nothing at this address.", "Không có gì ở địa chỉ này."),
    405: ("method-not-allowed", "This address doesn't know the method.", "Địa chỉ này không hỗ trợ phương thức đó."),
    408: ("request-timeout", "The request took too long to arrive.", "Yêu cầu gửi đến quá chậm."),
    413: ("body-too-large", "The body is too large.", "Nội dung quá lớn."),
    415: ("wrong-content-type", "This content type isn't taken here.", "Kiểu nội dung này không được nhận."),
    500: (
        "internal-error",
        "Something went wrong on our side; the log has the details.",
        "Có lỗi phía hệ thống; chi tiết ở nhật ký.",
    ),
    503: (
        "unavailable",
        "The database can't be reached right now; try again.",
        "Chưa kết nối được cơ sở dữ liệu; hãy thử lại.",
    ),
}


def generic_problem(status: int, *, headers: Mapping[str, str] | None = None) -> ProblemError:
    """The problem that a bare HTTP status stands for."""
    code, detail, detail_vi = _GENERIC.get(status, (f"http-{status}", "The request can't be answered.", None))
    return ProblemError(code, status, detail, detail_vi, headers=headers)


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
    headers = {
        name: value for name, value in error.get_headers() if name.lower() not in {"content-type", "content-length"}
    }
    return generic_problem(error.code or 500, headers=headers)


def install_problem_handlers(app: Flask) -> None:
    """Answer every error of this application as a problem document."""

    def on_problem(error: ProblemError) -> Response:
        return problem_response(error)

    def on_http_exception(error: HTTPException) -> Response:
        return problem_response(from_http_exception(error))

    def on_database_away(error: Exception) -> Response:
        log.warning("database_away", error=str(error))
        return problem_response(generic_problem(503, headers={"Retry-After": "2"}))

    def on_unexpected(error: Exception) -> Response:
        log.error("request_failed", path=request.path, method=request.method, exc_info=error)
        return problem_response(generic_problem(500))

    app.register_error_handler(ProblemError, on_problem)
    app.register_error_handler(HTTPException, on_http_exception)
    app.register_error_handler(DatabaseAwayError, on_database_away)
    app.register_error_handler(UnavailableError, on_database_away)
    app.register_error_handler(PoolTimeout, on_database_away)
    app.register_error_handler(Exception, on_unexpected)
