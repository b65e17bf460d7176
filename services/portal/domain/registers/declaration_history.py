"""What the events of a declaration say about it: the numbers that it has had, and the tax that went back."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.portal.domain.registers.declarations import Declaration
from services.portal.domain.registers.registers import EventKind, RegisterEvent


class Branch(NamedTuple):
    """A number that a declaration has had."""

    number: str
    since: datetime
    dossier_number: int | None  #: the dossier that brought it; `None`: registration, or a message
    dossier_filed_at: datetime | None


def branches_of(declaration: Declaration, events: Sequence[RegisterEvent]) -> list[Branch]:
    """All its numbers as far as they are known, the current one last.

    Args:
        declaration: As it stands.
        events: Its events, newest first.
    """
    amended = [event for event in reversed(events) if event.kind == EventKind.AMENDED]
    first = amended[0].detail["previous_number"] if amended else declaration.number
    branches = [Branch(first, declaration.registered_at, None, None)]
    for event in amended:
        if event.detail["number"] != branches[-1].number:
            number, at = event.detail["number"], event.occurred_at
            branches.append(Branch(number, at, event.dossier_number, event.dossier_filed_at))
    return branches


def refunded_vnd(events: Sequence[RegisterEvent]) -> int:
    """Tax that was paid back or not collected, in dong; the sum over all dossiers."""
    return sum(event.detail.get("amount_vnd", 0) for event in events if event.kind == EventKind.TAX_REFUNDED)
