"""Staffed offices for tests: staffings in a line, robots that do nothing unexpected, runs in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from services.casework.case import Case, NextStep
from services.casework.engine import Rules
from services.casework.roster import RosterBook
from services.casework.staffed_run import Backlog, StaffedRun
from services.contracts.staffing import Staffing, staffing_from_wire
from services.contracts.vocabulary import Action, Actor, Reason, Status
from tests.support.cases import NINE, make_case, rules

#: Behind everything that a run can come to.
EVER = (datetime(2027, 1, 1, tzinfo=UTC), 2**63)

#: One for all tests: to make an axis takes milliseconds.
ROSTERS = RosterBook()

#: Shares of the robot: what may happen to a dossier beside being decided upon.
_SHARES = (
    "refuse_intake_share",
    "supplement_at_intake_share",
    "supplement_share",
    "payment_share",
    "withdraw_share",
    "forward_share",
    "consult_share",
    "extend_share",
    "refuse_share",
    "late_share",
    "rate_share",
)


@cache
def staffing(
    *,
    officers: int = 1,
    mean_minutes: float = 30,
    spread: str = "exponential",
    variation_percent: int | None = None,
    hours: str = "all",
    discipline: str = "first-come",
) -> Staffing:
    """One skill, one shift, the same desk in every office."""
    service: dict[str, Any] = {"mean_minutes": mean_minutes, "spread": spread}
    if variation_percent is not None:
        service["variation_percent"] = variation_percent
    return staffing_from_wire(
        {
            "discipline": discipline,
            "skills": {"dossiers": ["*"]},
            "service": {"*": service},
            "shifts": {"shift": {"hours": hours}},
            "desks": [{"office": "*", "skill": "dossiers", "officers": officers, "shift": "shift"}],
        }
    )


@cache
def plain_rules(**shares: float) -> Rules:
    """Rules whose robot grants everything as soon as it may, but for these shares."""
    shipped = rules()
    policies = {
        procedure_id: replace(policy, **{**dict.fromkeys(_SHARES, 0.0), **shares})
        for procedure_id, policy in shipped.robot_policies.items()
    }
    return replace(shipped, robot_policies=policies)


def staffed_run(
    who: Staffing,
    *,
    rules: Rules | None = None,
    seed: int = 7,
    backlog: Backlog | None = None,
    since: datetime = NINE,
    head_position: int = 0,
) -> StaffedRun:
    """A run whose desks are open."""
    run = StaffedRun(
        staffing=who,
        rosters=ROSTERS,
        rules=rules or plain_rules(),
        seed=seed,
        head_position=head_position,
        recorded_at=NINE,
    )
    run.open_desks(backlog, since)
    return run


def arriving(number: int, at: datetime, **changes: Any) -> Case:
    """A dossier that comes to its desk at an instant: filed, and about to be received then."""
    step = NextStep(at, Action.RECEIVE, Actor.OFFICER, Reason.COMPLETE)
    return make_case(number, **{"filed_at": NINE, "status": Status.SUBMITTED, "next_step": step, **changes})


def play(run: StaffedRun, cases: Iterable[Case]) -> None:
    """Play dossiers to their end."""
    found = list(cases)
    run.load(found)
    run.play([case.number for case in found], EVER)


def instants(run: StaffedRun, action: str) -> dict[int, datetime]:
    """When something happened to each dossier, the last time."""
    return {fact.number: fact.occurred_at for fact in run.facts if fact.action == action}


def minutes(spans: Sequence[timedelta]) -> list[float]:
    """Spans as numbers."""
    return [span.total_seconds() / 60 for span in spans]
