"""Why a dossier is due when it is: each day or span counted or skipped, by which rule and article, and the sum.

For people who want to check a date, one dossier at a time; whoever only needs the date asks `services.law.deadlines`,
which is thousands of times as fast. The due instants told here come from the entries themselves, so that an explanation
never gives reasons for a date that it didn't find.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.contracts.catalogue import LimitRule, LimitStep, Milestone, SupplementTerms, TimeLimit, TimeUnit
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import Action
from services.law import phrases
from services.law.calendar import CalendarEntry, WorkingCalendar
from services.law.deadlines import Deadline, GrantedExtension, Suspension, limit_of
from services.law.phrases import PHRASES, Basis, Text
from services.law.reckoning import COUNTED, EntryKind, Stretch, reckon

_MINUTE_US: Final = 60_000_000
#: From 2021 on the Labour Code of 2019 says which days are holidays, before it that of 2012. From memory.
_LABOUR_CODES: Final = (
    (date(2021, 1, 1), "Bộ luật Lao động 45/2019 Đ112"),
    (date.min, "Bộ luật Lao động 10/2012 Đ115"),
)


@dataclass(frozen=True, slots=True)
class ExplainedEntry:
    """A day, a run of like days, or a span of hours, and what it is to the limit.

    Attributes:
        from_at: Where it begins; the first entry of a step at the step's own start.
        until_at: Where the next entry begins, the last one's: the due instant. None: the limit still stands still.
        from_on: First day of it in Vietnam.
        to_on: Last one; None: still going on.
        counted: Whether it adds to the count.
        amount: What it adds: days, or minutes for a limit in working hours (whole unless an instant had seconds).
        total: The count with it, likewise.
        article: The rule behind it; None: a calendar entry, or ours.
        basis: What it rests on.
        calendar_entry: The calendar entry because of which it is counted or skipped, with its source.
        suspension: The suspension of which it is a part.
    """

    kind: EntryKind
    from_at: datetime
    until_at: datetime | None
    from_on: date
    to_on: date | None
    counted: bool
    amount: float
    total: float
    article: str | None
    basis: Basis
    calendar_entry: CalendarEntry | None
    suspension: Suspension | None
    text_vi: str
    text_en: str


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """A step of the limit, or a milestone within one.

    Attributes:
        step_id: Of the step or milestone.
        within: Id of the step that a milestone belongs to; None for a step.
        article: Where its limit stands; of an extended one the extension's.
        limit: As it holds, extended if it was.
        extensions: What was granted, in order.
        started_at: Receipt, restart, or the end of what comes before; None: that stands still.
        entries: Everything from `started_at` to `due_at`, without gap or overlap.
        counted: The sum of the entries, in days or minutes.
        due_at: Where the last entry ends; None while it stands still.
        completed_at: When it was done; what follows runs from then. None: it isn't, what follows runs from `due_at`.
        too_late: Suspensions after the limit had ended, which changed nothing.
    """

    step_id: str
    within: str | None
    name_vi: str
    name_en: str
    article: str
    limit: TimeLimit
    extensions: tuple[GrantedExtension, ...]
    started_at: datetime | None
    entries: tuple[ExplainedEntry, ...]
    counted: float
    due_at: datetime | None
    completed_at: datetime | None
    too_late: tuple[Suspension, ...]
    text_vi: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a due date came about.

    Attributes:
        rule: The limit that holds, with its dates and traits.
        received_at: Receipt of the dossier.
        started_at: From when it is counted; later than receipt when it was counted again from zero.
        restarted: What lies between both; None: nothing does.
        steps: Each followed by its milestones; empty: the law states no limit.
        due_at: The last step's; None: no limit, or it stands still.
    """

    rule: LimitRule
    received_at: datetime
    started_at: datetime
    restarted: ExplainedEntry | None
    steps: tuple[ExplainedStep, ...]
    due_at: datetime | None
    text_vi: str
    text_en: str


