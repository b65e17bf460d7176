"""`./motcua presets`: the workloads that can be simulated, and every figure of one with what it rests on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from services.launcher.environment import CATALOGUE_FOLDER
from services.launcher.errors import LauncherError
from services.runtime.records import DataFileError


@click.group(invoke_without_command=True)
@click.pass_context
def presets(context: click.Context) -> None:
    """List the workloads that can be simulated."""
    if context.invoked_subcommand is None:
        _show_all()


@presets.command()
@click.argument("name", metavar="NAME|FILE")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="With another figure; may be repeated.")
def show(name: str, changes: tuple[str, ...]) -> None:
    """Show every figure of a workload with its source, or that it is assumed."""
    # The other commands need no catalogue.
    from services.runtime.catalogue import load_catalogue  # noqa: PLC0415
    from services.simulator.preset_files import load_preset, preset_file, read_preset  # noqa: PLC0415
    from services.simulator.preset_keys import listed, parse_change  # noqa: PLC0415
    from services.simulator.preset_screen import show_preset  # noqa: PLC0415
    from services.simulator.screen import make_console  # noqa: PLC0415

    with _sentences():
        wanted = [parse_change(text) for text in changes]
        preset = load_preset(name, load_catalogue(own=os.environ.get(CATALOGUE_FOLDER, "")), wanted)
        figures = listed(read_preset(preset_file(name), wanted))
    show_preset(make_console(), preset, figures)


def _show_all() -> None:
    from services.runtime.catalogue import load_catalogue  # noqa: PLC0415
    from services.simulator.preset_files import load_preset, preset_names  # noqa: PLC0415
    from services.simulator.preset_screen import show_presets  # noqa: PLC0415
    from services.simulator.screen import make_console  # noqa: PLC0415

    with _sentences():
        catalogue = load_catalogue(own=os.environ.get(CATALOGUE_FOLDER, ""))
        found = [load_preset(name, catalogue) for name in preset_names()]
    show_presets(make_console(), found)


@contextmanager
def _sentences() -> Iterator[None]:
    """What is wrong with a file becomes a sentence and exit code 1."""
    try:
        yield
    except DataFileError as error:
        raise LauncherError(str(error)) from error
