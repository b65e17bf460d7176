"""Each mistake in a data file is named in one sentence by file, line and field."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from services.contracts.catalogue import AuthorityLevel, TimeLimit, TimeUnit
from services.runtime.catalogue import load_catalogue
from services.runtime.records import DataFileError
from tests.support.small_catalogue import copy_small_catalogue, edit

SMALL = "procedures/small.yaml"
LANTERN = "forms/lantern.yaml"
REPORT = "forms/report.yaml"
RULES = "shared/limit_rules.yaml"
TERMS = "shared/supplements.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Data to be broken."""
    return copy_small_catalogue(tmp_path / "data")


def mistake(folder: Path) -> str:
    with pytest.raises(DataFileError) as caught:
        load_catalogue(folder)
    return str(caught.value)


def test_the_small_catalogue_itself_is_right(folder: Path) -> None:
    catalogue = load_catalogue(folder)
    refund, report = catalogue.procedures["lantern-refund"], catalogue.procedures["lantern-report"]
    assert refund.form[0].label_en == "Lantern maker's tax code"
    assert report.form[0].label_en == "Tax code"
    assert refund.limit_rules[2].authority_level is AuthorityLevel.DEPARTMENT
    assert refund.limit_rules[0].steps[0].milestones[0].article == "Luật đèn lồng Đ5"
    assert refund.time_limit == TimeLimit(6, TimeUnit.WORKING_DAYS)
    assert [rule.whole_limit for rule in refund.limit_rules] == [
        TimeLimit(40, TimeUnit.CALENDAR_DAYS),
        TimeLimit(6, TimeUnit.WORKING_DAYS),
        TimeLimit(9, TimeUnit.WORKING_DAYS),
    ]
    assert report.limit_rules[0].rule_id == "decision"
    assert report.time_limit == TimeLimit(5, TimeUnit.WORKING_DAYS)


