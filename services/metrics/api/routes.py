"""The routes: parse, call one use case, show the result."""

from collections.abc import Mapping
from typing import Any

import structlog
from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.contracts.form06 import BrokenReportError
from services.metrics.api.answers import recount_answer, report_answer, statistics_answer
from services.metrics.api.schemas import ReportQuery, SandboxQuery, StatisticsQuery, load_query
from services.metrics.application.recount import recount
from services.metrics.application.report import ask_report
from services.metrics.application.statistics import ask_statistics
from services.metrics.bootstrap import WebParts
from services.runtime.errors import ProblemError
from services.runtime.problems import generic_problem

log = structlog.get_logger()

_REPORT_BROKEN = (
    "The sums that every report keeps don't hold, so there is none; a recount says where counting went wrong."
)


def make_blueprint(parts: WebParts) -> Blueprint:
    """All routes of metrics."""
    blp = Blueprint("metrics", __name__)

    @blp.get("/v1/statistics")
    def statistics() -> Mapping[str, Any]:
        selection, group_by = load_query(StatisticsQuery(), request.args)
        return statistics_answer(ask_statistics(parts.counts, selection, group_by))

    @blp.get("/v1/report")
    def report() -> Mapping[str, Any]:
        selection, group_by, rules = load_query(ReportQuery(), request.args)
        try:
            return report_answer(ask_report(parts.reports, selection, group_by, rules))
        except BrokenReportError as error:
            log.exception("report_broken", sandbox_id=selection.sandbox_id)
            raise ProblemError("report-broken", 500, _REPORT_BROKEN) from error

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
