"""What people can do to a dossier beside moving it on: each with its detail, each refused where the law refuses it."""

from collections.abc import Iterator
from typing import Any

import pytest
from motcua import Client, ProblemError

from tests.support.filings import catalogue, filing
from tests.support.people import in_process, people


@pytest.fixture
def client(admin: Client) -> Iterator[Client]:
    with people(admin) as opened:
        yield opened


def refused(client: Client, dossier_id: str, action: str, actor: str, **more: Any) -> str:
    """The code with which an action is refused; nothing has changed."""
    before = client.dossier(dossier_id)
    with pytest.raises(ProblemError) as caught:
        client.act(dossier_id, action, actor, **more)
    assert caught.value.problem["detail_vi"]
    assert client.dossier(dossier_id)["status"] == before["status"]
    return caught.value.code


def last(client: Client, dossier_id: str) -> dict[str, Any]:
    return client.timeline(dossier_id)[-1]


def with_rule(**wanted: bool) -> str:
    """A procedure whose first limit has what a test needs: `steps` (several), `extension`."""
    for name, procedure in catalogue().procedures.items():
        rule = procedure.limit_rules[0]
        has = {"steps": len(rule.steps) > 1, "extension": bool(rule.steps and rule.steps[0].extensions)}
        is_open = procedure.in_force_from is None and procedure.in_force_until is None
        if is_open and len(procedure.limit_rules) == 1 and all(has[key] is value for key, value in wanted.items()):
            return name
    raise AssertionError(f"no procedure has {wanted}")


