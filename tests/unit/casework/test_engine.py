"""A run over a partition: what comes first, what each fact says, and what is planned next."""

from datetime import UTC, datetime, timedelta

import pytest

from services.casework.case import NextStep
from services.casework.engine import PartitionRun
from services.contracts.commands import RequestedAction
from services.contracts.facts import Fact
from services.contracts.timeliness import VIETNAM_TIME
from services.contracts.vocabulary import Action, Actor, OfficerKind, Reason, Status
from tests.support.cases import NINE, accepted, make_case, requested, rules

EVER = (datetime(2030, 1, 1, tzinfo=UTC), 0)


def make_run(officer: OfficerKind = OfficerKind.ROBOT, *, seed: int = 7, head_position: int = 0) -> PartitionRun:
    return PartitionRun(
        rules=rules(), seed=seed, officer=officer, head_position=head_position, recorded_at=NINE + timedelta(days=999)
    )


def test_what_is_filed_for_now_is_submitted_at_once_in_order_of_number() -> None:
    run = make_run(head_position=40)
    run.accept([accepted(5), accepted(6)], NINE)
    assert [(fact.position, fact.number, fact.action) for fact in run.facts] == [(41, 5, "submit"), (42, 6, "submit")]
    assert run.new_numbers == {5, 6}
    assert run.changed_numbers == set()
    assert run.cases[6].version == run.log.head_position == 42


def test_what_is_filed_for_later_waits() -> None:
    run = make_run()
    later = NINE + timedelta(hours=1)
    run.accept([accepted(1, filed_at=later)], NINE)
    assert run.facts == []
    assert run.cases[1].status is None
    assert run.cases[1].next_step == NextStep(later, Action.SUBMIT, Actor.APPLICANT)


def test_instants_are_told_in_utc_however_they_were_filed() -> None:
    run = make_run()
    run.accept([accepted(1, filed_at=NINE.astimezone(VIETNAM_TIME))], NINE)
    assert run.cases[1].filed_at == NINE
    assert run.cases[1].filed_at.tzinfo is run.facts[0].occurred_at.tzinfo is UTC


def test_what_comes_late_is_submitted_no_earlier_than_the_rest() -> None:
    """A scaled clock had run on while the command was on its way."""
    run = make_run()
    run.accept([accepted(1)], NINE + timedelta(hours=3))
    assert run.facts[0].occurred_at == run.cases[1].status_at == NINE + timedelta(hours=3)
    assert run.cases[1].filed_at == NINE


def test_steps_are_played_by_instant_then_number_and_so_are_the_steps_that_follow() -> None:
    run = make_run()
    run.accept([accepted(number) for number in range(1, 40)], NINE)
    run.play(range(1, 40), EVER)
    keys = [(fact.occurred_at, fact.number) for fact in run.facts]
    assert keys == sorted(keys)
    assert [fact.position for fact in run.facts] == list(range(1, len(keys) + 1))
    assert all(case.next_step is None for case in run.cases.values())


def test_the_bound_is_played_and_nothing_after_it() -> None:
    run = make_run()
    cases = [make_case(number) for number in (1, 2, 3)]
    at = NINE + timedelta(minutes=5)
    for case in cases:
        case.next_step = NextStep(at, Action.RECEIVE, Actor.OFFICER, Reason.COMPLETE)
    run.load(cases)
    run.play([1, 2, 3], (at, 2))
    assert [fact.number for fact in run.facts] == [1, 2]
    assert run.changed_numbers == {1, 2}
    assert cases[2].status is Status.SUBMITTED


