"""Reading counts: sums for an answer, everything for a recount. One repeatable-read transaction a call."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from psycopg import sql

from services.metrics.adapters.rows import open_dossier
from services.metrics.adapters.selecting import PASSED, conditions, grouped, names, parameters, period_conditions
from services.metrics.application.ports import Dimension, Figures, GroupKey, OpenCount, Selection, Snapshot
from services.metrics.domain.counting import MEASURE_NAMES, ContestedEnd, LateRow, Tally, TallyKey
from services.metrics.domain.counts import Counts
from services.metrics.domain.sifting import Subject
from services.metrics.domain.standing import OpenDossier
from services.runtime.database import Database, Transaction

_OPEN_COUNTS: Final = sql.SQL("""
    count(*) FILTER (WHERE is_limited AND (due_at >= {passed} OR limit_unit IS NULL)),
    count(*) FILTER (WHERE is_limited AND due_at < {passed}),
    count(*) FILTER (WHERE is_limited AND due_at IS NULL AND limit_unit IS NOT NULL),
    count(*) FILTER (WHERE NOT is_limited)
""").format(passed=PASSED)

_SUBJECTS: Final = """
    SELECT applicant_kind, count(*)
    FROM (
        SELECT DISTINCT applicant_kind, applicant_id
        FROM subject
        WHERE sandbox_id = %(sandbox_id)s
          AND (%(procedure_ids)s::text[] IS NULL OR procedure_id = ANY(%(procedure_ids)s))
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
                positions=read_positions(transaction, selection.sandbox_id),
            )

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        """Up to which ledger position each partition is counted."""
        with self._database.transaction() as transaction:
            return read_positions(transaction, sandbox_id)

    def snapshot(self, sandbox_id: str, *, leave_out: Collection[int] = ()) -> Snapshot:
        """Everything about a sandbox but of some partitions."""
        counts: dict[int, Counts] = {}
        left_out = list(leave_out)
        wanted = (sandbox_id, left_out)
        with self._one_moment() as transaction:
            for partition, *row in transaction.execute(_ALL_TALLIES, wanted):
                width = len(TallyKey._fields)
                _of(counts, partition).tallies[TallyKey(*row[:width])] = row[width:]
            for partition, number, *row in transaction.execute(_ALL_OPEN, wanted):
                _of(counts, partition).open[number] = open_dossier(row)
            for partition, *row in transaction.execute(_ALL_LATE, wanted):
                _of(counts, partition).late.add(LateRow(*row))
            for partition, number, *row in transaction.execute(_ALL_CONTESTED, wanted):
                _of(counts, partition).contested[number] = ContestedEnd(*row)
            for partition, *row in transaction.execute(_ALL_SUBJECTS, wanted):
                _of(counts, partition).subjects.add(Subject(*row))
            positions = read_positions(transaction, sandbox_id)
        return Snapshot({name: at for name, at in positions.items() if name not in left_out}, counts)

    @contextmanager
    def _one_moment(self) -> Iterator[Transaction]:
        with self._database.transaction() as transaction:
            transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield transaction


def _all(table: str, columns: Sequence[str]) -> sql.Composed:
    """Every row of a sandbox, but of some partitions."""
    return sql.SQL("SELECT partition, {} FROM {} WHERE sandbox_id = %s AND partition <> ALL(%s::smallint[])").format(
        names(columns), sql.Identifier(table)
    )


_ALL_TALLIES: Final = _all("tally", [*TallyKey._fields, *MEASURE_NAMES])
_ALL_OPEN: Final = _all("open_dossier", ["number", *OpenDossier._fields])
_ALL_LATE: Final = _all("late_span", LateRow._fields)
_ALL_CONTESTED: Final = _all("contested_end", ["number", *ContestedEnd._fields])
_ALL_SUBJECTS: Final = _all("subject", Subject._fields)


def _of(counts: dict[int, Counts], partition: int) -> Counts:
    return counts.setdefault(partition, Counts())


def _tallies(transaction: Transaction, selection: Selection, group_by: Sequence[Dimension]) -> dict[GroupKey, Tally]:
    sums = sql.SQL(", ").join(sql.SQL("sum({})").format(sql.Identifier(name)) for name in MEASURE_NAMES)
    query = grouped("tally", group_by, sums, [*conditions(selection), *period_conditions(selection)])
    width = len(group_by)
    return {row[:width]: list(row[width:]) for row in transaction.execute(query, parameters(selection))}


def _open(transaction: Transaction, selection: Selection, group_by: Sequence[Dimension]) -> dict[GroupKey, OpenCount]:
    is_received = sql.SQL("received_on IS NOT NULL")
    query = grouped("open_dossier", group_by, _OPEN_COUNTS, [*conditions(selection), is_received])
    width = len(group_by)
    return {row[:width]: OpenCount(*row[width:]) for row in transaction.execute(query, parameters(selection))}


def _subjects(transaction: Transaction, selection: Selection) -> dict[str, int]:
    return dict(transaction.execute(_SUBJECTS, parameters(selection)).fetchall())


def read_positions(transaction: Transaction, sandbox_id: str) -> dict[int, int]:
    """Up to which ledger position each partition is counted."""
    query = "SELECT partition, position FROM position WHERE sandbox_id = %s ORDER BY partition"
    return dict(transaction.execute(query, (sandbox_id,)).fetchall())
