"""The reading side of the registers in PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from psycopg import sql
from psycopg.rows import class_row

from services.contracts.vocabulary import Status
from services.portal.adapters.registers.sql_registers import SELECT_DECLARATION, find_declarations
from services.portal.application.register_ports import (
    DeclarationFilter,
    EntryFilter,
    LinkedDossier,
    RegisterLink,
)
from services.portal.domain.registers.declarations import (
    LAST_DOSSIER_NUMBER,
    STATE_OF_CHECK,
    Declaration,
    DeclarationState,
    Direction,
    least_base,
    own_base,
)
from services.portal.domain.registers.registers import Register, RegisterEntry, RegisterEvent
from services.runtime.database import Database

T = TypeVar("T")

_ENTRIES: Final = """
    SELECT e.sandbox_id, e.register, e.number, e.key, e.holder_id, e.base, e.dossier_number, e.occurred_at, e.data,
        d.filed_at AS dossier_filed_at
    FROM register_entry AS e LEFT JOIN filed_dossier AS d ON d.sandbox_id = e.sandbox_id AND d.number = e.dossier_number
"""

_EVENTS: Final = """
    SELECT e.sandbox_id, e.position, e.register, e.key, e.kind, e.occurred_at, e.recorded_at, e.dossier_number,
        d.filed_at AS dossier_filed_at, e.detail
    FROM register_event AS e LEFT JOIN filed_dossier AS d ON d.sandbox_id = e.sandbox_id AND d.number = e.dossier_number
"""

# Index ix_register_link__key.
_LINKED: Final = """
    SELECT l.number, l.field, d.procedure_id, d.filed_at, d.status
    FROM register_link AS l CROSS JOIN LATERAL (
        SELECT procedure_id, filed_at, status FROM dossier
        WHERE sandbox_id = l.sandbox_id AND number = l.number OFFSET 0
    ) AS d
    WHERE l.sandbox_id = %s AND l.register = %s AND l.key = %s ORDER BY l.number DESC LIMIT %s
"""

# Both by index: of one declaration, and those audits of its declarant that name none.
_ABOUT: Final = f"""
    {_ENTRIES} WHERE e.sandbox_id = %(sandbox_id)s AND (
        e.base = %(base)s OR (e.register = 'audit' AND e.holder_id = %(declarant_id)s AND e.base IS NULL)
    ) ORDER BY e.occurred_at DESC, e.number DESC LIMIT %(limit)s
"""

# As `Declaration.state` says it; the array maps the status of the clearance dossier.
_STATE: Final = sql.SQL(
    "CASE WHEN d.cancelled_at IS NOT NULL THEN 'cancelled' WHEN d.not_cleared_at IS NOT NULL THEN 'not-cleared'"
    " WHEN d.cleared_at IS NOT NULL THEN 'cleared' WHEN c.status IS NULL THEN 'registered'"
    " ELSE (%s::text[])[c.status] END"
)

_LEAST_EXPORT: Final = least_base(Direction.EXPORT)

# Indexes ix_filed_dossier__applicant and ix_declaration__declarant: what was registered with a dossier of its own is
# found by that one's number. A dossier may have taken part in other ways: whose it is has to be looked at, too.
_OF_DECLARANT: Final = sql.SQL("""
    d.base = ANY(ARRAY(
        SELECT least_base + f.number FROM filed_dossier AS f CROSS JOIN unnest({least_bases}::bigint[]) AS least_base
        WHERE f.sandbox_id = %s AND f.applicant_id = %s
        UNION ALL SELECT base FROM declaration WHERE sandbox_id = %s AND declarant_id = %s AND origin <> 'registered'
    )) AND d.declarant_id = %s
