"""What this is and where it comes from."""

from flask import render_template

from services.portal.web.blueprint import bp


@bp.get("/about")
def about() -> str:
    """Says plainly that this is a mock."""
    return render_template("pages/about.html")
