"""What the catalogue says: procedures with their forms and limits, customs offices, days off.

Plain frozen values, shared by all services. They don't read files, don't compute deadlines and don't validate
submissions; `services.runtime.catalogue` fills them from the data files beside this module, once at start.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from services.contracts.enumerations import quick
from services.contracts.form_fields import FormField


@quick
class TimeUnit(StrEnum):
    """What a time limit is counted in."""

    #: Minutes inside office sessions, sixty to the hour.
    WORKING_HOURS = "working-hours"
    #: Days on which the office is open.
    WORKING_DAYS = "working-days"
    #: All days; the last one moves forward when the office is closed on it.
    CALENDAR_DAYS = "calendar-days"


@quick
class SupplementRule(StrEnum):
    """What a supplement does to the running time limit."""

    #: Counted again from zero once the dossier is complete (Decree 61/2018/NĐ-CP art. 19.4, the general rule).
    RESTART = "restart"
    #: The time from request to supplement isn't counted (Law 38/2019/QH14 art. 75.1, tax refunds).
    PAUSE = "pause"


@quick
class SilenceOutcome(StrEnum):
    """What becomes of a dossier whose applicant lets the time to answer go by."""

    #: The dossier is void; processing stops (Decree 68/2016/NĐ-CP for warehouses; elsewhere ours).
    STOP = "stop"
    #: Refused, as a result (Circular 13/2015/TT-BTC art. 7, IPR).
    REFUSE = "refuse"
    #: Taken up again under stricter terms: "refund first" becomes "inspect first" (TT39/2018 art. 129.3c).
    RECLASSIFY = "reclassify"


@quick
class AuthorityLevel(StrEnum):
    """Who decides, from the branch upwards; a dossier is forwarded from one to the next."""

    BRANCH = "branch"  #: Chi cục
    DEPARTMENT = "department"  #: Cục
    GENERAL_DEPARTMENT = "general-department"  #: Tổng cục
    MINISTRY = "ministry"  #: Bộ Tài chính, Thủ tướng


class Sector(StrEnum):
    """The field (lĩnh vực) under which the official report lists a procedure; the grouping of procedures is ours."""

    SUPERVISION = "supervision"  #: Giám sát quản lý về hải quan
    TAX = "import-export-tax"  #: Thuế xuất nhập khẩu
    POST_CLEARANCE_AUDIT = "post-clearance-audit"  #: Kiểm tra sau thông quan
    RISK_AND_PRIORITY = "risk-and-priority"  #: Quản lý rủi ro, doanh nghiệp ưu tiên
    INFORMATION_TECHNOLOGY = "information-technology"  #: Công nghệ thông tin


@quick
class Effect(StrEnum):
    """What a granted dossier changes in the systems around the portal (domain facts 4)."""

    CLEAR_DECLARATION = "clear-declaration"
    AMEND_DECLARATION = "amend-declaration"
    CANCEL_DECLARATION = "cancel-declaration"
    REFUND_TAX = "refund-tax"  #: duty, late interest or fine of a declaration is paid back, or not collected
    EXTEND_STORAGE = "extend-storage"
    AMEND_MANIFEST = "amend-manifest"
    REGISTER_FACILITY = "register-facility"
    FILE_SETTLEMENT_REPORT = "file-settlement-report"
    ISSUE_CARGO_ID = "issue-cargo-id"


class ResultKind(StrEnum):
    """What paper the result of a procedure is; each has a document of its own."""

    CONFIRMATION = "confirmation"  #: văn bản chấp nhận, xác nhận
    DECISION = "decision"  #: quyết định
    CERTIFICATE = "certificate"  #: giấy chứng nhận, chứng chỉ
    PERMIT = "permit"  #: giấy phép, giấy tạm nhập
    NOTICE = "notice"  #: thông báo
    RULING = "ruling"  #: thông báo kết quả xác định trước
    CODE = "code"  #: cấp số, cấp mã, tài khoản


class Confidence(StrEnum):
    """How far the sources carry a row of data."""

    #: Read in the text of the law or in two independent sources.
    HIGH = "high"
    #: One source, or derived from one.
    MEDIUM = "medium"
    #: From memory or assumed.
    LOW = "low"


class OnlineScope(StrEnum):
    """What Decree 42/2022/NĐ-CP (in force 15/08/2022) calls the old levels 1 to 4 of Decree 43/2011/NĐ-CP.

    The mapping from levels is that of the national portal's coding as seen in public code; ours where it says nothing.
    """

    #: Levels 1 and 2: information and forms, nothing is sent.
    INFORMATION = "information"
    #: Level 3: *một phần*, anything online that falls short of the whole.
    PARTIAL = "partial"
    #: Level 4: *toàn trình*, everything online.
    FULL = "full"

    @property
    def label_vi(self) -> str:
        """The Vietnamese label, as pages show it."""
        return _SCOPE_LABELS[self][0]

    @property
    def label_en(self) -> str:
        """The English label, as pages show it."""
        return _SCOPE_LABELS[self][1]


_SCOPE_LABELS = {
    OnlineScope.INFORMATION: ("cung cấp thông tin", "information only"),
    OnlineScope.PARTIAL: ("một phần", "partly online"),
    OnlineScope.FULL: ("toàn trình", "fully online"),
}


#: Traits that the registers around the portal give a dossier, with their values; all others come from its form.
REGISTER_TRAITS: Final[Mapping[str, tuple[str, ...]]] = {
    "track": ("refund-first", "inspect-first"),  # how a refund is handled: by risk, or after silence
    "customs_channel": ("green", "yellow", "red"),  # what check a declaration was routed to
}


class OfficeKind(StrEnum):
    """What a customs office is."""

    #: Chi cục.
    BRANCH = "branch"
    #: Đội or other sub-office of a branch.
    TEAM_OR_SUB_OFFICE = "team-or-sub-office"
    #: Đội Kiểm soát.
    CONTROL_TEAM = "control-team"
    #: Chi cục Kiểm tra sau thông quan.
    POST_CLEARANCE_AUDIT_BRANCH = "post-clearance-audit-branch"
    #: Chi cục Kiểm định.
    LABORATORY_BRANCH = "laboratory-branch"
    #: A division at the head office of a department.
    DEPARTMENT_OFFICE = "department-office"
    #: A branch whose code was replaced by another one; nothing new should be filed with it.
    BRANCH_SUPERSEDED = "branch-superseded"


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long the authority may take.

    Attributes:
        amount: Number of units, at least 1.
        unit: What is counted.
    """

    amount: int
    unit: TimeUnit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError(f"A time limit is at least 1 {self.unit}, not {self.amount}; no limit at all is None.")


