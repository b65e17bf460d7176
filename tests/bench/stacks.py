"""Stacks to measure: in a temporary folder, gone afterwards."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from services.launcher.errors import LauncherError
from services.launcher.simulate import workers_in_bulk
from services.launcher.stack import Stack


def stack_in_bulk(*, workers: int | None = None) -> Stack:
    """A stack as `./motcua simulate` starts it; with another number of worker processes, if one is given."""
    return Stack(workers=workers_in_bulk() if workers is None else workers, in_bulk=True)


@contextmanager
def running(stack: Stack) -> Iterator[Stack]:
    """A stack that is ready.

    On a machine with too much to do it may not stop in time, and is killed: what was measured by then still counts.
    """
    stack.start()
    try:
        yield stack
    finally:
        try:
            stack.stop()
        except LauncherError as error:
            print(error, file=sys.stderr)
            shutil.rmtree(stack.folder.path, ignore_errors=True)
