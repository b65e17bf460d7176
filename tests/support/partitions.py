"""Partitions in memory: a `PartitionStore` that obeys the same laws as the one on PostgreSQL.

`tests/integration/processing/test_running.py` runs the same tests on both.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from services.casework.case import Case
from services.casework.desks import DeskKey, Place
from services.casework.engine import StepKey
from services.contracts.commands import Command, PartitionKey
from services.contracts.facts import Fact, FactBlock
from services.contracts.vocabulary import TERMINAL_STATUSES
from services.processing.application.arrivals import Arrival, ArrivalKey
from services.processing.application.ports import PartitionBusyError, PartitionState


def _desk(case: Case) -> DeskKey:
    assert case.work is not None
    return case.office_code, case.work.skill


def _place(case: Case) -> Place | None:
    work = case.work
    return None if work is None or work.since is None or work.rank is None else (work.rank, work.since, case.number)


@dataclass
class Partition:
    """What is kept of one partition."""

    state: PartitionState | None = None
    inbox: dict[int, Command] = field(default_factory=dict)
    dossiers: dict[int, Case] = field(default_factory=dict)
    arrivals: dict[int, Arrival] = field(default_factory=dict)
    ledger: list[Fact] = field(default_factory=list)


class MemoryPartitionStore:
    """`PartitionStore` in memory."""

    def __init__(self) -> None:
        self.partitions: dict[PartitionKey, Partition] = {}
        self._busy: set[PartitionKey] = set()

    @contextmanager
    def unit(self, key: PartitionKey, *, patience_seconds: float = 0.0) -> "Iterator[MemoryPartitionUnit]":
        """See `PartitionStore.unit`; nobody's unit ends while another one waits."""
        if key in self._busy:
            raise PartitionBusyError(patience_seconds)
        kept = self.partitions.get(key, Partition())
        # What is in them is copied on its way in and out, so the boxes are enough.
        before = dict(kept.inbox)
        draft = Partition(copy(kept.state), dict(before), dict(kept.dossiers), dict(kept.arrivals), list(kept.ledger))
        self._busy.add(key)
        try:
            yield MemoryPartitionUnit(draft)
        finally:
            self._busy.discard(key)
        meanwhile = self.partitions.get(key, kept).inbox
        draft.inbox |= {sequence: command for sequence, command in meanwhile.items() if sequence not in before}
        self.partitions[key] = draft

    def stash(self, key: PartitionKey, commands: Iterable[Command]) -> None:
        """See `PartitionStore.stash`."""
        inbox = self.partitions.setdefault(key, Partition()).inbox
        for command in commands:
            inbox.setdefault(command.sequence, command)

    def with_stash(self, limit: int) -> list[PartitionKey]:
        """See `PartitionStore.with_stash`."""
        found = [
            key
            for key, partition in self.partitions.items()
            if partition.state and partition.inbox and key not in self._busy
            if min(partition.inbox) <= partition.state.command_sequence + 1
        ]
        return found[:limit]

    def claim_due(self, now: datetime, lease_until: datetime, limit: int) -> list[PartitionKey]:
        """See `PartitionStore.claim_due`."""
        due: list[PartitionKey] = []
        for key, partition in self.partitions.items():
            state = partition.state
            if state and state.wake_at is not None and state.wake_at <= now and len(due) < limit:
                state.wake_at = lease_until
                due.append(key)
        return due


