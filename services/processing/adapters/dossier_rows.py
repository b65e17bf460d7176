"""Dossiers as they are kept: one packed text a dossier, beside it the few columns that the database is asked about.

Knows the order and the meaning of what is packed, no SQL. A row of many columns costs the database more than all else
that it does for a dossier, and nobody asks it for a channel or a suspension.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from services.casework.case import NO_TRAITS, Case, NextStep, Work
from services.casework.particulars import NOTHING_PARTICULAR, Consultation, Debit, Particulars
from services.contracts.catalogue import AuthorityLevel, Procedure
from services.contracts.vocabulary import TERMINAL_STATUSES, Action, Actor, Reason, Status
from services.law.deadlines import Deadline, Suspension
from services.law.rules import rule_for

#: What is packed, in this order; JSON, instants as RFC 3339 text, most of the last ones `null`. Added to at the end
#: only, and `unpacked` says what a missing one means: what the version before has written is read, too.
PACKED: Final = (
    "number",
    "procedure_id",
    "office_code",
    "channel",
    "applicant_kind",
    "applicant_id",
    "filed_at",
    "status",
    "version",
    "turn",
    "status_at",
    "received_at",
    "limit_started_at",
    "suspensions",
    "traits",
    "particulars",
    "next_at",
    "next_action",
    "next_actor",
    "next_reason",
    "work",  # missing: none
)


def packed(case: Case) -> list[Any]:
    """In the order of `PACKED`; for orjson, which writes instants and enumerations."""
    step, deadline = case.next_step, case.deadline
    row = [
        case.number,
        case.procedure.procedure_id,
        case.office_code,
        case.channel,
        case.applicant_kind,
        case.applicant_id,
        case.filed_at,
        case.status,
        case.version,
        case.turn,
        case.status_at,
        case.received_at,
        deadline.started_at if deadline else None,
        _instants(deadline.suspensions) if deadline and deadline.suspensions else None,
        case.traits or None,
        _particulars_as_json(case.particulars, deadline),
        step.at if step else None,
        step.action if step else None,
        step.actor if step else None,
        step.reason if step else None,
    ]
    if case.work is not None:
        row.append(tuple(case.work))
    return row


def unpacked(row: Sequence[Any], procedures: Mapping[str, Procedure]) -> Case:
    """Inverse of `packed` after JSON."""
    number, procedure_id, office_code, channel, applicant_kind, applicant_id, filed_at = row[:7]
    status, version, turn, status_at, received_at, started_at, suspensions, traits, particulars = row[7:16]
    next_at, next_action, next_actor, next_reason = row[16:20]
    procedure = procedures[procedure_id]
    traits = NO_TRAITS if traits is None else traits
    received_at = _optional_instant(received_at)
    deadline = None
    if started_at is not None and received_at is not None:
        deadline = Deadline(
            rule_for(procedure, traits, received_at),
            _instant(started_at),
            _suspensions(suspensions) if suspensions else (),
            *(_stages(particulars) if particulars else ()),
        )
    return Case(
        number=number,
        procedure=procedure,
        office_code=office_code,
        channel=channel,
        applicant_kind=applicant_kind,
        applicant_id=applicant_id,
        filed_at=_instant(filed_at),
        status=_STATUSES[status],
        version=version,
        turn=turn,
        status_at=_instant(status_at),
        received_at=received_at,
        deadline=deadline,
        traits=traits,
        particulars=_particulars(particulars) if particulars else NOTHING_PARTICULAR,
        next_step=None
        if next_at is None
        else NextStep(
            _instant(next_at), _ACTIONS[next_action], _ACTORS[next_actor], next_reason and _REASONS[next_reason]
        ),
        work=_work(row[_WORK]) if len(row) > _WORK else None,
    )


def is_at_its_end(case: Case) -> bool:
    """Whether nothing will happen to the dossier unless somebody asks for it."""
    return case.next_step is None and case.status in TERMINAL_STATUSES


def _instants(suspensions: Sequence[Suspension]) -> list[datetime]:
    """Start, end, start, end …; an odd count says that the last one is still open."""
    return [at for part in suspensions for at in (part.started_at, part.ended_at) if at is not None]


def _suspensions(texts: Sequence[str]) -> tuple[Suspension, ...]:
    instants = [_instant(text) for text in texts]
    return tuple(
        Suspension(instants[index], instants[index + 1] if index + 1 < len(instants) else None)
        for index in range(0, len(instants), 2)
    )


def _particulars_as_json(had: Particulars, deadline: Deadline | None) -> dict[str, Any] | None:
    """What there is; `None`: nothing."""
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
    return {key: value for key, value in data.items() if value}


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


def _work(data: Sequence[Any]) -> Work:
    work = Work(*data)
    return work if work.since is None else work._replace(since=_instant(data[_SINCE]))


_WORK: Final = PACKED.index("work")
_SINCE: Final = Work._fields.index("since")

# Looked up, not called: that takes a third of the time of all the rest.
_STATUSES: Final[Mapping[int | None, Status | None]] = {None: None, **{int(status): status for status in Status}}
_ACTIONS: Final[Mapping[str, Action]] = {str(action): action for action in Action}
_ACTORS: Final[Mapping[str, Actor]] = {str(actor): actor for actor in Actor}
_REASONS: Final[Mapping[str, Reason]] = {str(reason): reason for reason in Reason}

_instant: Final = datetime.fromisoformat


def _optional_instant(text: str | None) -> datetime | None:
    return _instant(text) if text else None
