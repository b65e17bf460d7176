"""The lifecycle under a crowd that does anything at any time: the engine stays within the table, and within the law.

Every action with details that fit and details that don't, every procedure with its traits, both kinds of officers,
calendars that change; and each dossier replayed from its facts by the law alone, as the portal does.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.casework.case import Case
from services.casework.engine import PartitionRun
from services.casework.lifecycle import TRANSITIONS
from services.contracts.catalogue import AuthorityLevel, Procedure
from services.contracts.commands import CalendarOverride, Command, RequestedAction
from services.contracts.facts import Fact
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import (
    SETTLED_STATUSES,
    TERMINAL_STATUSES,
    Action,
    Actor,
    Channel,
    OfficerKind,
    Refusal,
    Satisfaction,
    Status,
)
from services.law import deadlines
from services.law.calendar import WorkingCalendar
from services.law.deadlines import Deadline
from services.law.effects import apply_effect
from services.processing.application.running import PartitionRunner
from tests.support.cases import NINE, Log, accepted, requested, rules
from tests.support.filings import catalogue
from tests.support.partitions import MemoryPartitionStore, Partition

PROCEDURES = sorted(catalogue().procedures)
ROWS = {(row.before, row.action): row for row in TRANSITIONS}
KEY = ("s", 0)

#: Who may ask; the clock and the system act by themselves.
ASKERS = frozenset({Actor.APPLICANT, Actor.OFFICER, Actor.LEADER, Actor.BANK})

#: Statuses in which nothing happens by itself where people decide: it is their turn.
PEOPLES_TURN = {Status.SUBMITTED, Status.RECEIVED, Status.IN_PROCESS, Status.PROCESSED}
WAITING_FOR_APPLICANT = {Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED}

#: So that some come far.
MOST_DOSSIERS = 8

#: Nothing leads on from here, but a rating.
ENDED = TERMINAL_STATUSES - {Status.RETURNED}

#: What the law allows once.
ONCE = (Action.APOLOGIZE, Action.RATE, Action.ANNOUNCE_EARLY_RESULT, Action.RECEIVE)

spans = st.sampled_from([0, 1, 59, 600, 3000, 20_000]).map(lambda minutes: timedelta(minutes=minutes))
seeds = st.integers(0, 2**62)
channels = st.sampled_from([channel.value for channel in Channel])


@cache
def trait_sets(procedure_id: str) -> tuple[Mapping[str, str] | None, ...]:
    """None, and every set that a limit or an immediate result asks for."""
    procedure = catalogue().procedures[procedure_id]
    wanted = [dict(rule.when) for rule in procedure.limit_rules if rule.when]
    return (None, *wanted, *([dict(procedure.automatic_when)] if procedure.automatic_when else []))


#: Procedures under whose law more can happen come more often than all the others together.
EVENTFUL = [
    "refund-first",  # two laws, two tracks, a pause, another track after silence
    "refund-inspect-first",  # milestones
    "bonded-warehouse-recognition",  # two steps
    "advance-ruling-classification",  # a milestone and an extension
    "wrong-shipment-foreign-verification",  # two steps and two extensions
    "ipr-recordation",  # a fee, refused after silence
    "clearance-documentary-check",  # resolved at once when it is green
    "clearance-goods-inspection",  # hours, and more of them
    "debt-instalment",  # three levels
    "storage-extension",  # no limit
]
procedures = st.one_of(st.sampled_from(EVENTFUL), st.sampled_from(EVENTFUL), st.sampled_from(PROCEDURES))
filings = procedures.flatmap(lambda found: st.tuples(st.just(found), st.sampled_from(trait_sets(found))))


def details(action: Action, procedure: Procedure, now: datetime) -> list[dict[str, Any]]:
    """What may be given with an action: most of it fits some dossier."""

    def days(*numbers: int) -> list[str]:
        return [(now + timedelta(days=number, minutes=number)).isoformat() for number in numbers]

    steps = [part.step_id for one in procedure.limit_rules for step in one.steps for part in (step, *step.milestones)]
    traits = [{"traits": dict(found)} for found in trait_sets(procedure.procedure_id) if found]
    given: dict[Action, list[dict[str, Any]]] = {
        Action.REQUEST_PAYMENT: [{"amount_vnd": amount} for amount in (1, 500_000, 10_000_000, 0)],
        Action.DEBIT: [{"paid_at": at, "payment_id": "18-1"} for at in days(0, 0, 0, -1, 1)],
        Action.PAY: [{"paid_at": at} for at in days(0, 0, 0, -1, 1)],
        Action.APOLOGIZE: [{"new_date_at": at} for at in days(400, 60, 20, 0)],
        Action.FORWARD: [{"to_level": str(level)} for level in reversed(AuthorityLevel)],
        Action.CONSULT: [{"unit": "A", "answer_by": at} for at in days(3, 1, 9, 0)],
        Action.RATE: [{"satisfaction": str(value)} for value in (*Satisfaction, "delighted")],
        Action.COMPLETE_STEP: [{}, {}, {}, {"step_id": "no-such-step"}, *({"step_id": step} for step in steps)],
        Action.GIVE_OPINION: [{}, {"unit": "A"}, {"unit": "B"}],
        Action.RECLASSIFY: traits or [{"traits": {}}],
    }
    return given.get(action, [{}, {}, {}, {"x": 1}])


@dataclass
class Replay:
    """A dossier as its facts tell it, by the law and without the engine."""

    procedure: Procedure
    traits: dict[str, str]
    channel: str
    status: Status | None = None
    received_at: datetime | None = None
    deadline: Deadline | None = None
    new_date_at: datetime | None = None
    done: Counter[tuple[Action, bool]] = field(default_factory=Counter)

    def take(self, fact: Fact, calendar: WorkingCalendar) -> None:
        """One more fact, checked against the table and the law."""
        assert fact.status_before == self.status
        if fact.refusal is not None:
            assert fact.status == fact.status_before
            assert fact.detail is None
        else:
            self._follow(fact, calendar)
        assert fact.due_at == (deadlines.due_at(self.deadline, calendar) if self.deadline else None)
        assert fact.received_at == self.received_at

    def _follow(self, fact: Fact, calendar: WorkingCalendar) -> None:
        action = Action(fact.action)
        row = ROWS[self.status, action]
        assert fact.status == row.after
        assert Actor(fact.actor) in row.actors
        assert row.needs_receipt in {None, self.received_at is not None}
        if self.status in TERMINAL_STATUSES:
            assert (action, fact.status) == (Action.RATE, self.status)
        self._check_law(action, fact, calendar)
        self.deadline = apply_effect(
            self.deadline,
            row.effect,
            fact.occurred_at,
            self.procedure,
            self.traits,
            fact.detail,
            received_at=self.received_at,
        )
        self.done[action, self.received_at is not None] += 1
        if action in {Action.RECEIVE, Action.RESOLVE_AT_ONCE}:
            self.received_at = fact.occurred_at
        if action is Action.RECLASSIFY:
            assert fact.detail is not None
            self.traits |= fact.detail["traits"]
        self.status = row.after

    def _check_law(self, action: Action, fact: Fact, calendar: WorkingCalendar) -> None:
        if action is Action.GRANT and self.deadline is not None and self.deadline.rule.steps:
            assert self.deadline.open_step == self.deadline.rule.steps[-1]
        if action is Action.APOLOGIZE:
            assert fact.detail is not None
            self.new_date_at = datetime.fromisoformat(fact.detail["new_date_at"])
            due_at = datetime.fromisoformat(fact.detail["due_at"])
            assert fact.occurred_at < due_at < self.new_date_at
        if action is Action.RETURN_RESULT and self.channel != Channel.ONLINE and self.deadline is not None:
            appointed_at = self.new_date_at or deadlines.due_at(self.deadline, calendar)
            is_early = appointed_at is not None and vietnamese_day(fact.occurred_at) < vietnamese_day(appointed_at)
            assert not is_early or self.done[Action.ANNOUNCE_EARLY_RESULT, True]
        if action is Action.RESCHEDULE:
            assert self.status not in SETTLED_STATUSES
            assert fact.detail is not None
            assert fact.detail["due_before"] != (fact.due_at and fact.due_at.isoformat())

    def check_once(self) -> None:
        """What the law allows once was done once; a supplement was asked for once before receipt and once after."""
        for action in ONCE:
            assert self.done[action, True] + self.done[action, False] <= 1
        assert self.done[Action.REQUEST_SUPPLEMENT, False] <= 1
        assert self.done[Action.REQUEST_SUPPLEMENT, True] <= 1


class LifecycleMachine(RuleBasedStateMachine):
    """Dossiers of one partition, commands as they come, and what must hold after each."""

    @initialize(officer=st.sampled_from([OfficerKind.HUMAN, OfficerKind.HUMAN, OfficerKind.ROBOT]), seed=seeds)
    def open(self, officer: OfficerKind, seed: int) -> None:
        self.officer = officer
        self.log = Log(seed=seed, officer=officer)
        self.store = MemoryPartitionStore()
        self.runner = PartitionRunner(self.store, rules(), lambda: NINE, dossiers_per_unit=3)
        self.now = NINE
        self.filed: dict[int, tuple[str, Mapping[str, str] | None, str]] = {}
        self.replays: dict[int, Replay] = {}
        self.replayed = 0
        self.calendar = rules().calendar
        self.take()

    def take(self) -> None:
        """Carry out the last command."""
        has_more = self.runner.run(KEY, self.log.commands[-1:])
        while has_more:
            has_more = self.runner.run(KEY)
        self.replay()

    def replay(self) -> None:
        """Follow the facts that are new, by the calendar that holds."""
        for fact in self.partition.ledger[self.replayed :]:
            if fact.number not in self.replays:
                procedure_id, traits, channel = self.filed[fact.number]
                self.replays[fact.number] = Replay(catalogue().procedures[procedure_id], dict(traits or {}), channel)
            self.replays[fact.number].take(fact, self.calendar)
            self.replayed += 1

    @property
    def partition(self) -> Partition:
        return self.store.partitions[KEY]

    @precondition(lambda self: len(self.filed) < MOST_DOSSIERS)
    @rule(filing=filings, ahead=st.one_of(st.just(timedelta(0)), spans), channel=channels)
    def file(self, filing: tuple[str, Mapping[str, str] | None], ahead: timedelta, channel: str) -> None:
        number = len(self.filed) + 1
        procedure_id, traits = filing
        self.filed[number] = (procedure_id, traits, channel)
        row = accepted(number, procedure_id=procedure_id, filed_at=self.now + ahead, channel=channel, traits=traits)
        self.log.accept(row, at=self.now)
        self.take()

    @precondition(lambda self: self.filed)
    @rule(data=st.data(), action=st.sampled_from(Action), actor=st.sampled_from(Actor), is_stale=st.booleans())
    def act(self, data: st.DataObject, action: Action, actor: Actor, is_stale: bool) -> None:
        """Anybody asks for anything."""
        number = data.draw(st.integers(1, len(self.filed)))
        detail = data.draw(st.sampled_from(details(action, self.procedure(number), self.now)))
        self.ask(number, action, actor, detail, is_stale=is_stale)

    @precondition(lambda self: any(case.status for case in self.partition.dossiers.values()))
    @rule(data=st.data(), steps=st.integers(1, 9))
    def go_on(self, data: st.DataObject, steps: int) -> None:
        """Those who may ask for what the status allows them, one thing after the other: so that dossiers come far."""
        numbers = [number for number, case in self.partition.dossiers.items() if case.status]
        number = data.draw(st.sampled_from(numbers))
        for _ in range(steps):
            status = self.partition.dossiers[number].status
            rows = [row for row in TRANSITIONS if row.before is status and row.actors & ASKERS]
            # What ends a dossier is a row like others, but there are many of them.
            going_on = [row for row in rows if row.after not in TERMINAL_STATUSES or row.before is Status.PROCESSED]
            row = data.draw(st.sampled_from(going_on * 3 + rows if rows else [None]))
            if row is None:
                return
            actor = data.draw(st.sampled_from(sorted(row.actors & ASKERS)))
            detail = data.draw(st.sampled_from(details(row.action, self.procedure(number), self.now)))
            self.ask(number, row.action, actor, detail, is_stale=False)

    def procedure(self, number: int) -> Procedure:
        return catalogue().procedures[self.filed[number][0]]

    def ask(self, number: int, action: Action, actor: Actor, detail: dict[str, Any], *, is_stale: bool) -> None:
        case, facts = self.partition.dossiers.get(number), len(self.partition.ledger)
        before = replace(case) if case else None
        version = case.version if case else 0
        self.log.act(requested(number, action, actor, version=version - 1 if is_stale else None, **detail), at=self.now)
        self.take()
        if before is None or before.status is None:  # its filing is still to come
            assert len(self.partition.ledger) == facts
            return
        answer = self.partition.ledger[facts]
        assert answer.command_id == f"act_{number}_{action}_{actor}"
        row, after = ROWS.get((before.status, action)), self.partition.dossiers[number]
        if answer.refusal is None:
            assert row is not None
            assert actor in row.actors & ASKERS
            assert not is_stale
            assert answer.status == row.after
        else:
            assert after == before
            assert len(self.partition.ledger) == facts + 1
            self.check_refusal(before, Refusal(answer.refusal), action, actor, is_stale)

    def check_refusal(self, before: Case, why: Refusal, action: Action, actor: Actor, is_stale: bool) -> None:
        """The refusal is the first that applies: the version, the table, who asks; then the law."""
        row = ROWS.get((before.status, action))
        assert (why is Refusal.STALE_VERSION) == is_stale
        if is_stale:
            return
        if actor not in ASKERS:
            assert why is Refusal.ACTOR_NOT_ALLOWED
        elif row is None or row.needs_receipt not in {None, before.was_received}:
            assert why is Refusal.ILLEGAL_TRANSITION
        elif actor not in row.actors:
            assert why is Refusal.ACTOR_NOT_ALLOWED
        else:
            assert why not in {Refusal.ILLEGAL_TRANSITION, Refusal.ACTOR_NOT_ALLOWED}

    @rule(span=st.one_of(spans, st.just(timedelta(days=50))))
    def wait(self, span: timedelta) -> None:
        self.now += span
        self.log.advance(at=self.now)
        self.take()

    @rule(days=st.integers(-9, 9), is_working=st.sampled_from([False, False, True]))
    def decide_about_a_day(self, days: int, is_working: bool) -> None:
        """The calendar is another one from here on."""
        day = vietnamese_day(self.now) + timedelta(days=days)
        override = CalendarOverride(day, is_working, "a day", f"{days}/QĐ")
        state = self.partition.state
        assert state is not None
        self.calendar = rules().calendars.with_overrides([*state.calendar_overrides, override])
        self.log.override(override, at=self.now)
        self.take()

    @invariant()
    def replaying_the_facts_gives_the_same_dossiers(self) -> None:
        assert [fact.position for fact in self.partition.ledger] == list(range(1, len(self.partition.ledger) + 1))
        for number, case in self.partition.dossiers.items():
            if case.status is None:
                assert number not in self.replays
                continue
            told = self.replays[number]
            assert (told.status, told.received_at, told.deadline, told.traits) == (
                case.status,
                case.received_at,
                case.deadline,
                dict(case.traits),
            )
            told.check_once()

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
        assert state.overriding_up_to is None
        assert self.partition.inbox == {}

    @invariant()
    def somebody_is_always_next(self) -> None:
        for case in self.partition.dossiers.values():
            if case.status in TERMINAL_STATUSES:
                assert case.next_step is None or case.next_step.action is Action.RATE
            elif case.status is None or case.status in WAITING_FOR_APPLICANT or self.officer is OfficerKind.ROBOT:
                assert case.next_step is not None
            else:
                assert case.status in PEOPLES_TURN
                assert case.next_step is None

    @invariant()
    def a_limit_runs_from_receipt_and_stands_still_only_for_the_applicant(self) -> None:
        for number, case in self.partition.dossiers.items():
            was_at_once = number in self.replays and bool(self.replays[number].done[Action.RESOLVE_AT_ONCE, False])
            assert (case.deadline is not None) == (case.was_received and not was_at_once)
            if case.deadline is not None and case.status not in SETTLED_STATUSES:
                assert case.deadline.is_suspended == (case.status in WAITING_FOR_APPLICANT)


LifecycleMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
TestLifecycle = LifecycleMachine.TestCase


def test_in_a_crowd_every_row_is_taken_and_every_dossier_replays() -> None:
    """Two years where people decide and calendars change, by one seed: nothing of the table is left out."""
    chance = random.Random(7)
    procedures_of = dict(enumerate(EVENTFUL * 80, start=1))
    log = Log(officer=OfficerKind.HUMAN)
    runner = PartitionRunner(store := MemoryPartitionStore(), rules(), lambda: NINE)
    filed = {
        number: accepted(
            number,
            procedure_id=procedure_id,
            filed_at=NINE + timedelta(hours=18 * number),
            channel=chance.choice([*Channel]).value,
            traits=chance.choice(trait_sets(procedure_id)),
        )
        for number, procedure_id in procedures_of.items()
    }
    log.accept(*filed.values())
    runner.run(KEY, log.commands)
    calendars = {0: rules().calendar}  #: by the position after which each holds
    overrides: list[CalendarOverride] = []
    now = NINE
    for day in range(700):
        now += timedelta(days=1, minutes=chance.randrange(60))
        open_cases = [case for case in store.partitions[KEY].dossiers.values() if case.status not in {None, *ENDED}]
        acts = [_allowed(chance, case, now) for case in chance.sample(open_cases, min(len(open_cases), 8))]
        log.act(*(act for act in acts if act), at=now)
        if day % 10 == 9:
            _run(runner, log)
            changed = vietnamese_day(now) + timedelta(days=chance.randrange(-60, 9))
            overrides.append(CalendarOverride(changed, False, "", ""))
            calendars[len(store.partitions[KEY].ledger)] = rules().calendars.with_overrides(overrides)
            log.override(overrides[-1], at=now)
        _run(runner, log)
    replays = {
        number: Replay(catalogue().procedures[row.procedure_id], dict(row.traits or {}), row.channel)
        for number, row in filed.items()
    }
    taken = set()
    for fact in store.partitions[KEY].ledger:
        calendar = calendars[max(position for position in calendars if position < fact.position)]
        replays[fact.number].take(fact, calendar)
        if fact.refusal is None:
            taken.add((fact.status_before, fact.action))
    assert taken >= {(row.before, row.action.value) for row in TRANSITIONS}
    for number, case in store.partitions[KEY].dossiers.items():
        told = replays[number]
        told.check_once()
        assert (told.status, told.traits, told.deadline) == (case.status, dict(case.traits), case.deadline)


def _run(runner: PartitionRunner, log: Log) -> None:
    has_more = runner.run(KEY, log.commands[-2:])
    while has_more:
        has_more = runner.run(KEY)


def _allowed(chance: random.Random, case: Case, now: datetime) -> RequestedAction | None:
    """Something that the status allows, by somebody who may; now and then by nobody, so that silence ends."""
    rows = [row for row in TRANSITIONS if row.before is case.status and row.actors & ASKERS]
    if not rows or chance.random() < 0.2:
        return None
    row = chance.choice([row for row in rows if row.after not in ENDED] * 4 + rows)
    actor = chance.choice(sorted(row.actors & ASKERS))
    return requested(case.number, row.action, actor, **chance.choice(details(row.action, case.procedure, now)))


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """A command log of a robot's sandbox: filings, some for later, actions of impatient people, decisions, and time."""
    log, now, count = Log(seed=draw(st.integers(0, 1000))), NINE, 0
    procedure_of: dict[int, Procedure] = {}
    for _ in range(draw(st.integers(1, 8))):
        match draw(st.sampled_from(["file", "file", "act", "act", "decide", "wait", "wait"])):
            case "file":
                rows = []
                for _ in range(draw(st.integers(1, 5))):
                    count += 1
                    procedure_id, traits = draw(filings)
                    procedure_of[count] = catalogue().procedures[procedure_id]
                    rows.append(
                        accepted(
                            count,
                            procedure_id=procedure_id,
                            filed_at=now + draw(spans),
                            channel=draw(channels),
                            traits=traits,
                        )
                    )
                log.accept(*rows, at=now)
            case "act" if count:
                number, action = draw(st.integers(1, count)), draw(st.sampled_from(Action))
                detail = draw(st.sampled_from(details(action, procedure_of[number], now)))
                log.act(requested(number, action, draw(st.sampled_from(Actor)), **detail), at=now)
            case "decide":
                day = vietnamese_day(now) + timedelta(days=draw(st.integers(-5, 20)))
                log.override(CalendarOverride(day, draw(st.booleans()), "a day", "1/QĐ"), at=now)
            case _:
                now += draw(spans)
                log.advance(at=now)
    log.advance(at=now + timedelta(days=20))
    return log


