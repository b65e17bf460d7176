"""The values that a paper's words are filled with: names, days, amounts, what was filled in, what happened.

Each is text as it is printed; one that a paper doesn't have is empty, and blocks that need it are left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.contracts.catalogue import LimitRule, TimeLimit, TimeUnit
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.labels import APPLICANT_KIND_LABELS, CHANNEL_LABELS, REASON_LABELS
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import ApplicantKind, Channel, Reason
from services.law.rules import NoRuleError, rule_for
from services.portal.domain.papers.issuers import Issuer
from services.portal.domain.papers.paper_tables import payment_subject, payment_table, steps_table
from services.portal.domain.papers.papers import FamilyWords, Moment, Paper, PaperKind, PaperSource
from services.portal.domain.papers.sheets import Table
from services.portal.domain.papers.vietnamese import (
    day_words,
    dong,
    dong_words,
    english_instant,
    instant_words,
    limit_words,
    office_words,
)
from services.portal.domain.payments.payments import grouped
from services.portal.domain.sandbox import TimelineEntry

#: What `{name}` in the words of a paper may be; `{form[field]}` besides, for fields of the procedure's form.
VALUE_NAMES: Final = frozenset(
    {
        "account", "amount", "amount_words", "applicant", "applicant_id", "applicant_id_label", "applicant_kind",
        "article", "authority", "cause", "channel", "day", "department", "dossier_id", "due_at", "due_before",
        "due_before_en", "due_en", "extension", "filed_at", "follow_up", "head", "instant", "instant_en",
        "issued_code", "issuer", "limit", "new_date", "new_date_en", "office", "payment_form", "payment_id",
        "payment_subject", "procedure", "procedure_en", "procedure_lower", "reason", "reason_en", "received_at",
        "received_en", "result_en", "result_text", "silence", "step", "subject",
    }
)  # fmt: skip

#: What `items`, `rows` and `table` of a block may name.
ITEM_NAMES: Final = frozenset({"documents", "requested", "basis"})
ROW_NAMES: Final = frozenset({"form"})
TABLE_NAMES: Final = frozenset({"steps", "payment"})

_NO_LIMIT: Final = "pháp luật không quy định thời hạn"
_NO_DATE: Final = "theo thông báo của cơ quan giải quyết (pháp luật không quy định thời hạn)"
_NO_DATE_EN: Final = "when it is ready, since the law states no time limit"


@dataclass(frozen=True, slots=True)
class PaperValues:
    """Values by name.

    Attributes:
        texts: For `{name}`: all of `VALUE_NAMES`, empty for what the paper doesn't have.
        form: For `{form[field]}`.
        items: Lists.
        rows: Lists of labels with their values.
        tables: Tables.
    """

    texts: Mapping[str, str]
    form: Mapping[str, str]
    items: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, tuple[tuple[str, str], ...]]
    tables: Mapping[str, Table]

    def has(self, name: str) -> bool:
        """Whether there is such a value, list, or field (`form.field`), with something in it."""
        if name.startswith("form."):
            return bool(self.form.get(name.removeprefix("form.")))
        return bool(self.texts.get(name) or self.items.get(name) or self.rows.get(name) or name in self.tables)


def values_for(
    paper: Paper, source: PaperSource, family: FamilyWords, *, issuer: Issuer, receiver: Issuer
) -> PaperValues:
    """Return everything that the words of a paper may refer to.

    Args:
        paper: Which paper.
        source: Of its dossier.
        family: What a result of its procedure says.
        issuer: Whose paper it is.
        receiver: The office that received the dossier.
    """
    filled_in = [item for item in source.procedure.form if source.form.get(item.name) is not None]
    form = {item.name: _field_text(item, source.form[item.name], source) for item in filled_in}
    texts = {
        **dict.fromkeys(VALUE_NAMES, ""),
        **_dossier_texts(source, receiver),
        **_moment_texts(paper.moment, source),
        **_payment_texts(paper, source),
        "issuer": issuer.name,
        "head": issuer.head,
    }
    for name, words in (
        ("subject", family.subject),
        ("result_text", family.text),
        ("follow_up", family.follow_up),
        ("result_en", family.english),
    ):
        texts[name] = words.format(**texts)
    tables = {"steps": steps_table(source)} if paper.kind is PaperKind.CONTROL_SHEET else {}
    if paper.payment is not None:
        tables["payment"] = payment_table(paper.payment)
    return PaperValues(
        texts=texts,
        form=form,
        items={
            "documents": tuple(source.handed_in) or source.procedure.documents,
            "requested": _lines(paper.moment.entry.note or _reason(paper.moment.entry)) or (_NOT_STATED,),
            "basis": source.procedure.legal_basis,
        },
        rows={"form": tuple((item.label_vi, form[item.name]) for item in filled_in)},
        tables=tables,
    )


#: Stands where the officer gave neither a reason nor a note.
_NOT_STATED: Final = "Không nêu cụ thể"


def _field_text(item: FormField, value: object, source: PaperSource) -> str:
    text = str(value)
    if item.kind is FieldKind.BOOLEAN:
        return "Có" if value else "Không"
    if item.kind is FieldKind.MONEY_VND and isinstance(value, int):
        return dong(value)
    if item.kind is FieldKind.DATE:
        return "/".join(reversed(text.split("-")))
    if item.kind is FieldKind.CHOICE:
        return next((choice.label_vi for choice in item.choices if choice.value == text), text)
    if item.kind is FieldKind.OFFICE_CODE and text in source.offices:
        return f"{office_words(source.offices[text].name_vi)} ({text})"
    return text


def _dossier_texts(source: PaperSource, receiver: Issuer) -> dict[str, str]:
    dossier, procedure = source.dossier, source.procedure
    is_citizen = dossier.applicant_kind == ApplicantKind.CITIZEN
    return {
        "dossier_id": source.dossier_id,
        "applicant": dossier.applicant_name,
        "applicant_id": dossier.applicant_id,
        "applicant_id_label": "Số CMND/CCCD" if is_citizen else "Mã số thuế",
        "applicant_kind": APPLICANT_KIND_LABELS[ApplicantKind(dossier.applicant_kind)].vi,
        "procedure": procedure.name_vi,
        "procedure_lower": procedure.name_vi[:1].lower() + procedure.name_vi[1:],
        "procedure_en": procedure.name_en,
        "authority": procedure.authority,
        "channel": CHANNEL_LABELS[Channel(dossier.channel)].vi.lower(),
        "office": receiver.name,
        "department": receiver.above,
        "filed_at": instant_words(dossier.filed_at),
        "silence": limit_words(procedure.supplement.silence_limit),
        "issued_code": source.issued_code,
    }


def _moment_texts(moment: Moment, source: PaperSource) -> dict[str, str]:
    entry, detail = moment.entry, moment.entry.detail or {}
    rule = _rule(moment, source)
    due_at = entry.due_at
    texts = {
        "day": day_words(vietnamese_day(entry.occurred_at)),
        "instant": instant_words(entry.occurred_at),
        "instant_en": english_instant(entry.occurred_at),
        "reason": ". ".join(_lines(_reason(entry))),
        "cause": _cause(entry),
        "reason_en": REASON_LABELS[Reason(entry.reason)].en.lower() if entry.reason else "not stated",
        "limit": _limit(rule),
        "due_at": instant_words(due_at) if due_at else _NO_DATE,
        "due_en": f"by {english_instant(due_at)}" if due_at else _NO_DATE_EN,
        "article": str(detail.get("article", "")),
        "step": _step_name(rule, moment.step_id),
        "extension": _extension(detail),
    }
    instants = {
        "received_at": ("received_en", moment.received_at),
        "due_before": ("due_before_en", moment.due_before),
        "new_date": ("new_date_en", moment.new_date_at),
    }
    for name, (name_en, at) in instants.items():
        if at is not None:
            texts[name], texts[name_en] = instant_words(at), english_instant(at)
    return texts


def _payment_texts(paper: Paper, source: PaperSource) -> dict[str, str]:
    """What is to be paid: the document's own, or what the request said, or the fee."""
    detail = paper.moment.entry.detail or {}
    if (payment := paper.payment) is not None:
        return {
            "amount": dong(payment.amount_vnd),
            "amount_words": dong_words(payment.amount_vnd),
            "payment_id": grouped(payment.payment_id),
            "payment_form": payment.kind.form,
            "payment_subject": payment_subject(payment),
            "account": payment.account,
        }
    if paper.kind is not PaperKind.PAYMENT_REQUEST:
        return {}
    told = detail.get("amount_vnd")
    amount = told if isinstance(told, int) else source.procedure.fee_vnd
    return {"amount": dong(amount), "amount_words": dong_words(amount)} if amount > 0 else {}


