"""SQL of a selection: which rows of a table are meant, and what they are grouped by. Runs nothing."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import sql

from services.contracts.catalogue import TimeUnit
from services.contracts.timeliness import overdue_before
from services.metrics.application.ports import Dimension, Selection

#: What a dimension is in every table that has a dossier's cell; `day` is of the tallies alone.
_EXPRESSION: Final = {
    Dimension.PROCEDURE: sql.SQL("procedure_id"),
    Dimension.OFFICE: sql.SQL("office_code"),
    Dimension.DEPARTMENT: sql.SQL("left(office_code, 2)"),
    Dimension.LEVEL: sql.SQL("level"),
    Dimension.CHANNEL: sql.SQL("channel"),
    Dimension.DAY: sql.SQL("day"),
}

#: The instant before which something was due if it is overdue at the selection's `now`. What has passed is decided in
#: the domain: `overdue_before` gives one instant for limits in days, one for hours.
PASSED: Final = sql.SQL("CASE WHEN limit_unit = {} THEN %(hours_passed)s ELSE %(days_passed)s END").format(
    sql.Literal(str(TimeUnit.WORKING_HOURS))
)


def names(columns: Sequence[str]) -> sql.Composed:
    """A list of columns."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def grouped(
    table: str,
    group_by: Sequence[Dimension],
    columns: sql.Composable,
    wanted: Sequence[sql.Composable],
    more_keys: Sequence[sql.Composable] = (),
) -> sql.Composed:
    """A query of sums by group: its columns are the group's values, the further keys, and the sums.

    HAVING keeps the single row of a query without groups away when there is nothing to count.
    """
    keys = [*(_EXPRESSION[dimension] for dimension in group_by), *more_keys]
    places = sql.SQL(", ").join(sql.SQL(str(place)) for place in range(1, len(keys) + 1))
    return sql.SQL("SELECT {columns} FROM {table} WHERE {conditions}{group} HAVING count(*) > 0").format(
        columns=sql.SQL(", ").join([*keys, columns]),
        table=sql.Identifier(table),
        conditions=sql.SQL(" AND ").join(wanted),
        group=sql.SQL(" GROUP BY {}").format(places) if keys else sql.SQL(""),
    )


def conditions(selection: Selection) -> list[sql.Composable]:
    """What holds of the rows wanted, whatever the day."""
    wanted: list[sql.Composable] = [sql.SQL("sandbox_id = %(sandbox_id)s")]
    for name, condition in (
        ("procedure_ids", "procedure_id = ANY(%(procedure_ids)s)"),
        ("office_codes", "office_code = ANY(%(office_codes)s)"),
        ("department_code", "starts_with(office_code, %(department_code)s)"),
        ("level", "level = %(level)s"),
        ("channel", "channel = %(channel)s"),
    ):
        if getattr(selection, name) is not None:
            wanted.append(sql.SQL(condition))
    return wanted


def period_conditions(selection: Selection) -> list[sql.Composable]:
    """What holds of the days wanted."""
    wanted: list[sql.Composable] = []
    if selection.first_on is not None:
        wanted.append(sql.SQL("day >= %(first_on)s"))
    if selection.last_on is not None:
        wanted.append(sql.SQL("day <= %(last_on)s"))
    return wanted


def parameters(selection: Selection) -> dict[str, Any]:
    """What the conditions refer to."""
    values = {name: getattr(selection, name) for name in type(selection).__dataclass_fields__}
    return {
        **{name: list(value) if isinstance(value, tuple) else value for name, value in values.items()},
        "days_passed": overdue_before(selection.now, TimeUnit.WORKING_DAYS),
        "hours_passed": overdue_before(selection.now, TimeUnit.WORKING_HOURS),
    }
