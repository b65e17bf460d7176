"""What happens to a dossier by itself, whoever decides: results at once, recorded payments, the end of silence.

Plans only; carries nothing out, and knows nothing of robots.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.casework.acts import leads_elsewhere
from services.casework.case import Case, NextStep
from services.contracts.catalogue import SilenceOutcome
from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.law import terms
from services.law.calendar import WorkingCalendar


def step_by_itself(case: Case, calendar: WorkingCalendar) -> NextStep | None:
    """What happens to the dossier if no person and no robot does anything; `None`: it waits for one of them."""
    if case.status is Status.SUBMITTED:
        return resolution(case)
    if case.status is Status.SUPPLEMENT_REQUESTED or case.status is Status.PAYMENT_REQUESTED:
        return recording(case) or end_of_silence(case, calendar)
    return None


def resolution(case: Case) -> NextStep | None:
    """The result of a procedure that the system resolves by itself, at the instant of the filing.

    Source: NĐ 61/2018 Đ17.4, immediate results; which dossiers is said by the catalogue (`automatic_when`).
    """
    wanted, traits = case.procedure.automatic_when, case.traits
    if wanted is None:
        return None
    for name, value in wanted.items():
        if traits.get(name) != value:
            return None
    return NextStep(case.status_at, Action.RESOLVE_AT_ONCE, Actor.SYSTEM, Reason.AUTOMATIC)


def recording(case: Case) -> NextStep | None:
    """Customs gets word of a payment that the bank debited after its cut-off; silence is over with the debit.

    On the day that the debit's fact named, also when the calendar changes afterwards (ours).
    """
    debit = case.particulars.debit
    return NextStep(debit.recorded_on, Action.PAY, Actor.BANK, Reason.PAID) if debit else None


def end_of_silence(case: Case, calendar: WorkingCalendar) -> NextStep:
    """The end of the wait for an applicant who doesn't answer.

    The term is the procedure's own, counted from the request; for payments the same one (ours). What becomes of the
    dossier is the procedure's, too: but one that was never received is stopped, for there is nothing to refuse or to
    go on with, and so is one that is under the stricter terms already (both ours).
    """
    supplement = case.procedure.supplement
    at = terms.silence_ends_at(supplement, case.status_at, calendar)
    if case.status is Status.PAYMENT_REQUESTED:
        return NextStep(at, Action.STOP, Actor.CLOCK, Reason.UNPAID)
    action = Action.STOP
    if case.was_received and supplement.silence_outcome is SilenceOutcome.REFUSE:
        action = Action.REFUSE
    elif supplement.silence_outcome is SilenceOutcome.RECLASSIFY and leads_elsewhere(case, supplement.silence_traits):
        action = Action.RECLASSIFY
    return NextStep(at, action, Actor.CLOCK, Reason.APPLICANT_SILENT)


def detail_by_itself(case: Case, action: Action) -> Mapping[str, Any] | None:
    """What an action of this module brings with it."""
    tell = _DETAILS.get(action)
    return tell(case) if tell is not None else None


def _stricter_terms(case: Case) -> Mapping[str, Any]:
    return {"traits": dict(case.procedure.supplement.silence_traits)}


def _debited(case: Case) -> Mapping[str, Any] | None:
    debit = case.particulars.debit
    return {"paid_at": debit.paid_at.isoformat(), "payment_id": debit.payment_id} if debit else None


_DETAILS: Final[Mapping[Action, Callable[[Case], Mapping[str, Any] | None]]] = {
    Action.RECLASSIFY: _stricter_terms,
    Action.PAY: _debited,
}
