"""The public look-up: anybody with a dossier's code learns how far it has come, and nothing else."""

from flask import render_template, request

from services.portal.application.look_up import Completion
from services.portal.web.blueprint import bp
from services.portal.web.context import parts
from services.portal.web.language import gettext
from services.portal.web.session import signed_in_sandbox
from services.runtime.errors import ProblemError


@bp.get("/lookup")
def look_up() -> str | tuple[str, int]:
    """The form, and what was found."""
    name = request.args.get("dossier_id", "").strip()
    where = request.args.get("sandbox", "").strip() or _own_sandbox()
    errors: dict[str, str] = {}
    found: Completion | None = None
    if "dossier_id" in request.args:
        if not where:
            errors["sandbox"] = gettext("Enter the sandbox's id")
        if not name:
            errors["dossier_id"] = gettext("Enter the dossier's code")
        if not errors:
            try:
                found = parts().public_counter.look_up(request.remote_addr or "", where, name)
            except ProblemError as error:
                if error.code != "not-found":
                    raise
                errors["dossier_id"] = gettext("There is no dossier with this code")
    page = render_template("pages/look_up.html", name=name, where=where, found=found, errors=errors)
    return (page, 404) if errors and name and where else page


def _own_sandbox() -> str:
    """Of whoever has signed in."""
    own = signed_in_sandbox()
    return own.sandbox_id if own else ""
