"""What may be done to a dossier beside what the lifecycle table says, and what it changes: action by action.

Pure. Who may act in which status is the table's (`lifecycle`), what happens to a time limit the law's
(`services.law`). All of an action is checked before anything changes, so a refusal leaves the dossier as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from services.casework.case import Case
from services.casework.lifecycle import IllegalTransitionError, transition
from services.casework.particulars import Consultation, Debit, Particulars
from services.contracts.catalogue import AuthorityLevel
from services.contracts.details import ASKED_KEYS, MOST_VND
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import Action, Actor, Channel, Refusal, Satisfaction
from services.law import deadlines, terms
from services.law.calendar import OutsideCalendarError, WorkingCalendar
from services.law.deadlines import Deadline, RefusedByLawError
from services.law.effects import DeadlineEffect, apply_effect
from services.law.rules import NoRuleError, rule_for

#: Longest text in a detail, in characters. Ours.
_LONGEST_TEXT: Final = 200

_LEVELS: Final = tuple(AuthorityLevel)
_ONLINE: Final = Channel.ONLINE.value

Detail = Mapping[str, Any]


class UnlawfulActError(Exception):
    """The dossier's status allows the action, but the law or the details given with it don't."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


#: Whatever of these `move` raises, nothing has changed; each has a `refusal`.
REFUSALS: Final = (IllegalTransitionError, UnlawfulActError, RefusedByLawError)


@dataclass(slots=True)  # not frozen: one is made for each result, and freezing takes three times as long
class _Doing:
    """An action that is being checked; what was given with it comes from outside, so it is taken apart with care."""

    case: Case
    at: datetime
    given: Detail
    calendar: WorkingCalendar

    @property
    def deadline(self) -> Deadline:
        """The limit; an action on a dossier without one is refused."""
        if self.case.deadline is None:
            raise UnlawfulActError(Refusal.NOT_PROVIDED)
        return self.case.deadline

    def text(self, key: str) -> str:
        """A text that was given."""
        value = self.given.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_TEXT:
            raise UnlawfulActError(Refusal.UNFIT_DETAIL)
        return value

    def instant(self, key: str) -> datetime:
        """An instant that was given, in UTC and within the calendar's horizon."""
        try:
            at = datetime.fromisoformat(self.text(key))
            if at.tzinfo is None:
                raise UnlawfulActError(Refusal.UNFIT_DETAIL)
            self.calendar.local_date(at)
        except (ValueError, OverflowError, OutsideCalendarError) as error:
            raise UnlawfulActError(Refusal.UNFIT_DETAIL) from error
        return at.astimezone(UTC)


#: What an action brings beside its row: the detail for its fact, and what becomes particular to the dossier.
_Outcome = tuple[Detail | None, Particulars]


def move(
    case: Case, action: Action, actor: Actor, at: datetime, calendar: WorkingCalendar, *, detail: Detail | None = None
) -> Detail | None:
    """Carry out an action on a dossier.

    Args:
        case: Changed as the lifecycle and the law say.
        action: What is done.
        actor: Who does it.
        at: When.
        calendar: Of the sandbox.
        detail: What was given with it, see `services.contracts.details`.

    Returns:
        The detail of its fact; None: it has none.

    Raises:
        IllegalTransitionError: The status or the actor doesn't allow it. Nothing has changed, nor with the next two.
        UnlawfulActError: The law or the details don't.
        RefusedByLawError: The time limit doesn't.
    """
    row = transition(case.status, action, actor, was_received=case.received_at is not None)
    if detail and actor is not Actor.SYSTEM:
        _check_keys(action, detail)
    recorded: Detail | None = None
    particulars, deadline = case.particulars, case.deadline
    if (check := _CHECKS.get(action)) is not None:
        recorded, particulars = check(_Doing(case, at, detail or {}, calendar))
    if row.effect is not DeadlineEffect.NONE:
        deadline = apply_effect(
            deadline, row.effect, at, case.procedure, case.traits, recorded, received_at=case.received_at
        )
    # From here on nothing is refused.
    if row.before is not row.after:
        case.status, case.status_at = row.after, at
        if particulars.acted_at is not None:
            particulars = particulars._replace(acted_at=None)
    elif action is not Action.RESCHEDULE:
        particulars = particulars._replace(acted_at=at)
    case.particulars, case.deadline = particulars, deadline
    if (note := _NOTES.get(action)) is not None:
        note(case, at, recorded)
    return recorded


