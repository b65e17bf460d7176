"""Due instants against an independent count: one day after the other, one minute after the other."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.catalogue import LimitStep, TimeLimit, TimeUnit
from services.contracts.commands import CalendarOverride
from services.law import deadlines
from services.law.calendar import CalendarBook, WorkingCalendar
from services.law.deadlines import Deadline, Suspension, due_at, step_dues
from services.law.explain import ExplainedEntry, ExplainedStep, explain
from services.law.reckoning import EntryKind
from tests.support.counted_by_hand import Dossier, Part, Pause, Week, count
from tests.support.limits import calendar_data, one_step, rule_of, step

DATA = calendar_data()
BOOK = CalendarBook(DATA)
CLOCK = BOOK.plain
WEEK = Week(set(DATA.days_off), set(DATA.working_weekends))
AHEAD = timedelta(hours=7)


#: Gaps between one event and the next: often within a day, sometimes over Tết, sometimes nothing at all.
gaps = st.one_of(
    st.integers(0, 600), st.integers(0, 4 * 1440), st.integers(0, 25 * 1440), st.sampled_from([0, 1, 60, 1440])
).map(lambda minutes: timedelta(minutes=minutes))

#: Any minute of 2017 to 2026, office hours and the eves of holidays more often than chance would have it.
days = st.one_of(
    st.dates(date(2017, 1, 1), date(2026, 12, 31)),
    st.sampled_from(sorted(day for day in DATA.days_off | DATA.working_weekends if 2017 <= day.year <= 2026)).flatmap(
        lambda day: st.integers(-12, 3).map(lambda shift: day + timedelta(days=shift))
    ),
)
times = st.one_of(
    st.integers(0, 1439),
    st.integers(8 * 60, 17 * 60),
    st.sampled_from([0, 479, 480, 719, 720, 779, 780, 1019, 1020, 1439]),
).map(lambda minute: time(minute // 60, minute % 60))
limits = st.one_of(
    st.builds(TimeLimit, st.integers(1, 17), st.just(TimeUnit.WORKING_HOURS)),
    st.builds(TimeLimit, st.integers(1, 30), st.just(TimeUnit.WORKING_DAYS)),
    st.builds(TimeLimit, st.integers(1, 60), st.just(TimeUnit.CALENDAR_DAYS)),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    """A start and up to three pauses in order, the last one perhaps without an end; local wall times."""
    started = at = datetime.combine(draw(days), draw(times))
    pauses: list[Pause] = []
    for _ in range(draw(st.integers(0, 3))):
        asked = at + draw(gaps)
        at = asked + draw(gaps)
        pauses.append((asked, at))
    if pauses and draw(st.integers(0, 4)) == 0:
        pauses[-1] = (pauses[-1][0], None)
    return started, pauses


def utc(local: datetime) -> datetime:
    return (local - AHEAD).replace(tzinfo=UTC)


def local_of(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None) + AHEAD


def deadline_of(limit: TimeLimit, started: datetime, pauses: list[Pause]) -> Deadline:
    ledger = tuple(Suspension(utc(asked), utc(answered) if answered else None) for asked, answered in pauses)
    return Deadline(one_step(limit), utc(started), ledger)


@settings(max_examples=500, deadline=None)
@given(limit=limits, history=histories())
def test_the_due_instant_is_what_counting_one_by_one_gives(
    limit: TimeLimit, history: tuple[datetime, list[Pause]]
) -> None:
    started, pauses = history
    wanted = count(limit.amount, limit.unit, started, pauses, WEEK)
    assert due_at(deadline_of(limit, started, pauses), CLOCK) == (wanted and utc(wanted))


@dataclass
class Case:
    """A dossier twice: as the law's code has it, and as it is counted by hand."""

    deadline: Deadline
    dossier: Dossier
    overrides: list[CalendarOverride]

    @property
    def calendar(self) -> WorkingCalendar:
        return BOOK.with_overrides(self.overrides)

    @property
    def week(self) -> Week:
        return WEEK.changed({override.day: override.is_working for override in self.overrides})


