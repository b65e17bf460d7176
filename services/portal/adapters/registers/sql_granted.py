"""What the effects of granted dossiers look at, read for a whole slice of facts: six statements at most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg.rows import class_row

from services.portal.adapters.registers.sql_registers import ENTRY_COLUMNS, SELECT_DECLARATION
from services.portal.adapters.sql_filings import load_forms
from services.portal.domain.registers.declarations import LAST_DOSSIER_NUMBER, Declaration, Direction, own_base
from services.portal.domain.registers.registers import Register, RegisterEntry
from services.runtime.database import Transaction

#: A dossier's number, or a declaration's without its last digit; the sandbox first.
Key = tuple[str, int]

_CASES: Final = """
    SELECT sandbox_id, number, d.procedure_id, d.office_code, d.applicant_id, d.filed_at
    FROM unnest(%s::text[], %s::bigint[]) AS w(sandbox_id, number) JOIN filed_dossier AS d USING (sandbox_id, number)
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


class Case(NamedTuple):
    """A dossier that was granted, or a check that ended in a refusal."""

    sandbox_id: str
    number: int
    procedure_id: str
    office_code: str
    applicant_id: str
    filed_at: datetime
    form: Mapping[str, Any]


@dataclass(slots=True)
class Granted:
    """Dossiers of a slice, and what of the registers they are about.

    Attributes:
        links: By dossier: field of its form → register and key.
        declarations: Those that are named or were checked, locked.
        about: Passages and audits by declaration.
        holder_audits: Audits that name no declaration, by enterprise.
    """

    cases: dict[Key, Case] = field(default_factory=dict)
    links: dict[Key, dict[str, tuple[str, str]]] = field(default_factory=dict)
    declarations: dict[Key, Declaration] = field(default_factory=dict)
    about: dict[Key, list[RegisterEntry]] = field(default_factory=dict)
    holder_audits: dict[tuple[str, str], list[RegisterEntry]] = field(default_factory=dict)


def load_granted(transaction: Transaction, keys: Sequence[Key], checks: Sequence[Key]) -> Granted:
    """Read what is known of dossiers.

    Args:
        transaction: of the projector.
        keys: the dossiers.
        checks: those among them that check a declaration.
    """
    granted = Granted()
    columns = [[sandbox_id for sandbox_id, _ in keys], [number for _, number in keys]]
    # What becomes of a check depends on nothing in its form, and a form is read with hundreds of others.
    forms = load_forms(transaction, sorted(set(keys).difference(checks)))
    for row in transaction.execute(_CASES, columns):
        granted.cases[row[0], row[1]] = Case._make((*row, forms.get((row[0], row[1]), {})))
    for sandbox_id, number, name, register, key in transaction.execute(_LINKS, columns):
        granted.links.setdefault((sandbox_id, number), {})[name] = (register, key)
    bases = {
        (sandbox_id, int(key))
        for (sandbox_id, _), fields in granted.links.items()
        for register, key in fields.values()
        if register == Register.DECLARATION
    }
    bases |= {
        (sandbox_id, own_base(direction, number))
        for sandbox_id, number in checks
        if number <= LAST_DOSSIER_NUMBER
        for direction in Direction
    }
    if bases:
        _load_declarations(transaction, granted, sorted(bases))
    return granted


def _load_declarations(transaction: Transaction, granted: Granted, bases: Sequence[Key]) -> None:
    columns = [[sandbox_id for sandbox_id, _ in bases], [base for _, base in bases]]
    with transaction.cursor(row_factory=class_row(Declaration)) as cursor:
        for found in cursor.execute(_DECLARATIONS, columns):
            granted.declarations[found.sandbox_id, found.base] = found
    holders = sorted({(one.sandbox_id, one.declarant_id) for one in granted.declarations.values()})
    columns += [[sandbox_id for sandbox_id, _ in holders], [holder for _, holder in holders]]
    with transaction.cursor(row_factory=class_row(RegisterEntry)) as cursor:
        for entry in cursor.execute(_PASSAGES_AND_AUDITS, columns):
            if entry.base is None:
                granted.holder_audits.setdefault((entry.sandbox_id, entry.holder_id), []).append(entry)
            else:
                granted.about.setdefault((entry.sandbox_id, entry.base), []).append(entry)
