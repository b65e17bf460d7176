"""What templates can call: filters for words, and what the layout shows on every page."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, request, session, url_for
from jinja2 import StrictUndefined

from services.contracts.labels import (
    ACTION_LABELS,
    ACTOR_LABELS,
    APPLICANT_KIND_LABELS,
    CHANNEL_LABELS,
    CLOCK_MODE_LABELS,
    REASON_LABELS,
    SECTOR_LABELS,
    STATUS_LABELS,
    TIME_UNIT_LABELS,
)
from services.portal.web import words
from services.portal.web.language import LANGUAGES, current_language, in_other_words, in_words
from services.portal.web.session import form_token

_FILTERS = {
    "instant": words.instant,
    "short_instant": words.short_instant,
    "exact_instant": words.exact_instant,
    "day": words.day,
    "weekday_and_day": words.weekday_and_day,
    "as_heading": words.as_heading,
    "number": words.number,
    "ratio": words.ratio,
    "duration": words.duration,
    "with_code": words.with_code,
    "in_words": in_words,
    "in_other_words": in_other_words,
}

_GLOBALS = {
    "STATUS_LABELS": STATUS_LABELS,
    "ACTION_LABELS": ACTION_LABELS,
    "ACTOR_LABELS": ACTOR_LABELS,
    "REASON_LABELS": REASON_LABELS,
    "SECTOR_LABELS": SECTOR_LABELS,
    "CHANNEL_LABELS": CHANNEL_LABELS,
    "APPLICANT_KIND_LABELS": APPLICANT_KIND_LABELS,
    "CLOCK_MODE_LABELS": CLOCK_MODE_LABELS,
    "TIME_UNIT_LABELS": TIME_UNIT_LABELS,
}


def install_template_tools(app: Flask) -> None:
    """Add filters and globals; a name that a template misspells is an error, not an empty place."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(_FILTERS)
    environment.globals.update(_GLOBALS)
    app.context_processor(_layout)


def _layout() -> dict[str, Any]:
    """Nothing here reads the database: the page that says it is away uses this, too."""
    return {
        "language": current_language(),
        "languages": LANGUAGES,
        "language_url": _language_url,
        "layout_sandbox": g.get("sandbox"),
        "is_signed_in": "sandbox_id" in session,
        "form_token": form_token,
        "current_endpoint": request.endpoint or "",
    }


def _language_url(code: str) -> str:
    """This page in another language, as an address relative to it; an answer to a form leads back to the form."""
    if request.method != "GET" and request.endpoint not in {"pages.check_key", "pages.pay_at_bank"}:
        return url_for("pages.home", lang=code)
    arguments = request.args.to_dict(flat=False)
    if request.form.get("next"):
        arguments["next"] = [request.form["next"]]
    return "?" + urlencode({**arguments, "lang": code}, doseq=True)
