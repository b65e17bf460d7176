"""One Idempotency-Key, many requests at the same moment: it is done once, and everyone gets the same answer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from motcua import Client

from services.launcher.stack import Stack
from tests.support.filings import filing
from tests.support.inside import Inside, sandbox_id_of

AT_ONCE = 12


def test_the_same_filing_sent_many_times_at_once(stack: Stack, sandbox: Client) -> None:
    """Requests of one moment share a transaction: the second with the key used to get an answer without status."""

    def send(index: int) -> tuple[int, Any]:
        with Client(stack.portal_url, sandbox.key) as client:
            headers = {"Idempotency-Key": f"key-{index % 2}"}
            body = filing("declaration-cancellation", applicant=index % 2)
            answer = client.request("POST", "/api/v1/dossiers", json=body, headers=headers)
            return answer.status_code, answer.json()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(send, range(AT_ONCE)))
    assert {status for status, _ in answers} == {201}
    assert all(answer == answers[index % 2] for index, answer in enumerate(answers))
    assert len(list(sandbox.dossiers())) == 2


def test_the_same_advance_sent_many_times_at_once(stack: Stack, sandbox: Client) -> None:
    def send(_: int) -> Any:
        with Client(stack.portal_url, sandbox.key) as client:
            headers, body = {"Idempotency-Key": "a-day"}, {"by": "P1D", "wait_seconds": 30}
            return client.request("POST", "/api/v1/clock/advance", json=body, headers=headers).json()["now"]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(send, range(AT_ONCE))) == {"2018-06-06T01:00:00Z"}
    assert Inside(stack).unfinished(sandbox_id_of(sandbox)) == {}
