"""Figures by dotted names: every one can be seen and set, and is checked as the file's own are."""

from pathlib import Path

import pytest

from services.contracts.catalogue import Catalogue
from services.contracts.vocabulary import CustomsChannel
from services.runtime.records import DataFileError
from services.simulator.preset_files import load_preset, preset_file, preset_names, read_preset
from services.simulator.preset_keys import Change, listed, parse_change


@pytest.mark.parametrize("name", preset_names())
def test_every_figure_of_a_shipped_preset_has_a_source_or_is_assumed(name: str, catalogue: Catalogue) -> None:
    load_preset(name, catalogue)  # no mistakes
    figures = [one for one in listed(read_preset(preset_file(name))) if one.key not in TEXTS]
    assert len(figures) > 50
    without = [one.key for one in figures if not one.is_assumed and not one.source]
    assert without == []
    assert [one.key for one in figures if one.is_assumed and one.source] == []
    assert [one.key for one in figures if one.is_assumed and not one.note] == [], "what is assumed says why"


TEXTS = {"preset", "like", "title_vi", "title_en", "published_in", "staffing"}


def test_names_of_figures_say_where_they_stand() -> None:
    keys = {one.key: one.value for one in listed(read_preset(preset_file("national-2018-h1")))}
    assert keys["dossier_count"] == "52453"
    assert keys["declaration_channels.red"] == "5"
    assert keys["declaration_kinds.E31"] == "75"
    assert keys["offices.02CI"] == "1050"
    assert keys["procedures.refund-first"] == "60"
    assert keys["weekday_weights.sat"] == "15"
    assert keys["hour_weights.9"] == "120"
    assert keys["refiling_after_days.most"] == "15"
    assert keys["seasons.2018-02-21"] == "55"
    assert keys["parts.2018-04-01"] == "307"
    assert keys["peaks.settlement-report"] == "1500"
    assert keys["period.last_on"] == "2018-06-30"


def test_every_figure_can_be_set_to_what_it_is(catalogue: Catalogue) -> None:
    whole = load_preset("national-2018-q1", catalogue)
    for one in listed(read_preset(preset_file("national-2018-q1"))):
        again = load_preset("national-2018-q1", catalogue, [Change(one.key, one.value)])
        assert again.total_count == whole.total_count, one.key


def test_a_figure_that_is_set_is_the_presets_and_nobodys_publication(catalogue: Catalogue) -> None:
    changes = [parse_change(text) for text in ("dossier_count=30000", "declaration_channels.red = 40", "title_vi=Thử")]
    preset = load_preset("national-2018-q2", catalogue, changes)
    assert preset.dossier_count.value == 30_000
    assert preset.dossier_count.basis.source is None
    assert preset.dossier_count.basis.is_assumed
    assert preset.declarations is not None
    assert {share.channel: share.weight for share in preset.declarations.channels}[CustomsChannel.RED] == 40
    assert preset.title_vi == "Thử"
    figures = {one.key: one for one in listed(read_preset(preset_file("national-2018-q2"), changes))}
    assert (figures["dossier_count"].source, figures["dossier_count"].note) == (None, "changed with --set")
    assert figures["declaration_count"].source is not None


def test_the_last_of_two_changes_of_a_figure_counts(catalogue: Catalogue) -> None:
    changes = [Change("dossier_count", "2000"), Change("dossier_count", "3000")]
    assert load_preset("ha-tinh-2020", catalogue, changes).dossier_count.value == 3_000


def test_declarations_of_ha_tinh_can_be_had(catalogue: Catalogue) -> None:
    assert load_preset("ha-tinh-2020", catalogue).declarations is None
    preset = load_preset("ha-tinh-2020", catalogue, [Change("declaration_count", "6860")])
    assert preset.total_count == 1_579 + 6_860
    assert preset.all_enterprise_count == 366


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("dossier_count=many", "line 14, value: a whole number is needed, not 'many'"),
        ("dossier_count=0", "line 14, value: 0 is not 1 to 100000000"),
        ("dossier_count=1000000000000", "line 14, value: 1000000000000 is not 1 to 100000000"),
        ("declaration_count=100000001", "value: 100000001 is not 0 to 100000000"),
        ("declaration_count=99999999", "declaration_count: with the dossiers it must be at most 100000000"),
        ("enterprise_count=5000001", "value: 5000001 is not 0 to 5000000"),
        ("individual_count=5000001", "value: 5000001 is not 0 to 5000000"),
        ("activity_skew_percent=1001", "value: 1001 is not 0 to 1000"),
        ("longest_wait_days=3661", "value: 3661 is not 0 to 3660"),
        ("named_after_days.most=3661", "values: the least and the most are needed, from 1 to 3660"),
        ("period.last_on=2022-01-02", "last_on: a period has at most 732 days"),
        ("seed=4611686018427387905", "value: 4611686018427387905 is not 0 to 4611686018427387904"),
        ("hour_weights.9=1000000001", "values: 24 numbers are needed, none negative or more than 1000000000"),
        ("home_office_percent=101", "value: 101 is not 0 to 100"),
        ("weekday_weights.sat=-1", "values: 7 numbers are needed, none negative"),
        ("procedures.refund-first=0", "weight: 0 is not 1 to 1000000000"),
        ("period.last_on=2019-01-01", "last_on: 2019-01-01 is before 2020-01-01"),
        ("enterprise_count=1580", "with the individuals it must be at least 1 and no more than the dossiers"),
        ("dosier_count=7", "--set dosier_count=7: there is no such figure; close to it: dossier_count"),
        ("gates=7", "--set gates=7: there is no such figure."),
        ("declaration_kinds.E99=7", "there is no such figure; close to it: declaration_kinds.E"),
    ],
)
def test_a_change_is_checked_by_the_files_own_rules(text: str, complaint: str, catalogue: Catalogue) -> None:
    with pytest.raises(DataFileError) as caught:
        load_preset("ha-tinh-2020", catalogue, [parse_change(text)])
    assert complaint in str(caught.value)
    assert text in str(caught.value), "which change it was"


