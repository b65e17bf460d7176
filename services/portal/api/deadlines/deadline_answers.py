"""A deadline's history as JSON."""

from datetime import datetime
from typing import Any

from services.contracts.labels import SILENCE_OUTCOME_LABELS, Label
from services.law.deadlines import StepDue, Suspension
from services.law.explain import ExplainedEntry, ExplainedStep, Explanation
from services.portal.api.answers import label, limit_resource, timeliness_of
from services.portal.application.deadline_history import DeadlineHistory, Silence, Term
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Dossier


def deadline_resource(dossier: Dossier, history: DeadlineHistory, now: datetime) -> dict[str, Any]:
    """The deadline, without its explanation."""
    deadline = history.deadline
    rule = deadline.rule if deadline else None
    return {
        "dossier_id": dossier_id(dossier),
        "now": now,
        "due_at": history.due_at,
        "new_date_at": history.new_date_at,
        "is_overdue": history.is_overdue,
        "timeliness": timeliness_of(dossier),
        "is_suspended": deadline.is_suspended if deadline else False,
        "limit": limit_resource(history.limit),
        "limit_unit": history.limit.unit if history.limit else None,
        "rule": rule
        and {
            "rule_id": rule.rule_id,
            "article": rule.article,
            "in_force_from": rule.in_force_from,
            "in_force_until": rule.in_force_until,
            "when": dict(rule.when),
        },
        "received_at": dossier.received_at,
        "started_at": deadline.started_at if deadline else None,
        "steps": [_step(step) for step in history.steps],
        "suspensions": [_suspension(part) for part in (deadline.suspensions if deadline else ())],
        "extensions": [
            {
                "step_id": one.step_id,
                "limit": limit_resource(one.limit),
                "article": one.article,
                "granted_at": one.granted_at,
            }
            for one in history.extensions
        ],
        "turns": [
            {
                "position": turn.entry.position,
                "action": turn.entry.action,
                "effect": turn.effect,
                "occurred_at": turn.entry.occurred_at,
            }
            for turn in history.turns
        ],
        "terms": {
            "intake": _term(history.intake),
            "handed_on": _term(history.handed_on),
            "supplement_notice": _term(history.supplement_notice),
            "silence": _silence(history.silence),
            "apology": _term(history.apology),
        },
        "authority_level": history.authority_level,
        "explanation": None,
    }


def explanation_resource(explanation: Explanation) -> dict[str, Any]:
    """Each day or span, and the sum."""
    return {
        "received_at": explanation.received_at,
        "started_at": explanation.started_at,
        "restarted": _entry(explanation.restarted) if explanation.restarted else None,
        "steps": [_explained_step(step) for step in explanation.steps],
        "due_at": explanation.due_at,
        "text": label(Label(explanation.text_vi, explanation.text_en)),
    }


def _explained_step(step: ExplainedStep) -> dict[str, Any]:
    return {
        "step_id": step.step_id,
        "within": step.within,
        "name": label(Label(step.name_vi, step.name_en)),
        "article": step.article,
        "limit": limit_resource(step.limit),
        "started_at": step.started_at,
        "entries": [_entry(entry) for entry in step.entries],
        "counted": step.counted,
        "due_at": step.due_at,
        "completed_at": step.completed_at,
        "too_late": [_suspension(part) for part in step.too_late],
        "text": label(Label(step.text_vi, step.text_en)),
    }


def _entry(entry: ExplainedEntry) -> dict[str, Any]:
    on_calendar = entry.calendar_entry
    return {
        "kind": entry.kind,
        "from_at": entry.from_at,
        "until_at": entry.until_at,
        "from_on": entry.from_on,
        "to_on": entry.to_on,
        "counted": entry.counted,
        "amount": entry.amount,
        "total": entry.total,
        "article": entry.article,
        "basis": entry.basis,
        "calendar_entry": on_calendar
        and {
            "day": on_calendar.day,
            "is_working": on_calendar.is_working,
            "name": on_calendar.name,
            "source": on_calendar.source,
            "decision_number": on_calendar.decision_number,
        },
        "suspension": _suspension(entry.suspension) if entry.suspension else None,
        "text": label(Label(entry.text_vi, entry.text_en)),
    }


def _suspension(part: Suspension) -> dict[str, Any]:
    return {"started_at": part.started_at, "ended_at": part.ended_at}


def _step(step: StepDue) -> dict[str, Any]:
    return {
        "step_id": step.step_id,
        "within": step.within,
        "name": label(Label(step.name_vi, step.name_en)),
        "limit": limit_resource(step.limit),
        "article": step.article,
        "started_at": step.started_at,
        "due_at": step.due_at,
        "completed_at": step.completed_at,
    }


def _term(term: Term | None) -> dict[str, Any] | None:
    if term is None:
        return None
    return {
        "due_at": term.due_at,
        "limit": limit_resource(term.limit),
        "article": term.article,
        "done_at": term.done_at,
    }


def _silence(silence: Silence | None) -> dict[str, Any] | None:
    if silence is None:
        return None
    return {
        "ends_at": silence.ends_at,
        "outcome": silence.outcome,
        "outcome_label": label(SILENCE_OUTCOME_LABELS[silence.outcome]),
        "limit": limit_resource(silence.limit),
        "article": silence.article,
    }
