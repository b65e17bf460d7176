"""Payments over the real services, with people in the office and a clock that stands still until it is told."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import requests
from motcua import Client
from motcua.client import ProblemError

from tests.support.filings import filing

Json = dict[str, Any]

#: A procedure with a limit in working days and no fee of its own.
PROCEDURE = "overpaid-tax"
AMOUNT_VND = 12_500_000


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass
class Case:
    """A dossier that waits for its payment, asked for at 08:00 on Tuesday 5 June 2018."""

    client: Client
    dossier_id: str
    document: Json

    def get(self, path: str) -> Json:
        answer: Json = self.client.request("GET", path).json()
        return answer

    def post(self, path: str, body: Json) -> requests.Response:
        return self.client.request("POST", path, json=body)

    def line(self, reference: str = "FT1", **changes: Any) -> Json:
        return {
            "debit_reference": reference,
            "payment_id": self.document["payment_id"],
            "amount_vnd": self.document["amount_vnd"],
            "tax_code": self.document["payer"]["identifier"],
            "account": self.document["account"],
            "paid_at": self.client.clock()["now"],
            **changes,
        }

    def send(self, *lines: Json, message_id: str = "m1", bank: str = "SHB") -> Json:
        body = {"bank": bank, "message_id": message_id, "payments": list(lines)}
        answer: Json = self.post("/api/v1/payments/bank/messages", body).json()
        self.client.settle()
        return answer

    @property
    def dossier(self) -> Json:
        return self.client.dossier(self.dossier_id)

    @property
    def state(self) -> str:
        state: str = self.get(f"/api/v1/payments/{self.document['payment_id']}")["state"]
        return state

    def actions(self) -> list[str]:
        return [entry["action"] for entry in self.client.timeline(self.dossier_id)]


@pytest.fixture
def case(admin: Client) -> Iterator[Case]:
    now = "2018-06-05T08:00:00+07:00"
    with admin.open_sandbox(name="payments", now=now, officer="human", unknown_declarations="adopt") as client:
        yield waiting(client)


def waiting(client: Client, procedure: str = PROCEDURE, amount_vnd: int | None = AMOUNT_VND) -> Case:
    """File a dossier and take it as far as the request for payment."""
    dossier_id = client.file(filing(procedure))["dossier_id"]
    client.act(dossier_id, "receive", "officer", reason="complete")
    client.act(dossier_id, "start", "officer")
    detail = {"amount_vnd": amount_vnd} if amount_vnd else None
    moved = client.act(dossier_id, "request-payment", "officer", detail=detail)
    assert moved["status"] == "payment-requested"
    payment_id = client.dossier(dossier_id)["payment"]["payment_id"]
    return Case(client, dossier_id, client.request("GET", f"/api/v1/payments/{payment_id}").json())


def test_a_request_for_payment_can_be_read_by_a_bank_and_paid(case: Case) -> None:
    asked = case.post(
        "/api/v1/payments/bank/queries", {"bank": "SHB", "payment_id": case.document["payment_id"]}
    ).json()
    assert (asked["may_be_paid"], asked["error"]) == (True, None)
    assert asked["document"] == case.document
    assert (asked["document"]["form"], asked["document"]["amount_vnd"]) == ("01/BKNT", AMOUNT_VND)
    assert asked["document"]["dossier_id"] == case.dossier_id
    assert case.dossier["payment"]["status_code"] == 0
    assert case.dossier["due_at"] is None  # the limit stands still

    case.client.advance(hours=2)
    paid_at = case.client.clock()["now"]
    case.client.advance(minutes=3)
    answer = case.send(case.line(paid_at=paid_at))
    assert (answer["outcome"], answer["results"][0]["outcome"]) == ("accepted", "recorded")
    dossier = case.dossier
    assert (dossier["status"], dossier["payment"]["status_code"]) == ("in-process", 1)
    assert dossier["due_at"] is not None
    last = case.client.timeline(case.dossier_id)[-1]
    assert (last["action"], last["actor"]) == ("pay", "bank")
    assert instant(last["detail"]["paid_at"]) == instant(paid_at)
    assert last["detail"]["payment_id"] == case.document["payment_id"]
    again = case.post(
        "/api/v1/payments/bank/queries", {"bank": "ACB", "payment_id": case.document["payment_id"]}
    ).json()
    assert (again["may_be_paid"], again["error"]["code"]) == (False, "P0006")


def test_an_unknown_number_is_reported(case: Case) -> None:
    for number, code in (("11811000012326", "P0001"), ("11811000012327", "P0002"), ("abc", "P0002")):
        answer = case.post("/api/v1/payments/bank/queries", {"bank": "SHB", "payment_id": number}).json()
        assert (answer["document"], answer["error"]["code"]) == (None, code)
    with pytest.raises(ProblemError) as caught:
        case.post("/api/v1/payments/bank/queries", {"bank": "XX", "payment_id": "1"})
    assert caught.value.problem["code"] == "unknown-bank"


def test_a_mismatch_is_refused_with_a_code_and_nothing_happens(case: Case) -> None:
    before = case.actions()
    answer = case.send(
        case.line("A", amount_vnd=AMOUNT_VND - 1),
        case.line("B", tax_code="0100109106"),
        case.line("C", account="3511.30CF"),
        case.line("D", payment_id="11811000012326"),
    )
    assert answer["outcome"] == "refused"
    assert [[error["code"] for error in one["errors"]] for one in answer["results"]] == [
        ["P0003"],
        ["P0004"],
        ["P0005"],
        ["P0001"],
    ]
    assert case.actions() == before
    assert case.state == "open"
    known = {item["code"]: item for item in case.get("/api/v1/payments/error-codes")["items"]}
    assert answer["results"][0]["errors"][0] == known["P0003"]


def test_a_message_that_comes_twice_pays_once(case: Case) -> None:
    body = {"bank": "SHB", "message_id": "m1", "payments": [case.line()]}
    answers = [case.post("/api/v1/payments/bank/messages", body) for _ in range(3)]
    assert len({answer.text for answer in answers}) == 1
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true", "true"]
    case.client.settle()
    assert case.actions().count("pay") == 1
    assert case.get("/api/v1/payments/bank/messages/SHB/m1") == answers[0].json()
    with pytest.raises(ProblemError) as caught:
        case.post("/api/v1/payments/bank/messages", {**body, "payments": [case.line("FT2")]})
    assert caught.value.problem["code"] == "bank-message-reused"
    refused = case.post("/api/v1/payments/bank/cancellations", {"bank": "SHB", "debit_reference": "FT1"}).json()
    assert (refused["outcome"], refused["error"]["code"]) == ("refused", "P0011")


@pytest.mark.parametrize(("clock", "told"), [("17:30", None), ("10:00", True)])
def test_after_the_cut_off_the_dossier_goes_on_when_the_next_working_day_opens(
    case: Case, clock: str, told: bool | None
) -> None:
    case.client.advance(to=f"2018-06-08T{clock}:00+07:00")  # a Friday
    paid_at = case.client.clock()["now"]
    answer = case.send(case.line(after_cut_off=told))
    assert answer["results"][0]["outcome"] == "to-be-recorded"
    assert answer["results"][0]["record_at"] == "2018-06-11T01:00:00Z"
    assert (case.dossier["status"], case.dossier["due_at"], case.state) == (
        "payment-requested",
        None,
        "debited-not-recorded",
    )
    assert case.actions()[-1] == "debit"

    case.client.advance(to="2018-06-11T07:59:00+07:00")
    assert case.dossier["status"] == "payment-requested"
    case.client.advance(to="2018-06-11T08:00:00+07:00")
    assert (case.dossier["status"], case.state) == ("in-process", "paid")
    assert case.dossier["due_at"] is not None
    paid = case.client.timeline(case.dossier_id)[-1]
    assert (paid["action"], paid["actor"], paid["occurred_at"]) == ("pay", "bank", "2018-06-11T01:00:00Z")
    assert instant(paid["detail"]["paid_at"]) == instant(paid_at)
    document = case.get(f"/api/v1/payments/{case.document['payment_id']}")
    assert (document["paid_at"], document["recorded_at"]) == (paid_at, "2018-06-11T01:00:00Z")
    assert document["booked_on"] == "2018-06-11"


def test_the_treasurys_statement_comes_the_next_morning(case: Case) -> None:
    refused = waiting(case.client)
    late = waiting(case.client)
    by_hand = waiting(case.client)
    case.client.advance(hours=1)
    case.send(
        case.line("A"),
        refused.line("B", amount_vnd=5),
        late.line("C", after_cut_off=True),
    )
    case.client.act(by_hand.dossier_id, "pay", "officer")
    with pytest.raises(ProblemError) as caught:
        case.get("/api/v1/treasury/statements/2018-06-05")
    problem = caught.value.problem
    assert (problem["code"], problem["available_at"]) == ("statement-not-ready", "2018-06-06T01:00:00Z")

    case.client.advance(to="2018-06-06T08:00:00+07:00")
    statement = case.get("/api/v1/treasury/statements/2018-06-05")
    standings = {(item["payment_id"], item["standing"]) for item in statement["items"]}
    assert standings == {
        (case.document["payment_id"], "matched"),
        (refused.document["payment_id"], "debit-without-record"),
        (late.document["payment_id"], "in-transit"),
        (by_hand.document["payment_id"], "record-without-debit"),
    }
    totals = statement["totals"]
    assert totals["booked"] == {"entry_count": 2, "amount_vnd": AMOUNT_VND + 5}
    assert totals["recorded"] == {"entry_count": 2, "amount_vnd": 2 * AMOUNT_VND}
    assert totals["difference_vnd"] == 5 - AMOUNT_VND
    # the bank takes the refused debit back, and pays what was asked
    taken_back = case.post("/api/v1/payments/bank/cancellations", {"bank": "SHB", "debit_reference": "B"}).json()
    assert taken_back["outcome"] == "cancelled"
    case.send(refused.line("B2"), message_id="m2")
    assert "debit-without-record" not in {
        item["standing"] for item in case.get("/api/v1/treasury/statements/2018-06-05")["items"]
    }
    case.client.advance(to="2018-06-07T08:00:00+07:00")
    next_day = case.get("/api/v1/treasury/statements/2018-06-06")
    assert next_day["totals"]["matched"] == {"entry_count": 2, "amount_vnd": 2 * AMOUNT_VND}
    first = case.get("/api/v1/treasury/statements/2018-06-06?limit=1")
    second = case.get(f"/api/v1/treasury/statements/2018-06-06?limit=1&cursor={first['next_cursor']}")
    assert first["items"] + second["items"] == next_day["items"]


def test_an_applicant_who_never_pays_is_stopped_by_the_clock(case: Case) -> None:
    paying = waiting(case.client)
    case.client.advance(to="2018-07-18T08:00:00+07:00")
    assert (case.dossier["status"], case.state) == ("stopped", "cancelled")
    answer = case.send(case.line())
    assert [error["code"] for error in answer["results"][0]["errors"]] == ["P0007"]
    assert case.dossier["payment"]["status_code"] == 0
    assert paying.state == "cancelled"


def test_a_debit_under_way_is_not_stopped_by_the_clock(case: Case) -> None:
    case.client.advance(to="2018-07-17T16:30:00+07:00")  # the last day of the wait
    assert case.dossier["status"] == "payment-requested"
    case.send(case.line())
    case.client.advance(to="2018-07-18T08:00:00+07:00")
    assert (case.dossier["status"], case.state) == ("in-process", "paid")


def test_a_withdrawn_dossier_cancels_its_document(case: Case) -> None:
    case.client.act(case.dossier_id, "withdraw", "applicant", reason="applicant-wish")
    assert case.state == "cancelled"


def test_a_fee_is_asked_for_without_an_amount_and_may_be_paid_with_the_months_others(case: Case) -> None:
    fee = waiting(case.client, "change-of-use", None)
    assert (fee.document["form"], fee.document["amount_vnd"]) == ("02/BKNP", 20_000)
    assert fee.document["account"].startswith("3511.")
    assert (fee.document["due_at"], fee.document["late_interest"]) == ("2018-07-10T10:00:00Z", None)
    assert case.document["due_at"] is None
    case.client.advance(to="2018-07-13T10:00:00+07:00")
    late = fee.get(f"/api/v1/payments/{fee.document['payment_id']}")["late_interest"]
    assert late == {"days": 3, "amount_vnd": 20_000 * 3 * 3 // 10_000}


def test_documents_are_listed(case: Case) -> None:
    other = waiting(case.client)
    listed = case.get("/api/v1/payments?state=open")["items"]
    assert {item["payment_id"] for item in listed} == {case.document["payment_id"], other.document["payment_id"]}
    of_one = case.get(f"/api/v1/payments?dossier={case.dossier_id}")["items"]
    assert [item["payment_id"] for item in of_one] == [case.document["payment_id"]]
    first = case.get("/api/v1/payments?limit=1")
    second = case.get(f"/api/v1/payments?limit=1&cursor={first['next_cursor']}")
    assert second["next_cursor"] is None
    assert len(case.get("/api/v1/payments/banks")["items"]) == 10


def test_another_sandbox_sees_nothing_of_it(case: Case, admin: Client) -> None:
    with admin.open_sandbox(
        name="other", now="2018-06-05T08:00:00+07:00", officer="human", unknown_declarations="adopt"
    ) as other:
        with pytest.raises(ProblemError):
            other.request("GET", f"/api/v1/payments/{case.document['payment_id']}")
        assert other.request("GET", "/api/v1/payments").json()["items"] == []
        case.send(case.line("F", amount_vnd=1), message_id="m0")
        with pytest.raises(ProblemError):
            other.request("GET", "/api/v1/payments/bank/messages/SHB/m0")
        other.advance(days=1)
        assert other.request("GET", "/api/v1/treasury/statements/2018-06-05").json()["items"] == []
        body = {"bank": "SHB", "message_id": "m1", "payments": [case.line()]}
        answer = other.request("POST", "/api/v1/payments/bank/messages", json=body).json()
        assert answer["results"][0]["errors"][0]["code"] == "P0001"
    assert case.state == "open"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"amount_vnd": 0}, "/payments/0/amount_vnd"),
        ({"amount_vnd": 10**30}, "/payments/0/amount_vnd"),
        ({"amount_vnd": "5"}, "/payments/0/amount_vnd"),
        ({"paid_at": "2018-06-05"}, "/payments/0/paid_at"),
        ({"after_cut_off": "yes"}, "/payments/0/after_cut_off"),
        ({"debit_reference": "a b"}, "/payments/0/debit_reference"),
        ({"debit_reference": "a\n"}, "/payments/0/debit_reference"),
        ({"payment_id": "\u0000"}, "/payments/0/payment_id"),
        ({"tip": 5}, "/payments/0/tip"),
    ],
)
def test_a_wrong_field_of_a_message_is_named(case: Case, changes: Json, pointer: str) -> None:
    body = {"bank": "SHB", "message_id": "m1", "payments": [{**case.line(), **changes}]}
    with pytest.raises(ProblemError) as caught:
        case.post("/api/v1/payments/bank/messages", body)
    assert [error["pointer"] for error in caught.value.errors] == [pointer]
    assert case.state == "open"


def test_a_message_has_at_least_one_payment_and_not_too_many(case: Case) -> None:
    for lines in ([], [case.line(f"FT{number}") for number in range(501)]):
        with pytest.raises(ProblemError) as caught:
            case.post("/api/v1/payments/bank/messages", {"bank": "SHB", "message_id": "m1", "payments": lines})
        assert caught.value.errors[0]["pointer"] == "/payments"


@pytest.mark.parametrize("paid_at", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59Z", "2018-06-05T00:59:59Z"])
def test_a_debit_of_no_possible_instant_is_refused(case: Case, paid_at: str) -> None:
    answer = case.send(case.line(paid_at=paid_at))
    assert answer["results"][0]["errors"][0]["code"] in {"P0008", "P0009"}
    case.client.advance(days=1)
    statement = case.get("/api/v1/treasury/statements/2018-06-05")
    assert statement["totals"]["debit_without_record"]["entry_count"] == 1


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2018-06-31", "not-found"),
        ("yesterday", "not-found"),
        ("9999-12-31", "statement-unknown-day"),
        ("0001-01-01", "statement-unknown-day"),
    ],
)
def test_a_statement_of_no_possible_day(case: Case, day: str, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        case.get(f"/api/v1/treasury/statements/{day}")
    assert caught.value.code == code


@pytest.fixture
def visitor() -> Iterator[requests.Session]:
    """A browser without scripts that has never been here."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def form_of(page: str) -> Json:
    return {
        name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]  # type: ignore[index]
        for name in ("form_token", "attempt")
    }


