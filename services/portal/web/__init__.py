"""The portal's pages: server-rendered HTML in Vietnamese and English over the same use cases as the API.

Doesn't change dossiers; of the API it knows the OpenAPI document alone, which the reference page is made from.
Everything works without JavaScript. `register_pages` is called once, when the application is built.
"""

from flask import Flask

from services.portal.application.throttle import Throttle
from services.portal.bootstrap import Parts
from services.portal.web.blueprint import bp
from services.portal.web.context import EXTENSION, Pages
from services.portal.web.language import install_languages
from services.portal.web.responses import install_response_hooks
from services.portal.web.routes import load_routes
from services.portal.web.session import PageSessions
from services.portal.web.template_tools import install_template_tools


def register_pages(app: Flask, parts: Parts) -> None:
    """Add all pages, their error pages and their headers to the application."""
    app.extensions[EXTENSION] = Pages(parts=parts, failed_sign_ins=Throttle())
    app.config.update(SESSION_COOKIE_NAME="motcua_session", SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")
    app.session_interface = PageSessions()
    install_languages(app)
    install_template_tools(app)
    install_response_hooks(app)
    load_routes()
    app.register_blueprint(bp)
