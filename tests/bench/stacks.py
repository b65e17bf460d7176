"""Stacks to measure: in a temporary folder, gone afterwards."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from services.launcher.errors import LauncherError
from services.launcher.simulate import workers_in_bulk
from services.launcher.stack import Stack


@contextmanager
def running_stack(*, workers: int | None = None) -> Iterator[Stack]:
    """A stack that is ready.

    On a machine with too much to do it may not stop in time, and is killed: what was measured by then still counts.

    Args:
        workers: Worker processes; `None`: as many as `./motcua simulate` starts.
    """
    stack = Stack(workers=workers_in_bulk() if workers is None else workers).start()
    try:
        yield stack
    finally:
        try:
            stack.stop()
        except LauncherError as error:
            print(error, file=sys.stderr)
            shutil.rmtree(stack.folder.path, ignore_errors=True)
