"""Filings to send: valid by the catalogue's own examples, varied without chance."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from services.contracts.catalogue import Catalogue
from services.contracts.identifiers import make_tax_code
from services.runtime.catalogue import load_catalogue

#: Offices of Hà Tĩnh and two others; with two partitions both get some.
OFFICES = ("30CF", "30BB", "30BE", "02CI", "03CC")


@cache
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load_catalogue()


def tax_code(index: int) -> str:
    """The `index`-th valid tax code from 3000300000 on."""
    serial = 300030000 + index * 3
    while (code := make_tax_code(f"{serial:09d}")) is None:
        serial += 1
    return code


def filing(procedure_id: str, *, office: str = "30CF", applicant: int = 0, **changes: Any) -> dict[str, Any]:
    """A valid filing of a procedure."""
    form = {field.name: field.example for field in catalogue().procedures[procedure_id].form}
    who = {"kind": "enterprise", "identifier": tax_code(applicant), "name": f"Công ty số {applicant}"}
    return {"procedure": procedure_id, "office": office, "applicant": who, "form": form, **changes}


def filings(count: int, *, applicants: int = 50) -> Iterator[dict[str, Any]]:
    """Valid filings that go round procedures, offices and applicants."""
    procedure_ids = list(catalogue().procedures)
    for index in range(count):
        yield filing(
            procedure_ids[index % len(procedure_ids)],
            office=OFFICES[index % len(OFFICES)],
            applicant=index % applicants,
        )
