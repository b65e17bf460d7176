"""Python's collector of cyclic garbage, kept away from work in bulk."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Leave it to reference counts to free what the block makes.

    Work in bulk holds a hundred thousand objects for a second, none of them in a cycle, and drops them at once: the
    collector would look at all of them again and again, for a quarter of the work's time. What is in a cycle all the
    same is found afterwards.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
