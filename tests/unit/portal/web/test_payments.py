"""The hosted pay page as a visitor without scripts gets it: who may see it, what can be chosen, what comes of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.portal.application.pay_links import pay_token, pay_url, sandbox_of_token
from services.portal.bootstrap import Parts
from services.portal.domain.payments.payments import PaymentDocument, PaymentKind, PaymentState
from tests.support.fakes import KEY, SANDBOX_ID
from tests.support.payment_fakes import MemoryPayments

SECRET = "only for tests"


@pytest.fixture(autouse=True)
def payments(parts: Parts) -> Iterator[MemoryPayments]:
    """Payments of this test's own, in the portal that all tests share: dossier 6 waits for one."""
    shared = cast("MemoryPayments", parts.payments)
    vars(parts)["payments"] = own = MemoryPayments(shared.known_sandbox, shared.known.values())
    yield own
    vars(parts)["payments"] = shared


@pytest.fixture
def document(payments: MemoryPayments) -> PaymentDocument:
    (found,) = payments.known.values()
    return found


@pytest.fixture
def path(document: PaymentDocument) -> str:
    """The link as an applicant has it."""
    return f"/pay/{document.payment_id}?link={pay_token(SECRET, SANDBOX_ID, document.payment_id)}"


def fields_of(page: str) -> dict[str, str]:
    return {
        name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]  # type: ignore[index]
        for name in ("form_token", "attempt")
    }


def send(visitor: FlaskClient, path: str, **changes: str) -> TestResponse:
    opened = fields_of(visitor.get(path).text)
    return visitor.post(path, data={**opened, "bank": "SHB", "choice": "full", **changes})


def text_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_link_opens_the_page_without_signing_in(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path)
    page = text_of(answer)
    assert "1181 1000 0006" in page
    assert "12.500.000" in page
    assert "Công ty TNHH Thử Nghiệm Một Cửa" in page
    assert "7111.30F1" in page
    assert "MÔ PHỎNG / MOCK" in page
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert visitor.get("/dossiers").status_code == 302


def test_a_number_alone_opens_nothing(visitor: FlaskClient, member: FlaskClient, document: PaymentDocument) -> None:
    bare = f"/pay/{document.payment_id}"
    for address in (bare, f"{bare}?link=", f"{bare}?link={SANDBOX_ID}.AAAA", f"{bare}?link=ế"):
        answer = visitor.get(address)
        assert (answer.status_code, answer.headers["Location"][:8]) == (302, "/sign-in")
    assert member.get(bare).status_code == 200


def test_a_link_opens_its_own_document_alone(document: PaymentDocument) -> None:
    token = pay_token(SECRET, SANDBOX_ID, document.payment_id)
    assert sandbox_of_token(SECRET, token, document.payment_id) == SANDBOX_ID
    assert sandbox_of_token(SECRET, token, "11811000012326") is None
    assert sandbox_of_token("another secret", token, document.payment_id) is None
    assert sandbox_of_token(SECRET, token.replace(SANDBOX_ID, "9876543210"), document.payment_id) is None
    assert sandbox_of_token("", pay_token("", SANDBOX_ID, document.payment_id), document.payment_id) is None
    assert (
        pay_url("http://here", SECRET, SANDBOX_ID, "1")
        == f"http://here/pay/1?link={pay_token(SECRET, SANDBOX_ID, '1')}"
    )


@pytest.mark.parametrize("payment_id", ["11811000012326", "x", "11811000012362", "9" * 3000])
def test_a_document_that_is_not_there(member: FlaskClient, payment_id: str) -> None:
    assert member.get(f"/pay/{payment_id}").status_code == 404


def test_paying_in_full_gives_a_receipt(visitor: FlaskClient, path: str, payments: MemoryPayments) -> None:
    answer = send(visitor, path)
    assert answer.status_code == 303
    receipt = text_of(visitor.get(answer.headers["Location"]))
    assert "12.500.000" in receipt
    assert "SHB" in receipt
    (paid,) = payments.known.values()
    assert (paid.state, paid.bank_code) == (PaymentState.PAID, "SHB")
    (command,) = payments.commands
    assert command.data["actions"][0][2] == "pay"
    # the page says so from now on, and has no form
    page = visitor.get(path).text
    assert 'name="choice"' not in page


