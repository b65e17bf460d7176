"""A dossier filed over HTTP reaches its end in every procedure, and its timeline names each step with both times."""

from datetime import datetime

import pytest
from motcua import Client

from tests.support.filings import catalogue, filing

TERMINAL = {"not-received", "withdrawn", "stopped", "returned"}


@pytest.mark.parametrize("procedure_id", list(catalogue().procedures))
def test_a_dossier_reaches_its_end(sandbox: Client, procedure_id: str) -> None:
    filed = sandbox.file(filing(procedure_id))
    advanced = sandbox.advance(days=150)
    dossier = sandbox.dossier(filed["dossier_id"])
    timeline = sandbox.timeline(filed["dossier_id"])
    assert (advanced.is_settled, advanced.is_counted) == (True, True)
    assert dossier["status"] in TERMINAL
    assert [entry["status"] for entry in timeline][:2] in (
        ["submitted", "received"],
        ["submitted", "supplement-requested"],
        ["submitted", "not-received"],
    )
    assert timeline[-1]["status"] == dossier["status"]
    assert (dossier["timeliness"] is not None) == (dossier["status"] == "returned")
    occurred = [datetime.fromisoformat(entry["occurred_at"]) for entry in timeline]
    assert occurred == sorted(occurred)
    assert all(at.year == 2018 for at in occurred)
    assert all(datetime.fromisoformat(entry["recorded_at"]).year >= 2026 for entry in timeline)
