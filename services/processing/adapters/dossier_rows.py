"""Dossiers as rows: what of a case is a column, what is JSON, and back.

Knows columns and types, no SQL. Most dossiers have neither traits nor particulars: for them both columns are NULL, and
both ways cost a comparison.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from services.casework.case import NO_TRAITS, Case, NextStep
from services.casework.particulars import NOTHING_PARTICULAR, Consultation, Debit, Particulars
from services.contracts.catalogue import AuthorityLevel, Procedure
from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.law.deadlines import Deadline, Suspension
from services.law.rules import rule_for

#: What never changes, in the order of `fixed_values`.
FIXED_COLUMNS: Final = (
    "number",
    "procedure_id",
    "office_code",
    "channel",
    "applicant_kind",
    "applicant_id",
    "filed_at",
)

#: What does, with its type as an array element can have it, in the order of `changing_values`. Suspensions travel as
#: text because unnest would flatten an array of arrays.
CHANGING_COLUMNS: Final = {
    "status": "smallint",
    "version": "bigint",
    "turn": "smallint",
    "status_at": "timestamptz",
    "received_at": "timestamptz",
    "limit_started_at": "timestamptz",
    "suspensions": "text",
    "traits": "text",
    "particulars": "text",
    "next_at": "timestamptz",
    "next_action": "text",
    "next_actor": "text",
    "next_reason": "text",
}

#: Columns whose element type isn't their own.
CASTS: Final = {"suspensions": "timestamptz[]", "traits": "jsonb", "particulars": "jsonb"}


def fixed_values(case: Case) -> tuple[Any, ...]:
    """In the order of `FIXED_COLUMNS`."""
    return (
        case.number,
        case.procedure.procedure_id,
        case.office_code,
        case.channel,
        case.applicant_kind,
        case.applicant_id,
        case.filed_at,
    )


def changing_values(case: Case) -> tuple[Any, ...]:
    """In the order of `CHANGING_COLUMNS`."""
    step, deadline = case.next_step, case.deadline
    return (
        None if case.status is None else int(case.status),
        case.version,
        case.turn,
        case.status_at,
        case.received_at,
        deadline.started_at if deadline else None,
        _suspensions_as_text(deadline),
        orjson.dumps(case.traits).decode() if case.traits else None,
        _particulars_as_text(case.particulars, deadline),
        step.at if step else None,
        str(step.action) if step else None,
        str(step.actor) if step else None,
        str(step.reason) if step and step.reason else None,
    )


def case_of(row: Sequence[Any], procedures: Mapping[str, Procedure]) -> Case:
    """The dossier of a row with `FIXED_COLUMNS`, then `CHANGING_COLUMNS`."""
    number, procedure_id, office_code, channel, applicant_kind, applicant_id, filed_at = row[:7]
    status, version, turn, status_at, received_at, started_at, suspensions, traits, particulars = row[7:16]
    next_at, next_action, next_actor, next_reason = row[16:]
    procedure = procedures[procedure_id]
    traits = NO_TRAITS if traits is None else traits
    deadline = None
    if started_at is not None:
        deadline = Deadline(
            rule_for(procedure, traits, received_at),
            started_at,
            _suspensions_from_instants(suspensions),
            *(_stages(particulars) if particulars else ()),
        )
    return Case(
        number=number,
        procedure=procedure,
        office_code=office_code,
        channel=channel,
        applicant_kind=applicant_kind,
        applicant_id=applicant_id,
        filed_at=filed_at,
        status=None if status is None else Status(status),
        version=version,
        turn=turn,
        status_at=status_at,
        received_at=received_at,
        deadline=deadline,
        traits=traits,
        particulars=_particulars(particulars) if particulars else NOTHING_PARTICULAR,
        next_step=None
        if next_at is None
        else NextStep(
            next_at, Action(next_action), Actor(next_actor), None if next_reason is None else Reason(next_reason)
        ),
    )


def _suspensions_as_text(deadline: Deadline | None) -> str:
    """A PostgreSQL array literal: start, end, start, end …; an odd count says that the last one is still open."""
    if not deadline or not deadline.suspensions:
        return "{}"
    instants = [at for part in deadline.suspensions for at in (part.started_at, part.ended_at) if at is not None]
    return "{" + ",".join(f'"{at.isoformat()}"' for at in instants) + "}"


def _suspensions_from_instants(instants: Sequence[datetime]) -> tuple[Suspension, ...]:
    return tuple(
        Suspension(instants[index], instants[index + 1] if index + 1 < len(instants) else None)
        for index in range(0, len(instants), 2)
    )


def _particulars_as_text(had: Particulars, deadline: Deadline | None) -> str | None:
    """JSON of what there is; `None`: nothing."""
    has_stages = deadline is not None and (deadline.completed or deadline.extended)
    if not has_stages and (had is NOTHING_PARTICULAR or had == NOTHING_PARTICULAR):
        return None
    data: dict[str, Any] = {
        "asked_before_receipt": had.asked_before_receipt,
        "asked_after_receipt": had.asked_after_receipt,
        "payments_asked": had.payments_asked,
        "debit": had.debit and [had.debit.paid_at, had.debit.payment_id, had.debit.recorded_on],
        "new_date_at": had.new_date_at,
        "authority_level": had.authority_level,
        "consultation": had.consultation and [had.consultation.unit, had.consultation.answer_by],
        "consultations": had.consultations,
        "is_announced": had.is_announced,
        "is_rated": had.is_rated,
        "acted_at": had.acted_at,
        "completed": deadline and deadline.completed,
        "extended": deadline and deadline.extended,
    }
    return orjson.dumps({key: value for key, value in data.items() if value}).decode()


def _particulars(data: Mapping[str, Any]) -> Particulars:
    debit, consultation, level = data.get("debit"), data.get("consultation"), data.get("authority_level")
    return Particulars(
        asked_before_receipt=data.get("asked_before_receipt", False),
        asked_after_receipt=data.get("asked_after_receipt", False),
        payments_asked=data.get("payments_asked", 0),
        debit=Debit(_instant(debit[0]), debit[1], _instant(debit[2])) if debit else None,
        new_date_at=_optional_instant(data.get("new_date_at")),
        authority_level=AuthorityLevel(level) if level else None,
        consultation=Consultation(consultation[0], _instant(consultation[1])) if consultation else None,
        consultations=data.get("consultations", 0),
        is_announced=data.get("is_announced", False),
        is_rated=data.get("is_rated", False),
        acted_at=_optional_instant(data.get("acted_at")),
    )


def _stages(data: Mapping[str, Any]) -> tuple[tuple[tuple[str, datetime], ...], tuple[str, ...]]:
    """Steps and milestones done, and steps extended: the law's, kept beside the particulars."""
    completed = tuple((step_id, _instant(at)) for step_id, at in data.get("completed") or ())
    return completed, tuple(data.get("extended") or ())


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _optional_instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
