"""Who a report is about: one customs office, a department with all its offices, or the whole of customs.

A unit's code is that of its office (four characters) or department (two), or `all`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.contracts.catalogue import Office

#: Code of the whole.
ALL_UNITS: Final = "all"


class UnitKind(StrEnum):
    """What a unit is."""

    ALL = "all"
    DEPARTMENT = "department"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that reports.

    Attributes:
        code: See this module.
        name_en: The same as `name_vi` where the catalogue has no English name.
        receiver_vi: Who it reports to: the unit above it. Ours; the form says only that there is one.
    """

    code: str
    kind: UnitKind
    name_vi: str
    name_en: str
    receiver_vi: str

    def for_metrics(self) -> dict[str, str]:
        """As filters of a question to metrics."""
        match self.kind:
            case UnitKind.ALL:
                return {}
            case UnitKind.DEPARTMENT:
                return {"department_code": self.code}
            case UnitKind.OFFICE:
                return {"office_code": self.code}


_ALL: Final = Unit(ALL_UNITS, UnitKind.ALL, "Tổng cục Hải quan", "General Department of Customs", "Bộ Tài chính")


def unit_of(code: str, offices: Mapping[str, Office]) -> Unit | None:
    """The unit that has a code; None when there is none.

    Args:
        code: empty means all.
        offices: the catalogue's, by code.
    """
    if code in {"", ALL_UNITS}:
        return _ALL
    if (office := offices.get(code)) is not None:
        return Unit(code, UnitKind.OFFICE, office.name_vi, office.name_vi, office.department_name_vi)
    office = next((office for office in offices.values() if office.department_code == code), None)
    if office is None:
        return None
    name_vi, place = office.department_name_vi, office.department_name_en
    # The catalogue's English name is the place; departments at head office have none.
    name_en = f"{place} Customs Department" if name_vi.startswith("Cục Hải quan") else name_vi
    return Unit(code, UnitKind.DEPARTMENT, name_vi, name_en, _ALL.name_vi)
