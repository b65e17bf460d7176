"""NDJSON: many things in one request, and a result for each line.

A line that is wrong is told so in its place; the others are carried out. Blank lines don't count.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from flask import request

from services.portal.api.answers import encode, once_key
from services.portal.api.bodies import decode_json
from services.portal.api.context import parts
from services.portal.application.filing import FilingRequest
from services.portal.application.ports import Answer
from services.portal.application.problems import problem
from services.portal.domain.sandbox import Filed, Submission
from services.runtime.errors import ProblemError
from services.runtime.problems import problem_body

NDJSON: Final = "application/x-ndjson"

#: Lines in one request.
LINES_AT_MOST: Final = 10_000

#: RFC 7240: whoever files thousands at a time is told of those refused only, and of the rest how many.
_RETURN_MINIMAL: Final = re.compile(r"(?:^|[\s,;])return=minimal(?:$|[\s,;])")

T = TypeVar("T")
R = TypeVar("R")

#: Lines by their number, as they were understood.
Lines = Sequence[tuple[int, T | ProblemError]]


def require_lines() -> None:
    """Raise a ProblemError (`wrong-content-type`) unless NDJSON was sent."""
    if request.mimetype != NDJSON:
        raise problem("wrong-content-type", expected=NDJSON, actual=request.mimetype or "nothing")


def read_lines(read: Callable[[Any], T]) -> list[tuple[int, T | ProblemError]]:
    """Each line of the body, decoded and read.

    Raises:
        ProblemError: `too-many-lines`.
    """
    lines = request.get_data().split(b"\n")
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if len(numbered) > LINES_AT_MOST:
        raise problem("too-many-lines", limit=LINES_AT_MOST)
    return [(number, _read(line, read)) for number, line in numbered]


def _read(line: bytes, read: Callable[[Any], T]) -> T | ProblemError:
    try:
        return read(decode_json(line))
    except ProblemError as error:
        return error


def answer_lines(
    lines: Lines[T],
    results: Sequence[R | ProblemError],
    tell: Callable[[R], dict[str, Any]],
    *,
    is_minimal: bool = False,
) -> Answer:
    """A result for each line, or for those refused only; `results` are those of the lines that could be read."""
    rest = iter(results)
    refused_count = 0
    told: list[bytes] = []
    for number, item in lines:
        outcome = item if isinstance(item, ProblemError) else next(rest)
        if isinstance(outcome, ProblemError):
            refused_count += 1
            told.append(encode({"line": number, "problem": problem_body(outcome)}))
        elif not is_minimal:
            told.append(encode({"line": number, **tell(outcome)}))
    told.append(b"")
    headers = {"X-Filed-Count": str(len(lines) - refused_count), "X-Refused-Count": str(refused_count)}
    if is_minimal:
        headers["Preference-Applied"] = "return=minimal"
    return Answer(200, b"\n".join(told), NDJSON, headers)


def file_lines(where: str, lines: Lines[Submission], tell: Callable[[Filed], dict[str, Any]]) -> Answer:
    """File what stands in the lines, and tell of each what became of it; with `Prefer: return=minimal` of few."""
    submissions = [item for _, item in lines if isinstance(item, Submission)]
    is_minimal = _RETURN_MINIMAL.search(request.headers.get("Prefer", "")) is not None

    def answer(results: Sequence[Filed | ProblemError]) -> Answer:
        return answer_lines(lines, results, tell, is_minimal=is_minimal)

    return parts().desk.file(FilingRequest(where, submissions, answer, once_key(where)))
