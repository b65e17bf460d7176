"""The sections of the report's page: what each says, draws and lists."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.simulator import plots
from services.simulator.bases import SOURCES_PAGE
from services.simulator.html_parts import LegendItem, Plot, Row, Section, Speaker, Table, numbers_from
from services.simulator.html_waiting import waiting_section

Report = Mapping[str, Any]

#: Bars in one plot at most; the table has the rest.
_MOST_BARS: Final = 15

#: Shades of the map, the first for none.
_SHADES: Final = 7

_CHECKS: Final = ("filed-as-sent", "instants-kept", "adds-up", "subjects-as-sent", "recount-equal")


def sections(report: Report, words: Speaker) -> Iterator[Section]:
    """All of them, in order; those about what the run doesn't have are left out."""
    yield _checks(report, words)
    yield _conservation(report, words)
    yield _days(report, words)
    yield _backlog(report, words)
    yield _hours(report, words)
    yield waiting_section(report, words)
    yield _on_time(report, words, "by-procedure", "procedures")
    yield _on_time(report, words, "by-office", "offices")
    if report["desks"]:
        yield _desks(report, words)
    yield _bases(report, words)
    yield _run(report, words)


def _checks(report: Report, words: Speaker) -> Section:
    facts = words.number(report["fact_count"])
    rows = tuple(
        Row(
            (words.say(f"check-{name}", facts=facts), words.say("yes" if holds else "no")),
            shades=("holds" if holds else "fails",),
        )
        for name, holds in report["checks"].items()
    )
    table = Table(words.say("checks"), (words.say("check"), words.say("holds")), rows)
    return Section("checks", words.say("checks"), words.say("checks-lead"), tables=(table,))


def _conservation(report: Report, words: Speaker) -> Section:
    sums = report["conservation"]
    codes = sums["refused_at_the_door_by_code"].items()
    rows = [
        Row((words.say("row-sent"), words.number(sums["sent"])), is_total=True),
        Row((words.say("row-refused-at-the-door"), words.number(sums["refused_at_the_door"]))),
        *(Row((f"({code})", words.number(count))) for code, count in codes),
        Row((words.say("row-filed"), words.number(sums["filed"])), is_total=True),
        Row((words.say("row-refused-at-intake"), words.number(sums["refused_at_intake"]))),
        Row((words.say("row-closed-before-receipt"), words.number(sums["closed_before_receipt"]))),
        Row((words.say("row-awaiting-receipt"), words.number(sums["awaiting_receipt"]))),
        Row((words.say("row-received"), words.number(sums["received"])), is_total=True),
        Row((words.say("row-resolved"), words.number(sums["resolved"]))),
        Row((words.say("row-ended-early"), words.number(sums["of_these_withdrawn_or_stopped"]))),
        Row((words.say("row-open"), words.number(sums["open"])), is_total=True),
    ]
    columns = (words.say("where"), words.say("dossiers"))
    table = Table(words.say("conservation"), columns, tuple(rows), numbers_from(1, columns))
    return Section("conservation", words.say("conservation"), tables=(table,))


def _days(report: Report, words: Speaker) -> Section:
    days = report["days"]
    filed, ended = words.say("filed"), words.say("ended")
    series = {filed: [day["filed"] for day in days], ended: [day["ended"] for day in days]}
    svg = plots.lines(
        f"days-{words.language}", _day_labels(days, words), series, [plots.BLUE, plots.GREEN], is_filled=False
    )
    legend = (LegendItem(filed, plots.BLUE, True), LegendItem(ended, plots.GREEN, True, True))
    columns = tuple(words.say(name) for name in ("day", "filed", "received", "ended", "backlog"))
    rows = tuple(
        Row(
            (
                words.day(date.fromisoformat(day["day"])),
                *(words.number(day[name]) for name in ("filed", "received", "ended", "backlog")),
            )
        )
        for day in days
    )
    table = Table(_in_numbers(words, "days"), columns, rows, numbers_from(1, columns), is_folded=True)
    plot = Plot(words.say("days"), words.say("days-lead"), svg, legend)
    return Section("days", words.say("days"), words.say("days-lead"), (plot,), (table,))


