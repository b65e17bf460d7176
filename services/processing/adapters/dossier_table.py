"""Where a partition's dossiers are kept: a row each while something may still happen to them, then many in a block.

A row is inserted, and removed when the dossier has changed: never updated, so there is one way of writing, the fast
one. Dossiers that have come to their end together are packed into blocks. Nobody asks for them but a person who acts on
one of them: then it gets a row again, and the row holds.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from services.casework.case import Case
from services.casework.engine import StepKey
from services.contracts.catalogue import Procedure
from services.contracts.commands import PartitionKey
from services.contracts.vocabulary import TERMINAL_STATUSES
from services.processing.adapters.dossier_rows import is_at_its_end, packed, unpacked
from services.processing.adapters.work_queues import WORK_COLUMNS, work_values
from services.runtime.compact import compact, expanded
from services.runtime.database import Transaction

#: Dossiers at their end that are written together are packed from so many on, so many in a block: a row of their own
#: costs more, and one dossier of a block is found by unpacking all.
LEAST_PACKED: Final = 50
MOST_PACKED: Final = 500

# Serves the timers: index ix_dossier__due (sandbox_id, partition, next_at, number).
_SELECT_DUE: Final = """
    SELECT state FROM dossier
    WHERE sandbox_id = %s AND partition = %s AND (next_at, number) > (%s, %s) AND (next_at, number) <= (%s, %s)
        AND next_at IS NOT NULL
    ORDER BY next_at, number LIMIT %s
"""

_SELECT_BY_NUMBER: Final = "SELECT state FROM dossier WHERE sandbox_id = %s AND number = ANY(%s) AND partition = %s"

# An override of the calendar, which is rare: the primary key gives the order, dossiers at their end are passed over.
_SELECT_OPEN: Final = """
    SELECT state FROM dossier
    WHERE sandbox_id = %s AND number > %s AND partition = %s AND status <> ALL(%s)
    ORDER BY number LIMIT %s
"""

_DELETE: Final = "DELETE FROM dossier WHERE sandbox_id = %s AND number = ANY(%s) AND partition = %s"

_COPY: Final = "COPY dossier (sandbox_id, partition, number, status, next_at, state) FROM STDIN"

_COPY_WITH_WORK: Final = (
    f"COPY dossier (sandbox_id, partition, number, status, next_at, {', '.join(WORK_COLUMNS)}, state) FROM STDIN"
)

_PACK: Final = """
    INSERT INTO settled (sandbox_id, partition, first_number, last_number, dossiers)
    SELECT %s, %s, * FROM unnest(%s::bigint[], %s::bigint[], %b::bytea[])
"""

# Index ix_settled__numbers. What was packed later holds.
_SELECT_PACKED: Final = """
    SELECT dossiers FROM settled
    WHERE sandbox_id = %s AND partition = %s AND packed_id IN (
        SELECT s.packed_id FROM unnest(%s::bigint[]) AS w(number) JOIN settled AS s
            ON s.sandbox_id = %s AND s.partition = %s AND s.last_number >= w.number AND s.first_number <= w.number)
    ORDER BY packed_id DESC
"""


class DossierTable:
    """The dossiers of one partition, in one transaction."""

    def __init__(self, transaction: Transaction, key: PartitionKey, procedures: Mapping[str, Procedure]) -> None:
        self._transaction = transaction
        self._key = key
        self._procedures = procedures

    def due(self, after: StepKey, bound: StepKey, limit: int) -> list[Case]:
        """See `PartitionUnit.due_cases`."""
        return self._cases(_SELECT_DUE, (*self._key, *after, *bound, limit))

    def open(self, after_number: int, limit: int) -> list[Case]:
        """See `PartitionUnit.open_cases`."""
        sandbox_id, partition = self._key
        terminal = [int(status) for status in TERMINAL_STATUSES]
        return self._cases(_SELECT_OPEN, (sandbox_id, after_number, partition, terminal, limit))

    def of_numbers(self, numbers: Sequence[int]) -> list[Case]:
        """See `PartitionUnit.cases`."""
        sandbox_id, partition = self._key
        found = self._cases(_SELECT_BY_NUMBER, (sandbox_id, numbers, partition))
        missing = set(numbers) - {case.number for case in found}
        return [*found, *self._settled(missing)] if missing else found

    def write(self, new: Sequence[Case], changed: Sequence[Case]) -> None:
        """See `PartitionUnit.write`."""
        sandbox_id, partition = self._key
        if changed:
            self._transaction.execute(_DELETE, (sandbox_id, [case.number for case in changed], partition))
        cases = [*new, *changed]
        settled = [case for case in cases if is_at_its_end(case)]
        if len(settled) >= LEAST_PACKED:
            self._pack(sorted(settled, key=_number))
            cases = [case for case in cases if not is_at_its_end(case)]
        if cases:
            self._copy(cases)

    def _cases(self, query: str, arguments: tuple[Any, ...]) -> list[Case]:
        rows = self._transaction.execute(query, arguments, binary=True).fetchall()
        return [unpacked(orjson.loads(state), self._procedures) for (state,) in rows]

    def _copy(self, cases: Sequence[Case]) -> None:
        """COPY in text, built here: short columns and one of JSON, whose only special character is a backslash."""
        prefix = b"%b\t%d\t" % (self._key[0].encode(), self._key[1])
        has_work = any(case.work is not None for case in cases)
        lines = bytearray()
        for case in cases:
            row = packed(case)
            lines += b"%b%d\t%b\t%b\t%b%b\n" % (
                prefix,
                case.number,
                b"\\N" if case.status is None else b"%d" % case.status,
                b"\\N" if case.next_step is None else orjson.dumps(case.next_step.at)[1:-1],
                _work(case) if has_work else b"",
                orjson.dumps(row).replace(b"\\", b"\\\\"),
            )
        with self._transaction.cursor() as cursor, cursor.copy(_COPY_WITH_WORK if has_work else _COPY) as copy:
            copy.write(lines)

    def _pack(self, settled: Sequence[Case]) -> None:
        parts = [settled[start : start + MOST_PACKED] for start in range(0, len(settled), MOST_PACKED)]
        payloads = [compact([packed(case) for case in part]) for part in parts]
        firsts, lasts = [part[0].number for part in parts], [part[-1].number for part in parts]
        self._transaction.execute(_PACK, (*self._key, firsts, lasts, payloads))

    def _settled(self, numbers: set[int]) -> list[Case]:
        """Those of the numbers that are packed."""
        found: list[Case] = []
        blocks = self._transaction.execute(_SELECT_PACKED, (*self._key, list(numbers), *self._key), binary=True)
        for (payload,) in blocks:
            for row in expanded(payload):
                if row[0] in numbers:
                    numbers.discard(row[0])
                    found.append(unpacked(row, self._procedures))
        return found


def _work(case: Case) -> bytes:
    """Columns of a line; what is in them has no special character."""
    return "".join("\\N\t" if value is None else f"{value}\t" for value in work_values(case)).encode()


def _number(case: Case) -> int:
    return case.number
