"""Reads what a request carries: its whole body or nothing of it, and JSON without leniency."""

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

#: Of a body that is too large, so much more is read and thrown away: a sender who is cut off in the middle of it often
#: sees a broken connection, and no answer.
_DISCARDED_BYTES: Final = 64 * 1024 * 1024


def largest_body(request: Request) -> int:
    """How large a request's body may be, in bytes."""
    return LARGEST_FILE_BODY_BYTES if request.path in FILE_PATHS else LARGEST_BODY_BYTES


def measure_body(request: Request) -> None:
    """Refuse a body that is too large; give one that came in chunks the length that everything after this goes by.

    Left alone, the framework would cut the latter at the limit without a word, and take its length for nothing.

    Raises:
        ProblemError: `body-too-large`, or `bad-request` when the body breaks off.
    """
    environ = request.environ
    if request.method not in {"POST", "PUT", "PATCH"}:
        return
    stream: BinaryIO = environ["wsgi.input"]
    limit_bytes = request.max_content_length = largest_body(request)
    try:
        if environ.get("CONTENT_LENGTH") and not environ.get("HTTP_TRANSFER_ENCODING"):
            is_too_large = int(environ["CONTENT_LENGTH"]) > limit_bytes
        else:
            body = stream.read(limit_bytes + 1)
            is_too_large = len(body) > limit_bytes
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        if is_too_large:
            _discard(stream)
    except (OSError, ValueError) as error:
        raise problem("bad-request") from error
    if is_too_large:
        raise problem("body-too-large", limit_bytes=limit_bytes)


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
