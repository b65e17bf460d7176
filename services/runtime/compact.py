"""Bytes for what is kept and read back whole: JSON, compressed where that pays; `zlib` reads it, too."""

from typing import Any, Final

import orjson
from isal import isal_zlib

#: JSON is compressed from this size on: what is filed in an hour, or happens in it, is much alike, but a handful of it
#: would hardly get smaller.
COMPRESSED_FROM_BYTES: Final = 2048


def compact(value: Any, options: int = 0) -> bytes:
    """JSON as `orjson` writes it with its options; an array or an object."""
    payload = orjson.dumps(value, option=options)
    return payload if len(payload) < COMPRESSED_FROM_BYTES else isal_zlib.compress(payload, 1)


def expanded(payload: bytes) -> Any:
    """Inverse of `compact`: JSON begins with a bracket, zlib never does."""
    return orjson.loads(payload if payload[:1] in b"[{" else isal_zlib.decompress(payload))
