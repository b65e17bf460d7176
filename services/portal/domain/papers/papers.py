"""Which papers a dossier has: decided by what happened to it, and by templates that say what gives rise to what.

A paper belongs to a fact of the ledger and is named after it, so the same timeline always gives the same papers; the
control sheet alone belongs to the dossier and grows with it. What stands on a paper is composed in
`services.portal.domain.papers.composing`. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from services.contracts.catalogue import AuthorityLevel, Office, Procedure, ResultKind
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import Action
from services.law.rules import NoRuleError, rule_for
from services.portal.domain.papers.sheets import Align, PaperSize
from services.portal.domain.payments.payments import PaymentDocument
from services.portal.domain.sandbox import Dossier, TimelineEntry


class PaperKind(StrEnum):
    """What a paper is. Those from `RECEIPT` to `CONTROL_SHEET` are forms 01 to 05 of Circular 01/2018/TT-VPCP."""

    RECEIPT = "receipt"  #: Giấy tiếp nhận hồ sơ và hẹn trả kết quả
    SUPPLEMENT_REQUEST = "supplement-request"  #: Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ
    INTAKE_REFUSAL = "intake-refusal"  #: Phiếu từ chối tiếp nhận giải quyết hồ sơ
    APOLOGY = "apology"  #: Phiếu xin lỗi và hẹn lại ngày trả kết quả
    CONTROL_SHEET = "control-sheet"  #: Phiếu kiểm soát quá trình giải quyết hồ sơ
    ACCEPTANCE_NOTICE = "acceptance-notice"  #: thông báo chấp nhận hồ sơ và thời hạn giải quyết
    INSPECTION_NOTICE = "inspection-notice"  #: thông báo kiểm tra trước hoàn thuế
    INSPECTION_DECISION = "inspection-decision"  #: quyết định kiểm tra
    EXTENSION_NOTICE = "extension-notice"  #: gia hạn thời hạn giải quyết, thời hạn kiểm tra
    PAYMENT_REQUEST = "payment-request"  #: thông báo thực hiện nghĩa vụ tài chính
    PAYMENT_STATEMENT = "payment-statement"  #: bảng kê nộp thuế, nộp phí
    STOP_NOTICE = "stop-notice"  #: thông báo dừng giải quyết
    RESULT = "result"  #: kết quả giải quyết
    REFUSAL = "refusal"  #: từ chối giải quyết, là kết quả (Decree 61/2018/NĐ-CP art. 19.8)


class IssuedBy(StrEnum):
    """Whose paper it is."""

    ONE_STOP = "one-stop"  #: the one-stop unit of the office that received the dossier
    OFFICE = "office"  #: that office
    DECIDING = "deciding"  #: whoever decides: the office, its department, the general department, the ministry
    APPLICANT = "applicant"  #: made by the applicant with the portal's help; not signed


@dataclass(frozen=True, slots=True)
class FormNumber:
    """Number and source of an official form, and the days on which it holds; None: since ever, until further notice."""

    text: str
    in_force_from: date | None = None
    in_force_until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day in Vietnam."""
        return (self.in_force_from or day) <= day <= (self.in_force_until or day)


