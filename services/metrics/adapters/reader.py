"""Reading counts: sums for an answer, everything for a recount. One repeatable-read transaction a call."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from psycopg import sql

from services.contracts.catalogue import TimeUnit
from services.contracts.timeliness import overdue_before
from services.metrics.application.ports import Dimension, Figures, GroupKey, OpenCount, Selection, Snapshot
from services.metrics.domain.counting import MEASURE_NAMES, OpenDossier, Subject, Tally, TallyKey
from services.metrics.domain.counts import Counts
from services.runtime.database import Database, Transaction

_COLUMN: Final = {
    Dimension.PROCEDURE: "procedure_id",
    Dimension.OFFICE: "office_code",
    Dimension.LEVEL: "level",
    Dimension.CHANNEL: "channel",
    Dimension.DAY: "day",
}

# What has passed is decided in the domain: `overdue_before` gives one instant for limits in days, one for hours.
_OPEN_COUNTS: Final = sql.SQL("""
    count(*) FILTER (WHERE limit_unit IS NOT NULL AND due_at >= {passed}),
    count(*) FILTER (WHERE limit_unit IS NOT NULL AND due_at < {passed}),
    count(*) FILTER (WHERE limit_unit IS NOT NULL AND due_at IS NULL),
    count(*) FILTER (WHERE limit_unit IS NULL)
""").format(
    passed=sql.SQL("CASE WHEN limit_unit = {} THEN %(hours_passed)s ELSE %(days_passed)s END").format(
        sql.Literal(str(TimeUnit.WORKING_HOURS))
    )
)

_SUBJECTS: Final = """
    SELECT applicant_kind, count(*)
    FROM (
        SELECT DISTINCT applicant_kind, applicant_id
        FROM subject
        WHERE sandbox_id = %(sandbox_id)s AND (%(procedure_id)s::text IS NULL OR procedure_id = %(procedure_id)s)
    ) AS somebody
    GROUP BY applicant_kind
"""


class SqlCountReader:
    """A `CountReader` over the tables of metrics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def figures(
        self,
        selection: Selection,
        group_by: Sequence[Dimension],
        *,
        open_by: Sequence[Dimension] | None,
        with_subjects: bool,
    ) -> Figures:
        """Sums of the selection."""
        with self._one_moment() as transaction:
            return Figures(
                tallies=_tallies(transaction, selection, group_by),
                open={} if open_by is None else _open(transaction, selection, open_by),
                subjects=_subjects(transaction, selection) if with_subjects else None,
                positions=_positions(transaction, selection.sandbox_id),
            )

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        """Up to which ledger position each partition is counted."""
        with self._database.transaction() as transaction:
            return _positions(transaction, sandbox_id)

    def snapshot(self, sandbox_id: str) -> Snapshot:
        """Everything about a sandbox."""
        counts: dict[int, Counts] = {}
        with self._one_moment() as transaction:
            for partition, *row in transaction.execute(_ALL_TALLIES, (sandbox_id,)):
                width = len(TallyKey._fields)
                _of(counts, partition).tallies[TallyKey(*row[:width])] = row[width:]
            for partition, number, *row in transaction.execute(_ALL_OPEN, (sandbox_id,)):
                _of(counts, partition).open[number] = OpenDossier(*row)
            for partition, *row in transaction.execute(_ALL_SUBJECTS, (sandbox_id,)):
                _of(counts, partition).subjects.add(Subject(*row))
            return Snapshot(_positions(transaction, sandbox_id), counts)

    @contextmanager
    def _one_moment(self) -> Iterator[Transaction]:
        with self._database.transaction() as transaction:
            transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield transaction


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


_ALL_TALLIES: Final = sql.SQL("SELECT partition, {} FROM tally WHERE sandbox_id = %s").format(
    _names([*TallyKey._fields, *MEASURE_NAMES])
)
_ALL_OPEN: Final = sql.SQL("SELECT partition, number, {} FROM open_dossier WHERE sandbox_id = %s").format(
    _names(OpenDossier._fields)
)
_ALL_SUBJECTS: Final = sql.SQL("SELECT partition, {} FROM subject WHERE sandbox_id = %s").format(
    _names(Subject._fields)
)


def _of(counts: dict[int, Counts], partition: int) -> Counts:
    return counts.setdefault(partition, Counts())


def _tallies(transaction: Transaction, selection: Selection, group_by: Sequence[Dimension]) -> dict[GroupKey, Tally]:
    # sum() of bigint is numeric; our sums fit a bigint.
    sums = sql.SQL(", ").join(sql.SQL("sum({})::bigint").format(sql.Identifier(name)) for name in MEASURE_NAMES)
    query = _grouped("tally", group_by, sums, _conditions(selection, with_day=True))
    width = len(group_by)
    return {row[:width]: list(row[width:]) for row in transaction.execute(query, _parameters(selection))}


def _open(transaction: Transaction, selection: Selection, group_by: Sequence[Dimension]) -> dict[GroupKey, OpenCount]:
    query = _grouped("open_dossier", group_by, _OPEN_COUNTS, _conditions(selection, with_day=False))
    width = len(group_by)
    return {row[:width]: OpenCount(*row[width:]) for row in transaction.execute(query, _parameters(selection))}


def _grouped(
    table: str, group_by: Sequence[Dimension], columns: sql.Composable, conditions: sql.Composable
) -> sql.Composed:
    """HAVING keeps the single row of a query without groups away when there is nothing to count."""
    keys = _names([_COLUMN[dimension] for dimension in group_by])
    return sql.SQL("SELECT {keys}{columns} FROM {table} WHERE {conditions}{group} HAVING count(*) > 0").format(
        keys=sql.SQL("{}, ").format(keys) if group_by else sql.SQL(""),
        columns=columns,
        table=sql.Identifier(table),
        conditions=conditions,
        group=sql.SQL(" GROUP BY {}").format(keys) if group_by else sql.SQL(""),
    )


def _conditions(selection: Selection, *, with_day: bool) -> sql.Composed:
    wanted: list[sql.Composable] = [sql.SQL("sandbox_id = %(sandbox_id)s")]
    wanted += [
        sql.SQL("{0} = %({1})s").format(sql.Identifier(name), sql.SQL(name))
        for name in ("procedure_id", "office_code", "level", "channel")
        if getattr(selection, name) is not None
    ]
    if with_day and selection.first_on is not None:
        wanted.append(sql.SQL("day >= %(first_on)s"))
    if with_day and selection.last_on is not None:
        wanted.append(sql.SQL("day <= %(last_on)s"))
    return sql.SQL(" AND ").join(wanted)


def _parameters(selection: Selection) -> dict[str, Any]:
    return {
        **{name: getattr(selection, name) for name in type(selection).__dataclass_fields__},
        "days_passed": overdue_before(selection.now, TimeUnit.WORKING_DAYS),
        "hours_passed": overdue_before(selection.now, TimeUnit.WORKING_HOURS),
    }


def _subjects(transaction: Transaction, selection: Selection) -> dict[str, int]:
    return dict(transaction.execute(_SUBJECTS, _parameters(selection)).fetchall())


def _positions(transaction: Transaction, sandbox_id: str) -> dict[int, int]:
    query = "SELECT partition, position FROM position WHERE sandbox_id = %s ORDER BY partition"
    return dict(transaction.execute(query, (sandbox_id,)).fetchall())
