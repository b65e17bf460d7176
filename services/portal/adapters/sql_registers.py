"""The registers' tables: reading entries by their numbers, and writing many of them in a fixed number of statements.

Shared by whoever takes part in a transaction: filing, the projector, the API. Decides nothing. Locks are taken in one
order, declarations before entries before heads, each by their keys, so that no two writers wait for each other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.contracts.timeliness import vietnamese_day
from services.portal.domain.declarations import Declaration
from services.portal.domain.registers import EventKind, Register, RegisterEntry, new_key
from services.runtime.clock import real_now
from services.runtime.database import Transaction, copy_rows

#: A declaration with its clearance dossier. Both sides by primary key.
SELECT_DECLARATION: Final = """
    SELECT d.sandbox_id, d.base, d.branch, d.kind, d.office_code, d.declarant_id, d.channel, d.origin, d.registered_at,
        d.cleared_at, d.not_cleared_at, d.cancelled_at, d.dossier_number, c.status AS check_status,
        c.resolved_at AS check_resolved_at
    FROM declaration AS d LEFT JOIN dossier AS c ON c.sandbox_id = d.sandbox_id AND c.number = d.dossier_number
"""

ENTRY_COLUMNS: Final = "sandbox_id, register, number, key, holder_id, base, dossier_number, occurred_at, data"
EVENT_COLUMNS: Final = "sandbox_id, position, register, key, kind, occurred_at, recorded_at, dossier_number, detail"

_DECLARATION_COLUMNS: Final = (
    "sandbox_id",
    "base",
    "dossier_number",
    "registered_at",
    "cleared_at",
    "not_cleared_at",
    "cancelled_at",
    "branch",
    "kind",
    "office_code",
    "declarant_id",
    "channel",
    "origin",
)

# The head's lock is held until the end of the transaction, so numbers are seen in their order and without gaps.
_EXTEND_HEADS: Final = """
    INSERT INTO register_head AS h (sandbox_id, register, last_number)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS w(sandbox_id, register, n)
    ORDER BY sandbox_id, register
    ON CONFLICT (sandbox_id, register) DO UPDATE SET last_number = h.last_number + excluded.last_number
    RETURNING sandbox_id, register, last_number
"""

#: The head that counts events.
_EVENT: Final = "event"


def find_declarations(transaction: Transaction, sandbox_id: str, bases: Iterable[int]) -> dict[int, Declaration]:
    """The declarations of a sandbox that have these numbers, by number without the last digit."""
    wanted = sorted(set(bases))
    if not wanted:
        return {}
    with transaction.cursor(row_factory=class_row(Declaration)) as cursor:
        found = cursor.execute(
            f"{SELECT_DECLARATION} WHERE d.sandbox_id = %s AND d.base = ANY(%s)",
            (sandbox_id, wanted),
        ).fetchall()
    return {declaration.base: declaration for declaration in found}


def find_entries(
    transaction: Transaction, sandbox_id: str, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], RegisterEntry]:
    """The entries of a sandbox with these (register, key)."""
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    with transaction.cursor(row_factory=class_row(RegisterEntry)) as cursor:
        found = cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM register_entry"  # noqa: S608
            " JOIN unnest(%s::text[], %s::text[]) AS w(register, key) USING (register, key) WHERE sandbox_id = %s",
            ([register for register, _ in pairs], [key for _, key in pairs], sandbox_id),
        ).fetchall()
    return {(entry.register, entry.key): entry for entry in found}


def add_declarations(transaction: Transaction, declarations: Sequence[Declaration]) -> None:
    """New declarations; the sandbox's lock is held, and none of them is there yet."""
    if declarations:
        rows = ([getattr(item, name) for name in _DECLARATION_COLUMNS] for item in declarations)
        copy_rows(transaction, "declaration", _DECLARATION_COLUMNS, rows)


def add_links(transaction: Transaction, rows: Sequence[tuple[str, int, str, str, str]]) -> None:
    """Which dossier names which entry: sandbox, number, field, register, key."""
    if rows:
        copy_rows(transaction, "register_link", ("sandbox_id", "number", "field", "register", "key"), rows)


