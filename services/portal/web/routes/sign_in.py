"""Signing in with a sandbox's key, by form or by link, and signing out."""

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from services.portal.web import session as page_session
from services.portal.web.blueprint import bp
from services.portal.web.context import pages
from services.portal.web.language import gettext
from services.runtime.errors import ProblemError

#: Longer texts are no keys of ours.
_MAX_KEY_LENGTH = 200


@bp.get("/sign-in")
def sign_in() -> str:
    """The form."""
    return _form(request.args.get("next", ""))


@bp.post("/sign-in")
def check_key() -> tuple[str, int] | Response:
    """Open the session, or show the form again with what is wrong."""
    key, next_path = request.form.get("key", "").strip(), request.form.get("next", "")
    if not key:
        return _form(next_path, gettext("Enter the key of your sandbox")), 422
    if not _open(key):
        return _form(next_path, gettext("This key opens no sandbox; check it, or ask for a new one")), 422
    return redirect(page_session.local_path(next_path) or url_for("pages.home"))


@bp.get("/sign-in/<key>")
def open_link(key: str) -> tuple[str, int] | Response:
    """A link that somebody was given: opens the pages at once."""
    request.path = "/sign-in/…"  # what a log of this request may show; the key may not be in it
    if not _open(key):
        return _form("", gettext("This link has expired or isn't complete; ask for a new one")), 403
    return redirect(url_for("pages.home"))


@bp.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    session.clear()
    return redirect(url_for("pages.sign_in"))


def _form(next_path: str, error: str = "") -> str:
    return render_template("pages/sign_in.html", next_path=page_session.local_path(next_path) or "", error=error)


def _open(key: str) -> bool:
    """Try a key. A right one always opens; an address that has guessed wrong too often has to wait with the next guess.

    Raises:
        ProblemError: `too-many-requests`.
    """
    if len(key) <= _MAX_KEY_LENGTH and page_session.sign_in(key):
        return True
    address, failures = request.remote_addr or "", pages().failed_sign_ins
    wait_seconds = failures.wait_seconds(address)
    if wait_seconds:
        raise ProblemError(
            "too-many-requests",
            429,
            f"Too many keys were tried from this address; try again in {wait_seconds} seconds.",
            f"Đã thử quá nhiều khóa từ địa chỉ này; hãy thử lại sau {wait_seconds} giây.",
            headers={"Retry-After": str(wait_seconds)},
        )
    failures.record(address)
    return False
