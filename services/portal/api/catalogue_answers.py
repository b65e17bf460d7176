"""Procedures as the API shows them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from services.contracts.catalogue import LimitRule, LimitStep, Milestone, Procedure, SupplementTerms
from services.contracts.labels import (
    AUTHORITY_LEVEL_LABELS,
    EFFECT_LABELS,
    RESULT_KIND_LABELS,
    SECTOR_LABELS,
    SILENCE_OUTCOME_LABELS,
    SUPPLEMENT_RULE_LABELS,
    Label,
)
from services.portal.api.answers import label, limit_resource
from services.portal.api.forms import form_json_schema
from services.portal.application.procedure_search import Coverage

_E = TypeVar("_E", bound=StrEnum)

#: Why the catalogue holds fewer procedures than were published.
COVERAGE_NOTE: Final = Label(
    "Danh mục chỉ có thủ tục tìm được nguồn; phần chênh lệch với số đã công bố không được điền thêm. "
    "Mức độ của phần lớn thủ tục là giả định.",
    "The catalogue holds procedures that a source was found for; the difference to what was published is told, not "
    "filled. The levels of most procedures are assumed.",
)


def procedure_summary(procedure: Procedure, *, is_own: bool) -> dict[str, Any]:
    """A procedure among others."""
    return {
        "procedure_id": procedure.procedure_id,
        "official_code": procedure.official_code,
        "name": _both(procedure.name_vi, procedure.name_en),
        "family": procedure.family,
        "sector": _coded(procedure.sector, SECTOR_LABELS),
        "authority": procedure.authority,
        "level": procedure.level,
        "online_scope": _both(procedure.online_scope.label_vi, procedure.online_scope.label_en),
        "time_limit": limit_resource(procedure.time_limit),
        "supplement_rule": procedure.supplement.rule,
        "fee_vnd": procedure.fee_vnd,
        "documents": list(procedure.documents),
        "legal_basis": list(procedure.legal_basis),
        "in_force_from": procedure.in_force_from,
        "in_force_until": procedure.in_force_until,
        "source": procedure.source,
        "confidence": procedure.confidence,
        "is_own": is_own,
    }


def procedure_resource(procedure: Procedure, *, is_own: bool) -> dict[str, Any]:
    """A procedure by itself: with its limits, what holds for supplements, and its form."""
    return {
        **procedure_summary(procedure, is_own=is_own),
        "authority_level": _coded(procedure.authority_level, AUTHORITY_LEVEL_LABELS),
        "who_may_apply": _both(procedure.who_may_apply_vi, procedure.who_may_apply_en),
        "limit_rules": [_limit_rule(rule) for rule in procedure.limit_rules],
        "supplement": _supplement(procedure.supplement),
        "fee_source": procedure.fee_source,
        "effect": _coded(procedure.effect, EFFECT_LABELS) if procedure.effect else None,
        "result_kind": _coded(procedure.result_kind, RESULT_KIND_LABELS),
        "automatic_when": None if procedure.automatic_when is None else dict(procedure.automatic_when),
        "form_source": procedure.form_source,
        "form_schema": form_json_schema(procedure),
        "form_example": {field.name: field.example for field in procedure.form},
    }


def coverage_resource(coverage: Coverage) -> dict[str, Any]:
    """What the catalogue holds beside the published totals."""
    held, published = coverage.held, coverage.published
    return {
        "catalogue": {
            "procedures": held.procedures,
            "level_3_or_more": held.level_3_or_more,
            "level_4": held.level_4,
            "without_time_limit": held.without_limit,
            "own": coverage.own_procedures,
        },
        "published": {
            "procedures": published.procedures,
            "level_3_or_more": published.level_3_or_more,
            "level_4": published.level_4,
            "as_of": published.as_of,
            "source": published.source,
        },
        "difference": {
            "procedures": coverage.missing_procedures,
            "level_3_or_more": coverage.missing_level_3_or_more,
            "level_4": coverage.missing_level_4,
        },
        "note": label(COVERAGE_NOTE),
    }


def _limit_rule(rule: LimitRule) -> dict[str, Any]:
    level = rule.authority_level
    return {
        "rule_id": rule.rule_id,
        "article": rule.article,
        "in_force_from": rule.in_force_from,
        "in_force_until": rule.in_force_until,
        "when": dict(rule.when),
        "authority_level": _coded(level, AUTHORITY_LEVEL_LABELS) if level else None,
        "time_limit": limit_resource(rule.whole_limit),
        "steps": [_limit_step(step) for step in rule.steps],
    }


def _limit_step(step: LimitStep) -> dict[str, Any]:
    return {
        **_stretch(step),
        "milestones": [_stretch(milestone) for milestone in step.milestones],
        "extensions": [{"limit": limit_resource(item.limit), "article": item.article} for item in step.extensions],
    }


def _stretch(part: LimitStep | Milestone) -> dict[str, Any]:
    return {
        "step_id": part.step_id,
        "name": _both(part.name_vi, part.name_en),
        "limit": limit_resource(part.limit),
        "article": part.article,
    }


def _supplement(terms: SupplementTerms) -> dict[str, Any]:
    return {
        "rule": terms.rule,
        "rule_label": label(SUPPLEMENT_RULE_LABELS[terms.rule]),
        "rule_article": terms.rule_article,
        "rule_source": terms.rule_source,
        "notice_limit": limit_resource(terms.notice_limit),
        "notice_article": terms.notice_article,
        "silence_limit": limit_resource(terms.silence_limit),
        "silence_outcome": terms.silence_outcome,
        "silence_outcome_label": label(SILENCE_OUTCOME_LABELS[terms.silence_outcome]),
        "silence_traits": dict(terms.silence_traits),
        "silence_article": terms.silence_article,
    }


def _both(vi: str, en: str) -> dict[str, str]:
    return {"vi": vi, "en": en}


def _coded(value: _E, labels: Mapping[_E, Label]) -> dict[str, str]:
    return {"code": value.value, **label(labels[value])}
