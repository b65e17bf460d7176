"""Staffed offices beside queueing theory, where theory has an answer.

Poisson arrivals at desks that are open round the clock. In two steps: whatever an office does is what the recursion of
Kiefer and Wolfowitz says of each single dossier, to the microsecond; and what the recursion gives for many dossiers
agrees with the formulas. A mean of dependent values has its standard error from means of batches; theory must lie
within five of them, which a right model misses once in ten thousand runs. Everything is seeded: what passes passes
again.

Formulas: Erlang (1917) for M/M/c, Pollaczek (1930) and Khinchine (1932) for M/G/1, Little (1961), and Kiefer and
Wolfowitz (1955) for the wait of every single dossier.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from heapq import heapreplace
from itertools import pairwise
from math import factorial
from random import Random
from statistics import fmean, stdev

import pytest

from services.casework.draws import Draw, draw
from services.casework.service_times import seconds_by_draw
from services.contracts.staffing import Staffing
from tests.support.cases import NINE
from tests.support.offices import arriving, instants, plain_rules, play, staffed_run, staffing

_MEAN_MINUTES = 10.0
_SEED = 7
_PLAYED = 2_500  #: by an office
_RECKONED = 150_000  #: by the recursion
_WARM_UP = 5_000
_BATCHES = 20

#: Officers and offered load of each.
_LOADS = [(1, 0.5), (1, 0.8), (2, 0.5), (2, 0.8), (5, 0.8), (20, 0.85)]


@dataclass(frozen=True)
class Stay:
    """One dossier at its desk."""

    number: int
    came_at: datetime
    began_at: datetime
    ended_at: datetime

    @property
    def service(self) -> timedelta:
        return self.ended_at - self.began_at


def arrivals(a_minute: float, count: int) -> Iterator[datetime]:
    chance, at = Random(f"{a_minute}"), NINE
    for _ in range(count):
        at += timedelta(minutes=chance.expovariate(a_minute))
        yield at


def office(officers: int, spread: str, variation_percent: int | None = None) -> Staffing:
    return staffing(officers=officers, mean_minutes=_MEAN_MINUTES, spread=spread, variation_percent=variation_percent)


@cache
def stays(officers: int, load: float, spread: str = "exponential", variation_percent: int | None = None) -> list[Stay]:
    """What becomes of dossiers at one desk, in the order in which they come."""
    cases = [
        arriving(number, at, procedure_id="declaration-cancellation")
        for number, at in enumerate(arrivals(officers * load / _MEAN_MINUTES, _PLAYED), 1)
    ]
    run = staffed_run(office(officers, spread, variation_percent), rules=plain_rules(), seed=_SEED)
    play(run, cases)
    came, began, ended = (instants(run, action) for action in ("receive", "start", "grant"))
    return [Stay(number, came[number], began[number], ended[number]) for number in came]


def reckoned(
    officers: int, load: float, count: int, spread: str = "exponential", variation_percent: int | None = None
) -> Iterator[Stay]:
    """Likewise, by the recursion: each is begun when it has come and the first officer is free."""
    seconds = seconds_by_draw(office(officers, spread, variation_percent).service_of("*"))
    free_at = [NINE] * officers
    for number, came_at in enumerate(arrivals(officers * load / _MEAN_MINUTES, count), 1):
        began_at = max(came_at, free_at[0])
        ended_at = began_at + timedelta(seconds=seconds(draw(_SEED, number, Draw.SERVICE)))
        heapreplace(free_at, ended_at)
        yield Stay(number, came_at, began_at, ended_at)


@cache
def waits(officers: int, load: float, spread: str = "exponential", variation_percent: int | None = None) -> list[float]:
    """Minutes that each of many dossiers waits, after the warm-up."""
    found = reckoned(officers, load, _RECKONED, spread, variation_percent)
    return [(stay.began_at - stay.came_at).total_seconds() / 60 for stay in found][_WARM_UP:]


def assert_agrees(values: list[float], theory: float) -> None:
    size = len(values) // _BATCHES
    means = [fmean(values[start : start + size]) for start in range(0, size * _BATCHES, size)]
    error = stdev(means) / _BATCHES**0.5
    assert abs(fmean(values) - theory) < 5 * error, (fmean(values), theory, error)
    assert error < 0.1 * theory, "so few that nearly anything would agree"


def erlang_c(officers: int, offered: float) -> float:
    """The probability that all officers are busy when somebody comes."""
    last = offered**officers / factorial(officers) * officers / (officers - offered)
    return last / (sum(offered**k / factorial(k) for k in range(officers)) + last)


@pytest.mark.parametrize(("officers", "load"), _LOADS)
class TestMMc:
    def test_each_dossier_waits_as_long_as_kiefer_and_wolfowitz_say(self, officers: int, load: float) -> None:
        assert stays(officers, load) == list(reckoned(officers, load, _PLAYED))

    def test_as_many_wait_as_erlang_says(self, officers: int, load: float) -> None:
        assert_agrees([float(wait > 0) for wait in waits(officers, load)], erlang_c(officers, officers * load))

    def test_and_as_long(self, officers: int, load: float) -> None:
        offered = officers * load
        theory = erlang_c(officers, offered) * _MEAN_MINUTES / (officers - offered)
        assert_agrees(waits(officers, load), theory)

    def test_officers_are_busy_for_as_much_as_is_offered(self, officers: int, load: float) -> None:
        found = stays(officers, load)
        busy = sum((stay.service for stay in found), timedelta()) / (found[-1].came_at - NINE) / officers
        # Both the sum of services and the span of arrivals are sums of so many exponential values.
        assert busy == pytest.approx(load, rel=5 * (2 / _PLAYED) ** 0.5)

    def test_whoever_comes_first_is_taken_up_first(self, officers: int, load: float) -> None:
        assert all(one.began_at <= other.began_at for one, other in pairwise(stays(officers, load)))

    def test_littles_law_holds_exactly(self, officers: int, load: float) -> None:
        """Dossiers present, over time, are what their stays add up to."""
        found = stays(officers, load)
        changes = sorted([(stay.came_at, 1) for stay in found] + [(stay.ended_at, -1) for stay in found])
        present, area = 0, timedelta()
        for (at, change), (until, _) in pairwise(changes):
            present += change
            area += present * (until - at)
        assert present == 1  # the last change takes the last one away
        assert area == sum((stay.ended_at - stay.came_at for stay in found), timedelta())


@pytest.mark.parametrize("load", [0.5, 0.8])
@pytest.mark.parametrize(
    ("spread", "variation_percent"), [("fixed", None), ("lognormal", 50), ("lognormal", 120), ("exponential", None)]
)
class TestMG1:
    def test_each_dossier_waits_as_long_as_kiefer_and_wolfowitz_say(
        self, load: float, spread: str, variation_percent: int | None
    ) -> None:
        found = list(reckoned(1, load, _PLAYED, spread, variation_percent))
        assert stays(1, load, spread, variation_percent) == found

    def test_one_officer_keeps_people_waiting_as_pollaczek_and_khinchine_say(
        self, load: float, spread: str, variation_percent: int | None
    ) -> None:
        variation = {"fixed": 0.0, "exponential": 1.0}.get(spread, (variation_percent or 0) / 100)
        theory = load / (1 - load) * _MEAN_MINUTES * (1 + variation**2) / 2
        assert_agrees(waits(1, load, spread, variation_percent), theory)


class TestDisciplines:
    """A morning at one officer: a hundred with a week's time, half an hour later forty that are due in a day."""

    @staticmethod
    def late(discipline: str) -> set[int]:
        eight = NINE - timedelta(hours=1)
        cases = [arriving(number, eight, procedure_id="overpaid-tax") for number in range(1, 101)]
        cases += [
            arriving(number, eight + timedelta(minutes=30), procedure_id="declaration-cancellation")
            for number in range(101, 141)
        ]
        who = staffing(officers=1, mean_minutes=10, spread="fixed", hours="office", discipline=discipline)
        run = staffed_run(who, rules=plain_rules(), seed=_SEED)
        play(run, cases)
        grants = [fact for fact in run.facts if fact.action == "grant"]
        assert len(grants) == 140
        return {fact.number for fact in grants if fact.due_at is None or fact.occurred_at > fact.due_at}

    def test_first_come_first_served_is_late_with_all_that_was_urgent(self) -> None:
        assert self.late("first-come") == set(range(101, 141))

    def test_earliest_deadline_first_is_late_with_nothing_where_that_is_possible(self) -> None:
        """Jackson's rule (1955): no other order has a smaller greatest lateness."""
        assert self.late("earliest-deadline") == set()