@dataclass(frozen=True, slots=True)
class Extension:
    """One time that the law lets a step take longer: its whole limit afterwards, not what is added."""

    limit: TimeLimit
    article: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that has to be done within a step, with a term of its own that doesn't move the step's end.

    Terms follow one another: each runs from the one before it, the first from the step's beginning.
    """

    step_id: str
    name_vi: str
    name_en: str
    limit: TimeLimit
    article: str


@dataclass(frozen=True, slots=True)
class LimitStep:
    """One stretch of a statutory limit; it runs from receipt, or from the end of the step before it.

    Attributes:
        step_id: Slug, unique in its rule together with those of the milestones.
        extensions: In the order in which they may be used, each once.
    """

    step_id: str
    name_vi: str
    name_en: str
    limit: TimeLimit
    article: str
    milestones: tuple[Milestone, ...] = ()
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A statutory limit, and when it is the one that holds.

    Attributes:
        rule_id: Slug, unique in its procedure.
        in_force_from: First day (of receipt, in Vietnam) on which it holds; None: always has.
        in_force_until: Last such day; None: still does.
        when: Traits that the dossier must have, all of them; empty: any dossier.
        steps: In order; the last one ends in the decision. Empty: the law states no limit.
        article: Where it stands; what of it is ours is said there.
        authority_level: Who decides a dossier under this rule; None: as the procedure says.
    """

    rule_id: str
    steps: tuple[LimitStep, ...]
    article: str
    in_force_from: date | None = None
    in_force_until: date | None = None
    when: Mapping[str, str] = field(default_factory=dict)
    authority_level: AuthorityLevel | None = None

    @property
    def whole_limit(self) -> TimeLimit | None:
        """All steps together when they are counted in one unit, else the deciding one's; None without a limit."""
        if not self.steps:
            return None
        last = self.steps[-1].limit
        if any(step.limit.unit is not last.unit for step in self.steps):
            return last
        return TimeLimit(sum(step.limit.amount for step in self.steps), last.unit)


