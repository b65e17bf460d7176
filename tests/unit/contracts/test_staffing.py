import json
from copy import deepcopy
from datetime import date
from textwrap import dedent

import pytest
import yaml

from services.contracts import staffing as module
from services.contracts.staffing import (
    MOST_DESKS,
    Desk,
    Discipline,
    Hours,
    Leave,
    OwnHours,
    ServiceTime,
    Spread,
    Staffing,
    StaffingError,
    staffing_from_wire,
)


def documented_example():
    """The one in the module's description: what is shown to people works."""
    text = module.__doc__.split("JSON has the same shape:\n\n")[1].split("\n\nA queue")[0]
    return yaml.safe_load(dedent(text))


def small():
    return {
        "discipline": "by-procedure",
        "priorities": {"declaration-cancellation": 1},
        "skills": {"goods": ["clearance-goods-inspection"], "dossiers": ["*"]},
        "service": {"*": {"mean_minutes": 30, "spread": "exponential"}},
        "shifts": {"day": {"hours": "office"}},
        "desks": [{"office": "*", "skill": "dossiers", "officers": 2, "shift": "day"}],
    }


def problems_of(data, **known):
    with pytest.raises(StaffingError) as raised:
        staffing_from_wire(data, **known)
    return [(one.pointer, one.code) for one in raised.value.problems]


def test_the_documented_example_is_read():
    staffing = staffing_from_wire(documented_example())

    assert staffing.discipline is Discipline.FIRST_COME
    assert staffing.service_of("clearance-documentary-check") == ServiceTime(12, Spread.LOGNORMAL, 80)
    assert staffing.service_of("declaration-cancellation") == ServiceTime(30, Spread.EXPONENTIAL)
    assert staffing.shifts == {
        "day": Hours.OFFICE,
        "port": OwnHours((0, 1, 2, 3, 4, 5, 6), 360, 1320),
        "late": OwnHours(None, 1020, 1200),
        "night": OwnHours((0, 1, 2, 3, 4), 1320, 360),
        "always": Hours.ALL,
    }
    leave = Leave(date(2018, 6, 1), date(2018, 6, 10), 2)
    assert staffing.desks[0] == Desk("02CI", "documents", 12, "day", (leave,))


def test_what_travels_comes_back_the_same():
    staffing = staffing_from_wire(documented_example())

    assert staffing_from_wire(json.loads(json.dumps(staffing.to_wire()))) == staffing


def test_days_of_yaml_are_taken_as_days():
    data = small()
    data["desks"][0]["leave"] = yaml.safe_load("[{first_on: 2018-06-01, last_on: 2018-06-02, officers: 1}]")

    assert staffing_from_wire(data).desks[0].leave == (Leave(date(2018, 6, 1), date(2018, 6, 2), 1),)


class TestLookUp:
    def test_a_procedure_named_nowhere_needs_the_skill_of_all_others(self):
        staffing = staffing_from_wire(small())

        assert staffing.skill_of("clearance-goods-inspection") == "goods"
        assert staffing.skill_of("overpaid-tax") == "dossiers"

    def test_an_office_with_a_desk_of_its_own_has_none_of_the_others(self):
        data = small()
        data["desks"].append({"office": "02CI", "skill": "dossiers", "officers": 5, "shift": "day"})
        staffing = staffing_from_wire(data)

        assert [desk.officers for desk in staffing.desks_of("02CI", "dossiers")] == [5]
        assert [desk.officers for desk in staffing.desks_of("30CF", "dossiers")] == [2]
        assert staffing.desks_of("30CF", "goods") == ()

    def test_desks_of_several_shifts_serve_one_queue_in_the_order_in_which_they_stand(self):
        data = small()
        data["shifts"]["night"] = {"days": ["mon"], "from": "22:00", "to": "06:00"}
        data["desks"].append({"office": "*", "skill": "dossiers", "officers": 1, "shift": "night"})

        desks = staffing_from_wire(data).desks_of("30CF", "dossiers")

        assert [desk.shift for desk in desks] == ["day", "night"]


def put(data, pointer, value):
    *parents, last = pointer.strip("/").split("/")
    for name in parents:
        data = data[int(name)] if isinstance(data, list) else data[name]
    if isinstance(data, list):
        data[int(last)] = value
    else:
        data[last] = value


