"""By hand: everything is broken once during one run of 200,000 dossiers, and each ends as in an undisturbed run.

    PYTHONPATH=.:sdk .venv/bin/python tests/fault/quarter.py [DOSSIERS]

Exit code 0 when every dossier has the same end in both runs, none twice, and both add up and equal a recount. Takes a
few minutes; the small version of it runs with the fault tests (`test_quarter.py`).
"""

import sys
import tempfile
import time
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

from services.launcher.stack import Stack
from tests.support.inside import Inside
from tests.support.quarters import WAYS, Played, ends, play
from tests.support.wait import until


def main(dossiers: int) -> int:
    """Run both, and compare."""
    with tempfile.TemporaryDirectory(prefix="motcua-quarter-") as folder, Stack() as stack:
        runs = Path(folder)
        print(f"undisturbed: {dossiers:,} dossiers", flush=True)
        undisturbed = _timed(lambda: play(stack, runs / "undisturbed", dossiers))
        print("disturbed:", flush=True)
        disturbed = _timed(lambda: play(stack, runs / "disturbed", dossiers, ways=WAYS, whole=undisturbed))
        stack.wait_until_ready()
        inside = Inside(stack)
        until(lambda: inside.unfinished(disturbed.sandbox_id) == {}, 60, what="a clean state")
        wanted, found = ends(stack, undisturbed), ends(stack, disturbed)
        different = sum(one != other for one, other in zip_longest(wanted, found))
        numbers_once = [row[0] for row in found] == list(range(1, len(wanted) + 1))
        same_counts = disturbed.counted == undisturbed.counted
        print(
            f"dossiers {len(wanted):,}; with another end: {different};"
            f" each once: {numbers_once}; counts the same: {same_counts}"
        )
        return 0 if not different and numbers_once and same_counts else 1


def _timed(run: "Callable[[], Played]") -> Played:
    begun = time.monotonic()
    played = run()
    figures = played.report["run_figures"]
    print(
        f"  {time.monotonic() - begun:.0f} s, {figures['rate']:.0f} dossiers/s, {figures['sessions']} sessions",
        flush=True,
    )
    return played


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000))
