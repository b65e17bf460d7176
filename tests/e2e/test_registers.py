"""The registers over HTTP and through the running services: from a declaration's registration to what changed it."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from motcua import Client
from motcua.client import ProblemError

from tests.support.filings import filing, tax_code

NDJSON = {"Content-Type": "application/x-ndjson"}
US, OTHERS = tax_code(0), tax_code(1)


@pytest.fixture
def customs(admin: Client) -> Iterator[Client]:
    """A sandbox whose officers are people and whose registers are strict: Tuesday 5 June 2018, 08:00 in Vietnam."""
    with admin.open_sandbox(
        name="registers", seed=7, now="2018-06-05T08:00:00+07:00", officer="human", unknown_declarations="refuse"
    ) as client:
        yield client


def register(client: Client, channel: str | None = "green", *, kind: str = "A11", applicant: int = 0) -> Any:
    """A declaration that is registered."""
    who = {"identifier": tax_code(applicant), "name": "Công ty"}
    body = {"kind": kind, "office": "30CF", "declarant": who, "customs_channel": channel}
    return client.request("POST", "/api/v1/declarations", json=body).json()


def enter(client: Client, number: str, **changes: Any) -> None:
    """A declaration that was cleared in April."""
    given = {
        "number": number,
        "kind": "A11",
        "office": "30CF",
        "declarant": US,
        "registered_at": "2018-04-16T09:00:00+07:00",
        **changes,
    }
    answer = client.request("POST", "/api/v1/declarations/import", data=json.dumps(given).encode(), headers=NDJSON)
    assert answer.headers["X-Filed-Count"] == "1", answer.text


def read(client: Client, number: str) -> Any:
    """A declaration."""
    return client.request("GET", f"/api/v1/declarations/{number}").json()


def naming(procedure_id: str, number: str, *, field: str = "declaration_number", applicant: int = 0) -> dict[str, Any]:
    """A filing that names a declaration, or another entry."""
    made = filing(procedure_id, applicant=applicant)
    made["form"][field] = number
    return made


def grant(client: Client, filed: Any) -> None:
    """Receive a dossier, take it up and decide as asked."""
    client.settle()
    for action, actor in (("receive", "officer"), ("start", "officer"), ("grant", "leader")):
        client.act(filed["dossier_id"], action, actor, wait_seconds=20)
    client.settle()


def refusal(client: Client, filed: dict[str, Any]) -> list[tuple[str, str]]:
    """Pointers and codes with which the registers refuse a filing."""
    with pytest.raises(ProblemError) as caught:
        client.file(filed)
    assert (caught.value.code, caught.value.status) == ("not-in-register", 422)
    assert all(error["detail"] and error["detail_vi"] for error in caught.value.problem["errors"])
    return [(error["pointer"], error["code"]) for error in caught.value.problem["errors"]]


def test_a_declaration_clears_by_itself_and_is_counted(customs: Client) -> None:
    made = register(customs, "green", kind="E31")
    customs.settle()
    found = read(customs, made["number"])
    assert (found["state"], found["customs_channel"], found["kind"]) == ("cleared", "green", "E31")
    assert found["clearance_dossier_id"] == made["dossier_id"]
    assert customs.dossier(made["dossier_id"])["status"] == "returned"
    assert customs.dossier(made["dossier_id"])["form"]["declaration_number"] == made["number"]
    (row,) = customs.statistics()["rows"]
    assert (row["procedure_id"], row["filed"], row["resolved"]["total"]) == ("clearance-documentary-check", 1, 1)
    assert found["amendment_window"]["rule"] == "after-clearance"


def test_yellow_and_red_wait_for_their_checks(customs: Client) -> None:
    yellow, red = register(customs, "yellow"), register(customs, "red", kind="B11")
    assert (yellow["procedure"], red["procedure"]) == ("clearance-documentary-check", "clearance-goods-inspection")
    customs.settle()
    for made, due_at in ((yellow, "2018-06-05T03:00:00Z"), (red, "2018-06-05T10:00:00Z")):
        assert read(customs, made["number"])["state"] == "registered"
        customs.act(made["dossier_id"], "receive", "officer", wait_seconds=20)
        assert read(customs, made["number"])["state"] == "under-check"
        assert customs.dossier(made["dossier_id"])["due_at"] == due_at
    customs.act(red["dossier_id"], "start", "officer", wait_seconds=20)
    customs.act(red["dossier_id"], "refuse", "leader", wait_seconds=20)
    assert read(customs, red["number"])["state"] == "not-cleared"


def test_an_amendment_for_somebody_elses_declaration_is_refused_with_its_own_code(customs: Client) -> None:
    made = register(customs, "green")
    customs.settle()
    theirs = naming("amendment-after-clearance", made["number"], applicant=1)
    assert refusal(customs, theirs) == [("/form/declaration_number", "declaration-of-another")]
    unknown = naming("amendment-after-clearance", "101234567890")
    assert refusal(customs, unknown) == [("/form/declaration_number", "declaration-unknown")]
    early = naming("amendment-before-clearance", made["number"])
    assert refusal(customs, early) == [("/form/declaration_number", "declaration-wrong-state")]
    assert len(list(customs.dossiers())) == 1


def test_a_granted_cancellation_cancels_the_declaration(customs: Client) -> None:
    made = register(customs, "green")
    customs.settle()
    filed = customs.file(naming("declaration-cancellation", made["number"]))
    linked = customs.request("GET", f"/api/v1/dossiers/{filed['dossier_id']}/registers").json()
    assert linked["names"] == [{"field": "declaration_number", "register": "declaration", "number": made["number"]}]
    grant(customs, filed)
    found = read(customs, made["number"])
    assert (found["state"], found["amendment_window"]) == ("cancelled", None)
    assert [event["kind"] for event in found["events"]] == ["tax-department-told", "cancelled"]
    assert [one["dossier_id"] for one in found["dossiers"]] == [filed["dossier_id"]]
    assert refusal(customs, naming("declaration-cancellation", made["number"])) == [
        ("/form/declaration_number", "declaration-wrong-state")
    ]
    feed = customs.request("GET", "/api/v1/register-events").json()
    assert [(one["register"], one["kind"], one["dossier_id"]) for one in feed["items"]] == [
        ("declaration", "cancelled", filed["dossier_id"]),
        ("declaration", "tax-department-told", filed["dossier_id"]),
        ("risk-profile", "risk-noted", filed["dossier_id"]),
    ]
    assert customs.request("GET", "/api/v1/register-events?after=3").json() == {"items": [], "next_after": 3}


def test_a_granted_amendment_makes_a_new_branch(customs: Client) -> None:
    made = register(customs, "green")
    customs.settle()
    filed = customs.file(naming("amendment-after-clearance", made["number"]))
    grant(customs, filed)
    found = read(customs, made["number"])
    assert found["number"] == made["number"][:-1] + "1"
    assert [(one["number"], one["dossier_id"], one["is_current"]) for one in found["branches"]] == [
        (made["number"], None, False),
        (found["number"], filed["dossier_id"], True),
    ]
    assert read(customs, found["number"]) == found
    assert refusal(customs, naming("amendment-after-clearance", made["number"])) == [
        ("/form/declaration_number", "declaration-not-current")
    ]


def test_a_refund_of_a_high_risk_enterprise_takes_forty_days(customs: Client) -> None:
    for applicant, number in ((0, "101234567890"), (1, "101234567900")):
        enter(customs, number, declarant=tax_code(applicant))
    profile = customs.request("PUT", f"/api/v1/risk-profiles/{US}", json={"level": 5, "rank": 6}).json()
    assert (profile["level"], profile["is_high_risk"]) == (5, True)
    filed = [
        customs.file(naming("refund-first", number, field="import_declaration_number", applicant=applicant))
        for applicant, number in ((0, "101234567890"), (1, "101234567900"))
    ]
    customs.settle()
    for one in filed:
        customs.act(one["dossier_id"], "receive", "officer", wait_seconds=20)
    risky, safe = (customs.dossier(one["dossier_id"]) for one in filed)
    assert (risky["limit_unit"], risky["due_at"]) == ("calendar-days", "2018-07-16T10:00:00Z")
    assert (safe["limit_unit"], safe["due_at"]) == ("working-days", "2018-06-13T10:00:00Z")
    linked = customs.request("GET", f"/api/v1/dossiers/{filed[0]['dossier_id']}/registers").json()
    (event,) = linked["events"]
    assert (event["kind"], event["detail"]["reason"]) == ("refund-routed", "high-risk")
    assert event["detail"]["article"]
    grant_rest(customs, filed[0])
    assert read(customs, "101234567890")["refunded_vnd"] == 48_200_000


def grant_rest(client: Client, filed: Any) -> None:
    """Decide a received dossier as asked."""
    for action, actor in (("start", "officer"), ("grant", "leader")):
        client.act(filed["dossier_id"], action, actor, wait_seconds=20)
    client.settle()


def test_a_late_amendment_is_recorded_as_a_violation(customs: Client) -> None:
    enter(customs, "101234567890", cleared_at="2018-04-05T09:00:00+07:00", registered_at="2018-04-05T08:00:00+07:00")
    assert read(customs, "101234567890")["amendment_window"]["is_penalised"] is True
    grant(customs, customs.file(naming("amendment-after-clearance", "101234567890")))
    page = customs.request("GET", f"/api/v1/violations?enterprise={US}").json()
    (violation,) = page["items"]
    assert (violation["kind"], violation["rule"], violation["declaration"]) == (
        "late-amendment",
        "clearance-expired",
        "101234567891",
    )
    assert customs.request("GET", f"/api/v1/violations?enterprise={OTHERS}").json()["items"] == []
    assert [one["number"] for one in read(customs, "101234567891")["violations"]] == [violation["number"]]
    again = customs.request("GET", f"/api/v1/violations/{violation['number']}").json()
    assert [event["kind"] for event in again["events"]] == ["violation-recorded"]


def test_an_amendment_in_time_is_none(customs: Client) -> None:
    enter(customs, "101234567890")
    grant(customs, customs.file(naming("amendment-after-clearance", "101234567890")))
    assert customs.request("GET", "/api/v1/violations").json()["items"] == []


def test_a_manifest_is_amended(customs: Client) -> None:
    body = {
        "enterprise": US,
        "office": "30CF",
        "vessel": "MV Sao Mai 09",
        "arrives_on": "2018-06-08",
        "bill_count": 12,
        "package_count": 240,
    }
    manifest = customs.request("POST", "/api/v1/manifests", json=body).json()
    filed = customs.file(naming("manifest-amendment", manifest["number"], field="manifest_number"))
    grant(customs, filed)
    found = customs.request("GET", f"/api/v1/manifests/{manifest['number']}").json()
    assert (found["revision"], found["vessel"]) == (1, "MV Sao Mai 09")
    assert [(one["kind"], one["dossier_id"]) for one in found["events"]] == [
        ("amended", filed["dossier_id"]),
        ("entered", None),
    ]
    assert [one["dossier_id"] for one in found["dossiers"]] == [filed["dossier_id"]]
    wrong = naming("manifest-amendment", manifest["number"], field="manifest_number", applicant=1)
    assert refusal(customs, wrong) == [("/form/manifest_number", "manifest-of-another")]


def test_goods_that_pass_a_gate_otherwise_than_declared_open_a_window(customs: Client) -> None:
    enter(customs, "101234567890")
    passage = {
        "declaration": "101234567890",
        "location": "30CFC01",
        "occurred_at": "2018-06-04T09:00:00+07:00",
        "differs": True,
        "discrepancy": "Thừa 2 kiện",
    }
    noted = customs.request("POST", "/api/v1/gate-passages", json=passage).json()
    assert noted["amend_until"] == "2018-06-11T10:00:00Z"
    window = read(customs, "101234567890")["amendment_window"]
    assert (window["rule"], window["until"], window["is_penalised"]) == ("after-gate", "2018-06-11T10:00:00Z", False)
    customs.advance(days=8)
    window = read(customs, "101234567890")["amendment_window"]
    assert (window["rule"], window["is_penalised"]) == ("gate-expired", True)


def test_an_audit_decision_ends_the_free_amendment(customs: Client) -> None:
    enter(customs, "101234567890")
    assert read(customs, "101234567890")["amendment_window"]["is_penalised"] is False
    decision = {"declaration": "101234567890", "number": "12/QĐ-KTSTQ", "reason": "Nghi vấn trị giá"}
    answer = customs.request("POST", "/api/v1/audits", json=decision)
    audit = answer.json()
    assert customs.request("GET", answer.headers["Location"]).json()["reason"] == "Nghi vấn trị giá"
    assert (audit["sent_by"], audit["starts_at"]) == ("2018-06-08T10:00:00Z", "2018-06-15T10:00:00Z")
    found = read(customs, "101234567890")
    assert found["amendment_window"]["rule"] == "audit-decided"
    assert [one["number"] for one in found["audits"]] == [audit["number"]]


def test_a_facility_is_notified_and_reports(customs: Client) -> None:
    filed = customs.file(filing("production-facility-notification"))
    customs.settle()
    if not customs.dossier(filed["dossier_id"])["is_final"]:
        grant(customs, filed)
    (facility,) = customs.request("GET", f"/api/v1/facilities?enterprise={US}").json()["items"]
    assert (facility["dossier_id"], facility["workers"]) == (filed["dossier_id"], 320)
    report = customs.file(naming("settlement-report", facility["number"], field="facility_code"))
    grant(customs, report)
    (found,) = customs.request("GET", "/api/v1/settlement-reports").json()["items"]
    assert (found["facility_code"], found["is_late"]) == (facility["number"], True)
    assert found["due_at"] == "2018-04-02T10:00:00Z"


def test_a_cargo_number_is_issued_by_the_system(customs: Client) -> None:
    filed = customs.file(filing("cargo-identification"))
    customs.settle()
    (cargo,) = customs.request("GET", "/api/v1/cargo-ids").json()["items"]
    assert (cargo["dossier_id"], cargo["enterprise"]) == (filed["dossier_id"], US)
    assert customs.dossier(filed["dossier_id"])["status"] == "returned"


def test_messages_change_a_declaration_before_it_is_cleared(customs: Client) -> None:
    made = register(customs, "yellow", kind="B11")
    customs.settle()
    change = {"item": "Số lượng", "declared_content": "100", "amended_content": "120"}
    path = f"/api/v1/declarations/{made['number']}"
    key = {"Idempotency-Key": "amend"}
    amended = customs.request("POST", f"{path}/amend", json=change, headers=key)
    assert customs.request("POST", f"{path}/amend", json=change, headers=key).json() == amended.json()
    number = amended.json()["number"]
    assert number == made["number"][:-1] + "1"
    found = read(customs, number)
    assert (found["events"][0]["detail"]["message"], found["branches"][1]["dossier_id"]) == ("EDA01", None)
    with pytest.raises(ProblemError) as stale:
        customs.request("POST", f"{path}/cancel", json={"reason": "Khai trùng"})
    assert (stale.value.code, stale.value.status) == ("declaration-not-current", 409)
    path = f"/api/v1/declarations/{number}"
    assert customs.request("POST", f"{path}/cancel", json={"reason": "Khai trùng"}).json()["state"] == "cancelled"
    customs.settle()
    assert customs.dossier(made["dossier_id"])["status"] == "withdrawn"
    with pytest.raises(ProblemError) as closed:
        customs.request("POST", f"{path}/amend", json=change)
    assert closed.value.code == "declaration-closed"


def test_messages_come_too_late_after_clearance(customs: Client) -> None:
    made = register(customs, "green")
    customs.settle()
    path = f"/api/v1/declarations/{made['number']}"
    for verb, body, instead in (
        ("amend", {"item": "a", "declared_content": "b", "amended_content": "c"}, "amendment-after-clearance"),
        ("cancel", {"reason": "Khai trùng"}, "declaration-cancellation"),
    ):
        with pytest.raises(ProblemError) as caught:
            customs.request("POST", f"{path}/{verb}", json=body)
        assert (caught.value.code, caught.value.status) == ("declaration-not-open", 409)
        assert instead in caught.value.problem["detail"]


def test_a_batch_tells_of_each_line_and_channels_are_drawn_alike(admin: Client) -> None:
    drawn = []
    for _ in range(2):
        with admin.open_sandbox(seed=11, now="2018-06-05T08:00:00+07:00") as client:
            who = {"identifier": US, "name": "Công ty"}
            good = json.dumps({"kind": "A11", "office": "30CF", "declarant": who})
            bad = json.dumps({"kind": "A99", "office": "ZZZZ", "declarant": who})
            body = "\n".join([good] * 500 + [bad, "", "{"] + [good] * 500).encode()
            answer = client.request("POST", "/api/v1/declarations/batch", data=body, headers=NDJSON)
            results = [json.loads(line) for line in answer.text.splitlines()]
            assert (answer.headers["X-Filed-Count"], answer.headers["X-Refused-Count"]) == ("1000", "2")
            made = [one for one in results if "number" in one]
            assert [int(one["number"]) for one in made] == list(range(100_000_000_010, 100_000_010_001, 10))
            wrong = [one for one in results if "problem" in one]
            assert [(one["line"], one["problem"]["code"]) for one in wrong] == [
                (501, "invalid-body"),
                (503, "malformed-json"),
            ]
            assert {error["pointer"] for error in wrong[0]["problem"]["errors"]} == {"/kind", "/office"}
            drawn.append([one["customs_channel"] for one in made])
    assert drawn[0] == drawn[1]
    assert 400 < drawn[0].count("green") < 800
    assert {"green", "yellow", "red"} == set(drawn[0])


def test_registering_once_under_a_key_registers_one(customs: Client) -> None:
    who = {"identifier": US, "name": "Công ty"}
    body = {"kind": "A11", "office": "30CF", "declarant": who, "customs_channel": "green"}
    answers: list[Any] = []

    def send() -> None:
        headers = {"Idempotency-Key": "once"}
        answers.append(customs.request("POST", "/api/v1/declarations", json=body, headers=headers).json())

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [answers[0]] * 4
    assert len(customs.request("GET", "/api/v1/declarations").json()["items"]) == 1


def test_a_lenient_sandbox_takes_any_number(sandbox: Client) -> None:
    """`sandbox` adopts unknown declarations."""
    for applicant in (0, 1, 0):
        sandbox.file(naming("declaration-cancellation", "101234567890", applicant=applicant))
    found = read(sandbox, "101234567890")
    assert (found["origin"], found["declarant"], len(found["dossiers"])) == ("adopted", US, 3)
    assert found["kind_label"] is None
    made = register(sandbox, "yellow")
    theirs = naming("declaration-cancellation", made["number"], applicant=1)
    assert refusal(sandbox, theirs) == [("/form/declaration_number", "declaration-of-another")]


def one_of_each(client: Client) -> dict[str, str]:
    """An entry of every register: its name by the address of its register."""
    made = register(client, "yellow")
    client.request("PUT", f"/api/v1/risk-profiles/{US}", json={"level": 3})
    cargo = client.file(filing("cargo-identification"))
    manifest = {"enterprise": US, "office": "30CF", "vessel": "MV Sao Mai 09", "arrives_on": "2018-06-08"}
    facility = {"enterprise": US, "office": "30CF", "facility_kind": "storage", "facility_address": "Kỳ Anh"}
    stock = dict.fromkeys(("opening_stock_vnd", "imported_vnd", "used_vnd", "closing_stock_vnd"), 1)
    report = {"enterprise": US, "facility_code": "CSSX000123", "financial_year_ends_on": "2017-12-31", **stock}
    entries = {
        "manifests": {**manifest, "bill_count": 1, "package_count": 1},
        "gate-passages": {"declaration": made["number"], "location": "30CFC01"},
        "facilities": {**facility, "workers": 1, "production_lines": 0},
        "settlement-reports": report,
        "audits": {"enterprise": US},
        "violations": {"declaration": made["number"], "kind": "false-declaration"},
    }
    names = {
        path: client.request("POST", f"/api/v1/{path}", json=body).json()["number"] for path, body in entries.items()
    }
    client.settle()
    assert client.dossier(cargo["dossier_id"])["status"] == "returned"
    (issued,) = client.request("GET", "/api/v1/cargo-ids").json()["items"]
    return {**names, "declarations": made["number"], "risk-profiles": US, "cargo-ids": issued["number"]}


def undocumented(client: Client, register: str) -> set[str]:
    """Fields of entries that the OpenAPI document doesn't know."""
    document = client.request("GET", "/openapi.json").json()

    def of(reference: dict[str, str]) -> Any:
        return document["components"]["schemas"][reference["$ref"].rpartition("/")[2]]["properties"]

    answer = document["paths"][f"/api/v1/{register}"]["get"]["responses"]["200"]
    properties = of(of(answer["content"]["application/json"]["schema"])["items"]["items"])
    items = client.request("GET", f"/api/v1/{register}").json()["items"]
    assert items, register
    return {name for item in items for name in item} - set(properties)


