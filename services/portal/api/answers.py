"""Resources as JSON, and answers that can be kept under an Idempotency-Key."""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from flask import Response, request

from services.contracts import timeliness
from services.contracts.catalogue import Office, TimeLimit
from services.contracts.commands import ClockSetting
from services.contracts.labels import (
    ACTION_LABELS,
    ACTOR_LABELS,
    REASON_LABELS,
    STATUS_LABELS,
    TIME_UNIT_LABELS,
    Label,
)
from services.contracts.vocabulary import Action, Actor, Reason, Status
from services.portal.api.context import parts
from services.portal.application.ports import ActionOutcome, Answer, DoorUnit, OnceKey
from services.portal.application.problems import problem
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Dossier, Sandbox, TimelineEntry

_IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7E]{1,255}")


def encode(body: Any) -> bytes:
    """JSON bytes; instants as RFC 3339 in UTC."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def respond(answer: Answer) -> Response:
    """An answer as Flask wants it."""
    return Response(answer.body, answer.status, answer.headers, content_type=answer.content_type)


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON answer."""
    return Answer(status, encode(body), headers=headers or {})


def once_key(scope: str) -> OnceKey | None:
    """The request's Idempotency-Key with the hash of what it came with; `None` when it has none.

    Raises:
        ProblemError: `invalid-header`.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise problem("invalid-header", header="Idempotency-Key")
    told = f"{request.method} {request.path}\n{request.mimetype}\n".encode() + request.get_data()
    return OnceKey(scope, key, hashlib.sha256(told).digest())


def do_once(scope: str, effect: Callable[[DoorUnit], Answer]) -> Answer:
    """Run `effect` in one transaction; under a known Idempotency-Key answer as the first time instead."""
    once = once_key(scope)
    with parts().door.unit() as unit:
        if once and (known := unit.claim(once)):
            return known
        answer = effect(unit)
        if once:
            unit.keep_answer(once, answer)
        return answer


def is_overdue(dossier: Dossier, now: datetime) -> bool:
    """Derived, never stored; by the day for limits in days, by the minute for limits in working hours."""
    return timeliness.is_overdue(dossier.status, dossier.due_at, dossier.limit_unit, now)


def timeliness_of(dossier: Dossier) -> timeliness.Timeliness | None:
    """How its result stood against the due day; `None` while there is none, or when it ended without one."""
    if dossier.resolved_at is None or dossier.status not in {Status.PROCESSED, Status.RETURNED}:
        return None
    return timeliness.timeliness(dossier.resolved_at, dossier.due_at, dossier.limit_unit)


def dossier_etag(dossier: Dossier, now: datetime) -> str:
    """Changes with the version, and with what the clock alone makes of a dossier."""
    by_clock = "-ahead" if dossier.filed_at > now else "-overdue" if is_overdue(dossier, now) else ""
    return f'"{dossier.version}{by_clock}"'


def dossier_resource(dossier: Dossier, now: datetime) -> dict[str, Any]:
    """A dossier."""
    status = Status(dossier.status)
    name = dossier_id(dossier)
    return {
        "dossier_id": name,
        "number": dossier.number,
        "procedure": dossier.procedure_id,
        "office": dossier.office_code,
        "channel": dossier.channel,
        "applicant": {
            "kind": dossier.applicant_kind,
            "identifier": dossier.applicant_id,
            "name": dossier.applicant_name,
        },
        "status": status.slug,
        "status_code": int(status),
        "status_label": label(STATUS_LABELS[status]),
        "status_at": dossier.status_at,
        "filed_at": dossier.filed_at,
        "received_at": dossier.received_at,
        "due_at": dossier.due_at,
        "limit_unit": dossier.limit_unit,
        "new_date_at": dossier.new_date_at,
        "resolved_at": dossier.resolved_at,
        "traits": dossier.traits_now,
        "is_overdue": is_overdue(dossier, now),
        "timeliness": timeliness_of(dossier),
        "is_final": status.is_terminal,
        "allowed_actions": [] if dossier.filed_at > now else parts().guide.actions_of_people(dossier),
        "version": dossier.version,
        "timeline_url": f"/api/v1/dossiers/{name}/timeline",
    }


def timeline_resource(entry: TimelineEntry) -> dict[str, Any]:
    """One thing that happened."""
    status = Status(entry.status)
    return {
        "position": entry.position,
        "action": entry.action,
        "action_label": label(ACTION_LABELS[Action(entry.action)]),
        "status_before": Status(entry.status_before).slug if entry.status_before else None,
        "status": status.slug,
        "status_label": label(STATUS_LABELS[status]),
        "actor": entry.actor,
        "actor_label": label(ACTOR_LABELS[Actor(entry.actor)]),
        "reason": entry.reason,
        "reason_label": label(REASON_LABELS[Reason(entry.reason)]) if entry.reason else None,
        "note": entry.note,
        "occurred_at": entry.occurred_at,
        "recorded_at": entry.recorded_at,
        "due_at": entry.due_at,
        "refusal": entry.refusal,
        "detail": entry.detail,
    }


def action_resource(found: ActionOutcome, dossier: Dossier) -> dict[str, Any]:
    """What came of a requested action."""
    return {
        "command_id": found.command_id,
        "dossier_id": dossier_id(dossier),
        "action": found.action,
        "requested_at": found.requested_at,
        "outcome": found.outcome,
        "position": found.position,
    }


def sandbox_resource(sandbox: Sandbox, now: datetime) -> dict[str, Any]:
    """A sandbox, without its keys."""
    return {
        "sandbox_id": sandbox.sandbox_id,
        "name": sandbox.name,
        "seed": sandbox.seed,
        "partitions": sandbox.partition_count,
        "officer": sandbox.officer,
        "clock": clock_resource(sandbox.clock, now),
        "unknown_declarations": sandbox.unknown_declarations,
        "staffed": sandbox.is_staffed,
        "expected_dossiers": sandbox.expected_dossiers,
        "dossier_count": sandbox.last_number,
        "created_at": sandbox.created_at,
    }


def clock_resource(clock: ClockSetting, now: datetime) -> dict[str, Any]:
    """A clock."""
    return {"mode": clock.mode, "speed": int(clock.speed), "now": now}


def limit_resource(limit: TimeLimit | None) -> dict[str, Any] | None:
    """A time limit; `None` for none."""
    if limit is None:
        return None
    return {"amount": limit.amount, "unit": limit.unit, "unit_label": label(TIME_UNIT_LABELS[limit.unit])}


def office_resource(office: Office) -> dict[str, Any]:
    """A customs office."""
    return {
        "code": office.code,
        "name_vi": office.name_vi,
        "kind": office.kind,
        "department_code": office.department_code,
        "department_name": {"vi": office.department_name_vi, "en": office.department_name_en},
        "source": office.source,
    }


def label(words: Label) -> dict[str, str]:
    """Both languages."""
    return {"vi": words.vi, "en": words.en}
