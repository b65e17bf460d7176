"""The same staffing with other officers at one queue: shifts and leave stay in proportion."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import heapify, heapreplace

from services.contracts.staffing import Desk, Staffing
from services.planner.workload import Queue


def officers_at(staffing: Staffing, queue: Queue) -> int:
    """How many officers serve a queue, leave not counted."""
    return sum(desk.officers for desk in staffing.desks_of(*queue))


def narrowed(staffing: Staffing, queue: Queue) -> Staffing:
    """The staffing with the desks of one queue only: enough for whoever plays that, and quickly handed over."""
    return replace(staffing, desks=staffing.desks_of(*queue))


def with_officers(staffing: Staffing, officers: Mapping[Queue, int]) -> Staffing:
    """The staffing with so many officers at these queues; all others stay as they are.

    Officers of several shifts are shared out as they were; one more officer takes none from any of them. Leave shrinks
    or grows with its desk.

    Raises:
        LookupError: no desk serves one of the queues, so nothing says when its officers would work.
    """
    changed = [desk for queue, count in officers.items() for desk in _desks_with(staffing, queue, count)]
    named = set(officers)
    kept = [desk for desk in staffing.desks if Queue(desk.office, desk.skill) not in named]
    return replace(staffing, desks=(*kept, *changed))


def _desks_with(staffing: Staffing, queue: Queue, count: int) -> list[Desk]:
    desks = staffing.desks_of(*queue)
    if not desks:
        raise LookupError(f"{queue.office_code} {queue.skill}")
    shares = share_out_one_by_one(count, weights_of(desks))
    return [_resized(desk, queue.office_code, share) for desk, share in zip(desks, shares, strict=True)]


def weights_of(desks: Sequence[Desk]) -> list[int]:
    """In which proportion the desks of a queue share its officers; where there are none, all alike."""
    weights = [desk.officers for desk in desks]
    return weights if any(weights) else [1] * len(desks)


def share_out_one_by_one(total: int, weights: Sequence[int]) -> list[int]:
    """Whole numbers in proportion to the weights that add up exactly, and of which none falls when the total rises.

    The next one goes to whoever has the most weight beside twice what it has and one (Sainte-Laguë), ties to the first.
    Largest remainders (`services.simulator.draws.share_out`) may give one more to two and take one from a third; with
    that more officers could be late more often, and a search that halves would miss the fewest.

    Args:
        total: What they add up to.
        weights: Not negative, at least one above 0.

    >>> share_out_one_by_one(10, [6, 6, 2]), share_out_one_by_one(11, [6, 6, 2])
    ([5, 4, 1], [5, 5, 1])
    """
    shares = [0] * len(weights)
    # What speaks for each to get the next one, the most first; an equal ratio is an equal float, so ties are ties.
    waiting = [(-float(weight), place) for place, weight in enumerate(weights)]
    heapify(waiting)
    for _ in range(total):
        place = waiting[0][1]
        shares[place] += 1
        heapreplace(waiting, (-weights[place] / (2 * shares[place] + 1), place))
    return shares


def _resized(desk: Desk, office: str, officers: int) -> Desk:
    scale = officers / desk.officers if desk.officers else 0.0
    leave = [replace(one, officers=min(round(one.officers * scale), officers)) for one in desk.leave]
    return replace(desk, office=office, officers=officers, leave=tuple(one for one in leave if one.officers))
