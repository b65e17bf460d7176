"""The list of procedures and the page of one, readable without a key."""

from flask import g, render_template, request

from services.portal.application.problems import problem
from services.portal.web.blueprint import bp
from services.portal.web.context import catalogue
from services.portal.web.language import gettext
from services.portal.web.session import signed_in_sandbox
from services.portal.web.view_models.procedures import parse_procedure_query, procedure_list, procedure_page


@bp.get("/procedures")
def procedures() -> str:
    """What can be filed, by sector, level and words."""
    g.sandbox = signed_in_sandbox()
    page = procedure_list(parse_procedure_query(request.args), catalogue())
    return render_template("pages/procedure_list.html", page=page)


@bp.get("/procedures/<procedure_id>")
def procedure(procedure_id: str) -> str:
    """One procedure with everything that has to be told about it."""
    g.sandbox = signed_in_sandbox()
    found = catalogue().procedures.get(procedure_id)
    if found is None:
        raise problem("not-found", what=gettext("procedure"), name=procedure_id)
    return render_template("pages/procedure_detail.html", page=procedure_page(found, catalogue()))