def ledger_of(messages: list[list[Command]], *, dossiers_per_unit: int) -> list[Fact]:
    store = MemoryPartitionStore()
    runner = PartitionRunner(store, rules(), lambda: NINE, dossiers_per_unit=dossiers_per_unit)
    for commands in messages:
        has_more = runner.run(KEY, commands)
        while has_more:
            has_more = runner.run(KEY)
    assert store.partitions[KEY].inbox == {}
    return store.partitions[KEY].ledger


@settings(max_examples=80, deadline=None)
@given(log=logs(), room=st.integers(1, 6), order=st.randoms(use_true_random=False))
def test_the_ledger_does_not_depend_on_how_the_run_is_cut(log: Log, room: int, order: random.Random) -> None:
    """Nor on how messages arrive: split anywhere, late, early, twice."""
    wanted = ledger_of([log.commands], dossiers_per_unit=10_000)
    messages = [[command] for command in log.commands for _ in range(order.choice([1, 1, 2]))]
    order.shuffle(messages)
    assert ledger_of(messages, dossiers_per_unit=room) == wanted


@settings(max_examples=40, deadline=None)
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
    assert unnumbered(ledger_of([finer.commands], dossiers_per_unit=10_000)) == unnumbered(
        ledger_of([log.commands], dossiers_per_unit=10_000)
    )


