"""`/metrics` in Prometheus' text format, read from the tables at each scrape; no counters in memory, no files.

Cardinality is bounded: only the sandboxes that were counted most recently appear, and a gauge says how many there
are. Open dossiers appear as one number: what is overdue depends on the sandbox's clock, which isn't known here.
"""

import platform
from collections.abc import Iterable, Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg import sql

from services.contracts.timeliness import Timeliness
from services.metrics.domain.counting import MEASURE_NAMES, Measure
from services.runtime.database import Database, Transaction

#: Sandboxes shown at most; those counted last.
SANDBOXES_SHOWN_AT_MOST: Final = 50

_RECENT: Final = """
    SELECT sandbox_id FROM position GROUP BY sandbox_id ORDER BY max(counted_at) DESC, sandbox_id LIMIT %s
"""
_SANDBOX_COUNT: Final = "SELECT count(DISTINCT sandbox_id) FROM position"
_POSITIONS: Final = "SELECT sandbox_id, partition, position FROM position WHERE sandbox_id = ANY(%s) ORDER BY 1, 2"
_OPEN: Final = """
    SELECT sandbox_id, procedure_id, count(*) FROM open_dossier
    WHERE sandbox_id = ANY(%s) AND received_on IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
"""
_TALLIES: Final = sql.SQL(
    "SELECT sandbox_id, procedure_id, {} FROM tally WHERE sandbox_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2"
).format(sql.SQL(", ").join(sql.SQL("sum({})").format(sql.Identifier(name)) for name in MEASURE_NAMES))

_RESOLVED: Final = {
    Timeliness.EARLY: Measure.RESOLVED_EARLY,
    Timeliness.ON_TIME: Measure.RESOLVED_ON_TIME,
    Timeliness.OVERDUE: Measure.RESOLVED_OVERDUE,
    Timeliness.WITHOUT_LIMIT: Measure.RESOLVED_WITHOUT_LIMIT,
}
_PLAIN: Final = {
    Measure.FILED: "Dossiers filed.",
    Measure.RECEIVED: "Dossiers received by the office.",
    Measure.REFUSED_AT_INTAKE: "Dossiers refused at intake.",
    Measure.RETURNED: "Results returned to the applicant.",
}


class CountCollector(Collector):
    """Asks the database whenever Prometheus asks it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not read the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Everything shown, of one moment."""
        with self._database.transaction() as transaction:
            transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            shown = [sandbox_id for (sandbox_id,) in transaction.execute(_RECENT, (SANDBOXES_SHOWN_AT_MOST,))]
            yield from [
                *_sandboxes(transaction, len(shown)),
                *_dossiers(transaction, shown),
                _open(transaction, shown),
                _positions(transaction, shown),
            ]


def make_registry(database: Database) -> CollectorRegistry:
    """A registry of its own with the counts and what is running."""
    registry = CollectorRegistry()
    registry.register(CountCollector(database))
    registry.register(_Build())
    return registry


class _Build(Collector):
    """What is running."""

    def collect(self) -> Iterator[Metric]:
        """One constant."""
        yield InfoMetricFamily(
            "motcua_build", "What is running.", {"service": "metrics", "python": platform.python_version()}
        )


def _sandboxes(transaction: Transaction, shown: int) -> Iterator[Metric]:
    (known,) = transaction.execute(_SANDBOX_COUNT).fetchone() or (0,)
    for name, help_text, value in (
        ("motcua_sandboxes", "Sandboxes that have been counted.", known),
        ("motcua_sandboxes_shown", "Sandboxes shown here: those counted most recently.", shown),
        ("motcua_sandboxes_shown_limit", "Sandboxes shown here at most.", SANDBOXES_SHOWN_AT_MOST),
    ):
        yield GaugeMetricFamily(name, help_text, value=value)


def _dossiers(transaction: Transaction, shown: list[str]) -> Iterator[Metric]:
    labels = ["sandbox", "procedure"]
    plain = {
        measure: CounterMetricFamily(f"motcua_dossiers_{measure.name.lower()}", help_text, labels=labels)
        for measure, help_text in _PLAIN.items()
    }
    resolved = CounterMetricFamily(
        "motcua_dossiers_resolved", "Dossiers resolved after receipt, by timeliness.", labels=[*labels, "timeliness"]
    )
    for sandbox_id, procedure_id, *tally in transaction.execute(_TALLIES, (shown,)):
        for measure, family in plain.items():
            family.add_metric([sandbox_id, procedure_id], tally[measure])
        for timeliness, measure in _RESOLVED.items():
            resolved.add_metric([sandbox_id, procedure_id, str(timeliness)], tally[measure])
    yield from (*plain.values(), resolved)


def _open(transaction: Transaction, shown: list[str]) -> Metric:
    family = GaugeMetricFamily(
        "motcua_dossiers_open", "Dossiers received and not resolved.", labels=["sandbox", "procedure"]
    )
    return _filled(family, transaction.execute(_OPEN, (shown,)))


def _positions(transaction: Transaction, shown: list[str]) -> Metric:
    family = GaugeMetricFamily(
        "motcua_counted_position", "Ledger position up to which is counted.", labels=["sandbox", "partition"]
    )
    return _filled(family, transaction.execute(_POSITIONS, (shown,)))


def _filled(family: GaugeMetricFamily, rows: Iterable[tuple[Any, ...]]) -> Metric:
    for *labels, value in rows:
        family.add_metric([str(label) for label in labels], value)
    return family
