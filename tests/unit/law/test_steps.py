"""Limits of several steps: what is due when, what may be done, extended or put under another rule."""

from datetime import datetime

import pytest

from services.contracts.catalogue import TimeLimit, TimeUnit
from services.contracts.vocabulary import Refusal
from services.law.calendar import WorkingCalendar
from services.law.deadlines import (
    Deadline,
    RefusedByLawError,
    complete_step,
    due_at,
    extend,
    open_step_due_at,
    reclassify,
    restart,
    resume,
    step_dues,
    step_to_complete,
    suspend,
)
from tests.support.limits import local, one_step, rule_of, shipped_calendar, step


def days(amount: int) -> TimeLimit:
    return TimeLimit(amount, TimeUnit.WORKING_DAYS)


#: Inspection within 10 working days, decision within 5; the inspection has a notice (3) and a report (4) inside it.
WAREHOUSE = rule_of(
    step("inspection", days(10), milestones={"notice": days(3), "report": days(4)}), step("decision", days(5))
)
#: 45 working days, extended twice, and 2 working hours to finish.
FOREIGN = rule_of(
    step("verification", days(45), extensions=(days(90), days(135))),
    step("decision", TimeLimit(2, TimeUnit.WORKING_HOURS)),
)
MONDAY = local("2018-06-04T09:00")


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return shipped_calendar()


def table(deadline: Deadline, calendar: WorkingCalendar) -> list[tuple[str, datetime | None, datetime | None]]:
    return [(part.step_id, part.due_at, part.completed_at) for part in step_dues(deadline, calendar)]


def test_steps_follow_one_another_and_milestones_lie_within(calendar: WorkingCalendar) -> None:
    deadline = Deadline(WAREHOUSE, MONDAY)
    assert table(deadline, calendar) == [
        ("inspection", local("2018-06-18T17:00"), None),
        ("notice", local("2018-06-07T17:00"), None),
        ("report", local("2018-06-13T17:00"), None),
        ("decision", local("2018-06-25T17:00"), None),
    ]
    assert [part.within for part in step_dues(deadline, calendar)] == [None, "inspection", "inspection", None]
    assert due_at(deadline, calendar) == local("2018-06-25T17:00")


def test_a_step_that_is_done_hands_over_at_that_instant(calendar: WorkingCalendar) -> None:
    early = complete_step(Deadline(WAREHOUSE, MONDAY), local("2018-06-06T10:00"), "inspection")
    assert due_at(early, calendar) == local("2018-06-13T17:00")
    late = complete_step(Deadline(WAREHOUSE, MONDAY), local("2018-06-20T10:00"), "inspection")
    assert due_at(late, calendar) == local("2018-06-27T17:00")
    done = step_dues(late, calendar)[0]
    assert (done.due_at, done.completed_at) == (local("2018-06-18T17:00"), local("2018-06-20T10:00"))


def test_a_milestone_moves_the_next_one_but_not_the_step(calendar: WorkingCalendar) -> None:
    deadline = complete_step(Deadline(WAREHOUSE, MONDAY), local("2018-06-05T10:00"))
    assert deadline.completed == (("notice", local("2018-06-05T10:00")),)
    assert table(deadline, calendar)[2] == ("report", local("2018-06-11T17:00"), None)
    assert due_at(deadline, calendar) == local("2018-06-25T17:00")


def test_a_milestone_that_was_left_out_ends_with_its_step(calendar: WorkingCalendar) -> None:
    at = local("2018-06-12T10:00")
    deadline = complete_step(Deadline(WAREHOUSE, MONDAY), at, "inspection")
    assert [part.completed_at for part in step_dues(deadline, calendar)] == [at, at, at, None]


