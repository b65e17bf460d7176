"""The reading side of the portal in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from services.portal.adapters.sql_door import SANDBOX_COLUMNS, sandbox_from_row
from services.portal.adapters.sql_filings import load_forms
from services.portal.adapters.sql_lists import COUNT, DOSSIER_COLUMNS, list_statement
from services.portal.adapters.timelines import BLOCKS_OF_DOSSIER, timeline_of
from services.portal.application.ports import ActionOutcome, DossierFilter
from services.portal.domain.sandbox import Dossier, Key, KeyPurpose, Sandbox, TimelineEntry
from services.runtime.database import Database


class SqlReader:
    """`Reader` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _all(self, statement: str, arguments: Any) -> list[tuple[Any, ...]]:
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

    def staffing(self, sandbox_id: str) -> Mapping[str, Any] | None:
        """See `Reader.staffing`."""
        rows = self._all("SELECT staffing FROM sandbox WHERE sandbox_id = %s", (sandbox_id,))
        return rows[0][0] if rows else None

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
                f"SELECT {DOSSIER_COLUMNS} FROM dossier WHERE sandbox_id = %s AND number = %s",  # noqa: S608
                (sandbox_id, number),
            ).fetchone()

    def form(self, sandbox_id: str, number: int) -> Mapping[str, Any]:
        """See `Reader.form`."""
        key = (sandbox_id, number)
        with self._database.transaction() as transaction:
            return load_forms(transaction, [key]).get(key, {})

    def dossiers(self, sandbox_id: str, wanted: DossierFilter, now: datetime, limit: int) -> list[Dossier]:
        """See `Reader.dossiers`."""
        with self._database.transaction() as transaction, transaction.cursor(row_factory=class_row(Dossier)) as cursor:
            return cursor.execute(*list_statement(sandbox_id, wanted, now, limit)).fetchall()

    def timeline(self, sandbox_id: str, number: int) -> list[TimelineEntry]:
        """See `Reader.timeline`."""
        with self._database.transaction() as transaction:
            blocks = transaction.execute(BLOCKS_OF_DOSSIER, (sandbox_id, number), binary=True).fetchall()
        return timeline_of(number, blocks)

    def numbered(self, sandbox_id: str, numbers: Sequence[int]) -> Mapping[int, Dossier]:
        """See `Reader.numbered`."""
        with self._database.transaction() as transaction, transaction.cursor(row_factory=class_row(Dossier)) as cursor:
            found = cursor.execute(
                f"SELECT {DOSSIER_COLUMNS} FROM dossier WHERE sandbox_id = %s AND number = ANY(%s)",  # noqa: S608
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
        return dict(self._all(COUNT, {"sandbox_id": sandbox_id, "now": now}))

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
