"""The read model follows the facts: status, timeline, outcomes of actions, acknowledged commands."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.contracts.commands import PartitionKey
from services.contracts.facts import Fact
from services.contracts.vocabulary import SETTLED_STATUSES
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
)

# A dossier's last fact of the slice wins. What has been resolved stays resolved at the first instant.
_UPDATE_DOSSIERS: Final = """
    UPDATE dossier AS d SET
        status = u.status, version = u.version, status_at = u.status_at, received_at = u.received_at,
        due_at = u.due_at, resolved_at = coalesce(d.resolved_at, u.resolved_at)
    FROM unnest(%s::text[], %s::bigint[], %s::smallint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[],
                %s::timestamptz[], %s::timestamptz[])
        AS u(sandbox_id, number, status, version, status_at, received_at, due_at, resolved_at)
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
    """`FactConsumer` that keeps the portal's read model."""

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
        facts = [(part.sandbox_id, fact) for part in slices for fact in part.facts]
        if facts:
            _write_timeline(transaction, facts)
            _move_dossiers(transaction, facts)
            _answer_actions(transaction, facts)
        _move_positions(transaction, slices)


def _locked_positions(transaction: Transaction, keys: Sequence[PartitionKey]) -> dict[PartitionKey, int]:
    rows = transaction.execute(
        "SELECT sandbox_id, partition, position FROM projection"
        " JOIN unnest(%s::text[], %s::smallint[]) AS w(sandbox_id, partition) USING (sandbox_id, partition)"
        " ORDER BY sandbox_id, partition FOR UPDATE OF projection",
        ([key[0] for key in keys], [key[1] for key in keys]),
    ).fetchall()
    return {(sandbox_id, partition): position for sandbox_id, partition, position in rows}


def _write_timeline(transaction: Transaction, facts: Sequence[tuple[str, Fact]]) -> None:
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
        )
        for sandbox_id, fact in facts
    )
    copy_rows(transaction, "timeline", _TIMELINE_COLUMNS, rows)


def _move_dossiers(transaction: Transaction, facts: Sequence[tuple[str, Fact]]) -> None:
    latest: dict[tuple[str, int], tuple[object, ...]] = {}
    for sandbox_id, fact in facts:
        if fact.refusal is not None:
            continue
        key = (sandbox_id, fact.number)
        resolved_at = latest[key][-1] if key in latest else None
        if resolved_at is None and fact.status in SETTLED_STATUSES:
            resolved_at = fact.occurred_at
        latest[key] = (
            *key,
            fact.status,
            fact.position,
            fact.occurred_at,
            fact.received_at,
            fact.due_at,
            resolved_at,
        )
    if latest:
        # In order of the key, so that two projectors lock rows in the same order.
        rows = [latest[key] for key in sorted(latest)]
        transaction.execute(_UPDATE_DOSSIERS, list(map(list, zip(*rows, strict=True))))


def _answer_actions(transaction: Transaction, facts: Sequence[tuple[str, Fact]]) -> None:
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
