"""What a transition does to a limit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from services.contracts.catalogue import LimitRule, Procedure, SupplementRule, TimeLimit, TimeUnit
from services.contracts.vocabulary import Refusal
from services.law.deadlines import Deadline, RefusedByLawError, Suspension
from services.law.effects import DeadlineEffect, apply_effect
from tests.support.filings import catalogue
from tests.support.limits import local, rule_of, step

DAYS = TimeUnit.WORKING_DAYS
FIRST = replace(
    rule_of(step("decision", TimeLimit(6, DAYS)), rule_id="first"),
    when={"track": "refund-first"},
    in_force_until=date(2020, 6, 30),
)
INSPECT = replace(
    rule_of(step("decision", TimeLimit(40, TimeUnit.CALENDAR_DAYS)), rule_id="inspect"),
    when={"track": "inspect-first"},
    in_force_until=date(2020, 6, 30),
)
LATER = replace(
    rule_of(step("acceptance", TimeLimit(3, DAYS)), step("decision", TimeLimit(6, DAYS)), rule_id="later"),
    when={"track": "refund-first"},
    in_force_from=date(2020, 7, 1),
)
LATER_INSPECT = replace(
    rule_of(
        step("acceptance", TimeLimit(3, DAYS)),
        step("decision", TimeLimit(40, TimeUnit.CALENDAR_DAYS)),
        rule_id="later-inspect",
    ),
    when={"track": "inspect-first"},
    in_force_from=date(2020, 7, 1),
)
MONDAY, TUESDAY, FRIDAY = local("2018-06-04T09:00"), local("2018-06-05T09:00"), local("2018-06-08T09:00")
TRAITS = {"track": "refund-first"}


def procedure(rule: SupplementRule, *rules: LimitRule) -> Procedure:
    """One of the catalogue's, under other limits."""
    shipped = catalogue().procedures["refund-first"]
    return replace(shipped, limit_rules=rules, supplement=replace(shipped.supplement, rule=rule))


REFUND = procedure(SupplementRule.PAUSE, FIRST, INSPECT, LATER, LATER_INSPECT)
GENERAL = procedure(SupplementRule.RESTART, rule_of(step("decision", TimeLimit(6, DAYS))))


def run(
    given: Procedure, *events: tuple[DeadlineEffect, datetime] | tuple[DeadlineEffect, datetime, Mapping[str, Any]]
) -> Deadline | None:
    deadline = None
    for effect, at, *detail in events:
        deadline = apply_effect(deadline, effect, at, given, TRAITS, detail[0] if detail else None)
    return deadline


def test_receipt_starts_the_limit_that_holds_on_its_day() -> None:
    start = DeadlineEffect.START
    assert run(REFUND, (start, MONDAY)) == Deadline(FIRST, MONDAY)
    # 23:59 on 30/06/2020 in Vietnam is still the old law's day.
    assert run(REFUND, (start, local("2020-06-30T23:59"))) == Deadline(FIRST, local("2020-06-30T23:59"))
    assert run(REFUND, (start, local("2020-07-01T00:00"))) == Deadline(LATER, local("2020-07-01T00:00"))


@pytest.mark.parametrize("effect", [effect for effect in DeadlineEffect if effect is not DeadlineEffect.START])
def test_before_receipt_there_is_nothing_to_change(effect: DeadlineEffect) -> None:
    assert run(REFUND, (effect, MONDAY)) is None


def test_nothing_changes_nothing() -> None:
    assert run(REFUND, (DeadlineEffect.START, MONDAY), (DeadlineEffect.NONE, TUESDAY)) == Deadline(FIRST, MONDAY)


def test_a_supplement_pauses_refunds_and_restarts_the_rest() -> None:
    events = (
        (DeadlineEffect.START, MONDAY),
        (DeadlineEffect.SUSPEND, TUESDAY),
        (DeadlineEffect.CONTINUE, FRIDAY),
    )
    assert run(REFUND, *events) == Deadline(FIRST, MONDAY, (Suspension(TUESDAY, FRIDAY),))
    assert run(GENERAL, *events) == Deadline(GENERAL.limit_rules[0], FRIDAY)


def test_a_payment_resumes_whatever_the_supplement_rule() -> None:
    events = ((DeadlineEffect.START, MONDAY), (DeadlineEffect.SUSPEND, TUESDAY), (DeadlineEffect.RESUME, FRIDAY))
    assert run(GENERAL, *events) == Deadline(GENERAL.limit_rules[0], MONDAY, (Suspension(TUESDAY, FRIDAY),))


def test_silence_puts_refund_first_under_inspect_first_from_the_same_start() -> None:
    found = run(
        REFUND,
        (DeadlineEffect.START, MONDAY),
        (DeadlineEffect.SUSPEND, TUESDAY),
        (DeadlineEffect.RECLASSIFY, FRIDAY, {"traits": {"track": "inspect-first"}}),
    )
    assert found == Deadline(INSPECT, MONDAY, (Suspension(TUESDAY, FRIDAY),))


def test_the_day_of_receipt_decides_which_law_a_reclassified_dossier_is_under() -> None:
    received, restarted = local("2020-06-29T09:00"), local("2020-07-06T09:00")
    deadline = Deadline(FIRST, restarted)
    detail = {"traits": {"track": "inspect-first"}}
    at = local("2020-07-07T09:00")
    found = apply_effect(deadline, DeadlineEffect.RECLASSIFY, at, REFUND, TRAITS, detail, received_at=received)
    assert found == Deadline(INSPECT, restarted)


def test_traits_that_no_rule_has_are_refused_and_change_nothing() -> None:
    with pytest.raises(RefusedByLawError) as caught:
        run(
            REFUND,
            (DeadlineEffect.START, MONDAY),
            (DeadlineEffect.RECLASSIFY, TUESDAY, {"traits": {"track": "elsewhere"}}),
        )
    assert caught.value.refusal is Refusal.UNFIT_DETAIL


def test_steps_are_done_by_name_or_in_turn() -> None:
    received, accepted = local("2020-07-01T09:00"), local("2020-07-02T09:00")
    start = (DeadlineEffect.START, received)
    named = run(REFUND, start, (DeadlineEffect.COMPLETE_STEP, accepted, {"step_id": "acceptance"}))
    assert named == run(REFUND, start, (DeadlineEffect.COMPLETE_STEP, accepted))
    assert named == Deadline(LATER, received, completed=(("acceptance", accepted),))


def test_an_extension_is_noted() -> None:
    rule = rule_of(step("decision", TimeLimit(30, DAYS), extensions=(TimeLimit(60, DAYS),)))
    given = procedure(SupplementRule.RESTART, rule)
    found = run(given, (DeadlineEffect.START, MONDAY), (DeadlineEffect.EXTEND, TUESDAY))
    assert found == Deadline(rule, MONDAY, extended=("decision",))
