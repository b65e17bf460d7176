"""A staffed sandbox's ledger is a function of its log: wherever a run is cut, whatever is read again, however often.

Each unit forgets all that it had in memory, so with units as small as can be, every queue is read from the dossiers
again at nearly every step.
"""

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings, strategies

from services.casework import staffed_run
from services.contracts.commands import CalendarOverride
from services.contracts.staffing import Staffing, staffing_from_wire
from services.processing.application import running
from tests.support.cases import NINE, Log, accepted, requested, rules
from tests.support.offices import ROSTERS
from tests.support.partitions import MemoryPartitionStore
from tests.support.worlds import World

#: One of each kind: plain, with a fee, in steps, without a limit, with extensions, refunds.
_PROCEDURES = [
    "declaration-cancellation",
    "clearance-documentary-check",
    "clearance-goods-inspection",
    "overpaid-tax",
    "duty-free-shop-certificate",
    "duty-reduction",
    "refund-first",
    next(key for key, found in rules().procedures.items() if all(not rule.steps for rule in found.limit_rules)),
]
_OFFICES = ["30CF", "02CI"]


@strategies.composite
def staffings(draw: strategies.DrawFn) -> Staffing:
    skills = {"goods": _PROCEDURES[1:3], "dossiers": ["*"]}
    spreads: list[dict[str, Any]] = [
        {"spread": "fixed"},
        {"spread": "exponential"},
        {"spread": "lognormal", "variation_percent": 150},
    ]
    minutes = strategies.sampled_from([0.1, 20, 60, 300, 2000])
    leave = strategies.lists(
        strategies.builds(
            lambda first, days: {
                "first_on": (date(2018, 6, 4) + timedelta(days=first)).isoformat(),
                "last_on": (date(2018, 6, 4) + timedelta(days=first + days)).isoformat(),
                "officers": 1,
            },
            strategies.integers(0, 20),
            strategies.integers(0, 5),
        ),
        max_size=2,
    )
    shifts = {
        "day": {"hours": "office"},
        "always": {"hours": "all"},
        "night": {"days": ["mon", "wed", "sat"], "from": "21:00", "to": "05:00"},
    }
    desks = [
        {
            "office": office,
            "skill": skill,
            "officers": officers,
            "shift": shift,
            "leave": draw(leave) if officers else [],
        }
        for office in ["*", *draw(strategies.sampled_from([[], _OFFICES[:1]]))]
        for skill in skills
        for shift in draw(strategies.sampled_from([[], ["day"], ["always"], ["day", "night"]]))
        for officers in [draw(strategies.integers(0, 3))]
    ]
    return staffing_from_wire(
        {
            "discipline": draw(strategies.sampled_from(["first-come", "earliest-deadline", "by-procedure"])),
            "skills": skills,
            "service": {
                "*": {"mean_minutes": draw(minutes), **draw(strategies.sampled_from(spreads))},
                "overpaid-tax": {"mean_minutes": draw(minutes), **draw(strategies.sampled_from(spreads))},
            },
            "shifts": shifts,
            "desks": desks,
        }
    )


_ACTIONS = [
    ("withdraw", "applicant", {}),
    ("request-supplement", "officer", {}),
    ("supplement", "applicant", {}),
    ("grant", "leader", {}),
    ("start", "officer", {}),
    ("forward", "officer", {"to_level": "department"}),
    ("request-payment", "officer", {"amount_vnd": 100_000}),
    ("pay", "bank", {}),
    ("extend", "leader", {}),
    ("complete-step", "officer", {}),
]


@strategies.composite
def logs(draw: strategies.DrawFn) -> Log:
    """Filings for now and for later, the clock, people who act, and days off."""
    log = Log(seed=draw(strategies.integers(0, 1000)), staffing=draw(staffings()))
    at, number = NINE, 0
    for _ in range(draw(strategies.integers(1, 4))):
        rows = []
        for _ in range(draw(strategies.integers(0, 12))):
            number += 1
            filed_at = at + timedelta(minutes=draw(strategies.sampled_from([0, 0, 5, 5, 61, 600, 3000])))
            row = accepted(number, procedure_id=draw(strategies.sampled_from(_PROCEDURES)), filed_at=filed_at)
            rows.append(row._replace(office_code=draw(strategies.sampled_from(_OFFICES))))
        if rows:
            log.accept(*rows, at=at)
        for _ in range(draw(strategies.integers(0, 3))):
            at += timedelta(minutes=draw(strategies.sampled_from([0, 7, 90, 480, 1440, 7 * 1440])))
            if number:
                who = strategies.tuples(strategies.integers(1, number), strategies.sampled_from(_ACTIONS))
                asked = draw(strategies.lists(who, max_size=3))
                log.act(*(requested(dossier, name, actor, **more) for dossier, (name, actor, more) in asked), at=at)
            if draw(strategies.booleans()):
                day = at.date() + timedelta(days=draw(strategies.integers(0, 4)))
                log.override(CalendarOverride(day, draw(strategies.booleans()), "Ngày khác", "1/QĐ"), at=at)
            log.advance(at=at)
    log.advance(at=at + timedelta(days=draw(strategies.sampled_from([0, 1, 30, 120]))))
    return log


def ledger(log: Log, **units: Any) -> tuple[list[tuple[Any, ...]], Any]:
    world = World(MemoryPartitionStore(), **units)
    # One book for all: each unit has a runner of its own here, and would make the axes of shifts anew.
    with patch.object(running, "RosterBook", lambda: ROSTERS):
        world.run_all(*log.commands)
    return world.ledger(), world.state()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs(), dossiers_per_unit=strategies.integers(1, 9), a_read=strategies.integers(1, 5))
def test_the_ledger_doesnt_depend_on_how_a_run_is_cut(log: Log, dossiers_per_unit: int, a_read: int) -> None:
    whole, reached = ledger(log)
    with (
        patch.object(running, "DOSSIERS_PER_READ", a_read),
        patch.object(running, "FACTS_AT_A_TIME", a_read),
        patch.object(staffed_run, "_READ_AT_LEAST", 1 - 2 * (a_read % 2)),
    ):
        cut, state = ledger(log, dossiers_per_unit=dossiers_per_unit)
    assert cut == whole
    assert state.reached_at == reached.reached_at


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs())
def test_a_second_run_says_the_same_and_commands_one_by_one_do(log: Log) -> None:
    whole, _ = ledger(log)
    world = World(MemoryPartitionStore())
    with patch.object(running, "RosterBook", lambda: ROSTERS):
        for command in log.commands:
            world.run_all(command)
    assert world.ledger() == whole == ledger(log)[0]
