"""Presets: how many filings of which procedures come from how many subjects, when and where.

Plain values, each with its basis: a source, or that it is assumed. Nothing is read and nothing is drawn here.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Self

from services.contracts.vocabulary import CustomsChannel

#: Filed while the declaration that they name is still being checked (TT39/2018 art. 20.1a, b).
DURING_CLEARANCE: Final = frozenset({"amendment-before-clearance"})

#: In the place of a staffing's name: nobody is counted, the robot decides.
NO_STAFFING: Final = "none"


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a figure is what it is.

    Attributes:
        source: the publication; `None` when there is none, and then it is assumed.
        note: what else there is to know.
    """

    source: str | None
    is_assumed: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number."""

    value: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Weights:
    """Numbers that count only beside each other."""

    values: tuple[int, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most of something."""

    least: int
    most: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class ProcedureShare:
    """How much of all dossiers is of this procedure; the labels are short names for tables."""

    procedure_id: str
    weight: int
    label_vi: str
    label_en: str


@dataclass(frozen=True, slots=True)
class OfficeShare:
    """How much of all trade goes through this office."""

    office_code: str
    weight: int


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day of filing, in Vietnam."""

    first_on: date
    last_on: date
    basis: Basis


@dataclass(frozen=True, slots=True)
class Season:
    """Days with more or less filing than others; 100 is as usual."""

    first_on: date
    last_on: date
    weight: int


@dataclass(frozen=True, slots=True)
class Peak:
    """Days on which one procedure is filed more than otherwise; 100 is as usual."""

    procedure_id: str
    season: Season


@dataclass(frozen=True, slots=True)
class ChannelShare:
    """How many of the declarations go to a channel."""

    channel: CustomsChannel
    weight: int


@dataclass(frozen=True, slots=True)
class KindShare:
    """How many of the declarations are of a kind (mã loại hình)."""

    kind: str
    is_import: bool
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """The declarations that are registered beside the dossiers, each with a dossier that clears it.

    Attributes:
        enterprise_count: Enterprises that register them; those that file dossiers are the busiest of them.
        activity_skew_percent: As for dossiers.
        named_after_days: So many days after its registration a declaration is named by a dossier.
    """

    count: Figure
    enterprise_count: Figure
    activity_skew_percent: Figure
    channels: tuple[ChannelShare, ...]
    channels_basis: Basis
    kinds: tuple[KindShare, ...]
    kinds_basis: Basis
    named_after_days: Bounds


@dataclass(frozen=True, slots=True)
class Refiling:
    """Those whose dossier ended undecided, and who file it again in the place of somebody's new matter.

    Attributes:
        percent: Part of the dossiers refused at intake, withdrawn or stopped.
        after_days: From the end to the new filing, the least and the most.
    """

    percent: Figure
    after_days: Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A workload.

    Attributes:
        published_in: where its first figures come from, for people.
        dossier_count: of the portal's dossiers; declarations come on top.
        enterprise_count: those that file dossiers.
        parts: of the period, each with its share of all filings; none: days get them by their weights alone.
        peaks: of single procedures.
        activity_skew_percent: hundred times the exponent by which activity falls with rank.
        home_office_percent: part of a subject's filings that go to its own office.
        weekday_weights: Monday to Sunday.
        hour_weights: 24, from midnight in Vietnam.
        day_off_weight: of a public holiday, beside `weekday_weights`.
        month_end_weight: of the last days of a month, where 100 is as usual.
        quarter_end_weight: of the last days of a quarter, on top.
        declarations: `None`: none are registered, and those that dossiers name are from before.
        refiling: `None`: nobody files again.
        staffing: name of a shipped staffing, or a file's path; `None`: the robot's offices, which have no queues.
        window_days: so many days are filed at a time; their declarations first, then their dossiers.
        longest_wait_days: days after the last filing until which dossiers are waited for.
    """

    name: str
    title_vi: str
    title_en: str
    published_in: str
    dossier_count: Figure
    enterprise_count: Figure
    individual_count: Figure
    period: Period
    parts: tuple[Season, ...]
    parts_basis: Basis | None
    procedures: tuple[ProcedureShare, ...]
    procedures_basis: Basis
    peaks: tuple[Peak, ...]
    peaks_basis: Basis | None
    offices: tuple[OfficeShare, ...]
    offices_basis: Basis
    activity_skew_percent: Figure
    home_office_percent: Figure
    weekday_weights: Weights
    hour_weights: Weights
    day_off_weight: Figure
    month_end_weight: Figure
    quarter_end_weight: Figure
    seasons: tuple[Season, ...]
    seasons_basis: Basis
    declarations: Declarations | None
    refiling: Refiling | None
    staffing: str | None
    window_days: Figure
    seed: Figure
    longest_wait_days: Figure

    @property
    def declaration_count(self) -> int:
        """How many declarations are registered."""
        return self.declarations.count.value if self.declarations else 0

    @property
    def total_count(self) -> int:
        """Everything that is filed."""
        return self.dossier_count.value + self.declaration_count

    @property
    def all_enterprise_count(self) -> int:
        """Enterprises that file anything."""
        return self.declarations.enterprise_count.value if self.declarations else self.enterprise_count.value

    @property
    def subject_count(self) -> int:
        """Enterprises and individuals that file dossiers."""
        return self.enterprise_count.value + self.individual_count.value

    def scaled(self, fraction: float) -> Self:
        """The same with this part of its filings and subjects; every procedure and somebody to file stay.

        Args:
            fraction: above 0, at most 1.
        """
        individuals = min(self.individual_count.value, round(self.individual_count.value * fraction))
        enterprises = max(round(self.enterprise_count.value * fraction), 0 if individuals else 1)
        dossiers = max(round(self.dossier_count.value * fraction), len(self.procedures), enterprises + individuals)
        return replace(
            self,
            dossier_count=replace(self.dossier_count, value=dossiers),
            enterprise_count=replace(self.enterprise_count, value=enterprises),
            individual_count=replace(self.individual_count, value=individuals),
            declarations=_scaled(self.declarations, fraction, enterprises) if self.declarations else None,
        )


def _scaled(declarations: Declarations, fraction: float, least_enterprises: int) -> Declarations:
    enterprises = max(round(declarations.enterprise_count.value * fraction), least_enterprises, 1)
    count = max(round(declarations.count.value * fraction), enterprises)
    return replace(
        declarations,
        count=replace(declarations.count, value=count),
        enterprise_count=replace(declarations.enterprise_count, value=enterprises),
    )
