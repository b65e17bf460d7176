"""A dossier's deadline, put together again from its timeline."""

from datetime import date, datetime
from typing import Any

import pytest

from services.contracts.catalogue import (
    AuthorityLevel,
    Procedure,
    SilenceOutcome,
    SupplementRule,
    TimeLimit,
    TimeUnit,
)
from services.contracts.commands import CalendarOverride
from services.law.calendar import WorkingCalendar
from services.law.deadlines import due_at
from services.law.reckoning import EntryKind
from services.portal.application.deadline_history import DeadlineHistories, DeadlineHistory, deadline_history
from services.portal.application.sandbox_calendars import SandboxCalendars
from services.portal.domain.calendar_overrides import DecidedOverride
from tests.support.fakes import RECORDED, SANDBOX_ID, MemoryOverrideReader, MemoryReader, the_book, the_catalogue
from tests.support.histories import Step, a_procedure, history, published_guide, rule_when
from tests.support.limits import calendar_data, local, rule_of, shipped_calendar, step

DAYS, HOURS = TimeUnit.WORKING_DAYS, TimeUnit.WORKING_HOURS
NOON = local("2018-06-08 12:00")
RECEIVED: tuple[Step, ...] = (("receive", "2018-06-04 10:00"), ("start", "2018-06-04 10:30"))
TWO_STEPS = rule_of(
    step("examine", TimeLimit(10, DAYS), milestones={"notify": TimeLimit(3, DAYS)}),
    step("decide", TimeLimit(5, DAYS), extensions=(TimeLimit(30, DAYS),)),
)


def told(
    *steps: Step,
    procedure: Procedure | None = None,
    now: datetime = NOON,
    calendar: WorkingCalendar | None = None,
    **dossier: Any,
) -> DeadlineHistory:
    found, timeline = history(steps, **dossier)
    return deadline_history(
        found, timeline, procedure or a_procedure(), published_guide(), calendar or shipped_calendar(), now=now
    )


def test_nothing_is_due_before_receipt() -> None:
    found = told()
    assert (found.deadline, found.due_at, found.turns, found.handed_on) == (None, None, (), None)


def test_the_limit_runs_from_receipt() -> None:
    """Five working days after Monday 4 June: Monday 11 June."""
    found = told(*RECEIVED)
    assert (found.due_at, found.limit) == (local("2018-06-11 17:00"), TimeLimit(5, DAYS))
    assert [(part.step_id, part.due_at) for part in found.steps] == [("decision", local("2018-06-11 17:00"))]


def test_being_overdue_is_derived_from_the_clock() -> None:
    assert not told(*RECEIVED, now=local("2018-06-11 23:59")).is_overdue
    assert told(*RECEIVED, now=local("2018-06-12 00:00")).is_overdue


@pytest.mark.parametrize(
    ("rule", "due"), [(SupplementRule.RESTART, "2018-06-20 17:00"), (SupplementRule.PAUSE, "2018-06-18 17:00")]
)
def test_a_supplement_restarts_the_limit_or_leaves_its_time_out(rule: SupplementRule, due: str) -> None:
    steps = (*RECEIVED, ("request-supplement", "2018-06-06 11:00"), ("supplement", "2018-06-13 15:00"))
    found = told(*steps, procedure=a_procedure(supplement={"rule": rule}))
    assert found.due_at == local(due)
    assert [turn.entry.action for turn in found.turns] == ["receive", "request-supplement", "supplement"]


def test_the_limit_stands_still_while_the_applicant_is_waited_for() -> None:
    found = told(*RECEIVED, ("request-supplement", "2018-06-06 11:00"))
    assert (found.due_at, found.deadline is not None and found.deadline.is_suspended) == (None, True)
    assert found.silence is not None
    assert (found.silence.ends_at, found.silence.outcome) == (local("2018-07-18 17:00"), SilenceOutcome.STOP)


def test_steps_follow_one_another_from_when_each_was_done() -> None:
    done: tuple[Step, ...] = (
        ("complete-step", "2018-06-06 10:00", {"detail": {"step_id": "notify"}}),
        ("complete-step", "2018-06-11 16:00", {"detail": {"step_id": "examine"}}),
    )
    found = told(*RECEIVED, *done, procedure=a_procedure(TWO_STEPS))
    assert [(part.step_id, part.due_at, part.completed_at) for part in found.steps] == [
        ("examine", local("2018-06-18 17:00"), local("2018-06-11 16:00")),
        ("notify", local("2018-06-07 17:00"), local("2018-06-06 10:00")),
        ("decide", local("2018-06-18 17:00"), None),
    ]
    assert found.due_at == local("2018-06-18 17:00")


