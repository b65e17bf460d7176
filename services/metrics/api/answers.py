"""Answers as JSON: plain dictionaries, the same member names as the database's columns where there is one."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from services.metrics.application.ports import Dimension, GroupKey, OpenCount
from services.metrics.application.recount import RecountResult
from services.metrics.application.report import Report
from services.metrics.application.statistics import Ratio, Row, Statistics
from services.metrics.domain.counting import Measure
from services.metrics.domain.report import ReportRow

_MEMBER = {
    Dimension.PROCEDURE: "procedure_id",
    Dimension.OFFICE: "office_code",
    Dimension.DEPARTMENT: "department_code",
    Dimension.LEVEL: "level",
    Dimension.CHANNEL: "channel",
    Dimension.DAY: "day",
}

#: Kinds of applicant that an answer always names, also when there are none.
_KINDS = ("enterprise", "citizen", "household")


def statistics_answer(statistics: Statistics) -> dict[str, Any]:
    """The answer to a question about counts."""
    return {
        "group_by": [str(dimension) for dimension in statistics.group_by],
        "rows": [{**_key(statistics.group_by, row.key), **_counts(row)} for row in statistics.rows],
        "total": _counts(statistics.total),
        "subjects": None if statistics.subjects is None else {**dict.fromkeys(_KINDS, 0), **statistics.subjects},
        "positions": {str(partition): position for partition, position in statistics.positions.items()},
    }


def report_answer(report: Report) -> dict[str, Any]:
    """The official report: columns by name, and beside them what the form has no place for."""
    return {
        "as_of": report.as_of.isoformat(),
        "rules": report.rules.to_wire(),
        "group_by": [str(dimension) for dimension in report.group_by],
        "rows": [{**_key(report.group_by, key), **_report_row(row)} for key, row in report.rows.items()],
        "total": _report_row(report.total),
        "positions": {str(partition): position for partition, position in report.positions.items()},
    }


def _report_row(row: ReportRow) -> dict[str, Any]:
    return {"columns": asdict(row.columns), "without_limit": asdict(row.without_limit)}


def _key(group_by: Sequence[Dimension], key: GroupKey) -> dict[str, Any]:
    return {
        _MEMBER[dimension]: value.isoformat() if isinstance(value, date) else value
        for dimension, value in zip(group_by, key, strict=True)
    }


def _counts(row: Row) -> dict[str, Any]:
    tally = row.tally
    return {
        "filed": tally[Measure.FILED],
        "received": tally[Measure.RECEIVED],
        "refused_at_intake": tally[Measure.REFUSED_AT_INTAKE],
        "closed_before_receipt": tally[Measure.CLOSED_BEFORE_RECEIPT],
        "awaiting_receipt": row.awaiting_receipt,
        "resolved": {
            "early": tally[Measure.RESOLVED_EARLY],
            "on_time": tally[Measure.RESOLVED_ON_TIME],
            "overdue": tally[Measure.RESOLVED_OVERDUE],
            "without_limit": tally[Measure.RESOLVED_WITHOUT_LIMIT],
            "total": row.resolved_total,
        },
        "withdrawn": tally[Measure.WITHDRAWN],
        "stopped": tally[Measure.STOPPED],
        "returned": tally[Measure.RETURNED],
        "asked_to_supplement": {"once": tally[Measure.ASKED_ONCE], "again": tally[Measure.ASKED_AGAIN]},
        "satisfaction": {
            "very_satisfied": tally[Measure.VERY_SATISFIED],
            "satisfied": tally[Measure.SATISFIED],
            "not_satisfied": tally[Measure.NOT_SATISFIED],
        },
        "open": None if row.open is None else _open(row.open),
        "on_time_ratio": _ratio(row.on_time_of_resolved),
        "on_time_of_received_ratio": _ratio(row.on_time_of_received),
    }


def _open(count: OpenCount) -> dict[str, int]:
    return {**count._asdict(), "total": sum(count)}


def _ratio(ratio: Ratio) -> dict[str, float | int | None]:
    return {"value": ratio.value, "numerator": ratio.numerator, "denominator": ratio.denominator}


def recount_answer(result: RecountResult) -> dict[str, Any]:
    """The outcome of a recount."""
    return {
        "equal": result.is_equal,
        "facts": result.fact_count,
        "positions": {str(partition): position for partition, position in result.positions.items()},
        "difference_count": result.difference_count,
        "differences": [{"partition": partition, **found._asdict()} for partition, found in result.differences],
    }
