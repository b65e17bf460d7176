"""The read model follows the facts: status, timeline, outcomes of actions, acknowledged commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import orjson
from psycopg.types.json import Jsonb

from services.contracts.commands import PartitionKey
from services.contracts.facts import Fact
from services.contracts.vocabulary import SETTLED_STATUSES, Action
from services.portal.adapters.hooks import FactFollower, SandboxFact
from services.runtime.database import Transaction, copy_rows
from services.runtime.streams import FactSlice

_TIMELINE_COLUMNS: Final = (
    "sandbox_id",
    "number",
    "position",
    "action",
    "status_before",
    "status",
    "actor",
    "reason",
    "note",
    "occurred_at",
    "recorded_at",
    "due_at",
    "refusal",
    "detail",
)

# A dossier's last fact of the slice wins. What has been resolved stays resolved at the first instant; an apology's date
# stays, and traits only grow.
_UPDATE_DOSSIERS: Final = """
    UPDATE dossier AS d SET
        status = u.status, version = u.version, status_at = u.status_at, received_at = u.received_at,
        due_at = u.due_at, limit_unit = u.limit_unit, new_date_at = coalesce(u.new_date_at, d.new_date_at),
        resolved_at = coalesce(d.resolved_at, u.resolved_at),
        later_traits = CASE WHEN u.later_traits IS NULL THEN d.later_traits
            ELSE coalesce(d.later_traits, '{}') || u.later_traits::jsonb END
    FROM unnest(%s::text[], %s::bigint[], %s::smallint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[],
                %s::timestamptz[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[])
        AS u(sandbox_id, number, status, version, status_at, received_at, due_at, limit_unit, new_date_at, resolved_at,
             later_traits)
    WHERE d.sandbox_id = u.sandbox_id AND d.number = u.number
"""

_UPDATE_ACTIONS: Final = """
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


class SqlProjection:
    """`FactConsumer` that keeps the portal's read model.

    Args:
        followers: what else follows the facts, in the same transaction, in this order.
    """

    def __init__(self, followers: Sequence[FactFollower] = ()) -> None:
        self._followers = followers

    def load_positions(self, transaction: Transaction, keys: Sequence[PartitionKey]) -> Mapping[PartitionKey, int]:
        """See `FactConsumer.load_positions`."""
        known = _locked_positions(transaction, keys)
        missing = [key for key in keys if key not in known]
        if missing:
            # Made first, so that there is something to lock: a projector that was just killed may still be committing.
            transaction.execute(
                "INSERT INTO projection (sandbox_id, partition, position, acked_sequence)"
                " SELECT w.sandbox_id, w.partition, 0, 0 FROM unnest(%s::text[], %s::smallint[])"
                " AS w(sandbox_id, partition) ON CONFLICT DO NOTHING",
                ([key[0] for key in missing], [key[1] for key in missing]),
            )
            known |= _locked_positions(transaction, missing)
        return known

    def apply(self, transaction: Transaction, slices: Sequence[FactSlice]) -> None:
        """See `FactConsumer.apply`."""
        facts = [SandboxFact(part.sandbox_id, fact) for part in slices for fact in part.facts]
        if facts:
            _write_timeline(transaction, facts)
            _move_dossiers(transaction, facts)
            _answer_actions(transaction, facts)
            for follower in self._followers:
                follower.follow(transaction, facts)
        _move_positions(transaction, slices)


def _locked_positions(transaction: Transaction, keys: Sequence[PartitionKey]) -> dict[PartitionKey, int]:
    rows = transaction.execute(
        "SELECT sandbox_id, partition, position FROM projection"
        " JOIN unnest(%s::text[], %s::smallint[]) AS w(sandbox_id, partition) USING (sandbox_id, partition)"
        " ORDER BY sandbox_id, partition FOR UPDATE OF projection",
        ([key[0] for key in keys], [key[1] for key in keys]),
    ).fetchall()
    return {(sandbox_id, partition): position for sandbox_id, partition, position in rows}


def _write_timeline(transaction: Transaction, facts: Sequence[SandboxFact]) -> None:
    rows = (
        (
            sandbox_id,
            fact.number,
            fact.position,
            fact.action,
            fact.status_before,
            fact.status,
            fact.actor,
            fact.reason,
            fact.note,
            fact.occurred_at,
            fact.recorded_at,
            fact.due_at,
            fact.refusal,
            None if fact.detail is None else Jsonb(fact.detail),
        )
        for sandbox_id, fact in facts
    )
    copy_rows(transaction, "timeline", _TIMELINE_COLUMNS, rows)


@dataclass(slots=True)
class _Move:
    """What a slice of facts makes of one dossier."""

    fact: Fact  #: the last one
    new_date_at: datetime | None = None
    resolved_at: datetime | None = None
    traits: dict[str, str] = field(default_factory=dict)

    def see(self, fact: Fact) -> None:
        self.fact = fact
        if self.resolved_at is None and fact.status in SETTLED_STATUSES:
            self.resolved_at = fact.occurred_at
        if fact.action == Action.APOLOGIZE and fact.detail:
            self.new_date_at = datetime.fromisoformat(fact.detail["new_date_at"])
        if fact.action == Action.RECLASSIFY and fact.detail:
            self.traits |= fact.detail["traits"]

    def as_row(self, sandbox_id: str) -> tuple[object, ...]:
        fact = self.fact
        return (
            sandbox_id,
            fact.number,
            fact.status,
            fact.position,
            fact.occurred_at,
            fact.received_at,
            fact.due_at,
            fact.limit_unit,
            self.new_date_at,
            self.resolved_at,
            orjson.dumps(self.traits).decode() if self.traits else None,
        )


def _move_dossiers(transaction: Transaction, facts: Sequence[SandboxFact]) -> None:
    moves: dict[tuple[str, int], _Move] = {}
    for sandbox_id, fact in facts:
        if fact.refusal is None:
            moves.setdefault((sandbox_id, fact.number), _Move(fact)).see(fact)
    if moves:
        # In order of the key, so that two projectors lock rows in the same order.
        rows = [moves[key].as_row(key[0]) for key in sorted(moves)]
        transaction.execute(_UPDATE_DOSSIERS, list(map(list, zip(*rows, strict=True))))


def _answer_actions(transaction: Transaction, facts: Sequence[SandboxFact]) -> None:
    rows = [
        (sandbox_id, fact.command_id, fact.refusal or "done", fact.position)
        for sandbox_id, fact in facts
        if fact.command_id is not None
    ]
    if rows:
        transaction.execute(_UPDATE_ACTIONS, list(map(list, zip(*rows, strict=True))))


def _move_positions(transaction: Transaction, slices: Sequence[FactSlice]) -> None:
    keys = ([part.sandbox_id for part in slices], [part.partition for part in slices])
    transaction.execute(
        _UPSERT_POSITIONS, (*keys, [part.position for part in slices], [part.ack or 0 for part in slices])
    )
    acked = [part for part in slices if part.ack]
    if acked:
        transaction.execute(
            _DELETE_ACKNOWLEDGED,
            ([part.sandbox_id for part in acked], [part.partition for part in acked], [part.ack for part in acked]),
        )
