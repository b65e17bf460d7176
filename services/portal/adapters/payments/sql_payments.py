"""Payments in PostgreSQL: documents that follow the facts, the bank's messages, the Treasury's statement.

Every write takes a set of rows: ten thousand requests for payment cost as many statements as one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from psycopg import OperationalError, sql
from psycopg.types.json import Json
from psycopg_pool import PoolTimeout

from services.portal.adapters.sql_door import SqlDoorUnit
from services.portal.application.payments import (
    BankMessage,
    DocumentFilter,
    PaymentUnit,
    Standing,
    StandingTotal,
    StatementEntry,
)
from services.portal.domain.payments.bank_messages import CANCELLED, DebitLine, KnownDebit, bounds_of_day
from services.portal.domain.payments.payments import (
    PaymentDocument,
    PaymentKind,
    PaymentState,
)
from services.runtime.database import Database, Transaction
from services.runtime.errors import UnavailableError

#: What of a document stands with its dossier.
_OF_DOSSIER: Final = ("filed_at", "partition", "applicant_id", "applicant_name", "procedure_id", "office_code")
COLUMNS: Final = tuple(field.name for field in fields(PaymentDocument))
OWN_COLUMNS: Final = tuple(name for name in COLUMNS if name not in _OF_DOSSIER)

# OFFSET 0: the dossier by its number, whatever the planner believes about a sandbox that it hasn't counted yet.
_SELECT: Final = (
    f"SELECT {', '.join(f'd.{name}' if name in _OF_DOSSIER else f'p.{name}' for name in COLUMNS)} FROM "  # noqa: S608
    "{documents} AS p CROSS JOIN LATERAL ("
    f"SELECT {', '.join(_OF_DOSSIER)} FROM filed_dossier"
    " WHERE sandbox_id = p.sandbox_id AND number = p.number OFFSET 0) AS d"
)
SELECT_DOCUMENTS: Final = _SELECT.format(documents="payment")

# Each of them has its dossier, so the limit can be kept before they are completed.
_LIST: Final = sql.SQL(_SELECT + " ORDER BY p.payment_id")
_LISTED: Final = sql.SQL("(SELECT * FROM payment WHERE {conditions} ORDER BY payment_id LIMIT %(limit)s)")
# Index ix_filed_dossier__applicant, then constraint uq_payment__ordinal.
_OF_APPLICANT: Final = sql.SQL("""
    sandbox_id = %(sandbox_id)s AND payment_id = ANY(ARRAY(
        SELECT p.payment_id FROM filed_dossier AS d CROSS JOIN LATERAL (
            SELECT payment_id FROM payment WHERE sandbox_id = d.sandbox_id AND number = d.number OFFSET 0
        ) AS p
        WHERE d.sandbox_id = %(sandbox_id)s AND d.applicant_id = %(applicant_id)s
    ))
""")

#: What changes of a document after its issue, with the type of its array.
_CHANGING: Final = {
    "state": "text",
    "paid_at": "timestamptz",
    "recorded_at": "timestamptz",
    "recorded_by": "text",
    "bank_code": "text",
    "debit_reference": "text",
    "command_id": "text",
    "is_confirmed": "boolean",
    "booked_on": "date",
    "closed_at": "timestamptz",
}
_UPDATE: Final = (
    f"UPDATE payment AS p SET {', '.join(f'{name} = u.{name}' for name in _CHANGING)}"  # noqa: S608 - our own names
    f" FROM unnest(%s::text[], %s::text[], {', '.join(f'%s::{kind}[]' for kind in _CHANGING.values())})"
    f" AS u(sandbox_id, payment_id, {', '.join(_CHANGING)})"
    " WHERE p.sandbox_id = u.sandbox_id AND p.payment_id = u.payment_id"
)

_DEBIT_COLUMNS: Final = (
    "debit_reference, payment_id, amount_vnd, tax_code, account, paid_at, is_after_cut_off, result, record_at,"
    " booked_on, message_id"
)
_SAVE_DEBITS: Final = f"""
    INSERT INTO bank_debit (sandbox_id, bank_code, {_DEBIT_COLUMNS})
    SELECT %s, %s, * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[],
        %s::boolean[], %s::text[], %s::timestamptz[], %s::date[], %s::text[])
    ON CONFLICT (sandbox_id, bank_code, debit_reference) DO UPDATE SET
        payment_id = excluded.payment_id, amount_vnd = excluded.amount_vnd, tax_code = excluded.tax_code,
        account = excluded.account, paid_at = excluded.paid_at, is_after_cut_off = excluded.is_after_cut_off,
        result = excluded.result, record_at = excluded.record_at, booked_on = excluded.booked_on,
        message_id = excluded.message_id
