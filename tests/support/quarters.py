"""A part of the second quarter of 2018 put through a stack by a crowd in a process of its own, undisturbed or not."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.launcher.child import die_with_parent
from services.launcher.folder import REPOSITORY
from services.launcher.stack import Stack
from services.simulator.run_log import RunLog, find
from tests.support.chaos import Way, strike
from tests.support.inside import Inside, Row
from tests.support.wait import until

PRESET: Final = "national-2018-q2"

#: Of the whole preset.
_WHOLE: Final = 3_070_000

#: What is broken beside the crowd itself, each once in a run.
WAYS: Final = (
    Way.WORKER_CHILD,
    Way.TIMEKEEPER,
    None,  # the crowd
    Way.PORTAL_RELAY,
    Way.PORTAL_WEB,
    Way.PROCESSING_RELAY,
    Way.METRICS_COUNTER,
    Way.REDIS_WIPED,
    Way.PORTAL_PROJECTOR,
    Way.WORKER_MAIN,
    Way.METRICS_WEB,
)

#: Longest time without a new fact (seconds).
_PATIENCE_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Played:
    """A run that has ended, and what it left behind."""

    log: RunLog
    report: dict[str, Any]

    @property
    def sandbox_id(self) -> str:
        assert self.log.state.sandbox_id is not None
        return self.log.state.sandbox_id

    @property
    def counted(self) -> dict[str, Any]:
        """Everything in the report that must be the same however the run went."""
        members = ("conservation", "procedures", "offices", "days", "arrivals", "subjects", "waiting", "fact_count")
        return {name: self.report[name] for name in members}


class CrowdProcess:
    """A crowd that files a number of dossiers, and can be killed.

    Args:
        stack: Where.
        runs: A folder of its own.
        dossiers: About how many, declarations included.
        seed: Of the crowd and of the sandbox.
    """

    def __init__(self, stack: Stack, runs: Path, dossiers: int, seed: int) -> None:
        self._stack = stack
        self._runs = runs
        self._json = runs / "report.json"
        runs.mkdir(parents=True, exist_ok=True)
        self._process = self._start(PRESET, "--fraction", str(dossiers / _WHOLE), "--seed", str(seed))

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def sandbox_id(self) -> str | None:
        paths = list(self._runs.glob("*/run.json"))
        return find(self._runs, None).state.sandbox_id if paths else None

    def kill_and_resume(self) -> None:
        """SIGKILL, and another one that goes on where it was."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._process = self._start("--resume")

    def finish(self) -> Played:
        """Wait for its end, which must be a good one."""
        code = self._process.wait()
        said = (self._runs / "said.txt").read_text(encoding="utf-8")
        assert code == 0, f"exit code {code}:\n{said[-4000:]}"
        return Played(find(self._runs, None), json.loads(self._json.read_text(encoding="utf-8")))

    def end(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.wait()

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        where = ["--url", self._stack.portal_url, "--runs", str(self._runs), "--json", str(self._json)]
        with (self._runs / "said.txt").open("ab") as said:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "services.simulator", *arguments, *where],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "sdk")]),
                    "MOTCUA_ADMIN_KEY": self._stack.admin_key,
                    "MOTCUA_LANG": "en",
                },
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - before any thread of ours
            )


def play(
    stack: Stack,
    runs: Path,
    dossiers: int,
    *,
    seed: int = 5,
    ways: Sequence[Way | None] = (),
    whole: Played | None = None,
) -> Played:
    """Play a part of the quarter.

    Args:
        stack: Where.
        runs: A folder of its own.
        dossiers: About how many.
        seed: Of everything.
        ways: What is broken on the way, evenly spread; `None`: the crowd itself.
        whole: An undisturbed run of the same: how much there is to come.
    """
    crowd = CrowdProcess(stack, runs, dossiers, seed)
    try:
        for place, way in enumerate(ways):
            assert whole is not None
            _wait_for_share(stack, crowd, (place + 1) / (len(ways) + 1) * whole.report["fact_count"])
            assert crowd.is_running  # really in the middle
            print(f"  {way or 'crowd killed'}", flush=True)
            if way is None:
                crowd.kill_and_resume()
            else:
                strike(stack, way)
        return crowd.finish()
    finally:
        crowd.end()


def _wait_for_share(stack: Stack, crowd: CrowdProcess, facts: float) -> None:
    inside = Inside(stack)

    def is_there() -> bool:
        sandbox_id = crowd.sandbox_id
        return not crowd.is_running or (sandbox_id is not None and inside.fact_count(sandbox_id) >= facts)

    until(is_there, _PATIENCE_SECONDS, what=f"{facts:.0f} facts")


def ends(stack: Stack, played: Played) -> list[Row]:
    """Every dossier as the portal has it: its number, what was filed, and how and when it ended."""
    return Inside(stack).rows(
        "portal",
        "SELECT number, procedure_id, office_code, channel, applicant_id, filed_at, status, status_at, received_at,"
        " due_at, resolved_at, version FROM dossier WHERE sandbox_id = %s ORDER BY number",
        played.sandbox_id,
    )
