"""The routes: parse, call one use case, show the result."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.metrics.api.answers import recount_answer, statistics_answer
from services.metrics.api.schemas import SandboxQuery, StatisticsQuery, load_query
from services.metrics.application.recount import recount
from services.metrics.application.statistics import ask_statistics
from services.metrics.bootstrap import WebParts
from services.runtime.problems import generic_problem


def make_blueprint(parts: WebParts) -> Blueprint:
    """All routes of metrics."""
    blp = Blueprint("metrics", __name__)

    @blp.get("/v1/statistics")
    def statistics() -> Mapping[str, Any]:
        selection, group_by = load_query(StatisticsQuery(), request.args)
        return statistics_answer(ask_statistics(parts.counts, selection, group_by))

    @blp.get("/v1/positions")
    def positions() -> Mapping[str, int]:
        query = load_query(SandboxQuery(), request.args)
        found = parts.counts.positions(query["sandbox_id"])
        return {str(partition): position for partition, position in found.items()}

    @blp.post("/v1/recount")
    def recount_sandbox() -> Mapping[str, Any]:
        query = load_query(SandboxQuery(), request.args)
        return recount_answer(recount(parts.counts, parts.ledger, query["sandbox_id"]))

    @blp.get("/metrics")
    def prometheus() -> Response:
        return Response(generate_latest(parts.registry), content_type=CONTENT_TYPE_LATEST)

    @blp.get("/healthz")
    def healthz() -> Mapping[str, str]:
        return {"status": "alive"}

    @blp.get("/readyz")
    def readyz() -> Mapping[str, str]:
        if not parts.is_ready():
            raise generic_problem(503, headers={"Retry-After": "1"})
        return {"status": "ready"}

    return blp
