"""The report of a run as JSON: everything that the screen and the page show, and what it was made from.

Its form is described in docs/reference/simulation-report.schema.json; members are only ever added within a version.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from services.contracts.catalogue import Catalogue
from services.contracts.staffing import Staffing
from services.contracts.timeliness import VIETNAM_TIME
from services.runtime.records import read_yaml
from services.simulator.bases import bases_of, bases_of_all
from services.simulator.preset import Preset
from services.simulator.preset_files import preset_file, read_preset
from services.simulator.preset_keys import parse_change
from services.simulator.report import Check, Counts, Report
from services.simulator.run_figures import RunFigures, machine
from services.simulator.run_log import RunState
from services.simulator.staffing_files import STAFFINGS_FOLDER

#: Names the form, and counts its changes that a reader would notice.
FORMAT: Final = "motcua-simulation-report"
VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportParts:
    """What a report is made of.

    Attributes:
        now: Where the sandbox's clock stands.
        made_at: Real time.
        staffing_name: `None`: the robot, which is never busy.
        waiting: `GET /api/v1/statistics/waiting`, at the end.
    """

    preset: Preset
    catalogue: Catalogue
    state: RunState
    report: Report
    now: datetime
    made_at: datetime
    staffing_name: str | None
    staffing: Staffing | None
    waiting: Mapping[str, Any]


def report_json(parts: ReportParts) -> dict[str, Any]:
    """The report."""
    report, state, plan = parts.report, parts.state, parts.state.plan
    figures = RunFigures.of(state)
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": parts.made_at.isoformat(),
        "is_right": report.is_right,
        "run": {
            "run_id": plan.run_id,
            "sandbox_id": state.sandbox_id,
            "preset": parts.preset.name,
            "title": {"vi": parts.preset.title_vi, "en": parts.preset.title_en},
            "published_in": parts.preset.published_in,
            "fraction": plan.fraction,
            "seed": plan.seed,
            "changes": list(plan.changes),
            "staffing": parts.staffing_name,
            "partitions": plan.partitions,
            "first_on": parts.preset.period.first_on.isoformat(),
            "last_on": parts.preset.period.last_on.isoformat(),
            "clock_at": parts.now.astimezone(VIETNAM_TIME).isoformat(),
        },
        "conservation": _conservation(report),
        "checks": {check.value: check not in report.failed for check in Check},
        "on_time": _on_time(report.total),
        "total": _counts(report.total),
        "procedures": [
            {"procedure_id": name, "label": _label(parts, name), **_counts(counts)} for name, counts in report.rows
        ],
        "offices": [
            {"office_code": code, "name": _office_name(parts, code), **_counts(counts)}
            for code, counts in report.offices
        ],
        "days": [{**asdict(day), "day": day.day.isoformat()} for day in report.days],
        "arrivals": {
            "by_weekday_and_hour": [list(row) for row in report.sent.by_weekday_and_hour],
            "by_customs_channel": dict(report.sent.by_channel),
        },
        "subjects": {kind.value: count for kind, count in sorted(report.sent.subjects.items())},
        "fact_count": report.fact_count,
        "waiting": _waiting(parts),
        "bases": {
            "preset": [item._asdict() for item in bases_of(_preset_record(parts))],
            "staffing": [item._asdict() for item in bases_of_all(_staffing_record(parts))],
        },
        "desks": _desks(parts.staffing),
        "run_figures": {**asdict(figures), "machine": dict(machine())},
    }


def _conservation(report: Report) -> dict[str, Any]:
    """Where everything that was sent has gone, to the dossier."""
    total = report.total
    return {
        "sent": report.sent.total_count,
        "refused_at_the_door": report.sent.refused_count,
        "refused_at_the_door_by_code": dict(report.refused_codes),
        "filed": total.filed,
        "refused_at_intake": total.refused_at_intake,
        "closed_before_receipt": total.closed_before_receipt,
        "awaiting_receipt": total.awaiting_receipt,
        "received": total.received,
        "resolved": total.resolved,
        "of_these_withdrawn_or_stopped": total.ended_early,
        "open": total.open,
        "withdrawn": total.withdrawn,
        "stopped": total.stopped,
    }


def _counts(counts: Counts) -> dict[str, Any]:
    return {**asdict(counts), "on_time_ratio": counts.on_time_ratio}


def _on_time(total: Counts) -> dict[str, Any]:
    return {"in_time": total.early + total.on_time, "limited": total.limited, "ratio": total.on_time_ratio}


def _label(parts: ReportParts, procedure_id: str) -> dict[str, str]:
    for share in parts.preset.procedures:
        if share.procedure_id == procedure_id:
            return {"vi": share.label_vi, "en": share.label_en}
    procedure = parts.catalogue.procedures[procedure_id]
    return {"vi": procedure.name_vi, "en": procedure.name_en}


def _office_name(parts: ReportParts, code: str) -> str:
    office = parts.catalogue.offices.get(code)
    return office.name_vi if office else code


def _preset_record(parts: ReportParts) -> Mapping[str, Any]:
    plan = parts.state.plan
    return read_preset(preset_file(plan.preset), [parse_change(text) for text in plan.changes]).left


def _staffing_record(parts: ReportParts) -> Mapping[str, Any]:
    name = parts.staffing_name
    if name is None:
        return {}
    return read_yaml(Path(name) if name.endswith(".yaml") else STAFFINGS_FOLDER / f"{name}.yaml").left


def _waiting(parts: ReportParts) -> dict[str, Any]:
    """By procedure as the portal tells it, each with the skill of the officers that it needs."""
    staffing = parts.staffing
    rows = [
        {**row, "skill": staffing.skill_of(row["procedure_id"]) if staffing else None} for row in parts.waiting["rows"]
    ]
    return {"edges_seconds": parts.waiting["edges_seconds"], "rows": rows}


def _desks(staffing: Staffing | None) -> list[dict[str, Any]]:
    return [] if staffing is None else list(staffing.to_wire()["desks"])
