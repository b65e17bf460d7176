"""What the use cases need from outside. Interfaces only; `adapters` implements them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from services.contracts.counting_rules import CountingRules
from services.contracts.facts import FactBatch
from services.metrics.domain.counting import Tally
from services.metrics.domain.counts import Counts
from services.metrics.domain.report import GroupFigures


class Dimension(StrEnum):
    """What answers can be broken down by."""

    PROCEDURE = "procedure"
    OFFICE = "office"
    DEPARTMENT = "department"  #: the first two characters of an office's code
    LEVEL = "level"
    CHANNEL = "channel"
    DAY = "day"  #: in Vietnam, on the sandbox's clock


@dataclass(frozen=True, slots=True)
class Selection:
    """Which counts are wanted; `None` means all.

    Attributes:
        now: The instant on the sandbox's clock at which open dossiers are judged, aware.
        first_on: First day of the period, included.
        last_on: Last day of the period, included.
        procedure_ids: Only these.
        office_codes: Only these.
        department_code: Only offices whose code begins with it.
    """

    sandbox_id: str
    now: datetime
    first_on: date | None = None
    last_on: date | None = None
    procedure_ids: tuple[str, ...] | None = None
    office_codes: tuple[str, ...] | None = None
    department_code: str | None = None
    level: int | None = None
    channel: str | None = None

    @property
    def has_period(self) -> bool:
        """Whether only some days are wanted."""
        return self.first_on is not None or self.last_on is not None

    @property
    def narrows_subjects(self) -> bool:
        """Whether it asks for less than subjects are known by (sandbox and procedure)."""
        narrower = (self.office_codes, self.department_code, self.level, self.channel)
        return self.has_period or any(value is not None for value in narrower)


class OpenCount(NamedTuple):
    """Received and not resolved, at the selection's `now`."""

    in_time: int = 0
    overdue: int = 0
    suspended: int = 0  #: waiting for the applicant: a supplement or a payment
    without_limit: int = 0


#: Values of the dimensions asked for, in that order.
GroupKey = tuple[str | int | date, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the tables say about a selection, all of one moment.

    Attributes:
        tallies: Sums by group; a group where nothing was counted is missing.
        open: Open dossiers by group; empty when it wasn't asked for.
        subjects: Distinct subjects by kind of applicant; `None`: not asked for.
        positions: Up to which ledger position each partition is counted.
    """

    tallies: Mapping[GroupKey, Tally]
    open: Mapping[GroupKey, OpenCount]
    subjects: Mapping[str, int] | None
    positions: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """What the tables say for a report, all of one moment.

    Attributes:
        groups: By the values of the dimensions asked for.
        positions: Up to which ledger position each partition is counted.
    """

    groups: Mapping[GroupKey, GroupFigures]
    positions: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything counted about a sandbox, all of one moment; both by partition."""

    positions: Mapping[int, int]
    counts: Mapping[int, Counts]


class CountReader(Protocol):
    """Reads the counts. Each call sees one moment, whatever the counter does meanwhile."""

    def figures(
        self,
        selection: Selection,
        group_by: Sequence[Dimension],
        *,
        open_by: Sequence[Dimension] | None,
        with_subjects: bool,
    ) -> Figures:
        """Sums of the selection.

        Args:
            selection: which counts.
            group_by: groups of the tallies; empty for a single one.
            open_by: groups of the open dossiers, which know no day; `None`: leave them out.
            with_subjects: whether to count subjects.
        """
        ...

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        """Up to which ledger position each partition is counted; empty for a sandbox never heard of."""
        ...

    def snapshot(self, sandbox_id: str, *, leave_out: Collection[int] = ()) -> Snapshot:
        """Everything but of some partitions, for a recount."""
        ...


class ReportReader(Protocol):
    """Reads what reports are made of. Each call sees one moment, whatever the counter does meanwhile."""

    def report_figures(
        self, selection: Selection, group_by: Sequence[Dimension], rules: CountingRules, as_of: datetime
    ) -> ReportFigures:
        """Figures of a period.

        Args:
            selection: which dossiers; its period is that of the report.
            group_by: groups, of dimensions other than the day.
            rules: which event puts a dossier into the period, and whose view of lateness counts.
            as_of: the instant at which pending dossiers are judged, on the period's last day.
        """
        ...


class LedgerReplay(Protocol):
    """Gets a sandbox's ledger from processing once more."""

    def replay(self, sandbox_id: str, partitions: Sequence[int], on_batch: Callable[[FactBatch], bool]) -> bool:
        """Feed the ledger from its beginning to `on_batch` until that returns True.

        Batches of a partition come in order; some may come twice. Blocks.

        Returns:
            False when nothing came for too long before `on_batch` was content.

        Raises:
            ProblemError: the broker is away, or too many recounts run at once.
        """
        ...