"""  # noqa: S608 - our own names

# What the Treasury books on a day, what it will book later of what was debited until then (no holidays last a month:
# that bounds what is looked at), and what customs has recorded on it without a bank's message: an officer by hand, or
# the bank of a sandbox whose robot pays. Indexes ix_bank_debit__booked_on and ix_payment__recorded_at (a
# BRIN: documents are paid about in the order in which they were asked for).
_ENTRIES: Final = """
    WITH entry AS (
        SELECT 'd/' || d.bank_code || '/' || d.debit_reference AS key,
            CASE WHEN d.booked_on > %(day)s THEN 'in-transit' WHEN p.payment_id IS NOT NULL THEN 'matched'
                ELSE 'debit-without-record' END AS standing,
            d.payment_id, d.bank_code, d.debit_reference, d.amount_vnd, d.paid_at, d.booked_on, p.recorded_at, d.result
        FROM bank_debit AS d LEFT JOIN payment AS p
            ON p.sandbox_id = d.sandbox_id AND p.payment_id = d.payment_id AND p.bank_code = d.bank_code
            AND p.debit_reference = d.debit_reference AND p.state = 'paid'
        WHERE d.sandbox_id = %(sandbox_id)s AND d.result <> %(cancelled)s
            AND d.booked_on BETWEEN %(day)s AND %(day)s + 31 AND (d.booked_on = %(day)s OR d.paid_at < %(ends_at)s)
        UNION ALL
        SELECT 'p/' || payment_id, CASE recorded_by WHEN 'bank' THEN 'matched' ELSE 'record-without-debit' END,
            payment_id, NULL, NULL, amount_vnd, paid_at, booked_on, recorded_at, NULL
        FROM payment
        WHERE sandbox_id = %(sandbox_id)s AND state = 'paid' AND debit_reference IS NULL
            AND recorded_at >= %(starts_at)s AND recorded_at < %(ends_at)s
    )
