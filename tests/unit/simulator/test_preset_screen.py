"""What a person sees of presets: every figure by the name with which it is set, and what it rests on."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from services.contracts.catalogue import Catalogue
from services.simulator.preset_files import load_preset, preset_file, preset_names, read_preset
from services.simulator.preset_keys import Change, listed
from services.simulator.preset_screen import show_preset, show_presets


def shown(catalogue: Catalogue, name: str, *changes: Change, width: int = 110) -> str:
    console = Console(width=width, record=True, file=StringIO())
    show_preset(console, load_preset(name, catalogue, changes), listed(read_preset(preset_file(name), changes)))
    return console.export_text()


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_LANG", "en")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_all_presets_are_listed_with_how_much_they_file(
    language: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_LANG", language)
    console = Console(width=110, record=True, file=StringIO())
    show_presets(console, [load_preset(name, catalogue) for name in preset_names()])
    text = console.export_text()
    for name in ("ha-tinh-2020", "portal-2018-h1", "national-2018-q1", "national-2018-q2", "national-2018-h1"):
        assert name in text
    for figure in ("52.453", "3.042.092") if language == "vi" else ("52,453", "3,042,092"):
        assert figure in text
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("name", preset_names())
def test_every_figure_is_shown(name: str, catalogue: Catalogue) -> None:
    text = shown(catalogue, name)
    figures = listed(read_preset(preset_file(name)))
    assert len(figures) > 50
    for one in figures:
        if "." not in one.key and one.key not in {"preset", "like", "title_vi", "title_en", "published_in"}:
            assert f"\n{one.key} " in text, one.key
    assert "offices.*" in text or "offices.30CF" in text
    assert "15=120" in text, "hours stand side by side"


def test_a_figure_is_followed_by_its_source_or_by_why_it_is_assumed(catalogue: Catalogue) -> None:
    lines = shown(catalogue, "portal-2018-h1").splitlines()
    place = lines.index("enterprise_count  9443")
    assert lines[place + 1].strip() == 'Source: S-VI, "9.443 doanh nghiệp"'
    place = lines.index("day_off_weight  6")
    assert lines[place + 1].strip() == "Assumed: A public holiday stands a little below a Sunday."


def test_what_was_changed_is_nobodys_figure_any_more(catalogue: Catalogue) -> None:
    lines = shown(catalogue, "portal-2018-h1", Change("enterprise_count", "9000")).splitlines()
    assert lines[lines.index("enterprise_count  9000") + 1].strip() == "Assumed: changed with --set"


def test_a_narrow_terminal_cuts_nothing_off(catalogue: Catalogue) -> None:
    text = shown(catalogue, "national-2018-q2", width=60)
    assert max(map(len, text.splitlines())) <= 60
    assert "Settlement" not in text, "labels are no figures"
    assert "61BB=4" in text


def test_a_preset_of_ones_own_says_what_it_is_like(catalogue: Catalogue, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "preset: mine\nlike: ha-tinh-2020\ntitle_en: Mine\nseed: {value: 7, assumed: true}\n", encoding="utf-8"
    )
    said = shown(catalogue, str(file)).splitlines()
    assert "mine: Mine" in said
    assert said[said.index("seed  7") + 1].strip() == "Assumed"
    assert "dossier_count  1579" in said
