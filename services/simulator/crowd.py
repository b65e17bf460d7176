"""The crowd's filings: who files what, where and when, in order of time, as the portal takes them.

The same preset and the same seed give the same filings, byte for byte. Nothing is sent from here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from services.contracts.catalogue import Catalogue
from services.simulator.arrivals import instants
from services.simulator.draws import Draws, Wheel, share_out
from services.simulator.forms import FormFiller, Occasion, load_form_texts
from services.simulator.population import Applicant, dossiers_by_applicant, population
from services.simulator.preset import Preset

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filing:
    """One dossier to be filed."""

    filed_at: datetime
    procedure_id: str
    body: dict[str, Any]  #: what is sent


def filings(preset: Preset, catalogue: Catalogue, seed: int) -> Iterator[Filing]:
    """All filings of a preset; procedures and subjects come out in exactly the numbers it says."""
    everybody = population(preset, Draws(seed, "population"))
    order = Draws(seed, "order")
    applicants = order.shuffled(_repeat(everybody, dossiers_by_applicant(preset)))
    procedure_ids = [share.procedure_id for share in preset.procedures]
    procedures = order.shuffled(_repeat(procedure_ids, dossiers_by_procedure(preset)))
    arrivals = instants(preset, catalogue.calendar, Draws(seed, "arrivals"))
    filler = FormFiller(load_form_texts(), Draws(seed, "forms"))
    desk = _Desk(preset, Draws(seed, "offices"))
    for filed_at, procedure_id, applicant in zip(arrivals, procedures, applicants, strict=True):
        occasion = Occasion(applicant, desk.office_of(applicant), filed_at.date())
        form = filler.fill(catalogue.procedures[procedure_id], occasion)
        yield Filing(filed_at, procedure_id, _body(procedure_id, occasion, filed_at, form))


def dossiers_by_procedure(preset: Preset) -> list[int]:
    """How many dossiers are of each of the preset's procedures, in its order; at least one of each."""
    weights = [share.weight for share in preset.procedures]
    return share_out(preset.dossier_count.value, weights, at_least=1)


class _Desk:
    """Where an applicant goes: mostly to its own office."""

    def __init__(self, preset: Preset, draws: Draws) -> None:
        self._codes = [share.office_code for share in preset.offices]
        self._wheel = Wheel([share.weight for share in preset.offices])
        self._home_ratio = preset.home_office_percent.value / 100
        self._draws = draws

    def office_of(self, applicant: Applicant) -> str:
        if self._draws.chance(self._home_ratio):
            return applicant.office_code
        return self._codes[self._wheel.turn(self._draws)]


def _repeat(items: list[T], counts: list[int]) -> list[T]:
    return [item for item, count in zip(items, counts, strict=True) for _ in range(count)]


def _body(procedure_id: str, occasion: Occasion, filed_at: datetime, form: dict[str, Any]) -> dict[str, Any]:
    applicant = occasion.applicant
    return {
        "procedure": procedure_id,
        "office": occasion.office_code,
        "applicant": {"kind": applicant.kind.value, "identifier": applicant.identifier, "name": applicant.name},
        "filed_at": filed_at.isoformat(),
        "form": form,
    }
