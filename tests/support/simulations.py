"""A run and its report, made up: what came of twelve dossiers of two procedures at two offices."""

from datetime import UTC, date, datetime
from typing import Any

from services.contracts.catalogue import Catalogue
from services.contracts.staffing import Staffing, staffing_from_wire
from services.contracts.vocabulary import ApplicantKind
from services.simulator.arrivals import start_of_day
from services.simulator.driver import Outcome
from services.simulator.preset import Preset
from services.simulator.report import make_report
from services.simulator.report_file import ReportParts, report_json
from services.simulator.run_log import Refused, RunPlan, RunState, StepTimes
from services.simulator.sent import Sent

PLAN = RunPlan("ha-tinh-2020-20261122-080000", "ha-tinh-2020", 0.01, 7, ("dossier_count=12",), None, 2, "digest")

STATE = RunState(
    PLAN,
    sandbox_id="s",
    windows_done=2,
    seconds=14.5,
    sessions=2,
    crowd_waited_seconds=1.5,
    refused=(Refused(5, "not-in-register"), Refused(9, "invalid-body"), Refused(10, "not-in-register")),
    steps=(
        StepTimes("2020-01-03T00:00:00+07:00", 10, 1.0, 2.0, 5.0),
        StepTimes("2020-01-05T00:00:00+07:00", 2, 2.5, 7.0, 9.0),
    ),
    ended_seconds=13.0,
    is_finished=True,
)

STAFFING = {
    "discipline": "first-come",
    "skills": {"dossiers": ["*"], "storage": ["storage-extension"]},
    "service": {"*": {"mean_minutes": 30, "spread": "exponential"}},
    "shifts": {"day": {"hours": "office"}},
    "desks": [
        {
            "office": "30CF",
            "skill": "dossiers",
            "officers": 2,
            "shift": "day",
            "leave": [{"first_on": "2020-01-02", "last_on": "2020-01-03", "officers": 1}],
        },
        {"office": "*", "skill": "storage", "officers": 1, "shift": "day"},
    ],
}


def wire(filed: int, received: int, early: int, **others: int) -> dict[str, Any]:
    """A row as the portal answers it."""
    resolved = {
        "early": early,
        "on_time": others.get("on_time", 0),
        "overdue": others.get("overdue", 0),
        "without_limit": others.get("without_limit", 0),
    }
    return {
        "filed": filed,
        "received": received,
        "refused_at_intake": others.get("refused", 0),
        "closed_before_receipt": others.get("closed", 0),
        "awaiting_receipt": others.get("awaiting", 0),
        "resolved": {**resolved, "total": sum(resolved.values())},
        "withdrawn": others.get("withdrawn", 0),
        "stopped": 0,
        "open": {"total": others.get("open", 0)},
    }


def outcome_of(preset: Preset) -> Outcome:
    """Everything as it should be."""
    first = {"procedure_id": "declaration-cancellation", **wire(8, 6, 3, refused=1, closed=1, on_time=2, overdue=1)}
    second = {"procedure_id": "storage-extension", **wire(4, 3, 0, awaiting=1, without_limit=2, open=1, withdrawn=3)}
    total = wire(12, 9, 3, refused=1, closed=1, awaiting=1, on_time=2, overdue=1, without_limit=2, open=1, withdrawn=3)
    offices = [{**row, "office_code": code} for code, row in (("30BB", second), ("30CF", first))]
    days = [
        {"day": "2020-01-02", **wire(10, 5, 1, refused=1)},
        {"day": "2020-01-04", **wire(2, 4, 2, closed=1, on_time=2, overdue=1, without_limit=2)},
    ]
    hours = [[0] * 24 for _ in range(7)]
    hours[3][9], hours[5][10] = 10, 2
    return Outcome(
        sent=Sent(
            taken_count=12,
            refused_count=3,
            by_procedure={"declaration-cancellation": 8, "storage-extension": 4},
            by_office={"30CF": 8, "30BB": 4},
            by_day={date(2020, 1, 2): 10, date(2020, 1, 4): 2},
            by_channel={"green": 1, "red": 2},
            by_weekday_and_hour=tuple(tuple(row) for row in hours),
            subjects={ApplicantKind.ENTERPRISE: 3, ApplicantKind.CITIZEN: 1},
        ),
        by_procedure={
            "rows": [second, first],
            "total": total,
            "subjects": {"enterprise": 3, "citizen": 1, "household": 0},
        },
        by_office={"rows": offices, "total": total},
        by_day={"rows": days},
        waiting={
            "edges_seconds": [1.0, 3600.0, 86400.0],
            "rows": [
                {
                    "procedure_id": "declaration-cancellation",
                    "to_receipt": waits([1, 5, 0, 0], 1800.0, 3000.0),
                    "to_result": waits([0, 0, 4, 2], 80_000.0, 200_000.0),
                },
                {
                    "procedure_id": "storage-extension",
                    "to_receipt": waits([3, 0, 0, 0], 0.0, 0.0),
                    "to_result": waits([0, 0, 0, 0], None, None),
                },
            ],
        },
        recount={"equal": True, "facts": 50},
        now=start_of_day(preset.period.last_on),
    )


def waits(counts: list[int], mean: float | None, longest: float | None) -> dict[str, Any]:
    """Waiting times as the portal answers them."""
    return {"counts": counts, "mean_seconds": mean, "longest_seconds": longest}


def staffing_of(catalogue: Catalogue) -> Staffing:
    """Who works there."""
    return staffing_from_wire(STAFFING, procedures=catalogue.procedures, offices=catalogue.offices)


def parts_of(preset: Preset, catalogue: Catalogue, *, is_staffed: bool = True) -> ReportParts:
    """All that the report is made of."""
    outcome = outcome_of(preset)
    return ReportParts(
        preset=preset,
        catalogue=catalogue,
        state=STATE,
        report=make_report(preset, outcome, STATE),
        now=outcome.now,
        made_at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
        staffing_name=None,
        staffing=staffing_of(catalogue) if is_staffed else None,
        waiting=outcome.waiting,
    )


def report_of(preset: Preset, catalogue: Catalogue, *, is_staffed: bool = True) -> dict[str, Any]:
    """The report as JSON."""
    return report_json(parts_of(preset, catalogue, is_staffed=is_staffed))
