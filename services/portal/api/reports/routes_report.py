"""`/api/v1/reports`: the official report, the portal's own statistics, and how units score."""

from typing import Any, Final

from flask import Response, request
from marshmallow import RAISE

from services.contracts.catalogue import Sector
from services.contracts.counting_rules import RULE_CHOICES, CountingRules
from services.portal.api.answers import json_answer, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.context import parts, sandbox, sandbox_now
from services.portal.api.papers.downloads import disposition
from services.portal.api.reports.report_answers import form06_resource, scores_resource, services_resource
from services.portal.api.reports.reports_schemas import (
    Form06QuerySchema,
    Form06Schema,
    ScoresQuerySchema,
    ScoresSchema,
    ServicesQuerySchema,
    ServicesSchema,
)
from services.portal.application.reporting import Quarter, ReportQuestion
from services.portal.domain.reports.reports import Form06Report, Rows

blp = ApiBlueprint("reports", __name__, url_prefix="/api/v1/reports", description="Official reports")

CSV_TYPE: Final = "text/csv"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMAT_OF_TYPE: Final = {"application/json": "json", CSV_TYPE: "csv", XLSX_TYPE: "xlsx"}

#: Added by hand: what is declared with `doc` replaces the content that the schema gives.
_CONTENT: Final = {
    "application/json": {"schema": Form06Schema},
    CSV_TYPE: {"schema": {"type": "string"}},
    XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}},
}


@blp.route("/form-06", methods=["GET"])
@blp.doc(responses={"200": {"content": _CONTENT}})
@blp.arguments(Form06QuerySchema, location="query", unknown=RAISE)
@blp.response(200, Form06Schema)
def read_form06(query: dict[str, Any]) -> Response:
    """Report receipts, resolutions and pending dossiers of a period in the thirteen columns of the official form."""
    here = sandbox()
    report = parts().report_desk.form06(here.sandbox_id, sandbox_now(here), question_of(query))
    wanted = query.get("format") or _FORMAT_OF_TYPE.get(_accepted(), "json")
    return respond(json_answer(form06_resource(report))) if wanted == "json" else report_file(report, wanted)


@blp.route("/services", methods=["GET"])
@blp.arguments(ServicesQuerySchema, location="query", unknown=RAISE)
@blp.response(200, ServicesSchema)
def read_services(query: dict[str, Any]) -> Response:
    """Count each online service since the start of the year: received, resolved, on time, satisfaction."""
    here = sandbox()
    found = parts().report_desk.services(here.sandbox_id, sandbox_now(here), query.get("to"), query["unit"])
    return respond(json_answer(services_resource(found)))


@blp.route("/scores", methods=["GET"])
@blp.arguments(ScoresQuerySchema, location="query", unknown=RAISE)
@blp.response(200, ScoresSchema)
def read_scores(query: dict[str, Any]) -> Response:
    """Score a unit's quarter by the indices of Circular 01/2018/TT-VPCP that can be measured here."""
    here = sandbox()
    quarter = quarter_of_text(query["quarter"]) if "quarter" in query else None
    found = parts().report_desk.scores(here.sandbox_id, sandbox_now(here), quarter, query["unit"])
    return respond(json_answer(scores_resource(found)))


def question_of(query: dict[str, Any]) -> ReportQuestion:
    """A validated query string as the question that it is."""
    return ReportQuestion(
        first_on=query["from_"],
        last_on=query["to"],
        unit=query["unit"],
        sector=Sector(query["field"]) if "field" in query else None,
        rows=Rows(query["rows"]),
        rules=CountingRules(**{name: choices(query[name]) for name, choices in RULE_CHOICES.items()}),  # type: ignore[arg-type]
    )


def quarter_of_text(text: str) -> Quarter:
    """A quarter as it is written, `2018-Q2`."""
    year, _, number = text.partition("-Q")
    return Quarter(int(year), int(number))


def report_file(report: Form06Report, kind: str) -> Response:
    """The report as `csv` or `xlsx`, to be saved."""
    files = parts().report_files
    content, content_type = (
        (files.report_csv(report), f"{CSV_TYPE}; charset=utf-8; header=present")
        if kind == "csv"
        else (files.report_xlsx(report), XLSX_TYPE)
    )
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = disposition("attachment", files.file_name(report, kind))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _accepted() -> str:
    """What of the formats the caller wants most; JSON when it is all the same."""
    return request.accept_mimetypes.best_match(list(_FORMAT_OF_TYPE), default="application/json")
