"""Writing counts: the changes of a whole read from the streams in a handful of statements, in the caller's transaction.

Reads nothing but positions and how dossiers stood. Every statement works on sets of rows by primary key; nothing is
done row by row.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from psycopg import sql

from services.contracts.commands import PartitionKey
from services.metrics.adapters.rows import open_dossier, open_row
from services.metrics.domain.counting import MEASURE_NAMES, Changes, ContestedEnd, LateRow, TallyKey
from services.metrics.domain.sifting import Sifted
from services.metrics.domain.standing import OpenDossier
from services.runtime.database import Transaction, array

_LOCK_POSITIONS: Final = """
    SELECT sandbox_id, partition, position
    FROM position
    WHERE (sandbox_id, partition) IN (SELECT * FROM unnest(%s::text[], %s::smallint[]))
    ORDER BY sandbox_id, partition
    FOR UPDATE
"""

_MAKE_POSITIONS: Final = """
    INSERT INTO position (sandbox_id, partition)
    SELECT * FROM unnest(%s::text[], %s::smallint[])
    ON CONFLICT DO NOTHING
"""

_MOVE_POSITIONS: Final = """
    UPDATE position
    SET position = new.position, counted_at = now()
    FROM unnest(%s::text[], %s::smallint[], %s::bigint[]) AS new (sandbox_id, partition, position)
    WHERE position.sandbox_id = new.sandbox_id AND position.partition = new.partition
"""

_STANDING: Final = sql.SQL(", ").join(sql.Identifier("open_dossier", name) for name in OpenDossier._fields)

_SELECT_OPEN: Final = sql.SQL("""
    SELECT sandbox_id, partition, number, {}
    FROM open_dossier
    JOIN unnest(%s::text[], %s::smallint[], %s::bigint[]) AS wanted (sandbox_id, partition, number)
        USING (sandbox_id, partition, number)
""").format(_STANDING)

# How a dossier stood is needed once more when it is settled: told while its row is removed, found once.
_DELETE_OPEN: Final = sql.SQL("""
    DELETE FROM open_dossier
    USING unnest(%s::text[], %s::smallint[], %s::bigint[]) AS gone (sandbox_id, partition, number)
    WHERE open_dossier.sandbox_id = gone.sandbox_id AND open_dossier.partition = gone.partition
      AND open_dossier.number = gone.number
    RETURNING gone.sandbox_id, gone.partition, gone.number, {}
