"""`/api/v1/dossiers`: file, list, read, act."""

import re
from collections.abc import Sequence
from typing import Any, Final, cast

from flask import Response, current_app, request
from marshmallow import RAISE

from services.contracts.identifiers import parse_dossier_id
from services.contracts.timeliness import Timeliness, vietnamese_day
from services.contracts.vocabulary import STATUS_BY_SLUG, Action, Actor
from services.portal.api import schemas
from services.portal.api.action_details import read_detail
from services.portal.api.answers import (
    action_resource,
    do_once,
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
from services.portal.api.deadline_answers import deadline_resource, explanation_resource
from services.portal.api.deadline_schemas import DeadlineQuerySchema, DeadlineSchema
from services.portal.api.lines import NDJSON, file_lines, read_lines
from services.portal.api.payment_answers import payment_status
from services.portal.api.submissions import SubmissionReader
from services.portal.application.acting import ActionRequest, refusal_problem, refuse_early, request_action
from services.portal.application.filing import FilingRequest
from services.portal.application.ports import Answer, DossierFilter
from services.portal.application.problems import problem
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Dossier, Submission
from services.runtime.clock import real_now
from services.runtime.errors import ProblemError

blp = ApiBlueprint("dossiers", __name__, url_prefix="/api/v1", description="Filing and following dossiers")

#: Where the application keeps its `SubmissionReader`.
SUBMISSION_READER: Final = "motcua-submission-reader"

_PREFER_WAIT: Final = re.compile(r"(?:^|[,;\s])wait=([0-9]{1,3})(?:$|[,;\s])")
#: As `dossier_etag` makes them; whether a dossier has changed is in the version alone.
_ETAG: Final = re.compile(r'"([0-9]{1,18})(?:-ahead|-overdue)?"')


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

    def answer(results: Sequence[Dossier | ProblemError]) -> Answer:
        (result,) = results
        if isinstance(result, ProblemError):
            raise result
        # No ETag: the version is known once processing has told of the filing.
        headers = {"Location": f"/api/v1/dossiers/{dossier_id(result)}"}
        return json_answer(dossier_resource(result, now or result.filed_at), 201, headers)

    return parts().desk.file(FilingRequest(where, [submission], answer, once_key(where)))


def _told(_: Submission, dossier: Dossier) -> dict[str, Any]:
    """What a line's result says."""
    return {"dossier_id": dossier_id(dossier), "number": dossier.number, "status": "submitted"}


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
        procedure_id=query.get("procedure"),
        procedure_ids=_procedures_of(query.get("sector"), query.get("authority_level")),
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


def _procedures_of(sector: str | None, authority_level: str | None) -> frozenset[str] | None:
    """The procedures of a sector and a level; `None`: any."""
    if sector is None and authority_level is None:
        return None
    return frozenset(
        name
        for name, procedure in parts().catalogue.procedures.items()
        if sector in {None, procedure.sector} and authority_level in {None, procedure.authority_level}
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


@blp.route("/dossiers/<string:name>/actions", methods=["POST"])
@blp.arguments(schemas.ActionRequestSchema)
@blp.response(202, schemas.RequestedActionSchema)
def act(data: dict[str, Any], name: str) -> Response:
    """Act on a dossier: 202 with where to look, or with `Prefer: wait=2` 200 and the new state if it came in time."""
    here = sandbox()
    dossier = find_dossier(here.sandbox_id, name)
    action = Action(data["action"])
    wish = ActionRequest(
        action=action,
        actor=Actor(data["actor"]),
        reason=data["reason"],
        note=data["note"],
        expected_version=_expected_version(),
        detail=read_detail(action, data["detail"], parts().catalogue.procedures[dossier.procedure_id]),
    )

    def effect(unit: Any) -> Answer:
        refuse_early(parts().guide, dossier, wish, sandbox_now(here))
        command_id = request_action(unit, dossier, wish, real_now())
        body = {
            "command_id": command_id,
            "dossier_id": name,
            "action": wish.action,
            "requested_at": real_now(),
            "outcome": "pending",
            "position": None,
        }
        return json_answer(body, 202, {"Location": f"/api/v1/actions/{command_id}"})

    answer = do_once(here.sandbox_id, effect)
    wait = _PREFER_WAIT.search(request.headers.get("Prefer", ""))
    if wait:
        return _wait_for_outcome(dossier, wish, answer, float(min(int(wait[1]), 60)))
    return respond(answer)


def _wait_for_outcome(dossier: Dossier, wish: ActionRequest, answer: Answer, timeout_seconds: float) -> Response:
    where = dossier.sandbox_id
    command_id = answer.headers["Location"].rpartition("/")[2]
    outcome = "pending"

    def is_known() -> bool:
        nonlocal outcome
        found = parts().reader.requested_action(where, command_id)
        outcome = found.outcome if found else "pending"
        return outcome != "pending"

    if not parts().waiting_room.wait(where, is_known, timeout_seconds):
        return respond(answer)
    here = sandbox()
    moved = parts().reader.dossier(where, dossier.number) or dossier
    if outcome != "done":
        raise refusal_problem(parts().guide, outcome, moved, wish.action, wish.actor)
    now = sandbox_now(here)
    headers = {"ETag": dossier_etag(moved, now), "Preference-Applied": f"wait={int(timeout_seconds)}"}
    return respond(json_answer(dossier_resource(moved, now), headers=headers))


@blp.route("/actions/<string:command_id>", methods=["GET"])
@blp.response(200, schemas.RequestedActionSchema)
def read_action(command_id: str) -> Response:
    """Read what came of an action."""
    where = sandbox_id()
    found = parts().reader.requested_action(where, command_id) if "\x00" not in command_id else None
    dossier = parts().reader.dossier(where, found.number) if found else None
    if found is None or dossier is None:
        raise problem("not-found", what="action", name=command_id)
    return respond(json_answer(action_resource(found, dossier)))


def find_dossier(where: str, name: str) -> Dossier:
    """The dossier with this id.

    Raises:
        ProblemError: `not-found`; also when it belongs to another sandbox.
    """
    parsed = parse_dossier_id(name)
    dossier = parts().reader.dossier(where, parsed[0]) if parsed and parsed[0] < 2**62 else None
    if dossier is None or parsed is None or vietnamese_day(dossier.filed_at) != parsed[1]:
        raise problem("not-found", what="dossier", name=name)
    return dossier


def _expected_version() -> int | None:
    sent = request.headers.get("If-Match", "").strip()
    if sent in {"", "*"}:
        return None
    match = _ETAG.fullmatch(sent)
    if match is None:
        raise problem("invalid-header", header="If-Match")
    return int(match[1])
