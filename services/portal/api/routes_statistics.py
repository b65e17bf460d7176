"""`/api/v1/statistics`: counts, asked of metrics over HTTP; and waiting times, asked of the read model."""

from typing import Any, Final

from flask import Response
from marshmallow import RAISE

from services.portal.api import schemas
from services.portal.api.answers import json_answer, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.context import parts, sandbox, sandbox_id, sandbox_now
from services.portal.api.waiting_schemas import WaitingSchema
from services.portal.domain.waiting_times import EDGES, Distribution

blp = ApiBlueprint("statistics", __name__, url_prefix="/api/v1/statistics", description="Counts and on-time rates")

#: A recount waits this long until metrics has caught up with the ledger.
SETTLE_SECONDS: Final = 10.0

#: Our names of query parameters to those of metrics.
_NAMES: Final = {"procedure": "procedure_id", "office": "office_code", "from_": "from"}


@blp.route("", methods=["GET"])
@blp.arguments(schemas.StatisticsQuerySchema, location="query", unknown=RAISE)
@blp.response(200, schemas.StatisticsSchema)
def read(query: dict[str, Any]) -> Response:
    """Count dossiers: received, resolved early, on time, overdue, open; and who filed them."""
    here = sandbox()
    now = sandbox_now(here)
    asked = {_NAMES.get(name, name): str(value) for name, value in query.items()}
    counts = parts().counts.statistics(here.sandbox_id, now, asked)
    return respond(json_answer({"now": now, **counts}))


@blp.route("/waiting", methods=["GET"])
@blp.response(200, WaitingSchema)
def waiting() -> Response:
    """How long dossiers waited for receipt and for their result, by procedure; looks at every dossier."""
    here = sandbox()
    rows = [
        {
            "procedure_id": found.procedure_id,
            "to_receipt": _distribution(found.to_receipt),
            "to_result": _distribution(found.to_result),
        }
        for found in parts().waiting_times.waiting_times(here.sandbox_id)
    ]
    edges = [edge.total_seconds() for edge in EDGES]
    return respond(json_answer({"now": sandbox_now(here), "edges_seconds": edges, "rows": rows}))


def _distribution(found: Distribution) -> dict[str, Any]:
    count = sum(found.counts)
    return {
        "counts": found.counts,
        "mean_seconds": found.total.total_seconds() / count if count else None,
        "longest_seconds": found.longest.total_seconds() if count else None,
    }


@blp.route("/recount", methods=["POST"])
@blp.response(200, schemas.RecountSchema)
def recount() -> Response:
    """Count the whole ledger again and compare; equal only if all that was asked for so far has been counted, too."""
    where = sandbox_id()
    settlement = parts().settler.wait(where, None, SETTLE_SECONDS)
    found = parts().counts.recount(where)
    is_counted = settlement.is_counted
    return respond(json_answer({**found, "equal": found["equal"] and is_counted, "is_counted": is_counted}))
