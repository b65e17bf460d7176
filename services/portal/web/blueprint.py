"""The blueprint that every page belongs to. Its static files live under `/assets`."""

from flask import Blueprint

bp = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")
