"""Everything is broken once during one run of 20,000 dossiers: each ends as in an undisturbed run, none twice.

The same with 200,000 is a program by hand: `tests/fault/quarter.py`.
"""

from pathlib import Path

import pytest

from services.launcher.stack import Stack
from tests.support.inside import Inside
from tests.support.quarters import WAYS, ends, play
from tests.support.wait import until

DOSSIERS = 20_000


@pytest.mark.timeout(1200)
def test_every_dossier_ends_the_same_whatever_is_broken(fragile: Stack, tmp_path: Path) -> None:
    undisturbed = play(fragile, tmp_path / "undisturbed", DOSSIERS)
    disturbed = play(fragile, tmp_path / "disturbed", DOSSIERS, ways=WAYS, whole=undisturbed)
    fragile.wait_until_ready()

    inside = Inside(fragile)
    until(lambda: inside.unfinished(disturbed.sandbox_id) == {}, 30, what="a clean state")
    assert disturbed.report["run_figures"]["sessions"] == 2
    assert disturbed.counted == undisturbed.counted
    wanted = ends(fragile, undisturbed)
    assert len(wanted) == undisturbed.report["conservation"]["sent"] > DOSSIERS * 0.99
    assert [row[0] for row in wanted] == list(range(1, len(wanted) + 1))
    assert ends(fragile, disturbed) == wanted
    assert inside.ledger(disturbed.sandbox_id) == inside.ledger(undisturbed.sandbox_id)
