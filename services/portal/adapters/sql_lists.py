"""Lists of dossiers in PostgreSQL, newest first, and how many there are in each status.

The view `dossier` says how each one is now. What no fact has told of yet has just been submitted: those are found by
the filings that await facts, whatever else there is.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, LiteralString

from psycopg import sql

from services.contracts.catalogue import TimeUnit
from services.contracts.timeliness import Timeliness, overdue_before
from services.contracts.vocabulary import SETTLED_STATUSES, Status
from services.portal.application.ports import DossierFilter
from services.portal.domain.sandbox import Dossier

DOSSIER_COLUMNS: Final = ", ".join(field.name for field in fields(Dossier))

# As `contracts.timeliness` has it: limits in days are compared by the day in Vietnam (UTC+7, all year round), limits in
# working hours by the minute. A due date that isn't known hasn't run out.
_UNITS: Final = "CASE WHEN limit_unit = 'working-hours' THEN 'minute' ELSE 'day' END"
_RESOLVED: Final = f"date_trunc({_UNITS}, resolved_at AT TIME ZONE interval '7 hours')"
_DUE: Final = f"date_trunc({_UNITS}, due_at AT TIME ZONE interval '7 hours')"
_WITH_RESULT: Final = f"told_status IN ({int(Status.PROCESSED)}, {int(Status.RETURNED)}) AND resolved_at IS NOT NULL"
_TIMELINESS: Final[Mapping[Timeliness, LiteralString]] = {
    Timeliness.WITHOUT_LIMIT: f"{_WITH_RESULT} AND limit_unit IS NULL",
    Timeliness.EARLY: f"{_WITH_RESULT} AND limit_unit IS NOT NULL AND {_RESOLVED} < {_DUE}",
    Timeliness.ON_TIME: f"{_WITH_RESULT} AND limit_unit IS NOT NULL AND coalesce({_RESOLVED} = {_DUE}, true)",
    Timeliness.OVERDUE: f"{_WITH_RESULT} AND limit_unit IS NOT NULL AND {_RESOLVED} > {_DUE}",
}

_LIST: Final = sql.SQL("""
    SELECT {columns} FROM dossier
    WHERE sandbox_id = %(sandbox_id)s AND {conditions} ORDER BY number DESC LIMIT %(limit)s
""")

# Filings from the newest on, and of each the dossiers that are awaited, until there are enough. Index
# ix_filing__awaited.
_LIST_AWAITED: Final = sql.SQL("""
    SELECT awaited.* FROM filing AS f CROSS JOIN LATERAL (
        SELECT {columns} FROM dossier
        WHERE sandbox_id = f.sandbox_id AND number BETWEEN f.first_number AND f.last_number
            AND told_status IS NULL AND {conditions}
        ORDER BY number DESC LIMIT %(limit)s
    ) AS awaited
    WHERE f.sandbox_id = %(sandbox_id)s AND f.awaited > 0 AND f.first_filed_at <= %(now)s
        AND f.first_number < coalesce(%(before_number)s, f.first_number + 1)
    ORDER BY f.first_number DESC, awaited.number DESC LIMIT %(limit)s
""")

_LIST_BOTH: Final = sql.SQL("""
    SELECT {columns} FROM (({told}) UNION ALL ({awaited})) AS either ORDER BY number DESC LIMIT %(limit)s
""")

#: How many dossiers are in each status, but for those filed ahead of `now`.
COUNT: Final = f"""
    SELECT status, sum(dossiers)::bigint FROM (
        SELECT status, dossiers FROM status_count WHERE sandbox_id = %(sandbox_id)s
        UNION ALL
        SELECT {int(Status.SUBMITTED)}, count(*)
        FROM filing AS f JOIN dossier AS d ON d.sandbox_id = f.sandbox_id
            AND d.number BETWEEN f.first_number AND f.last_number
        WHERE f.sandbox_id = %(sandbox_id)s AND f.awaited > 0 AND f.first_filed_at <= %(now)s
            AND d.told_status IS NULL AND d.filed_at <= %(now)s
    ) AS counted
    GROUP BY status HAVING sum(dossiers) > 0
"""  # noqa: S608 - constants


def list_statement(
    sandbox_id: str, wanted: DossierFilter, now: datetime, limit: int
) -> tuple[sql.Composed, dict[str, Any]]:
    """The statement that lists dossiers, and its arguments."""
    columns = sql.SQL(DOSSIER_COLUMNS)
    conditions, arguments = _conditions(wanted, now)
    arguments |= {"sandbox_id": sandbox_id, "limit": limit, "before_number": wanted.before_number}
    if wanted.status is None:
        return _LIST.format(columns=columns, conditions=conditions), arguments
    told = _LIST.format(columns=columns, conditions=sql.SQL("told_status = %(status)s AND ") + conditions)
    if wanted.status != Status.SUBMITTED:
        return told, arguments
    awaited = _LIST_AWAITED.format(columns=columns, conditions=conditions)
    return _LIST_BOTH.format(columns=columns, told=told, awaited=awaited), arguments


def _conditions(wanted: DossierFilter, now: datetime) -> tuple[sql.Composable, dict[str, Any]]:
    """What is asked of a dossier beside its status."""
    conditions: list[sql.Composable] = []
    arguments: dict[str, Any] = {"now": now, "status": wanted.status}
    for condition, name, value in (
        ("procedure_id = %(procedure_id)s", "procedure_id", wanted.procedure_id),
        ("office_code = %(office_code)s", "office_code", wanted.office_code),
        ("applicant_id = %(applicant_id)s", "applicant_id", wanted.applicant_id),
        ("number < %(before_number)s", "before_number", wanted.before_number),
    ):
        if value is not None:
            conditions.append(sql.SQL(condition))
            arguments[name] = value
    if wanted.status is not None:  # what is filed ahead of the clock has no status yet
        conditions.append(sql.SQL("filed_at <= %(now)s"))
    if wanted.procedure_ids is not None:
        conditions.append(sql.SQL("procedure_id = ANY(%(procedure_ids)s)"))
        arguments["procedure_ids"] = sorted(wanted.procedure_ids)
    if wanted.timeliness is not None:
        conditions.append(sql.SQL(_TIMELINESS[wanted.timeliness]))
    if wanted.is_overdue is not None:
        overdue = sql.SQL(
            "coalesce(due_at < CASE WHEN limit_unit = %(hours)s THEN %(in_hours)s ELSE %(in_days)s END"
            " AND resolved_at IS NULL AND status <> ALL(%(settled)s), false)"
        )
        conditions.append(overdue if wanted.is_overdue else sql.SQL("NOT ") + overdue)
        in_hours, in_days = (overdue_before(now, unit) for unit in (TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS))
        arguments |= {"hours": TimeUnit.WORKING_HOURS.value, "in_hours": in_hours, "in_days": in_days}
        arguments["settled"] = sorted(map(int, SETTLED_STATUSES))
    return sql.SQL(" AND ").join(conditions or [sql.SQL("true")]), arguments