# Values of a wrong kind, in each kind of file


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (SMALL, "unit: working-days", "unit: days", "line 43, unit: 'days' is none of working-hours, working-days, "),
        (SMALL, "amount: 5", "amount: 0", "line 42, amount: 0 is not a number of working-days; a procedure without "),
        (SMALL, "amount: 5", "amount: 201", "line 42, amount: 201 is more than 200; a deadline must stay in the cal"),
        (SMALL, "amount: 5", "amount: five", "line 42, amount: a whole number is needed, not 'five'."),
        (SMALL, "amount: 5", "amount: true", "line 42, amount: a whole number is needed, not True."),
        (SMALL, "level: 4", "level: 5", "line 13, level: 5 is not a level from 1 to 4."),
        (SMALL, "fee_vnd: 0", "fee_vnd: -1", "line 16, fee_vnd: a fee can't be negative."),
        (SMALL, "fee_vnd: 0", "fee_vnd: 1000000000001", "line 16, fee_vnd: 1000000000001 is more than 1000000000000."),
        (SMALL, "    level: 4", "    level: 4\n    levle: 4", "line 14, levle: no such field is known here."),
        (SMALL, "    level: 4", "    level: 4\n    level: 3", "line 14: the key 'level' is given twice or is not a "),
        (SMALL, "    authority: Chi cục\n", "", "line 2, authority: a text is needed, but it is empty or missing."),
        (SMALL, "id: lantern-report", "id: lantern-refund", "line 30, procedure_id: 'lantern-refund' is given twice."),
        (SMALL, "id: lantern-report", "id: ../report", "line 30, procedure_id: '../report' must be lower-case words "),
        (SMALL, "- Luật đèn lồng Đ1", "- 22", "line 25, legal_basis: each entry must be a text."),
        (SMALL, '"1.000001"', "1.000001", "line 3, official_code: a text is needed, not 1.000001."),
        (SMALL, "sector: supervision", "sector: lanterns", "line 35, sector: 'lanterns' is none of supervision, "),
        (SMALL, "procedures:", "procedures: {", "line "),
        (SMALL, "procedures:", "other: 1\nprocedures:", "line 1, other: no such field is known here."),
        (
            SMALL,
            '"2018-01-01"',
            '"01/01/2018"',
            "line 21, in_force_from: '01/01/2018' is not a date such as 2018-06-05.",
        ),
        (LANTERN, "name: amount_vnd", "name: amountVnd", "line 18, name: 'amountVnd' must be lower-case words joined "),
        (LANTERN, "name: amount_vnd", "name: colour", "line 18, name: 'colour' is given twice."),
        (LANTERN, "example: 1000", "example: 0", "line 25, example: 0 is no right value of 'amount_vnd'."),
        (LANTERN, "example: 1000", "example: 5001", "line 25, example: 5001 is no right value of 'amount_vnd'."),
        (LANTERN, "max_value: 5000", "max_value: 0", "line 27, max_value: 0 is less than min_value, 1."),
        (LANTERN, "example: red", "example: blue", "line 13, example: 'blue' is no right value of 'colour'."),
        (LANTERN, "value: green", "value: red", "line 16, value: 'red' is given twice."),
        (LANTERN, "required: true", "required: perhaps", "line 8, required: true or false is needed, not 'perhaps'."),
        (
            LANTERN,
            "min_value: 1\n",
            "min_value: 1\n    max_length: 3\n",
            "line 27, max_length: no such field is known ",
        ),
        (LANTERN, "form_id: lantern", "form_id: torch", "line 1, form_id: the file's name says 'lantern'."),
        (
            LANTERN,
            "use: declarant_tax_code",
            "use: tax_number",
            "line 4, use: 'tax_number' is none of the shared fields: ",
        ),
        (
            REPORT,
            '"101234567890"',
            '"10123456789"',
            "line 12, example: '10123456789' is no right value of 'declaration_",
        ),
        (REPORT, '"30CF"', '"30FX"', "line 21, example: '30FX' is no right value of 'office_code'."),
        (REPORT, '"2018-06-05"', '"05/06/2018"', "line 29, example: '05/06/2018' is no right value of 'reported_on'."),
        (REPORT, "max_length: 20", "max_length: 0", "line 38, max_length: a text has room for at least one character."),
        (REPORT, "max_length: 20", "max_length: 3", "line 37, example: 'Không' is no right value of 'note'."),
        ("shared/fields.yaml", '"3001234567"', '"3001234568"', "line 9, example: '3001234568' is no right value of "),
        ("published.yaml", "level_4: 161", "level_4: many", "line 3, level_4: a whole number is needed, not 'many'."),
        ("offices.csv", "30BB,", "30CF,", "line 3, code: '30CF' is given twice."),
        (
            "offices.csv",
            "30BB,",
            "20BB,",
            "line 3, code: '20BB' must be four characters that begin with the department",
        ),
        (
            "offices.csv",
            "30BB,",
            "30bb,",
            "line 3, code: '30bb' must be four characters that begin with the department",
        ),
        ("offices.csv", "Vũng Áng,branch,", "Vũng Áng,shop,", "line 2, kind: 'shop' is none of branch, "),
        ("offices.csv", ",low\n", "\n", "line 2: 8 values are needed, not 7."),
        ("offices.csv", "code,name_vi", "code,name", "line 1: the header must be code,name_vi,"),
        ("offices.csv", "30BB,CC HQ", '30BB,"CC" HQ', "line 3: "),
        (
            "calendar/holidays_override.csv",
            "2018-02-14,off",
            "14/02/2018,off",
            "line 2, date: '14/02/2018' is not a date",
        ),
        (
            "calendar/holidays_override.csv",
            "2018-02-14,off",
            "2018-02-15,off",
            "line 3, date: 2018-02-15 is given twice.",
        ),
        ("calendar/holidays_override.csv", "2018-02-14,off", "2033-02-14,off", "line 2, date: 2033-02-14 is outside "),
        (
            "calendar/holidays_override.csv",
            "2018-02-14,off",
            "2018-02-14,maybe",
            "line 2, kind: 'maybe' is none of off, ",
        ),
    ],
)
def test_a_wrong_value(folder: Path, file: str, old: str, new: str, message: str) -> None:
    edit(folder / file, old, new)
    said = mistake(folder)
    assert said.startswith(f"{file}, {message}"), said
    assert said.endswith(".")


