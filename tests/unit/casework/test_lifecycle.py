"""The table and the function that applies it: who may do what, and what it does to the time limit."""

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from services.casework.acts import move
from services.casework.lifecycle import (
    TRANSITIONS,
    IllegalTransitionError,
    Transition,
    transition,
)
from services.contracts.vocabulary import SETTLED_STATUSES, TERMINAL_STATUSES, Action, Actor, Refusal, Status
from services.law.effects import DeadlineEffect
from tests.support.cases import make_case, rules

NINE = datetime(2018, 6, 4, 2, 0, tzinfo=UTC)


def test_no_row_is_there_twice() -> None:
    keys = [(row.before, row.action) for row in TRANSITIONS]
    assert len(keys) == len(set(keys))


def test_terminal_statuses_are_those_that_nothing_leaves() -> None:
    assert set(Status) - {row.before for row in TRANSITIONS if row.after is not row.before} == TERMINAL_STATUSES


def test_after_the_end_only_a_rating_is_heard() -> None:
    """Circular 32/2017/TT-BTTTT art. 12; it changes no status."""
    assert [row.action for row in TRANSITIONS if row.before in TERMINAL_STATUSES] == [Action.RATE]


def test_every_row_says_where_it_comes_from() -> None:
    assert all(row.source for row in TRANSITIONS)


def test_every_status_is_reached_from_filing() -> None:
    reached: set[Status | None] = {None}
    while new := {row.after for row in TRANSITIONS if row.before in reached} - reached:
        reached |= new
    assert reached == {None, *Status}


def test_every_status_can_come_to_an_end() -> None:
    ending: set[Status | None] = set(TERMINAL_STATUSES)
    while new := {row.before for row in TRANSITIONS if row.after in ending} - ending:
        ending |= new
    assert ending == {None, *Status}


@pytest.mark.parametrize("status", [Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED])
def test_who_waits_for_an_applicant_is_released_by_the_clock(status: Status) -> None:
    row = transition(status, Action.STOP, Actor.CLOCK, was_received=True)
    assert row.after is Status.STOPPED


def test_the_clock_ends_silence_and_does_nothing_else() -> None:
    by_the_clock = [row for row in TRANSITIONS if Actor.CLOCK in row.actors]
    assert {row.action for row in by_the_clock} == {Action.STOP, Action.REFUSE, Action.RECLASSIFY}
    assert {row.before for row in by_the_clock} == {Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED}


def test_only_the_bank_and_an_officer_say_that_it_is_paid() -> None:
    actors = {row.action: row.actors for row in TRANSITIONS if row.before is Status.PAYMENT_REQUESTED}
    assert actors[Action.DEBIT] == {Actor.BANK}
    assert actors[Action.PAY] == {Actor.BANK, Actor.OFFICER}


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row.before and row.before.slug}-{row.action}")
def test_a_row_is_applied_for_its_actors_and_for_nobody_else(row: Transition) -> None:
    was_received = row.needs_receipt is not False
    for actor in Actor:
        if actor in row.actors:
            assert transition(row.before, row.action, actor, was_received=was_received) is row
        else:
            with pytest.raises(IllegalTransitionError) as refused:
                transition(row.before, row.action, actor, was_received=was_received)
            assert refused.value.refusal is Refusal.ACTOR_NOT_ALLOWED


@pytest.mark.parametrize("status", [None, *Status])
def test_what_is_not_in_the_table_is_illegal_for_everyone(status: Status | None) -> None:
    allowed = {row.action for row in TRANSITIONS if row.before is status}
    for action in set(Action) - allowed:
        for actor in Actor:
            with pytest.raises(IllegalTransitionError) as refused:
                transition(status, action, actor, was_received=True)
            assert refused.value.refusal is Refusal.ILLEGAL_TRANSITION


@pytest.mark.parametrize(("was_received", "allowed"), [(False, Action.RESUBMIT), (True, Action.SUPPLEMENT)])
def test_a_supplement_goes_back_to_where_it_was_asked_for(was_received: bool, allowed: Action) -> None:
    for action in (Action.RESUBMIT, Action.SUPPLEMENT):
        if action is allowed:
            row = transition(Status.SUPPLEMENT_REQUESTED, action, Actor.APPLICANT, was_received=was_received)
            assert row.after is (Status.IN_PROCESS if was_received else Status.SUBMITTED)
        else:
            with pytest.raises(IllegalTransitionError):
                transition(Status.SUPPLEMENT_REQUESTED, action, Actor.APPLICANT, was_received=was_received)


def test_a_limit_starts_with_receipt_and_stands_still_only_while_the_applicant_is_asked() -> None:
    assert {row.action for row in TRANSITIONS if row.effect is DeadlineEffect.START} == {Action.RECEIVE}
    suspending = {row.after for row in TRANSITIONS if row.effect is DeadlineEffect.SUSPEND}
    assert suspending == {Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED}
    # Whatever stands still goes on when the dossier leaves that status, unless it ends (or hasn't begun: resubmit).
    for row in TRANSITIONS:
        if row.before in suspending and row.needs_receipt is not False:
            goes_on = {DeadlineEffect.CONTINUE, DeadlineEffect.RESUME, DeadlineEffect.RECLASSIFY}
            assert row.effect in goes_on or row.after in SETTLED_STATUSES or row.after is row.before, row


def test_an_illegal_move_leaves_the_case_as_it_was() -> None:
    case = make_case(status=Status.RECEIVED, received_at=NINE)
    before = repr(case)
    with pytest.raises(IllegalTransitionError):
        move(case, Action.GRANT, Actor.LEADER, NINE + timedelta(hours=1), rules().calendar)
    assert repr(case) == before


@pytest.mark.parametrize(
    ("procedure_id", "is_restarted"), [("amendment-after-clearance", True), ("refund-first", False)], ids=str
)
def test_a_supplement_restarts_or_pauses_by_the_procedures_rule(procedure_id: str, is_restarted: bool) -> None:
    case = make_case(procedure_id=procedure_id)
    for hours, (action, actor) in enumerate(
        [
            (Action.RECEIVE, Actor.OFFICER),
            (Action.START, Actor.OFFICER),
            (Action.REQUEST_SUPPLEMENT, Actor.OFFICER),
            (Action.SUPPLEMENT, Actor.APPLICANT),
        ]
    ):
        move(case, action, actor, NINE + timedelta(hours=hours), rules().calendar)
    assert case.deadline is not None
    assert case.turn == 1
    assert case.received_at == NINE
    assert case.deadline.started_at == NINE + timedelta(hours=3 if is_restarted else 0)
    assert [bool(part.ended_at) for part in case.deadline.suspensions] == ([] if is_restarted else [True])


def test_the_published_table_is_this_one() -> None:
    """What the portal offers is made from it by `tools/generate_lifecycle.py`."""
    published = json.loads((files("services.contracts") / "published" / "lifecycle.json").read_text())["transitions"]
    assert published == [
        {
            "before": row.before.slug if row.before else None,
            "action": row.action.value,
            "after": row.after.slug,
            "actors": sorted(actor.value for actor in row.actors),
            "needs_receipt": row.needs_receipt,
            "form": row.form,
            "deadline_effect": row.effect.value,
        }
        for row in TRANSITIONS
    ]
