"""Declarations for tests: one with defaults, and fields that name it."""

from datetime import UTC, datetime
from typing import Any

from services.portal.domain.registers.declarations import Declaration, Origin
from services.portal.domain.registers.register_rules import Naming
from services.portal.domain.registers.registers import Register, RegisterEntry

#: A Tuesday, nine o'clock in Vietnam.
REGISTERED_AT = datetime(2018, 6, 5, 2, tzinfo=UTC)
DECLARANT = "0100109106"


def make_declaration(number: str = "101234567890", **changes: Any) -> Declaration:
    """An import declaration that was registered and nothing else."""
    values: dict[str, Any] = {
        "sandbox_id": "s1",
        "base": int(number[:-1]),
        "branch": int(number[-1]),
        "kind": "A11",
        "office_code": "30F1",
        "declarant_id": DECLARANT,
        "channel": "yellow",
        "origin": Origin.REGISTERED,
        "registered_at": REGISTERED_AT,
    }
    return Declaration(**{**values, **changes})


def naming(number: str = "101234567890", field: str = "declaration_number") -> Naming:
    """A field of a form with a declaration's number."""
    return Naming(field, Register.DECLARATION, number)


def make_entry(register: Register, occurred_at: datetime, **data: Any) -> RegisterEntry:
    """An entry about the declaration above."""
    return RegisterEntry(
        sandbox_id="s1",
        register=register,
        number=1,
        key="K1",
        holder_id=DECLARANT,
        base=10_123_456_789,
        dossier_number=None,
        occurred_at=occurred_at,
        data=data,
    )
