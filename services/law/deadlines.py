"""When a dossier is due: a budget of time in steps, and a ledger of the spans in which it didn't run.

A due instant is derived each time it is asked for and never stored as the truth. Whether a dossier is early or overdue
is not decided here, nor which transition changes a time limit: the lifecycle table says that, `services.law.effects`
carries it out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import ClassVar, NamedTuple

from services.contracts.catalogue import Extension, LimitRule, LimitStep, Milestone, TimeLimit
from services.contracts.vocabulary import Refusal
from services.law.calendar import WorkingCalendar
from services.law.measures import Suspension as Suspension  # noqa: PLC0414 - part of a Deadline, so it is got here too
from services.law.measures import end_of


class Deadline(NamedTuple):
    """A time limit at work on one dossier.

    Attributes:
        rule: The limit that holds; without steps the law states none.
        started_at: Receipt of the full dossier; after a restart, of the supplement.
        suspensions: In order, none overlapping; only the last one may be open.
        completed: Steps and milestones that are done, by id, with their instants in order.
        extended: Id of a step, once for each extension that it was given.
    """

    rule: LimitRule
    started_at: datetime
    suspensions: tuple[Suspension, ...] = ()
    completed: tuple[tuple[str, datetime], ...] = ()
    extended: tuple[str, ...] = ()

    @property
    def is_suspended(self) -> bool:
        """Whether the limit stands still."""
        return bool(self.suspensions) and self.suspensions[-1].ended_at is None

    @property
    def open_step(self) -> LimitStep | None:
        """The first step that isn't done; the last one never is: it ends with the decision. None without a limit."""
        done = dict(self.completed)
        return next((step for step in self.rule.steps if step.step_id not in done), None)

    @property
    def next_milestone(self) -> Milestone | None:
        """The first milestone of the open step that isn't done; None when it has none left."""
        step, done = self.open_step, dict(self.completed)
        return next((part for part in step.milestones if part.step_id not in done), None) if step else None


class RefusedByLawError(Exception):
    """The limit doesn't allow what was asked; `refusal` says why in the words of an action's answer."""

    refusal: ClassVar[Refusal]


class NotProvidedError(RefusedByLawError):
    """The law gives this procedure no such thing: no further step, no extension."""

    refusal = Refusal.NOT_PROVIDED


class AlreadyDoneError(RefusedByLawError):
    """The step is done, or every extension has been used."""

    refusal = Refusal.ALREADY_DONE


class StepOpenError(RefusedByLawError):
    """A step or milestone before this one isn't done."""

    refusal = Refusal.STEP_OPEN


class UnfitDetailError(RefusedByLawError):
    """No step or milestone of this limit has that id."""

    refusal = Refusal.UNFIT_DETAIL


@dataclass(frozen=True, slots=True)
class GrantedExtension:
    """What an extension gave: the step that takes longer, its whole limit now, and the article."""

    step_id: str
    limit: TimeLimit
    article: str


def suspend(deadline: Deadline, at: datetime) -> Deadline:
    """Return the deadline standing still from an instant on.

    Raises:
        ValueError: It stands still already, or the instant is before its start or its last suspension's end.
    """
    if deadline.is_suspended:
        raise ValueError("A time limit that stands still can't be suspended again.")
    if at < _last_change(deadline):
        raise ValueError(f"A time limit can't be suspended at {at}, before it last changed.")
    return _with_suspensions(deadline, (*deadline.suspensions, Suspension(at)))


def resume(deadline: Deadline, at: datetime) -> Deadline:
    """Return the deadline running on with what was left of it.

    Source: Law 38/2019/QH14 art. 75.1: the time of explanation and supplement isn't counted in the limit of a refund.

    Raises:
        ValueError: It isn't standing still, or the instant is before the suspension's start.
    """
    if not deadline.is_suspended:
        raise ValueError("A time limit that runs can't be resumed.")
    if at < _last_change(deadline):
        raise ValueError(f"A time limit can't be resumed at {at}, before it was suspended.")
    *before, last = deadline.suspensions
    return _with_suspensions(deadline, (*before, Suspension(last.started_at, at)))


def _with_suspensions(deadline: Deadline, suspensions: tuple[Suspension, ...]) -> Deadline:
    # Written out, for it happens often and `_replace` takes four times as long.
    return Deadline(deadline.rule, deadline.started_at, suspensions, deadline.completed, deadline.extended)


def restart(deadline: Deadline, at: datetime) -> Deadline:
    """Return the deadline counted again from zero, whether it was standing still or not.

    Source: Decree 61/2018/NĐ-CP art. 19.4: counted again from the start once the full dossier is received.

    Raises:
        ValueError: The instant is before its start or its last suspension.
    """
    if at < _last_change(deadline):
        raise ValueError(f"A time limit can't be restarted at {at}, before it last changed.")
    return Deadline(deadline.rule, at, extended=deadline.extended)


