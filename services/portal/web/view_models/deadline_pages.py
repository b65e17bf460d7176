"""How a due date came about: the explanation of the law as tables, and the terms beside it.

Decides and counts nothing: each row is an entry of `services.law.explain`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.contracts.catalogue import Catalogue, TimeUnit
from services.contracts.labels import SILENCE_OUTCOME_LABELS, Label
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import Status
from services.law import phrases
from services.law.explain import ExplainedEntry, ExplainedStep, Explanation
from services.law.phrases import Basis
from services.portal.application.deadline_history import DeadlineHistory, Term
from services.portal.domain.sandbox import Dossier
from services.portal.web import words
from services.portal.web.language import gettext, in_words
from services.portal.web.view_models.details import step_name
from services.portal.web.view_models.dossiers import DossierRow, dossier_row


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A day, a run of like days, or a span of hours."""

    when: str
    counted: str  #: what it adds; empty: nothing
    total: str
    why: str
    basis: str  #: what that rests on, in words
    article: str | None
    entry_source: str | None  #: of the calendar entry behind it, where the article doesn't say it


@dataclass(frozen=True, slots=True)
class StepTable:
    """A step or a milestone with everything between its beginning and its end."""

    name: str
    is_milestone: bool
    limit: str
    article: str
    summary: str
    rows: Sequence[EntryRow]
    due_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TermRow:
    """Something that has to be done by a certain instant, beside the limit."""

    name: str
    due_at: datetime
    done_at: datetime | None
    note: str
    article: str


@dataclass(frozen=True, slots=True)
class ExtensionRow:
    """An extension that was given."""

    step: str
    limit: str
    granted_at: datetime
    article: str


@dataclass(frozen=True, slots=True)
class DeadlinePage:
    """All about one deadline."""

    row: DossierRow
    received_at: datetime | None
    summary: str
    rule_article: str
    limit: str | None
    restarted: EntryRow | None
    steps: Sequence[StepTable]
    terms: Sequence[TermRow]
    extensions: Sequence[ExtensionRow]
    calendar_year: int  #: in which it was counted first


def deadline_page(
    dossier: Dossier, history: DeadlineHistory, explanation: Explanation | None, catalogue: Catalogue, now: datetime
) -> DeadlinePage:
    """Lay out a deadline."""
    row = dossier_row(dossier, catalogue, now)
    summary = in_words(Label(explanation.text_vi, explanation.text_en)) if explanation else _nothing_counted(dossier)
    restarted = explanation.restarted if explanation else None
    return DeadlinePage(
        row=row,
        received_at=dossier.received_at,
        summary=summary,
        rule_article=explanation.rule.article if explanation else "",
        limit=words.limit(history.limit) if history.limit else None,
        restarted=_entry_row(restarted, TimeUnit.WORKING_HOURS) if restarted else None,
        steps=[_step_table(step) for step in explanation.steps] if explanation else [],
        terms=list(_term_rows(history)),
        extensions=[
            ExtensionRow(step_name(row.procedure, one.step_id), words.limit(one.limit), one.granted_at, one.article)
            for one in history.extensions
        ],
        calendar_year=vietnamese_day(dossier.received_at or dossier.filed_at).year,
    )


def _nothing_counted(dossier: Dossier) -> str:
    """Why a dossier has no deadline at all."""
    if dossier.received_at is not None:
        return gettext("The system resolved the dossier at once; no time limit had to run.")
    if Status(dossier.status).is_terminal:
        return gettext("The dossier was never received; no time limit has run.")
    return gettext("The time limit begins when the office receives the dossier.")


def _step_table(step: ExplainedStep) -> StepTable:
    return StepTable(
        name=in_words(Label(step.name_vi, step.name_en)),
        is_milestone=step.within is not None,
        limit=words.limit(step.limit),
        article=step.article,
        summary=in_words(Label(step.text_vi, step.text_en)),
        rows=[_entry_row(entry, step.limit.unit) for entry in step.entries],
        due_at=step.due_at,
        completed_at=step.completed_at,
    )


def _entry_row(entry: ExplainedEntry, unit: TimeUnit) -> EntryRow:
    in_hours = unit is TimeUnit.WORKING_HOURS
    times = (phrases.span if in_hours else phrases.days)(entry.from_at, entry.until_at)
    when = in_words(Label(times.vi, times.en))
    source = entry.calendar_entry.source if entry.calendar_entry else None
    return EntryRow(
        when=words.as_heading(when),
        counted=_amount(entry.amount, unit) if entry.counted else "",
        total=_amount(entry.total, unit),
        # The table says when in a column of its own.
        why=words.as_heading(in_words(Label(entry.text_vi, entry.text_en)).removeprefix(f"{when}: ")),
        basis=_basis_words(entry.basis),
        article=entry.article,
        entry_source=source if source != entry.article else None,
    )


def _amount(amount: float, unit: TimeUnit) -> str:
    microseconds = 60_000_000 if unit is TimeUnit.WORKING_HOURS else 1
    text = phrases.total(round(amount * microseconds), unit)
    return in_words(Label(text.vi, text.en))


def _basis_words(basis: Basis) -> str:
    sentences = {
        Basis.LAW: gettext("law"),
        Basis.MEMORY: gettext("law, quoted from memory"),
        Basis.CALENDAR: gettext("working calendar"),
        Basis.DECISION: gettext("decision of this sandbox"),
        Basis.OURS: gettext("rule of this mock"),
    }
    return sentences[basis]


def _term_rows(history: DeadlineHistory) -> Iterator[TermRow]:
    named: list[tuple[str, Term | None]] = [
        (gettext("Answer the filing"), history.intake),
        (gettext("Hand the dossier on to the unit that handles it"), history.handed_on),
        (gettext("Ask for a supplement"), history.supplement_notice),
        (gettext("Apologise and give a new date, if it will be late"), history.apology),
    ]
    for name, term in named:
        if term is not None:
            note = words.limit(term.limit) if term.limit else ""
            yield TermRow(name, term.due_at, term.done_at, note, term.article)
    if history.silence is not None:
        silence = history.silence
        note = f"{words.limit(silence.limit)}; {in_words(SILENCE_OUTCOME_LABELS[silence.outcome])}"
        yield TermRow(gettext("The applicant answers"), silence.ends_at, None, note, silence.article)
