"""Links to the hosted pay page that work without signing in.

An identification number is made of a dossier's number, so whoever has one can guess others. The link therefore carries
a token that only this portal can make; it opens this one document and nothing else, and holds as long as the portal's
secret does. Whoever has the link may pay, as whoever holds a payment slip may.
"""

import base64
import hmac
from typing import Final

#: Bytes of the token's signature: more than anybody can guess.
_SIGNATURE_BYTES: Final = 18


def pay_token(secret: str, sandbox_id: str, payment_id: str) -> str:
    """The token for a document's link."""
    told = f"motcua pay {sandbox_id} {payment_id}".encode()
    signature = hmac.digest(secret.encode(), told, "sha256")[:_SIGNATURE_BYTES]
    return f"{sandbox_id}.{base64.urlsafe_b64encode(signature).decode()}"


def sandbox_of_token(secret: str, token: str, payment_id: str) -> str | None:
    """The sandbox whose document a token opens; `None` when it isn't one of ours for this document."""
    sandbox_id, separator, _ = token.partition(".")
    if not separator or not secret or not token.isascii():
        return None
    expected = pay_token(secret, sandbox_id, payment_id)
    return sandbox_id if hmac.compare_digest(token.encode(), expected.encode()) else None


def pay_url(pages_url: str, secret: str, sandbox_id: str, payment_id: str) -> str:
    """The whole address of a document's pay page."""
    return f"{pages_url}/pay/{payment_id}?link={pay_token(secret, sandbox_id, payment_id)}"
