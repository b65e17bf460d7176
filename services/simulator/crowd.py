"""The crowd: who files what, where and when, window by window, as the portal takes it.

The same preset and the same seed give the same filings, byte for byte. Nothing is sent from here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from services.contracts.catalogue import Catalogue
from services.contracts.form_fields import FormField
from services.simulator.arrivals import days_of, start_of_day
from services.simulator.declarations import (
    CLEARANCE_OF_CHANNEL,
    DeclarationLines,
    draw_declarations,
    no_declarations,
)
from services.simulator.dossiers import DAY_SECONDS, draw_dossiers
from services.simulator.draws import Draws
from services.simulator.forms import FormFiller, FormValue, Occasion, load_form_texts
from services.simulator.naming import FROM_BEFORE, named_field
from services.simulator.numbering import Numbering
from services.simulator.population import Applicant, population
from services.simulator.preset import DURING_CLEARANCE, Preset
from services.simulator.refiling import Matter, Refilers
from services.simulator.windows import CHANNELS, UNDECIDED_ENDS, Ended, FilingColumns, Whole, Window, WindowPlan

#: Ends are taken in once in so many days, and so long after them: whoever tells of them needn't ask all the time.
_FED_EVERY_DAYS: Final = 7
_FED_AFTER_DAYS: Final = 3

#: Of a number of a declaration, but for the digit that counts amendments; the other registers' numbers are shorter.
_NUMBER_LENGTH: Final = 11


@dataclass(frozen=True, slots=True)
class Filing:
    """One dossier to be filed."""

    filed_at: datetime
    procedure_id: str
    body: dict[str, Any]  #: what is sent


class Crowd:
    """All filings of a preset; procedures, channels and subjects come out in exactly the numbers it says.

    See `services.simulator.windows.WindowMaker`.

    Args:
        preset: What to file.
        catalogue: The same as the portal's.
        seed: Of all draws.
    """

    def __init__(self, preset: Preset, catalogue: Catalogue, seed: int) -> None:
        self._start = start_of_day(preset.period.first_on)
        self._office_codes = [share.office_code for share in preset.offices]
        self._procedures = [catalogue.procedures[share.procedure_id] for share in preset.procedures]
        ids = [one.procedure_id for one in self._procedures]
        self._procedure_ids = list(dict.fromkeys([*ids, *CLEARANCE_OF_CHANNEL.values()]))
        self.applicants: Sequence[Applicant] = population(preset, Draws(seed, "population"))
        texts = load_form_texts()
        self._filler = FormFiller(texts, Draws(seed, "forms"))
        self._numbers = FormFiller(texts, Draws(seed, "numbers"))
        self._named_before: set[str] = set()
        self._declarations = no_declarations()
        self._lines: DeclarationLines | None = None
        self._is_import: list[bool] = []
        if preset.declarations:
            homes = _homes(self.applicants, self._office_codes)
            self._declarations = draw_declarations(preset, preset.declarations, catalogue.calendar, homes, seed)
            self._lines = DeclarationLines(preset, preset.declarations, self.applicants, seed)
            self._is_import = [share.is_import for share in preset.declarations.kinds]
        traits = FormFiller(texts, Draws(seed, "traits"))
        self._dossiers = draw_dossiers(
            preset, catalogue, seed, applicants=self.applicants, declarations=self._declarations, filler=traits
        )
        closed = [place for place, name in enumerate(ids) if name in DURING_CLEARANCE]
        open_ids = [name for name in ids if name not in DURING_CLEARANCE]
        self.refiled_procedure_ids: Sequence[str] = open_ids if preset.refiling else []
        self._refilers = Refilers(preset.refiling, self._dossiers, closed, self._start, seed)
        days = preset.window_days.value
        window_count = -(-len(days_of(preset)) // days)
        self._numbering = Numbering(self._declarations.offset, self._dossiers.offset, days * DAY_SECONDS, window_count)
        self.plans: Sequence[WindowPlan] = [self._plan(preset, index) for index in range(window_count)]
        self._next = 0  #: window to be made

    def columns(self, index: int) -> FilingColumns:
        """See `WindowMaker`. Who files again is told as far as the crowd has been told of ends."""
        plan, here = self.plans[index], self._numbering.places(index)
        declarations = slice(here.first_declaration, here.last_declaration)
        dossiers = slice(here.first_dossier, here.last_dossier)
        channel = self._declarations.channel[declarations]
        applicant = self._dossiers.applicant[dossiers].copy()
        for place in range(here.first_dossier, here.last_dossier):
            if matter := self._refilers.matter_at(place):
                applicant[place - here.first_dossier] = matter.applicant
        offset = _joined(self._declarations.offset[declarations], self._dossiers.offset[dossiers])
        return FilingColumns(
            procedure_ids=self._procedure_ids,
            office_codes=self._office_codes,
            numbers=plan.first_number + np.arange(plan.count),
            procedure=_joined(self._clearance_of_channel[channel], self._dossiers.procedure[dossiers]),
            office=_joined(self._declarations.office[declarations], self._dossiers.office[dossiers]),
            filed_at=offset + int(self._start.timestamp()),
            customs_channel=_joined(channel, np.zeros(plan.dossier_count)),
            applicant=_joined(self._declarations.enterprise[declarations], applicant),
            traits=[_as_texts(traits) for traits in self._dossiers.traits[dossiers]],
        )

    def window(self, index: int) -> Window:
        """See `WindowMaker`.

        Raises:
            ValueError: It has been made, or a later one has; a mistake of the caller.
        """
        if index < self._next:
            raise ValueError(f"Windows are made in order: {index} comes before {self._next}.")
        for skipped in range(self._next, index):
            # Forms and matters of later ones follow from theirs.
            list(self.dossiers(skipped))
        dossier_lines = [orjson.dumps(one.body) for one in self.dossiers(index)]
        here = self._numbering.places(index)
        declaration_lines = (
            self._lines.lines(self._declarations, here.first_declaration, here.last_declaration, index)
            if self._lines
            else []
        )
        return Window(self.plans[index], self.columns(index), declaration_lines, dossier_lines)

    def __iter__(self) -> Iterator[Window]:
        """All windows that have not been made yet, in order."""
        while self._next < len(self.plans):
            yield self.window(self._next)

    def feed(self, ended: Iterable[Ended]) -> None:
        """See `WindowMaker`."""
        for end in ended:
            place = self._numbering.dossier_with(end.number) if end.status in UNDECIDED_ENDS else None
            if place is not None:
                self._refilers.feed(place, end.ended_at)

    def refused(self, numbers: Sequence[int]) -> None:
        """See `WindowMaker`."""
        self._numbering.refuse(numbers)

    def dossiers(self, index: int) -> Iterator[Filing]:
        """The dossiers of a window, with their forms; the windows before have to be made."""
        self._next = index + 1
        here = self._numbering.places(index)
        self._refilers.take_in(self.plans[index].fed_until, here.first_dossier)
        for place in range(here.first_dossier, here.last_dossier):
            yield self._filing(place)

    def _filing(self, place: int) -> Filing:
        columns = self._dossiers
        procedure = self._procedures[columns.procedure[place]]
        matter = self._refilers.matter_at(place) or self._new_matter(place)
        applicant, office_code = self.applicants[matter.applicant], self._office_codes[columns.office[place]]
        filed_at = self._start + timedelta(seconds=int(columns.offset[place]))
        given = {**matter.given, **columns.traits[place]}
        occasion = Occasion(applicant, office_code, filed_at.date(), given, matter.registered_on)
        form = self._filler.fill(procedure, occasion)
        for field in procedure.form:
            if field.must_be_registered and field.name in form and field.name not in given:
                form[field.name] = self._unused(field, str(form[field.name]), filed_at.date())
        names = {field.name: form[field.name] for field in procedure.form if field.must_be_registered}
        self._refilers.remember(place, matter._replace(given=names))
        body = {
            "procedure": procedure.procedure_id,
            "office": office_code,
            "applicant": {
                "kind": applicant.kind.value,
                "identifier": applicant.identifier,
                "name": applicant.name,
            },
            "filed_at": filed_at.isoformat(),
            "form": form,
        }
        return Filing(filed_at, procedure.procedure_id, body)

    def _unused(self, field: FormField, drawn: str, filed_on: date) -> str:
        """A number from before the period that nobody else has named: what it stands for is one enterprise's."""
        number = drawn
        # Of a declaration the last digit counts amendments: with another one it is the same declaration.
        while number[:_NUMBER_LENGTH] in self._named_before:
            number = self._numbers.number(field, filed_on)
        self._named_before.add(number[:_NUMBER_LENGTH])
        return number

    def _new_matter(self, place: int) -> Matter:
        applicant = int(self._dossiers.applicant[place])
        named = int(self._dossiers.names[place])
        field = named_field(self._procedures[self._dossiers.procedure[place]])
        if named == FROM_BEFORE or field is None:
            return Matter(applicant, {}, None)
        digit = 1 if self._is_import[self._declarations.kind[named]] else 3
        registered_at = self._start + timedelta(seconds=int(self._declarations.offset[named]))
        # The number of a declaration is made of that of its dossier; the last digit counts amendments.
        number = f"{digit}{self._numbering.of_declaration(named):010d}0"
        return Matter(applicant, {field.name: number}, registered_at.date())

    def _plan(self, preset: Preset, index: int) -> WindowPlan:
        here = self._numbering.places(index)
        days = preset.window_days.value
        first_day = index * days
        named_after = preset.declarations.named_after_days.least if preset.declarations else first_day
        fed_on = first_day // _FED_EVERY_DAYS * _FED_EVERY_DAYS - _FED_AFTER_DAYS if preset.refiling else 0
        return WindowPlan(
            index=index,
            start=self._start + timedelta(days=first_day),
            end=self._start + timedelta(days=first_day + days),
            first_number=self._numbering.first_number(index),
            declaration_count=here.last_declaration - here.first_declaration,
            dossier_count=here.last_dossier - here.first_dossier,
            settled_until=self._start + timedelta(days=max(first_day - named_after, 0)),
            fed_until=self._start + timedelta(days=max(fed_on, 0)),
        )

    @property
    def _clearance_of_channel(self) -> Whole:
        """Place of the procedure by place of the channel; none for 0."""
        ids = [CLEARANCE_OF_CHANNEL[channel] for channel in CHANNELS]
        return np.array([-1, *(self._procedure_ids.index(one) for one in ids)])


def _homes(applicants: Sequence[Applicant], office_codes: Sequence[str]) -> npt.NDArray[np.uint16]:
    places = {code: place for place, code in enumerate(office_codes)}
    return np.array([places[one.office_code] for one in applicants], dtype=np.uint16)


def _joined(declarations: npt.NDArray[Any], dossiers: npt.NDArray[Any]) -> Whole:
    return np.concatenate([declarations.astype(np.int64), dossiers.astype(np.int64)])


def _as_texts(traits: Mapping[str, FormValue]) -> dict[str, str]:
    """As the portal tells traits."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in traits.items()}
