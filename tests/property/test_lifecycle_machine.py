"""The lifecycle under a crowd that does anything at any time: the engine stays within the table, and within the law."""

import random
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.contracts.commands import Command
from services.contracts.facts import Fact
from services.contracts.vocabulary import TERMINAL_STATUSES, Action, Actor, OfficerKind, Refusal, Status
from services.processing.application.running import PartitionRunner
from services.processing.domain.engine import PartitionRun
from services.processing.domain.lifecycle import TRANSITIONS
from tests.support.cases import NINE, Log, accepted, requested, rules
from tests.support.filings import catalogue
from tests.support.partitions import MemoryPartitionStore, Partition

PROCEDURES = sorted(catalogue().procedures)
ROWS = {(row.before, row.action): row for row in TRANSITIONS}
KEY = ("s", 0)

#: Statuses in which nothing happens by itself where people decide: it is their turn.
PEOPLES_TURN = {Status.SUBMITTED, Status.RECEIVED, Status.IN_PROCESS, Status.PROCESSED}
WAITING_FOR_APPLICANT = {Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED}

spans = st.sampled_from([0, 1, 59, 600, 3000, 20_000]).map(lambda minutes: timedelta(minutes=minutes))


class LifecycleMachine(RuleBasedStateMachine):
    """Dossiers of one partition, commands as they come, and what must hold after each."""

    @initialize(officer=st.sampled_from(OfficerKind), seed=st.integers(0, 2**62))
    def open(self, officer: OfficerKind, seed: int) -> None:
        self.officer = officer
        self.log = Log(seed=seed, officer=officer)
        self.store = MemoryPartitionStore()
        self.runner = PartitionRunner(self.store, rules(), lambda: NINE, steps_per_unit=3)
        self.now = NINE
        self.count = 0
        self.take()

    def take(self) -> None:
        """Carry out the last command."""
        has_more = self.runner.run(KEY, self.log.commands[-1:])
        while has_more:
            has_more = self.runner.run(KEY)

    @property
    def partition(self) -> Partition:
        return self.store.partitions[KEY]

    @rule(procedure_id=st.sampled_from(PROCEDURES), ahead=spans)
    def file(self, procedure_id: str, ahead: timedelta) -> None:
        self.count += 1
        row = accepted(self.count, procedure_id=procedure_id, filed_at=self.now + ahead)
        self.log.accept(row, at=self.now)
        self.take()

    @rule(data=st.data(), action=st.sampled_from(Action), actor=st.sampled_from(Actor), is_stale=st.booleans())
    def act(self, data: st.DataObject, action: Action, actor: Actor, is_stale: bool) -> None:
        number = data.draw(st.integers(1, max(self.count, 1)))
        case = self.partition.dossiers.get(number)
        before, facts = (case.status, case.version) if case else (None, 0), len(self.partition.ledger)
        self.log.act(
            requested(number, action, actor, version=case.version - 1 if case and is_stale else None), at=self.now
        )
        self.take()
        if before[0] is None:  # nobody has filed it yet
            assert len(self.partition.ledger) == facts
            return
        answer = self.partition.ledger[-1]
        assert answer.command_id == f"act_{number}_{action}_{actor}"
        row = ROWS.get((before[0], action))
        after = self.partition.dossiers[number]
        if answer.refusal is None:
            assert row is not None
            assert actor in row.actors
            assert not is_stale
            assert after.status is row.after
        else:
            assert (after.status, after.version) == before
            assert (answer.refusal == Refusal.STALE_VERSION) == is_stale

    @rule(span=spans)
    def wait(self, span: timedelta) -> None:
        self.now += span
        self.log.advance(at=self.now)
        self.take()

    @invariant()
    def every_fact_follows_the_table(self) -> None:
        statuses: dict[int, int | None] = {}
        for position, fact in enumerate(self.partition.ledger, start=1):
            assert fact.position == position
            assert fact.status_before == statuses.get(fact.number)
            if fact.refusal is not None:
                assert fact.status == fact.status_before
                continue
            row = ROWS[None if fact.status_before is None else Status(fact.status_before), Action(fact.action)]
            assert fact.status == row.after
            assert Actor(fact.actor) in row.actors
            assert fact.status_before not in TERMINAL_STATUSES
            statuses[fact.number] = fact.status
        # Replaying the facts gives what is written.
        assert statuses == {
            number: case.status for number, case in self.partition.dossiers.items() if case.status is not None
        }

    @invariant()
    def time_goes_forward_and_leaves_nothing_due(self) -> None:
        for earlier, later in pairwise(self.partition.ledger):
            assert earlier.occurred_at <= later.occurred_at <= self.now
        for case in self.partition.dossiers.values():
            assert case.next_step is None or case.next_step.at > self.now
        state = self.partition.state
        assert state is not None
        assert state.reached_at == self.now
        assert state.command_sequence == len(self.log.commands)
        assert self.partition.inbox == {}

    @invariant()
    def somebody_is_always_next(self) -> None:
        for case in self.partition.dossiers.values():
            if case.status in TERMINAL_STATUSES:
                assert case.next_step is None
            elif case.status is None or case.status in WAITING_FOR_APPLICANT or self.officer is OfficerKind.ROBOT:
                assert case.next_step is not None
            else:
                assert case.status in PEOPLES_TURN
                assert case.next_step is None

    @invariant()
    def a_limit_runs_from_receipt_and_stands_still_only_for_the_applicant(self) -> None:
        for case in self.partition.dossiers.values():
            assert (case.deadline is not None) == case.was_received
            if case.deadline is not None and case.status not in TERMINAL_STATUSES:
                assert case.deadline.is_suspended == (case.status in WAITING_FOR_APPLICANT)


LifecycleMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestLifecycle = LifecycleMachine.TestCase


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """A command log of a robot's sandbox: filings, some for later, actions of impatient people, and time."""
    log, now, count = Log(seed=draw(st.integers(0, 1000))), NINE, 0
    for _ in range(draw(st.integers(1, 8))):
        match draw(st.sampled_from(["file", "file", "act", "wait", "wait"])):
            case "file":
                rows = []
                for _ in range(draw(st.integers(1, 5))):
                    count += 1
                    rows.append(
                        accepted(count, procedure_id=draw(st.sampled_from(PROCEDURES)), filed_at=now + draw(spans))
                    )
                log.accept(*rows, at=now)
            case "act" if count:
                log.act(
                    requested(draw(st.integers(1, count)), draw(st.sampled_from(Action)), draw(st.sampled_from(Actor))),
                    at=now,
                )
            case _:
                now += draw(spans)
                log.advance(at=now)
    log.advance(at=now + timedelta(days=20))
    return log


def ledger_of(messages: list[list[Command]], *, steps_per_unit: int) -> list[Fact]:
    store = MemoryPartitionStore()
    runner = PartitionRunner(store, rules(), lambda: NINE, steps_per_unit=steps_per_unit)
    for commands in messages:
        has_more = runner.run(KEY, commands)
        while has_more:
            has_more = runner.run(KEY)
    assert store.partitions[KEY].inbox == {}
    return store.partitions[KEY].ledger


@settings(max_examples=60, deadline=None)
@given(log=logs(), steps_per_unit=st.integers(1, 6), order=st.randoms(use_true_random=False))
def test_the_ledger_does_not_depend_on_how_the_run_is_cut(log: Log, steps_per_unit: int, order: random.Random) -> None:
    """Nor on how messages arrive: split anywhere, late, early, twice."""
    wanted = ledger_of([log.commands], steps_per_unit=10_000)
    messages = [[command] for command in log.commands for _ in range(order.choice([1, 1, 2]))]
    order.shuffle(messages)
    assert ledger_of(messages, steps_per_unit=steps_per_unit) == wanted


@settings(max_examples=30, deadline=None)
@given(log=logs(), cuts=st.lists(st.integers(0, 40_000), max_size=12))
def test_the_ledger_does_not_depend_on_how_often_the_clock_is_moved(log: Log, cuts: list[int]) -> None:
    """More advances in between change nothing but the commands' numbers."""
    instants = sorted(NINE + timedelta(minutes=minutes) for minutes in cuts)
    finer = Log()
    finer.commands[:] = log.commands[:1]
    now = NINE
    for command in log.since(2):
        for at in [at for at in instants if now <= at < command.at]:
            finer.advance(at=at)
        finer.commands.append(Command(len(finer.commands) + 1, command.type, command.at, command.data))
        now = max(now, command.at)
    assert ledger_of([finer.commands], steps_per_unit=10_000) == ledger_of([log.commands], steps_per_unit=10_000)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**62), numbers=st.lists(st.integers(1, 500), min_size=1, max_size=8, unique=True))
def test_a_dossiers_fate_does_not_depend_on_its_neighbours(seed: int, numbers: list[int]) -> None:
    """Same seed, same number: the same facts at the same instants, alone or in a crowd."""

    def facts(of: list[int]) -> dict[int, list[tuple[object, ...]]]:
        run = PartitionRun(rules=rules(), seed=seed, officer=OfficerKind.ROBOT, head_position=0, recorded_at=NINE)
        run.accept([accepted(number, procedure_id=PROCEDURES[number % 8]) for number in sorted(of)], NINE)
        run.play(sorted(of), (datetime.max.replace(tzinfo=NINE.tzinfo), 2**63))
        found: dict[int, list[tuple[object, ...]]] = {number: [] for number in of}
        for fact in run.facts:
            found[fact.number].append((fact.action, fact.status, fact.reason, fact.occurred_at, fact.due_at))
        return found

    together = facts(numbers)
    assert all(facts([number])[number] == together[number] for number in numbers)
    assert all(history[-1][1] in TERMINAL_STATUSES for history in together.values())