def test_what_is_next_is_the_milestone_then_the_step_then_nothing() -> None:
    deadline = Deadline(WAREHOUSE, MONDAY)
    seen = []
    for day in (5, 6, 7):
        seen.append(step_to_complete(deadline))
        deadline = complete_step(deadline, local(f"2018-06-0{day}T10:00"))
    assert seen == ["notice", "report", "inspection"]
    assert deadline.open_step is not None
    assert deadline.open_step.step_id == "decision"
    assert deadline.next_milestone is None
    assert refusal(deadline, None) is Refusal.ALREADY_DONE


def refusal(deadline: Deadline, step_id: str | None) -> Refusal:
    with pytest.raises(RefusedByLawError) as caught:
        complete_step(deadline, local("2018-06-29T10:00"), step_id)
    return caught.value.refusal


@pytest.mark.parametrize(
    ("done", "step_id", "wanted"),
    [
        ((), "decision", Refusal.NOT_PROVIDED),  # the decision itself ends it
        ((), "report", Refusal.STEP_OPEN),
        ((), "visit", Refusal.UNFIT_DETAIL),
        (("notice",), "notice", Refusal.ALREADY_DONE),
        (("inspection",), "inspection", Refusal.ALREADY_DONE),
        (("inspection",), "notice", Refusal.ALREADY_DONE),  # its step is over
    ],
)
def test_a_step_out_of_turn_is_refused(done: tuple[str, ...], step_id: str, wanted: Refusal) -> None:
    deadline = Deadline(WAREHOUSE, MONDAY)
    for part in done:
        deadline = complete_step(deadline, local("2018-06-05T10:00"), part)
    assert refusal(deadline, step_id) is wanted


def test_a_milestone_of_a_later_step_waits_for_its_step() -> None:
    rule = rule_of(step("check", days(3)), step("decision", days(5), milestones={"draft": days(3)}))
    assert refusal(Deadline(rule, MONDAY), "draft") is Refusal.STEP_OPEN
    after = complete_step(Deadline(rule, MONDAY), local("2018-06-05T10:00"))
    assert complete_step(after, local("2018-06-06T10:00")).completed[-1][0] == "draft"


def test_a_limit_of_one_step_has_no_step_to_do() -> None:
    assert refusal(Deadline(one_step(days(6)), MONDAY), None) is Refusal.NOT_PROVIDED
    assert refusal(Deadline(one_step(None), MONDAY), None) is Refusal.NOT_PROVIDED


def test_an_extension_gives_the_whole_limit_of_its_article(calendar: WorkingCalendar) -> None:
    deadline = Deadline(one_step(TimeLimit(30, TimeUnit.CALENDAR_DAYS)), MONDAY)
    with pytest.raises(RefusedByLawError) as caught:
        extend(deadline)
    assert caught.value.refusal is Refusal.NOT_PROVIDED
    once, granted = extend(Deadline(FOREIGN, MONDAY))
    assert (granted.step_id, granted.limit) == ("verification", days(90))
    twice, granted = extend(once)
    assert granted.limit == days(135)
    assert [step_dues(found, calendar)[0].due_at for found in (Deadline(FOREIGN, MONDAY), once, twice)] == [
        local("2018-08-06T17:00"),
        local("2018-10-09T17:00"),
        local("2018-12-11T17:00"),
    ]
    assert due_at(twice, calendar) == local("2018-12-12T10:00")
    with pytest.raises(RefusedByLawError) as caught:
        extend(twice)
    assert caught.value.refusal is Refusal.ALREADY_DONE


def test_a_step_that_is_done_is_not_extended() -> None:
    deadline = complete_step(Deadline(FOREIGN, MONDAY), local("2018-06-05T10:00"))
    with pytest.raises(RefusedByLawError) as caught:
        extend(deadline)
    assert caught.value.refusal is Refusal.NOT_PROVIDED


