"""Presets: the shipped one says what was published, and a wrong one is refused with file, line and field."""

from collections import Counter
from pathlib import Path

import pytest

from services.contracts.catalogue import Catalogue
from services.runtime.records import DataFileError
from services.simulator.preset import Preset
from services.simulator.preset_files import PRESETS_FOLDER, load_preset

PARTS = """parts:
  assumed: true
  spans:
    - {first_on: "2020-01-01", last_on: "2020-01-31", weight: 1}
    - {first_on: "2020-02-01", last_on: "2020-09-17", weight: 1}
"""
PEAKS = """peaks:
  assumed: true
  shares: [{procedure_id: aeo-recognition, first_on: "2020-01-01", last_on: "2020-01-31", weight: 1}]
"""
SHIPPED = (PRESETS_FOLDER / "ha-tinh-2020.yaml").read_text(encoding="utf-8")


def test_the_published_figures_have_their_source(ha_tinh: Preset) -> None:
    assert (ha_tinh.dossier_count.value, ha_tinh.enterprise_count.value, len(ha_tinh.procedures)) == (1579, 366, 8)
    assert "S-HT" in (ha_tinh.dossier_count.basis.source or "")
    assert "S-HT" in (ha_tinh.enterprise_count.basis.source or "")


def test_all_offices_are_those_of_ha_tinh(ha_tinh: Preset, catalogue: Catalogue) -> None:
    assert {catalogue.offices[share.office_code].department_code for share in ha_tinh.offices} == {"30"}


def test_a_fraction_keeps_every_procedure_and_somebody_to_file(ha_tinh: Preset) -> None:
    tenth, least = ha_tinh.scaled(0.1), ha_tinh.scaled(0.0001)
    assert (tenth.dossier_count.value, tenth.enterprise_count.value) == (158, 37)
    assert (least.dossier_count.value, least.enterprise_count.value, least.individual_count.value) == (8, 1, 0)
    assert ha_tinh.scaled(1) == ha_tinh


def test_a_fraction_of_a_national_preset_keeps_its_shape(catalogue: Catalogue) -> None:
    whole = load_preset("national-2018-q2", catalogue)
    hundredth, least = whole.scaled(0.01), whole.scaled(1e-7)
    assert (hundredth.dossier_count.value, hundredth.declaration_count, hundredth.all_enterprise_count) == (
        279,
        30_421,
        500,
    )
    assert (hundredth.enterprise_count.value, hundredth.individual_count.value) == (70, 1)
    assert hundredth.declarations is not None
    assert whole.declarations is not None
    assert hundredth.declarations.channels == whole.declarations.channels
    assert (least.dossier_count.value, least.declaration_count, least.all_enterprise_count) == (13, 1, 1)


def test_the_national_presets_add_up_to_what_was_published(catalogue: Catalogue) -> None:
    first, second, both = (load_preset(f"national-2018-{name}", catalogue) for name in ("q1", "q2", "h1"))
    assert (first.total_count, second.total_count, both.total_count) == (2_700_000, 3_070_000, 5_770_000)
    portal = load_preset("portal-2018-h1", catalogue)
    assert first.dossier_count.value + second.dossier_count.value == portal.dossier_count.value == 52_453
    assert (portal.enterprise_count.value, portal.individual_count.value) == (9_443, 105)
    assert {first.period.last_on.month, second.period.last_on.month} == {3, 6}


def test_the_largest_departments_are_those_that_the_domain_facts_name(catalogue: Catalogue) -> None:
    preset = load_preset("portal-2018-h1", catalogue)
    by_department = Counter[str]()
    for share in preset.offices:
        by_department[catalogue.offices[share.office_code].department_code] += share.weight
    assert [code for code, _ in by_department.most_common(6)] == ["02", "03", "01", "18", "43", "47"]
    assert len(by_department) == 35


