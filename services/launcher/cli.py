"""The command line: `./motcua up`, `down`, `status`, `logs`, `demo`, `simulate`, `plan`, `test` and others.

Thin: each command parses, calls one function and prints. A `LauncherError` becomes one sentence and exit code 1.
"""

import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from services.launcher import logs as log_files
from services.launcher.environment import make_paths_absolute, whole_number
from services.launcher.errors import LauncherError
from services.launcher.folder import DataFolder, default_path
from services.launcher.messages import say
from services.launcher.ports import parse_port
from services.launcher.presets import presets
from services.launcher.progress import ProgressLine
from services.launcher.simulate import (
    DEMO_PRESET,
    check_crowd,
    crowd_arguments,
    crowd_options,
    run_crowd,
    workers_in_bulk,
)
from services.launcher.stack import Stack
from services.launcher.state import is_same_process
from services.launcher.status import status_lines
from services.runtime.clock import monotonic_seconds

#: Lines of a log that are shown to explain a failure, and by `logs`.
FAILURE_LINES = 15
SHOWN_LINES = 100


class SentenceGroup(click.Group):
    """Turns the launcher's error into a sentence and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LauncherError as error:
            click.echo(error.sentence, err=True)
            if error.log is not None:
                for line in log_files.tail(error.log, FAILURE_LINES):
                    click.echo(f"    {line}", err=True)
            sys.exit(1)


def _port(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    return None if value is None else parse_port(value)


def _workers_or(usual: int) -> Callable[[click.Context, click.Parameter, str | None], int]:
    name = "MOTCUA_WORKER_PROCESSES"

    def workers(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int:
        return whole_number(name, value if value is not None else os.environ.get(name, str(usual)))

    return workers


def _folder(_context: click.Context, _parameter: click.Parameter, value: str | None) -> DataFolder:
    return DataFolder(Path(value).expanduser().absolute() if value else default_path())


data_option = click.option(
    "--data", "folder", metavar="DIR", callback=_folder, help="Data folder (MOTCUA_DATA, or .motcua in the repository)."
)
port_option = click.option(
    "--port",
    metavar="N",
    callback=_port,
    help="Port of the portal; 0 takes any free one (MOTCUA_PORTAL_PORT, or 8080).",
)
workers_option = click.option(
    "--workers", metavar="N", callback=_workers_or(2), help="Celery worker processes (MOTCUA_WORKER_PROCESSES, or 2)."
)
workers_in_bulk_option = click.option(
    "--workers",
    metavar="N",
    callback=_workers_or(workers_in_bulk()),
    help="Celery worker processes (MOTCUA_WORKER_PROCESSES, or one for each two processors).",
)
servers_only_option = click.option(
    "--servers-only", is_flag=True, help="PostgreSQL and Redis only, migrated; no service."
)


@click.group(cls=SentenceGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Một Cửa: a stand-in for the online public-service portal of Vietnam Customs."""
    make_paths_absolute(os.environ)


cli.add_command(presets)


@cli.command()
@port_option
@data_option
@workers_option
@click.option("--detach", is_flag=True, help="Return when everything is ready; ./motcua down stops it.")
@servers_only_option
def up(port: int | None, folder: DataFolder, workers: int, detach: bool, servers_only: bool) -> None:
    """Start everything and keep it running until Ctrl-C."""
    stack = Stack(folder.path, port=port, workers=workers, with_services=not servers_only, detached=detach)
    with ProgressLine() as progress:
        _start(stack, progress)
        if detach:
            progress.say(say("detached", data=_data_hint(stack.folder)))
            return
        progress.say(say("press-ctrl-c"))
        _until_interrupted(stack, progress, lambda: stack.wait(progress.show))


def _start(stack: Stack, progress: ProgressLine) -> None:
    """Start it, showing how; a signal meanwhile ends it all."""
    _interrupt_on_signals()
    stack.check()
    progress.say(say("starting", data=stack.folder.path))
    started_at = monotonic_seconds()
    try:
        stack.start(progress.show)
    except KeyboardInterrupt:
        progress.say(say("stopped", data=stack.folder.path))
        sys.exit(130)
    seconds = monotonic_seconds() - started_at
    key = "ready" if stack.portal_url else "ready-servers"
    progress.say(say(key, seconds=seconds, url=stack.portal_url, data=_data_hint(stack.folder)))


