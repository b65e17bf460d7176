"""How long `up` takes."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.launcher.stack import Stack


def startup(say: Callable[[str], None], runs: int = 3) -> dict[str, Any]:
    """Seconds from `up` to ready: first time in an empty folder, and again."""
    first: list[float] = []
    again: list[float] = []
    for run in range(runs):
        say(f"start {run + 1} of {runs}, and again")
        with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
            for seconds in (first, again):
                started = time.perf_counter()
                with Stack(Path(folder) / "data"):
                    seconds.append(time.perf_counter() - started)
    return {"first_start_seconds": statistics.median(first), "next_start_seconds": statistics.median(again)}
