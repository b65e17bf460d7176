"""Reports as JSON."""

from dataclasses import asdict
from typing import Any

from services.contracts.form06 import TITLE_VI
from services.contracts.labels import Label
from services.portal.application.reporting import QuarterScores
from services.portal.domain.reports.reports import Form06Report, Line
from services.portal.domain.reports.scores import UNIT_CLASS_LABELS, UnitScore
from services.portal.domain.reports.service_statistics import ServiceCounts, ServiceStatistics
from services.portal.domain.reports.units import Unit


def form06_resource(report: Form06Report) -> dict[str, Any]:
    """The official report."""
    return {
        "form": {"number": report.form.number, "circular": report.form.circular_vi},
        "title": TITLE_VI,
        "unit": _unit(report.unit),
        "field": report.sector,
        "from": report.first_on,
        "to": report.last_on,
        "as_of": report.as_of,
        "rules": report.rules,
        "lines": [_line(line) for line in report.in_form],
        "beside": [_line(line) for line in report.beside_form],
        "total": _line(report.total),
        "ratios": [
            {
                "id": ratio.ratio_id,
                "name": _both(ratio.name),
                "source": _both(ratio.source),
                "value": ratio.value,
                "numerator": ratio.numerator,
                "denominator": ratio.denominator,
            }
            for ratio in report.ratios
        ],
        "positions": report.positions,
    }


def services_resource(statistics: ServiceStatistics) -> dict[str, Any]:
    """The statistics of online services."""
    return {
        "unit": _unit(statistics.unit),
        "from": statistics.first_on,
        "to": statistics.last_on,
        "items": [
            {
                "procedure_id": service.procedure.procedure_id,
                "name": {"vi": service.procedure.name_vi, "en": service.procedure.name_en},
                "level": service.procedure.level,
                "online_scope": {
                    "vi": service.procedure.online_scope.label_vi,
                    "en": service.procedure.online_scope.label_en,
                },
                **_service_counts(service.counts),
            }
            for service in statistics.services
        ],
        "total": _service_counts(statistics.total),
        "positions": statistics.positions,
    }


def scores_resource(scores: QuarterScores) -> dict[str, Any]:
    """The scores of a quarter."""
    return {
        "quarter": str(scores.quarter),
        "from": scores.quarter.first_on,
        "to": scores.last_on,
        "procedures": scores.services.total,
        "procedures_at_level_3_or_4": scores.services.at_level_3_or_4,
        "whole": _score(scores.unit, scores.whole),
        "units": [_score(unit, score) for unit, score in scores.units.values()],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "number": line.number,
        "key": line.key,
        "name": _both(line.name),
        "columns": asdict(line.columns),
        "without_limit": asdict(line.without_limit),
    }


def _service_counts(counts: ServiceCounts) -> dict[str, Any]:
    return {
        "online_received": counts.online_received,
        "online_resolved": counts.online_resolved,
        "on_time": _ratio(counts.on_time_ratio, counts.online_in_time, counts.online_limited),
        "received": counts.received,
        "satisfaction": {
            "very_satisfied": counts.very_satisfied,
            "satisfied": counts.satisfied,
            "not_satisfied": counts.not_satisfied,
            "ratio": _ratio(counts.satisfied_ratio, counts.very_satisfied + counts.satisfied, counts.ratings),
        },
    }


def _score(unit: Unit, score: UnitScore) -> dict[str, Any]:
    projected, unit_class = score.projected_points, score.unit_class
    return {
        "unit": _unit(unit),
        "indices": [
            {
                "number": item.index.number,
                "name": _both(item.index.name),
                "is_measured": item.index.is_measured,
                "points": None if item.points is None else float(item.points),
            }
            for item in score.scores
        ],
        "points": float(score.points),
        "most_points": float(score.most_points),
        "projected_points": None if projected is None else float(projected),
        "unit_class": unit_class,
        "class_label": None if unit_class is None else _both(UNIT_CLASS_LABELS[unit_class]),
        "counts": asdict(score.counts),
    }


def _unit(unit: Unit) -> dict[str, Any]:
    return {"code": unit.code, "kind": unit.kind, "name": {"vi": unit.name_vi, "en": unit.name_en}}


def _ratio(value: float | None, numerator: int, denominator: int) -> dict[str, Any]:
    return {"value": value, "numerator": numerator, "denominator": denominator}


def _both(label: Label) -> dict[str, str]:
    return {"vi": label.vi, "en": label.en}
