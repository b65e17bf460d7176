"""The shipped data: 113 procedures with the law's limits, forms for all of them, offices, and the calendar."""

import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from services.contracts.catalogue import (
    REGISTER_TRAITS,
    AuthorityLevel,
    Catalogue,
    Confidence,
    Effect,
    LimitRule,
    OfficeKind,
    Sector,
    SilenceOutcome,
    SupplementRule,
    TimeLimit,
    TimeUnit,
)
from services.contracts.form_fields import FieldKind
from services.runtime.catalogue import DATA_FOLDER, HORIZON, load_catalogue

ROOT = Path(__file__).parents[3]

HOURS, DAYS, CALENDAR = TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS, TimeUnit.CALENDAR_DAYS


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


# Procedures


def test_there_are_113_procedures_of_which_ten_have_no_limit_in_the_law(catalogue: Catalogue) -> None:
    procedures = catalogue.procedures.values()
    assert len(procedures) == 113
    assert Counter(procedure.level for procedure in procedures) == {4: 103, 3: 10}
    assert {procedure.procedure_id for procedure in procedures if not procedure.has_limit} == {
        "aeo-termination",
        "cargo-identification",
        "exempt-goods-use-report",
        "manifest-amendment",
        "petroleum-storage-extension",
        "processing-contract-notification",
        "settlement-report",
        "settlement-report-amendment",
        "storage-extension",
        "system-account",
    }


def test_the_published_totals_stand_beside_what_the_catalogue_holds(catalogue: Catalogue) -> None:
    published = catalogue.published
    assert (published.procedures, published.level_3_or_more, published.level_4) == (180, 170, 161)


def test_only_the_five_sourced_procedure_codes_are_there(catalogue: Catalogue) -> None:
    codes = {item.procedure_id: item.official_code for item in catalogue.procedures.values() if item.official_code}
    assert codes == {
        "petroleum-pipeline": "1.000005",
        "petroleum-domestic-consumption": "1.000014",
        "petroleum-import": "2.000012",
        "petroleum-aviation-supply": "2.000034",
        "petroleum-bunker-supply": "2.000015",
    }


def test_fees_are_asked_for_declarations_and_ipr_requests_alone(catalogue: Catalogue) -> None:
    fees = {item.procedure_id: item.fee_vnd for item in catalogue.procedures.values() if item.fee_vnd}
    assert fees == {
        "clearance-documentary-check": 20_000,
        "clearance-goods-inspection": 20_000,
        "change-of-use": 20_000,
        "ipr-recordation": 200_000,
        "ipr-clearance-suspension": 200_000,
    }


def test_what_is_assumed_or_ours_says_so(catalogue: Catalogue) -> None:
    for procedure in catalogue.procedures.values():
        if procedure.procedure_id.startswith("clearance-"):
            continue  # on VNACCS, whose level is no portal's
        assert "assumed" in procedure.source, procedure.procedure_id


def limits(rule: LimitRule) -> list[tuple[int, TimeUnit]]:
    return [(step.limit.amount, step.limit.unit) for step in rule.steps]


@pytest.mark.parametrize(
    ("procedure_id", "expected"),
    [
        ("amendment-before-clearance", [(2, HOURS)]),
        ("declaration-cancellation", [(8, HOURS)]),
        ("expired-declaration-cancellation", [(1, DAYS)]),
        ("overpaid-tax", [(5, DAYS)]),
        ("exempt-goods-list", [(3, DAYS)]),
        ("duty-reduction-on-site-check", [(40, CALENDAR)]),
        ("debt-write-off", [(60, CALENDAR)]),
        ("aeo-recognition", [(30, CALENDAR)]),
        ("bonded-warehouse-recognition", [(10, DAYS), (5, DAYS)]),
        ("off-airport-warehouse-recognition", [(10, DAYS), (15, DAYS)]),
        ("duty-free-shop-certificate", [(10, DAYS), (5, DAYS)]),
        ("bonded-warehouse-resumption", [(5, DAYS), (5, DAYS)]),
        ("freight-station-code", [(5, DAYS), (5, DAYS)]),
        ("over-shipment-domestic-verification", [(10, DAYS), (2, DAYS)]),
        ("ipr-recordation", [(20, CALENDAR)]),
        ("ata-carnet-matching", [(8, HOURS)]),
    ],
)
def test_a_limit_that_always_holds_is_the_laws(
    catalogue: Catalogue, procedure_id: str, expected: list[tuple[int, TimeUnit]]
) -> None:
    default = [rule for rule in catalogue.procedures[procedure_id].limit_rules if not rule.when]
    assert [limits(rule) for rule in default] == [expected]


