"""Presets: the shipped one says what was published, and a wrong one is refused with file, line and field."""

from pathlib import Path

import pytest

from services.contracts.catalogue import Catalogue
from services.runtime.records import DataFileError
from services.simulator.preset import Basis, Figure, Preset, Weights
from services.simulator.preset_files import PRESETS_FOLDER, load_preset, preset_names

SHIPPED = (PRESETS_FOLDER / "ha-tinh-2020.yaml").read_text(encoding="utf-8")


def test_the_published_figures_have_their_source(ha_tinh: Preset) -> None:
    assert (ha_tinh.dossier_count.value, ha_tinh.enterprise_count.value, len(ha_tinh.procedures)) == (1579, 366, 8)
    assert "S-HT" in (ha_tinh.dossier_count.basis.source or "")
    assert "S-HT" in (ha_tinh.enterprise_count.basis.source or "")


def test_all_offices_are_those_of_ha_tinh(ha_tinh: Preset, catalogue: Catalogue) -> None:
    assert {catalogue.offices[share.office_code].department_code for share in ha_tinh.offices} == {"30"}


@pytest.mark.parametrize("name", preset_names())
def test_every_figure_of_a_shipped_preset_has_a_source_or_is_assumed(name: str, catalogue: Catalogue) -> None:
    preset = load_preset(name, catalogue)
    values = [getattr(preset, field) for field in Preset.__dataclass_fields__]
    bases = [value.basis for value in values if isinstance(value, Figure | Weights)]
    bases += [value for value in values if isinstance(value, Basis)]
    assert len(bases) >= 15
    assert all(basis.source is not None or basis.is_assumed for basis in bases)


def test_a_fraction_keeps_every_procedure_and_somebody_to_file(ha_tinh: Preset) -> None:
    tenth, least = ha_tinh.scaled(0.1), ha_tinh.scaled(0.0001)
    assert (tenth.dossier_count.value, tenth.enterprise_count.value) == (158, 37)
    assert (least.dossier_count.value, least.enterprise_count.value, least.individual_count.value) == (8, 1, 0)
    assert ha_tinh.scaled(1) == ha_tinh


@pytest.mark.parametrize(
    ("found", "replacement", "complaint"),
    [
        ("preset: ha-tinh-2020", "preset: other", "line 8, preset: the file's name says 'mine'"),
        ("value: 1579", "value: many", "line 14, value: a whole number is needed, not 'many'"),
        ("value: 366", "value: 1580", "enterprise_count: with the individuals"),
        ("value: 85", "value: 101", "value: 101 is not 0 to 100"),
        ("[115, 105, 100, 100, 110, 15, 8]", "[115, 105]", "values: 7 numbers are needed"),
        ("[115, 105, 100, 100, 110, 15, 8]", "[1, 1, 1, 1, 1, 1, x]", "values: each entry must be a whole number"),
        ("procedure_id: refund-first,", "procedure_id: nothing,", "procedure_id: 'nothing' is not in the catalogue"),
        ("procedure_id: refund-first,", "procedure_id: overpaid-tax,", "procedures: one of them is given twice"),
        ('office_code: "30CF"', 'office_code: "30ZZ"', "office_code: '30ZZ' is not in the catalogue"),
        ('office_code: "30CF", weight: 52', 'office_code: "30CF", weight: 0', "weight: 0 is not at least 1"),
        ('last_on: "2020-09-17"', 'last_on: "2019-09-17"', "last_on: 2019-09-17 is before 2020-01-01"),
        ('first_on: "2020-01-01"', 'first_on: "1999-01-01"', "first_on: the calendar knows 2016-01-01 to"),
        ("day_off_weight:", "days_off_weight:", "day_off_weight: a mapping is needed"),
        ("assumed: true\n  note: Any", "assumed: false\n  note: Any", "source: say where the figure comes from"),
        ("  assumed: true\n  note: Any", "  note: Any", "source: say where the figure comes from"),
        ("# How the run goes.", "surprise: 1", "surprise: no such field is known here"),
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
