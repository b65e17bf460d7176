"""Procedures as data files write them, with what several of them share, and what a user's files change.

A procedure of a user's folder with an id that is known changes the fields that it names; with any other id it is new.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from services.contracts.catalogue import (
    REGISTER_TRAITS,
    AuthorityLevel,
    Confidence,
    Effect,
    LimitRule,
    Office,
    Procedure,
    ResultKind,
    Sector,
    SilenceOutcome,
    SupplementRule,
    SupplementTerms,
)
from services.contracts.form_fields import FieldKind
from services.runtime.data_folders import DataFolder
from services.runtime.form_files import Form, load_forms, shared_fields
from services.runtime.limit_files import (
    LIMIT_FIELDS,
    Traits,
    check_period,
    check_traits,
    read_limit_rules,
    read_time_limit,
)
from services.runtime.records import DataFileError, Record, read_yaml

_T = TypeVar("_T")

#: Far above every shipped fee, and far below what the register of payments has room for.
_LARGEST_FEE_VND: Final = 10**12

#: Fields that an effect reads where the form has them, with the kinds that it can read.
_READ_FIELDS: Final[Mapping[Effect, Mapping[str, FieldKind]]] = {
    Effect.EXTEND_STORAGE: {"storage_until": FieldKind.DATE, "extension_days": FieldKind.INTEGER},
    Effect.REGISTER_FACILITY: {"changed_facility_code": FieldKind.FACILITY_CODE},
    Effect.FILE_SETTLEMENT_REPORT: {"financial_year_ends_on": FieldKind.DATE},
}


@dataclass(frozen=True, slots=True)
class _Shared:
    """What procedures name instead of writing it out.

    Attributes:
        forms: By id.
        limit_rules: By name.
        supplements: By name.
    """

    forms: Mapping[str, Form]
    limit_rules: Mapping[str, Sequence[Record]]
    supplements: Mapping[str, Record]


def load_procedures(
    folders: Sequence[DataFolder], offices: Mapping[str, Office]
) -> tuple[dict[str, Procedure], frozenset[str]]:
    """Return the procedures of all folders by id, in the order of files; and the ids that a user added or changed.

    Args:
        folders: The shipped one, and perhaps a user's.
        offices: By code; examples in forms must be among them.

    Raises:
        DataFileError: A row or a form is wrong, an id is given twice in a folder, or a form belongs to no procedure.
    """
    fields = _named(folders, "shared/fields.yaml", shared_fields)
    forms = load_forms(folders, fields, offices)
    shared = _Shared(
        forms={form_id: form for form_id, (_, form) in forms.items()},
        limit_rules=_named(folders, "shared/limit_rules.yaml", _shared_rules),
        supplements=_named(folders, "shared/supplements.yaml", _shared_supplements),
    )
    used: set[str] = set()
    rows, own = _procedure_rows(folders)
    procedures = {procedure_id: _procedure(row, shared, used) for procedure_id, row in rows.items()}
    for form_id, (name, _) in forms.items():
        if form_id not in used:
            raise DataFileError(f"{name} is the form of no procedure.")
    return procedures, own


def _named(folders: Sequence[DataFolder], path: str, read: Callable[[Record], Mapping[str, _T]]) -> dict[str, _T]:
    """What a file says in each folder that has it, by name; a later folder's wins."""
    found: dict[str, _T] = {}
    for folder in folders:
        file = folder.file(path)
        if file is not None:
            found |= read(read_yaml(file, folder.name_of(file)))
    return found


def _shared_rules(document: Record) -> dict[str, list[Record]]:
    shared: dict[str, list[Record]] = {}
    for row in document.records("limit_rules"):
        name = _new_name(row, shared)
        shared[name] = row.records("rules")
        row.finish()
    document.finish()
    return shared


def _shared_supplements(document: Record) -> dict[str, Record]:
    shared: dict[str, Record] = {}
    for row in document.records("supplements"):
        shared[_new_name(row, shared)] = row
    document.finish()
    return shared


def _new_name(row: Record, known: Container[str]) -> str:
    name = row.slug("name", "-")
    if name in known:
        row.fail("name", f"{name!r} is given twice")
    return name


def _procedure_rows(folders: Sequence[DataFolder]) -> tuple[dict[str, Record], frozenset[str]]:
    rows: dict[str, Record] = {}
    own: set[str] = set()
    for folder in folders:
        found = _rows_of(folder)
        if folder.is_own:
            own |= set(found)
        for procedure_id, row in found.items():
            rows[procedure_id] = _changed(rows[procedure_id], row) if procedure_id in rows else row
    return rows, frozenset(own)


def _rows_of(folder: DataFolder) -> dict[str, Record]:
    rows: dict[str, Record] = {}
    for file in folder.files("procedures"):
        listing = read_yaml(file, folder.name_of(file))
        for row in listing.records("procedures"):
            procedure_id = row.copy().slug("procedure_id", "-")
            if procedure_id in rows:
                row.fail("procedure_id", f"{procedure_id!r} is given twice")
            rows[procedure_id] = row
        listing.finish()
    return rows


