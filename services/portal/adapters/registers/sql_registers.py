"""The registers' tables: reading entries by their numbers, and writing many of them in a fixed number of statements.

Shared by whoever takes part in a transaction: filing, the projector, the API. Decides nothing. Locks are taken in one
order, declarations before entries before heads, each by their keys, so that no two writers wait for each other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final, NamedTuple

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.contracts.timeliness import vietnamese_day
from services.portal.domain.registers.declarations import Declaration, Origin
from services.portal.domain.registers.registers import NewEntry, NewEvent, RegisterChanges, RegisterEntry, new_key
from services.runtime.clock import real_now
from services.runtime.database import Transaction, array, copy_rows, copy_text

#: A declaration with its clearance dossier. OFFSET 0: that one by its number, whatever the planner believes about a
#: sandbox that it hasn't counted yet.
SELECT_DECLARATION: Final = """
    SELECT d.sandbox_id, d.base, d.branch, d.kind, d.office_code, d.declarant_id, d.channel, d.origin, d.registered_at,
        d.cleared_at, d.not_cleared_at, d.cancelled_at, d.dossier_number, c.filed_at AS check_filed_at,
        c.status AS check_status, c.resolved_at AS check_resolved_at
    FROM declaration AS d LEFT JOIN LATERAL (
        SELECT filed_at, status, resolved_at FROM dossier
        WHERE sandbox_id = d.sandbox_id AND number = d.dossier_number OFFSET 0
    ) AS c ON true
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


class Registered(NamedTuple):
    """A declaration that is registered with its clearance dossier: the ordinary case, without a past."""

    base: int
    dossier_number: int
    registered_at: datetime
    kind: str
    office_code: str
    declarant_id: str
    channel: str


_REGISTERED_COLUMNS: Final = (*Registered._fields, "origin", "sandbox_id")

# The head's lock is held until the end of the transaction, so numbers are seen in their order and without gaps.
_EXTEND_HEADS: Final = """
    INSERT INTO register_head AS h (sandbox_id, register, last_number)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS w(sandbox_id, register, n)
    ORDER BY sandbox_id, register
    ON CONFLICT (sandbox_id, register) DO UPDATE SET last_number = h.last_number + excluded.last_number
    RETURNING sandbox_id, register, last_number
"""

# Unique index of register_entry.
_SAVE_CONTENTS: Final = """
    UPDATE register_entry AS e SET data = u.data
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::jsonb[]) AS u(sandbox_id, register, key, data)
    WHERE e.sandbox_id = u.sandbox_id AND e.register = u.register AND e.key = u.key
"""

_ADD_LINKS: Final = """
    INSERT INTO register_link (sandbox_id, number, field, register, key)
    SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])
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
    transaction: Transaction, sandbox_id: str, wanted: Iterable[tuple[str, str]], *, lock: bool = False
) -> dict[tuple[str, str], RegisterEntry]:
    """The entries of a sandbox with these (register, key), locked in that order if asked to."""
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    with transaction.cursor(row_factory=class_row(RegisterEntry)) as cursor:
        found = cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM register_entry"  # noqa: S608
            " JOIN unnest(%s::text[], %s::text[]) AS w(register, key) USING (register, key) WHERE sandbox_id = %s"
            f" ORDER BY register, key {'FOR UPDATE OF register_entry' if lock else ''}",
            ([register for register, _ in pairs], [key for _, key in pairs], sandbox_id),
        ).fetchall()
    return {(entry.register, entry.key): entry for entry in found}


def add_declarations(transaction: Transaction, declarations: Sequence[Declaration]) -> None:
    """New declarations; the sandbox's lock is held, and none of them is there yet."""
    if declarations:
        rows = ([getattr(item, name) for name in _DECLARATION_COLUMNS] for item in declarations)
        copy_rows(transaction, "declaration", _DECLARATION_COLUMNS, rows)


def add_registered(transaction: Transaction, sandbox_id: str, declarations: Sequence[Registered]) -> None:
    """As `add_declarations`, for thousands of a kind: nothing in their columns needs escaping."""
    if declarations:
        end = f"{Origin.REGISTERED}\t{sandbox_id}\n"
        lines = [
            f"{base}\t{number}\t{at.isoformat()}\t{kind}\t{office}\t{declarant}\t{channel}\t{end}"
            for base, number, at, kind, office, declarant, channel in declarations
        ]
        copy_text(transaction, "declaration", _REGISTERED_COLUMNS, "".join(lines))


def add_links(transaction: Transaction, rows: Sequence[tuple[str, int, str, str, str]]) -> None:
    """Which dossier names which entry: sandbox, number, field, register, key."""
    if rows:
        transaction.execute(_ADD_LINKS, list(map(array, zip(*rows, strict=True))))


def write_changes(transaction: Transaction, changes: RegisterChanges) -> None:
    """Number everything and write it: a fixed number of statements, whatever there is; none when there is nothing."""
    if changes.contents:
        rows = [(one.sandbox_id, one.register, one.key, Jsonb(dict(data))) for one, data in changes.contents]
        transaction.execute(_SAVE_CONTENTS, list(map(list, zip(*sorted(rows, key=itemgetter(0, 1, 2)), strict=True))))
    if not changes.entries and not changes.events:
        return
    counts = Counter((entry.sandbox_id, str(entry.register)) for entry in changes.entries)
    counts.update((event.sandbox_id, _EVENT) for event in changes.events)
    following = _extend_heads(transaction, counts)
    _copy_entries(transaction, changes.entries, following)
    _copy_events(transaction, changes.events, following)


def _copy_entries(transaction: Transaction, entries: Sequence[NewEntry], following: dict[tuple[str, str], int]) -> None:
    for entry in entries:
        following[entry.sandbox_id, entry.register] += 1
        entry.number = following[entry.sandbox_id, entry.register]
        entry.key = entry.key or new_key(entry.register, entry.number, vietnamese_day(entry.occurred_at))
    if entries:
        columns = ENTRY_COLUMNS.split(", ")
        rows = ([*(getattr(entry, name) for name in columns[:-1]), Jsonb(dict(entry.data))] for entry in entries)
        copy_rows(transaction, "register_entry", columns, rows)


def _copy_events(transaction: Transaction, events: Sequence[NewEvent], following: dict[tuple[str, str], int]) -> None:
    recorded_at = real_now()
    rows = []
    for event in events:
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
    if rows:
        copy_rows(transaction, "register_event", EVENT_COLUMNS.split(", "), rows)


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
