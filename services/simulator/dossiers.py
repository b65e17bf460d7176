"""The dossiers of a crowd but for their forms: when, of which procedure, whose, where, and what each names.

All of it is settled before anything is filed, and none of it depends on what becomes of a dossier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from services.contracts.catalogue import Catalogue
from services.simulator.arrivals import Offsets, offsets
from services.simulator.declarations import DeclarationColumns
from services.simulator.draws import Draws, Wheel, share_out
from services.simulator.forms import FormFiller, FormValue
from services.simulator.naming import FROM_BEFORE, Namer, must_be_import, named_field
from services.simulator.population import Applicant, dossiers_by_applicant
from services.simulator.preset import DURING_CLEARANCE, Preset
from services.simulator.windows import Whole

T = TypeVar("T")

DAY_SECONDS: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class DossierColumns:
    """All dossiers of a crowd in order of time.

    Attributes:
        offset: Seconds since the midnight with which the period begins.
        procedure: Place among the preset's procedures.
        applicant: Place among the applicants.
        office: Place among the preset's offices.
        names: Place of the declaration that it names, or `FROM_BEFORE`.
        traits: What of the form decides about limits and routes, by field.
    """

    offset: Offsets
    procedure: Whole
    applicant: Whole
    office: Whole
    names: Whole
    traits: Sequence[Mapping[str, FormValue]]


def dossiers_by_procedure(preset: Preset) -> list[int]:
    """How many dossiers are of each of the preset's procedures, in its order; at least one of each."""
    weights = [share.weight for share in preset.procedures]
    return share_out(preset.dossier_count.value, weights, at_least=1)


def draw_dossiers(
    preset: Preset,
    catalogue: Catalogue,
    seed: int,
    *,
    applicants: Sequence[Applicant],
    declarations: DeclarationColumns,
    filler: FormFiller,
) -> DossierColumns:
    """Everything about them but their forms.

    Args:
        preset: How many, and in what shape.
        catalogue: Days off and forms.
        seed: The run's.
        applicants: All, those who file dossiers first.
        declarations: What they may name.
        filler: Draws traits.
    """
    counts = dossiers_by_procedure(preset)
    order = Draws(seed, "order")
    free_count, whose = _whose(preset, counts, order)
    offset, procedure = _when_and_what(preset, catalogue, counts, order, Draws(seed, "arrivals"))
    during = np.isin(procedure, _during_clearance(preset)) if free_count < len(offset) else np.zeros(len(offset), bool)
    applicant = np.empty(len(offset), dtype=np.int64)
    applicant[~during], applicant[during] = whose[:free_count], whose[free_count:]
    names = np.full(len(offset), FROM_BEFORE)
    if preset.declarations:
        window_seconds = preset.window_days.value * DAY_SECONDS
        starts = offset.astype(np.int64) // window_seconds * window_seconds
        namer = Namer(declarations, preset.declarations, preset.enterprise_count.value, Draws(seed, "names"))
        names = _named(preset, catalogue, namer, starts, offset, procedure, applicant, during)
        of_another = during & (names != FROM_BEFORE)
        applicant[of_another] = declarations.enterprise[names[of_another]]
    office = _offices(preset, applicants, applicant.tolist(), Draws(seed, "offices"))
    is_named = names != FROM_BEFORE
    office[is_named] = declarations.office[names[is_named]]
    procedures = [catalogue.procedures[share.procedure_id] for share in preset.procedures]
    traits = [filler.traits(procedures[place]) for place in procedure.tolist()]
    return DossierColumns(offset, procedure, applicant, office, names, traits)


def _whose(preset: Preset, counts: Sequence[int], order: Draws) -> tuple[int, Whole]:
    """Applicants for all dossiers, in no order; those after the first so many will mostly make room for others.

    Whoever amends a declaration during clearance is whoever has just registered one. So everybody comes at least once
    among the other dossiers, unless those are too few.
    """
    during = _during_clearance(preset) if preset.declarations else []
    free_count = preset.dossier_count.value - sum(counts[place] for place in during)
    if free_count < preset.subject_count:
        free_count = preset.dossier_count.value
    by_applicant = dossiers_by_applicant(preset, free_count)
    free = order.shuffled(_repeat(range(preset.subject_count), by_applicant))
    rest = Wheel(by_applicant).places(order.column(preset.dossier_count.value - free_count))
    whose = np.concatenate([np.array(free, dtype=np.int64), rest])
    # Individuals come after all enterprises, also after those that file no dossiers.
    whose[whose >= preset.enterprise_count.value] += preset.all_enterprise_count - preset.enterprise_count.value
    return free_count, whose


def _when_and_what(
    preset: Preset, catalogue: Catalogue, counts: Sequence[int], order: Draws, arrivals: Draws
) -> tuple[Offsets, Whole]:
    """Instants in order, with the place of a procedure for each."""
    peaks = {peak.procedure_id: peak.season for peak in preset.peaks}
    places = range(len(preset.procedures))
    usual = [place for place in places if preset.procedures[place].procedure_id not in peaks]
    shuffled = order.shuffled(_repeat(usual, [counts[place] for place in usual]))
    offset = [offsets(preset, catalogue.calendar, arrivals, len(shuffled))]
    procedure = [np.array(shuffled, dtype=np.int64)]
    for place in places:
        if season := peaks.get(preset.procedures[place].procedure_id):
            offset.append(offsets(preset, catalogue.calendar, arrivals, counts[place], season))
            procedure.append(np.full(counts[place], place))
    joined = np.concatenate(offset)
    by_time = np.argsort(joined, kind="stable")
    return joined[by_time], np.concatenate(procedure)[by_time]


def _during_clearance(preset: Preset) -> list[int]:
    places = enumerate(preset.procedures)
    return [place for place, share in places if share.procedure_id in DURING_CLEARANCE]


def _named(
    preset: Preset,
    catalogue: Catalogue,
    namer: Namer,
    starts: Whole,
    *columns: npt.NDArray[Any],
) -> Whole:
    """For each dossier the declaration that it names.

    Args:
        preset: Its procedures.
        catalogue: Their forms.
        namer: Finds declarations.
        starts: When each dossier's window begins, as offset.
        columns: Offset, procedure, applicant of each, and whether it is filed during clearance.
    """
    wanted: dict[int, bool | None] = {}
    for place, share in enumerate(preset.procedures):
        procedure = catalogue.procedures[share.procedure_id]
        if (field := named_field(procedure)) and share.procedure_id not in DURING_CLEARANCE:
            wanted[place] = must_be_import(procedure, field)
    names = np.full(len(starts), FROM_BEFORE)
    rows = zip(starts.tolist(), *(column.tolist() for column in columns), strict=True)
    for place, (start, filed, which, who, is_during) in enumerate(rows):
        if is_during:
            names[place] = namer.being_checked(filed, start)
        elif which in wanted:
            names[place] = namer.cleared(who, filed, start, is_import=wanted[which])
    return names


def _offices(preset: Preset, applicants: Sequence[Applicant], applicant: Sequence[int], draws: Draws) -> Whole:
    """Where each applicant goes: mostly to its own office."""
    codes = {share.office_code: place for place, share in enumerate(preset.offices)}
    trade = Wheel([share.weight for share in preset.offices])
    home_ratio = preset.home_office_percent.value / 100
    return np.array(
        [codes[applicants[who].office_code] if draws.chance(home_ratio) else trade.turn(draws) for who in applicant]
    )


def _repeat(items: Sequence[T], counts: Sequence[int]) -> list[T]:
    return [item for item, count in zip(items, counts, strict=True) for _ in range(count)]