def _changed(row: Record, change: Record) -> Record:
    """A shipped procedure with a user's fields; a limit written in another way takes the place of the shipped one."""
    if any(change.has(field) for field in LIMIT_FIELDS):
        row = row.without(*LIMIT_FIELDS)
    return row.changed_by(change)


def _procedure(row: Record, shared: _Shared, used: set[str]) -> Procedure:
    form = _form_of(row, shared.forms, used)
    traits = {**REGISTER_TRAITS, **_form_traits(form)}
    period = row.optional("in_force_from", row.day), row.optional("in_force_until", row.day)
    check_period(row, *period)
    rules = read_limit_rules(row, shared.limit_rules, traits, period)
    procedure = Procedure(
        procedure_id=row.slug("procedure_id", "-"),
        official_code=row.optional("official_code", row.text),
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        family=row.slug("family", "-"),
        sector=row.member("sector", Sector),
        authority=row.text("authority"),
        authority_level=row.member("authority_level", AuthorityLevel),
        who_may_apply_vi=row.text("who_may_apply_vi"),
        who_may_apply_en=row.text("who_may_apply_en"),
        level=row.number("level"),
        limit_rules=rules,
        supplement=_supplement(row, shared.supplements, rules, traits),
        fee_vnd=row.number("fee_vnd"),
        fee_source=row.text("fee_source"),
        effect=row.optional("effect", lambda field: row.member(field, Effect)),
        result_kind=row.member("result_kind", ResultKind),
        documents=row.texts("documents"),
        legal_basis=row.texts("legal_basis"),
        form=form.fields,
        form_source=form.source,
        source=row.text("source"),
        confidence=row.member("confidence", Confidence),
        automatic_when=_automatic_when(row, traits),
        in_force_from=period[0],
        in_force_until=period[1],
    )
    if procedure.level not in (1, 2, 3, 4):
        row.fail("level", f"{procedure.level} is not a level from 1 to 4")
    if procedure.fee_vnd < 0:
        row.fail("fee_vnd", "a fee can't be negative")
    if procedure.fee_vnd > _LARGEST_FEE_VND:
        row.fail("fee_vnd", f"{procedure.fee_vnd} is more than {_LARGEST_FEE_VND}")
    _check_effect(row, procedure)
    row.finish()
    return procedure


def _check_effect(row: Record, procedure: Procedure) -> None:
    """Refuse an effect that can't read its form: a field that it looks at is of another kind there."""
    effect = procedure.effect
    wanted = _READ_FIELDS.get(effect, {}) if effect else {}
    for field in procedure.form:
        kind = wanted.get(field.name, field.kind)
        if field.kind is not kind:
            row.fail("effect", f"{effect} reads {field.name} as {kind}, but in the form it is {field.kind}")


def _form_of(row: Record, forms: Mapping[str, Form], used: set[str]) -> Form:
    form_id = row.slug("form", "-")
    if form_id not in forms:
        row.fail("form", f"there is no form {form_id!r}; a form is a file forms/{form_id}.yaml")
    used.add(form_id)
    return forms[form_id]


def _form_traits(form: Form) -> dict[str, tuple[str, ...]]:
    return {
        field.name: tuple(choice.value for choice in field.choices) if field.choices else ("true", "false")
        for field in form.fields
        if field.is_trait
    }


def _automatic_when(row: Record, traits: Traits) -> Mapping[str, str] | None:
    if not row.has("automatic_when"):
        return None
    when = row.record("automatic_when").all_texts()
    check_traits(row, "automatic_when", when, traits)
    return when


def _supplement(
    row: Record, shared: Mapping[str, Record], rules: Sequence[LimitRule], traits: Traits
) -> SupplementTerms:
    if row.holds_text("supplement"):
        name = row.text("supplement")
        if name not in shared:
            row.fail("supplement", f"{name!r} is none of the shared ones: {', '.join(sorted(shared))}")
        terms = _supplement_terms(shared[name].copy())
    else:
        terms = _supplement_terms(row.record("supplement"))
    check_traits(row, "supplement", terms.silence_traits, traits)
    is_reclassified = terms.silence_outcome is SilenceOutcome.RECLASSIFY
    if is_reclassified and not any(rule.when and rule.when.items() <= terms.silence_traits.items() for rule in rules):
        row.fail("supplement", "its silence_traits lead to no limit rule: no rule's `when` asks for them")
    return terms


def _supplement_terms(row: Record) -> SupplementTerms:
    terms = SupplementTerms(
        rule=row.member("rule", SupplementRule),
        rule_article=row.text("rule_article"),
        rule_source=row.text("rule_source"),
        notice_limit=read_time_limit(row.record("notice_limit")),
        notice_article=row.text("notice_article"),
        silence_limit=read_time_limit(row.record("silence_limit")),
        silence_outcome=row.member("silence_outcome", SilenceOutcome),
        silence_article=row.text("silence_article"),
        silence_traits=row.optional("silence_traits", lambda field: row.record(field).all_texts()) or {},
    )
    if terms.silence_traits and terms.silence_outcome is not SilenceOutcome.RECLASSIFY:
        row.fail("silence_traits", f"they are for silence_outcome reclassify, not {terms.silence_outcome}")
    row.finish()
    return terms
