"""Facts for a projector as its follower hands them over: in blocks that have travelled, in order, without a gap."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.contracts.facts import Fact, FactBlock
from services.contracts.vocabulary import SETTLED_STATUSES, Action, Actor, Status
from services.portal.adapters.sql_projection import SqlProjection
from services.portal.domain.sandbox import Dossier
from services.runtime.database import Transaction
from services.runtime.streams import FactSlice, decode_block, encode_block


def travelled(facts: Sequence[Fact]) -> FactBlock:
    """The block of facts that follow each other, as it comes out of a stream."""
    return decode_block(encode_block(FactBlock.of(facts)))


class Teller:
    """Tells a projector of what happens in one partition, and of each dossier first that it was filed."""

    def __init__(self, projection: SqlProjection, sandbox_id: str, partition: int = 0) -> None:
        self._projection = projection
        self._key = (sandbox_id, partition)
        self._known: set[int] = set()
        self.position = 0  #: of the last fact that was told

    def tell(self, transaction: Transaction, facts: Sequence[Fact], *, ack: int | None = None) -> None:
        """Tell of facts in one block; their positions follow those told before. What is known already is dropped."""
        told = self._from_their_filing(facts)
        position = self.position + len(told)
        known = self._projection.load_positions(transaction, [self._key])[self._key]
        blocks = (travelled(told).after(known),) if position > max(known, self.position) else ()
        self._projection.apply(transaction, [FactSlice(*self._key, max(position, known), ack, blocks)])
        self.position = position
        self._known |= {fact.number for fact in told}

    def _from_their_filing(self, facts: Sequence[Fact]) -> list[Fact]:
        told: list[Fact] = []
        known = set(self._known)
        for fact in facts:
            if fact.number not in known and fact.status_before is not None:
                told.append(_filing(fact))
            told.append(fact)
            known.add(fact.number)
        return [fact._replace(position=position) for position, fact in enumerate(told, self.position + 1)]


def _filing(fact: Fact) -> Fact:
    return fact._replace(
        action=Action.SUBMIT,
        status_before=None,
        status=Status.SUBMITTED,
        actor=Actor.APPLICANT,
        reason=None,
        note=None,
        due_at=None,
        received_at=None,
        command_id=None,
        refusal=None,
        detail=None,
    )


def as_told(dossier: Dossier, facts: Sequence[Fact]) -> Dossier:
    """What facts make of a dossier, one after the other."""
    for fact in facts:
        if fact.refusal is not None:
            continue
        dossier = replace(
            dossier,
            status=fact.status,
            version=fact.position,
            status_at=fact.occurred_at,
            received_at=fact.received_at,
            due_at=fact.due_at,
            limit_unit=fact.limit_unit,
        )
        if dossier.resolved_at is None and fact.status in SETTLED_STATUSES:
            dossier = replace(dossier, resolved_at=fact.occurred_at)
        if fact.action == Action.APOLOGIZE and fact.detail:
            dossier = replace(dossier, new_date_at=datetime.fromisoformat(fact.detail["new_date_at"]))
        if fact.action == Action.RECLASSIFY and fact.detail:
            dossier = replace(dossier, later_traits={**(dossier.later_traits or {}), **fact.detail["traits"]})
    return dossier
