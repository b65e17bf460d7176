"""Decisions on sandboxes' calendars in PostgreSQL, and the deadlines that they moved."""

from collections.abc import Mapping
from typing import Any, Final

from services.contracts.commands import CalendarOverride
from services.portal.domain.calendar_overrides import DecidedOverride, MovedDeadline
from services.runtime.database import Database

_COLUMNS: Final = "sandbox_id, o.number, day, is_working, name, decision_number, decided_at, recorded_at, sequences"

# What a decision moved: what names its number and, as several may have one, the command that brought it to the
# dossier's partition.
_MOVED: Final = """
    FROM calendar_override AS o JOIN moved_deadline AS m USING (sandbox_id, decision_number) CROSS JOIN LATERAL (
        SELECT filed_at, limit_unit FROM dossier
        WHERE sandbox_id = m.sandbox_id AND number = m.number
            AND (o.sequences ->> partition::text)::bigint = m.sequence OFFSET 0
    ) AS d
    WHERE o.sandbox_id = %(sandbox_id)s
"""

_COUNTS: Final = f"""
    SELECT o.number, count(*) {_MOVED} AND (%(decision)s::integer IS NULL OR o.number = %(decision)s)
    GROUP BY o.number
"""


class SqlOverrideReader:
    """`OverrideReader` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def overrides(self, sandbox_id: str) -> list[DecidedOverride]:
        """See `OverrideReader.overrides`."""
        statement = f"SELECT {_COLUMNS} FROM calendar_override AS o WHERE sandbox_id = %s ORDER BY o.number"  # noqa: S608
        return [_decided(row) for row in self._all(statement, (sandbox_id,))]

    def overrides_carried_out(self, sandbox_id: str, partition: int) -> list[DecidedOverride]:
        """See `OverrideReader.overrides_carried_out`."""
        statement = (
            f"SELECT {_COLUMNS} FROM calendar_override AS o JOIN projection AS p USING (sandbox_id)"  # noqa: S608
            " WHERE sandbox_id = %s AND p.partition = %s"
            " AND (sequences ->> p.partition::text)::bigint <= p.acked_sequence ORDER BY o.number"
        )
        return [_decided(row) for row in self._all(statement, (sandbox_id, partition))]

    def moved_deadlines(
        self, sandbox_id: str, decision: DecidedOverride, after: tuple[int, int], limit: int
    ) -> list[MovedDeadline]:
        """See `OverrideReader.moved_deadlines`."""
        statement = (
            "SELECT m.number, m.position, d.filed_at, d.limit_unit, m.due_before, m.due_at"
            f" {_MOVED} AND o.number = %(decision)s AND (m.number, m.position) > (%(number)s, %(position)s)"
            " ORDER BY m.number, m.position LIMIT %(limit)s"
        )
        number, position = after
        arguments = {
            "sandbox_id": sandbox_id,
            "decision": decision.number,
            "number": number,
            "position": position,
            "limit": limit,
        }
        return [
            MovedDeadline(
                number=row[0],
                position=row[1],
                filed_at=row[2],
                limit_unit=row[3],
                before=row[4],
                after=row[5],
            )
            for row in self._all(statement, arguments)
        ]

    def moved_counts(self, sandbox_id: str, number: int | None = None) -> Mapping[int, int]:
        """See `OverrideReader.moved_counts`."""
        rows = self._all(_COUNTS, {"sandbox_id": sandbox_id, "decision": number})
        return {row[0]: row[1] for row in rows}

    def _all(self, statement: str, arguments: Any) -> list[tuple[Any, ...]]:
        with self._database.transaction() as transaction:
            return transaction.execute(statement, arguments).fetchall()


def _decided(row: tuple[Any, ...]) -> DecidedOverride:
    sandbox_id, number, day, is_working, name, decision_number, decided_at, recorded_at, sequences = row
    return DecidedOverride(
        sandbox_id=sandbox_id,
        number=number,
        override=CalendarOverride(day, is_working, name, decision_number),
        decided_at=decided_at,
        recorded_at=recorded_at,
        sequences={int(partition): sequence for partition, sequence in sequences.items()},
    )
