"""Which filings the registers take, which refunds they send to inspection, and what their data files say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.contracts.catalogue import Effect
from services.contracts.identifiers import is_facility_code, is_manifest_number
from services.law.amendments import AmendmentRule
from services.law.calendar import WorkingCalendar
from services.portal.adapters.registers import register_data
from services.portal.adapters.registers.register_data import load_declaration_kinds, load_declaration_rules
from services.portal.application.clearance import DOCUMENTS, GOODS, ClearanceForms
from services.portal.domain.registers.counterparts import audit_terms, settlement_due_at, window_of
from services.portal.domain.registers.declarations import DeclarationState, Direction, Origin
from services.portal.domain.registers.register_rules import (
    RefundHistory,
    RoutingReason,
    check_declaration,
    check_entry,
    has_track,
    named_fields,
    namings,
    route_refund,
    unknown_entry,
    wrong_direction,
)
from services.portal.domain.registers.registers import Register, RegisterEntry, is_own_key, new_key
from services.runtime.errors import ConfigurationError
from services.runtime.records import DataFileError
from tests.support.declarations import DECLARANT, REGISTERED_AT, make_declaration, make_entry, naming
from tests.support.filings import catalogue

PROCEDURES = catalogue().procedures
RULES = load_declaration_rules(PROCEDURES)
CALENDAR = WorkingCalendar(catalogue().calendar)
LATER = REGISTERED_AT + timedelta(days=3)
ALL_STATES = {
    DeclarationState.REGISTERED: {},
    DeclarationState.UNDER_CHECK: {"check_status": 4},
    DeclarationState.CLEARED: {"cleared_at": REGISTERED_AT},
    DeclarationState.NOT_CLEARED: {"not_cleared_at": REGISTERED_AT},
    DeclarationState.CANCELLED: {"cancelled_at": REGISTERED_AT},
}


def checked(procedure_id: str = "declaration-cancellation", number: str = "101234567890", **changes: Any) -> str | None:
    """The code with which a declaration is refused."""
    procedure = PROCEDURES[procedure_id]
    error = check_declaration(
        naming(number),
        make_declaration(**changes),
        applicant_id=DECLARANT,
        procedure=procedure,
        states=RULES.states_for(procedure_id),
        filed_at=LATER,
    )
    if error is None:
        return None
    assert error["pointer"] == "/form/declaration_number"
    assert number in error["detail"]
    assert number in error["detail_vi"]
    return error["code"]


@pytest.mark.parametrize(
    ("procedure_id", "taken"),
    [
        ("amendment-before-clearance", {"registered", "under-check"}),
        ("amendment-after-clearance", {"cleared"}),
        ("declaration-cancellation", {"registered", "under-check", "not-cleared", "cleared"}),
        ("refund-first", {"cleared"}),
        ("tax-non-collection", {"registered", "under-check", "cleared"}),
        ("storage-extension", {"cleared"}),
        ("change-of-use", {"registered", "under-check", "not-cleared", "cleared"}),
    ],
)
def test_each_procedure_takes_declarations_in_its_states(procedure_id: str, taken: set[str]) -> None:
    codes = {state: checked(procedure_id, **changes) for state, changes in ALL_STATES.items()}
    assert {state for state, code in codes.items() if code is None} == taken
    assert {code for state, code in codes.items() if state not in taken} == {"declaration-wrong-state"}


def test_every_procedure_that_names_declarations_takes_some_state() -> None:
    for name, procedure in PROCEDURES.items():
        if any(register is Register.DECLARATION for _, register in named_fields(procedure)):
            assert RULES.states_for(name), name
            assert DeclarationState.CANCELLED not in RULES.states_for(name), name


def test_somebody_elses_declaration_is_refused_with_a_code_of_its_own() -> None:
    assert checked(declarant_id="0901067514") == "declaration-of-another"


def test_a_number_that_was_amended_since_is_refused() -> None:
    assert checked(branch=1) == "declaration-not-current"
    assert checked(number="101234567891", branch=1) is None


def test_a_declaration_of_the_future_is_refused() -> None:
    assert checked(registered_at=LATER + timedelta(minutes=1)) == "declaration-not-registered-yet"


def test_the_tenth_amendment_has_no_room() -> None:
    assert checked("amendment-before-clearance", "101234567899", branch=9) == "declaration-full"
    assert checked("declaration-cancellation", "101234567899", branch=9) is None


@pytest.mark.parametrize("changes", ALL_STATES.values())
def test_an_adopted_declaration_takes_everything(changes: dict[str, Any]) -> None:
    assert checked(origin=Origin.ADOPTED, declarant_id="0901067514", branch=4, **changes) is None


@pytest.mark.parametrize(
    ("field", "number", "code"),
    [
        ("import_declaration_number", "301234567890", "declaration-wrong-direction"),
        ("export_declaration_number", "101234567890", "declaration-wrong-direction"),
        ("import_declaration_number", "101234567890", None),
        ("export_declaration_number", "301234567890", None),
        ("declaration_number", "301234567890", None),
    ],
)
def test_fields_of_imports_and_exports_want_their_own(field: str, number: str, code: str | None) -> None:
    error = wrong_direction(naming(number, field))
    assert (error["code"] if error else None) == code


def test_what_is_in_no_register_is_told_how_to_get_there() -> None:
    error = unknown_entry(naming())
    assert error["code"] == "declaration-unknown"
    assert "/api/v1/declarations" in error["detail"]
    assert "adopt" in error["detail_vi"]


def test_a_form_names_what_must_be_registered_and_nothing_else() -> None:
    procedure = PROCEDURES["refund-first"]
    form = {field.name: field.example for field in procedure.form}
    names = namings(named_fields(procedure), form)
    assert [(one.field, one.register) for one in names] == [("import_declaration_number", Register.DECLARATION)]
    assert names[0].key == str(names[0].base) == form["import_declaration_number"][:-1]


def test_a_manifest_belongs_to_somebody_unless_it_was_adopted() -> None:
    entry = make_entry(Register.MANIFEST, REGISTERED_AT)
    name = naming("MF18000123", "manifest_number")._replace(register=Register.MANIFEST)
    assert check_entry(name, entry, DECLARANT) is None
    assert (check_entry(name, entry, "0901067514") or {})["code"] == "manifest-of-another"
    assert check_entry(name, replace(entry, data={"is_adopted": True}), "0901067514") is None
    assert unknown_entry(name)["code"] == "manifest-unknown"


def test_own_keys_are_kept_apart() -> None:
    for register in (Register.MANIFEST, Register.FACILITY, Register.AUDIT):
        for number in (1, 99_999, 100_000, 99_999_999):
            assert is_own_key(register, new_key(register, number, REGISTERED_AT.date()))
    assert not is_own_key(Register.MANIFEST, "MF18000123")
    assert not is_own_key(Register.FACILITY, "CSSX000123")
    assert not is_own_key(Register.AUDIT, "12/QĐ-KTSTQ")


@pytest.mark.parametrize("number", [1, 99_999, 100_000, 99_999_999])
def test_forms_take_every_own_key(number: int) -> None:
    assert is_manifest_number(new_key(Register.MANIFEST, number, REGISTERED_AT.date()))
    assert is_facility_code(new_key(Register.FACILITY, number, REGISTERED_AT.date()))


# Refunds

OLD_LAW, NEW_LAW = datetime(2020, 6, 30, 16, 59, tzinfo=UTC), datetime(2020, 6, 30, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("history", "filed_at", "reason"),
    [
        (RefundHistory(), OLD_LAW, None),
        (RefundHistory(), NEW_LAW, None),
        (RefundHistory(level=4), OLD_LAW, RoutingReason.HIGH_RISK),
        (RefundHistory(level=5, was_refunded=True), NEW_LAW, RoutingReason.HIGH_RISK),
        (RefundHistory(level=3), OLD_LAW, None),
        (RefundHistory(level=3), NEW_LAW, RoutingReason.FIRST_REFUND),
        (RefundHistory(level=3, was_refunded=True), NEW_LAW, None),
        (RefundHistory(violation_count=2), OLD_LAW, None),
        (RefundHistory(violation_count=3), OLD_LAW, RoutingReason.VIOLATIONS),
        (RefundHistory(violation_count=3), NEW_LAW, None),
    ],
)
def test_the_law_of_the_day_says_which_refunds_are_inspected_first(
    history: RefundHistory, filed_at: datetime, reason: RoutingReason | None
) -> None:
    routing = route_refund(history, RULES, filed_at)
    assert (routing.reason if routing else None) == reason
    assert routing is None or routing.article


def test_tracks_are_those_of_refunds() -> None:
    tracked = {name for name, procedure in PROCEDURES.items() if has_track(procedure)}
    assert "refund-first" in tracked
    assert "refund-inspect-first" not in tracked
    assert {PROCEDURES[name].effect for name in tracked} == {Effect.REFUND_TAX}


# Terms


def at(*parts: int) -> datetime:
    """An instant of UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("changes", "entries", "asked_at", "rule"),
    [
        ({}, [], at(2018, 6, 5, 3), AmendmentRule.BEFORE_CLEARANCE),
        ({"channel": None}, [], at(2018, 6, 5, 3), AmendmentRule.BEFORE_CHANNEL),
        ({"cleared_at": at(2018, 6, 5, 4)}, [], at(2018, 8, 6, 3), AmendmentRule.AFTER_CLEARANCE),
        ({"cleared_at": at(2018, 6, 5, 4)}, [], at(2018, 8, 7, 3), AmendmentRule.CLEARANCE_EXPIRED),
        (
            {"cleared_at": at(2018, 6, 5, 4)},
            [make_entry(Register.AUDIT, at(2018, 6, 6))],
            at(2018, 6, 7),
            AmendmentRule.AUDIT_DECIDED,
        ),
        (
            {"cleared_at": at(2018, 6, 5, 4)},
            [make_entry(Register.AUDIT, at(2018, 6, 8))],
            at(2018, 6, 7),
            AmendmentRule.AFTER_CLEARANCE,
        ),
        (
            {"cleared_at": at(2018, 6, 5, 4)},
            [make_entry(Register.GATE_PASSAGE, at(2018, 6, 6, 2), differs=True)],
            at(2018, 6, 13, 9),
            AmendmentRule.AFTER_GATE,
        ),
        (
            {"cleared_at": at(2018, 6, 5, 4)},
            [make_entry(Register.GATE_PASSAGE, at(2018, 6, 6, 2), differs=True)],
            at(2018, 6, 14, 2),
            AmendmentRule.GATE_EXPIRED,
        ),
        (
            {"cleared_at": at(2018, 6, 5, 4)},
            [make_entry(Register.GATE_PASSAGE, at(2018, 6, 6, 2), differs=False)],
            at(2018, 6, 14, 2),
            AmendmentRule.AFTER_CLEARANCE,
        ),
    ],
)
def test_what_a_declaration_has_gone_through_decides_about_an_amendment(
    changes: dict[str, Any], entries: list[RegisterEntry], asked_at: datetime, rule: AmendmentRule
) -> None:
    window = window_of(make_declaration(**changes), entries, asked_at, CALENDAR)
    assert window is not None
    assert window.rule is rule


