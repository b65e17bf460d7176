"""Customs declarations as the register keeps them: numbers, kinds, channels, states.

In the shape of VNACCS/VCIS (domain facts 4.1). Pure: what is stored and when is not said here, nor which dossier may
name which declaration (`register_rules`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.contracts.catalogue import Confidence
from services.contracts.labels import Label
from services.contracts.vocabulary import CustomsChannel, Status

#: The last digit of a number counts amendments, so there is room for nine.
LAST_BRANCH: Final = 9

#: Numbers that this register gives begin with 100 (import) and 300 (export), then comes the number of the clearance
#: dossier. Real numbers of 2018 begin with 101, 102, 301 and 302 (from memory): they can be entered beside ours and
#: never meet one.
LAST_DOSSIER_NUMBER: Final = 99_999_999


class Direction(StrEnum):
    """Into the country or out of it; the first digit of a number."""

    IMPORT = "import"
    EXPORT = "export"

    @property
    def digit(self) -> int:
        """1 or 3."""
        return 1 if self is Direction.IMPORT else 3


class DeclarationState(StrEnum):
    """Where a declaration stands."""

    REGISTERED = "registered"  #: đã đăng ký
    UNDER_CHECK = "under-check"  #: đang kiểm tra
    CLEARED = "cleared"  #: đã thông quan
    NOT_CLEARED = "not-cleared"  #: không được thông quan: its check ended without clearance
    CANCELLED = "cancelled"  #: đã hủy


class Origin(StrEnum):
    """How a declaration came into the register."""

    REGISTERED = "registered"  #: with a clearance dossier of its own
    ENTERED = "entered"  #: given with its number and state, for a test
    ADOPTED = "adopted"  #: named by a dossier in a sandbox that takes unknown numbers


DIRECTION_LABELS: Final[Mapping[Direction, Label]] = {
    Direction.IMPORT: Label("Nhập khẩu", "Import"),
    Direction.EXPORT: Label("Xuất khẩu", "Export"),
}

STATE_LABELS: Final[Mapping[DeclarationState, Label]] = {
    DeclarationState.REGISTERED: Label("Đã đăng ký", "Registered"),
    DeclarationState.UNDER_CHECK: Label("Đang kiểm tra", "Under check"),
    DeclarationState.CLEARED: Label("Đã thông quan", "Cleared"),
    DeclarationState.NOT_CLEARED: Label("Không được thông quan", "Not cleared"),
    DeclarationState.CANCELLED: Label("Đã hủy", "Cancelled"),
}

#: What the status of its clearance dossier makes of a declaration of which nothing else is known. A clearance that was
#: refused ends as `processed`, too: it is marked on the declaration.
STATE_OF_CHECK: Final[Mapping[Status, DeclarationState]] = {
    Status.SUBMITTED: DeclarationState.REGISTERED,
    Status.RECEIVED: DeclarationState.UNDER_CHECK,
    Status.NOT_RECEIVED: DeclarationState.NOT_CLEARED,
    Status.IN_PROCESS: DeclarationState.UNDER_CHECK,
    Status.SUPPLEMENT_REQUESTED: DeclarationState.UNDER_CHECK,
    Status.PAYMENT_REQUESTED: DeclarationState.UNDER_CHECK,
    Status.WITHDRAWN: DeclarationState.NOT_CLEARED,
    Status.STOPPED: DeclarationState.NOT_CLEARED,
    Status.PROCESSED: DeclarationState.CLEARED,
    Status.RETURNED: DeclarationState.CLEARED,
}


@dataclass(frozen=True, slots=True)
class DeclarationKind:
    """A kind of declaration (mã loại hình)."""

    code: str
    direction: Direction
    label: Label
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class ChannelShares:
    """How often declarations of a declarant go to each channel; what is left of 1 is green."""

    yellow: float
    red: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeclaration:
    """A declaration that is being registered; its number and perhaps its channel are still to be given."""

    kind: str
    direction: Direction
    channel: CustomsChannel | None  #: `None`: drawn by what is known of the declarant's risk


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A declaration, and what its clearance dossier says about it."""

    sandbox_id: str
    base: int  #: the number without the digit that counts amendments
    branch: int  #: amendments so far
    kind: str
    office_code: str
    declarant_id: str
    channel: str | None  #: `None`: entered without one
    origin: str
    registered_at: datetime
    cleared_at: datetime | None = None  #: given when it was entered; otherwise the clearance dossier knows
    not_cleared_at: datetime | None = None
    cancelled_at: datetime | None = None
    dossier_number: int | None = None  #: of the clearance dossier
    check_filed_at: datetime | None = None  #: when the clearance dossier was filed
    check_status: int | None = None  #: its status
    check_resolved_at: datetime | None = None

    @property
    def number(self) -> str:
        """The current number."""
        return declaration_number(self.base, self.branch)

    @property
    def direction(self) -> Direction:
        """By the first digit."""
        return direction_of(self.base)

    @property
    def state(self) -> DeclarationState:
        """Where it stands; derived whenever it is asked for. What was cancelled stays so."""
        if self.cancelled_at is not None:
            return DeclarationState.CANCELLED
        if self.not_cleared_at is not None:
            return DeclarationState.NOT_CLEARED
        if self.cleared_at is not None:
            return DeclarationState.CLEARED
        if self.check_status is None:
            return DeclarationState.REGISTERED
        return STATE_OF_CHECK[Status(self.check_status)]

    @property
    def clearance_at(self) -> datetime | None:
        """When it was cleared, also when it was cancelled afterwards; `None`: it wasn't."""
        if self.cleared_at is not None:
            return self.cleared_at
        is_cleared = self.check_status is not None and STATE_OF_CHECK[Status(self.check_status)] is (
            DeclarationState.CLEARED
        )
        return self.check_resolved_at if is_cleared and self.not_cleared_at is None else None


