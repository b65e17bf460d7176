"""Random ledgers for hypothesis: a few dossiers side by side, every action of the lifecycle, deadlines of any kind.

Obeys what counting relies on: a limit stands still exactly while a supplement or a payment is awaited, and steps that
leave the limit alone leave it alone. Otherwise due instants are whatever comes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from services.contracts.facts import Fact
from services.contracts.vocabulary import Action, Satisfaction, Status
from tests.support.facts import MONDAY, HandLedger

_ANY_TIME = [Action.APOLOGIZE, Action.APOLOGIZE, Action.RESCHEDULE, Action.FORWARD]

#: What may follow a status, received before or not.
NEXT = {
    (Status.SUBMITTED, False): [
        Action.RECEIVE,
        Action.RECEIVE,
        Action.RESOLVE_AT_ONCE,
        Action.REFUSE_INTAKE,
        Action.REQUEST_SUPPLEMENT,
        Action.WITHDRAW,
    ],
    (Status.SUPPLEMENT_REQUESTED, False): [Action.RESUBMIT, Action.WITHDRAW, Action.STOP],
    (Status.RECEIVED, True): [Action.START, Action.REQUEST_SUPPLEMENT, Action.WITHDRAW, *_ANY_TIME],
    (Status.IN_PROCESS, True): [
        Action.REQUEST_SUPPLEMENT,
        Action.REQUEST_PAYMENT,
        Action.WITHDRAW,
        Action.STOP,
        Action.GRANT,
        Action.GRANT,
        Action.REFUSE,
        Action.COMPLETE_STEP,
        Action.EXTEND,
        Action.RECLASSIFY,
        Action.CONSULT,
        *_ANY_TIME,
    ],
    (Status.SUPPLEMENT_REQUESTED, True): [
        Action.SUPPLEMENT,
        Action.SUPPLEMENT,
        Action.WITHDRAW,
        Action.STOP,
        Action.REFUSE,
        Action.RECLASSIFY,
        Action.RESCHEDULE,
    ],
    (Status.PAYMENT_REQUESTED, True): [Action.PAY, Action.DEBIT, Action.STOP, Action.WITHDRAW],
    (Status.PROCESSED, True): [Action.RETURN_RESULT, Action.ANNOUNCE_EARLY_RESULT],
    (Status.RETURNED, True): [Action.RATE],
}

#: Where an action leads from a certain status, when it isn't where it leads from any other.
_LEADS = {(Status.SUPPLEMENT_REQUESTED, Action.RECLASSIFY): Status.IN_PROCESS}

_SUSPENDED = {Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED}
_MOVES_DUE = {
    Action.RECEIVE,
    Action.SUPPLEMENT,
    Action.PAY,
    Action.COMPLETE_STEP,
    Action.EXTEND,
    Action.RECLASSIFY,
    Action.RESCHEDULE,
}
_SPANS = [timedelta(minutes=minutes) for minutes in (-20_000, -3000, -1, 0, 1, 500, 1440, 5000, 20_000, 60_000)]
_PAUSES = [timedelta(minutes=minutes) for minutes in (0, 1, 60, 600, 5000, 20_000)]

#: Chooses one of a list: hypothesis, which can make a failing ledger smaller, or chance, which gets about more.
Pick = Callable[[Sequence[Any]], Any]


@st.composite
def ledgers(draw: st.DrawFn, *, max_facts: int = 40, max_dossiers: int = 6) -> list[Fact]:
    """Facts of a partition; the fewer dossiers share them, the more happens to each."""
    return make_ledger(lambda choices: draw(st.sampled_from(choices)), draw(st.integers(0, max_facts)), max_dossiers)


def seeded_ledger(seed: int, *, facts: int = 30, max_dossiers: int = 3) -> list[Fact]:
    """The same by chance."""
    return make_ledger(Random(seed).choice, facts, max_dossiers)


def make_ledger(pick: Pick, fact_count: int, max_dossiers: int) -> list[Fact]:
    """Facts of a partition."""
    ledger, numbers, at = HandLedger(), 0, MONDAY
    for _ in range(fact_count):
        at += pick(_PAUSES)
        number = pick(range(1, min(numbers + 1, max_dossiers) + 1))
        if number > numbers:
            numbers = number
            _file(pick, ledger, number, at)
        else:
            _continue(pick, ledger, number, at)
    return ledger.facts


def _file(pick: Pick, ledger: HandLedger, number: int, at: datetime) -> None:
    ledger.file(
        number,
        at,
        office_code=pick(["30F1", "30F2", "02CI"]),
        procedure_id=pick(["refund-first", "cancellation"]),
        channel=pick(["online", "post", "in-person"]),
        limit_unit=pick(["working-days", "working-hours", "calendar-days", None]),
        applicant_id=pick(["0100109106", "0300588569"]),
    )


def _continue(pick: Pick, ledger: HandLedger, number: int, at: datetime) -> None:
    last = ledger.last(number)
    choices = NEXT.get((Status(last.status), last.received_at is not None))
    if choices is None or pick(range(10)) == 0:
        ledger.refuse(number, Action.GRANT, at)
        return
    action = pick(choices)
    if action is Action.RATE and last.action == Action.RATE:
        return
    changes: dict[str, Any] = {}
    if (status := _LEADS.get((Status(last.status), action))) is not None:
        changes["status"] = int(status)
    if action is Action.RATE:
        changes["detail"] = {"satisfaction": str(pick(list(Satisfaction)))}
    if action is Action.APOLOGIZE:
        changes["detail"] = {"new_date_at": (at + abs(pick(_SPANS))).isoformat()}
    if action is Action.RECLASSIFY and last.limit_unit is not None:
        changes["limit_unit"] = pick(["working-days", "working-hours"])
    ledger.act(number, action, at, due_at=_due(pick, last, action, at), **changes)


def _due(pick: Pick, last: Fact, action: Action, at: datetime) -> datetime | None:
    """As it stands after the action."""
    is_waiting = last.status in _SUSPENDED and action not in {Action.SUPPLEMENT, Action.PAY, Action.RECLASSIFY}
    is_asked = action in {Action.REQUEST_SUPPLEMENT, Action.REQUEST_PAYMENT}
    if last.limit_unit is None or is_waiting or is_asked or action is Action.RESOLVE_AT_ONCE:
        return None
    if action in _MOVES_DUE:
        due_at: datetime = at + pick(_SPANS)
        return due_at
    return last.due_at