@pytest.mark.parametrize("changes", [{"cancelled_at": REGISTERED_AT}, {"not_cleared_at": REGISTERED_AT}])
def test_what_is_over_cant_be_amended(changes: dict[str, Any]) -> None:
    assert window_of(make_declaration(**changes), [], LATER, CALENDAR) is None


@pytest.mark.parametrize(
    ("year_ends_on", "due"),
    [
        ("2017-12-31", at(2018, 4, 2, 10)),  # day 90 is Saturday 31 March: the next working day is Monday
        ("2018-12-31", at(2019, 4, 1, 10)),  # day 90 is Sunday 31 March
        ("2019-12-31", at(2020, 3, 30, 10)),  # a leap year: day 90 is Monday 30 March
    ],
)
def test_a_settlement_report_is_due_on_day_90(year_ends_on: str, due: datetime) -> None:
    assert settlement_due_at(datetime.fromisoformat(year_ends_on).date(), CALENDAR) == due


def test_an_audit_has_its_terms() -> None:
    """Decided on a Tuesday: sent by Friday, begins five working days later, and so on."""
    terms = audit_terms(at(2018, 6, 5, 2), CALENDAR)
    assert [day.date().isoformat() for day in (terms.sent_by, terms.starts_at, terms.ends_by, terms.concluded_by)] == [
        "2018-06-08",
        "2018-06-15",
        "2018-06-22",
        "2018-06-29",
    ]