def test_what_granted_dossiers_enter_is_documented(customs: Client) -> None:
    enter(customs, "101234567890", cleared_at="2018-04-05T09:00:00+07:00", registered_at="2018-04-05T08:00:00+07:00")
    late = naming("amendment-after-clearance", "101234567890")
    report = naming("settlement-report", "CSSX900001", field="facility_code")
    customs.file(filing("cargo-identification"))
    for filed in (filing("production-facility-notification"), report, late):
        made = customs.file(filed)
        customs.settle()
        if not customs.dossier(made["dossier_id"])["is_final"]:
            grant(customs, made)
    for register_ in ("facilities", "settlement-reports", "cargo-ids", "violations", "declarations"):
        assert undocumented(customs, register_) == set(), register_


def test_what_is_adopted_is_documented(sandbox: Client) -> None:
    sandbox.file(naming("manifest-amendment", "MF18000123", field="manifest_number"))
    sandbox.file(naming("settlement-report", "CSSX000123", field="facility_code"))
    sandbox.file(naming("declaration-cancellation", "101234567890"))
    for register_ in ("manifests", "facilities", "declarations"):
        assert undocumented(sandbox, register_) == set(), register_


def test_another_sandbox_sees_and_does_nothing(admin: Client, customs: Client) -> None:
    names = one_of_each(customs)
    with admin.open_sandbox(now="2018-06-05T08:00:00+07:00") as other:
        for path, name in names.items():
            assert customs.request("GET", f"/api/v1/{path}/{name}").json()["number"] == name
            (item,) = customs.request("GET", f"/api/v1/{path}").json()["items"]
            assert item["number"] == name
            with pytest.raises(ProblemError) as caught:
                other.request("GET", f"/api/v1/{path}/{name}")
            assert (caught.value.code, caught.value.status) == ("not-found", 404), path
            assert other.request("GET", f"/api/v1/{path}").json()["items"] == [], path
        assert other.request("GET", "/api/v1/register-events").json()["items"] == []
        number = names["declarations"]
        change = {"item": "a", "declared_content": "b", "amended_content": "c"}
        for path, body in (
            (f"declarations/{number}/cancel", {"reason": "x"}),
            (f"declarations/{number}/amend", change),
            ("gate-passages", {"declaration": number, "location": "30CFC01"}),
        ):
            with pytest.raises(ProblemError) as caught:
                other.request("POST", f"/api/v1/{path}", json=body)
            assert caught.value.code == "not-found", path
    assert read(customs, number)["state"] == "registered"


def test_lists_go_on_from_their_cursors(customs: Client) -> None:
    for _ in range(5):
        register(customs, "green")
    found, cursor = [], ""
    while cursor is not None:
        page = customs.request("GET", f"/api/v1/declarations?limit=2&direction=import{cursor}").json()
        found += [one["number"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert found == [f"10000000005{0}", "100000000040", "100000000030", "100000000020", "100000000010"]
