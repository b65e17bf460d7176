"""Reads what a request carries: its whole body or nothing of it, and JSON without leniency."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, BinaryIO, Final

import orjson
from flask import Request

from services.portal.application.problems import problem
from services.portal.domain.attachments import LARGEST_FILE_BYTES

#: Body size above which nothing is taken.
LARGEST_BODY_BYTES: Final = 8 * 1024 * 1024

#: Where files are sent, and how large a body may be there: a file, and what a form puts around it.
FILE_PATHS: Final = frozenset({"/api/v1/attachments", "/api/v1/papers/verify"})
LARGEST_FILE_BODY_BYTES: Final = LARGEST_FILE_BYTES + 64 * 1024

#: Says that a body comes in chunks.
_CODING: Final = "HTTP_TRANSFER_ENCODING"

#: Of a body that is too large, so much more is read and thrown away: a sender who is cut off in the middle of it often
#: sees a broken connection, and no answer.
_DISCARDED_BYTES: Final = 64 * 1024 * 1024


def largest_body(request: Request) -> int:
    """How large a request's body may be, in bytes."""
    return LARGEST_FILE_BODY_BYTES if request.path in FILE_PATHS else LARGEST_BODY_BYTES


def take_body(request: Request) -> None:
    """Bring in what a request carries before anything looks at it: all of it, or nothing.

    Left alone, the framework takes whatever has come of a body that broke off for all of it, as the server's stream
    just ends there: a sender who died half-way would have filed half of what they had. And it would cut a body of
    unknown length at the limit without a word.

    Raises:
        ProblemError: `body-too-large`; `incomplete-body`; `length-required`, when nobody could tell whether it is all;
            `bad-request` when there is no making sense of it.
    """
    environ = request.environ
    if request.method not in {"POST", "PUT", "PATCH"} or request.routing_exception is not None:
        return  # nobody will look at it
    limit_bytes = request.max_content_length = largest_body(request)
    try:
        announced_bytes = _announced_bytes(environ)
        body = _read(environ["wsgi.input"], announced_bytes, limit_bytes)
    except (OSError, ValueError) as error:
        raise problem("bad-request") from error
    if announced_bytes is None:
        _check_that_it_says_its_end(request, body)
    elif len(body) < announced_bytes:
        raise problem("incomplete-body", received_bytes=len(body), announced_bytes=announced_bytes)
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
    environ.pop(_CODING, None)


def _announced_bytes(environ: Mapping[str, Any]) -> int | None:
    """How long the sender says that the body is; `None`: it doesn't."""
    announced = environ.get("CONTENT_LENGTH")
    return int(announced) if announced and _CODING not in environ else None


def _read(stream: BinaryIO, announced_bytes: int | None, limit_bytes: int) -> bytes:
    """What comes, up to what was announced."""
    if announced_bytes is None or announced_bytes <= limit_bytes:
        body = stream.read(limit_bytes + 1 if announced_bytes is None else announced_bytes)
        if len(body) <= limit_bytes:
            return body
    _discard(stream)
    raise problem("body-too-large", limit_bytes=limit_bytes)


def _check_that_it_says_its_end(request: Request, body: bytes) -> None:
    """Of a body of unknown length half would pass for all of it, unless it is decoded as JSON, which has an end."""
    is_absent = not body and _CODING not in request.environ
    is_decoded = body and request.mimetype == "application/json" and request.path not in FILE_PATHS
    if not is_absent and not is_decoded:
        raise problem("length-required", kind=request.mimetype or "application/octet-stream")


def _discard(stream: BinaryIO) -> None:
    piece_bytes = 1024 * 1024
    for _ in range(_DISCARDED_BYTES // piece_bytes):
        if not stream.read(piece_bytes):
            break


def decode_json(body: bytes) -> Any:
    """Decoded JSON.

    Raises:
        ProblemError: `malformed-json`.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise problem("malformed-json", reason=str(error)) from error
