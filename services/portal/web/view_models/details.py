"""What an action brought beside, as rows of a name and a value in the language of the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.contracts.catalogue import AuthorityLevel, LimitStep, Milestone, Procedure, TimeLimit, TimeUnit
from services.contracts.labels import AUTHORITY_LEVEL_LABELS, REGISTER_TRAIT_LABELS, SATISFACTION_LABELS, Label
from services.contracts.vocabulary import Action, Satisfaction
from services.portal.web import words
from services.portal.web.language import gettext, in_words


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One thing that an action brought."""

    label: str
    value: str
    is_vietnamese: bool = False  #: the value is Vietnamese whatever the language of the page


def detail_rows(action: str, detail: Mapping[str, Any] | None, procedure: Procedure) -> list[DetailRow]:
    """In the order in which people read them; keys that this doesn't know are left out."""
    if not detail:
        return []
    if action == Action.EXTEND:
        return _extension(detail, procedure)
    return [row for key, make in _ROWS.items() if key in detail for row in make(detail[key], procedure)]


def step_name(procedure: Procedure, step_id: str) -> str:
    """What a step or milestone of a procedure's limits is called; its id when the catalogue doesn't know it."""
    parts: list[LimitStep | Milestone] = []
    for rule in procedure.limit_rules:
        for step in rule.steps:
            parts += [step, *step.milestones]
    found = next((part for part in parts if part.step_id == step_id), None)
    return in_words(Label(found.name_vi, found.name_en)) if found else step_id


def trait_words(procedure: Procedure, traits: Mapping[str, str]) -> str:
    """Traits in the words of the form where it asks for them, else as they are."""
    return ", ".join(_trait(procedure, name, value) for name, value in traits.items())


def _trait(procedure: Procedure, name: str, value: str) -> str:
    field = next((field for field in procedure.form if field.name == name), None)
    if field is None and name in REGISTER_TRAIT_LABELS:
        named, values = REGISTER_TRAIT_LABELS[name]
        return f"{in_words(named)}: {words.choice(values, value)}"
    if field is None:
        return f"{name}: {value}"
    labels = {choice.value: Label(choice.label_vi, choice.label_en) for choice in field.choices}
    return f"{in_words(Label(field.label_vi, field.label_en))}: {words.choice(labels, value)}"


def _extension(detail: Mapping[str, Any], procedure: Procedure) -> list[DetailRow]:
    limit = TimeLimit(detail["amount"], TimeUnit(detail["unit"]))
    return [
        DetailRow(gettext("Step"), step_name(procedure, detail["step_id"])),
        DetailRow(gettext("Time limit now"), words.limit(limit)),
        DetailRow(gettext("Article"), detail["article"], is_vietnamese=True),
    ]


_Make = Callable[[Any, Procedure], list[DetailRow]]


def _at(name: Callable[[], str]) -> _Make:
    return lambda value, _: [DetailRow(name(), words.instant(datetime.fromisoformat(value)))]


def _text(name: Callable[[], str]) -> _Make:
    return lambda value, _: [DetailRow(name(), str(value), is_vietnamese=True)]


def _level(value: Any, _: Procedure) -> list[DetailRow]:
    return [DetailRow(gettext("Forwarded to"), in_words(AUTHORITY_LEVEL_LABELS[AuthorityLevel(value)]))]


def _satisfaction(value: Any, _: Procedure) -> list[DetailRow]:
    return [DetailRow(gettext("Satisfaction"), in_words(SATISFACTION_LABELS[Satisfaction(value)]))]


# Names are looked up when a row is made: before that the language isn't known.
_ROWS: Final[Mapping[str, _Make]] = {
    "amount_vnd": lambda value, _: [DetailRow(gettext("Amount"), words.dong(value))],
    "paid_at": _at(lambda: gettext("Paid at")),
    "recorded_on": _at(lambda: gettext("Recorded by customs at")),
    "payment_id": _text(lambda: gettext("Payment document")),
    "new_date_at": _at(lambda: gettext("New date")),
    "due_at": _at(lambda: gettext("Had been due")),
    "due_before": _at(lambda: gettext("Had been due")),
    "decision_number": _text(lambda: gettext("Decision")),
    "step_id": lambda value, procedure: [DetailRow(gettext("Step"), step_name(procedure, value))],
    "to_level": _level,
    "unit": _text(lambda: gettext("Unit consulted")),
    "answer_by": _at(lambda: gettext("Answer expected by")),
    "traits": lambda value, procedure: [DetailRow(gettext("Goes on as"), trait_words(procedure, value))],
    "satisfaction": _satisfaction,
}
