"""The same seed and the same filings give the same ledger, however the work is cut and whoever does it."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from motcua import Client

from services.launcher.stack import Stack
from tests.support.filings import filings
from tests.support.inside import Inside, Row, sandbox_id_of

START = "2018-06-05T08:00:00+07:00"
DOSSIERS = 600
DAYS = 60


def lines() -> list[dict[str, Any]]:
    """Filings for now, and every fifth for one of the next days."""
    wanted = list(filings(DOSSIERS))
    for index in range(0, DOSSIERS, 5):
        wanted[index]["filed_at"] = f"2018-06-{6 + index % 9:02d}T{index % 24:02d}:30:00+07:00"
    return wanted


def in_parts(items: Sequence[Any], sizes: Iterable[int]) -> Iterator[Sequence[Any]]:
    """The items in parts of these sizes, round and round."""
    start = 0
    for size in itertools.cycle(sizes):
        if start >= len(items):
            return
        yield items[start : start + size]
        start += size


def run(
    stack: Stack, *, seed: int = 11, request_sizes: Sequence[int] = (DOSSIERS,), step_days: float = DAYS
) -> list[Row]:
    """The ledger of one run in a sandbox of its own."""
    with (
        Client(stack.portal_url, stack.admin_key) as admin,
        admin.open_sandbox(name="determinism", seed=seed, now=START, unknown_declarations="adopt") as sandbox,
    ):
        for part in in_parts(lines(), request_sizes):
            filed = sandbox.file_many(part) if len(part) > 1 else sandbox.file(part[0])
            assert getattr(filed, "problems", {}) == {}
        for _ in range(round(DAYS / step_days)):
            advanced = sandbox.advance(timedelta(days=step_days), wait_seconds=120)
        assert advanced.is_settled
        return Inside(stack).ledger(sandbox_id_of(sandbox))


@pytest.fixture(scope="module")
def wanted(stack: Stack) -> list[Row]:
    """The ledger of the plainest run: one request, one advance, two worker processes."""
    ledger = run(stack)
    assert len(ledger) > 4 * DOSSIERS
    return ledger


def test_again(stack: Stack, wanted: list[Row]) -> None:
    assert run(stack) == wanted


def test_filed_in_requests_of_other_sizes(stack: Stack, wanted: list[Row]) -> None:
    assert run(stack, request_sizes=(1, 97, 1, 250)) == wanted


def test_advanced_in_many_small_steps(stack: Stack, wanted: list[Row]) -> None:
    assert run(stack, step_days=2.5) == wanted


def test_another_seed_gives_another_ledger(stack: Stack, wanted: list[Row]) -> None:
    assert run(stack, seed=12) != wanted


def test_with_one_worker_process(wanted: list[Row]) -> None:
    """Also with everything else changed at once."""
    with Stack(workers=1) as alone:
        assert run(alone, request_sizes=(300,), step_days=20) == wanted
