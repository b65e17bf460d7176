"""What a granted dossier changes in the registers: a `FactFollower` in the projector's transaction.

Each fact comes once, so each effect happens once. A slice of facts costs a fixed number of statements, and none when
nothing in it was granted that changes a register: clearing a declaration writes nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from operator import itemgetter
from typing import Any, Final

import structlog
from psycopg.types.json import Jsonb

from services.contracts.catalogue import Effect, Procedure
from services.contracts.facts import FactBlock
from services.contracts.form_fields import FieldKind
from services.contracts.vocabulary import Action
from services.law.calendar import OutsideCalendarError, WorkingCalendar
from services.portal.adapters.hooks import ToldFacts
from services.portal.adapters.registers.sql_granted import Case, Granted, Key, load_granted
from services.portal.adapters.registers.sql_registers import write_changes
from services.portal.domain.registers.counterparts import LATE_RULES, settlement_terms, storage_until, window_of
from services.portal.domain.registers.declarations import LAST_BRANCH, Declaration
from services.portal.domain.registers.registers import (
    EventKind,
    NewEntry,
    NewEvent,
    Register,
    RegisterChanges,
    ViolationKind,
)
from services.runtime.database import Transaction

log = structlog.get_logger()

#: Of a sandbox: what its working calendar was at an instant.
CalendarsOf = Callable[[str], Callable[[datetime], WorkingCalendar]]

#: Actions that give the applicant what was asked for.
_GRANTS: Final = frozenset({Action.GRANT, Action.RESOLVE_AT_ONCE})
_REFUSES: Final = frozenset({Action.REFUSE})

#: What of a form is kept with an entry, or told in an event.
_AMENDED: Final = (
    "request",
    "amendment_reason",
    "transport_document_number",
    "item",
    "declared_content",
    "amended_content",
    "additional_tax_vnd",
    "declared_quantity",
    "excess_quantity",
    "reason",
)
_FACILITY: Final = ("facility_kind", "facility_address", "main_product", "workers", "production_lines")
_REPORT: Final = (
    "facility_code",
    "regime",
    "report_form",
    "financial_year_ends_on",
    "opening_stock_vnd",
    "imported_vnd",
    "used_vnd",
    "closing_stock_vnd",
    "corrected_report_number",
)
_CARGO: Final = ("direction", "storage_location_code", "transport_document_number", "note")

_SAVE_DECLARATIONS: Final = """
    UPDATE declaration AS d SET
        branch = u.branch, cancelled_at = u.cancelled_at, not_cleared_at = u.not_cleared_at
    FROM unnest(%s::text[], %s::bigint[], %s::smallint[], %s::timestamptz[], %s::timestamptz[])
        AS u(sandbox_id, base, branch, cancelled_at, not_cleared_at)
    WHERE d.sandbox_id = u.sandbox_id AND d.base = u.base
"""

# All entries that are about to change, in the order in which everybody locks them: sandbox, register, key.
_LOCK_ENTRIES: Final = """
    SELECT FROM register_entry AS e JOIN unnest(%s::text[], %s::text[], %s::text[]) AS w(sandbox_id, register, key)
        USING (sandbox_id, register, key)
    ORDER BY sandbox_id, register, key FOR UPDATE OF e
"""

_AMEND_MANIFESTS: Final = """
    UPDATE register_entry AS e SET data = data || jsonb_build_object('revision', (data ->> 'revision')::int + u.times)
    FROM unnest(%s::text[], %s::text[], %s::int[]) AS u(sandbox_id, key, times)
    WHERE e.sandbox_id = u.sandbox_id AND e.register = 'manifest' AND e.key = u.key
"""

_CANCEL_MANIFESTS: Final = """
    UPDATE register_entry AS e SET data = data || '{"is_cancelled": true}'
    FROM unnest(%s::text[], %s::text[]) AS u(sandbox_id, key)
    WHERE e.sandbox_id = u.sandbox_id AND e.register = 'manifest' AND e.key = u.key
"""

_CHANGE_FACILITIES: Final = """
    UPDATE register_entry AS e SET data = e.data || u.data
    FROM unnest(%s::text[], %s::text[], %s::jsonb[]) AS u(sandbox_id, key, data)
    WHERE e.sandbox_id = u.sandbox_id AND e.register = 'facility' AND e.key = u.key
"""

_NOTE_REFUNDS: Final = """
    UPDATE register_entry AS e SET data = data || '{"was_refunded": true}'
    FROM unnest(%s::text[], %s::text[]) AS u(sandbox_id, key)
    WHERE e.sandbox_id = u.sandbox_id AND e.register = 'risk-profile' AND e.key = u.key