def test_clicking_twice_pays_once(visitor: FlaskClient, path: str, payments: MemoryPayments) -> None:
    opened = {**fields_of(visitor.get(path).text), "bank": "VCB", "choice": "full"}
    answers = [visitor.post(path, data=opened) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(payments.commands) == 1


def test_another_amount_shows_the_error_code(visitor: FlaskClient, path: str, payments: MemoryPayments) -> None:
    answer = send(visitor, path, choice="other-amount", amount="12.499.000 ₫")
    page = text_of(visitor.get(answer.headers["Location"]))
    assert "P0003" in page
    assert "12.499.000" in page
    assert payments.commands == []
    assert next(iter(payments.known.values())).state is PaymentState.OPEN
    english = text_of(visitor.get(answer.headers["Location"] + "&lang=en"))
    assert "Query again; pay the exact amount" in english
    # and the right amount afterwards
    receipt = visitor.get(send(visitor, path).headers["Location"])
    assert "P0003" not in receipt.text
    assert len(payments.commands) == 1


@pytest.mark.parametrize("amount", ["", "0", "-5", "1e6", "12500000", "12.500.000", "٣", "9" * 20])
def test_a_wrong_other_amount_is_told_beside_its_field(
    visitor: FlaskClient, path: str, payments: MemoryPayments, amount: str
) -> None:
    answer = send(visitor, path, choice="other-amount", amount=amount)
    assert answer.status_code == 422
    assert 'id="amount-error"' in answer.text
    assert 'href="#amount"' in answer.text
    assert payments.messages == {}


def test_after_the_cut_off_it_is_debited_and_recorded_later(
    visitor: FlaskClient, path: str, payments: MemoryPayments
) -> None:
    answer = send(visitor, path, choice="after-cut-off")
    page = text_of(visitor.get(answer.headers["Location"] + "&lang=en"))
    assert "08:00, Monday 11 June 2018" in page  # the world's clock shows Friday
    assert payments.commands[0].data["actions"][0][2] == "debit"
    assert next(iter(payments.known.values())).state is PaymentState.DEBITED


def test_a_form_from_elsewhere_pays_nothing(visitor: FlaskClient, path: str, payments: MemoryPayments) -> None:
    opened = fields_of(visitor.get(path).text)
    for token in ("", "guess"):
        answer = visitor.post(path, data={**opened, "form_token": token, "bank": "SHB", "choice": "full"})
        assert answer.status_code == 403
    assert visitor.post(path, data={}).status_code == 403
    assert payments.messages == {}


def test_without_link_or_session_a_form_pays_nothing(
    visitor: FlaskClient, path: str, document: PaymentDocument, payments: MemoryPayments
) -> None:
    opened = {**fields_of(visitor.get(path).text), "bank": "SHB", "choice": "full"}
    answer = visitor.post(f"/pay/{document.payment_id}", data=opened)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")
    assert payments.messages == {}


@pytest.mark.parametrize("changes", [{"bank": "XXX"}, {"choice": "free"}, {"attempt": "<script>"}])
def test_what_our_form_never_sends_shows_the_form_again(
    visitor: FlaskClient, path: str, payments: MemoryPayments, changes: Any
) -> None:
    answer = send(visitor, path, **changes)
    assert (answer.status_code, payments.messages) == (200, {})
    assert 'name="choice"' in answer.text


def test_a_message_about_another_document_shows_nothing_here(
    visitor: FlaskClient, path: str, document: PaymentDocument, payments: MemoryPayments
) -> None:
    answer = send(visitor, path)
    bank, message_id = answer.headers["Location"].split("?")[0].split("/")[-2:]
    known = payments.messages[bank, message_id]
    other = {**known[1], "results": [{**known[1]["results"][0], "payment_id": "11811000012326"}]}
    payments.messages[bank, message_id] = (known[0], other)
    assert visitor.get(answer.headers["Location"]).status_code == 404
    assert visitor.get(f"/pay/{document.payment_id}/SHB/nothing?{path.split('?')[1]}").status_code == 404


@pytest.mark.parametrize("state", list(PaymentState))
@pytest.mark.parametrize("kind", list(PaymentKind))
def test_every_state_and_kind_has_a_page(
    visitor: FlaskClient, path: str, document: PaymentDocument, payments: MemoryPayments, state: Any, kind: Any
) -> None:
    at = document.issued_at
    payments.known[document.payment_id] = replace(
        document, state=state, kind=kind, bank_code="SHB", paid_at=at, recorded_at=at, closed_at=at
    )
    for language in ("vi", "en"):
        page = visitor.get(f"{path}&lang={language}")
        assert page.status_code == 200
        assert ('name="choice"' in page.text) == (state is PaymentState.OPEN)
        assert ("274/2016" in page.text) == (kind is PaymentKind.FEE)


def test_the_dossier_leads_to_the_page(member: FlaskClient, document: PaymentDocument) -> None:
    page = member.get("/dossiers/000.00.00.G12-180605-000006").text
    assert f'href="/pay/{document.payment_id}"' in page
    assert "/pay/" not in member.get("/dossiers/000.00.00.G12-180605-000007").text
    assert member.get(f"/sign-in/{KEY}").status_code == 302


def test_the_language_switch_keeps_the_link(visitor: FlaskClient, path: str) -> None:
    assert "?link=" in visitor.get(path).text
    answer = send(visitor, path, choice="other-amount", amount="x")
    assert re.search(r'href="\?link=[^"]+&amp;lang=en"', answer.text)