def _data_hint(folder: DataFolder) -> str:
    """What to add to a command that shall mean the same data folder; nothing when it is the usual one."""
    return "" if folder.path == default_path() else f" --data {shlex.quote(str(folder.path))}"


def _until_interrupted(stack: Stack, progress: ProgressLine, body: Callable[[], object]) -> None:
    """Run `body`; when it returns or is interrupted, stop the stack."""
    try:
        body()
    except KeyboardInterrupt:
        pass
    finally:
        _ignore_signals()
        progress.say(say("stopping"))
        stack.stop()
        progress.say(say("stopped", data=stack.folder.path))


def _interrupt_on_signals() -> None:
    """SIGTERM and a closed terminal do what Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupt)


def _ignore_signals() -> None:
    """A second Ctrl-C must not keep the first from finishing; it takes ten seconds at most."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


@cli.command()
@data_option
def down(folder: DataFolder) -> None:
    """Stop what was started with `up --detach`."""
    if not folder.is_in_use():
        raise LauncherError(say("not-running", data=folder.path))
    Stack(folder.path).stop()
    click.echo(say("stopped", data=folder.path))


@cli.command()
@data_option
def status(folder: DataFolder) -> None:
    """Show every process: state, restarts, memory, address."""
    state = Stack(folder.path).state()
    if not folder.is_in_use() or state is None or not is_same_process(state.pid, state.started):
        raise LauncherError(say("not-running", data=folder.path))
    for line in status_lines(state):
        click.echo(line)


