"""The errors that services raise on purpose; standard library only.

A `ProblemError` is for the person who caused it: stable code, HTTP status, one clear sentence. Only `runtime.problems`
turns one into an answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class MotcuaError(Exception):
    """Base of every error raised on purpose."""


class ConfigurationError(MotcuaError):
    """A setting or a data file is wrong; the message says which and how."""


class UnavailableError(MotcuaError):
    """A server we depend on is away; it says nothing about the request, and trying again later may help."""


class ContendedError(UnavailableError):
    """The server is there, but gave this piece of work up in favour of another one: nothing of it was written."""


class ProblemError(MotcuaError):
    """A request that can't be carried out, for a reason its sender can do something about.

    Args:
        code: stable, kebab-case; documented in `docs/reference/problems.md`.
        status: HTTP status.
        detail: one sentence, in English.
        detail_vi: the same in Vietnamese.
        errors: for validation: `pointer` (RFC 6901), `code` and `detail` of each wrong field.
        headers: extra response headers.
        extra: extra members of the problem document.
    """

    def __init__(
        self,
        code: str,
        status: int,
        detail: str,
        detail_vi: str | None = None,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status = status
        self.detail = detail
        self.detail_vi = detail_vi
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})