def test_an_extension_is_told_with_its_article_and_instant() -> None:
    steps: tuple[Step, ...] = (
        ("complete-step", "2018-06-11 16:00", {"detail": {"step_id": "notify"}}),
        ("complete-step", "2018-06-11 16:00", {"detail": {"step_id": "examine"}}),
        ("extend", "2018-06-12 09:00"),
    )
    found = told(*RECEIVED, *steps, procedure=a_procedure(TWO_STEPS))
    (granted,) = found.extensions
    assert (granted.step_id, granted.limit, granted.granted_at) == (
        "decide",
        TimeLimit(30, DAYS),
        local("2018-06-12 09:00"),
    )
    assert (found.limit, found.due_at) == (TimeLimit(30, DAYS), local("2018-07-23 17:00"))


def test_a_reclassified_dossier_is_counted_by_another_rule_from_the_same_receipt() -> None:
    procedure = a_procedure(
        rule_when("first", step("decision", TimeLimit(6, DAYS)), track="refund-first"),
        rule_when("inspect", step("decision", TimeLimit(40, DAYS)), track="inspect-first"),
    )
    traits: dict[str, Any] = {"traits": {"track": "refund-first"}}
    assert told(*RECEIVED, procedure=procedure, **traits).due_at == local("2018-06-12 17:00")
    change: Step = ("reclassify", "2018-06-07 09:00", {"detail": {"traits": {"track": "inspect-first"}}})
    found = told(*RECEIVED, change, procedure=procedure, later_traits={"track": "inspect-first"}, **traits)
    assert (found.due_at, found.deadline and found.deadline.rule.rule_id) == (local("2018-07-30 17:00"), "inspect")


def test_what_was_refused_changes_nothing() -> None:
    refused: Step = ("request-supplement", "2018-06-06 11:00", {"refusal": "already-done"})
    assert told(*RECEIVED, refused).due_at == told(*RECEIVED).due_at


def test_an_apology_stands_beside_the_due_date() -> None:
    detail = {"new_date_at": "2018-06-20T10:00:00+00:00", "due_at": "2018-06-11T10:00:00+00:00"}
    apology: Step = ("apologize", "2018-06-08 09:00", {"detail": detail})
    found = told(*RECEIVED, apology, new_date_at=local("2018-06-20 17:00"))
    assert (found.due_at, found.new_date_at) == (local("2018-06-11 17:00"), local("2018-06-20 17:00"))
    assert found.apology is not None
    assert (found.apology.due_at, found.apology.done_at) == (local("2018-06-08 17:00"), local("2018-06-08 09:00"))


def test_paper_is_handed_on_the_same_working_day_and_after_three_the_next() -> None:
    early = told(("receive", "2018-06-04 14:59"), channel="post").handed_on
    late = told(("receive", "2018-06-04 15:01"), channel="in-person").handed_on
    assert early is not None
    assert late is not None
    assert (early.due_at, late.due_at) == (local("2018-06-04 17:00"), local("2018-06-05 08:00"))


def test_an_online_filing_is_answered_within_eight_working_hours() -> None:
    waiting = told().intake
    answered = told(*RECEIVED).intake
    again = told(("request-supplement", "2018-06-04 10:00"), ("resubmit", "2018-06-07 16:00")).intake
    assert waiting is not None
    assert answered is not None
    assert again is not None
    assert (waiting.due_at, waiting.done_at) == (local("2018-06-05 09:00"), None)
    assert (answered.due_at, answered.done_at) == (local("2018-06-05 09:00"), local("2018-06-04 10:00"))
    assert (again.due_at, again.done_at) == (local("2018-06-08 16:00"), None)
    assert told(channel="post").intake is None


def test_a_request_for_a_supplement_has_a_term_of_its_own() -> None:
    found = told(*RECEIVED, ("request-supplement", "2018-06-06 11:00")).supplement_notice
    assert found is not None
    assert (found.due_at, found.done_at) == (local("2018-06-07 17:00"), local("2018-06-06 11:00"))


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((("request-supplement", "2018-06-04 10:00"),), SilenceOutcome.STOP),
        ((*RECEIVED, ("request-supplement", "2018-06-05 10:00")), SilenceOutcome.RECLASSIFY),
        ((*RECEIVED, ("request-payment", "2018-06-05 10:00")), SilenceOutcome.STOP),
    ],
)
def test_silence_ends_as_the_procedure_says_unless_there_is_nothing_to_go_on_with(
    steps: tuple[Step, ...], outcome: SilenceOutcome
) -> None:
    procedure = a_procedure(
        rule_when("inspect", step("decision", TimeLimit(40, DAYS)), track="inspect-first"),
        rule_when("first", step("decision", TimeLimit(6, DAYS))),
        supplement={"silence_outcome": SilenceOutcome.RECLASSIFY, "silence_traits": {"track": "inspect-first"}},
    )
    silence = told(*steps, procedure=procedure).silence
    assert silence is not None
    assert silence.outcome is outcome
    traits: dict[str, Any] = {"traits": {"track": "inspect-first"}}
    strict = told(*RECEIVED, ("request-supplement", "2018-06-05 10:00"), procedure=procedure, **traits).silence
    assert strict is not None
    assert strict.outcome is SilenceOutcome.STOP