def test_no_figure_may_be_as_large_as_one_likes(catalogue: Catalogue) -> None:
    """Otherwise it ends in the memory that there is, or in the largest float."""
    figures = {one.key: one.value for one in listed(read_preset(preset_file("national-2018-q2")))}
    others = {key for key in figures if key.startswith("offices.")} - {"offices.30CF"}  # which are as that one
    numbers = [key for key, value in figures.items() if value.isdigit() and key not in others]
    assert len(numbers) > 80
    for key in numbers:
        with pytest.raises(DataFileError, match=r"line [0-9]+, (value|values|weight): "):
            load_preset("national-2018-q2", catalogue, [Change(key, "9" * 400)])


def test_subjects_are_bounded_all_together(catalogue: Catalogue) -> None:
    texts = (
        "dossier_count=9000000",
        "declaration_count=9000000",
        "declaring_enterprise_count=4999999",
        "individual_count=2",
    )
    with pytest.raises(DataFileError, match="individual_count: with all enterprises it must be at most 5000000"):
        load_preset("ha-tinh-2020", catalogue, [parse_change(text) for text in texts])
    fewer = load_preset("ha-tinh-2020", catalogue, [parse_change(text) for text in (*texts[:3], "individual_count=1")])
    assert fewer.subject_count == 367


@pytest.mark.parametrize("text", ["dossier_count", "=7", " =7"])
def test_a_change_names_a_figure_and_its_value(text: str) -> None:
    with pytest.raises(DataFileError, match="KEY=VALUE is needed"):
        parse_change(text)


# A preset that is like another one


def write(folder: Path, name: str, *lines: str) -> str:
    file = folder / f"{name}.yaml"
    file.write_text("\n".join((f"preset: {name}", *lines)), encoding="utf-8")
    return str(file)


def test_a_preset_says_only_what_differs_from_the_one_that_it_is_like(tmp_path: Path, catalogue: Catalogue) -> None:
    mine = write(tmp_path, "mine", "like: ha-tinh-2020", "dossier_count: {value: 500, assumed: true}")
    write(tmp_path, "theirs", "like: mine.yaml", "title_en: Theirs")
    assert load_preset(mine, catalogue).dossier_count.value == 500
    theirs = load_preset(str(tmp_path / "theirs.yaml"), catalogue)
    assert (theirs.name, theirs.title_en, theirs.dossier_count.value) == ("theirs", "Theirs", 500)
    assert len(theirs.procedures) == 8


def test_a_mistake_is_told_with_the_file_in_which_it_stands(tmp_path: Path, catalogue: Catalogue) -> None:
    mine = write(tmp_path, "mine", "like: ha-tinh-2020", "", "dossier_count: {value: 0, assumed: true}")
    with pytest.raises(DataFileError, match=r"^mine\.yaml, line 4, value: 0 is not 1 to 100000000\.$"):
        load_preset(mine, catalogue)
    with pytest.raises(DataFileError, match=r"^ha-tinh-2020\.yaml with --set enterprise_count=x, line \d+, value: "):
        load_preset("ha-tinh-2020", catalogue, [Change("enterprise_count", "x")])


@pytest.mark.parametrize("like", ["nowhere", "mine.yaml", "other.yaml", "absent.yaml"])
def test_what_it_is_like_must_be_there_and_another_one(like: str, tmp_path: Path, catalogue: Catalogue) -> None:
    mine = write(tmp_path, "mine", f"like: {like}")
    write(tmp_path, "other", "like: mine.yaml")
    with pytest.raises(
        DataFileError, match=r"like: There is no preset nowhere|is like this one|absent\.yaml can't be read"
    ):
        load_preset(mine, catalogue)
