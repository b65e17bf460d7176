"""Which language a page speaks: `?lang=` if given (and remembered), else what was remembered, else Vietnamese.

The browser's own preference doesn't count: the first page of a class is Vietnamese on every machine.
"""

from pathlib import Path
from typing import Final, NamedTuple

import flask_babel
from flask import Flask, Response, request

from services.contracts.labels import Label
from services.contracts.timeliness import VIETNAM_TIME

DEFAULT_LANGUAGE: Final = "vi"
COOKIE: Final = "motcua_language"
COOKIE_SECONDS: Final = 365 * 24 * 3600


class Language(NamedTuple):
    """A language of the pages."""

    code: str
    name: str  #: in itself


LANGUAGES: Final = (Language("vi", "Tiếng Việt"), Language("en", "English"))
_CODES: Final = frozenset(language.code for language in LANGUAGES)


def install_languages(app: Flask) -> None:
    """Set up translations, number and date formats."""
    flask_babel.Babel(
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_timezone=str(VIETNAM_TIME),
        default_translation_directories=str(Path(__file__).with_name("translations")),
        locale_selector=_select,
    )
    app.after_request(_remember)


def current_language() -> str:
    """`vi` or `en`."""
    locale = flask_babel.get_locale()
    return str(locale.language) if locale else DEFAULT_LANGUAGE


def gettext(text: str, **values: object) -> str:
    """The text in the language of the page; `values` fill its placeholders."""
    return str(flask_babel.gettext(text, **values))


def in_words(label: Label) -> str:
    """The label in the language of the page."""
    return label.vi if current_language() == "vi" else label.en


def in_other_words(label: Label) -> str:
    """The label in the other language."""
    return label.en if current_language() == "vi" else label.vi


def _asked_for() -> str | None:
    asked = request.args.get("lang", "")
    return asked if asked in _CODES else None


def _select() -> str:
    remembered = request.cookies.get(COOKIE, "")
    return _asked_for() or (remembered if remembered in _CODES else DEFAULT_LANGUAGE)


def _remember(response: Response) -> Response:
    # The address first: programs don't ask, and come by the thousand.
    if not request.path.startswith("/api/") and (asked := _asked_for()):
        response.set_cookie(COOKIE, asked, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax")
    return response
