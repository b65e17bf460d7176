"""What a person sees of a run: a heading, one line that moves, a table and what it proves.

On a terminal the line is a bar that is rewritten in place; elsewhere (a CI log) each tenth of the way is a line.
"""

import textwrap
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from rich import box
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from services.contracts.timeliness import VIETNAM_TIME
from services.simulator.driver import Progress, Stage
from services.simulator.messages import day, decimal, is_vietnamese, number, percent, say
from services.simulator.preset import Preset
from services.simulator.report import Counts, Report

#: Width of what is no terminal (columns).
_PLAIN_WIDTH: Final = 110

#: So narrow may a terminal be and still show the bar itself (columns).
_BAR_FROM_WIDTH: Final = 90

#: From here on there is room for two spaces between the columns of the table.
_WIDE_TABLE_FROM_WIDTH: Final = 96

#: How a figure that has to be looked at stands out, and one that is as it should be.
_ALARM: Final = "bold red"
_FINE: Final = "green"

#: Columns of figures: heading, figure, style when it isn't 0.
_COLUMNS: Final[tuple[tuple[str, Callable[[Counts], int], str], ...]] = (
    ("column-filed", lambda counts: counts.filed, "bold"),
    ("column-not-received", lambda counts: counts.not_received, ""),
    ("column-received", lambda counts: counts.received, "bold"),
    ("column-early", lambda counts: counts.early, _FINE),
    ("column-on-time", lambda counts: counts.on_time, _FINE),
    ("column-overdue", lambda counts: counts.overdue, _ALARM),
    ("column-without-limit", lambda counts: counts.without_limit, ""),
    ("column-open", lambda counts: counts.open, "yellow"),
)


def make_console() -> Console:
    """Where to show it: the terminal as wide as it is, a log at a fixed width."""
    console = Console(highlight=False, soft_wrap=False)
    return console if console.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)


