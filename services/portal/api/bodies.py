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

#: Of a body that is too large, so much more is read and thrown away: a sender who is cut off in the middle of it often
#: sees a broken connection, and no answer.
_DISCARDED_BYTES: Final = 64 * 1024 * 1024


def largest_body(request: Request) -> int:
    """How large a request's body may be, in bytes."""
    return LARGEST_FILE_BODY_BYTES if request.path in FILE_PATHS else LARGEST_BODY_BYTES


def take_body(request: Request) -> bool:
    """Bring in what a request carries before anything looks at it: all of it, or nothing.

    Left alone, the framework takes whatever has come of a body that broke off for all of it, as the server's stream
    just ends there: a sender who died half-way would have filed half of what they had. And it would cut a body that
    came in chunks at the limit without a word.

    Returns:
        Whether it is certain that it is all; of a body in chunks the server doesn't tell.

    Raises:
        ProblemError: `body-too-large`, `incomplete-body`, or `bad-request` when there is no making sense of it.
    """
    environ = request.environ
    if request.method not in {"POST", "PUT", "PATCH"}:
        return True
    stream: BinaryIO = environ["wsgi.input"]
    limit_bytes = request.max_content_length = largest_body(request)
    try:
        announced_bytes = _announced_bytes(environ)
        is_too_large = announced_bytes is not None and announced_bytes > limit_bytes
        if not is_too_large:
            body = stream.read(limit_bytes + 1 if announced_bytes is None else announced_bytes)
            is_too_large = len(body) > limit_bytes
        if is_too_large:
            _discard(stream)
    except (OSError, ValueError) as error:
        raise problem("bad-request") from error
    if is_too_large:
        raise problem("body-too-large", limit_bytes=limit_bytes)
    if announced_bytes is not None and len(body) < announced_bytes:
        raise problem("incomplete-body", received_bytes=len(body), announced_bytes=announced_bytes)
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return announced_bytes is not None or not body


def _announced_bytes(environ: Mapping[str, Any]) -> int | None:
    """How long the sender says that the body is; `None`: it doesn't, and a body comes in chunks if at all."""
    announced = environ.get("CONTENT_LENGTH")
    return int(announced) if announced and not environ.get("HTTP_TRANSFER_ENCODING") else None


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
