"""Workloads put through the running services by a crowd, with a progress bar and a table at the end.

The crowd is a program of its own (`services.simulator`), a client of the portal like any other.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from services.launcher.programs import run_program
from services.launcher.stack import Stack

F = TypeVar("F", bound=Callable[..., Any])

#: What `./motcua demo` shows.
DEMO_PRESET: Final = "ha-tinh-2020"

_LATEST: Final = ""

#: What is handed on to the crowd, which checks it: option, and what `click` is told of it.
_OPTIONS: Final[dict[str, Mapping[str, Any]]] = {
    "--fraction": {"metavar": "F", "help": "A part of it for a taste, such as 0.01."},
    "--seed": {"metavar": "N", "help": "Another crowd of the same size, and other decisions."},
    "--set": {"metavar": "KEY=VALUE", "multiple": True, "help": "Another figure than the preset's; may be repeated."},
    "--staffing": {
        "metavar": "NAME|FILE|none",
        "help": "Another staffing of the offices than the preset's; none: the robot, which is never busy.",
    },
    "--partitions": {"metavar": "N", "help": "Workers that can share the sandbox's work."},
    "--resume": {
        "metavar": "[RUN]",
        "is_flag": False,
        "flag_value": _LATEST,
        "help": "Go on with a run that was ended: the latest, or by its name.",
    },
    "--json": {"metavar": "FILE", "help": "Write the report as JSON."},
    "--html": {"metavar": "FILE", "help": "Write the report as one page with plots."},
}


def workers_in_bulk() -> int:
    """Worker processes for a workload that keeps the whole machine busy: one for each two processors.

    PostgreSQL, portal, projector and counter take the other half; with a worker for each processor all of them are kept
    waiting for each other, and a dossier costs an eighth more.
    """
    return max((os.cpu_count() or 1) // 2, 1)


def crowd_options(command: F) -> F:
    """Give a command the crowd's options; `crowd_arguments` turns them into its arguments."""
    for name, settings in reversed(_OPTIONS.items()):
        command = click.option(name, **settings)(command)
    return command


def crowd_arguments(preset: str | None, options: Mapping[str, Any]) -> list[str]:
    """The crowd's arguments, from what `click` made of its options."""
    arguments = [preset] if preset is not None else []
    for name in _OPTIONS:
        value = options[name.removeprefix("--")]
        # With `=`, so that an empty value and one that looks like an option stay what they are.
        arguments += [f"{name}={one}" for one in (value if isinstance(value, tuple) else [value]) if one is not None]
    return arguments


def check_crowd(runs: Path, arguments: Sequence[str]) -> int:
    """Let the crowd say what is wrong with its arguments, before anything is started for it.

    Args:
        runs: Where runs are kept.
        arguments: As `run_crowd` takes them.

    Returns:
        Exit code: 0 when nothing is wrong.
    """
    return run_program("services.simulator", ["--runs", str(runs), *arguments])


def run_crowd(stack: Stack, arguments: Sequence[str]) -> int:
    """Let a crowd loose on a stack that is ready, and show the result.

    Args:
        stack: Where.
        arguments: The crowd's, without those that say where.

    Returns:
        Exit code: 0 when everything adds up and the counts equal the recount.

    Raises:
        KeyboardInterrupt: the person has seen enough; the crowd has ended.
    """
    where = ["--url", stack.portal_url, "--runs", str(stack.folder.runs)]
    return run_program("services.simulator", [*where, *arguments], {"MOTCUA_ADMIN_KEY": stack.admin_key})
