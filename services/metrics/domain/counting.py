"""Counting: facts in, changes to the counts out. The one function that both the counter and every recount use.

Pure: what it counts depends on the facts handed in and on how the dossiers they are about stood before, so counting any
split of a partition's ledger into slices gives the same counts. That rests on one law of the lifecycle: nothing leaves
"processed", "withdrawn" or "stopped" but for "returned", so each is entered at most once.

An ordinary dossier leaves nothing behind but sums by day. What only some counting rules see, and how a dossier stood
before its due date changed, can't be told from sums of one kind: those, and those alone, leave rows of their own
(`ContestedEnd`, `LateRow`).

Doesn't drop duplicates and doesn't notice gaps: whoever calls hands in each position once, in order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Final, NamedTuple

from services.contracts.facts import Fact
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import SETTLED_STATUSES, Action, Satisfaction, Status
from services.metrics.domain.standing import ALL_VIEWS, LateSpan, OpenDossier, late_spans, marks


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
    LATE_CHANGE = 14  #: how many more are pending and overdue at the day's end than the day before; may be negative
    ASKED_ONCE = 15  #: resolved after receipt, having been asked to complete it once
    ASKED_AGAIN = 16  #: likewise, more often
    VERY_SATISFIED = 17  #: rated by the applicant, Circular 32/2017/TT-BTTTT art. 12
    SATISFIED = 18
    NOT_SATISFIED = 19


#: Name of each measure on the wire and in the database, in the order of a `Tally`.
MEASURE_NAMES: Final = tuple(measure.name.lower() for measure in Measure)

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
    """Late days of a dossier that sums by day can't hold: seen by some views only, or of one that may be left out."""

    number: int
    first_on: date
    until_on: date
    views: int
    procedure_id: str
    office_code: str
    level: int
    channel: str


class Subject(NamedTuple):
    """Somebody who has filed; counted once however many dossiers there are."""

    procedure_id: str
    applicant_kind: str
    applicant_id: str


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
_SETTLED: Final[frozenset[int | None]] = frozenset(map(int, SETTLED_STATUSES))
_RETURNED: Final = int(Status.RETURNED)

#: Steps that neither count nor change what is due: for the ordinary dossier, one look-up less. The published lifecycle
#: says of each that it leaves the limit alone; a test compares.
UNCOUNTED_ACTIONS: Final[frozenset[str]] = frozenset(
    {Action.START, Action.FORWARD, Action.CONSULT, Action.GIVE_OPINION, Action.ANNOUNCE_EARLY_RESULT, Action.RESUBMIT}
)


class Sifted(NamedTuple):
    """A slice of the ledger without what doesn't count, and the dossiers whose standing before it has to be told.

    A number is in at most one of `moved` and `settled`.
    """

    facts: Sequence[Fact]
    moved: set[int]  #: filed earlier, and still open after these facts
    settled: set[int]  #: filed earlier, settled by one of them


def sift(facts: Iterable[Fact]) -> Sifted:
    """Look through a slice once, before it is counted."""
    counted: list[Fact] = []
    filed: set[int] = set()
    moved: set[int] = set()
    settled: set[int] = set()
    for fact in facts:
        if fact.refusal is not None or fact.action in UNCOUNTED_ACTIONS:
            continue
        before = fact.status_before
        if before is None:
            filed.add(fact.number)
        elif before not in _SETTLED:
            (settled if fact.status in _SETTLED else moved).add(fact.number)
        elif before == fact.status and fact.action != Action.RATE:
            continue
        counted.append(fact)
    settled -= filed
    return Sifted(counted, moved - filed - settled, settled)


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
    slice_count = _SliceCount(known)
    for fact in part.facts:
        slice_count.take(fact)
    return slice_count.changes


