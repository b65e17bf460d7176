"""`python -m services.simulator [PRESET] --url URL --runs DIR`: put a preset through a portal, show what came of it.

Without `--url` it only says what is wrong with what is asked: for whoever has to start a portal first.

The key comes from the environment. Exit code 0: everything adds up and equals a recount; 1: it doesn't, or it couldn't
be run; 2: wrong arguments; 130: interrupted.
"""

import json
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import click
from motcua import Client
from rich.console import Console

from services.runtime.catalogue import load_catalogue
from services.runtime.clock import real_now
from services.runtime.errors import ConfigurationError, MotcuaError
from services.runtime.language import is_vietnamese
from services.runtime.settings import read_settings
from services.simulator import screen
from services.simulator.config import CatalogueSettings, SimulatorSettings
from services.simulator.door import PortalError, UnreachableError
from services.simulator.driver import ForgottenRunError, run
from services.simulator.html_report import report_page
from services.simulator.messages import say
from services.simulator.report import Report, make_report
from services.simulator.report_file import ReportParts, report_json
from services.simulator.run_figures import RunFigures
from services.simulator.run_log import NoRunError, UnreadableRunError, find
from services.simulator.session import (
    DEFAULT_PARTITIONS,
    ChangedRunError,
    Session,
    Wish,
    begin_session,
    check_wish,
    resume_session,
)
from services.simulator.usage import SentenceCommand
from services.simulator.watching import NotSettledError

#: What is said about each way in which a run can't go on; `{reason}` is the error's own words.
_SENTENCES: Final[dict[type[MotcuaError], str]] = {
    NotSettledError: "not-settled",
    PortalError: "refused",
    UnreachableError: "unreachable",
    UnreadableRunError: "unreadable-run",
    ChangedRunError: "changed-run",
    ForgottenRunError: "forgotten-run",
}

#: `--resume` without a run.
_LATEST: Final = ""

#: Where the launcher keeps everything, when nobody says otherwise.
_USUAL_DATA: Final = Path(__file__).parents[2] / ".motcua"


class _Command(SentenceCommand):
    called = "./motcua simulate"


