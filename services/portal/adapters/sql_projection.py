"""The read model follows the facts: blocks are kept as they came, and for each dossier where they leave it.

What is done for each dossier is done by columns (`services.portal.domain.progress`): an ordinary one, told of in one
block from its filing to its result, is a line of a COPY and nothing else.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Final, NamedTuple

import orjson

from services.contracts.commands import PartitionKey
from services.contracts.facts import FactBlock
from services.contracts.vocabulary import Action
from services.portal.adapters.hooks import FactFollower, ToldFacts
from services.portal.domain.progress import Moves, Progress, moves_of
from services.runtime.database import NULL, Transaction, array, copy_escaped, copy_text
from services.runtime.streams import FactSlice, encode_block

_PROGRESS_COLUMNS: Final = (
    "sandbox_id",
    "number",
    "status",
    "version",
    "status_at",
    "received_at",
    "due_at",
    "limit_unit",
    "resolved_at",
    "new_date_at",
    "later_traits",
    "elsewhere",
)

# What has been resolved stays resolved at the first instant; an apology's date stays, and traits only grow. Where the
# facts so far are is remembered.
_CHANGE: Final = """
    UPDATE progress AS p SET
        status = u.status, version = u.version, status_at = u.status_at, received_at = u.received_at,
        due_at = u.due_at, limit_unit = u.limit_unit, resolved_at = coalesce(p.resolved_at, u.resolved_at),
        new_date_at = coalesce(u.new_date_at, p.new_date_at),
        later_traits = CASE WHEN u.later_traits IS NULL THEN p.later_traits
            ELSE coalesce(p.later_traits, '{}') || u.later_traits::jsonb END,
        elsewhere = p.elsewhere || p.version || u.elsewhere::bigint[]
    FROM unnest(%s::text[], %s::bigint[], %s::smallint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[],
                %s::timestamptz[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[])
        AS u(sandbox_id, number, status, version, status_at, received_at, due_at, limit_unit, resolved_at, new_date_at,
             later_traits, elsewhere)
    WHERE p.sandbox_id = u.sandbox_id AND p.number = u.number
"""

_MENTION: Final = """
    UPDATE progress AS p SET elsewhere = p.elsewhere || u.elsewhere::bigint[]
    FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS u(sandbox_id, number, elsewhere)
    WHERE p.sandbox_id = u.sandbox_id AND p.number = u.number
"""

_COUNT: Final = """
    INSERT INTO status_count AS c (sandbox_id, partition, status, dossiers)
    SELECT * FROM unnest(%s::text[], %s::smallint[], %s::smallint[], %s::bigint[])
    ON CONFLICT (sandbox_id, partition, status) DO UPDATE SET dossiers = c.dossiers + excluded.dossiers
"""

# Index ix_filing__awaited.
_FIND_FILINGS: Final = """
    SELECT f.sandbox_id, f.first_number, f.last_number
    FROM filing AS f JOIN unnest(%s::text[], %s::bigint[], %s::bigint[]) AS w(sandbox_id, least, greatest)
        ON f.sandbox_id = w.sandbox_id AND f.last_number >= w.least AND f.first_number <= w.greatest
    WHERE f.awaited > 0
    ORDER BY f.sandbox_id, f.first_number FOR NO KEY UPDATE OF f
"""
_TELL_OF_FILINGS: Final = """
    UPDATE filing AS f SET awaited = f.awaited - u.told
    FROM unnest(%s::text[], %s::bigint[], %s::integer[]) AS u(sandbox_id, first_number, told)
    WHERE f.sandbox_id = u.sandbox_id AND f.first_number = u.first_number
"""

_COPY_BLOCKS: Final = (
    "COPY fact_block (sandbox_id, partition, first_position, last_position, block) FROM STDIN (FORMAT BINARY)"
)

_MOVE_DEADLINES: Final = """
    INSERT INTO moved_deadline (sandbox_id, decision_number, number, position, sequence, due_before, due_at)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[],
                         %s::timestamptz[])
"""

_ANSWER_ACTIONS: Final = """
    UPDATE requested_action AS a SET outcome = u.outcome, position = u.position
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) AS u(sandbox_id, command_id, outcome, position)
    WHERE a.sandbox_id = u.sandbox_id AND a.command_id = u.command_id
"""

_UPSERT_POSITIONS: Final = """
    INSERT INTO projection AS p (sandbox_id, partition, position, acked_sequence)
    SELECT * FROM unnest(%s::text[], %s::smallint[], %s::bigint[], %s::bigint[])
    ON CONFLICT (sandbox_id, partition) DO UPDATE SET
        position = excluded.position, acked_sequence = greatest(p.acked_sequence, excluded.acked_sequence)
