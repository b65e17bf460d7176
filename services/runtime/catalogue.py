"""Loads the catalogue from the data files of contracts, and checks it.

Nothing is read at import; `load_catalogue` is called once by each service's bootstrap. Days off that the `holidays`
library computes come from `calendar/holidays.csv`, which `tools/generate_calendar.py` writes and a test compares with
the library: importing the library costs each process two thirds of a second, reading its answers about a millisecond.
"""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

import services.contracts
from services.contracts.catalogue import (
    AuthorityLevel,
    CalendarData,
    Catalogue,
    Choice,
    Confidence,
    Effect,
    Extension,
    FieldKind,
    FormField,
    LimitRule,
    LimitStep,
    Milestone,
    Office,
    OfficeKind,
    Procedure,
    PublishedTotals,
    ResultKind,
    Sector,
    SilenceOutcome,
    SupplementRule,
    SupplementTerms,
    TimeLimit,
    TimeUnit,
)
from services.contracts.identifiers import (
    is_country,
    is_declaration_number,
    is_email,
    is_facility_code,
    is_manifest_number,
    is_personal_number,
    is_phone,
    is_tax_code,
)
from services.runtime.records import DataFileError, Record, read_csv, read_yaml

#: Where the data files are.
DATA_FOLDER: Final = Path(str(services.contracts.__file__)).parent / "data"

#: First and last day for which the calendar is filled; a deadline beyond them is an error, never a guess.
HORIZON: Final = (date(2016, 1, 1), date(2032, 12, 31))

CALENDAR_COLUMNS: Final = ("date", "kind", "name_vi", "source", "confidence")
_OFFICE_COLUMNS: Final = (
    "code",
    "name_vi",
    "kind",
    "department_code",
    "department_name_vi",
    "department_name_en",
    "source",
    "confidence",
)


class DayKind(StrEnum):
    """What a row of a calendar file says about its day."""

    #: The office is closed.
    OFF = "off"
    #: The office is open: a weekend worked in exchange, or a day off taken back.
    WORK = "work"


def load_catalogue(folder: Path = DATA_FOLDER) -> Catalogue:
    """Return the catalogue of a data folder.

    Args:
        folder: Laid out like `services/contracts/data`.

    Raises:
        DataFileError: Something in the files is wrong; the sentence names file, line and field.
    """
    offices = load_offices(folder / "offices.csv")
    procedures, published = load_procedures(folder / "procedures.yaml", folder / "forms", offices)
    return Catalogue(
        procedures=procedures,
        offices=offices,
        calendar=load_calendar(folder / "calendar" / "holidays.csv", folder / "calendar" / "holidays_override.csv"),
        published=published,
    )


def load_offices(file: Path) -> dict[str, Office]:
    """Return the offices of a file by code, in its order.

    Raises:
        DataFileError: A row is wrong or a code is given twice.
    """
    offices: dict[str, Office] = {}
    for row in read_csv(file, _OFFICE_COLUMNS):
        office = Office(
            code=row.text("code"),
            name_vi=row.text("name_vi"),
            kind=row.member("kind", OfficeKind),
            department_code=row.text("department_code"),
            department_name_vi=row.text("department_name_vi"),
            department_name_en=row.text("department_name_en"),
            source=row.text("source"),
            confidence=row.member("confidence", Confidence),
        )
        if len(office.code) != 4 or not office.code.startswith(office.department_code):
            row.fail("code", f"{office.code!r} must be four characters that begin with the department's code")
        if office.code in offices:
            row.fail("code", f"{office.code!r} is given twice")
        offices[office.code] = office
    return offices


def load_calendar(computed: Path, override: Path, horizon: tuple[date, date] = HORIZON) -> CalendarData:
    """Return the calendar: what was computed, with the override on top.

    Args:
        computed: Days off and worked weekends from the `holidays` library.
        override: Rows in the same form that win over computed ones; each day at most once.
        horizon: First and last day; rows outside it are refused.

    Raises:
        DataFileError: A row is wrong, outside the horizon, or a file gives a day twice.
    """
    kinds: dict[date, DayKind] = {}
    sources: dict[date, str] = {}
    for file in (computed, override):
        seen: set[date] = set()
        for row in read_csv(file, CALENDAR_COLUMNS):
            day = row.day("date")
            if day in seen:
                row.fail("date", f"{day} is given twice")
            if not horizon[0] <= day <= horizon[1]:
                row.fail("date", f"{day} is outside {horizon[0]} to {horizon[1]}")
            seen.add(day)
            kinds[day] = row.member("kind", DayKind)
            row.member("confidence", Confidence)
            sources[day] = f"{row.text('name_vi')}; {row.text('source')}"
    return CalendarData(
        days_off=frozenset(day for day, kind in kinds.items() if kind is DayKind.OFF),
        working_weekends=frozenset(day for day, kind in kinds.items() if kind is DayKind.WORK and day.weekday() >= 5),
        first_on=horizon[0],
        last_on=horizon[1],
        sources=sources,
    )


