"""Whatever is broken in the middle of 2,000 dossiers: afterwards everything is as in an undisturbed run, once.

The stack is the fault tests' own, because most ways break it for everyone; each way has a sandbox of its own. The
disturbed run is compared with an undisturbed one of the same seed, fact by fact and column by column (but for the real
time).
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from motcua import Client

from services.launcher.stack import Stack
from tests.support.chaos import Way, strike
from tests.support.filings import filings
from tests.support.inside import Inside, Row, sandbox_id_of
from tests.support.retrying import PATIENCE_SECONDS, advance_once, file_once, read, retried
from tests.support.wait import until

START = datetime.fromisoformat("2018-06-05T08:00:00+07:00")
DOSSIERS = 2000
#: Filed in so many requests, between which and after which the clock moves.
REQUESTS = 4
#: Then the clock moves to these days; most happens on the first.
DAYS = (1, 2, 4, 8, 16, 30, 60)

#: Struck when so much of the undisturbed run's ledger has been written: while filing goes on, and while time passes.
STRIKE_AT = (0.1, 0.4, 0.7)


@dataclass(frozen=True)
class Outcome:
    """All that a run leaves behind."""

    ledger: Sequence[Row]
    told: Sequence[Row]
    statuses: Mapping[int, int]
    statistics: Mapping[str, Any]


@pytest.fixture(scope="module")
def undisturbed(fragile: Stack) -> Outcome:
    """What the same run leaves behind when nobody breaks anything."""
    with opened(fragile) as sandbox:
        run(sandbox)
        return outcome(fragile, sandbox)


def opened(stack: Stack) -> Client:
    with Client(stack.portal_url, stack.admin_key, timeout_seconds=10) as admin:
        clock = {"mode": "manual", "now": START.isoformat()}
        body = {"seed": 3, "clock": clock, "unknown_declarations": "adopt"}
        key = retried(admin, "POST", "/api/v1/sandboxes", json=body).json()["key"]
        return Client(stack.portal_url, key, timeout_seconds=10)


def run(sandbox: Client) -> None:
    """File in parts and let the first of them be worked on meanwhile; then let the days pass."""
    lines = list(filings(DOSSIERS))
    size = DOSSIERS // REQUESTS
    for part in range(REQUESTS):
        file_once(sandbox, lines[part * size : (part + 1) * size])
        advance_once(sandbox, START + timedelta(hours=part + 1))
    for days in DAYS:
        advance_once(sandbox, START + timedelta(days=days))


def outcome(stack: Stack, sandbox: Client) -> Outcome:
    inside, sandbox_id = Inside(stack), sandbox_id_of(sandbox)
    statuses = inside.numbers("portal", "SELECT number, status FROM dossier WHERE sandbox_id = %s", sandbox_id)
    return Outcome(inside.ledger(sandbox_id), inside.told(sandbox_id), statuses, read(sandbox, "/api/v1/statistics"))


class Running(threading.Thread):
    """A run in the background, whose failure is the test's."""

    def __init__(self, sandbox: Client) -> None:
        super().__init__(name="run", daemon=True)
        self._sandbox = sandbox
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            run(self._sandbox)
        except BaseException as error:  # noqa: BLE001 - told below
            self._error = error

    def finish(self) -> None:
        """Wait for its end."""
        self.join(3 * PATIENCE_SECONDS)
        assert not self.is_alive()
        if self._error is not None:
            raise self._error


def wait_for_facts(inside: Inside, sandbox_id: str, count: int) -> None:
    until(lambda: inside.fact_count(sandbox_id) >= count, 2 * PATIENCE_SECONDS, what=f"{count} facts")


@pytest.mark.parametrize("way", list(Way), ids=lambda way: way.replace(" ", "-"))
def test_every_dossier_reaches_the_same_end_once(fragile: Stack, undisturbed: Outcome, way: Way) -> None:
    inside = Inside(fragile)
    with opened(fragile) as sandbox:
        sandbox_id = sandbox_id_of(sandbox)
        running = Running(sandbox)
        running.start()
        for share in STRIKE_AT:
            wait_for_facts(inside, sandbox_id, int(share * len(undisturbed.ledger)))
            assert inside.fact_count(sandbox_id) < len(undisturbed.ledger)  # really in the middle
            strike(fragile, way)
        running.finish()
        fragile.wait_until_ready()

        until(lambda: inside.unfinished(sandbox_id) == {}, 20, what="a clean state")
        actual = outcome(fragile, sandbox)
        assert actual.ledger == undisturbed.ledger
        assert actual.told == actual.ledger
        assert actual.statuses == undisturbed.statuses
        assert actual.statistics == undisturbed.statistics
        recounted = retried(sandbox, "POST", "/api/v1/statistics/recount").json()
        assert (recounted["equal"], recounted["facts"]) == (True, len(undisturbed.ledger))