def _backlog(report: Report, words: Speaker) -> Section:
    days = report["days"]
    most = max(days, key=lambda day: day["backlog"], default=None)
    on = words.day(date.fromisoformat(most["day"])) if most else "–"
    lead = words.say("backlog-lead", most=words.number(most["backlog"] if most else 0), on=on)
    series = {words.say("backlog"): [day["backlog"] for day in days]}
    name = f"backlog-{words.language}"
    svg = plots.lines(name, _day_labels(days, words), series, [plots.BLUE], is_filled=True)
    return Section("backlog", words.say("backlog-title"), lead, (Plot(words.say("backlog-title"), lead, svg),))


def _hours(report: Report, words: Speaker) -> Section:
    hours = report["arrivals"]["by_weekday_and_hour"]
    most = max((count for row in hours for count in row), default=0)
    names = words.say("weekdays").split(",")
    rows = tuple(
        Row(
            (name, *(words.number(count) for count in counts)),
            shades=tuple(f"shade-{_shade(count, most)}" for count in counts),
        )
        for name, counts in zip(names, hours, strict=True)
    )
    columns = (words.say("weekday"), *(str(hour) for hour in range(24)))
    table = Table(words.say("hours"), columns, rows, is_map=True)
    lead = words.say("hours-lead")
    channels = report["arrivals"]["by_customs_channel"]
    if channels:
        counts = {name: words.number(channels.get(name, 0)) for name in ("green", "yellow", "red")}
        lead = f"{lead} {words.say('customs-channels', **counts)}"
    return Section("hours", words.say("hours"), lead, tables=(table,))


