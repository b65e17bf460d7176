"""A debit that customs hasn't recorded yet: when it will be, whatever hour the bank calls too late."""

from datetime import datetime

import pytest

from services.casework.acts import move
from services.casework.clockwork import recording
from services.contracts.timeliness import VIETNAM_TIME
from services.contracts.vocabulary import Action, Actor, Status
from tests.support.cases import NINE, make_case, rules


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM_TIME)


@pytest.mark.parametrize(
    ("debited", "told", "recorded"),
    [
        ("2018-06-05T17:30", "2018-06-05T17:30", "2018-06-06T08:00"),
        # the bank closes earlier than others, or a class wants to see it in the morning
        ("2018-06-05T10:00", "2018-06-05T10:00", "2018-06-06T08:00"),
        ("2018-06-08T19:00", "2018-06-09T09:00", "2018-06-11T08:00"),
        ("2018-06-09T10:00", "2018-06-09T10:00", "2018-06-11T08:00"),
        # told when the next working day has opened already
        ("2018-06-05T19:00", "2018-06-06T09:30", "2018-06-06T09:30"),
    ],
)
def test_it_is_recorded_when_the_next_working_day_opens(debited: str, told: str, recorded: str) -> None:
    case = make_case(received_at=NINE, status=Status.PAYMENT_REQUESTED)
    detail = {"paid_at": local(debited).isoformat(), "payment_id": "11811000000104"}
    calendar = rules().calendars.plain
    brought = move(case, Action.DEBIT, Actor.BANK, local(told), calendar, detail=detail)
    assert case.status is Status.PAYMENT_REQUESTED
    assert brought is not None
    assert datetime.fromisoformat(brought["recorded_on"]) == local(recorded)
    planned = recording(case)
    assert planned is not None
    assert (planned.at, planned.action, planned.actor) == (local(recorded), Action.PAY, Actor.BANK)
