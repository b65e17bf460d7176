"""Lists of dossiers in PostgreSQL, newest first, and how many there are in each status.

The view `dossier` says how each one is now. What no fact has told of yet has just been submitted: those are found by
the filings that await facts, whatever else there is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, LiteralString, NamedTuple, Self

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
_RESULT: Final = f"status IN ({int(Status.PROCESSED)}, {int(Status.RETURNED)}) AND resolved_at IS NOT NULL"
_TIMELINESS: Final[Mapping[Timeliness, LiteralString]] = {
    Timeliness.WITHOUT_LIMIT: f"{_RESULT} AND limit_unit IS NULL",
    Timeliness.EARLY: f"{_RESULT} AND limit_unit IS NOT NULL AND {_RESOLVED} < {_DUE}",
    Timeliness.ON_TIME: f"{_RESULT} AND limit_unit IS NOT NULL AND coalesce({_RESOLVED} = {_DUE}, true)",
    Timeliness.OVERDUE: f"{_RESULT} AND limit_unit IS NOT NULL AND {_RESOLVED} > {_DUE}",
}
_OVERDUE: Final = (
    "coalesce(due_at < CASE WHEN limit_unit = 'working-hours' THEN %(in_hours)s ELSE %(in_days)s END"
    " AND resolved_at IS NULL AND status <> ALL(%(settled)s), false)"
)

_WITH_RESULT: Final = frozenset({int(Status.PROCESSED), int(Status.RETURNED)})
_SETTLED: Final = frozenset(map(int, SETTLED_STATUSES))

_LIST: Final = sql.SQL("""
    SELECT {columns} FROM dossier
    WHERE sandbox_id = %(sandbox_id)s AND {conditions} ORDER BY number DESC LIMIT %(limit)s
""")

# From those that stand so, newest first, to what was filed. OFFSET 0: never the other way round, whatever the planner
# believes about a sandbox that it hasn't counted yet.
_LIST_TOLD: Final = sql.SQL("""
    SELECT d.* FROM ({told} ORDER BY number DESC OFFSET 0) AS p CROSS JOIN LATERAL (
        SELECT {columns} FROM dossier
        WHERE sandbox_id = %(sandbox_id)s AND number = p.number AND {conditions} OFFSET 0
    ) AS d
    ORDER BY p.number DESC LIMIT %(limit)s
""")

# Index ix_progress__status; for what is most of all, the primary key.
_TOLD: Final = sql.SQL("""
    SELECT number FROM progress
    WHERE sandbox_id = %(sandbox_id)s AND number < %(before_number)s AND status = {status} AND {conditions}
""")

# Filings from the newest on, and of each the dossiers that are awaited, until there are enough. Index
# ix_filing__awaited.
_LIST_AWAITED: Final = sql.SQL("""
    SELECT d.* FROM filing AS f CROSS JOIN LATERAL (
        SELECT {columns} FROM dossier
        WHERE sandbox_id = f.sandbox_id AND number BETWEEN f.first_number AND f.last_number
            AND version = 0 AND {conditions}
        ORDER BY number DESC LIMIT %(limit)s
    ) AS d
    WHERE f.sandbox_id = %(sandbox_id)s AND f.awaited > 0 AND f.first_filed_at <= %(now)s
        AND f.first_number < %(before_number)s
    ORDER BY f.first_number DESC, d.number DESC LIMIT %(limit)s
""")

_LIST_BOTH: Final = sql.SQL("""
    SELECT * FROM (({told}) UNION ALL ({awaited})) AS either ORDER BY number DESC LIMIT %(limit)s
""")

#: How many dossiers are in each status, but for those filed ahead of `now`.
COUNT: Final = f"""
    SELECT status, sum(dossiers)::bigint FROM (
        SELECT status, dossiers FROM status_count WHERE sandbox_id = %(sandbox_id)s
        UNION ALL
        SELECT {int(Status.SUBMITTED)}, d.awaited FROM filing AS f CROSS JOIN LATERAL (
            SELECT count(*) AS awaited FROM dossier
            WHERE sandbox_id = f.sandbox_id AND number BETWEEN f.first_number AND f.last_number
                AND version = 0 AND filed_at <= %(now)s
        ) AS d
        WHERE f.sandbox_id = %(sandbox_id)s AND f.awaited > 0 AND f.first_filed_at <= %(now)s
    ) AS counted
    GROUP BY status HAVING sum(dossiers) > 0