@dataclass(slots=True, eq=False, kw_only=True)
class NewEntry:
    """An entry to be written.

    Args:
        key: what it is called; empty: made from its number.
    """

    sandbox_id: str
    register: Register
    holder_id: str
    occurred_at: datetime
    data: Mapping[str, Any]
    key: str = ""
    base: int | None = None
    dossier_number: int | None = None
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to be written.

    Args:
        subject: key of what it happened to, or the entry that is written with it.
    """

    sandbox_id: str
    register: Register
    subject: str | NewEntry
    kind: EventKind
    occurred_at: datetime
    dossier_number: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class RegisterWriting:
    """Collects entries and events of one transaction; written together, once, at its end."""

    entries: list[NewEntry] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)

    def enter(
        self, entry: NewEntry, kind: EventKind = EventKind.ENTERED, detail: Mapping[str, Any] | None = None
    ) -> NewEntry:
        """A new entry, and the event that says so; `detail` of the event: the entry's own content unless given."""
        self.entries.append(entry)
        self.tell(
            NewEvent(
                sandbox_id=entry.sandbox_id,
                register=entry.register,
                subject=entry,
                kind=kind,
                occurred_at=entry.occurred_at,
                dossier_number=entry.dossier_number,
                detail=entry.data if detail is None else detail,
            )
        )
        return entry

    def tell(self, event: NewEvent) -> None:
        """An event."""
        self.events.append(event)

    def write(self, transaction: Transaction) -> None:
        """Number everything and write it: three statements, whatever there is; none when there is nothing."""
        if not self.entries and not self.events:
            return
        counts = Counter((entry.sandbox_id, str(entry.register)) for entry in self.entries)
        counts.update((event.sandbox_id, _EVENT) for event in self.events)
        following = _extend_heads(transaction, counts)
        for entry in self.entries:
            following[entry.sandbox_id, entry.register] += 1
            entry.number = following[entry.sandbox_id, entry.register]
            entry.key = entry.key or new_key(entry.register, entry.number, vietnamese_day(entry.occurred_at))
        self._copy_entries(transaction)
        self._copy_events(transaction, following)

    def _copy_entries(self, transaction: Transaction) -> None:
        if self.entries:
            columns = ENTRY_COLUMNS.split(", ")
            rows = (
                [*(getattr(entry, name) for name in columns[:-1]), Jsonb(dict(entry.data))] for entry in self.entries
            )
            copy_rows(transaction, "register_entry", columns, rows)

    def _copy_events(self, transaction: Transaction, following: dict[tuple[str, str], int]) -> None:
        recorded_at = real_now()
        rows = []
        for event in self.events:
            following[event.sandbox_id, _EVENT] += 1
            rows.append(
                (
                    event.sandbox_id,
                    following[event.sandbox_id, _EVENT],
                    str(event.register),
                    event.subject if isinstance(event.subject, str) else event.subject.key,
                    str(event.kind),
                    event.occurred_at,
                    recorded_at,
                    event.dossier_number,
                    Jsonb(dict(event.detail)),
                )
            )
        copy_rows(transaction, "register_event", EVENT_COLUMNS.split(", "), rows)


def tell_cancelled(
    writing: RegisterWriting, declaration: Declaration, at: datetime, dossier_number: int | None
) -> None:
    """That a declaration was cancelled, to whom it has to be told.

    Source: TT39/2018/TT-BTC art. 22: the risk system keeps an event of it (b.3.1), the tax department gets notice
    01/TB-XNKTC.
    """
    number = declaration.number
    for register, subject, kind in (
        (Register.DECLARATION, str(declaration.base), EventKind.CANCELLED),
        (Register.DECLARATION, str(declaration.base), EventKind.TAX_DEPARTMENT_TOLD),
        (Register.RISK_PROFILE, declaration.declarant_id, EventKind.RISK_NOTED),
    ):
        writing.tell(
            NewEvent(
                sandbox_id=declaration.sandbox_id,
                register=register,
                subject=subject,
                kind=kind,
                occurred_at=at,
                dossier_number=dossier_number,
                detail={"number": number},
            )
        )


def _extend_heads(transaction: Transaction, counts: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Take numbers from the heads; returns for each the number before the first."""
    wanted = sorted(counts.items())
    rows = transaction.execute(
        _EXTEND_HEADS,
        (
            [sandbox_id for (sandbox_id, _), _ in wanted],
            [register for (_, register), _ in wanted],
            [count for _, count in wanted],
        ),
    ).fetchall()
    return {
        (sandbox_id, register): last_number - counts[sandbox_id, register] for sandbox_id, register, last_number in rows
    }