def test_the_hosted_page_pays_over_a_form(case: Case, visitor: requests.Session) -> None:
    url = case.document["pay_url"]
    page = visitor.get(url, timeout=30)
    assert page.status_code == 200
    assert "12.500.000" in page.text
    fields = {**form_of(page.text), "bank": "SHB"}

    forged = visitor.post(url, data={**fields, "choice": "full", "form_token": "guess"}, timeout=30)
    assert forged.status_code == 403
    strange = requests.post(url, data={**fields, "choice": "full"}, timeout=30)  # another browser has no such token
    assert strange.status_code == 403
    bare = visitor.get(url.partition("?")[0], timeout=30, allow_redirects=False)
    assert bare.headers["Location"].startswith("/sign-in")
    assert case.state == "open"

    mismatch = visitor.post(url, data={**fields, "choice": "other-amount", "amount": "12.000.000"}, timeout=30)
    assert mismatch.status_code == 200
    assert "P0003" in mismatch.text
    receipt = visitor.post(url, data={**fields, "choice": "full"}, timeout=30)
    assert (receipt.status_code, receipt.history[0].status_code) == (200, 303)
    assert case.document["account"] in receipt.text
    case.client.settle()
    assert (case.dossier["status"], case.state) == ("in-process", "paid")
    twice = visitor.post(url, data={**fields, "choice": "full"}, timeout=30)
    assert twice.url == receipt.url
    case.client.settle()
    assert case.actions().count("pay") == 1


def test_a_robots_sandbox_pays_by_itself(sandbox: Client) -> None:
    """Whatever its robots asked for has been paid or cancelled in the end, and every payment is in a statement."""
    sandbox.file_many(filing("amendment-after-clearance", applicant=number) for number in range(120))
    sandbox.advance(days=120)
    documents = sandbox.request("GET", "/api/v1/payments?limit=500").json()["items"]
    assert documents
    assert {document["state"] for document in documents} <= {"paid", "cancelled"}
    asked = {
        dossier["dossier_id"]
        for dossier in sandbox.dossiers()
        if any(entry["action"] == "request-payment" for entry in sandbox.timeline(dossier["dossier_id"]))
    }
    assert {document["dossier_id"] for document in documents} == asked
    paid = [document for document in documents if document["state"] == "paid"]
    booked = sum(
        sandbox.request("GET", f"/api/v1/treasury/statements/{day}").json()["totals"]["booked"]["amount_vnd"]
        for day in sorted({document["booked_on"] for document in paid})
    )
    assert booked == sum(document["amount_vnd"] for document in paid)
