"""The small registers around the declarations, and what happens in any of them.

Manifests, gate passages, facilities, settlement reports, risk profiles, audits, violations and cargo numbers: of each
system (domain facts 4.2) what a portal dossier touches and no more. They share one shape, an entry, because what
differs between them is a few fields that nothing but their own page and answer reads.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from services.contracts.labels import Label
from services.portal.domain.registers.declarations import Declaration


class Register(StrEnum):
    """Which register."""

    DECLARATION = "declaration"  #: VNACCS/VCIS
    MANIFEST = "manifest"  #: e-manifest, on the National Single Window
    GATE_PASSAGE = "gate-passage"  #: VASSCM: goods passing the gate of a port, yard or warehouse
    FACILITY = "facility"  #: processing and export production: the place of production
    SETTLEMENT_REPORT = "settlement-report"  #: the same system: báo cáo quyết toán
    RISK_PROFILE = "risk-profile"  #: risk management: what is known of an enterprise
    AUDIT = "audit"  #: post-clearance audit: a decision to audit
    VIOLATION = "violation"  #: handling of administrative violations
    CARGO_ID = "cargo-id"  #: VASSCM: số định danh hàng hóa


class EventKind(StrEnum):
    """What happened to an entry."""

    ENTERED = "entered"  #: it is new
    CHANGED = "changed"  #: its content is another
    AMENDED = "amended"  #: a new branch of a declaration, a new revision of a manifest
    CANCELLED = "cancelled"
    NOT_CLEARED = "not-cleared"  #: the check of a declaration ended in a refusal
    TAX_REFUNDED = "tax-refunded"  #: paid back, or not collected
    STORAGE_EXTENDED = "storage-extended"
    GOODS_PASSED = "goods-passed"  #: its goods passed a gate
    AUDIT_DECIDED = "audit-decided"
    RISK_NOTED = "risk-noted"  #: the risk system keeps an event of it (TT39/2018 art. 22)
    TAX_DEPARTMENT_TOLD = "tax-department-told"  #: notice 01/TB-XNKTC (TT39/2018 art. 22)
    REFUND_ROUTED = "refund-routed"  #: a refund goes to "inspect first"
    VIOLATION_RECORDED = "violation-recorded"


EVENT_LABELS: Final[Mapping[EventKind, Label]] = {
    EventKind.ENTERED: Label("Ghi vào sổ đăng ký", "Entered"),
    EventKind.CHANGED: Label("Thay đổi", "Changed"),
    EventKind.AMENDED: Label("Khai bổ sung", "Amended"),
    EventKind.CANCELLED: Label("Hủy", "Cancelled"),
    EventKind.NOT_CLEARED: Label("Không được thông quan", "Not cleared"),
    EventKind.TAX_REFUNDED: Label("Hoàn, không thu thuế", "Tax refunded or not collected"),
    EventKind.STORAGE_EXTENDED: Label("Gia hạn lưu giữ", "Storage extended"),
    EventKind.GOODS_PASSED: Label("Hàng qua khu vực giám sát", "Goods passed the gate"),
    EventKind.AUDIT_DECIDED: Label("Quyết định kiểm tra sau thông quan", "Audit decided"),
    EventKind.RISK_NOTED: Label("Ghi nhận rủi ro", "Noted by risk management"),
    EventKind.TAX_DEPARTMENT_TOLD: Label("Thông báo cơ quan thuế", "Tax department told"),
    EventKind.REFUND_ROUTED: Label("Chuyển kiểm tra trước, hoàn sau", "Refund routed to inspect first"),
    EventKind.VIOLATION_RECORDED: Label("Ghi nhận vi phạm", "Violation recorded"),
}


class ViolationKind(StrEnum):
    """What was done wrong, as far as portal dossiers bring it about or are routed by it."""

    LATE_AMENDMENT = "late-amendment"  #: khai bổ sung quá thời hạn
    FALSE_DECLARATION = "false-declaration"  #: khai sai
    OTHER = "other"


VIOLATION_LABELS: Final[Mapping[ViolationKind, Label]] = {
    ViolationKind.LATE_AMENDMENT: Label("Khai bổ sung quá thời hạn", "Late amendment"),
    ViolationKind.FALSE_DECLARATION: Label("Khai sai", "False declaration"),
    ViolationKind.OTHER: Label("Vi phạm khác", "Other"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """An entry of one of the small registers."""

    sandbox_id: str
    register: str
    number: int  #: 1, 2, 3 … within sandbox and register
    key: str  #: what it is called outside, unique in its register
    holder_id: str  #: tax code or personal number of whom it belongs to
    base: int | None  #: the declaration that it is about, without its last digit
    dossier_number: int | None  #: the dossier that brought it about
    occurred_at: datetime
    data: Mapping[str, Any]
    dossier_filed_at: datetime | None = None  #: when that dossier was filed; told where entries are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEvent:
    """Something that happened to an entry of a register."""

    sandbox_id: str
    position: int  #: 1, 2, 3 … within the sandbox, over all registers
    register: str
    key: str  #: of the entry; of a declaration the number without its last digit
    kind: str
    occurred_at: datetime  #: on the sandbox's clock
    recorded_at: datetime  #: on the wall's clock
    dossier_number: int | None  #: the dossier that brought it about
    dossier_filed_at: datetime | None
    detail: Mapping[str, Any]


#: Manifest numbers and facility codes end in six digits; those that the registers give begin with a 9 there and may get
#: longer, so that numbers which are entered for a test never meet one.
OWN_DIGIT: Final = "9"

#: What only the registers give, where whoever enters something may give a number, too.
_OWN_KEYS: Final = {
    Register.MANIFEST: re.compile(r"MF[0-9]{2}9[0-9]{5,}"),
    Register.FACILITY: re.compile(r"CSSX9[0-9]{5,}"),
    Register.AUDIT: re.compile(r"KTSTQ[0-9]{8,}"),
}


def is_own_key(register: Register, key: str) -> bool:
    """Whether a number can only have been given by the register.

    >>> is_own_key(Register.MANIFEST, "MF18900007"), is_own_key(Register.MANIFEST, "MF18000007")
    (True, False)
    """
    own = _OWN_KEYS.get(register)
    return own is not None and own.fullmatch(key) is not None


def new_key(register: Register, number: int, on: date) -> str:
    """What a new entry is called. Shapes are ours (`services.contracts.identifiers`).

    Args:
        register: whose.
        number: the entry's, in its register.
        on: the day in Vietnam.

    >>> new_key(Register.MANIFEST, 7, date(2018, 6, 5)), new_key(Register.FACILITY, 7, date(2018, 6, 5))
    ('MF18900007', 'CSSX900007')
    """
    return _SHAPES[register].format(year=on.year % 100, own=OWN_DIGIT, number=number)


#: Entries of other registers are called as whoever enters them says.
_SHAPES: Final = {
    Register.MANIFEST: "MF{year:02}{own}{number:05}",
    Register.FACILITY: "CSSX{own}{number:05}",
    Register.CARGO_ID: "DD{year:02}{number:08}",
    Register.SETTLEMENT_REPORT: "BCQT{year:02}{number:06}",
    Register.VIOLATION: "VPHC{year:02}{number:06}",
    Register.AUDIT: "KTSTQ{year:02}{number:06}",
    Register.GATE_PASSAGE: "QG{year:02}{number:08}",
}


@dataclass(slots=True, eq=False, kw_only=True)
class NewEntry:
    """An entry to be written; its number is given when it is.

    Args:
        key: what it is called; empty: made from its number.
    """

    sandbox_id: str
    register: Register
    holder_id: str
    occurred_at: datetime
    data: Mapping[str, Any]
    key: str = ""
    base: int | None = None
    dossier_number: int | None = None
    number: int = 0

    def as_written(self) -> RegisterEntry:
        """The entry as it is read again."""
        return RegisterEntry(
            sandbox_id=self.sandbox_id,
            register=self.register,
            number=self.number,
            key=self.key,
            holder_id=self.holder_id,
            base=self.base,
            dossier_number=self.dossier_number,
            occurred_at=self.occurred_at,
            data=self.data,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to be written.

    Args:
        subject: key of what it happened to, or the entry that is written with it.
    """

    sandbox_id: str
    register: Register
    subject: str | NewEntry
    kind: EventKind
    occurred_at: datetime
    dossier_number: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class RegisterChanges:
    """Collects what one transaction changes in the registers, to be written together."""

    entries: list[NewEntry] = field(default_factory=list)
    contents: list[tuple[RegisterEntry, Mapping[str, Any]]] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)

    def enter(
        self, entry: NewEntry, kind: EventKind = EventKind.ENTERED, detail: Mapping[str, Any] | None = None
    ) -> NewEntry:
        """A new entry, and the event that says so; `detail` of the event: the entry's own content unless given."""
        self.entries.append(entry)
        self.tell(
            NewEvent(
                sandbox_id=entry.sandbox_id,
                register=entry.register,
                subject=entry,
                kind=kind,
                occurred_at=entry.occurred_at,
                dossier_number=entry.dossier_number,
                detail=entry.data if detail is None else detail,
            )
        )
        return entry

    def tell(self, event: NewEvent) -> None:
        """An event."""
        self.events.append(event)

    def tell_of_declaration(
        self,
        declaration: Declaration,
        kind: EventKind,
        at: datetime,
        dossier_number: int | None,
        detail: Mapping[str, Any],
    ) -> None:
        """An event of a declaration."""
        self.tell(
            NewEvent(
                sandbox_id=declaration.sandbox_id,
                register=Register.DECLARATION,
                subject=str(declaration.base),
                kind=kind,
                occurred_at=at,
                dossier_number=dossier_number,
                detail=detail,
            )
        )

    def tell_cancelled(self, declaration: Declaration, at: datetime, dossier_number: int | None) -> None:
        """That a declaration was cancelled, to whom it has to be told.

        Source: TT39/2018/TT-BTC art. 22: the risk system keeps an event of it (b.3.1), the tax department gets notice
        01/TB-XNKTC.
        """
        detail = {"number": declaration.number}
        self.tell_of_declaration(declaration, EventKind.CANCELLED, at, dossier_number, detail)
        self.tell_of_declaration(declaration, EventKind.TAX_DEPARTMENT_TOLD, at, dossier_number, detail)
        self.tell(
            NewEvent(
                sandbox_id=declaration.sandbox_id,
                register=Register.RISK_PROFILE,
                subject=declaration.declarant_id,
                kind=EventKind.RISK_NOTED,
                occurred_at=at,
                dossier_number=dossier_number,
                detail=detail,
            )
        )
