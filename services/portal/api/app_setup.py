"""Registers the API with an application: routes, keys, limits of bodies, errors."""

from typing import Final

from flask import Flask, Response, current_app, request
from flask_smorest import Api
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response as BaseResponse

from services.portal.api import (
    routes_actions,
    routes_catalogue,
    routes_clock,
    routes_dossiers,
    routes_lookup,
    routes_sandboxes,
    routes_statistics,
    schemas,
)
from services.portal.api.access import is_open
from services.portal.api.bodies import FILE_PATHS, LARGEST_BODY_BYTES, largest_body, take_body
from services.portal.api.context import EXTENSION, KeyCache, authenticate
from services.portal.api.deadlines import routes_calendar
from services.portal.api.openapi_document import openapi_document
from services.portal.api.papers import routes_attachments, routes_papers
from services.portal.api.payments import routes_payments
from services.portal.api.registers import routes_counterparts, routes_declarations
from services.portal.api.registers.declaration_reading import DeclarationReader
from services.portal.api.reports import routes_report
from services.portal.api.submissions import SubmissionReader, field_errors
from services.portal.application.problems import problem
from services.portal.bootstrap import Parts
from services.runtime.errors import ProblemError
from services.runtime.problems import from_http_exception, problem_response

_BLUEPRINTS: Final = (
    routes_sandboxes.blp,
    routes_catalogue.blp,
    routes_actions.blp,
    routes_dossiers.blp,
    routes_lookup.blp,
    routes_clock.blp,
    routes_calendar.blp,
    routes_payments.blp,
    routes_papers.blp,
    routes_attachments.blp,
    routes_declarations.blp,
    routes_counterparts.blp,
    routes_statistics.blp,
    routes_report.blp,
)


class MotcuaApi(Api):  # type: ignore[misc]
    """flask-smorest with our problem documents."""

    ERROR_SCHEMA = schemas.ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Validation messages become pointers; everything else is answered by `runtime.problems`."""
        return problem_response(_from_webargs(error))


def _from_webargs(error: HTTPException) -> ProblemError:
    data = getattr(error, "data", None)
    if error.code == 413:
        return problem("body-too-large", limit_bytes=largest_body(request))
    if not isinstance(data, dict) or "messages" not in data:
        return from_http_exception(error)
    (location, messages), *_ = data["messages"].items()
    errors = list(field_errors(messages))
    code = "invalid-body" if location == "json" else "invalid-query"
    return problem(code, count=len(errors), errors=errors)


def register_api(app: Flask, parts: Parts) -> None:
    """Add the API's routes, keys and errors."""
    app.extensions[EXTENSION] = parts
    app.extensions[routes_dossiers.SUBMISSION_READER] = SubmissionReader(parts.catalogue)
    app.extensions[routes_declarations.DECLARATION_READER] = DeclarationReader(parts.catalogue, parts.declaration_kinds)
    app.config.update(
        API_TITLE="motcua",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
    )
    api = MotcuaApi(app)
    for blueprint in _BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.extensions["motcua-spec"] = api.spec
    cache = KeyCache()

    def admit() -> None:
        is_api = request.path.startswith("/api/")
        if is_api and not is_open(request):
            authenticate(cache)
        take_body(request)  # of pages, too
        if is_api:
            _check_body_kind()

    def say_that_it_is_a_mock(response: Response) -> Response:
        response.headers["X-Motcua-Mock"] = "true"
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.before_request(admit)
    app.after_request(say_that_it_is_a_mock)
    app.add_url_rule("/openapi.json", "openapi", _serve_openapi)


#: Routes that take files, or NDJSON; some of them JSON as well.
_TAKING_OTHERS: Final = FILE_PATHS | {
    "/api/v1/actions",
    "/api/v1/dossiers",
    "/api/v1/declarations/batch",
    "/api/v1/declarations/import",
}


def _check_body_kind() -> None:
    """A JSON route takes JSON; those that take lines or files decide by themselves."""
    has_body = request.method in {"POST", "PUT"} and request.endpoint and request.content_length
    if has_body and request.path not in _TAKING_OTHERS and request.mimetype != "application/json":
        raise problem("wrong-content-type", expected="application/json", actual=request.mimetype or "nothing")


def _serve_openapi() -> BaseResponse:
    return current_app.json.response(openapi_document(current_app))
