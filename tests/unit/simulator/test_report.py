"""The report: rows that add up, and what it says when something doesn't."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from services.simulator.driver import Outcome
from services.simulator.preset import Preset
from services.simulator.report import Check, Counts, Report, make_report
from tests.support.simulations import STATE, outcome_of, wire


def test_a_right_outcome_makes_a_right_report(ha_tinh: Preset) -> None:
    report = make_report(ha_tinh, outcome_of(ha_tinh), STATE)
    assert report.is_right
    assert [name for name, _ in report.rows] == ["declaration-cancellation", "storage-extension"]
    assert [name for name, _ in report.offices] == ["30BB", "30CF"]
    assert report.total == Counts(12, 1, 1, 1, 9, 3, 2, 1, 2, 1, 3, 0)
    assert report.total.not_received == 3
    assert report.total.on_time_ratio == pytest.approx(5 / 6)
    assert report.rows[1][1].on_time_ratio is None
    assert report.total.ended_early == 2
    assert (report.enterprise_count, report.individual_count) == (3, 1)
    assert report.sent.total_count == 15
    assert report.refused_codes == {"not-in-register": 2, "invalid-body": 1}


def test_every_day_has_its_backlog_also_one_on_which_nothing_happens(ha_tinh: Preset) -> None:
    days = make_report(ha_tinh, outcome_of(ha_tinh), STATE).days
    assert [(day.day.day, day.filed, day.ended, day.backlog) for day in days] == [
        (2, 10, 2, 8),
        (3, 0, 0, 8),
        (4, 2, 8, 2),
    ]


def lose_one_filed(outcome: Outcome) -> None:
    outcome.by_procedure["rows"][0]["filed"] -= 1


def count_one_twice(outcome: Outcome) -> None:
    outcome.by_procedure["rows"][0]["resolved"]["without_limit"] += 1


def total_differs_from_rows(outcome: Outcome) -> None:
    outcome.by_procedure["total"]["filed"] += 1
    outcome.by_procedure["total"]["awaiting_receipt"] += 1


def send_one_more(outcome: Outcome) -> None:
    outcome.sent.by_procedure["storage-extension"] += 1  # type: ignore[index]


def lose_an_enterprise(outcome: Outcome) -> None:
    outcome.by_procedure["subjects"]["enterprise"] -= 1


def differ_from_the_ledger(outcome: Outcome) -> None:
    outcome.recount["equal"] = False  # type: ignore[index]


def put_into_another_office(outcome: Outcome) -> None:
    first, second = outcome.by_office["rows"]
    first["office_code"], second["office_code"] = second["office_code"], first["office_code"]


def come_a_day_later(outcome: Outcome) -> None:
    outcome.by_day["rows"][0]["day"] = "2020-01-03"


@pytest.mark.parametrize(
    ("spoil", "failed"),
    [
        (lose_one_filed, {Check.FILED_AS_SENT, Check.ADDS_UP}),
        (count_one_twice, {Check.ADDS_UP}),
        (total_differs_from_rows, {Check.ADDS_UP}),
        (send_one_more, {Check.FILED_AS_SENT}),
        (put_into_another_office, {Check.FILED_AS_SENT}),
        (come_a_day_later, {Check.INSTANTS_KEPT}),
        (lose_an_enterprise, {Check.SUBJECTS_AS_SENT}),
        (differ_from_the_ledger, {Check.RECOUNT_EQUAL}),
    ],
)
def test_whatever_is_wrong_is_found(ha_tinh: Preset, spoil: Callable[[Outcome], None], failed: set[Check]) -> None:
    outcome = deepcopy(outcome_of(ha_tinh))
    spoil(outcome)
    report = make_report(ha_tinh, outcome, STATE)
    assert not report.is_right
    assert report.failed == failed


def test_a_procedure_that_nobody_asked_for_is_shown_too(ha_tinh: Preset) -> None:
    outcome = outcome_of(ha_tinh)
    outcome.by_procedure["rows"].append({"procedure_id": "zz-new", **wire(0, 0, 0)})
    report: Report = make_report(ha_tinh, outcome, STATE)
    assert [name for name, _ in report.rows][-1] == "zz-new"
    assert not report.is_right
