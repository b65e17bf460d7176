"""The reading side of the portal in PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, LiteralString

from psycopg import sql
from psycopg.rows import class_row

from services.contracts.catalogue import TimeUnit
from services.contracts.timeliness import Timeliness, overdue_before
from services.contracts.vocabulary import SETTLED_STATUSES, Status
from services.portal.adapters.sql_door import SANDBOX_COLUMNS, sandbox_from_row
from services.portal.application.ports import ActionOutcome, DossierFilter
from services.portal.domain.sandbox import Dossier, Key, KeyPurpose, Sandbox, TimelineEntry
from services.runtime.database import Database

_DOSSIER_COLUMNS: Final = ", ".join(field.name for field in fields(Dossier))
# As `contracts.timeliness` has it: limits in days are compared by the day in Vietnam (UTC+7, all year round), limits in
# working hours by the minute. A due date that isn't known hasn't run out.
_UNITS: Final = "CASE WHEN limit_unit = 'working-hours' THEN 'minute' ELSE 'day' END"
_RESOLVED: Final = f"date_trunc({_UNITS}, resolved_at AT TIME ZONE interval '7 hours')"
_DUE: Final = f"date_trunc({_UNITS}, due_at AT TIME ZONE interval '7 hours')"
_WITH_RESULT: Final = f"status IN ({int(Status.PROCESSED)}, {int(Status.RETURNED)}) AND resolved_at IS NOT NULL"
_TIMELINESS: Final[Mapping[Timeliness, LiteralString]] = {
    Timeliness.WITHOUT_LIMIT: f"{_WITH_RESULT} AND limit_unit IS NULL",
    Timeliness.EARLY: f"{_WITH_RESULT} AND limit_unit IS NOT NULL AND {_RESOLVED} < {_DUE}",
    Timeliness.ON_TIME: f"{_WITH_RESULT} AND limit_unit IS NOT NULL AND coalesce({_RESOLVED} = {_DUE}, true)",
    Timeliness.OVERDUE: f"{_WITH_RESULT} AND limit_unit IS NOT NULL AND {_RESOLVED} > {_DUE}",
}

_TIMELINE_COLUMNS: Final = ", ".join(field.name for field in fields(TimelineEntry))


class SqlReader:
    """`Reader` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _all(self, statement: str, arguments: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._database.transaction() as transaction:
            return transaction.execute(statement, arguments).fetchall()

    def key(self, key_hash: bytes, now: datetime) -> Key | None:
        """See `Reader.key`."""
        rows = self._all(
            "SELECT sandbox_id, purpose, expires_at FROM api_key"
            " WHERE key_hash = %s AND (expires_at IS NULL OR expires_at > %s)",
            (key_hash, now),
        )
        if not rows:
            return None
        sandbox_id, purpose, expires_at = rows[0]
        return Key(sandbox_id=sandbox_id, purpose=KeyPurpose(purpose), expires_at=expires_at)

    def sandbox(self, sandbox_id: str) -> Sandbox | None:
        """See `Reader.sandbox`."""
        rows = self._all(f"SELECT {SANDBOX_COLUMNS} FROM sandbox WHERE sandbox_id = %s", (sandbox_id,))  # noqa: S608
        return sandbox_from_row(rows[0]) if rows else None

    def sandboxes(self, limit: int, after: str | None) -> list[Sandbox]:
        """See `Reader.sandboxes`."""
        rows = self._all(
            f"SELECT {SANDBOX_COLUMNS} FROM sandbox WHERE sandbox_id > %s ORDER BY sandbox_id LIMIT %s",  # noqa: S608
            (after or "", limit),
        )
        return [sandbox_from_row(row) for row in rows]

    def dossier(self, sandbox_id: str, number: int) -> Dossier | None:
        """See `Reader.dossier`."""
        with self._database.transaction() as transaction, transaction.cursor(row_factory=class_row(Dossier)) as cursor:
            return cursor.execute(
                f"SELECT {_DOSSIER_COLUMNS} FROM dossier WHERE sandbox_id = %s AND number = %s",  # noqa: S608
                (sandbox_id, number),
            ).fetchone()

    def form(self, sandbox_id: str, number: int) -> Mapping[str, Any]:
        """See `Reader.form`."""
        rows = self._all("SELECT form FROM form WHERE sandbox_id = %s AND number = %s", (sandbox_id, number))
        return rows[0][0] if rows else {}

    def dossiers(self, sandbox_id: str, wanted: DossierFilter, now: datetime, limit: int) -> list[Dossier]:
        """See `Reader.dossiers`."""
        conditions: list[sql.Composable] = [sql.SQL("sandbox_id = %s")]
        arguments: list[Any] = [sandbox_id]
        for column, value in (
            ("status", wanted.status),
            ("procedure_id", wanted.procedure_id),
            ("office_code", wanted.office_code),
            ("applicant_id", wanted.applicant_id),
        ):
            if value is not None:
                conditions.append(sql.SQL("{} = %s").format(sql.Identifier(column)))
                arguments.append(value)
        if wanted.procedure_ids is not None:
            conditions.append(sql.SQL("procedure_id = ANY(%s)"))
            arguments.append(sorted(wanted.procedure_ids))
        if wanted.timeliness is not None:
            conditions.append(sql.SQL(_TIMELINESS[wanted.timeliness]))
        if wanted.status is not None:
            conditions.append(sql.SQL("filed_at <= %s"))
            arguments.append(now)
        if wanted.before_number is not None:
            conditions.append(sql.SQL("number < %s"))
            arguments.append(wanted.before_number)
        if wanted.is_overdue is not None:
            overdue: sql.Composable = sql.SQL(
                "coalesce(due_at < CASE WHEN limit_unit = %s THEN %s ELSE %s END"
                " AND resolved_at IS NULL AND status <> ALL(%s), false)"
            )
            conditions.append(overdue if wanted.is_overdue else sql.SQL("NOT ") + overdue)
            in_hours, in_days = (overdue_before(now, unit) for unit in (TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS))
            arguments += [TimeUnit.WORKING_HOURS.value, in_hours, in_days, sorted(map(int, SETTLED_STATUSES))]
        statement = sql.SQL("SELECT {} FROM dossier WHERE {} ORDER BY number DESC LIMIT %s").format(
            sql.SQL(_DOSSIER_COLUMNS), sql.SQL(" AND ").join(conditions)
        )
        with self._database.transaction() as transaction, transaction.cursor(row_factory=class_row(Dossier)) as cursor:
            return cursor.execute(statement, (*arguments, limit)).fetchall()

    def timeline(self, sandbox_id: str, number: int) -> list[TimelineEntry]:
        """See `Reader.timeline`."""
        statement = f"SELECT {_TIMELINE_COLUMNS} FROM timeline WHERE sandbox_id = %s AND number = %s ORDER BY position"  # noqa: S608
        with (
            self._database.transaction() as transaction,
            transaction.cursor(row_factory=class_row(TimelineEntry)) as cursor,
        ):
            return cursor.execute(statement, (sandbox_id, number)).fetchall()

    def numbered(self, sandbox_id: str, numbers: Sequence[int]) -> Mapping[int, Dossier]:
        """See `Reader.numbered`."""
        with self._database.transaction() as transaction, transaction.cursor(row_factory=class_row(Dossier)) as cursor:
            found = cursor.execute(
                f"SELECT {_DOSSIER_COLUMNS} FROM dossier WHERE sandbox_id = %s AND number = ANY(%s)",  # noqa: S608
                (sandbox_id, list(numbers)),
            )
            return {dossier.number: dossier for dossier in found}

    def requested_actions(self, sandbox_id: str, command_ids: Sequence[str]) -> Mapping[str, ActionOutcome]:
        """See `Reader.requested_actions`."""
        rows = self._all(
            "SELECT command_id, number, action, requested_at, outcome, position FROM requested_action"
            " WHERE sandbox_id = %s AND command_id = ANY(%s)",
            (sandbox_id, list(command_ids)),
        )
        return {row[0]: ActionOutcome(*row) for row in rows}

    def requested_action(self, sandbox_id: str, command_id: str) -> ActionOutcome | None:
        """See `Reader.requested_action`."""
        return self.requested_actions(sandbox_id, [command_id]).get(command_id)

    def counts_by_status(self, sandbox_id: str, now: datetime) -> Mapping[int, int]:
        """See `Reader.counts_by_status`."""
        statement = "SELECT status, count(*) FROM dossier WHERE sandbox_id = %s AND filed_at <= %s GROUP BY status"
        return dict(self._pairs(statement, sandbox_id, now))

    def log_ends(self, sandbox_id: str) -> Mapping[int, int]:
        """See `Reader.log_ends`."""
        return dict(self._pairs("SELECT partition, last_sequence FROM command_log WHERE sandbox_id = %s", sandbox_id))

    def acknowledged(self, sandbox_id: str) -> Mapping[int, int]:
        """See `Reader.acknowledged`."""
        return dict(self._pairs("SELECT partition, acked_sequence FROM projection WHERE sandbox_id = %s", sandbox_id))

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        """See `Reader.positions`."""
        return dict(self._pairs("SELECT partition, position FROM projection WHERE sandbox_id = %s", sandbox_id))

    def _pairs(self, statement: str, *arguments: Any) -> list[tuple[int, int]]:
        return [(key, value) for key, value in self._all(statement, arguments)]
