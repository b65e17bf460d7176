"""The API reference and the table of problems, readable without a network and without a key."""

from flask import current_app, render_template, request

from services.portal.api import openapi_document
from services.portal.application.problems import PROBLEMS
from services.portal.web.blueprint import bp
from services.portal.web.view_models.api_reference import api_reference


@bp.get("/docs", endpoint="api_reference")
def api_reference_page() -> str:
    """Every operation of the API."""
    reference = api_reference(openapi_document(current_app), request.host_url.rstrip("/"))
    return render_template("pages/api_reference.html", reference=reference)


@bp.get("/docs/problems")
def problem_reference() -> str:
    """Every problem that the API tells of; problem documents point here."""
    return render_template("pages/problem_reference.html", problems=PROBLEMS)