def test_a_dossier_is_forwarded_upwards_only(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    assert "forward" in client.dossier(dossier_id)["allowed_actions"]
    client.act(dossier_id, "forward", "officer", reason="beyond-authority", detail={"to_level": "general-department"})
    entry = last(client, dossier_id)
    assert (entry["action"], entry["status"], entry["detail"]) == (
        "forward",
        "in-process",
        {"to_level": "general-department"},
    )
    assert client.deadline(dossier_id)["authority_level"] == "general-department"
    assert refused(client, dossier_id, "forward", "officer", detail={"to_level": "department"}) == "unfit-detail"
    assert refused(client, dossier_id, "forward", "leader", detail={"to_level": "ministry"}) == "actor-not-allowed"


def test_another_unit_is_consulted_and_answers(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    asked = {"unit": "Cục Kiểm định hải quan", "answer_by": "2018-06-08T17:00:00+07:00"}
    client.act(dossier_id, "consult", "officer", reason="needs-opinion", detail=asked)
    assert refused(client, dossier_id, "consult", "officer", detail=asked) == "already-done"
    client.act(dossier_id, "give-opinion", "officer", note="Đồng ý")
    entry = last(client, dossier_id)
    assert (entry["action"], entry["detail"]["unit"], entry["note"]) == ("give-opinion", asked["unit"], "Đồng ý")


def test_an_apology_is_made_once_and_in_time(client: Client) -> None:
    dossier_id, late = (in_process(client, "refund-first", applicant=index) for index in (1, 2))
    detail = {"new_date_at": "2018-07-20T17:00:00+07:00"}
    too_early = {"new_date_at": "2018-06-06T17:00:00+07:00"}
    assert refused(client, dossier_id, "apologize", "officer", detail=too_early) == "unfit-detail"
    client.act(dossier_id, "apologize", "leader", detail=detail)
    assert refused(client, dossier_id, "apologize", "leader", detail=detail) == "already-done"
    client.advance(days=30)
    assert (
        refused(client, late, "apologize", "officer", detail={"new_date_at": "2018-08-20T17:00:00+07:00"}) == "too-late"
    )


def test_steps_are_done_one_after_the_other_before_the_decision(client: Client) -> None:
    dossier_id = in_process(client, with_rule(steps=True))
    steps = client.deadline(dossier_id)["steps"]
    assert refused(client, dossier_id, "grant", "leader") == "step-open"
    final = [step for step in steps if step["within"] is None][-1]["step_id"]
    assert refused(client, dossier_id, "complete-step", "officer", detail={"step_id": final}) == "not-provided"
    assert refused(client, dossier_id, "complete-step", "officer", detail={"step_id": "none-such"}) == "unfit-detail"
    while any(step["completed_at"] is None and step["step_id"] != final for step in _before(steps, final)):
        client.act(dossier_id, "complete-step", "officer")
        steps = client.deadline(dossier_id)["steps"]
    assert last(client, dossier_id)["detail"]["step_id"] in {step["step_id"] for step in steps}
    assert client.act(dossier_id, "grant", "leader")["status"] == "processed"


def _before(steps: list[dict[str, Any]], final: str) -> list[dict[str, Any]]:
    """Steps that have to be done before the last one."""
    return [step for step in steps if step["within"] is None and step["step_id"] != final]


def test_a_limit_is_extended_as_far_as_the_law_goes(client: Client) -> None:
    dossier_id = in_process(client, with_rule(extension=True))
    before = client.dossier(dossier_id)["due_at"]
    assert refused(client, dossier_id, "extend", "officer") == "actor-not-allowed"
    after = client.act(dossier_id, "extend", "leader", reason="complex")
    assert after["due_at"] > before
    entry = last(client, dossier_id)
    (granted,) = client.deadline(dossier_id)["extensions"]
    assert entry["detail"]["article"] == granted["article"]
    assert entry["detail"]["amount"] == granted["limit"]["amount"]
    code = ""
    while not code:
        try:
            client.act(dossier_id, "extend", "leader")
        except ProblemError as problem:
            code = problem.code
    assert code == "already-done"
    assert refused(client, in_process(client, "refund-first"), "extend", "leader") == "not-provided"


def test_an_early_result_on_paper_is_announced_first(client: Client) -> None:
    dossier_id = in_process(client, "refund-first", channel="in-person")
    client.act(dossier_id, "grant", "leader")
    assert refused(client, dossier_id, "return-result", "officer") == "announcement-missing"
    client.act(dossier_id, "announce-early-result", "officer")
    assert refused(client, dossier_id, "announce-early-result", "officer") == "already-done"
    assert client.act(dossier_id, "return-result", "officer")["status"] == "returned"
    client.act(dossier_id, "rate", "applicant", detail={"satisfaction": "satisfied"})
    assert last(client, dossier_id)["detail"] == {"satisfaction": "satisfied"}
    assert refused(client, dossier_id, "rate", "applicant", detail={"satisfaction": "satisfied"}) == "already-done"


def test_a_second_request_for_a_supplement_is_refused(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    client.act(dossier_id, "request-supplement", "officer")
    client.act(dossier_id, "supplement", "applicant")
    assert refused(client, dossier_id, "request-supplement", "officer") == "already-done"


def test_a_payment_names_its_amount(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    client.act(dossier_id, "request-payment", "officer", detail={"amount_vnd": 200_000})
    assert last(client, dossier_id)["detail"] == {"amount_vnd": 200_000}
    assert refused(client, dossier_id, "pay", "applicant") == "actor-not-allowed"
    paid = {"paid_at": "2018-06-05T08:00:00+07:00", "payment_id": "BL-1"}
    assert client.act(dossier_id, "pay", "officer", detail=paid)["status"] == "in-process"


def test_a_refund_goes_on_under_stricter_terms(client: Client) -> None:
    dossier_id = in_process(client, "refund-first")
    before = client.dossier(dossier_id)
    after = client.act(
        dossier_id, "reclassify", "officer", reason="high-risk", detail={"traits": {"track": "inspect-first"}}
    )
    assert after["due_at"] > before["due_at"]
    assert after["traits"] == {**before["traits"], "track": "inspect-first"}
    told = client.deadline(dossier_id)
    assert (told["due_at"], told["limit"]["amount"]) == (after["due_at"], 40)


@pytest.mark.parametrize("actor", ["clock", "system", "bank"])
def test_nobody_acts_for_clock_system_or_bank(client: Client, actor: str) -> None:
    dossier_id = client.file(filing("refund-first"))["dossier_id"]
    with pytest.raises(ProblemError) as caught:
        client.act(dossier_id, "receive", actor)
    assert (caught.value.code, caught.value.errors[0]["pointer"]) == ("invalid-body", "/actor")


@pytest.mark.parametrize("action", ["submit", "resolve-at-once", "debit", "reschedule"])
def test_what_people_do_not_do_is_no_choice(client: Client, action: str) -> None:
    dossier_id = client.file(filing("refund-first"))["dossier_id"]
    with pytest.raises(ProblemError) as caught:
        client.act(dossier_id, action, "officer")
    assert (caught.value.code, caught.value.errors[0]["pointer"]) == ("invalid-body", "/action")
    assert action not in client.dossier(dossier_id)["allowed_actions"]


def test_a_detail_is_checked_before_anything_is_asked(client: Client) -> None:
    dossier_id = client.file(filing("refund-first"))["dossier_id"]
    with pytest.raises(ProblemError) as caught:
        client.act(dossier_id, "receive", "officer", detail={"colour": "red"})
    assert caught.value.errors == [
        {
            "pointer": "/detail/colour",
            "code": "unknown-field",
            "detail": "Unknown field.",
            "detail_vi": "Không có trường này.",
        }
    ]
    client.settle()
    assert [entry["action"] for entry in client.timeline(dossier_id)] == ["submit"]