class ProgressDisplay:
    """Shows how far a run has come; a context manager, so that the line is gone whatever happens."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = _make_bar(console) if console.is_terminal else None
        self._task = self._bar.add_task("", total=1, now="", counts="") if self._bar else None
        self._said: tuple[Stage | None, int] = (None, -1)

    def show(self, progress: Progress) -> None:
        """Show this; in a log only when the stage or the tenth is another one."""
        # Filing and ending count the same: the line moves evenly and is full when the last dossier has ended.
        way = (progress.filed_count + progress.ended_count) / (2 * progress.total_count)
        now = day(progress.now.astimezone(VIETNAM_TIME).date())
        stage = say(f"stage-{progress.stage}")
        counts = say("counts", filed=number(progress.filed_count), ended=number(progress.ended_count))
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=stage, completed=way, now=now, counts=counts)
            return
        news = (progress.stage, int(way * 10))
        if news != self._said:
            self._said = news
            self._console.print(f"  {now:<12} {stage:<26} {counts}")

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _make_bar(console: Console) -> Bar:
    wide = [BarColumn(bar_width=None)] if console.width >= _BAR_FROM_WIDTH else []
    return Bar(
        SpinnerColumn(),
        TextColumn("[bold]{task.description}"),
        *wide,
        TaskProgressColumn(),
        TextColumn("[cyan]{task.fields[now]}"),
        TextColumn("{task.fields[counts]}"),
        console=console,
        transient=True,
        expand=bool(wide),
    )


def show_heading(console: Console, preset: Preset, file: str, fraction: float) -> None:
    """What is going to be run, and where its figures come from."""
    title = say(
        "title",
        title=preset.title_vi if is_vietnamese() else preset.title_en,
        dossiers=number(preset.dossier_count.value),
        procedures=len(preset.procedures),
        enterprises=number(preset.enterprise_count.value),
        first_on=day(preset.period.first_on),
        last_on=day(preset.period.last_on),
    )
    console.print()
    console.print(Text(title, style="bold"))
    console.print(Text(say("source", published_in=preset.published_in, file=file), style="dim"))
    if fraction != 1:
        console.print(Text(say("fraction", fraction=percent(fraction)), style="yellow"))
    console.print()


def show_report(console: Console, preset: Preset, report: Report) -> None:
    """The table, and whether everything in it holds."""
    if not console.is_terminal:
        console.print()  # between it and the lines above; a bar leaves none
    console.print(_table(console, preset, report))
    console.print()
    _show_sums(console, report)
    enterprises, individuals = number(report.enterprise_count), number(report.individual_count)
    subjects = {"enterprises": enterprises, "individuals": individuals}
    _show_check(console, report.subjects_as_sent, "subjects", "subjects-not-as-sent", **subjects)
    _show_check(console, report.recount_is_equal, "recount-equal", "recount-differs", facts=number(report.fact_count))


def _show_sums(console: Console, report: Report) -> None:
    total = report.total
    if not report.filed_as_sent:
        _show_line(console, False, say("filed-not-as-sent", count=number(report.refused_at_the_door)))
    if not report.adds_up:
        _show_line(console, False, say("does-not-add-up"))
    filed = say(
        "sum-filed",
        filed=number(total.filed),
        received=number(total.received),
        refused=number(total.refused_at_intake),
        closed=number(total.closed_before_receipt),
        awaiting=number(total.awaiting_receipt),
    )
    received = say(
        "sum-received",
        received=number(total.received),
        early=number(total.early),
        day=number(total.on_time),
        late=number(total.overdue),
        free=number(total.without_limit),
        open=number(total.open),
    )
    _show_line(console, report.adds_up, filed)
    _show_line(console, report.adds_up, received)
    if report.ended_early:
        for line in textwrap.wrap(say("ended-early", count=number(report.ended_early)), console.width - 4):
            console.print(Text(f"    {line}", style="dim"))


def show_end(console: Console, preset: Preset, now: datetime, seconds: float) -> None:
    """How long it took, in both kinds of time."""
    today = now.astimezone(VIETNAM_TIME).date()
    days = (today - preset.period.first_on).days
    console.print()
    console.print(Text(say("took", seconds=decimal(seconds), days=number(days), now=day(today)), style="dim"))


def show_link(console: Console, url: str) -> None:
    """Where to look on; never wrapped, so that it can be clicked or copied."""
    console.print()
    console.print(Text(say("link"), style="bold"))
    console.print(Text(f"  {url}", style="cyan underline"), soft_wrap=True)
    console.print()


def show_error(console: Console, sentence: str) -> None:
    """Why there is nothing more to see."""
    console.print(Text(sentence, style=_ALARM))


def _show_check(console: Console, holds: bool, key: str, otherwise: str, **values: object) -> None:
    _show_line(console, holds, say(key if holds else otherwise, **values))


def _show_line(console: Console, holds: bool, sentence: str) -> None:
    """A sentence with a mark before it; its second line begins where the first did."""
    first, *others = textwrap.wrap(sentence, console.width - 4) or [""]
    console.print(Text.assemble("  ", ("✓", _FINE) if holds else ("✗", _ALARM), " ", (first, "" if holds else _ALARM)))
    for line in others:
        console.print(Text(f"    {line}", style="" if holds else _ALARM))


def _table(console: Console, preset: Preset, report: Report) -> Table:
    labels = {share.procedure_id: share.label_vi if is_vietnamese() else share.label_en for share in preset.procedures}
    gap = 1 if console.width >= _WIDE_TABLE_FROM_WIDTH else 0
    table = Table(box=box.SIMPLE, show_edge=False, show_footer=True, header_style="bold", padding=(0, 0, 0, gap))
    table.add_column(say("column-procedure"), Text(say("total"), style="bold"), vertical="bottom", overflow="fold")
    headings = [*(heading for heading, _, _ in _COLUMNS), "column-rate"]
    for heading, total in zip(headings, _cells(report.total), strict=True):
        table.add_column(say(heading), total, justify="right", vertical="bottom", no_wrap=True)
    for procedure_id, counts in report.rows:
        table.add_row(labels.get(procedure_id, procedure_id), *_cells(counts))
    return table


def _cells(counts: Counts) -> list[Text]:
    figures = [(read(counts), style) for _, read, style in _COLUMNS]
    cells = [Text(number(figure), style=style if figure else "dim") for figure, style in figures]
    return [*cells, Text(percent(counts.on_time_ratio), style="bold" if counts.on_time_ratio is not None else "dim")]