@dataclass(frozen=True, slots=True)
class BlockTemplate:
    """A block of text before values are put in.

    Attributes:
        text: With `{values}`, and `**bold**`; empty: the block is a list, rows or a table.
        items: Name of a list of values, numbered.
        rows: Name of a list of lines, one paragraph each.
        table: Name of a table.
        needs: Names of values without which the block is left out.
    """

    text: str = ""
    items: str = ""
    rows: str = ""
    table: str = ""
    align: Align = Align.JUSTIFY
    is_indented: bool = False
    is_italic: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureTemplate:
    """Who signs; `capacity` and `remark` with `{values}`."""

    capacity: str
    remark: str = ""
    is_digital: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTemplate:
    """What gives rise to a paper of a kind, and its words. The first template of a kind that fits a fact is taken.

    Attributes:
        actions: Facts that give rise to it; empty: it comes with the dossier or with a payment.
        families: Of procedures; empty: any.
        result_kinds: Of procedures; empty: any.
        traits: That the dossier must have at that fact.
        steps: Ids of steps, for `complete-step`; empty: any.
        in_force_from: First day (of the fact, in Vietnam) on which there is such a paper; None: always was.
        in_force_until: Last such day; None: still is.
        forms: Numbers of the official form; the one that holds on the day is printed, none when none does.
        source: Where layout and words come from, and what of them is ours.
    """

    kind: PaperKind
    title: str
    title_en: str
    summary_en: str
    blocks: tuple[BlockTemplate, ...]
    source: str
    actions: tuple[Action, ...] = ()
    families: frozenset[str] = frozenset()
    result_kinds: frozenset[ResultKind] = frozenset()
    traits: Mapping[str, str] = field(default_factory=dict)
    steps: frozenset[str] = frozenset()
    in_force_from: date | None = None
    in_force_until: date | None = None
    forms: tuple[FormNumber, ...] = ()
    size: PaperSize = PaperSize.A4
    issued_by: IssuedBy = IssuedBy.DECIDING
    symbol: str = ""
    subtitle: str = ""
    signatures: tuple[SignatureTemplate, ...] = ()
    recipients: tuple[str, ...] = ()

    def form_on(self, day: date) -> str:
        """The official form of a day; empty when there is none."""
        return next((form.text for form in self.forms if form.holds_on(day)), "")

    def fits(self, moment: "Moment", procedure: Procedure) -> bool:
        """Whether this fact of a dossier of that procedure gives rise to the paper."""
        day = vietnamese_day(moment.entry.occurred_at)
        return (
            moment.entry.action in self.actions
            and (not self.families or procedure.family in self.families)
            and (not self.result_kinds or procedure.result_kind in self.result_kinds)
            and (not self.steps or moment.step_id in self.steps)
            and all(moment.traits.get(name) == value for name, value in self.traits.items())
            and (self.in_force_from or day) <= day <= (self.in_force_until or day)
        )


@dataclass(frozen=True, slots=True)
class FamilyWords:
    """What a result of a family of procedures says; each with `{values}`.

    Attributes:
        subject: After "Về việc".
        text: What is decided.
        follow_up: What it entails.
        english: A sentence in English.
    """

    subject: str
    text: str
    follow_up: str
    english: str


@dataclass(frozen=True, slots=True)
class PaperWords:
    """All words of papers.

    Attributes:
        templates: In the order in which they are tried.
        families: By name; `default` for those that aren't there.
    """

    templates: tuple[PaperTemplate, ...]
    families: Mapping[str, FamilyWords]

    def of_family(self, family: str) -> FamilyWords:
        """Words for the results of a family."""
        return self.families.get(family, self.families["default"])


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSource:
    """Everything that a dossier's papers are made from.

    Attributes:
        timeline: In order; refused actions among it.
        office: None when the catalogue doesn't know it any more.
        offices: All of them, by code: forms may name others.
        payments: Payment documents in order of their issue.
        handed_in: What was attached when the dossier was filed, in words; empty: nothing.
        issued_code: The number or code that its result gave; empty: none.
    """

    dossier: Dossier
    dossier_id: str
    form: Mapping[str, object]
    timeline: Sequence[TimelineEntry]
    procedure: Procedure
    office: Office | None
    offices: Mapping[str, Office]
    payments: Sequence[PaymentDocument] = ()
    handed_in: Sequence[str] = ()
    issued_code: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A fact, and how the dossier stood at it.

    Attributes:
        traits: That it had then.
        level: Of the authority that decides it, as things stood.
        received_at: Of the last receipt up to it; None: not received.
        due_before: What was due before it.
    """

    entry: TimelineEntry
    traits: Mapping[str, str]
    level: AuthorityLevel
    received_at: datetime | None
    due_before: datetime | None

    @property
    def step_id(self) -> str | None:
        """Which step it is about."""
        return (self.entry.detail or {}).get("step_id")

    @property
    def new_date_at(self) -> datetime | None:
        """The date that an apology gives."""
        text = (self.entry.detail or {}).get("new_date_at")
        return datetime.fromisoformat(text) if isinstance(text, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper that a dossier has.

    Attributes:
        paper_id: Unique in its dossier, such as `receipt-12`.
        ordinal: Among the dossier's papers of its kind, from 1.
        moment: The fact behind it; for a payment statement the request, if the timeline has it.
        payment: Only of a payment statement.
    """

    paper_id: str
    kind: PaperKind
    template: PaperTemplate
    ordinal: int
    issued_at: datetime
    moment: Moment
    payment: PaymentDocument | None = None

    @property
    def is_signed(self) -> bool:
        """Whether an office signs it."""
        return self.template.issued_by is not IssuedBy.APPLICANT


