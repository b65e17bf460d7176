"""The processes of a stack, in one table. The place to add a process.

Each is known by a name with hyphens (log file, `./motcua logs NAME`, state file); people read it with spaces.
"""

import signal
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How a process is started, and how one knows that it is ready."""

    #: An embedded server: answers its own protocol.
    SERVER = "server"
    #: Runs once and ends with exit code 0.
    ONCE = "once"
    #: Answers `GET /readyz`.
    WEB = "web"
    #: Touches its heartbeat file while it makes progress.
    LOOP = "loop"


@dataclass(frozen=True)
class ProcessSpec:
    """One row: what to run, when, and which settings it may see."""

    name: str
    kind: Kind
    command: tuple[str, ...]
    #: Names of processes that must be ready (or done) first.
    after: tuple[str, ...] = ()
    #: Settings that it gets beside the common ones; secrets reach only who needs them.
    settings: tuple[str, ...] = ()
    #: What a stopped process is sent first; it is killed when that has no effect in time.
    stop_signal: signal.Signals = signal.SIGTERM
    #: Where a web process answers; empty for others.
    url: str = ""
    #: How far it stands back when there isn't CPU enough for all: 0 to 19, as of nice(1).
    niceness: int = 0
    #: Silence allowed on top of the usual (seconds), for a process whose sign of life comes by way of another one.
    extra_silence_seconds: float = 0.0

    @property
    def title(self) -> str:
        """The name as people read it."""
        return self.name.replace("-", " ")


POSTGRES: Final = "postgres"
REDIS: Final = "redis"
MIGRATE: Final = "migrate"
DURABLE: Final = "postgres-sync"

#: What works behind the door stands back for whoever waits at it. It loses nothing by that: what has gathered
#: meanwhile is carried out together, in a fraction of the transactions. Two cores that were asked for more than they
#: have took half as many single filings again.
BEHIND_THE_DOOR: Final = 5

#: Workers stand further back than what follows them: facts that nobody has projected or counted yet let everybody wait
#: who asks whether something has happened, while a worker that runs on only makes more of them.
BEHIND_THE_FOLLOWERS: Final = 10

#: In bulk it is the other way round: a crowd at the door doesn't mind waiting, and a door that takes in more than the
#: workers get through leaves a processor with nothing to do as soon as enough is waiting.
BEHIND_THE_WORK: Final = 10

_REDIS = ("MOTCUA_REDIS_URL",)
_PORTAL = ("MOTCUA_PORTAL_DATABASE_URL", *_REDIS)
_PROCESSING = ("MOTCUA_PROCESSING_DATABASE_URL", *_REDIS)
_METRICS = ("MOTCUA_METRICS_DATABASE_URL", *_REDIS)
_PORTAL_WEB = (
    *_PORTAL,
    "MOTCUA_METRICS_URL",
    "MOTCUA_ADMIN_KEY",
    "MOTCUA_INTERNAL_KEY",
    "MOTCUA_SECRET_KEY",
)
_METRICS_WEB = (*_METRICS, "MOTCUA_INTERNAL_KEY")
_MIGRATE = (
    "MOTCUA_DATABASE_URL",
    "MOTCUA_PORTAL_DATABASE_URL",
    "MOTCUA_PROCESSING_DATABASE_URL",
    "MOTCUA_METRICS_DATABASE_URL",
)


def service_processes(
    portal_url: str, metrics_url: str, *, redis_is_new: bool = False, in_bulk: bool = False
) -> tuple[ProcessSpec, ...]:
    """The services, in the order in which they are named to people; they start together, after the migrations.

    Args:
        portal_url: where the portal will answer.
        metrics_url: where metrics will answer.
        redis_is_new: nothing is in its queues. Then the worker, which is the slowest to start and touches the database
            only for a task, need not wait for the migrations.
        in_bulk: a crowd files as much as the machine can take; else people and tests wait at the door.
    """

    def row(service: str, part: str, kind: Kind, settings: tuple[str, ...], url: str = "") -> ProcessSpec:
        command = (sys.executable, "-m", f"services.{service}", part)
        after = (REDIS,) if redis_is_new and part == "worker" else (MIGRATE, REDIS)
        # The worker beats when the timekeeper tells it to: a silent timekeeper is found, and restarted, first.
        extra = 10.0 if part == "worker" else 0.0
        name = f"{service}-{part}"
        niceness = _niceness(part, kind, in_bulk=in_bulk)
        return ProcessSpec(
            name, kind, command, after, settings, url=url, niceness=niceness, extra_silence_seconds=extra
        )

    return (
        row("portal", "web", Kind.WEB, _PORTAL_WEB, portal_url),
        row("portal", "relay", Kind.LOOP, _PORTAL),
        row("portal", "projector", Kind.LOOP, _PORTAL),
        row("processing", "worker", Kind.LOOP, _PROCESSING),
        row("processing", "timekeeper", Kind.LOOP, _PROCESSING),
        row("processing", "relay", Kind.LOOP, _PROCESSING),
        row("metrics", "web", Kind.WEB, _METRICS_WEB, metrics_url),
        row("metrics", "counter", Kind.LOOP, _METRICS),
    )


def migrate_process(*, is_new: bool) -> ProcessSpec:
    """Schemas, roles and migrations; it waits for the database itself, so it starts beside it.

    Args:
        is_new: the database is empty: there will be something to do for certain.
    """
    command = (sys.executable, "-m", "services.launcher", "migrate", *(["--new"] if is_new else []))
    return ProcessSpec(MIGRATE, Kind.ONCE, command, (), _MIGRATE)


def server_processes(postgres: tuple[str, ...], redis: tuple[str, ...], durable: tuple[str, ...]) -> list[ProcessSpec]:
    """The embedded servers that are in use; an empty command leaves one out."""
    # SIGINT is PostgreSQL's fast shutdown: ends sessions and writes a checkpoint; SIGTERM would wait for the sessions.
    rows = [
        ProcessSpec(POSTGRES, Kind.SERVER, postgres, stop_signal=signal.SIGINT),
        ProcessSpec(DURABLE, Kind.ONCE, durable, (POSTGRES,)),
        ProcessSpec(REDIS, Kind.SERVER, redis),
    ]
    return [row for row in rows if row.command]


def _niceness(part: str, kind: Kind, *, in_bulk: bool) -> int:
    if in_bulk:
        return BEHIND_THE_WORK if kind is Kind.WEB else 0
    if kind is Kind.WEB:
        return 0
    return BEHIND_THE_FOLLOWERS if part == "worker" else BEHIND_THE_DOOR
