"""Which key each operation needs: one table, which the check of keys and the OpenAPI document both read.

An operation that isn't in the table needs the key of a sandbox.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final

from flask import Request


class Access(StrEnum):
    """Who may call an operation; the value is the sentence that its description gets."""

    SANDBOX = "Needs the key of a sandbox."
    ADMIN = "Needs the administrator's key."
    ANY_KEY = "Needs a key: a sandbox's or the administrator's."
    OPEN = "Needs no key."


#: Names of the security schemes in the OpenAPI document.
SANDBOX_KEY: Final = "sandbox-key"
ADMIN_KEY: Final = "admin-key"

#: What each means, as OpenAPI says it; alternatives stand side by side.
SECURITY: Final[Mapping[Access, list[dict[str, list[str]]]]] = {
    Access.SANDBOX: [{SANDBOX_KEY: []}],
    Access.ADMIN: [{ADMIN_KEY: []}],
    Access.ANY_KEY: [{SANDBOX_KEY: []}, {ADMIN_KEY: []}],
    Access.OPEN: [],
}

SECURITY_SCHEMES: Final = {
    SANDBOX_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "The key of a sandbox: `./motcua sandbox` prints one, `POST /api/v1/sandboxes` answers one.",
    },
    ADMIN_KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "The administrator's key (`MOTCUA_ADMIN_KEY`); `./motcua key` prints it.",
    },
}

#: By method and path, as in the OpenAPI document.
_ACCESS: Final[Mapping[str, Access]] = {
    "post /api/v1/sandboxes": Access.ADMIN,
    "get /api/v1/sandboxes": Access.ADMIN,
    "get /api/v1/sandboxes/{sandbox_id}": Access.ANY_KEY,
    "post /api/v1/sandboxes/{sandbox_id}/sign-in-links": Access.ANY_KEY,
    "get /api/v1/procedures": Access.ANY_KEY,
    "get /api/v1/procedures/{procedure_id}": Access.ANY_KEY,
    "get /api/v1/offices": Access.ANY_KEY,
    "get /api/v1/offices/{code}": Access.ANY_KEY,
    "get /api/v1/declarations/kinds": Access.ANY_KEY,
    "get /api/v1/payments/banks": Access.ANY_KEY,
    "get /api/v1/payments/error-codes": Access.ANY_KEY,
    "get /api/v1/lookup/{dossier_id}": Access.OPEN,
}

_PARAMETER: Final = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")


def access_of(operation: str) -> Access:
    """Of an operation, by method and path."""
    return _ACCESS.get(operation, Access.SANDBOX)


def is_open(request: Request) -> bool:
    """Whether a request needs no key; what leads nowhere needs one, so that nobody learns what there is."""
    rule = request.url_rule
    return rule is not None and _is_open_route(request.method, rule.rule)


@cache  # as many as there are routes and methods
def _is_open_route(method: str, rule: str) -> bool:
    path = _PARAMETER.sub(r"{\1}", rule)
    return access_of(f"{method.lower()} {path}") is Access.OPEN
