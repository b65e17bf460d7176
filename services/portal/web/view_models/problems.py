"""A problem document as a page: a heading, a sentence, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.portal.application.problems import PROBLEMS
from services.portal.web.language import current_language, gettext


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """What the page says."""

    status: int
    code: str
    heading: str
    detail: str
    is_documented: bool  #: whether the reference page has an entry


def problem_page(document: Mapping[str, Any]) -> ProblemPage:
    """From a document of `runtime.problems`."""
    code, status = str(document["code"]), int(document["status"])
    return ProblemPage(status, code, _heading(code, status), _detail(document), code in PROBLEMS)


def _heading(code: str, status: int) -> str:
    if code == "incomplete-body":  # the address was right
        return gettext("This can't be done")
    headings = {
        403: gettext("This can't be done"),
        404: gettext("Page not found"),
        405: gettext("This can't be done"),
        411: gettext("This can't be done"),
        413: gettext("This can't be done"),
        429: gettext("Too many attempts"),
        503: gettext("Not available right now"),
    }
    return headings.get(status, gettext("Something went wrong") if status >= 500 else gettext("Check the address"))


def _detail(document: Mapping[str, Any]) -> str:
    """The document's sentence in the page's language; the framework's own errors have no Vietnamese one."""
    known = PROBLEMS.get(str(document["code"]))
    if current_language() == "en":
        return str(document["detail"])
    if document.get("detail_vi"):
        return str(document["detail_vi"])
    if known is not None and "{" not in known.detail_vi:
        return known.detail_vi
    return gettext("If you typed the address, check that it is right.")
