"""`/api/v1/dossiers`: file, list, read."""

from collections.abc import Sequence
from typing import Any, Final, cast

from flask import Response, current_app, request
from marshmallow import RAISE

from services.contracts.timeliness import Timeliness
from services.contracts.vocabulary import STATUS_BY_SLUG
from services.portal.api import schemas
from services.portal.api.answers import (
    dossier_etag,
    dossier_resource,
    json_answer,
    once_key,
    respond,
    timeline_resource,
)
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.bodies import decode_json
from services.portal.api.context import parts, sandbox, sandbox_id, sandbox_now
from services.portal.api.deadlines.deadline_answers import deadline_resource, explanation_resource
from services.portal.api.deadlines.deadline_schemas import DeadlineQuerySchema, DeadlineSchema
from services.portal.api.found import find_dossier
from services.portal.api.lines import NDJSON, file_lines, read_lines
from services.portal.api.payments.payment_answers import payment_status
from services.portal.api.submissions import SubmissionReader
from services.portal.application.filing import FilingRequest
from services.portal.application.ports import Answer, DossierFilter
from services.portal.application.problems import problem
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Filed
from services.runtime.errors import ProblemError

blp = ApiBlueprint("dossiers", __name__, url_prefix="/api/v1", description="Filing and following dossiers")

#: Where the application keeps its `SubmissionReader`.
SUBMISSION_READER: Final = "motcua-submission-reader"


def reader() -> SubmissionReader:
    """The application's reader of submissions."""
    return cast("SubmissionReader", current_app.extensions[SUBMISSION_READER])


@blp.route("/dossiers", methods=["POST"])
@blp.response(201, schemas.DossierSchema)
def file_dossiers() -> Response:
    """File one dossier (JSON) or many (NDJSON, a result for each line); "filed" means it is on disk."""
    where = sandbox_id()
    if request.mimetype == "application/json":
        return respond(_file_one(where))
    if request.mimetype == NDJSON:
        return respond(file_lines(where, read_lines(reader().read), _told))
    raise problem("wrong-content-type", expected=f"application/json, {NDJSON}", actual=request.mimetype or "nothing")


def _file_one(where: str) -> Answer:
    submission = reader().read(decode_json(request.get_data()))
    # Asked for before the desk's transaction, which must not wait for a second connection.
    now = None if submission.filed_at is None else sandbox_now(sandbox())

    def answer(results: Sequence[Filed | ProblemError]) -> Answer:
        (result,) = results
        if isinstance(result, ProblemError):
            raise result
        # No ETag: the version is known once processing has told of the filing.
        headers = {"Location": f"/api/v1/dossiers/{dossier_id(result)}"}
        return json_answer(dossier_resource(result.dossier(), now or result.filed_at), 201, headers)

    return parts().desk.file(FilingRequest(where, [submission], answer, once_key(where)))


def _told(filed: Filed) -> dict[str, Any]:
    """What a line's result says."""
    return {"dossier_id": dossier_id(filed), "number": filed.number, "status": "submitted"}


@blp.route("/dossiers", methods=["GET"])
@blp.arguments(schemas.DossierQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.DossierPageSchema)
def list_dossiers(query: dict[str, Any]) -> Response:
    """List dossiers, newest first."""
    here = sandbox()
    now = sandbox_now(here)
    overdue, cursor = query.get("overdue"), query.get("cursor")
    wanted = DossierFilter(
        status=STATUS_BY_SLUG[query["status"]] if "status" in query else None,
        procedure_ids=_procedures_of(query.get("procedure"), query.get("sector"), query.get("authority_level")),
        office_code=query.get("office"),
        applicant_id=query.get("applicant"),
        is_overdue=None if overdue is None else overdue == "true",
        timeliness=Timeliness(query["timeliness"]) if "timeliness" in query else None,
        before_number=int(cursor[1:]) if cursor else None,
    )
    found = parts().reader.dossiers(here.sandbox_id, wanted, now, query["limit"] + 1)
    page, rest = found[: query["limit"]], found[query["limit"] :]
    items = [dossier_resource(item, now) for item in page]
    return respond(json_answer({"items": items, "next_cursor": f"n{page[-1].number}" if rest else None}))


def _procedures_of(names: str | None, sector: str | None, authority_level: str | None) -> frozenset[str] | None:
    """The procedures of a sector and a level, of those named if any are; `None`: any."""
    named = None if names is None else frozenset(names.split(","))
    if sector is None and authority_level is None:
        return named
    return frozenset(
        name
        for name, procedure in parts().catalogue.procedures.items()
        if sector in {None, procedure.sector}
        and authority_level in {None, procedure.authority_level}
        and (named is None or name in named)
    )


@blp.route("/dossiers/<string:name>", methods=["GET"])
@blp.response(200, schemas.FullDossierSchema)
def read_dossier(name: str) -> Response:
    """Read a dossier with its form; the ETag changes with its status, and when it becomes overdue."""
    here = sandbox()
    now = sandbox_now(here)
    dossier = find_dossier(here.sandbox_id, name)
    etag = dossier_etag(dossier, now)
    if etag in {part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")}:
        return Response(status=304, headers={"ETag": etag})
    form = parts().reader.form(here.sandbox_id, dossier.number)
    body = {**dossier_resource(dossier, now), "form": form, "payment": payment_status(dossier)}
    return respond(json_answer(body, headers={"ETag": etag}))


@blp.route("/dossiers/<string:name>/timeline", methods=["GET"])
@blp.response(200, schemas.TimelineSchema)
def read_timeline(name: str) -> Response:
    """Read what happened to a dossier, in order, each step with both times."""
    dossier = find_dossier(sandbox_id(), name)
    entries = parts().reader.timeline(dossier.sandbox_id, dossier.number)
    return respond(json_answer({"dossier_id": name, "items": [timeline_resource(entry) for entry in entries]}))


@blp.route("/dossiers/<string:name>/deadline", methods=["GET"])
@blp.arguments(DeadlineQuerySchema, location="query", unknown=RAISE)
@blp.response(200, DeadlineSchema)
def read_deadline(query: dict[str, Any], name: str) -> Response:
    """Read how a due date came about: limit, steps, suspensions, extensions and terms, each with its article."""
    here = sandbox()
    now = sandbox_now(here)
    dossier = find_dossier(here.sandbox_id, name)
    history = parts().deadlines.of(dossier, now)
    body = deadline_resource(dossier, history, now)
    if query["explain"] == "true" and (explanation := parts().deadlines.explain(dossier, history)):
        body["explanation"] = explanation_resource(explanation)
    return respond(json_answer(body))
