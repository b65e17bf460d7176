"""`/api/v1/procedures` and `/api/v1/offices`: what can be filed, and where."""

from typing import Any

from flask import Response
from marshmallow import RAISE

from services.portal.api import schemas
from services.portal.api.answers import json_answer, office_resource, procedure_resource, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.context import parts
from services.portal.application.problems import problem

blp = ApiBlueprint("catalogue", __name__, url_prefix="/api/v1", description="Procedures, their forms, and offices")


@blp.route("/procedures", methods=["GET"])
@blp.response(200, schemas.ProcedureListSchema)
def list_procedures() -> Response:
    """List all procedures."""
    procedures = parts().catalogue.procedures.values()
    return respond(json_answer({"items": [procedure_resource(item, with_form=False) for item in procedures]}))


@blp.route("/procedures/<string:procedure_id>", methods=["GET"])
@blp.response(200, schemas.ProcedureSchema)
def read_procedure(procedure_id: str) -> Response:
    """Read a procedure with the schema of its form and a valid example."""
    found = parts().catalogue.procedures.get(procedure_id)
    if found is None:
        raise problem("not-found", what="procedure", name=procedure_id)
    return respond(json_answer(procedure_resource(found, with_form=True)))


@blp.route("/offices", methods=["GET"])
@blp.arguments(schemas.OfficeQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.OfficeListSchema)
def list_offices(query: dict[str, Any]) -> Response:
    """List customs offices."""
    department = query.get("department")
    offices = parts().catalogue.offices.values()
    items = [office_resource(item) for item in offices if department in {None, item.department_code}]
    return respond(json_answer({"items": items}))


@blp.route("/offices/<string:code>", methods=["GET"])
@blp.response(200, schemas.OfficeSchema)
def read_office(code: str) -> Response:
    """Read a customs office."""
    found = parts().catalogue.offices.get(code)
    if found is None:
        raise problem("not-found", what="office", name=code)
    return respond(json_answer(office_resource(found)))
