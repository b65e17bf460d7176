"""A stack that may be broken: started once for all fault tests, apart from the one that other tests share."""

from collections.abc import Generator, Iterator

import pytest

from services.launcher.stack import Stack

#: Of a process's log, shown with a test that failed.
_LINES_SHOWN = 40


@pytest.fixture(scope="session")
def fragile() -> Iterator[Stack]:
    """The fault tests' own stack; whoever breaks it waits until it is whole again."""
    with Stack() as running:
        yield running


@pytest.fixture(autouse=True)
def _whole(fragile: Stack) -> None:
    """What the test before has broken may still be starting: nobody takes that for its own doing."""
    fragile.wait_until_ready()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure, what supervisor and worker had to say: nobody can look it up later."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("fragile")
    if report.failed and isinstance(stack, Stack):
        for name in ("supervisor", "processing-worker"):
            lines = stack.folder.log_of(name).read_text(encoding="utf-8", errors="replace").splitlines()
            report.sections.append((f"log of {name}", "\n".join(lines[-_LINES_SHOWN:])))
    return report
