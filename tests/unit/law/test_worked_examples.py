"""Plays each row of docs/reference/worked-examples.yaml against the shipped catalogue and calendar."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import services.contracts
from services.contracts.catalogue import Procedure
from services.contracts.commands import CalendarOverride
from services.contracts.vocabulary import Action, Channel
from services.law import deadlines, terms
from services.law.amendments import DeclarationTimes, amendment_window
from services.law.calendar import CalendarBook, WorkingCalendar
from services.law.deadlines import Deadline, due_at, step_dues
from services.law.effects import DeadlineEffect, apply_effect
from services.law.explain import explain
from tests.support.filings import catalogue
from tests.support.limits import calendar_data, local
from tools.generate_worked_examples import QUESTIONS, load

Row = Mapping[str, Any]
EXAMPLES = [(section["title"], example) for section in load() for example in section["examples"]]


@cache
def effect_of(action: str) -> DeadlineEffect:
    """What the published lifecycle says that an action does to the limit of a received dossier."""
    published = Path(str(services.contracts.__file__)).parent / "published/lifecycle.json"
    rows = json.loads(published.read_text(encoding="utf-8"))["transitions"]
    effects = {row["deadline_effect"] for row in rows if row["action"] == action and row["needs_receipt"] is not False}
    assert len(effects) == 1, f"{action} has several effects"
    return DeadlineEffect(effects.pop())


class Play:
    """One example, row after row."""

    def __init__(self, example: Row) -> None:
        self.example = example
        self.traits: dict[str, str] = dict(example.get("traits", {}))
        overrides = [
            CalendarOverride(
                date.fromisoformat(one["day"]), one["is_working"] == "true", one["name"], one["decision_number"]
            )
            for one in example.get("overrides", [])
        ]
        self.calendar: WorkingCalendar = CalendarBook(calendar_data()).with_overrides(overrides)
        self.deadline: Deadline | None = None
        self.asked_at = ""

    @property
    def procedure(self) -> Procedure:
        return catalogue().procedures[self.example["procedure"]]

    @property
    def running(self) -> Deadline:
        assert self.deadline is not None, "nothing was received"
        return self.deadline

    def do(self, row: Row) -> tuple[Any, str]:
        """Carry an action out; what is due then, and the article that the catalogue gives for it."""
        detail = {"step_id": row.get("step"), "traits": row.get("take_on")}
        effect = effect_of(row["do"])
        assert effect is not DeadlineEffect.NONE
        self.deadline = apply_effect(self.deadline, effect, local(row["at"]), self.procedure, self.traits, detail)
        self.traits |= row.get("take_on", {})
        if row["do"] == Action.REQUEST_SUPPLEMENT:
            self.asked_at = row["at"]
        due = due_at(self.running, self.calendar)
        assert explain(self.running, self.calendar).due_at == due
        return due, self.article_of(effect)

    def article_of(self, effect: DeadlineEffect) -> str:
        rule, step = self.running.rule, self.running.open_step
        assert step is not None
        match effect:
            case DeadlineEffect.START:
                return rule.article
            case DeadlineEffect.SUSPEND | DeadlineEffect.CONTINUE:
                return f"{self.procedure.supplement.rule_article}; a payment: ours"
            case DeadlineEffect.RECLASSIFY:
                return self.procedure.supplement.silence_article
            case DeadlineEffect.EXTEND:
                return step.extensions[self.running.extended.count(step.step_id) - 1].article
            case DeadlineEffect.RESUME:
                return "ours"
        return step.article

    def ask(self, row: Row) -> tuple[Any, str | None]:
        """Answer a question; None for an article that isn't the catalogue's."""
        return ANSWERS[row["ask"]](self, row)


def amendment(play: Play, row: Row) -> tuple[str, str]:
    times = {name: local(at) for name, at in play.example["declaration"].items()}
    window = amendment_window(DeclarationTimes(local("2018-06-04 09:00"), **times), local(row["at"]), play.calendar)
    until = f" until {window.until.astimezone(local(row['at']).tzinfo):%Y-%m-%d %H:%M}" if window.until else ""
    return ("penalised" if window.penalised else "free") + until, window.article


def step_of(play: Play, row: Row) -> tuple[Any, str]:
    due = next(part for part in step_dues(play.running, play.calendar) if part.step_id == row["step"])
    told = next(part for part in explain(play.running, play.calendar).steps if part.step_id == row["step"])
    assert told.due_at == due.due_at
    return due.due_at, due.article


def apology(play: Play, row: Row) -> tuple[Any, None]:
    due = due_at(play.running, play.calendar)
    assert due is not None
    return terms.apology_latest_at(due, play.running.rule.steps[-1].limit.unit, play.calendar), None


ANSWERS: dict[str, Callable[[Play, Row], tuple[Any, str | None]]] = {
    "amendment": amendment,
    "apology": apology,
    "due-of": step_of,
    "handed-on": lambda play, row: (
        terms.handed_on_by(Channel(row["channel"]), local(row["at"]), play.calendar),
        None,
    ),
    "intake-answer": lambda play, row: (terms.intake_answer_due_at(local(row["at"]), play.calendar), None),
    "level": lambda play, _row: (terms.INSTALMENT_LEVELS[play.traits["debt_arose_at"]], play.running.rule.article),
    "monthly-fee": lambda play, row: (terms.monthly_fee_due_at(local(row["at"]), play.calendar), None),
    "months": lambda play, row: (str(terms.instalment_months(int(row["amount_vnd"]))), play.running.rule.article),
    "notice": lambda play, _row: (
        terms.supplement_notice_due_at(play.procedure.supplement, play.running.started_at, play.calendar),
        play.procedure.supplement.notice_article,
    ),
    "recorded": lambda play, row: (terms.payment_recorded_at(local(row["at"]), play.calendar), None),
    "silence": lambda play, _row: (
        terms.silence_ends_at(play.procedure.supplement, local(play.asked_at), play.calendar),
        play.procedure.supplement.silence_article,
    ),
}


def wanted(row: Row) -> Any:
    """What a row gives: an instant, nothing, or another word."""
    if row["gives"] == "null":
        return None
    return local(row["gives"]) if re.match(r"\d{4}-", row["gives"]) else row["gives"]


@pytest.mark.parametrize(
    ("section", "example"), EXAMPLES, ids=lambda part: part if isinstance(part, str) else part["title"]
)
def test_a_worked_example_holds(section: str, example: Row) -> None:
    play = Play(example)
    for row in example["rows"]:
        found, article = play.do(row) if "do" in row else play.ask(row)
        assert found == wanted(row), row["why"]
        assert article is None or row["article"] in article


def procedures(sections: set[str]) -> Iterator[str]:
    return (example.get("procedure", "") for section, example in EXAMPLES if section in sections)


def test_the_examples_cover_what_they_should() -> None:
    """Both refund laws, three instalment levels, both supplement rules, and so on: a section lost would be missed."""
    titles = {section for section, _ in EXAMPLES}
    assert titles >= {
        "The two refund laws",
        "The two supplement rules",
        "The three levels of instalments",
        "The apology",
        "Silence",
        "Extensions",
        "Steps that follow one another",
        "Handing on",
        "The last day off",
        "Tết and swapped days",
        "Working hours",
    }
    assert set(QUESTIONS) == set(ANSWERS)
    assert set(procedures({"The two supplement rules"})) == {"overpaid-tax", "refund-first"}


def test_a_third_extension_is_refused() -> None:
    example = next(one for _, one in EXAMPLES if "135" in one["title"])
    play = Play(example)
    for row in example["rows"][:-1]:
        if "do" in row:
            play.do(row)
    with pytest.raises(deadlines.AlreadyDoneError):
        deadlines.extend(play.running)
