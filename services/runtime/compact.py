"""Bytes for what is kept and read back whole: JSON, compressed where that pays."""

import zlib
from typing import Any, Final

import orjson

#: Bytes are compressed from this size on: what is filed in an hour, or has come to its end, is much alike.
COMPRESSED_FROM_BYTES: Final = 2048


def compact(value: Any) -> bytes:
    """JSON as `orjson` writes it; an array or an object."""
    payload = orjson.dumps(value)
    return payload if len(payload) < COMPRESSED_FROM_BYTES else zlib.compress(payload, 1)


def expanded(payload: bytes) -> Any:
    """Inverse of `compact`: JSON begins with a bracket, zlib never does."""
    return orjson.loads(payload if payload[:1] in b"[{" else zlib.decompress(payload))
