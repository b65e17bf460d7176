"""Who issues a paper: the office that received the dossier, or the authority above it that decides.

Names as papers print them. Doesn't say who decides a dossier (`services.portal.domain.papers` does).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.contracts.catalogue import AuthorityLevel, Office, OfficeKind
from services.portal.domain.papers.vietnamese import office_words, place_of

#: Codes of the issuers that are no office: the General Department of Customs, and the Ministry of Finance. Ours.
GENERAL_DEPARTMENT_CODE: Final = "TCHQ"
MINISTRY_CODE: Final = "BTC"

_CAPITAL: Final = "Hà Nội"

#: What each level of authority is called, by its value.
LEVEL_NAMES: Final = {
    AuthorityLevel.BRANCH.value: "Chi cục",
    AuthorityLevel.DEPARTMENT.value: "Cục",
    AuthorityLevel.GENERAL_DEPARTMENT.value: "Tổng cục Hải quan",
    AuthorityLevel.MINISTRY.value: "Bộ Tài chính",
}

_HEADS: Final = {
    OfficeKind.BRANCH: "CHI CỤC TRƯỞNG",
    OfficeKind.BRANCH_SUPERSEDED: "CHI CỤC TRƯỞNG",
    OfficeKind.POST_CLEARANCE_AUDIT_BRANCH: "CHI CỤC TRƯỞNG",
    OfficeKind.LABORATORY_BRANCH: "CHI CỤC TRƯỞNG",
    OfficeKind.TEAM_OR_SUB_OFFICE: "ĐỘI TRƯỞNG",
    OfficeKind.CONTROL_TEAM: "ĐỘI TRƯỞNG",
    OfficeKind.DEPARTMENT_OFFICE: "TRƯỞNG PHÒNG",
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority as its papers name it.

    Attributes:
        code: Unique among issuers: an office's four characters, a department's two, or one of the constants here.
        name: In full.
        above: The authority above it; empty: none.
        place: Where it is.
        head: Title of who heads it, upper case.
    """

    code: str
    name: str
    above: str
    place: str
    head: str


def issuer_of(office_code: str, office: Office | None, level: AuthorityLevel) -> Issuer:
    """Return who issues the papers of a dossier at a level of authority.

    Args:
        office_code: Of the receiving office.
        office: That office; None when the catalogue doesn't know it, then its code has to do.
        level: Of the authority that issues.
    """
    if level is AuthorityLevel.MINISTRY:
        return Issuer(MINISTRY_CODE, "Bộ Tài chính", "", _CAPITAL, "BỘ TRƯỞNG")
    if level is AuthorityLevel.GENERAL_DEPARTMENT:
        return Issuer(GENERAL_DEPARTMENT_CODE, "Tổng cục Hải quan", "Bộ Tài chính", _CAPITAL, "TỔNG CỤC TRƯỞNG")
    if office is None:
        return Issuer(office_code, f"Đơn vị hải quan {office_code}", "Tổng cục Hải quan", _CAPITAL, "THỦ TRƯỞNG ĐƠN VỊ")
    place = place_of(office.department_name_vi)
    if level is AuthorityLevel.DEPARTMENT:
        return Issuer(office.department_code, office.department_name_vi, "Tổng cục Hải quan", place, "CỤC TRƯỞNG")
    return Issuer(office.code, office_words(office.name_vi), office.department_name_vi, place, _HEADS[office.kind])


def issuer_by_code(code: str, offices: Mapping[str, Office]) -> Issuer:
    """Return the issuer that has a code.

    Args:
        code: Of an `Issuer` that `issuer_of` gave.
        offices: The catalogue's, by code.
    """
    office = offices.get(code) or next((item for item in offices.values() if item.department_code == code), None)
    level = {GENERAL_DEPARTMENT_CODE: AuthorityLevel.GENERAL_DEPARTMENT, MINISTRY_CODE: AuthorityLevel.MINISTRY}
    below = AuthorityLevel.BRANCH if code in offices else AuthorityLevel.DEPARTMENT
    return issuer_of(code, office, level.get(code, below))
