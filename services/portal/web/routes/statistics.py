"""The statistics page."""

from flask import render_template, request

from services.portal.web.blueprint import bp
from services.portal.web.context import catalogue
from services.portal.web.routes.home import ask_metrics
from services.portal.web.view_models.chart import on_time_chart
from services.portal.web.view_models.statistics import Grouping, parse_statistics_query, statistics_table


@bp.get("/statistics")
def statistics() -> str:
    """Counts by one dimension, with a chart; a note instead while metrics is away."""
    query = parse_statistics_query(request.args)
    answer = None if query.errors else ask_metrics(query.for_metrics())
    table = statistics_table(answer, query.grouping, catalogue()) if answer else None
    chart = on_time_chart(table.rows) if table else None
    return render_template("pages/statistics.html", query=query, table=table, chart=chart, groupings=list(Grouping))
