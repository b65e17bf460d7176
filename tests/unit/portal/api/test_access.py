"""Which key each operation needs: said in the OpenAPI document, and kept."""

from collections.abc import Iterator

import pytest
from flask import Flask

from services.portal.api import openapi_document
from services.portal.api.access import Access, access_of
from tests.support.fakes import KEY, make_portal


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_portal()


def operations(app: Flask) -> Iterator[tuple[str, str, dict[str, object]]]:
    for path, methods in openapi_document(app)["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "post", "put", "delete", "patch"}:
                yield method, path, operation


def test_every_operation_says_which_key_it_needs(app: Flask) -> None:
    for method, path, operation in operations(app):
        access = access_of(f"{method} {path}")
        assert access.value in str(operation["description"])
        assert bool(operation["security"]) is (access is not Access.OPEN)
        answers = operation["responses"]
        assert isinstance(answers, dict)
        assert ("401" in answers) is (access is not Access.OPEN)


def test_no_operation_opens_to_the_wrong_key(app: Flask) -> None:
    """With a key too few, 401; the administrator's alone has no sandbox, a sandbox's isn't the administrator's."""
    client = app.test_client()
    looked_at = 0
    for method, path, _ in operations(app):
        access = access_of(f"{method} {path}")
        address = path.replace("{", "").replace("}", "")
        if access is Access.OPEN:
            continue
        assert client.open(address, method=method.upper()).status_code == 401, path
        if method != "get" or "{" in path:
            continue
        for key, keeps_out in ((KEY, Access.ADMIN), ("admin", Access.SANDBOX)):
            answer = client.get(address, headers={"Authorization": f"Bearer {key}"})
            if access is keeps_out:
                looked_at += 1
                assert answer.status_code in {403, 422}, path
                codes = {"admin-key-needed", "sandbox-key-needed", "invalid-query"}
                assert answer.get_json()["code"] in codes
    assert looked_at > 5


def test_only_the_administrators_key_opens_a_sandbox(app: Flask) -> None:
    answer = app.test_client().post("/api/v1/sandboxes", json={}, headers={"Authorization": f"Bearer {KEY}"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "admin-key-needed")
    (wanted,) = openapi_document(app)["paths"]["/api/v1/sandboxes"]["post"]["security"]
    assert set(wanted) == {"admin-key"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/lookup/x", 422),
        ("POST", "/api/v1/lookup/x", 401),
        ("GET", "/api/v1/lookup", 401),
        ("GET", "/api/v1/no-such-thing", 401),
    ],
)
def test_only_what_is_open_opens_without_a_key(app: Flask, method: str, path: str, status: int) -> None:
    assert app.test_client().open(path, method=method).status_code == status
