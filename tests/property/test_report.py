"""The official report of random ledgers: equal to a count by hand, under every rule; its sums hold; periods join up."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.counting_rules import ApologyRule, CountingRules, EarlyEnd, PeriodBy, SuspendedRule
from services.contracts.facts import Fact
from services.contracts.timeliness import vietnamese_day
from services.metrics.application.ports import Dimension, Selection
from services.metrics.application.report import ask_report
from services.metrics.domain.counts import Counts
from tests.property.test_counting import counts_of, cut
from tests.property.test_lifecycle_machine import ledger_of, logs, trait_sets
from tests.support.cases import NINE, Log, accepted
from tests.support.facts import MONDAY
from tests.support.filings import catalogue
from tests.support.random_ledgers import ledgers, seeded_ledger
from tests.support.reports import MemoryReportReader, reference_report

all_rules = st.builds(
    CountingRules,
    period_by=st.sampled_from(PeriodBy),
    ended_early=st.sampled_from(EarlyEnd),
    apology=st.sampled_from(ApologyRule),
    suspended=st.sampled_from(SuspendedRule),
)


def now_of(facts: list[Fact], later: timedelta) -> datetime:
    last_at = facts[-1].occurred_at if facts else MONDAY
    return (last_at + later).astimezone(UTC)


@st.composite
def periods(draw: st.DrawFn, facts: list[Fact], now: datetime) -> tuple[date, date]:
    """Days around those on which something happened, none after today."""
    days = sorted({vietnamese_day(fact.occurred_at) for fact in facts}) or [vietnamese_day(now)]
    today = vietnamese_day(now)
    near = st.builds(
        lambda day, shift: min(day + timedelta(days=shift), today), st.sampled_from(days), st.integers(-2, 40)
    )
    first_on, last_on = sorted((draw(near), draw(near)))
    return first_on, last_on


laters = st.sampled_from([timedelta(), timedelta(hours=1), timedelta(hours=9), timedelta(days=3), timedelta(days=60)])


filters = st.sampled_from([{}, {}, {"office_codes": ("30F1", "02CI")}, {"channel": "post"}, {"department_code": "30"}])
lives = st.one_of(ledgers(max_facts=60), ledgers(max_facts=30, max_dossiers=2))


@given(st.data(), lives, all_rules, laters, filters)
@settings(max_examples=200)
def test_report_is_what_counting_by_hand_gives(
    data: st.DataObject, facts: list[Fact], rules: CountingRules, later: timedelta, narrower: dict[str, Any]
) -> None:
    now = now_of(facts, later)
    first_on, last_on = data.draw(periods(facts, now))
    selection = Selection("s", now, first_on, last_on, **narrower)
    report = ask_report(MemoryReportReader([counts_of([facts])]), selection, [Dimension.PROCEDURE], rules)
    assert report.total == reference_report(facts, selection, rules)


@pytest.mark.parametrize("seed", range(60))
def test_report_by_every_rule_is_what_counting_by_hand_gives(seed: int) -> None:
    """By chance, which comes about more than a generator that looks for the smallest."""
    facts = seeded_ledger(seed)
    now = now_of(facts, timedelta(hours=9))
    reader = MemoryReportReader([counts_of([facts])])
    days = sorted({vietnamese_day(fact.occurred_at) + timedelta(days=shift) for fact in facts for shift in (0, 5)})
    past = [day for day in days if day <= vietnamese_day(now)]
    for rules in every_rule():
        for last_on in past:
            selection = Selection("s", now, past[len(past) // 3], max(last_on, past[len(past) // 3]))
            assert ask_report(reader, selection, [], rules).total == reference_report(facts, selection, rules)


@given(st.data(), ledgers(max_facts=60), all_rules)
@settings(max_examples=150)
def test_next_period_carries_over_what_this_one_left_open(
    data: st.DataObject, facts: list[Fact], rules: CountingRules
) -> None:
    now = now_of(facts, timedelta(days=1))
    first_on, last_on = data.draw(periods(facts, now - timedelta(days=1)))
    reader = MemoryReportReader([counts_of([facts])])
    this = ask_report(reader, Selection("s", now, first_on, last_on), [Dimension.OFFICE], rules)
    following = Selection("s", now, last_on + timedelta(days=1), vietnamese_day(now))
    after = ask_report(reader, following, [Dimension.OFFICE], rules)
    assert this.rows.keys() == after.rows.keys()
    for key, row in this.rows.items():
        assert after.rows[key].columns.carried_over == row.columns.pending_total
        assert after.rows[key].without_limit.carried_over == row.without_limit.pending


@given(ledgers(max_facts=60), st.lists(st.integers(0, 1000), max_size=6), all_rules, st.integers(0, 80))
def test_past_report_is_the_same_when_it_is_asked_for_later(
    facts: list[Fact], places: list[int], rules: CountingRules, days: int
) -> None:
    """Whatever happens after a period leaves its report alone, unless a rule looks ahead."""
    if rules.ended_early is EarlyEnd.LEFT_OUT or rules.period_by is PeriodBy.FILING:
        rules = CountingRules(apology=rules.apology, suspended=rules.suspended)
    first_on = vietnamese_day(MONDAY)
    last_on = first_on + timedelta(days=days)
    known_then = [fact for fact in facts if vietnamese_day(fact.occurred_at) <= last_on]
    midnight = datetime.combine(last_on, datetime.min.time(), UTC) + timedelta(hours=17)  # the day after begins
    rows = []
    for known, now in ((known_then, midnight), (facts, max(midnight, now_of(facts, timedelta())))):
        counts = Counts() if not known else counts_of(cut(known, places))
        selection = Selection("s", now, first_on, last_on)
        rows.append(ask_report(MemoryReportReader([counts]), selection, [], rules).total)
    assert rows[0] == rows[1]


def assert_reports_are_right(facts: list[Fact], places: list[int], rules: CountingRules) -> None:
    """At the end of the week, of the month and of all, cut anywhere."""
    now = now_of(facts, timedelta(hours=3))
    first_on, today = vietnamese_day(MONDAY), vietnamese_day(now)
    reader = MemoryReportReader([counts_of(cut(facts, places))])
    carried_over = None
    for days in (6, 30, (today - first_on).days):
        last_on = min(first_on + timedelta(days=days), today)
        selection = Selection("s", now, first_on, last_on)
        report = ask_report(reader, selection, [Dimension.PROCEDURE], rules)
        assert report.total == reference_report(facts, selection, rules)
        if carried_over is not None:
            assert report.total.columns.carried_over == carried_over
        if last_on == today:
            return
        carried_over, first_on = report.total.columns.pending_total, last_on + timedelta(days=1)


@given(log=logs(), places=st.lists(st.integers(0, 1000), max_size=4), rules=all_rules)
@settings(max_examples=100, deadline=None)
def test_report_of_whatever_a_crowd_does_to_the_engine_is_right(
    log: Log, places: list[int], rules: CountingRules
) -> None:
    assert_reports_are_right(ledger_of([log.commands], dossiers_per_unit=10_000), places, rules)


@pytest.mark.parametrize("seed", range(6))
def test_report_of_a_robots_months_is_right_by_every_rule(seed: int) -> None:
    """All procedures, level by level and by day or hour; refusals, supplements, payments, late results."""
    log, procedures = Log(seed=seed), sorted(catalogue().procedures.values(), key=lambda item: item.procedure_id)
    rows = [
        accepted(
            number,
            procedure_id=procedure.procedure_id,
            filed_at=NINE + timedelta(hours=5 * number),
            channel="post" if number % 7 == 0 else "online",
            traits=trait_sets(procedure.procedure_id)[number % len(trait_sets(procedure.procedure_id))],
        )
        for number, procedure in enumerate(procedures, start=1)
        if (procedure.in_force_from or NINE.date()) <= NINE.date()
    ]
    log.accept(*rows)
    log.advance(days=40 + seed * 10)
    facts = ledger_of([log.commands], dossiers_per_unit=10_000)
    assert {"resolve-at-once", "receive", "grant", "return-result"} <= {fact.action for fact in facts}
    for rules in every_rule():
        assert_reports_are_right(facts, [seed * 31, seed * 57], rules)


def every_rule() -> list[CountingRules]:
    return [CountingRules(*choice) for choice in product(PeriodBy, EarlyEnd, ApologyRule, SuspendedRule)]
