"""What an action carries beside reason and note: the `detail` of a requested action and of its fact.

A JSON object with the keys of its action, all text but amounts; most actions have none. Whoever asks gives the keys
marked "asked", processing adds the others. Additive changes only.
"""

from typing import Final, TypedDict

from services.contracts.vocabulary import Action

#: The largest amount of one dossier, in dong; far above any duty.
MOST_VND: Final = 10**13


class RequestPaymentDetail(TypedDict):
    """`request-payment`: asked; without it the procedure's fee."""

    amount_vnd: int


class DebitDetail(TypedDict):
    """`debit` and `pay`."""

    paid_at: str  #: asked: the instant at which the bank confirmed the debit (Circular 184/2015/TT-BTC art. 4.1)
    recorded_on: str  #: added to `debit`: when the payment message reaches customs
    payment_id: str  #: asked: identification number of the payment document


class ApologizeDetail(TypedDict):
    """`apologize`."""

    new_date_at: str  #: asked: the new date, after the due instant
    due_at: str  #: added: what it was due by


class ExtendDetail(TypedDict):
    """`extend`: added."""

    step_id: str
    amount: int
    unit: str  #: value of a `TimeUnit`
    article: str


class CompleteStepDetail(TypedDict):
    """`complete-step`: asked or, when left out, the next one."""

    step_id: str


class ForwardDetail(TypedDict):
    """`forward`."""

    to_level: str  #: asked: value of an `AuthorityLevel` above the one it is at


class ConsultDetail(TypedDict):
    """`consult` and `give-opinion`."""

    unit: str  #: asked: who is consulted
    answer_by: str  #: asked of `consult`: the stated time


class ReclassifyDetail(TypedDict):
    """`reclassify`: added, or asked by an officer."""

    traits: dict[str, str]  #: that the dossier takes on


class RateDetail(TypedDict):
    """`rate`: asked."""

    satisfaction: str  #: value of a `Satisfaction`


class RescheduleDetail(TypedDict):
    """`reschedule`: added."""

    due_before: str
    decision_number: str
    sequence: int  #: of the command that brought the decision, in the partition's log


#: Keys that whoever asks for an action gives; an action that isn't here takes no detail.
ASKED_KEYS: Final[dict[Action, tuple[str, ...]]] = {
    Action.REQUEST_PAYMENT: ("amount_vnd",),
    Action.DEBIT: ("paid_at", "payment_id"),
    Action.PAY: ("paid_at", "payment_id"),
    Action.APOLOGIZE: ("new_date_at",),
    Action.COMPLETE_STEP: ("step_id",),
    Action.FORWARD: ("to_level",),
    Action.CONSULT: ("unit", "answer_by"),
    Action.GIVE_OPINION: ("unit",),
    Action.RECLASSIFY: ("traits",),
    Action.RATE: ("satisfaction",),
}
