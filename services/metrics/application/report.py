"""The official report of a period: asks for its figures, makes its rows and the total, and lets nothing wrong out.

Reads through `ReportReader`; doesn't know SQL or HTTP, nor what procedures and offices are called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.contracts.counting_rules import CountingRules
from services.contracts.timeliness import vietnamese_day
from services.metrics.application.ports import Dimension, GroupKey, ReportReader, Selection
from services.metrics.domain.report import ReportRow, report_row, report_total
from services.metrics.domain.standing import last_instant
from services.runtime.errors import ProblemError

#: What the rows of a report can be. A day is none: the report is of a period.
REPORT_DIMENSIONS = (
    Dimension.PROCEDURE,
    Dimension.OFFICE,
    Dimension.DEPARTMENT,
    Dimension.LEVEL,
    Dimension.CHANNEL,
)


@dataclass(frozen=True, slots=True)
class Report:
    """The answer.

    Attributes:
        as_of: The instant at which pending dossiers are judged: the period's end, or now while its last day goes on.
        rows: By group, in order; groups that nothing was ever filed of have none.
        total: All rows together.
        positions: Up to which ledger position each partition is counted.
    """

    group_by: tuple[Dimension, ...]
    rules: CountingRules
    as_of: datetime
    rows: Mapping[GroupKey, ReportRow]
    total: ReportRow
    positions: Mapping[int, int]


def ask_report(
    reader: ReportReader, selection: Selection, group_by: Sequence[Dimension], rules: CountingRules
) -> Report:
    """Make the report of a period.

    Args:
        reader: reads the counts.
        selection: with both ends of the period.
        group_by: what the rows are; of `REPORT_DIMENSIONS`.
        rules: what to count by.

    Raises:
        ProblemError: `period-ahead`, the period ends after today: what will be open then isn't known.
        BrokenReportError: the sums of the form don't hold; nobody may see such numbers.
    """
    assert selection.first_on is not None  # the query says so
    assert selection.last_on is not None
    today = vietnamese_day(selection.now)
    if selection.last_on > today:
        raise ProblemError(
            "period-ahead", 422, f"The period ends on {selection.last_on}; the sandbox's clock has come to {today}."
        )
    as_of = min(selection.now, last_instant(selection.last_on))
    figures = reader.report_figures(selection, group_by, rules, as_of)
    rows = {key: report_row(group, rules) for key, group in sorted(figures.groups.items())}
    total = report_total(rows.values())
    return Report(tuple(group_by), rules, as_of, rows, total, figures.positions)
