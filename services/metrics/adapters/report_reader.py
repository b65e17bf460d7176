"""Reading what reports are made of: four questions, each answered by one pass over its table, all of one moment.

The tallies are the large table of the four: a quarter of three million dossiers leaves a few hundred thousand rows. The
others have a row for each dossier that is open, contested, or was withdrawn or stopped after it had been late.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from psycopg import sql

from services.contracts.catalogue import TimeUnit
from services.contracts.counting_rules import CountingRules, EarlyEnd, PeriodBy
from services.contracts.timeliness import overdue_before
from services.contracts.vocabulary import Channel
from services.metrics.adapters.reader import read_positions
from services.metrics.adapters.rows import FIRST_DAY
from services.metrics.adapters.selecting import PASSED, conditions, grouped, parameters
from services.metrics.application.ports import Dimension, GroupKey, ReportFigures, Selection
from services.metrics.domain.counting import LATE_CHANGES
from services.metrics.domain.report import ContestedSum, GroupFigures, OpenSum, Sums, Window
from services.metrics.domain.standing import BY_DUE, NEW_DATE, view_of
from services.runtime.database import Database, Transaction

_IS_ONLINE: Final = sql.SQL("channel = {}").format(sql.Literal(str(Channel.ONLINE)))

# A dossier's late days before it stood as it does: whether the period's last day is among them.
_WAS_LATE: Final = sql.SQL("""
    EXISTS (
        SELECT FROM jsonb_array_elements(late) AS span
        WHERE (span ->> 0)::integer <= %(last_on)s - {first} AND (span ->> 1)::integer > %(last_on)s - {first}
          AND (span ->> 2)::integer & %(view_bit)s <> 0
    )
""").format(first=sql.Literal(FIRST_DAY))


class SqlReportReader:
    """A `ReportReader` over the tables of metrics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def report_figures(
        self, selection: Selection, group_by: Sequence[Dimension], rules: CountingRules, as_of: datetime
    ) -> ReportFigures:
        """Everything that a report is made of."""
        with self._one_moment() as transaction:
            return _Reading(transaction, selection, group_by, rules, as_of).all()

    @contextmanager
    def _one_moment(self) -> Iterator[Transaction]:
        with self._database.transaction() as transaction:
            transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield transaction


class _Reading:
    """The questions of one report."""

    def __init__(
        self,
        transaction: Transaction,
        selection: Selection,
        group_by: Sequence[Dimension],
        rules: CountingRules,
        as_of: datetime,
    ) -> None:
        self._transaction = transaction
        self._selection = selection
        self._group_by = tuple(group_by)
        self._rules = rules
        self._view = view_of(rules)
        self._parameters = {
            **parameters(selection),
            "view_bit": 1 << self._view,
            "days_passed": overdue_before(as_of, TimeUnit.WORKING_DAYS),
            "hours_passed": overdue_before(as_of, TimeUnit.WORKING_HOURS),
        }
        self._groups: dict[GroupKey, GroupFigures] = {}

    def all(self) -> ReportFigures:
        self._read_sums()
        self._read_contested()
        self._read_late_rows()
        self._read_open()
        return ReportFigures(self._groups, read_positions(self._transaction, self._selection.sandbox_id))

    def _read_sums(self) -> None:
        keys = [_window("day"), _IS_ONLINE]
        for group, (window, is_online, *sums) in self._ask("tally", keys, _sums(self._view)):
            self._of(group).sums[Window(window), is_online] = Sums(*sums)

    def _read_contested(self) -> None:
        came_in = "filed_on" if self._rules.period_by is PeriodBy.FILING else "received_on"
        keys = [
            _IS_ONLINE,
            _window(came_in),
            _window("ended_on"),
            *(sql.SQL(name) for name in ("is_limited", "kind", "marks")),
        ]
        for group, (is_online, came, ended, *rest) in self._ask("contested_end", keys, sql.SQL("count(*)")):
            self._of(group).contested.append(ContestedSum(is_online, Window(came), Window(ended), *rest))

    def _read_late_rows(self) -> None:
        if self._rules.ended_early is EarlyEnd.LEFT_OUT:
            return  # the rows are of dossiers that ended early, and of no others
        wanted: list[sql.Composable] = [
            sql.SQL("first_on <= %(last_on)s AND until_on > %(last_on)s"),
            sql.SQL("views & %(view_bit)s <> 0"),
        ]
        for group, (late,) in self._ask("late_span", [], sql.SQL("count(*)"), wanted):
            self._of(group).late_rows = late

    def _read_open(self) -> None:
        is_late = sql.SQL("(is_limited AND since_on <= %(last_on)s AND {due} < {passed}) OR {was_late}").format(
            due=_due(self._view), passed=PASSED, was_late=_WAS_LATE
        )
        columns = sql.SQL(
            "count(*) FILTER (WHERE is_limited), count(*) FILTER (WHERE NOT is_limited), count(*) FILTER (WHERE {})"
        ).format(is_late)
        # Before receipt nothing is known to have no limit, and nothing is late; by receipt it isn't in yet.
        wanted = [] if self._rules.period_by is PeriodBy.FILING else [sql.SQL("received_on IS NOT NULL")]
        for group, numbers in self._ask("open_dossier", [], columns, wanted):
            self._of(group).open = OpenSum(*numbers)

    def _ask(
        self,
        table: str,
        keys: Sequence[sql.Composable],
        columns: sql.Composable,
        wanted: Sequence[sql.Composable] = (),
    ) -> Iterator[tuple[GroupKey, tuple[Any, ...]]]:
        """Rows of a table by group and further keys: the group, and then keys and columns."""
        query = grouped(table, self._group_by, columns, [*conditions(self._selection), *wanted], keys)
        width = len(self._group_by)
        for row in self._transaction.execute(query, self._parameters):
            yield row[:width], row[width:]

    def _of(self, group: GroupKey) -> GroupFigures:
        return self._groups.setdefault(group, GroupFigures())


def _sums(view: int) -> sql.Composed:
    """The sums, late days being those that a view sees."""
    measures = [LATE_CHANGES[view].name.lower() if name == "late_change" else name for name in Sums._fields]
    return sql.SQL(", ").join(sql.SQL("sum({})").format(sql.Identifier(name)) for name in measures)


def _window(column: str) -> sql.Composed:
    """Where a day lies against the period, as a `Window`."""
    return sql.SQL("(CASE WHEN {0} < %(first_on)s THEN 0 WHEN {0} <= %(last_on)s THEN 1 ELSE 2 END)").format(
        sql.Identifier(column)
    )


def _due(view: int) -> sql.Composable:
    """`OpenDossier.due_in` in SQL; null where a dossier can't be late."""
    due = sql.SQL("coalesce(due_at, last_due_at)" if view & BY_DUE else "due_at")
    if not view & NEW_DATE:
        return due
    # greatest() passes over nulls: where nothing is due, no new date makes it so.
    return sql.SQL("(CASE WHEN {0} IS NOT NULL THEN greatest({0}, new_date_at) END)").format(due)
