"""Which dossiers the API lists, over the world in memory."""

import pytest
from flask.testing import FlaskClient

from tests.support.fakes import KEY, make_portal

AUTHORISED = {"Authorization": f"Bearer {KEY}"}
CANCELLATION, AMENDMENT, REFUND = "declaration-cancellation", "amendment-after-clearance", "refund-inspect-first"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return make_portal().test_client()


def numbers(client: FlaskClient, **query: str) -> set[int]:
    answer = client.get("/api/v1/dossiers", query_string={"limit": "500", **query}, headers=AUTHORISED)
    assert answer.status_code == 200, answer.text
    return {item["number"] for item in answer.json["items"]}


def test_several_procedures_are_listed_together(client: FlaskClient) -> None:
    of_each = [numbers(client, procedure=name) for name in (AMENDMENT, REFUND)]
    assert all(of_each)
    assert numbers(client, procedure=f"{AMENDMENT},{REFUND}") == of_each[0] | of_each[1]
    assert numbers(client, procedure=f"{AMENDMENT},unheard-of") == of_each[0]


def test_procedures_and_a_sector_have_both_to_fit(client: FlaskClient) -> None:
    everything = numbers(client, sector="supervision")
    assert numbers(client, procedure=f"{CANCELLATION},{REFUND}", sector="supervision") == (
        numbers(client, procedure=f"{CANCELLATION},{REFUND}") & everything
    )


@pytest.mark.parametrize("names", ["", ",", "a,", "a,,b", "A", ",".join(["a"] * 201)])
def test_names_that_are_none_are_refused(client: FlaskClient, names: str) -> None:
    answer = client.get("/api/v1/dossiers", query_string={"procedure": names}, headers=AUTHORISED)
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid-query"
