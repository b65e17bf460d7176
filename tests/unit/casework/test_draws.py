"""Draws: the same however many are made at a time."""

from datetime import timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.casework.draws import Draw, draw, first_draws
from services.casework.engine import PartitionRun
from services.casework.robot import Robot
from services.contracts.facts import Fact
from services.contracts.vocabulary import OfficerKind
from tests.support.cases import NINE, accepted, make_case, rules

QUESTIONS = [value for name, value in vars(Draw).items() if name.isupper()]

NUMBERS = st.integers(1, 2**40)
SEEDS = st.integers(-(2**63), 2**63 - 1)


@given(seed=SEEDS, numbers=st.lists(NUMBERS, min_size=1, max_size=20))
def test_many_together_are_what_each_is_by_itself(seed: int, numbers: list[int]) -> None:
    together = first_draws(seed, numbers)
    for number, values in zip(numbers, together, strict=True):
        assert [values[about] for about in QUESTIONS] == [draw(seed, number, about) for about in QUESTIONS]


def test_every_question_is_drawn_for() -> None:
    assert len(first_draws(1, [1])[0]) == max(QUESTIONS) + 1


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_a_robot_takes_what_was_drawn_before_or_draws_itself(turn: int) -> None:
    """After a supplement every question is a new one."""
    robot = Robot(7, rules().robot_policies, rules().calendar)
    cases = [make_case(number=5, turn=turn, drawn=drawn) for drawn in (None, first_draws(7, [5])[0])]
    for about in QUESTIONS:
        assert {robot.drawn(case, about) for case in cases} == {draw(7, 5, about, turn)}


@pytest.mark.parametrize("officer", [OfficerKind.ROBOT, OfficerKind.HUMAN])
def test_what_many_do_is_what_each_does_by_itself(officer: OfficerKind) -> None:
    def run(sizes: list[int]) -> list[Fact]:
        played = PartitionRun(rules=rules(), seed=7, officer=officer, head_position=0, recorded_at=NINE)
        numbers = iter(range(1, 41))
        for size in sizes:
            played.accept([accepted(number) for number in islice(numbers, size)], NINE)
        played.play(list(played.cases), (NINE + timedelta(days=90), 0))
        return sorted(
            (fact._replace(position=0) for fact in played.facts), key=lambda fact: (fact.number, fact.occurred_at)
        )

    assert run([40]) == run([1] * 40)
