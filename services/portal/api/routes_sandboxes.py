"""`/api/v1/sandboxes`: isolated worlds, made with the administrator's key."""

import secrets
from dataclasses import replace
from typing import Any

from flask import Response, g
from marshmallow import RAISE

from services.contracts.commands import ClockSetting
from services.contracts.staffing import Staffing
from services.contracts.vocabulary import ClockMode, OfficerKind
from services.portal.api import sandbox_schemas as schemas
from services.portal.api.answers import do_once, encode, json_answer, respond, sandbox_resource
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.bodies import decode_json
from services.portal.api.context import parts, require_admin, sandbox, sandbox_now
from services.portal.api.staffing_schemas import read_staffing
from services.portal.api.submissions import invalid_body
from services.portal.application.ports import Answer
from services.portal.application.problems import problem
from services.portal.application.sandboxes import SIGN_IN_LASTS, SandboxRequest, key_of, open_sandbox, sign_in_key
from services.portal.domain.sandbox import Sandbox, UnknownDeclarations
from services.runtime.clock import real_now

blp = ApiBlueprint("sandboxes", __name__, url_prefix="/api/v1", description="Isolated worlds")


@blp.route("/sandboxes", methods=["POST"])
@blp.arguments(schemas.SandboxRequestSchema)
@blp.response(201, schemas.NewSandboxSchema)
def open_new(data: dict[str, Any]) -> Response:
    """Open a sandbox; the answer holds its key, once."""
    require_admin()
    now = real_now()
    wanted = data["clock"]
    mode = ClockMode(wanted["mode"])
    starts_at = wanted["now"] or now.replace(microsecond=0)
    parts().clock_range.check(starts_at, "/clock/now")
    clock = ClockSetting(mode, now, starts_at, float(wanted["speed"]) if mode is ClockMode.SCALED else 1.0)
    wish = SandboxRequest(
        name=data["name"],
        seed=data["seed"],
        partition_count=data["partitions"],
        officer=OfficerKind(data["officer"]),
        clock=clock,
        unknown_declarations=UnknownDeclarations(data["unknown_declarations"]),
        staffing=_staffing(data),
        expected_dossiers=data["expected_dossiers"],
    )

    def effect(unit: Any) -> Any:
        opened = open_sandbox(unit, wish, now, parts().settings.secret_key)
        body = {**sandbox_resource(opened.sandbox, starts_at), "key_seed": opened.key_seed}
        return json_answer(body, 201, {"Location": f"/api/v1/sandboxes/{opened.sandbox.sandbox_id}"})

    kept = do_once("admin", effect)
    body, key = _take_key(kept)
    return respond(replace(kept, body=encode({**body, "key": key})))


@blp.route("/sandboxes", methods=["GET"])
@blp.arguments(schemas.SandboxQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.SandboxPageSchema)
def list_all(query: dict[str, Any]) -> Response:
    """List sandboxes in order of their id."""
    require_admin()
    found = parts().reader.sandboxes(query["limit"] + 1, query.get("cursor"))
    page, rest = found[: query["limit"]], found[query["limit"] :]
    items = [sandbox_resource(item, sandbox_now(item)) for item in page]
    return respond(json_answer({"items": items, "next_cursor": page[-1].sandbox_id if rest else None}))


@blp.route("/sandbox", methods=["GET"])
@blp.response(200, schemas.WholeSandboxSchema)
def read_own() -> Response:
    """Read the sandbox that the key opens."""
    return _whole(sandbox())


@blp.route("/sandboxes/<string:sandbox_id>", methods=["GET"])
@blp.response(200, schemas.WholeSandboxSchema)
def read(sandbox_id: str) -> Response:
    """Read a sandbox, with its own key or the administrator's."""
    return _whole(_visible(sandbox_id))


@blp.route("/sandboxes/<string:sandbox_id>/sign-in-links", methods=["POST"])
@blp.response(201, schemas.SignInLinkSchema)
def make_sign_in_link(sandbox_id: str) -> Response:
    """Make a link that opens the sandbox's pages in a browser."""
    found = _visible(sandbox_id)
    expires_at = real_now() + SIGN_IN_LASTS

    def effect(unit: Any) -> Any:
        key_seed = sign_in_key(unit, found.sandbox_id, expires_at, parts().settings.secret_key)
        return json_answer({"expires_at": expires_at, "key_seed": key_seed}, 201)

    kept = do_once(found.sandbox_id, effect)
    body, key = _take_key(kept)
    return respond(replace(kept, body=encode({"url": f"{parts().settings.pages_url}/sign-in/{key}", **body})))


def _staffing(data: dict[str, Any]) -> Staffing | None:
    """The staffing of a request for a sandbox; a person is nobody whose work could be planned."""
    if data["staffing"] is None:
        return None
    if data["officer"] != OfficerKind.ROBOT:
        raise invalid_body({"staffing": ["Only a sandbox with the officer `robot` has a staffing."]})
    return read_staffing(data["staffing"], parts().catalogue)


def _whole(found: Sandbox) -> Response:
    staffing = parts().reader.staffing(found.sandbox_id) if found.is_staffed else None
    return respond(json_answer({**sandbox_resource(found, sandbox_now(found)), "staffing": staffing}))


def _take_key(kept: Answer) -> tuple[dict[str, Any], str]:
    """The body of an answer as it is kept, and the key that grows from the seed in it."""
    body = decode_json(kept.body)
    return body, key_of(body.pop("key_seed"), parts().settings.secret_key)


def _visible(sandbox_id: str) -> Sandbox:
    """Another sandbox's key learns nothing, not even that it exists."""
    found = None
    if g.is_admin or secrets.compare_digest((g.sandbox_id or "").encode(), sandbox_id.encode()):
        found = parts().reader.sandbox(sandbox_id) if sandbox_id.isascii() and sandbox_id.isalnum() else None
    if found is None:
        raise problem("not-found", what="sandbox", name=sandbox_id)
    return found
