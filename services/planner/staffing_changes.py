"""The same staffing with other officers at one queue: shifts and leave stay in proportion."""

from collections.abc import Mapping
from dataclasses import replace

from services.contracts.staffing import Desk, Staffing
from services.planner.workload import Queue
from services.simulator.draws import share_out


def officers_at(staffing: Staffing, queue: Queue) -> int:
    """How many officers serve a queue, leave not counted."""
    return sum(desk.officers for desk in staffing.desks_of(*queue))


def narrowed(staffing: Staffing, queue: Queue) -> Staffing:
    """The staffing with the desks of one queue only: enough for whoever plays that, and quickly handed over."""
    return replace(staffing, desks=staffing.desks_of(*queue))


def with_officers(staffing: Staffing, officers: Mapping[Queue, int]) -> Staffing:
    """The staffing with so many officers at these queues; all others stay as they are.

    Officers of several shifts are shared out as they were. Leave shrinks or grows with its desk.

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
    weights = [max(desk.officers, 0) for desk in desks]
    shares = share_out(count, weights if any(weights) else [1] * len(desks))
    return [_resized(desk, queue.office_code, share) for desk, share in zip(desks, shares, strict=True)]


def _resized(desk: Desk, office: str, officers: int) -> Desk:
    scale = officers / desk.officers if desk.officers else 0.0
    leave = [replace(one, officers=min(round(one.officers * scale), officers)) for one in desk.leave]
    return replace(desk, office=office, officers=officers, leave=tuple(one for one in leave if one.officers))
