"""A dossier's timeline, from the blocks of facts that the portal keeps as they came."""

from collections.abc import Iterable, Sequence
from typing import Final

from services.portal.domain.sandbox import TimelineEntry
from services.runtime.streams import decode_block

#: Blocks in which a dossier is told of: that of its last change, and those elsewhere. A position's block is the last
#: one that begins before it.
BLOCKS_OF_DOSSIER: Final = """
    SELECT b.first_position, b.block
    FROM dossier AS d CROSS JOIN LATERAL unnest(d.version || d.elsewhere) AS told(position) CROSS JOIN LATERAL (
        SELECT first_position, block FROM fact_block
        WHERE sandbox_id = d.sandbox_id AND partition = d.partition AND first_position <= told.position
        ORDER BY first_position DESC LIMIT 1
    ) AS b
    WHERE d.sandbox_id = %s AND d.number = %s AND d.version > 0
    ORDER BY b.first_position
"""


def timeline_of(number: int, blocks: Iterable[tuple[int, bytes]]) -> list[TimelineEntry]:
    """What blocks tell of a dossier; of each, only from a position on."""
    return [entry for first, payload in blocks for entry in _entries(number, first, payload)]


def _entries(number: int, first: int, payload: bytes) -> Sequence[TimelineEntry]:
    block = decode_block(payload)
    about = {place for place, found in enumerate(block.dossiers.number) if found == number}
    places = [
        place for place, dossier in enumerate(block.facts.dossier) if dossier in about and block.first + place >= first
    ]
    return [
        TimelineEntry(
            position=fact.position,
            action=fact.action,
            status_before=fact.status_before,
            status=fact.status,
            actor=fact.actor,
            reason=fact.reason,
            note=fact.note,
            occurred_at=fact.occurred_at,
            recorded_at=fact.recorded_at,
            due_at=fact.due_at,
            refusal=fact.refusal,
            detail=fact.detail,
        )
        for fact in block.at(places)
    ]
