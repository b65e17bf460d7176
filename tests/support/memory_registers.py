"""Registers in memory for tests of pages: forty declarations in every state, one of them with a past."""

# ruff: noqa: ARG002 - the fake keeps the signatures of the port

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.contracts.vocabulary import Status
from services.portal.application.register_ports import DeclarationFilter, EntryFilter, LinkedDossier, RegisterLink
from services.portal.domain.registers.declarations import Declaration, Direction, Origin, own_base
from services.portal.domain.registers.registers import EventKind, Register, RegisterEntry, RegisterEvent
from tests.support.declarations import DECLARANT, REGISTERED_AT, make_declaration

#: The declaration with a past; dossier 1 names it, dossier 2 registered another one.
NUMBER = "101234567892"
BASE = 10_123_456_789
CHECKED_NUMBER = "100000000020"


def _events(sandbox_id: str) -> list[RegisterEvent]:
    """Newest first."""
    told: tuple[tuple[EventKind, dict[str, Any]], ...] = (
        (EventKind.AMENDED, {"previous_number": "101234567890", "number": "101234567891"}),
        (EventKind.TAX_REFUNDED, {"number": "101234567891", "amount_vnd": 48_200_000}),
        (EventKind.STORAGE_EXTENDED, {"number": "101234567891", "storage_until": "2018-08-01"}),
        (EventKind.GOODS_PASSED, {"location": "30CFC01", "differs": True, "discrepancy": "Thừa 2 kiện"}),
        (EventKind.AMENDED, {"previous_number": "101234567891", "number": "101234567892"}),
    )
    return [
        RegisterEvent(
            sandbox_id=sandbox_id,
            position=position,
            register=Register.DECLARATION,
            key=str(BASE),
            kind=kind,
            occurred_at=REGISTERED_AT + timedelta(hours=position),
            recorded_at=REGISTERED_AT,
            dossier_number=1 if kind is EventKind.AMENDED else None,
            dossier_filed_at=REGISTERED_AT if kind is EventKind.AMENDED else None,
            detail=detail,
        )
        for position, (kind, detail) in reversed(list(enumerate(told, 1)))
    ]


def _about(sandbox_id: str) -> list[RegisterEntry]:
    told: tuple[tuple[Register, dict[str, Any]], ...] = (
        (Register.VIOLATION, {"kind": "late-amendment", "article": "Luật Hải quan 54/2014 Đ29.4b"}),
        (Register.AUDIT, {"reason": "Nghi vấn trị giá"}),
        (Register.GATE_PASSAGE, {"location": "30CFC01", "differs": True, "discrepancy": None}),
    )
    return [
        RegisterEntry(
            sandbox_id=sandbox_id,
            register=register,
            number=place,
            key=f"K{place}",
            holder_id=DECLARANT,
            base=BASE,
            dossier_number=None,
            occurred_at=REGISTERED_AT + timedelta(hours=place),
            data=data,
        )
        for place, (register, data) in enumerate(told, 1)
    ]


def known_declarations(sandbox_id: str) -> list[Declaration]:
    """Highest numbers first."""
    states: Sequence[dict[str, Any]] = (
        {},
        {"check_status": Status.IN_PROCESS},
        {"check_status": Status.RETURNED, "check_resolved_at": REGISTERED_AT},
        {"not_cleared_at": REGISTERED_AT},
        {"cancelled_at": REGISTERED_AT},
    )
    registered = [
        make_declaration(
            f"{own_base(Direction.EXPORT if number % 4 == 0 else Direction.IMPORT, number)}0",
            sandbox_id=sandbox_id,
            kind="B11" if number % 4 == 0 else "E31",
            channel=("green", "yellow", "red")[number % 3],
            dossier_number=number,
            check_filed_at=REGISTERED_AT,
            **states[number % len(states)],
        )
        for number in range(1, 41)
    ]
    old = make_declaration(
        NUMBER, sandbox_id=sandbox_id, origin=Origin.ENTERED, channel=None, kind="???", cleared_at=REGISTERED_AT
    )
    return sorted([*registered, old], key=lambda one: one.base, reverse=True)


class MemoryRegisters:
    """`RegisterReader` over what is above."""

    def declaration(self, sandbox_id: str, base: int) -> Declaration | None:
        return self.declarations_by_base(sandbox_id, [base]).get(base)

    def declarations_by_base(self, sandbox_id: str, bases: Sequence[int]) -> Mapping[int, Declaration]:
        return {one.base: one for one in known_declarations(sandbox_id) if one.base in bases}

    def declarations(self, sandbox_id: str, wanted: DeclarationFilter, limit: int) -> list[Declaration]:
        return [one for one in known_declarations(sandbox_id) if _matches(one, wanted)][:limit]

    def declaration_of_check(self, sandbox_id: str, dossier_number: int) -> Declaration | None:
        if dossier_number != 2:
            return None
        return self.declaration(sandbox_id, int(CHECKED_NUMBER[:-1]))

    def events_of(self, sandbox_id: str, register: Register, key: str, limit: int) -> list[RegisterEvent]:
        return [one for one in _events(sandbox_id) if (one.register, one.key) == (register, key)][:limit]

    def events_of_dossier(self, sandbox_id: str, number: int, limit: int) -> list[RegisterEvent]:
        return [one for one in reversed(_events(sandbox_id)) if one.dossier_number == number][:limit]

    def events(self, sandbox_id: str, after: int, limit: int) -> list[RegisterEvent]:
        return [one for one in reversed(_events(sandbox_id)) if one.position > after][:limit]

    def linked_dossiers(self, sandbox_id: str, register: Register, key: str, limit: int) -> list[LinkedDossier]:
        if key != str(BASE):
            return []
        linked = ("declaration_number", "amendment-after-clearance", REGISTERED_AT, Status.RETURNED)
        return [LinkedDossier(1, *linked)]

    def links_of(self, sandbox_id: str, number: int) -> list[RegisterLink]:
        if number != 1:
            return []
        return [
            RegisterLink("import_declaration_number", Register.DECLARATION, str(BASE)),
            RegisterLink("manifest_number", Register.MANIFEST, "MF18000123"),
        ]

    def entry(self, sandbox_id: str, register: Register, key: str) -> RegisterEntry | None:
        return None

    def entries(self, sandbox_id: str, register: Register, wanted: EntryFilter, limit: int) -> list[RegisterEntry]:
        return []

    def about_declaration(self, declaration: Declaration, limit: int) -> list[RegisterEntry]:
        return _about(declaration.sandbox_id) if declaration.base == BASE else []


def _matches(declaration: Declaration, wanted: DeclarationFilter) -> bool:
    pairs = (
        (wanted.declarant_id, declaration.declarant_id),
        (wanted.direction, declaration.direction),
        (wanted.channel, declaration.channel),
        (wanted.state, declaration.state),
    )
    is_before = wanted.before_base is None or declaration.base < wanted.before_base
    return is_before and all(value is None or value == actual for value, actual in pairs)
