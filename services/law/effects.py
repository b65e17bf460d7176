"""What a transition does to a time limit: one function, for whoever acts and for whoever replays what was done.

The lifecycle table names the effect of each of its rows; processing applies it to act, the portal to explain how a due
date came about. Doesn't know the lifecycle, nor whether somebody may act, nor what time it is.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from services.contracts.catalogue import LimitRule, Procedure, SupplementRule
from services.contracts.enumerations import quick
from services.law import deadlines
from services.law.deadlines import Deadline, UnfitDetailError
from services.law.rules import NoRuleError, rule_for


@quick
class DeadlineEffect(StrEnum):
    """What a transition does to the dossier's time limit."""

    NONE = "none"
    START = "start"  #: the limit runs from here
    SUSPEND = "suspend"  #: time stops counting
    CONTINUE = "continue"  #: a supplement: counted from zero again, or where it stopped, by the procedure's rule
    RESUME = "resume"  #: counted on from where it stopped
    COMPLETE_STEP = "complete-step"  #: a step or milestone is done, the next one runs from here
    EXTEND = "extend"  #: the open step takes longer, as its article allows
    RECLASSIFY = "reclassify"  #: another rule of the procedure holds from the same start; a suspension ends


def apply_effect(  # noqa: PLR0917 - what every transition has
    deadline: Deadline | None,
    effect: DeadlineEffect,
    at: datetime,
    procedure: Procedure,
    traits: Mapping[str, str],
    detail: Mapping[str, Any] | None,
    *,
    received_at: datetime | None = None,
) -> Deadline | None:
    """Return the deadline after a transition.

    Args:
        deadline: Before it; None while the dossier hasn't been received: then only START does something.
        effect: Of the transition's row.
        at: When it happened.
        procedure: Its limits and terms.
        traits: Of the dossier; those that `detail` brings are added to them.
        detail: Of the action (`services.contracts.details`): `step_id` of a step that is done, `traits` taken on.
        received_at: Receipt of the dossier, whose day decides which law holds; None: when the limit started, which is
            the same until it is restarted.

    Raises:
        RefusedByLawError: The limit doesn't allow it; nothing has changed.
        ValueError: It doesn't fit the limit's own order of things (suspended twice, an earlier instant): a defect of
            the caller.
        NoRuleError: No limit of the procedure fits; only at START.
    """
    if effect is DeadlineEffect.START:
        return Deadline(rule_for(procedure, traits, at), at)
    if deadline is None or effect is DeadlineEffect.NONE:
        return deadline
    return _EFFECTS[effect](_Moment(deadline, at, procedure, traits, detail or {}, received_at))


class _Moment(NamedTuple):
    """What an effect may depend on, as `apply_effect` was given it."""

    deadline: Deadline
    at: datetime
    procedure: Procedure
    traits: Mapping[str, str]
    given: Mapping[str, Any]
    received_at: datetime | None


def _suspend(moment: _Moment) -> Deadline:
    return deadlines.suspend(moment.deadline, moment.at)


def _continue(moment: _Moment) -> Deadline:
    if moment.procedure.supplement.rule is SupplementRule.RESTART:
        return deadlines.restart(moment.deadline, moment.at)
    return _resume(moment)


def _resume(moment: _Moment) -> Deadline:
    return deadlines.resume(moment.deadline, moment.at)


def _complete_step(moment: _Moment) -> Deadline:
    return deadlines.complete_step(moment.deadline, moment.at, moment.given.get("step_id"))


def _extend(moment: _Moment) -> Deadline:
    return deadlines.extend(moment.deadline)[0]


def _reclassify(moment: _Moment) -> Deadline:
    deadline, at = moment.deadline, moment.at
    traits = {**moment.traits, **(moment.given.get("traits") or {})}
    rule = _other_rule(moment.procedure, traits, moment.received_at or deadline.started_at)
    return deadlines.reclassify(deadlines.resume(deadline, at) if deadline.is_suspended else deadline, rule)


#: For a dossier that has been received.
_EFFECTS: Final[Mapping[DeadlineEffect, Callable[[_Moment], Deadline]]] = {
    DeadlineEffect.SUSPEND: _suspend,
    DeadlineEffect.CONTINUE: _continue,
    DeadlineEffect.RESUME: _resume,
    DeadlineEffect.COMPLETE_STEP: _complete_step,
    DeadlineEffect.EXTEND: _extend,
    DeadlineEffect.RECLASSIFY: _reclassify,
}


def _other_rule(procedure: Procedure, traits: Mapping[str, str], received_at: datetime) -> LimitRule:
    try:
        return rule_for(procedure, traits, received_at)
    except NoRuleError as error:
        raise UnfitDetailError from error
