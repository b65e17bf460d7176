"""How a dossier's due date came about: its timeline put through the law again.

Processing acts by `services.law.effects`; the same function, fed with what the timeline says, gives the same deadline.
So nothing of it is stored, and what is shown can't differ from what was acted on. Whether it is overdue is derived from
what the sandbox's clock shows, on each reading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.contracts.catalogue import AuthorityLevel, LimitStep, Procedure, SilenceOutcome, TimeLimit, TimeUnit
from services.contracts.timeliness import is_overdue
from services.contracts.vocabulary import SETTLED_STATUSES, Action, Channel, Status
from services.law import terms
from services.law.calendar import WorkingCalendar
from services.law.deadlines import Deadline, StepDue, due_at, limit_of, step_dues
from services.law.effects import DeadlineEffect, apply_effect
from services.law.explain import Explanation, explain
from services.law.rules import NoRuleError, rule_for
from services.portal.application.lifecycle_guide import LifecycleGuide
from services.portal.application.ports import Reader
from services.portal.application.sandbox_calendars import SandboxCalendars
from services.portal.domain.sandbox import Dossier, TimelineEntry

#: Statuses in which the applicant is waited for.
_WAITING: Final = {
    Status.SUPPLEMENT_REQUESTED: Action.REQUEST_SUPPLEMENT,
    Status.PAYMENT_REQUESTED: Action.REQUEST_PAYMENT,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A step of the timeline that did something to the limit."""

    entry: TimelineEntry
    effect: DeadlineEffect
    deadline: Deadline  #: as it was from then on


@dataclass(frozen=True, slots=True)
class Term:
    """Something that has to be done by a certain instant, beside the statutory limit."""

    due_at: datetime
    limit: TimeLimit | None
    article: str
    done_at: datetime | None  #: when it was done; `None`: it wasn't, or not yet


@dataclass(frozen=True, slots=True)
class Silence:
    """Until when an applicant who was asked for something is waited for, and what happens then."""

    ends_at: datetime
    outcome: SilenceOutcome
    limit: TimeLimit
    article: str


@dataclass(frozen=True, slots=True)
class GrantedExtension:
    """An extension that was given."""

    step_id: str
    limit: TimeLimit  #: the whole limit of the step afterwards
    article: str
    granted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineHistory:
    """A dossier's deadline with everything that led to it.

    Attributes:
        deadline: As it stands; None before receipt, and for what was resolved at once.
        calendar: By which it is counted; None without a deadline.
        turns: What made it so, in order.
        due_at: Derived from `deadline`; None: no limit, not received, or it stands still.
        steps: Steps and milestones with their due dates; empty without a limit.
        limit: Of the deciding step, as extended.
        extensions: In the order in which they were given.
        new_date_at: What an apology put beside the due date, which it doesn't move.
        is_overdue: Open and past due at the instant asked for.
        intake: Until when an online filing is answered: received, refused, sent back.
        handed_on: When the dossier has to be with the unit that handles it.
        supplement_notice: Until when the office should ask for a supplement.
        silence: While the applicant is waited for.
        apology: Until when the office may apologise; while it is open and due.
        authority_level: The level it was forwarded to last.
    """

    deadline: Deadline | None
    calendar: WorkingCalendar | None = None
    turns: tuple[Turn, ...] = ()
    due_at: datetime | None = None
    steps: tuple[StepDue, ...] = ()
    limit: TimeLimit | None = None
    extensions: tuple[GrantedExtension, ...] = ()
    new_date_at: datetime | None = None
    is_overdue: bool = False
    intake: Term | None = None
    handed_on: Term | None = None
    supplement_notice: Term | None = None
    silence: Silence | None = None
    apology: Term | None = None
    authority_level: AuthorityLevel | None = None


