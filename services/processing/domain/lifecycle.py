"""The lifecycle: one table that says who may do what in which status, and the one function that applies it.

Everything drawn or generated from the lifecycle (diagram, reference page, what the portal offers, property tests) comes
from `TRANSITIONS`. Sources: the ten statuses of the National Public Service Portal; Decree 61/2018/NĐ-CP Articles
17-20 for what an office may do; forms of Circular 01/2018/TT-VPCP Article 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.contracts.vocabulary import Action, Actor, Refusal, Status


class DeadlineEffect(StrEnum):
    """What a transition does to the dossier's time limit."""

    NONE = "none"
    START = "start"  #: the limit runs from here
    SUSPEND = "suspend"  #: time stops counting
    CONTINUE = "continue"  #: by the procedure's rule: counted from zero again, or where it stopped
    RESUME = "resume"  #: counted on from where it stopped


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table."""

    before: Status | None  #: `None`: there is no dossier yet
    action: Action
    after: Status
    actors: frozenset[Actor]
    effect: DeadlineEffect = DeadlineEffect.NONE
    form: str | None = None  #: form of Circular 01/2018/TT-VPCP that is issued
    needs_receipt: bool | None = None  #: only if the dossier has (True) or hasn't (False) been received before
    source: str = ""


_APPLICANT = frozenset({Actor.APPLICANT})
_OFFICER = frozenset({Actor.OFFICER})
_DECIDERS = frozenset({Actor.OFFICER, Actor.LEADER})
_OFFICER_OR_CLOCK = frozenset({Actor.OFFICER, Actor.CLOCK})

TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition(None, Action.SUBMIT, Status.SUBMITTED, _APPLICANT, source="NĐ 61/2018 Đ16"),
    Transition(
        Status.SUBMITTED, Action.RECEIVE, Status.RECEIVED, _OFFICER, DeadlineEffect.START, "01", source="NĐ 61/2018 Đ17"
    ),
    Transition(
        Status.SUBMITTED, Action.REFUSE_INTAKE, Status.NOT_RECEIVED, _OFFICER, form="03", source="NĐ 61/2018 Đ17.1"
    ),
    Transition(
        Status.SUBMITTED,
        Action.REQUEST_SUPPLEMENT,
        Status.SUPPLEMENT_REQUESTED,
        _OFFICER,
        DeadlineEffect.SUSPEND,
        "02",
        source="NĐ 61/2018 Đ17.1, 17.2",
    ),
    Transition(Status.SUBMITTED, Action.WITHDRAW, Status.WITHDRAWN, _APPLICANT),
    Transition(Status.RECEIVED, Action.START, Status.IN_PROCESS, _OFFICER, source="NĐ 61/2018 Đ18, 19"),
    Transition(
        Status.RECEIVED,
        Action.REQUEST_SUPPLEMENT,
        Status.SUPPLEMENT_REQUESTED,
        _OFFICER,
        DeadlineEffect.SUSPEND,
        "02",
        source="NĐ 61/2018 Đ19.4",
    ),
    Transition(Status.RECEIVED, Action.WITHDRAW, Status.WITHDRAWN, _APPLICANT),
    Transition(
        Status.IN_PROCESS,
        Action.REQUEST_SUPPLEMENT,
        Status.SUPPLEMENT_REQUESTED,
        _OFFICER,
        DeadlineEffect.SUSPEND,
        "02",
        source="NĐ 61/2018 Đ19.4",
    ),
    Transition(
        Status.IN_PROCESS,
        Action.REQUEST_PAYMENT,
        Status.PAYMENT_REQUESTED,
        _OFFICER,
        DeadlineEffect.SUSPEND,
        source="suspension: our rule",
    ),
    Transition(Status.IN_PROCESS, Action.WITHDRAW, Status.WITHDRAWN, _APPLICANT),
    Transition(Status.IN_PROCESS, Action.STOP, Status.STOPPED, _DECIDERS),
    Transition(Status.IN_PROCESS, Action.GRANT, Status.PROCESSED, _DECIDERS, source="NĐ 61/2018 Đ19"),
    Transition(
        Status.IN_PROCESS,
        Action.REFUSE,
        Status.PROCESSED,
        _DECIDERS,
        form="03",
        source="NĐ 61/2018 Đ19.8: the refusal is the result",
    ),
    Transition(Status.SUPPLEMENT_REQUESTED, Action.RESUBMIT, Status.SUBMITTED, _APPLICANT, needs_receipt=False),
    Transition(
        Status.SUPPLEMENT_REQUESTED,
        Action.SUPPLEMENT,
        Status.IN_PROCESS,
        _APPLICANT,
        DeadlineEffect.CONTINUE,
        needs_receipt=True,
        source="restart: NĐ 61/2018 Đ19.4; pause: Luật QLT 38/2019 Đ75.1",
    ),
    Transition(Status.SUPPLEMENT_REQUESTED, Action.WITHDRAW, Status.WITHDRAWN, _APPLICANT),
    Transition(
        Status.SUPPLEMENT_REQUESTED,
        Action.STOP,
        Status.STOPPED,
        _OFFICER_OR_CLOCK,
        source="after silence: NĐ 68/2016 for warehouses; elsewhere our rule",
    ),
    Transition(
        Status.PAYMENT_REQUESTED,
        Action.PAY,
        Status.IN_PROCESS,
        frozenset({Actor.APPLICANT, Actor.OFFICER}),
        DeadlineEffect.RESUME,
        source="resumption: our rule",
    ),
    Transition(Status.PAYMENT_REQUESTED, Action.STOP, Status.STOPPED, _OFFICER_OR_CLOCK, source="our rule"),
    Transition(Status.PROCESSED, Action.RETURN_RESULT, Status.RETURNED, _OFFICER, source="NĐ 61/2018 Đ20"),
)

_BY_KEY: Final[Mapping[tuple[Status | None, Action], Transition]] = {
    (row.before, row.action): row for row in TRANSITIONS
}


class IllegalTransitionError(Exception):
    """The dossier's status, or who asks, doesn't allow the action."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def transition(status: Status | None, action: Action, actor: Actor, *, was_received: bool) -> Transition:
    """The row that applies.

    Args:
        status: where the dossier is; `None` when it is being filed.
        action: what is to be done.
        actor: who does it.
        was_received: whether it has been received (status 2) before.

    Raises:
        IllegalTransitionError: no such row, or not for this actor; nothing changes.
    """
    row = _BY_KEY.get((status, action))
    if row is None or (row.needs_receipt is not None and row.needs_receipt != was_received):
        raise IllegalTransitionError(Refusal.ILLEGAL_TRANSITION)
    if actor not in row.actors:
        raise IllegalTransitionError(Refusal.ACTOR_NOT_ALLOWED)
    return row
