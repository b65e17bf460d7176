"""Commands: what the portal asks of processing, in one gapless order per partition.

A command has a `sequence` (1, 2, 3 … within its sandbox and partition) and an instant `at` on the sandbox's clock: the
partition first runs everything due up to that instant, then carries the command out. So moving a manual clock is a
command like any other, and the order of the log alone decides what happens, whichever worker does it.

Wire form: JSON objects, instants as RFC 3339 text in UTC. Bulk content travels as rows (lists in the order of the
`NamedTuple`), because a batch of a thousand dossiers is the ordinary case. Additive changes only; anything else is a
new command type beside the old one.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self
from zlib import crc32

from services.contracts.enumerations import quick
from services.contracts.staffing import Staffing, staffing_from_wire
from services.contracts.vocabulary import ClockMode, OfficerKind

#: Celery task names and queues; portal and metrics send by name, processing registers them.
TASK_TAKE_COMMANDS: Final = "processing.take_commands"
TASK_RUN_PARTITIONS: Final = "processing.run_partitions"
TASK_REPLAY: Final = "processing.replay"
TASK_HEARTBEAT: Final = "processing.heartbeat"
QUEUE_COMMANDS: Final = "processing.commands"
QUEUE_DUE: Final = "processing.due"
QUEUE_REPLAY: Final = "processing.replay"

#: Dossiers in one command at most: a message's cost vanishes, a transaction stays short.
DOSSIERS_PER_COMMAND: Final = 1000

#: Facts that one replay brings at most, of all its partitions together, and partitions that it serves; whoever needs
#: more asks again.
REPLAY_FACTS: Final = 5000
REPLAY_PARTITIONS: Final = 64


#: (sandbox_id, partition): whose log, ledger and positions.
PartitionKey = tuple[str, int]


@lru_cache(maxsize=1 << 16)
def partition_of(office_code: str, partition_count: int) -> int:
    """The partition of an office's dossiers, 0 … `partition_count` - 1; the same in every process and every run."""
    return crc32(office_code.encode()) % partition_count


@quick
class CommandType(StrEnum):
    """What is asked."""

    OPEN_SANDBOX = "open-sandbox"  #: first in every partition's log
    ACCEPT_DOSSIERS = "accept-dossiers"
    ACT = "act"
    SET_CLOCK = "set-clock"
    ADVANCE = "advance"  #: run to `at`; nothing else
    OVERRIDE_CALENDAR = "override-calendar"  #: a day becomes a day off or a working day; open deadlines move


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """Where a sandbox's clock stands: every process computes the same now from it without asking anyone.

    At the real instant `real_at` the sandbox showed `virtual_at`, and since then runs `speed` times as fast.
    """

    mode: ClockMode
    real_at: datetime
    virtual_at: datetime
    speed: float = 1.0  #: virtual seconds a real second; 1 for `real`, unused for `manual`

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "mode": str(self.mode),
            "real_at": self.real_at.isoformat(),
            "virtual_at": self.virtual_at.isoformat(),
            "speed": self.speed,
        }

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_wire`."""
        return cls(
            mode=ClockMode(data["mode"]),
            real_at=datetime.fromisoformat(data["real_at"]),
            virtual_at=datetime.fromisoformat(data["virtual_at"]),
            speed=float(data["speed"]),
        )


@dataclass(frozen=True, slots=True)
class CalendarOverride:
    """A day that a sandbox's calendar counts otherwise than the catalogue's.

    Attributes:
        day: In Vietnam.
        is_working: Whether offices are open on it.
        name: What the day is, as pages show it.
        decision_number: The decision that ordered it.
    """

    day: date
    is_working: bool
    name: str
    decision_number: str

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "day": self.day.isoformat(),
            "is_working": self.is_working,
            "name": self.name,
            "decision_number": self.decision_number,
        }

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_wire`."""
        return cls(date.fromisoformat(data["day"]), data["is_working"], data["name"], data["decision_number"])


class AcceptedDossier(NamedTuple):
    """What processing needs to know of a filed dossier; the form itself stays with the portal."""

    number: int
    procedure_id: str
    office_code: str
    channel: str
    applicant_kind: str
    applicant_id: str  #: tax code or personal number: who is counted once
    filed_at: str  #: RFC 3339; at or after the command's `at`
    traits: Mapping[str, str] | None = None  #: what of the form decides about limits and routes; `None`: nothing


@dataclass(frozen=True, slots=True)
class WaitingDossiers:
    """Many dossiers that are filed for later: nobody looks into them until the first of them is due.

    Attributes:
        count: How many.
        first_at: The earliest instant that one of them is filed for; after the command's `at`.
        payload: Their rows, as `services.runtime.compact` makes bytes of them.
    """

    count: int
    first_at: datetime
    payload: bytes

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        rows = b64encode(self.payload).decode()
        return {"count": self.count, "first_at": self.first_at.isoformat(), "rows": rows}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_wire`."""
        return cls(int(data["count"]), datetime.fromisoformat(data["first_at"]), b64decode(data["rows"]))