def load_procedures(
    file: Path, forms: Path, offices: Mapping[str, Office]
) -> tuple[dict[str, Procedure], PublishedTotals]:
    """Return the procedures of a file by id, in its order, each with the form of that name; and the published totals.

    Args:
        file: The list of procedures.
        forms: Folder with one file a procedure.
        offices: By code; examples in forms must be among them.

    Raises:
        DataFileError: A row or a form is wrong, an id is given twice, or a form belongs to no procedure.
    """
    listing = read_yaml(file)
    published = _published(listing.record("published"))
    procedures: dict[str, Procedure] = {}
    for row in listing.records("procedures"):
        procedure = _procedure(row, forms, offices)
        if procedure.procedure_id in procedures:
            row.fail("procedure_id", f"{procedure.procedure_id!r} is given twice")
        procedures[procedure.procedure_id] = procedure
    listing.finish()
    for form in forms.glob("*.yaml"):
        if form.stem not in procedures:
            raise DataFileError(f"{form.name} is the form of no procedure in {file.name}.")
    return procedures, published


def _published(row: Record) -> PublishedTotals:
    totals = PublishedTotals(
        procedures=row.number("procedures"),
        level_3_or_more=row.number("level_3_or_more"),
        level_4=row.number("level_4"),
        as_of=row.day("as_of"),
        source=row.text("source"),
    )
    row.finish()
    return totals


def _procedure(row: Record, forms: Path, offices: Mapping[str, Office]) -> Procedure:
    procedure_id = row.slug("procedure_id", "-")
    form_source, form = _form(forms / f"{procedure_id}.yaml", procedure_id, offices)
    procedure = Procedure(
        procedure_id=procedure_id,
        official_code=row.optional("official_code", row.text),
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        family=row.slug("family", "-"),
        sector=row.member("sector", Sector),
        authority=row.text("authority"),
        authority_level=row.member("authority_level", AuthorityLevel),
        level=row.number("level"),
        limit_rules=tuple(_limit_rule(rule) for rule in row.records("limit_rules")),
        supplement=_supplement(row.record("supplement")),
        fee_vnd=row.number("fee_vnd"),
        fee_source=row.text("fee_source"),
        effect=row.optional("effect", lambda field: row.member(field, Effect)),
        result_kind=row.member("result_kind", ResultKind),
        documents=row.texts("documents"),
        legal_basis=row.texts("legal_basis"),
        form=form,
        form_source=form_source,
        source=row.text("source"),
        confidence=row.member("confidence", Confidence),
        automatic_when=row.record("automatic_when").all_texts() if row.has("automatic_when") else None,
        in_force_from=row.optional("in_force_from", row.day),
        in_force_until=row.optional("in_force_until", row.day),
    )
    if procedure.level not in (1, 2, 3, 4):
        row.fail("level", f"{procedure.level} is not a level from 1 to 4")
    if procedure.fee_vnd < 0:
        row.fail("fee_vnd", "a fee can't be negative")
    row.finish()
    return procedure


def _limit_rule(row: Record) -> LimitRule:
    rule = LimitRule(
        rule_id=row.slug("rule_id", "-"),
        article=row.text("article"),
        steps=tuple(_limit_step(step) for step in row.optional("steps", row.records) or ()),
        in_force_from=row.optional("in_force_from", row.day),
        in_force_until=row.optional("in_force_until", row.day),
        when=row.optional("when", lambda field: row.record(field).all_texts()) or {},
    )
    row.finish()
    return rule


def _limit_step(row: Record) -> LimitStep:
    step = LimitStep(
        step_id=row.slug("step_id", "-"),
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        limit=_time_limit(row.record("limit")),
        article=row.text("article"),
        milestones=tuple(_milestone(part) for part in row.optional("milestones", row.records) or ()),
        extensions=tuple(_extension(part) for part in row.optional("extensions", row.records) or ()),
    )
    row.finish()
    return step


def _milestone(row: Record) -> Milestone:
    milestone = Milestone(
        step_id=row.slug("step_id", "-"),
        name_vi=row.text("name_vi"),
        name_en=row.text("name_en"),
        limit=_time_limit(row.record("limit")),
        article=row.text("article"),
    )
    row.finish()
    return milestone


def _extension(row: Record) -> Extension:
    extension = Extension(_time_limit(row.record("limit")), row.text("article"))
    row.finish()
    return extension