@dataclass(frozen=True, slots=True)
class SupplementTerms:
    """What holds when an office asks for a supplement.

    Attributes:
        rule: What a supplement does to the time limit.
        rule_article: The article behind it, as pages show it.
        rule_source: How that was read, and what of it is ours.
        notice_limit: How long after receipt the office may ask; later it is late, not forbidden.
        notice_article: The article behind that.
        silence_limit: How long the applicant is waited for.
        silence_outcome: What happens then.
        silence_traits: Traits that the dossier takes on when the outcome is to reclassify.
        silence_article: The article behind silence, and what of it is ours.
    """

    rule: SupplementRule
    rule_article: str
    rule_source: str
    notice_limit: TimeLimit
    notice_article: str
    silence_limit: TimeLimit
    silence_outcome: SilenceOutcome
    silence_article: str
    silence_traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Procedure:
    """An administrative procedure that the portal offers.

    Attributes:
        procedure_id: Our slug, stable on the wire.
        official_code: The national code (mã TTHC); None where no source gives one.
        family: Procedures of one family share a kind of result, and many of them a form.
        sector: Under which the official report lists it.
        authority: Who decides, in the words of the source.
        authority_level: The lowest level that may decide.
        who_may_apply_vi: Who may file it, as its page shows it.
        who_may_apply_en: The same in English.
        level: 1 to 4, Decree 43/2011/NĐ-CP art. 3.
        limit_rules: In order; the first that fits a dossier holds. Never empty: a law without a limit is a rule without
            steps, never an invented number.
        supplement: What holds when a supplement is asked for.
        fee_vnd: Fee in dong.
        fee_source: Where the fee comes from.
        effect: What a granted dossier changes in the systems around; None: nothing that is modelled.
        result_kind: What paper the result is.
        automatic_when: Traits with which the system resolves it at once, without a person; empty: always; None: never.
        in_force_from: First day on which it may be filed; None: always could.
        in_force_until: Last day; None: still may.
        documents: What the applicant hands in, Vietnamese.
        legal_basis: Laws and articles, Vietnamese abbreviations.
        form: The procedure's own fields, in the order to show them.
        form_source: Where the fields come from.
        source: Where the row comes from, and what in it is assumed.
        confidence: How far `source` carries.
    """

    procedure_id: str
    official_code: str | None
    name_vi: str
    name_en: str
    family: str
    sector: Sector
    authority: str
    authority_level: AuthorityLevel
    who_may_apply_vi: str
    who_may_apply_en: str
    level: int
    limit_rules: tuple[LimitRule, ...]
    supplement: SupplementTerms
    fee_vnd: int
    fee_source: str
    effect: Effect | None
    result_kind: ResultKind
    documents: tuple[str, ...]
    legal_basis: tuple[str, ...]
    form: tuple[FormField, ...]
    form_source: str
    source: str
    confidence: Confidence
    automatic_when: Mapping[str, str] | None = None
    in_force_from: date | None = None
    in_force_until: date | None = None

    @property
    def time_limit(self) -> TimeLimit | None:
        """The whole limit of the first rule that asks for no traits, for lists; which one holds depends on the dossier.

        Steps counted in different units have no sum: then it is that of the deciding step.
        """
        return next((rule for rule in self.limit_rules if not rule.when), self.limit_rules[0]).whole_limit

    @property
    def has_limit(self) -> bool:
        """Whether the law states a limit at all; procedures without one are counted apart."""
        return any(rule.steps for rule in self.limit_rules)

    @property
    def online_scope(self) -> OnlineScope:
        """What the later scheme calls `level`: level 4 *toàn trình*, level 3 *một phần*."""
        if self.level >= 4:
            return OnlineScope.FULL
        return OnlineScope.PARTIAL if self.level == 3 else OnlineScope.INFORMATION


@dataclass(frozen=True, slots=True)
class Office:
    """A customs office that dossiers are filed with.

    Attributes:
        code: Four characters, as used on declarations.
        department_code: First two characters of `code`: the department (Cục) above it.
    """

    code: str
    name_vi: str
    kind: OfficeKind
    department_code: str
    department_name_vi: str
    department_name_en: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class CalendarData:
    """Which days depart from the week of Monday to Friday.

    Attributes:
        days_off: Public holidays, compensated days and days swapped away; some fall on a weekend.
        working_weekends: Saturdays and Sundays that are worked in exchange; never in `days_off`.
        first_on: First day that is known.
        last_on: Last day that is known.
        sources: For each day of both sets: its name and where it comes from.
    """

    days_off: frozenset[date]
    working_weekends: frozenset[date]
    first_on: date
    last_on: date
    sources: Mapping[date, str]


@dataclass(frozen=True, slots=True)
class PublishedTotals:
    """How many procedures the administration said it had; the difference to the catalogue is told, not filled."""

    procedures: int
    level_3_or_more: int
    level_4: int
    as_of: date
    source: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is data and not code, loaded and checked together.

    Attributes:
        procedures: By `procedure_id`, in the order of the files.
        offices: By `code`, in the order of the file.
        published: What the administration published about the whole list, beside which ours is shown.
        own_procedures: Ids of those that a user's own files added or changed.
    """

    procedures: Mapping[str, Procedure]
    offices: Mapping[str, Office]
    calendar: CalendarData
    published: PublishedTotals
    own_procedures: frozenset[str] = frozenset()
