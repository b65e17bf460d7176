"""The statistics page."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from services.portal.web.blueprint import bp
from services.portal.web.context import catalogue, now, sandbox
from services.portal.web.routes.home import ask_metrics
from services.portal.web.view_models.chart import on_time_chart
from services.portal.web.view_models.statistics import (
    Grouping,
    RunProgress,
    StatisticsQuery,
    parse_statistics_query,
    run_progress,
    statistics_table,
)
from services.runtime.clock import real_now


@bp.get("/statistics")
def statistics() -> str:
    """Counts by one dimension, with a chart; a note instead while metrics is away."""
    query = parse_statistics_query(request.args)
    return render_template("pages/statistics.html", groupings=list(Grouping), **_counted(query))


@bp.get("/fragments/statistics")
def statistics_fragment() -> str:
    """The changing part alone, for the page's script."""
    return render_template("partials/statistics_live.html", **_counted(parse_statistics_query(request.args)))


def _counted(query: StatisticsQuery) -> dict[str, Any]:
    answer = None if query.errors else ask_metrics(query.for_metrics())
    table = statistics_table(answer, query.grouping, catalogue()) if answer else None
    total = answer["total"] if answer and not query.has_period else None
    return {
        "query": query,
        "table": table,
        "chart": on_time_chart(table.rows) if table else None,
        "run": _run(total),
        "clock_at": now(),
    }


def _run(total: Mapping[str, Any] | None) -> RunProgress | None:
    """How far what somebody means to file has come, whatever days are asked for.

    Args:
        total: Of all days, if they have been counted for the page already.
    """
    here = sandbox()
    if here.expected_dossiers is None:
        return None
    if total is None and (answer := ask_metrics({"group_by": "none"})):
        total = answer["total"]
    return None if total is None else run_progress(total, here.expected_dossiers, real_now() - here.created_at)
