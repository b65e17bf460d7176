"""Finding dossiers by the id that people know."""

from collections.abc import Iterable, Mapping

from services.contracts.identifiers import parse_dossier_id
from services.contracts.timeliness import vietnamese_day
from services.portal.api.context import parts
from services.portal.application.problems import problem
from services.portal.domain.sandbox import Dossier

_LARGEST_NUMBER = 2**62


def find_dossier(where: str, name: str) -> Dossier:
    """The dossier with this id.

    Raises:
        ProblemError: `not-found`; also when it belongs to another sandbox.
    """
    number = _number(name)
    dossier = None if number is None else parts().reader.dossier(where, number)
    if dossier is None or not _is_named(dossier, name):
        raise problem("not-found", what="dossier", name=name)
    return dossier


def find_dossiers(where: str, names: Iterable[str]) -> Mapping[str, Dossier]:
    """The dossiers with these ids, read together; ids that name none of the sandbox are missing."""
    numbers = {name: number for name in set(names) if (number := _number(name)) is not None}
    found = parts().reader.numbered(where, list(numbers.values()))
    return {
        name: found[number] for name, number in numbers.items() if number in found and _is_named(found[number], name)
    }


def _number(name: str) -> int | None:
    parsed = parse_dossier_id(name)
    return parsed[0] if parsed and parsed[0] < _LARGEST_NUMBER else None


def _is_named(dossier: Dossier, name: str) -> bool:
    parsed = parse_dossier_id(name)
    return parsed is not None and vietnamese_day(dossier.filed_at) == parsed[1]
