"""The sections of the page of a comparison: officers, what is on time, and waiting, of two staffings side by side."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from services.planner.html_tables import figures_table
from services.simulator import plots
from services.simulator.html_parts import LegendItem, Plot, Row, Section, Speaker, Table, numbers_from

Result = Mapping[str, Any]

_COLORS: Final = (plots.YELLOW, plots.BLUE)


def comparison_sections(result: Result, words: Speaker) -> Iterator[Section]:
    """All of them, in order."""
    yield _side_by_side(result, words, "officers", _officers, _officers_told)
    yield _side_by_side(result, words, "on-time", _on_time, _on_time_told)
    yield _side_by_side(result, words, "waiting", _waiting, _waiting_told)
    yield _offices(result, words)


def _officers(one: Result) -> tuple[float, ...]:
    return tuple(one["officers"])


def _officers_told(one: Result, words: Speaker) -> tuple[str, ...]:
    first, second = one["officers"]
    return words.number(first), words.number(second), f"{second - first:+d}"


def _on_time(one: Result) -> tuple[float, ...]:
    return tuple(round(100 * band["mean"], 2) for band in one["on_time"])


def _on_time_told(one: Result, words: Speaker) -> tuple[str, ...]:
    first, second = one["on_time"]
    return (
        *(words.fine_percent(band[name]) for band in (first, second) for name in ("mean", "low", "high")),
        *(words.percentage_points(one["difference"][name]) for name in ("mean", "low", "high")),
    )


def _waiting(one: Result) -> tuple[float, ...]:
    return tuple(round(hours, 1) for hours in one["wait_hours_95"])


def _waiting_told(one: Result, words: Speaker) -> tuple[str, ...]:
    return tuple(words.decimal(hours) for hours in one["wait_hours_95"])


#: Of each section: the unit of its axis, the key of a staffing's column, what stands beside it, and further columns.
_SECTIONS: Final[Mapping[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]]] = {
    "officers": ("", "officers-of", (), ("difference",)),
    "on-time": ("%", "on-time-of", ("from", "to"), ("difference", "from", "to")),
    "waiting": ("", "wait-of", (), ()),
}


def _side_by_side(
    result: Result,
    words: Speaker,
    name: str,
    drawn: Callable[[Result], tuple[float, ...]],
    told: Callable[[Result, Speaker], tuple[str, ...]],
) -> Section:
    """One figure of all skills, of both staffings."""
    unit, key, beside, more = _SECTIONS[name]
    title = words.say(f"compared-{name}")
    lead = "" if name == "officers" else words.say(f"compared-{name}-lead")
    heights = [drawn(one) for one in result["by_skill"].values()]
    series = {staffing: [both[side] for both in heights] for side, staffing in enumerate(result["names"])}
    svg = plots.columns(f"{name}-{words.language}", list(result["by_skill"]), series, _COLORS, unit)
    columns = (
        words.say("skill"),
        *(
            text
            for staffing in result["names"]
            for text in (words.say(key, name=staffing), *(words.say(part) for part in beside))
        ),
        *(words.say(part) for part in more),
    )
    rows = [Row((skill, *told(one, words)), language="en") for skill, one in result["by_skill"].items()]
    total = Row((words.say("total"), *told(result["total"], words)), is_total=True)
    table = Table(words.say("in-numbers", title=title), columns, (*rows, total), numbers_from(1, columns))
    plot = Plot(title, lead or title, svg, _legend(result))
    return Section(name, title, lead, (plot,), (table,))


def _legend(result: Result) -> tuple[LegendItem, ...]:
    return tuple(LegendItem(name, color) for name, color in zip(result["names"], _COLORS, strict=True))


def _offices(result: Result, words: Speaker) -> Section:
    offices = sorted(result["by_office"].items(), key=lambda item: (-abs(item[1]["difference"]["mean"]), item[0]))
    names = result["names"]
    columns = (
        words.say("office"),
        *(words.say(key, name=name) for key in ("officers-of", "on-time-of", "wait-of") for name in names),
        words.say("difference"),
    )
    rows = tuple(
        Row(
            (
                f"{code} · {one['name']}",
                *map(words.number, one["officers"]),
                *(words.fine_percent(band["mean"]) for band in one["on_time"]),
                *map(words.decimal, one["wait_hours_95"]),
                words.percentage_points(one["difference"]["mean"]),
            ),
            language="vi",
        )
        for code, one in offices
    )
    title = words.say("compared-offices")
    table = figures_table(words, title, columns, rows)
    return Section("offices", title, words.say("compared-offices-lead"), tables=(table,))
