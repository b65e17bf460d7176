"""Filing: what processing is told, what the registers say, and what is refused at the door."""

# ruff: noqa: ARG002 - the fakes keep the signatures of the ports

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest

from services.contracts.catalogue import Procedure
from services.contracts.commands import AcceptedDossier, CommandType, WaitingDossiers
from services.contracts.form_fields import Choice, FieldKind, FormField
from services.contracts.vocabulary import ApplicantKind, Channel
from services.portal.application.filing import FilingRequest, FilingRules, file_requests
from services.portal.application.ports import Answer, DoorUnit, NewCommand, RegisterFinding
from services.portal.domain.sandbox import Filed, Sandbox, Submission
from services.portal.domain.traits import form_traits, limit_traits, trait_fields
from services.runtime.compact import expanded
from services.runtime.errors import ProblemError
from tests.support.fakes import NOW, RECORDED, SANDBOX_ID, a_sandbox
from tests.support.histories import a_procedure, rule_when


class MemoryUnit:
    """The door's transaction over lists; `findings` is what the registers answer, in order."""

    def __init__(self, findings: Mapping[str, RegisterFinding] | None = None) -> None:
        self.sandbox = a_sandbox()
        self.findings = findings or {}
        self.questions: list[list[str]] = []
        self.dossiers: list[Filed] = []
        self.commands: list[NewCommand] = []

    def lock_sandbox(self, sandbox_id: str) -> Sandbox:
        return self.sandbox

    def check_registers(
        self, sandbox: Sandbox, submissions: Sequence[Submission], now: datetime
    ) -> Sequence[RegisterFinding]:
        names = [submission.applicant_name for submission in submissions]
        self.questions.append(names)
        return [self.findings.get(name, RegisterFinding()) for name in names]

    def file(self, filed: Sequence[Filed], commands: Sequence[NewCommand]) -> None:
        self.dossiers += filed
        self.commands += commands

    @property
    def accepted(self) -> list[AcceptedDossier]:
        return [
            AcceptedDossier(*row)
            for command in self.commands
            if command.type is CommandType.ACCEPT_DOSSIERS
            for row in _rows(command.data)
        ]


def _rows(data: Mapping[str, Any]) -> Any:
    return expanded(WaitingDossiers.from_wire(data["waiting"]).payload) if "waiting" in data else data["dossiers"]


def a_field(name: str, kind: FieldKind, **changes: Any) -> FormField:
    field = FormField(name, kind, False, name, name, "", "", "x")
    return replace(field, **changes)


WHERE = a_field(
    "debt_arose_at",
    FieldKind.CHOICE,
    is_trait=True,
    choices=(Choice("one-branch", "", ""), Choice("several-branches", "", "")),
)
FIRST_TIME = a_field("first_time", FieldKind.BOOLEAN, is_trait=True)
AMOUNT = a_field("amount", FieldKind.MONEY_VND)


def a_submission(name: str = "A", **form: Any) -> Submission:
    return Submission(
        procedure_id="refund-first",
        office_code="30CF",
        channel=Channel.ONLINE,
        applicant_kind=ApplicantKind.ENTERPRISE,
        applicant_id="0100109106",
        applicant_name=name,
        filed_at=None,
        form=form,
    )


def file(unit: MemoryUnit, *submissions: Submission, procedure: Procedure | None = None) -> list[Filed | ProblemError]:
    """File in two requests, as if they had come at the same moment."""
    procedures = {"refund-first": procedure or a_procedure(form=(WHERE, FIRST_TIME, AMOUNT))}
    results: list[Filed | ProblemError] = []

    def answer(outcomes: Sequence[Filed | ProblemError]) -> Answer:
        results.extend(outcomes)
        return Answer(201, b"")

    half = (len(submissions) + 1) // 2
    requests = [FilingRequest(SANDBOX_ID, part, answer) for part in (submissions[:half], submissions[half:])]
    file_requests(cast("DoorUnit", unit), requests, FilingRules(procedures), RECORDED)
    return results


def test_processing_is_told_the_traits_of_a_form_and_nothing_else_of_it() -> None:
    unit = MemoryUnit()
    file(unit, a_submission(debt_arose_at="one-branch", first_time=True, amount=5), a_submission(amount=5))
    assert [row.traits for row in unit.accepted] == [{"debt_arose_at": "one-branch", "first_time": "true"}, None]
    assert [dossier.traits for dossier in unit.dossiers] == [row.traits for row in unit.accepted]