@cli.command()
@click.argument("name", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on as lines are written, until Ctrl-C.")
@data_option
def logs(name: str | None, follow: bool, folder: DataFolder) -> None:
    """Show the end of one process's log, or of all."""
    paths = {path.stem: path for path in sorted(folder.logs.glob("*.log"))}
    wanted = name.replace(" ", "-") if name else None
    if wanted is not None and wanted not in paths:
        raise LauncherError(say("no-log", name=name, names=", ".join(paths) or "-"))
    chosen = [path for stem, path in paths.items() if wanted in {None, stem}]
    width = max((len(path.stem) for path in chosen), default=0)

    def echo(path: Path, line: str) -> None:
        click.echo(line if wanted else f"{path.stem:<{width}} | {line}")

    for path in chosen:
        for line in log_files.tail(path, SHOWN_LINES if wanted else SHOWN_LINES // 10):
            echo(path, line)
    if follow:
        try:
            for path, line in log_files.follow(chosen):
                echo(path, line)
        except KeyboardInterrupt:
            sys.exit(130)


@cli.command()
@click.option("--exit", "exit_when_done", is_flag=True, help="End by itself instead of leaving the pages up.")
@port_option
@data_option
@workers_option
def demo(exit_when_done: bool, port: int | None, folder: DataFolder, workers: int) -> None:
    """Put the workload that one customs department published through everything, and count it."""
    stack = Stack(folder.path, port=port, workers=workers)
    stays_up = not exit_when_done or folder.is_in_use()
    _let_crowd_loose(stack, [DEMO_PRESET, *(["--link"] if stays_up else [])], stays_up=stays_up)


@cli.command()
@click.argument("preset", required=False)
@crowd_options
@click.option("--keep", "stays_up", is_flag=True, help="Leave the pages up afterwards, until Ctrl-C.")
@port_option
@data_option
@workers_in_bulk_option
def simulate(
    preset: str | None, stays_up: bool, port: int | None, folder: DataFolder, workers: int, **options: Any
) -> None:
    """Put a preset's dossiers through the whole of it, on a stack that runs or one started for it."""
    stack = Stack(folder.path, port=port, workers=workers, in_bulk=True)
    has_pages = stays_up or folder.is_in_use()
    arguments = [*crowd_arguments(preset, options), *(["--link"] if has_pages else [])]
    if not folder.is_in_use() and (code := check_crowd(folder.runs, arguments)):
        sys.exit(code)
    _let_crowd_loose(stack, arguments, stays_up=stays_up)


def _let_crowd_loose(stack: Stack, arguments: Sequence[str], *, stays_up: bool) -> NoReturn:
    """On a stack that runs already, or on one that is started for it and stopped at the end."""
    if stack.folder.is_in_use():
        _interrupt_on_signals()
        try:
            sys.exit(run_crowd(stack, arguments))
        except KeyboardInterrupt:
            sys.exit(130)
    codes: list[int] = []
    with ProgressLine() as progress:
        _start(stack, progress)

        def body() -> None:
            codes.append(run_crowd(stack, arguments))
            if stays_up:
                progress.say(say("press-ctrl-c"))
                stack.wait(progress.show)

        _until_interrupted(stack, progress, body)
    sys.exit(codes[0] if codes else 130)


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run every check and every test; with arguments: pytest only, with these."""
    from services.launcher.checks import run_checks_and_tests  # noqa: PLC0415

    sys.exit(run_checks_and_tests(arguments))


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def plan(arguments: tuple[str, ...]) -> None:
    """Find the fewest officers that keep a preset on time, or compare two staffings; in memory."""
    from services.launcher.programs import run_program  # noqa: PLC0415

    _interrupt_on_signals()
    try:
        sys.exit(run_program("services.planner", arguments))
    except KeyboardInterrupt:
        sys.exit(130)


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure all of it on this machine, beside what it must reach; on stacks of its own, for some minutes."""
    from services.launcher.bench import run_bench  # noqa: PLC0415

    _interrupt_on_signals()
    try:
        sys.exit(run_bench(arguments))
    except KeyboardInterrupt:
        sys.exit(130)


@cli.command()
@click.option("--new", "is_new", is_flag=True, hidden=True)
def migrate(is_new: bool) -> None:
    """Make database, roles and schemas and run all migrations (MOTCUA_DATABASE_URL)."""
    from services.launcher.migrate import migrate as run_migrate  # noqa: PLC0415 - the other commands need no database

    run_migrate(os.environ, is_new=is_new)


@cli.command()
@data_option
def key(folder: DataFolder) -> None:
    """Print the API key that may create sandboxes."""
    from services.launcher.keys import load_or_make  # noqa: PLC0415

    folder.prepare()
    click.echo(os.environ.get("MOTCUA_ADMIN_KEY") or load_or_make(folder).admin_key)


@cli.command()
@data_option
@click.option("--name", default="sandbox", show_default=True, help="What people call it.")
@click.option(
    "--officer", type=click.Choice(["robot", "human"]), default="robot", show_default=True, help="Who decides."
)
@click.option(
    "--unknown-declarations",
    type=click.Choice(["refuse", "adopt"]),
    default="refuse",
    show_default=True,
    help="Whether a dossier may name a declaration that nobody has registered.",
)
def sandbox(folder: DataFolder, name: str, officer: str, unknown_declarations: str) -> None:
    """Open a sandbox: prints its key, and a link that opens its pages."""
    from motcua import Client  # noqa: PLC0415 - the other commands need no HTTP client

    stack = Stack(folder.path)
    if not folder.is_in_use() or not stack.portal_url:
        raise LauncherError(say("not-running", data=folder.path))
    with (
        Client(stack.portal_url, stack.admin_key) as admin,
        admin.open_sandbox(name=name, officer=officer, unknown_declarations=unknown_declarations) as opened,
    ):
        click.echo(say("sandbox-key", key=opened.key))
        click.echo(say("sandbox-link", link=opened.sign_in_link()))


@cli.command(hidden=True)
@port_option
@data_option
@workers_option
@click.option("--in-bulk", is_flag=True)
@servers_only_option
@click.option("--lifeline", is_flag=True)
def supervise(
    *, port: int | None, folder: DataFolder, workers: int, in_bulk: bool, servers_only: bool, lifeline: bool
) -> None:
    """Run the supervisor itself, in the foreground, with its output for people on standard output."""
    from services.launcher import assembly  # noqa: PLC0415 - what only the supervisor needs

    options = assembly.StackOptions(port=port, workers=workers, in_bulk=in_bulk, with_services=not servers_only)
    sys.exit(assembly.supervise(folder, options, lifeline=lifeline))


def main() -> None:
    """Entry point."""
    cli(prog_name="./motcua")
