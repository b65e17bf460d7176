"""Staffings from files: shipped ones say what they rest on; a mistake is told with file, line and field."""

from pathlib import Path

import pytest

from services.contracts.catalogue import Catalogue
from services.contracts.staffing import Discipline
from services.runtime.records import DataFileError, read_yaml
from services.simulator.preset_files import load_preset, preset_names
from services.simulator.staffing_files import STAFFINGS_FOLDER, load_staffing, staffing_names

TEXT = """staffing: mine
title_en: Mine
assumed: true
note: all of it
discipline: first-come
skills: {documents: [clearance-documentary-check], dossiers: ["*"]}
service:
  note: guessed
  "*": {mean_minutes: 30, spread: exponential, source: a colleague}
shifts:
  day: {hours: office}
desks:
  - {office: "30CF", skill: documents, officers: 4, shift: day, note: the port}
  - {office: "*", skill: dossiers, officers: 1, shift: day}
"""


def write(folder: Path, text: str) -> str:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_what_figures_rest_on_stands_beside_them_and_is_left_out(tmp_path: Path, catalogue: Catalogue) -> None:
    staffing = load_staffing(write(tmp_path, TEXT), catalogue)
    assert staffing.discipline is Discipline.FIRST_COME
    assert [desk.officers for desk in staffing.desks_of("30CF", "documents")] == [4]
    assert staffing.service_of("overpaid-tax").mean_minutes == 30


def test_the_form_that_the_planner_writes_is_read_as_it_is(tmp_path: Path, catalogue: Catalogue) -> None:
    lines = [line for line in TEXT.splitlines() if not line.startswith(("staffing", "title", "assumed", "note"))]
    assert load_staffing(write(tmp_path, "\n".join(lines)), catalogue).desks


@pytest.mark.parametrize(
    ("found", "replacement", "complaint"),
    [
        ("staffing: mine", "staffing: theirs", "mine.yaml, line 1, staffing: the file's name says 'mine'"),
        ("discipline: first-come", "discipline: last-come", "mine.yaml, line 5, discipline: "),
        ("skills: {", "skill: {", "mine.yaml, line 1, skills: Missing data"),
        ("mean_minutes: 30", "mean_minutes: 0", "mine.yaml, line 9, service/*/mean_minutes: "),
        ('"30CF", skill', '"30ZZ", skill', "mine.yaml, line 13, desks/0/office: "),
        ("officers: 1", "officers: many", "mine.yaml, line 14, desks/1/officers: "),
        ("shift: day}", "shift: night}", "mine.yaml, line 14, desks/1/shift: "),
        ("title_en", "title_fr", "mine.yaml, line 2, title_fr: Unknown field"),
        ("desks:", "desks: 7 #", "mine.yaml, line "),
    ],
)
def test_a_mistake_is_told_with_line_and_field(
    found: str, replacement: str, complaint: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    text = TEXT.replace(found, replacement)
    assert text != TEXT
    with pytest.raises(DataFileError) as caught:
        load_staffing(write(tmp_path, text), catalogue)
    assert str(caught.value).startswith(complaint)


def test_an_unknown_staffing_is_told_with_those_there_are(catalogue: Catalogue) -> None:
    with pytest.raises(DataFileError, match="There is no staffing nowhere; there are: "):
        load_staffing("nowhere", catalogue)


@pytest.mark.parametrize("name", staffing_names())
def test_a_shipped_staffing_says_what_it_rests_on_and_serves_every_office_of_its_presets(
    name: str, catalogue: Catalogue
) -> None:
    row = read_yaml(STAFFINGS_FOLDER / f"{name}.yaml")
    assert row.text("staffing") == name
    assert row.flag("assumed") is True
    assert len(row.text("note")) > 50
    staffing = load_staffing(name, catalogue)
    presets = [preset for each in preset_names() if (preset := load_preset(each, catalogue)).staffing == name]
    assert presets
    for preset in presets:
        for share in preset.offices:
            for skill in staffing.skills:
                assert sum(desk.officers for desk in staffing.desks_of(share.office_code, skill)) > 0
