"""`/api/v1/actions` and `/dossiers/{id}/actions`: what people do to dossiers, one or many at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request
from marshmallow import ValidationError

from services.contracts.vocabulary import Action, Actor
from services.portal.api import schemas
from services.portal.api.action_details import read_detail
from services.portal.api.answers import (
    action_resource,
    do_once,
    dossier_etag,
    dossier_resource,
    json_answer,
    respond,
)
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.context import parts, sandbox, sandbox_id, sandbox_now
from services.portal.api.found import find_dossier, find_dossiers
from services.portal.api.lines import Lines, answer_lines, read_lines, require_lines
from services.portal.api.submissions import invalid_body
from services.portal.application.acting import ActionRequest, refusal_problem, refuse_early, request_actions
from services.portal.application.ports import Answer
from services.portal.application.problems import problem
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Dossier, Sandbox
from services.runtime.clock import real_now
from services.runtime.errors import ProblemError

blp = ApiBlueprint("actions", __name__, url_prefix="/api/v1", description="Acting on dossiers")

_PREFER_WAIT: Final = re.compile(r"(?:^|[,;\s])wait=([0-9]{1,3})(?:$|[,;\s])")
#: Longest wait for outcomes that a request may ask for.
_WAIT_SECONDS_AT_MOST: Final = 60
#: As `dossier_etag` makes them; whether a dossier has changed is in the version alone.
_ETAG: Final = re.compile(r'"([0-9]{1,18})(?:-ahead|-overdue)?"')

_LINE_SCHEMA: Final = schemas.ActionLineSchema()


@dataclass(frozen=True, slots=True)
class _Asked:
    """An action that was written into the command log."""

    command_id: str
    dossier: Dossier
    wish: ActionRequest


@blp.route("/dossiers/<string:name>/actions", methods=["POST"])
@blp.arguments(schemas.ActionRequestSchema)
@blp.response(202, schemas.RequestedActionSchema)
def act(data: dict[str, Any], name: str) -> Response:
    """Act on a dossier: 202 with where to look, or with `Prefer: wait=2` 200 and the new state if it came in time."""
    here = sandbox()
    dossier = find_dossier(here.sandbox_id, name)
    wish = _wish(data, dossier, _expected_version())

    def effect(unit: Any) -> Answer:
        refuse_early(parts().guide, dossier, wish, sandbox_now(here))
        (command_id,) = request_actions(unit, here.sandbox_id, [(dossier, wish)], real_now())
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
    wait_seconds = _wait_seconds()
    if wait_seconds is None:
        return respond(answer)
    command_id = answer.headers["Location"].rpartition("/")[2]
    outcomes = _wait_for_outcomes(here.sandbox_id, [command_id], wait_seconds)
    if command_id not in outcomes:
        return respond(answer)
    moved = parts().reader.dossier(here.sandbox_id, dossier.number) or dossier
    if outcomes[command_id] != "done":
        raise refusal_problem(parts().guide, outcomes[command_id], moved, wish.action, wish.actor)
    now = sandbox_now(sandbox())
    headers = {"ETag": dossier_etag(moved, now), "Preference-Applied": f"wait={wait_seconds}"}
    return respond(json_answer(dossier_resource(moved, now), headers=headers))


@blp.route("/actions", methods=["POST"])
@blp.response(200, content_type="application/x-ndjson")
def act_on_many() -> Response:
    """Act on many dossiers (NDJSON: `dossier_id` and what a single action takes; a result for each line).

    Lines are carried out in their order, several about one dossier too: so a script can take it from receipt to result
    in one request. With `Prefer: wait=10` each line tells its outcome, if all of them came in time.
    """
    require_lines()
    here = sandbox()
    lines = read_lines(_read_line)
    found = find_dossiers(here.sandbox_id, (item["dossier_id"] for _, item in lines if isinstance(item, dict)))
    wishes = _judged(here, lines, found)
    taken = [item for _, item in wishes if not isinstance(item, ProblemError)]
    asked: list[_Asked] = []

    def effect(unit: Any) -> Answer:
        ids = request_actions(unit, here.sandbox_id, taken, real_now())
        asked.extend(_Asked(command_id, *item) for command_id, item in zip(ids, taken, strict=True))
        return answer_lines(wishes, asked, lambda item: _told(item, "pending"))

    answer = do_once(here.sandbox_id, effect)
    wait_seconds = _wait_seconds()
    # An answer that was kept under an Idempotency-Key is given as it was.
    if wait_seconds is None or not asked:
        return respond(answer)
    outcomes = _wait_for_outcomes(here.sandbox_id, [item.command_id for item in asked], wait_seconds)
    moved = find_dossiers(here.sandbox_id, {dossier_id(item.dossier) for item in asked}) if outcomes else {}
    results = [_result(item, outcomes.get(item.command_id, "pending"), moved) for item in asked]
    return respond(answer_lines(wishes, results, lambda told: told))


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


def _read_line(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise invalid_body({"_schema": ["Not a valid object."]})
    try:
        given: dict[str, Any] = _LINE_SCHEMA.load(data)
    except ValidationError as error:
        raise invalid_body(error.messages) from error
    return given


def _judged(
    here: Sandbox, lines: Lines[dict[str, Any]], found: Any
) -> list[tuple[int, tuple[Dossier, ActionRequest] | ProblemError]]:
    """Each line as an action on its dossier, or why not.

    What the read model shows counts only for the first action on a dossier: the others come after it.
    """
    now = sandbox_now(here)
    seen: set[int] = set()
    judged: list[tuple[int, tuple[Dossier, ActionRequest] | ProblemError]] = []
    for number, item in lines:
        if isinstance(item, ProblemError):
            judged.append((number, item))
            continue
        try:
            dossier = found.get(item["dossier_id"])
            if dossier is None:
                raise problem("not-found", what="dossier", name=item["dossier_id"])
            wish = _wish(item, dossier, item["version"])
            if dossier.number not in seen:
                refuse_early(parts().guide, dossier, wish, now)
            seen.add(dossier.number)
            judged.append((number, (dossier, wish)))
        except ProblemError as error:
            judged.append((number, error))
    return judged


def _wish(data: dict[str, Any], dossier: Dossier, version: int | None) -> ActionRequest:
    action = Action(data["action"])
    return ActionRequest(
        action=action,
        actor=Actor(data["actor"]),
        reason=data["reason"],
        note=data["note"],
        expected_version=version,
        detail=read_detail(action, data["detail"], parts().catalogue.procedures[dossier.procedure_id]),
    )


def _told(item: _Asked, outcome: str) -> dict[str, Any]:
    return {
        "command_id": item.command_id,
        "dossier_id": dossier_id(item.dossier),
        "action": item.wish.action,
        "outcome": outcome,
    }


def _result(item: _Asked, outcome: str, moved: Any) -> dict[str, Any] | ProblemError:
    if outcome in {"pending", "done"}:
        return _told(item, outcome)
    dossier = moved.get(dossier_id(item.dossier), item.dossier)
    return refusal_problem(parts().guide, outcome, dossier, item.wish.action, item.wish.actor)


def _wait_seconds() -> int | None:
    wait = _PREFER_WAIT.search(request.headers.get("Prefer", ""))
    return min(int(wait[1]), _WAIT_SECONDS_AT_MOST) if wait else None


def _wait_for_outcomes(where: str, command_ids: Sequence[str], timeout_seconds: float) -> dict[str, str]:
    """Outcome by id; empty when not all of them were known in time."""
    outcomes: dict[str, str] = {}

    def are_known() -> bool:
        found = parts().reader.requested_actions(where, command_ids)
        outcomes.update((name, item.outcome) for name, item in found.items() if item.outcome != "pending")
        return len(outcomes) == len(command_ids)

    return outcomes if parts().waiting_room.wait(where, are_known, timeout_seconds) else {}


def _expected_version() -> int | None:
    sent = request.headers.get("If-Match", "").strip()
    if sent in {"", "*"}:
        return None
    match = _ETAG.fullmatch(sent)
    if match is None:
        raise problem("invalid-header", header="If-Match")
    return int(match[1])
