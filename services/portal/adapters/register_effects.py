"""What a granted dossier changes in the registers: a `FactFollower` in the projector's transaction.

Each fact comes once, so each effect happens once. A slice of facts costs a fixed number of statements, and none when
nothing in it was granted that changes a register: clearing a declaration writes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from psycopg.rows import class_row

from services.contracts.catalogue import Effect, FieldKind, Procedure
from services.contracts.facts import Fact
from services.contracts.vocabulary import Action
from services.law.amendments import amendment_window
from services.law.calendar import WorkingCalendar
from services.portal.adapters.hooks import SandboxFact
from services.portal.adapters.sql_registers import ENTRY_COLUMNS, SELECT_DECLARATION, write_changes
from services.portal.domain.counterparts import LATE_RULES, declaration_times, settlement_due_at, storage_until
from services.portal.domain.declarations import (
    LAST_BRANCH,
    LAST_DOSSIER_NUMBER,
    Declaration,
    Direction,
    own_base,
)
from services.portal.domain.registers import (
    EventKind,
    NewEntry,
    NewEvent,
    Register,
    RegisterChanges,
    RegisterEntry,
    ViolationKind,
)
from services.runtime.database import Transaction

#: Actions that give the applicant what was asked for.
_GRANTS: Final = frozenset({Action.GRANT, Action.RESOLVE_AT_ONCE})

#: A dossier's number, or a declaration's without its last digit; the sandbox first.
_Key = tuple[str, int]

#: What forms call the last day of a financial year.
_YEAR_ENDS: Final = ("financial_year_ended_on", "year_ended_on")

_CASES: Final = """
    SELECT sandbox_id, number, d.procedure_id, d.office_code, d.applicant_id, d.filed_at, f.form
    FROM unnest(%s::text[], %s::bigint[]) AS w(sandbox_id, number)
    JOIN dossier AS d USING (sandbox_id, number) JOIN form AS f USING (sandbox_id, number)
"""

_LINKS: Final = """
    SELECT sandbox_id, number, field, register, key
    FROM register_link JOIN unnest(%s::text[], %s::bigint[]) AS w(sandbox_id, number) USING (sandbox_id, number)
"""

# Locked in the order of their keys, as everybody does who changes declarations.
_DECLARATIONS: Final = f"""
    {SELECT_DECLARATION} JOIN unnest(%s::text[], %s::bigint[]) AS w(sandbox_id, base)
        ON w.sandbox_id = d.sandbox_id AND w.base = d.base
    ORDER BY d.sandbox_id, d.base FOR UPDATE OF d
"""

# Both by index: of one declaration, and those audits of its declarant that name none.
_PASSAGES_AND_AUDITS: Final = f"""
    SELECT {ENTRY_COLUMNS} FROM register_entry JOIN unnest(%s::text[], %s::bigint[]) AS w(sandbox_id, base)
        USING (sandbox_id, base) WHERE register IN ('gate-passage', 'audit')
    UNION ALL
    SELECT {ENTRY_COLUMNS} FROM register_entry JOIN unnest(%s::text[], %s::text[]) AS w(sandbox_id, holder_id)
        USING (sandbox_id, holder_id) WHERE register = 'audit' AND base IS NULL
"""  # noqa: S608 - constants

_SAVE_DECLARATIONS: Final = """
    UPDATE declaration AS d SET
        branch = u.branch, cancelled_at = u.cancelled_at, not_cleared_at = u.not_cleared_at
    FROM unnest(%s::text[], %s::bigint[], %s::smallint[], %s::timestamptz[], %s::timestamptz[])
        AS u(sandbox_id, base, branch, cancelled_at, not_cleared_at)
    WHERE d.sandbox_id = u.sandbox_id AND d.base = u.base
"""

_AMEND_MANIFESTS: Final = """
    UPDATE register_entry AS e SET data = data || jsonb_build_object('revision', (data ->> 'revision')::int + u.times)
    FROM unnest(%s::text[], %s::text[], %s::int[]) AS u(sandbox_id, key, times)
    WHERE e.sandbox_id = u.sandbox_id AND e.register = 'manifest' AND e.key = u.key