"""


class SqlPayments:
    """`Payments` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def unit(self) -> Iterator[PaymentUnit]:
        """See `Payments.unit`."""
        try:
            with self._database.transaction() as transaction:
                yield SqlPaymentUnit(transaction)
        except (OperationalError, PoolTimeout) as error:
            raise UnavailableError(str(error)) from error

    def _all(self, statement: Any, arguments: Any) -> list[tuple[Any, ...]]:
        with self._database.transaction() as transaction:
            return transaction.execute(statement, arguments).fetchall()

    def document(self, sandbox_id: str, payment_id: str) -> PaymentDocument | None:
        """See `Payments.document`."""
        if "\x00" in payment_id:  # no text of PostgreSQL has one
            return None
        found = self._all(SELECT_DOCUMENTS + " WHERE p.sandbox_id = %s AND p.payment_id = %s", (sandbox_id, payment_id))
        return document_of(found[0]) if found else None

    def documents(self, sandbox_id: str, wanted: DocumentFilter, limit: int) -> list[PaymentDocument]:
        """See `Payments.documents`."""
        arguments = {
            "sandbox_id": sandbox_id,
            "state": wanted.state.value if wanted.state else None,
            "number": wanted.number,
            "applicant_id": wanted.applicant_id,
            "after": wanted.after,
            "limit": limit,
        }
        conditions = [sql.SQL("sandbox_id = %(sandbox_id)s")]
        for condition, name in (
            (sql.SQL("state = %(state)s"), "state"),
            (sql.SQL("number = %(number)s"), "number"),
            (_OF_APPLICANT, "applicant_id"),
            (sql.SQL("payment_id > %(after)s"), "after"),
        ):
            if arguments[name] is not None:
                conditions.append(condition)
        statement = _LIST.format(documents=_LISTED.format(conditions=sql.SQL(" AND ").join(conditions)))
        return [document_of(row) for row in self._all(statement, arguments)]

    def latest_documents(self, sandbox_id: str, numbers: Iterable[int]) -> dict[int, PaymentDocument]:
        """See `Payments.latest_documents`."""
        statement = SELECT_DOCUMENTS + " WHERE p.sandbox_id = %s AND p.number = ANY(%s) ORDER BY p.number, p.ordinal"
        found = (document_of(row) for row in self._all(statement, (sandbox_id, list(numbers))))
        return {document.number: document for document in found}

    def answer_to(self, sandbox_id: str, bank_code: str, message_id: str) -> Mapping[str, Any] | None:
        """See `Payments.answer_to`."""
        if "\x00" in bank_code + message_id:
            return None
        with self._database.transaction() as transaction:
            known = SqlPaymentUnit(transaction).answer_to(sandbox_id, bank_code, message_id)
        return known[1] if known else None

    def statement(
        self, sandbox_id: str, day: date, standing: Standing | None, after: str | None, limit: int
    ) -> list[StatementEntry]:
        """See `Payments.statement`."""
        statement = (
            _ENTRIES  # noqa: S608 - our own text
            + " SELECT * FROM entry WHERE (%(standing)s::text IS NULL OR standing = %(standing)s)"
            + ' AND (%(after)s::text IS NULL OR key COLLATE "C" > %(after)s) ORDER BY key COLLATE "C" LIMIT %(limit)s'
        )
        arguments = {
            **_of_day(sandbox_id, day),
            "standing": standing.value if standing else None,
            "after": after,
            "limit": limit,
        }
        return [StatementEntry(*row) for row in self._all(statement, arguments)]

    def statement_totals(self, sandbox_id: str, day: date) -> dict[Standing, StandingTotal]:
        """See `Payments.statement_totals`."""
        summed = " SELECT standing, count(*), sum(amount_vnd)::bigint FROM entry GROUP BY standing"
        statement = _ENTRIES + summed
        rows = self._all(statement, _of_day(sandbox_id, day))
        return {Standing(standing): StandingTotal(entry_count, vnd) for standing, entry_count, vnd in rows}


def _of_day(sandbox_id: str, day: date) -> dict[str, Any]:
    starts_at, ends_at = bounds_of_day(day)
    return {"sandbox_id": sandbox_id, "day": day, "starts_at": starts_at, "ends_at": ends_at, "cancelled": CANCELLED}