"""  # noqa: S608 - constants

#: Above every number.
_NO_CURSOR: Final = 2**63 - 1


def list_statement(
    sandbox_id: str, wanted: DossierFilter, now: datetime, limit: int
) -> tuple[sql.Composed, dict[str, Any]]:
    """The statement that lists dossiers, and its arguments."""
    conditions = _Conditions.of(wanted, now)
    arguments = {**conditions.arguments, "sandbox_id": sandbox_id, "limit": limit}
    columns, everything = sql.SQL(DOSSIER_COLUMNS), conditions.everything
    statuses = _statuses(wanted)
    if statuses is None or wanted.applicant_id is not None:  # index ix_filed_dossier__applicant
        return _LIST.format(columns=columns, conditions=everything), arguments
    told = _LIST_TOLD.format(
        columns=columns,
        conditions=conditions.on_filing,
        told=sql.SQL(" UNION ALL ").join(
            _TOLD.format(status=sql.Literal(status), conditions=conditions.on_progress) for status in statuses or [0]
        ),
    )
    if wanted.status != Status.SUBMITTED:
        return told, arguments
    awaited = _LIST_AWAITED.format(columns=columns, conditions=everything)
    return _LIST_BOTH.format(told=told, awaited=awaited), arguments


def _statuses(wanted: DossierFilter) -> list[int] | None:
    """The only ones that can be listed; `None`: all, or all but few."""
    statuses = set(map(int, Status))
    if wanted.status is not None:
        statuses &= {wanted.status}
    if wanted.timeliness is not None:
        statuses &= _WITH_RESULT
    if wanted.is_overdue:
        statuses -= _SETTLED
    return sorted(statuses) if len(statuses) < len(Status) else None


class _Conditions(NamedTuple):
    """What is asked of a dossier."""

    on_filing: sql.Composable
    on_progress: sql.Composable
    arguments: dict[str, Any]

    @property
    def everything(self) -> sql.Composable:
        return sql.SQL("number < %(before_number)s AND ") + self.on_filing + sql.SQL(" AND ") + self.on_progress

    @classmethod
    def of(cls, wanted: DossierFilter, now: datetime) -> Self:
        on_filing = [
            sql.SQL(condition)
            for condition, value in (
                ("procedure_id = %(procedure_id)s", wanted.procedure_id),
                ("office_code = %(office_code)s", wanted.office_code),
                ("applicant_id = %(applicant_id)s", wanted.applicant_id),
                ("procedure_id = ANY(%(procedure_ids)s)", wanted.procedure_ids),
                ("filed_at <= %(now)s", wanted.status),  # what is filed ahead of the clock has no status yet
            )
            if value is not None
        ]
        on_progress: list[LiteralString] = []
        if wanted.status is not None:
            on_progress.append("status = %(status)s")
        if wanted.timeliness is not None:
            on_progress.append(_TIMELINESS[wanted.timeliness])
        if wanted.is_overdue is not None:
            on_progress.append(_OVERDUE if wanted.is_overdue else f"NOT {_OVERDUE}")
        in_hours, in_days = (overdue_before(now, unit) for unit in (TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS))
        arguments = {
            "now": now,
            "before_number": _NO_CURSOR if wanted.before_number is None else wanted.before_number,
            "status": wanted.status,
            "procedure_id": wanted.procedure_id,
            "procedure_ids": None if wanted.procedure_ids is None else sorted(wanted.procedure_ids),
            "office_code": wanted.office_code,
            "applicant_id": wanted.applicant_id,
            "in_hours": in_hours,
            "in_days": in_days,
            "settled": sorted(_SETTLED),
        }
        return cls(_all_of(on_filing), _all_of(map(sql.SQL, on_progress)), arguments)


def _all_of(conditions: Iterable[sql.Composable]) -> sql.Composable:
    return sql.SQL(" AND ").join([*conditions, sql.SQL("true")])
