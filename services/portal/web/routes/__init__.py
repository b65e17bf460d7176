"""The pages' addresses: each view reads the request, asks for what it shows, and renders."""

from importlib import import_module

from services.portal.web.blueprint import bp
from services.portal.web.session import require_form_token, require_session

_MODULES = ("home", "dossiers", "statistics", "sign_in", "reference", "about")


def load_routes() -> None:
    """Put all views on the blueprint; once a process, however many applications it builds."""
    if require_session not in bp.before_request_funcs.get(None, ()):
        bp.before_request(require_session)
        bp.before_request(require_form_token)
    for name in _MODULES:
        import_module(f"{__name__}.{name}")