class SqlPaymentUnit(SqlDoorUnit):
    """`PaymentUnit` on one PostgreSQL transaction."""

    def answer_to(self, sandbox_id: str, bank_code: str, message_id: str) -> tuple[bytes, Mapping[str, Any]] | None:
        """See `PaymentUnit.answer_to`."""
        row = self.transaction.execute(
            "SELECT content_hash, answer FROM bank_message"
            " WHERE sandbox_id = %s AND bank_code = %s AND message_id = %s",
            (sandbox_id, bank_code, message_id),
        ).fetchone()
        return (bytes(row[0]), row[1]) if row else None

    def keep_message(
        self, sandbox_id: str, message: BankMessage, received_at: datetime, answer: Mapping[str, Any]
    ) -> None:
        """See `PaymentUnit.keep_message`."""
        self.transaction.execute(
            "INSERT INTO bank_message (sandbox_id, bank_code, message_id, content_hash, received_at, answer)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (sandbox_id, message.bank_code, message.message_id, message.content_hash, received_at, Json(dict(answer))),
        )

    def lock_documents(self, sandbox_id: str, payment_ids: Iterable[str]) -> dict[str, PaymentDocument]:
        """See `PaymentUnit.lock_documents`."""
        statement = (
            SELECT_DOCUMENTS
            + " WHERE p.sandbox_id = %s AND p.payment_id = ANY(%s) ORDER BY p.payment_id FOR UPDATE OF p"
        )
        rows = self.transaction.execute(statement, (sandbox_id, sorted(payment_ids))).fetchall()
        return {document.payment_id: document for document in map(document_of, rows)}

    def save_documents(self, documents: Iterable[PaymentDocument]) -> None:
        """See `PaymentUnit.save_documents`."""
        save_documents(self.transaction, list(documents))

    def debits(self, sandbox_id: str, bank_code: str, references: Iterable[str]) -> dict[str, KnownDebit]:
        """See `PaymentUnit.debits`."""
        rows = self.transaction.execute(
            f"SELECT {_DEBIT_COLUMNS} FROM bank_debit"  # noqa: S608 - our own names
            " WHERE sandbox_id = %s AND bank_code = %s AND debit_reference = ANY(%s)",
            (sandbox_id, bank_code, list(references)),
        ).fetchall()
        return {row[0]: _debit(row) for row in rows}

    def save_debits(self, sandbox_id: str, bank_code: str, debits: Iterable[KnownDebit]) -> None:
        """See `PaymentUnit.save_debits`."""
        rows = [_debit_row(debit) for debit in debits]
        if rows:
            self.transaction.execute(_SAVE_DEBITS, (sandbox_id, bank_code, *map(list, zip(*rows, strict=True))))


def save_documents(transaction: Transaction, documents: Sequence[PaymentDocument]) -> None:
    """Write what has changed of documents that are there."""
    if documents:
        rows = [(one.sandbox_id, one.payment_id, *values_of(one, _CHANGING)) for one in documents]
        transaction.execute(_UPDATE, _columns(rows, 2 + len(_CHANGING)))


def values_of(document: PaymentDocument, names: Iterable[str]) -> list[Any]:
    """Members in this order, as the driver takes them."""
    values = (getattr(document, name) for name in names)
    return [value.value if isinstance(value, StrEnum) else value for value in values]


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows turned into one list a column; empty lists when there are none."""
    return [[row[index] for row in rows] for index in range(width)]


def document_of(row: Sequence[Any]) -> PaymentDocument:
    """A row of `SELECT_DOCUMENTS`."""
    values = dict(zip(COLUMNS, row, strict=True))
    return PaymentDocument(**{**values, "kind": PaymentKind(values["kind"]), "state": PaymentState(values["state"])})


def _debit(row: Sequence[Any]) -> KnownDebit:
    """A row of `_DEBIT_COLUMNS`."""
    (
        reference,
        payment_id,
        amount_vnd,
        tax_code,
        account,
        paid_at,
        is_after_cut_off,
        result,
        record_at,
        booked_on,
        message_id,
    ) = row
    line = DebitLine(
        debit_reference=reference,
        payment_id=payment_id,
        amount_vnd=amount_vnd,
        tax_code=tax_code,
        account=account,
        paid_at=paid_at,
        is_after_cut_off=is_after_cut_off,
    )
    return KnownDebit(line, result, record_at, booked_on, message_id)


def _debit_row(debit: KnownDebit) -> tuple[Any, ...]:
    line = debit.line
    return (
        line.debit_reference,
        line.payment_id,
        line.amount_vnd,
        line.tax_code,
        line.account,
        line.paid_at,
        line.is_after_cut_off,
        str(debit.result),
        debit.record_at,
        debit.booked_on,
        debit.message_id,
    )
