"""The report: rows that add up, and what it says when something doesn't."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from motcua import Client

from services.simulator.arrivals import start_of_day
from services.simulator.driver import Outcome
from services.simulator.preset import Preset
from services.simulator.report import Counts, Report, make_report


def wire(filed: int, received: int, early: int, **others: int) -> dict[str, Any]:
    """A row as the portal answers it."""
    return {
        "filed": filed,
        "received": received,
        "refused_at_intake": others.get("refused", 0),
        "closed_before_receipt": others.get("closed", 0),
        "awaiting_receipt": others.get("awaiting", 0),
        "resolved": {
            "early": early,
            "on_time": others.get("on_time", 0),
            "overdue": others.get("overdue", 0),
            "without_limit": others.get("without_limit", 0),
        },
        "withdrawn": others.get("withdrawn", 0),
        "stopped": 0,
        "open": {"total": others.get("open", 0)},
    }


def outcome_of(preset: Preset) -> Outcome:
    """Everything as it should be: two procedures, 12 dossiers."""
    first = {"procedure_id": "declaration-cancellation", **wire(8, 6, 3, refused=1, closed=1, on_time=2, overdue=1)}
    second = {"procedure_id": "storage-extension", **wire(4, 3, 0, awaiting=1, without_limit=2, open=1)}
    total = wire(12, 9, 3, refused=1, closed=1, awaiting=1, on_time=2, overdue=1, without_limit=2, open=1, withdrawn=3)
    subjects = {"enterprise": preset.enterprise_count.value, "citizen": 0, "household": 0}
    return Outcome(
        sandbox=cast("Client", None),
        sent={"declaration-cancellation": 8, "storage-extension": 4},
        door_problems=[],
        statistics={"rows": [second, first], "total": total, "subjects": subjects},
        recount={"equal": True, "facts": 50},
        now=start_of_day(preset.period.last_on),
    )


def test_a_right_outcome_makes_a_right_report(ha_tinh: Preset) -> None:
    report = make_report(ha_tinh, outcome_of(ha_tinh))
    assert report.is_right
    assert [name for name, _ in report.rows] == ["declaration-cancellation", "storage-extension"]
    assert report.total == Counts(12, 1, 1, 1, 9, 3, 2, 1, 2, 1)
    assert report.total.not_received == 3
    assert report.total.on_time_ratio == pytest.approx(5 / 6)
    assert report.rows[1][1].on_time_ratio is None
    assert report.ended_early == 2


def lose_one_filed(outcome: Outcome) -> None:
    outcome.statistics["rows"][0]["filed"] -= 1


def count_one_twice(outcome: Outcome) -> None:
    outcome.statistics["rows"][0]["resolved"]["without_limit"] += 1


def total_differs_from_rows(outcome: Outcome) -> None:
    outcome.statistics["total"]["filed"] += 1
    outcome.statistics["total"]["awaiting_receipt"] += 1


def send_one_more(outcome: Outcome) -> None:
    outcome.sent["storage-extension"] += 1


def lose_an_enterprise(outcome: Outcome) -> None:
    outcome.statistics["subjects"]["enterprise"] -= 1


def differ_from_the_ledger(outcome: Outcome) -> None:
    outcome.recount["equal"] = False


@pytest.mark.parametrize(
    ("spoil", "still_hold"),
    [
        (lose_one_filed, {"subjects_as_sent", "recount_is_equal"}),
        (count_one_twice, {"filed_as_sent", "subjects_as_sent", "recount_is_equal"}),
        (total_differs_from_rows, {"filed_as_sent", "subjects_as_sent", "recount_is_equal"}),
        (send_one_more, {"adds_up", "subjects_as_sent", "recount_is_equal"}),
        (lose_an_enterprise, {"adds_up", "filed_as_sent", "recount_is_equal"}),
        (differ_from_the_ledger, {"adds_up", "filed_as_sent", "subjects_as_sent"}),
    ],
)
def test_whatever_is_wrong_is_found(ha_tinh: Preset, spoil: Callable[[Outcome], None], still_hold: set[str]) -> None:
    outcome = outcome_of(ha_tinh)
    spoil(outcome)
    report = make_report(ha_tinh, outcome)
    assert not report.is_right
    assert {name for name in CHECKS if getattr(report, name)} == still_hold


CHECKS = ("adds_up", "filed_as_sent", "subjects_as_sent", "recount_is_equal")


def test_a_procedure_that_nobody_asked_for_is_shown_too(ha_tinh: Preset) -> None:
    outcome = outcome_of(ha_tinh)
    outcome.statistics["rows"].append({"procedure_id": "zz-new", **wire(0, 0, 0)})
    report: Report = make_report(ha_tinh, outcome)
    assert [name for name, _ in report.rows][-1] == "zz-new"
    assert not report.is_right
