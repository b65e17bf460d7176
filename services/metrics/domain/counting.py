"""Counting: facts in, changes to the counts out. The one function that both the counter and every recount use.

Pure: what it counts depends on the facts handed in and on how the dossiers they are about stood before, so counting any
split of a partition's ledger into slices gives the same counts. That rests on one law of the lifecycle: nothing leaves
"processed", "withdrawn" or "stopped" but for "returned", so each is entered at most once.

A dossier that ends with a result leaves nothing behind but sums by day, four of them of late days: one for each view of
lateness. What the counting rules don't agree about at the end, and the late days of what may be left out of the count,
sums can't tell: those, and those alone, leave rows of their own (`ContestedEnd`, `LateRow`).

Doesn't drop duplicates and doesn't notice gaps: whoever calls hands in each position once, in order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Final, NamedTuple

from services.contracts.vocabulary import Action, Satisfaction, Status
from services.metrics.domain.sifting import SETTLED, AtOnce, Cell, Sifted, Step, Subject, instant
from services.metrics.domain.standing import LateSpan, OpenDossier, late_spans, marks


class Measure(IntEnum):
    """What is counted; the value is its place in a `Tally`, the name in lower case its column."""

    FILED = 0
    RECEIVED = 1  #: Circular 01/2020/TT-VPCP, form 06: by day of receipt (status 2), not of filing
    REFUSED_AT_INTAKE = 2  #: never received
    CLOSED_BEFORE_RECEIPT = 3  #: withdrawn or stopped while it had never been received
    RESOLVED_EARLY = 4
    RESOLVED_ON_TIME = 5
    RESOLVED_OVERDUE = 6
    RESOLVED_WITHOUT_LIMIT = 7
    WITHDRAWN = 8  #: before or after receipt; after it, also one of the resolved
    STOPPED = 9  #: likewise
    RETURNED = 10  #: the result reached the applicant
    RECEIVED_WITHOUT_LIMIT = 11  #: of the received
    FILED_WITHOUT_LIMIT = 12  #: of those received, by the day of filing
    UNTAKEN = 13  #: never received and never will be, by the day of filing
    LATE_CHANGE = 14  #: how many more were pending and overdue at the day's end than the day before; may be negative
    ASKED_ONCE = 15  #: resolved after receipt, having been asked to complete it once
    ASKED_AGAIN = 16  #: likewise, more often
    VERY_SATISFIED = 17  #: rated by the applicant, Circular 32/2017/TT-BTTTT art. 12
    SATISFIED = 18
    NOT_SATISFIED = 19
    LATE_CHANGE_BY_DUE = 20  #: `LATE_CHANGE` in the view that looks at what a limit that stands still was due by
    LATE_CHANGE_NEW_DATE = 21  #: in the view that looks at an apology's new date
    LATE_CHANGE_BY_BOTH = 22  #: in the view that looks at both


#: Name of each measure on the wire and in the database, in the order of a `Tally`.
MEASURE_NAMES: Final = tuple(measure.name.lower() for measure in Measure)

#: The sum of late days of each view, by view.
LATE_CHANGES: Final = (
    Measure.LATE_CHANGE,
    Measure.LATE_CHANGE_BY_DUE,
    Measure.LATE_CHANGE_NEW_DATE,
    Measure.LATE_CHANGE_BY_BOTH,
)

#: One number a measure.
Tally = list[int]


class TallyKey(NamedTuple):
    """What counts are kept by."""

    day: date  #: in Vietnam, on the sandbox's clock, of the event itself
    procedure_id: str
    office_code: str
    level: int
    channel: str


class EndKind(IntEnum):
    """How a dossier ended."""

    RESULT = 0
    WITHDRAWN = 1
    STOPPED = 2


class ContestedEnd(NamedTuple):
    """The end, after receipt, of a dossier that not all counting rules count alike."""

    procedure_id: str
    office_code: str
    level: int
    channel: str
    filed_on: date
    received_on: date
    ended_on: date
    is_limited: bool
    kind: int  #: an `EndKind`
    marks: str  #: how it stood in each view, see `standing.MARKS`


class LateRow(NamedTuple):
    """Late days of a dossier that was withdrawn or stopped: some rules leave it out, so sums can't hold them."""

    number: int
    first_on: date
    until_on: date
    views: int
    procedure_id: str
    office_code: str
    level: int
    channel: str


@dataclass(slots=True)
class Changes:
    """What a slice of one partition's ledger does to that partition's counts.

    A dossier's number is in at most one of `opened`, `changed` and `closed`.
    """

    tallies: dict[TallyKey, Tally] = field(default_factory=dict)  #: to be added
    opened: dict[int, OpenDossier] = field(default_factory=dict)  #: filed here and not settled
    changed: dict[int, OpenDossier] = field(default_factory=dict)  #: filed before: how it stands now
    closed: set[int] = field(default_factory=set)  #: filed before, settled here: all that were sifted as such
    late_rows: list[LateRow] = field(default_factory=list)
    contested: dict[int, ContestedEnd] = field(default_factory=dict)
    subjects: set[Subject] = field(default_factory=set)