def test_the_registers_are_asked_once_for_all_requests_and_add_what_they_know() -> None:
    unit = MemoryUnit({"B": RegisterFinding(traits={"track": "inspect-first", "first_time": "false"})})
    file(unit, a_submission("A"), a_submission("B", first_time=True), a_submission("C"))
    assert unit.questions == [["A", "B", "C"]]
    assert [row.traits for row in unit.accepted] == [None, {"track": "inspect-first", "first_time": "false"}, None]


def test_what_the_registers_contradict_is_not_filed_and_the_rest_is_numbered_through() -> None:
    error = {"pointer": "/form/declaration_number", "code": "of-another", "detail": "x", "detail_vi": "y"}
    unit = MemoryUnit({"B": RegisterFinding(errors=[error])})
    results = file(unit, a_submission("A"), a_submission("B"), a_submission("C"))
    assert [dossier.number for dossier in unit.dossiers] == [61, 62]
    refused = results[1]
    assert isinstance(refused, ProblemError)
    assert (refused.code, refused.status, refused.errors) == ("not-in-register", 422, [error])


@pytest.mark.parametrize(
    ("first_on", "last_on", "is_filed"),
    [
        (date(2018, 6, 8), date(2018, 6, 8), True),
        (None, date(2018, 6, 7), False),
        (date(2018, 6, 9), None, False),
        (None, None, True),
    ],
)
def test_a_procedure_is_filed_while_its_law_is_in_force(
    first_on: date | None, last_on: date | None, *, is_filed: bool
) -> None:
    """The day in Vietnam of the filing, which here is Friday 8 June 2018."""
    unit = MemoryUnit()
    procedure = a_procedure(form=(), in_force_from=first_on, in_force_until=last_on)
    (result,) = file(unit, a_submission(), procedure=procedure)
    assert isinstance(result, Filed) is is_filed
    if isinstance(result, ProblemError):
        assert (result.code, result.errors[0]["pointer"]) == ("procedure-not-in-force", "/procedure")
        assert unit.questions == []
        assert "2018-06-08" in result.detail


def test_the_day_that_counts_is_the_one_it_is_filed_for() -> None:
    procedure = a_procedure(form=(), in_force_from=date(2020, 7, 1))
    later = a_submission()._replace(filed_at=NOW.replace(month=7))
    (result,) = file(MemoryUnit(), later, procedure=procedure)
    assert isinstance(result, ProblemError)
    procedure = replace(procedure, in_force_from=date(2018, 7, 1))
    (result,) = file(MemoryUnit(), later, procedure=procedure)
    assert isinstance(result, Filed)


@pytest.mark.parametrize(("count", "minutes", "is_packed"), [(199, 1, False), (200, 1, True), (200, 0, False)])
def test_many_that_are_filed_for_later_are_packed(count: int, minutes: int, *, is_packed: bool) -> None:
    unit = MemoryUnit()
    at = NOW + timedelta(minutes=minutes)
    later = [a_submission()._replace(filed_at=at + timedelta(seconds=second)) for second in range(count)]
    file(unit, *later)
    (command,) = unit.commands
    assert (command.data.keys() == {"waiting"}) is is_packed
    rows = unit.accepted
    assert [row.number for row in rows] == [dossier.number for dossier in unit.dossiers]
    assert [datetime.fromisoformat(row.filed_at) for row in rows] == [one.filed_at for one in unit.dossiers]
    if is_packed:
        waiting = WaitingDossiers.from_wire(command.data["waiting"])
        assert (waiting.count, waiting.first_at) == (count, at)


def test_traits_that_were_left_out_are_missing() -> None:
    procedure = a_procedure(form=(WHERE, FIRST_TIME, AMOUNT))
    assert form_traits(trait_fields(procedure), {"debt_arose_at": None, "amount": 3}) == {}


def test_the_traits_of_limits_have_the_values_of_limits_and_of_their_field() -> None:
    procedure = a_procedure(
        rule_when("a", debt_arose_at="several-departments"),
        rule_when("b"),
        form=(WHERE, FIRST_TIME),
        supplement={"silence_traits": {"track": "inspect-first"}},
    )
    assert limit_traits(procedure) == {
        "debt_arose_at": {"one-branch", "several-branches", "several-departments"},
        "track": {"inspect-first"},
    }
