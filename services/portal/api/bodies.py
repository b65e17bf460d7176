"""Reads what a request carries: its whole body or nothing of it, and JSON without leniency."""

from io import BytesIO
from typing import Any, Final

import orjson
from flask import Request

from services.portal.application.problems import problem

#: Body size above which nothing is read.
LARGEST_BODY_BYTES: Final = 8 * 1024 * 1024


def measure_body(request: Request) -> None:
    """Give a body that came in chunks the length that everything after this goes by.

    Left alone, the framework would cut such a body at the limit without a word, and take its length for nothing.

    Raises:
        ProblemError: `body-too-large`, or `bad-request` when the body breaks off.
    """
    environ = request.environ
    is_measured = environ.get("CONTENT_LENGTH") and not environ.get("HTTP_TRANSFER_ENCODING")
    if request.method not in {"POST", "PUT", "PATCH"} or is_measured:
        return
    try:
        body = environ["wsgi.input"].read(LARGEST_BODY_BYTES + 1)
    except OSError as error:
        raise problem("bad-request") from error
    if len(body) > LARGEST_BODY_BYTES:
        raise problem("body-too-large", limit_bytes=LARGEST_BODY_BYTES)
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def decode_json(body: bytes) -> Any:
    """Decoded JSON.

    Raises:
        ProblemError: `malformed-json`.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise problem("malformed-json", reason=str(error)) from error
