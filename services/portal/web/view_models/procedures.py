"""Procedures as pages show them: the list by sector, and one with everything that a level-1 service must tell.

What that is stands in Circular 32/2017/TT-BTTTT art. 5.1 (domain facts 1.1). Decides nothing; reads the catalogue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.contracts.catalogue import Catalogue, Effect, LimitRule, LimitStep, Milestone, Procedure, Sector
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.labels import (
    AUTHORITY_LEVEL_LABELS,
    EFFECT_LABELS,
    RESULT_KIND_LABELS,
    SECTOR_LABELS,
    SILENCE_OUTCOME_LABELS,
    SUPPLEMENT_RULE_LABELS,
    Label,
)
from services.portal.application.problems import problem
from services.portal.application.procedure_search import Coverage, ProcedureQuery, coverage, matching
from services.portal.web import words
from services.portal.web.language import gettext, in_words
from services.portal.web.view_models.details import trait_words

#: Longest text that is looked for.
_LONGEST_TEXT: Final = 100


@dataclass(frozen=True, slots=True)
class ProcedureRow:
    """A procedure in the list."""

    procedure_id: str
    name: str
    level: int
    scope: str
    limit: str
    authority: str  #: Vietnamese
    is_own: bool


@dataclass(frozen=True, slots=True)
class SectorGroup:
    """The procedures of one sector."""

    sector: str
    name: str
    rows: Sequence[ProcedureRow]


@dataclass(frozen=True, slots=True)
class ProcedureListPage:
    """The list."""

    query: ProcedureQuery
    groups: Sequence[SectorGroup]
    found: int
    coverage: Coverage

    @property
    def is_filtered(self) -> bool:
        """Whether less than everything is asked for."""
        return self.query != ProcedureQuery()


def parse_procedure_query(arguments: Mapping[str, str]) -> ProcedureQuery:
    """Read the query string of the list; empty values mean "any".

    Raises:
        ProblemError: `invalid-query`.
    """
    given = {name: value.strip() for name, value in arguments.items() if value.strip()}
    is_right = {
        "sector": given.get("sector") in {None, *Sector},
        "level": given.get("level") in {None, "1", "2", "3", "4"},
        "q": len(given.get("q", "")) <= _LONGEST_TEXT,
    }
    wrong = [name for name, holds in is_right.items() if not holds]
    if wrong:
        raise problem("invalid-query", count=len(wrong), errors=[{"pointer": f"/{name}"} for name in wrong])
    return ProcedureQuery(
        sector=Sector(given["sector"]) if "sector" in given else None,
        level=int(given["level"]) if "level" in given else None,
        text=given.get("q", ""),
    )


def procedure_list(query: ProcedureQuery, catalogue: Catalogue) -> ProcedureListPage:
    """What a query finds, by sector in the order of the official report."""
    found = matching(catalogue.procedures.values(), query)
    groups = [
        SectorGroup(
            sector.value,
            in_words(SECTOR_LABELS[sector]),
            [_row(one, catalogue) for one in found if one.sector is sector],
        )
        for sector in Sector
    ]
    return ProcedureListPage(query, [group for group in groups if group.rows], len(found), coverage(catalogue))


def _row(procedure: Procedure, catalogue: Catalogue) -> ProcedureRow:
    return ProcedureRow(
        procedure_id=procedure.procedure_id,
        name=in_words(Label(procedure.name_vi, procedure.name_en)),
        level=procedure.level,
        scope=_scope(procedure),
        limit=_limit(procedure),
        authority=procedure.authority,
        is_own=procedure.procedure_id in catalogue.own_procedures,
    )


def _scope(procedure: Procedure) -> str:
    scope = procedure.online_scope
    return in_words(Label(scope.label_vi, scope.label_en))


def _limit(procedure: Procedure) -> str:
    if procedure.time_limit is None:
        return gettext("none stated by law")
    return words.limit(procedure.time_limit)


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a limit, a milestone within it, or a longer term that it may be given."""

    name: str
    limit: str
    article: str  #: Vietnamese
    depth: int  #: 1 for what lies within a step