MISTAKES = [
    ("/discipline", "last-come", "not-a-choice"),
    ("/discipline", None, "not-a-choice"),
    ("/priorities", [], "wrong-type"),
    ("/priorities/declaration-cancellation", 1.5, "wrong-type"),
    ("/priorities/declaration-cancellation", True, "wrong-type"),
    ("/priorities/declaration-cancellation", 1001, "out-of-range"),
    ("/skills", {}, "wrong-length"),
    ("/skills/goods", "clearance-goods-inspection", "wrong-type"),
    ("/skills/goods", [], "wrong-length"),
    ("/skills/Goods", ["overpaid-tax"], "wrong-shape"),
    ("/skills/dossiers", ["overpaid-tax"], "others-missing"),
    ("/skills/other", ["*"], "twice"),
    ("/skills/other", ["clearance-goods-inspection"], "twice"),
    ("/service", {}, "others-missing"),
    ("/service/*", {"mean_minutes": 30}, "required"),
    ("/service/*/mean_minutes", 0, "out-of-range"),
    ("/service/*/mean_minutes", float("nan"), "out-of-range"),
    ("/service/*/mean_minutes", "30", "wrong-type"),
    ("/service/*/spread", "normal", "not-a-choice"),
    ("/service/*/spread", "lognormal", "required"),
    ("/service/*/variation_percent", 50, "not-allowed"),
    ("/service/*/sigma", 1, "unknown-field"),
    ("/shifts", {}, "wrong-length"),
    ("/shifts/day", {"hours": "some"}, "not-a-choice"),
    ("/shifts/day/from", "08:00", "unknown-field"),
    ("/shifts/own", {"days": ["mon"], "from": "08:00"}, "required"),
    ("/shifts/own", {"days": ["mon"], "from": 480, "to": "17:00"}, "wrong-shape"),
    ("/shifts/own", {"days": ["mon"], "from": "8:00", "to": "17:00"}, "wrong-shape"),
    ("/shifts/own", {"days": ["mon"], "from": "08:00", "to": "08:00"}, "out-of-range"),
    ("/shifts/own", {"days": ["mon"], "from": "24:00", "to": "08:00"}, "out-of-range"),
    ("/shifts/own", {"days": ["Monday"], "from": "08:00", "to": "17:00"}, "not-a-choice"),
    ("/shifts/own", {"days": ["mon", "mon"], "from": "08:00", "to": "17:00"}, "twice"),
    ("/shifts/own", {"days": [], "from": "08:00", "to": "17:00"}, "wrong-length"),
    ("/desks", {}, "wrong-type"),
    ("/desks/0/officers", -1, "out-of-range"),
    ("/desks/0/officers", 10_001, "out-of-range"),
    ("/desks/0/skill", "documents", "unknown-skill"),
    ("/desks/0/shift", "night", "unknown-shift"),
    ("/desks/0/office", "", "wrong-type"),
    ("/desks/0/leave", [{"first_on": "2018-06-02", "last_on": "2018-06-01", "officers": 1}], "out-of-range"),
    ("/desks/0/leave", [{"first_on": "2018-06-31", "last_on": "2018-07-01", "officers": 1}], "wrong-shape"),
    ("/desks/0/leave", [{"first_on": "2018-06-01", "last_on": "2018-06-02", "officers": 3}], "out-of-range"),
    ("/unions", 1, "unknown-field"),
]


@pytest.mark.parametrize(("pointer", "value", "code"), MISTAKES)
def test_a_mistake_is_named_where_it_is(pointer, value, code):
    data = small()
    put(data, pointer, value)

    ((told, told_code),) = problems_of(data)

    assert told_code == code
    assert told.startswith(pointer.rsplit("/", 1)[0])


@pytest.mark.parametrize("name", ["discipline", "skills", "service", "shifts", "desks"])
def test_what_is_missing_is_told_once(name):
    data = small()
    del data[name]

    problems = problems_of(data)

    assert problems[0] == (f"/{name}", "required")
    assert all(pointer != f"/{name}" for pointer, _ in problems[1:])


@pytest.mark.parametrize("data", [None, [], "staffing", 7])
def test_what_is_no_object_is_refused(data):
    assert problems_of(data) == [("", "wrong-type")]


def test_all_mistakes_are_told_in_their_order():
    data = small()
    data["discipline"] = "x"
    data["desks"][0]["officers"] = "two"
    data["desks"].append({"office": "*"})

    assert [pointer for pointer, _ in problems_of(data)] == [
        "/discipline",
        "/desks/0/officers",
        "/desks/1/skill",
        "/desks/1/officers",
        "/desks/1/shift",
    ]


def test_priorities_are_for_one_discipline_only():
    data = small()
    data["discipline"] = "first-come"

    assert problems_of(data) == [("/priorities", "not-allowed")]


def test_the_same_desk_twice_is_a_mistake():
    data = small()
    data["desks"] *= 2

    assert problems_of(data) == [("/desks/1", "twice")]


def test_names_must_be_known_where_the_reader_says_which_there_are():
    data = small()
    data["service"]["overpaid-taxes"] = {"mean_minutes": 1, "spread": "fixed"}
    data["desks"][0]["office"] = "99XX"
    known = {"procedures": {"declaration-cancellation", "clearance-goods-inspection"}, "offices": {"02CI"}}

    assert problems_of(data, **known) == [
        ("/service/overpaid-taxes", "unknown-procedure"),
        ("/desks/0/office", "unknown-office"),
    ]
    assert isinstance(staffing_from_wire(data), Staffing)


def test_too_many_desks_are_refused_before_they_are_read():
    data = small()
    data["desks"] = [deepcopy(data["desks"][0])] * (MOST_DESKS + 1)

    assert problems_of(data) == [("/desks", "wrong-length")]


def test_names_with_slashes_have_an_escaped_pointer():
    data = small()
    data["skills"]["a/b~c"] = ["overpaid-tax"]

    assert problems_of(data) == [("/skills/a~1b~0c", "wrong-shape")]


def test_the_message_says_all_with_their_places():
    data = small()
    data["desks"][0]["officers"] = -1

    with pytest.raises(StaffingError, match=r"^/desks/0/officers: Must be greater than or equal to 0 and less"):
        staffing_from_wire(data)
