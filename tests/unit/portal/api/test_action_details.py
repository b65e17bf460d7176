"""What goes with an action: every key checked, every mistake named with a pointer and in both languages."""

from typing import Any

import pytest

from services.contracts.details import ASKED_KEYS
from services.contracts.vocabulary import Action
from services.portal.api.action_details import DETAIL_SCHEMAS, read_detail
from services.portal.api.schemas import ACTIONS_OF_PEOPLE
from services.runtime.errors import ProblemError
from tests.support.histories import a_procedure, published_guide, rule_when

PROCEDURE = a_procedure(rule_when("inspect", track="inspect-first"), rule_when("first"))


@pytest.mark.parametrize(
    ("action", "given", "carried"),
    [
        (Action.RECEIVE, None, None),
        (Action.RECEIVE, {}, None),
        (Action.REQUEST_PAYMENT, {}, None),
        (Action.REQUEST_PAYMENT, {"amount_vnd": 200000}, {"amount_vnd": 200000}),
        (Action.PAY, {"paid_at": "2018-06-05T08:00:00+07:00"}, {"paid_at": "2018-06-05T01:00:00+00:00"}),
        (
            Action.APOLOGIZE,
            {"new_date_at": "2018-06-20T17:00:00+07:00"},
            {"new_date_at": "2018-06-20T10:00:00+00:00"},
        ),
        (Action.COMPLETE_STEP, None, None),
        (Action.COMPLETE_STEP, {"step_id": "send-notice"}, {"step_id": "send-notice"}),
        (Action.FORWARD, {"to_level": "department"}, {"to_level": "department"}),
        (
            Action.CONSULT,
            {"unit": "Cục Thuế", "answer_by": "2018-06-20T17:00:00Z"},
            {"unit": "Cục Thuế", "answer_by": "2018-06-20T17:00:00+00:00"},
        ),
        (Action.GIVE_OPINION, None, None),
        (Action.RECLASSIFY, {"traits": {"track": "inspect-first"}}, {"traits": {"track": "inspect-first"}}),
        (Action.RATE, {"satisfaction": "satisfied"}, {"satisfaction": "satisfied"}),
    ],
)
def test_a_right_detail_is_carried_as_it_was_meant(action: Action, given: Any, carried: Any) -> None:
    assert read_detail(action, given, PROCEDURE) == carried


@pytest.mark.parametrize(
    ("action", "given", "pointer", "code"),
    [
        (Action.RECEIVE, {"amount_vnd": 1}, "/detail/amount_vnd", "unknown-field"),
        (Action.REQUEST_PAYMENT, {"amount_vnd": 0}, "/detail/amount_vnd", "out-of-range"),
        (Action.REQUEST_PAYMENT, {"amount_vnd": "5"}, "/detail/amount_vnd", "wrong-type"),
        (Action.REQUEST_PAYMENT, {"amount_vnd": True}, "/detail/amount_vnd", "wrong-type"),
        (Action.REQUEST_PAYMENT, {"amount_vnd": 10**13 + 1}, "/detail/amount_vnd", "out-of-range"),
        (Action.REQUEST_PAYMENT, {"amount": 5}, "/detail/amount", "unknown-field"),
        (Action.PAY, {"paid_at": "2018-06-05"}, "/detail/paid_at", "wrong-type"),
        (Action.PAY, {"payment_id": ""}, "/detail/payment_id", "wrong-type"),
        (Action.PAY, {"payment_id": "1" * 61}, "/detail/payment_id", "too-long"),
        (Action.APOLOGIZE, None, "/detail/new_date_at", "required"),
        (Action.APOLOGIZE, {"new_date_at": "2018-06-20T17:00:00"}, "/detail/new_date_at", "wrong-type"),
        (Action.COMPLETE_STEP, {"step_id": "Send notice"}, "/detail/step_id", "wrong-shape"),
        (Action.FORWARD, {}, "/detail/to_level", "required"),
        (Action.FORWARD, {"to_level": "moon"}, "/detail/to_level", "not-a-choice"),
        (Action.CONSULT, {"answer_by": "2018-06-20T17:00:00Z"}, "/detail/unit", "required"),
        (Action.CONSULT, {"unit": "x", "answer_by": None}, "/detail/answer_by", "null"),
        (Action.GIVE_OPINION, {"unit": "\x00"}, "/detail/unit", "wrong-type"),
        (Action.RECLASSIFY, {}, "/detail/traits", "required"),
        (Action.RECLASSIFY, {"traits": {}}, "/detail/traits", "wrong-length"),
        (Action.RECLASSIFY, {"traits": {"colour": "red"}}, "/detail/traits/colour", "unknown-field"),
        (Action.RECLASSIFY, {"traits": {"track": "shortcut"}}, "/detail/traits/track", "not-a-choice"),
        (Action.RATE, {"satisfaction": "delighted"}, "/detail/satisfaction", "not-a-choice"),
    ],
)
def test_a_wrong_detail_is_told_with_a_pointer(action: Action, given: Any, pointer: str, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_detail(action, given, PROCEDURE)
    (error,) = caught.value.errors
    assert (caught.value.code, error["pointer"], error["code"]) == ("invalid-body", pointer, code)
    assert error["detail"]
    assert error["detail_vi"]


def test_what_people_may_ask_for_has_the_keys_of_the_contract() -> None:
    asked = {action: set(keys) for action, keys in ASKED_KEYS.items() if action in ACTIONS_OF_PEOPLE}
    assert {action: set(schema.fields) for action, schema in DETAIL_SCHEMAS.items()} == asked


def test_people_may_ask_for_what_the_lifecycle_lets_people_do() -> None:
    assert published_guide().actions_that_people_take() == {str(action) for action in ACTIONS_OF_PEOPLE}
