"""Who is signed in: a signed cookie names a sandbox and the hash of the key that opened it.

The key is looked up again on each request, so a session ends when its key does. The same cookie carries the token that
forms must send back. No password, no user: whoever has the key of a sandbox may see it.
"""

import hmac
import secrets
from typing import Final

from flask import Flask, Request, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.wrappers import Response

from services.portal.application.sandboxes import hash_key
from services.portal.domain.sandbox import Sandbox
from services.portal.web.blueprint import bp
from services.portal.web.context import parts
from services.portal.web.responses import is_for_people
from services.runtime.clock import real_now
from services.runtime.errors import ProblemError

#: Pages that show nothing of a sandbox.
OPEN_ENDPOINTS: Final = frozenset(
    {"pages.sign_in", "pages.check_key", "pages.open_link", "pages.static", "pages.about"}
    | {"pages.api_reference", "pages.problem_reference", "pages.look_up", "pages.procedures", "pages.procedure"}
    # They open with a link's token, too, and see to it themselves.
    | {"pages.pay", "pages.pay_at_bank", "pages.payment_result"}
)

#: Name of the token in the session and in forms.
_TOKEN: Final = "form_token"  # noqa: S105


class PageSessions(SecureCookieSessionInterface):
    """Sessions for the pages alone: programs send their key with every request."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """As Flask's own; none for programs."""
        return super().open_session(app, request) if is_for_people(request.path) else None


def sign_in(key: str) -> bool:
    """Open a session with a key; False when the key opens no sandbox."""
    key_hash = hash_key(key)
    found = parts().reader.key(key_hash, real_now())
    if found is None:
        return False
    session.clear()
    session.update(sandbox_id=found.sandbox_id, key_hash=key_hash.hex())
    return True


@bp.before_request
def require_session() -> Response | None:
    """Before each request: find the sandbox, or ask the visitor to sign in."""
    if request.endpoint in OPEN_ENDPOINTS:
        return None
    g.sandbox = signed_in_sandbox()
    if g.sandbox is not None:
        return None
    session.clear()
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("pages.sign_in", next=wanted if wanted != "/" else None))


def signed_in_sandbox() -> Sandbox | None:
    """The sandbox of the visitor's session, for pages that don't need one; None when there is no session."""
    sandbox_id = _sandbox_of_session()
    return parts().reader.sandbox(sandbox_id) if sandbox_id else None


def _sandbox_of_session() -> str | None:
    key_hash, sandbox_id = session.get("key_hash"), session.get("sandbox_id")
    if not key_hash or not sandbox_id:
        return None
    found = parts().reader.key(bytes.fromhex(key_hash), real_now())
    return found.sandbox_id if found is not None and found.sandbox_id == sandbox_id else None


def form_token() -> str:
    """The token that this visitor's forms carry."""
    token: str = session.setdefault(_TOKEN, secrets.token_urlsafe(24))
    return token


@bp.before_request
def require_form_token() -> None:
    """Before each request that changes something: it must come from one of our own forms.

    Raises:
        ProblemError: `form-expired`; opening the form again helps.
    """
    if request.method not in {"POST", "PUT", "PATCH", "DELETE"}:
        return
    expected, sent = session.get(_TOKEN, ""), request.form.get(_TOKEN, "")
    if not expected or not hmac.compare_digest(sent.encode(), expected.encode()):
        raise ProblemError(
            "form-expired",
            403,
            "This form has expired; open the page again and send it once more.",
            "Biểu mẫu đã hết hiệu lực; hãy mở lại trang và gửi lần nữa.",
        )


def local_path(address: str) -> str | None:
    r"""The address if it is a path on this server, else None.

    Browsers take backslashes for slashes and skip tabs and line ends, so none of these may be in it.

    >>> local_path("/dossiers?status=received")
    '/dossiers?status=received'
    >>> [local_path(bad) for bad in ("//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil", "")]
    [None, None, None, None, None]
    """
    is_plain = all(character > " " and character != "\\" for character in address)
    return address if is_plain and address.startswith("/") and not address.startswith("//") else None