def _cause(entry: TimelineEntry) -> str:
    """The reason alone; "another reason" says nothing where a note says which."""
    if not entry.reason or (entry.reason == Reason.OTHER and entry.note):
        return ""
    return REASON_LABELS[Reason(entry.reason)].vi


def _reason(entry: TimelineEntry) -> str:
    """Reason and note, a line or more."""
    return "\n".join(text for text in (_cause(entry), entry.note) if text)


def _lines(text: str) -> tuple[str, ...]:
    lines = (line.strip().strip("-•;").strip().rstrip(".") for line in text.splitlines())
    return tuple(line for line in lines if line)


def _rule(moment: Moment, source: PaperSource) -> LimitRule | None:
    try:
        return rule_for(source.procedure, moment.traits, moment.received_at or moment.entry.occurred_at)
    except NoRuleError:
        return None


def _limit(rule: LimitRule | None) -> str:
    """The statutory limit with its steps."""
    steps = rule.steps if rule else ()
    if len(steps) <= 1:
        return limit_words(steps[0].limit) if steps else _NO_LIMIT
    return " và ".join(f"{limit_words(step.limit)} ({step.name_vi.lower()})" for step in steps)


def _step_name(rule: LimitRule | None, step_id: str | None) -> str:
    names: dict[str, str] = {}
    for step in rule.steps if rule else ():
        names |= {step.step_id: step.name_vi} | {part.step_id: part.name_vi for part in step.milestones}
    return names.get(step_id or "", "")


def _extension(detail: Mapping[str, Any]) -> str:
    if detail.get("unit") not in {unit.value for unit in TimeUnit}:
        return ""
    return limit_words(TimeLimit(int(detail["amount"]), TimeUnit(detail["unit"])))