""").format(_STANDING)

# What can change about an open dossier: everything after its cell and the day of its filing. No index has any of it, so
# the new row stays on its page.
_CHANGE_OPEN: Final = """
    UPDATE open_dossier
    SET asked = new.asked, received_on = new.received_on, is_limited = new.is_limited, since_on = new.since_on,
        due_at = new.due_at, limit_unit = new.limit_unit, last_due_at = new.last_due_at, new_date_at = new.new_date_at,
        late = new.late
    FROM unnest(
        %s::text[], %s::smallint[], %s::bigint[], %s::smallint[], %s::date[], %s::boolean[], %s::date[],
        %s::timestamptz[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::jsonb[]
    ) AS new (
        sandbox_id, partition, number, asked, received_on, is_limited, since_on,
        due_at, limit_unit, last_due_at, new_date_at, late
    )
    WHERE open_dossier.sandbox_id = new.sandbox_id AND open_dossier.partition = new.partition
      AND open_dossier.number = new.number
"""

_TALLY_KEY: Final = ("sandbox_id", "partition", *TallyKey._fields)


@cache
def _upsert_tallies(measures: tuple[str, ...]) -> sql.Composed:
    """Add to what is there, and leave the other measures alone: a slice counts few of them, and each has its price.

    Keys come sorted, so that two transactions would meet them in one order.
    """
    types = ["text", "smallint", "date", "text", "text", "smallint", "text", *("integer" for _ in measures)]
    return sql.SQL(
        "INSERT INTO tally ({columns}) SELECT * FROM unnest({arrays}) ON CONFLICT ({key}) DO UPDATE SET {sums}"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, (*_TALLY_KEY, *measures))),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(name)) for name in types),
        key=sql.SQL(", ").join(map(sql.Identifier, _TALLY_KEY)),
        sums=sql.SQL(", ").join(
            sql.SQL("{0} = tally.{0} + excluded.{0}").format(sql.Identifier(name)) for name in measures
        ),
    )


_CELL_TYPES: Final = ("text", "text", "smallint", "text")


def _insert(table: str, columns: Sequence[str], types: Sequence[str]) -> sql.Composed:
    """Plain rows: a dossier is filed once and ends once. A row that is there already is a mistake and must be heard."""
    return sql.SQL("INSERT INTO {table} ({columns}) SELECT * FROM unnest({arrays})").format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, ("sandbox_id", "partition", *columns))),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(name)) for name in ("text", "smallint", *types)),
    )


_INSERT_OPEN: Final = _insert(
    "open_dossier",
    ("number", *OpenDossier._fields),
    ("bigint", *_CELL_TYPES, "date", "smallint", "date", "boolean", "date", "timestamptz", "text", "timestamptz",
     "timestamptz", "jsonb"),
)  # fmt: skip

_INSERT_LATE: Final = _insert("late_span", LateRow._fields, ("bigint", "date", "date", "smallint", *_CELL_TYPES))

_INSERT_CONTESTED: Final = _insert(
    "contested_end",
    ("number", *ContestedEnd._fields),
    ("bigint", *_CELL_TYPES, "date", "date", "date", "boolean", "smallint", "text"),
)

_INSERT_SUBJECTS: Final = """
    INSERT INTO subject (sandbox_id, partition, procedure_id, applicant_kind, applicant_id)
    SELECT * FROM unnest(%s::text[], %s::smallint[], %s::text[], %s::text[], %s::text[])
    ON CONFLICT DO NOTHING
"""


def lock_positions(transaction: Transaction, keys: Sequence[PartitionKey]) -> Mapping[PartitionKey, int]:
    """Positions of these partitions, locked until the transaction ends.

    A partition never heard of gets its row first: otherwise two counters that overlap for a moment could both take
    its first facts.
    """
    found = _select_positions(transaction, keys)
    missing = [key for key in keys if key not in found]
    if missing:
        _execute(transaction, _MAKE_POSITIONS, missing)
        found |= _select_positions(transaction, missing)
    return found


def _select_positions(transaction: Transaction, keys: Sequence[PartitionKey]) -> dict[PartitionKey, int]:
    cursor = transaction.execute(_LOCK_POSITIONS, _columns(keys, 2))
    return {(sandbox_id, partition): position for sandbox_id, partition, position in cursor}


def take_standings(
    transaction: Transaction, parts: Mapping[PartitionKey, Sifted]
) -> Mapping[PartitionKey, Mapping[int, OpenDossier]]:
    """How the dossiers stand that these slices move or settle; what is settled is removed. Unknown ones are missing."""
    found: dict[PartitionKey, dict[int, OpenDossier]] = {key: {} for key in parts}
    keys = sorted(parts)
    for statement, numbers in (
        (_SELECT_OPEN, [(*key, number) for key in keys for number in sorted(parts[key].moved)]),
        (_DELETE_OPEN, [(*key, number) for key in keys for number in sorted(parts[key].settled)]),
    ):
        if numbers:
            for sandbox_id, partition, number, *row in transaction.execute(statement, _columns(numbers, 3)):
                found[sandbox_id, partition][number] = open_dossier(row)
    return found


def write_counts(transaction: Transaction, changes: Mapping[PartitionKey, Changes]) -> None:
    """Add changes to the counts; leaves positions alone, and what was settled is gone already (`take_standings`)."""
    parts = sorted(changes.items())
    _execute(transaction, _CHANGE_OPEN, [row for key, part in parts for row in _changed_rows(key, part.changed)])
    _execute(
        transaction,
        _INSERT_OPEN,
        [(*key, number, *open_row(dossier)) for key, part in parts for number, dossier in sorted(part.opened.items())],
    )
    _add_tallies(
        transaction, [(*key, *item, *tally) for key, part in parts for item, tally in sorted(part.tallies.items())]
    )
    _execute(transaction, _INSERT_LATE, [(*key, *row) for key, part in parts for row in part.late_rows])
    _execute(
        transaction,
        _INSERT_CONTESTED,
        [(*key, number, *end) for key, part in parts for number, end in sorted(part.contested.items())],
    )
    _execute(
        transaction, _INSERT_SUBJECTS, [(*key, *subject) for key, part in parts for subject in sorted(part.subjects)]
    )


def _add_tallies(transaction: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add sums to the tallies: only of those measures that any row has."""
    if not rows:
        return
    columns = list(zip(*rows, strict=True))
    keys, sums = columns[: len(_TALLY_KEY)], dict(zip(MEASURE_NAMES, columns[len(_TALLY_KEY) :], strict=True))
    # Late days may cancel each other out to nothing at all; the rows are made nevertheless, as a recount makes them.
    counted = {name: column for name, column in sums.items() if any(column)} or {"late_change": sums["late_change"]}
    transaction.execute(_upsert_tallies(tuple(counted)), list(map(array, [*keys, *counted.values()])))


def move_positions(transaction: Transaction, positions: Mapping[PartitionKey, int]) -> None:
    """Say how far is counted."""
    _execute(transaction, _MOVE_POSITIONS, [(*key, position) for key, position in positions.items()])


#: Where in an `OpenDossier` begins what can change.
_CHANGEABLE: Final = OpenDossier._fields.index("asked")


def _changed_rows(key: PartitionKey, changed: Mapping[int, OpenDossier]) -> Iterable[tuple[Any, ...]]:
    return ((*key, number, *open_row(dossier)[_CHANGEABLE:]) for number, dossier in sorted(changed.items()))


def _execute(transaction: Transaction, statement: str | sql.Composed, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement that takes its rows as one array a column; nothing to do without rows."""
    if rows:
        transaction.execute(statement, _columns(rows, len(rows[0])))


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[str | list[Any]]:
    return [array(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
