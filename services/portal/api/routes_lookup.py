"""`/api/v1/lookup`: how far a dossier has come, for anybody who has its code."""

from typing import Any

from flask import Response, request
from marshmallow import RAISE, Schema, fields, validate

from services.portal.api.answers import json_answer, label, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.context import parts
from services.portal.api.schemas import LabelSchema
from services.portal.api.strict_fields import StrictSchema
from services.portal.application.look_up import SANDBOX_PATTERN

blp = ApiBlueprint("lookup", __name__, url_prefix="/api/v1/lookup", description="Looking up without a key")


class LookUpQuerySchema(StrictSchema):
    """Where."""

    sandbox = fields.String(
        required=True,
        validate=validate.Regexp(SANDBOX_PATTERN),
        metadata={"description": "Id of the sandbox: codes are unique within it."},
    )


class CompletionSchema(Schema):
    """How far: step 1 filed, 2 received, 3 being worked on, 4 finished."""

    step = fields.Integer(required=True)
    steps = fields.Integer(required=True)
    label = fields.Nested(LabelSchema, required=True)


class LookedUpSchema(Schema):
    """A code and its degree of completion."""

    dossier_id = fields.String(required=True)
    completion = fields.Nested(CompletionSchema, required=True)


@blp.route("/<string:dossier_id>", methods=["GET"])
@blp.arguments(LookUpQuerySchema, location="query", unknown=RAISE)
@blp.response(200, LookedUpSchema)
def look_up(query: dict[str, Any], dossier_id: str) -> Response:
    """Look up how far a dossier has come: nothing else is told (Circular 01/2018/TT-VPCP art. 16.2d)."""
    found = parts().public_counter.look_up(request.remote_addr or "", query["sandbox"], dossier_id)
    completion = {"step": found.step, "steps": found.steps, "label": label(found.label)}
    return respond(json_answer({"dossier_id": dossier_id, "completion": completion}))
