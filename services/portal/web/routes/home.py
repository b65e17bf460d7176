"""The home page and the part of it that keeps itself up to date."""

from typing import Any

from flask import render_template

from services.portal.application.ports import DossierFilter
from services.portal.application.procedure_search import ProcedureQuery
from services.portal.web.blueprint import bp
from services.portal.web.context import catalogue, now, parts, sandbox
from services.portal.web.view_models.dossiers import dossier_row
from services.portal.web.view_models.home import HomePage, figures, status_counts
from services.portal.web.view_models.procedures import procedure_list
from services.runtime.errors import ProblemError

#: Dossiers shown as the latest.
_LATEST = 8


@bp.get("/")
def home() -> str:
    """What this is, and how things stand."""
    procedures = procedure_list(ProcedureQuery(), catalogue())
    return render_template("pages/home.html", page=_home_page(), procedures=procedures)


@bp.get("/fragments/home")
def home_fragment() -> str:
    """The changing part alone, for the page's script."""
    return render_template("partials/home_live.html", page=_home_page())


def _home_page() -> HomePage:
    at, reader, sandbox_id = now(), parts().reader, sandbox().sandbox_id
    by_status = reader.counts_by_status(sandbox_id, at)
    latest = reader.dossiers(sandbox_id, DossierFilter(), at, _LATEST)
    return HomePage(
        clock=sandbox().clock,
        is_staffed=sandbox().is_staffed,
        now=at,
        figures=figures(by_status, ask_metrics({"group_by": "none"})),
        statuses=status_counts(by_status),
        latest=[dossier_row(dossier, catalogue(), at) for dossier in latest],
    )


def ask_metrics(query: dict[str, str]) -> Any | None:
    """What metrics answers; None while it is away, for pages that can do without."""
    try:
        return parts().counts.statistics(sandbox().sandbox_id, now(), query)
    except ProblemError as error:
        if error.code != "metrics-unavailable":
            raise
        return None