_RESOLVED_MEASURE: Final = {
    "E": Measure.RESOLVED_EARLY,
    "O": Measure.RESOLVED_ON_TIME,
    "L": Measure.RESOLVED_OVERDUE,
    "N": Measure.RESOLVED_WITHOUT_LIMIT,
}
_EARLY_ENDS: Final[dict[int, tuple[EndKind, Measure]]] = {
    Status.WITHDRAWN: (EndKind.WITHDRAWN, Measure.WITHDRAWN),
    Status.STOPPED: (EndKind.STOPPED, Measure.STOPPED),
}
_RATED: Final = {
    Satisfaction.VERY_SATISFIED: Measure.VERY_SATISFIED,
    Satisfaction.SATISFIED: Measure.SATISFIED,
    Satisfaction.NOT_SATISFIED: Measure.NOT_SATISFIED,
}
_RETURNED: Final = int(Status.RETURNED)


def count(part: Sifted, known: Mapping[int, OpenDossier]) -> Changes:
    """What a slice changes.

    Args:
        part: of one partition's facts in order of position, without gaps or duplicates.
        known: how dossiers stood before it, at least those that it moves or settles.

    Returns:
        The changes, collapsed: one tally a key, and of a dossier that was both filed and settled within the slice
        nothing but its tallies and what is contested.

    Raises:
        KeyError: a dossier isn't known; the ledger or the tables are broken.

    Source:
        Circular 01/2020/TT-VPCP, form 06, and `Measure`.
    """
    slice_count = _SliceCount(part, known)
    for step in part.steps:
        slice_count.take(step)
    return slice_count.changes()