class RequestedAction(NamedTuple):
    """An action on one dossier, by a person."""

    command_id: str  #: echoed in the fact that answers it
    number: int
    action: str
    actor: str
    reason: str | None
    note: str | None
    expected_version: int | None  #: refuse when the dossier has moved past it; `None`: whatever it is now
    detail: Mapping[str, Any] | None = None  #: what the action needs beside, see `services.contracts.details`


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of a partition's command log."""

    sequence: int
    type: CommandType
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        return {"sequence": self.sequence, "type": str(self.type), "at": self.at.isoformat(), "data": dict(self.data)}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_wire`."""
        return cls(
            sequence=int(data["sequence"]),
            type=CommandType(data["type"]),
            at=datetime.fromisoformat(data["at"]),
            data=data["data"],
        )

    @property
    def waiting(self) -> WaitingDossiers | None:
        """What an accept-dossiers command carries if all of it is filed for later; `None`: it carries rows."""
        packed = self.data.get("waiting")
        return None if packed is None else WaitingDossiers.from_wire(packed)

    @property
    def actions(self) -> list[RequestedAction]:
        """Rows of an act command, in the order they were asked."""
        return [RequestedAction(*row) for row in self.data["actions"]]

    @property
    def calendar_overrides(self) -> list[CalendarOverride]:
        """What an override-calendar command carries."""
        return [CalendarOverride.from_wire(item) for item in self.data["overrides"]]

    @property
    def row_count(self) -> int:
        """How many dossiers, actions or desks the command carries."""
        waiting = self.data["waiting"]["count"] if "waiting" in self.data else 0
        desks = self.data["staffing"]["desks"] if "staffing" in self.data else ()
        return waiting + len(desks) + len(self.data.get("dossiers", ())) + len(self.data.get("actions", ()))

    @property
    def clock(self) -> ClockSetting:
        """The setting carried by open-sandbox and set-clock."""
        return ClockSetting.from_wire(self.data["clock"])

    @property
    def staffing(self) -> Staffing | None:
        """What open-sandbox says of the offices; `None`: officers aren't counted."""
        data = self.data.get("staffing")
        return None if data is None else staffing_from_wire(data)


@dataclass(frozen=True, slots=True)
class CommandBatch:
    """Commands of one partition, in sequence order without gaps between them."""

    sandbox_id: str
    partition: int
    commands: tuple[Command, ...]

    def to_wire(self) -> dict[str, Any]:
        """JSON form: one element of a `processing.take_commands` message."""
        return {
            "sandbox_id": self.sandbox_id,
            "partition": self.partition,
            "commands": [command.to_wire() for command in self.commands],
        }

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Self:
        """Inverse of `to_wire`."""
        return cls(
            sandbox_id=data["sandbox_id"],
            partition=int(data["partition"]),
            commands=tuple(Command.from_wire(item) for item in data["commands"]),
        )


def replay_share(facts: int, partitions: int) -> int:
    """How many of a replay's `facts` each partition gets at most; who asks and who answers count on the same."""
    return max(facts // max(min(partitions, REPLAY_PARTITIONS), 1), 1)


def accept_data(dossiers: Sequence[AcceptedDossier]) -> dict[str, Any]:
    """The `data` of an accept-dossiers command."""
    return {"dossiers": [list(row) for row in dossiers]}


def accept_waiting_data(waiting: WaitingDossiers) -> dict[str, Any]:
    """Likewise, for dossiers that are all filed for later."""
    return {"waiting": waiting.to_wire()}


def act_data(actions: Sequence[RequestedAction]) -> dict[str, Any]:
    """The `data` of an act command."""
    return {"actions": [list(row) for row in actions]}


def open_sandbox_data(
    *, seed: int, clock: ClockSetting, officer: OfficerKind, staffing: Staffing | None = None
) -> dict[str, Any]:
    """The `data` of an open-sandbox command; with a staffing, a robot's officers are counted."""
    data: dict[str, Any] = {"seed": seed, "clock": clock.to_wire(), "officer": str(officer)}
    if staffing is not None:
        data["staffing"] = staffing.to_wire()
    return data
