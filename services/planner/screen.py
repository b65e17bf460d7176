"""What a person sees of a plan: a heading, a bar, tables."""

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.planner.messages import say
from services.planner.outcome import Compared, Comparison, Plan, totals, wait_hours
from services.planner.planning import QueuePlan
from services.planner.search import Band
from services.planner.workload import Queue
from services.runtime.language import language
from services.simulator.messages import decimal, number
from services.simulator.words import Words

#: Queues that are shown; the files have all.
SHOWN_QUEUES: Final = 15

#: Queues with which something is wrong that are named.
_NAMED_QUEUES: Final = 10


def share(ratio: float) -> str:
    """A part of 1 in per cent with two decimals, rounded down: 100 is said of nothing less."""
    return Words(language(os.environ)).fine_percent(ratio)


def band(value: Band) -> str:
    """Its lower and upper end."""
    return f"{share(value.low)} – {share(value.high)}"


def signed(value: float) -> str:
    """A difference of shares, in percentage points."""
    text = f"{value * 100:+.2f}"
    return text.replace(".", ",") if language(os.environ) == "vi" else text


class PlanProgress:
    """A bar for each stage; a context manager. In a log each stage is one line."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, transient=True) if console.is_terminal else None
        self._stage: str | None = None
        self._task = self._bar.add_task("", total=1) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, stage: str, done: int, total: int) -> None:
        """So much of a stage is done; `stage` is the last part of a key of the messages."""
        if self._bar is None or self._task is None:
            if stage != self._stage:
                self._console.print(f"  {say(f'stage-{stage}')}")
        else:
            self._bar.update(self._task, description=say(f"stage-{stage}"), completed=done, total=max(total, 1))
        self._stage = stage


def show_plan(console: Console, plan: Plan) -> None:
    """The tables of a plan."""
    _show_skills(console, plan)
    _show_queues(console, plan)
    if plan.unreachable:
        console.print(
            say("unreachable", count=number(len(plan.unreachable)), queues=_named(plan.unreachable)), style="red"
        )
    whole = totals(plan.confirmed.values())
    console.print(
        say(
            "confirmed",
            dossiers=number(whole.dossier_count),
            ratio=share(whole.on_time_ratio),
            open=number(whole.open_count),
            seconds=decimal(plan.confirmed_seconds),
        )
    )


def unconfirmed(queues: Sequence[Queue]) -> str:
    """The sentence about queues that came out otherwise when everything was run."""
    return say("unconfirmed", count=number(len(queues)), queues=_named(queues))


def _named(queues: Sequence[Queue]) -> str:
    rest = [] if len(queues) <= _NAMED_QUEUES else ["…"]
    return ", ".join([*map(" ".join, queues[:_NAMED_QUEUES]), *rest])


def _show_skills(console: Console, plan: Plan) -> None:
    table = _table(say("by-skill"), ["skill"], ["queues", "dossiers", "load", "now", "fewest"])
    by_skill: dict[str, list[QueuePlan]] = {}
    for one in plan.queues:
        by_skill.setdefault(one.queue.skill, []).append(one)
    for skill, plans in sorted(by_skill.items()):
        table.add_row(skill, *_sums(plans))
    table.add_section()
    table.add_row(say("total"), *_sums(plan.queues))
    console.print(table)


def _sums(plans: Sequence[QueuePlan]) -> list[str]:
    return [
        number(len(plans)),
        number(round(sum(one.arrivals for one in plans))),
        decimal(sum(one.load for one in plans)),
        number(sum(one.officers_now for one in plans)),
        number(sum(one.fewest.best.officers for one in plans if one.fewest)),
    ]


def _show_queues(console: Console, plan: Plan) -> None:
    shown = plan.queues[:SHOWN_QUEUES]
    table = _table(
        say("by-queue", count=number(len(shown)), all=number(len(plan.queues))),
        ["office", "skill"],
        ["dossiers", "load", "now", "fewest", "on-time", "band", "one-less", "wait"],
    )
    for one in shown:
        table.add_row(
            *one.queue,
            number(round(one.arrivals)),
            decimal(one.load),
            number(one.officers_now),
            *_found(one, plan.target_ratio),
        )
    console.print(table)


def _found(plan: QueuePlan, target_ratio: float) -> list[str]:
    if plan.fewest is None:
        return ["–"] * 5
    best, one_less = plan.fewest.best, plan.fewest.one_less
    less = (
        "–"
        if one_less is None
        else share(one_less.on_time.mean)
        if one_less.is_complete
        else f"< {share(target_ratio)}"
    )
    return [
        number(best.officers),
        share(best.on_time.mean),
        band(best.on_time),
        less,
        decimal(wait_hours(best.replications.values(), 0.95)),
    ]


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Two staffings side by side."""
    table = _table("", ["skill"], [])
    for key in ("column-officers", "column-on-time-of", "column-wait"):
        for name in comparison.names:
            table.add_column(say(key, name=name), justify="right")
    table.add_column(say("column-difference"), justify="right")
    for skill, one in comparison.by_skill.items():
        table.add_row(skill, *_compared(one))
    table.add_section()
    table.add_row(say("total"), *_compared(comparison.total))
    console.print(table)


def _compared(one: Compared) -> list[str]:
    return [
        *map(number, one.officers),
        *(share(value.mean) for value in one.on_time),
        *map(decimal, one.wait_hours_95),
        f"{signed(one.difference.mean)} [{signed(one.difference.low)}; {signed(one.difference.high)}]",
    ]


def _table(title: str, texts: Sequence[str], figures: Sequence[str]) -> Table:
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE, show_edge=False, header_style="bold")
    for name in texts:
        table.add_column(say(f"column-{name}"))
    for name in figures:
        table.add_column(say(f"column-{name}"), justify="right")
    return table