class DeadlineHistories:
    """Reads what a dossier's deadline history needs, makes it, and explains it."""

    def __init__(
        self, reader: Reader, calendars: SandboxCalendars, procedures: Mapping[str, Procedure], guide: LifecycleGuide
    ) -> None:
        self._reader = reader
        self._calendars = calendars
        self._procedures = procedures
        self._guide = guide

    def of(self, dossier: Dossier, now: datetime) -> DeadlineHistory:
        """The history of a dossier that was just read; what has come since then is left out."""
        entries = self._reader.timeline(dossier.sandbox_id, dossier.number)
        timeline = [entry for entry in entries if entry.position <= dossier.version]
        return deadline_history(
            dossier,
            timeline,
            self._procedures[dossier.procedure_id],
            self._guide,
            self._calendars.of_dossier(dossier, timeline),
            now=now,
        )

    def explain(self, dossier: Dossier, history: DeadlineHistory) -> Explanation | None:
        """Each day or span counted or skipped; `None` before receipt, and for what was resolved at once."""
        if history.deadline is None or history.calendar is None:
            return None
        return explain(
            history.deadline,
            history.calendar,
            received_at=dossier.received_at,
            terms=self._procedures[dossier.procedure_id].supplement,
            causes={
                turn.entry.occurred_at: Action(turn.entry.action)
                for turn in history.turns
                if turn.effect is DeadlineEffect.SUSPEND
            },
        )


def deadline_history(
    dossier: Dossier,
    timeline: Sequence[TimelineEntry],
    procedure: Procedure,
    guide: LifecycleGuide,
    calendar: WorkingCalendar,
    *,
    now: datetime,
) -> DeadlineHistory:
    """Put a timeline through the law.

    Args:
        dossier: As the read model has it.
        timeline: All of it, in order.
        procedure: Of the dossier.
        guide: Says what each action does to a limit.
        calendar: By which processing counted when it last told of the dossier.
        now: What the sandbox's clock shows.
    """
    done = [entry for entry in timeline if entry.refusal is None]
    turns = _turns(dossier, done, procedure, guide)
    deadline = turns[-1].deadline if turns else None
    forwarded = [entry.detail["to_level"] for entry in done if entry.action == Action.FORWARD and entry.detail]
    level = AuthorityLevel(forwarded[-1]) if forwarded else None
    silence = _silence(dossier, done, procedure, calendar)
    intake = _intake(dossier, done, calendar)
    if deadline is None:
        return DeadlineHistory(deadline=None, intake=intake, silence=silence, authority_level=level)
    due = due_at(deadline, calendar)
    limit = limit_of(deadline, deadline.rule.steps[-1]) if deadline.rule.steps else None
    return DeadlineHistory(
        deadline=deadline,
        calendar=calendar,
        turns=turns,
        due_at=due,
        steps=step_dues(deadline, calendar),
        limit=limit,
        extensions=_extensions(turns),
        new_date_at=dossier.new_date_at,
        is_overdue=is_overdue(dossier.status, due, limit.unit if limit else None, now),
        intake=intake,
        handed_on=_handed_on(dossier, done, calendar),
        supplement_notice=_supplement_notice(dossier, done, procedure, calendar),
        silence=silence,
        apology=_apology(dossier, done, due, limit, calendar),
        authority_level=level,
    )


def _turns(
    dossier: Dossier, done: Sequence[TimelineEntry], procedure: Procedure, guide: LifecycleGuide
) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    deadline: Deadline | None = None
    received_at: datetime | None = None
    traits = dict(dossier.traits or {})
    for entry in done:
        effect = guide.deadline_effect(entry.status_before, entry.action)
        if effect is DeadlineEffect.NONE:
            continue
        deadline = apply_effect(
            deadline, effect, entry.occurred_at, procedure, traits, entry.detail, received_at=received_at
        )
        if effect is DeadlineEffect.START:
            received_at = entry.occurred_at
        elif effect is DeadlineEffect.RECLASSIFY and entry.detail:
            traits |= entry.detail["traits"]
        if deadline is not None:
            turns.append(Turn(entry, effect, deadline))
    return tuple(turns)


def _extensions(turns: Sequence[Turn]) -> tuple[GrantedExtension, ...]:
    granted = []
    for turn in turns:
        if turn.effect is DeadlineEffect.EXTEND:
            step_id = turn.deadline.extended[-1]
            step = _step(turn.deadline, step_id)
            article = step.extensions[turn.deadline.extended.count(step_id) - 1].article
            granted.append(GrantedExtension(step_id, limit_of(turn.deadline, step), article, turn.entry.occurred_at))
    return tuple(granted)


def _step(deadline: Deadline, step_id: str) -> LimitStep:
    return next(step for step in deadline.rule.steps if step.step_id == step_id)


