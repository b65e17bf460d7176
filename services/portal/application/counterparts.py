"""The small registers around the declarations: entering what a test needs there, each with its event.

What a granted dossier enters by itself (facilities, settlement reports, cargo numbers, late amendments) can be entered
here, too, so that a test may begin where another system left off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.portal.application.declarations import outside_words
from services.portal.application.ports import DoorUnit
from services.portal.application.problems import problem
from services.portal.application.register_ports import RegisterWriter
from services.portal.domain.registers.declarations import Declaration, split_number
from services.portal.domain.registers.registers import (
    EventKind,
    NewEntry,
    NewEvent,
    Register,
    RegisterChanges,
    RegisterEntry,
    is_own_key,
)
from services.runtime.errors import ProblemError

#: What happened, where it isn't simply a new entry.
_EVENTS: Mapping[Register, EventKind] = {
    Register.GATE_PASSAGE: EventKind.GOODS_PASSED,
    Register.AUDIT: EventKind.AUDIT_DECIDED,
    Register.VIOLATION: EventKind.VIOLATION_RECORDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRequest:
    """An entry as somebody gives it.

    Attributes:
        key: What it is called; empty: the register gives it a number.
        holder_id: Whose it is; empty: of whoever registered the declaration.
        declaration_number: The declaration that it is about; None: none.
        occurred_at: None: now.
    """

    register: Register
    key: str
    holder_id: str
    declaration_number: str | None
    occurred_at: datetime | None
    data: Mapping[str, Any]


class Counterparts:
    """Enters and changes entries under the sandbox's lock."""

    def __init__(self, writer: RegisterWriter) -> None:
        self._writer = writer

    def enter(
        self, unit: DoorUnit, sandbox_id: str, request: EntryRequest, *, earliest: datetime, now: datetime
    ) -> RegisterEntry:
        """A new entry.

        Args:
            unit: the door's transaction, with the sandbox locked.
            sandbox_id: where.
            request: what.
            earliest: what the calendar doesn't know can't be entered: terms run from it.
            now: what the sandbox's clock shows.

        Raises:
            ProblemError: `not-found` (the declaration), `invalid-body` (another instant, or somebody else's
                declaration), `entry-exists` or `entry-number-reserved`; nothing was written.
        """
        at = request.occurred_at or now
        if not earliest <= at <= now:
            raise wrong_field("/occurred_at", "out-of-range", *outside_words(earliest, now))
        declaration = self._declaration(unit, sandbox_id, request, at)
        self._check_key(unit, sandbox_id, request)
        data = {**request.data, "declaration": declaration.number} if declaration else request.data
        entry = NewEntry(
            sandbox_id=sandbox_id,
            register=request.register,
            key=request.key,
            holder_id=declaration.declarant_id if declaration else request.holder_id,
            base=declaration.base if declaration else None,
            occurred_at=at,
            data=data,
        )
        changes = RegisterChanges()
        kind = _EVENTS.get(request.register, EventKind.ENTERED)
        changes.enter(entry, kind, {**data, "enterprise": entry.holder_id})
        if declaration is not None:
            changes.tell_of_declaration(declaration, kind, at, None, {**request.data, "number": declaration.number})
        self._writer.write(unit, changes)
        return entry.as_written()

    def _declaration(self, unit: DoorUnit, sandbox_id: str, request: EntryRequest, at: datetime) -> Declaration | None:
        number = request.declaration_number
        if number is None:
            return None
        base = split_number(number)[0]
        found = self._writer.declarations(unit, sandbox_id, [base]).get(base)
        if found is None:
            raise problem("not-found", what="declaration", name=number)
        if request.holder_id and request.holder_id != found.declarant_id:
            raise wrong_field(
                "/enterprise",
                "declaration-of-another",
                f"Declaration {number} was registered by {found.declarant_id}.",
                f"Tờ khai {number} do {found.declarant_id} đăng ký.",
            )
        if found.registered_at > at:
            raise wrong_field(
                "/occurred_at",
                "out-of-range",
                f"Declaration {number} was registered at {found.registered_at.isoformat()}, later than this.",
                f"Tờ khai {number} được đăng ký lúc {found.registered_at.isoformat()}, sau thời điểm này.",
            )
        return found

    def _check_key(self, unit: DoorUnit, sandbox_id: str, request: EntryRequest) -> None:
        if not request.key:
            return
        name = _name(request.register)
        if is_own_key(request.register, request.key):
            raise problem("entry-number-reserved", name=request.key)
        if self._writer.entries(unit, sandbox_id, [(request.register, request.key)]):
            raise problem("entry-exists", what=name, name=request.key)

    def profile(
        self, unit: DoorUnit, sandbox_id: str, enterprise: str, data: Mapping[str, Any], now: datetime
    ) -> RegisterEntry:
        """Set what is known of an enterprise's risk; returns the profile.

        Args:
            unit: the door's transaction, with the sandbox locked.
            sandbox_id: where.
            enterprise: tax code or personal number.
            data: level, rank, whether it was refunded before.
            now: what the sandbox's clock shows.
        """
        changes = RegisterChanges()
        key = (Register.RISK_PROFILE, enterprise)
        found = self._writer.entries(unit, sandbox_id, [key]).get(key)
        if found is None:
            new = NewEntry(
                sandbox_id=sandbox_id,
                register=Register.RISK_PROFILE,
                key=enterprise,
                holder_id=enterprise,
                occurred_at=now,
                data=data,
            )
            changes.enter(new)
            self._writer.write(unit, changes)
            return new.as_written()
        changes.contents.append((found, data))
        changes.tell(
            NewEvent(
                sandbox_id=sandbox_id,
                register=Register.RISK_PROFILE,
                subject=enterprise,
                kind=EventKind.CHANGED,
                occurred_at=now,
                detail=data,
            )
        )
        self._writer.write(unit, changes)
        return replace(found, data=data)


def _name(register: Register) -> str:
    """What problems call an entry."""
    return "cargo number" if register is Register.CARGO_ID else register.replace("-", " ")


def wrong_field(pointer: str, code: str, detail: str, detail_vi: str) -> ProblemError:
    """The problem of a body with one wrong field."""
    error = {"pointer": pointer, "code": code, "detail": detail, "detail_vi": detail_vi}
    return problem("invalid-body", count=1, errors=[error])
