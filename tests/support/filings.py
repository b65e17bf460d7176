"""Filings to send: valid by the catalogue's own examples, varied without chance."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from services.contracts.catalogue import Catalogue
from services.contracts.form_fields import FieldKind, FormField
from services.contracts.identifiers import make_tax_code
from services.contracts.vocabulary import ApplicantKind, Channel
from services.portal.domain.sandbox import Dossier, Filed, Submission
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


def filing(
    procedure_id: str, *, office: str = "30CF", applicant: int = 0, naming: int | None = None, **changes: Any
) -> dict[str, Any]:
    """A valid filing of a procedure.

    Args:
        procedure_id: which.
        office: where.
        applicant: whose, see `tax_code`.
        naming: which numbers it names in the registers; two filings with the same one name the same declaration.
            `None`: those of the applicant, another one in each procedure.
        changes: what else the filing has.
    """
    fields = catalogue().procedures[procedure_id].form
    if naming is None:
        naming = applicant * len(catalogue().procedures) + list(catalogue().procedures).index(procedure_id)
    form = {field.name: _named(field, naming) if field.must_be_registered else field.example for field in fields}
    who = {"kind": "enterprise", "identifier": tax_code(applicant), "name": f"Công ty số {applicant}"}
    return {"procedure": procedure_id, "office": office, "applicant": who, "form": form, **changes}


def _named(field: FormField, naming: int) -> str:
    """A number of its own that nobody's register gives, in the shape of the example."""
    example = str(field.example)
    if field.kind is FieldKind.DECLARATION_NUMBER:
        return f"{example[0]}{2_000_000_000 + naming:010d}{example[-1]}"
    return f"{example[:-6]}{naming % 900_000:06d}"


def filings(count: int, *, applicants: int = 50) -> Iterator[dict[str, Any]]:
    """Valid filings that go round procedures, offices and applicants; each names a declaration of its own."""
    procedure_ids = fileable_in_2018()
    for index in range(count):
        yield filing(
            procedure_ids[index % len(procedure_ids)],
            office=OFFICES[index % len(OFFICES)],
            applicant=index % applicants,
            naming=1_000_000 + index,
        )


@cache
def fileable_in_2018() -> tuple[str, ...]:
    """Procedures that can be filed on any day of the year in which most tests begin."""
    first_on, last_on = date(2018, 1, 1), date(2018, 12, 31)
    return tuple(
        name
        for name, procedure in catalogue().procedures.items()
        if (procedure.in_force_from or first_on) <= first_on and (procedure.in_force_until or last_on) >= last_on
    )


def filed_again(dossier: Dossier, form: Mapping[str, Any] | None = None) -> Filed:
    """The filing that a dossier may have come from."""
    submission = Submission(
        procedure_id=dossier.procedure_id,
        office_code=dossier.office_code,
        channel=Channel(dossier.channel),
        applicant_kind=ApplicantKind(dossier.applicant_kind),
        applicant_id=dossier.applicant_id,
        applicant_name=dossier.applicant_name,
        filed_at=None,
        form=form or {},
    )
    return Filed(
        dossier.sandbox_id,
        dossier.number,
        dossier.partition,
        dossier.filed_at,
        dossier.recorded_at,
        submission,
        dossier.traits,
    )
