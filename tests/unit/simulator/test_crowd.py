"""The filings of a preset: exact where it says numbers, the same for a seed, and right by the portal's own rules."""

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from services.contracts.catalogue import Catalogue
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.identifiers import is_declaration_number, is_tax_code
from services.portal.api.submissions import SubmissionReader
from services.simulator.crowd import Crowd, Filing
from services.simulator.dossiers import dossiers_by_procedure
from services.simulator.preset import Preset
from tests.support.crowds import dossiers


def test_subjects_are_exactly_the_published_enterprises(crowd: list[Filing]) -> None:
    applicants = [filing.body["applicant"] for filing in crowd]
    assert {applicant["kind"] for applicant in applicants} == {"enterprise"}
    assert len({applicant["identifier"] for applicant in applicants}) == 366


def test_procedures_are_exactly_shared_out(ha_tinh: Preset, crowd: list[Filing]) -> None:
    counted = Counter(filing.procedure_id for filing in crowd)
    expected = dossiers_by_procedure(ha_tinh)
    assert [counted[share.procedure_id] for share in ha_tinh.procedures] == expected
    assert sum(expected) == 1579
    assert min(expected) >= 1
    assert [filing.body["procedure"] for filing in crowd] == [filing.procedure_id for filing in crowd]


def test_every_branch_has_work_and_vung_ang_most(crowd: list[Filing]) -> None:
    counted = Counter(filing.body["office"] for filing in crowd)
    assert set(counted) == {"30BB", "30BE", "30BI", "30CC", "30CF"}
    assert counted.most_common(1)[0][0] == "30CF"


def test_the_same_seed_gives_the_same_filings_and_another_one_others(
    ha_tinh: Preset, catalogue: Catalogue, crowd: list[Filing]
) -> None:
    assert dossiers(Crowd(ha_tinh, catalogue, ha_tinh.seed.value)) == crowd
    assert dossiers(Crowd(ha_tinh, catalogue, ha_tinh.seed.value + 1)) != crowd


def test_the_demonstration_files_what_it_always_has(crowd: list[Filing]) -> None:
    """If this fails, the demonstration's table in README.md is another one."""
    lines = b"\n".join(orjson.dumps(filing.body) for filing in crowd)
    assert hashlib.sha256(lines).hexdigest() == "db8e81f4206d444019c3b26e05326a1fb93241c000b0f59648f2e64f4cf39903"


def test_the_portals_own_reader_takes_every_filing(catalogue: Catalogue, crowd: list[Filing]) -> None:
    reader = SubmissionReader(catalogue)
    for filing in crowd:
        assert reader.read(filing.body).filed_at == filing.filed_at


def is_right(field: FormField, value: Any, catalogue: Catalogue) -> bool:
    """By the words of the contracts, without the portal."""
    checks: dict[FieldKind, Callable[[Any], bool]] = {
        FieldKind.DECLARATION_NUMBER: is_declaration_number,
        FieldKind.TAX_CODE: is_tax_code,
        FieldKind.OFFICE_CODE: catalogue.offices.__contains__,
        FieldKind.TEXT: lambda text: 0 < len(text) <= (field.max_length or 0) and "#" not in text and "{" not in text,
        FieldKind.MONEY_VND: lambda amount: type(amount) is int and amount >= (field.min_value or 0),
        FieldKind.INTEGER: lambda n: type(n) is int and (field.min_value or 0) <= n <= (field.max_value or 10**9),
        FieldKind.DATE: lambda text: date.fromisoformat(text).isoformat() == text,
        FieldKind.CHOICE: lambda text: text in {choice.value for choice in field.choices},
        FieldKind.BOOLEAN: lambda truth: isinstance(truth, bool),
    }
    return checks[field.kind](value)


def test_every_value_is_right_by_its_kind(catalogue: Catalogue, crowd: list[Filing]) -> None:
    for filing in crowd:
        form = filing.body["form"]
        fields = {field.name: field for field in catalogue.procedures[filing.procedure_id].form}
        assert {field.name for field in fields.values() if field.required} <= form.keys() <= fields.keys()
        wrong = {name: value for name, value in form.items() if not is_right(fields[name], value, catalogue)}
        assert wrong == {}


def test_a_form_agrees_with_who_files_where_and_when(catalogue: Catalogue, crowd: list[Filing]) -> None:
    for filing in crowd:
        form, body = filing.body["form"], filing.body
        assert form["registration_office_code"] == body["office"]
        assert form["declarant_tax_code"] == body["applicant"]["identifier"]
        for field in catalogue.procedures[filing.procedure_id].form:
            if field.kind is FieldKind.DATE:
                distance = date.fromisoformat(form[field.name]) - filing.filed_at.date()
                is_ahead = field.name == "storage_until"
                assert (distance > timedelta(0)) == is_ahead, field.name


@pytest.mark.parametrize(("name", "first"), [("import_declaration_number", "1"), ("export_declaration_number", "3")])
def test_imports_and_exports_are_told_apart(crowd: list[Filing], name: str, first: str) -> None:
    numbers = [filing.body["form"][name] for filing in crowd if name in filing.body["form"]]
    assert numbers
    assert {number[0] for number in numbers} == {first}


def test_what_is_amended_stays_the_same_kind_of_thing(crowd: list[Filing]) -> None:
    forms = [filing.body["form"] for filing in crowd if "amended_content" in filing.body["form"]]
    units = [(form["declared_content"].split()[-1:], form["amended_content"].split()[-1:]) for form in forms]
    assert all(before == after for before, after in units if before in (["kg"], ["USD"], ["kiện"]))


def test_forms_differ(crowd: list[Filing]) -> None:
    assert len({str(filing.body["form"]) for filing in crowd}) == len(crowd)
