"""Who may ask: whoever shows the internal key as a bearer token. Readiness and health are open to all."""

import hmac

from flask import Flask, request

from services.runtime.errors import ProblemError

#: Routes that tell nothing worth a key.
OPEN_PATHS = frozenset({"/healthz", "/readyz"})


def require_key(app: Flask, internal_key: str) -> None:
    """Refuse every request without the key, also those for routes that don't exist."""
    expected = internal_key.encode()

    def check_key() -> None:
        if request.path in OPEN_PATHS:
            return
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not shown.strip():
            raise _refusal("key-missing", "Show the internal key: Authorization: Bearer <key>.")
        # Latin-1 is how WSGI hands headers over; comparing bytes never fails on odd characters.
        if not hmac.compare_digest(shown.strip().encode("latin-1", "replace"), expected):
            raise _refusal("key-unknown", "The key shown is not the internal key.")

    app.before_request(check_key)


def _refusal(code: str, detail: str) -> ProblemError:
    return ProblemError(code, 401, detail, headers={"WWW-Authenticate": 'Bearer realm="motcua metrics"'})
