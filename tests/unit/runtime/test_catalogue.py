"""The catalogue's own data is right, and each mistake in data is named by file, line and field."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from services.contracts.catalogue import (
    Catalogue,
    Confidence,
    FieldKind,
    OfficeKind,
    SupplementRule,
    TimeLimit,
    TimeUnit,
)
from services.runtime.catalogue import DATA_FOLDER, HORIZON, load_catalogue
from services.runtime.records import DataFileError

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data, to be broken."""
    shutil.copytree(DATA_FOLDER, tmp_path / "data")
    return tmp_path / "data"


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def mistake(folder: Path) -> str:
    with pytest.raises(DataFileError) as caught:
        load_catalogue(folder)
    return str(caught.value)


# The data that is shipped


def test_the_eight_procedures_have_the_limits_and_rules_of_the_law(catalogue: Catalogue) -> None:
    limits = {key: (procedure.time_limit, procedure.supplement.rule) for key, procedure in catalogue.procedures.items()}
    restart, pause = SupplementRule.RESTART, SupplementRule.PAUSE
    assert limits == {
        "amendment-before-clearance": (TimeLimit(2, TimeUnit.WORKING_HOURS), restart),
        "amendment-after-clearance": (TimeLimit(2, TimeUnit.WORKING_HOURS), restart),
        "declaration-cancellation": (TimeLimit(8, TimeUnit.WORKING_HOURS), restart),
        "refund-first": (TimeLimit(6, TimeUnit.WORKING_DAYS), pause),
        "refund-inspect-first": (TimeLimit(40, TimeUnit.CALENDAR_DAYS), pause),
        "tax-non-collection": (TimeLimit(6, TimeUnit.WORKING_DAYS), pause),
        "storage-extension": (None, restart),
        "overpaid-tax": (TimeLimit(5, TimeUnit.WORKING_DAYS), restart),
    }


def test_no_procedure_code_is_invented(catalogue: Catalogue) -> None:
    assert {procedure.official_code for procedure in catalogue.procedures.values()} == {None}


def test_every_form_has_five_to_ten_fields_and_names_declaration_office_and_applicant(catalogue: Catalogue) -> None:
    for procedure in catalogue.procedures.values():
        kinds = {field.kind for field in procedure.form}
        assert 5 <= len(procedure.form) <= 10
        assert {FieldKind.DECLARATION_NUMBER, FieldKind.OFFICE_CODE, FieldKind.TAX_CODE} <= kinds


def test_every_kind_of_field_is_used(catalogue: Catalogue) -> None:
    used = {field.kind for procedure in catalogue.procedures.values() for field in procedure.form}
    assert used == set(FieldKind)


def test_every_field_has_both_languages_and_only_choices_have_choices(catalogue: Catalogue) -> None:
    for procedure in catalogue.procedures.values():
        for field in procedure.form:
            assert all((field.label_vi, field.label_en, field.help_vi, field.help_en))
            assert bool(field.choices) is (field.kind is FieldKind.CHOICE)
            assert (field.max_length is not None) is (field.kind is FieldKind.TEXT)


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


