"""The section about waiting times: how they are spread, and what half and nine tenths had to wait at most."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Final

from services.simulator import plots
from services.simulator.html_parts import LegendItem, Plot, Row, Section, Speaker, Table, numbers_from

#: What is drawn, and listed, in this order.
_WAITS: Final = ("to_receipt", "to_result")

#: Kinds of columns in one plot at most: the skills, or procedures, that come most, and the others together.
_COLORS: Final = (plots.BLUE, plots.YELLOW, plots.GREEN, plots.RED)

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def waiting_section(report: Mapping[str, Any], words: Speaker) -> Section:
    """The section."""
    waiting = report["waiting"]
    edges = waiting["edges_seconds"]
    return Section(
        "waiting",
        words.say("waiting"),
        words.say("waiting-lead"),
        tuple(
            _plot(report, words, wait) for wait in _WAITS if any(sum(row[wait]["counts"]) for row in waiting["rows"])
        ),
        tuple(_table(report, words, wait, edges) for wait in _WAITS),
    )


def _plot(report: Mapping[str, Any], words: Speaker, wait: str) -> Plot:
    """The share of dossiers in each class, without the classes at both ends in which there are none."""
    edges = report["waiting"]["edges_seconds"]
    groups = _groups(report, words, wait)
    together = [sum(counts) for counts in zip(*groups.values(), strict=True)]
    used = [place for place, count in enumerate(together) if count]
    first, last = used[0], used[-1] + 1
    labels = _class_labels(edges, words)[first:last]
    series = {
        name: [round(100 * count / sum(counts), 2) for count in counts[first:last]] for name, counts in groups.items()
    }
    title = words.say(wait.replace("_", "-"))
    svg = plots.columns(f"{wait}-{words.language}", labels, series, _COLORS[: len(series)], "%")
    legend = tuple(LegendItem(name, color) for name, color in zip(series, _COLORS, strict=False))
    return Plot(f"{title} ({words.say('share-of-dossiers').lower()})", words.say("waiting-lead"), svg, legend)


def _groups(report: Mapping[str, Any], words: Speaker, wait: str) -> dict[str, list[int]]:
    """Counts by class, of each skill or, without skills, of each procedure: the most first, those beyond together."""
    rows = [row for row in report["waiting"]["rows"] if sum(row[wait]["counts"])]
    names = {row["procedure_id"]: row["label"][words.language] for row in report["procedures"]}
    groups: dict[str, list[int]] = {}
    for row in rows:
        name = row["skill"] or names.get(row["procedure_id"], row["procedure_id"])
        groups[name] = _added(groups[name], row[wait]["counts"]) if name in groups else row[wait]["counts"]
    ordered = sorted(groups.items(), key=lambda item: -sum(item[1]))
    if len(ordered) <= len(_COLORS):
        return dict(ordered)
    alone, others = ordered[: len(_COLORS) - 1], ordered[len(_COLORS) - 1 :]
    key = "other-skills" if rows[0]["skill"] else "others"
    return {**dict(alone), words.say(key): reduce(_added, (counts for _, counts in others))}


def _added(first: Sequence[int], second: Sequence[int]) -> list[int]:
    return [a + b for a, b in zip(first, second, strict=True)]


def _table(report: Mapping[str, Any], words: Speaker, wait: str, edges: Sequence[float]) -> Table:
    names = {row["procedure_id"]: row["label"][words.language] for row in report["procedures"]}
    has_skills = any(row["skill"] for row in report["waiting"]["rows"])
    figures = ("count", "mean", "half-within", "nine-tenths-within", "ninety-nine-within", "longest")
    columns = (
        words.say("procedure"),
        *((words.say("skill"),) if has_skills else ()),
        *(words.say(name) for name in figures),
    )
    rows = tuple(
        Row(
            (
                names.get(row["procedure_id"], row["procedure_id"]),
                *((row["skill"],) if has_skills else ()),
                *_figures(row[wait], edges, words),
            ),
            language_of={1: "en"} if has_skills else {},
        )
        for row in sorted(report["waiting"]["rows"], key=lambda row: -sum(row[wait]["counts"]))
        if sum(row[wait]["counts"])
    )
    title = words.say(wait.replace("_", "-"))
    return Table(title, columns, rows, numbers_from(2 if has_skills else 1, columns))


def _figures(wait: Mapping[str, Any], edges: Sequence[float], words: Speaker) -> tuple[str, ...]:
    counts, longest = wait["counts"], wait["longest_seconds"]
    within = [_span(_within(counts, edges, longest, part), words) for part in (0.5, 0.9, 0.99)]
    return (
        words.number(sum(counts)),
        _span(wait["mean_seconds"], words, exactly=True),
        *within,
        _span(longest, words, exactly=True),
    )


def _within(counts: Sequence[int], edges: Sequence[float], longest: float, part: float) -> float:
    """The upper edge of the class in which this part of all has come; in the last class the longest time.

    At once is no time at all.
    """
    wanted, seen = part * sum(counts), 0
    for count, edge in zip(counts, [0.0, *edges[1:]], strict=False):
        seen += count
        if seen >= wanted:
            return min(edge, longest)
    return longest


def _class_labels(edges: Sequence[float], words: Speaker) -> list[str]:
    below = [words.say("below", time=_span(edge, words)) for edge in edges[1:]]
    return [words.say("at-once"), *below, words.say("from", time=_span(edges[-1], words))]


def _span(seconds: float, words: Speaker, *, exactly: bool = False) -> str:
    """A time in its largest whole unit; an exact one with a decimal."""
    if seconds < 1:
        return words.say("at-once")
    for unit, key in ((_DAY, "days-long"), (_HOUR, "hours-long"), (_MINUTE, "minutes"), (1, "seconds")):
        if seconds >= unit:
            value = seconds / unit
            return words.say(key, n=words.decimal(value) if exactly or value % 1 else words.number(round(value)))
    raise AssertionError("a second is the smallest unit")
