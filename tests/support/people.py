"""Sandboxes in which only people decide, and the shortest way of a dossier to where a test begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from motcua import Client

from tests.support.filings import filing

#: Tuesday morning in Vietnam.
START = "2018-06-05T08:00:00+07:00"


@contextmanager
def people(admin: Client, **options: Any) -> Iterator[Client]:
    """A sandbox of people on a manual clock; declarations don't have to be registered first."""
    settings = {"name": "people", "now": START, "officer": "human", "unknown_declarations": "adopt", **options}
    with admin.open_sandbox(**settings) as client:
        yield client


def in_process(client: Client, procedure_id: str, **changes: Any) -> str:
    """A dossier that an officer has received and taken up; its id."""
    dossier_id: str = client.file(filing(procedure_id, **changes))["dossier_id"]
    for action in ("receive", "start"):
        assert client.act(dossier_id, action, "officer")["status"] in {"received", "in-process"}
    return dossier_id