def declaration_number(base: int, branch: int) -> str:
    """The twelve digits of a number.

    >>> declaration_number(10_000_000_042, 1)
    '100000000421'
    """
    return f"{base}{branch}"


def split_number(number: str) -> tuple[int, int]:
    """What stays and what counts amendments, of a number that is well formed.

    >>> split_number("301234567892")
    (30123456789, 2)
    """
    return int(number[:-1]), int(number[-1])


def direction_of(base: int) -> Direction:
    """By the first of eleven digits."""
    return Direction.IMPORT if base < 20_000_000_000 else Direction.EXPORT


def least_base(direction: Direction) -> int:
    """All bases of a direction are above: its digit and ten zeros.

    >>> least_base(Direction.EXPORT)
    30000000000
    """
    return direction.digit * 10_000_000_000


def own_base(direction: Direction, dossier_number: int) -> int:
    """The base of the number that is given to the declaration of a clearance dossier.

    Args:
        direction: of the declaration.
        dossier_number: of its clearance dossier, so that each sandbox's numbers are unique without a counter.

    Raises:
        ValueError: The sandbox has more dossiers than such numbers can tell apart; a mistake of the caller.

    >>> own_base(Direction.EXPORT, 42)
    30000000042
    """
    if not 1 <= dossier_number <= LAST_DOSSIER_NUMBER:
        raise ValueError(f"No declaration number for dossier {dossier_number}: the last is {LAST_DOSSIER_NUMBER}.")
    return least_base(direction) + dossier_number


def is_own(base: int) -> bool:
    """Whether a number can only have been given by this register."""
    return base % 10_000_000_000 <= LAST_DOSSIER_NUMBER


def pick_channel(shares: ChannelShares, drawn: float) -> CustomsChannel:
    """The channel for a draw.

    Args:
        shares: of the declarant.
        drawn: from 0 to below 1.
    """
    if drawn < shares.red:
        return CustomsChannel.RED
    return CustomsChannel.YELLOW if drawn < shares.red + shares.yellow else CustomsChannel.GREEN
