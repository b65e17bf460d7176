"""Reports counted twice over: a reader over counts in memory, and a count by hand of the whole ledger.

The reference knows nothing of tallies, views or spans: for each dossier it looks up how things stood at an instant, and
asks of each column whether the dossier belongs there. Slow, and simple enough to be believed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from services.contracts.counting_rules import ApologyRule, CountingRules, EarlyEnd, PeriodBy, SuspendedRule
from services.contracts.facts import Fact
from services.contracts.form06 import Columns, WithoutLimit
from services.contracts.timeliness import is_overdue
from services.metrics.application.ports import Dimension, GroupKey, ReportFigures, Selection
from services.metrics.domain.counting import LATE_CHANGES, LateRow, Measure, TallyKey
from services.metrics.domain.counts import Counts
from services.metrics.domain.report import ContestedSum, GroupFigures, OpenSum, ReportRow, Sums, Window
from services.metrics.domain.standing import LateSpan, OpenDossier, view_of

VIETNAM = timezone(timedelta(hours=7))


def window_of(day: date, selection: Selection) -> Window:
    assert selection.first_on is not None
    assert selection.last_on is not None
    if day < selection.first_on:
        return Window.BEFORE
    return Window.WITHIN if day <= selection.last_on else Window.AFTER


class MemoryReportReader:
    """A `ReportReader` over counts; obeys the same laws as the one on PostgreSQL, which is tested against it."""

    def __init__(self, parts: Iterable[Counts]) -> None:
        self._parts = list(parts)

    def report_figures(
        self, selection: Selection, group_by: Sequence[Dimension], rules: CountingRules, as_of: datetime
    ) -> ReportFigures:
        groups: dict[GroupKey, GroupFigures] = defaultdict(GroupFigures)
        for part in self._parts:
            self._add(part, groups, selection, group_by, rules, as_of)
        return ReportFigures(groups, {})

    def _add(
        self,
        part: Counts,
        groups: dict[GroupKey, GroupFigures],
        selection: Selection,
        group_by: Sequence[Dimension],
        rules: CountingRules,
        as_of: datetime,
    ) -> None:
        def wanted(rows: Iterable[tuple[Any, Any]]) -> Iterable[tuple[GroupFigures, Any, Any]]:
            for key, row in rows:
                if is_selected(row if not isinstance(key, TallyKey) else key, selection):
                    yield groups[group_of(row if not isinstance(key, TallyKey) else key, group_by)], key, row

        for group, key, tally in wanted(part.tallies.items()):
            where = (window_of(key.day, selection), key.channel == "online")
            sums = [tally[_measure(name, rules)] for name in Sums._fields]
            group.sums[where] = Sums(*map(sum, zip(group.sums.get(where, Sums()), sums, strict=True)))
        for group, _, end in wanted(part.contested.items()):
            came_in = end.filed_on if rules.period_by is PeriodBy.FILING else end.received_on
            windows = window_of(came_in, selection), window_of(end.ended_on, selection)
            group.contested.append(
                ContestedSum(end.channel == "online", *windows, end.is_limited, end.kind, end.marks, 1)
            )
        assert selection.last_on is not None
        ended_early = {number for number, end in part.contested.items() if end.kind}
        for group, _, row in wanted((row.number, row) for row in part.late):
            assert row.number in ended_early
            if rules.ended_early is not EarlyEnd.LEFT_OUT:
                group.late_rows += _is_within(row, view_of(rules), selection.last_on)
        for group, _, dossier in wanted(part.open.items()):
            if dossier.received_on is None and rules.period_by is PeriodBy.RECEIPT:
                continue
            late = _is_late(dossier, view_of(rules), selection.last_on, as_of)
            counted = (dossier.is_limited, not dossier.is_limited, late)
            group.open = OpenSum(*(a + b for a, b in zip(group.open, counted, strict=True)))


def _measure(name: str, rules: CountingRules) -> Measure:
    return LATE_CHANGES[view_of(rules)] if name == "late_change" else Measure[name.upper()]


def _is_within(days: LateSpan | LateRow, view: int, day: date) -> bool:
    return bool(days.views & 1 << view) and days.first_on <= day < days.until_on


def _is_late(dossier: OpenDossier, view: int, last_on: date, as_of: datetime) -> bool:
    if any(_is_within(span, view, last_on) for span in dossier.late):
        return True
    if dossier.since_on is None or dossier.since_on > last_on or not dossier.is_limited:
        return False
    return is_overdue(4, dossier.due_in(view), dossier.limit_unit, as_of)


def is_selected(cell: Any, selection: Selection) -> bool:
    return (
        (selection.procedure_ids is None or cell.procedure_id in selection.procedure_ids)
        and (selection.office_codes is None or cell.office_code in selection.office_codes)
        and (selection.department_code is None or cell.office_code.startswith(selection.department_code))
        and (selection.level is None or cell.level == selection.level)
        and (selection.channel is None or cell.channel == selection.channel)
    )


def group_of(cell: Any, group_by: Sequence[Dimension]) -> GroupKey:
    value = {
        Dimension.PROCEDURE: lambda: cell.procedure_id,
        Dimension.OFFICE: lambda: cell.office_code,
        Dimension.DEPARTMENT: lambda: cell.office_code[:2],
        Dimension.LEVEL: lambda: cell.level,
        Dimension.CHANNEL: lambda: cell.channel,
    }
    return tuple(value[dimension]() for dimension in group_by)


# --- by hand -----------------------------------------------------------------------------------------------------


@dataclass
class History:
    """What the ledger says of one dossier."""

    facts: list[Fact]  #: carried out, in order

    @property
    def first(self) -> Fact:
        return self.facts[0]

    @property
    def receipt(self) -> Fact | None:
        return next((fact for fact in self.facts if fact.received_at is not None), None)

    @property
    def end(self) -> Fact | None:
        return next((fact for fact in self.facts if fact.status in {3, 7, 8, 9, 10}), None)

    @property
    def has_limit(self) -> bool:
        return self.receipt is None or self.receipt.limit_unit is not None

    @property
    def ended_early(self) -> bool:
        return self.end is not None and self.end.status in {7, 8}

    def due(self, until: datetime, rules: CountingRules) -> tuple[datetime | None, str | None]:
        """What counts as due at an instant, and in which unit."""
        told = [fact for fact in self.facts if fact.occurred_at <= until and fact.received_at is not None]
        due_at, unit = told[-1].due_at, told[-1].limit_unit
        if due_at is None and rules.suspended is SuspendedRule.BY_DUE and unit is not None:
            known = [fact.due_at for fact in told if fact.due_at is not None]
            due_at = known[-1] if known else None
        apologies = [fact for fact in told if fact.action == "apologize" and fact.detail]
        if apologies and due_at is not None and rules.apology is ApologyRule.NEW_DATE:
            due_at = max(due_at, datetime.fromisoformat((apologies[-1].detail or {})["new_date_at"]))
        return due_at, unit

    def is_pending(self, day: date, came_on: date) -> bool:
        return came_on <= day and (self.end is None or day_of(self.end.occurred_at) > day)


def day_of(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()


def is_past(due_at: datetime, unit: str, at: datetime) -> bool:
    """Whether something that was due then is overdue at an instant."""
    if unit == "working-hours":
        return due_at < at.replace(second=0, microsecond=0)
    return day_of(due_at) < day_of(at)


def histories(facts: Iterable[Fact]) -> list[History]:
    by_number: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.refusal is None:
            by_number[fact.number].append(fact)
    return [History(part) for part in by_number.values()]


def reference_report(facts: Iterable[Fact], selection: Selection, rules: CountingRules) -> ReportRow:
    """The whole selection in one row, counted by hand."""
    counted = [one for one in histories(facts) if is_selected(one.first, selection)]
    columns, beside = dict.fromkeys(range(3, 14), 0), dict.fromkeys(("online", "other", "over", "done", "open"), 0)
    for history in counted:
        _count_by_hand(history, selection, rules, columns, beside)
    return ReportRow(
        Columns(**dict(zip(_COLUMN_NAMES, (columns[number] for number in range(3, 14)), strict=True))),
        WithoutLimit(
            received_online=beside["online"],
            received_direct_post=beside["other"],
            carried_over=beside["over"],
            resolved=beside["done"],
            pending=beside["open"],
        ),
    )


_COLUMN_NAMES = tuple(Columns.__dataclass_fields__)


def _count_by_hand(
    history: History, selection: Selection, rules: CountingRules, columns: dict[int, int], beside: dict[str, int]
) -> None:
    first_on, last_on = selection.first_on, selection.last_on
    assert first_on is not None
    assert last_on is not None
    came = history.first if rules.period_by is PeriodBy.FILING else history.receipt
    if came is None or (history.end is not None and history.receipt is None):
        return  # never received
    if history.ended_early and rules.ended_early is EarlyEnd.LEFT_OUT:
        return
    came_on, end = day_of(came.occurred_at), history.end
    is_online = history.first.channel == "online"
    is_new = first_on <= came_on <= last_on
    is_old = history.is_pending(first_on - timedelta(days=1), came_on)
    is_done = end is not None and first_on <= day_of(end.occurred_at) <= last_on
    is_open = history.is_pending(last_on, came_on)
    if not history.has_limit:
        for name, holds in (
            ("online", is_new and is_online), ("other", is_new and not is_online), ("over", is_old),
            ("done", is_done), ("open", is_open),
        ):  # fmt: skip
            beside[name] += holds
        return
    columns[3] += is_new or is_old
    columns[4] += is_new and is_online
    columns[5] += is_new and not is_online
    columns[6] += is_old
    if is_done and end is not None:
        columns[7] += 1
        columns[_done_column(history, end, rules)] += 1
    if is_open:
        columns[11] += 1
        at = min(selection.now, datetime.combine(last_on, time(23, 59, 59), VIETNAM))
        is_received = history.receipt is not None and history.receipt.occurred_at <= at
        due_at, unit = history.due(at, rules) if is_received else (None, None)
        columns[13 if due_at is not None and unit is not None and is_past(due_at, unit, at) else 12] += 1


def _done_column(history: History, end: Fact, rules: CountingRules) -> int:
    if history.ended_early and rules.ended_early is EarlyEnd.ON_TIME:
        return 9
    if end.action == "resolve-at-once":
        return 8
    due_at, unit = history.due(end.occurred_at, rules)
    if due_at is None or unit is None:
        return 9
    if is_past(due_at, unit, end.occurred_at):
        return 10
    if unit == "working-hours":
        return 8 if end.occurred_at < due_at.replace(second=0, microsecond=0) else 9
    return 8 if day_of(end.occurred_at) < day_of(due_at) else 9


#: What `sums_by_hand` counts: all but late days, which are counted by hand for reports.
BY_HAND = frozenset(Measure) - frozenset(LATE_CHANGES)


def sums_by_hand(facts: Iterable[Fact]) -> Counter[tuple[TallyKey, Measure]]:
    """Every sum that isn't zero: for each dossier, what has happened to it and on which day."""
    sums: Counter[tuple[TallyKey, Measure]] = Counter()
    for history in histories(facts):
        first = history.first
        for fact, measure in _events_by_hand(history):
            cell = (first.procedure_id, first.office_code, first.level, first.channel)
            sums[TallyKey(day_of(fact.occurred_at), *cell), measure] += 1
    return sums


