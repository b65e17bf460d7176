"""A dossier of each procedure comes to its end with robots; its timeline names both times of each step.

What ends there are, and that each is reached, is in `test_every_end.py`.
"""

from datetime import date, datetime
from typing import Any

import pytest
from motcua import Client

from services.launcher.stack import Stack
from tests.support.filings import catalogue, filing

TERMINAL = {"not-received", "withdrawn", "stopped", "returned"}

#: Two days on one of which each procedure can be filed.
DAYS = (date(2018, 6, 5), date(2022, 6, 7))

#: By procedure: its dossier, and its timeline.
Ended = dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def ended(stack: Stack) -> Ended:
    """What became of one dossier of each procedure within two years."""
    found: Ended = {}
    with Client(stack.portal_url, stack.admin_key) as admin:
        for day in DAYS:
            names = [name for name in catalogue().procedures if name not in found and _can_be_filed(name, day)]
            with admin.open_sandbox(
                name="every procedure", seed=7, now=f"{day}T08:00:00+07:00", unknown_declarations="adopt"
            ) as sandbox:
                filed = sandbox.file_many(filing(name, applicant=index) for index, name in enumerate(names))
                assert filed.problems == {}
                advanced = sandbox.advance(days=730)
                assert (advanced.is_settled, advanced.is_counted) == (True, True)
                for name, dossier_id in zip(names, filed.dossier_ids, strict=True):
                    found[name] = (sandbox.dossier(dossier_id), sandbox.timeline(dossier_id))
    return found


def _can_be_filed(name: str, day: date) -> bool:
    procedure = catalogue().procedures[name]
    return (procedure.in_force_from or day) <= day <= (procedure.in_force_until or day)


@pytest.mark.parametrize("procedure_id", list(catalogue().procedures))
def test_a_dossier_reaches_its_end(ended: Ended, procedure_id: str) -> None:
    dossier, timeline = ended[procedure_id]
    assert dossier["status"] in TERMINAL
    changes = [entry for entry in timeline if entry["status"] != entry["status_before"]]
    assert [entry["status"] for entry in changes][:2] in (
        ["submitted", "received"],
        ["submitted", "supplement-requested"],
        ["submitted", "not-received"],
        ["submitted", "returned"],
    )
    assert changes[-1]["status"] == dossier["status"]
    assert (dossier["timeliness"] is not None) == (dossier["status"] == "returned")
    occurred = [datetime.fromisoformat(entry["occurred_at"]) for entry in timeline]
    assert occurred == sorted(occurred)
    assert all(datetime.fromisoformat(entry["recorded_at"]).year >= 2026 for entry in timeline)
