"""The document is the same however often it is asked for."""

from services.portal.api import openapi_document
from tests.support.fakes import make_portal


def test_asking_again_adds_nothing() -> None:
    app = make_portal()
    first = openapi_document(app)
    assert openapi_document(app) == first
    parameters = first["paths"]["/api/v1/sandboxes"]["post"]["parameters"]
    assert [item["name"] for item in parameters].count("Idempotency-Key") == 1
