"""What became of a workload, as rows that add up: checked here against what was sent and against a recount.

Plain values made from the portal's answers and the crowd's own count; `screen.py`, `report_file.py` and
`html_report.py` show them.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self

from services.contracts.vocabulary import ApplicantKind
from services.simulator.driver import Outcome
from services.simulator.preset import Preset
from services.simulator.run_log import RunState
from services.simulator.sent import Sent


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
        withdrawn: before or after receipt; counted above, too.
        stopped: likewise.
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
    withdrawn: int = 0
    stopped: int = 0

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
            withdrawn=row["withdrawn"],
            stopped=row["stopped"],
        )

    @property
    def not_received(self) -> int:
        """Ended without ever having been received, or not looked at yet."""
        return self.refused_at_intake + self.closed_before_receipt + self.awaiting_receipt

    @property
    def resolved(self) -> int:
        """Received, and at an end, whenever."""
        return self.early + self.on_time + self.overdue + self.without_limit

    @property
    def ended_early(self) -> int:
        """Withdrawn or stopped after receipt: among the resolved, without a decision."""
        return self.withdrawn + self.stopped - self.closed_before_receipt

    @property
    def limited(self) -> int:
        """Resolved, with a time limit."""
        return self.early + self.on_time + self.overdue

    @property
    def adds_up(self) -> bool:
        """Whether every dossier is in exactly one place."""
        return self.filed == self.not_received + self.received and self.received == self.resolved + self.open

    @property
    def on_time_ratio(self) -> float | None:
        """Early and on time, of those resolved that had a limit; `None` when there are none."""
        return (self.early + self.on_time) / self.limited if self.limited else None

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Counts)))


NOTHING = Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What happened on a day.

    Attributes:
        sent: Filings that the crowd meant for it, without those refused at the door.
        filed: As the portal counts them.
        ended: Came to an end of whatever kind.
        backlog: Filed and not at an end when the day was over.
    """

    day: date
    sent: int
    filed: int
    received: int
    ended: int
    backlog: int


class Check(StrEnum):
    """What has to hold, or the run has failed."""

    FILED_AS_SENT = "filed-as-sent"  #: by procedure and by office: all that was sent and not refused, and nothing else
    INSTANTS_KEPT = "instants-kept"  #: by day: each filing came when the crowd meant it to
    ADDS_UP = "adds-up"  #: in every row, and the rows together
    SUBJECTS_AS_SENT = "subjects-as-sent"  #: distinct enterprises and individuals
    RECOUNT_EQUAL = "recount-equal"  #: the ledger, counted again


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a workload.

    Attributes:
        rows: by procedure, in the preset's order.
        offices: by office, in order of their code.
        days: from the first filing to the last end.
        refused_codes: sent and never filed: how many by problem.
        fact_count: facts in the ledger.
        failed: what doesn't hold.
    """

    rows: tuple[tuple[str, Counts], ...]
    offices: tuple[tuple[str, Counts], ...]
    days: tuple[DayCounts, ...]
    total: Counts
    sent: Sent
    refused_codes: Mapping[str, int]
    fact_count: int
    failed: frozenset[Check]

    @property
    def enterprise_count(self) -> int:
        """Distinct enterprises that filed."""
        return self.sent.subjects.get(ApplicantKind.ENTERPRISE, 0)

    @property
    def individual_count(self) -> int:
        """Distinct individuals that filed."""
        return self.sent.subjects.get(ApplicantKind.CITIZEN, 0)

    @property
    def is_right(self) -> bool:
        """Whether nothing is left to explain."""
        return not self.failed


def make_report(preset: Preset, outcome: Outcome, state: RunState) -> Report:
    """The report of a run."""
    by_procedure = _counts(outcome.by_procedure, "procedure_id")
    by_office = _counts(outcome.by_office, "office_code")
    total = Counts.of_wire(outcome.by_procedure["total"])
    days = _days(outcome)
    asked_for = [share.procedure_id for share in preset.procedures]
    # What nobody asked for belongs in the table all the more.
    order = [*asked_for, *sorted(by_procedure.keys() - set(asked_for))]
    sent = outcome.sent
    subjects = outcome.by_procedure["subjects"]
    holds = {
        Check.FILED_AS_SENT: _filed(by_procedure) == sent.by_procedure and _filed(by_office) == sent.by_office,
        Check.INSTANTS_KEPT: all(day.sent == day.filed for day in days),
        Check.ADDS_UP: _add_up(by_procedure.values(), total) and _add_up(by_office.values(), total),
        Check.SUBJECTS_AS_SENT: {kind: count for kind, count in subjects.items() if count} == dict(sent.subjects),
        Check.RECOUNT_EQUAL: bool(outcome.recount["equal"]),
    }
    return Report(
        rows=tuple((name, by_procedure[name]) for name in order if name in by_procedure),
        offices=tuple(sorted(by_office.items())),
        days=tuple(days),
        total=total,
        sent=sent,
        refused_codes=dict(Counter(item.code for item in state.refused).most_common()),
        fact_count=outcome.recount["facts"],
        failed=frozenset(check for check, is_so in holds.items() if not is_so),
    )


def _counts(statistics: Mapping[str, Any], name: str) -> dict[str, Counts]:
    return {row[name]: Counts.of_wire(row) for row in statistics["rows"]}


def _filed(counts: Mapping[str, Counts]) -> dict[str, int]:
    return {name: row.filed for name, row in counts.items()}


def _add_up(rows: Collection[Counts], total: Counts) -> bool:
    return all(row.adds_up for row in [*rows, total]) and sum(rows, NOTHING) == total


def _days(outcome: Outcome) -> list[DayCounts]:
    """Every day from the first to the last on which something happened."""
    rows = {date.fromisoformat(row["day"]): row for row in outcome.by_day["rows"]}
    known = sorted({*rows, *outcome.sent.by_day})
    days: list[DayCounts] = []
    backlog = 0
    for n in range((known[-1] - known[0]).days + 1 if known else 0):
        day = known[0] + timedelta(days=n)
        row = rows.get(day)
        filed = row["filed"] if row else 0
        ended = row["refused_at_intake"] + row["closed_before_receipt"] + row["resolved"]["total"] if row else 0
        backlog += filed - ended
        received = row["received"] if row else 0
        days.append(DayCounts(day, outcome.sent.by_day.get(day, 0), filed, received, ended, backlog))
    return days
