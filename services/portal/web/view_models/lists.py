"""The list of dossiers: what the query string asks for, and the links to newer and older pages.

The list is newest first and goes by dossier number, so a page stays what it is while dossiers are being filed. Older
pages are found by a number; the way back is the trail of numbers that led here, kept in the address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.contracts.catalogue import Catalogue, Sector
from services.contracts.timeliness import Timeliness
from services.contracts.vocabulary import STATUS_BY_SLUG, Status
from services.portal.application.ports import DossierFilter
from services.portal.application.problems import problem
from services.portal.web.view_models.dossiers import DossierRow

PAGE_SIZE: Final = 25

#: Pages that the way back remembers.
_TRAIL_LENGTH: Final = 20

#: Digits that a dossier number can have.
_MAX_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the list shows."""

    status: Status | None = None
    procedure_id: str | None = None
    office_code: str | None = None
    applicant_id: str | None = None
    overdue_only: bool = False
    timeliness: Timeliness | None = None
    sector: Sector | None = None
    before_number: int | None = None
    trail: tuple[int, ...] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether less than all dossiers are asked for."""
        return replace(self, before_number=None, trail=()) != ListQuery()

    def to_filter(self, catalogue: Catalogue) -> DossierFilter:
        """For the reader."""
        of_sector = None
        if self.sector is not None:
            procedures = catalogue.procedures.values()
            of_sector = frozenset(one.procedure_id for one in procedures if one.sector is self.sector)
        return DossierFilter(
            status=self.status,
            procedure_id=self.procedure_id,
            procedure_ids=of_sector,
            timeliness=self.timeliness,
            office_code=self.office_code,
            applicant_id=self.applicant_id,
            is_overdue=True if self.overdue_only else None,
            before_number=self.before_number,
        )

    def to_arguments(self) -> dict[str, str]:
        """As a query string; what isn't asked for is left out."""
        arguments = {
            "status": self.status.slug if self.status else "",
            "procedure": self.procedure_id or "",
            "office": self.office_code or "",
            "applicant": self.applicant_id or "",
            "overdue": "1" if self.overdue_only else "",
            "timeliness": self.timeliness or "",
            "sector": self.sector or "",
            "before": str(self.before_number or ""),
            "trail": ",".join(map(str, self.trail)),
        }
        return {name: value for name, value in arguments.items() if value}


def parse_list_query(arguments: Mapping[str, str], catalogue: Catalogue) -> ListQuery:
    """Read the query string of the list; empty values mean "any".

    Raises:
        ProblemError: `invalid-query`; a filter that isn't understood must not show other dossiers.
    """
    given = {name: value.strip() for name, value in arguments.items() if value.strip()}
    is_right = {
        "status": given.get("status") in {None, *STATUS_BY_SLUG},
        "procedure": given.get("procedure") in {None, *catalogue.procedures},
        "office": given.get("office") in {None, *catalogue.offices},
        "overdue": given.get("overdue") in {None, "1"},
        "timeliness": given.get("timeliness") in {None, *Timeliness},
        "sector": given.get("sector") in {None, *Sector},
        "before": _is_number(given.get("before", "0")),
        "trail": all(_is_number(part) for part in given.get("trail", "0").split(",")),
    }
    wrong = [name for name, holds in is_right.items() if not holds]
    if wrong:
        raise problem("invalid-query", count=len(wrong), errors=[{"pointer": f"/{name}"} for name in wrong])
    return ListQuery(
        status=STATUS_BY_SLUG[given["status"]] if "status" in given else None,
        procedure_id=given.get("procedure"),
        office_code=given.get("office"),
        applicant_id=given.get("applicant"),
        overdue_only="overdue" in given,
        timeliness=Timeliness(given["timeliness"]) if "timeliness" in given else None,
        sector=Sector(given["sector"]) if "sector" in given else None,
        before_number=int(given["before"]) if "before" in given else None,
        trail=tuple(map(int, given["trail"].split(","))) if "trail" in given else (),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list; a link that leads nowhere is None."""

    query: ListQuery
    rows: Sequence[DossierRow]
    newest: ListQuery | None
    newer: ListQuery | None
    older: ListQuery | None


def list_page(query: ListQuery, rows: Sequence[DossierRow]) -> ListPage:
    """A page from up to one row more than it shows."""
    shown = rows[:PAGE_SIZE]
    newest = newer = older = None
    if query.before_number is not None:
        newest = replace(query, before_number=None, trail=())
        newer = replace(query, before_number=query.trail[-1], trail=query.trail[:-1]) if query.trail else newest
    if len(rows) > PAGE_SIZE:
        trail = (*query.trail, query.before_number) if query.before_number else ()
        older = replace(query, before_number=shown[-1].number, trail=trail[-_TRAIL_LENGTH:])
    return ListPage(query, shown, newest, newer, older)
