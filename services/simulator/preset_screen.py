"""What a person sees of presets: which there are, and every figure of one with what it rests on."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.runtime.language import is_vietnamese
from services.simulator.bases import SOURCES_PAGE
from services.simulator.messages import day, number, say
from services.simulator.preset import Preset
from services.simulator.preset_keys import Listed

#: Texts of a preset that are shown above its figures, or not at all.
_NO_FIGURES: Final = frozenset({"preset", "like", "title_vi", "title_en", "published_in"})

#: So many figures of one list are shown a line each; longer lists side by side.
_EACH_A_LINE: Final = 15


def show_presets(console: Console, presets: Sequence[Preset]) -> None:
    """The presets, a line each."""
    table = Table(box=box.SIMPLE, show_edge=False, header_style="bold")
    table.add_column(say("column-preset"), no_wrap=True, style="bold")
    for heading in ("column-dossiers", "column-declarations", "column-enterprises"):
        table.add_column(say(heading), justify="right", no_wrap=True)
    table.add_column(say("column-period"), no_wrap=True)
    table.add_column(say("column-title"), overflow="fold")
    for preset in presets:
        table.add_row(
            preset.name,
            number(preset.dossier_count.value),
            number(preset.declaration_count) if preset.declarations else Text("–", style="dim"),
            number(preset.all_enterprise_count),
            f"{day(preset.period.first_on)} – {day(preset.period.last_on)}",
            _title(preset),
        )
    console.print()
    console.print(table)
    console.print()
    console.print(Text(say("presets-hint"), style="dim"))


def show_preset(console: Console, preset: Preset, figures: Sequence[Listed]) -> None:
    """Every figure of a preset by its name, as `--set` takes it, and what it rests on.

    Args:
        console: Where to.
        preset: Checked.
        figures: Of its file.
    """
    console.print()
    console.print(Text(f"{preset.name}: {_title(preset)}", style="bold"))
    console.print(Text(say("published-in", published_in=preset.published_in), style="dim"))
    for (basis, _), group in groupby(_shown(figures), key=lambda one: ((one.source, one.note), one.key.split(".")[0])):
        listed = list(group)
        console.print()
        console.print(_values(listed))
        if sentence := _basis(listed[0], *basis):
            console.print(Padding(Text(sentence, style="dim"), (0, 0, 0, 4)))
    console.print()
    console.print(Text(say("sources-hint", file=SOURCES_PAGE), style="dim"))
    console.print(Text(say("set-hint", name=preset.name, key=next(_shown(figures)).key), style="dim"))


def _shown(figures: Sequence[Listed]) -> Iterator[Listed]:
    return (one for one in figures if one.key not in _NO_FIGURES)


def _values(figures: Sequence[Listed]) -> Table | Text:
    """Figures that rest on the same."""
    if len(figures) > _EACH_A_LINE:
        name = figures[0].key.partition(".")[0]
        entries = "  ".join(f"{one.key.partition('.')[2]}={one.value}" for one in figures)
        return Text.assemble((f"{name}.*  ", "bold"), entries)
    table = Table.grid(padding=(0, 2))
    for one in figures:
        table.add_row(Text(one.key, style="bold"), _written(one.value))
    return table


def _written(value: str) -> str:
    # Four digits read well without a mark, and the year that a seed likes to be is no amount.
    return number(int(value)) if value.isdecimal() and len(value) > 4 else value


def _basis(figure: Listed, source: str | None, note: str | None) -> str:
    if source is not None:
        said = say("rests-on", source=source)
        return f"{said}. {note}" if note else said
    if figure.is_assumed:
        return say("is-assumed", note=note) if note else say("is-assumed-only")
    return ""


def _title(preset: Preset) -> str:
    return preset.title_vi if is_vietnamese() else preset.title_en