def explain(
    deadline: Deadline,
    calendar: WorkingCalendar,
    *,
    received_at: datetime | None = None,
    terms: SupplementTerms | None = None,
    causes: Mapping[datetime, Action] | None = None,
) -> Explanation:
    """Return how a deadline's due instant comes about.

    Args:
        deadline: As it stands.
        calendar: The sandbox's own, with its overrides.
        received_at: Receipt of the dossier; None: when the limit started.
        terms: The procedure's, for the article by which a supplement pauses or restarts the limit; None: not told.
        causes: By the instant at which each suspension began, the action that began it: `request-payment`, or
            `request-supplement`, which is taken for granted where nothing is said and rests on the article of `terms`.

    Raises:
        OutsideCalendarError: Some of it is beyond the calendar's horizon.
    """
    explainer = _Explainer(deadline, calendar, terms.rule_article if terms else None, causes or {})
    steps = tuple(explainer.steps())
    due_at = next((step.due_at for step in reversed(steps) if step.within is None), None)
    if due_at is not None:
        text = phrases.fill(phrases.WHOLE_DUE, at=phrases.instant(due_at))
    else:
        text = phrases.WHOLE_STANDS if steps else phrases.WHOLE_WITHOUT
    return Explanation(
        rule=deadline.rule,
        received_at=received_at or deadline.started_at,
        started_at=deadline.started_at,
        restarted=explainer.restarted(received_at),
        steps=steps,
        due_at=due_at,
        text_vi=text.vi,
        text_en=text.en,
    )


class _Explainer:
    """Follows one deadline through its steps."""

    def __init__(
        self,
        deadline: Deadline,
        calendar: WorkingCalendar,
        supplement_article: str | None,
        causes: Mapping[datetime, Action],
    ) -> None:
        self._deadline = deadline
        self._calendar = calendar
        self._supplement_article = supplement_article
        self._causes = causes
        self._done = dict(deadline.completed)

    def steps(self) -> Iterator[ExplainedStep]:
        """Yield each step, followed by its milestones."""
        since: datetime | None = self._deadline.started_at
        for step in self._deadline.rule.steps:
            finished = self._done.get(step.step_id)
            explained = self._step(step, None, since, finished)
            yield explained
            begins = since
            for milestone in step.milestones:
                ended = self._done.get(milestone.step_id, finished)
                part = self._step(milestone, step.step_id, begins, ended)
                yield part
                begins = ended or part.due_at
            since = finished or explained.due_at

    def restarted(self, received_at: datetime | None) -> ExplainedEntry | None:
        """Return what lies between receipt and the restart; None when it was never restarted."""
        started_at = self._deadline.started_at
        if received_at is None or received_at >= started_at:
            return None
        stretch = Stretch(EntryKind.COUNTED_AGAIN, received_at, started_at)
        return self._entry(stretch, 0, TimeLimit(1, TimeUnit.WORKING_HOURS))

    def _step(
        self,
        step: LimitStep | Milestone,
        within: str | None,
        since: datetime | None,
        completed_at: datetime | None,
    ) -> ExplainedStep:
        limit = limit_of(self._deadline, step) if isinstance(step, LimitStep) else step.limit
        extensions = self._extensions(step) if isinstance(step, LimitStep) else ()
        own = [
            part
            for part in self._deadline.suspensions
            if since is not None
            and part.started_at >= since
            and (completed_at is None or part.started_at < completed_at)
        ]
        stretches = reckon(limit, since, own, self._calendar) if since is not None else ()
        due_at = stretches[-1].until_at if stretches else None
        too_late = tuple(part for part in own if due_at is not None and part.started_at >= due_at)
        total, entries = 0, []
        for stretch in stretches:
            total += stretch.amount
            entries.append(self._entry(stretch, total, limit))
        text = _step_text(step, limit, total, due_at, completed_at, begun=since is not None, too_late=too_late)
        return ExplainedStep(
            step_id=step.step_id,
            within=within,
            name_vi=step.name_vi,
            name_en=step.name_en,
            article=extensions[-1].article if extensions else step.article,
            limit=limit,
            extensions=extensions,
            started_at=since,
            entries=tuple(entries),
            counted=_shown(total, limit.unit),
            due_at=due_at,
            completed_at=completed_at,
            too_late=too_late,
            text_vi=text.vi,
            text_en=text.en,
        )

    def _extensions(self, step: LimitStep) -> tuple[GrantedExtension, ...]:
        times = self._deadline.extended.count(step.step_id)
        return tuple(GrantedExtension(step.step_id, one.limit, one.article) for one in step.extensions[:times])

    def _entry(self, stretch: Stretch, total: int, limit: TimeLimit) -> ExplainedEntry:
        phrase = PHRASES[stretch.kind]
        in_hours = limit.unit is TimeUnit.WORKING_HOURS
        when = (phrases.span if in_hours else phrases.days)(stretch.from_at, stretch.until_at)
        pause = stretch.suspension
        text = phrases.fill(
            phrase.text,
            when=when,
            amount=phrases.counted(stretch.amount, limit.unit),
            total=phrases.total(total, limit.unit),
            limit=phrases.limit(limit.amount, limit.unit),
            name=stretch.entry.name if stretch.entry else "",
            why=phrases.CAUSES[self._cause(pause)] if pause else "",
            span=phrases.span(pause.started_at, pause.ended_at) if pause else "",
        )
        article, basis = self._grounds(stretch)
        return ExplainedEntry(
            kind=stretch.kind,
            from_at=stretch.from_at,
            until_at=stretch.until_at,
            from_on=vietnamese_day(stretch.from_at),
            to_on=phrases.last_day(stretch.until_at),
            counted=stretch.kind in COUNTED,
            amount=_shown(stretch.amount, limit.unit),
            total=_shown(total, limit.unit),
            article=article,
            basis=basis,
            calendar_entry=stretch.entry,
            suspension=stretch.suspension,
            text_vi=text.vi,
            text_en=text.en,
        )

    def _cause(self, suspension: Suspension) -> Action:
        return self._causes.get(suspension.started_at, Action.REQUEST_SUPPLEMENT)

    def _grounds(self, stretch: Stretch) -> tuple[str | None, Basis]:
        """Return the article behind a stretch and what that rests on."""
        phrase = PHRASES[stretch.kind]
        if stretch.kind is EntryKind.COUNTED_AGAIN:
            return self._supplement_article, phrase.basis
        if stretch.kind is EntryKind.SUSPENDED and stretch.suspension is not None:
            for_supplement = self._cause(stretch.suspension) is Action.REQUEST_SUPPLEMENT
            article = self._supplement_article if for_supplement else None
            return article, Basis.LAW if article else Basis.OURS
        if stretch.entry is not None and phrase.article is None:
            return _calendar_grounds(stretch.entry)
        return phrase.article, phrase.basis


