"""What is filed, cut into what can be played by itself: one office, or one queue of an office.

Offices don't touch each other's dossiers, and neither do the queues of an office: a dossier's procedure says once and
for all which skill it needs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Self

import numpy as np

from services.contracts.commands import AcceptedDossier
from services.contracts.staffing import Staffing
from services.contracts.vocabulary import ApplicantKind, Channel, CustomsChannel
from services.simulator.windows import CHANNELS, FilingColumns, Whole, WindowMaker

#: The trait that says how a declaration is checked, as the portal's register tells it.
_CHANNEL_TRAIT: Final = "customs_channel"

_GREEN: Final = CHANNELS.index(CustomsChannel.GREEN) + 1
_TRAITS_OF_CHANNEL: Final[tuple[Mapping[str, str] | None, ...]] = (
    None,
    *({_CHANNEL_TRAIT: channel.value} for channel in CHANNELS),
)


class Queue(NamedTuple):
    """Where officers' work waits."""

    office_code: str
    skill: str


@dataclass(frozen=True, slots=True)
class Part:
    """Filings of one office in order of their numbers, as columns; small enough to be handed to another process.

    Attributes:
        procedure_ids: What `procedure` counts in, from 0.
        filed_at: Seconds since 1970-01-01T00:00:00Z.
        customs_channel: See `services.simulator.windows.CHANNELS`.
        traits: Of dossiers that are no declarations, by number; those that have none are left out.
    """

    office_code: str
    procedure_ids: Sequence[str]
    numbers: Whole
    procedure: Whole
    filed_at: Whole
    customs_channel: Whole
    traits: Mapping[int, Mapping[str, str]]

    def __len__(self) -> int:
        """How many filings."""
        return len(self.numbers)

    def by_procedure(self) -> dict[str, int]:
        """How many of each procedure; only those that there are."""
        counts = np.bincount(self.procedure, minlength=len(self.procedure_ids)).tolist()
        return {name: count for name, count in zip(self.procedure_ids, counts, strict=True) if count}

    def in_order_of_time(self) -> Self:
        """The same, ordered by instant, ties by number."""
        return self.of(np.lexsort((self.numbers, self.filed_at)))

    def of(self, places: Whole) -> Self:
        """The filings at these places, in this order."""
        return replace(
            self,
            numbers=self.numbers[places],
            procedure=self.procedure[places],
            filed_at=self.filed_at[places],
            customs_channel=self.customs_channel[places],
        )

    def rows(self, first: int, last: int) -> Iterator[AcceptedDossier]:
        """The filings at these places, `last` excluded, as the portal hands them on."""
        columns = zip(
            self.numbers[first:last].tolist(),
            self.procedure[first:last].tolist(),
            np.datetime_as_string(self.filed_at[first:last].astype("datetime64[s]"), timezone="UTC").tolist(),
            self.customs_channel[first:last].tolist(),
            strict=True,
        )
        for number, procedure, filed_at, channel in columns:
            yield AcceptedDossier(
                number,
                self.procedure_ids[procedure],
                self.office_code,
                Channel.ONLINE.value,
                ApplicantKind.ENTERPRISE.value,  # whoever files: what becomes of it doesn't depend on that
                "",
                filed_at,
                _TRAITS_OF_CHANNEL[channel] if channel else self.traits.get(number),
            )


class Workload:
    """All filings of a crowd."""

    def __init__(self, crowd: WindowMaker) -> None:
        parts = [crowd.columns(plan.index) for plan in crowd.plans]
        self._first = parts[0]
        self.start = crowd.plans[0].start
        self.end = crowd.plans[-1].end
        self.numbers = _joined(parts, "numbers")
        self.procedure = _joined(parts, "procedure")
        self.office = _joined(parts, "office")
        self.filed_at = _joined(parts, "filed_at")
        self.customs_channel = _joined(parts, "customs_channel")
        self._traits = _traits_by_number(parts)

    def __len__(self) -> int:
        """How many filings."""
        return len(self.numbers)

    def by_office(self) -> list[Part]:
        """All filings, an office each; the busiest first."""
        return self._cut(self.office, np.arange(len(self)), lambda place: self._first.office_codes[place])

    def by_queue(self, staffing: Staffing) -> dict[Queue, Part]:
        """The filings that need an officer, a queue each; the busiest first.

        Green declarations are cleared by the system (Luật Hải quan 54/2014 Đ23).
        """
        skills = sorted(staffing.skills)
        skill = np.array([skills.index(staffing.skill_of(name)) for name in self._first.procedure_ids])
        places = np.flatnonzero(self.customs_channel != _GREEN)
        keys = self.office * len(skills) + skill[self.procedure]
        parts = self._cut(keys, places, lambda key: self._first.office_codes[key // len(skills)])
        names = {one: skills[int(skill[one])] for one in range(len(skill))}
        return {Queue(part.office_code, names[int(part.procedure[0])]): part for part in parts}

    def cleared_at_once(self) -> list[Part]:
        """The filings that the system answers by itself, an office each."""
        places = np.flatnonzero(self.customs_channel == _GREEN)
        return self._cut(self.office, places, lambda place: self._first.office_codes[place])

    def _cut(self, keys: Whole, places: Whole, office_of: Callable[[int], str]) -> list[Part]:
        ordered = places[np.argsort(keys[places], kind="stable")]
        edges = np.flatnonzero(np.diff(keys[ordered])) + 1
        groups = [group for group in np.split(ordered, edges) if len(group)]
        groups.sort(key=len, reverse=True)
        return [self._part(group, office_of(int(keys[group[0]]))) for group in groups]

    def _part(self, places: Whole, office_code: str) -> Part:
        numbers = self.numbers[places]
        channel = self.customs_channel[places]
        others = numbers[channel == 0].tolist()
        return Part(
            office_code=office_code,
            procedure_ids=self._first.procedure_ids,
            numbers=numbers,
            procedure=self.procedure[places],
            filed_at=self.filed_at[places],
            customs_channel=channel,
            traits={number: self._traits[number] for number in others if number in self._traits},
        )


def _joined(parts: Sequence[FilingColumns], name: str) -> Whole:
    return np.concatenate([getattr(part, name) for part in parts])


def _traits_by_number(parts: Sequence[FilingColumns]) -> dict[int, Mapping[str, str]]:
    found: dict[int, Mapping[str, str]] = {}
    for part in parts:
        numbers = part.numbers[part.customs_channel == 0].tolist()
        found.update((number, traits) for number, traits in zip(numbers, part.traits, strict=True) if traits)
    return found
