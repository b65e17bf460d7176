"""A hundred thousand dossiers through everything: none lost, none twice, counts equal; and the same with one worker."""

from pathlib import Path

import pytest

from services.launcher.stack import Stack
from services.simulator.preset_files import load_preset
from tests.support.filings import catalogue
from tests.support.inside import Inside
from tests.support.quarters import PRESET, ends, play

DOSSIERS = 100_000
FEWER = 8_000


@pytest.mark.timeout(1200)
def test_a_hundred_thousand_dossiers_are_conserved_and_counted(stack: Stack, tmp_path: Path) -> None:
    played = play(stack, tmp_path / "runs", DOSSIERS)
    report, sums = played.report, played.report["conservation"]
    assert report["is_right"]
    assert set(report["checks"].values()) == {True}

    # To the dossier: in = refused at the door + refused at intake + closed + awaiting + resolved + open.
    preset = load_preset(PRESET, catalogue()).scaled(report["run"]["fraction"])
    assert sums["sent"] == preset.total_count
    assert sums["sent"] == sums["refused_at_the_door"] + sums["filed"]
    closed = sums["refused_at_intake"] + sums["closed_before_receipt"] + sums["awaiting_receipt"]
    assert sums["filed"] == closed + sums["received"]
    assert sums["received"] == sums["resolved"] + sums["open"]
    assert (sums["refused_at_the_door"], sums["awaiting_receipt"], sums["open"]) == (0, 0, 0)
    for rows in ("procedures", "offices", "days"):
        assert sum(row["filed"] for row in report[rows]) == sums["filed"]

    # The portal's own tables say the same, and so does the ledger's length.
    numbers = [row[0] for row in ends(stack, played)]
    assert numbers == list(range(1, sums["filed"] + 1))
    inside = Inside(stack)
    assert inside.fact_count(played.sandbox_id) == report["fact_count"]
    assert inside.unfinished(played.sandbox_id) == {}


@pytest.mark.timeout(900)
def test_the_ledger_is_the_same_with_one_worker_and_with_two(stack: Stack, tmp_path: Path) -> None:
    two = play(stack, tmp_path / "two", FEWER)
    with Stack(workers=1) as alone:
        one = play(alone, tmp_path / "one", FEWER)
        ledger = Inside(alone).ledger(one.sandbox_id)
    assert one.counted == two.counted
    assert ledger == Inside(stack).ledger(two.sandbox_id)
    assert len(ledger) == one.report["fact_count"]
