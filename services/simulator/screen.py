"""What a person sees of a run: a heading, one line that moves, a table and what it proves.

On a terminal the line is a bar that is rewritten in place; elsewhere (a CI log) each tenth of the way is a line.
"""

import textwrap
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from services.contracts.timeliness import VIETNAM_TIME
from services.runtime.language import is_vietnamese
from services.simulator.driver import Progress, Stage
from services.simulator.messages import day, decimal, duration, number, percent, rate, say
from services.simulator.preset import Preset
from services.simulator.report import Check, Counts, Report
from services.simulator.run_figures import RunFigures

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
    """Shows how far a run has come; a context manager, so that the lines are gone whatever happens."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._counts = Text(style="dim")
        self._bar = _make_bar(console)
        self._task = self._bar.add_task("", total=1, now="")
        shown = Group(self._bar, self._counts)
        self._live = Live(shown, console=console, transient=True, refresh_per_second=4) if console.is_terminal else None
        self._said: tuple[Stage | None, int] = (None, -1)

    def show(self, progress: Progress) -> None:
        """Show this; in a log only when the stage or the tenth is another one."""
        # Filing and ending count the same: the line moves evenly and is full when the last dossier has ended.
        way = (progress.sent_count + progress.ended_count) / (2 * progress.total_count)
        now = day(progress.now.astimezone(VIETNAM_TIME).date())
        stage = say(f"stage-{progress.stage}")
        counts = say(
            "counts",
            sent=number(progress.sent_count),
            backlog=number(progress.backlog),
            now=rate(progress.rate_now),
            mean=rate(progress.rate_mean),
            ratio=percent(progress.in_time_count / progress.limited_count if progress.limited_count else None),
            left=duration(progress.seconds_left),
        )
        if self._live is not None:
            self._counts.plain = f"  {counts}"
            self._bar.update(self._task, description=stage, completed=way, now=now)
            return
        news = (progress.stage, int(way * 10))
        if news != self._said:
            self._said = news
            self._console.print(f"  {now:<12} {stage:<26} {counts}")

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()


def _make_bar(console: Console) -> Bar:
    wide = [BarColumn(bar_width=None)] if console.width >= _BAR_FROM_WIDTH else []
    return Bar(
        SpinnerColumn(),
        TextColumn("[bold]{task.description}"),
        *wide,
        TaskProgressColumn(),
        TextColumn("[cyan]{task.fields[now]}"),
        console=console,
        expand=bool(wide),
    )


#: Procedures that clear declarations; presets give short names to the others only.
_CLEARANCES: Final = ("clearance-documentary-check", "clearance-goods-inspection")


def show_heading(console: Console, preset: Preset, file: str, fraction: float, staffing: str | None) -> None:
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
    if preset.declarations:
        enterprises = number(preset.declarations.enterprise_count.value)
        said = say("declarations", declarations=number(preset.declarations.count.value), enterprises=enterprises)
        console.print(Text(said, style="bold"))
    console.print(Text(say("source", published_in=preset.published_in, file=file), style="dim"))
    console.print(Text(say("staffing", name=staffing) if staffing else say("no-staffing"), style="dim"))
    if fraction != 1:
        console.print(Text(say("fraction", fraction=percent(fraction)), style="yellow"))
    console.print()


def shown_file(folder: str, name: str) -> str:
    """Where people find a preset or a staffing, from the repository on; a file of their own as they named it.

    Args:
        folder: Of the shipped ones, such as `presets`.
        name: Of a shipped one, or a path that ends in `.yaml`.
    """
    return name if name.endswith(".yaml") else f"services/simulator/{folder}/{name}.yaml"


def show_note(console: Console, sentence: str) -> None:
    """Something to know."""
    console.print(Text(sentence, style="dim"), soft_wrap=True)


def show_report(console: Console, preset: Preset, report: Report) -> None:
    """The table, and whether everything in it holds."""
    if not console.is_terminal:
        console.print()  # between it and the lines above; a bar leaves none
    console.print(_table(console, preset, report))
    console.print()
    _show_sums(console, report)
    days = [item for item in report.days if item.sent != item.filed]
    kept = {"days": number(len(days) or len(report.days))}
    _show_check(console, Check.INSTANTS_KEPT not in report.failed, "instants-kept", "instants-not-kept", **kept)
    enterprises, individuals = number(report.enterprise_count), number(report.individual_count)
    subjects = {"enterprises": enterprises, "individuals": individuals}
    _show_check(console, Check.SUBJECTS_AS_SENT not in report.failed, "subjects", "subjects-not-as-sent", **subjects)
    facts = {"facts": number(report.fact_count)}
    _show_check(console, Check.RECOUNT_EQUAL not in report.failed, "recount-equal", "recount-differs", **facts)


def _show_sums(console: Console, report: Report) -> None:
    total, sent = report.total, report.sent
    as_sent, adds_up = Check.FILED_AS_SENT not in report.failed, Check.ADDS_UP not in report.failed
    if not as_sent:
        _show_line(console, False, say("filed-not-as-sent"))
    if not adds_up:
        _show_line(console, False, say("does-not-add-up"))
    counts = {"sent": number(sent.total_count), "filed": number(total.filed), "refused": number(sent.refused_count)}
    _show_line(console, as_sent, say("sum-sent", **counts))
    for code, count in report.refused_codes.items():
        _show_aside(console, say("door-problem", code=code, count=number(count)))
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
    _show_line(console, adds_up, filed)
    _show_line(console, adds_up, received)
    if total.ended_early:
        _show_aside(console, say("ended-early", count=number(total.ended_early)))


def _show_aside(console: Console, sentence: str) -> None:
    for line in textwrap.wrap(sentence, console.width - 4):
        console.print(Text(f"    {line}", style="dim"))


def show_end(console: Console, preset: Preset, now: datetime, figures: RunFigures) -> None:
    """How long it took, in both kinds of time, and who waited for whom."""
    today = now.astimezone(VIETNAM_TIME).date()
    days = (today - preset.period.first_on).days
    console.print()
    took = say("took", seconds=decimal(figures.seconds), days=number(days), now=day(today))
    console.print(Text(took, style="dim"))
    rates = {"rate": rate(figures.rate), "first": rate(figures.first_tenth), "last": rate(figures.last_tenth)}
    console.print(Text(say("rate", **rates), style="dim"))
    lag = say(
        "lag",
        crowd=decimal(figures.crowd_waited_seconds),
        services=decimal(figures.services_waited_seconds),
        steps=number(figures.late_steps),
        all=number(figures.steps),
    )
    console.print(Text(lag, style="dim"))


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
    labels |= {procedure_id: say(procedure_id) for procedure_id in _CLEARANCES}
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
