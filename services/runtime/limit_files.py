"""Statutory limits as data files write them, and the checks that make sure one always holds.

Three ways to write a limit: `time_limit` for one that always holds and has one step, `no_time_limit` with what the law
says instead, and `limit_rules` for everything else. Which one holds for a dossier is decided in `services.law`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from services.contracts.catalogue import (
    AuthorityLevel,
    Extension,
    LimitRule,
    LimitStep,
    Milestone,
    TimeLimit,
    TimeUnit,
)
from services.runtime.records import Record

#: The ways to write a limit; a procedure has one of them.
LIMIT_FIELDS: Final = ("time_limit", "no_time_limit", "limit_rules")

#: Name of the step of a limit that has only one.
_DECISION: Final = ("decision", "Giải quyết hồ sơ", "Decision")

#: The longest shipped limit is 60; a deadline, with every extension, must stay in the years that the calendar knows.
_LARGEST_AMOUNT: Final = 200

Traits = Mapping[str, Sequence[str]]


def read_limit_rules(
    row: Record, shared: Mapping[str, Sequence[Record]], traits: Traits, period: tuple[date | None, date | None]
) -> tuple[LimitRule, ...]:
    """Take a procedure's limit, however it is written.

    Args:
        row: The procedure.
        shared: Lists of rules that several procedures have, by name.
        traits: What a dossier of the procedure may have, with the values of each.
        period: First and last day on which the procedure may be filed.

    Raises:
        DataFileError: None or two ways are used, a rule is wrong, or some dossier would have no rule.
    """
    given = [field for field in LIMIT_FIELDS if row.has(field)]
    if len(given) != 1:
        row.fail("limit_rules", f"exactly one of {', '.join(LIMIT_FIELDS)} is needed, not {len(given)}")
    if given[0] == "time_limit":
        return (_single_rule(row.record("time_limit")),)
    if given[0] == "no_time_limit":
        return (LimitRule("none-stated", (), row.text("no_time_limit")),)
    records = _rule_records(row, shared)
    rules = [_limit_rule(record) for record in records]
    for rule, record in zip(rules, records, strict=True):
        check_traits(record, "when", rule.when, traits)
    _check_order(rules, records)
    _check_coverage(row, rules, period)
    return tuple(rules)


def read_time_limit(row: Record) -> TimeLimit:
    """Take an amount and a unit."""
    limit = _amount(row)
    row.finish()
    return limit


def check_traits(row: Record, field: str, wanted: Mapping[str, str], traits: Traits) -> None:
    """Refuse a trait that no dossier of the procedure can have.

    Raises:
        DataFileError: There is one.
    """
    for name, value in wanted.items():
        if name not in traits:
            known = ", ".join(sorted(traits)) or "none"
            row.fail(field, f"{name!r} is no trait of the procedure; its traits are {known}")
        if value not in traits[name]:
            row.fail(field, f"{value!r} is no value of {name!r}; its values are {', '.join(traits[name])}")


def _rule_records(row: Record, shared: Mapping[str, Sequence[Record]]) -> list[Record]:
    if not row.holds_text("limit_rules"):
        return row.records("limit_rules")
    name = row.text("limit_rules")
    if name not in shared:
        row.fail("limit_rules", f"{name!r} is none of the shared ones: {', '.join(sorted(shared))}")
    return [record.copy() for record in shared[name]]


def _single_rule(row: Record) -> LimitRule:
    limit, article = _amount(row), row.text("article")
    row.finish()
    return LimitRule("decision", (LimitStep(*_DECISION, limit, article),), article)


def _amount(row: Record) -> TimeLimit:
    amount, unit = row.number("amount"), row.member("unit", TimeUnit)
    if amount < 1:
        row.fail("amount", f"{amount} is not a number of {unit}; a procedure without a limit has no_time_limit")
    if amount > _LARGEST_AMOUNT:
        row.fail("amount", f"{amount} is more than {_LARGEST_AMOUNT}; a deadline must stay in the calendar")
    return TimeLimit(amount, unit)


def _limit_rule(row: Record) -> LimitRule:
    article = row.text("article")
    steps = [_limit_step(step, article) for step in row.optional("steps", row.records) or ()]
    rule = LimitRule(
        rule_id=row.slug("rule_id", "-"),
        article=article,
        steps=tuple(steps),
        in_force_from=row.optional("in_force_from", row.day),
        in_force_until=row.optional("in_force_until", row.day),
        when=row.optional("when", lambda field: row.record(field).all_texts()) or {},
        authority_level=row.optional("authority_level", lambda field: row.member(field, AuthorityLevel)),
    )
    check_period(row, rule.in_force_from, rule.in_force_until)
    seen: set[str] = set()
    for step_id in _step_ids(rule):
        if step_id in seen:
            row.fail("steps", f"the step {step_id!r} is given twice")
        seen.add(step_id)
    row.finish()
    return rule


def check_period(row: Record, first: date | None, last: date | None) -> None:
    """Refuse a period that ends before it begins.

    Raises:
        DataFileError: It does.
    """
    if first is not None and last is not None and last < first:
        row.fail("in_force_until", f"{last} is before in_force_from, {first}")


def _step_ids(rule: LimitRule) -> Iterator[str]:
    for step in rule.steps:
        yield step.step_id
        yield from (milestone.step_id for milestone in step.milestones)


def _limit_step(row: Record, article: str) -> LimitStep:
    article = row.optional("article", row.text) or article
    extensions = [(part, _extension(part, article)) for part in row.optional("extensions", row.records) or ()]
    step = LimitStep(
        step_id=row.slug("step_id", "-"),
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        limit=read_time_limit(row.record("limit")),
        article=article,
        milestones=tuple(_milestone(part, article) for part in row.optional("milestones", row.records) or ()),
        extensions=tuple(extension for _, extension in extensions),
    )
    limits = [step.limit, *(extension.limit for extension in step.extensions)]
    for (part, _), (before, after) in zip(extensions, pairwise(limits), strict=True):
        if before.unit is after.unit and after.amount <= before.amount:
            part.fail("limit", f"{after.amount} {after.unit} is not longer than {before.amount} before it")
    row.finish()
    return step


def _milestone(row: Record, article: str) -> Milestone:
    milestone = Milestone(
        step_id=row.slug("step_id", "-"),
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        limit=read_time_limit(row.record("limit")),
        article=row.optional("article", row.text) or article,
    )
    row.finish()
    return milestone


def _extension(row: Record, article: str) -> Extension:
    extension = Extension(read_time_limit(row.record("limit")), row.optional("article", row.text) or article)
    row.finish()
    return extension


def _check_order(rules: Sequence[LimitRule], records: Sequence[Record]) -> None:
    """Refuse a rule given twice, and one that can never hold because another one always comes before it."""
    for index, (rule, record) in enumerate(zip(rules, records, strict=True)):
        for earlier in rules[:index]:
            if earlier.rule_id == rule.rule_id:
                record.fail("rule_id", f"{rule.rule_id!r} is given twice")
            if earlier.when.items() <= rule.when.items() and _covers(earlier, rule):
                record.fail("rule_id", f"{rule.rule_id!r} never holds: {earlier.rule_id!r} comes before it")


def _covers(wide: LimitRule, narrow: LimitRule) -> bool:
    first, last = _period(wide.in_force_from, wide.in_force_until)
    from_, until = _period(narrow.in_force_from, narrow.in_force_until)
    return first <= from_ and until <= last


def _check_coverage(row: Record, rules: Sequence[LimitRule], period: tuple[date | None, date | None]) -> None:
    """Refuse rules that leave a day without one that holds for any dossier."""
    day, end = _period(*period)
    always = sorted(_period(rule.in_force_from, rule.in_force_until) for rule in rules if not rule.when)
    for first, last in always:
        if first > day:
            break
        if last >= end:
            return
        day = max(day, last + timedelta(days=1))
    since = "the first day on" if day == date.min else f"{day} on"
    row.fail("limit_rules", f"from {since} no rule without traits holds, so some dossier would have none")


def _period(first: date | None, last: date | None) -> tuple[date, date]:
    return first or date.min, last or date.max
