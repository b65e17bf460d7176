"""What the use cases need from the outside, and the laws each implementation obeys."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.casework.case import Case
from services.casework.engine import StepKey
from services.casework.staffed_run import Backlog
from services.contracts.commands import CalendarOverride, ClockSetting, Command, PartitionKey
from services.contracts.facts import EncodedBatch, FactBlock
from services.contracts.staffing import Staffing
from services.contracts.vocabulary import OfficerKind
from services.processing.application.arrivals import ArrivalStore


@dataclass(slots=True, kw_only=True)
class PartitionState:
    """Where a partition stands."""

    sandbox_id: str
    partition: int
    seed: int
    officer: OfficerKind
    clock: ClockSetting
    reached_at: datetime  #: every step due up to here has been taken
    next_due_at: datetime | None  #: nothing is to be done before this; `None`: nothing at all
    command_sequence: int  #: last command carried out
    head_position: int  #: last ledger position
    wake_at: datetime | None = None  #: real instant at which the timekeeper has the partition run
    calendar_overrides: tuple[CalendarOverride, ...] = ()  #: in force, by day; one decision a day
    #: While an override-calendar command is being carried out: dossiers up to this number are on the new calendar, all
    #: others, and `calendar_overrides`, on the one before. `None`: none is.
    overriding_up_to: int | None = None
    staffing: Staffing | None = None  #: never changes; `None`: officers aren't counted


class PartitionUnit(ArrivalStore, Backlog, Protocol):
    """One transaction over one partition whose row is locked: all of it is written, or nothing."""

    @property
    def state(self) -> PartitionState | None:
        """As of the lock; `None` while the sandbox hasn't been opened here."""
        ...

    def stashed_commands(self, *, from_sequence: int, limit: int) -> list[Command]:
        """Stashed commands from a sequence on, in order; there may be gaps between them and before the first."""
        ...

    def stash(self, commands: Iterable[Command]) -> None:
        """Keep commands for later; ones already kept stay as they are."""
        ...

    def due_cases(self, *, after: StepKey, bound: StepKey, limit: int) -> list[Case]:
        """Dossiers with a step behind one key and up to and including another, in order, as written."""
        ...

    def cases(self, numbers: Iterable[int]) -> list[Case]:
        """These dossiers as written; unknown numbers are left out."""
        ...

    def open_cases(self, *, after_number: int, limit: int) -> list[Case]:
        """Dossiers above a number that have been filed and aren't at their end, in order of number, as written."""
        ...

    def earliest_at(self, *, after: datetime | None) -> datetime | None:
        """Instant of the earliest step of a dossier, or at which an arrival begins, as written; all or later ones."""
        ...

    def write(self, *, new: Sequence[Case], changed: Sequence[Case]) -> None:
        """Insert and replace, in sets."""
        ...

    def append(self, blocks: Sequence[FactBlock]) -> None:
        """Append to the ledger."""
        ...

    def save(self, state: PartitionState) -> None:
        """Write where the partition stands; drops carried-out commands from the stash. Last call of the unit."""
        ...


class PartitionBusyError(Exception):
    """Somebody else works on the partition."""


class PartitionStore(Protocol):
    """Where partitions live."""

    def unit(self, key: PartitionKey, *, patience_seconds: float = 0.0) -> AbstractContextManager[PartitionUnit]:
        """One transaction with the partition's lock; commits when the block ends, rolls back when it raises.

        Raises:
            PartitionBusyError: at once or, if somebody else has had the lock all the while, when patience ends.
        """
        ...

    def stash(self, key: PartitionKey, commands: Iterable[Command]) -> None:
        """Keep commands of a partition that somebody else works on."""
        ...

    def with_stash(self, limit: int) -> list[PartitionKey]:
        """Partitions that nobody works on and whose stash has what comes next, or what is known already."""
        ...

    def claim_due(self, now: datetime, lease_until: datetime, limit: int) -> list[PartitionKey]:
        """Partitions to be woken by `now`; each is given out once until `lease_until`."""
        ...


class LedgerReader(Protocol):
    """Reads the ledger for those who publish it."""

    def unpublished(self, limit: int) -> AbstractContextManager[Sequence[EncodedBatch]]:
        """What hasn't been published, about `limit` facts; marked as published when the block ends well."""
        ...

    def heads(self, changed_within: timedelta | None) -> Sequence[EncodedBatch]:
        """A fact-less batch a partition, for those whose ledger has grown so recently; `None`: all."""
        ...

    def after(self, positions: Mapping[PartitionKey, int], limit: int) -> Sequence[EncodedBatch]:
        """Blocks with what follows the given positions, each partition's `replay_share` of `limit` facts or some more.

        The first block may begin before its position. Serves the first `REPLAY_PARTITIONS`. A partition without more
        facts gets a batch without any.
        """
        ...
