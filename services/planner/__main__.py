"""`python -m services.planner PRESET`: how many officers keep a quarter on time; needs no services.

Exit code 0: there is an answer for every queue; 1: there isn't, or it couldn't be looked for; 2: an argument is of the
wrong form; 3: a run of everything didn't confirm what was found; 130: interrupted.
"""

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

import click
import orjson
import yaml
from click.core import ParameterSource
from rich.console import Console

from services.contracts.catalogue import Catalogue
from services.contracts.staffing import Staffing
from services.planner import screen
from services.planner.html_page import plan_page
from services.planner.messages import say
from services.planner.outcome import (
    Plan,
    UnconfirmedError,
    compare,
    comparison_as_json,
    confirm,
    plan_as_json,
    planned_staffing,
)
from services.planner.planning import QueuePlan, plan_queues, run_in_memory, take_away, worker_pool
from services.planner.search import Trial
from services.planner.workload import Queue, Workload
from services.runtime.catalogue import load_catalogue
from services.runtime.clock import monotonic_seconds, real_now
from services.runtime.errors import ConfigurationError
from services.runtime.language import is_vietnamese
from services.runtime.settings import read_settings
from services.simulator.config import CatalogueSettings
from services.simulator.crowd import Crowd
from services.simulator.messages import number, percent
from services.simulator.preset import Preset
from services.simulator.preset_files import load_preset, preset_names
from services.simulator.preset_keys import parse_change
from services.simulator.screen import make_console, show_error, shown_file
from services.simulator.staffing_files import load_staffing, staffing_names
from services.simulator.usage import SentenceCommand

#: Several runs of the crowd; a band from fewer than three says little.
_REPLICATIONS: Final = 3

#: Exit code of a plan that a run of everything didn't confirm.
_UNCONFIRMED: Final = 3

#: What two staffings side by side have no use for.
_NOT_WITH_COMPARE: Final = {"target_ratio": "--on-time", "staffing_name": "--staffing", "staffing_file": "--write"}


_FILE: Final = click.Path(path_type=Path)


class _Command(SentenceCommand):
    called = "./motcua plan"


@click.command(cls=_Command, context_settings={"help_option_names": ["-h", "--help"], "allow_extra_args": True})
@click.argument("preset_name", metavar="PRESET")
@click.option(
    "--on-time",
    "target_ratio",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="PART",
    default=0.999,
    show_default=True,
    help="Part of the dossiers with a limit that each queue has to resolve in time.",
)
@click.option("--staffing", "staffing_name", metavar="NAME|FILE", help="Skills, shifts and service times to plan with.")
@click.option("--compare", "compared", nargs=2, metavar="A B", help="Set two staffings side by side instead.")
@click.option(
    "--fraction",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="PART",
    default=1.0,
    help="This part of it only: 0.01 is a hundredth.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Of the first replication; the next ones follow it."
)
@click.option(
    "--replications",
    type=click.IntRange(1, 50),
    metavar="N",
    default=_REPLICATIONS,
    show_default=True,
    help="Crowds to plan for.",
)
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Another figure of the preset.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    metavar="N",
    default=2,
    show_default=True,
    help="Processes to compute in.",
)
@click.option("--json", "json_file", type=_FILE, metavar="FILE", help="Write everything for programs.")
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write everything as a page with plots.")
@click.option("--write", "staffing_file", type=_FILE, metavar="FILE", help="Write the staffing that was found.")
@click.pass_context
def main(context: click.Context, /, preset_name: str, **options: Any) -> None:
    """Find the fewest officers that keep a preset on time, in memory."""
    _interrupt_on_signals()
    console = make_console()
    try:
        _check(context, options)
        is_complete = _Run(console, preset_name, options).go()
    except KeyboardInterrupt:
        console.print(say("interrupted"))
        sys.exit(130)
    except UnconfirmedError as error:
        show_error(console, screen.unconfirmed(error.queues))
        sys.exit(_UNCONFIRMED)
    except ConfigurationError as error:
        show_error(console, str(error))
        sys.exit(1)
    sys.exit(0 if is_complete else 1)