@st.composite
def parts(draw: st.DrawFn, name: str) -> tuple[LimitStep, Part]:
    """A step with milestones and extensions, twice."""
    limit = draw(limits)
    # Mostly of the same unit; the law also lets 10 working days become 30 days.
    longer = [
        draw(limits) if draw(st.booleans()) else TimeLimit(limit.amount * (times + 2), limit.unit) for times in (0, 1)
    ]
    longer = longer[: draw(st.integers(0, 2))]
    inner = {f"{name}-{number}": draw(limits) for number in range(draw(st.sampled_from([0, 0, 1, 2])))}
    milestones = [Part(part_id, part.amount, part.unit) for part_id, part in inner.items()]
    return (
        step(name, limit, milestones=inner, extensions=tuple(longer)),
        Part(name, limit.amount, limit.unit, [(one.amount, one.unit) for one in longer], milestones),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A dossier under a rule of one to three steps, after up to six things that happened to it."""
    made = [draw(parts(f"step{number}")) for number in range(draw(st.sampled_from([1, 1, 2, 3])))]
    at = datetime.combine(draw(days), draw(times))
    dossier = Dossier([part for _, part in made], at)
    deadline = Deadline(rule_of(*(law_step for law_step, _ in made)), utc(at))
    for _ in range(draw(st.integers(0, 6))):
        at += draw(gaps)
        if draw(st.integers(0, 3)) == 0:
            at = max(at, draw(ends_of(dossier, at)))
        match draw(st.sampled_from(["pause", "pause", "complete", "complete", "extend", "restart", "stand"])):
            case "pause" | "stand" as how:
                back = None if how == "stand" else at + draw(gaps)
                dossier.pauses.append((at, back))
                deadline = deadlines.suspend(deadline, utc(at))
                if back is None:
                    break
                deadline = deadlines.resume(deadline, utc(back))
                at = back
            case "complete" if dossier.may_complete:
                done = draw(st.sampled_from(dossier.may_complete))
                dossier.done[done] = at
                deadline = deadlines.complete_step(deadline, utc(at), done)
            case "extend" if dossier.may_extend:
                dossier.times_extended[dossier.open_part.name] = (
                    dossier.times_extended.get(dossier.open_part.name, 0) + 1
                )
                deadline, _ = deadlines.extend(deadline)
            case "restart":
                dossier = Dossier(dossier.parts, at, times_extended=dossier.times_extended)
                deadline = deadlines.restart(deadline, utc(at))
    return Case(deadline, dossier, draw(overrides(dossier.started.date())))


@st.composite
def ends_of(draw: st.DrawFn, dossier: Dossier, at: datetime) -> datetime:
    """Right at a due instant, or a minute beside it: what is in time and what is too late."""
    ends = sorted(due for due in dossier.due(WEEK).values() if due is not None and due > at)
    return draw(st.sampled_from(ends or [at])) + draw(st.integers(-1, 1)) * timedelta(minutes=1)


@st.composite
def overrides(draw: st.DrawFn, near: date) -> list[CalendarOverride]:
    """Mostly none; else some days after a start that are worked or not, whatever they were."""
    changed = draw(st.one_of(st.just({}), st.dictionaries(st.integers(0, 40), st.booleans(), min_size=1, max_size=8)))
    return [
        CalendarOverride(near + timedelta(days=shift), is_open, f"Ngày {shift}", f"{shift}/QĐ")
        for shift, is_open in changed.items()
    ]


@settings(max_examples=1000, deadline=None)
@given(case=cases())
def test_explanation_due_instant_and_count_by_hand_agree_to_the_minute(case: Case) -> None:
    by_hand = {name: due and utc(due) for name, due in case.dossier.due(case.week).items()}
    explained = explain(case.deadline, case.calendar)
    assert {part.step_id: part.due_at for part in explained.steps} == by_hand
    assert {part.step_id: part.due_at for part in step_dues(case.deadline, case.calendar)} == by_hand
    whole = by_hand[case.dossier.parts[-1].name]
    assert (due_at(case.deadline, case.calendar), explained.due_at) == (whole, whole)
    for part in explained.steps:
        check_cover(part)
        for entry in part.entries:
            check_reason(entry, case.week, in_hours=part.limit.unit is TimeUnit.WORKING_HOURS)


def check_cover(part: ExplainedStep) -> None:
    """From its start to its end everything is covered once, and what is counted adds up."""
    if part.started_at is None:
        assert (part.entries, part.due_at) == ((), None)
        return
    assert part.entries[0].from_at == part.started_at
    for entry, following in zip(part.entries, part.entries[1:], strict=False):
        assert entry.until_at == following.from_at
        assert entry.from_at < following.from_at
        assert following.total == entry.total + following.amount
    assert part.entries[-1].until_at == part.due_at
    assert part.counted == part.entries[-1].total == sum(entry.amount for entry in part.entries)
    if part.due_at is not None:
        assert part.counted == part.limit.amount * (60 if part.limit.unit is TimeUnit.WORKING_HOURS else 1)


def check_reason(entry: ExplainedEntry, week: Week, *, in_hours: bool) -> None:
    """What an entry says of its days or hours is so."""
    assert entry.counted == (entry.amount > 0)
    assert entry.text_vi
    assert entry.text_en
    if entry.until_at is None:
        assert entry.kind is EntryKind.SUSPENDED
        return
    if in_hours:
        if entry.kind is not EntryKind.SUSPENDED:
            first, last = local_of(entry.from_at), local_of(entry.until_at) - timedelta(minutes=1)
            assert (week.is_open(first), week.is_open(last)) == (entry.counted, entry.counted)
        assert entry.amount == (0 if not entry.counted else (entry.until_at - entry.from_at) / timedelta(minutes=1))
        return
    assert entry.to_on is not None
    span = [entry.from_on + timedelta(days=number) for number in range((entry.to_on - entry.from_on).days + 1)]
    worked = {week.is_worked(day) for day in span}
    if entry.kind in {EntryKind.WORKING_DAY, EntryKind.WORKED_DAY, EntryKind.MOVED_TO}:
        assert worked == {True}
    if entry.kind in {EntryKind.WEEKEND, EntryKind.HOLIDAY, EntryKind.OFF_AT_THE_END}:
        assert worked == {False}
    assert entry.amount == (len(span) if entry.counted else 0)


@settings(max_examples=300, deadline=None)
@given(limit=limits, history=histories(), later=gaps)
def test_a_pause_never_makes_a_dossier_due_earlier(
    limit: TimeLimit, history: tuple[datetime, list[Pause]], later: timedelta
) -> None:
    started, pauses = history
    without = due_at(deadline_of(limit, started, pauses[:-1]), CLOCK)
    with_one_more = due_at(deadline_of(limit, started, pauses), CLOCK)
    assert without is None or with_one_more is None or with_one_more >= without


@settings(max_examples=300, deadline=None)
@given(limit=limits, history=histories())
def test_a_dossier_completed_in_time_is_not_overdue_at_that_moment(
    limit: TimeLimit, history: tuple[datetime, list[Pause]]
) -> None:
    started, pauses = history
    due = due_at(deadline_of(limit, started, pauses), CLOCK)
    before = due_at(deadline_of(limit, started, pauses[:-1]), CLOCK)
    if due and before and pauses and (answered := pauses[-1][1]) and utc(pauses[-1][0]) < before:
        assert due > utc(answered)


@settings(max_examples=300, deadline=None)
@given(day=days, at=times, minutes=st.integers(0, 3000))
def test_adding_working_minutes_and_counting_them_are_inverse(day: date, at: time, minutes: int) -> None:
    start = utc(datetime.combine(day, at))
    end = CLOCK.add_working_minutes(start, minutes)
    assert CLOCK.working_minutes_between(start, end) == minutes
    assert end >= start