def step_to_complete(deadline: Deadline, step_id: str | None = None) -> str:
    """Return the id of what `complete_step` would mark as done.

    Args:
        deadline: As it stands.
        step_id: What is meant; None: the next milestone of the open step, or else the open step.

    Raises:
        UnfitDetailError: No step or milestone has that id.
        NotProvidedError: It is the last step, which ends with the decision; or there is nothing but that.
        AlreadyDoneError: It is done; or, with None, everything before the decision is.
        StepOpenError: Something before it isn't done. Milestones that are left open don't hold up their own step.
    """
    last = _last(deadline.rule)
    step, milestone = deadline.open_step, deadline.next_milestone
    if step_id is None:
        if milestone is not None:
            return milestone.step_id
        if step is None or step.step_id == last:
            raise AlreadyDoneError if deadline.completed else NotProvidedError
        return step.step_id
    if step_id == last:
        raise NotProvidedError
    if step_id in dict(deadline.completed):
        raise AlreadyDoneError
    if step is not None and step_id in {step.step_id, milestone and milestone.step_id}:
        return step_id
    if not any(step_id in _ids(other) for other in deadline.rule.steps):
        raise UnfitDetailError
    # Ours: what an earlier step left out can't be made up for, the step is over.
    is_over = any(step_id in _ids(other) for other in deadline.rule.steps if other.step_id in dict(deadline.completed))
    raise AlreadyDoneError if is_over else StepOpenError


def complete_step(deadline: Deadline, at: datetime, step_id: str | None = None) -> Deadline:
    """Return the deadline with one more step or milestone done; the next step runs from that instant.

    Args:
        deadline: Running, not suspended.
        at: When it was done.
        step_id: See `step_to_complete`, which also says what is refused.

    Raises:
        ValueError: The limit stands still, or the instant is before it last changed.
    """
    step_id = step_to_complete(deadline, step_id)
    if deadline.is_suspended:
        raise ValueError("A step can't be done while the time limit stands still.")
    if at < _last_change(deadline):
        raise ValueError(f"A step can't be done at {at}, before the time limit last changed.")
    return deadline._replace(completed=(*deadline.completed, (step_id, at)))


def extend(deadline: Deadline) -> tuple[Deadline, GrantedExtension]:
    """Return the deadline with its open step extended once more, and what that gave.

    Whether it is asked for in time is the caller's to check: before the open step's end (`open_step_due_at`).

    Raises:
        NotProvidedError: The law lets this step take no longer.
        AlreadyDoneError: Each of its extensions has been used.
    """
    step = deadline.open_step
    if step is None or not step.extensions:
        raise NotProvidedError
    times = deadline.extended.count(step.step_id)
    if times >= len(step.extensions):
        raise AlreadyDoneError
    given: Extension = step.extensions[times]
    extended = deadline._replace(extended=(*deadline.extended, step.step_id))
    return extended, GrantedExtension(step.step_id, given.limit, given.article)


def reclassify(deadline: Deadline, rule: LimitRule) -> Deadline:
    """Return the deadline under another rule of its procedure, counted from the same start.

    Steps and milestones that the new rule has too stay done and extended. Time that stood still stays left out; a
    suspension that is open is for the caller to end.
    """
    room = {step.step_id: len(step.extensions) for step in rule.steps}
    extended: list[str] = []
    for step_id in deadline.extended:
        if extended.count(step_id) < room.get(step_id, 0):
            extended.append(step_id)
    kept = _done_in_order(rule, dict(deadline.completed))
    completed = tuple(entry for entry in deadline.completed if entry[0] in kept)
    return deadline._replace(rule=rule, completed=completed, extended=tuple(extended))


def _done_in_order(rule: LimitRule, done: Mapping[str, datetime]) -> set[str]:
    """Return the ids of what counts as done under a rule: nothing behind the first step that isn't."""
    kept: set[str] = set()
    for step in rule.steps:
        kept.update(part.step_id for part in takewhile(lambda milestone: milestone.step_id in done, step.milestones))
        if step.step_id not in done or step.step_id == _last(rule):
            break
        kept.add(step.step_id)
    return kept


def _last(rule: LimitRule) -> str | None:
    return rule.steps[-1].step_id if rule.steps else None


def _ids(step: LimitStep) -> set[str]:
    return {step.step_id, *(milestone.step_id for milestone in step.milestones)}


def _last_change(deadline: Deadline) -> datetime:
    last = max(at for _, at in deadline.completed) if deadline.completed else deadline.started_at
    if not deadline.suspensions:
        return last
    suspension = deadline.suspensions[-1]
    return max(last, suspension.ended_at or suspension.started_at)