@dataclass(frozen=True, slots=True)
class LimitTable:
    """A limit, and when it holds."""

    condition: str  #: empty: always
    whole: str
    article: str  #: Vietnamese
    decided_by: str  #: empty: as the procedure says
    steps: Sequence[StepRow]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of the form."""

    name: str
    label: str
    help: str
    kind: str
    is_required: bool
    example: str
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class ProcedurePage:
    """One procedure."""

    procedure: Procedure
    row: ProcedureRow
    sector: str
    who_may_apply: str
    order_of_steps: Sequence[str]
    ways_of_filing: Sequence[str]
    limits: Sequence[LimitTable]
    result: str
    effect: str  #: empty: none
    fee: str
    supplement: Sequence[tuple[str, str]]  #: a sentence, and its article in Vietnamese
    fields: Sequence[FieldRow]
    period: str  #: empty: always


def procedure_page(procedure: Procedure, catalogue: Catalogue) -> ProcedurePage:
    """Everything a page tells about a procedure."""
    return ProcedurePage(
        procedure=procedure,
        row=_row(procedure, catalogue),
        sector=in_words(SECTOR_LABELS[procedure.sector]),
        who_may_apply=in_words(Label(procedure.who_may_apply_vi, procedure.who_may_apply_en)),
        order_of_steps=_order_of_steps(procedure),
        ways_of_filing=_ways_of_filing(procedure),
        limits=[_limit_table(rule, procedure) for rule in procedure.limit_rules],
        result=in_words(RESULT_KIND_LABELS[procedure.result_kind]),
        effect=_effect(procedure.effect),
        fee=words.dong(procedure.fee_vnd) if procedure.fee_vnd else gettext("free of charge"),
        supplement=_supplement(procedure),
        fields=[_field_row(field) for field in procedure.form],
        period=_period(procedure.in_force_from, procedure.in_force_until),
    )


def _effect(effect: Effect | None) -> str:
    return in_words(EFFECT_LABELS[effect]) if effect else ""


def _order_of_steps(procedure: Procedure) -> list[str]:
    """The general course (Decree 61/2018/NĐ-CP art. 16-20) with the steps of this procedure's first limit."""
    if procedure.automatic_when == {}:
        return [
            gettext("The applicant fills the form in and sends it."),
            gettext("The system resolves the dossier at once and returns the result."),
        ]
    rule = next((rule for rule in procedure.limit_rules if not rule.when), procedure.limit_rules[0])
    middle = [_with_limit(step) for step in rule.steps] or [gettext("The authority examines the dossier and decides.")]
    return [
        gettext("The applicant fills the form in and sends it with the documents."),
        gettext("The receiving office checks the dossier: it receives it, asks once for what is missing, or refuses."),
        *middle,
        gettext("The result is returned to the applicant."),
    ]


def _with_limit(step: LimitStep) -> str:
    return f"{in_words(Label(step.name_vi, step.name_en))}: {words.limit(step.limit)}"


def _ways_of_filing(procedure: Procedure) -> list[str]:
    """What Decree 43/2011/NĐ-CP art. 3 and Decree 61/2018/NĐ-CP art. 16 allow at the procedure's level."""
    ways = [gettext("In person at the office"), gettext("By public post")]
    if procedure.level >= 3:
        ways.insert(0, gettext("Online, round the clock"))
    return ways


def _limit_table(rule: LimitRule, procedure: Procedure) -> LimitTable:
    traits = trait_words(procedure, rule.when)
    period = _period(rule.in_force_from, rule.in_force_until)
    level = rule.authority_level
    return LimitTable(
        condition="; ".join(part for part in (traits, period) if part),
        whole=_whole(rule),
        article=rule.article,
        decided_by=in_words(AUTHORITY_LEVEL_LABELS[level]) if level else "",
        steps=[row for step in rule.steps for row in _step_rows(step)],
    )


