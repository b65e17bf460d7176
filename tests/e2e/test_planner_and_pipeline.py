"""The planner's run in memory and the real pipeline: with the same seed and staffing every dossier ends the same way.

The crowd goes through the portal as `./motcua simulate` sends it: batches, registers, a clock that is moved while it
files, ends that it is told of, two workers. The planner makes no line of it and asks no service. The officers are too
few, so who comes before whom decides about hundreds of dossiers.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from motcua import Client

from services.contracts.facts import Fact
from services.contracts.timeliness import Timeliness
from services.contracts.vocabulary import Action, Status
from services.launcher.stack import Stack
from services.planner.planning import run_in_memory, worker_pool
from services.planner.playing import Ends
from services.planner.workload import Workload
from services.runtime.clock import real_now
from services.simulator.crowd import Crowd
from services.simulator.driver import Outcome, run
from services.simulator.session import Session, Wish, begin_session
from tests.support.filings import catalogue
from tests.support.inside import Inside

SEED = 23

#: Whoever waits longer from receipt until an officer takes it up has waited for an officer, not for the morning (s).
LONG = 5 * 24 * 3600

SKILLS = {
    "documents": ["clearance-documentary-check"],
    "goods": ["clearance-goods-inspection"],
    "dossiers": ["*"],
}

#: One or two slow officers for everything: about as much work as they have time.
BY_DEADLINE: Mapping[str, Any] = {
    "discipline": "earliest-deadline",
    "skills": SKILLS,
    "service": {
        "*": {"mean_minutes": 300, "spread": "exponential"},
        "clearance-documentary-check": {"mean_minutes": 500, "spread": "lognormal", "variation_percent": 80},
    },
    "shifts": {"day": {"hours": "office"}},
    "desks": [{"office": "*", "skill": skill, "officers": 1, "shift": "day"} for skill in SKILLS],
}

#: Two shifts, leave in the busiest weeks, and one kind of work before the others.
BY_PROCEDURE: Mapping[str, Any] = {
    "discipline": "by-procedure",
    "priorities": {"storage-extension": 1, "amendment-before-clearance": 2},
    "skills": SKILLS,
    "service": {"*": {"mean_minutes": 480, "spread": "lognormal", "variation_percent": 60}},
    "shifts": {
        "day": {"hours": "office"},
        "evening": {"days": ["mon", "wed", "fri"], "from": "17:00", "to": "20:30"},
    },
    "desks": [
        *({"office": "*", "skill": skill, "officers": 1, "shift": "day"} for skill in SKILLS),
        *(
            {"office": "30CF", "skill": skill, "officers": 2, "shift": "day",
             "leave": [{"first_on": "2020-01-13", "last_on": "2020-02-14", "officers": 1}]}
            for skill in SKILLS
        ),
        *({"office": "30CF", "skill": skill, "officers": 1, "shift": "evening"} for skill in SKILLS),
    ],
}  # fmt: skip


class Told(NamedTuple):
    """What became of a dossier."""

    status: str
    status_at: datetime
    settled_at: datetime | None
    timeliness: str | None


class Case(NamedTuple):
    """A crowd that meets too few officers."""

    preset: str
    fraction: float
    changes: tuple[str, ...]
    staffing: Mapping[str, Any]


CASES = {
    # Declarations of three channels, registers, traits, applicants who file again what ended undecided.
    "a national quarter": Case(
        "national-2018-q2", 0.0005, ("dossier_count=700000", "declaration_count=2000000"), BY_DEADLINE
    ),
    # Five offices, so that queues are long; over Tết.
    "one department": Case("ha-tinh-2020", 0.5, ("declaration_count=1200",), BY_PROCEDURE),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_every_dossier_ends_as_the_planner_says(admin: Client, stack: Stack, tmp_path: Path, case: Case) -> None:
    session = session_of(tmp_path, case)
    outcome = run(admin, session.workload, session.log, lambda _: None)
    planned = in_memory(session, outcome)
    facts = facts_of(stack, session)
    actual = through_the_pipeline(admin, session, facts)

    foretold = {number: told for ends in planned for number, told in told_by(ends).items()}
    assert {number: (actual[number], told) for number, told in foretold.items() if told != actual[number]} == {}
    assert foretold.keys() == actual.keys() == set(range(1, session.preset.total_count + 1))

    # The statistics count more than the portal tells of each: also what was withdrawn is in time.
    resolved = outcome.by_procedure["total"]["resolved"]
    sums = Counter[Timeliness]()
    for ends in planned:
        sums.update(ends.timely)
    assert {how.value.replace("-", "_"): sums[how] for how in Timeliness} == {
        name: count for name, count in resolved.items() if name != "total"
    }

    waits = sorted(seconds for ends in planned for seconds in ends.waited_seconds)
    assert waits == waits_told_of(facts)
    assert sum(wait > LONG for wait in waits) > 50, "nobody had to wait for an officer"
    assert sum(told.timeliness == Timeliness.OVERDUE for told in actual.values()) > 50, "nobody was late"
    assert sum(told.timeliness == Timeliness.EARLY for told in actual.values()) > 50, "everybody was late"


def session_of(folder: Path, case: Case) -> Session:
    staffing = folder / "tight.yaml"
    staffing.write_text(yaml.safe_dump(dict(case.staffing), sort_keys=False), encoding="utf-8")
    wish = Wish(case.preset, case.fraction, SEED, case.changes, str(staffing), 4)
    return begin_session(folder / "runs", wish, catalogue(), real_now(), in_vietnamese=False)


def in_memory(session: Session, outcome: Outcome) -> list[Ends]:
    """Everything, as `./motcua plan` confirms what it has found."""
    workload = Workload(Crowd(session.preset, catalogue(), SEED))
    with worker_pool(2, "") as pool:
        ends = run_in_memory(pool, workload, session.workload.staffing, seed=SEED, until=outcome.now, keeps_each=True)
    return list(ends.values())


def told_by(ends: Ends) -> dict[int, Told]:
    return {
        number: Told(Status(end.status).slug, end.status_at, end.settled_at, end.timeliness)
        for number, end in ends.by_number.items()
    }


def facts_of(stack: Stack, session: Session) -> list[Fact]:
    assert session.log.state.sandbox_id is not None
    return [fact for _, fact in Inside(stack).facts(session.log.state.sandbox_id)]


def through_the_pipeline(admin: Client, session: Session, facts: Sequence[Fact]) -> dict[int, Told]:
    """What the portal answers; and from the ledger since when, for there a rating is no change of the status."""
    since = {fact.number: fact.occurred_at for fact in facts if fact.status != fact.status_before}
    assert session.log.key is not None
    with Client(admin.url, session.log.key) as sandbox:
        return {
            int(one["number"]): Told(
                one["status"], since[int(one["number"])], _instant(one["resolved_at"]), one["timeliness"]
            )
            for one in sandbox.dossiers()
        }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def waits_told_of(facts: Sequence[Fact]) -> list[int]:
    """Seconds from receipt until an officer took it up, of each dossier."""
    return sorted(
        int((fact.occurred_at - fact.received_at).total_seconds())
        for fact in facts
        if fact.action == Action.START and fact.received_at is not None
    )
