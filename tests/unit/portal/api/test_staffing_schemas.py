"""A staffing in a request: what the schema lets through, and where mistakes are told."""

import json
from copy import deepcopy
from typing import Any

import pytest
from marshmallow import ValidationError

from services.contracts.staffing import MOST_DESKS, Discipline
from services.portal.api.staffing_schemas import StaffingSchema, read_staffing
from services.portal.api.submissions import field_errors
from services.runtime.errors import ProblemError
from tests.support.filings import catalogue

SMALL: dict[str, Any] = {
    "discipline": "by-procedure",
    "priorities": {"declaration-cancellation": 1},
    "skills": {"goods": ["clearance-goods-inspection"], "dossiers": ["*"]},
    "service": {
        "*": {"mean_minutes": 30, "spread": "exponential"},
        "overpaid-tax": {"mean_minutes": 7.5, "spread": "lognormal", "variation_percent": 80},
    },
    "shifts": {
        "day": {"hours": "office"},
        "port": {"days": ["mon", "sun"], "from": "06:00", "to": "24:00"},
        "late": {"days": "office", "from": "17:00", "to": "20:00"},
    },
    "desks": [
        {"office": "*", "skill": "dossiers", "officers": 2, "shift": "day"},
        {
            "office": "02CI",
            "skill": "goods",
            "officers": 3,
            "shift": "port",
            "leave": [{"first_on": "2018-06-01", "last_on": "2018-06-03", "officers": 1}],
        },
    ],
}


def errors_of(data: Any) -> list[dict[str, str]]:
    """As the route tells them."""
    try:
        found = StaffingSchema().load(data)
    except ValidationError as error:
        return list(field_errors({"staffing": error.normalized_messages()}))
    try:
        read_staffing(found, catalogue())
    except ProblemError as error:
        return [dict(one) for one in error.errors]
    return []


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    data: Any = deepcopy(SMALL)
    inner = data
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = to
    whole: dict[str, Any] = data
    return whole


def test_what_is_right_is_taken_as_it_was_sent() -> None:
    assert StaffingSchema().load(SMALL) == SMALL
    staffing = read_staffing(SMALL, catalogue())
    assert staffing.discipline is Discipline.BY_PROCEDURE
    assert json.loads(json.dumps(staffing.to_wire())) == SMALL


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        (changed("discipline", to="last-come"), "/staffing/discipline", "not-a-choice"),
        (changed("desks", 0, "officers", to="2"), "/staffing/desks/0/officers", "wrong-type"),
        (changed("desks", 0, "officers", to=-1), "/staffing/desks/0/officers", "out-of-range"),
        (changed("desks", 1, "leave", 0, "last_on", to="June"), "/staffing/desks/1/leave/0/last_on", "wrong-type"),
        (changed("shifts", "port", "from", to="6:00"), "/staffing/shifts/port/from", "wrong-shape"),
        (changed("shifts", "port", "days", to=["Monday"]), "/staffing/shifts/port/days", "not-a-choice"),
        (changed("service", "*", "mean_minutes", to="30"), "/staffing/service/*/mean_minutes", "wrong-type"),
        (changed("service", "*", "sigma", to=1), "/staffing/service/*/sigma", "unknown-field"),
        (changed("desks", to=[SMALL["desks"][0]] * (MOST_DESKS + 1)), "/staffing/desks", "too-long"),
        (changed("desks", 0, "skill", to="documents"), "/staffing/desks/0/skill", "unknown-skill"),
        (changed("desks", 0, "office", to="99XX"), "/staffing/desks/0/office", "unknown-office"),
        (changed("desks", 1, "leave", 0, "officers", to=4), "/staffing/desks/1/leave/0/officers", "out-of-range"),
        (changed("skills", "goods", to=["no-such-procedure"]), "/staffing/skills/goods/0", "unknown-procedure"),
        (changed("skills", "Goods", to=["overpaid-tax"]), "/staffing/skills/Goods", "wrong-shape"),
        (changed("skills", to=[]), "/staffing/skills", "wrong-type"),
        (changed("service", to={}), "/staffing/service", "others-missing"),
        (changed("discipline", to="first-come"), "/staffing/priorities", "not-allowed"),
        (
            changed("shifts", "late", to={"hours": "office", "days": "office"}),
            "/staffing/shifts/late/days",
            "unknown-field",
        ),
        (changed("shifts", "late", to={}), "/staffing/shifts/late/days", "required"),
    ],
)
def test_a_mistake_is_told_where_it_is_and_in_both_languages(data: Any, pointer: str, code: str) -> None:
    found = errors_of(data)
    assert (pointer, code) in [(one["pointer"], one["code"]) for one in found]
    assert all(one["detail"] and one["detail_vi"] for one in found)