def unnumbered(facts: list[Fact]) -> list[Fact]:
    """Without the number that an override's command has in its log."""
    return [
        fact._replace(detail={key: value for key, value in (fact.detail or {}).items() if key != "sequence"})
        for fact in facts
    ]


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**62), numbers=st.lists(st.integers(1, 500), min_size=1, max_size=8, unique=True))
def test_a_dossiers_fate_does_not_depend_on_its_neighbours(seed: int, numbers: list[int]) -> None:
    """Same seed, same number: the same facts at the same instants, alone or in a crowd."""

    def facts(of: list[int]) -> dict[int, list[tuple[object, ...]]]:
        run = PartitionRun(rules=rules(), seed=seed, officer=OfficerKind.ROBOT, head_position=0, recorded_at=NINE)
        run.accept([accepted(number, procedure_id=PROCEDURES[number % len(PROCEDURES)]) for number in sorted(of)], NINE)
        run.play(sorted(of), (datetime.max.replace(tzinfo=NINE.tzinfo), 2**63))
        found: dict[int, list[tuple[object, ...]]] = {number: [] for number in of}
        for fact in run.facts:
            found[fact.number].append((fact.action, fact.status, fact.reason, fact.occurred_at, fact.due_at))
        return found

    together = facts(numbers)
    assert all(facts([number])[number] == together[number] for number in numbers)
    assert all(history[-1][1] in TERMINAL_STATUSES for history in together.values())