def test_nobody_is_waited_for_once_the_bank_has_debited() -> None:
    debit: Step = ("debit", "2018-06-05 19:00", {"detail": {"paid_at": "", "payment_id": "", "recorded_on": ""}})
    asked: tuple[Step, ...] = (*RECEIVED, ("request-payment", "2018-06-05 10:00"))
    assert told(*asked).silence is not None
    assert told(*asked, debit).silence is None


def test_the_level_it_was_forwarded_to_last_is_told() -> None:
    up: tuple[Step, ...] = (
        ("forward", "2018-06-05 10:00", {"detail": {"to_level": "department"}}),
        ("forward", "2018-06-06 10:00", {"detail": {"to_level": "general-department"}}),
    )
    assert told(*RECEIVED, *up).authority_level is AuthorityLevel.GENERAL_DEPARTMENT


def test_a_limit_in_hours_is_followed_by_the_minute() -> None:
    found = told(("receive", "2018-06-04 16:30"), procedure=a_procedure(rule_of(step("decision", TimeLimit(2, HOURS)))))
    assert (found.due_at, found.limit) == (local("2018-06-05 09:30"), TimeLimit(2, HOURS))


def _histories(steps: tuple[Step, ...], decided: list[DecidedOverride], **dossier: Any) -> Any:
    found, timeline = history(steps, number=2, **dossier)
    reader = MemoryReader(the_catalogue())
    reader.known_timeline = timeline
    calendars = SandboxCalendars(the_book(), MemoryOverrideReader(decided))
    made = DeadlineHistories(reader, calendars, {found.procedure_id: a_procedure()}, published_guide())
    return made, found, made.of(found, NOON)


def _day_off(decided_at: str) -> DecidedOverride:
    return DecidedOverride(
        sandbox_id=SANDBOX_ID,
        number=1,
        override=CalendarOverride(date(2018, 6, 7), False, "Nghỉ do bão", "12/QĐ"),
        decided_at=local(decided_at),
        recorded_at=RECORDED,
        sequences={0: 4},
    )


def test_a_day_off_by_decision_moves_the_due_date_and_is_named_in_the_explanation() -> None:
    made, dossier, found = _histories(RECEIVED, [_day_off("2018-06-05 08:00")])
    assert found.due_at == local("2018-06-12 17:00")
    explained = made.explain(dossier, found)
    assert explained.due_at == found.due_at
    (off,) = [entry for entry in explained.steps[0].entries if entry.kind is EntryKind.HOLIDAY]
    assert (off.calendar_entry.decision_number, off.from_on) == ("12/QĐ", date(2018, 6, 7))


def test_what_is_decided_after_a_dossier_has_ended_changes_nothing_of_it() -> None:
    ended: tuple[Step, ...] = (*RECEIVED, ("grant", "2018-06-06 10:00"))
    assert _histories(ended, [_day_off("2018-06-06 09:00")])[2].due_at == local("2018-06-12 17:00")
    assert _histories(ended, [_day_off("2018-06-06 11:00")])[2].due_at == local("2018-06-11 17:00")


def test_a_decision_of_the_same_instant_counts_if_it_moved_the_dossier() -> None:
    """On a clock that stands still, the end and the decision happen at one instant."""
    ended: tuple[Step, ...] = (*RECEIVED, ("grant", "2018-06-06 10:00"))
    assert _histories(ended, [_day_off("2018-06-06 10:00")])[2].due_at == local("2018-06-11 17:00")
    detail = {"decision_number": "12/QĐ", "due_before": "2018-06-11T10:00:00+00:00"}
    moved: Step = ("reschedule", "2018-06-06 10:00", {"detail": detail})
    both: tuple[Step, ...] = (*RECEIVED, moved, ("grant", "2018-06-06 10:00"))
    assert _histories(both, [_day_off("2018-06-06 10:00")])[2].due_at == local("2018-06-12 17:00")


def test_what_came_after_the_dossier_was_read_is_left_out() -> None:
    steps: tuple[Step, ...] = (*RECEIVED, ("request-supplement", "2018-06-06 11:00"))
    assert _histories(steps, [], version=3)[2].due_at == local("2018-06-11 17:00")


def test_the_suspension_of_an_explanation_rests_on_what_was_asked_for() -> None:
    """Asking for papers suspends by the procedure's law, asking for money by a rule of ours."""
    found = {}
    for action in ("request-supplement", "request-payment"):
        made, dossier, told_ = _histories((*RECEIVED, (action, "2018-06-06 11:00")), [])
        last = made.explain(dossier, told_).steps[0].entries[-1]
        found[action] = (last.kind, last.article)
    assert found == {
        "request-supplement": (EntryKind.SUSPENDED, "NĐ 61/2018/NĐ-CP Đ19.4"),
        "request-payment": (EntryKind.SUSPENDED, None),
    }


def test_the_derived_due_date_is_the_laws_own() -> None:
    found = told(*RECEIVED, procedure=a_procedure(TWO_STEPS))
    assert found.deadline is not None
    assert found.due_at == due_at(found.deadline, WorkingCalendar(calendar_data()))
