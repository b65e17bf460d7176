"""What each fact counts."""

from datetime import date, timedelta

import pytest

from services.contracts.vocabulary import Action
from services.metrics.domain.counting import MEASURE_NAMES, Changes, EarlyEnd, OpenDossier, Subject, TallyKey, count
from tests.support.facts import MONDAY, HandLedger

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DUE = MONDAY + 4 * DAY


def measures(changes: Changes) -> dict[str, int]:
    """All tallies added up, without zeros."""
    sums = [sum(column) for column in zip(*changes.tallies.values(), strict=True)]
    return {name: n for name, n in zip(MEASURE_NAMES, sums, strict=True) if n}


def received(ledger: HandLedger, **changes: object) -> None:
    ledger.file(**changes)
    ledger.act(1, Action.RECEIVE, MONDAY + HOUR, due_at=DUE if ledger.facts[0].limit_unit else None)


def test_filing_counts_on_the_day_in_vietnam_it_happened() -> None:
    ledger = HandLedger()
    ledger.file(1, MONDAY + timedelta(hours=14, minutes=59))
    ledger.file(2, MONDAY + timedelta(hours=15), office_code="30F2", level=3, channel="post")
    assert list(count(ledger.facts).tallies) == [
        TallyKey(date(2018, 6, 4), "amend-after-clearance", "30F1", 4, "online"),
        TallyKey(date(2018, 6, 5), "amend-after-clearance", "30F2", 3, "post"),
    ]


def test_whole_life_counts_each_step_once_and_leaves_nothing_open() -> None:
    ledger = HandLedger()
    ledger.process(due_at=DUE, granted_at=MONDAY + DAY)
    changes = count(ledger.facts)
    assert measures(changes) == {"filed": 1, "received": 1, "resolved_early": 1, "returned": 1}
    assert (changes.opened, changes.moved, changes.closed) == ({}, {}, set())


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
    assert measures(count(ledger.facts))[measure] == 1


def test_refusal_of_the_request_is_a_result_like_any_other() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.START, MONDAY + HOUR, due_at=DUE)
    ledger.act(1, Action.REFUSE, DUE + DAY, due_at=DUE)
    assert measures(count(ledger.facts)) == {"filed": 1, "received": 1, "resolved_overdue": 1}


def test_procedure_without_limit_counts_apart() -> None:
    ledger = HandLedger()
    ledger.process(due_at=None, granted_at=MONDAY + 99 * DAY, limit_unit=None)
    assert measures(count(ledger.facts))["resolved_without_limit"] == 1


def test_refused_at_intake_was_never_received() -> None:
    ledger = HandLedger()
    ledger.file()
    ledger.act(1, Action.REFUSE_INTAKE, MONDAY + HOUR)
    assert measures(count(ledger.facts)) == {"filed": 1, "refused_at_intake": 1}


@pytest.mark.parametrize(("action", "measure"), [(Action.WITHDRAW, "withdrawn"), (Action.STOP, "stopped")])
def test_ended_before_receipt_is_closed_and_not_resolved(action, measure) -> None:
    ledger = HandLedger()
    ledger.file()
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + HOUR)
    ledger.act(1, action, MONDAY + DAY)
    changes = count(ledger.facts)
    assert measures(changes) == {"filed": 1, measure: 1, "closed_before_receipt": 1}
    assert changes.closed == set()


@pytest.mark.parametrize(("action", "measure"), [(Action.WITHDRAW, "withdrawn"), (Action.STOP, "stopped")])
@pytest.mark.parametrize(
    ("policy", "resolved"), [(EarlyEnd.ON_TIME, "resolved_on_time"), (EarlyEnd.AS_DUE, "resolved_overdue")]
)
def test_ended_after_receipt_counts_as_the_policy_says(action, measure, policy, resolved) -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, action, DUE + 3 * DAY, due_at=DUE)
    assert measures(count(ledger.facts, early_end=policy)) == {"filed": 1, "received": 1, measure: 1, resolved: 1}


@pytest.mark.parametrize("policy", list(EarlyEnd))
def test_ended_while_suspended_is_on_time(policy) -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + DAY, due_at=None)
    ledger.act(1, Action.STOP, MONDAY + 60 * DAY, due_at=None)
    assert measures(count(ledger.facts, early_end=policy))["resolved_on_time"] == 1


@pytest.mark.parametrize("policy", list(EarlyEnd))
def test_ended_without_a_limit_stays_without(policy) -> None:
    ledger = HandLedger()
    received(ledger, limit_unit=None)
    ledger.act(1, Action.WITHDRAW, MONDAY + DAY)
    assert measures(count(ledger.facts, early_end=policy))["resolved_without_limit"] == 1


def test_supplement_is_one_receipt_and_one_resolution_against_the_new_due_time() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + DAY)
    ledger.act(1, Action.SUPPLEMENT, MONDAY + 30 * DAY, due_at=MONDAY + 35 * DAY)
    ledger.act(1, Action.GRANT, MONDAY + 34 * DAY, due_at=MONDAY + 35 * DAY)
    assert measures(count(ledger.facts)) == {"filed": 1, "received": 1, "resolved_early": 1}


def test_resubmitted_dossier_is_filed_once() -> None:
    ledger = HandLedger()
    ledger.file()
    ledger.act(1, Action.REQUEST_SUPPLEMENT, MONDAY + HOUR)
    ledger.act(1, Action.RESUBMIT, MONDAY + DAY)
    assert measures(count(ledger.facts)) == {"filed": 1}


def test_action_that_was_not_carried_out_counts_nothing() -> None:
    ledger = HandLedger()
    received(ledger)
    before = count(ledger.facts)
    ledger.refuse(1, Action.GRANT, MONDAY + DAY)
    assert count(ledger.facts) == before


def test_received_dossier_is_open_and_due_as_its_last_fact_says() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.START, MONDAY + HOUR, due_at=DUE)
    ledger.act(1, Action.REQUEST_PAYMENT, MONDAY + DAY, due_at=None)
    assert count(ledger.facts).opened == {
        1: OpenDossier("amend-after-clearance", "30F1", 4, "online", None, "working-days")
    }


def test_dossier_open_since_before_moves_and_closes() -> None:
    ledger = HandLedger()
    received(ledger)
    ledger.act(1, Action.START, MONDAY + HOUR, due_at=DUE)
    moved = count(ledger.facts[2:])
    assert (moved.opened, moved.moved, moved.closed) == ({}, {1: DUE}, set())
    ledger.act(1, Action.GRANT, MONDAY + DAY, due_at=DUE)
    closed = count(ledger.facts[2:])
    assert (closed.opened, closed.moved, closed.closed) == ({}, {}, {1})


def test_returning_a_result_doesnt_touch_open_dossiers() -> None:
    ledger = HandLedger()
    ledger.process(due_at=DUE, granted_at=DUE)
    changes = count(ledger.facts[-1:])
    assert measures(changes) == {"returned": 1}
    assert changes.closed == set()


def test_subject_is_known_once_a_procedure() -> None:
    ledger = HandLedger()
    for number, procedure_id in enumerate(["refund", "refund", "cancel"], start=1):
        ledger.file(number, procedure_id=procedure_id)
    assert count(ledger.facts).subjects == {
        Subject("refund", "enterprise", "0100109106"),
        Subject("cancel", "enterprise", "0100109106"),
    }


def test_no_facts_change_nothing() -> None:
    assert count([]) == Changes()
