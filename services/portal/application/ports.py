"""What the portal's use cases need from the outside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from services.contracts.commands import CalendarOverride, CommandType, RequestedAction
from services.contracts.staffing import Staffing
from services.contracts.timeliness import Timeliness
from services.portal.domain.attachments import AttachedFile, Attachment, DossierFiles, WaitingFiles
from services.portal.domain.calendar_overrides import DecidedOverride
from services.portal.domain.sandbox import Dossier, Filed, Key, Sandbox, Submission, TimelineEntry


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished HTTP answer, as it is kept under an Idempotency-Key."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class NewCommand(NamedTuple):
    """A command before it has a sequence."""

    partition: int
    type: CommandType
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OnceKey:
    """An Idempotency-Key within its scope, and the hash of what was sent under it."""

    scope: str
    key: str
    request_hash: bytes


class RegisterFinding(NamedTuple):
    """What the registers say about one filing.

    Attributes:
        errors: Why it can't be filed: `pointer` (RFC 6901, such as `/form/declaration_number`), `code`, `detail` and
            `detail_vi` of each field that the registers contradict. Empty: nothing is in the way.
        traits: What processing has to know beside the form's own traits, such as `track`; wins over those.
        submission: What is filed instead: registering a declaration gives the dossier its number and channel, and with
            the channel its procedure. None: what was asked for.
    """

    errors: Sequence[Mapping[str, str]] = ()
    traits: Mapping[str, str] = MappingProxyType({})
    submission: Submission | None = None


class DoorUnit(Protocol):
    """One transaction of the door: all of it is on disk when the block has ended, or nothing."""

    def claim(self, once: OnceKey) -> Answer | None:
        """Take the key, or return the answer already given under it.

        Waits for a transaction that is just using the same key.

        Raises:
            ProblemError: `idempotency-key-reused`, the key came with another request.
        """
        ...

    def keep_answer(self, once: OnceKey, answer: Answer) -> None:
        """Keep the answer under the claimed key."""
        ...

    def add_sandbox(self, sandbox: Sandbox, staffing: Staffing | None = None) -> None:
        """A new sandbox, and who works in its offices."""
        ...

    def add_key(self, key_hash: bytes, key: Key) -> None:
        """A new key."""
        ...

    def lock_sandbox(self, sandbox_id: str) -> Sandbox:
        """The sandbox, locked until the end of the block: what is done under the lock is ordered.

        Raises:
            ProblemError: `not-found`.
        """
        ...

    def save_sandbox(self, sandbox: Sandbox) -> None:
        """Write clock and last number."""
        ...

    def append(self, sandbox_id: str, commands: Sequence[NewCommand]) -> Mapping[int, int]:
        """Append to the command log and the outbox.

        Returns:
            Mapping partition → sequence of its last command, for the partitions that got one.
        """
        ...

    def check_registers(
        self, sandbox: Sandbox, submissions: Sequence[Submission], now: datetime
    ) -> Sequence[RegisterFinding]:
        """What the registers say about submissions to the locked sandbox: one finding for each, in the same order."""
        ...

    def waiting_files(self, sandbox_id: str) -> WaitingFiles:
        """Number and size of all uploaded files of the locked sandbox that belong to no dossier."""
        ...

    def add_attachment(self, attachment: Attachment, content: bytes) -> None:
        """A newly uploaded file."""
        ...

    def lock_free_attachments(self, sandbox_id: str, attachment_ids: Sequence[str]) -> Mapping[str, int]:
        """Size in bytes by id of those uploaded files that belong to no dossier; locked until the end of the block."""
        ...

    def lock_dossier_files(self, sandbox_id: str, number: int) -> DossierFiles:
        """A dossier's status and what it has in files; neither changes until the end of the block."""
        ...

    def attach(self, sandbox_id: str, files: Sequence[AttachedFile]) -> None:
        """Give locked files to dossiers that are there."""
        ...

    def file(self, filed: Sequence[Filed], commands: Sequence[NewCommand]) -> None:
        """Newly filed dossiers with their forms, the sandbox's last number, and what processing is told of them.

        Args:
            filed: At least one, all of the locked sandbox; their numbers follow each other and its last.
            commands: Appended as `append` does.
        """
        ...

    def calendar_overrides(self, sandbox_id: str) -> Sequence[CalendarOverride]:
        """What was decided on the calendar of the locked sandbox, in the order of the decisions."""
        ...

    def add_calendar_override(self, decided: DecidedOverride) -> int:
        """A decision on the calendar of the locked sandbox; returns its number."""
        ...

    def add_requested_actions(self, sandbox_id: str, actions: Iterable[RequestedAction]) -> None:
        """Actions that were asked of processing."""
        ...


