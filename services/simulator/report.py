"""What became of a workload, as rows that add up: checked here against what was sent and against a recount.

Plain values made from the portal's answers; `screen.py` shows them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from services.contracts.vocabulary import ApplicantKind
from services.simulator.driver import Outcome
from services.simulator.preset import Preset


@dataclass(frozen=True, slots=True)
class Counts:
    """How many dossiers of one procedure, or of all; filed = not received + received, received = resolved + open.

    Attributes:
        filed: received, refused, closed before receipt and awaiting receipt together.
        refused_at_intake: never received.
        closed_before_receipt: withdrawn or stopped while never received.
        early: resolved before the due day (working hours: minute); of those received.
        on_time: on it, and withdrawn or stopped after receipt (form 06 counts them there).
        open: received and not resolved.
    """

    filed: int
    refused_at_intake: int
    closed_before_receipt: int
    awaiting_receipt: int
    received: int
    early: int
    on_time: int
    overdue: int
    without_limit: int
    open: int

    @classmethod
    def of_wire(cls, row: Mapping[str, Any]) -> Self:
        """From a row of the portal's statistics."""
        resolved = row["resolved"]
        return cls(
            filed=row["filed"],
            refused_at_intake=row["refused_at_intake"],
            closed_before_receipt=row["closed_before_receipt"],
            awaiting_receipt=row["awaiting_receipt"],
            received=row["received"],
            early=resolved["early"],
            on_time=resolved["on_time"],
            overdue=resolved["overdue"],
            without_limit=resolved["without_limit"],
            open=row["open"]["total"],
        )

    @property
    def not_received(self) -> int:
        """Ended without ever having been received, or not looked at yet."""
        return self.refused_at_intake + self.closed_before_receipt + self.awaiting_receipt

    @property
    def adds_up(self) -> bool:
        """Whether every dossier is in exactly one place."""
        resolved = self.early + self.on_time + self.overdue + self.without_limit
        return self.filed == self.not_received + self.received and self.received == resolved + self.open

    @property
    def on_time_ratio(self) -> float | None:
        """Early and on time, of those resolved that had a limit; `None` when there are none."""
        with_limit = self.early + self.on_time + self.overdue
        return (self.early + self.on_time) / with_limit if with_limit else None

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Counts)))


NOTHING = Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a workload.

    Attributes:
        rows: by procedure, in the preset's order.
        ended_early: of those resolved on the due day or without limit, withdrawn or stopped instead of decided.
        fact_count: facts in the ledger.
        refused_at_the_door: sent and never filed: the portal found them wrong.
    """

    rows: tuple[tuple[str, Counts], ...]
    total: Counts
    ended_early: int
    enterprise_count: int
    individual_count: int
    fact_count: int
    refused_at_the_door: int
    recount_is_equal: bool
    filed_as_sent: bool
    subjects_as_sent: bool

    @property
    def adds_up(self) -> bool:
        """Whether every row, the total and their sum agree, to the dossier."""
        counts = [counts for _, counts in self.rows]
        return all(row.adds_up for row in [*counts, self.total]) and sum(counts, NOTHING) == self.total

    @property
    def is_right(self) -> bool:
        """Whether nothing is left to explain: all filed as sent, all counts consistent, equal to the ledger's."""
        return self.adds_up and self.filed_as_sent and self.subjects_as_sent and self.recount_is_equal


def make_report(preset: Preset, outcome: Outcome) -> Report:
    """The report of a run."""
    statistics = outcome.statistics
    by_procedure = {row["procedure_id"]: Counts.of_wire(row) for row in statistics["rows"]}
    total, total_row = Counts.of_wire(statistics["total"]), statistics["total"]
    subjects = statistics["subjects"]
    enterprises, individuals = subjects[ApplicantKind.ENTERPRISE], subjects[ApplicantKind.CITIZEN]
    asked_for = [share.procedure_id for share in preset.procedures]
    # What nobody asked for belongs in the table all the more.
    order = [*asked_for, *sorted(by_procedure.keys() - set(asked_for))]
    return Report(
        rows=tuple((name, by_procedure[name]) for name in order if name in by_procedure),
        total=total,
        ended_early=total_row["withdrawn"] + total_row["stopped"] - total.closed_before_receipt,
        enterprise_count=enterprises,
        individual_count=individuals,
        fact_count=outcome.recount["facts"],
        refused_at_the_door=len(outcome.door_problems),
        recount_is_equal=outcome.recount["equal"],
        filed_as_sent={name: counts.filed for name, counts in by_procedure.items()} == outcome.sent,
        subjects_as_sent=(enterprises, individuals) == (preset.enterprise_count.value, preset.individual_count.value),
    )
