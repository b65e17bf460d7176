"""Builds the Flask application of the portal: JSON API, pages, health."""

from flask import Flask, Response

from services.portal.api import register_api
from services.portal.bootstrap import Parts
from services.portal.web import register_pages
from services.runtime.errors import ConfigurationError
from services.runtime.problems import generic_problem, install_problem_handlers


def create_app(parts: Parts) -> Flask:
    """An application on these parts."""
    app = Flask("services.portal.web", static_folder=None)
    if not parts.settings.secret_key:
        raise ConfigurationError("MOTCUA_SECRET_KEY must be set: it signs the session cookie of the pages.")
    if not parts.settings.pages_url.startswith(("http://", "https://")):
        raise ConfigurationError("MOTCUA_PUBLIC_URL must begin with http:// or https://.")
    app.secret_key = parts.settings.secret_key
    install_problem_handlers(app)
    register_api(app, parts)  # after the handlers: its own knows how to read validation messages
    register_pages(app, parts)
    app.add_url_rule("/healthz", "healthz", lambda: Response("ok\n", content_type="text/plain"))
    app.add_url_rule("/readyz", "readyz", lambda: _readiness(parts))
    return app


def _readiness(parts: Parts) -> Response:
    if not parts.database.is_ready():
        raise generic_problem(503, headers={"Retry-After": "1"})
    return Response("ready\n", content_type="text/plain")