@click.command(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("preset", required=False)
@click.option(
    "--url", metavar="URL", help="Where the portal answers; without it, what is asked is checked and nothing else."
)
@click.option("--runs", type=click.Path(path_type=Path), metavar="DIR", required=True, help="Where runs are kept.")
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Another crowd of the same size.")
@click.option(
    "--fraction",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="PART",
    help="This part of it only: 0.01 is a hundredth.",
)
@click.option("--set", "changes", metavar="KEY=VALUE", multiple=True, help="Another figure.")
@click.option("--staffing", metavar="NAME|FILE", help="Another staffing: its name, a file, or none.")
@click.option("--partitions", type=click.IntRange(1, 64), metavar="N", help="How many workers can share the work.")
@click.option("--resume", is_flag=False, flag_value=_LATEST, default=None, metavar="RUN", help="Go on with a run.")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the report as JSON.")
@click.option("--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help="Write it as a page.")
@click.option("--link", "with_link", is_flag=True, help="End with a link that opens the sandbox's pages.")
def main(
    *,
    preset: str | None,
    url: str | None,
    runs: Path,
    seed: int | None,
    fraction: float | None,
    changes: tuple[str, ...],
    staffing: str | None,
    partitions: int | None,
    resume: str | None,
    json_file: Path | None,
    html_file: Path | None,
    with_link: bool,
) -> None:
    """Put a preset through a portal and show what came of it."""
    _interrupt_on_signals()
    console = screen.make_console()
    asked = {
        "--seed": seed,
        "--fraction": fraction,
        "--set": changes,
        "--staffing": staffing,
        "--partitions": partitions,
    }
    given = [name for name, value in asked.items() if value is not None and value != ()]
    files = [path for path in (json_file, html_file) if path is not None]
    try:
        catalogue = load_catalogue(own=read_settings(CatalogueSettings).catalogue_dir)
        _check_files(files)
        if resume is None:
            wish = Wish(_needed(preset), fraction or 1.0, seed, changes, staffing, partitions or DEFAULT_PARTITIONS)
        else:
            wish = None
            _check_alone(given)
        wanted = resume or preset
        if url is None:
            if wish is None:
                find(runs, wanted)
            else:
                check_wish(wish, catalogue)
            sys.exit(0)
        admin_key = read_settings(SimulatorSettings).admin_key
        if wish is None:
            session = resume_session(runs, wanted, catalogue, in_vietnamese=is_vietnamese())
        else:
            session = begin_session(runs, wish, catalogue, real_now(), in_vietnamese=is_vietnamese())
        _show_beginning(console, session)
        report, parts = _play(console, session, url, admin_key)
        _write(console, parts, json_file, html_file)
        if with_link:
            _show_pages(console, session, url)
    except KeyboardInterrupt:
        sys.exit(130)
    except MotcuaError as error:
        screen.show_error(console, _sentence(error))
        sys.exit(1)
    sys.exit(0 if report.is_right else 1)


def _needed(preset: str | None) -> str:
    if preset is None:
        raise ConfigurationError(say("no-preset"))
    return preset


def _check_alone(given: Sequence[str]) -> None:
    """A run that is gone on with is what it was."""
    if given:
        raise ConfigurationError(say("not-with-resume", options=", ".join(given)))


def _check_files(files: Sequence[Path]) -> None:
    """Before a run that takes minutes, not after it."""
    for path in files:
        if not path.absolute().parent.is_dir():
            raise ConfigurationError(say("no-folder", path=path.absolute().parent))


def _show_beginning(console: Console, session: Session) -> None:
    state = session.log.state
    plan = state.plan
    file = screen.shown_file("presets", plan.preset)
    screen.show_heading(console, session.preset, file, plan.fraction, session.staffing_name)
    if state.sessions:
        done = {"windows": state.windows_done, "all": len(session.workload.crowd.plans)}
        screen.show_note(console, say("resumed", run_id=plan.run_id, **done))


def _play(console: Console, session: Session, url: str, admin_key: str) -> tuple[Report, ReportParts]:
    """Put it through, and show what came of it."""
    log = session.log
    try:
        with Client(url, admin_key) as admin, screen.ProgressDisplay(console) as display:
            outcome = run(admin, session.workload, log, display.show)
    except (MotcuaError, KeyboardInterrupt):
        screen.show_note(console, say("resume-with", run_id=log.state.plan.run_id, data=_data_hint(log.folder)))
        raise
    report = make_report(session.preset, outcome, log.state)
    screen.show_report(console, session.preset, report)
    screen.show_end(console, session.preset, outcome.now, RunFigures.of(log.state))
    return report, ReportParts(
        preset=session.preset,
        catalogue=session.catalogue,
        state=log.state,
        report=report,
        now=outcome.now,
        made_at=real_now(),
        staffing_name=session.staffing_name,
        staffing=session.workload.staffing,
        waiting=outcome.waiting,
    )


def _write(console: Console, parts: ReportParts, json_file: Path | None, html_file: Path | None) -> None:
    """Write the report as it was asked for."""
    if json_file is None and html_file is None:
        return
    report = report_json(parts)
    if json_file is not None:
        json_file.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        screen.show_note(console, say("written", path=json_file))
    if html_file is not None:
        html_file.write_text(report_page(report, "vi" if is_vietnamese() else "en"), encoding="utf-8")
        screen.show_note(console, say("written", path=html_file))


def _show_pages(console: Console, session: Session, url: str) -> None:
    if session.log.key:
        with Client(url, session.log.key) as sandbox:
            screen.show_link(console, sandbox.sign_in_link())


def _data_hint(run: Path) -> str:
    """What to add to a command that shall mean the same data folder; nothing when it is the usual one."""
    data = run.absolute().parents[1]
    usual = os.environ.get("MOTCUA_DATA")
    is_usual = data == (Path(usual).expanduser().absolute() if usual else _USUAL_DATA)
    return "" if is_usual else f" --data {shlex.quote(str(data))}"


def _sentence(error: MotcuaError) -> str:
    if isinstance(error, NoRunError):
        return say("no-run", runs=error.runs, names=", ".join(error.names) or "–")
    key = _SENTENCES.get(type(error))
    return say(key, reason=error) if key else str(error)


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