@pytest.mark.parametrize(
    ("procedure_id", "step", "expected"),
    [
        ("over-shipment-foreign-verification", 0, [(30, DAYS), (45, DAYS)]),
        ("wrong-shipment-foreign-verification", 0, [(90, DAYS), (135, DAYS)]),
        ("advance-ruling-classification", 0, [(60, CALENDAR)]),
        ("advance-ruling-review", 0, [(30, CALENDAR)]),
        ("aeo-recognition", 0, [(60, CALENDAR)]),
        ("classification-result", 0, [(20, DAYS)]),
        ("vehicle-movable-property-licence", 0, [(15, DAYS)]),
        ("duty-reduction", 0, [(40, CALENDAR)]),
        ("clearance-goods-inspection", 0, [(24, HOURS)]),
    ],
)
def test_extensions_are_the_laws(
    catalogue: Catalogue, procedure_id: str, step: int, expected: list[tuple[int, TimeUnit]]
) -> None:
    extensions = catalogue.procedures[procedure_id].limit_rules[0].steps[step].extensions
    assert [(extension.limit.amount, extension.limit.unit) for extension in extensions] == expected


@pytest.mark.parametrize(
    "procedure_id",
    [
        "refund-re-imported-exports",
        "refund-re-exported-imports",
        "refund-temporary-machinery",
        "refund-first",
        "refund-missing-goods",
        "tax-non-collection",
    ],
)
def test_a_refund_has_both_laws_on_both_tracks(catalogue: Catalogue, procedure_id: str) -> None:
    procedure = catalogue.procedures[procedure_id]
    inspected = {"track": "inspect-first"}
    change = date(2020, 7, 1)
    assert [
        (dict(rule.when), rule.in_force_from, rule.in_force_until, limits(rule)) for rule in procedure.limit_rules
    ] == [
        (inspected, None, date(2020, 6, 30), [(40, CALENDAR)]),
        (inspected, change, None, [(3, DAYS), (40, CALENDAR)]),
        ({}, None, date(2020, 6, 30), [(6, DAYS)]),
        ({}, change, None, [(3, DAYS), (6, DAYS)]),
    ]
    old, new = procedure.limit_rules[0].steps[-1], procedure.limit_rules[1].steps[-1]
    assert [(part.limit.amount, part.limit.unit) for part in old.milestones] == [
        *[(5, DAYS)] * 3,
        (3, CALENDAR),
        *[(5, DAYS)] * 2,
    ]
    assert [part.limit.amount for part in new.milestones] == [3, 3, 5, 5, 5, 3, 3, 3]
    terms = procedure.supplement
    assert (terms.rule, terms.silence_outcome, dict(terms.silence_traits)) == (
        SupplementRule.PAUSE,
        SilenceOutcome.RECLASSIFY,
        inspected,
    )