# Limits that don't hold together


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (SMALL, "    limit_rules: lantern\n", "", "line 2, limit_rules: exactly one of time_limit, no_time_limit, "),
        (
            SMALL,
            "    limit_rules: lantern\n",
            "    limit_rules: lantern\n    no_time_limit: none stated\n",
            "line 14, limit_rules: exactly one of time_limit, no_time_limit, limit_rules is needed, not 2.",
        ),
        (SMALL, "rules: lantern", "rules: torch", "line 14, limit_rules: 'torch' is none of the shared ones: lantern."),
        (
            SMALL,
            "supplement: lantern",
            "supplement: torch",
            "line 15, supplement: 'torch' is none of the shared ones: ",
        ),
        (
            SMALL,
            "form: lantern",
            "form: torch",
            "line 7, form: there is no form 'torch'; a form is a file forms/torch.",
        ),
        (
            SMALL,
            "{colour: red}",
            "{colour: blue}",
            "line 20, automatic_when: 'blue' is no value of 'colour'; its values ",
        ),
        (SMALL, "{colour: red}", "{size: big}", "line 20, automatic_when: 'size' is no trait of the procedure; its "),
        (
            SMALL,
            '"2021-12-31"',
            '"2017-12-31"',
            "line 22, in_force_until: 2017-12-31 is before in_force_from, 2018-01-01.",
        ),
        (
            RULES,
            "{track: inspect-first}",
            "{colour: pale}",
            "line 6, when: 'pale' is no value of 'colour'; its values ",
        ),
        (RULES, "{track: inspect-first}", "{shape: round}", "line 6, when: 'shape' is no trait of the procedure; its "),
        (
            RULES,
            "{track: inspect-first}",
            "{lit: perhaps}",
            "line 6, when: 'perhaps' is no value of 'lit'; its values ",
        ),
        (RULES, "rule_id: new-law", "rule_id: old-law", "line 29, rule_id: 'old-law' is given twice."),
        (RULES, "step_id: inspection", "step_id: decision", "line 7, steps: the step 'decision' is given twice."),
        (RULES, "amount: 60,", "amount: 40,", "line 18, limit: 40 calendar-days is not longer than 40 before it."),
        (RULES, "amount: 90,", "amount: 50,", "line 19, limit: 50 calendar-days is not longer than 60 before it."),
        (
            RULES,
            'in_force_from: "2020-07-01"',
            'in_force_from: "2020-07-02"',
            "from 2020-07-01 on no rule without traits holds, so some dossier would have none.",
        ),
        (
            RULES,
            'in_force_from: "2020-07-01"',
            'in_force_from: "2020-07-01"\n        in_force_until: "2021-12-30"',
            "from 2021-12-31 on no rule without traits holds, so some dossier would have none.",
        ),
        (
            RULES,
            'in_force_until: "2020-06-30"',
            'in_force_until: "2020-06-30"\n        in_force_from: "2018-01-02"',
            "from 2018-01-01 on no rule without traits holds, so some dossier would have none.",
        ),
        (
            RULES,
            'in_force_from: "2020-07-01"',
            'in_force_until: "2020-06-01"',
            "line 29, rule_id: 'new-law' never holds: 'old-law' comes before it.",
        ),
        (
            RULES,
            "        when: {track: inspect-first}\n",
            "",
            "line 20, rule_id: 'old-law' never holds: 'inspected' comes before it.",
        ),
        (
            RULES,
            'in_force_from: "2020-07-01"',
            'in_force_from: "2020-07-01"\n        in_force_until: "2020-06-01"',
            "line 32, in_force_until: 2020-06-01 is before in_force_from, 2020-07-01.",
        ),
        (
            TERMS,
            "{track: inspect-first}",
            "{track: refund-first}",
            "its silence_traits lead to no limit rule: no rule",
        ),
        (
            TERMS,
            "    silence_traits: {track: inspect-first}\n",
            "",
            "its silence_traits lead to no limit rule: no rule",
        ),
        (TERMS, "outcome: reclassify", "outcome: stop", "line 10, silence_traits: they are for silence_outcome "),
        (
            TERMS,
            "{track: inspect-first}",
            "{path: long}",
            "'path' is no trait of the procedure; its traits are colour",
        ),
        (TERMS, "rule: pause", "rule: stop", "line 3, rule: 'stop' is none of restart, pause."),
    ],
)
def test_a_limit_that_would_leave_a_dossier_without_one(
    folder: Path, file: str, old: str, new: str, message: str
) -> None:
    edit(folder / file, old, new)
    said = mistake(folder)
    field = "line 15, supplement" if file == TERMS else "line 14, limit_rules"
    place = f"{file}, " if message.startswith("line ") else f"{SMALL}, {field}: "
    assert said.startswith(place + message), said
    assert said.endswith(".")


