"""What the registers have to say about a filing: may it name this declaration, and is a refund inspected first.

Pure: what is in the registers is looked up before, for a whole batch. Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from services.contracts.catalogue import Effect, Procedure
from services.contracts.form_fields import FieldKind
from services.contracts.timeliness import vietnamese_day
from services.portal.domain.registers.declarations import (
    DIRECTION_LABELS,
    LAST_BRANCH,
    LAST_DOSSIER_NUMBER,
    STATE_LABELS,
    ChannelShares,
    Declaration,
    DeclarationState,
    Direction,
    Origin,
    direction_of,
    split_number,
)
from services.portal.domain.registers.registers import Register, RegisterEntry

#: Trait that says how a refund is handled, its stricter value, and the trait that says why the registers gave it.
TRACK: Final = "track"
INSPECT_FIRST: Final = "inspect-first"
TRACK_REASON: Final = "track_reason"

#: From this day on refunds follow Law 38/2019/QH14.
REFUND_LAW_2019_FROM: Final = date(2020, 7, 1)

#: More customs violations than this within twelve months send a refund to inspection (TT39/2018 art. 129.4a).
VIOLATIONS_TOLERATED: Final = 2

_REGISTER_OF_KIND: Final[Mapping[FieldKind, Register]] = {
    FieldKind.DECLARATION_NUMBER: Register.DECLARATION,
    FieldKind.MANIFEST_NUMBER: Register.MANIFEST,
    FieldKind.FACILITY_CODE: Register.FACILITY,
}

_DIRECTION_OF_PREFIX: Final = {"import_": Direction.IMPORT, "export_": Direction.EXPORT}


class Naming(NamedTuple):
    """A field of a form that names an entry of a register."""

    field: str
    register: Register
    number: str

    @property
    def base(self) -> int:
        """Of a declaration: its number without the last digit."""
        return split_number(self.number)[0]

    @property
    def key(self) -> str:
        """As events and links know the entry."""
        return str(self.base) if self.register is Register.DECLARATION else self.number


def named_fields(procedure: Procedure) -> tuple[tuple[str, Register], ...]:
    """The fields of a form whose entries must be registered, and in which register."""
    return tuple((item.name, _REGISTER_OF_KIND[item.kind]) for item in procedure.form if item.must_be_registered)


def namings(fields: Sequence[tuple[str, Register]], form: Mapping[str, Any]) -> list[Naming]:
    """What a valid form names."""
    return [Naming(name, register, form[name]) for name, register in fields if form.get(name) is not None]


@dataclass(frozen=True, slots=True)
class DeclarationRules:
    """Which states of a declaration a procedure takes, and how declarations are routed.

    Attributes:
        states: By procedure id; a procedure that isn't here takes `otherwise`.
        otherwise: For procedures without a rule of their own.
        shares: By compliance level of the declarant, 1 to 5.
        unknown_shares: For a declarant without a risk profile.
        high_risk_from_level: The lowest level that counts as high risk.
    """

    states: Mapping[str, frozenset[DeclarationState]]
    otherwise: frozenset[DeclarationState]
    shares: Mapping[int, ChannelShares]
    unknown_shares: ChannelShares
    high_risk_from_level: int

    def states_for(self, procedure_id: str) -> frozenset[DeclarationState]:
        """States in which a declaration may be named by a dossier of this procedure."""
        return self.states.get(procedure_id, self.otherwise)

    def shares_of(self, level: int | None) -> ChannelShares:
        """How often a declarant's declarations go to which channel; `None`: nothing is known of it."""
        return self.shares.get(level, self.unknown_shares) if level is not None else self.unknown_shares

    def is_high_risk(self, level: int | None) -> bool:
        """Whether a declarant counts as of high risk."""
        return level is not None and level >= self.high_risk_from_level


def _error(naming: Naming, code: str, detail: str, detail_vi: str) -> dict[str, str]:
    return {"pointer": f"/form/{naming.field}", "code": code, "detail": detail, "detail_vi": detail_vi}