class _SliceCount:
    """Counts one slice."""

    def __init__(self, part: Sifted, known: Mapping[int, OpenDossier]) -> None:
        self._part = part
        self._known = known
        self._changes = Changes(subjects=part.subjects)
        #: How dossiers stand that were filed here, and those of the known ones that have changed.
        self._standing = {number: OpenDossier(*cell, on, 0) for number, (cell, on) in part.filed.items()}
        for (cell, filed_on), dossiers in Counter(part.filed.values()).items():
            self._add(filed_on, cell, Measure.FILED, dossiers)
        for alike, dossiers in part.at_once.items():
            self._resolve_at_once(alike, dossiers)
        for (cell, on), dossiers in part.returned.items():
            self._add(on, cell, Measure.RETURNED, dossiers)

    def changes(self) -> Changes:
        """What came of it."""
        filed, changes = self._part.filed, self._changes
        for number, dossier in self._standing.items():
            (changes.opened if number in filed else changes.changed)[number] = dossier
        return changes

    def take(self, step: Step) -> None:
        """Count one step."""
        if step.before in SETTLED:
            self._rate(step)  # nothing else that happens then is left to be counted one by one
            return
        number = step.number
        dossier = self._standing.get(number) or self._known[number]
        if step.status in SETTLED:
            self._settle(step, dossier)
            self._standing.pop(number, None)
            if number not in self._part.filed:
                self._changes.closed.add(number)
        elif (moved := self._move(step, dossier)) is not dossier:
            self._standing[number] = moved

    def _resolve_at_once(self, alike: AtOnce, dossiers: int) -> None:
        """Filed, received, resolved and returned: early, as nothing was said of when they would have been due."""
        cell, filed_on, on, is_limited = alike
        self._add(filed_on, cell, Measure.FILED, dossiers)
        self._add(on, cell, Measure.RECEIVED, dossiers)
        self._add(on, cell, Measure.RETURNED, dossiers)
        if is_limited:
            self._add(on, cell, Measure.RESOLVED_EARLY, dossiers)
        else:
            self._add(on, cell, Measure.RESOLVED_WITHOUT_LIMIT, dossiers)
            self._add(on, cell, Measure.RECEIVED_WITHOUT_LIMIT, dossiers)
            self._add(filed_on, cell, Measure.FILED_WITHOUT_LIMIT, dossiers)

    def _move(self, step: Step, dossier: OpenDossier) -> OpenDossier:
        """A step after which it is still open; the same object when it stands as before."""
        if step.action == Action.REQUEST_SUPPLEMENT:
            dossier = dossier._replace(asked=dossier.asked + 1)
        if not step.is_received:
            return dossier
        return self._receive(step, dossier) if dossier.received_on is None else self._stand_anew(step, dossier)

    def _receive(self, step: Step, dossier: OpenDossier) -> OpenDossier:
        """Received: the limit, if there is one, runs from here."""
        on = step.on
        self._add(on, dossier, Measure.RECEIVED)
        is_limited = step.limit_unit is not None
        if not is_limited:
            self._add(on, dossier, Measure.RECEIVED_WITHOUT_LIMIT)
            self._add(dossier.filed_on, dossier, Measure.FILED_WITHOUT_LIMIT)
        due_at = instant(step.due_at) if step.due_at else None
        return OpenDossier(*dossier[:6], on, is_limited, on, due_at, step.limit_unit)

    def _stand_anew(self, step: Step, dossier: OpenDossier) -> OpenDossier:
        """How it stands after a step; the same object when nothing has changed that anything depends on."""
        due_at = instant(step.due_at) if step.due_at else None
        new_date_at = _new_date(step) or dossier.new_date_at
        if due_at == dossier.due_at and step.limit_unit == dossier.limit_unit and new_date_at == dossier.new_date_at:
            return dossier
        last_due_at = dossier.last_due_at if dossier.due_at is None else dossier.due_at
        stands_still = due_at is None and step.limit_unit is not None
        # Made anew and not by `_replace`, which takes three times as long: most dossiers pay a fee.
        return OpenDossier(
            *dossier[:8],
            step.on,
            due_at,
            step.limit_unit,
            last_due_at if stands_still else None,
            new_date_at,
            (*dossier.late, *late_spans(dossier, step.on)),
        )

    def _settle(self, step: Step, dossier: OpenDossier) -> None:
        on = step.on
        if step.status in _EARLY_ENDS:
            self._add(on, dossier, _EARLY_ENDS[step.status][1])
        if step.status == _RETURNED:
            self._add(on, dossier, Measure.RETURNED)
        if step.is_received:
            self._resolve(step, dossier)
            return
        is_refused = step.status == Status.NOT_RECEIVED
        self._add(on, dossier, Measure.REFUSED_AT_INTAKE if is_refused else Measure.CLOSED_BEFORE_RECEIPT)
        self._add(dossier.filed_on, dossier, Measure.UNTAKEN)

    def _resolve(self, step: Step, dossier: OpenDossier) -> None:
        """Received before, or with this very step; and done."""
        on = step.on
        if dossier.received_on is None:
            dossier = self._receive(step, dossier)
            if dossier.due_at is None:
                # At once, with nothing said of when it would have been due: within whatever limit there is.
                dossier = dossier._replace(due_at=_NEVER)
        else:
            dossier = self._stand_anew(step, dossier)
        kind, _ = _EARLY_ENDS.get(step.status, (EndKind.RESULT, None))
        stood = marks(dossier, instant(step.at))
        mark = "O" if kind is not EndKind.RESULT and dossier.is_limited else stood[0]
        self._add(on, dossier, _RESOLVED_MEASURE[mark])
        if dossier.asked:
            self._add(on, dossier, Measure.ASKED_ONCE if dossier.asked == 1 else Measure.ASKED_AGAIN)
        if kind is not EndKind.RESULT or stood != stood[0] * len(stood):
            assert dossier.received_on is not None  # it has been received, or we wouldn't be here
            self._changes.contested[step.number] = ContestedEnd(
                *dossier[:5], dossier.received_on, on, dossier.is_limited, kind, stood
            )
        elif mark != "L" and dossier.is_plain and not dossier.late:
            return  # the ordinary dossier
        spans = (*dossier.late, *late_spans(dossier, on))
        if kind is EndKind.RESULT:
            self._add_late_days(dossier, spans)
        else:
            self._changes.late_rows += [
                LateRow(step.number, first_on, until_on, views, *dossier[:4]) for first_on, until_on, views in spans
            ]

    def _add_late_days(self, dossier: OpenDossier, spans: Iterable[LateSpan]) -> None:
        for first_on, until_on, views in spans:
            begins, ends = self._tally(first_on, dossier), self._tally(until_on, dossier)
            for view, measure in enumerate(LATE_CHANGES):
                if views & 1 << view:
                    begins[measure] += 1
                    ends[measure] -= 1

    def _rate(self, step: Step) -> None:
        satisfaction = Satisfaction((step.detail or {})["satisfaction"])
        self._add(step.on, step.cell, _RATED[satisfaction])

    def _add(self, on: date, where: Cell | OpenDossier, measure: Measure, change: int = 1) -> None:
        self._tally(on, where)[measure] += change

    def _tally(self, on: date, where: Cell | OpenDossier) -> Tally:
        # A plain tuple finds its equal faster than a named one is made: this runs several times for every dossier.
        key = (on, *where[:4])
        tally: Tally | None = self._changes.tallies.get(key)  # type: ignore[call-overload]
        if tally is None:
            tally = self._changes.tallies[TallyKey(*key)] = [0] * len(MEASURE_NAMES)
        return tally


#: Later than anything that happens.
_NEVER: Final = datetime.fromisoformat("9999-12-01T00:00:00+00:00")


def _new_date(step: Step) -> datetime | None:
    if step.action != Action.APOLOGIZE or not step.detail:
        return None
    return instant(step.detail["new_date_at"])