def _first(done: Sequence[TimelineEntry], action: Action, since: datetime) -> datetime | None:
    """When something was first done, from an instant on."""
    found = (entry.occurred_at for entry in done if entry.action == action and entry.occurred_at >= since)
    return next(found, None)


#: What answers a filing.
_INTAKE_ANSWERS: Final = (Action.RECEIVE, Action.REFUSE_INTAKE, Action.REQUEST_SUPPLEMENT, Action.RESOLVE_AT_ONCE)


def _intake(dossier: Dossier, done: Sequence[TimelineEntry], calendar: WorkingCalendar) -> Term | None:
    """Counted from the last time that the applicant handed it in before it was received."""
    handed_in = [entry.occurred_at for entry in done if entry.action in {Action.SUBMIT, Action.RESUBMIT}]
    if not handed_in or dossier.channel != Channel.ONLINE:
        return None
    answers = (_first(done, action, handed_in[-1]) for action in _INTAKE_ANSWERS)
    answered_at = min((at for at in answers if at is not None), default=None)
    due = terms.intake_answer_due_at(handed_in[-1], calendar)
    return Term(due, terms.INTAKE_ANSWER, "NĐ 45/2020/NĐ-CP (chưa đối chiếu)", answered_at)


def _handed_on(dossier: Dossier, done: Sequence[TimelineEntry], calendar: WorkingCalendar) -> Term | None:
    """Source: Decree 61/2018/NĐ-CP art. 18; taking it up is when it has been handed on (ours)."""
    if dossier.received_at is None:
        return None
    due = terms.handed_on_by(Channel(dossier.channel), dossier.received_at, calendar)
    return Term(due, None, "NĐ 61/2018/NĐ-CP Đ18", _first(done, Action.START, dossier.received_at))


def _supplement_notice(
    dossier: Dossier, done: Sequence[TimelineEntry], procedure: Procedure, calendar: WorkingCalendar
) -> Term | None:
    if dossier.received_at is None:
        return None
    supplement = procedure.supplement
    due = terms.supplement_notice_due_at(supplement, dossier.received_at, calendar)
    asked_at = _first(done, Action.REQUEST_SUPPLEMENT, dossier.received_at)
    return Term(due, supplement.notice_limit, supplement.notice_article, asked_at)


def _silence(
    dossier: Dossier, done: Sequence[TimelineEntry], procedure: Procedure, calendar: WorkingCalendar
) -> Silence | None:
    """While a debit is under way nobody is waited for: customs will record it."""
    action = _WAITING.get(Status(dossier.status))
    if action is None:
        return None
    since = [entry for entry in done if entry.action in {action, Action.DEBIT}]
    if not since or since[-1].action == Action.DEBIT:
        return None
    supplement = procedure.supplement
    ends_at = terms.silence_ends_at(supplement, since[-1].occurred_at, calendar)
    outcome = _silence_outcome(dossier, procedure) if action is Action.REQUEST_SUPPLEMENT else SilenceOutcome.STOP
    return Silence(ends_at, outcome, supplement.silence_limit, supplement.silence_article)


def _silence_outcome(dossier: Dossier, procedure: Procedure) -> SilenceOutcome:
    """The procedure's; but what was never received is stopped, and so is what is under the stricter terms already."""
    wanted, received_at = procedure.supplement.silence_outcome, dossier.received_at
    if received_at is None:
        return SilenceOutcome.STOP
    if wanted is not SilenceOutcome.RECLASSIFY:
        return wanted
    traits = dossier.traits_now
    try:
        other = rule_for(procedure, {**traits, **procedure.supplement.silence_traits}, received_at)
    except NoRuleError:
        return SilenceOutcome.STOP
    return wanted if other != rule_for(procedure, traits, received_at) else SilenceOutcome.STOP


def _apology(
    dossier: Dossier,
    done: Sequence[TimelineEntry],
    due: datetime | None,
    limit: TimeLimit | None,
    calendar: WorkingCalendar,
) -> Term | None:
    if due is None or limit is None or dossier.received_at is None or dossier.status in SETTLED_STATUSES:
        return None
    latest = terms.apology_latest_at(due, TimeUnit(limit.unit), calendar)
    return Term(latest, None, "NĐ 61/2018/NĐ-CP Đ19.9", _first(done, Action.APOLOGIZE, dossier.received_at))
