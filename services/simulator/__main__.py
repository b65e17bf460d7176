"""`python -m services.simulator PRESET --url URL`: put a preset through a portal, show what came of it.

The key comes from the environment. Exit code 0: everything adds up and equals a recount; 1: it doesn't, or it couldn't
be run; 130: interrupted.
"""

import signal
import sys
from types import FrameType
from typing import Final, NoReturn

import click
from motcua import Client
from rich.console import Console

from services.runtime.catalogue import load_catalogue
from services.runtime.clock import monotonic_seconds
from services.runtime.errors import ConfigurationError
from services.runtime.settings import read_settings
from services.simulator import screen
from services.simulator.config import SimulatorSettings
from services.simulator.driver import NotSettledError, PortalError, SimulationError, UnreachableError, run
from services.simulator.messages import is_vietnamese, say
from services.simulator.preset_files import load_preset
from services.simulator.report import make_report

#: What is said about each way in which a run can't go on.
_SENTENCES: Final[dict[type[SimulationError], str]] = {
    NotSettledError: "not-settled",
    PortalError: "refused",
    UnreachableError: "unreachable",
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("preset_name", metavar="PRESET")
@click.option("--url", required=True, help="Where the portal answers.")
@click.option("--seed", type=click.IntRange(min=0), help="Another crowd of the same size.")
@click.option("--fraction", type=click.FloatRange(0, 1, min_open=True), default=1.0, help="This part of it only.")
@click.option("--link", "with_link", is_flag=True, help="End with a link that opens the sandbox's pages.")
def main(preset_name: str, url: str, seed: int | None, fraction: float, with_link: bool) -> None:
    """Put a preset through a portal and show what came of it."""
    _interrupt_on_signals()
    console = screen.make_console()
    try:
        is_right = _run(console, preset_name, url, seed, fraction, with_link=with_link)
    except KeyboardInterrupt:
        sys.exit(130)
    except ConfigurationError as error:
        screen.show_error(console, str(error))
        sys.exit(1)
    except SimulationError as error:
        screen.show_error(console, say(_SENTENCES[type(error)], reason=error))
        sys.exit(1)
    sys.exit(0 if is_right else 1)


def _run(console: Console, preset_name: str, url: str, seed: int | None, fraction: float, *, with_link: bool) -> bool:
    """Whether everything came out right."""
    settings = read_settings(SimulatorSettings)
    catalogue = load_catalogue(own=settings.catalogue_dir)
    preset = load_preset(preset_name, catalogue).scaled(fraction)
    file = preset_name if preset_name.endswith(".yaml") else f"services/simulator/presets/{preset_name}.yaml"
    screen.show_heading(console, preset, file, fraction)
    started_at = monotonic_seconds()
    with Client(url, settings.admin_key) as admin, screen.ProgressDisplay(console) as display:
        outcome = run(
            admin,
            preset,
            catalogue,
            seed=preset.seed.value if seed is None else seed,
            name=preset.title_vi if is_vietnamese() else preset.title_en,
            on_progress=display.show,
        )
    seconds = monotonic_seconds() - started_at
    with outcome.sandbox as sandbox:
        report = make_report(preset, outcome)
        screen.show_report(console, preset, report)
        screen.show_end(console, preset, outcome.now, seconds)
        if with_link:
            screen.show_link(console, sandbox.sign_in_link())
    return report.is_right


def _interrupt_on_signals() -> None:
    """SIGTERM does what Ctrl-C does; what comes after the first is ignored: the end is near."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)


if __name__ == "__main__":
    main()
