"""Fixtures that every test may use. Tests of folders named after what they need get that marker by themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from motcua import Client

from services.launcher.stack import Stack

#: Folder below `tests/` → marker.
_MARKERS = {"e2e": "stack", "fault": "fault", "browser": "browser", "docker": "docker"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder."""
    root = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(root).parts[0]
        if folder in _MARKERS:
            item.add_marker(_MARKERS[folder])


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole of motcua, started once: real servers, real workers. Tests share it, not its sandboxes."""
    with Stack() as running:
        yield running


@pytest.fixture
def admin(stack: Stack) -> Iterator[Client]:
    """A client with the administrator's key."""
    with Client(stack.portal_url, stack.admin_key) as client:
        yield client


@pytest.fixture
def sandbox(admin: Client) -> Iterator[Client]:
    """A sandbox of this test's own: manual clock at 08:00 on Tuesday 5 June 2018 in Vietnam, robot officers.

    Declarations that filings name don't have to be registered first.
    """
    with admin.open_sandbox(
        name="test", seed=7, now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt"
    ) as client:
        yield client
