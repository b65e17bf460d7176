"""Queues of officers' work, as the dossiers of a partition say them: who waits at which desk, and who is served.

A desk is one text here, office code and skill. All statements go by partial indexes that hold nothing of sandboxes
without staffing, and none reads more of a queue than it is asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from services.casework.case import Case
from services.casework.desks import DeskKey, Place
from services.contracts.catalogue import Procedure
from services.contracts.commands import PartitionKey
from services.processing.adapters.dossier_rows import unpacked
from services.runtime.database import Transaction

#: Columns of a dossier's row that say how it stands with the officers, in the order of `work_values`.
WORK_COLUMNS: Final = ("desk", "queue_rank", "queue_at", "team")

# Index ix_dossier__served.
_SELECT_AT_WORK: Final = """
    SELECT desk, team, count(*) FROM dossier
    WHERE sandbox_id = %s AND partition = %s AND team IS NOT NULL
    GROUP BY desk, team
"""

# Index ix_dossier__queue: from each desk to the next one, so that the length of queues doesn't matter.
_SELECT_DESKS: Final = """
    WITH RECURSIVE waited_for AS (
        (SELECT desk FROM dossier WHERE sandbox_id = %(sandbox_id)s AND partition = %(partition)s
             AND queue_at IS NOT NULL ORDER BY desk LIMIT 1)
        UNION ALL
        SELECT (SELECT d.desk FROM dossier AS d WHERE d.sandbox_id = %(sandbox_id)s AND d.partition = %(partition)s
                    AND d.queue_at IS NOT NULL AND d.desk > w.desk ORDER BY d.desk LIMIT 1)
        FROM waited_for AS w WHERE w.desk IS NOT NULL
    )
    SELECT desk FROM waited_for WHERE desk IS NOT NULL
"""

# Index ix_dossier__queue, once a desk.
_SELECT_HEADS: Final = """
    SELECT w.place, d.state
    FROM unnest(%s::text[], %s::smallint[], %s::timestamptz[], %s::bigint[], %s::int[])
            WITH ORDINALITY AS w(desk, queue_rank, queue_at, number, most, place)
        CROSS JOIN LATERAL (
            SELECT queue_rank, queue_at, number, state FROM dossier
            WHERE sandbox_id = %s AND partition = %s AND desk = w.desk AND queue_at IS NOT NULL
                AND (queue_rank, queue_at, number) > (w.queue_rank, w.queue_at, w.number)
            ORDER BY queue_rank, queue_at, number LIMIT w.most
        ) AS d
    ORDER BY w.place, d.queue_rank, d.queue_at, d.number
"""

_BEFORE_ALL: Final[Place] = (-1, datetime.min.replace(tzinfo=UTC), 0)


def work_values(case: Case) -> tuple[Any, ...]:
    """In the order of `WORK_COLUMNS`; nothing while no officer has anything to do."""
    work = case.work
    if work is None or (work.since is None and work.team is None):
        return None, None, None, None
    return f"{case.office_code} {work.skill}", work.rank, work.since, work.team


class WorkQueues:
    """`Backlog` of one partition, in one transaction."""

    def __init__(self, transaction: Transaction, key: PartitionKey, procedures: Mapping[str, Procedure]) -> None:
        self._transaction = transaction
        self._key = key
        self._procedures = procedures

    def at_work(self) -> Iterable[tuple[DeskKey, int, int]]:
        """See `Backlog.at_work`."""
        rows = self._transaction.execute(_SELECT_AT_WORK, self._key).fetchall()
        return [(_desk(desk), team, count) for desk, team, count in rows]

    def desks_waited_for(self) -> Iterable[DeskKey]:
        """See `Backlog.desks_waited_for`."""
        sandbox_id, partition = self._key
        rows = self._transaction.execute(_SELECT_DESKS, {"sandbox_id": sandbox_id, "partition": partition}).fetchall()
        return [_desk(desk) for (desk,) in rows]

    def heads(self, wanted: Sequence[tuple[DeskKey, Place | None, int]]) -> Sequence[Sequence[Case]]:
        """See `Backlog.heads`."""
        found: list[list[Case]] = [[] for _ in wanted]
        if wanted:
            behind = [place or _BEFORE_ALL for _, place, _ in wanted]
            ranks, instants, numbers = map(list, zip(*behind, strict=True))
            desks, limits = [" ".join(key) for key, _, _ in wanted], [limit for _, _, limit in wanted]
            rows = self._transaction.execute(
                _SELECT_HEADS, (desks, ranks, instants, numbers, limits, *self._key), binary=True
            ).fetchall()
            for place, state in rows:
                found[place - 1].append(unpacked(orjson.loads(state), self._procedures))
        return found


def _desk(text: str) -> DeskKey:
    office_code, _, skill = text.partition(" ")
    return office_code, skill
