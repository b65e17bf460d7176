"""A dossier's papers and attachments as files, and the page that checks a paper."""

from flask import render_template, request
from werkzeug.wrappers import Response

from services.contracts.identifiers import parse_dossier_id
from services.portal.api.papers.routes_attachments import attachment_response
from services.portal.api.papers.routes_papers import paper_response
from services.portal.application.problems import problem
from services.portal.domain.dossier_ids import dossier_id as id_of
from services.portal.domain.sandbox import Dossier
from services.portal.web.blueprint import bp
from services.portal.web.context import parts, sandbox
from services.portal.web.language import gettext
from services.portal.web.view_models.papers import VerificationPage, verification_page


@bp.get("/dossiers/<dossier_id>/papers/<paper_id>")
def paper(dossier_id: str, paper_id: str) -> Response:
    """A paper as PDF."""
    return paper_response(parts().paper_office.file(_find(dossier_id), paper_id))


@bp.get("/dossiers/<dossier_id>/attachments/<attachment_id>")
def attachment(dossier_id: str, attachment_id: str) -> Response:
    """A file of a dossier, to be saved."""
    found = _find(dossier_id)
    file = parts().attachments.attachment(found.sandbox_id, attachment_id)
    if file is None or file.number != found.number:
        raise problem("not-found", what="attachment", name=attachment_id)
    return attachment_response(file)


@bp.get("/papers/verify")
def check_paper() -> str:
    """The form."""
    return render_template("pages/check_paper.html", found=None, errors={})


@bp.post("/papers/verify")
def checked_paper() -> str | tuple[str, int]:
    """What was found."""
    file = request.files.get("paper")
    content = file.read() if file else b""
    errors = {} if content else {"paper": gettext("Choose a PDF file")}
    found: VerificationPage | None = None
    if content:
        found = verification_page(parts().paper_office.verify(sandbox().sandbox_id, content))
    page = render_template("pages/check_paper.html", found=found, errors=errors)
    return (page, 422) if errors else page


def _find(name: str) -> Dossier:
    parsed = parse_dossier_id(name)
    found = parts().reader.dossier(sandbox().sandbox_id, parsed[0]) if parsed and parsed[0] < 2**62 else None
    if found is None or id_of(found) != name:
        raise problem("not-found", what="dossier", name=name)
    return found
