"""How late filings were received: of all that were sent, also of those that never were. Pure."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from services.contracts.facts import Fact
from services.contracts.vocabulary import Action

_RECEIVING: Final = frozenset({Action.RECEIVE, Action.RESOLVE_AT_ONCE})


class Receipt(NamedTuple):
    """When a filing should have been received, and when that was seen; instants are seconds since the epoch."""

    sent_at: float  #: when its request was to be sent
    planned_at: float | None  #: for when it was planned; `None`: at once
    shown_at: float | None  #: when the read model showed it; `None`: never while it was looked at

    @property
    def should_at(self) -> float:
        """From here on it is late."""
        return self.sent_at if self.planned_at is None else self.planned_at

    @property
    def lag(self) -> float:
        """Seconds; infinite when it was never shown."""
        return math.inf if self.shown_at is None else self.shown_at - self.should_at


def receipts(
    sent_at: Mapping[int, float],
    facts: Iterable[tuple[int, Fact, float]],
    planned_at: Mapping[int, float],
    shown_at: Callable[[int, int], float | None],
) -> list[Receipt]:
    """One of each filing, but for those that the office has answered otherwise than by receiving them.

    Args:
        sent_at: When each was to be sent, by number: whatever isn't known of one, it is among them.
        facts: Partition, fact, and the real instant at which the fact was to happen.
        planned_at: For when the next step of those is planned that nobody has come to, by number.
        shown_at: When the read model showed a position of a partition.
    """
    found: dict[int, Receipt] = {}
    answered: set[int] = set()
    for partition, fact, real_at in facts:
        if fact.number not in sent_at or fact.number in found or fact.refusal is not None:
            continue
        if fact.action in _RECEIVING:
            planned = None if fact.action == Action.RESOLVE_AT_ONCE else real_at
            shown = shown_at(partition, fact.position)
            found[fact.number] = Receipt(sent_at[fact.number], planned, shown)
        elif fact.action != Action.SUBMIT:
            answered.add(fact.number)
    for number in sent_at.keys() - found.keys() - answered:
        found[number] = Receipt(sent_at[number], planned_at.get(number), None)
    return list(found.values())


def due_between(known: Iterable[Receipt], since: float, until: float) -> list[Receipt]:
    """Those that were sent from one instant on and should have been received by another, whether or not they were."""
    return [receipt for receipt in known if receipt.sent_at >= since and receipt.should_at <= until]