def _note_receipt(case: Case, at: datetime, _recorded: Detail | None) -> None:
    case.received_at = at


def _note_turn(case: Case, _at: datetime, _recorded: Detail | None) -> None:
    case.turn += 1


def _note_traits(case: Case, _at: datetime, recorded: Detail | None) -> None:
    if recorded is not None:
        case.traits = {**case.traits, **recorded["traits"]}


#: What an action changes beside what its row says.
_NOTES: Final[Mapping[Action, Callable[[Case, datetime, Detail | None], None]]] = {
    Action.RECEIVE: _note_receipt,
    Action.RESOLVE_AT_ONCE: _note_receipt,
    Action.REQUEST_SUPPLEMENT: _note_turn,
    Action.RECLASSIFY: _note_traits,
}


_NO_KEYS: Final[frozenset[str]] = frozenset()
_ASKED_KEYS: Final = {action: frozenset(keys) for action, keys in ASKED_KEYS.items()}


def _check_keys(action: Action, detail: Detail) -> None:
    if not isinstance(detail, Mapping) or not detail.keys() <= _ASKED_KEYS.get(action, _NO_KEYS):
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)


def is_early(case: Case, at: datetime, calendar: WorkingCalendar) -> bool:
    """Whether a result at this instant comes before the day that the applicant was last given.

    Compared by day also for limits in hours (ours): who was told to come this afternoon isn't sent for twice.
    """
    appointed_at = case.particulars.new_date_at or case.due_at(calendar)
    return appointed_at is not None and vietnamese_day(at) < vietnamese_day(appointed_at)


def needs_announcement(case: Case, at: datetime, calendar: WorkingCalendar) -> bool:
    """Whether the applicant has to be told before the result is returned (NĐ 61/2018 Đ20.4).

    Online the portal's notice of the decision is the announcement.
    """
    return case.channel != _ONLINE and not case.particulars.is_announced and is_early(case, at, calendar)


def _request_supplement(doing: _Doing) -> _Outcome:
    """One complete request: NĐ 61/2018 Đ15.3, 17.2; one before receipt and one after examination (Đ19.4)."""
    had = doing.case.particulars
    if had.asked_after_receipt if doing.case.was_received else had.asked_before_receipt:
        raise UnlawfulActError(Refusal.ALREADY_DONE)
    if doing.case.was_received:
        return None, had._replace(asked_after_receipt=True)
    return None, had._replace(asked_before_receipt=True)


def _request_payment(doing: _Doing) -> _Outcome:
    amount = doing.given.get("amount_vnd", doing.case.procedure.fee_vnd)
    # bool is an int to isinstance, but not an amount.
    if type(amount) is not int or not 0 < amount <= MOST_VND:
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    had = doing.case.particulars
    return {"amount_vnd": amount}, had._replace(payments_asked=had.payments_asked + 1)


def _debit(doing: _Doing) -> _Outcome:
    """After the bank's cut-off: recorded with the next working day's opening (TT 184/2015 Đ17.2).

    Which cut-off that is, is the bank's to say: what reaches customs at once is told as paid, not as debited.
    """
    had = doing.case.particulars
    if had.debit is not None:
        raise UnlawfulActError(Refusal.ALREADY_DONE)
    paid_at, payment_id = _paid_at(doing), doing.text("payment_id")
    recorded_on = max(doing.at, terms.next_working_day_opens_at(paid_at, doing.calendar))
    detail = {"paid_at": _text(paid_at), "payment_id": payment_id, "recorded_on": _text(recorded_on)}
    return detail, had._replace(debit=Debit(paid_at, payment_id, recorded_on))


