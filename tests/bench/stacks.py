"""Stacks to measure: in a temporary folder, gone afterwards."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from services.launcher.errors import LauncherError
from services.launcher.stack import Stack


@contextmanager
def running_stack(*, workers: int = 2) -> Iterator[Stack]:
    """A stack that is ready.

    On a machine with too much to do it may not stop in time, and is killed: what was measured by then still counts.
    """
    stack = Stack(workers=workers).start()
    try:
        yield stack
    finally:
        try:
            stack.stop()
        except LauncherError as error:
            print(error, file=sys.stderr)
            shutil.rmtree(stack.folder.path, ignore_errors=True)
