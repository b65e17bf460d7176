"""What dossiers name from before the period, as a window's lines say it: the registers have to know it first.

A dossier may name a declaration that the crowd itself has registered in this run, or one from before; and facilities
and manifests are always from before. Those are entered before the dossiers are filed, with an owner and a past that
fit; so a number that is in no register stays a mistake, and is refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import orjson

from services.contracts.catalogue import Catalogue
from services.contracts.form_fields import FieldKind
from services.contracts.timeliness import VIETNAM_TIME
from services.simulator.preset import DURING_CLEARANCE

#: Where declarations are entered, many at a time, and the others, one by one.
DECLARATIONS_PATH: Final = "/api/v1/declarations/import"
FACILITIES_PATH: Final = "/api/v1/facilities"
MANIFESTS_PATH: Final = "/api/v1/manifests"

#: The register's own numbers begin so: import and export (docs/how-to/use-the-registers.md).
_OWN: Final = ("100", "300")

#: Kinds that anybody uses: goods imported for consumption, goods exported.
_KINDS: Final = {"1": "A11", "3": "B11"}

#: So long before the dossier a declaration was registered, when the form doesn't say, and at least; ours.
_USUAL_AGE: Final = timedelta(days=20)
_LEAST_AGE: Final = timedelta(minutes=1)

#: The form's fields that say when.
_DAYS: Final = ("registered_on", "cleared_on")

Filed = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entries:
    """What is to be entered before dossiers are filed.

    Attributes:
        declarations: Lines for `DECLARATIONS_PATH`.
        others: Path and body of each.
    """

    declarations: Sequence[bytes]
    others: Sequence[tuple[str, Mapping[str, Any]]]


class EarlierEntries:
    """Finds them in lines of dossiers.

    What was entered for an earlier window comes again: so a window that is sent again says the same.

    Args:
        catalogue: The portal's: which fields name what.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._fields: Mapping[str, Sequence[tuple[str, FieldKind]]] = {
            procedure.procedure_id: fields
            for procedure in catalogue.procedures.values()
            if (fields := [(field.name, field.kind) for field in procedure.form if field.must_be_registered])
        }

    def entries(self, dossiers: Sequence[bytes], now: datetime) -> Entries:
        """What has to be entered before these are filed.

        Args:
            dossiers: As they will be sent.
            now: Where the sandbox's clock stands: nothing is entered that is registered later.
        """
        declarations: list[bytes] = []
        others: list[tuple[str, Mapping[str, Any]]] = []
        for dossier, number, kind in self._named(dossiers):
            if kind is FieldKind.DECLARATION_NUMBER:
                declarations.append(orjson.dumps(_declaration(number, dossier, now)))
            else:
                path, entry = _OTHERS[kind]
                others.append((path, entry(number, dossier)))
        return Entries(declarations, others)

    def _named(self, dossiers: Sequence[bytes]) -> Iterator[tuple[Filed, str, FieldKind]]:
        named: set[str] = set()
        for dossier in map(orjson.loads, dossiers):
            for name, kind in self._fields.get(dossier["procedure"], ()):
                number = dossier["form"].get(name)
                is_own = kind is FieldKind.DECLARATION_NUMBER and str(number).startswith(_OWN)
                if number is not None and not is_own and number not in named:
                    named.add(number)
                    yield dossier, number, kind


def _declaration(number: str, dossier: Filed, now: datetime) -> dict[str, Any]:
    on = next((dossier["form"][name] for name in _DAYS if name in dossier["form"]), None)
    registered_at = (
        datetime.combine(datetime.fromisoformat(on).date(), time(12), VIETNAM_TIME)
        if on
        else datetime.fromisoformat(dossier["filed_at"]) - _USUAL_AGE
    )
    return {
        "number": number,
        "kind": _KINDS[number[0]],
        "office": dossier["office"],
        "declarant": dossier["applicant"]["identifier"],
        "state": "registered" if dossier["procedure"] in DURING_CLEARANCE else "cleared",
        "registered_at": min(registered_at, now - _LEAST_AGE).astimezone(UTC).isoformat(),
    }


def _facility(number: str, dossier: Filed) -> dict[str, Any]:
    return {
        "number": number,
        "enterprise": dossier["applicant"]["identifier"],
        "office": dossier["office"],
        "facility_kind": dossier["form"].get("regime", "processing"),
        "facility_address": dossier["applicant"]["name"],
        "workers": 0,
        "production_lines": 0,
    }


def _manifest(number: str, dossier: Filed) -> dict[str, Any]:
    return {
        "number": number,
        "enterprise": dossier["applicant"]["identifier"],
        "office": dossier["office"],
        "vessel": dossier["applicant"]["name"],
        "arrives_on": dossier["filed_at"][:10],
        "bill_count": 0,
        "package_count": 0,
    }


_OTHERS: Final[Mapping[FieldKind, tuple[str, Callable[[str, Filed], dict[str, Any]]]]] = {
    FieldKind.FACILITY_CODE: (FACILITIES_PATH, _facility),
    FieldKind.MANIFEST_NUMBER: (MANIFESTS_PATH, _manifest),
}
