"""Playing in memory: cut into parts and slices as one likes, every dossier comes out as the engine has it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from services.casework.engine import PartitionRun, Rules
from services.casework.roster import RosterBook
from services.casework.staffed_run import StaffedRun
from services.contracts.staffing import Staffing, staffing_from_wire
from services.contracts.timeliness import Timeliness, timeliness
from services.contracts.vocabulary import SETTLED_STATUSES, OfficerKind, Status
from services.planner import playing
from services.planner.playing import End, play, play_at_once, rules_of
from services.planner.staffing_changes import officers_at, with_officers
from services.planner.workload import Part, Queue, Workload
from services.simulator.windows import FilingColumns, WindowPlan
from tests.support.filings import catalogue

PROCEDURES = ["clearance-documentary-check", "clearance-goods-inspection", "amendment-after-clearance", "refund-first"]
OFFICES = ["02CI", "30CF"]
START = datetime(2018, 6, 4, tzinfo=UTC)
UNTIL = START + timedelta(days=120)


@cache
def rules() -> Rules:
    return rules_of(catalogue())


def staffing(officers: int = 3, **changes: Any) -> Staffing:
    return staffing_from_wire(
        {
            "discipline": "first-come",
            "skills": {"documents": PROCEDURES[:1], "goods": PROCEDURES[1:2], "dossiers": ["*"]},
            "service": {"*": {"mean_minutes": 25, "spread": "exponential"}},
            "shifts": {"day": {"hours": "office"}, "late": {"days": "office", "from": "17:00", "to": "20:00"}},
            "desks": [
                {"office": "*", "skill": skill, "officers": officers, "shift": "day"}
                for skill in ("documents", "goods", "dossiers")
            ],
            **changes,
        }
    )


@dataclass
class Crowd:
    """Two windows of drawn filings."""

    seed: int = 1
    count: int = 600

    @property
    def plans(self) -> Sequence[WindowPlan]:
        day = timedelta(days=1)
        ends = [START + place * day for place in range(3)]
        half = self.count // 2
        return [
            WindowPlan(place, ends[place], ends[place + 1], 1 + place * half, half, 0, ends[place], ends[place])
            for place in range(2)
        ]

    @property
    def applicants(self) -> Sequence[Any]:
        return []

    @property
    def refiled_procedure_ids(self) -> Sequence[str]:
        return []

    def columns(self, index: int) -> FilingColumns:
        rng = np.random.default_rng([self.seed, index])
        half = self.count // 2
        channel = rng.choice([0, 1, 2, 3], half, p=[0.2, 0.3, 0.3, 0.2])
        procedure = np.where(channel == 0, rng.integers(2, 4, half), (channel == 3).astype(np.int64))
        at = int(self.plans[index].start.timestamp())
        return FilingColumns(
            procedure_ids=PROCEDURES,
            office_codes=OFFICES,
            numbers=np.arange(half) + 1 + index * half,
            procedure=procedure,
            office=rng.integers(0, 2, half),
            # Many at one instant, and not in order of their numbers.
            filed_at=at + 3600 * 2 + rng.integers(0, 600, half) * 40,
            customs_channel=channel,
            applicant=np.zeros(half, dtype=np.int64),
            traits=[{}] * int((channel == 0).sum()),
        )

    def window(self, index: int) -> Any:
        raise NotImplementedError

    def feed(self, ended: Any) -> None:
        raise NotImplementedError

    def refused(self, numbers: Any) -> None:
        raise NotImplementedError


def by_the_engine(workload: Workload, with_staffing: Staffing | None, seed: int) -> dict[int, End]:
    """All offices in one run with its ordinary log."""
    more: dict[str, Any] = {"rules": rules(), "seed": seed, "head_position": 0, "recorded_at": START}
    run: PartitionRun
    if with_staffing is None:
        run = PartitionRun(officer=OfficerKind.ROBOT, **more)
    else:
        run = StaffedRun(staffing=with_staffing, rosters=RosterBook(), **more)
        run.open_desks(None, START)
    for part in workload.by_office():
        run.accept(part.rows(0, len(part)), START)
    run.play(sorted(run.cases), (UNTIL, 2**63))
    ends: dict[int, End] = {}
    for fact in run.facts:
        if fact.status not in SETTLED_STATUSES or fact.status == fact.status_before:
            continue
        if (settled := ends.get(fact.number)) is not None:
            ends[fact.number] = replace(settled, status=fact.status, status_at=fact.occurred_at)
            continue
        is_result = fact.status in {Status.PROCESSED, Status.RETURNED}
        how = timeliness(fact.occurred_at, fact.due_at, fact.limit_unit) if is_result else None
        ends[fact.number] = End(fact.status, fact.occurred_at, fact.occurred_at, how)
    return ends


@pytest.mark.parametrize("officers", [None, 1, 4])
@pytest.mark.parametrize("at_a_time", [1, 37, 20_000])
def test_parts_and_slices_make_no_difference(monkeypatch, officers: int | None, at_a_time: int) -> None:
    monkeypatch.setattr(playing, "FILINGS_AT_A_TIME", at_a_time)
    workload = Workload(Crowd())
    given = None if officers is None else staffing(officers)
    parts = workload.by_office()
    if given is not None:
        parts = [*workload.by_queue(given).values(), *workload.cleared_at_once()]
    found: dict[int, End] = {}
    for part in parts:
        ends = play(part, given, seed=7, rules=rules(), until=UNTIL, keeps_each=True)
        found |= ends.by_number
        assert ends.settled_count + ends.open_count == len(part)
    settled = {number: end for number, end in found.items() if end.settled_at is not None}
    assert settled == by_the_engine(workload, given, 7)
    assert len(found) == len(workload)


def test_fewer_officers_are_late_more_often_and_let_wait_longer() -> None:
    part = Workload(Crowd()).by_queue(staffing())[Queue("02CI", "documents")]
    few, many = (play(part, staffing(count), seed=7, rules=rules(), until=UNTIL) for count in (1, 8))
    assert few.on_time_ratio < many.on_time_ratio
    assert sum(few.waited_seconds) > sum(many.waited_seconds)


def test_what_stays_open_and_overdue_is_late() -> None:
    nobody = staffing(0)
    part = Workload(Crowd()).by_queue(nobody)[Queue("02CI", "documents")]
    ends = play(part, nobody, seed=7, rules=rules(), until=UNTIL, keeps_each=True)
    late = [end for end in ends.by_number.values() if end.settled_at is None]
    assert ends.open_count == len(late) > 0
    assert all(end.timeliness is Timeliness.OVERDUE for end in late)
    assert ends.timely[Timeliness.OVERDUE] == len(late)


def test_it_counts_as_the_statistics_do() -> None:
    """At once is before due, and who withdrew or was stopped after receipt was not let down (counting.md)."""
    workload = Workload(Crowd())
    (at_once,) = (part for part in workload.cleared_at_once() if part.office_code == "02CI")
    ends = play(at_once, staffing(), seed=7, rules=rules(), until=UNTIL)
    assert ends.timely == {**dict.fromkeys(Timeliness, 0), Timeliness.EARLY: len(at_once)}

    few = staffing(1, service={"*": {"mean_minutes": 90, "spread": "exponential"}})
    part = Workload(Crowd(count=6000)).by_queue(few)[Queue("02CI", "dossiers")]
    ends = play(part, few, seed=7, rules=rules(), until=UNTIL + timedelta(days=300), keeps_each=True)
    told = Counter(end.timeliness for end in ends.by_number.values())
    assert ends.timely[Timeliness.OVERDUE] == told[Timeliness.OVERDUE] > 0
    # Some were refused before anybody received them: those count nowhere.
    without = [end.status for end in ends.by_number.values() if end.timeliness is None]
    closed = without.count(Status.WITHDRAWN) + without.count(Status.STOPPED)
    assert ends.timely[Timeliness.ON_TIME] == told[Timeliness.ON_TIME] + closed > told[Timeliness.ON_TIME]
    assert Status.NOT_RECEIVED in without


def test_a_hopeless_run_is_given_up() -> None:
    nobody = staffing(1)
    part = Workload(Crowd(count=4000)).by_queue(nobody)[Queue("02CI", "documents")]
    ends = play(part, nobody, seed=7, rules=rules(), until=UNTIL, gives_up=lambda _: True)
    assert ends.settled_count + ends.open_count <= len(part)


def test_a_workload_is_cut_without_loss() -> None:
    workload = Workload(Crowd())
    parts: list[Part] = [*workload.by_queue(staffing()).values(), *workload.cleared_at_once()]
    assert sorted(number for part in parts for number in part.numbers.tolist()) == list(range(1, 601))
    assert sum(map(len, workload.by_office())) == 600


def test_officers_are_changed_at_one_queue_and_shared_out_over_its_shifts() -> None:
    desks = [
        {"office": "02CI", "skill": "goods", "officers": 4, "shift": "day",
         "leave": [{"first_on": "2018-06-05", "last_on": "2018-06-06", "officers": 2}]},
        {"office": "02CI", "skill": "goods", "officers": 2, "shift": "late"},
        {"office": "*", "skill": "goods", "officers": 1, "shift": "day"},
    ]  # fmt: skip
    given = staffing(desks=desks)
    changed = with_officers(given, {Queue("02CI", "goods"): 9})
    assert [(desk.officers, desk.shift) for desk in changed.desks_of("02CI", "goods")] == [(6, "day"), (3, "late")]
    assert changed.desks_of("02CI", "goods")[0].leave[0].officers == 3
    assert officers_at(changed, Queue("30CF", "goods")) == 1
    assert officers_at(with_officers(given, {Queue("30CF", "goods"): 5}), Queue("30CF", "goods")) == 5
    with pytest.raises(LookupError):
        with_officers(given, {Queue("02CI", "documents"): 5})


def test_what_is_answered_at_once_is_counted_by_columns_as_if_it_were_played() -> None:
    workload = Workload(Crowd())
    for part in workload.cleared_at_once():
        played = play(part, None, seed=7, rules=rules(), until=UNTIL)
        counted = play_at_once(part, seed=7, rules=rules(), until=UNTIL)
        assert counted is not None
        assert (counted.timely, counted.settled_count, counted.open_count) == (
            played.timely,
            played.settled_count,
            played.open_count,
        )
    for part in workload.by_queue(staffing()).values():
        assert play_at_once(part, seed=7, rules=rules(), until=UNTIL) is None


@pytest.mark.parametrize("officers", [None, 1, 4])
def test_counts_are_the_same_whether_each_is_told_or_not(officers: int | None) -> None:
    given = None if officers is None else staffing(officers)
    for part in Workload(Crowd()).by_office():
        told, counted = (
            play(part, given, seed=7, rules=rules(), until=UNTIL, keeps_each=keeps_each) for keeps_each in (True, False)
        )
        assert told.by_number
        assert not counted.by_number
        assert replace(told, by_number={}) == counted
