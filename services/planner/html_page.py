"""A plan, or two staffings side by side, as one page: plots and tables in both languages, nothing to be fetched.

Made from the JSON form alone, of the same parts as the report of a run. Each plot has its figures in a table beside it.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from services.planner.html_comparison import comparison_sections
from services.planner.html_messages import MESSAGES
from services.planner.html_plan import plan_sections
from services.simulator.html_parts import Figure, Page, Speaker, framed, languages_from, rendered


def plan_page(result: Mapping[str, Any], language: str) -> str:
    """The page.

    Args:
        result: As `outcome.plan_as_json` or `outcome.comparison_as_json` makes it.
        language: That is shown first, `vi` or `en`.
    """
    return rendered([_page(result, Speaker(one, MESSAGES)) for one in languages_from(language)])


def _page(result: Mapping[str, Any], words: Speaker) -> Page:
    is_plan = result["kind"] == "plan"
    return framed(
        words,
        title=words.say("title-plan" if is_plan else "title-comparison", title=result["title"][words.language]),
        about=_about(result, words),
        figures=_figures_of_plan(result, words) if is_plan else _figures_of_comparison(result, words),
        sections=plan_sections(result, words) if is_plan else comparison_sections(result, words),
        made_at=result["made_at"],
    )


def _about(result: Mapping[str, Any], words: Speaker) -> tuple[str, ...]:
    seeds = result["seeds"]
    about = words.say(
        "about",
        dossiers=words.number(result["dossiers"]),
        fraction=words.percent(result["fraction"]),
        replications=len(seeds),
        seeds=", ".join(map(str, seeds)),
    )
    if result["kind"] == "plan":
        target = words.fine_percent(result["target_ratio"])
        asked = words.say("about-plan", target=target, staffing=PurePath(result["given_staffing"]).stem)
    else:
        first, second = result["names"]
        asked = words.say("about-comparison", first=first, second=second)
    return about, asked, words.say("assumed")


def _figures_of_plan(result: Mapping[str, Any], words: Speaker) -> tuple[Figure, ...]:
    queues, confirmed = result["queues"], result["confirmed"]["on_time_ratio"]
    unreachable = sum(queue["officers"] is None for queue in queues)
    found = (
        Figure(words.number(sum(queue["officers"] or 0 for queue in queues)), words.say("figure-officers")),
        Figure(words.number(sum(queue["officers_now"] for queue in queues)), words.say("figure-now")),
        Figure(words.fine_percent(confirmed), words.say("figure-on-time"), confirmed < result["target_ratio"]),
    )
    if not unreachable:
        return found
    return (*found, Figure(words.number(unreachable), words.say("figure-unreachable"), is_bad=True))


def _figures_of_comparison(result: Mapping[str, Any], words: Speaker) -> tuple[Figure, ...]:
    total = result["total"]
    both = zip(result["names"], total["officers"], total["on_time"], strict=True)
    return tuple(
        figure
        for name, officers, on_time in both
        for figure in (
            Figure(words.number(officers), words.say("figure-officers-of", name=name)),
            Figure(words.fine_percent(on_time["mean"]), words.say("figure-on-time-of", name=name)),
        )
    )