class _SliceCount:
    """Counts one slice."""

    def __init__(self, known: Mapping[int, OpenDossier]) -> None:
        self._known = known
        self.changes = Changes()

    def take(self, fact: Fact) -> None:
        """Count one fact."""
        before = fact.status_before
        if before is None:
            self._file(fact)
        elif before not in _SETTLED:
            dossier = self._standing(fact.number)
            if fact.status in _SETTLED:
                self._settle(fact, dossier)
            else:
                self._move(fact, dossier)
        elif fact.action == Action.RATE:
            self._rate(fact)
        elif fact.status == _RETURNED:
            self._add(vietnamese_day(fact.occurred_at), fact, Measure.RETURNED)

    def _file(self, fact: Fact) -> None:
        on = vietnamese_day(fact.occurred_at)
        dossier = OpenDossier(fact.procedure_id, fact.office_code, fact.level, fact.channel, on, 0)
        self._add(on, dossier, Measure.FILED)
        self.changes.opened[fact.number] = dossier
        self.changes.subjects.add(Subject(fact.procedure_id, fact.applicant_kind, fact.applicant_id))

    def _standing(self, number: int) -> OpenDossier:
        changes = self.changes
        return changes.opened.get(number) or changes.changed.get(number) or self._known[number]

    def _keep(self, number: int, dossier: OpenDossier) -> None:
        where = self.changes.opened if number in self.changes.opened else self.changes.changed
        where[number] = dossier

    def _move(self, fact: Fact, dossier: OpenDossier) -> None:
        """A step after which it is still open."""
        on = vietnamese_day(fact.occurred_at)
        moved = dossier
        if fact.action == Action.REQUEST_SUPPLEMENT:
            moved = moved._replace(asked=moved.asked + 1)
        if fact.received_at is not None:
            stand = self._receive if moved.received_on is None else self._stand_anew
            moved = stand(fact, moved, on)
        if moved is not dossier:
            self._keep(fact.number, moved)

    def _receive(self, fact: Fact, dossier: OpenDossier, on: date) -> OpenDossier:
        """Received: the limit, if there is one, runs from here."""
        self._add(on, dossier, Measure.RECEIVED)
        is_limited = fact.limit_unit is not None
        if not is_limited:
            self._add(on, dossier, Measure.RECEIVED_WITHOUT_LIMIT)
            self._add(dossier.filed_on, dossier, Measure.FILED_WITHOUT_LIMIT)
        # Made anew and not by `_replace`: it happens to every dossier, and that takes three times as long.
        return OpenDossier(*dossier[:6], on, is_limited, on, fact.due_at, fact.limit_unit)

    def _stand_anew(self, fact: Fact, dossier: OpenDossier, on: date) -> OpenDossier:
        """How it stands after a fact; the same object when nothing has changed that anything depends on."""
        new_date_at = _new_date(fact) or dossier.new_date_at
        if (fact.due_at, fact.limit_unit, new_date_at) == (dossier.due_at, dossier.limit_unit, dossier.new_date_at):
            return dossier
        self._note_late_rows(fact.number, dossier, late_spans(dossier, on))
        last_due_at = dossier.last_due_at if dossier.due_at is None else dossier.due_at
        return dossier._replace(
            since_on=on,
            due_at=fact.due_at,
            limit_unit=fact.limit_unit,
            last_due_at=last_due_at if fact.due_at is None and fact.limit_unit is not None else None,
            new_date_at=new_date_at,
        )

    def _settle(self, fact: Fact, dossier: OpenDossier) -> None:
        number, on = fact.number, vietnamese_day(fact.occurred_at)
        if fact.status in _EARLY_ENDS:
            self._add(on, dossier, _EARLY_ENDS[fact.status][1])
        if fact.status == _RETURNED:
            self._add(on, dossier, Measure.RETURNED)
        if fact.received_at is None:
            is_refused = fact.status == Status.NOT_RECEIVED
            self._add(on, dossier, Measure.REFUSED_AT_INTAKE if is_refused else Measure.CLOSED_BEFORE_RECEIPT)
            self._add(dossier.filed_on, dossier, Measure.UNTAKEN)
        else:
            self._resolve(fact, dossier, on)
        if self.changes.opened.pop(number, None) is None:
            self.changes.changed.pop(number, None)
            self.changes.closed.add(number)

    def _resolve(self, fact: Fact, dossier: OpenDossier, on: date) -> None:
        """Received before, or with this very fact; and done."""
        if dossier.received_on is None:
            dossier = self._receive(fact, dossier, on)
            if dossier.due_at is None:
                # At once, with nothing said of when it would have been due: within whatever limit there is.
                dossier = dossier._replace(due_at=_NEVER)
        else:
            dossier = self._stand_anew(fact, dossier, on)
        kind, _ = _EARLY_ENDS.get(fact.status, (EndKind.RESULT, None))
        stood = marks(dossier, fact.occurred_at)
        is_contested = kind is not EndKind.RESULT or stood != stood[0] * len(stood)
        mark = "O" if kind is not EndKind.RESULT and dossier.is_limited else stood[0]
        self._add(on, dossier, _RESOLVED_MEASURE[mark])
        if dossier.asked:
            self._add(on, dossier, Measure.ASKED_ONCE if dossier.asked == 1 else Measure.ASKED_AGAIN)
        if is_contested:
            assert dossier.received_on is not None  # it has been received, or we wouldn't be here
            self.changes.contested[fact.number] = ContestedEnd(
                *dossier[:5], dossier.received_on, on, dossier.is_limited, kind, stood
            )
        if dossier.is_plain and mark != "L" and not is_contested:
            return  # the ordinary dossier
        for span in late_spans(dossier, on):
            if kind is EndKind.RESULT and span.views == ALL_VIEWS:
                self._add(span.first_on, dossier, Measure.LATE_CHANGE)
                self._add(span.until_on, dossier, Measure.LATE_CHANGE, -1)
            else:
                self._note_late_rows(fact.number, dossier, [span])

    def _note_late_rows(self, number: int, dossier: OpenDossier, spans: Iterable[LateSpan]) -> None:
        # How the dossier ends isn't known yet, and the end may leave it out of the count: so it must be found again.
        self.changes.late_rows += [
            LateRow(number, span.first_on, span.until_on, span.views, *dossier[:4]) for span in spans
        ]

    def _rate(self, fact: Fact) -> None:
        satisfaction = Satisfaction((fact.detail or {})["satisfaction"])
        self._add(vietnamese_day(fact.occurred_at), fact, _RATED[satisfaction])

    def _add(self, on: date, where: Fact | OpenDossier, measure: Measure, change: int = 1) -> None:
        # A plain tuple finds its equal faster than a named one is made: this runs several times for every dossier.
        key = (on, where.procedure_id, where.office_code, where.level, where.channel)
        tally = self.changes.tallies.get(key)  # type: ignore[call-overload]
        if tally is None:
            tally = self.changes.tallies[TallyKey(*key)] = [0] * len(MEASURE_NAMES)
        tally[measure] += change


#: Later than anything that happens.
_NEVER: Final = datetime.fromisoformat("9999-12-01T00:00:00+00:00")


def _new_date(fact: Fact) -> datetime | None:
    if fact.action != Action.APOLOGIZE or not fact.detail:
        return None
    return datetime.fromisoformat(fact.detail["new_date_at"])
