"""Finding procedures: by sector, level and words, and how many of them there are.

Words are compared without accents and case, so that "hoan thue" finds "Hoàn thuế". Reads the catalogue only.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from services.contracts.catalogue import Catalogue, Procedure, PublishedTotals, Sector


@dataclass(frozen=True, slots=True)
class ProcedureQuery:
    """What is looked for; an empty one finds everything.

    Attributes:
        text: Words that must all occur in name, id, code or legal basis.
    """

    sector: Sector | None = None
    level: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many procedures there are, as the administration counts them.

    Attributes:
        without_limit: The law states no limit for them.
    """

    procedures: int
    level_3_or_more: int
    level_4: int
    without_limit: int


def matching(procedures: Iterable[Procedure], query: ProcedureQuery) -> list[Procedure]:
    """Return the procedures that a query finds, in their order."""
    wanted = folded(query.text).split()
    return [
        procedure
        for procedure in procedures
        if query.sector in {None, procedure.sector}
        and query.level in {None, procedure.level}
        and (not wanted or _has_all(procedure, wanted))
    ]


def _has_all(procedure: Procedure, wanted: Iterable[str]) -> bool:
    names = (procedure.name_vi, procedure.name_en, procedure.procedure_id, procedure.official_code or "")
    searched = folded(" ".join((*names, *procedure.legal_basis)))
    return all(word in searched for word in wanted)


def folded(text: str) -> str:
    """Return a text without accents and case.

    >>> folded("Gia hạn NỘP thuế, Đ135")
    'gia han nop thue, d135'
    """
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def totals(procedures: Iterable[Procedure]) -> Totals:
    """Count procedures."""
    counted = list(procedures)
    return Totals(
        procedures=len(counted),
        level_3_or_more=sum(procedure.level >= 3 for procedure in counted),
        level_4=sum(procedure.level == 4 for procedure in counted),
        without_limit=sum(not procedure.has_limit for procedure in counted),
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the catalogue holds beside what the administration said it had; the difference is told, not filled."""

    held: Totals
    published: PublishedTotals
    own_procedures: int

    @property
    def missing_procedures(self) -> int:
        """How many of the published procedures no source was found for."""
        return self.published.procedures - self.held.procedures

    @property
    def missing_level_3_or_more(self) -> int:
        """Of those at level 3 or more."""
        return self.published.level_3_or_more - self.held.level_3_or_more

    @property
    def missing_level_4(self) -> int:
        """Of those at level 4."""
        return self.published.level_4 - self.held.level_4


def coverage(catalogue: Catalogue) -> Coverage:
    """Compare the catalogue with the published totals."""
    return Coverage(totals(catalogue.procedures.values()), catalogue.published, len(catalogue.own_procedures))
