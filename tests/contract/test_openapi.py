"""The API against its own document: schemathesis generates requests, right and wrong, and finds nothing.

Formats that a regular expression can't say (check digits, the catalogue's office codes) are given to it as strategies.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from motcua import Client
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection

from services.launcher.stack import Stack
from tests.support.filings import catalogue, filing, tax_code

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))

TAX_CODES = st.integers(0, 5000).map(tax_code)
schemathesis.openapi.format("tax-code", TAX_CODES)
schemathesis.openapi.format("applicant-identifier", TAX_CODES)
schemathesis.openapi.format("office-code", st.sampled_from(sorted(catalogue().offices)))


@schemathesis.serializer("application/x-ndjson")
def ndjson(_context: Any, value: Any) -> bytes:
    """Lines as they are; whatever else is generated, as JSON."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.serializer("application/pdf")
def pdf(_context: Any, value: Any) -> bytes:
    """Bytes as they are; whatever else is generated, as text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            # What the schema can't say is refused with 409, 412, 415 or 422: a clock that would go back, say, or a file
            # whose content is of no kind that is taken.
            "positive_data_acceptance": {"expected-statuses": ["2xx", 304, 401, 403, 404, 409, 412, 415, 422, 503]},
        }
    }
)
# Keys are tested by hand (test_bad_input); here each request has the right one.
DOCUMENT.pop("security")
DOCUMENT["components"].pop("securitySchemes")
for _operations in DOCUMENT["paths"].values():
    for _operation in _operations.values():
        if isinstance(_operation, dict):
            _operation.pop("security", None)
# A staffing may have thousands of desks; to make up such requests takes minutes, and a few desks show as much.
_STAFFING = DOCUMENT["components"]["schemas"]["Staffing"]["properties"]
for _part in (*_STAFFING.values(), _STAFFING["skills"]["additionalProperties"]):
    _part.update({name: 3 for name in ("maxItems", "maxProperties") if name in _part})
schema = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG)

#: More in a deep run: SCHEMATHESIS_EXAMPLES=500.
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "10"))


@pytest.fixture(scope="module")
def keys(stack: Stack) -> dict[str, str]:
    """An administrator's key and the key of a sandbox with something in it."""
    with Client(stack.portal_url, stack.admin_key) as admin:
        sandbox = admin.open_sandbox(name="schemathesis", now="2018-06-05T08:00:00+07:00", unknown_declarations="adopt")
        sandbox.file(filing("declaration-cancellation"))
        sandbox.settle()
    return {"admin": stack.admin_key, "sandbox": sandbox.key}


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_its_word(case: Any, stack: Stack, keys: dict[str, str]) -> None:
    is_admins = case.path.startswith("/api/v1/sandboxes")
    key = keys["admin"] if is_admins else keys["sandbox"]
    # Nobody waits long here, nor for the 60 seconds that are meant by saying nothing.
    if isinstance(case.body, dict) and case.path in {"/api/v1/clock/advance", "/api/v1/clock/settle"}:
        wait = case.body.get("wait_seconds", 60)
        if type(wait) is int and 2 < wait <= 300:
            case.body["wait_seconds"] = 2
    # Lines are text to the schema: what is no line is refused in the answer's line for it, not by the status.
    excluded = [negative_data_rejection] if case.media_type == "application/x-ndjson" else []
    headers = {"Authorization": f"Bearer {key}"}
    case.call_and_validate(base_url=stack.portal_url, headers=headers, excluded_checks=excluded)