def _events_by_hand(history: History) -> Iterable[tuple[Fact, Measure]]:
    """What counts, and on which fact's day."""
    first, receipt, end = history.first, history.receipt, history.end
    yield first, Measure.FILED
    if receipt is not None:
        yield receipt, Measure.RECEIVED
        if not history.has_limit:
            yield receipt, Measure.RECEIVED_WITHOUT_LIMIT
            yield first, Measure.FILED_WITHOUT_LIMIT
    for fact in history.facts:
        if fact.status == 10 and fact.status_before != 10:
            yield fact, Measure.RETURNED
        if fact.action == "rate" and fact.detail:
            yield fact, Measure[fact.detail["satisfaction"].upper().replace("-", "_")]
    if end is None:
        return
    if history.ended_early:
        yield end, Measure.WITHDRAWN if end.status == 7 else Measure.STOPPED
    if receipt is None:
        yield end, Measure.REFUSED_AT_INTAKE if end.status == 3 else Measure.CLOSED_BEFORE_RECEIPT
        yield first, Measure.UNTAKEN
        return
    asked = sum(fact.action == "request-supplement" for fact in history.facts)
    if asked:
        yield end, Measure.ASKED_ONCE if asked == 1 else Measure.ASKED_AGAIN
    yield end, _resolved_by_hand(history, end)


def _resolved_by_hand(history: History, end: Fact) -> Measure:
    if not history.has_limit:
        return Measure.RESOLVED_WITHOUT_LIMIT
    return {8: Measure.RESOLVED_EARLY, 9: Measure.RESOLVED_ON_TIME, 10: Measure.RESOLVED_OVERDUE}[
        _done_column(history, end, CountingRules())
    ]
