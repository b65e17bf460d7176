"""The Flask application of metrics."""

from flask import Flask, Response

from services.metrics.api.access import require_key
from services.metrics.api.routes import make_blueprint
from services.metrics.bootstrap import WebParts
from services.runtime.problems import install_problem_handlers


def create_app(parts: WebParts) -> Flask:
    """An application over these parts."""
    app = Flask("services.metrics", static_folder=None)
    # Members keep the order in which answers are written: totals beside what they are made of.
    app.json.sort_keys = False  # type: ignore[attr-defined]
    install_problem_handlers(app)
    require_key(app, parts.internal_key)
    app.register_blueprint(make_blueprint(parts))
    app.after_request(_say_it_is_fresh)
    return app


def _say_it_is_fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
