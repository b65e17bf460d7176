"""The crowd against the running services: a small part of the demonstration's workload, followed to the dossier."""

from collections import Counter

import pytest
from motcua import Client

from services.simulator.crowd import filings
from services.simulator.driver import Outcome, PortalError, Progress, Stage, UnreachableError, run
from services.simulator.preset import Preset
from services.simulator.preset_files import load_preset
from services.simulator.report import make_report
from tests.support.filings import catalogue

FRACTION = 0.05


@pytest.fixture(scope="module")
def preset() -> Preset:
    return load_preset("ha-tinh-2020", catalogue()).scaled(FRACTION)


def play(admin: Client, preset: Preset, steps: list[Progress]) -> Outcome:
    return run(admin, preset, catalogue(), seed=11, name="crowd", on_progress=steps.append)


def test_a_crowd_is_filed_processed_counted_and_recounted(admin: Client, preset: Preset) -> None:
    steps: list[Progress] = []
    outcome = play(admin, preset, steps)
    report = make_report(preset, outcome)
    expected = list(filings(preset, catalogue(), 11))

    assert report.is_right
    assert report.refused_at_the_door == 0
    assert (report.total.filed, report.total.open, report.total.awaiting_receipt) == (79, 0, 0)
    assert (report.enterprise_count, report.individual_count) == (18, 0)
    assert outcome.sent == Counter(filing.procedure_id for filing in expected)

    # The portal has them as they were sent, at the instants for which they were filed, and all at their end.
    dossiers = sorted(outcome.sandbox.dossiers(), key=lambda dossier: int(dossier["number"]))
    assert [(d["procedure"], d["office"], d["applicant"]["identifier"]) for d in dossiers] == [
        (f.body["procedure"], f.body["office"], f.body["applicant"]["identifier"]) for f in expected
    ]
    assert {dossier["is_final"] for dossier in dossiers} == {True}

    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages[:2] == [Stage.OPENING, Stage.FILING]
    assert stages[-1] == Stage.RECOUNTING
    assert [step.now for step in steps] == sorted(step.now for step in steps)
    assert (steps[-1].filed_count, steps[-1].ended_count, steps[-1].total_count) == (79, 79, 79)
    outcome.sandbox.close()


def test_the_same_seed_ends_the_same_way(admin: Client, preset: Preset) -> None:
    first, second = (play(admin, preset, []) for _ in range(2))
    assert make_report(preset, first) == make_report(preset, second)
    ends = [
        sorted((int(d["number"]), str(d["status"]), str(d["status_at"])) for d in outcome.sandbox.dossiers())
        for outcome in (first, second)
    ]
    assert ends[0] == ends[1]
    for outcome in (first, second):
        outcome.sandbox.close()


def test_a_key_that_may_not_is_told_so(sandbox: Client, preset: Preset) -> None:
    with pytest.raises(PortalError, match=r"^admin-key-needed"):
        play(sandbox, preset, [])


def test_a_portal_that_is_not_there_is_told_so(preset: Preset) -> None:
    with Client("http://127.0.0.1:9", "nobody") as nobody, pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9"):
        play(nobody, preset, [])