""").format(least_bases=[least_base(direction) for direction in Direction])


class SqlRegisterReader:
    """`RegisterReader` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _all(self, kind: type[T], statement: str | sql.Composed, arguments: Any) -> list[T]:
        with self._database.transaction() as transaction, transaction.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(statement, arguments).fetchall()

    def declaration(self, sandbox_id: str, base: int) -> Declaration | None:
        """See `RegisterReader.declaration`."""
        statement = f"{SELECT_DECLARATION} WHERE d.sandbox_id = %s AND d.base = %s"
        found = self._all(Declaration, statement, (sandbox_id, base))
        return found[0] if found else None

    def declarations_by_base(self, sandbox_id: str, bases: Sequence[int]) -> Mapping[int, Declaration]:
        """See `RegisterReader.declarations_by_base`."""
        with self._database.transaction() as transaction:
            return find_declarations(transaction, sandbox_id, bases)

    def declarations(self, sandbox_id: str, wanted: DeclarationFilter, limit: int) -> list[Declaration]:
        """See `RegisterReader.declarations`."""
        conditions: list[sql.Composable] = [sql.SQL("d.sandbox_id = %s")]
        arguments: list[Any] = [sandbox_id]
        if wanted.declarant_id is not None:
            conditions.append(_OF_DECLARANT)
            arguments += [sandbox_id, wanted.declarant_id] * 2 + [wanted.declarant_id]
        for column, value in (
            ("kind", wanted.kind),
            ("office_code", wanted.office_code),
            ("channel", wanted.channel),
        ):
            if value is not None:
                conditions.append(sql.SQL("d.{} = %s").format(sql.Identifier(column)))
                arguments.append(value)
        if wanted.direction is not None:
            conditions.append(sql.SQL("d.base < %s" if wanted.direction is Direction.IMPORT else "d.base >= %s"))
            arguments.append(_LEAST_EXPORT)
        if wanted.before_base is not None:
            conditions.append(sql.SQL("d.base < %s"))
            arguments.append(wanted.before_base)
        if wanted.state is DeclarationState.CANCELLED:  # index ix_declaration__cancelled
            conditions.append(sql.SQL("d.cancelled_at IS NOT NULL"))
        elif wanted.state is not None:
            conditions.append(_STATE + sql.SQL(" = %s"))
            arguments += [[str(STATE_OF_CHECK[status]) for status in Status], str(wanted.state)]
        statement = sql.SQL("{} WHERE {} ORDER BY d.base DESC LIMIT %s").format(
            sql.SQL(SELECT_DECLARATION), sql.SQL(" AND ").join(conditions)
        )
        return self._all(Declaration, statement, (*arguments, limit))

    def declaration_of_check(self, sandbox_id: str, dossier_number: int) -> Declaration | None:
        """See `RegisterReader.declaration_of_check`."""
        if dossier_number > LAST_DOSSIER_NUMBER:
            return None
        bases = [own_base(direction, dossier_number) for direction in Direction]
        statement = f"{SELECT_DECLARATION} WHERE d.sandbox_id = %s AND d.base = ANY(%s) AND d.dossier_number = %s"
        found = self._all(Declaration, statement, (sandbox_id, bases, dossier_number))
        return found[0] if found else None

    def events_of(self, sandbox_id: str, register: Register, key: str, limit: int) -> list[RegisterEvent]:
        """See `RegisterReader.events_of`."""
        statement = (
            f"{_EVENTS} WHERE e.sandbox_id = %s AND e.register = %s AND e.key = %s ORDER BY e.position DESC LIMIT %s"
        )
        return self._all(RegisterEvent, statement, (sandbox_id, str(register), key, limit))

    def events_of_dossier(self, sandbox_id: str, number: int, limit: int) -> list[RegisterEvent]:
        """See `RegisterReader.events_of_dossier`."""
        statement = f"{_EVENTS} WHERE e.sandbox_id = %s AND e.dossier_number = %s ORDER BY e.position LIMIT %s"
        return self._all(RegisterEvent, statement, (sandbox_id, number, limit))

    def events(self, sandbox_id: str, after: int, limit: int) -> list[RegisterEvent]:
        """See `RegisterReader.events`."""
        statement = f"{_EVENTS} WHERE e.sandbox_id = %s AND e.position > %s ORDER BY e.position LIMIT %s"
        return self._all(RegisterEvent, statement, (sandbox_id, after, limit))

    def linked_dossiers(self, sandbox_id: str, register: Register, key: str, limit: int) -> list[LinkedDossier]:
        """See `RegisterReader.linked_dossiers`."""
        return [LinkedDossier(*row) for row in self._rows(_LINKED, (sandbox_id, str(register), key, limit))]

    def links_of(self, sandbox_id: str, number: int) -> list[RegisterLink]:
        """See `RegisterReader.links_of`."""
        statement = (
            "SELECT field, register, key FROM register_link WHERE sandbox_id = %s AND number = %s ORDER BY field"
        )
        return [RegisterLink(*row) for row in self._rows(statement, (sandbox_id, number))]

    def entry(self, sandbox_id: str, register: Register, key: str) -> RegisterEntry | None:
        """See `RegisterReader.entry`."""
        statement = f"{_ENTRIES} WHERE e.sandbox_id = %s AND e.register = %s AND e.key = %s"
        found = self._all(RegisterEntry, statement, (sandbox_id, str(register), key))
        return found[0] if found else None

    def entries(self, sandbox_id: str, register: Register, wanted: EntryFilter, limit: int) -> list[RegisterEntry]:
        """See `RegisterReader.entries`."""
        conditions = ["e.sandbox_id = %s", "e.register = %s"]
        arguments: list[Any] = [sandbox_id, str(register)]
        for condition, value in (
            ("e.holder_id = %s", wanted.holder_id),
            ("e.base = %s", wanted.base),
            ("e.number < %s", wanted.before_number),
        ):
            if value is not None:
                conditions.append(condition)
                arguments.append(value)
        statement = f"{_ENTRIES} WHERE {' AND '.join(conditions)} ORDER BY e.number DESC LIMIT %s"
        return self._all(RegisterEntry, statement, (*arguments, limit))

    def about_declaration(self, declaration: Declaration, limit: int) -> list[RegisterEntry]:
        """See `RegisterReader.about_declaration`."""
        arguments = {
            "sandbox_id": declaration.sandbox_id,
            "base": declaration.base,
            "declarant_id": declaration.declarant_id,
            "limit": limit,
        }
        return self._all(RegisterEntry, _ABOUT, arguments)

    def _rows(self, statement: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._database.transaction() as transaction:
            return transaction.execute(statement, arguments).fetchall()
