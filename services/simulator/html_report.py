"""The report of a run as one page: plots and tables in both languages, nothing to be fetched, no scripts.

Made from the JSON report alone. Each plot has its figures in a table beside it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from services.simulator.html_parts import Figure, Page, Speaker, framed, languages_from, rendered
from services.simulator.html_sections import sections


def report_page(report: Mapping[str, Any], language: str) -> str:
    """The page.

    Args:
        report: As `report_file.report_json` makes it.
        language: That is shown first, `vi` or `en`.
    """
    return rendered([_page(report, Speaker(one)) for one in languages_from(language)])


def _page(report: Mapping[str, Any], words: Speaker) -> Page:
    run = report["run"]
    return framed(
        words,
        title=words.say("title", title=run["title"][words.language]),
        about=_about(run, words),
        figures=_figures(report, words),
        sections=sections(report, words),
        made_at=report["made_at"],
    )


def _about(run: Mapping[str, Any], words: Speaker) -> tuple[str, ...]:
    about = words.say(
        "about",
        first_on=words.day(date.fromisoformat(run["first_on"])),
        last_on=words.day(date.fromisoformat(run["last_on"])),
        clock_on=words.day(datetime.fromisoformat(run["clock_at"]).date()),
        run_id=run["run_id"],
        seed=run["seed"],
        fraction=words.percent(run["fraction"]),
    )
    source = words.say("published-in", published_in=run["published_in"])
    staffing = words.say("staffing", name=run["staffing"]) if run["staffing"] else words.say("no-staffing")
    return about, source, staffing


def _figures(report: Mapping[str, Any], words: Speaker) -> tuple[Figure, ...]:
    sums, on_time = report["conservation"], report["on_time"]
    left = sums["open"] + sums["awaiting_receipt"]
    rate = report["run_figures"]["rate"]
    return (
        Figure(words.number(sums["sent"]), words.say("figure-sent")),
        Figure(words.number(sums["resolved"]), words.say("figure-resolved")),
        Figure(words.number(left), words.say("figure-open")),
        Figure(words.percent(on_time["ratio"]), words.say("figure-on-time")),
        Figure("–" if rate is None else words.number(round(rate)), words.say("figure-rate")),
    )
