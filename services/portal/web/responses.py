"""What happens to every answer on its way out: problems become pages for people, and headers keep browsers careful.

An error is turned into a problem document by `runtime.problems`, once for the whole application; here that document is
shown as HTML when the address belongs to the pages. `/api`, health and readiness keep the JSON.
"""

from typing import Any, Final

from flask import Flask, Response, render_template, request

from services.portal.web.view_models.problems import problem_page

#: Addresses of programs. Everything else is for people.
_PROGRAM_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics", "/openapi.json"})

#: Nothing from elsewhere, nothing inline, and nobody may frame the pages.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def is_for_people(path: str) -> bool:
    """Whether the address belongs to the pages."""
    return not path.startswith("/api/") and path != "/api" and path not in _PROGRAM_PATHS


def install_response_hooks(app: Flask) -> None:
    """Show problems as pages and set the security headers."""

    def on_response(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if is_for_people(request.path):
            if response.mimetype == "application/problem+json":
                _show_as_page(response)
            _set_headers(response)
        return response

    app.after_request(on_response)


def _show_as_page(response: Response) -> None:
    document: dict[str, Any] = response.get_json()
    response.set_data(render_template("pages/problem.html", page=problem_page(document)))
    response.mimetype = "text/html"


def _set_headers(response: Response) -> None:
    # The key is in the address of a sign-in link, a token in that of a pay page.
    referrer_policy = "no-referrer" if request.path.startswith(("/sign-in", "/pay/")) else "same-origin"
    response.headers["Referrer-Policy"] = referrer_policy
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if not request.path.startswith("/assets/"):
        response.headers["Cache-Control"] = "private, no-cache"