def _pay(doing: _Doing) -> _Outcome:
    """Paid at the bank's debit (TT 184/2015 Đ4.1); an officer who doesn't say when means now."""
    paid_at = _paid_at(doing) if "paid_at" in doing.given else doing.at
    detail = {"paid_at": _text(paid_at)}
    if "payment_id" in doing.given:
        detail["payment_id"] = doing.text("payment_id")
    had = doing.case.particulars
    return detail, had._replace(debit=None) if had.debit else had


def _paid_at(doing: _Doing) -> datetime:
    paid_at = doing.instant("paid_at")
    if paid_at > doing.at:
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    return paid_at


def _apologize(doing: _Doing) -> _Outcome:
    """NĐ 61/2018 Đ19.9: in time, with a new date, once."""
    had, due_at = doing.case.particulars, doing.case.due_at(doing.calendar)
    if due_at is None:
        raise UnlawfulActError(Refusal.NOT_PROVIDED)
    if had.new_date_at is not None:
        raise UnlawfulActError(Refusal.ALREADY_DONE)
    if doing.at > latest_apology_at(doing.case, due_at, doing.calendar):
        raise UnlawfulActError(Refusal.TOO_LATE)
    new_date_at = doing.instant("new_date_at")
    if new_date_at <= due_at:
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    return {"new_date_at": _text(new_date_at), "due_at": _text(due_at)}, had._replace(new_date_at=new_date_at)


def latest_apology_at(case: Case, due_at: datetime, calendar: WorkingCalendar) -> datetime:
    """Until when an office may apologise to an applicant whose dossier is due at an instant."""
    return terms.apology_latest_at(due_at, case.rule(due_at).steps[-1].limit.unit, calendar)


def _extend(doing: _Doing) -> _Outcome:
    """As the open step's article allows, while the step runs (ours: an extension comes before the end, not after)."""
    _, granted = deadlines.extend(doing.deadline)
    ends_at = deadlines.open_step_due_at(doing.deadline, doing.calendar)
    if ends_at is not None and doing.at > ends_at:
        raise UnlawfulActError(Refusal.TOO_LATE)
    detail = {
        "step_id": granted.step_id,
        "amount": granted.limit.amount,
        "unit": granted.limit.unit.value,
        "article": granted.article,
    }
    return detail, doing.case.particulars


def _complete_step(doing: _Doing) -> _Outcome:
    step_id = doing.text("step_id") if "step_id" in doing.given else None
    return {"step_id": deadlines.step_to_complete(doing.deadline, step_id)}, doing.case.particulars


def _grant(doing: _Doing) -> _Outcome:
    """What the law has done in steps isn't granted before the last; a refusal may come at any time."""
    deadline = doing.deadline
    if len(deadline.rule.steps) > 1 and deadline.open_step is not deadline.rule.steps[-1]:
        raise UnlawfulActError(Refusal.STEP_OPEN)
    return None, doing.case.particulars


def _forward(doing: _Doing) -> _Outcome:
    """Upwards only (TT 39/2018 Đ134). Who has it changes; office and partition stay those of the filing."""
    had, to_level = doing.case.particulars, doing.text("to_level")
    if to_level not in _LEVELS or _LEVELS.index(AuthorityLevel(to_level)) <= _LEVELS.index(doing.case.authority_level):
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    return {"to_level": to_level}, had._replace(authority_level=AuthorityLevel(to_level))


def _consult(doing: _Doing) -> _Outcome:
    """A unit and a stated time (NĐ 61/2018 Đ19.5); one unit after the other (ours)."""
    had = doing.case.particulars
    if had.consultation is not None:
        raise UnlawfulActError(Refusal.ALREADY_DONE)
    unit, answer_by = doing.text("unit"), doing.instant("answer_by")
    if answer_by <= doing.at:
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    opened = had._replace(consultation=Consultation(unit, answer_by), consultations=had.consultations + 1)
    return {"unit": unit, "answer_by": _text(answer_by)}, opened


