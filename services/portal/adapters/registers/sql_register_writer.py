"""The writing side of the registers in the door's transactions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from psycopg.rows import class_row

from services.portal.adapters.registers.sql_registers import (
    SELECT_DECLARATION,
    add_declarations,
    find_declarations,
    find_entries,
    write_changes,
)
from services.portal.adapters.sql_door import SqlDoorUnit
from services.portal.application.ports import DoorUnit
from services.portal.domain.registers.declarations import Declaration
from services.portal.domain.registers.registers import RegisterChanges, RegisterEntry
from services.runtime.database import Transaction

_SAVE: Final = """
    UPDATE declaration SET branch = %s, cleared_at = %s, not_cleared_at = %s, cancelled_at = %s
    WHERE sandbox_id = %s AND base = %s
"""


class SqlRegisterWriter:
    """`RegisterWriter` on PostgreSQL."""

    def declarations(self, unit: DoorUnit, sandbox_id: str, bases: Iterable[int]) -> Mapping[int, Declaration]:
        """See `RegisterWriter.declarations`."""
        return find_declarations(_transaction(unit), sandbox_id, bases)

    def lock_declaration(self, unit: DoorUnit, sandbox_id: str, base: int) -> Declaration | None:
        """See `RegisterWriter.lock_declaration`."""
        with _transaction(unit).cursor(row_factory=class_row(Declaration)) as cursor:
            return cursor.execute(
                f"{SELECT_DECLARATION} WHERE d.sandbox_id = %s AND d.base = %s FOR UPDATE OF d", (sandbox_id, base)
            ).fetchone()

    def add_declarations(self, unit: DoorUnit, declarations: Sequence[Declaration]) -> None:
        """See `RegisterWriter.add_declarations`."""
        add_declarations(_transaction(unit), declarations)

    def save_declaration(self, unit: DoorUnit, declaration: Declaration) -> None:
        """See `RegisterWriter.save_declaration`."""
        _transaction(unit).execute(
            _SAVE,
            (
                declaration.branch,
                declaration.cleared_at,
                declaration.not_cleared_at,
                declaration.cancelled_at,
                declaration.sandbox_id,
                declaration.base,
            ),
        )

    def entries(
        self, unit: DoorUnit, sandbox_id: str, wanted: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], RegisterEntry]:
        """See `RegisterWriter.entries`."""
        return find_entries(_transaction(unit), sandbox_id, wanted, lock=True)

    def write(self, unit: DoorUnit, changes: RegisterChanges) -> None:
        """See `RegisterWriter.write`."""
        write_changes(_transaction(unit), changes)


def _transaction(unit: DoorUnit) -> Transaction:
    return cast("SqlDoorUnit", unit).transaction