@pytest.mark.parametrize(
    "procedure_id", ["debt-instalment", "debt-instalment-department", "debt-instalment-general-department"]
)
def test_where_a_debt_arose_decides_on_limit_and_authority(catalogue: Catalogue, procedure_id: str) -> None:
    rules = catalogue.procedures[procedure_id].limit_rules
    assert {(rule.rule_id, rule.steps[0].limit.amount, rule.authority_level) for rule in rules} == {
        ("one-branch", 1, AuthorityLevel.BRANCH),
        ("several-branches", 2, AuthorityLevel.DEPARTMENT),
        ("several-departments", 3, AuthorityLevel.GENERAL_DEPARTMENT),
    }
    assert all(dict(rule.when) in ({"debt_arose_at": rule.rule_id}, {}) for rule in rules)


def test_the_listed_limit_of_an_instalment_is_that_of_its_own_level(catalogue: Catalogue) -> None:
    ids = ("debt-instalment", "debt-instalment-department", "debt-instalment-general-department")
    assert [catalogue.procedures[name].time_limit for name in ids] == [TimeLimit(days, DAYS) for days in (1, 2, 3)]


def test_supplement_terms_are_the_laws(catalogue: Catalogue) -> None:
    terms = {name: item.supplement for name, item in catalogue.procedures.items()}
    warehouse, ipr = terms["bonded-warehouse-recognition"], terms["ipr-recordation"]
    assert (warehouse.notice_limit.amount, warehouse.silence_limit.amount) == (5, 30)
    assert warehouse.silence_outcome is SilenceOutcome.STOP
    assert (ipr.notice_limit.amount, ipr.silence_limit.amount) == (5, 10)
    assert ipr.silence_outcome is SilenceOutcome.REFUSE
    assert terms["aeo-recognition"].notice_limit.amount == 5
    assert terms["debt-write-off"].notice_limit.amount == 10
    assert terms["amendment-after-clearance"].rule is SupplementRule.RESTART


def test_laws_that_came_later_hold_from_their_day(catalogue: Catalogue) -> None:
    first = {name: item.in_force_from for name, item in catalogue.procedures.items() if item.in_force_from}
    assert first["duty-free-settlement-report"] == date(2020, 10, 15)
    assert first["export-processing-conditions"] == date(2021, 4, 25)
    assert first["acts-account"] == date(2020, 6, 1)
    suspension = catalogue.procedures["bonded-warehouse-suspension"].limit_rules
    assert [limits(rule) for rule in suspension] == [[(5, DAYS)], [(5, DAYS), (5, DAYS)]]


def test_what_the_system_resolves_by_itself(catalogue: Catalogue) -> None:
    automatic = {
        name: dict(item.automatic_when)
        for name, item in catalogue.procedures.items()
        if item.automatic_when is not None
    }
    assert automatic == {
        "clearance-documentary-check": {"customs_channel": "green"},
        "cargo-identification": {},
        "processing-contract-notification": {},
    }


def test_every_effect_and_most_sectors_have_procedures(catalogue: Catalogue) -> None:
    procedures = catalogue.procedures.values()
    assert {procedure.effect for procedure in procedures} == {*Effect, None}
    assert {procedure.sector for procedure in procedures} == set(Sector) - {Sector.POST_CLEARANCE_AUDIT}


# Forms


def test_every_form_has_five_to_fourteen_fields_in_both_languages(catalogue: Catalogue) -> None:
    for procedure in catalogue.procedures.values():
        assert 5 <= len(procedure.form) <= 14, procedure.procedure_id
        for field in procedure.form:
            assert all((field.label_vi, field.label_en, field.help_vi, field.help_en))
            assert bool(field.choices) is (field.kind is FieldKind.CHOICE)
            assert (field.max_length is not None) is (field.kind is FieldKind.TEXT)


def test_every_form_says_which_official_form_or_article_it_comes_from(catalogue: Catalogue) -> None:
    for procedure in catalogue.procedures.values():
        assert "Selection of fields ours." in procedure.form_source


def test_every_kind_of_field_is_used(catalogue: Catalogue) -> None:
    used = {field.kind for procedure in catalogue.procedures.values() for field in procedure.form}
    assert used == set(FieldKind)


