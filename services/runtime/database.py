"""PostgreSQL: the pool, and what psycopg leaves to us: COPY of rows or of text, and arrays that are written at once.

SQL is written as SQL, in the adapters, on sets of rows. No ORM: see docs/adr.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from select import POLLIN, poll
from typing import Any, Final

import orjson
from psycopg import Connection, sql
from psycopg.rows import TupleRow
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import ConnectionPool

Transaction = Connection[TupleRow]

#: SQL's null in COPY's text format.
NULL: Final = r"\N"

_COPY_SPECIAL: Final = re.compile(r"[\\\t\n\r]")
_COPY_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Database:
    """A pool of connections to one service's schema."""

    def __init__(self, url: str, *, schema: str, process: str, max_connections: int = 4) -> None:
        _use_fast_json()
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=max_connections,
            open=False,
            timeout=10,
            reconnect_timeout=60,
            check=_check,
            kwargs={
                "options": f"-c search_path={schema} -c timezone=UTC -c application_name={process.replace(' ', '-')}",
                "connect_timeout": 5,
            },
        )

    def open(self) -> None:
        """Start connecting; does not wait."""
        self._pool.open()

    def close(self) -> None:
        """Give every connection back."""
        self._pool.close()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One transaction: committed at the end of the block, rolled back when it raises."""
        with self._pool.connection() as connection:
            yield connection

    def is_ready(self) -> bool:
        """Whether a query is answered right now; never raises."""
        try:
            with self._pool.connection(timeout=1) as connection:
                connection.execute("SELECT 1")
        except Exception:  # noqa: BLE001 - readiness is a question, its answer is yes or no
            return False
        return True


def _check(connection: Transaction) -> None:
    """Whether a connection that lay in the pool is still good; one round trip only when there are signs that it isn't.

    Raises:
        psycopg.OperationalError: it isn't, and the pool takes another one.
    """
    # An idle connection has nothing to say: what can be read is its end, or the error that announced it.
    watched = poll()
    watched.register(connection.pgconn.socket, POLLIN)
    if watched.poll(0):
        ConnectionPool.check_connection(connection)


@cache
def _use_fast_json() -> None:
    """For every connection of the process, once: per transaction it would make a class each time."""
    set_json_dumps(orjson.dumps)
    set_json_loads(orjson.loads)


def copy_rows(transaction: Transaction, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows by COPY: many times faster than INSERT, same transaction."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with transaction.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def copy_text(transaction: Transaction, table: str, columns: Sequence[str], text: str | bytes) -> None:
    """Insert rows by COPY, in COPY's own text format: for who has whole columns, and has escaped what needs it."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with transaction.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(text)


def copy_escaped(text: str) -> str:
    """A text as it stands in COPY's text format."""
    return text.translate(_COPY_ESCAPES) if _COPY_SPECIAL.search(text) else text


def array(values: Sequence[Any]) -> str | list[Any]:
    """One array parameter, several times faster than psycopg writes it element by element.

    A JSON list differs from PostgreSQL's text form of an array in its brackets and in how it escapes; a list in which
    anything is escaped is left to psycopg. The statement has to say the type: `%s::bigint[]`.
    """
    text = orjson.dumps(values)
    return list(values) if b"\\" in text else f"{{{text[1:-1].decode()}}}"