def _whole(rule: LimitRule) -> str:
    """All steps together; steps that are counted in different units side by side."""
    if rule.whole_limit is None:
        return gettext("none stated by law")
    if len({step.limit.unit for step in rule.steps}) > 1:
        return " + ".join(words.limit(step.limit) for step in rule.steps)
    return words.limit(rule.whole_limit)


def _step_rows(step: LimitStep) -> list[StepRow]:
    extensions = [
        StepRow(gettext("Extended"), gettext("up to %(limit)s", limit=words.limit(item.limit)), item.article, 1)
        for item in step.extensions
    ]
    return [_step_row(step, 0), *(_step_row(part, 1) for part in step.milestones), *extensions]


def _step_row(part: LimitStep | Milestone, depth: int) -> StepRow:
    return StepRow(in_words(Label(part.name_vi, part.name_en)), words.limit(part.limit), part.article, depth)


def _period(first: date | None, last: date | None) -> str:
    if first and last:
        return gettext("from %(first)s to %(last)s", first=words.day(first), last=words.day(last))
    if first:
        return gettext("from %(first)s", first=words.day(first))
    return gettext("until %(last)s", last=words.day(last)) if last else ""


def _supplement(procedure: Procedure) -> list[tuple[str, str]]:
    terms = procedure.supplement
    notice, silence = words.limit(terms.notice_limit), words.limit(terms.silence_limit)
    outcome = in_words(SILENCE_OUTCOME_LABELS[terms.silence_outcome])
    return [
        (in_words(SUPPLEMENT_RULE_LABELS[terms.rule]), terms.rule_article),
        (gettext("The office may ask within %(limit)s of receipt", limit=notice), terms.notice_article),
        (
            gettext("Without an answer within %(limit)s: %(outcome)s", limit=silence, outcome=outcome),
            terms.silence_article,
        ),
    ]


def _field_row(field: FormField) -> FieldRow:
    notes = [
        gettext("decides about limits") if field.is_trait else "",
        gettext("must stand in the register") if field.must_be_registered else "",
    ]
    return FieldRow(
        name=field.name,
        label=in_words(Label(field.label_vi, field.label_en)),
        help=in_words(Label(field.help_vi, field.help_en)),
        kind=_kind(field),
        is_required=field.required,
        example=_example(field),
        notes=[note for note in notes if note],
    )


def _example(field: FormField) -> str:
    if isinstance(field.example, bool):
        return gettext("yes") if field.example else gettext("no")
    return str(field.example)


def _kind(field: FormField) -> str:
    """What may stand in the field."""
    if field.choices:
        return "; ".join(in_words(Label(item.label_vi, item.label_en)) for item in field.choices)
    return in_words(_KINDS[field.kind])


_KINDS: Final[Mapping[FieldKind, Label]] = {
    FieldKind.DECLARATION_NUMBER: Label("số tờ khai", "declaration number"),
    FieldKind.TAX_CODE: Label("mã số thuế", "tax code"),
    FieldKind.OFFICE_CODE: Label("mã đơn vị hải quan", "office code"),
    FieldKind.TEXT: Label("văn bản", "text"),
    FieldKind.MONEY_VND: Label("số tiền, đồng", "amount in dong"),
    FieldKind.DATE: Label("ngày", "date"),
    FieldKind.CHOICE: Label("lựa chọn", "choice"),
    FieldKind.BOOLEAN: Label("có hoặc không", "yes or no"),
    FieldKind.INTEGER: Label("số nguyên", "whole number"),
    FieldKind.PERSONAL_NUMBER: Label("số CMND hoặc CCCD", "identity card number"),
    FieldKind.EMAIL: Label("thư điện tử", "e-mail address"),
    FieldKind.PHONE: Label("số điện thoại", "telephone number"),
    FieldKind.COUNTRY: Label("mã nước", "country code"),
    FieldKind.MANIFEST_NUMBER: Label("số bản khai hàng hóa", "manifest number"),
    FieldKind.FACILITY_CODE: Label("mã cơ sở sản xuất", "facility code"),
    FieldKind.HS_CODE: Label("mã HS", "HS code"),
}