# Data files


def test_kinds_are_those_that_the_clearance_form_offers() -> None:
    kinds = load_declaration_kinds()
    assert {"A11", "E31", "B11", "E62", "H21"} <= kinds.keys()
    assert {kinds["E31"].direction, kinds["B11"].direction} == {Direction.IMPORT, Direction.EXPORT}
    for procedure_id in (DOCUMENTS, GOODS):
        (field,) = (field for field in PROCEDURES[procedure_id].form if field.name == "kind")
        assert {choice.value for choice in field.choices} == kinds.keys()
    assert all(kind.source and kind.label.vi for kind in kinds.values())


def test_shares_of_all_levels_are_there() -> None:
    assert sorted(RULES.shares) == [1, 2, 3, 4, 5]
    assert RULES.shares_of(None) == RULES.shares_of(9) == RULES.unknown_shares
    assert [level for level in range(1, 6) if RULES.is_high_risk(level)] == [4, 5]
    assert not RULES.is_high_risk(None)


@pytest.mark.parametrize(
    ("file", "before", "after", "message"),
    [
        ("declaration_kinds.yaml", "code: A12", "code: A11", "code: A11 is given twice"),
        ("customs_channels.yaml", "red_percent: 70", "red_percent: 80", "both shares must be 0 or more"),
        ("customs_channels.yaml", "level: 5", "level: 4", "each level from 1 to 5 is needed once"),
        ("declaration_rules.yaml", "[cleared]", "[clear]", "states: clear: none of"),
        ("declaration_rules.yaml", "tax-non-collection", "tax-collection", "tax-collection isn't in the catalogue"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, file: str, before: str, after: str, message: str) -> None:
    folder = Path(register_data.__file__).parent.parent.parent / "data"
    for name in ("declaration_kinds.yaml", "customs_channels.yaml", "declaration_rules.yaml"):
        text = (folder / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(before, after, 1) if name == file else text, encoding="utf-8")
    with pytest.raises(DataFileError, match=f"^{file}, line .*{message}"):
        _load_all(tmp_path)


def _load_all(folder: Path) -> None:
    load_declaration_kinds(folder)
    load_declaration_rules(PROCEDURES, folder)


def test_the_register_needs_the_clearance_procedures_and_their_fields() -> None:
    kinds = load_declaration_kinds()
    with pytest.raises(ConfigurationError, match=GOODS):
        ClearanceForms({name: one for name, one in PROCEDURES.items() if name != GOODS}, kinds)
    short = replace(PROCEDURES[DOCUMENTS], form=PROCEDURES[DOCUMENTS].form[1:])
    with pytest.raises(ConfigurationError, match="kind"):
        ClearanceForms({**PROCEDURES, DOCUMENTS: short}, kinds)