"""

_DELETE_ACKNOWLEDGED: Final = """
    DELETE FROM outbox AS o
    USING unnest(%s::text[], %s::smallint[], %s::bigint[]) AS u(sandbox_id, partition, sequence)
    WHERE o.sandbox_id = u.sandbox_id AND o.partition = u.partition AND o.sequence <= u.sequence
"""


class _Part(NamedTuple):
    """New facts of a partition, and what they make of its dossiers."""

    sandbox_id: str
    partition: int
    blocks: Sequence[FactBlock]
    moves: Moves


class SqlProjection:
    """`FactConsumer` that keeps the portal's read model.

    Args:
        followers: what else follows the facts, in the same transaction, in this order.
    """

    def __init__(self, followers: Sequence[FactFollower] = ()) -> None:
        self._followers = followers
        self.last_fact_count = 0  #: how many facts were applied the last time

    def load_positions(self, transaction: Transaction, keys: Sequence[PartitionKey]) -> Mapping[PartitionKey, int]:
        """See `FactConsumer.load_positions`."""
        known = _locked_positions(transaction, keys)
        missing = [key for key in keys if key not in known]
        if missing:
            # Made first, so that there is something to lock: a projector that was just killed may still be committing.
            _make_positions(transaction, missing)
            known |= _locked_positions(transaction, missing)
        return known

    def apply(self, transaction: Transaction, slices: Sequence[FactSlice]) -> None:
        """See `FactConsumer.apply`."""
        self.last_fact_count = sum(block.count for one in slices for block in one.blocks)
        parts = [_Part(one.sandbox_id, one.partition, one.blocks, moves_of(one.blocks)) for one in slices if one.blocks]
        if parts:
            _keep_blocks(transaction, parts)
            _open(transaction, parts)
            _change(transaction, parts)
            _count(transaction, parts)
            _answer_actions(transaction, parts)
            _move_deadlines(transaction, parts)
            for follower in self._followers:
                if told := _wanted(follower, parts):
                    follower.follow(transaction, told)
        _move_positions(transaction, slices)


def _make_positions(transaction: Transaction, keys: Sequence[PartitionKey]) -> None:
    """Rows of partitions that no fact has come from yet, so that they can be locked."""
    transaction.execute(
        "INSERT INTO projection (sandbox_id, partition, position, acked_sequence)"
        " SELECT w.sandbox_id, w.partition, 0, 0 FROM unnest(%s::text[], %s::smallint[])"
        " AS w(sandbox_id, partition) ON CONFLICT DO NOTHING",
        ([key[0] for key in keys], [key[1] for key in keys]),
    )


def _locked_positions(transaction: Transaction, keys: Sequence[PartitionKey]) -> dict[PartitionKey, int]:
    rows = transaction.execute(
        "SELECT sandbox_id, partition, position FROM projection"
        " JOIN unnest(%s::text[], %s::smallint[]) AS w(sandbox_id, partition) USING (sandbox_id, partition)"
        " ORDER BY sandbox_id, partition FOR UPDATE OF projection",
        ([key[0] for key in keys], [key[1] for key in keys]),
    ).fetchall()
    return {(sandbox_id, partition): position for sandbox_id, partition, position in rows}


def _wanted(follower: FactFollower, parts: Sequence[_Part]) -> list[ToldFacts]:
    return [
        ToldFacts(part.sandbox_id, block, places)
        for part in parts
        for block in part.blocks
        if (places := follower.wanted(block))
    ]


def _keep_blocks(transaction: Transaction, parts: Sequence[_Part]) -> None:
    # In binary: as text, bytes would be twice as many on their way.
    with transaction.cursor() as cursor, cursor.copy(_COPY_BLOCKS) as copy:
        copy.set_types(("text", "int2", "int8", "int8", "bytea"))
        for part in parts:
            for block in part.blocks:
                payload = block.payload or encode_block(block)
                copy.write_row((part.sandbox_id, part.partition, block.first, block.last, payload))


def _open(transaction: Transaction, parts: Sequence[_Part]) -> None:
    """Dossiers that are told of for the first time."""
    text = "".join(_copy_lines(part.sandbox_id, part.moves.opened) for part in parts if part.moves.opened)
    if text:
        copy_text(transaction, "progress", _PROGRESS_COLUMNS, text)
        _tell_of_filings(transaction, parts)


def _copy_lines(sandbox_id: str, rows: Mapping[int, Progress]) -> str:
    """Rows as COPY reads them, in order of the number. Nothing but traits can have anything to escape."""
    numbers = sorted(rows)
    status, version, *instants_and_unit, traits, elsewhere = _columns(rows[number] for number in numbers)
    columns = (
        repeat(sandbox_id, len(numbers)),
        map(str, numbers),
        map(str, status),
        map(str, version),
        *([NULL if value is None else value for value in column] for column in instants_and_unit),
        [NULL if value is None else copy_escaped(value) for value in traits],
        [NULL if value is None else value for value in elsewhere],
    )
    return "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"


def _columns(rows: Iterable[Progress]) -> Iterator[Sequence[Any]]:
    """Columns, JSON and arrays as text."""
    *plain, traits, elsewhere = zip(*rows, strict=True)
    yield from plain
    yield [None if one is None else orjson.dumps(one).decode() for one in traits]
    yield list(map(_array_text, elsewhere))


def _array_text(positions: Sequence[int]) -> str | None:
    return f"{{{','.join(map(str, positions))}}}" if positions else None


def _tell_of_filings(transaction: Transaction, parts: Sequence[_Part]) -> None:
    """Fewer dossiers are awaited, of each filing as many as have been told of."""
    numbers: dict[str, list[int]] = {}
    for part in parts:
        numbers.setdefault(part.sandbox_id, []).extend(part.moves.opened)
    bounds = [(sandbox_id, min(told), max(told)) for sandbox_id, told in numbers.items() if told]
    for told in numbers.values():
        told.sort()
    rows = []
    for sandbox_id, first, last in transaction.execute(_FIND_FILINGS, _arrays(bounds)).fetchall():
        told = numbers[sandbox_id]
        if count := bisect_right(told, last) - bisect_left(told, first):
            rows.append((sandbox_id, first, count))
    if rows:
        transaction.execute(_TELL_OF_FILINGS, _arrays(rows))


def _change(transaction: Transaction, parts: Sequence[_Part]) -> None:
    """Dossiers that go on. In order of the key, so that two projectors lock rows in the same order."""
    changed = {(part.sandbox_id, number): row for part in parts for number, row in part.moves.changed.items()}
    if changed:
        keys = sorted(changed)
        columns = (*zip(*keys, strict=True), *_columns(changed[key] for key in keys))
        transaction.execute(_CHANGE, list(map(array, columns)))
    mentioned = sorted(
        (part.sandbox_id, number, _array_text(positions))
        for part in parts
        for number, positions in part.moves.mentioned.items()
    )
    if mentioned:
        transaction.execute(_MENTION, _arrays(mentioned))


def _count(transaction: Transaction, parts: Sequence[_Part]) -> None:
    rows = sorted(
        (part.sandbox_id, part.partition, int(status), count)
        for part in parts
        for status, count in part.moves.counts.items()
        if count
    )
    if rows:
        transaction.execute(_COUNT, _arrays(rows))


def _answer_actions(transaction: Transaction, parts: Sequence[_Part]) -> None:
    rows = []
    for part in parts:
        for block in part.blocks:
            facts = block.facts
            if facts.command_id.count(None) == block.count:
                continue
            rows += [
                (part.sandbox_id, command_id, refusal or "done", position)
                for position, (command_id, refusal) in enumerate(
                    zip(facts.command_id, facts.refusal, strict=True), start=block.first
                )
                if command_id is not None
            ]
    if rows:
        transaction.execute(_ANSWER_ACTIONS, _arrays(rows))


def _move_deadlines(transaction: Transaction, parts: Sequence[_Part]) -> None:
    rows = []
    for part in parts:
        for block in part.blocks:
            facts = block.facts
            if Action.RESCHEDULE not in facts.action:
                continue
            for place, action in enumerate(facts.action):
                detail = facts.detail[place]
                if action == Action.RESCHEDULE and facts.refusal[place] is None and detail:
                    number = block.dossiers.number[facts.dossier[place]]
                    decision = (detail["decision_number"], number, block.first + place, detail["sequence"])
                    rows.append((part.sandbox_id, *decision, detail["due_before"], facts.due_at[place]))
    if rows:
        transaction.execute(_MOVE_DEADLINES, _arrays(rows))


def _move_positions(transaction: Transaction, slices: Sequence[FactSlice]) -> None:
    rows = [(part.sandbox_id, part.partition, part.position, part.ack or 0) for part in slices]
    transaction.execute(_UPSERT_POSITIONS, _arrays(rows))
    acked = [(part.sandbox_id, part.partition, part.ack) for part in slices if part.ack]
    if acked:
        transaction.execute(_DELETE_ACKNOWLEDGED, _arrays(acked))


def _arrays(rows: Sequence[Sequence[Any]]) -> list[str | list[Any]]:
    """One array parameter a column; there is at least one row."""
    return [array(column) for column in zip(*rows, strict=True)]