def test_fields_that_decide_or_point_to_a_register_say_so(catalogue: Catalogue) -> None:
    traits = {
        (name, field.name)
        for name, item in catalogue.procedures.items()
        for field in item.form
        if field.is_trait and not name.startswith("debt-instalment")
    }
    assert traits == {
        ("clearance-documentary-check", "customs_channel"),
        ("clearance-goods-inspection", "customs_channel"),
        ("tax-payment-extension", "debt_arose_at"),
        ("debt-write-off", "debt_band"),
    }
    channel = next(
        field for field in catalogue.procedures["clearance-goods-inspection"].form if field.name == "customs_channel"
    )
    assert tuple(choice.value for choice in channel.choices) == REGISTER_TRAITS["customs_channel"]


def test_effects_on_a_register_name_what_they_change(catalogue: Catalogue) -> None:
    kinds = {
        Effect.AMEND_DECLARATION: FieldKind.DECLARATION_NUMBER,
        Effect.CANCEL_DECLARATION: FieldKind.DECLARATION_NUMBER,
        Effect.REFUND_TAX: FieldKind.DECLARATION_NUMBER,
        Effect.EXTEND_STORAGE: FieldKind.DECLARATION_NUMBER,
        Effect.AMEND_MANIFEST: FieldKind.MANIFEST_NUMBER,
        Effect.FILE_SETTLEMENT_REPORT: FieldKind.FACILITY_CODE,
    }
    for procedure in catalogue.procedures.values():
        if procedure.effect in kinds:
            registered = [field.kind for field in procedure.form if field.must_be_registered]
            assert registered == [kinds[procedure.effect]], procedure.procedure_id


def test_forms_are_files_of_their_own_and_shared_fields_are_used_twice_at_least() -> None:
    uses: Counter[str] = Counter()
    for file in (DATA_FOLDER / "forms").glob("*.yaml"):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        uses.update(field["use"] for field in document["fields"] if "use" in field)
    shared = yaml.safe_load((DATA_FOLDER / "shared" / "fields.yaml").read_text(encoding="utf-8"))["fields"]
    assert {field["name"] for field in shared} == set(uses)
    assert min(uses.values()) >= 2


# Offices and calendar


def test_there_are_375_offices_with_the_one_of_the_published_workload(catalogue: Catalogue) -> None:
    office = catalogue.offices["30F1"]
    assert len(catalogue.offices) == 375
    assert (office.department_code, office.department_name_en, office.confidence) == (
        "30",
        "Ha Tinh",
        Confidence.MEDIUM,
    )
    superseded = {code for code, office in catalogue.offices.items() if office.kind is OfficeKind.BRANCH_SUPERSEDED}
    assert superseded == {"27NJ", "27PC", "27PE"}


def test_the_calendar_knows_swap_days_that_the_library_lacks(catalogue: Catalogue) -> None:
    calendar = catalogue.calendar
    assert date(2026, 1, 2) in calendar.days_off
    assert date(2026, 1, 10) in calendar.working_weekends
    assert "12729/VPCP-KGVX" in calendar.sources[date(2026, 1, 2)]


def test_the_calendar_is_sound(catalogue: Catalogue) -> None:
    calendar = catalogue.calendar
    assert (calendar.first_on, calendar.last_on) == HORIZON
    assert not calendar.days_off & calendar.working_weekends
    assert all(day.weekday() >= 5 for day in calendar.working_weekends)
    assert calendar.days_off | calendar.working_weekends <= set(calendar.sources)
    for year in range(HORIZON[0].year, HORIZON[1].year + 1):
        assert 10 <= sum(day.year == year and day.weekday() < 5 for day in calendar.days_off) <= 14, year


def test_the_computed_calendar_is_what_the_library_says() -> None:
    """Fails when an upgrade of the library changes an answer: run `tools/generate_calendar.py` and read the diff."""
    check = subprocess.run(
        [sys.executable, "tools/generate_calendar.py", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        check=False,
        timeout=60,
    )
    assert check.returncode == 0