def _shade(count: int, most: int) -> int:
    """0 for none, and the same span of counts for each of the others."""
    return 0 if count == 0 else min(1 + (_SHADES - 1) * count // (most + 1), _SHADES - 1)


def _on_time(report: Report, words: Speaker, key: str, rows_of: str) -> Section:
    """By procedure from the most to the least; by office from the worst on."""
    found = [row for row in report[rows_of] if row["filed"]]
    by_office = rows_of == "offices"
    order = sorted(found, key=_rate_first if by_office else lambda row: -int(row["filed"]))
    limited = [row for row in order if row["on_time_ratio"] is not None]
    drawn = limited[:_MOST_BARS]
    lead = " ".join(words.say(name) for name in (["on-time-lead", "by-office-lead"] if by_office else ["on-time-lead"]))
    if len(drawn) < len(found):
        lead = f"{lead} {words.say('more-bars', shown=len(drawn), all=len(found))}"
    kinds = (("early", plots.GREEN), ("on_time", plots.BLUE), ("overdue", plots.RED))
    series = {words.say(name.replace("_", "-")): [_share(row, name) for row in drawn] for name, _ in kinds}
    names = [_name_of(row, words) for row in drawn]
    svg = plots.stacked_bars(f"{key}-{words.language}", names, series, [color for _, color in kinds], "%")
    legend = tuple(LegendItem(words.say(name.replace("_", "-")), color) for name, color in kinds)
    heading = words.say("office" if by_office else "procedure")
    return Section(
        key,
        words.say(key),
        lead,
        (Plot(words.say(key), lead, svg, legend),),
        (_counts_table(report, words, key, heading, order),),
    )


def _counts_table(report: Report, words: Speaker, key: str, heading: str, rows: Sequence[Any]) -> Table:
    names = ("filed", "not-received", "received", "early", "on-time", "overdue", "without-limit", "open")
    columns = (heading, *(words.say(name) for name in names), words.say("rate"))
    told = [
        Row((_name_of(row, words), *_cells(row, words)), language="vi" if "office_code" in row else None)
        for row in rows
    ]
    total = Row((words.say("total"), *_cells(report["total"], words)), is_total=True)
    return Table(
        _in_numbers(words, key), columns, (*told, total), numbers_from(1, columns), is_folded=len(rows) > _MOST_BARS
    )


def _cells(row: Mapping[str, Any], words: Speaker) -> tuple[str, ...]:
    not_received = row["refused_at_intake"] + row["closed_before_receipt"] + row["awaiting_receipt"]
    figures = (
        row["filed"], not_received, row["received"], row["early"], row["on_time"], row["overdue"],
        row["without_limit"], row["open"],
    )  # fmt: skip
    return (*map(words.number, figures), words.percent(row["on_time_ratio"]))


def _rate_first(row: Mapping[str, Any]) -> tuple[float, int]:
    ratio = row["on_time_ratio"]
    return (2.0 if ratio is None else ratio, -int(row["filed"]))


def _share(row: Mapping[str, Any], name: str) -> float:
    limited: int = row["early"] + row["on_time"] + row["overdue"]
    return round(100 * int(row[name]) / limited, 2)


def _name_of(row: Mapping[str, Any], words: Speaker) -> str:
    return f"{row['office_code']} · {row['name']}" if "office_code" in row else str(row["label"][words.language])


def _desks(report: Report, words: Speaker) -> Section:
    columns = tuple(words.say(name) for name in ("office", "skill", "officers", "shift", "leave"))
    rows = tuple(
        Row(
            (
                desk["office"],
                desk["skill"],
                words.number(desk["officers"]),
                desk["shift"],
                ", ".join(f"{one['first_on']} – {one['last_on']}: {one['officers']}" for one in desk.get("leave", ())),
            ),
            # As the staffing's file names skills and shifts.
            language_of={1: "en", 3: "en"},
        )
        for desk in report["desks"]
    )
    folded = len(rows) > _MOST_BARS
    table = Table(words.say("desks"), columns, rows, frozenset({2}), is_folded=folded)
    return Section("desks", words.say("desks"), words.say("desks-lead"), tables=(table,))


def _bases(report: Report, words: Speaker) -> Section:
    run = report["run"]
    names = {"preset": run["preset"], "staffing": run["staffing"]}
    tables = tuple(
        _bases_table(words, words.say(f"bases-{what}", name=names[what]), rows)
        for what, rows in report["bases"].items()
        if rows
    )
    return Section("bases", words.say("bases"), words.say("bases-lead", file=SOURCES_PAGE), tables=tables)


def _bases_table(words: Speaker, caption: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = tuple(words.say(name) for name in ("figure", "value", "rests-on", "source"))
    told = tuple(
        Row(
            (
                row["key"],
                row["value"],
                words.say("assumed" if row["is_assumed"] else "sourced" if row["source"] else "unsaid"),
                " — ".join(text for text in (row["source"], row["note"]) if text),
            ),
            # As the data files have them.
            language="en",
            language_of={1: "en", 3: "en"},
        )
        for row in rows
    )
    return Table(caption, columns, told)


def _run(report: Report, words: Speaker) -> Section:
    figures, machine = report["run_figures"], report["run_figures"]["machine"]

    def rate(value: float | None) -> str:
        return "–" if value is None else words.say("per-second", n=words.number(round(value)))

    def seconds(value: float) -> str:
        return words.say("in-seconds", n=words.decimal(value))

    of_machine = words.say(
        "machine",
        cpus=machine["cpus"],
        memory=round(machine["memory_bytes"] / 2**30),
        processor=machine["processor"],
        system=machine["system"],
        python=machine["python"],
    )
    late = words.say("of-all", n=words.number(figures["late_steps"]), all=words.number(figures["steps"]))
    rows = (
        ("run-seconds", seconds(figures["seconds"])),
        ("run-sessions", words.number(figures["sessions"])),
        ("run-rate", rate(figures["rate"])),
        ("run-first-tenth", rate(figures["first_tenth"])),
        ("run-last-tenth", rate(figures["last_tenth"])),
        ("run-crowd-waited", seconds(figures["crowd_waited_seconds"])),
        ("run-services-waited", seconds(figures["services_waited_seconds"])),
        ("run-late-steps", late),
        ("run-partitions", words.number(report["run"]["partitions"])),
        ("run-machine", of_machine),
    )
    columns = (words.say("what"), words.say("value"))
    table = Table(words.say("run"), columns, tuple(Row((words.say(key), value)) for key, value in rows))
    return Section("run", words.say("run"), words.say("run-lead"), tables=(table,))


def _day_labels(days: Sequence[Mapping[str, Any]], words: Speaker) -> list[str]:
    return [words.short_day(date.fromisoformat(day["day"])) for day in days]


def _in_numbers(words: Speaker, key: str) -> str:
    return f"{words.say(key)}: {words.say('in-numbers').lower()}"
