"""Counting: facts in, changes to the counts out. The one function that both the counter and every recount use.

Pure, and blind to everything but the facts handed in: a fact carries all that its count depends on, so counting any
split of a partition's ledger into slices gives the same counts. That rests on one law of the lifecycle: nothing leaves
"processed", "withdrawn" or "stopped" but for "returned", so each is entered at most once.

Doesn't drop duplicates and doesn't notice gaps: whoever calls hands in each position once, in order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

from services.contracts.facts import Fact
from services.contracts.timeliness import Timeliness, timeliness, vietnamese_day
from services.contracts.vocabulary import Status


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


#: Name of each measure on the wire and in the database, in the order of a `Tally`.
MEASURE_NAMES: Final = tuple(measure.name.lower() for measure in Measure)

#: One number a measure.
Tally = list[int]


class EarlyEnd(StrEnum):
    """Where a dossier counts that is withdrawn or stopped after receipt. Form 06 has no column for it."""

    ON_TIME = "on-time"  #: with those resolved on the due day, as offices report it (form 06, column 9)
    AS_DUE = "as-due"  #: by its due time, like any other


class TallyKey(NamedTuple):
    """What counts are kept by."""

    day: date  #: in Vietnam, on the sandbox's clock, of the event itself
    procedure_id: str
    office_code: str
    level: int
    channel: str


class OpenDossier(NamedTuple):
    """A dossier that has been received and not resolved."""

    procedure_id: str
    office_code: str
    level: int
    channel: str
    due_at: datetime | None  #: `None` with a `limit_unit`: suspended
    limit_unit: str | None  #: `None`: the law states no limit


class Subject(NamedTuple):
    """Somebody who has filed; counted once however many dossiers there are."""

    procedure_id: str
    applicant_kind: str
    applicant_id: str


@dataclass(slots=True)
class Changes:
    """What a slice of one partition's ledger does to that partition's counts.

    A dossier's number is in at most one of `opened`, `moved` and `closed`.
    """

    tallies: dict[TallyKey, Tally] = field(default_factory=dict)  #: to be added
    opened: dict[int, OpenDossier] = field(default_factory=dict)  #: received here and still open
    moved: dict[int, datetime | None] = field(default_factory=dict)  #: open since before: where its due time stands now
    closed: set[int] = field(default_factory=set)  #: open since before, resolved here
    subjects: set[Subject] = field(default_factory=set)


_TIMELINESS_MEASURE: Final = {
    Timeliness.EARLY: Measure.RESOLVED_EARLY,
    Timeliness.ON_TIME: Measure.RESOLVED_ON_TIME,
    Timeliness.OVERDUE: Measure.RESOLVED_OVERDUE,
    Timeliness.WITHOUT_LIMIT: Measure.RESOLVED_WITHOUT_LIMIT,
}
_FILED: Final = (Measure.FILED,)
_PLAIN_MEASURES: Final[dict[int, tuple[Measure, ...]]] = {
    Status.RECEIVED: (Measure.RECEIVED,),
    Status.NOT_RECEIVED: (Measure.REFUSED_AT_INTAKE,),
    Status.RETURNED: (Measure.RETURNED,),
}
_ENDED_EARLY_MEASURES: Final[dict[int, tuple[Measure, ...]]] = {
    Status.WITHDRAWN: (Measure.WITHDRAWN,),
    Status.STOPPED: (Measure.STOPPED,),
}
_RECEIVED: Final[int] = Status.RECEIVED
_RESOLVING: Final[frozenset[int]] = frozenset({*_ENDED_EARLY_MEASURES, Status.PROCESSED})
_OPEN: Final[frozenset[int]] = frozenset(
    {Status.RECEIVED, Status.IN_PROCESS, Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED}
)


def count(facts: Iterable[Fact], *, early_end: EarlyEnd = EarlyEnd.ON_TIME) -> Changes:
    """What these facts change.

    Args:
        facts: facts of one partition, in order of position, without gaps or duplicates.
        early_end: where withdrawn and stopped dossiers count.

    Returns:
        The changes, collapsed: one tally a key, and nothing at all about a dossier's being open when it was both
        received and resolved within `facts`.

    Source:
        Circular 01/2020/TT-VPCP, form 06, and `Measure`.
    """
    changes = Changes()
    for fact in facts:
        if fact.refusal is not None:
            continue
        if fact.status_before != fact.status:
            _tally(changes, fact, early_end)
        if fact.received_at is not None:
            _follow(changes, fact)
    return changes


def _tally(changes: Changes, fact: Fact, early_end: EarlyEnd) -> None:
    measures = _measures(fact, early_end)
    if not measures:
        return
    # A plain tuple finds its equal faster than a named one is made: this runs for every fact of a quarter.
    key = (vietnamese_day(fact.occurred_at), fact.procedure_id, fact.office_code, fact.level, fact.channel)
    tally = changes.tallies.get(key)  # type: ignore[call-overload]
    if tally is None:
        tally = changes.tallies[TallyKey(*key)] = [0] * len(MEASURE_NAMES)
    for measure in measures:
        tally[measure] += 1
    if fact.status_before is None:
        changes.subjects.add(Subject(fact.procedure_id, fact.applicant_kind, fact.applicant_id))


def _measures(fact: Fact, early_end: EarlyEnd) -> tuple[Measure, ...]:
    """What a change of status counts as; nothing for steps in between."""
    if fact.status_before is None:
        return _FILED
    status = fact.status
    if status in _RESOLVING:
        ended_early = _ENDED_EARLY_MEASURES.get(status, ())
        return (*ended_early, _resolved_measure(fact, early_end))
    return _PLAIN_MEASURES.get(status, ())


def _resolved_measure(fact: Fact, early_end: EarlyEnd) -> Measure:
    if fact.received_at is None:
        return Measure.CLOSED_BEFORE_RECEIPT
    if fact.status in _ENDED_EARLY_MEASURES and early_end is EarlyEnd.ON_TIME and fact.limit_unit is not None:
        return Measure.RESOLVED_ON_TIME
    return _TIMELINESS_MEASURE[timeliness(fact.occurred_at, fact.due_at, fact.limit_unit)]


def _follow(changes: Changes, fact: Fact) -> None:
    """Keep track of which dossiers are open, and when each is due."""
    number, status = fact.number, fact.status
    if status in _OPEN:
        is_received_now = status == _RECEIVED and fact.status_before != status
        if is_received_now or number in changes.opened:
            changes.opened[number] = OpenDossier(
                fact.procedure_id, fact.office_code, fact.level, fact.channel, fact.due_at, fact.limit_unit
            )
        else:
            changes.moved[number] = fact.due_at
    elif status in _RESOLVING and changes.opened.pop(number, None) is None:
        changes.moved.pop(number, None)
        changes.closed.add(number)
