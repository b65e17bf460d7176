"""A partition in a store, run by hand: what integration tests of processing stand on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from services.contracts.commands import Command
from services.contracts.facts import Fact
from services.contracts.vocabulary import Status
from services.processing.adapters.ledger_reader import SqlLedgerReader
from services.processing.application.ports import PartitionStore
from services.processing.application.running import PartitionRunner
from services.runtime.database import Database
from services.runtime.streams import decode_batch
from tests.support.cases import NINE, rules
from tests.support.partitions import MemoryPartitionStore


@dataclass
class World:
    """A store, a runner on it, and the real time that it is told."""

    store: PartitionStore
    database: Database | None = None
    now: datetime = NINE
    dossiers_per_unit: int = 20_000
    unit_seconds: float = 60.0

    def __post_init__(self) -> None:
        self.key = (uuid4().hex[:10], 0)

    def run(self, *commands: Command) -> bool:
        """One unit; whether there is more."""
        runner = PartitionRunner(
            self.store,
            rules(),
            lambda: self.now,
            dossiers_per_unit=self.dossiers_per_unit,
            unit_seconds=self.unit_seconds,
        )
        return runner.run(self.key, commands)

    def run_all(self, *commands: Command) -> int:
        """Until there is no more; how many units it took."""
        units, has_more = 1, self.run(*commands)
        while has_more:
            units, has_more = units + 1, self.run()
        return units

    @property
    def facts(self) -> list[Fact]:
        """The ledger, all but the real time."""
        if isinstance(self.store, MemoryPartitionStore):
            found = self.store.partitions[self.key].ledger
        else:
            batches = SqlLedgerReader(self._sql()).after({self.key: 0}, 100_000)
            found = [fact for batch in batches for fact in decode_batch(batch).facts]
        return [fact._replace(recorded_at=NINE) for fact in found]

    def ledger(self) -> list[tuple[Any, ...]]:
        """Likewise, as plain rows."""
        return [tuple(int(value) if isinstance(value, Status) else value for value in fact) for fact in self.facts]

    def inbox(self) -> list[int]:
        """Sequences of the commands kept for later."""
        if isinstance(self.store, MemoryPartitionStore):
            partition = self.store.partitions.get(self.key)
            return sorted(partition.inbox) if partition else []
        statement = "SELECT sequence FROM inbox WHERE sandbox_id = %s AND partition = %s ORDER BY sequence"
        with self._sql().transaction() as transaction:
            return [sequence for (sequence,) in transaction.execute(statement, self.key).fetchall()]

    def waiting(self) -> dict[int, datetime]:
        """Arrivals by the sequence of their command, and when each begins."""
        with self.store.unit(self.key) as unit:
            kept = unit.arrivals(after=None, until=datetime(9000, 1, 1, tzinfo=UTC), limit=1000)
            return {arrival.sequence: arrival.first_at for arrival in kept}

    def state(self) -> Any:
        """Where the partition stands."""
        with self.store.unit(self.key) as unit:
            return unit.state

    def wake_at(self) -> datetime | None:
        """When the timekeeper would have it run."""
        if isinstance(self.store, MemoryPartitionStore):
            state = self.store.partitions[self.key].state
            return state.wake_at if state else None
        statement = "SELECT wake_at FROM partition WHERE sandbox_id = %s AND partition = %s"
        with self._sql().transaction() as transaction:
            row = transaction.execute(statement, self.key).fetchone()
            return row[0] if row else None

    def _sql(self) -> Database:
        assert self.database is not None
        return self.database
