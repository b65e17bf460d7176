"""The lifecycle: one table that says who may do what in which status, and the one function that applies it.

Everything drawn or generated from the lifecycle (diagram, reference page, what the portal offers, property tests) comes
from `TRANSITIONS`. Sources: the ten statuses of the National Public Service Portal; Decree 61/2018/NĐ-CP Articles
17-20 for what an office may do; forms of Circular 01/2018/TT-VPCP Article 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.contracts.vocabulary import Action, Actor, Refusal, Status
from services.law.effects import DeadlineEffect


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
_LEADER = frozenset({Actor.LEADER})
_DECIDERS = frozenset({Actor.OFFICER, Actor.LEADER})
_CLOCK = frozenset({Actor.CLOCK})
_OFFICER_OR_CLOCK = frozenset({Actor.OFFICER, Actor.CLOCK})
_SYSTEM = frozenset({Actor.SYSTEM})
_BANK = frozenset({Actor.BANK})
_BANK_OR_OFFICER = frozenset({Actor.BANK, Actor.OFFICER})

_WITHDRAWAL: Final = "status 7 of the national portal; until when: our rule"
_FORWARDING: Final = "NĐ 61/2018 Đ18; level by level: TT 39/2018 Đ134, Đ135.6"
_CALENDAR: Final = "our rule: a limit is counted on the calendar that holds"


def _stays(
    status: Status,
    action: Action,
    actors: frozenset[Actor],
    source: str,
    **more: Any,
) -> Transition:
    """A row that doesn't leave its status."""
    return Transition(status, action, status, actors, source=source, **more)


_BEFORE_RECEIPT: Final = (
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
        source="NĐ 61/2018 Đ17.1, 17.2; once: Đ15.3",
    ),
    Transition(Status.SUBMITTED, Action.WITHDRAW, Status.WITHDRAWN, _APPLICANT, source=_WITHDRAWAL),
    Transition(
        Status.SUBMITTED,
        Action.RESOLVE_AT_ONCE,
        Status.RETURNED,
        _SYSTEM,
        source="NĐ 61/2018 Đ17.4; for which procedures: the catalogue",
    ),
)

_RECEIVED: Final = (
    Transition(Status.RECEIVED, Action.START, Status.IN_PROCESS, _OFFICER, source="NĐ 61/2018 Đ18, 19"),
    Transition(
        Status.RECEIVED,
        Action.REQUEST_SUPPLEMENT,
        Status.SUPPLEMENT_REQUESTED,
        _OFFICER,
        DeadlineEffect.SUSPEND,
        "02",
        source="NĐ 61/2018 Đ19.4; once: Đ15.3",
    ),
    Transition(Status.RECEIVED, Action.WITHDRAW, Status.WITHDRAWN, _APPLICANT, source=_WITHDRAWAL),
    _stays(Status.RECEIVED, Action.APOLOGIZE, _DECIDERS, "NĐ 61/2018 Đ19.9", form="04"),
    _stays(Status.RECEIVED, Action.FORWARD, _OFFICER, _FORWARDING),
    _stays(Status.RECEIVED, Action.RESCHEDULE, _SYSTEM, _CALENDAR),
)

_IN_PROCESS: Final = (
    Transition(
        Status.IN_PROCESS,
        Action.REQUEST_SUPPLEMENT,
        Status.SUPPLEMENT_REQUESTED,
        _OFFICER,
        DeadlineEffect.SUSPEND,
        "02",
        source="NĐ 61/2018 Đ19.4; once: Đ15.3",
    ),
    Transition(
        Status.IN_PROCESS,
        Action.REQUEST_PAYMENT,
        Status.PAYMENT_REQUESTED,
        _OFFICER,
        DeadlineEffect.SUSPEND,
        source="status 6 of the national portal; suspension: our rule",
    ),
    Transition(Status.IN_PROCESS, Action.WITHDRAW, Status.WITHDRAWN, _APPLICANT, source=_WITHDRAWAL),
    Transition(Status.IN_PROCESS, Action.STOP, Status.STOPPED, _DECIDERS, source="status 8; by an officer: our rule"),
    Transition(Status.IN_PROCESS, Action.GRANT, Status.PROCESSED, _DECIDERS, source="NĐ 61/2018 Đ19"),
    Transition(
        Status.IN_PROCESS,
        Action.REFUSE,
        Status.PROCESSED,
        _DECIDERS,
        form="03",
        source="NĐ 61/2018 Đ19.8: the refusal is the result",
    ),
    _stays(
        Status.IN_PROCESS,
        Action.COMPLETE_STEP,
        _OFFICER,
        "the procedure's own steps, such as NĐ 68/2016 Đ6, TT 39/2018 Đ129",
        effect=DeadlineEffect.COMPLETE_STEP,
    ),
    _stays(
        Status.IN_PROCESS,
        Action.EXTEND,
        _LEADER,
        "the procedure's own extension, such as Luật Hải quan 54/2014 Đ28, TT 39/2018 Đ20",
        effect=DeadlineEffect.EXTEND,
    ),
    _stays(Status.IN_PROCESS, Action.APOLOGIZE, _DECIDERS, "NĐ 61/2018 Đ19.9", form="04"),
    _stays(Status.IN_PROCESS, Action.FORWARD, _OFFICER, _FORWARDING),
    _stays(Status.IN_PROCESS, Action.CONSULT, _OFFICER, "NĐ 61/2018 Đ19.5"),
    _stays(Status.IN_PROCESS, Action.GIVE_OPINION, _OFFICER, "NĐ 61/2018 Đ19.5"),
    _stays(
        Status.IN_PROCESS,
        Action.RECLASSIFY,
        _DECIDERS,
        "TT 39/2018 Đ129.4a; Luật QLT 38/2019 Đ73.2",
        effect=DeadlineEffect.RECLASSIFY,
    ),
    _stays(Status.IN_PROCESS, Action.RESCHEDULE, _SYSTEM, _CALENDAR),
)