class MemoryPartitionUnit:
    """`PartitionUnit` on a draft that replaces the partition when all went well."""

    def __init__(self, draft: Partition) -> None:
        self._draft = draft
        self.state = copy(draft.state)

    def stashed_commands(self, *, from_sequence: int, limit: int) -> list[Command]:
        """See `PartitionUnit.stashed_commands`."""
        return [command for sequence, command in sorted(self._draft.inbox.items()) if sequence >= from_sequence][:limit]

    def stash(self, commands: Iterable[Command]) -> None:
        """See `PartitionUnit.stash`."""
        for command in commands:
            self._draft.inbox.setdefault(command.sequence, command)

    def due_cases(self, *, after: StepKey, bound: StepKey, limit: int) -> list[Case]:
        """See `PartitionUnit.due_cases`."""
        due = [
            (case.next_step.at, case.number, case)
            for case in self._draft.dossiers.values()
            if case.next_step and after < (case.next_step.at, case.number) <= bound
        ]
        return [copy(case) for *_, case in sorted(due, key=lambda item: item[:2])[:limit]]

    def cases(self, numbers: Iterable[int]) -> list[Case]:
        """See `PartitionUnit.cases`."""
        return [copy(self._draft.dossiers[number]) for number in numbers if number in self._draft.dossiers]

    def open_cases(self, *, after_number: int, limit: int) -> list[Case]:
        """See `PartitionUnit.open_cases`."""
        cases = [case for number, case in sorted(self._draft.dossiers.items()) if number > after_number]
        return [copy(case) for case in cases if case.status and case.status not in TERMINAL_STATUSES][:limit]

    def earliest_at(self, *, after: datetime | None) -> datetime | None:
        """See `PartitionUnit.earliest_at`."""
        steps = [case.next_step.at for case in self._draft.dossiers.values() if case.next_step]
        begins = [arrival.first_at for arrival in self._draft.arrivals.values()]
        return min((at for at in steps + begins if after is None or at > after), default=None)

    def arrivals(self, *, after: ArrivalKey | None, until: datetime, limit: int) -> list[Arrival]:
        """See `ArrivalStore.arrivals`."""
        found = sorted(((arrival.first_at, number), arrival) for number, arrival in self._draft.arrivals.items())
        return [item for key, item in found if key[0] <= until and (after is None or key > after)][:limit]

    def write_arrivals(self, *, new: Sequence[Arrival], gone: Sequence[int]) -> None:
        """See `ArrivalStore.write_arrivals`."""
        for sequence in gone:
            del self._draft.arrivals[sequence]
        assert not {arrival.sequence for arrival in new} & self._draft.arrivals.keys()
        self._draft.arrivals |= {arrival.sequence: arrival for arrival in new}

    def write(self, *, new: Sequence[Case], changed: Sequence[Case]) -> None:
        """See `PartitionUnit.write`."""
        assert not {case.number for case in new} & self._draft.dossiers.keys()
        assert {case.number for case in changed} <= self._draft.dossiers.keys()
        self._draft.dossiers |= {case.number: copy(case) for case in (*new, *changed)}

    def at_work(self) -> list[tuple[DeskKey, int, int]]:
        """See `Backlog.at_work`."""
        counts = Counter(
            (_desk(case), case.work.team)
            for case in self._draft.dossiers.values()
            if case.work is not None and case.work.team is not None
        )
        return [(key, team, count) for (key, team), count in counts.items()]

    def desks_waited_for(self) -> set[DeskKey]:
        """See `Backlog.desks_waited_for`."""
        return {_desk(case) for case in self._draft.dossiers.values() if _place(case)}

    def heads(self, wanted: Sequence[tuple[DeskKey, Place | None, int]]) -> list[list[Case]]:
        """See `Backlog.heads`."""
        waiting = sorted((place, case) for case in self._draft.dossiers.values() if (place := _place(case)))
        return [
            [copy(case) for at, case in waiting if _desk(case) == key and (place is None or at > place)][:limit]
            for key, place, limit in wanted
        ]

    def append(self, blocks: Sequence[FactBlock]) -> None:
        """See `PartitionUnit.append`."""
        for block in blocks:
            assert block.first == len(self._draft.ledger) + 1
            self._draft.ledger += block.rows

    def save(self, state: PartitionState) -> None:
        """See `PartitionUnit.save`."""
        self._draft.state = copy(state)
        self._draft.inbox = {
            sequence: command for sequence, command in self._draft.inbox.items() if sequence > state.command_sequence
        }
