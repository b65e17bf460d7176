"""Who is asking, and the parts that answer."""

import hmac
from datetime import datetime
from typing import Final, cast

from flask import current_app, g, request

from services.portal.application.ports import Reader
from services.portal.application.problems import problem
from services.portal.application.sandboxes import hash_key
from services.portal.bootstrap import Parts
from services.portal.domain.sandbox import Key, KeyPurpose, Sandbox
from services.runtime.clock import monotonic_seconds, real_now, virtual_now

#: A key that was found good needn't be looked up again for this long.
KEY_CACHE_SECONDS: Final = 10.0

#: Keys remembered at most.
KEY_CACHE_SIZE: Final = 10_000

EXTENSION: Final = "motcua-parts"


def parts() -> Parts:
    """The parts of this application."""
    return cast("Parts", current_app.extensions[EXTENSION])


class KeyCache:
    """Remembers for a short time what a key opens; asks again after that, however often the key is used."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Key, float]] = {}

    def find(self, key_hash: bytes, reader: Reader) -> Key | None:
        """What is known of the key."""
        known, until_seconds = self._known.get(key_hash, (None, 0.0))
        if known is not None and monotonic_seconds() < until_seconds:
            return known
        asked_at, now = monotonic_seconds(), real_now()
        found = reader.key(key_hash, now)
        if found is not None:
            left_seconds = (found.expires_at - now).total_seconds() if found.expires_at else KEY_CACHE_SECONDS
            if len(self._known) >= KEY_CACHE_SIZE:
                self._known.clear()
            self._known[key_hash] = (found, asked_at + min(left_seconds, KEY_CACHE_SECONDS))
        return found


def authenticate(cache: KeyCache) -> None:
    """Find out whose key was sent; `g.sandbox_id` or `g.is_admin` is set afterwards.

    Raises:
        ProblemError: `key-missing` or `key-unknown`.
    """
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    key = key.strip()
    g.sandbox_id, g.is_admin = None, False
    if kind.lower() != "bearer" or not key:
        raise problem("key-missing", headers={"WWW-Authenticate": "Bearer"})
    admin_key = parts().settings.admin_key
    if admin_key and hmac.compare_digest(key.encode(), admin_key.encode()):
        g.is_admin = True
        return
    found = cache.find(hash_key(key), parts().reader)
    if found is None or found.purpose is not KeyPurpose.API:
        raise problem("key-unknown", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    g.sandbox_id = found.sandbox_id


def sandbox_id() -> str:
    """The sandbox that the caller's key opens.

    Raises:
        ProblemError: `sandbox-key-needed`.
    """
    if g.sandbox_id is None:
        raise problem("sandbox-key-needed")
    return cast("str", g.sandbox_id)


def require_admin() -> None:
    """Raise a ProblemError (`admin-key-needed`) unless the administrator's key was sent."""
    if not g.is_admin:
        raise problem("admin-key-needed")


def sandbox() -> Sandbox:
    """The caller's sandbox as it is now."""
    found = parts().reader.sandbox(sandbox_id())
    if found is None:
        raise problem("not-found", what="sandbox", name=sandbox_id())
    return found


def sandbox_now(found: Sandbox) -> datetime:
    """What the sandbox's clock shows."""
    return virtual_now(found.clock, real_now())