def wrong_direction(naming: Naming) -> dict[str, str] | None:
    """What is wrong with the first digit of a number in a field of imports or exports; `None`: nothing."""
    for prefix, direction in _DIRECTION_OF_PREFIX.items():
        if naming.field.startswith(prefix) and direction_of(naming.base) is not direction:
            words = DIRECTION_LABELS[direction]
            return _error(
                naming,
                "declaration-wrong-direction",
                f"{naming.number} isn't an {words.en.lower()} declaration: those begin with {direction.digit}.",
                f"{naming.number} không phải tờ khai {words.vi.lower()}: số phải bắt đầu bằng {direction.digit}.",
            )
    return None


def unknown_entry(naming: Naming) -> dict[str, str]:
    """What a number is told that is in no register."""
    if naming.register is Register.DECLARATION:
        return _error(
            naming,
            "declaration-unknown",
            f"There is no declaration {naming.number} here. Register it (POST /api/v1/declarations) or enter it"
            " (POST /api/v1/declarations/import); a sandbox with `unknown_declarations`: `adopt` takes any number.",
            f"Không có tờ khai {naming.number}. Hãy đăng ký (POST /api/v1/declarations) hoặc nhập"
            " (POST /api/v1/declarations/import); môi trường thử với `unknown_declarations`: `adopt` nhận mọi số.",
        )
    return _error(
        naming,
        f"{naming.register}-unknown",
        f"There is no {naming.register} {naming.number} in the register.",
        f"Không có {_NAMES_VI[naming.register]} {naming.number} trong sổ đăng ký.",
    )


def no_number_left() -> dict[str, str]:
    """What a declaration is told that comes after all numbers of a sandbox are given."""
    return {
        "pointer": "",
        "code": "declaration-numbers-used-up",
        "detail": f"The numbers for declarations end at dossier {LAST_DOSSIER_NUMBER}; open another sandbox.",
        "detail_vi": f"Số tờ khai chỉ cấp đến hồ sơ thứ {LAST_DOSSIER_NUMBER}; hãy mở môi trường thử khác.",
    }


_NAMES_VI: Final = {Register.MANIFEST: "bản khai hàng hóa", Register.FACILITY: "cơ sở sản xuất"}


def check_entry(naming: Naming, entry: RegisterEntry, applicant_id: str) -> dict[str, str] | None:
    """Why a manifest or a facility can't be named by this applicant; `None`: it can."""
    if entry.holder_id == applicant_id or entry.data.get("is_adopted"):
        return None
    return _error(
        naming,
        f"{naming.register}-of-another",
        f"{naming.number} doesn't belong to the applicant {applicant_id}.",
        f"{naming.number} không thuộc người nộp {applicant_id}.",
    )


def check_declaration(
    naming: Naming,
    declaration: Declaration,
    *,
    applicant_id: str,
    procedure: Procedure,
    states: frozenset[DeclarationState],
    filed_at: datetime,
) -> dict[str, str] | None:
    """Why a dossier can't name this declaration; `None`: it can.

    A declaration that was adopted is nobody's in particular and takes everything: where unknown numbers are welcome,
    the same number may come with any applicant, again and again.

    Args:
        naming: The field.
        declaration: As it stands.
        applicant_id: Who files.
        procedure: What is filed.
        states: Those that the procedure takes.
        filed_at: On the sandbox's clock.
    """
    if declaration.origin == Origin.ADOPTED:
        return None
    if declaration.declarant_id != applicant_id:
        return _error(
            naming,
            "declaration-of-another",
            f"Declaration {naming.number} wasn't registered by the applicant {applicant_id}.",
            f"Tờ khai {naming.number} không do người nộp {applicant_id} đăng ký.",
        )
    if declaration.branch != split_number(naming.number)[1]:
        return _error(
            naming,
            "declaration-not-current",
            f"{naming.number} isn't the current number of this declaration; it is {declaration.number}.",
            f"{naming.number} không phải số hiện hành của tờ khai; số hiện hành là {declaration.number}.",
        )
    return _wrong_state(naming, declaration, procedure, states, filed_at)


