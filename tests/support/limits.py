"""Limits for tests of the law: rules made of plain amounts, the shipped calendar, instants as people write them."""

from datetime import datetime
from functools import cache

from services.contracts.catalogue import CalendarData, Extension, LimitRule, LimitStep, Milestone, TimeLimit
from services.contracts.timeliness import VIETNAM_TIME
from services.law.calendar import WorkingCalendar
from services.runtime.catalogue import DATA_FOLDER, load_calendar

ARTICLE = "Article 1"


@cache
def calendar_data() -> CalendarData:
    """The shipped days off."""
    return load_calendar(DATA_FOLDER / "calendar/holidays.csv", DATA_FOLDER / "calendar/holidays_override.csv")


@cache
def shipped_calendar() -> WorkingCalendar:
    """Their calendar."""
    return WorkingCalendar(calendar_data())


def local(text: str) -> datetime:
    """An instant written as local time of Vietnam."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM_TIME)


def one_step(limit: TimeLimit | None) -> LimitRule:
    """A rule of a single step that ends in the decision; None: the law states no limit."""
    return LimitRule("decision", (step("decision", limit),) if limit else (), ARTICLE)


def step(
    step_id: str,
    limit: TimeLimit,
    *,
    milestones: dict[str, TimeLimit] | None = None,
    extensions: tuple[TimeLimit, ...] = (),
) -> LimitStep:
    """A step named after its id, with milestones by id and what it may be extended to."""
    return LimitStep(
        step_id,
        f"{step_id} (vi)",
        step_id,
        limit,
        ARTICLE,
        milestones=tuple(
            Milestone(part_id, f"{part_id} (vi)", part_id, part, ARTICLE)
            for part_id, part in (milestones or {}).items()
        ),
        extensions=tuple(Extension(extended, ARTICLE) for extended in extensions),
    )


def rule_of(*steps: LimitStep, rule_id: str = "rule") -> LimitRule:
    """A rule of several steps."""
    return LimitRule(rule_id, steps, ARTICLE)
