"""`python -m services.planner PRESET`: how many officers keep a quarter on time; needs no services.

Exit code 0: there is an answer for every queue; 1: there isn't, or it couldn't be looked for; 130: interrupted.
"""

import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
import orjson
import yaml
from rich.console import Console

from services.contracts.catalogue import Catalogue
from services.contracts.staffing import Staffing
from services.planner import screen
from services.planner.config import PlannerSettings
from services.planner.messages import say
from services.planner.outcome import (
    Plan,
    compare,
    comparison_as_json,
    plan_as_json,
    planned_staffing,
)
from services.planner.planning import plan_queues, run_in_memory, worker_pool
from services.planner.workload import Workload
from services.runtime.catalogue import load_catalogue
from services.runtime.clock import monotonic_seconds
from services.runtime.errors import ConfigurationError
from services.runtime.settings import read_settings
from services.simulator.crowd import Crowd
from services.simulator.messages import is_vietnamese, number
from services.simulator.preset import Preset
from services.simulator.preset_files import load_preset
from services.simulator.preset_keys import parse_change
from services.simulator.screen import make_console, show_error
from services.simulator.staffing_files import load_staffing

#: Several runs of the crowd; a band from fewer than three says little.
_REPLICATIONS = 3


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("preset_name", metavar="PRESET")
@click.option(
    "--on-time",
    "target_ratio",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.999,
    show_default=True,
    help="Part of the dossiers with a limit that each queue has to resolve in time.",
)
@click.option("--staffing", "staffing_name", metavar="NAME|FILE", help="Skills, shifts and service times to plan with.")
@click.option("--compare", "compared", nargs=2, metavar="A B", help="Set two staffings side by side instead.")
@click.option("--fraction", type=click.FloatRange(0, 1, min_open=True), default=1.0, help="This part of it only.")
@click.option("--seed", type=click.IntRange(min=0), help="Of the first replication; the next ones follow it.")
@click.option(
    "--replications", type=click.IntRange(1, 50), default=_REPLICATIONS, show_default=True, help="Crowds to plan for."
)
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Another figure of the preset.")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes to compute in.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write everything for programs.")
@click.option("--write", "staffing_file", type=click.Path(path_type=Path), help="Write the staffing that was found.")
def main(preset_name: str, **options: Any) -> None:
    """Find the fewest officers that keep a preset on time, in memory."""
    _interrupt_on_signals()
    console = make_console()
    try:
        is_complete = _Run(console, preset_name, options).go()
    except KeyboardInterrupt:
        console.print(say("interrupted"))
        sys.exit(130)
    except ConfigurationError as error:
        show_error(console, str(error))
        sys.exit(1)
    sys.exit(0 if is_complete else 1)


class _Run:
    """One call of the command."""

    def __init__(self, console: Console, preset_name: str, options: Mapping[str, Any]) -> None:
        self._console = console
        self._options = options
        self._settings = read_settings(PlannerSettings)
        self._catalogue: Catalogue = load_catalogue(own=self._settings.catalogue_dir)
        changes = [parse_change(text) for text in options["changes"]]
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
        staffing = load_staffing(name, self._catalogue)
        target = self._options["target_ratio"]
        self._console.print(say("title", **self._about(), target=screen.share(target)), style="bold")
        self._console.print(say("assumed", staffing=name, preset=self._preset.name), style="dim")
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
        plan = Plan(queues, target, list(self._seeds), found, confirmed, monotonic_seconds() - started_at)
        screen.show_plan(self._console, plan)
        self._write(plan_as_json(plan, self._about_for_programs(name)), found)
        return not plan.unreachable

    def _compare(self, first_name: str, second_name: str) -> None:
        staffings = load_staffing(first_name, self._catalogue), load_staffing(second_name, self._catalogue)
        names = Path(first_name).stem, Path(second_name).stem
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
        self._write(comparison_as_json(comparison, self._about_for_programs(None)), None)

    def _pool(self) -> Any:
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

    def _about_for_programs(self, staffing_name: str | None) -> dict[str, Any]:
        return {
            "preset": self._preset.name,
            "fraction": self._options["fraction"],
            "set": list(self._options["changes"]),
            "given_staffing": staffing_name,
            "dossiers": self._preset.total_count,
        }

    def _write(self, data: Mapping[str, Any], staffing: Staffing | None) -> None:
        json_file, staffing_file = self._options["json_file"], self._options["staffing_file"]
        if json_file is not None:
            _write_file(json_file, orjson.dumps(data, option=orjson.OPT_INDENT_2))
            self._console.print(say("written", path=json_file))
        if staffing_file is not None and staffing is not None:
            text = yaml.safe_dump(staffing.to_wire(), allow_unicode=True, sort_keys=False)
            _write_file(staffing_file, text.encode())
            self._console.print(say("written", path=staffing_file))


def _write_file(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
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
