"""What is to come of the dossiers in memory, in order."""

from datetime import timedelta

from services.casework.case import Case, NextStep
from services.contracts.vocabulary import Action, Actor
from services.processing.application.agenda import AFTER_ALL_NUMBERS, BEFORE_ALL_NUMBERS, Agenda
from tests.support.cases import NINE, make_case

HOUR = timedelta(hours=1)


def step(hours: int) -> NextStep:
    return NextStep(NINE + hours * HOUR, Action.RECEIVE, Actor.OFFICER)


def agenda_of(**hours: int) -> tuple[Agenda, dict[int, Case]]:
    """Dossiers n1, n2 … with a step so many hours after nine."""
    cases = {int(name[1:]): make_case(int(name[1:]), next_step=step(value)) for name, value in hours.items()}
    agenda = Agenda(cases)
    agenda.note(cases)
    return agenda, cases


def test_what_is_due_is_taken_up_to_the_very_step() -> None:
    agenda, _ = agenda_of(n1=3, n2=1, n3=2, n4=2, n5=4)
    assert agenda.first_at() == NINE + HOUR
    assert sorted(agenda.take((NINE + 2 * HOUR, 3))) == [2, 3]
    assert agenda.take((NINE + 2 * HOUR, BEFORE_ALL_NUMBERS)) == []
    assert sorted(agenda.take((NINE + 3 * HOUR, AFTER_ALL_NUMBERS))) == [1, 4]
    assert agenda.first_at() == NINE + 4 * HOUR


def test_what_has_just_been_noted_is_taken_as_well() -> None:
    agenda, cases = agenda_of(n1=1, n2=5)
    assert agenda.take((NINE + 2 * HOUR, 0)) == [1]
    cases[1].next_step = step(3)
    cases[3] = make_case(3, next_step=step(4))
    cases[4] = make_case(4)
    agenda.note([1, 3, 4])
    assert sorted(agenda.take((NINE + 4 * HOUR, 3))) == [1, 3]
    assert agenda.first_at() == NINE + 5 * HOUR


def test_a_step_that_has_moved_counts_where_it_is_now() -> None:
    agenda, cases = agenda_of(n1=1, n2=2)
    cases[1].next_step = step(3)
    agenda.note([1])
    agenda.note([1])  # told twice: still one dossier
    assert agenda.first_at() == NINE + 2 * HOUR
    assert sorted(agenda.take((NINE + 9 * HOUR, 0))) == [1, 2]


def test_a_step_that_will_not_come_is_passed_over() -> None:
    agenda, cases = agenda_of(n1=1, n2=2)
    cases[1].next_step = cases[2].next_step = None
    assert agenda.first_at() is None
    assert agenda.take((NINE + 9 * HOUR, 0)) == []


def test_what_is_forgotten_is_not_to_come() -> None:
    agenda, cases = agenda_of(n1=1)
    agenda.clear()
    cases.clear()
    assert agenda.first_at() is None
