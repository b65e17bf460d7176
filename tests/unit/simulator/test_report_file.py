"""The JSON report: as its schema says, and with every assumption in it."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from services.contracts.catalogue import Catalogue
from services.runtime.records import read_yaml
from services.simulator.bases import Rest, bases_of, bases_of_all
from services.simulator.preset import Preset
from services.simulator.preset_files import preset_file, preset_names, read_preset
from services.simulator.staffing_files import STAFFINGS_FOLDER, staffing_names
from tests.support.simulations import report_of

SCHEMA = Path(__file__).parents[3] / "docs/reference/simulation-report.schema.json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("is_staffed", [True, False])
def test_a_report_is_as_its_schema_says(
    ha_tinh: Preset, catalogue: Catalogue, schema: dict[str, Any], is_staffed: bool
) -> None:
    report = json.loads(json.dumps(report_of(ha_tinh, catalogue, is_staffed=is_staffed)))
    assert [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(report)] == []


def test_the_schema_knows_every_member(ha_tinh: Preset, catalogue: Catalogue, schema: dict[str, Any]) -> None:
    assert unknown(report_of(ha_tinh, catalogue), schema, "") == []


def unknown(value: Any, schema: dict[str, Any], path: str) -> list[str]:
    """Members that the schema doesn't tell of."""
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        inner = (unknown(item, known[name], f"{path}/{name}") for name, item in value.items() if name in known)
        return [*(f"{path}/{name}" for name in value.keys() - known.keys()), *chain.from_iterable(inner)]
    if isinstance(value, list) and "items" in schema:
        return list(chain.from_iterable(unknown(item, schema["items"], path) for item in value))
    return []


def test_every_dossier_is_in_one_place(ha_tinh: Preset, catalogue: Catalogue) -> None:
    sums = report_of(ha_tinh, catalogue)["conservation"]
    assert (sums["sent"], sums["refused_at_the_door"], sums["filed"]) == (15, 3, 12)
    assert sums["refused_at_the_door_by_code"] == {"not-in-register": 2, "invalid-body": 1}
    closed = sums["refused_at_intake"] + sums["closed_before_receipt"] + sums["awaiting_receipt"]
    assert sums["filed"] == closed + sums["received"]
    assert sums["received"] == sums["resolved"] + sums["open"]


def test_waiting_times_have_the_skill_that_is_needed(ha_tinh: Preset, catalogue: Catalogue) -> None:
    staffed, robot = (report_of(ha_tinh, catalogue, is_staffed=is_staffed) for is_staffed in (True, False))
    assert [row["skill"] for row in staffed["waiting"]["rows"]] == ["dossiers", "storage"]
    assert [row["skill"] for row in robot["waiting"]["rows"]] == [None, None]
    assert robot["desks"] == []


def test_a_changed_figure_is_an_assumption(ha_tinh: Preset, catalogue: Catalogue) -> None:
    found = {item["key"]: item for item in report_of(ha_tinh, catalogue)["bases"]["preset"]}
    assert found["dossier_count"]["value"] == "12"
    assert found["dossier_count"]["is_assumed"]
    assert found["enterprise_count"]["source"].startswith("S-HT")


@pytest.mark.parametrize("name", preset_names())
def test_every_figure_of_a_preset_is_told_with_what_it_rests_on(name: str) -> None:
    told = list(bases_of(read_preset(preset_file(name)).left))
    assert len(told) > 15
    for rest in told:
        assert rest.value
        assert rest.is_assumed or rest.source
        assert "__line__" not in rest.value


def test_bases_inside_of_others_are_told_one_by_one() -> None:
    inner = {"mean_minutes": 12, "spread": "lognormal", "assumed": True, "note": "ours"}
    outer = {"*": {"mean_minutes": 30, "source": "S"}, "clearance": inner, "assumed": True}
    assert list(bases_of({"service": outer, "title_vi": "x"})) == [
        Rest("service", "", None, True, None),
        Rest("service.*", "30", "S", False, None),
        Rest("service.clearance", "mean_minutes 12, spread lognormal", None, True, "ours"),
    ]


def test_what_a_file_says_of_itself_holds_for_figures_that_say_nothing_else() -> None:
    service = {"*": {"mean_minutes": 30}, "note": "from memory"}
    file = {"staffing": "x", "discipline": "first-come", "service": service, "rate": {"value": 2, "source": "S"}}
    assert list(bases_of({**file, "assumed": True, "note": "ours"})) == [
        Rest("discipline", "first-come", None, True, "ours"),
        Rest("service", "30", None, True, "from memory"),
        Rest("rate", "2", "S", False, None),
    ]


def test_a_staffing_that_says_nothing_is_told_to_say_nothing() -> None:
    file = {"discipline": "first-come", "desks": [{"office": "30BB", "skill": "all", "officers": 2}] * 9}
    assert list(bases_of_all(file)) == [
        Rest("discipline, desks", "discipline first-come, desks … (9)", None, False, None)
    ]
    assert list(bases_of_all({})) == []


@pytest.mark.parametrize("name", staffing_names())
def test_every_figure_of_a_shipped_staffing_is_told_to_be_ours(name: str) -> None:
    told = list(bases_of_all(read_yaml(STAFFINGS_FOLDER / f"{name}.yaml").left))
    assert all(rest.is_assumed and rest.note for rest in told)
    assert {"discipline", "desks", "shifts"} <= set(told[0].key.split(", "))
