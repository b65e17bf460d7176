"""What goes with an action (`detail`), checked key by key: each action that takes something has a schema of its own.

Checks types, bounds and what the catalogue knows. Whether it fits the dossier as it stands is for processing to say
(`unfit-detail`, `too-late` …), which alone knows deadlines.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from services.contracts.catalogue import AuthorityLevel, Procedure
from services.contracts.details import MOST_VND
from services.contracts.vocabulary import Action, Satisfaction
from services.portal.api.strict_fields import Instant, StrictSchema, Text, Whole
from services.portal.api.submissions import invalid_body
from services.portal.domain.traits import limit_traits

#: Ids of steps and milestones, see the procedure's limits.
STEP_PATTERN: Final = r"^[a-z0-9-]{1,60}$"


def _instant(text: str) -> dict[str, Any]:
    return {"type": "string", "format": "date-time", "description": text}


class RequestPaymentDetail(StrictSchema):
    """With `request-payment`: what is to be paid; left out: the procedure's fee."""

    amount_vnd = Whole(
        validate=validate.Range(min=1, max=MOST_VND),
        metadata={"type": "integer", "description": "Whole dong.", "example": 200000},
    )


class PayDetail(StrictSchema):
    """With `pay` by an officer: a payment outside the gateway, at the Treasury's counter."""

    paid_at = Instant(metadata=_instant("When it was paid; left out: now."))
    payment_id = Text(validate=validate.Length(max=60), metadata={"description": "Number of the payment document."})


class ApologizeDetail(StrictSchema):
    """With `apologize`."""

    new_date_at = Instant(required=True, metadata=_instant("The new date, after the one that can't be kept."))


class CompleteStepDetail(StrictSchema):
    """With `complete-step`: which one; left out: the next."""

    step_id = fields.String(
        validate=validate.Regexp(STEP_PATTERN),
        metadata={"description": "Id of a step or milestone, see the dossier's deadline.", "example": "send-notice"},
    )


class ForwardDetail(StrictSchema):
    """With `forward`."""

    to_level = fields.String(
        required=True,
        validate=validate.OneOf([level.value for level in AuthorityLevel]),
        metadata={"description": "The authority that gets it, above the one that has it."},
    )


class ConsultDetail(StrictSchema):
    """With `consult`."""

    unit = Text(
        required=True,
        validate=validate.Length(max=200),
        metadata={"description": "Who is consulted.", "example": "Cục Kiểm định hải quan"},
    )
    answer_by = Instant(required=True, metadata=_instant("The stated time for the answer (Decree 61/2018 art. 19.5)."))


class GiveOpinionDetail(StrictSchema):
    """With `give-opinion`: who has answered; left out: the unit that was asked."""

    unit = Text(validate=validate.Length(max=200), metadata={"description": "As it was asked."})


class ReclassifyDetail(StrictSchema):
    """With `reclassify`."""

    traits = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.String(),
        validate=validate.Length(min=1, max=20),
        metadata={
            "description": "What it takes on, of the traits that the procedure's limits depend on.",
            "example": {"track": "inspect-first"},
        },
    )


class RateDetail(StrictSchema):
    """With `rate`."""

    satisfaction = fields.String(
        required=True,
        validate=validate.OneOf([item.value for item in Satisfaction]),
        metadata={"description": "The scale of Circular 32/2017/TT-BTTTT art. 12."},
    )


#: An action that isn't here takes no detail.
DETAIL_SCHEMAS: Final[Mapping[Action, Schema]] = {
    Action.REQUEST_PAYMENT: RequestPaymentDetail(),
    Action.PAY: PayDetail(),
    Action.APOLOGIZE: ApologizeDetail(),
    Action.COMPLETE_STEP: CompleteStepDetail(),
    Action.FORWARD: ForwardDetail(),
    Action.CONSULT: ConsultDetail(),
    Action.GIVE_OPINION: GiveOpinionDetail(),
    Action.RECLASSIFY: ReclassifyDetail(),
    Action.RATE: RateDetail(),
}


def read_detail(action: Action, given: Mapping[str, Any] | None, procedure: Procedure) -> Mapping[str, Any] | None:
    """What goes with an action, as commands carry it; `None` when nothing was given.

    Raises:
        ProblemError: `invalid-body`, with a pointer to each key that is wrong, missing or not taken.
    """
    schema = DETAIL_SCHEMAS.get(action)
    try:
        if schema is None:
            _refuse_all(given or {})
            return None
        detail: dict[str, Any] = schema.load(given or {})
        for check in _CHECKS.get(action, ()):
            check(detail, procedure)
    except ValidationError as error:
        raise invalid_body({"detail": error.messages}) from error
    return {name: _wire(value) for name, value in detail.items()} or None


def _refuse_all(given: Mapping[str, Any]) -> None:
    if given:
        raise ValidationError({name: ["Unknown field."] for name in given})


def _wire(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _traits_are_known(detail: Mapping[str, Any], procedure: Procedure) -> None:
    known = limit_traits(procedure)
    errors: dict[str, list[str]] = {}
    for name, value in detail["traits"].items():
        if name not in known:
            errors[name] = ["Unknown field."]
        elif value not in known[name]:
            errors[name] = [f"Must be one of: {', '.join(sorted(known[name]))}."]
    if errors:
        raise ValidationError({"traits": errors})


_CHECKS: Final[Mapping[Action, tuple[Callable[[Mapping[str, Any], Procedure], None], ...]]] = {
    Action.RECLASSIFY: (_traits_are_known,),
}