def test_a_suspension_moves_the_step_it_falls_into_and_those_behind(calendar: WorkingCalendar) -> None:
    deadline = Deadline(WAREHOUSE, MONDAY)
    standing = suspend(deadline, local("2018-06-06T10:00"))
    assert due_at(standing, calendar) is None
    assert open_step_due_at(standing, calendar) is None
    assert [part.due_at for part in step_dues(standing, calendar)] == [None] * 4
    on = resume(standing, local("2018-06-13T10:00"))
    assert table(on, calendar) == [
        ("inspection", local("2018-06-25T17:00"), None),
        ("notice", local("2018-06-14T17:00"), None),
        ("report", local("2018-06-20T17:00"), None),
        ("decision", local("2018-07-02T17:00"), None),
    ]
    # Done on the 18th, though planned for the 25th: the next step doesn't inherit what stood still before it.
    done = complete_step(on, local("2018-06-18T10:00"), "inspection")
    assert due_at(done, calendar) == local("2018-06-25T17:00")
    assert open_step_due_at(done, calendar) == local("2018-06-25T17:00")


def test_a_suspension_after_an_early_step_leaves_that_ones_due_date_alone(calendar: WorkingCalendar) -> None:
    done = complete_step(Deadline(WAREHOUSE, MONDAY), local("2018-06-05T10:00"), "inspection")
    standing = suspend(done, local("2018-06-06T10:00"))
    first, *_, last = step_dues(standing, calendar)
    assert (first.due_at, last.due_at) == (local("2018-06-18T17:00"), None)
    assert (first.suspensions, last.suspensions) == ((), standing.suspensions)


def test_a_restart_undoes_the_steps_and_keeps_the_extensions(calendar: WorkingCalendar) -> None:
    deadline, _ = extend(Deadline(FOREIGN, MONDAY))
    deadline = suspend(complete_step(deadline, local("2018-06-05T10:00")), local("2018-06-06T10:00"))
    again = restart(deadline, local("2018-07-02T09:00"))
    assert again == Deadline(FOREIGN, local("2018-07-02T09:00"), extended=("verification",))


def test_another_rule_keeps_what_it_has_too() -> None:
    other = rule_of(
        step("inspection", days(20), milestones={"notice": days(3)}),
        step("hearing", days(5)),
        step("decision", days(5)),
        rule_id="other",
    )
    deadline = Deadline(WAREHOUSE, MONDAY)
    for day in (5, 6, 7):
        deadline = complete_step(deadline, local(f"2018-06-0{day}T10:00"))
    moved = reclassify(deadline, other)
    assert [step_id for step_id, _ in moved.completed] == ["notice", "inspection"]
    assert (moved.rule, moved.started_at) == (other, MONDAY)
    assert moved.open_step is not None
    assert moved.open_step.step_id == "hearing"


def test_another_rule_drops_what_lies_behind_a_step_that_is_not_done() -> None:
    rule = rule_of(step("check", days(3)), step("visit", days(3)), step("decision", days(5)))
    other = rule_of(step("hearing", days(3)), step("visit", days(3)), step("decision", days(5)))
    deadline = Deadline(rule, MONDAY)
    for day in (5, 6):
        deadline = complete_step(deadline, local(f"2018-06-0{day}T10:00"))
    assert reclassify(deadline, other).completed == ()


def test_another_rule_keeps_extensions_as_far_as_it_has_them() -> None:
    deadline, _ = extend(Deadline(FOREIGN, MONDAY))
    deadline, _ = extend(deadline)
    once = rule_of(step("verification", days(15), extensions=(days(30),)), step("decision", days(2)))
    assert reclassify(deadline, once).extended == ("verification",)
    assert reclassify(deadline, WAREHOUSE).extended == ()


def test_changes_that_make_no_sense_are_refused() -> None:
    deadline = Deadline(WAREHOUSE, MONDAY)
    with pytest.raises(ValueError, match="while the time limit stands still"):
        complete_step(suspend(deadline, MONDAY), local("2018-06-05T10:00"))
    with pytest.raises(ValueError, match="before the time limit last changed"):
        complete_step(deadline, local("2018-06-04T08:59"))
    with pytest.raises(ValueError, match="can't be suspended"):
        suspend(complete_step(deadline, local("2018-06-05T10:00")), local("2018-06-05T09:59"))