"""


class RegisterEffects:
    """`FactFollower` that keeps the registers up with what was granted.

    Args:
        procedures: all of the catalogue.
        calendars_of: the working calendars of a sandbox by instant; asked only where a term has to be counted, and once
            a sandbox and slice.
    """

    def __init__(self, procedures: Mapping[str, Procedure], calendars_of: CalendarsOf) -> None:
        self._procedures = procedures
        effects = {name: procedure.effect for name, procedure in procedures.items() if procedure.effect}
        #: Procedures that change a register when something is granted: clearing a declaration writes nothing.
        self._granted = frozenset(name for name, effect in effects.items() if effect is not Effect.CLEAR_DECLARATION)
        #: By procedure, the actions that change a register.
        self._telling = {name: _GRANTS if name in self._granted else _REFUSES for name in effects}
        self._calendars_of = calendars_of

    def wanted(self, block: FactBlock) -> Sequence[int]:
        """See `FactFollower.wanted`."""
        procedures, facts = block.dossiers.procedure_id, block.facts
        if Action.REFUSE not in facts.action and self._granted.isdisjoint(procedures):
            return ()
        telling = [self._telling.get(name) for name in procedures]
        return [
            place
            for place, (dossier, action, refusal) in enumerate(
                zip(facts.dossier, facts.action, facts.refusal, strict=True)
            )
            if refusal is None and (actions := telling[dossier]) is not None and action in actions
        ]

    def follow(self, transaction: Transaction, told: Sequence[ToldFacts]) -> None:
        """See `FactFollower.follow`."""
        telling = {(one.sandbox_id, fact.number): fact for one in told for fact in one.facts}
        checks = [key for key, fact in telling.items() if fact.procedure_id not in self._granted]
        slice_ = _Slice(self._procedures, cache(self._calendars_of), load_granted(transaction, sorted(telling), checks))
        for key, fact in telling.items():
            slice_.apply(key, fact.occurred_at, is_granted=fact.action in _GRANTS)
        slice_.write(transaction)


@dataclass(slots=True)
class _Slice:
    """The effects of one transaction: applied one after the other, written together."""

    procedures: Mapping[str, Procedure]
    calendars_of: CalendarsOf
    granted: Granted
    changed: set[Key] = field(default_factory=set)
    facilities: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    manifests: list[tuple[str, str]] = field(default_factory=list)
    cancelled_manifests: list[tuple[str, str]] = field(default_factory=list)
    refunded: set[tuple[str, str]] = field(default_factory=set)
    changes: RegisterChanges = field(default_factory=RegisterChanges)

    def apply(self, key: Key, at: datetime, *, is_granted: bool) -> None:
        """The effect of one dossier."""
        case = self.granted.cases[key]
        effect = self._effect(case)
        if effect is Effect.CLEAR_DECLARATION:
            assert not is_granted  # clearing writes nothing
            self._refuse_clearance(case, at)
        elif effect is not None:
            _EFFECTS[effect](self, case, at)

    def _effect(self, case: Case) -> Effect | None:
        return self.procedures[case.procedure_id].effect

    def _named(self, case: Case) -> Declaration | None:
        """The declaration that the dossier is about: that of the first such field of its form."""
        links = self.granted.links.get((case.sandbox_id, case.number), {})
        for item in self.procedures[case.procedure_id].form:
            register, key = links.get(item.name, ("", ""))
            if register == Register.DECLARATION:
                return self.granted.declarations[case.sandbox_id, int(key)]
        return None

    def _change(self, declaration: Declaration, **changes: Any) -> Declaration:
        key = (declaration.sandbox_id, declaration.base)
        self.granted.declarations[key] = replace(declaration, **changes)
        self.changed.add(key)
        return self.granted.declarations[key]

    def _refuse_clearance(self, case: Case, at: datetime) -> None:
        checked = [
            one
            for one in self.granted.declarations.values()
            if one.sandbox_id == case.sandbox_id and one.dossier_number == case.number
        ]
        for declaration in checked:
            self._change(declaration, not_cleared_at=at)
            self.changes.tell_of_declaration(
                declaration, EventKind.NOT_CLEARED, at, case.number, {"number": declaration.number}
            )

    def amend_declaration(self, case: Case, at: datetime) -> None:
        """A new branch, as long as the number has room; a late amendment is a violation."""
        declaration = self._named(case)
        if declaration is None:
            return
        before = declaration.number
        if declaration.branch < LAST_BRANCH:
            declaration = self._change(declaration, branch=declaration.branch + 1)
        detail = {"number": declaration.number, "previous_number": before, **_picked(case.form, _AMENDED)}
        self.changes.tell_of_declaration(declaration, EventKind.AMENDED, at, case.number, detail)
        self._record_late_amendment(case, declaration, at)

    def _record_late_amendment(self, case: Case, declaration: Declaration, at: datetime) -> None:
        key = (declaration.sandbox_id, declaration.base)
        about = self.granted.about.get(key, []) + self.granted.holder_audits.get(
            (case.sandbox_id, declaration.declarant_id), []
        )
        try:
            window = window_of(declaration, about, case.filed_at, self.calendars_of(case.sandbox_id)(at))
        except OutsideCalendarError as error:
            log.warning("term-not-counted", sandbox=case.sandbox_id, number=case.number, reason=str(error))
            return
        if window is None or window.rule not in LATE_RULES:
            return
        data = {
            "kind": ViolationKind.LATE_AMENDMENT,
            "rule": window.rule,
            "article": window.article,
            "declaration": declaration.number,
        }
        self.changes.enter(
            NewEntry(
                sandbox_id=case.sandbox_id,
                register=Register.VIOLATION,
                holder_id=declaration.declarant_id,
                base=declaration.base,
                dossier_number=case.number,
                occurred_at=at,
                data=data,
            ),
            EventKind.VIOLATION_RECORDED,
            {**data, "enterprise": declaration.declarant_id},
        )

    def cancel_declaration(self, case: Case, at: datetime) -> None:
        """Cancelled; the risk system notes it and the tax department is told (TT39/2018 art. 22 b.3.1)."""
        declaration = self._named(case)
        if declaration is None or declaration.cancelled_at is not None:
            return
        self._change(declaration, cancelled_at=at)
        self.changes.tell_cancelled(declaration, at, case.number)

    def refund_tax(self, case: Case, at: datetime) -> None:
        """The amount and the dossier are noted with the declaration, and with what is known of the enterprise."""
        self.refunded.add((case.sandbox_id, case.applicant_id))
        declaration = self._named(case)
        if declaration is None:
            return
        detail: dict[str, Any] = {"number": declaration.number, "procedure": case.procedure_id}
        amount = next((name for name, kind in self._kinds(case) if kind is FieldKind.MONEY_VND), None)
        if amount is not None:
            detail["amount_vnd"] = case.form[amount]
        self.changes.tell_of_declaration(declaration, EventKind.TAX_REFUNDED, at, case.number, detail)

    def extend_storage(self, case: Case, at: datetime) -> None:
        """Until when the goods may now be kept."""
        declaration = self._named(case)
        if declaration is None:
            return
        detail = {"number": declaration.number}
        if {"storage_until", "extension_days"} <= case.form.keys():
            last = storage_until(date.fromisoformat(case.form["storage_until"]), case.form["extension_days"])
            if last is not None:
                detail["storage_until"] = last.isoformat()
        self.changes.tell_of_declaration(declaration, EventKind.STORAGE_EXTENDED, at, case.number, detail)

    def amend_manifest(self, case: Case, at: datetime) -> None:
        """One revision more, or cancelled; what was amended is in the event."""
        linked = self.granted.links.get((case.sandbox_id, case.number), {}).values()
        for key in [key for register, key in linked if register == Register.MANIFEST]:
            is_cancelled = case.form.get("request") == "cancel"
            (self.cancelled_manifests if is_cancelled else self.manifests).append((case.sandbox_id, key))
            self.changes.tell(
                NewEvent(
                    sandbox_id=case.sandbox_id,
                    register=Register.MANIFEST,
                    subject=key,
                    kind=EventKind.CANCELLED if is_cancelled else EventKind.AMENDED,
                    occurred_at=at,
                    dossier_number=case.number,
                    detail=_picked(case.form, _AMENDED),
                )
            )

    def _kinds(self, case: Case) -> list[tuple[str, FieldKind]]:
        """Fields that were filled in, with their kinds, in the order of the form."""
        form = self.procedures[case.procedure_id].form
        return [(item.name, item.kind) for item in form if case.form.get(item.name) is not None]

    def register_facility(self, case: Case, at: datetime) -> None:
        """A facility with a code of its own, or what has changed of one that is there."""
        data = {"office": case.office_code, **_picked(case.form, _FACILITY)}
        changed = case.form.get("changed_facility_code")
        if case.form.get("notification") == "change" and changed:
            self.facilities[case.sandbox_id, changed] = data
            self.changes.tell(
                NewEvent(
                    sandbox_id=case.sandbox_id,
                    register=Register.FACILITY,
                    subject=changed,
                    kind=EventKind.CHANGED,
                    occurred_at=at,
                    dossier_number=case.number,
                    detail=data,
                )
            )
        else:
            self._enter(case, Register.FACILITY, at, data)

    def file_settlement_report(self, case: Case, at: datetime) -> None:
        """The report of a financial year, and whether it came in time."""
        data = {"filed_at": case.filed_at.isoformat(), **_picked(case.form, _REPORT)}
        year_ends_on = case.form.get("financial_year_ends_on")
        if year_ends_on:
            data |= self._settlement_terms(case, date.fromisoformat(year_ends_on), at)
        self._enter(case, Register.SETTLEMENT_REPORT, at, data)

    def _settlement_terms(self, case: Case, year_ends_on: date, at: datetime) -> Mapping[str, Any]:
        try:
            return settlement_terms(year_ends_on, case.filed_at, self.calendars_of(case.sandbox_id)(at))
        except OutsideCalendarError as error:
            log.warning("term-not-counted", sandbox=case.sandbox_id, number=case.number, reason=str(error))
            return {}

    def issue_cargo_id(self, case: Case, at: datetime) -> None:
        """A number for goods, with what was said of them."""
        self._enter(case, Register.CARGO_ID, at, {"office": case.office_code, **_picked(case.form, _CARGO)})

    def _enter(self, case: Case, register: Register, at: datetime, data: Mapping[str, Any]) -> None:
        self.changes.enter(
            NewEntry(
                sandbox_id=case.sandbox_id,
                register=register,
                holder_id=case.applicant_id,
                dossier_number=case.number,
                occurred_at=at,
                data=data,
            )
        )

    def write(self, transaction: Transaction) -> None:
        """Everything that changed: a statement for each table."""
        if self.changed:
            rows = [self.granted.declarations[key] for key in sorted(self.changed)]
            columns = ("sandbox_id", "base", "branch", "cancelled_at", "not_cleared_at")
            transaction.execute(_SAVE_DECLARATIONS, [[getattr(row, name) for row in rows] for name in columns])
        if touched := self._touched():
            transaction.execute(_LOCK_ENTRIES, list(map(list, zip(*touched, strict=True))))
        if self.facilities:
            facilities = [(*key, Jsonb(dict(data))) for key, data in sorted(self.facilities.items(), key=itemgetter(0))]
            transaction.execute(_CHANGE_FACILITIES, list(map(list, zip(*facilities, strict=True))))
        if self.manifests:
            amended = sorted((*key, times) for key, times in Counter(self.manifests).items())
            transaction.execute(_AMEND_MANIFESTS, list(map(list, zip(*amended, strict=True))))
        if self.cancelled_manifests:
            cancelled = sorted(set(self.cancelled_manifests))
            transaction.execute(_CANCEL_MANIFESTS, list(map(list, zip(*cancelled, strict=True))))
        if self.refunded:
            transaction.execute(_NOTE_REFUNDS, list(map(list, zip(*sorted(self.refunded), strict=True))))
        write_changes(transaction, self.changes)

    def _touched(self) -> list[tuple[str, str, str]]:
        """Entries that are there already and change: sandbox, register, key."""
        by_register = {
            Register.MANIFEST: {*self.manifests, *self.cancelled_manifests},
            Register.FACILITY: self.facilities.keys(),
            Register.RISK_PROFILE: self.refunded,
        }
        return sorted(
            (sandbox_id, str(register), key) for register, keys in by_register.items() for sandbox_id, key in keys
        )


def _picked(form: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Fields that were filled in."""
    return {name: form[name] for name in names if form.get(name) is not None}


_EFFECTS: Final[Mapping[Effect, Callable[[_Slice, Case, datetime], None]]] = {
    Effect.AMEND_DECLARATION: _Slice.amend_declaration,
    Effect.CANCEL_DECLARATION: _Slice.cancel_declaration,
    Effect.REFUND_TAX: _Slice.refund_tax,
    Effect.EXTEND_STORAGE: _Slice.extend_storage,
    Effect.AMEND_MANIFEST: _Slice.amend_manifest,
    Effect.REGISTER_FACILITY: _Slice.register_facility,
    Effect.FILE_SETTLEMENT_REPORT: _Slice.file_settlement_report,
    Effect.ISSUE_CARGO_ID: _Slice.issue_cargo_id,
}