_LEVELS = list(AuthorityLevel)


def papers_of(source: PaperSource, templates: Sequence[PaperTemplate]) -> list[Paper]:
    """Return the papers that a dossier has by now, in the order in which they came to be; the control sheet last."""
    papers: list[Paper] = []
    moments = list(moments_of(source))
    for moment in moments:
        for kind in PaperKind:
            of_kind = (template for template in templates if template.kind is kind)
            template = next((item for item in of_kind if item.fits(moment, source.procedure)), None)
            if template is not None:
                papers.append(_paper(f"{kind}-{moment.entry.position}", template, papers, moment))
        papers += _statements(source, templates, papers, moment)
    if any(moment.entry.action == Action.RECEIVE for moment in moments):
        sheet = next(template for template in templates if template.kind is PaperKind.CONTROL_SHEET)
        papers.append(_paper(PaperKind.CONTROL_SHEET.value, sheet, papers, moments[-1]))
    return papers


def _statements(
    source: PaperSource, templates: Sequence[PaperTemplate], papers: Sequence[Paper], moment: Moment
) -> Iterator[Paper]:
    """Statements of the payments that this fact asked for."""
    if moment.entry.action != Action.REQUEST_PAYMENT:
        return
    template = next(item for item in templates if item.kind is PaperKind.PAYMENT_STATEMENT)
    known = {paper.payment.payment_id for paper in papers if paper.payment is not None}
    for payment in source.payments:
        if payment.issued_at == moment.entry.occurred_at and payment.payment_id not in known:
            yield _paper(f"{template.kind}-{payment.payment_id}", template, papers, moment, payment)


def _paper(
    paper_id: str,
    template: PaperTemplate,
    earlier: Sequence[Paper],
    moment: Moment,
    payment: PaymentDocument | None = None,
) -> Paper:
    return Paper(
        paper_id=paper_id,
        kind=template.kind,
        template=template,
        ordinal=1 + sum(paper.kind is template.kind for paper in earlier),
        issued_at=moment.entry.occurred_at,
        moment=moment,
        payment=payment,
    )


def moments_of(source: PaperSource) -> Iterator[Moment]:
    """Yield each fact that changed the dossier with how things stood at it; refused actions change nothing."""
    facts = [entry for entry in source.timeline if entry.refusal is None]
    traits: Mapping[str, str] = source.dossier.traits or {}
    level, received_at, due_at = _level(source.procedure, traits, source.dossier.filed_at), None, None
    for entry in facts:
        detail = entry.detail or {}
        traits = {**traits, **detail.get("traits", {})}
        if entry.action in {Action.RECEIVE, Action.RESOLVE_AT_ONCE}:
            received_at = entry.occurred_at
        level = max(level, _level(source.procedure, traits, received_at or entry.occurred_at), key=_LEVELS.index)
        if entry.action == Action.FORWARD and detail.get("to_level") in set(AuthorityLevel):
            level = max(level, AuthorityLevel(detail["to_level"]), key=_LEVELS.index)
        yield Moment(entry, traits, level, received_at, due_at)
        due_at = entry.due_at


def _level(procedure: Procedure, traits: Mapping[str, str], at: datetime) -> AuthorityLevel:
    try:
        return rule_for(procedure, traits, at).authority_level or procedure.authority_level
    except NoRuleError:
        return procedure.authority_level
