"""`/api/v1/procedures` and `/api/v1/offices`: what can be filed, and where."""

from typing import Any

from flask import Response
from marshmallow import RAISE

from services.contracts.catalogue import Sector
from services.portal.api import catalogue_schemas, schemas
from services.portal.api.answers import json_answer, office_resource, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.catalogue_answers import coverage_resource, procedure_resource, procedure_summary
from services.portal.api.context import parts
from services.portal.application.problems import problem
from services.portal.application.procedure_search import ProcedureQuery, coverage, matching

blp = ApiBlueprint("catalogue", __name__, url_prefix="/api/v1", description="Procedures, their forms, and offices")


@blp.route("/procedures", methods=["GET"])
@blp.arguments(catalogue_schemas.ProcedureQuerySchema, location="query", unknown=RAISE)
@blp.response(200, catalogue_schemas.ProcedureListSchema)
def list_procedures(query: dict[str, Any]) -> Response:
    """List procedures, and say how many of the published ones there are."""
    catalogue = parts().catalogue
    sector = Sector(query["sector"]) if "sector" in query else None
    wanted = ProcedureQuery(sector=sector, level=query.get("level"), text=query.get("q", ""))
    items = [
        procedure_summary(item, is_own=item.procedure_id in catalogue.own_procedures)
        for item in matching(catalogue.procedures.values(), wanted)
    ]
    return respond(json_answer({"items": items, "totals": coverage_resource(coverage(catalogue))}))


@blp.route("/procedures/<string:procedure_id>", methods=["GET"])
@blp.response(200, catalogue_schemas.ProcedureSchema)
def read_procedure(procedure_id: str) -> Response:
    """Read a procedure: its limits and terms, the schema of its form, and a valid example."""
    catalogue = parts().catalogue
    found = catalogue.procedures.get(procedure_id)
    if found is None:
        raise problem("not-found", what="procedure", name=procedure_id)
    return respond(json_answer(procedure_resource(found, is_own=procedure_id in catalogue.own_procedures)))


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
