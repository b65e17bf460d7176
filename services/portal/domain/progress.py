"""What blocks of facts make of dossiers: for each where it stands after them. Pure, and by columns.

An ordinary dossier is told of in one block and never again: nothing is done for it alone. What is refused changes
nothing about a dossier; only where its facts are to be found.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Final, NamedTuple

from services.contracts.facts import FactBlock, FactColumns
from services.contracts.vocabulary import SETTLED_STATUSES, Action

_SETTLED: Final = frozenset(map(int, SETTLED_STATUSES))

#: Actions whose detail stays with the dossier.
_REMEMBERED: Final = frozenset({str(Action.APOLOGIZE), str(Action.RECLASSIFY)})


class Progress(NamedTuple):
    """Where facts leave a dossier. Instants are as the block has them."""

    status: int
    version: int  #: position of the last change
    status_at: str
    received_at: str | None
    due_at: str | None
    limit_unit: str | None
    resolved_at: str | None  #: when these facts resolved it; what had been resolved stays so at the first instant
    new_date_at: str | None = None  #: what an apology among them gave
    later_traits: dict[str, str] | None = None  #: what it took on
    elsewhere: tuple[int, ...] = ()  #: positions in other blocks than that of `version`, one in each

    def then(self, later: "Progress") -> "Progress":
        """Where it stands after a later block."""
        traits = {**(self.later_traits or {}), **(later.later_traits or {})}
        return later._replace(
            resolved_at=self.resolved_at or later.resolved_at,
            new_date_at=later.new_date_at or self.new_date_at,
            later_traits=traits or None,
            elsewhere=(*self.elsewhere, self.version, *later.elsewhere),
        )


@dataclass(slots=True)
class Moves:
    """What the new facts of a partition make of its dossiers, by number.

    Attributes:
        opened: Told of for the first time.
        changed: Told of before; what these facts don't say stays.
        mentioned: Nothing but refused: where those facts are, a position in each block.
        counts: By status, how many dossiers more stand so.
    """

    opened: dict[int, Progress] = field(default_factory=dict)
    changed: dict[int, Progress] = field(default_factory=dict)
    mentioned: dict[int, tuple[int, ...]] = field(default_factory=dict)
    counts: Counter[int] = field(default_factory=Counter)


def moves_of(blocks: Iterable[FactBlock]) -> Moves:
    """What blocks that follow each other make of the dossiers of their partition."""
    moves = Moves()
    for block in blocks:
        _add(moves, block)
    for rows in (moves.opened, moves.changed):
        for number in moves.mentioned.keys() & rows.keys():
            row = rows[number]
            rows[number] = row._replace(elsewhere=(*row.elsewhere, *moves.mentioned.pop(number)))
    return moves


def _add(moves: Moves, block: FactBlock) -> None:
    facts = block.facts
    about = _picked(block.dossiers.number, facts.dossier)  # the dossier's number of each fact
    done: Sequence[int] = range(block.count)
    if facts.refusal.count(None) != block.count:
        done = [place for place, refusal in enumerate(facts.refusal) if refusal is None]
        _mention(moves, block.first, about, done)
    last = dict(zip(_picked(about, done), done, strict=True))
    rows = dict(zip(last, _progress(block, about, done, last.values()), strict=True))
    if facts.status_before.count(None) == len(rows):
        moves.counts.update(_picked(facts.status, last.values()))
        moves.opened.update(rows)
        return
    new = {about[place] for place in done if facts.status_before[place] is None}
    first = dict(zip(reversed(_picked(about, done)), reversed(done), strict=True))
    for number, row in rows.items():
        moves.counts[row.status] += 1
        if number in new:
            moves.opened[number] = row
            continue
        moves.counts[facts.status_before[first[number]] or 0] -= 1
        known = moves.opened if number in moves.opened else moves.changed
        known[number] = known[number].then(row) if number in known else row


def _mention(moves: Moves, first: int, about: Sequence[int], done: Sequence[int]) -> None:
    """Remember where dossiers are told of that nothing but refusals concerns in this block."""
    changed = {about[place] for place in done}
    last = {number: place for place, number in enumerate(about) if number not in changed}
    for number, place in last.items():
        moves.mentioned[number] = (*moves.mentioned.get(number, ()), first + place)


def _progress(block: FactBlock, about: Sequence[int], done: Sequence[int], last: Collection[int]) -> Iterable[Progress]:
    """Where dossiers stand whose last facts are at these places, in their order."""
    facts = block.facts
    settled = [place for place in done if facts.status[place] in _SETTLED]
    settled.reverse()  # the first one wins
    resolved = {about[place]: facts.occurred_at[place] for place in settled}
    columns = (
        _picked(facts.status, last),
        [block.first + place for place in last],
        _picked(facts.occurred_at, last),
        _picked(facts.received_at, last),
        _picked(facts.due_at, last),
        _picked(facts.limit_unit, last),
        [resolved.get(about[place]) for place in last],
        repeat(None, len(last)),
        repeat(None, len(last)),
        repeat((), len(last)),
    )
    rows = map(Progress._make, zip(*columns, strict=True))
    if _REMEMBERED.isdisjoint(facts.action):
        return rows
    new_dates, traits = _remembered(facts, about, done)
    return [
        row._replace(new_date_at=new_dates.get(about[place]), later_traits=traits.get(about[place]))
        for place, row in zip(last, rows, strict=True)
    ]


def _remembered(
    facts: FactColumns, about: Sequence[int], done: Sequence[int]
) -> tuple[dict[int, str], dict[int, dict[str, str]]]:
    """What apologies and reclassifications brought, by the dossier's number."""
    new_dates: dict[int, str] = {}
    traits: dict[int, dict[str, str]] = {}
    for place in done:
        detail = facts.detail[place]
        if not detail or facts.action[place] not in _REMEMBERED:
            continue
        if facts.action[place] == Action.APOLOGIZE:
            new_dates[about[place]] = detail["new_date_at"]
        else:
            traits.setdefault(about[place], {}).update(detail["traits"])
    return new_dates, traits


def _picked(column: Sequence[Any], places: Iterable[int]) -> list[Any]:
    return [column[place] for place in places]
