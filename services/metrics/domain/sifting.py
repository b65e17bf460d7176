"""Looking through blocks of the ledger, column by column, for what counts.

Most of what happens neither counts nor changes what is due, and most dossiers are resolved at once: this pass drops the
former, groups the latter, and makes a `Step` only of what is left. It also says of which dossiers one has to know how
they stood before. Pure; decides nothing about sums.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from services.contracts.facts import DossierColumns, FactBlock
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import SETTLED_STATUSES, Action, Status

#: Steps that neither count nor change what is due. The published lifecycle says of each that it leaves the limit alone;
#: a test compares.
UNCOUNTED_ACTIONS: Final[frozenset[str]] = frozenset(
    {Action.START, Action.FORWARD, Action.CONSULT, Action.GIVE_OPINION, Action.ANNOUNCE_EARLY_RESULT, Action.RESUBMIT}
)

SETTLED: Final[frozenset[int | None]] = frozenset(map(int, SETTLED_STATUSES))
_RETURNED: Final = int(Status.RETURNED)
_AT_ONCE: Final = str(Action.RESOLVE_AT_ONCE)
_RATE: Final = str(Action.RATE)


class Cell(NamedTuple):
    """What counts are kept by beside the day; a dossier stays in the cell of its filing."""

    procedure_id: str
    office_code: str
    level: int
    channel: str


class Subject(NamedTuple):
    """Somebody who has filed; counted once however many dossiers there are."""

    procedure_id: str
    applicant_kind: str
    applicant_id: str


class Filing(NamedTuple):
    """Where and when a dossier was filed."""

    cell: Cell
    on: date  #: in Vietnam


class AtOnce(NamedTuple):
    """What is alike about dossiers that were resolved at once, with nothing between filing and result."""

    cell: Cell
    filed_on: date
    on: date  #: of the result
    is_limited: bool


class Returned(NamedTuple):
    """What is alike about results that were returned after they had been decided."""

    cell: Cell  #: as the fact has it
    on: date


class Step(NamedTuple):
    """A fact that counts or may, and isn't counted in one of the groups: what of it matters."""

    number: int
    cell: Cell  #: as the fact has it
    action: str
    before: int
    status: int
    on: date  #: in Vietnam
    at: str  #: RFC 3339
    due_at: str | None
    limit_unit: str | None
    is_received: bool
    detail: Mapping[str, Any] | None


class Sifted(NamedTuple):
    """A slice of the ledger without what doesn't count, and the dossiers whose standing before it has to be told.

    A number is in at most one of `moved` and `settled`, and in neither if it is in `filed`.
    """

    filed: dict[int, Filing]  #: without those that are in `at_once`
    at_once: Counter[AtOnce]
    returned: Counter[Returned]
    steps: list[Step]  #: in order
    moved: set[int]  #: filed earlier, and still open after this
    settled: set[int]  #: filed earlier, settled here
    subjects: set[Subject]


def sift(blocks: Iterable[FactBlock]) -> Sifted:
    """Look through a slice once, before it is counted.

    Args:
        blocks: of one partition, in order, without gaps or duplicates.
    """
    sifted = Sifted({}, Counter(), Counter(), [], set(), set(), set())
    for block in blocks:
        _sift_block(block, sifted)
    earlier_settled = sifted.settled - sifted.filed.keys()
    return sifted._replace(settled=earlier_settled, moved=sifted.moved - sifted.filed.keys() - sifted.settled)


#: Makes a named tuple of a plain one in a third of the time that calling its type takes.
_named: Final[Any] = tuple.__new__


def _sift_block(block: FactBlock, into: Sifted) -> None:
    numbers, cells, subjects = _by_dossier(block.dossiers)
    filed, at_once, returned, steps, moved, settled, subjects_seen = into
    filed_at: list[int] = []
    facts = block.facts
    columns = zip(
        facts.dossier, facts.refusal, facts.action, facts.status_before, facts.status, facts.occurred_at, facts.due_at,
        facts.limit_unit, facts.received_at, facts.detail, strict=True,
    )  # fmt: skip
    # Every fact of a quarter comes by here: plain local names, and nothing is made of what is dropped.
    for place, refusal, action, before, status, at, due_at, limit_unit, received_at, detail in columns:
        if refusal is not None or action in UNCOUNTED_ACTIONS:
            continue
        number = numbers[place]
        if before is None:
            filed[number] = _named(Filing, (cells[place], _day_of_hour(at[:13])))
            filed_at.append(place)
            continue
        if before in SETTLED:
            if before != status and status == _RETURNED:
                returned[_named(Returned, (cells[place], _day_of_hour(at[:13])))] += 1
            if action != _RATE:
                continue
        elif status not in SETTLED:
            moved.add(number)
        elif (
            action == _AT_ONCE and due_at is None and received_at is not None
            and number in filed and number not in moved
        ):  # fmt: skip
            at_once[_named(AtOnce, (*filed.pop(number), _day_of_hour(at[:13]), limit_unit is not None))] += 1
            continue
        else:
            settled.add(number)
        on, is_received = _day_of_hour(at[:13]), received_at is not None
        step = (number, cells[place], action, before, status, on, at, due_at, limit_unit, is_received, detail)
        steps.append(_named(Step, step))
    subjects_seen.update(subjects[place] for place in filed_at)


def _by_dossier(columns: DossierColumns) -> tuple[Sequence[int], Sequence[Cell], Sequence[Subject]]:
    """What a block says once about each of its dossiers: number, cell, who."""
    cells = zip(columns.procedure_id, columns.office_code, columns.level, columns.channel, strict=True)
    subjects = zip(columns.procedure_id, columns.applicant_kind, columns.applicant_id, strict=True)
    return columns.number, [_named(Cell, row) for row in cells], [_named(Subject, row) for row in subjects]


def instant(text: str) -> datetime:
    """An instant from the wire, where all are in UTC."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=4096)
def _day_of_hour(hour: str) -> date:
    """The calendar day in Vietnam on which an hour of UTC lies: days of Vietnam begin at 17:00.

    >>> [_day_of_hour(f"2018-06-04T{hour}").day for hour in (16, 17)]
    [4, 5]
    """
    return vietnamese_day(instant(f"{hour}:00:00Z"))
