"""Customs offices by department, for a list to choose from."""

from collections.abc import Sequence
from typing import NamedTuple

from services.contracts.catalogue import Catalogue, Office


class OfficeGroup(NamedTuple):
    """A department and its offices; both names are Vietnamese."""

    name: str
    offices: Sequence[Office]


def office_groups(catalogue: Catalogue) -> list[OfficeGroup]:
    """In the order of the catalogue."""
    groups: dict[str, list[Office]] = {}
    for office in catalogue.offices.values():
        groups.setdefault(office.department_name_vi, []).append(office)
    return [OfficeGroup(name, offices) for name, offices in groups.items()]