# Data that someone broke


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "procedures.yaml",
            "unit: working-hours",
            "unit: hours",
            "procedures.yaml, line 11, unit: 'hours' is none of working-hours, working-days, calendar-days.",
        ),
        (
            "procedures.yaml",
            "{amount: 2, unit",
            "{amount: 0, unit",
            "procedures.yaml, line 11, amount: 0 is not a number of working-hours; a procedure without a limit has ",
        ),
        (
            "procedures.yaml",
            "{amount: 2, unit",
            "{amount: two, unit",
            "procedures.yaml, line 11, amount: a whole number is needed, not 'two'.",
        ),
        (
            "procedures.yaml",
            "{amount: 2, unit",
            "{amount: true, unit",
            "procedures.yaml, line 11, amount: a whole number is needed, not True.",
        ),
        ("procedures.yaml", "level: 4", "level: 5", "procedures.yaml, line 5, level: 5 is not a level from 1 to 4."),
        ("procedures.yaml", "fee_vnd: 0", "fee_vnd: -1", "procedures.yaml, line 5, fee_vnd: a fee can't be negative."),
        (
            "procedures.yaml",
            "    level: 4",
            "    level: 4\n    levle: 4",
            "procedures.yaml, line 5, levle: no such field is known here.",
        ),
        (
            "procedures.yaml",
            "    level: 4",
            "    level: 4\n    level: 3",
            "procedures.yaml, line 11: the key 'level' is given twice or is not a text.",
        ),
        (
            "procedures.yaml",
            "    authority: Chi cục\n",
            "",
            "procedures.yaml, line 5, authority: a text is needed, but it is empty or missing.",
        ),
        (
            "procedures.yaml",
            "procedure_id: amendment-after-clearance",
            "procedure_id: amendment-before-clearance",
            "procedures.yaml, line 27, procedure_id: 'amendment-before-clearance' is given twice.",
        ),
        (
            "procedures.yaml",
            "procedure_id: amendment-after-clearance",
            "procedure_id: amendment",
            "amendment.yaml can't be read: [Errno 2] No such file or directory: ",
        ),
        (
            "procedures.yaml",
            "      - TT38/2015 Đ22 sửa bởi TT39/2018",
            "      - 22",
            "procedures.yaml, line 51, legal_basis: each entry must be a text.",
        ),
        (
            "procedures.yaml",
            "procedure_id: amendment-after-clearance",
            "procedure_id: ../amendment",
            "procedures.yaml, line 27, procedure_id: '../amendment' must be lower-case words joined by -.",
        ),
        (
            "forms/refund-first.yaml",
            "name: paid_on",
            "name: paidOn",
            "refund-first.yaml, line 57, name: 'paidOn' must be lower-case words joined by _.",
        ),
        ("procedures.yaml", "procedures:", "procedures: {", "procedures.yaml, line "),
        (
            "procedures.yaml",
            "procedures:",
            "other: 1\nprocedures:",
            "procedures.yaml, line 4, other: no such field is known here.",
        ),
        (
            "forms/refund-first.yaml",
            'example: "101234567890"',
            'example: "10123456789"',
            "refund-first.yaml, line 7, example: '10123456789' is no right value of 'import_declaration_number'.",
        ),
        (
            "forms/refund-first.yaml",
            'example: "30F1"',
            'example: "30FX"',
            "refund-first.yaml, line 23, example: '30FX' is no right value of 'registration_office_code'.",
        ),
        (
            "forms/refund-first.yaml",
            "example: 48200000",
            "example: 49999",
            "refund-first.yaml, line 39, example: 49999 is no right value of 'refund_amount_vnd'.",
        ),
        (
            "forms/refund-first.yaml",
            "required: true",
            "required: yes please",
            "refund-first.yaml, line 7, required: true or false is needed, not 'yes please'.",
        ),
        (
            "forms/refund-first.yaml",
            "name: export_declaration_number",
            "name: import_declaration_number",
            "refund-first.yaml, line 15, name: 'import_declaration_number' is given twice.",
        ),
        (
            "forms/refund-first.yaml",
            'example: "2018-02-08"',
            'example: "08/02/2018"',
            "refund-first.yaml, line 57, example: '08/02/2018' is no right value of 'paid_on'.",
        ),
        (
            "forms/refund-first.yaml",
            "procedure_id: refund-first",
            "procedure_id: refund-last",
            "refund-first.yaml, line 2, procedure_id: the file's name says 'refund-first'.",
        ),
        (
            "offices.csv",
            "01AC,",
            "01AB,",
            "offices.csv, line 3, code: '01AB' is given twice.",
        ),
        (
            "offices.csv",
            "01AB,",
            "02AB,",
            "offices.csv, line 2, code: '02AB' must be four characters that begin with the department's code.",
        ),
        (
            "offices.csv",
            "Nội Bài,branch,",
            "Nội Bài,shop,",
            "offices.csv, line 2, kind: 'shop' is none of branch, ",
        ),
        ("offices.csv", ",medium\n", "\n", "offices.csv, line 2: 8 values are needed, not 7."),
        ("offices.csv", "code,name_vi", "code,name", "offices.csv, line 1: the header must be code,name_vi,"),
        ("offices.csv", "01AC,CC HQ", '01AC,"CC" HQ', "offices.csv, line 3: "),
        (
            "calendar/holidays_override.csv",
            "2018-02-14,off",
            "14/02/2018,off",
            "holidays_override.csv, line 3, date: '14/02/2018' is not a date such as 2018-06-05.",
        ),
        (
            "calendar/holidays_override.csv",
            "2018-02-14,off",
            "2018-01-01,off",
            "holidays_override.csv, line 3, date: 2018-01-01 is given twice.",
        ),
        (
            "calendar/holidays_override.csv",
            "2018-02-14,off",
            "2033-02-14,off",
            "holidays_override.csv, line 3, date: 2033-02-14 is outside 2016-01-01 to 2032-12-31.",
        ),
        (
            "calendar/holidays_override.csv",
            "2018-02-14,off",
            "2018-02-14,maybe",
            "holidays_override.csv, line 3, kind: 'maybe' is none of off, work.",
        ),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field(folder: Path, file: str, old: str, new: str, message: str) -> None:
    edit(folder / file, old, new)
    said = mistake(folder)
    assert said.startswith(message)
    assert said.endswith(".")


def test_a_form_without_a_procedure_is_refused(folder: Path) -> None:
    (folder / "forms" / "stray.yaml").write_text("a: 1\n", encoding="utf-8")
    assert mistake(folder) == "stray.yaml is the form of no procedure in procedures.yaml."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- 1\n", "procedures.yaml, line 1: a mapping is needed."),
        ("procedures: []\n", "procedures.yaml, line 1, procedures: a list is needed, not []."),
        ("procedures: [1]\n", "procedures.yaml, line 1, procedures: each entry must be a mapping."),
        ("procedures: !!python/name:os.system\n", "procedures.yaml, line 1: could not determine a constructor"),
    ],
)
def test_a_file_of_another_shape_is_refused(folder: Path, content: str, message: str) -> None:
    (folder / "procedures.yaml").write_text(content, encoding="utf-8")
    assert mistake(folder).startswith(message)


@pytest.mark.parametrize("break_it", [Path.unlink, lambda file: file.write_bytes(b"\xff\xfe")])
def test_a_file_that_cannot_be_read_is_named(folder: Path, break_it: Callable[[Path], object]) -> None:
    break_it(folder / "offices.csv")
    assert mistake(folder).startswith("offices.csv can't be read: ")


def test_the_override_can_give_a_day_off_back(folder: Path) -> None:
    edit(folder / "calendar" / "holidays_override.csv", "2018-02-14,off", "2018-02-14,work")
    calendar = load_catalogue(folder).calendar
    assert date(2018, 2, 14) not in calendar.days_off
    assert date(2018, 2, 14) not in calendar.working_weekends