@pytest.mark.parametrize(
    ("found", "replacement", "complaint"),
    [
        ("preset: ha-tinh-2020", "preset: other", "line 8, preset: the file's name says 'mine'"),
        ("value: 1579", "value: many", "line 14, value: a whole number is needed, not 'many'"),
        (
            "366\n  source: S-HT, the enterprises behind the 6,860 declarations of",
            "1580\n  source: S-HT",
            "enterprise_count: with the individuals",
        ),
        ("value: 85", "value: 101", "value: 101 is not 0 to 100"),
        ("[115, 105, 100, 100, 110, 15, 8]", "[115, 105]", "values: 7 numbers are needed"),
        ("[115, 105, 100, 100, 110, 15, 8]", "[0, 0, 0, 0, 0, 0, 0]", "values: not all of them may be 0"),
        ("[115, 105, 100, 100, 110, 15, 8]", "[1, 1, 1, 1, 1, 1, x]", "values: each entry must be a whole number"),
        ("procedure_id: refund-first,", "procedure_id: nothing,", "procedure_id: 'nothing' is not in the catalogue"),
        ("procedure_id: refund-first,", "procedure_id: overpaid-tax,", "procedures: one of them is given twice"),
        ('office_code: "30CF"', 'office_code: "30ZZ"', "office_code: '30ZZ' is not in the catalogue"),
        ('office_code: "30CF", weight: 52', 'office_code: "30CF", weight: 0', "weight: 0 is not 1 to 1000000000"),
        ('last_on: "2020-09-17"', 'last_on: "2019-09-17"', "last_on: 2019-09-17 is before 2020-01-01"),
        ('first_on: "2020-01-01"', 'first_on: "1999-01-01"', "first_on: the calendar knows 2016-01-01 to"),
        ("day_off_weight:", "days_off_weight:", "day_off_weight: a mapping is needed"),
        ("assumed: true\n  note: Any", "assumed: false\n  note: Any", "source: say where the figure comes from"),
        ("  assumed: true\n  note: Any", "  note: Any", "source: say where the figure comes from"),
        ("# How the run goes.", "surprise: 1", "surprise: no such field is known here"),
        ("# How the run goes.", "like: ha-tinh-2020\nhow: 1", "how: no such field is known here"),
        ("# How the run goes.", "window_days: {value: 32, assumed: true}", "value: 32 is not 1 to 31"),
        ("# How the run goes.", PARTS.replace("02-01", "02-02"), "parts: one of them must begin on 2020-02-01"),
        ("# How the run goes.", PARTS.replace("09-17", "09-16"), "parts: the last one must end on 2020-09-17"),
        ("# How the run goes.", PEAKS, "procedure_id: 'aeo-recognition' is none of the procedures above"),
        ("procedure_id: refund-first,", "procedure_id: acts-account,", "acts-account is in force from 2020-06-01 to …"),
        ("{channel: red, weight: 5}", "{channel: blue, weight: 5}", "channel: 'blue' is none of green, yellow, red"),
        ("kind: G12, direction: import", "kind: G99, direction: import", "kind: 'G99' is no kind of declaration"),
        ("kind: G12, direction: import", "kind: G12, direction: in", "direction: 'in' is neither import nor export"),
        ("values: [3, 75]", "values: [3, 2]", "values: the least and the most are needed, from 1 to 3660"),
        (
            "declaration_count:\n  value: 0",
            "declaration_count:\n  value: 365",
            "declaring_enterprise_count: their enterprises must be at least",
        ),
    ],
)
def test_a_mistake_is_named_with_line_and_field(
    tmp_path: Path, catalogue: Catalogue, found: str, replacement: str, complaint: str
) -> None:
    text = SHIPPED.replace("preset: ha-tinh-2020", "preset: mine")
    if found.startswith("preset:"):
        text = text.replace("preset: mine", replacement)
    else:
        assert SHIPPED.count(found) == 1
        text = text.replace(found, replacement)
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        load_preset(str(file), catalogue)
    assert str(caught.value).startswith("mine.yaml, line ")
    assert complaint in str(caught.value)


def test_an_unknown_preset_is_told_with_those_there_are(catalogue: Catalogue) -> None:
    with pytest.raises(DataFileError, match=r"There is no preset nowhere; there are: .*ha-tinh-2020"):
        load_preset("nowhere", catalogue)
