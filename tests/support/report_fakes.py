"""What metrics would answer to the report pages' questions, for a portal in memory: small, and its sums hold."""

from collections.abc import Mapping
from typing import Any

from services.contracts.counting_rules import CountingRules

#: Columns 4, 5, 6, 8, 9, 10, 13 of each procedure.
_PROCEDURES: Mapping[str, tuple[int, ...]] = {
    "amendment-after-clearance": (1210, 55, 80, 1010, 190, 6, 3),
    "declaration-cancellation": (840, 30, 41, 790, 70, 0, 0),
    "refund-first": (310, 12, 95, 190, 44, 9, 12),
    "storage-extension": (0, 0, 0, 0, 0, 0, 0),
}
_WITHOUT_LIMIT = {"storage-extension": (209, 6, 3, 180)}
_UNITS: Mapping[str, tuple[int, ...]] = {
    "01": (900, 40, 90, 760, 120, 5, 4),
    "30": (310, 5, 11, 300, 20, 0, 0),
}

_OFFICES = {"01": "01B1", "30": "30F1"}


def columns(
    online: int, direct: int, carried: int, early: int, on_time: int, late: int, pending_late: int
) -> dict[str, int]:
    """A row whose sums hold."""
    received, resolved = online + direct + carried, early + on_time + late
    return {
        "received_total": received,
        "received_online": online,
        "received_direct_post": direct,
        "carried_over": carried,
        "resolved_total": resolved,
        "resolved_before_due": early,
        "resolved_on_time": on_time,
        "resolved_overdue": late,
        "pending_total": received - resolved,
        "pending_in_time": received - resolved - pending_late,
        "pending_overdue": pending_late,
    }


def without_limit(online: int = 0, direct: int = 0, carried: int = 0, resolved: int = 0) -> dict[str, int]:
    """A row of what has no limit."""
    return {
        "received_online": online,
        "received_direct_post": direct,
        "carried_over": carried,
        "resolved": resolved,
        "pending": online + direct + carried - resolved,
    }


def report_answer(query: Mapping[str, str], as_of: str = "2018-06-08T09:00:00+00:00") -> dict[str, Any]:
    """The answer of metrics to a question for a report; filters but the procedure's are passed over."""
    group_by = query["group_by"]
    by_procedure = group_by == "procedure"
    wanted = query.get("procedure_id", ",".join(_PROCEDURES)).split(",") if by_procedure else list(_UNITS)
    source, member = (_PROCEDURES, "procedure_id") if by_procedure else (_UNITS, f"{group_by}_code")
    rows = [
        {
            member: _OFFICES[key] if group_by == "office" else key,
            "columns": columns(*numbers),
            "without_limit": without_limit(*_WITHOUT_LIMIT.get(key, ())),
        }
        for key, numbers in source.items()
        if key in wanted
    ]
    rules = CountingRules().to_wire()
    return {
        "as_of": as_of,
        "rules": {**rules, **{name: query[name] for name in rules if name in query}},
        "group_by": [group_by],
        "rows": rows,
        "total": {
            "columns": added(columns(0, 0, 0, 0, 0, 0, 0), [row["columns"] for row in rows]),
            "without_limit": added(without_limit(), [row["without_limit"] for row in rows]),
        },
        "positions": {"0": 100, "1": 90},
    }


def added(nothing: Mapping[str, int], rows: list[dict[str, int]]) -> dict[str, int]:
    """All rows together."""
    return {name: sum(row[name] for row in rows) for name in nothing}