def _wrong_state(
    naming: Naming,
    declaration: Declaration,
    procedure: Procedure,
    states: frozenset[DeclarationState],
    filed_at: datetime,
) -> dict[str, str] | None:
    if declaration.registered_at > filed_at:
        return _error(
            naming,
            "declaration-not-registered-yet",
            f"Declaration {naming.number} is registered for {declaration.registered_at.isoformat()}, later than this.",
            f"Tờ khai {naming.number} được đăng ký lúc {declaration.registered_at.isoformat()}, sau thời điểm nộp này.",
        )
    if declaration.state not in states:
        wanted = [STATE_LABELS[state] for state in DeclarationState if state in states]
        now = STATE_LABELS[declaration.state]
        return _error(
            naming,
            "declaration-wrong-state",
            f"Declaration {naming.number} is {now.en.lower()};"
            f" this procedure takes: {', '.join(label.en.lower() for label in wanted)}.",
            f"Tờ khai {naming.number} {now.vi.lower()};"
            f" thủ tục này chỉ nhận: {', '.join(label.vi.lower() for label in wanted)}.",
        )
    if procedure.effect is Effect.AMEND_DECLARATION and declaration.branch >= LAST_BRANCH:
        return _error(
            naming,
            "declaration-full",
            f"Declaration {naming.number} has been amended {LAST_BRANCH} times; its number has no room for more.",
            f"Tờ khai {naming.number} đã khai bổ sung {LAST_BRANCH} lần; số tờ khai không còn nhánh.",
        )
    return None


class RoutingReason(StrEnum):
    """Why the registers send a refund to "inspect first"."""

    HIGH_RISK = "high-risk"
    VIOLATIONS = "violations"
    FIRST_REFUND = "first-refund"


@dataclass(frozen=True, slots=True)
class RefundHistory:
    """What is known of an enterprise that asks for a refund.

    Attributes:
        level: Compliance level; None: it has no risk profile.
        violation_count: Customs violations in the twelve months before filing.
        was_refunded: Whether it had a refund before, here or, as its profile says, elsewhere.
    """

    level: int | None = None
    violation_count: int = 0
    was_refunded: bool = False


class Routing(NamedTuple):
    """A refund is inspected first, and why."""

    reason: RoutingReason
    article: str


def a_year_before(at: datetime) -> datetime:
    """The same day and time twelve months earlier; of 29 February the 28th.

    >>> from datetime import UTC
    >>> a_year_before(datetime(2020, 2, 29, 8, tzinfo=UTC)).isoformat()
    '2019-02-28T08:00:00+00:00'
    """
    try:
        return at.replace(year=at.year - 1)
    except ValueError:
        return at.replace(year=at.year - 1, day=28)


def has_track(procedure: Procedure) -> bool:
    """Whether a procedure has a stricter track that the registers can send a dossier to."""
    return any(rule.when.get(TRACK) == INSPECT_FIRST for rule in procedure.limit_rules)


def route_refund(history: RefundHistory, rules: DeclarationRules, filed_at: datetime) -> Routing | None:
    """Why a refund is inspected first; `None`: the registers know no reason.

    Modelled are the cases that the registers can know. "First refund of the case" (Law 38/2019/QH14 art. 73.2) counts
    only for an enterprise with a risk profile: of others nothing is known, so what the applicant chose stands.

    Args:
        history: What is known of the applicant.
        rules: What counts as high risk.
        filed_at: The day in Vietnam decides which law holds.

    Source:
        TT39/2018/TT-BTC art. 129.4a (until 30/06/2020) and Law 38/2019/QH14 art. 73.2 (from 01/07/2020); by risk:
        consolidated code 26.2.TT.26.26 (wording of 2024), taken for the years before, too.
    """
    is_new_law = vietnamese_day(filed_at) >= REFUND_LAW_2019_FROM
    if rules.is_high_risk(history.level):
        article = "Luật QLT 38/2019 Đ73.2" if is_new_law else "Luật QLT 78/2006 Đ60 (sửa 21/2012)"
        return Routing(RoutingReason.HIGH_RISK, article)
    if is_new_law:
        if history.level is not None and not history.was_refunded:
            return Routing(RoutingReason.FIRST_REFUND, "Luật QLT 38/2019 Đ73.2")
    elif history.violation_count > VIOLATIONS_TOLERATED:
        return Routing(RoutingReason.VIOLATIONS, "TT39/2018 Đ129.4a")
    return None
