"""The API as an OpenAPI 3.1 document: what flask-smorest knows, with problems, keys and forms added."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, cast

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask

from services.contracts.form_fields import FormField
from services.portal.api.access import SECURITY, SECURITY_SCHEMES, Access, access_of
from services.portal.api.action_details import DETAIL_SCHEMAS
from services.portal.api.context import EXTENSION
from services.portal.api.forms import form_object
from services.portal.api.registers import routes_counterparts
from services.portal.api.registers.declarations_schemas import EnteredDeclarationSchema, RegistrationSchema
from services.portal.api.schemas import ActionLineSchema
from services.portal.api.submissions import FilingSchema
from services.portal.application.problems import PROBLEMS
from services.portal.bootstrap import Parts

#: Every operation can answer with these; without a key not with the first two.
_COMMON_PROBLEMS: Final = (401, 403, 422, 500, 503)
_KEY_PROBLEMS: Final = frozenset({401, 403})

#: What else an operation can answer with, by its operation id (method and path).
_OWN_PROBLEMS: Final[Mapping[str, tuple[int, ...]]] = {
    "post /api/v1/sandboxes": (400, 409, 413, 415),
    "get /api/v1/sandboxes/{sandbox_id}": (404,),
    "post /api/v1/sandboxes/{sandbox_id}/sign-in-links": (400, 404, 413, 415),
    "get /api/v1/procedures/{procedure_id}": (404,),
    "get /api/v1/offices/{code}": (404,),
    "post /api/v1/dossiers": (400, 413, 415),
    "get /api/v1/dossiers/{name}": (404,),
    "get /api/v1/dossiers/{name}/timeline": (404,),
    "post /api/v1/dossiers/{name}/actions": (400, 404, 409, 412, 413, 415),
    "post /api/v1/actions": (400, 413, 415),
    "get /api/v1/actions/{command_id}": (404,),
    "put /api/v1/clock": (400, 409, 413, 415),
    "post /api/v1/clock/advance": (400, 409, 413, 415),
    "post /api/v1/clock/settle": (400, 413, 415),
    "post /api/v1/calendar/overrides": (400, 413, 415),
    "get /api/v1/calendar/overrides/{number}": (404,),
    "get /api/v1/dossiers/{name}/deadline": (404,),
    "get /api/v1/lookup/{dossier_id}": (404, 429),
    "post /api/v1/payments/bank/queries": (400, 413, 415),
    "post /api/v1/payments/bank/messages": (400, 413, 415),
    "post /api/v1/payments/bank/cancellations": (400, 413, 415),
    "get /api/v1/payments/bank/messages/{bank}/{message_id}": (404,),
    "get /api/v1/payments/{payment_id}": (404,),
    "get /api/v1/treasury/statements/{day}": (404, 409),
    "post /api/v1/declarations": (400, 413, 415),
    "post /api/v1/declarations/batch": (400, 413, 415),
    "post /api/v1/declarations/import": (400, 413, 415),
    "get /api/v1/declarations/{number}": (404,),
    "post /api/v1/declarations/{number}/amend": (400, 404, 409, 413, 415),
    "post /api/v1/declarations/{number}/cancel": (400, 404, 409, 413, 415),
    "get /api/v1/dossiers/{name}/registers": (404,),
    **routes_counterparts.PROBLEM_STATUSES,
    "post /api/v1/statistics/recount": (400, 413, 415),
    "get /api/v1/dossiers/{name}/papers": (404,),
    "get /api/v1/dossiers/{name}/papers/{paper_id}": (404,),
    "post /api/v1/papers/verify": (400, 413, 415),
    "post /api/v1/attachments": (400, 409, 413, 415),
    "get /api/v1/attachments/{attachment_id}": (404,),
    "get /api/v1/dossiers/{name}/attachments": (404,),
    "post /api/v1/dossiers/{name}/attachments": (400, 404, 409, 413, 415),
}

#: Operations that file many dossiers in one request.
_MANY_FILED: Final = {"post /api/v1/dossiers", "post /api/v1/declarations/batch"}

#: Every field has a default, so no body at all is fine.
_BODY_OPTIONAL: Final = {"post /api/v1/sandboxes", "post /api/v1/clock/settle"}

#: Operations that wait until an effect is there, and how they answer then.
_WAITING: Final[Mapping[str, str]] = {
    "post /api/v1/clock/advance": "200",
    "post /api/v1/clock/settle": "200",
    "post /api/v1/calendar/overrides": "201",
}

_IDEMPOTENT: Final = {
    "post /api/v1/sandboxes",
    "post /api/v1/sandboxes/{sandbox_id}/sign-in-links",
    "post /api/v1/dossiers",
    "post /api/v1/dossiers/{name}/actions",
    "post /api/v1/actions",
    "post /api/v1/clock/advance",
    "post /api/v1/calendar/overrides",
    "post /api/v1/declarations",
    "post /api/v1/declarations/batch",
    "post /api/v1/declarations/import",
    "post /api/v1/declarations/{number}/amend",
    "post /api/v1/declarations/{number}/cancel",
    *routes_counterparts.CREATING,
    "post /api/v1/attachments",
    "post /api/v1/dossiers/{name}/attachments",
}


def openapi_document(app: Flask) -> dict[str, Any]:
    """The whole API as OpenAPI 3.1: what flask-smorest knows, with problems, keys and forms added."""
    # A copy: the specification hands out its own lists, and what is added below would stay in them.
    document = cast("dict[str, Any]", deepcopy(app.extensions["motcua-spec"].to_dict()))
    document["info"]["description"] = (
        "A stand-in for the online public-service portal of Vietnam Customs. It is a mock, not a government site."
    )
    document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    components = document.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    document["security"] = SECURITY[Access.SANDBOX]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in {"get", "post", "put"}:
                _finish_operation(f"{method} {path}", operation)
    _describe_filing(document, app.extensions[EXTENSION])
    _describe_details(document)
    _describe_declarations(document)
    components["schemas"].pop("PaginationMetadata", None)
    components.pop("responses", None)
    return document


def _finish_operation(name: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("default", None)
    access = access_of(name)
    operation["security"] = SECURITY[access]
    operation["description"] = f"{operation.get('description', '')}\n\n{access}".strip()
    common = set(_COMMON_PROBLEMS) - (_KEY_PROBLEMS if access is Access.OPEN else set())
    own = _OWN_PROBLEMS.get(name, ())
    takes_body = 413 in own
    for status in sorted({*common, *own, *((411,) if takes_body else ())}):
        codes = sorted(code for code, kind in PROBLEMS.items() if kind.status == status)
        responses[str(status)] = {
            "description": f"Problem: {', '.join(codes)}",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if name == "get /api/v1/dossiers/{name}":
        responses["304"] = {"description": "Not changed since the ETag in If-None-Match."}
    if name in _WAITING:
        responses["202"] = {
            **responses[_WAITING[name]],
            "description": "Not settled yet; ask again with GET /api/v1/clock.",
        }
    if name == "post /api/v1/dossiers/{name}/actions":
        dossier = {"application/json": {"schema": {"$ref": "#/components/schemas/Dossier"}}}
        responses["200"] = {"description": "Done in time (Prefer: wait); the dossier as it is now.", "content": dossier}
        operation.setdefault("parameters", []).extend(
            [
                _header("Prefer", "`wait=2`: wait up to 2 seconds for the outcome.", r"^wait=[0-9]{1,2}$"),
                _header(
                    "If-Match",
                    "Refuse unless the dossier still has the version in this ETag.",
                    r'^"[0-9]{1,18}(-ahead|-overdue)?"$',
                ),
            ]
        )
    if name == "post /api/v1/actions":
        text = "`wait=10`: wait up to 10 seconds for all outcomes."
        operation.setdefault("parameters", []).append(_header("Prefer", text, r"^wait=[0-9]{1,2}$"))
    if name in _MANY_FILED:
        text = "`return=minimal`: of many lines only those refused are told of; `X-Filed-Count` says how many weren't."
        # Other wishes are passed over (RFC 7240), so nothing is a wrong one.
        operation.setdefault("parameters", []).append(_header("Prefer", text))
    if name in _BODY_OPTIONAL:
        operation["requestBody"]["required"] = False
    if name in _IDEMPOTENT:
        text = "The same key with the same request does it once and gives the same answer."
        operation.setdefault("parameters", []).append(_header("Idempotency-Key", text, r"^[!-~]{1,255}$"))


def _header(name: str, text: str, pattern: str | None = None) -> dict[str, Any]:
    schema = {"type": "string"} if pattern is None else {"type": "string", "pattern": pattern}
    return {"in": "header", "name": name, "required": False, "description": text, "schema": schema}


def _describe_filing(document: dict[str, Any], parts: Parts) -> None:
    """The filing route reads its own body: its schema has one branch a form, with the procedures that have it."""
    schemas_ = document["components"]["schemas"]
    plugin_spec = APISpec("", "", "3.1.0", plugins=[plugin := MarshmallowPlugin()])
    plugin_spec.components.schema("Filing", schema=FilingSchema)
    filing = cast("Any", plugin.converter).schema2jsonschema(FilingSchema())
    schemas_ |= {
        name: value for name, value in plugin_spec.to_dict()["components"]["schemas"].items() if name != "Filing"
    }
    branches = []
    by_form: dict[tuple[FormField, ...], list[str]] = {}
    for procedure in parts.catalogue.procedures.values():
        by_form.setdefault(procedure.form, []).append(procedure.procedure_id)
    for form, procedure_ids in by_form.items():
        name = f"Filing_{procedure_ids[0]}"
        which = {"const": procedure_ids[0]} if len(procedure_ids) == 1 else {"enum": procedure_ids}
        own = {"procedure": {**which, "type": "string"}, "form": form_object(form)}
        schemas_[name] = {**filing, "properties": {**filing["properties"], **own}, "additionalProperties": False}
        branches.append({"$ref": f"#/components/schemas/{name}"})
    operation = document["paths"]["/api/v1/dossiers"]["post"]
    line = {"type": "string", "description": "One filing a line, at most 10,000 lines; the answer has a result a line."}
    operation["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": branches}},
            "application/x-ndjson": {"schema": line},
        },
    }
    operation["responses"]["200"] = {
        "description": "NDJSON: for each line `dossier_id`, or `problem`.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }


def _describe_details(document: dict[str, Any]) -> None:
    """What goes with an action depends on the action: a schema for each that takes something."""
    schemas_ = document["components"]["schemas"]
    APISpec("", "", "3.1.0", plugins=[plugin := MarshmallowPlugin()])  # gives the plugin its converter
    converter = cast("Any", plugin.converter)
    branches = []
    for action, schema in DETAIL_SCHEMAS.items():
        name = f"Detail_{action}"
        described = {"description": (type(schema).__doc__ or "").strip(), "additionalProperties": False}
        schemas_[name] = {**converter.schema2jsonschema(schema), **described}
        branches.append({"$ref": f"#/components/schemas/{name}"})
    detail = schemas_["ActionRequest"]["properties"]["detail"]
    text = detail.get("description", "")
    described_detail = {"description": text, "anyOf": [*branches, {"type": "null"}]}
    line = converter.schema2jsonschema(ActionLineSchema())
    schemas_["ActionLine"] = {**line, "description": "One line of many actions.", "additionalProperties": False}
    for name in ("ActionRequest", "ActionLine"):
        schemas_[name]["properties"]["detail"] = described_detail
    _describe_lines(document["paths"]["/api/v1/actions"]["post"], "ActionLine", "`command_id` and `outcome`")


def _describe_lines(operation: dict[str, Any], schema: str, told: str) -> None:
    """A route that takes nothing but NDJSON."""
    line = {"type": "string", "description": f"One `{schema}` a line, at most 10,000 lines."}
    operation["requestBody"] = {"required": True, "content": {"application/x-ndjson": {"schema": line}}}
    operation["responses"]["200"] = {
        "description": f"NDJSON: for each line {told}, or `problem`.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }


def _describe_declarations(document: dict[str, Any]) -> None:
    """The routes that register and enter declarations read their own bodies, too."""
    plugin_spec = APISpec("", "", "3.1.0", plugins=[MarshmallowPlugin()])
    plugin_spec.components.schema("Registration", schema=RegistrationSchema)
    plugin_spec.components.schema("EnteredDeclaration", schema=EnteredDeclarationSchema)
    document["components"]["schemas"] |= plugin_spec.to_dict()["components"]["schemas"]
    registration = {"application/json": {"schema": {"$ref": "#/components/schemas/Registration"}}}
    document["paths"]["/api/v1/declarations"]["post"]["requestBody"] = {"required": True, "content": registration}
    for path, name in (("batch", "Registration"), ("import", "EnteredDeclaration")):
        _describe_lines(document["paths"][f"/api/v1/declarations/{path}"]["post"], name, "`number`")