def due_at(deadline: Deadline, calendar: WorkingCalendar) -> datetime | None:
    """Return when the authority must have finished.

    The steps of the rule follow one another: one that is done hands over at the instant at which it was done, one that
    isn't at its planned end. Within a step the limit is followed through the stretches in which it runs: from its start
    to the first suspension, from that one's end to the next, and so on. What a stretch uses up and where the rest ends
    is up to the unit (`services.law.measures`).

    * In days, the one on which a stretch begins isn't counted: that of receipt (Civil Code 2015 art. 147), nor that of
      the supplement.
    * The day of a request for supplement is counted, unless the stretch began on it.
    * A request after the limit ended changes nothing: the dossier stays overdue.
    * Ours, no source: a request made in time on the very last day leaves one day; the limit then ends with the first
      working day after the supplement. Otherwise it would be overdue the moment it is completed.

    Args:
        deadline: Rule, start, suspensions, and what has been done and extended.
        calendar: Must reach to the due instant.

    Returns:
        UTC; the instant itself is still in time. None when there is no limit, or when the limit stands still now.

    Raises:
        OutsideCalendarError: Start, suspensions or end are beyond the calendar's horizon.

    Source:
        Civil Code 2015 art. 147 and 148.5, from memory; Law 38/2019/QH14 art. 75.1.
    """
    steps = deadline.rule.steps
    if not steps:
        return None
    if len(steps) == 1 and not deadline.suspensions and not deadline.extended:
        # Millions are of this kind.
        return end_of(steps[0].limit, deadline.started_at, (), calendar)
    since: datetime | None = deadline.started_at
    done = dict(deadline.completed)
    for step in steps:
        if since is None:
            return None
        if step.step_id in done:
            since = done[step.step_id]
        else:
            since = end_of(limit_of(deadline, step), since, deadline.suspensions, calendar)
    return since


def limit_of(deadline: Deadline, step: LimitStep) -> TimeLimit:
    """Return a step's limit, as extended."""
    times = deadline.extended.count(step.step_id)
    return step.extensions[times - 1].limit if times else step.limit


@dataclass(frozen=True, slots=True)
class StepDue:
    """Where a step or milestone stands.

    Attributes:
        step_id: Of the step or milestone.
        within: Id of the step that a milestone belongs to; None for a step.
        limit: As extended.
        started_at: From when it runs; None while what comes before it stands still.
        due_at: Its planned end; None while it stands still.
        completed_at: When it was done; a milestone that was left out, when its step was. None: it isn't. The last step
            never has one: it ends with the decision.
        suspensions: Those that fell into it.
    """

    step_id: str
    within: str | None
    name_vi: str
    name_en: str
    limit: TimeLimit
    article: str
    started_at: datetime | None
    due_at: datetime | None
    completed_at: datetime | None
    suspensions: tuple[Suspension, ...] = ()


def step_dues(deadline: Deadline, calendar: WorkingCalendar) -> tuple[StepDue, ...]:
    """Return what is due within the limit: each step followed by its milestones, in order.

    The last step's due instant is that of the whole (`due_at`). Empty when the law states no limit.

    Raises:
        OutsideCalendarError: Something in it is beyond the calendar's horizon.
    """
    return tuple(_step_dues(deadline, calendar))


def open_step_due_at(deadline: Deadline, calendar: WorkingCalendar) -> datetime | None:
    """Return by when the open step has to be done; None without a limit, or while it stands still."""
    step = deadline.open_step
    dues = step_dues(deadline, calendar) if step else ()
    return next((due.due_at for due in dues if step and due.step_id == step.step_id), None)


def _step_dues(deadline: Deadline, calendar: WorkingCalendar) -> Iterator[StepDue]:
    done = dict(deadline.completed)
    since: datetime | None = deadline.started_at
    for step in deadline.rule.steps:
        finished = done.get(step.step_id)
        due = _step_due(step, since, finished, deadline, calendar)
        yield due
        begins = since
        for milestone in step.milestones:
            ended = done.get(milestone.step_id, finished)
            part = _step_due(milestone, begins, ended, deadline, calendar)
            yield replace(part, within=step.step_id)
            begins = ended or part.due_at
        since = finished or due.due_at


def _step_due(
    step: LimitStep | Milestone,
    since: datetime | None,
    completed_at: datetime | None,
    deadline: Deadline,
    calendar: WorkingCalendar,
) -> StepDue:
    limit = limit_of(deadline, step) if isinstance(step, LimitStep) else step.limit
    # What came after a step was done belongs to the next one, what came after its planned end doesn't move that.
    suspensions = tuple(
        part
        for part in deadline.suspensions
        if since is not None and part.started_at >= since and (completed_at is None or part.started_at < completed_at)
    )
    due = None if since is None else end_of(limit, since, suspensions, calendar)
    return StepDue(
        step_id=step.step_id,
        within=None,
        name_vi=step.name_vi,
        name_en=step.name_en,
        limit=limit,
        article=step.article,
        started_at=since,
        due_at=due,
        completed_at=completed_at,
        suspensions=tuple(part for part in suspensions if due is None or part.started_at < due),
    )
