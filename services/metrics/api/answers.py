"""Answers as JSON: plain dictionaries, the same member names as the database's columns where there is one."""

from datetime import date
from typing import Any

from services.metrics.application.ports import Dimension, OpenCount
from services.metrics.application.recount import RecountResult
from services.metrics.application.statistics import Ratio, Row, Statistics
from services.metrics.domain.counting import Measure

_MEMBER = {
    Dimension.PROCEDURE: "procedure_id",
    Dimension.OFFICE: "office_code",
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
        "rows": [
            {
                **{
                    _MEMBER[dimension]: value.isoformat() if isinstance(value, date) else value
                    for dimension, value in zip(statistics.group_by, row.key, strict=True)
                },
                **_counts(row),
            }
            for row in statistics.rows
        ],
        "total": _counts(statistics.total),
        "subjects": None if statistics.subjects is None else {**dict.fromkeys(_KINDS, 0), **statistics.subjects},
        "positions": {str(partition): position for partition, position in statistics.positions.items()},
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