def _give_opinion(doing: _Doing) -> _Outcome:
    had = doing.case.particulars
    asked = had.consultation
    if asked is None:
        raise UnlawfulActError(Refusal.ALREADY_DONE if had.consultations else Refusal.UNFIT_DETAIL)
    if "unit" in doing.given and doing.text("unit") != asked.unit:
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    return {"unit": asked.unit, "answer_by": _text(asked.answer_by)}, had._replace(consultation=None)


def _reclassify(doing: _Doing) -> _Outcome:
    """To terms that the procedure knows and that lead to another limit; anything else would only look like an act."""
    traits = doing.given.get("traits")
    known = {name for rule in doing.case.procedure.limit_rules for name in rule.when}
    known |= doing.case.procedure.supplement.silence_traits.keys()
    if not known:
        raise UnlawfulActError(Refusal.NOT_PROVIDED)
    if not isinstance(traits, Mapping) or not traits.keys() <= known:
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    if not all(isinstance(value, str) and len(value) <= _LONGEST_TEXT for value in traits.values()):
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    if not leads_elsewhere(doing.case, traits):
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    return {"traits": dict(traits)}, doing.case.particulars


def leads_elsewhere(case: Case, traits: Mapping[str, str]) -> bool:
    """Whether another limit holds for a received dossier once it takes on these traits."""
    if case.deadline is None or case.received_at is None:
        return False
    try:
        return rule_for(case.procedure, {**case.traits, **traits}, case.received_at) != case.deadline.rule
    except NoRuleError:
        return False


def _announce(doing: _Doing) -> _Outcome:
    had = doing.case.particulars
    if had.new_date_at is None and doing.case.due_at(doing.calendar) is None:
        raise UnlawfulActError(Refusal.NOT_PROVIDED)
    if had.is_announced:
        raise UnlawfulActError(Refusal.ALREADY_DONE)
    if not is_early(doing.case, doing.at, doing.calendar):
        raise UnlawfulActError(Refusal.TOO_LATE)
    return None, had._replace(is_announced=True)


def _return_result(doing: _Doing) -> _Outcome:
    if doing.case.channel != _ONLINE and needs_announcement(doing.case, doing.at, doing.calendar):
        raise UnlawfulActError(Refusal.ANNOUNCEMENT_MISSING)
    return None, doing.case.particulars


def _rate(doing: _Doing) -> _Outcome:
    """The three answers of TT 32/2017/TT-BTTTT Đ12; once (ours)."""
    had = doing.case.particulars
    if had.is_rated:
        raise UnlawfulActError(Refusal.ALREADY_DONE)
    satisfaction = doing.text("satisfaction")
    if satisfaction not in tuple(Satisfaction):
        raise UnlawfulActError(Refusal.UNFIT_DETAIL)
    return {"satisfaction": satisfaction}, had._replace(is_rated=True)


def _reschedule(doing: _Doing) -> _Outcome:
    return doing.given, doing.case.particulars


def _text(at: datetime) -> str:
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()


#: Actions that aren't here need no more than their row.
_CHECKS: Final[Mapping[Action, Callable[[_Doing], _Outcome]]] = {
    Action.REQUEST_SUPPLEMENT: _request_supplement,
    Action.REQUEST_PAYMENT: _request_payment,
    Action.DEBIT: _debit,
    Action.PAY: _pay,
    Action.APOLOGIZE: _apologize,
    Action.EXTEND: _extend,
    Action.COMPLETE_STEP: _complete_step,
    Action.GRANT: _grant,
    Action.FORWARD: _forward,
    Action.CONSULT: _consult,
    Action.GIVE_OPINION: _give_opinion,
    Action.RECLASSIFY: _reclassify,
    Action.ANNOUNCE_EARLY_RESULT: _announce,
    Action.RETURN_RESULT: _return_result,
    Action.RATE: _rate,
    Action.RESCHEDULE: _reschedule,
}
