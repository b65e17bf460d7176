"""What the catalogue says: procedures with their forms and limits, customs offices, days off.

Plain frozen values, shared by all services. They don't read files, don't compute deadlines and don't validate
submissions; `services.runtime.catalogue` fills them from the data files beside this module, once at start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class TimeUnit(StrEnum):
    """What a time limit is counted in."""

    #: Minutes inside office sessions, sixty to the hour.
    WORKING_HOURS = "working-hours"
    #: Days on which the office is open.
    WORKING_DAYS = "working-days"
    #: All days; the last one moves forward when the office is closed on it.
    CALENDAR_DAYS = "calendar-days"


class SupplementRule(StrEnum):
    """What a supplement does to the running time limit."""

    #: Counted again from zero once the dossier is complete (Decree 61/2018/NĐ-CP art. 19.4, the general rule).
    RESTART = "restart"
    #: The time from request to supplement isn't counted (Law 38/2019/QH14 art. 75.1, tax refunds).
    PAUSE = "pause"


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


class FieldKind(StrEnum):
    """What a form field holds; its JSON type and its check follow from it."""

    #: String of 12 digits, see `identifiers.is_declaration_number`.
    DECLARATION_NUMBER = "declaration_number"
    #: String, see `identifiers.is_tax_code`.
    TAX_CODE = "tax_code"
    #: String, the code of an office of the catalogue.
    OFFICE_CODE = "office_code"
    #: String, at most `FormField.max_length` characters.
    TEXT = "text"
    #: Integer, whole Vietnamese dong.
    MONEY_VND = "money_vnd"
    #: String, ISO 8601 calendar date.
    DATE = "date"
    #: String, the `value` of one of `FormField.choices`.
    CHOICE = "choice"
    #: True or false.
    BOOLEAN = "boolean"
    #: Integer.
    INTEGER = "integer"


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
class Choice:
    """One value of a field of kind `choice`."""

    value: str
    label_vi: str
    label_en: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a procedure's form.

    Attributes:
        name: Key in the submitted JSON object, snake case, unique in its form.
        example: A value that passes the field's check.
        choices: Allowed values in the order to show them; empty unless `kind` is `choice`.
        max_length: Characters, for `text`; None for other kinds.
        min_value: Smallest allowed number, for `money_vnd` and `integer`; None when unbounded.
        max_value: Largest allowed number, likewise.
    """

    name: str
    kind: FieldKind
    required: bool
    label_vi: str
    label_en: str
    help_vi: str
    help_en: str
    example: str | int | bool
    choices: tuple[Choice, ...] = ()
    max_length: int | None = None
    min_value: int | None = None
    max_value: int | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """An administrative procedure that the portal offers.

    Attributes:
        procedure_id: Our slug, stable on the wire.
        official_code: The national code (mã TTHC); None where no source gives one.
        authority: Who decides, in the words of the source.
        level: 1 to 4, Decree 43/2011/NĐ-CP art. 3.
        time_limit: None when the law states none; never an invented number.
        supplement_rule: What a supplement does to the time limit.
        supplement_rule_article: The article behind the rule, as pages show it.
        supplement_rule_source: How that was read, and what of it is ours.
        fee_vnd: Fee in dong.
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
    authority: str
    level: int
    time_limit: TimeLimit | None
    supplement_rule: SupplementRule
    supplement_rule_article: str
    supplement_rule_source: str
    fee_vnd: int
    documents: tuple[str, ...]
    legal_basis: tuple[str, ...]
    form: tuple[FormField, ...]
    form_source: str
    source: str
    confidence: Confidence

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
class Catalogue:
    """Everything that is data and not code, loaded and checked together.

    Attributes:
        procedures: By `procedure_id`, in the order of the file.
        offices: By `code`, in the order of the file.
    """

    procedures: Mapping[str, Procedure]
    offices: Mapping[str, Office]
    calendar: CalendarData