def _check(context: click.Context, options: Mapping[str, Any]) -> None:
    """Before what takes minutes, not after it."""
    if context.args:
        raise click.UsageError(say("wrong-argument", name=context.args[0]))
    for option in ("json", "html", "write"):
        path: Path | None = options["staffing_file" if option == "write" else f"{option}_file"]
        if path is not None and not path.absolute().parent.is_dir():
            raise ConfigurationError(say("no-folder", option=f"--{option}", path=path.absolute().parent))
    given = [option for name, option in _NOT_WITH_COMPARE.items() if _is_given(context, name)]
    if options["compared"] and given:
        raise click.UsageError(say("not-with-compare", option=given[0]))


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not ParameterSource.DEFAULT


class _Run:
    """One call of the command."""

    def __init__(self, console: Console, preset_name: str, options: Mapping[str, Any]) -> None:
        self._console = console
        self._preset_name = preset_name
        self._options = options
        self._settings = read_settings(CatalogueSettings)
        self._catalogue: Catalogue = load_catalogue(own=self._settings.catalogue_dir)
        changes = [parse_change(text) for text in options["changes"]]
        if not preset_name.endswith(".yaml") and preset_name not in preset_names():
            raise ConfigurationError(say("no-preset", name=preset_name, names=", ".join(preset_names())))
        self._preset: Preset = load_preset(preset_name, self._catalogue, changes).scaled(options["fraction"])
        first = self._preset.seed.value if options["seed"] is None else options["seed"]
        self._seeds: Sequence[int] = range(first, first + options["replications"])
        self._workloads: dict[int, Workload] = {}

    def go(self) -> bool:
        """Do what was asked; returns whether every queue has an answer."""
        if self._options["compared"]:
            self._compare(*self._options["compared"])
            return True
        return self._plan()

    def _plan(self) -> bool:
        name = self._options["staffing_name"] or self._preset.staffing
        if name is None:
            raise ConfigurationError(say("no-staffing", preset=self._preset.name))
        staffing = self._staffing(name, "--staffing")
        target = self._options["target_ratio"]
        self._console.print(say("title", **self._about(), target=screen.share(target)), style="bold")
        files = {"staffing": shown_file("staffings", name), "preset": shown_file("presets", self._preset_name)}
        self._console.print(say("assumed", **files), style="dim")
        if self._options["fraction"] < 1:
            self._console.print(say("part", fraction=percent(self._options["fraction"])), style="yellow")
        with self._pool() as pool, screen.PlanProgress(self._console) as progress:
            self._draw(progress)
            queues = plan_queues(
                pool,
                self._workloads,
                staffing,
                target_ratio=target,
                until=self._until,
                on_progress=lambda done, total: progress.show("search", done, total),
            )
            found = planned_staffing(staffing, queues)
            started_at = monotonic_seconds()
            seed = self._seeds[0]
            confirmed = run_in_memory(
                pool,
                self._workloads[seed],
                found,
                seed=seed,
                until=self._until,
                on_progress=lambda done, total: progress.show("confirm", done, total),
            )
            confirmed_seconds = monotonic_seconds() - started_at
            confirm(queues, confirmed, seed)
            taken_away = self._take_away(pool, staffing, queues, progress) if self._writes_results else {}
        plan = Plan(queues, target, list(self._seeds), found, confirmed, confirmed_seconds, taken_away)
        screen.show_plan(self._console, plan)
        self._write(plan_as_json(plan, self._about_for_programs(name), self._office_names), found)
        return not plan.unreachable

    def _take_away(
        self, pool: ProcessPoolExecutor, staffing: Staffing, queues: Sequence[QueuePlan], progress: screen.PlanProgress
    ) -> dict[Queue, list[Trial]]:
        return take_away(
            pool,
            self._workloads,
            staffing,
            queues,
            until=self._until,
            on_progress=lambda done, total: progress.show("less", done, total),
        )

    def _compare(self, first_name: str, second_name: str) -> None:
        staffings = self._staffing(first_name, "--compare"), self._staffing(second_name, "--compare")
        if staffings[0].skills != staffings[1].skills:
            raise ConfigurationError(say("other-skills", first=first_name, second=second_name))
        names = _told_apart(Path(first_name).stem, Path(second_name).stem)
        self._console.print(say("title-compare", **self._about(), first=names[0], second=names[1]), style="bold")
        runs = {}
        with self._pool() as pool, screen.PlanProgress(self._console) as progress:
            self._draw(progress)
            for place, seed in enumerate(self._seeds):
                pair = []
                for side, staffing in enumerate(staffings):
                    progress.show("compare", 2 * place + side, 2 * len(self._seeds))
                    pair.append(run_in_memory(pool, self._workloads[seed], staffing, seed=seed, until=self._until))
                runs[seed] = (pair[0], pair[1])
        comparison = compare(names, staffings, runs)
        screen.show_comparison(self._console, comparison)
        self._write(comparison_as_json(comparison, self._about_for_programs(None), self._office_names), None)

    def _staffing(self, name: str, option: str) -> Staffing:
        if not name.endswith(".yaml") and name not in staffing_names():
            raise ConfigurationError(
                say("no-such-staffing", option=option, name=name, names=", ".join(staffing_names()))
            )
        return load_staffing(name, self._catalogue)

    def _pool(self) -> AbstractContextManager[ProcessPoolExecutor]:
        return worker_pool(self._options["processes"], self._settings.catalogue_dir)

    def _draw(self, progress: screen.PlanProgress) -> None:
        for place, seed in enumerate(self._seeds):
            progress.show("crowd", place, len(self._seeds))
            self._workloads[seed] = Workload(Crowd(self._preset, self._catalogue, seed))

    @property
    def _until(self) -> datetime:
        last = next(iter(self._workloads.values())).end
        return last + timedelta(days=self._preset.longest_wait_days.value)

    def _about(self) -> dict[str, str]:
        return {
            "title": self._preset.title_vi if is_vietnamese() else self._preset.title_en,
            "dossiers": number(self._preset.total_count),
            "replications": number(len(self._seeds)),
            "seeds": ", ".join(map(str, self._seeds)),
        }

    @property
    def _office_names(self) -> dict[str, str]:
        return {code: office.name_vi for code, office in self._catalogue.offices.items()}

    @property
    def _writes_results(self) -> bool:
        return self._options["json_file"] is not None or self._options["html_file"] is not None

    def _about_for_programs(self, staffing_name: str | None) -> dict[str, Any]:
        return {
            "preset": self._preset.name,
            "title": {"vi": self._preset.title_vi, "en": self._preset.title_en},
            "made_at": real_now().isoformat(),
            "fraction": self._options["fraction"],
            "set": list(self._options["changes"]),
            "given_staffing": staffing_name,
            "dossiers": self._preset.total_count,
        }

    def _write(self, data: Mapping[str, Any], staffing: Staffing | None) -> None:
        files: list[tuple[Path | None, Callable[[], str]]] = [
            (self._options["json_file"], lambda: orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()),
            (self._options["html_file"], lambda: plan_page(data, "vi" if is_vietnamese() else "en")),
        ]
        if staffing is not None:
            wire = self._basis(data) | staffing.to_wire()
            files.append((self._options["staffing_file"], lambda: _as_yaml(wire)))
        for path, make in files:
            if path is not None:
                _write_file(path, make())
                self._console.print(say("written", path=path), soft_wrap=True)

    def _basis(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What a staffing that was found rests on, for whoever reads the file or a report of a run with it."""
        note = (
            f"Found by ./motcua plan {data['preset']} --on-time {self._options['target_ratio']:g}"
            f" --fraction {self._options['fraction']:g}: the fewest officers for each queue."
            f" Skills, shifts and service times as {data['given_staffing']} has them."
        )
        return {"assumed": True, "note": note}


def _as_yaml(wire: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(wire, allow_unicode=True, sort_keys=False)
    return text


def _told_apart(first: str, second: str) -> tuple[str, str]:
    """Names of two staffings, also of two whose files are called the same."""
    return first, second if second != first else f"{second} (2)"


def _write_file(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error


def _interrupt_on_signals() -> None:
    """SIGTERM does what Ctrl-C does; what comes after the first is ignored: the end is near."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, interrupt)


if __name__ == "__main__":
    main()