class Door(Protocol):
    """Where submissions are written."""

    def unit(self) -> AbstractContextManager[DoorUnit]:
        """A transaction."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFilter:
    """Which dossiers to list; `None` means any."""

    status: int | None = None  #: what is filed ahead of the clock has no status yet
    procedure_id: str | None = None
    procedure_ids: frozenset[str] | None = None  #: one of these, such as those of a sector
    office_code: str | None = None
    applicant_id: str | None = None
    is_overdue: bool | None = None
    timeliness: Timeliness | None = None  #: only those with a result, and how that stood against the due date
    before_number: int | None = None  #: only numbers below this: the cursor, newest first


class ActionOutcome(NamedTuple):
    """What came of an action."""

    command_id: str
    number: int
    action: str
    requested_at: datetime
    outcome: str  #: `pending`, `done`, or a refusal
    position: int | None


class Reader(Protocol):
    """Reads what the portal knows."""

    def key(self, key_hash: bytes, now: datetime) -> Key | None:
        """What is known of a key; `None` when there is no such key, or not any more."""
        ...

    def sandbox(self, sandbox_id: str) -> Sandbox | None:
        """One sandbox."""
        ...

    def staffing(self, sandbox_id: str) -> Mapping[str, Any] | None:
        """A sandbox's staffing in its JSON form; `None`: it has none."""
        ...

    def sandboxes(self, limit: int, after: str | None) -> list[Sandbox]:
        """Sandboxes in order of their id."""
        ...

    def dossier(self, sandbox_id: str, number: int) -> Dossier | None:
        """One dossier."""
        ...

    def form(self, sandbox_id: str, number: int) -> Mapping[str, Any]:
        """What was filled in; empty when there is no such dossier."""
        ...

    def dossiers(self, sandbox_id: str, wanted: DossierFilter, now: datetime, limit: int) -> list[Dossier]:
        """Dossiers, newest first."""
        ...

    def timeline(self, sandbox_id: str, number: int) -> list[TimelineEntry]:
        """What happened, in order."""
        ...

    def numbered(self, sandbox_id: str, numbers: Sequence[int]) -> Mapping[int, Dossier]:
        """Dossiers by number; unknown numbers are missing."""
        ...

    def requested_actions(self, sandbox_id: str, command_ids: Sequence[str]) -> Mapping[str, ActionOutcome]:
        """What came of actions, by their id; unknown ids are missing."""
        ...

    def requested_action(self, sandbox_id: str, command_id: str) -> ActionOutcome | None:
        """What came of an action."""
        ...

    def counts_by_status(self, sandbox_id: str, now: datetime) -> Mapping[int, int]:
        """How many dossiers are in each status; statuses without any are missing, and so is what is filed ahead."""
        ...

    def log_ends(self, sandbox_id: str) -> Mapping[int, int]:
        """Last command of each partition."""
        ...

    def acknowledged(self, sandbox_id: str) -> Mapping[int, int]:
        """Last command that processing has carried out, as far as the read model has followed."""
        ...

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        """Ledger position of the read model in each partition."""
        ...


class Counts(Protocol):
    """The metrics service."""

    def statistics(self, sandbox_id: str, now: datetime, query: Mapping[str, str]) -> Mapping[str, Any]:
        """What metrics answers.

        Raises:
            ProblemError: `metrics-unavailable`.
        """
        ...

    def report(self, sandbox_id: str, now: datetime, query: Mapping[str, str]) -> Mapping[str, Any]:
        """What metrics answers to a question for the official report.

        Raises:
            ProblemError: `metrics-unavailable`, or `report-broken` when its sums don't hold.
        """
        ...

    def positions(self, sandbox_id: str) -> Mapping[int, int]:
        """Ledger position that metrics has counted to.

        Raises:
            ProblemError: `metrics-unavailable`.
        """
        ...

    def recount(self, sandbox_id: str) -> Mapping[str, Any]:
        """Compare counts with a recount of the ledger.

        Raises:
            ProblemError: `metrics-unavailable`.
        """
        ...


RealNow = Callable[[], datetime]
