"""What each fact counts."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.contracts.facts import Fact, FactBlock
from services.contracts.vocabulary import Action, Satisfaction
from services.metrics.domain.counting import (
    LATE_CHANGES,
    MEASURE_NAMES,
    Changes,
    ContestedEnd,
    EndKind,
    LateRow,
    TallyKey,
    count,
)
from services.metrics.domain.sifting import UNCOUNTED_ACTIONS, Sifted, Subject, sift
from services.metrics.domain.standing import ALL_VIEWS, BY_DUE, NEW_DATE, VIEWS, LateSpan, OpenDossier
from tests.support.facts import MONDAY, HandLedger

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DUE = MONDAY + 4 * DAY
CELL = ("amend-after-clearance", "30F1", 4, "online")


def sifted(facts: list[Fact]) -> Sifted:
    return sift([FactBlock.of(facts)] if facts else [])


def counted(facts: list[Fact], known: dict[int, OpenDossier] | None = None) -> Changes:
    return count(sifted(facts), known or {})


def measures(changes: Changes) -> dict[str, int]:
    """All tallies added up, without zeros."""
    sums = [sum(column) for column in zip(*changes.tallies.values(), strict=True)]
    return {name: n for name, n in zip(MEASURE_NAMES, sums, strict=True) if n}


def by_day(changes: Changes, measure: str) -> dict[int, int]:
    """Day of the month to number."""
    place = MEASURE_NAMES.index(measure)
    return {key.day.day: tally[place] for key, tally in changes.tallies.items() if tally[place]}


def late_days(changes: Changes) -> list[dict[int, int]]:
    """How the number of pending and overdue changes, by view and day of the month."""
    return [by_day(changes, measure.name.lower()) for measure in LATE_CHANGES]


def received(ledger: HandLedger, **changes: object) -> None:
    ledger.file(**changes)
    ledger.act(1, Action.RECEIVE, MONDAY + HOUR, due_at=DUE if ledger.facts[0].limit_unit else None)


def test_filing_counts_on_the_day_in_vietnam_it_happened() -> None:
    ledger = HandLedger()
    ledger.file(1, MONDAY + timedelta(hours=14, minutes=59))
    ledger.file(2, MONDAY + timedelta(hours=15), office_code="30F2", level=3, channel="post")
    assert list(counted(ledger.facts).tallies) == [
        TallyKey(date(2018, 6, 4), "amend-after-clearance", "30F1", 4, "online"),
        TallyKey(date(2018, 6, 5), "amend-after-clearance", "30F2", 3, "post"),
    ]


def test_whole_life_counts_each_step_once_and_leaves_nothing_behind() -> None:
    ledger = HandLedger()
    ledger.process(due_at=DUE, granted_at=MONDAY + DAY)
    changes = counted(ledger.facts)
    assert measures(changes) == {"filed": 1, "received": 1, "resolved_early": 1, "returned": 1}
    assert (changes.opened, changes.changed, changes.closed) == ({}, {}, set())
    assert (changes.late_rows, changes.contested) == ([], {})


@pytest.mark.parametrize(
    ("granted_at", "measure"),
    [
        (DUE - DAY, "resolved_early"),
        (DUE, "resolved_on_time"),
        (DUE + HOUR, "resolved_on_time"),
        (DUE + DAY, "resolved_overdue"),
    ],
)
def test_result_counts_by_the_due_day(granted_at, measure) -> None:
    ledger = HandLedger()
    ledger.process(due_at=DUE, granted_at=granted_at)
    assert measures(counted(ledger.facts))[measure] == 1


@pytest.mark.parametrize(("unit", "first_late"), [("working-days", 9), ("calendar-days", 9), ("working-hours", 8)])
def test_late_result_was_pending_and_overdue_from_the_first_late_day_to_the_day_of_the_result(unit, first_late) -> None:
    """Due on Friday 8 June, done on Wednesday 13: in days late from Saturday on, in hours on Friday evening already."""
    ledger = HandLedger()
    ledger.process(due_at=DUE, granted_at=DUE + 5 * DAY, limit_unit=unit)
    changes = counted(ledger.facts)
    assert late_days(changes) == [{first_late: 1, 13: -1}] * len(VIEWS)
    assert changes.late_rows == []


def test_result_a_few_hours_late_was_overdue_at_no_days_end() -> None:
    ledger = HandLedger()
    ledger.process(due_at=DUE, granted_at=DUE + 5 * HOUR, limit_unit="working-hours")
    changes = counted(ledger.facts)
    assert measures(changes)["resolved_overdue"] == 1
    assert late_days(changes) == [{}] * len(VIEWS)


def test_refusal_of_the_request_is_a_result_like_any_other() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.START, MONDAY + HOUR, due_at=DUE)
    ledger.act(1, Action.REFUSE, DUE + DAY, due_at=DUE)
    assert measures(counted(ledger.facts))["resolved_overdue"] == 1


def test_procedure_without_limit_counts_apart() -> None:
    ledger = HandLedger()
    ledger.process(due_at=None, granted_at=MONDAY + 99 * DAY, limit_unit=None)
    assert measures(counted(ledger.facts)) == {
        "filed": 1,
        "received": 1,
        "resolved_without_limit": 1,
        "returned": 1,
        "received_without_limit": 1,
        "filed_without_limit": 1,
    }


def test_what_has_no_limit_at_receipt_stays_apart_when_it_comes_under_one() -> None:
    ledger = HandLedger()
    received(ledger, limit_unit=None)
    ledger.act(1, Action.RECLASSIFY, MONDAY + DAY, due_at=DUE, limit_unit="working-days")
    ledger.act(1, Action.GRANT, DUE + 9 * DAY, due_at=DUE)
    changes = counted(ledger.facts)
    assert measures(changes)["resolved_without_limit"] == 1
    assert changes.late_rows == []


def test_what_comes_under_a_rule_without_limit_has_overrun_nothing() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.RECLASSIFY, MONDAY + DAY, due_at=None, limit_unit=None)
    ledger.act(1, Action.GRANT, DUE + 9 * DAY)
    assert measures(counted(ledger.facts))["resolved_on_time"] == 1


def test_refused_at_intake_was_never_received_and_leaves_the_day_it_was_filed() -> None:
    ledger = HandLedger()
    ledger.file()
    ledger.act(1, Action.REFUSE_INTAKE, MONDAY + DAY)
    changes = counted(ledger.facts)
    assert measures(changes) == {"filed": 1, "refused_at_intake": 1, "untaken": 1}
    assert (by_day(changes, "refused_at_intake"), by_day(changes, "untaken")) == ({5: 1}, {4: 1})


@pytest.mark.parametrize(("action", "measure"), [(Action.WITHDRAW, "withdrawn"), (Action.STOP, "stopped")])
def test_ended_before_receipt_is_closed_and_not_resolved(action, measure) -> None:
    ledger = HandLedger()
    ledger.file()
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + HOUR)
    ledger.act(1, action, MONDAY + DAY)
    changes = counted(ledger.facts)
    assert measures(changes) == {"filed": 1, measure: 1, "closed_before_receipt": 1, "untaken": 1}
    assert (changes.closed, changes.contested) == (set(), {})


@pytest.mark.parametrize(
    ("action", "measure", "kind"),
    [(Action.WITHDRAW, "withdrawn", EndKind.WITHDRAWN), (Action.STOP, "stopped", EndKind.STOPPED)],
)
def test_ended_after_receipt_counts_as_on_time_and_says_how_it_stood(action, measure, kind) -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, action, DUE + 3 * DAY, due_at=DUE)
    changes = counted(ledger.facts)
    assert measures(changes) == {"filed": 1, "received": 1, measure: 1, "resolved_on_time": 1}
    day = date(2018, 6, 4)
    assert changes.contested == {1: ContestedEnd(*CELL, day, day, date(2018, 6, 11), True, kind, "LLLL")}
    assert changes.late_rows == [LateRow(1, date(2018, 6, 9), date(2018, 6, 11), ALL_VIEWS, *CELL)]
    assert late_days(changes) == [{}] * len(VIEWS)


def test_ended_while_the_limit_stood_still_is_late_only_by_the_date_it_was_due_before() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + DAY, due_at=None)
    ledger.act(1, Action.STOP, MONDAY + 60 * DAY, due_at=None)
    changes = counted(ledger.facts)
    assert measures(changes)["resolved_on_time"] == 1
    assert changes.contested[1].marks == "OLOL"
    assert [row.views for row in changes.late_rows] == [1 << BY_DUE | 1 << (BY_DUE | NEW_DATE)]


def test_refusal_by_the_clock_while_a_supplement_is_awaited_is_a_result() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + DAY, due_at=None)
    ledger.act(1, Action.REFUSE, MONDAY + 60 * DAY, due_at=None)
    changes = counted(ledger.facts)
    assert measures(changes) == {"filed": 1, "received": 1, "resolved_on_time": 1, "asked_once": 1}
    assert (changes.contested[1].kind, changes.contested[1].marks) == (EndKind.RESULT, "OLOL")


def test_ended_without_a_limit_is_contested_only_in_whether_it_counts_at_all() -> None:
    ledger = HandLedger()
    received(ledger, limit_unit=None)
    ledger.act(1, Action.WITHDRAW, MONDAY + DAY)
    changes = counted(ledger.facts)
    assert measures(changes)["resolved_without_limit"] == 1
    assert changes.contested[1].marks == "NNNN"


def test_result_at_once_is_received_resolved_and_returned_in_one_fact() -> None:
    """No due date is told of what never waited: it was within whatever limit there is."""
    ledger = HandLedger()
    ledger.file()
    ledger.act(1, Action.RESOLVE_AT_ONCE, MONDAY)
    changes = counted(ledger.facts)
    assert measures(changes) == {"filed": 1, "received": 1, "resolved_early": 1, "returned": 1}
    assert (changes.opened, changes.closed, changes.contested) == ({}, set(), {})


def test_result_at_once_of_a_dossier_filed_before_closes_it() -> None:
    ledger = HandLedger()
    ledger.file(limit_unit=None)
    known = counted(ledger.facts).opened
    ledger.act(1, Action.RESOLVE_AT_ONCE, MONDAY + DAY)
    changes = counted(ledger.facts[1:], known)
    assert changes.closed == {1}
    assert by_day(changes, "filed_without_limit") == {4: 1}
    assert by_day(changes, "received_without_limit") == {5: 1}


def test_apology_moves_nothing_but_what_the_new_date_is_judged_by() -> None:
    """Due on Friday 8, new date Wednesday 13, done on Thursday 14: late to all, but not as long."""
    ledger = HandLedger()
    received(ledger)
    new_date_at = DUE + 5 * DAY
    detail = {"new_date_at": new_date_at.isoformat(), "due_at": DUE.isoformat()}
    ledger.act(1, Action.APOLOGIZE, DUE - 2 * DAY, due_at=DUE, detail=detail)
    assert counted(ledger.facts).opened[1].new_date_at == new_date_at
    ledger.act(1, Action.GRANT, DUE + 6 * DAY, due_at=DUE)
    changes = counted(ledger.facts)
    assert measures(changes)["resolved_overdue"] == 1
    assert changes.contested == {}
    longer, shorter = {9: 1, 14: -1}, {}
    assert late_days(changes) == [longer, longer, shorter, shorter]
    assert changes.late_rows == []


@pytest.mark.parametrize(("days", "marks"), [(0, "OOEE"), (3, "LLEE"), (5, "LLOO"), (6, "LLLL")])
def test_result_after_an_apology_is_judged_by_either_date(days, marks) -> None:
    ledger = HandLedger()
    received(ledger)
    detail = {"new_date_at": (DUE + 5 * DAY).isoformat()}
    ledger.act(1, Action.APOLOGIZE, DUE - 2 * DAY, due_at=DUE, detail=detail)
    ledger.act(1, Action.GRANT, DUE + days * DAY, due_at=DUE)
    contested = counted(ledger.facts).contested
    assert contested[1].marks == marks if marks != "LLLL" else contested == {}


def test_late_days_before_a_supplement_are_kept_though_the_limit_begins_anew() -> None:
    """Late from Saturday 9 to Monday 11, when a supplement was asked for; in time again afterwards."""
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.REQUEST_SUPPLEMENT, DUE + 3 * DAY)
    ledger.act(1, Action.SUPPLEMENT, DUE + 10 * DAY, due_at=DUE + 15 * DAY)
    ledger.act(1, Action.GRANT, DUE + 11 * DAY, due_at=DUE + 15 * DAY)
    changes = counted(ledger.facts)
    assert measures(changes) == {"filed": 1, "received": 1, "resolved_early": 1, "asked_once": 1}
    once, all_along = {9: 1, 11: -1}, {9: 1, 18: -1}
    assert late_days(changes) == [once, all_along, once, all_along]
    assert changes.late_rows == []


def test_late_days_stand_with_the_dossier_until_its_end_is_known() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.REQUEST_SUPPLEMENT, DUE + 3 * DAY)
    known = counted(ledger.facts).opened
    was_late = LateSpan(date(2018, 6, 9), date(2018, 6, 11), ALL_VIEWS)
    assert known[1].late == (was_late,)
    ledger.act(1, Action.SUPPLEMENT, DUE + 3 * DAY, due_at=DUE + 15 * DAY)
    ledger.act(1, Action.GRANT, DUE + 11 * DAY, due_at=DUE + 15 * DAY)
    with_result = counted(ledger.facts[3:], known)
    assert late_days(with_result) == [{9: 1, 11: -1}] * len(VIEWS)
    assert with_result.late_rows == []
    ledger.facts.pop()
    ledger.act(1, Action.WITHDRAW, DUE + 11 * DAY, due_at=DUE + 15 * DAY)
    withdrawn = counted(ledger.facts[3:], known)
    assert late_days(withdrawn) == [{}] * len(VIEWS)
    assert withdrawn.late_rows == [LateRow(1, *was_late, *CELL)]


@pytest.mark.parametrize("action", [Action.EXTEND, Action.RESCHEDULE, Action.RECLASSIFY, Action.COMPLETE_STEP])
def test_due_date_that_moves_is_judged_by_where_it_moved_to(action) -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.START, MONDAY + HOUR, due_at=DUE)
    ledger.act(1, action, MONDAY + DAY, due_at=DUE + 30 * DAY)
    ledger.act(1, Action.GRANT, DUE + 10 * DAY, due_at=DUE + 30 * DAY)
    changes = counted(ledger.facts)
    assert measures(changes)["resolved_early"] == 1
    assert changes.late_rows == []


def test_supplement_before_and_after_receipt_is_asked_twice_and_one_receipt() -> None:
    ledger = HandLedger()
    ledger.file()
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + HOUR)
    ledger.act(1, Action.RESUBMIT, MONDAY + DAY)
    ledger.act(1, Action.RECEIVE, MONDAY + DAY, due_at=DUE)
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + 2 * DAY)
    ledger.act(1, Action.SUPPLEMENT, MONDAY + 30 * DAY, due_at=MONDAY + 35 * DAY)
    ledger.act(1, Action.GRANT, MONDAY + 34 * DAY, due_at=MONDAY + 35 * DAY)
    assert measures(counted(ledger.facts)) == {"filed": 1, "received": 1, "resolved_early": 1, "asked_again": 1}


def test_resubmitted_dossier_is_filed_once() -> None:
    ledger = HandLedger()
    ledger.file()
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + HOUR)
    ledger.act(1, Action.RESUBMIT, MONDAY + DAY)
    assert measures(counted(ledger.facts)) == {"filed": 1}


@pytest.mark.parametrize("satisfaction", list(Satisfaction))
def test_rating_counts_on_its_own_day(satisfaction) -> None:
    ledger = HandLedger()
    ledger.process(due_at=DUE, granted_at=MONDAY + DAY)
    ledger.act(1, Action.RATE, MONDAY + 9 * DAY, due_at=DUE, detail={"satisfaction": str(satisfaction)})
    changes = counted(ledger.facts[-1:])
    assert measures(changes) == {satisfaction.name.lower(): 1}
    assert by_day(changes, satisfaction.name.lower()) == {13: 1}


def test_early_result_that_is_announced_is_resolved_once() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.START, MONDAY + HOUR, due_at=DUE)
    ledger.act(1, Action.GRANT, MONDAY + DAY, due_at=DUE)
    ledger.act(1, Action.ANNOUNCE_EARLY_RESULT, MONDAY + DAY, due_at=DUE)
    assert measures(counted(ledger.facts)) == {"filed": 1, "received": 1, "resolved_early": 1}


def test_dossier_keeps_its_cell_when_a_later_fact_has_another() -> None:
    """Whatever leaves a sum must leave the one it entered."""
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.GRANT, MONDAY + DAY, due_at=DUE, office_code="00ZZ")
    assert {key.office_code for key in counted(ledger.facts).tallies} == {"30F1"}


def test_action_that_was_not_carried_out_counts_nothing() -> None:
    ledger = HandLedger()
    received(ledger)
    before = counted(ledger.facts)
    ledger.refuse(1, Action.GRANT, MONDAY + DAY)
    assert counted(ledger.facts) == before


def test_received_dossier_is_open_and_due_as_its_last_fact_says() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.START, MONDAY + HOUR, due_at=DUE)
    ledger.act(1, Action.REQUEST_PAYMENT, MONDAY + DAY, due_at=None)
    filed_on = date(2018, 6, 4)
    assert counted(ledger.facts).opened == {
        1: OpenDossier(*CELL, filed_on, 0, filed_on, True, date(2018, 6, 5), None, "working-days", DUE)
    }


def test_dossier_open_since_before_changes_and_closes() -> None:
    ledger = HandLedger()
    received(ledger)
    known = counted(ledger.facts).opened
    ledger.act(1, Action.START, MONDAY + HOUR, due_at=DUE)
    ledger.act(1, Action.EXTEND, MONDAY + DAY, due_at=DUE + DAY)
    changed = counted(ledger.facts[2:], known)
    assert (changed.opened, changed.closed) == ({}, set())
    assert changed.changed[1].due_at == DUE + DAY
    ledger.act(1, Action.GRANT, MONDAY + DAY, due_at=DUE + DAY)
    closed = counted(ledger.facts[2:], known)
    assert (closed.opened, closed.changed, closed.closed) == ({}, {}, {1})


def test_step_that_changes_nothing_needs_nothing_and_writes_nothing() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.START, MONDAY + HOUR, due_at=DUE)
    ledger.act(1, Action.FORWARD, MONDAY + HOUR, due_at=DUE)
    assert not any(sifted(ledger.facts[2:]))


def test_only_dossiers_filed_earlier_and_not_settled_have_to_be_known() -> None:
    ledger = HandLedger()
    ledger.process(1, due_at=DUE, granted_at=MONDAY + DAY)
    ledger.file(2)
    ledger.act(2, Action.RECEIVE, MONDAY, due_at=DUE)

    def wanted(since: int) -> tuple[set[int], set[int]]:
        part = sifted(ledger.facts[since:])
        return part.moved, part.settled

    assert wanted(0) == (set(), set())
    assert wanted(1) == (set(), {1})
    assert wanted(4) == (set(), set())  # the result's return, and another's filing
    assert wanted(6) == ({2}, set())


def test_dossier_that_nobody_filed_is_heard_of() -> None:
    ledger = HandLedger()
    received(ledger)
    with pytest.raises(KeyError):
        counted(ledger.facts[1:])


def test_returning_a_result_doesnt_touch_open_dossiers() -> None:
    ledger = HandLedger()
    ledger.process(due_at=DUE, granted_at=DUE)
    changes = counted(ledger.facts[-1:])
    assert measures(changes) == {"returned": 1}
    assert changes.closed == set()


def test_subject_is_known_once_a_procedure() -> None:
    ledger = HandLedger()
    for number, procedure_id in enumerate(["refund", "refund", "cancel"], start=1):
        ledger.file(number, procedure_id=procedure_id)
    assert counted(ledger.facts).subjects == {
        Subject("refund", "enterprise", "0100109106"),
        Subject("cancel", "enterprise", "0100109106"),
    }


def test_no_facts_change_nothing() -> None:
    assert counted([]) == Changes()


def test_actions_that_are_passed_over_leave_the_limit_alone_and_settle_nothing() -> None:
    """By the lifecycle as processing publishes it."""
    published = Path(__file__).parents[3] / "services/contracts/published/lifecycle.json"
    rows = json.loads(published.read_text(encoding="utf-8"))["transitions"]
    passed_over = [row for row in rows if row["action"] in UNCOUNTED_ACTIONS]
    assert {row["action"] for row in passed_over} == UNCOUNTED_ACTIONS
    settled = {"not-received", "withdrawn", "stopped", "processed", "returned"}
    assert all(row["deadline_effect"] == "none" for row in passed_over)
    assert all(row["after"] not in settled or row["before"] == row["after"] for row in passed_over)