def _supplement(row: Record) -> SupplementTerms:
    terms = SupplementTerms(
        rule=row.member("rule", SupplementRule),
        rule_article=row.text("rule_article"),
        rule_source=row.text("rule_source"),
        notice_limit=_time_limit(row.record("notice_limit")),
        notice_article=row.text("notice_article"),
        silence_limit=_time_limit(row.record("silence_limit")),
        silence_outcome=row.member("silence_outcome", SilenceOutcome),
        silence_article=row.text("silence_article"),
        silence_traits=row.optional("silence_traits", lambda field: row.record(field).all_texts()) or {},
    )
    row.finish()
    return terms


def _time_limit(row: Record) -> TimeLimit:
    amount, unit = row.number("amount"), row.member("unit", TimeUnit)
    if amount < 1:
        row.fail("amount", f"{amount} is not a number of {unit}; a procedure without a limit has time_limit: null")
    row.finish()
    return TimeLimit(amount, unit)


def _form(file: Path, procedure_id: str, offices: Mapping[str, Office]) -> tuple[str, tuple[FormField, ...]]:
    document = read_yaml(file)
    if document.text("procedure_id") != procedure_id:
        document.fail("procedure_id", f"the file's name says {procedure_id!r}")
    source = document.text("source")
    fields: dict[str, FormField] = {}
    for row in document.records("fields"):
        field = _form_field(row, offices)
        if field.name in fields:
            row.fail("name", f"{field.name!r} is given twice")
        fields[field.name] = field
    document.finish()
    return source, tuple(fields.values())


def _form_field(row: Record, offices: Mapping[str, Office]) -> FormField:
    kind = row.member("kind", FieldKind)
    field = FormField(
        name=row.slug("name", "_"),
        kind=kind,
        required=row.flag("required"),
        label_vi=row.text("label_vi"),
        label_en=row.text("label_en"),
        help_vi=row.text("help_vi"),
        help_en=row.text("help_en"),
        example=row.scalar("example"),
        choices=tuple(_choice(choice) for choice in row.records("choices")) if kind is FieldKind.CHOICE else (),
        max_length=row.number("max_length") if kind is FieldKind.TEXT else None,
        min_value=row.optional("min_value", row.number) if kind in _NUMBERS else None,
        max_value=row.optional("max_value", row.number) if kind in _NUMBERS else None,
        is_trait=bool(row.optional("is_trait", row.flag)) if kind in _TRAITS else False,
        must_be_registered=bool(row.optional("must_be_registered", row.flag)) if kind in _REGISTERED else False,
    )
    if not _fits(field, offices):
        row.fail("example", f"{field.example!r} is no right value of {field.name!r}")
    row.finish()
    return field


def _choice(row: Record) -> Choice:
    choice = Choice(row.text("value"), row.text("label_vi"), row.text("label_en"))
    row.finish()
    return choice


_NUMBERS: Final = (FieldKind.MONEY_VND, FieldKind.INTEGER)
_TRAITS: Final = (FieldKind.CHOICE, FieldKind.BOOLEAN)
_REGISTERED: Final = (FieldKind.DECLARATION_NUMBER, FieldKind.MANIFEST_NUMBER, FieldKind.FACILITY_CODE)


def _fits(field: FormField, offices: Mapping[str, Office]) -> bool:
    """Tell whether a field's own example is a right value of it."""
    value = field.example
    if field.kind is FieldKind.BOOLEAN:
        return isinstance(value, bool)
    if field.kind in _NUMBERS:
        # bool is an int to isinstance, but not a number to a form.
        return type(value) is int and _within(value, field.min_value, field.max_value)
    checks: dict[FieldKind, Callable[[str], bool]] = {
        FieldKind.DECLARATION_NUMBER: is_declaration_number,
        FieldKind.TAX_CODE: is_tax_code,
        FieldKind.OFFICE_CODE: offices.__contains__,
        FieldKind.DATE: _is_date,
        FieldKind.CHOICE: {choice.value for choice in field.choices}.__contains__,
        FieldKind.TEXT: lambda text: len(text) <= (field.max_length or 0),
        FieldKind.PERSONAL_NUMBER: is_personal_number,
        FieldKind.EMAIL: is_email,
        FieldKind.PHONE: is_phone,
        FieldKind.COUNTRY: is_country,
        FieldKind.MANIFEST_NUMBER: is_manifest_number,
        FieldKind.FACILITY_CODE: is_facility_code,
    }
    return isinstance(value, str) and checks[field.kind](value)


def _within(value: int, smallest: int | None, largest: int | None) -> bool:
    return (smallest is None or value >= smallest) and (largest is None or value <= largest)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
