"""The list of dossiers and the page of one."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.contracts.identifiers import parse_dossier_id
from services.portal.application.problems import problem
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Dossier
from services.portal.web.blueprint import bp
from services.portal.web.context import catalogue, now, parts, sandbox
from services.portal.web.language import gettext
from services.portal.web.routes.declarations import registers_of
from services.portal.web.view_models.deadline_pages import deadline_page
from services.portal.web.view_models.dossiers import dossier_page, dossier_row
from services.portal.web.view_models.lists import PAGE_SIZE, list_page, parse_list_query
from services.portal.web.view_models.offices import office_groups
from services.portal.web.view_models.papers import attachment_rows, paper_rows
from services.portal.web.view_models.payments import payment_notice

#: Digits of a bare dossier number in the look-up box.
_MAX_NUMBER_DIGITS = 18


@bp.get("/dossiers")
def dossiers() -> str | Response:
    """The list, or straight to the dossier that was looked up."""
    wanted = request.args.get("dossier_id", "").strip()
    found = _look_up(wanted) if wanted else None
    if found is not None:
        return redirect(url_for("pages.dossier", dossier_id=dossier_id(found)))
    query, at = parse_list_query(request.args, catalogue()), now()
    rows = parts().reader.dossiers(sandbox().sandbox_id, query.to_filter(catalogue()), at, PAGE_SIZE + 1)
    return render_template(
        "pages/dossier_list.html",
        page=list_page(query, [dossier_row(row, catalogue(), at) for row in rows]),
        procedures=catalogue().procedures.values(),
        office_groups=office_groups(catalogue()),
        looked_up=wanted,
        look_up_error=gettext("There is no dossier with this number here") if wanted else "",
    )


@bp.get("/dossiers/<dossier_id>")
def dossier(dossier_id: str) -> str:
    """One dossier with its deadline, its form and its timeline."""
    found, reader = _by_id(dossier_id), parts().reader
    if found is None:
        raise problem("not-found", what=gettext("dossier"), name=dossier_id)
    form = reader.form(found.sandbox_id, found.number)
    timeline = reader.timeline(found.sandbox_id, found.number)
    at = now()
    history = parts().deadlines.of(found, at)
    page = dossier_page(found, form, timeline, history, catalogue(), at)
    documents = parts().payments.latest_documents(found.sandbox_id, [found.number])
    payment = payment_notice(documents.get(found.number))
    return render_template(
        "pages/dossier_detail.html",
        page=page,
        payment=payment,
        papers=paper_rows(parts().paper_office.papers(found)),
        attachments=attachment_rows(parts().attachments.attachments(found.sandbox_id, found.number)),
        registers=registers_of(found),
    )


@bp.get("/dossiers/<dossier_id>/deadline")
def dossier_deadline(dossier_id: str) -> str:
    """How a dossier's due date came about, day by day."""
    found = _by_id(dossier_id)
    if found is None:
        raise problem("not-found", what=gettext("dossier"), name=dossier_id)
    at = now()
    history = parts().deadlines.of(found, at)
    page = deadline_page(found, history, parts().deadlines.explain(found, history), catalogue(), at)
    return render_template("pages/dossier_deadline.html", page=page)


def _look_up(text: str) -> Dossier | None:
    """By full id, or by the bare number that ends it."""
    if text.isascii() and text.isdigit() and len(text) <= _MAX_NUMBER_DIGITS:
        return parts().reader.dossier(sandbox().sandbox_id, int(text))
    return _by_id(text)


def _by_id(text: str) -> Dossier | None:
    parsed = parse_dossier_id(text)
    found = parts().reader.dossier(sandbox().sandbox_id, parsed[0]) if parsed else None
    return found if found is not None and dossier_id(found) == text else None