def test_a_fact_says_all_that_others_need() -> None:
    run = make_run(OfficerKind.HUMAN)
    run.load([make_case(3)])
    run.act(requested(3, "receive", "officer"), NINE)
    (fact,) = run.facts
    assert fact == Fact(
        position=1,
        number=3,
        action="receive",
        status_before=Status.SUBMITTED,
        status=Status.RECEIVED,
        actor="officer",
        reason=None,
        note=None,
        occurred_at=NINE,
        recorded_at=NINE + timedelta(days=999),
        due_at=datetime(2018, 6, 12, 10, 0, tzinfo=UTC),  # six working days later, 17:00
        limit_unit="working-days",
        received_at=NINE,
        procedure_id="refund-first",
        level=4,
        office_code="30CF",
        channel="online",
        applicant_kind="enterprise",
        applicant_id="3000300002",
        command_id="act_3_receive_officer",
        refusal=None,
    )


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (requested(1, "grant", "leader"), "illegal-transition"),
        (requested(1, "receive", "applicant"), "actor-not-allowed"),
        (requested(1, "receive", "officer", version=8), "stale-version"),
    ],
)
def test_a_refusal_is_a_fact_that_changes_nothing(request_, refusal: str) -> None:
    run = make_run(OfficerKind.HUMAN, head_position=20)
    case = make_case(version=9)
    run.load([case])
    before = repr(case)
    run.act(request_, NINE)
    (fact,) = run.facts
    assert (fact.refusal, fact.command_id, fact.position) == (refusal, request_.command_id, 21)
    assert fact.status == fact.status_before == Status.SUBMITTED
    assert repr(case) == before
    assert run.changed_numbers == set()


def test_the_expected_version_is_the_last_fact_that_changed_something() -> None:
    run = make_run(OfficerKind.HUMAN)
    run.load([make_case(version=9)])
    run.act(requested(1, "receive", "officer", version=9), NINE)
    assert run.facts[-1].refusal is None


def test_an_action_on_a_dossier_that_is_not_filed_is_passed_over() -> None:
    """The portal asks for none; if it did, the rest of the log would go on."""
    run = make_run()
    run.accept([accepted(1, filed_at=NINE + timedelta(hours=1)), accepted(2)], NINE)
    for number in (1, 99, 2):
        run.act(requested(number, "receive", "officer"), NINE)
    assert [fact.number for fact in run.facts] == [2, 2]


def test_people_are_not_hurried_but_the_applicants_silence_ends() -> None:
    run = make_run(OfficerKind.HUMAN)
    run.load([make_case(1), make_case(2)])
    run.act(requested(1, "receive", "officer"), NINE)
    assert run.cases[1].next_step is None
    run.act(requested(2, "request-supplement", "officer"), NINE)
    step = run.cases[2].next_step
    assert step is not None
    assert (step.action, step.actor, step.reason) == (Action.STOP, Actor.CLOCK, Reason.APPLICANT_SILENT)
    run.play([2], EVER)
    assert run.cases[2].status is Status.STOPPED
    assert run.cases[2].next_step is None


def test_a_person_may_act_where_a_robot_decides_and_the_robot_goes_on_from_there() -> None:
    run = make_run()
    run.accept([accepted(1)], NINE)
    run.act(requested(1, "receive", "officer"), NINE + timedelta(minutes=1))
    step = run.cases[1].next_step
    assert step is not None
    assert (step.action, step.actor) == (Action.START, Actor.OFFICER)
    assert step.at > NINE + timedelta(minutes=1)


def test_what_is_in_the_run_already_is_not_overwritten() -> None:
    run = make_run()
    case = make_case(version=4)
    run.load([case])
    run.load([make_case(version=1)])
    assert run.cases[1] is case


def test_an_action_that_the_calendar_cant_reckon_is_refused_and_holds_nobody_up() -> None:
    """The latest day for an apology would lie before the calendar's first."""
    first_days = datetime(2016, 1, 2, 3, tzinfo=UTC)
    case = make_case(
        procedure_id="expired-declaration-cancellation",
        status=Status.IN_PROCESS,
        received_at=first_days,
        status_at=first_days,
    )
    run = make_run(OfficerKind.HUMAN)
    run.load([case])
    detail = {"new_date_at": "2016-01-08T10:00:00+00:00"}
    run.act(RequestedAction("act_1", case.number, "apologize", "officer", None, None, None, detail), first_days)
    assert [(fact.action, fact.refusal) for fact in run.facts] == [("apologize", "unfit-detail")]
