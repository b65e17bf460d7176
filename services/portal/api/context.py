"""Who is asking, and the parts that answer."""

import hmac
from datetime import datetime
from typing import Final, cast

from flask import current_app, g, request

from services.portal.application.problems import problem
from services.portal.application.sandboxes import hash_key
from services.portal.bootstrap import Parts
from services.portal.domain.sandbox import Sandbox
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
    """Remembers for a short time which sandbox a key opens."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[str, float]] = {}

    def get(self, key_hash: bytes) -> str | None:
        """The sandbox, if the key was looked up lately."""
        sandbox_id, until_seconds = self._known.get(key_hash, ("", 0.0))
        return sandbox_id if monotonic_seconds() < until_seconds else None

    def put(self, key_hash: bytes, sandbox_id: str) -> None:
        """Remember."""
        if len(self._known) >= KEY_CACHE_SIZE:
            self._known.clear()
        self._known[key_hash] = (sandbox_id, monotonic_seconds() + KEY_CACHE_SECONDS)


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
    key_hash = hash_key(key)
    sandbox_id = cache.get(key_hash) or parts().reader.sandbox_of_key(key_hash, real_now())
    if sandbox_id is None:
        raise problem("key-unknown", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    cache.put(key_hash, sandbox_id)
    g.sandbox_id = sandbox_id


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