# Effects that can't read their forms


@pytest.mark.parametrize(
    ("effect", "field", "kind"),
    [
        ("extend-storage", "storage_until", "date"),
        ("extend-storage", "extension_days", "integer"),
        ("file-settlement-report", "financial_year_ends_on", "date"),
        ("register-facility", "changed_facility_code", "facility_code"),
    ],
)
def test_an_effect_that_reads_a_field_of_another_kind(folder: Path, effect: str, field: str, kind: str) -> None:
    edit(folder / SMALL, "effect: refund-tax", f"effect: {effect}")
    edit(folder / LANTERN, "name: amount_vnd", f"name: {field}")
    said = mistake(folder)
    assert said == f"{SMALL}, line 18, effect: {effect} reads {field} as {kind}, but in the form it is money_vnd."


def test_a_gap_before_and_after_a_procedure_is_none(folder: Path) -> None:
    """It may not be filed then."""
    edit(
        folder / RULES,
        'in_force_until: "2020-06-30"',
        'in_force_until: "2020-06-30"\n        in_force_from: "2018-01-01"',
    )
    edit(
        folder / RULES,
        'in_force_from: "2020-07-01"',
        'in_force_from: "2020-07-01"\n        in_force_until: "2021-12-31"',
    )
    assert len(load_catalogue(folder).procedures["lantern-refund"].limit_rules) == 3


def test_a_longer_extension_in_another_unit_is_not_compared(folder: Path) -> None:
    edit(folder / RULES, "amount: 60, unit: calendar-days", "amount: 2, unit: working-hours")
    assert load_catalogue(folder).procedures["lantern-refund"].limit_rules[0].steps[0].extensions[0].limit.amount == 2


# Files that are missing, stray or of another shape


def test_a_form_without_a_procedure_is_refused(folder: Path) -> None:
    (folder / "forms" / "stray.yaml").write_text(
        (folder / LANTERN).read_text(encoding="utf-8").replace("form_id: lantern", "form_id: stray"), encoding="utf-8"
    )
    assert mistake(folder) == "forms/stray.yaml is the form of no procedure."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- 1\n", ", line 1: a mapping is needed."),
        ("procedures: []\n", ", line 1, procedures: a list is needed, not []."),
        ("procedures: [1]\n", ", line 1, procedures: each entry must be a mapping."),
        ("procedures: !!python/name:os.system\n", ", line 1: could not determine a constructor"),
        ("procedures: \x00\n", " can't be read: "),
    ],
)
def test_a_file_of_another_shape_is_refused(folder: Path, content: str, message: str) -> None:
    (folder / SMALL).write_text(content, encoding="utf-8")
    assert mistake(folder).startswith(SMALL + message)


@pytest.mark.parametrize("break_it", [Path.unlink, lambda file: file.write_bytes(b"\xff\xfe")])
def test_a_file_that_cannot_be_read_is_named(folder: Path, break_it: Callable[[Path], object]) -> None:
    break_it(folder / "offices.csv")
    assert mistake(folder).startswith("offices.csv can't be read: ")


def test_the_override_can_give_a_day_off_back(folder: Path) -> None:
    edit(folder / "calendar" / "holidays_override.csv", "2018-02-14,off", "2018-01-01,work")
    calendar = load_catalogue(folder).calendar
    assert date(2018, 1, 1) not in calendar.days_off
    assert date(2018, 1, 1) not in calendar.working_weekends
