"""The sections of a plan's page: officers against load, what is on time where, and what less officers would give."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.planner.html_tables import figures_table
from services.simulator import plots
from services.simulator.html_parts import LegendItem, Plot, Row, Section, Speaker

Result = Mapping[str, Any]

#: Points in one plot at most; the table has the rest.
_MOST_POINTS: Final = 30

#: The more officers are missing, the darker.
_SHADES: Final = ("#9cc4e4", "#5b94c5", "#2f6fa6", "#1d5d96", "#003a6b")


def plan_sections(result: Result, words: Speaker) -> Iterator[Section]:
    """All of them, in order."""
    yield _officers(result, words)
    yield _by_office(result, words)
    yield _search(result, words)
    yield _queues(result, words)
    yield _confirmed(result, words)


def _officers(result: Result, words: Speaker) -> Section:
    offices = result["offices"]
    busy, fewest = words.say("busy"), words.say("fewest")
    found = [(round(office["load_erlang"], 2), office["officers"]) for office in offices]
    title, lead = words.say("officers"), words.say("officers-lead")
    svg = plots.points(f"officers-{words.language}", {fewest: found}, [plots.BLUE, plots.RED], busy)
    legend = (LegendItem(fewest, plots.BLUE), LegendItem(busy, plots.RED, is_line=True, is_dashed=True))
    columns = tuple(words.say(name) for name in ("office", "dossiers", "load", "now", "fewest"))
    rows = [Row((_name_of(office), *_sums(office, words)), language="vi") for office in offices]
    sums = {
        name: sum(office[name] for office in offices)
        for name in ("dossiers", "load_erlang", "officers_now", "officers")
    }
    total = Row((words.say("total"), *_sums(sums, words)), is_total=True)
    return Section(
        "officers",
        title,
        lead,
        (Plot(title, lead, svg, legend),),
        (figures_table(words, title, columns, [*rows, total]),),
    )


def _sums(row: Mapping[str, Any], words: Speaker) -> tuple[str, ...]:
    return (
        words.number(round(row["dossiers"])),
        words.decimal(row["load_erlang"]),
        words.number(row["officers_now"]),
        words.number(row["officers"]),
    )


def _by_office(result: Result, words: Speaker) -> Section:
    answered = [office for office in result["offices"] if office["on_time"]]
    answered.sort(key=lambda office: (office["on_time"]["mean"], office["on_time"]["low"], office["office"]))
    drawn = answered[:_MOST_POINTS]
    title, lead = words.say("by-office"), words.say("by-office-lead")
    if len(drawn) < len(answered):
        lead = f"{lead} {words.say('more-drawn', shown=len(drawn), all=len(answered))}"
    bands = [_in_per_cent(office["on_time"]) for office in drawn]
    colors = [plots.BLUE, plots.RED]
    svg = plots.intervals(
        f"by-office-{words.language}",
        [office["office"] for office in drawn],
        bands,
        100 * result["target_ratio"],
        colors,
    )
    legend = (LegendItem(words.say("band"), plots.BLUE), LegendItem(words.say("target"), plots.RED, True, True))
    columns = tuple(words.say(name) for name in ("office", "fewest", "on-time", "from", "to"))
    rows = [
        Row((_name_of(office), words.number(office["officers"]), *_band(office["on_time"], words)), language="vi")
        for office in answered
    ]
    return Section(
        "by-office", title, lead, (Plot(title, lead, svg, legend),), (figures_table(words, title, columns, rows),)
    )


def _search(result: Result, words: Speaker) -> Section:
    title, queues = words.say("search"), result["taken_away"]
    if not queues:
        return Section("search", title, words.say("search-none"))
    lead = words.say("search-lead")
    fewer = sorted({_missing(queue, trial) for queue in queues for trial in queue["trials"]})
    kinds = [words.say("fewer", n=words.number(count)) if count else words.say("enough") for count in fewer]
    found = [{_missing(queue, trial): trial for trial in queue["trials"]} for queue in queues]
    series = {
        kind: [round(100 * trials[count]["mean"], 2) if count in trials else 0.0 for trials in found]
        for kind, count in zip(kinds, fewer, strict=True)
    }
    names = [f"{queue['office']} {queue['skill']}" for queue in queues]
    colors = _SHADES[: len(kinds)]
    svg = plots.columns(f"search-{words.language}", names, series, colors, "%")
    legend = tuple(LegendItem(kind, color) for kind, color in zip(kinds, colors, strict=True))
    columns = tuple(words.say(name) for name in ("queue", "officers-left", "on-time", "from", "to"))
    rows = [
        Row((name, words.number(trial["officers"]), *_band(trial, words)), language="en")
        for name, queue in zip(names, queues, strict=True)
        for trial in queue["trials"]
    ]
    return Section(
        "search", title, lead, (Plot(title, lead, svg, legend),), (figures_table(words, title, columns, rows),)
    )


def _missing(queue: Mapping[str, Any], trial: Mapping[str, Any]) -> int:
    """Officers that were taken away; the first trial is the one with enough."""
    return int(queue["trials"][0]["officers"] - trial["officers"])


def _queues(result: Result, words: Speaker) -> Section:
    queues = result["queues"]
    names = ("office", "skill", "dossiers", "load", "now", "fewest", "on-time", "from", "to", "one-less", "wait")
    columns = tuple(words.say(name) for name in names)
    rows = [
        Row(
            (
                queue["office"],
                queue["skill"],
                words.number(round(queue["dossiers"])),
                words.decimal(queue["load_erlang"]),
                words.number(queue["officers_now"]),
                *_found(queue, result["target_ratio"], words),
            ),
            language_of={1: "en"},
        )
        for queue in queues
    ]
    lead = words.say("queues-lead")
    unreachable = sum(queue["officers"] is None for queue in queues)
    if unreachable:
        lead = f"{lead} {words.say('unreachable', count=words.number(unreachable))}"
    title = words.say("queues")
    return Section("queues", title, lead, tables=(figures_table(words, title, columns, rows, texts=2),))


def _found(queue: Mapping[str, Any], target_ratio: float, words: Speaker) -> tuple[str, ...]:
    if queue["officers"] is None:
        return ("–",) * 6
    less, told = queue["with_one_less"], "–"
    if less is not None and less["is_complete"]:
        told = words.fine_percent(less["mean"])
    elif less is not None:
        # It was given up when it had missed the target: what it would have come to isn't known.
        told = words.say("less-than", share=words.fine_percent(target_ratio))
    return (
        words.number(queue["officers"]),
        *_band(queue["on_time"], words),
        told,
        words.decimal(queue["wait_hours_95"]),
    )


def _confirmed(result: Result, words: Speaker) -> Section:
    confirmed = result["confirmed"]
    lead = words.say(
        "confirmed-lead",
        dossiers=words.number(confirmed["dossiers"]),
        ratio=words.fine_percent(confirmed["on_time_ratio"]),
        open=words.number(confirmed["open"]),
        seconds=words.decimal(confirmed["seconds"]),
    )
    return Section("confirmed", words.say("confirmed"), lead)


def _in_per_cent(band: Mapping[str, float]) -> tuple[float, float, float]:
    return 100 * band["mean"], 100 * band["low"], 100 * band["high"]


def _band(band: Mapping[str, float], words: Speaker) -> tuple[str, ...]:
    return words.fine_percent(band["mean"]), words.fine_percent(band["low"]), words.fine_percent(band["high"])


def _name_of(office: Mapping[str, Any]) -> str:
    return f"{office['office']} · {office['name']}"