def _calendar_grounds(entry: CalendarEntry) -> tuple[str, Basis]:
    if entry.decision_number is not None:
        return entry.decision_number, Basis.DECISION
    if entry.is_working:
        return entry.source, Basis.CALENDAR
    return next(code for since, code in _LABOUR_CODES if entry.day >= since), Basis.CALENDAR


def _step_text(
    step: LimitStep | Milestone,
    limit: TimeLimit,
    total: int,
    due_at: datetime | None,
    completed_at: datetime | None,
    *,
    begun: bool,
    too_late: tuple[Suspension, ...],
) -> Text:
    if not begun:
        return phrases.STEP_WAITS
    parts = [
        phrases.fill(
            phrases.STEP_ENDS if due_at else phrases.STEP_STANDS,
            total=phrases.total(total, limit.unit),
            limit=phrases.limit(limit.amount, limit.unit),
            at=phrases.instant(due_at) if due_at else "",
        )
    ]
    if limit != step.limit:
        was = phrases.limit(step.limit.amount, step.limit.unit)
        parts.append(phrases.fill(phrases.STEP_EXTENDED, limit=was))
    parts.extend(
        phrases.fill(phrases.STEP_TOO_LATE, span=phrases.span(part.started_at, part.ended_at)) for part in too_late
    )
    if completed_at is not None:
        parts.append(phrases.fill(phrases.STEP_DONE, at=phrases.instant(completed_at)))
    return Text("".join(part.vi for part in parts), "".join(part.en for part in parts))


def _shown(amount: int, unit: TimeUnit) -> float:
    """Return days as they are, microseconds as minutes."""
    if unit is not TimeUnit.WORKING_HOURS:
        return amount
    minutes, rest = divmod(amount, _MINUTE_US)
    return minutes if not rest else amount / _MINUTE_US