"""

_NOTE_REFUNDS: Final = """
    UPDATE register_entry AS e SET data = data || '{"was_refunded": true}'
    FROM unnest(%s::text[], %s::text[]) AS u(sandbox_id, key)
    WHERE e.sandbox_id = u.sandbox_id AND e.register = 'risk-profile' AND e.key = u.key
"""


class _Case(NamedTuple):
    """A dossier that was granted, or a check that ended in a refusal."""

    sandbox_id: str
    number: int
    procedure_id: str
    office_code: str
    applicant_id: str
    filed_at: datetime
    form: Mapping[str, Any]


class RegisterEffects:
    """`FactFollower` that keeps the registers up with what was granted.

    Args:
        procedures: all of the catalogue.
        calendar_of: the working calendar of a sandbox; asked only where a term has to be counted.
    """

    def __init__(self, procedures: Mapping[str, Procedure], calendar_of: Callable[[str], WorkingCalendar]) -> None:
        self._procedures = procedures
        self._effects = {name: procedure.effect for name, procedure in procedures.items() if procedure.effect}
        self._calendar_of = calendar_of

    def follow(self, transaction: Transaction, facts: Sequence[SandboxFact]) -> None:
        """See `FactFollower.follow`."""
        telling = {(sandbox_id, fact.number): fact for sandbox_id, fact in facts if self._changes_something(fact)}
        if not telling:
            return
        slice_ = _Slice(self._procedures, self._calendar_of)
        slice_.load(transaction, sorted(telling))
        for key, fact in telling.items():
            slice_.apply(key, fact.occurred_at, is_granted=fact.action in _GRANTS)
        slice_.write(transaction)

    def _changes_something(self, fact: Fact) -> bool:
        effect = self._effects.get(fact.procedure_id)
        if effect is None or fact.refusal is not None:
            return False
        if effect is Effect.CLEAR_DECLARATION:
            return fact.action == Action.REFUSE
        return fact.action in _GRANTS


@dataclass(slots=True)
class _Slice:
    """The effects of one transaction: loaded together, applied one after the other, written together."""

    procedures: Mapping[str, Procedure]
    calendar_of: Callable[[str], WorkingCalendar]
    cases: dict[_Key, _Case] = field(default_factory=dict)
    links: dict[_Key, dict[str, tuple[str, str]]] = field(default_factory=dict)
    declarations: dict[_Key, Declaration] = field(default_factory=dict)
    passages: dict[_Key, list[RegisterEntry]] = field(default_factory=dict)
    audits: dict[_Key, list[RegisterEntry]] = field(default_factory=dict)
    holder_audits: dict[tuple[str, str], list[RegisterEntry]] = field(default_factory=dict)
    changed: set[_Key] = field(default_factory=set)
    manifests: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    refunded: set[tuple[str, str]] = field(default_factory=set)
    changes: RegisterChanges = field(default_factory=RegisterChanges)

    # What is there

    def load(self, transaction: Transaction, keys: Sequence[_Key]) -> None:
        """Everything that the effects look at: four statements."""
        columns = [[sandbox_id for sandbox_id, _ in keys], [number for _, number in keys]]
        self.cases = {(row[0], row[1]): _Case(*row) for row in transaction.execute(_CASES, columns)}
        for sandbox_id, number, name, register, key in transaction.execute(_LINKS, columns):
            self.links.setdefault((sandbox_id, number), {})[name] = (register, key)
        bases = sorted(
            {
                (sandbox_id, int(key))
                for (sandbox_id, _), fields in self.links.items()
                for register, key in fields.values()
                if register == Register.DECLARATION
            }
            | self._checked_here(keys)
        )
        if bases:
            self._load_declarations(transaction, bases)

    def _checked_here(self, keys: Sequence[_Key]) -> set[_Key]:
        """Numbers that a declaration can have whose clearance dossier is among these."""
        return {
            (sandbox_id, own_base(direction, number))
            for sandbox_id, number in keys
            if self._effect(self.cases[sandbox_id, number]) is Effect.CLEAR_DECLARATION
            and number <= LAST_DOSSIER_NUMBER
            for direction in Direction
        }

    def _load_declarations(self, transaction: Transaction, bases: Sequence[_Key]) -> None:
        columns = [[sandbox_id for sandbox_id, _ in bases], [base for _, base in bases]]
        with transaction.cursor(row_factory=class_row(Declaration)) as cursor:
            for found in cursor.execute(_DECLARATIONS, columns):
                self.declarations[found.sandbox_id, found.base] = found
        holders = sorted({(one.sandbox_id, one.declarant_id) for one in self.declarations.values()})
        columns += [[sandbox_id for sandbox_id, _ in holders], [holder for _, holder in holders]]
        with transaction.cursor(row_factory=class_row(RegisterEntry)) as cursor:
            for entry in cursor.execute(_PASSAGES_AND_AUDITS, columns):
                if entry.base is None:
                    self.holder_audits.setdefault((entry.sandbox_id, entry.holder_id), []).append(entry)
                else:
                    kept = self.passages if entry.register == Register.GATE_PASSAGE else self.audits
                    kept.setdefault((entry.sandbox_id, entry.base), []).append(entry)

    # What changes

    def apply(self, key: _Key, at: datetime, *, is_granted: bool) -> None:
        """The effect of one dossier."""
        case = self.cases[key]
        effect = self._effect(case)
        if effect is Effect.CLEAR_DECLARATION:
            assert not is_granted  # clearing writes nothing
            self._refuse_clearance(case, at)
        elif effect is not None:
            _EFFECTS[effect](self, case, at)

    def _effect(self, case: _Case) -> Effect | None:
        return self.procedures[case.procedure_id].effect

    def _named(self, case: _Case) -> Declaration | None:
        """The declaration that the dossier is about: that of the first such field of its form."""
        links = self.links.get((case.sandbox_id, case.number), {})
        for item in self.procedures[case.procedure_id].form:
            register, key = links.get(item.name, ("", ""))
            if register == Register.DECLARATION:
                return self.declarations[case.sandbox_id, int(key)]
        return None

    def _change(self, declaration: Declaration, **changes: Any) -> Declaration:
        key = (declaration.sandbox_id, declaration.base)
        self.declarations[key] = replace(declaration, **changes)
        self.changed.add(key)
        return self.declarations[key]

    def _refuse_clearance(self, case: _Case, at: datetime) -> None:
        checked = [
            one
            for one in self.declarations.values()
            if one.sandbox_id == case.sandbox_id and one.dossier_number == case.number
        ]
        for declaration in checked:
            self._change(declaration, not_cleared_at=at)
            self.changes.tell_of_declaration(
                declaration, EventKind.NOT_CLEARED, at, case.number, {"number": declaration.number}
            )

    def amend_declaration(self, case: _Case, at: datetime) -> None:
        """A new branch, as long as the number has room; a late amendment is a violation."""
        declaration = self._named(case)
        if declaration is None:
            return
        before = declaration.number
        if declaration.branch < LAST_BRANCH:
            declaration = self._change(declaration, branch=declaration.branch + 1)
        detail = {"number": declaration.number, "previous_number": before}
        for name in ("amendment_reason", "item", "declared_content", "amended_content", "additional_tax_vnd"):
            if case.form.get(name) is not None:
                detail[name] = case.form[name]
        self.changes.tell_of_declaration(declaration, EventKind.AMENDED, at, case.number, detail)
        self._record_late_amendment(case, declaration, at)

    def _record_late_amendment(self, case: _Case, declaration: Declaration, at: datetime) -> None:
        key = (declaration.sandbox_id, declaration.base)
        audits = self.audits.get(key, []) + self.holder_audits.get((case.sandbox_id, declaration.declarant_id), [])
        times = declaration_times(declaration, self.passages.get(key, ()), audits, case.filed_at)
        window = amendment_window(times, case.filed_at, self.calendar_of(case.sandbox_id))
        if window.rule not in LATE_RULES:
            return
        data = {"kind": ViolationKind.LATE_AMENDMENT, "rule": window.rule, "article": window.article}
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
            {**data, "declaration": declaration.number, "enterprise": declaration.declarant_id},
        )

    def cancel_declaration(self, case: _Case, at: datetime) -> None:
        """Cancelled; the risk system notes it and the tax department is told (TT39/2018 art. 22 b.3.1)."""
        declaration = self._named(case)
        if declaration is None or declaration.cancelled_at is not None:
            return
        self._change(declaration, cancelled_at=at)
        self.changes.tell_cancelled(declaration, at, case.number)

    def refund_tax(self, case: _Case, at: datetime) -> None:
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

    def extend_storage(self, case: _Case, at: datetime) -> None:
        """Until when the goods may now be kept."""
        declaration = self._named(case)
        if declaration is None:
            return
        detail = {"number": declaration.number}
        if {"storage_until", "extension_days"} <= case.form.keys():
            last = storage_until(date.fromisoformat(case.form["storage_until"]), case.form["extension_days"])
            detail["storage_until"] = last.isoformat()
        self.changes.tell_of_declaration(declaration, EventKind.STORAGE_EXTENDED, at, case.number, detail)

    def amend_manifest(self, case: _Case, at: datetime) -> None:
        """One revision more; what was amended is in the event."""
        for register, key in self.links.get((case.sandbox_id, case.number), {}).values():
            if register != Register.MANIFEST:
                continue
            self.manifests[case.sandbox_id, key] += 1
            named = {name for name, kind in self._kinds(case) if kind is FieldKind.MANIFEST_NUMBER}
            self.changes.tell(
                NewEvent(
                    sandbox_id=case.sandbox_id,
                    register=Register.MANIFEST,
                    subject=key,
                    kind=EventKind.AMENDED,
                    occurred_at=at,
                    dossier_number=case.number,
                    detail={name: value for name, value in case.form.items() if name not in named},
                )
            )

    def _kinds(self, case: _Case) -> list[tuple[str, FieldKind]]:
        """Fields that were filled in, with their kinds, in the order of the form."""
        form = self.procedures[case.procedure_id].form
        return [(item.name, item.kind) for item in form if case.form.get(item.name) is not None]

    def _enter(self, case: _Case, register: Register, at: datetime, data: Mapping[str, Any]) -> None:
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

    def register_facility(self, case: _Case, at: datetime) -> None:
        """A facility with a code of its own, as it was notified."""
        self._enter(case, Register.FACILITY, at, {"office": case.office_code, "notice": dict(case.form)})

    def file_settlement_report(self, case: _Case, at: datetime) -> None:
        """The report of a financial year, and whether it came in time."""
        data: dict[str, Any] = {"filed_at": case.filed_at.isoformat(), "report": dict(case.form)}
        ended = next((case.form[name] for name in _YEAR_ENDS if case.form.get(name)), None)
        if ended is not None:
            due_at = settlement_due_at(date.fromisoformat(ended), self.calendar_of(case.sandbox_id))
            data |= {"year_ended_on": ended, "due_at": due_at.isoformat(), "is_late": case.filed_at > due_at}
        self._enter(case, Register.SETTLEMENT_REPORT, at, data)

    def issue_cargo_id(self, case: _Case, at: datetime) -> None:
        """A number for goods, with what was said of them."""
        self._enter(case, Register.CARGO_ID, at, {"office": case.office_code, "request": dict(case.form)})

    # What is written

    def write(self, transaction: Transaction) -> None:
        """Everything that changed: a statement for each table."""
        if self.changed:
            rows = [self.declarations[key] for key in sorted(self.changed)]
            columns = ("sandbox_id", "base", "branch", "cancelled_at", "not_cleared_at")
            transaction.execute(_SAVE_DECLARATIONS, [[getattr(row, name) for row in rows] for name in columns])
        if self.manifests:
            manifests = sorted((*key, times) for key, times in self.manifests.items())
            transaction.execute(_AMEND_MANIFESTS, list(map(list, zip(*manifests, strict=True))))
        if self.refunded:
            transaction.execute(_NOTE_REFUNDS, list(map(list, zip(*sorted(self.refunded), strict=True))))
        write_changes(transaction, self.changes)


_EFFECTS: Final[Mapping[Effect, Callable[[_Slice, _Case, datetime], None]]] = {
    Effect.AMEND_DECLARATION: _Slice.amend_declaration,
    Effect.CANCEL_DECLARATION: _Slice.cancel_declaration,
    Effect.REFUND_TAX: _Slice.refund_tax,
    Effect.EXTEND_STORAGE: _Slice.extend_storage,
    Effect.AMEND_MANIFEST: _Slice.amend_manifest,
    Effect.REGISTER_FACILITY: _Slice.register_facility,
    Effect.FILE_SETTLEMENT_REPORT: _Slice.file_settlement_report,
    Effect.ISSUE_CARGO_ID: _Slice.issue_cargo_id,
}
