"""Every form of every procedure: generated valid ones are taken, and each field refuses what is wrong in its own words.

Through the portal's own reading of submissions, without HTTP. The JSON Schema that it publishes says the same.
"""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from services.contracts.catalogue import Procedure
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.vocabulary import ApplicantKind
from services.portal.api.forms import form_json_schema
from services.portal.api.submissions import SubmissionReader
from services.runtime.errors import ProblemError
from services.simulator.draws import Draws
from services.simulator.forms import FormFiller, Occasion, load_form_texts
from services.simulator.population import Applicant
from tests.support.filings import catalogue, filing
from tests.support.forms import FORM_DAY, MISSING, Wrong, valid_form, with_wrong, wrong_values

PROCEDURES = list(catalogue().procedures.values())
#: One procedure for each form: many share one.
ONE_A_FORM = list({procedure.form: procedure for procedure in PROCEDURES}.values())


@pytest.fixture(scope="module")
def reader() -> SubmissionReader:
    return SubmissionReader(catalogue())


def of(procedure: Procedure) -> str:
    return procedure.procedure_id


def wrong_fields(procedure: Procedure) -> Iterator[tuple[FormField, Wrong]]:
    return ((field, wrong) for field in procedure.form for wrong in wrong_values(field))


@pytest.mark.parametrize("procedure", PROCEDURES, ids=of)
def test_generated_forms_are_taken(reader: SubmissionReader, procedure: Procedure) -> None:
    forms = [valid_form(procedure, seed=seed) for seed in range(5)]
    for form in forms:
        assert reader.read(filing(procedure.procedure_id) | {"form": form}).form == form
    assert len({str(form) for form in forms}) == 5
    assert valid_form(procedure, seed=3) == forms[3]


@pytest.mark.parametrize("procedure", PROCEDURES, ids=of)
def test_the_forms_own_example_is_taken(reader: SubmissionReader, procedure: Procedure) -> None:
    form = {field.name: field.example for field in procedure.form}
    assert reader.read(filing(procedure.procedure_id) | {"form": form}).form == form


@pytest.mark.parametrize("procedure", ONE_A_FORM, ids=of)
def test_each_wrong_value_gives_one_error_at_its_field(reader: SubmissionReader, procedure: Procedure) -> None:
    form = valid_form(procedure)
    for field, wrong in wrong_fields(procedure):
        with pytest.raises(ProblemError) as caught:
            reader.read(filing(procedure.procedure_id) | {"form": with_wrong(form, field, wrong)})
        errors = caught.value.errors
        assert [(error["pointer"], error["code"]) for error in errors] == [(f"/form/{field.name}", wrong.code)], (
            field.name,
            wrong,
            errors,
        )
        assert errors[0]["detail"].endswith("."), errors
        assert errors[0]["detail_vi"].endswith("."), errors
        assert errors[0]["detail_vi"] != errors[0]["detail"]
        assert caught.value.code == "invalid-body"


@pytest.mark.parametrize("procedure", ONE_A_FORM, ids=of)
def test_all_wrong_fields_are_told_at_once_and_unknown_ones_too(reader: SubmissionReader, procedure: Procedure) -> None:
    form: dict[str, Any] = {field.name: None for field in procedure.form} | {"no_such_field": 1}
    with pytest.raises(ProblemError) as caught:
        reader.read(filing(procedure.procedure_id) | {"form": form})
    told = {error["pointer"]: error["code"] for error in caught.value.errors}
    assert told == {f"/form/{field.name}": "null" for field in procedure.form} | {
        "/form/no_such_field": "unknown-field"
    }


@pytest.mark.parametrize("form", [[], "form", 5, None])
def test_a_form_that_is_no_object_is_refused(reader: SubmissionReader, form: Any) -> None:
    with pytest.raises(ProblemError) as caught:
        reader.read(filing("storage-extension") | {"form": form})
    assert {error["pointer"] for error in caught.value.errors} == {"/form"}


# The published schema


@pytest.mark.parametrize("procedure", ONE_A_FORM, ids=of)
def test_the_json_schema_is_one_and_takes_what_the_portal_takes(procedure: Procedure) -> None:
    schema = form_json_schema(procedure)
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.Draft202012Validator(schema)
    for seed in range(5):
        assert list(validator.iter_errors(valid_form(procedure, seed=seed))) == []


#: What only the portal can know: check digits, its offices, whether a day exists, the parts of an address.
_BEYOND_SCHEMA = {"bad-tax-code", "unknown-office", "bad-email"}


@pytest.mark.parametrize("procedure", ONE_A_FORM, ids=of)
def test_the_json_schema_refuses_what_the_portal_refuses(procedure: Procedure) -> None:
    validator = jsonschema_rs.Draft202012Validator(form_json_schema(procedure))
    form = valid_form(procedure)
    for field, wrong in wrong_fields(procedure):
        is_beyond = wrong.code in _BEYOND_SCHEMA or (field.kind is FieldKind.DATE and isinstance(wrong.value, str))
        if is_beyond or (field.kind is FieldKind.TEXT and isinstance(wrong.value, str) and wrong.code == "wrong-type"):
            continue
        errors = list(validator.iter_errors(with_wrong(form, field, wrong)))
        assert errors, (field.name, wrong)
        if wrong.value is not MISSING:
            assert {error.instance_path[0] for error in errors} == {field.name}


def test_the_json_schema_says_everything_in_both_languages() -> None:
    schema = form_json_schema(catalogue().procedures["debt-instalment"])
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (schema["title"], schema["x-title-vi"]) == (
        "Instalment payment of tax debt (branch)",
        "Nộp dần tiền thuế nợ (nợ phát sinh tại một Chi cục)",
    )
    assert schema["additionalProperties"] is False
    assert schema["required"] == list(schema["properties"])
    where = schema["properties"]["debt_arose_at"]
    assert where["enum"] == ["one-branch", "several-branches", "several-departments"]
    assert where["x-enum-labels"]["one-branch"] == {"vi": "Tại một Chi cục", "en": "At one branch"}
    assert where["x-trait"] is True
    assert (where["title"], where["x-title-vi"]) == ("Where the debt arose", "Nơi phát sinh nợ")
    assert where["x-description-vi"].startswith("Quyết định cấp giải quyết")
    amount = schema["properties"]["debt_amount_vnd"]
    assert (amount["type"], amount["minimum"], amount["examples"]) == ("integer", 500_000_001, [850_000_000])


def test_the_json_schema_marks_what_must_be_registered() -> None:
    properties = form_json_schema(catalogue().procedures["declaration-cancellation"])["properties"]
    assert properties["declaration_number"]["x-must-be-registered"] is True
    assert "x-must-be-registered" not in properties["replacing_declaration_number"]


# Others who fill forms, and what it costs


@pytest.mark.parametrize("procedure", PROCEDURES, ids=of)
def test_the_crowd_fills_every_form(reader: SubmissionReader, procedure: Procedure) -> None:
    filler = FormFiller(load_form_texts(), Draws(7, "forms"))
    applicant = Applicant(ApplicantKind.ENTERPRISE, "3001234567", "Công ty thử", "3001234567", "30CF")
    for _ in range(5):
        form = filler.fill(procedure, Occasion(applicant, "30CF", FORM_DAY))
        assert reader.read(filing(procedure.procedure_id) | {"form": form}).form == form
