"""Files as answers: names that every browser understands, and headers that keep what strangers sent from running.

RFC 6266 and 8187 for the name, RFC 9530 for the digest.
"""

import base64
import hashlib
import unicodedata
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from flask import Response, request

#: A file that somebody sent: saved, never shown, and if shown all the same then without scripts, frames or forms.
_STRANGERS_POLICY: Final = "default-src 'none'; sandbox"


def file_response(
    etag: str,
    content_type: str,
    file_name: str,
    read: Callable[[], bytes],
    *,
    is_from_a_stranger: bool,
    sha256: bytes = b"",
) -> Response:
    """Answer with a file, or with 304 when the caller has it.

    Args:
        etag: Without quotes.
        content_type: What the content is known to be.
        file_name: Any visible text.
        read: Gives the content; called only when it is needed.
        is_from_a_stranger: Whether it was uploaded; papers of ours may be shown in the browser.
        sha256: Of the content; empty: counted here.
    """
    quoted = f'"{etag}"'
    known = {part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")}
    if quoted in known:
        return Response(status=304, headers={"ETag": quoted, "Cache-Control": "private, no-cache"})
    content = read()
    response = Response(content, content_type=content_type)
    response.headers.update(
        {
            "ETag": quoted,
            "Cache-Control": "private, no-cache",
            "Content-Disposition": disposition("attachment" if is_from_a_stranger else "inline", file_name),
            "X-Content-Type-Options": "nosniff",
        }
    )
    digest = sha256 or hashlib.sha256(content).digest()
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(digest).decode()}:"
    if is_from_a_stranger:
        response.headers["Content-Security-Policy"] = _STRANGERS_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def disposition(kind: str, file_name: str) -> str:
    """A Content-Disposition with the name in ASCII for old readers, and as it is for the others.

    >>> disposition("attachment", 'Tờ khai "đỏ".pdf').split("; ")[1:]
    ['filename="To khai _do_.pdf"', "filename*=UTF-8''T%E1%BB%9D%20khai%20%22%C4%91%E1%BB%8F%22.pdf"]
    """
    plain = unicodedata.normalize("NFKD", file_name.replace("đ", "d").replace("Đ", "D"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    safe = "".join(letter if letter.isprintable() and letter not in '"\\%' else "_" for letter in ascii_only)
    return f"{kind}; filename=\"{safe}\"; filename*=UTF-8''{quote(file_name, safe='')}"