_WAITING_FOR_SUPPLEMENT: Final = (
    Transition(
        Status.SUPPLEMENT_REQUESTED,
        Action.RESUBMIT,
        Status.SUBMITTED,
        _APPLICANT,
        needs_receipt=False,
        source="NĐ 61/2018 Đ17.2",
    ),
    Transition(
        Status.SUPPLEMENT_REQUESTED,
        Action.SUPPLEMENT,
        Status.IN_PROCESS,
        _APPLICANT,
        DeadlineEffect.CONTINUE,
        needs_receipt=True,
        source="restart: NĐ 61/2018 Đ19.4; pause: Luật QLT 38/2019 Đ75.1",
    ),
    Transition(Status.SUPPLEMENT_REQUESTED, Action.WITHDRAW, Status.WITHDRAWN, _APPLICANT, source=_WITHDRAWAL),
    Transition(
        Status.SUPPLEMENT_REQUESTED,
        Action.STOP,
        Status.STOPPED,
        _OFFICER_OR_CLOCK,
        source="after silence: NĐ 68/2016 Đ6, 12, 18, 33 for warehouses; elsewhere our rule",
    ),
    Transition(
        Status.SUPPLEMENT_REQUESTED,
        Action.REFUSE,
        Status.PROCESSED,
        _CLOCK,
        form="03",
        needs_receipt=True,
        source="after silence: TT 13/2015 Đ7, IPR",
    ),
    Transition(
        Status.SUPPLEMENT_REQUESTED,
        Action.RECLASSIFY,
        Status.IN_PROCESS,
        _CLOCK,
        DeadlineEffect.RECLASSIFY,
        needs_receipt=True,
        source="after silence: TT 39/2018 Đ129.3c; Luật QLT 38/2019 Đ73.2đ",
    ),
    _stays(
        Status.SUPPLEMENT_REQUESTED,
        Action.RESCHEDULE,
        _SYSTEM,
        f"{_CALENDAR}; overdue before the request",
        needs_receipt=True,
    ),
)

_WAITING_FOR_PAYMENT: Final = (
    _stays(Status.PAYMENT_REQUESTED, Action.DEBIT, _BANK, "TT 184/2015 Đ4.1, 17.2: after the bank's cut-off"),
    Transition(
        Status.PAYMENT_REQUESTED,
        Action.PAY,
        Status.IN_PROCESS,
        _BANK_OR_OFFICER,
        DeadlineEffect.RESUME,
        source="TT 184/2015 Đ17.3; resumption: our rule",
    ),
    Transition(Status.PAYMENT_REQUESTED, Action.WITHDRAW, Status.WITHDRAWN, _APPLICANT, source=_WITHDRAWAL),
    Transition(Status.PAYMENT_REQUESTED, Action.STOP, Status.STOPPED, _OFFICER_OR_CLOCK, source="our rule"),
    _stays(Status.PAYMENT_REQUESTED, Action.RESCHEDULE, _SYSTEM, f"{_CALENDAR}; overdue before the request"),
)

_DECIDED: Final = (
    _stays(Status.PROCESSED, Action.ANNOUNCE_EARLY_RESULT, _OFFICER, "NĐ 61/2018 Đ20.4"),
    Transition(Status.PROCESSED, Action.RETURN_RESULT, Status.RETURNED, _OFFICER, source="NĐ 61/2018 Đ20"),
    _stays(Status.RETURNED, Action.RATE, _APPLICANT, "TT 32/2017/TT-BTTTT Đ11.2, 12"),
)

#: Every row there is. `rate` follows the end of a dossier, but changes no status: what is terminal stays so.
TRANSITIONS: Final[tuple[Transition, ...]] = (
    *_BEFORE_RECEIPT,
    *_RECEIVED,
    *_IN_PROCESS,
    *_WAITING_FOR_SUPPLEMENT,
    *_WAITING_FOR_PAYMENT,
    *_DECIDED,
)

_BY_STATUS: Final[Mapping[Status | None, Mapping[Action, Transition]]] = {
    status: {row.action: row for row in TRANSITIONS if row.before is status} for status in (None, *Status)
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
    row = _BY_STATUS[status].get(action)
    if row is None or (row.needs_receipt is not None and row.needs_receipt != was_received):
        raise IllegalTransitionError(Refusal.ILLEGAL_TRANSITION)
    if actor not in row.actors:
        raise IllegalTransitionError(Refusal.ACTOR_NOT_ALLOWED)
    return row
