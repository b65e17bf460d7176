"""Drives a sandbox through a workload: files ahead of its manual clock in batches, moves the clock, follows what ends.

Everything goes through the portal's HTTP API, with a client of the SDK. It prints nothing: whoever calls is told by a
callback how far it has come, and gets the outcome.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

import requests
from motcua import Client, ProblemError

from services.contracts.catalogue import Catalogue
from services.simulator.arrivals import start_of_day
from services.simulator.crowd import Filing, filings
from services.simulator.preset import Preset

#: So many days are filed in one batch and then played.
STEP: Final = timedelta(days=7)

#: After so many steps the run waits for the services: meanwhile filing and processing go on side by side, as in life,
#: and a queue can't grow without end.
SETTLE_EVERY: Final = 4

#: Longest real time that one step may take to settle (seconds).
_SETTLE_SECONDS: Final = 120


class Stage(StrEnum):
    """What is going on."""

    OPENING = "opening"  #: the sandbox is made
    FILING = "filing"  #: dossiers come and are worked on
    FINISHING = "finishing"  #: no more come; the last ones are waited for
    RECOUNTING = "recounting"  #: the ledger is counted again


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come.

    Attributes:
        now: the sandbox's time.
        filed_count: dossiers filed so far.
        ended_count: of these, at their end so far.
        total_count: dossiers of the whole workload.
    """

    stage: Stage
    now: datetime
    filed_count: int
    ended_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, in the portal's own words.

    Attributes:
        sent: dossiers sent, by procedure.
        door_problems: of these, refused by the portal: the problem of each.
        statistics: `GET /api/v1/statistics` by procedure, at the end.
        recount: `POST /api/v1/statistics/recount`, at the end.
        now: where the sandbox's clock stands.
    """

    sandbox: Client
    sent: dict[str, int]
    door_problems: Sequence[dict[str, Any]]
    statistics: dict[str, Any]
    recount: dict[str, Any]
    now: datetime


class SimulationError(Exception):
    """The run can't go on."""


class NotSettledError(SimulationError):
    """A step didn't settle in time: the services have more to do than they can, or one of them is gone."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"not settled at {at.isoformat()} within {_SETTLE_SECONDS} s")


class PortalError(SimulationError):
    """The portal refused."""


class UnreachableError(SimulationError):
    """The portal doesn't answer; the message is its address."""


def run(
    admin: Client,
    preset: Preset,
    catalogue: Catalogue,
    *,
    seed: int,
    name: str,
    on_progress: Callable[[Progress], None],
) -> Outcome:
    """Put a whole workload through a new sandbox, until every dossier has ended or the preset's longest wait is over.

    Args:
        admin: a client with the administrator's key.
        preset: what to file.
        catalogue: the same as the portal's.
        seed: of the crowd and of the sandbox.
        name: the sandbox's, for people.
        on_progress: called before and after every step.

    Raises:
        SimulationError: it can't go on; the sandbox stays as it is.
    """
    try:
        # The crowd names declarations that nobody has registered: they are taken for its own, and for cleared.
        sandbox = admin.open_sandbox(
            name=name, seed=seed, now=start_of_day(preset.period.first_on), unknown_declarations="adopt"
        )
        return _Run(sandbox, preset, on_progress).play(filings(preset, catalogue, seed))
    except ProblemError as error:
        raise PortalError(str(error)) from error
    except requests.RequestException as error:
        raise UnreachableError(admin.url) from error


class _Run:
    """One run, as far as it has come."""

    def __init__(self, sandbox: Client, preset: Preset, on_progress: Callable[[Progress], None]) -> None:
        self._sandbox = sandbox
        self._preset = preset
        self._on_progress = on_progress
        self._now = start_of_day(preset.period.first_on)
        self._sent: dict[str, int] = {}
        self._door_problems: list[dict[str, Any]] = []
        self._filed_count = 0
        self._statistics: dict[str, Any] = {}
        self._tell(Stage.OPENING)

    def play(self, crowd: Iterable[Filing]) -> Outcome:
        for count, (until, batch) in enumerate(_steps(crowd, self._now), start=1):
            self._file(batch)
            self._tell(Stage.FILING)
            self._advance(until, and_settle=count % SETTLE_EVERY == 0)
            self._tell(Stage.FILING)
        self._advance(self._now, and_settle=True)
        give_up_at = self._now + timedelta(days=self._preset.longest_wait_days.value)
        while self._ended_count < self._filed_count and self._now < give_up_at:
            self._tell(Stage.FINISHING)
            self._advance(self._now + STEP, and_settle=True)
        self._tell(Stage.RECOUNTING)
        recount = self._sandbox.recount()
        return Outcome(self._sandbox, self._sent, self._door_problems, self._statistics, recount, self._now)

    def _file(self, batch: Sequence[Filing]) -> None:
        filed = self._sandbox.file_many(filing.body for filing in batch)
        for filing in batch:
            self._sent[filing.procedure_id] = self._sent.get(filing.procedure_id, 0) + 1
        self._filed_count += len(filed.dossier_ids)
        self._door_problems += filed.problems.values()

    def _advance(self, to: datetime, *, and_settle: bool) -> None:
        wait_seconds = _SETTLE_SECONDS if and_settle else 0
        # Counting is waited for, too, which the client doesn't insist on: both are judged here.
        advanced = self._sandbox.advance(to=to, wait_seconds=wait_seconds, must_settle=False)
        if and_settle and not (advanced.is_settled and advanced.is_counted):
            raise NotSettledError(to)
        self._now = to
        self._statistics = self._sandbox.statistics(group_by="procedure")

    @property
    def _ended_count(self) -> int:
        total = self._statistics.get("total", {})
        return sum(int(total.get(name, 0)) for name in ("refused_at_intake", "withdrawn", "stopped", "returned"))

    def _tell(self, stage: Stage) -> None:
        total_count = self._preset.dossier_count.value
        self._on_progress(Progress(stage, self._now, self._filed_count, self._ended_count, total_count))


def _steps(crowd: Iterable[Filing], start: datetime) -> Iterator[tuple[datetime, list[Filing]]]:
    """The filings in batches, each with the instant to which the clock moves after it; empty steps are passed over."""
    for step, batch in groupby(crowd, key=lambda filing: (filing.filed_at - start) // STEP):
        yield start + (step + 1) * STEP, list(batch)
