"""Waiting times in PostgreSQL: one look at all dossiers of a sandbox, for whoever asks.

Nothing is kept for it, so filing and projecting cost nothing more. Three million dossiers take some twenty seconds, in
which a connection is kept from others: so few may ask at once, and not for ever.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Final, NamedTuple

from psycopg.errors import QueryCanceled

from services.contracts.vocabulary import Status
from services.portal.application.problems import problem
from services.portal.domain.waiting_times import EDGES, Distribution, WaitingTimes
from services.runtime.database import Database

#: Looks at a time, in one process: each keeps one of its connections (`bootstrap.WEB_CONNECTIONS`) busy.
LOOKS_AT_ONCE: Final = 2

#: Longest time that one may take (seconds), several times what three million dossiers take.
LONGEST_LOOK_SECONDS: Final = 120.0

# Both questions in one pass over the tables. What was withdrawn or stopped has no result. OFFSET 0: what is known of a
# dossier is found by its number, whatever the planner believes about a sandbox that it hasn't counted yet.
WAITING_TIMES: Final = f"""
    SELECT procedure_id, GROUPING(result_class) = 1 AS is_to_receipt, coalesce(receipt_class, result_class),
        count(*), CASE WHEN GROUPING(result_class) = 1 THEN sum(to_receipt) ELSE sum(to_result) END,
        CASE WHEN GROUPING(result_class) = 1 THEN max(to_receipt) ELSE max(to_result) END
    FROM (
        SELECT procedure_id, to_receipt, to_result, width_bucket(to_receipt, %(edges)s::float8[]) AS receipt_class,
            width_bucket(to_result, %(edges)s::float8[]) AS result_class
        FROM (
            SELECT d.procedure_id, extract(epoch FROM p.received_at - d.filed_at)::float8 AS to_receipt,
                CASE WHEN p.status IN ({int(Status.PROCESSED)}, {int(Status.RETURNED)})
                    THEN extract(epoch FROM p.resolved_at - p.received_at)::float8 END AS to_result
            FROM filed_dossier AS d CROSS JOIN LATERAL (
                SELECT received_at, resolved_at, status FROM progress
                WHERE sandbox_id = d.sandbox_id AND number = d.number OFFSET 0
            ) AS p
            WHERE d.sandbox_id = %(sandbox_id)s AND p.received_at IS NOT NULL
        ) AS waited
    ) AS classed
    GROUP BY GROUPING SETS ((procedure_id, receipt_class), (procedure_id, result_class))
    HAVING GROUPING(result_class) = 1 OR result_class IS NOT NULL
"""  # noqa: S608 - constants


class SqlWaitingTimes:
    """`WaitingTimesReader` on PostgreSQL; one a process.

    Args:
        database: Where the read model is.
        longest_seconds: After which a look is given up.
    """

    def __init__(self, database: Database, longest_seconds: float = LONGEST_LOOK_SECONDS) -> None:
        self._database = database
        self._longest_seconds = longest_seconds
        self._free = BoundedSemaphore(LOOKS_AT_ONCE)

    def waiting_times(self, sandbox_id: str) -> list[WaitingTimes]:
        """See `WaitingTimesReader.waiting_times`."""
        with self._turn():
            return self._look(sandbox_id)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._free.acquire(blocking=False):
            raise problem("waiting-times-busy", headers={"Retry-After": "10"})
        try:
            yield
        except QueryCanceled as error:
            raise problem("waiting-times-timeout", headers={"Retry-After": "60"}) from error
        finally:
            self._free.release()

    def _look(self, sandbox_id: str) -> list[WaitingTimes]:
        asked = {"sandbox_id": sandbox_id, "edges": [edge.total_seconds() for edge in EDGES]}
        found: dict[tuple[str, bool], dict[int, _Class]] = {}
        with self._database.transaction() as transaction:
            transaction.execute(
                "SELECT set_config('statement_timeout', %s, true)", (f"{self._longest_seconds * 1000:.0f}ms",)
            )
            for procedure_id, is_to_receipt, place, *figures in transaction.execute(WAITING_TIMES, asked):
                found.setdefault((procedure_id, is_to_receipt), {})[place] = _Class(*figures)
        return [
            WaitingTimes(name, _distribution(found[name, True]), _distribution(found.get((name, False), {})))
            for name in sorted({procedure_id for procedure_id, _ in found})
        ]


class _Class(NamedTuple):
    """The times of one class, in seconds."""

    dossiers: int
    total: float
    longest: float


def _distribution(classes: Mapping[int, _Class]) -> Distribution:
    if not classes:
        return Distribution.nothing()
    return Distribution(
        tuple(classes[place].dossiers if place in classes else 0 for place in range(len(EDGES) + 1)),
        timedelta(seconds=sum(one.total for one in classes.values())),
        timedelta(seconds=max(one.longest for one in classes.values())),
    )
