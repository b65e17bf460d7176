"""A stack that may be broken: started once for all fault tests, apart from the one that other tests share."""

from collections.abc import Iterator

import pytest

from services.launcher.stack import Stack


@pytest.fixture(scope="session")
def fragile() -> Iterator[Stack]:
    """The fault tests' own stack; whoever breaks it waits until it is whole again."""
    with Stack() as running:
        yield running
